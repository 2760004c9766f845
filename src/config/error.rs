//! Errors of the configuration, each with its place.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use super::refusal::Refusal;
use crate::diagnostic::{Diagnostic, Place, nearest::did_you_mean};

/// A configuration that cannot be used. Its text has several lines and ends
/// without a line end.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}", unreadable(path, source))]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in a file, a variable or a flag is not allowed.
    #[error("{0}")]
    Invalid(Diagnostic),
}

impl ConfigError {
    /// A value that was not taken for the key or variable that is called `name`;
    /// `spell` writes a key as its reader would.
    pub(super) fn refused(
        refusal: Refusal,
        kind: &str,
        name: &str,
        places: Vec<Place>,
        spell: impl Fn(&[String]) -> String,
    ) -> Self {
        let (message, help) = match refusal {
            Refusal::UnknownKey { nearest } => {
                let help = match nearest {
                    Some(key) => did_you_mean(spell(&key)),
                    None => "`config.example.toml` holds every key".to_owned(),
                };
                (format!("unknown {kind} `{name}`"), help)
            }
            Refusal::BadValue { takes } => {
                (format!("invalid value for `{name}`"), format!("`{name}` takes {takes}"))
            }
            Refusal::BadKey { help } => (format!("invalid {kind} `{name}`"), help.to_owned()),
            Refusal::MissingKey { takes } => {
                (format!("`{name}` is missing"), format!("`{name}` takes {takes}"))
            }
            Refusal::FileOnly { list } => (
                format!("`{name}` cannot be a {kind}"),
                format!(
                    "`{list}` is a list of tables: the configuration file holds them, each under `[[{list}]]`"
                ),
            ),
            Refusal::Inside { part, refusal, .. } => {
                return Self::refused(*refusal, kind, &part.key.join("."), places, spell);
            }
        };
        Self::invalid(message, places, help)
    }

    pub(super) fn invalid(message: String, places: Vec<Place>, help: String) -> Self {
        Self::Invalid(Diagnostic { message, places, notes: Vec::new(), help })
    }
}

fn unreadable(path: &Path, source: &io::Error) -> Diagnostic {
    Diagnostic {
        message: format!("cannot read `{}`: {source}", path.to_string_lossy()),
        places: Vec::new(),
        notes: Vec::new(),
        help: read_help(source).to_owned(),
    }
}

fn read_help(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "`--config` takes a file that is there; without it, `./config.toml` is read if there is one"
        }
        io::ErrorKind::PermissionDenied => {
            "the user who starts the server must be allowed to read it"
        }
        _ => "the configuration must be a file of text, such as `config.example.toml`",
    }
}

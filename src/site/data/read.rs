//! From a file of data to its value.

use std::io::{self, Read as _};

use minijinja::Value;

use crate::{
    diagnostic::{Diagnostic, Place},
    site::{
        files::folder::OpenFile,
        notation::{Problem, csv, json, toml, yaml},
    },
};

/// The largest file of data, in bytes. Its values take up to twelve times as much memory.
pub(super) const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The lines that are shown before and after the place of a problem.
const LINES_AROUND: usize = 2;

/// The notation of a file of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Toml,
    Yaml,
    /// YAML by its other extension.
    Yml,
    Json,
    Csv,
}

impl Notation {
    pub(super) const ALL: [Self; 5] = [Self::Toml, Self::Yaml, Self::Yml, Self::Json, Self::Csv];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Toml => ".toml",
            Self::Yaml => ".yaml",
            Self::Yml => ".yml",
            Self::Json => ".json",
            Self::Csv => ".csv",
        }
    }

    fn parse(self, text: &str) -> Result<Value, Problem> {
        match self {
            Self::Toml => toml::parse(text, 0..text.len()).map(|node| node.value),
            Self::Yaml | Self::Yml => yaml::parse(text, 0..text.len()).map(|node| node.value),
            Self::Json => json::parse(text),
            Self::Csv => csv::parse(text),
        }
    }
}

/// The reason why a file of data has no value.
#[derive(Debug)]
pub(super) enum Unfit {
    /// The system does not give its bytes.
    Unreadable(io::Error),
    /// Something in it is not as it should be.
    Explained(Box<Diagnostic>),
}

/// The value of an open file.
pub(super) fn read(open: &OpenFile, notation: Notation) -> Result<Value, Unfit> {
    let mut bytes = Vec::new();
    // It may have grown since its size was seen.
    let read = (&open.file).take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(Unfit::Unreadable)?;
    let explained = |diagnostic| Unfit::Explained(Box::new(diagnostic));
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(explained(too_large(&open.name)));
    }
    let text = String::from_utf8(bytes).map_err(|error| explained(not_utf8(&open.name, &error)))?;
    // A mark of some editors, which would be part of the first key.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    notation.parse(text).map_err(|problem| explained(problem.diagnostic(&open.name, text)))
}

fn too_large(name: &str) -> Diagnostic {
    let place = Place { origin: name.to_owned(), line: None, column: None, excerpt: Vec::new() };
    Diagnostic {
        message: format!("`{name}` is larger than a file of data may be (8 MiB)"),
        places: vec![place],
        notes: Vec::new(),
        help: "keep what pages show in it, or split it into several files".to_owned(),
    }
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes());
    let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    Diagnostic {
        message: format!("`{name}` is not UTF-8"),
        places: vec![Place::in_text(name, &text, span, LINES_AROUND)],
        notes: Vec::new(),
        help: "save it as UTF-8; a spreadsheet has that as a choice when it exports CSV".to_owned(),
    }
}

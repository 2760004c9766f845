//! What is wrong with a configuration, and where it says so.

use std::{fmt, io, ops::Range, path::PathBuf};

use thiserror::Error;

use super::refusal::Refusal;
use crate::terminal::visible;

/// A configuration that cannot be used. Its text has several lines and ends
/// without a line end.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {source}\nhelp: {}", visible(&path.to_string_lossy()), read_help(source))]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in a file, a variable or a flag is not allowed.
    #[error("{}\n{}\nhelp: {}", visible(message), lines(excerpts), visible(help))]
    Invalid {
        /// What is wrong.
        message: String,
        /// Where it stands, the first place first.
        excerpts: Vec<Excerpt>,
        /// What would be right.
        help: String,
    },
}

impl ConfigError {
    /// A value that was not taken for the key or variable that is called `name`;
    /// `spell` writes a key as its reader would.
    pub(super) fn refused(
        refusal: Refusal,
        kind: &str,
        name: &str,
        excerpts: Vec<Excerpt>,
        spell: impl Fn(&[String]) -> String,
    ) -> Self {
        let (message, help) = match refusal {
            Refusal::UnknownKey { nearest } => {
                let help = match nearest {
                    Some(key) => format!("the nearest {kind} is `{}`", spell(&key)),
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
            Refusal::Inside { place, refusal, .. } => {
                return Self::refused(*refusal, kind, &place.key.join("."), excerpts, spell);
            }
        };
        Self::Invalid { message, excerpts, help }
    }
}

fn lines(excerpts: &[Excerpt]) -> String {
    excerpts.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
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

/// One line with a mark under the part that is wrong:
///
/// ```text
///  --> config.toml:3:1
///   |
/// 3 | prot = 80
///   | ^^^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The file with line and column, or what else the line is from.
    origin: String,
    /// The number of the line, from 1, where it has one.
    number: Option<usize>,
    line: String,
    /// The wrong part of `line`, in bytes and on character boundaries.
    culprit: Range<usize>,
}

impl Excerpt {
    /// The line of `text` in which `span` begins; the span is cut at its end.
    pub(super) fn of_file(path: &str, text: &str, span: Range<usize>) -> Self {
        let start = boundary_before(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let culprit = clip(line, start - line_start..span.end.saturating_sub(line_start));
        let number = text[..line_start].matches('\n').count() + 1;
        let column = line[..culprit.start].chars().count() + 1;
        Self {
            origin: format!("{path}:{number}:{column}"),
            number: Some(number),
            line: line.to_owned(),
            culprit,
        }
    }

    /// A line that stands in no file.
    pub(super) fn of_line(origin: &str, line: String, culprit: Range<usize>) -> Self {
        let culprit = clip(&line, culprit);
        Self { origin: origin.to_owned(), number: None, line, culprit }
    }
}

fn clip(line: &str, range: Range<usize>) -> Range<usize> {
    let start = boundary_before(line, range.start);
    start..boundary_before(line, range.end).max(start)
}

/// The last character boundary of `text` that is not after `idx`.
fn boundary_before(text: &str, idx: usize) -> usize {
    (0..=idx.min(text.len())).rev().find(|&idx| text.is_char_boundary(idx)).unwrap_or(0)
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number.map(|number| number.to_string()).unwrap_or_default();
        let width_of_number = number.len().max(1);
        let gutter = " ".repeat(width_of_number);
        // What the mark has to keep clear of is the text as shown, escapes and all.
        let width = |part: &str| visible(part).to_string().chars().count();
        let before = " ".repeat(width(&self.line[..self.culprit.start]));
        let carets = "^".repeat(width(&self.line[self.culprit.clone()]).max(1));
        writeln!(f, "{gutter}--> {}", visible(&self.origin))?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number:>width_of_number$} | {}", visible(&self.line))?;
        write!(f, "{gutter} | {before}{carets}")
    }
}

//! Front matter: the block of keys at the start of a page, in YAML between two lines `---`
//! or in TOML between two lines `+++`.
//!
//! Knows no files and no meaning of a key: it gets a text, and gives keys with their places.

use std::{borrow::Cow, ops::Range};

use super::notation::{Field, Parts, Problem, toml, yaml};
use crate::diagnostic::Diagnostic;

/// Front matter is sought in as many bytes. What a list shows of a page is read from as many.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// Lines that may close a block of TOML: one may stand inside of a text.
const MAX_CLOSING_LINES: usize = 8;

/// The front matter of a file.
#[derive(Clone, Debug)]
pub(crate) struct FrontMatter {
    /// The keys, in the order of the file.
    pub(crate) fields: Vec<Field>,
    /// The first byte after the line that closes the block.
    pub(crate) end: usize,
    closing: usize,
}

/// The notation of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Yaml,
    Toml,
}

impl FrontMatter {
    /// Reads the front matter of the file `name`, whose text, or as much of its start as
    /// [`MAX_BYTES`], is `text`, without a byte order mark. `None` where it has none.
    ///
    /// # Errors
    /// Where it is not closed, or cannot be read.
    pub(crate) fn of(name: &str, text: &str) -> Result<Option<Self>, Box<Diagnostic>> {
        Self::read(text).map_err(|problem| Box::new(problem.diagnostic(name, text)))
    }

    fn read(text: &str) -> Result<Option<Self>, Problem> {
        let Some(notation) = Notation::opened_by(text) else { return Ok(None) };
        let start = first_line(text).len();
        let mut problem = None;
        for closing in closing_lines(text, notation.fence()).take(notation.closing_lines()) {
            match notation.fields(text, start..closing.start) {
                Ok(fields) => {
                    let (end, closing) = (closing.end, closing.start);
                    return Ok(Some(Self { fields, end, closing }));
                }
                Err(found) => problem = problem.or(Some(found)),
            }
        }
        let begins_with_key = notation.begins_with_key(&text[start..]);
        match problem {
            Some(problem) if begins_with_key => Err(problem),
            Some(_) => Err(notation.without_keys(text, start)),
            None if begins_with_key => Err(notation.unclosed(text)),
            // A rule of Markdown, or the beginning of something else.
            None => Ok(None),
        }
    }

    /// The text with the block made a comment of the template language, in which every
    /// line and every byte after it has its place. White space after it is left out.
    pub(crate) fn mask(&self, text: &str) -> String {
        let (opening, fence) = if text.starts_with(Notation::Yaml.fence()) {
            (MASKED_YAML, Notation::Yaml.fence())
        } else {
            (MASKED_TOML, Notation::Toml.fence())
        };
        let keys = text[fence.len()..self.closing].replace("#}", "# ");
        let rest = &text[self.closing + CLOSING.len()..];
        [opening, &keys, CLOSING, rest].concat()
    }

    /// What follows the block of a page without tags, as if it was rendered.
    pub(crate) fn rest<'t>(&self, text: &'t str) -> &'t str {
        text[self.end..].trim_start()
    }
}

/// What the two lines are made into. The opening is not one that an author writes.
const MASKED_YAML: &str = "{#\x01";
const MASKED_TOML: &str = "{#\x02";
const CLOSING: &str = "-#}";

/// Whether front matter was masked in a source.
pub(crate) fn is_masked(source: &str) -> bool {
    source.starts_with(MASKED_YAML) || source.starts_with(MASKED_TOML)
}

/// The bytes of the masked front matter that a source begins with, to the end of its last
/// line.
pub(crate) fn masked_len(source: &str) -> usize {
    let closing = is_masked(source).then(|| source.find(CLOSING)).flatten();
    closing.map_or(0, |closing| {
        let rest = &source[closing + CLOSING.len()..];
        source.len() - rest.len() + rest.find('\n').map_or(rest.len(), |end| end + 1)
    })
}

/// A masked source as its author knows it, to be shown.
pub(crate) fn unmask(source: &str) -> Cow<'_, str> {
    let fence = if source.starts_with(MASKED_YAML) {
        Notation::Yaml.fence()
    } else if source.starts_with(MASKED_TOML) {
        Notation::Toml.fence()
    } else {
        return source.into();
    };
    let Some((keys, rest)) = source[MASKED_YAML.len()..].split_once(CLOSING) else {
        return source.into();
    };
    [fence, keys, fence, rest].concat().into()
}

impl Notation {
    const ALL: [Self; 2] = [Self::Yaml, Self::Toml];

    /// The notation of the block that the first line opens.
    fn opened_by(text: &str) -> Option<Self> {
        // Nearly every file begins with something else.
        Self::ALL.into_iter().find(|notation| is_fence(first_line(text), notation.fence()))
    }

    fn fence(self) -> &'static str {
        match self {
            Self::Yaml => "---",
            Self::Toml => "+++",
        }
    }

    /// How many lines are tried as the one that closes. No text in YAML holds one
    /// (YAML 1.2.2, 9.1.2), while one of TOML may.
    fn closing_lines(self) -> usize {
        match self {
            Self::Yaml => 1,
            Self::Toml => MAX_CLOSING_LINES,
        }
    }

    fn fields(self, text: &str, range: Range<usize>) -> Result<Vec<Field>, Problem> {
        let node = match self {
            Self::Yaml => yaml::parse(text, range.clone())?,
            Self::Toml => toml::parse(text, range.clone())?,
        };
        match node.parts {
            Parts::Fields(fields) => Ok(fields.to_vec()),
            Parts::None if node.value.is_none() => Ok(Vec::new()),
            _ => Err(self.without_keys(text, node.span.start)),
        }
    }

    /// Whether what follows the first line looks like a key, be it a mistaken one.
    fn begins_with_key(self, text: &str) -> bool {
        let mut lines = text.lines().map(str::trim);
        let Some(line) = lines.find(|line| !line.is_empty() && !line.starts_with("# ")) else {
            return false;
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'');
        let rest = line.trim_start_matches(is_name);
        match self {
            Self::Yaml => {
                rest.len() < line.len()
                    && rest.trim_start().strip_prefix(':').is_some_and(|it| !it.starts_with("//"))
            }
            Self::Toml => {
                rest.len() < line.len() && rest.trim_start().starts_with('=')
                    || line.starts_with('[')
            }
        }
    }

    fn without_keys(self, text: &str, at: usize) -> Problem {
        let rest = &text[at..];
        let start = at + rest.len() - rest.trim_start().len();
        let len = first_line(&text[start..]).trim_end().len();
        let fence = self.fence();
        Problem::new(
            format!("no keys follow the line `{fence}` that opens front matter"),
            start..start + len,
            format!(
                "{}; a page that only begins with a line `{fence}` has an empty line above it",
                self.key_help()
            ),
        )
    }

    fn unclosed(self, text: &str) -> Problem {
        let fence = self.fence();
        let message = format!("a line `{fence}` opens front matter, and none closes it");
        let is_near = |line: &&str| {
            let line = line.trim();
            line.len() > 1 && line.bytes().all(|byte| Some(byte) == fence.bytes().next())
        };
        let mut near = text.lines().zip(1..).skip(1).filter(|(line, _)| is_near(line));
        let help = match near.next() {
            Some((line, number)) => {
                format!("line {number} closes it when it is exactly `{fence}` and not `{line}`")
            }
            None => format!("write a line that is exactly `{fence}` after the last key"),
        };
        Problem::new(message, 0..fence.len(), help)
    }

    fn key_help(self) -> &'static str {
        match self {
            Self::Yaml => "keys are lines such as `title: About us`",
            Self::Toml => "keys are lines such as `title = \"About us\"`",
        }
    }
}

/// The first line with its end.
fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap_or_default()
}

/// Whether a line is `fence` and nothing else but white space at its end, which no editor
/// shows.
fn is_fence(line: &str, fence: &str) -> bool {
    line.strip_prefix(fence).is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// The ranges of the lines that may close a block, each with its end.
fn closing_lines<'t>(text: &'t str, fence: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let mut end = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        end += line.len();
        (line, end - line.len()..end)
    });
    lines
        .take_while(|(_, range)| range.end <= MAX_BYTES)
        .skip(1)
        .filter(move |(line, _)| is_fence(line, fence))
        .map(|(_, range)| range)
}

#[cfg(test)]
mod tests;

//! The errors of files that cannot be used as templates, with their places.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, LINES_AROUND, Place};
use crate::site::{
    files::folder::Unreadable,
    front_matter::unmask,
    markdown::source::restored,
    templates::{
        code::{self, Tag, TagKind},
        unclosed::{self, Opened},
    },
};

/// The values of `autoescape`.
const AUTOESCAPE: [&str; 4] = ["true", "false", "True", "False"];

/// Why a file is not a template, or cannot be used as one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("`{0}` leads out of the folder of pages")]
    Outside(String),
    #[error("`{name}` is not UTF-8 (line {line}, column {column})")]
    NotUtf8 {
        name: String,
        /// Of the first byte that is not, from 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        holds_tags: bool,
    },
    #[error("`{0}` is larger than a template may be (16 MiB)")]
    TooLarge(String),
    #[error(
        "the tags of `{}` hold more than a template may (32 KiB in one, 256 KiB in all)",
        place.origin
    )]
    TooMuchCode { place: Box<Place> },
    #[error("`autoescape` takes `true` or `false`")]
    Autoescape { place: Box<Place> },
    /// Where sources and values have no marks. It is then rendered once more, with them.
    #[error("`{0}` is Markdown")]
    Markdown(String),
    /// So it holds more code than a template may, too.
    #[error("syntax error: {}", opened.message())]
    Unclosed { opened: Opened, place: Box<Place> },
    #[error("{}", .0.message)]
    FrontMatter(Box<Diagnostic>),
    #[error(transparent)]
    Unreadable(Unreadable),
}

impl LoadError {
    /// That of a template with more code than it may have, up to this `tag`.
    pub(crate) fn of_code(name: &str, source: &str, tag: &Tag<'_>) -> Self {
        let place = |range| place_in(name, source, range);
        match unclosed::in_tag(source, tag) {
            Some(unclosed) => {
                Self::Unclosed { opened: unclosed.opened, place: place(unclosed.range) }
            }
            None => Self::TooMuchCode { place: place(tag.range.clone()) },
        }
    }

    /// That of a template with `{% autoescape on %}`, as in Django, or another name. Where
    /// nothing has this name, the engine would not escape.
    pub(crate) fn of_autoescape(name: &str, source: &str) -> Option<Self> {
        let tag = code::tags(source).find(|tag| {
            let value = tag.code.trim().strip_prefix("autoescape").map(str::trim);
            tag.kind == TagKind::Statement
                && value.is_some_and(|value| !AUTOESCAPE.contains(&value))
        })?;
        Some(Self::Autoescape { place: place_in(name, source, tag.range) })
    }

    /// Its place in the file that cannot be loaded, where that is known with its lines.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::TooMuchCode { place }
            | Self::Unclosed { place, .. }
            | Self::Autoescape { place } => Some(place),
            _ => None,
        }
    }
}

fn place_in(name: &str, source: &str, range: Range<usize>) -> Box<Place> {
    let shown = unmask(source);
    let (text, range) = restored(&shown, range);
    Box::new(Place::in_text(name, &text, range, LINES_AROUND))
}

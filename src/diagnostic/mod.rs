//! A problem in a text, explained: where it is, what is wrong, and what to do.
//!
//! One value for all parts that find problems, with a form for the terminal and one for
//! a page. Knows no configuration, no templates, no files and no sockets: it gets names,
//! texts and byte ranges.

mod excerpt;
pub(crate) mod nearest;
mod page;
mod terminal_form;

use std::ops::Range;

pub use self::excerpt::ExcerptLine;

/// Lines shown before and after the place of a problem in a file with many.
pub(crate) const LINES_AROUND: usize = 2;

/// A problem, explained. Its texts are as the finder wrote them; each form escapes what
/// could move a terminal or reorder a line.
///
/// Displays as for a terminal: several lines without a line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in a few words.
    pub message: String,
    /// Where, the most important place first.
    pub places: Vec<Place>,
    /// How the places came to be used, a line each.
    pub notes: Vec<String>,
    /// What to do about it, in one line.
    pub help: String,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the file, or what else the text is from.
    pub origin: String,
    /// From 1; `None` for a text without lines, or where it is not known.
    pub line: Option<usize>,
    /// From 1, in characters, as editors count; `None` where the line is all that is known.
    pub column: Option<usize>,
    /// The line with the problem marked, and those around it; may be empty.
    pub excerpt: Vec<ExcerptLine>,
}

/// An error of another kind may carry its explanation.
impl std::error::Error for Diagnostic {}

impl Place {
    /// The place of the bytes `span` in `text`, with `lines_around` it before and after.
    /// The mark ends with the line.
    pub(crate) fn in_text(
        origin: &str,
        text: &str,
        span: Range<usize>,
        lines_around: usize,
    ) -> Self {
        let (line, column) = line_and_column(text, span.start);
        Self {
            origin: origin.to_owned(),
            line: Some(line),
            column: Some(column),
            excerpt: excerpt::of_text(text, span, lines_around),
        }
    }

    /// The file `origin`, of which no place is known.
    pub(crate) fn of_file(origin: &str) -> Self {
        Self { origin: origin.to_owned(), line: None, column: None, excerpt: Vec::new() }
    }

    /// The place of the bytes `span` in a line that is in no file.
    pub(crate) fn in_line(origin: &str, line: &str, span: Range<usize>) -> Self {
        let excerpt = vec![ExcerptLine::marked(None, line, span)];
        Self { origin: origin.to_owned(), line: None, column: None, excerpt }
    }

    /// `about.html:12:7`, as far as it is known.
    pub(crate) fn location(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", self.origin),
            (Some(line), None) => format!("{}:{line}", self.origin),
            (None, _) => self.origin.clone(),
        }
    }
}

/// The line and the column, in characters, of the byte `at`; both from 1.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..excerpt::boundary_before(text, at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

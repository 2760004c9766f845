//! A text of Markdown while it is put together, line by line.

use crate::markdown::pieces::{Piece, Pieces};

/// Columns to which a tab goes on.
const TAB_COLUMNS: usize = 4;

/// A text of Markdown, with pieces in it.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// The name of the file that it is from.
    pub(super) file: String,
    pub(super) markdown: String,
    pub(super) pieces: Pieces,
    /// Whether it is not its author's: HTML in it is text.
    pub(super) is_foreign: bool,
    /// Places in it, in bytes and in order, with the number of the line that follows.
    pub(super) lines: Vec<(usize, usize)>,
    /// Where a line began that is none if nothing stands in it.
    pub(super) line: Option<usize>,
    /// Columns of space to leave out of what comes next.
    pub(super) dedent: usize,
}

impl Text {
    pub(super) fn of_file(name: &str) -> Self {
        Self { file: name.to_owned(), ..Self::default() }
    }

    /// The line of the file at a place in the Markdown.
    pub(super) fn line_at(&self, at: usize) -> Option<usize> {
        let before = self.lines.partition_point(|(start, _)| *start <= at);
        let (start, line) = self.lines.get(before.checked_sub(1)?)?;
        // Only some of the lines are told.
        Some(line + self.markdown.get(*start..at)?.matches('\n').count())
    }

    /// Begins a line of a file: `numbers` are its own, and the columns that it is indented
    /// too far, as in `12:4`.
    pub(super) fn begin_line(&mut self, numbers: &str) {
        let (number, dedent) = numbers.split_once(':').unwrap_or((numbers, "0"));
        let len = self.markdown.len();
        if let Ok(number) = number.parse() {
            self.lines.push((len, number));
        }
        if self.markdown.is_empty() || self.markdown.ends_with('\n') {
            self.line = Some(len);
            self.dedent = dedent.parse().unwrap_or(0);
        }
    }

    pub(super) fn write(&mut self, written: &str) {
        let mut written = written;
        if self.dedent > 0 {
            written = dedented(written, std::mem::take(&mut self.dedent));
        }
        if let Some(start) = self.line {
            let (line, after) = match written.split_once('\n') {
                Some((line, after)) => (line, Some(after)),
                None => (written, None),
            };
            if line.trim().is_empty() {
                let Some(after) = after else { return self.markdown.push_str(line) };
                self.markdown.truncate(start);
                if let Some((_, line)) = self.lines.last().copied() {
                    self.lines.push((start, line + 1));
                }
                written = after;
            }
            self.line = None;
        }
        self.markdown.push_str(written);
    }

    pub(super) fn add(&mut self, piece: Piece) {
        self.line = None;
        self.pieces.add(piece, &mut self.markdown);
    }
}

/// Text without so many columns of the space that it begins with.
fn dedented(text: &str, columns: usize) -> &str {
    let mut column = 0;
    for (at, c) in text.char_indices() {
        match c {
            _ if column >= columns => return &text[at..],
            ' ' => column += 1,
            '\t' => column += TAB_COLUMNS - column % TAB_COLUMNS,
            _ => return &text[at..],
        }
    }
    ""
}

//! The marks in what a template puts out: where Markdown, values and HTML begin and end.
//!
//! They are noncharacters of Unicode (U+FDD0 to U+FDEF), which no text is meant to hold: they
//! are taken out of whatever comes from elsewhere. None of them means anything to Markdown.

use std::borrow::Cow;

/// Begins what a value shows, escaped for HTML.
pub const VALUE: char = '\u{fdd0}';
/// Begins HTML, which Markdown leaves alone.
pub const HTML: char = '\u{fdd1}';
/// Begins a file of Markdown; its name and [`NAMED`] follow.
pub const FILE: char = '\u{fdd2}';
/// Begins Markdown that a file hands to others, such as the body of a `{% call %}`; its name
/// and [`NAMED`] follow.
pub const BODY: char = '\u{fdd3}';
/// Begins what a file puts together for itself, such as the text of a macro; its name and
/// [`NAMED`] follow. Elsewhere it is as [`BODY`] is.
pub const PART: char = '\u{fdd4}';
/// Ends a name, or the numbers of a line.
pub const NAMED: char = '\u{fdd5}';
/// Ends what began last.
pub const END: char = '\u{fdd6}';
/// Begins a line of a file: its number, `:`, the columns of space that are not for the page,
/// and [`NAMED`] follow. Such a line of which nothing is left but space is none.
pub const LINE: char = '\u{fdd7}';
/// Stands for the table of contents.
pub const CONTENTS: char = '\u{fdd8}';
/// Keeps two characters of a file apart that would open a tag of a template.
pub const APART: char = '\u{fdd9}';

/// Begins and ends the number of a piece in Markdown.
pub(super) const PIECE: char = '\u{fde0}';
pub(super) const PIECE_END: char = '\u{fde1}';

/// What stands in a source for what is not known before its template has run: a word.
pub const WORD: &str = "\u{fde0}0\u{fde1}";

/// Bytes of each of them.
pub const LEN: usize = 3;

/// Whether it is one of the noncharacters that are kept for marks.
pub fn is_mark(c: char) -> bool {
    ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// The first mark in `text` at the byte `from` or after it.
pub fn next(text: &str, from: usize) -> Option<(usize, char)> {
    let bytes = text.as_bytes();
    let at = memchr::memchr_iter(0xef, bytes.get(from..)?).map(|at| from + at).find(|&at| {
        bytes.get(at + 1) == Some(&0xb7)
            && bytes.get(at + 2).is_some_and(|last| (0x90..=0xaf).contains(last))
    })?;
    Some((at, text[at..].chars().next()?))
}

/// Text without the characters that are kept for marks.
pub fn cleared(text: &str) -> Cow<'_, str> {
    match next(text, 0) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(text.replace(is_mark, "")),
    }
}

/// HTML that Markdown leaves alone.
pub fn html(html: &str) -> String {
    between(HTML, html)
}

/// What a value shows, escaped for HTML.
pub fn value(html: &str) -> String {
    between(VALUE, html)
}

fn between(mark: char, html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + 2 * LEN);
    marked.push(mark);
    marked.push_str(html);
    marked.push(END);
    marked
}

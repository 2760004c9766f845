//! The lines around a problem, cut to a readable length, with the problem marked.

use std::ops::Range;

use serde::Serialize;

use crate::terminal::{columns, moves_terminal, visible};

/// Columns of a line that are shown; minified files have very long lines.
const MAX_COLUMNS: usize = 120;
/// Of a long line, columns shown before the mark.
const MAX_COLUMNS_BEFORE: usize = 40;
/// What a tab is shown as.
const TAB: &str = "    ";
/// What stands for the text that is not shown.
const MORE: char = '…';

/// A line of a text, as it is shown: without tabs and control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExcerptLine {
    /// From 1; `None` for a line that is in no file.
    pub number: Option<usize>,
    /// The text before the mark; all of it in a line without one.
    pub before: String,
    /// The marked text, which may be empty.
    pub marked: String,
    /// The text after the mark.
    pub after: String,
    /// Whether this is the line with the problem.
    pub is_marked: bool,
}

impl ExcerptLine {
    /// `line` with the bytes `span` marked.
    pub(super) fn marked(number: Option<usize>, line: &str, span: Range<usize>) -> Self {
        let span = whole_characters(line, span);
        let before = shown(&line[..span.start]);
        let marked = shown(&line[span.clone()]);
        let after = shown(&line[span.end..]);
        let whole = Self { number, before, marked, after, is_marked: true };
        let line = shown(line);
        if fitting(line.chars(), MAX_COLUMNS) < line.len() { whole.cut() } else { whole }
    }

    /// The same in as many columns as are shown, some of them before the mark.
    fn cut(self) -> Self {
        let room = MAX_COLUMNS - MAX_COLUMNS_BEFORE;
        let before = last_columns(&self.before, MAX_COLUMNS_BEFORE);
        let marked = first_columns(&self.marked, room);
        let after = first_columns(&self.after, room.saturating_sub(columns(&marked)));
        Self { before, marked, after, ..self }
    }

    fn unmarked(number: usize, line: &str) -> Self {
        let before = first_columns(&shown(line), MAX_COLUMNS);
        let (marked, after) = Default::default();
        Self { number: Some(number), before, marked, after, is_marked: false }
    }
}

/// The line of `text` in which `span` begins, with `lines_around` it before and after.
/// Lines are found by byte offset: the template engine counts them in 16 bits.
pub(super) fn of_text(text: &str, span: Range<usize>, lines_around: usize) -> Vec<ExcerptLine> {
    let start = boundary_before(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let marked_number = text[..line_start].matches('\n').count() + 1;
    let span = start - line_start..span.end.saturating_sub(line_start);
    let first = marked_number.saturating_sub(lines_around).max(1);
    let numbered = (1..).zip(text.lines()).skip(first - 1);
    let mut lines: Vec<ExcerptLine> = numbered
        .take_while(|(number, _)| *number <= marked_number + lines_around)
        .map(|(number, line)| match number == marked_number {
            true => ExcerptLine::marked(Some(number), line, span.clone()),
            false => ExcerptLine::unmarked(number, line),
        })
        .collect();
    // The end of a text is a line for an editor, and none for `lines`.
    if line_start == text.len() {
        lines.push(ExcerptLine::marked(Some(marked_number), "", 0..0));
    }
    lines
}

/// The range within `line`, widened to what is shown as one: a combining mark has no
/// column of its own that a caret could be under.
fn whole_characters(line: &str, range: Range<usize>) -> Range<usize> {
    let combines = |c: &char| columns(c.encode_utf8(&mut [0; 4])) == 0 && !moves_terminal(*c);
    let mut start = boundary_before(line, range.start);
    let mut end = boundary_before(line, range.end).max(start);
    while line[start..].starts_with(|c| combines(&c)) && start > 0 {
        start = boundary_before(line, start - 1);
    }
    if end > start {
        end += line[end..].chars().take_while(combines).map(char::len_utf8).sum::<usize>();
    }
    start..end
}

/// The last character boundary of `text` that is not after `idx`.
pub(super) fn boundary_before(text: &str, idx: usize) -> usize {
    (0..=idx.min(text.len())).rev().find(|&idx| text.is_char_boundary(idx)).unwrap_or(0)
}

fn shown(text: &str) -> String {
    visible(&text.replace('\t', TAB)).to_string()
}

/// As much of the text as fits into `max` columns, with a sign that there is more.
fn first_columns(text: &str, max: usize) -> String {
    let end = fitting(text.chars(), max);
    if end < text.len() { format!("{}{MORE}", &text[..end]) } else { text.to_owned() }
}

/// The same of its end.
fn last_columns(text: &str, max: usize) -> String {
    let len = fitting(text.chars().rev(), max);
    if len < text.len() { format!("{MORE}{}", &text[text.len() - len..]) } else { text.to_owned() }
}

/// The bytes of the characters that fit into `max` columns. One without a column counts
/// as well: a text may have any number of them.
fn fitting(chars: impl Iterator<Item = char>, max: usize) -> usize {
    let mut used = 0;
    let fitting = chars.take_while(|c| {
        used += columns(c.encode_utf8(&mut [0; 4])).max(1);
        used <= max
    });
    fitting.map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marked line with `[` and `]` around the mark.
    fn marked(line: &str, span: Range<usize>) -> String {
        let ExcerptLine { before, marked, after, .. } = ExcerptLine::marked(None, line, span);
        format!("{before}[{marked}]{after}")
    }

    #[test]
    fn marks_whole_characters_in_a_line_as_it_is_shown() {
        for (line, span, expected) in [
            ("a = b", 4..5, "a = [b]"),
            ("a = b", 5..9, "a = b[]"),
            ("a = b", 9..12, "a = b[]"),
            ("日本", 1..4, "[日]本"),
            ("e\u{301}f", 0..1, "[e\u{301}]f"),
            ("e\u{301}f", 1..3, "[e\u{301}]f"),
            ("e\u{301}\u{302}f", 3..6, "[e\u{301}\u{302}f]"),
            ("\u{301}f", 0..2, "[\u{301}]f"),
            ("e\u{301}", 1..1, "[e\u{301}]"),
            ("e\u{301}", 0..0, "[]e\u{301}"),
            ("\ta\x1b\u{202e}", 1..3, "    [a\\x1b]\\u{202e}"),
        ] {
            assert_eq!(marked(line, span.clone()), expected, "{line:?} {span:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_to_its_columns() {
        let long = |text: &str, count: usize| text.repeat(count);
        let line = format!("{}here{}", long("a", 500), long("b", 500));
        assert_eq!(marked(&line, 500..504), format!("…{}[here]{}…", long("a", 40), long("b", 76)));
        let line = long("日", 500);
        assert_eq!(marked(&line, 300..900), format!("…{}[{}…]…", long("日", 20), long("日", 40)));
        let line = format!("a{}", long("\u{301}", 500));
        assert_eq!(marked(&line, 0..1).chars().filter(|&c| c == '\u{301}').count(), 79);
        let line = long("a", 120);
        assert_eq!(marked(&line, 110..111), format!("{}[a]{}", long("a", 110), long("a", 9)));
        let unmarked = ExcerptLine::unmarked(1, &long("日", 500));
        assert_eq!(unmarked.before, format!("{}…", long("日", 60)));
    }

    #[test]
    fn an_excerpt_has_the_lines_around_the_start_of_the_span() {
        let numbers = |text: &str, span: Range<usize>, lines_around| {
            let lines = of_text(text, span, lines_around);
            let number = |line: &ExcerptLine| line.number.unwrap_or(0);
            let is_marked = |line: &&ExcerptLine| line.is_marked;
            let marked: Vec<usize> = lines.iter().filter(is_marked).map(number).collect();
            assert_eq!(marked.len(), 1, "{text:?}");
            (lines.iter().map(number).collect::<Vec<_>>(), marked[0])
        };
        let text = "1\r\n2\n3\n4\n5\n";
        assert_eq!(numbers(text, 5..20, 0), (vec![3], 3));
        assert_eq!(numbers(text, 5..6, 1), (vec![2, 3, 4], 3));
        assert_eq!(numbers(text, 0..1, 2), (vec![1, 2, 3], 1));
        assert_eq!(numbers(text, 1..3, 0), (vec![1], 1));
        assert_eq!(numbers(text, 10..11, 1), (vec![4, 5], 5));
        assert_eq!(numbers(text, 11..11, 1), (vec![5, 6], 6));
        assert_eq!(numbers(text, 99..99, 0), (vec![6], 6));
        assert_eq!(numbers("", 0..0, 2), (vec![1], 1));
    }
}

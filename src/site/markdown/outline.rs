//! A file of Markdown as it will be read once its template has run, as far as that is known:
//! with a word in place of what a tag puts out.

use std::ops::Range;

use crate::{
    markdown::marks,
    site::markdown::{
        lines::{Line, without_indent},
        tags::{Role, Tag},
    },
};

/// Columns of space that make code of a line.
const CODE_COLUMNS: usize = 4;

/// The text, and where it is from.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) text: String,
    /// Places in the text, with those in the source, in order.
    places: Vec<(usize, usize)>,
}

impl Outline {
    /// Of a source with these lines and tags.
    pub(crate) fn new(source: &str, lines: &[Line], tags: &[Tag<'_>]) -> Self {
        let mut outline = Self::default();
        outline.text.reserve(source.len());
        for line in lines {
            let is_of_tags = line.is_of_tags(tags);
            if is_of_tags && line.indent - line.dedent < CODE_COLUMNS {
                continue;
            }
            let text = &source[line.range.clone()];
            let mut at = line.range.end - without_indent(text, line.dedent).len();
            let start = at;
            for tag in &tags[line.tags.clone()] {
                outline.copy(source, at..tag.range.start);
                // What puts nothing out before a text begins no line of it; within one it may
                // be a part of code.
                let is_in_text = !source[start..tag.range.start].trim().is_empty();
                let is_silent = !matches!(tag.role, Role::Output | Role::End("call"));
                if is_of_tags || is_in_text || !is_silent {
                    outline.places.push((outline.text.len(), tag.range.start));
                    outline.text.push_str(marks::WORD);
                }
                at = tag.range.end;
            }
            outline.copy(source, at..source.len().min(line.range.end + 1));
        }
        outline
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        if let Some(text) = source.get(range.clone()).filter(|text| !text.is_empty()) {
            self.places.push((self.text.len(), range.start));
            self.text.push_str(text);
        }
    }

    /// Where a part of the text is in the source.
    pub(crate) fn in_source(&self, range: Range<usize>) -> Range<usize> {
        let start = self.place(range.start);
        let end = self.place(range.end.saturating_sub(1)) + 1;
        start..end.max(start)
    }

    fn place(&self, at: usize) -> usize {
        let next = self.places.partition_point(|(start, _)| *start <= at);
        let Some(&(start, source)) = next.checked_sub(1).and_then(|idx| self.places.get(idx))
        else {
            return 0;
        };
        source + (at - start)
    }
}

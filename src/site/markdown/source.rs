//! A file as the template engine gets it where Markdown is made: with marks in its text, by
//! which is known of what the template puts out where it is from.
//!
//! All that is put in are marks, with names and numbers between them, and all of it in the
//! text between the tags: what is a tag is as before, and errors find their way back.

use std::{borrow::Cow, ops::Range};

use crate::{
    markdown::marks,
    site::{
        front_matter::masked_len,
        markdown::{
            lines::{self, Line},
            outline::Outline,
            search,
            tags::{self, OpenBlocks, Role, Tag},
        },
        templates::code::{self, TagKind},
    },
};

/// Stands for a character that is kept for marks. It is as long as one.
const REPLACEMENT: &str = "\u{fffd}";

/// The source of a file of Markdown, whose front matter is masked, with its marks.
pub(crate) fn mark_markdown(name: &str, source: &str) -> String {
    let name = marks::cleared(name);
    let source = &*replaced(source);
    let tags = search::find(source);
    let lines = lines::find(source, &tags);
    let mut marked = Marked::new(source);
    let start = masked_len(source);
    marked.mark(start, &[marks::FILE], Some(&name));
    marked.mark_lines(&lines, &tags);
    marked.mark_blocks(&tags, |kind| match kind {
        "call" => Some((marks::BODY, Some(&*name))),
        "macro" => Some((marks::PART, Some(&*name))),
        _ => None,
    });
    marked.keep_apart(&tags);
    marked.mark(source.len(), &[marks::END], None);
    marked.finish()
}

/// The source of a file of HTML, or of any other kind, with its marks.
pub(crate) fn mark_html(source: &str) -> String {
    let source = &*replaced(source);
    let found: Vec<Tag<'_>> = tags::of_html(source);
    let mut marked = Marked::new(source);
    // What extends a layout puts out the text of that.
    let is_whole = !code::tags(source)
        .any(|tag| tag.kind == TagKind::Statement && tag.code.trim_start().starts_with("extends"));
    if is_whole {
        marked.mark(masked_len(source), &[marks::HTML], None);
        marked.mark(source.len(), &[marks::END], None);
    }
    marked.mark_blocks(&found, |kind| {
        matches!(kind, "call" | "macro").then_some((marks::HTML, None))
    });
    marked.finish()
}

/// The text of a file of Markdown, without its front matter, as it will be read once its
/// template has run: marks stand for what is not known yet.
pub(crate) fn outline(source: &str) -> String {
    let source = &*replaced(source);
    let tags = search::find(source);
    Outline::new(source, &lines::find(source, &tags), &tags).text
}

/// A marked source as its author knows it, with a place in it.
pub(crate) fn restored(source: &str, range: Range<usize>) -> (Cow<'_, str>, Range<usize>) {
    if marks::next(source, 0).is_none() {
        return (source.into(), range);
    }
    let mut text = String::with_capacity(source.len());
    let (mut start, mut end) = (None, None);
    let mut rest = source;
    loop {
        let done = source.len() - rest.len();
        let (plain, skipped) = match marks::next(rest, 0) {
            Some((at, mark)) => (at, at + mark_len(&rest[at..], mark)),
            None => (rest.len(), rest.len()),
        };
        for (place, restored) in [(range.start, &mut start), (range.end, &mut end)] {
            if restored.is_none() && place <= done + plain {
                *restored = Some(text.len() + place.saturating_sub(done));
            }
        }
        text.push_str(&rest[..plain]);
        rest = &rest[skipped..];
        if rest.is_empty() {
            let len = text.len();
            let start = start.unwrap_or(len);
            return (text.into(), start..end.unwrap_or(len).max(start));
        }
    }
}

/// The bytes of a mark, with the name or the numbers that belong to it.
fn mark_len(text: &str, mark: char) -> usize {
    match mark {
        marks::FILE | marks::BODY | marks::PART | marks::LINE => {
            text.find(marks::NAMED).map_or(marks::LEN, |at| at + marks::LEN)
        }
        _ => marks::LEN,
    }
}

/// A source in which there are no marks yet.
fn replaced(source: &str) -> Cow<'_, str> {
    match marks::next(source, 0) {
        None => source.into(),
        Some(_) => source.replace(marks::is_mark, REPLACEMENT).into(),
    }
}

/// Whether a line may hold a link, an image, or the address of one.
fn may_hold_link(line: &str) -> bool {
    line.contains(['[', '<']) || line.contains("://")
}

/// Marks for places in a source.
struct Marked<'s> {
    source: &'s str,
    marks: Vec<(usize, String)>,
}

impl<'s> Marked<'s> {
    fn new(source: &'s str) -> Self {
        Self { source, marks: Vec::new() }
    }

    fn mark(&mut self, at: usize, opening: &[char], name: Option<&str>) {
        let mut text: String = opening.iter().collect();
        if let Some(name) = name {
            text.push_str(name);
            text.push(marks::NAMED);
        }
        self.marks.push((at, text));
    }

    /// Marks the lines that hold tags or links, or are indented for the sake of the template.
    fn mark_lines(&mut self, lines: &[Line], tags: &[Tag<'_>]) {
        // A mark is no space: it would end what a `-%}` takes away.
        let mut is_trimmed = false;
        let start = masked_len(self.source);
        for line in lines.iter().filter(|line| line.range.start >= start) {
            let text = &self.source[line.range.clone()];
            let on_line = &tags[line.tags.clone()];
            let is_trimmed_before = |tag: &Tag<'_>| {
                tag.trims_before && self.source[line.range.start..tag.range.start].trim().is_empty()
            };
            let counts = !on_line.is_empty() || line.dedent > 0 || may_hold_link(text);
            let is_marked =
                counts && !is_trimmed && !on_line.first().is_some_and(is_trimmed_before);
            if is_marked {
                let numbers = format!("{}:{}", line.number, line.dedent);
                self.mark(line.range.start, &[marks::LINE], Some(&numbers));
            }
            is_trimmed = match on_line.last() {
                Some(tag) => {
                    let after = &self.source[tag.range.end..line.range.end];
                    tag.trims_after && after.trim().is_empty()
                }
                None => is_trimmed && line.is_blank,
            };
        }
    }

    /// Marks the text of the blocks for which `mark` gives one, with its name.
    fn mark_blocks<'n>(
        &mut self,
        tags: &[Tag<'_>],
        mark: impl Fn(&str) -> Option<(char, Option<&'n str>)>,
    ) {
        let mut open = OpenBlocks::new();
        for tag in tags {
            match tag.role {
                Role::Begin(kind) => open.begin(kind, tag.range.end),
                Role::End(kind) => {
                    if let (Some(start), Some((mark, name))) = (open.end(kind), mark(kind)) {
                        self.mark(start, &[mark], name);
                        self.mark(tag.range.start, &[marks::END], None);
                    }
                }
                _ => {}
            }
        }
    }

    /// Marks what would be a tag and is none.
    fn keep_apart(&mut self, tags: &[Tag<'_>]) {
        let mut tags = tags.iter().peekable();
        let mut from = 0;
        while let Some(start) = code::opening(self.source, from) {
            while tags.next_if(|tag| tag.range.end <= start).is_some() {}
            match tags.peek().filter(|tag| tag.range.start <= start) {
                Some(tag) => from = tag.range.end,
                None => {
                    self.mark(start + 1, &[marks::APART], None);
                    from = start + 1;
                }
            }
        }
    }

    fn finish(mut self) -> String {
        // What is marked first at a place stays first.
        self.marks.sort_by_key(|(at, _)| *at);
        let len: usize = self.marks.iter().map(|(_, mark)| mark.len()).sum();
        let mut marked = String::with_capacity(self.source.len() + len);
        let mut from = 0;
        for (at, mark) in &self.marks {
            marked.push_str(&self.source[from..*at]);
            marked.push_str(mark);
            from = *at;
        }
        marked.push_str(&self.source[from..]);
        marked
    }
}

#[cfg(test)]
mod tests;

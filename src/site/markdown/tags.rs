//! Tags, and what each does to the text around it.

use std::ops::Range;

use crate::site::templates::code::{self, TagKind};

/// A tag of a file of Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// In the source, in bytes, with its braces. In a raw region, each of its two tags is one.
    pub(crate) range: Range<usize>,
    pub(crate) role: Role<'a>,
    /// Whether it takes the space before it away, as `{%-` does.
    pub(crate) trims_before: bool,
    pub(crate) trims_after: bool,
}

/// What a tag does to the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role<'a> {
    /// It puts something out: `{{ … }}` and `{% include … %}`.
    Output,
    /// It begins a block of this kind: `{% for … %}`.
    Begin(&'a str),
    /// It goes on with one: `{% else %}`.
    Middle,
    /// It ends one: `{% endfor %}`.
    End(&'a str),
    /// It does neither.
    Quiet,
}

/// Blocks that have begun and not ended, each with a value.
pub(super) struct OpenBlocks<'a, T> {
    /// The innermost last.
    open: Vec<(&'a str, T)>,
    /// How many of each kind there are, of a handful: those that never end may be many.
    counts: Vec<(&'a str, usize)>,
}

impl<'a, T> OpenBlocks<'a, T> {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), counts: Vec::new() }
    }

    pub(super) fn begin(&mut self, kind: &'a str, value: T) {
        match self.count(kind) {
            Some(count) => *count += 1,
            None => self.counts.push((kind, 1)),
        }
        self.open.push((kind, value));
    }

    /// Ends the innermost block of this kind, and all in it. `None` where none is open.
    pub(super) fn end(&mut self, kind: &'a str) -> Option<T> {
        self.count(kind).filter(|count| **count > 0)?;
        loop {
            let (open, value) = self.open.pop()?;
            if let Some(count) = self.count(open) {
                *count -= 1;
            }
            if open == kind {
                return Some(value);
            }
        }
    }

    /// The value of the innermost one.
    pub(super) fn last(&self) -> Option<&T> {
        self.open.last().map(|(_, value)| value)
    }

    fn count(&mut self, kind: &str) -> Option<&mut usize> {
        let mut counts = self.counts.iter_mut();
        counts.find(|(known, _)| *known == kind).map(|(_, count)| count)
    }
}

/// Adds a tag, as one or as the two of a raw region.
pub(super) fn push<'a>(source: &'a str, tag: &code::Tag<'a>, tags: &mut Vec<Tag<'a>>) {
    let mut add = |range: Range<usize>, role| {
        let text = &source[range.clone()];
        tags.push(Tag {
            role,
            trims_before: text.as_bytes().get(2) == Some(&b'-'),
            trims_after: text.len() > 4 && text.as_bytes()[text.len() - 3] == b'-',
            range,
        });
    };
    match tag.kind {
        TagKind::Expression => add(tag.range.clone(), Role::Output),
        TagKind::Comment => add(tag.range.clone(), Role::Quiet),
        TagKind::Statement => add(tag.range.clone(), role(tag.code)),
        TagKind::Raw => {
            add(tag.range.start..tag.code_range.start, Role::Quiet);
            if tag.is_closed {
                add(tag.code_range.end..tag.range.end, Role::Quiet);
            }
        }
    }
}

fn role(code: &str) -> Role<'_> {
    let code = code.trim_start();
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    match &code[..end] {
        "include" => Role::Output,
        "else" | "elif" => Role::Middle,
        "set" if code.contains('=') => Role::Quiet,
        kind @ ("autoescape" | "block" | "call" | "filter" | "for" | "if" | "macro" | "set"
        | "with") => Role::Begin(kind),
        word => word.strip_prefix("end").map_or(Role::Quiet, Role::End),
    }
}

/// The tags of a file that is not of Markdown, where all that looks like one is one.
pub(crate) fn of_html(source: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    for tag in code::tags(source) {
        push(source, &tag, &mut tags);
    }
    tags
}

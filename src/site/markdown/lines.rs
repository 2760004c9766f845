//! The lines of a file of Markdown, and how far each is indented for the sake of the template
//! alone.
//!
//! The body of a tag that stands alone on its line may be indented by as much as its author
//! likes: that makes no code, and no list of another level, unless the body would be a part
//! of a list item around it.

use std::ops::Range;

use crate::site::markdown::tags::{OpenBlocks, Role, Tag};

/// Columns to which a tab goes on.
const TAB_COLUMNS: usize = 4;

/// A line, with all of the tags that begin on it. Where one of these goes on over more lines,
/// they are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// In the source, in bytes, without its line end.
    pub(crate) range: Range<usize>,
    /// Columns of space before its text.
    pub(crate) indent: usize,
    /// The tags that begin on it.
    pub(crate) tags: Range<usize>,
    /// Whether there is nothing but space beside its tags.
    pub(crate) is_blank: bool,
    /// Columns of its indent that are the template's.
    pub(crate) dedent: usize,
}

impl Line {
    /// Whether it holds nothing at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_blank && self.tags.is_empty()
    }

    /// Whether tags stand on it alone, none of which puts something out.
    pub(crate) fn is_of_tags(&self, tags: &[Tag<'_>]) -> bool {
        let is_silent = |tag: &Tag<'_>| match tag.role {
            Role::Output => false,
            // What was called puts out its text at the end of the body.
            Role::End(kind) => kind != "call",
            Role::Begin(_) | Role::Middle | Role::Quiet => true,
        };
        self.is_blank && !self.tags.is_empty() && tags[self.tags.clone()].iter().all(is_silent)
    }
}

/// The lines of `source`, whose tags are `tags`.
pub(crate) fn find(source: &str, tags: &[Tag<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut start, mut number, mut next_tag) = (0, 1, 0);
    while start < source.len() {
        let first_tag = next_tag;
        let mut is_blank = true;
        let mut at = start;
        let mut breaks = 1;
        let line_end_after =
            |at: usize| source[at..].find('\n').map_or(source.len(), |len| at + len);
        let mut line_end = line_end_after(start);
        let end = loop {
            let tag = tags.get(next_tag).filter(|tag| tag.range.start < line_end);
            let text_end = tag.map_or(line_end, |tag| tag.range.start);
            is_blank &= source[at..text_end].trim().is_empty();
            let Some(tag) = tag else { break line_end };
            breaks += source[tag.range.clone()].matches('\n').count();
            at = tag.range.end;
            if at > line_end {
                line_end = line_end_after(at);
            }
            next_tag += 1;
        };
        let (range, tags) = (start..end, first_tag..next_tag);
        let indent = columns(&source[range.clone()]);
        lines.push(Line { number, range, indent, tags, is_blank, dedent: 0 });
        start = end + 1;
        number += breaks;
    }
    dedent(source, tags, &mut lines);
    lines
}

/// The columns of the space that `text` begins with.
fn columns(text: &str) -> usize {
    let space = text.chars().take_while(|c| matches!(c, ' ' | '\t'));
    space.fold(0, |columns, c| {
        columns + if c == ' ' { 1 } else { TAB_COLUMNS - columns % TAB_COLUMNS }
    })
}

/// The body of a block of the template.
struct Body {
    /// The body around it.
    outer: Option<usize>,
    /// The indent of the tag that begins it, where that stands alone on its line.
    indent: Option<usize>,
    /// The least indent of its lines.
    least: usize,
}

/// Finds out which columns of which lines are the template's.
fn dedent(source: &str, tags: &[Tag<'_>], lines: &mut [Line]) {
    let (mut bodies, body_of) = bodies(tags, lines);
    // Those of a body are known when its first line is reached.
    let mut dedents: Vec<usize> = Vec::with_capacity(bodies.len());
    let mut items: Vec<usize> = Vec::new();
    for (line, body) in lines.iter_mut().zip(body_of) {
        if let Some(body) = body {
            while dedents.len() <= body {
                let Body { outer, indent, least, .. } = &mut bodies[dedents.len()];
                let around = outer.map_or(0, |outer| dedents[outer]);
                let own = indent.map_or(0, |indent| {
                    let (indent, least) =
                        (indent.saturating_sub(around), least.saturating_sub(around));
                    let item =
                        items.iter().rev().find(|column| (indent + 1..=least).contains(column));
                    least.saturating_sub(*item.unwrap_or(&indent))
                });
                dedents.push(around + own);
            }
            line.dedent = dedents[body].min(line.indent);
        }
        if !line.is_empty() && !line.is_of_tags(tags) {
            note_items(&source[line.range.clone()], line.indent - line.dedent, &mut items);
        }
    }
}

/// The bodies of all blocks in the order in which they begin, and that of each line: the line
/// of a tag that begins or ends one is not in it.
fn bodies(tags: &[Tag<'_>], lines: &[Line]) -> (Vec<Body>, Vec<Option<usize>>) {
    let mut bodies: Vec<Body> = Vec::new();
    let mut open: OpenBlocks<'_, usize> = OpenBlocks::new();
    let mut body_of = Vec::with_capacity(lines.len());
    for line in lines {
        let on_line = &tags[line.tags.clone()];
        let is_of_tags = line.is_of_tags(tags) || (line.is_blank && !on_line.is_empty());
        let leaves =
            matches!(on_line.first(), Some(tag) if matches!(tag.role, Role::Middle | Role::End(_)));
        let inner = open.last().copied();
        let own = if leaves { inner.and_then(|inner| bodies[inner].outer) } else { inner };
        body_of.push(own);
        if let Some(own) = own.filter(|_| !line.is_empty()) {
            bodies[own].least = bodies[own].least.min(line.indent);
        }
        let mut may_indent = is_of_tags;
        for tag in on_line {
            match tag.role {
                Role::Begin(kind) => {
                    let outer = open.last().copied();
                    let indent = may_indent.then_some(line.indent);
                    open.begin(kind, bodies.len());
                    bodies.push(Body { outer, indent, least: usize::MAX });
                    may_indent = false;
                }
                Role::End(kind) => drop(open.end(kind)),
                _ => {}
            }
        }
    }
    // An inner body is a part of the one around it.
    for idx in (0..bodies.len()).rev() {
        if let (Some(outer), least) = (bodies[idx].outer, bodies[idx].least) {
            bodies[outer].least = bodies[outer].least.min(least);
        }
    }
    for body in &mut bodies {
        if body.least == usize::MAX {
            body.least = 0;
        }
    }
    (bodies, body_of)
}

/// Notes which list items are open after a line of text: by the columns where their content
/// begins.
fn note_items(line: &str, indent: usize, items: &mut Vec<usize>) {
    items.retain(|column| *column <= indent);
    let mut column = indent;
    let mut rest = line.trim_start_matches([' ', '\t']);
    while let Some(len) = marker_len(rest) {
        let after = &rest[len..];
        let space = columns(after);
        // More space than that is a part of the item.
        let space = if (1..=4).contains(&space) { space } else { 1 };
        column += len + space;
        items.push(column);
        rest = after.trim_start_matches([' ', '\t']);
    }
}

/// The bytes of the marker of a list item.
fn marker_len(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let is_marker = match digits {
        0 => rest.starts_with(['-', '*', '+']),
        1..=9 => rest.starts_with(['.', ')']),
        _ => false,
    };
    let after = rest.get(1..).unwrap_or_default();
    (is_marker && (after.is_empty() || after.starts_with([' ', '\t', '\r']))).then_some(digits + 1)
}

/// The part of a line after the columns of its space that are not its own.
pub(crate) fn without_indent(line: &str, columns: usize) -> &str {
    let mut column = 0;
    for (at, c) in line.char_indices() {
        match c {
            _ if column >= columns => return &line[at..],
            ' ' => column += 1,
            '\t' => column += TAB_COLUMNS - column % TAB_COLUMNS,
            _ => return &line[at..],
        }
    }
    ""
}

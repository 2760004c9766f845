//! The search for the tags of a file of Markdown: those that stand in none of its code.
//!
//! Code is literal: `{{ x }}` in a span or a fence is text. Where it stands depends on the
//! tags, which may hold backticks or change what the lines around them are; and which tags
//! there are depends on the code. So both are looked for in turns, what begins first first,
//! until neither changes.

use std::ops::Range;

use crate::{
    markdown::code as markdown_code,
    site::{
        markdown::{
            lines,
            outline::Outline,
            tags::{Tag, push},
        },
        templates::code::{self, TagKind},
    },
};

/// How often tags and code are looked for. Each turn settles one more place at which they
/// are mixed up, and nearly every file has none.
const MAX_TURNS: usize = 8;

/// How far what is no tag is read for its end, in all, as a multiple of the source.
const MAX_READ_AGAIN: usize = 16;

/// How long the attributes of a heading may be, in bytes.
const MAX_ATTRIBUTES_BYTES: usize = 256;

/// The tags of `source`, in order.
pub(crate) fn find(source: &str) -> Vec<Tag<'_>> {
    let mut found = scan(source, &[], true);
    for _ in 0..MAX_TURNS {
        let lines = lines::find(source, &found);
        let outline = Outline::new(source, &lines, &found);
        let places = markdown_code::places(&outline.text);
        let code: Vec<Range<usize>> =
            places.into_iter().map(|place| outline.in_source(place)).collect();
        let next = scan(source, &code, false);
        if next == found {
            break;
        }
        found = next;
    }
    found
}

/// The tags outside of `code`. Of two that overlap, what begins first counts. At `first`,
/// when no code is known, a tag with a backtick outside of quotes is none.
fn scan<'a>(source: &'a str, code: &[Range<usize>], is_first: bool) -> Vec<Tag<'a>> {
    let mut tags = Vec::new();
    let mut code = code.iter();
    let mut next_code = code.next();
    let (mut from, mut end_of_last) = (0, 0);
    let mut left = source.len().saturating_mul(MAX_READ_AGAIN);
    while let Some(start) = code::opening(source, from) {
        // Code that begins within a tag is none.
        while next_code.is_some_and(|code| code.start < end_of_last || code.end <= start) {
            next_code = code.next();
        }
        if let Some(range) = next_code.filter(|range| range.start <= start) {
            from = range.end.max(start + 1);
            continue;
        }
        if let Some(len) = heading_id_len(&source[start..]) {
            from = start + len;
            continue;
        }
        let Some(tag) = code::next_tag(source, start) else { break };
        if is_first && !is_likely(&tag) {
            let Some(rest) = left.checked_sub(tag.range.len()) else { break };
            left = rest;
            from = start + 1;
            continue;
        }
        from = tag.range.end;
        end_of_last = tag.range.end;
        push(source, &tag, &mut tags);
    }
    tags
}

/// Whether what looks like a tag is one by itself, and no part of text such as "`{{` and `}}`".
fn is_likely(tag: &code::Tag<'_>) -> bool {
    let has_backtick = match tag.kind {
        TagKind::Raw => false,
        TagKind::Comment => tag.code.contains('`'),
        TagKind::Expression | TagKind::Statement => {
            let mut quote = None;
            let mut chars = tag.code.chars();
            loop {
                match (chars.next(), quote) {
                    (None, _) => break false,
                    (Some('\\'), Some(_)) => drop(chars.next()),
                    (Some(c), Some(opening)) if c == opening => quote = None,
                    (Some(c @ ('"' | '\'')), None) => quote = Some(c),
                    (Some('`'), None) => break true,
                    _ => {}
                }
            }
        }
    };
    tag.is_closed && !has_backtick
}

/// The bytes of the attributes of a heading that `text` begins with: `{#id}` at the end of a
/// line. A comment ends with `#}`.
fn heading_id_len(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{#")?;
    if !inner.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-') {
        return None;
    }
    let len =
        inner.bytes().take(MAX_ATTRIBUTES_BYTES).position(|byte| matches!(byte, b'}' | b'\n'))?;
    let (attributes, after) = inner.split_at(len);
    let mut after = after.strip_prefix('}')?.chars();
    let is_id = !attributes.ends_with('#')
        && !attributes.contains('{')
        && after.find(|c| !matches!(c, ' ' | '\t' | '\r' | '#')).is_none_or(|c| c == '\n');
    is_id.then_some("{#".len() + len + 1)
}

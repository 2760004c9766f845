//! The title and the description that the source of a page states, found without
//! rendering it.
//!
//! First the tags of the template go: those that print nothing leave nothing behind, and
//! those that print something a mark, so that text with a mark in it is no constant one.
//! What is left is read as HTML.

use std::ops::Range;

use crate::{
    html::tokens::{StartTag, Token, TokenKind, Tokens},
    site::templates::code::{self, TagKind},
};

/// Stands where a template prints what is not known before it is rendered: a code point
/// that is no character, so that pages do not hold it.
const MARK: char = '\u{fdd0}';

/// Elements of a page's body, where no `<meta>` belongs.
const SHOWN: [&str; 8] = ["article", "body", "div", "h1", "header", "main", "p", "section"];

/// What a source states.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
}

/// Reads `source`, in which tags are text where it is no template. A title comes of the
/// block `title`, else of `<title>`, else of the first heading with constant text; a
/// description of `<meta name="description">`, else of the block `description`.
pub(super) fn read(source: &str, is_template: bool) -> Stated {
    let markup = if is_template { Markup::of(source) } else { Markup::plain(source) };
    let is_titled = |head: &Head| match markup.has_block("title") {
        true => markup.extends && markup.block("title", &[]).is_some(),
        false => head.title.is_some(),
    };
    let head = Head::read(&markup.text, is_titled);
    let block = |name: &str| markup.block(name, &head.comments);
    Stated {
        title: block("title").or(head.title).or(head.heading),
        description: head.description.or_else(|| block("description")),
    }
}

/// A source without its tags.
#[derive(Default)]
struct Markup {
    text: String,
    /// Those that have an end, each with its name and its place in `text`.
    blocks: Vec<(String, Range<usize>)>,
    /// Whether it is a page that fills the blocks of a layout.
    extends: bool,
    /// The blocks and captures that are open, the innermost last.
    open: Vec<Open>,
}

/// What a tag opens that an `end…` closes.
enum Open {
    /// A block by its name, with where it begins.
    Block(String, usize),
    /// A macro, or text that becomes a value: it is not printed here, or not like that.
    Capture,
}

impl Markup {
    fn plain(source: &str) -> Self {
        Self { text: source.to_owned(), ..Self::default() }
    }

    fn of(source: &str) -> Self {
        let mut markup = Self { extends: code::extends(source), ..Self::default() };
        let mut end_of_last = 0;
        for tag in code::tags(source) {
            markup.push(&source[end_of_last..tag.range.start]);
            end_of_last = tag.range.end;
            match tag.kind {
                TagKind::Comment => {}
                TagKind::Expression => markup.push_mark(),
                TagKind::Statement => markup.add_statement(tag.code),
                // It is shown as it is, and what looks like elements in it is a sample.
                TagKind::Raw => markup.push(&tag.code.replace('<', "&lt;")),
            }
        }
        markup.push(&source[end_of_last..]);
        markup
    }

    /// Adds what a browser gets to see.
    fn push(&mut self, text: &str) {
        let is_captured = self.open.iter().any(|open| matches!(open, Open::Capture));
        // Of a page with a layout, what stands outside of blocks is not shown.
        let is_dropped = self.extends && self.open.is_empty();
        if !is_captured && !is_dropped {
            self.text.push_str(text);
        }
    }

    fn push_mark(&mut self) {
        self.push(MARK.encode_utf8(&mut [0; 4]));
    }

    fn add_statement(&mut self, code: &str) {
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut words = words.by_ref().filter(|word| !word.is_empty());
        match words.next().unwrap_or_default() {
            "block" => {
                let name = words.next().unwrap_or_default().to_owned();
                self.open.push(Open::Block(name, self.text.len()));
            }
            "endblock" => self.close_block(),
            "set" if code.contains('=') => {}
            "set" | "macro" => self.open.push(Open::Capture),
            "filter" | "call" => {
                self.push_mark();
                self.open.push(Open::Capture);
            }
            "endset" | "endmacro" | "endfilter" | "endcall" => self.close_capture(),
            "extends" | "import" | "from" | "do" | "with" | "endwith" | "autoescape"
            | "endautoescape" | "continue" | "break" => {}
            // A choice, a loop, another file, or what is not known here.
            _ => self.push_mark(),
        }
    }

    fn close_block(&mut self) {
        if let Some(Open::Block(..)) = self.open.last()
            && let Some(Open::Block(name, start)) = self.open.pop()
        {
            self.blocks.push((name, start..self.text.len()));
        }
    }

    fn close_capture(&mut self) {
        if let Some(Open::Capture) = self.open.last() {
            self.open.pop();
        }
    }

    fn has_block(&self, name: &str) -> bool {
        self.blocks.iter().any(|(own, _)| own == name)
    }

    /// The text of the block `name`, if that is constant and not empty. One in a comment
    /// does not count, unless it fills that of a layout: it is shown elsewhere then.
    fn block(&self, name: &str, comments: &[Range<usize>]) -> Option<String> {
        let (_, range) = self.blocks.iter().find(|(own, _)| own == name)?;
        let is_in_comment = comments.iter().any(|comment| comment.contains(&range.start));
        if is_in_comment && !self.extends {
            return None;
        }
        constant(&text_of(&self.text[range.clone()]))
    }
}

/// What the elements of a page state.
#[derive(Default)]
struct Head {
    title: Option<String>,
    heading: Option<String>,
    description: Option<String>,
    /// Where its comments are.
    comments: Vec<Range<usize>>,
}

/// The element whose text is being read.
enum Reading {
    Title(String),
    /// `h1` with its text until now.
    Heading(String),
}

impl Head {
    /// Reads a page: where it `is_titled`, no further than to what it shows.
    fn read(text: &str, is_titled: impl Fn(&Self) -> bool) -> Self {
        let mut head = Self::default();
        let mut reading = None;
        let mut has_title = false;
        // What is in a `<template>` is not shown.
        let mut templates = 0_usize;
        for Token { range, kind } in Tokens::new(text) {
            match kind {
                TokenKind::Comment { .. } => head.comments.push(range),
                TokenKind::StartTag(tag) if tag.name == "template" => templates += 1,
                TokenKind::EndTag(name) if name == "template" => {
                    templates = templates.saturating_sub(1);
                }
                _ if templates > 0 => {}
                TokenKind::StartTag(tag) if SHOWN.contains(&&*tag.name) && is_titled(&head) => {
                    break;
                }
                TokenKind::StartTag(tag) => match &*tag.name {
                    "title" if !tag.is_foreign && !has_title => {
                        has_title = true;
                        reading = Some(Reading::Title(String::new()));
                    }
                    "h1" if head.heading.is_none() => {
                        reading = Some(Reading::Heading(String::new()));
                    }
                    "meta" => head.add_meta(&tag),
                    _ => add_element(&mut reading, &tag),
                },
                TokenKind::Text(text) => add_text(&mut reading, &text),
                TokenKind::EndTag(name) => match (&reading, &*name) {
                    (Some(Reading::Title(title)), "title") => {
                        head.title = constant(title);
                        reading = None;
                    }
                    (Some(Reading::Heading(heading)), "h1") => {
                        head.heading = constant(heading);
                        reading = None;
                    }
                    _ => {}
                },
                TokenKind::Doctype { .. } => {}
            }
        }
        head
    }

    fn add_meta(&mut self, tag: &StartTag) {
        let name = tag.attribute("name").unwrap_or_default();
        if self.description.is_none() && name.trim().eq_ignore_ascii_case("description") {
            self.description = tag.attribute("content").and_then(constant);
        }
    }
}

fn add_text(reading: &mut Option<Reading>, text: &str) {
    if let Some(Reading::Title(read) | Reading::Heading(read)) = reading {
        read.push_str(text);
    }
}

/// Adds what an element in a heading shows of itself.
fn add_element(reading: &mut Option<Reading>, tag: &StartTag) {
    match &*tag.name {
        "br" => add_text(reading, " "),
        "img" => add_text(reading, tag.attribute("alt").unwrap_or_default()),
        _ => {}
    }
}

/// The text of a piece of HTML.
fn text_of(html: &str) -> String {
    let mut text = Some(Reading::Heading(String::new()));
    for token in Tokens::new(html) {
        match token.kind {
            TokenKind::Text(read) => add_text(&mut text, &read),
            TokenKind::StartTag(tag) => add_element(&mut text, &tag),
            _ => {}
        }
    }
    match text {
        Some(Reading::Title(text) | Reading::Heading(text)) => text,
        None => String::new(),
    }
}

/// `text` with its spaces as a browser shows them, if it is constant and not empty.
fn constant(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    (!words.is_empty() && !text.contains(MARK)).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;

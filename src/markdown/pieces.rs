//! Pieces: what stands in Markdown for a value or for HTML, as a word without a meaning, until
//! the HTML is there. So no value becomes markup, and no structure depends on one.

use std::{borrow::Cow, ops::Range};

use crate::{
    html::{
        blocks::ends_paragraph,
        tokens::{TokenKind, Tokens},
    },
    markdown::{address, marks},
};

/// What stands in Markdown under a number.
#[derive(Debug)]
pub(super) enum Piece {
    /// What a value shows, escaped for HTML.
    Value(String),
    /// HTML.
    Html(String),
    /// The address of a link whose text it is too: `<{{ url }}>`, escaped for HTML.
    Link(String),
}

/// The pieces of a text of Markdown.
#[derive(Debug, Default)]
pub(super) struct Pieces(Vec<Piece>);

/// A part of a text with pieces in it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Piece(&'a Piece),
    /// Another mark.
    Mark(char),
}

impl Pieces {
    /// Adds a piece, and writes what stands for it.
    pub(super) fn add(&mut self, piece: Piece, markdown: &mut String) {
        let number = self.0.len();
        markdown.push(marks::PIECE);
        markdown.push_str(&number.to_string());
        markdown.push(marks::PIECE_END);
        self.0.push(piece);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there are some of HTML, which may stand without a paragraph.
    pub(super) fn hold_html(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Html(_)))
    }

    /// The parts of `text`, in order, with their places.
    pub(super) fn parts<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = (Range<usize>, Part<'a>)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = from;
            let part = match marks::next(text, from) {
                _ if from >= text.len() => return None,
                Some((at, mark)) if at == from => {
                    from += marks::LEN;
                    let numbered = text[from..].split_once(marks::PIECE_END);
                    let numbered = numbered.filter(|_| mark == marks::PIECE);
                    let piece = numbered.and_then(|(number, _)| {
                        let piece = self.0.get(number.parse::<usize>().ok()?)?;
                        from += number.len() + marks::LEN;
                        Some(piece)
                    });
                    piece.map_or(Part::Mark(mark), Part::Piece)
                }
                next => {
                    from = next.map_or(text.len(), |(at, _)| at);
                    Part::Text(&text[start..from])
                }
            };
            Some((start..from, part))
        })
    }

    /// The text that a reader sees, not escaped: for an attribute, an address, or an id.
    pub(super) fn plain(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for (_, part) in self.parts(text) {
            match part {
                Part::Text(text) => plain.push_str(text),
                Part::Piece(Piece::Value(text) | Piece::Link(text)) => {
                    plain.push_str(&unescaped(text));
                }
                Part::Piece(Piece::Html(html)) => plain.push_str(&without_tags(html)),
                Part::Mark(_) => {}
            }
        }
        plain
    }

    /// Whether there is a piece in it.
    pub(super) fn are_in(&self, text: &str) -> bool {
        !self.is_empty() && marks::next(text, 0).is_some()
    }

    /// Whether `text` is pieces of HTML and nothing else, each of them a block where
    /// `blocks_only`.
    pub(super) fn are_all_of(&self, text: &str, blocks_only: bool) -> bool {
        let mut count = 0;
        let is_html = self.parts(text).all(|(_, part)| match part {
            Part::Text(text) => text.trim().is_empty(),
            Part::Piece(Piece::Html(html)) => {
                count += 1;
                !blocks_only || is_block(html)
            }
            Part::Piece(_) | Part::Mark(_) => false,
        });
        is_html && count > 0
    }

    /// Writes the HTML `text` with all pieces in their places. `refused` is told of each
    /// value that would be an address and may not be one.
    pub(super) fn write(&self, text: &str, out: &mut String, mut refused: impl FnMut(&str)) {
        for (_, part) in self.parts(text) {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Piece(Piece::Value(value)) => {
                    let is_refused =
                        address::begins(out) && !address::is_allowed(&unescaped(value));
                    if is_refused {
                        refused(value);
                    }
                    out.push_str(if is_refused { "#" } else { value });
                }
                Part::Piece(Piece::Html(text) | Piece::Link(text)) => out.push_str(text),
                Part::Mark(mark) => out.push(mark),
            }
        }
    }
}

/// Elements that stand in no paragraph besides those that end one: in lists, or seen by no one.
const OTHER_BLOCKS: [&str; 5] = ["iframe", "li", "script", "style", "template"];

/// Whether HTML begins with an element that stands in no paragraph.
fn is_block(html: &str) -> bool {
    let mut rest = html.trim_start();
    while let Some((_, after)) = rest.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")) {
        rest = after.trim_start();
    }
    let Some(tag) = rest.strip_prefix('<') else { return false };
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    ends_paragraph(&name) || OTHER_BLOCKS.contains(&&*name)
}

/// The text of HTML.
fn without_tags(html: &str) -> String {
    let texts = Tokens::new(html).filter_map(|token| match token.kind {
        TokenKind::Text(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

/// The text that was escaped for HTML, as [`escaped`] does it.
pub(super) fn unescaped(html: &str) -> Cow<'_, str> {
    if !html.contains('&') {
        return Cow::Borrowed(html);
    }
    let mut text = html.to_owned();
    for (character, reference) in REFERENCES {
        text = text.replace(reference, character);
    }
    // Last, as the others begin with it.
    Cow::Owned(text.replace("&amp;", "&"))
}

const REFERENCES: [(&str, &str); 5] =
    [("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#x27;"), ("'", "&#39;")];

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut html = text.replace('&', "&amp;");
    for (character, reference) in REFERENCES {
        html = html.replace(character, reference);
    }
    html
}

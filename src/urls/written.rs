//! The value of an attribute as a browser reads it, with the place of each byte in the page.

use std::ops::Range;

use crate::html::tokens::{TokenKind, Tokens};

/// A decoded text, whose bytes know where they are written.
pub(super) struct Written<'a> {
    /// As a browser reads it.
    pub(super) text: &'a str,
    places: Places,
}

/// Where the bytes of a text stand in the page.
enum Places {
    /// One after the other, from there on.
    From(usize),
    /// Where each begins, and where the text ends.
    Each(Vec<usize>),
}

impl<'a> Written<'a> {
    /// A text that stands at `start` as it is.
    pub(super) fn literal(text: &'a str, start: usize) -> Self {
        Self { text, places: Places::From(start) }
    }

    /// The value of an attribute, which is written as `raw` from `start` on. `None` where
    /// that cannot be (a character that is not UTF-8, or NUL).
    pub(super) fn attribute(text: &'a str, raw: &str, start: usize) -> Option<Self> {
        if text == raw {
            return Some(Self::literal(text, start));
        }
        let mut places = Vec::with_capacity(text.len() + 1);
        let (mut decoded, mut at) = (text, 0);
        while let Some(next) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let (raw_len, decoded_len) = step(next)?;
            places.extend(std::iter::repeat_n(start + at, decoded_len));
            decoded = decoded.get(decoded_len..)?;
            at += raw_len;
        }
        places.push(start + raw.len());
        decoded.is_empty().then_some(Self { text, places: Places::Each(places) })
    }

    /// Where the bytes `range` of the text stand in the page.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        self.place(range.start)..self.place(range.end)
    }

    fn place(&self, at: usize) -> usize {
        match &self.places {
            Places::From(start) => start + at,
            Places::Each(places) => places.get(at).copied().unwrap_or_default(),
        }
    }

    /// A decoded part of it that stands at the bytes `range` of its text.
    pub(super) fn part<'b>(&self, text: &'b str, range: Range<usize>) -> Option<Written<'b>> {
        let raw = self.text.get(range.clone())?;
        let inner = Written::attribute(text, raw, range.start)?;
        let places = match (&self.places, inner.places) {
            (Places::From(start), Places::From(at)) => Places::From(start + at),
            (_, Places::From(at)) => {
                Places::Each((at..=at + text.len()).map(|at| self.place(at)).collect())
            }
            (_, Places::Each(places)) => {
                Places::Each(places.into_iter().map(|at| self.place(at)).collect())
            }
        };
        Some(Written { text, places })
    }
}

/// How many bytes the next character takes as written and as decoded. Line ends are `\n` in
/// what is decoded, and a character reference is what it stands for.
fn step(raw: &str) -> Option<(usize, usize)> {
    if raw.starts_with("\r\n") {
        return Some((2, 1));
    }
    let c = raw.chars().next()?;
    if c != '&' {
        return Some((c.len_utf8(), c.len_utf8()));
    }
    let len = reference_len(raw);
    // A name without `;` is no reference before `=` (HTML, 13.2.5.73).
    let context = if raw[len..].starts_with('=') { "=" } else { "" };
    let tag = ["<a b=\"", &raw[..len], context, "\">"].concat();
    let TokenKind::StartTag(tag) = Tokens::new(&tag).next()?.kind else { return None };
    Some((len, tag.attribute("b")?.len().checked_sub(context.len())?))
}

/// The length of the character reference that `raw` begins with, if it is one: 1 where
/// nothing follows the `&`.
fn reference_len(raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let run = |from: usize, is_part: fn(&u8) -> bool| {
        bytes.get(from..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count()
    };
    let end = match bytes {
        [_, b'#', b'x' | b'X', ..] => 3 + run(3, u8::is_ascii_hexdigit),
        [_, b'#', ..] => 2 + run(2, u8::is_ascii_digit),
        _ => 1 + run(1, u8::is_ascii_alphanumeric),
    };
    if end > 1 && bytes.get(end) == Some(&b';') { end + 1 } else { end }
}

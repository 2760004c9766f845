//! A page as tokens, each with its place in the text: for what finds or rewrites parts
//! of a page and leaves the rest as it is, byte for byte.
//!
//! html5gum follows the standard (HTML, 13.2.5). It knows no elements, so what
//! decides how their content is read stands here (raw text) and in `nesting`.

use std::{collections::HashSet, ops::Range};

use html5gum::{
    Emitter, ForwardingEmitter, Readable, Span, State, StringReader, Tokenizer,
    emitters::callback::{Callback, CallbackEmitter, CallbackEvent},
};

use super::nesting::Nesting;

/// The tokens of a page, in their order. What begins a tag and has no end is none.
pub struct Tokens<'a> {
    tokenizer: Tokenizer<StringReader<'a>, TokenEmitter<'a>>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// From its first byte to behind its last, such as `<` and `>`.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// What a part of a page is. Texts are as a browser has them: character references are
/// decoded, and line ends are `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// `<a href=x>`.
    StartTag(StartTag),
    /// `</a>`: its name, in lower case.
    EndTag(String),
    /// All text up to the next token. The end of a CDATA section is in no token.
    Text(String),
    /// `<!-- -->`, or what browsers take for one.
    Comment {
        /// What is in it.
        text: String,
        /// Whether it has an end: else it takes in the rest of the page.
        is_closed: bool,
    },
    /// `<!doctype html>`.
    Doctype {
        /// Whether it has an end: else it takes in the rest of the page.
        is_closed: bool,
    },
}

/// The start of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTag {
    /// In lower case, those of SVG too.
    pub name: String,
    /// Where the name stands.
    pub name_range: Range<usize>,
    /// Those with a name that stands once, and the first of those with another.
    pub attributes: Vec<TagAttribute>,
    /// Whether it is of SVG or MathML, where `<title>` is no title of a page.
    pub is_foreign: bool,
    /// Whether it ends in `/>`, which has a meaning in SVG and MathML alone.
    pub is_self_closing: bool,
}

/// An attribute of a start tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagAttribute {
    /// In lower case, those of SVG too.
    pub name: String,
    /// Where the name stands.
    pub name_range: Range<usize>,
    /// With character references decoded.
    pub value: String,
    /// Where the value stands, without quotes. Empty behind the name if there is none.
    pub value_range: Range<usize>,
}

impl<'a> Tokens<'a> {
    /// Reads `page`: a `str`, or bytes in any encoding that ASCII is part of. Ranges in
    /// a `str` begin and end between characters.
    pub fn new(page: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        let page = page.as_ref();
        let builder = Builder { page, tag: None, nesting: Nesting::default(), next: None };
        let emitter = TokenEmitter(CallbackEmitter::new(builder));
        Self { tokenizer: Tokenizer::new_with_emitter(page.to_reader(), emitter) }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        match self.tokenizer.next()? {
            Ok(token) => Some(token),
            Err(never) => match never {},
        }
    }
}

impl StartTag {
    /// The value of an attribute, by its name in lower case.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes.find(|attribute| attribute.name == name).map(|attribute| &*attribute.value)
    }
}

/// Tells the tokenizer how the content of an element is read.
struct TokenEmitter<'a>(CallbackEmitter<Builder<'a>, Token, usize>);

impl ForwardingEmitter for TokenEmitter<'_> {
    type Token = Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let _ = self.0.emit_current_tag();
        let next = self.0.callback_mut().next.take();
        if next.is_some() {
            self.0.init_string();
        }
        next
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.0.callback_mut().nesting.is_foreign()
    }
}

/// Puts tokens together from the tokenizer's events.
struct Builder<'a> {
    page: &'a [u8],
    /// The start tag that is being read, and where it begins.
    tag: Option<(StartTag, usize)>,
    nesting: Nesting,
    /// How the content of the last element is read, if not as markup.
    next: Option<State>,
}

impl Callback<Token, usize> for Builder<'_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, span: Span) -> Option<Token> {
        let range = span.start..span.end;
        let kind = match event {
            CallbackEvent::OpenStartTag { name } => {
                self.open_tag(text(name), span.start);
                return None;
            }
            CallbackEvent::AttributeName { name } => {
                self.add_attribute(text(name), range);
                return None;
            }
            CallbackEvent::AttributeValue { value } => {
                self.set_value(text(value), range);
                return None;
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                return self.close_tag(self_closing, span.end);
            }
            CallbackEvent::EndTag { name } => {
                let name = text(name);
                self.nesting.leave(&name);
                TokenKind::EndTag(name)
            }
            CallbackEvent::String { value } => TokenKind::Text(text(value)),
            CallbackEvent::Comment { value } => {
                let is_closed = is_closed_comment(&self.page[range.clone()]);
                TokenKind::Comment { text: text(value), is_closed }
            }
            CallbackEvent::Doctype { .. } => {
                TokenKind::Doctype { is_closed: self.page[range.clone()].ends_with(b">") }
            }
            CallbackEvent::Error(_) => return None,
        };
        Some(Token { range, kind })
    }
}

impl Builder<'_> {
    fn open_tag(&mut self, name: String, start: usize) {
        let name_start = start + b"<".len();
        let rest = &self.page[name_start..];
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_len = rest.iter().position(ends_name).unwrap_or(rest.len());
        let tag = StartTag {
            name,
            name_range: name_start..name_start + name_len,
            attributes: Vec::new(),
            is_foreign: false,
            is_self_closing: false,
        };
        self.tag = Some((tag, start));
    }

    /// The attributes of end tags have no meaning, and come without a start tag.
    fn add_attribute(&mut self, name: String, name_range: Range<usize>) {
        if let Some((tag, _)) = &mut self.tag {
            let value_range = name_range.end..name_range.end;
            tag.attributes.push(TagAttribute {
                name,
                name_range,
                value: String::new(),
                value_range,
            });
        }
    }

    fn set_value(&mut self, value: String, range: Range<usize>) {
        if let Some(attribute) = self.tag.as_mut().and_then(|(tag, _)| tag.attributes.last_mut()) {
            (attribute.value, attribute.value_range) = (value, range);
        }
    }

    fn close_tag(&mut self, is_self_closing: bool, end: usize) -> Option<Token> {
        let (mut tag, start) = self.tag.take()?;
        drop_repeated(&mut tag.attributes);
        tag.is_self_closing = is_self_closing;
        tag.is_foreign = self.nesting.enter(&tag.name, is_self_closing);
        self.next = if tag.is_foreign { None } else { raw_content(&tag.name) };
        Some(Token { range: start..end, kind: TokenKind::StartTag(tag) })
    }
}

/// Drops the attributes whose name is that of one before them.
fn drop_repeated(attributes: &mut Vec<TagAttribute>) {
    if attributes.len() < 2 {
        return;
    }
    let mut seen = HashSet::new();
    let is_first: Vec<bool> =
        attributes.iter().map(|attribute| seen.insert(&*attribute.name)).collect();
    let mut is_first = is_first.into_iter();
    attributes.retain(|_| is_first.next() == Some(true));
}

/// How the content of an HTML element is read, if not as markup. That of `noscript` is
/// markup, as it is where scripts do not run.
fn raw_content(name: &str) -> Option<State> {
    match name {
        "title" | "textarea" => Some(State::RcData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
        "script" => Some(State::ScriptData),
        "plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Whether the comment has an end, of the ways that there are (HTML, 13.2.5.43 to 51).
fn is_closed_comment(comment: &[u8]) -> bool {
    match comment.strip_prefix(b"<!--") {
        Some(rest) => comment.ends_with(b"-->") || rest.ends_with(b"--!>"),
        None => comment.ends_with(b">"),
    }
}

fn text(bytes: &[u8]) -> String {
    // Several times as fast where it is UTF-8, as nearly all is.
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests;

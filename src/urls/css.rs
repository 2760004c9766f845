//! The URLs of a stylesheet (CSS Syntax, CSS Values 4.5): `url()`, `src()`, `@import`,
//! `image-set()`.

use cssparser::{Parser, SourcePosition, Token};

use super::{Reference, Role, written::Written};

/// How deep blocks and functions may be nested; what is deeper is left out.
const MAX_NESTING: usize = 64;

/// The URLs of a stylesheet, in order.
pub fn in_css(text: &str) -> Vec<Reference> {
    in_written_css(&Written::literal(text, 0))
}

/// The URLs of a stylesheet, or of declarations, that stand in a page.
pub(super) fn in_written_css(css: &Written<'_>) -> Vec<Reference> {
    let mut found = Found { css, references: Vec::new() };
    found.walk(&mut Parser::new(css.text), Meaning::None, MAX_NESTING);
    found.references
}

/// What a string means where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It is no URL.
    None,
    /// It is that of a stylesheet.
    Import,
    /// It is that of another file.
    File,
}

struct Found<'a> {
    css: &'a Written<'a>,
    references: Vec<Reference>,
}

impl Found<'_> {
    /// Reads a block or the whole to its end. `strings` is the meaning of strings in it.
    fn walk(&mut self, parser: &mut Parser<'_>, strings: Meaning, nesting: usize) {
        let mut next_string = strings;
        loop {
            let start = parser.position();
            let Ok(token) = parser.next_including_whitespace_and_comments() else { return };
            let token = token.clone();
            match &token {
                Token::WhiteSpace(_) | Token::Comment(_) => continue,
                Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                    next_string = Meaning::Import;
                    continue;
                }
                Token::UnquotedUrl(url) => self.add(parser, start, url, next_string),
                Token::QuotedString(url) if next_string != Meaning::None => {
                    self.add(parser, start, url, next_string);
                }
                _ => {}
            }
            let inner = match &token {
                Token::Function(name) => meaning_in(name, next_string),
                Token::CurlyBracketBlock | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                    Some(Meaning::None)
                }
                _ => None,
            };
            if let Some(inner) = inner.filter(|_| nesting > 0) {
                let _ = parser.parse_nested_block(|block| {
                    self.walk(block, inner, nesting - 1);
                    Ok::<_, cssparser::ParseError<()>>(())
                });
            }
            next_string = strings;
        }
    }

    fn add(&mut self, parser: &Parser<'_>, start: SourcePosition, url: &str, meaning: Meaning) {
        let token = parser.slice_from(start);
        let content = content_of(token);
        let start = start.byte_index();
        let range = self.css.range(start + content.start..start + content.end);
        let role = if meaning == Meaning::Import { Role::Style } else { Role::StyleFile };
        self.references.push(Reference { url: url.trim().to_owned(), range, role });
    }
}

/// What strings mean in a function, which stands where they mean `around`.
fn meaning_in(function: &str, around: Meaning) -> Option<Meaning> {
    let is = |name: &str| function.eq_ignore_ascii_case(name);
    Some(match around {
        Meaning::Import if is("url") || is("src") => Meaning::Import,
        _ if is("url")
            || is("src")
            || is("image")
            || is("image-set")
            || is("-webkit-image-set") =>
        {
            Meaning::File
        }
        _ => Meaning::None,
    })
}

/// The URL in a token: `url( a )`, `"a"`, or one of these without its end.
fn content_of(token: &str) -> std::ops::Range<usize> {
    let (open, close) = match token.chars().next() {
        Some(quote @ ('"' | '\'')) => (1, quote),
        _ => (token.find('(').map_or(0, |at| at + 1), ')'),
    };
    let inner = &token[open..];
    let inner = inner.strip_suffix(close).unwrap_or(inner);
    let start = open + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

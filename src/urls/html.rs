//! The URLs of a page: in attributes, in inline styles, and in pages within it (`srcdoc`).

use std::ops::Range;

use super::{Reference, Role, css, lists, written::Written};
use crate::html::tokens::{StartTag, TagAttribute, Token, TokenKind, Tokens};

/// How deep pages may be nested by `srcdoc`; what is deeper is left out.
const MAX_NESTING: usize = 4;

/// How the value of an attribute holds URLs.
enum Syntax {
    Alone(Role),
    Srcset,
    Words,
    Refresh,
    Css,
    Page,
}

/// The URLs of a page, in order.
pub fn in_html(text: &str) -> Vec<Reference> {
    in_html_seen(text, &mut |_| {})
}

/// The URLs of a page, in order, for one who reads its tokens as well: `see` gets each.
pub fn in_html_seen(text: &str, see: &mut dyn FnMut(&Token)) -> Vec<Reference> {
    in_written_html(&Written::literal(text, 0), MAX_NESTING, see)
}

fn in_written_html(
    page: &Written<'_>,
    nesting: usize,
    see: &mut dyn FnMut(&Token),
) -> Vec<Reference> {
    let mut references = Vec::new();
    let mut is_style = false;
    for token in Tokens::new(page.text) {
        see(&token);
        match &token.kind {
            TokenKind::StartTag(tag) => {
                is_style = tag.name == "style";
                for attribute in &tag.attributes {
                    add(&mut references, page, tag, attribute, nesting);
                }
                continue;
            }
            TokenKind::Text(_) if is_style => {
                let css = page.text.get(token.range.clone());
                let css = css.and_then(|css| page.part(css, token.range.clone()));
                references.extend(css.iter().flat_map(css::in_written_css));
            }
            _ => {}
        }
        is_style = false;
    }
    references
}

fn add(
    references: &mut Vec<Reference>,
    page: &Written<'_>,
    tag: &StartTag,
    attribute: &TagAttribute,
    nesting: usize,
) {
    let Some(syntax) = syntax_of(tag, attribute) else { return };
    let Some(value) = page.part(&attribute.value, attribute.value_range.clone()) else { return };
    let (role, urls): (Role, Vec<Range<usize>>) = match syntax {
        Syntax::Alone(role) => (role, vec![lists::alone(value.text)]),
        Syntax::Srcset => (Role::Image, lists::in_srcset(value.text)),
        Syntax::Words => (Role::Other, lists::in_words(value.text)),
        Syntax::Refresh => (Role::Link, lists::in_refresh(value.text).into_iter().collect()),
        Syntax::Css => return references.extend(css::in_written_css(&value)),
        Syntax::Page if nesting == 0 => return,
        Syntax::Page => {
            return references.extend(in_written_html(&value, nesting - 1, &mut |_| {}));
        }
    };
    for url in urls {
        let text = value.text.get(url.clone()).unwrap_or_default();
        let range = value.range(url);
        references.push(Reference { url: text.to_owned(), range, role });
    }
}

/// How an attribute holds URLs, if it does (HTML, "List of attributes"; SVG 2).
fn syntax_of(tag: &StartTag, attribute: &TagAttribute) -> Option<Syntax> {
    let (element, name) = (tag.name.as_str(), attribute.name.as_str());
    if tag.is_foreign {
        return match name {
            "href" | "xlink:href" => Some(Syntax::Alone(match element {
                "a" => Role::Link,
                "script" => Role::Script,
                _ => Role::Image,
            })),
            "style" => Some(Syntax::Css),
            // Attributes that are properties: `fill="url(a.svg#b)"`.
            _ if attribute.value.contains('(') => Some(Syntax::Css),
            _ => None,
        };
    }
    Some(match (element, name) {
        ("base", "href") => Syntax::Alone(Role::Base),
        ("a" | "area", "href") if has_rel(tag, "nofollow") => Syntax::Alone(Role::Unfollowed),
        ("a" | "area", "href") => Syntax::Alone(Role::Link),
        ("link", "href") => Syntax::Alone(role_of_link(tag)),
        ("script", "src") => Syntax::Alone(Role::Script),
        // `image` is another name of `img` (HTML, 13.2.6.4.7).
        ("img" | "image" | "input", "src") | ("video", "poster") => Syntax::Alone(Role::Image),
        ("iframe" | "frame" | "embed", "src") | ("object", "data") => Syntax::Alone(Role::Frame),
        ("audio" | "video" | "source" | "track" | "bgsound", "src") => Syntax::Alone(Role::Media),
        ("img" | "image" | "source", "srcset") | ("link", "imagesrcset") => Syntax::Srcset,
        ("form", "action") | ("button" | "input", "formaction") => Syntax::Alone(Role::Link),
        ("blockquote" | "q" | "del" | "ins", "cite") => Syntax::Alone(Role::Other),
        ("a" | "area", "ping") => Syntax::Words,
        ("iframe", "srcdoc") => Syntax::Page,
        ("meta", "content") if is_refresh(tag) => Syntax::Refresh,
        ("img" | "image" | "iframe" | "frame", "longdesc") => Syntax::Alone(Role::Other),
        // Obsolete, and still obeyed by browsers.
        ("body" | "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th", "background") => {
            Syntax::Alone(Role::Image)
        }
        (_, "style") => Syntax::Css,
        _ => return None,
    })
}

fn role_of_link(tag: &StartTag) -> Role {
    let has = |rel: &str| has_rel(tag, rel);
    let links = ["alternate", "next", "prev", "author", "help", "license", "search", "canonical"];
    match () {
        () if has("stylesheet") => Role::Style,
        () if has("modulepreload") => Role::Script,
        () if links.into_iter().any(has) => Role::Link,
        () => Role::Other,
    }
}

fn has_rel(tag: &StartTag, rel: &str) -> bool {
    let rels = tag.attribute("rel").unwrap_or_default();
    rels.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(rel))
}

fn is_refresh(tag: &StartTag) -> bool {
    tag.attribute("http-equiv").is_some_and(|value| value.eq_ignore_ascii_case("refresh"))
}

//! The URLs of texts that are for programs: feeds and maps of a site in XML, and `robots.txt`.

use std::ops::Range;

use super::{Reference, Role, lists};
use crate::html::tokens::{Token, TokenKind, Tokens};

/// Elements whose text is a URL: of RSS 2.0, Atom, and the sitemap protocol.
const ELEMENTS: [&str; 5] = ["link", "loc", "url", "guid", "comments"];
/// Attributes that hold a URL.
const ATTRIBUTES: [&str; 3] = ["href", "src", "url"];

const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

/// The URLs of a feed, or of a sitemap, in order. Those within the content of its entries, which
/// is text to it, are none.
pub fn in_feed(text: &str) -> Vec<Reference> {
    let mut references = Vec::new();
    // Whether the text that comes next is a URL.
    let mut is_url = false;
    let mut skipped = 0;
    for token in Tokens::new(text) {
        if token.range.start < skipped {
            continue;
        }
        if let Some(content) = cdata(text, &token) {
            skipped = content.end + CDATA_END.len();
            references.extend(is_url.then(|| text.get(content.clone())).flatten().map(|url| {
                let url = lists::alone(url);
                reference(text, content.start + url.start..content.start + url.end, None)
            }));
            continue;
        }
        match token.kind {
            TokenKind::StartTag(tag) => {
                let name = tag.name.rsplit(':').next().unwrap_or_default();
                // An identifier that leads nowhere.
                is_url = ELEMENTS.contains(&name)
                    && tag.attribute("ispermalink") != Some("false")
                    && !tag.is_self_closing;
                let urls = tag
                    .attributes
                    .iter()
                    .filter(|attribute| ATTRIBUTES.contains(&attribute.name.as_str()));
                references.extend(urls.map(|attribute| {
                    reference(text, attribute.value_range.clone(), Some(&attribute.value))
                }));
            }
            TokenKind::Text(value) if is_url && !value.trim().is_empty() => {
                let written = text.get(token.range.clone()).unwrap_or_default();
                let url = lists::alone(written);
                let range = token.range.start + url.start..token.range.start + url.end;
                references.push(reference(text, range, Some(&value)));
            }
            TokenKind::EndTag(_) => is_url = false,
            _ => {}
        }
    }
    references
}

/// The URLs of the sitemaps that a `robots.txt` names (RFC 9309, 2.2.4). What it keeps programs
/// away from need not be there.
pub fn in_robots(text: &str) -> Vec<Reference> {
    let mut start = 0;
    let mut references = Vec::new();
    for line in text.split_inclusive('\n') {
        let named =
            line.split_once(':').filter(|(name, _)| name.trim().eq_ignore_ascii_case("sitemap"));
        if let Some((name, written)) = named {
            let (at, url) = (start + name.len() + 1, lists::alone(written));
            references.push(reference(text, at + url.start..at + url.end, None));
        }
        start += line.len();
    }
    references
}

/// The text of a CDATA section, which a reader of HTML takes for a comment.
fn cdata(text: &str, token: &Token) -> Option<Range<usize>> {
    let rest = text.get(token.range.start..)?.strip_prefix(CDATA)?;
    let start = token.range.start + CDATA.len();
    let is_comment = matches!(token.kind, TokenKind::Comment { .. });
    is_comment.then(|| start..start + rest.find(CDATA_END).unwrap_or(rest.len()))
}

/// The URL at `range`, whose `value` is given where it may be written with references.
fn reference(text: &str, range: Range<usize>, value: Option<&str>) -> Reference {
    let value = value.or_else(|| text.get(range.clone())).unwrap_or_default();
    Reference { url: value.trim().to_owned(), range, role: Role::Link }
}

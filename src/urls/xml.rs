//! The URLs of documents in XML that browsers show: SVG and XHTML.

use super::{Reference, Role, html, lists};
use crate::html::tokens::{Token, TokenKind, Tokens};

/// What names a stylesheet ahead of the document ("Associating Style Sheets with XML
/// documents").
const STYLESHEET: &str = "<?xml-stylesheet";

/// The URLs of an SVG image or a page in XHTML, in order.
pub fn in_xml(text: &str) -> Vec<Reference> {
    in_xml_seen(text, &mut |_| {})
}

/// The same for one who reads its tokens as well: `see` gets each.
pub fn in_xml_seen(text: &str, see: &mut dyn FnMut(&Token)) -> Vec<Reference> {
    let mut sheets = Vec::new();
    let mut references = html::in_html_seen(text, &mut |token| {
        sheets.extend(stylesheet(text, token));
        see(token);
    });
    references.append(&mut sheets);
    references.sort_by_key(|reference| reference.range.start);
    references
}

/// The stylesheet that an instruction names. To a reader of HTML, it is a comment.
fn stylesheet(text: &str, token: &Token) -> Option<Reference> {
    let instruction = text.get(token.range.clone())?;
    if !matches!(token.kind, TokenKind::Comment { .. }) || !instruction.starts_with(STYLESHEET) {
        return None;
    }
    // The same with the bytes in their places, as a tag.
    let tag = instruction.replacen("<?", "<x", 1);
    let TokenKind::StartTag(tag) = Tokens::new(&tag).next()?.kind else { return None };
    let href = tag.attributes.into_iter().find(|attribute| attribute.name == "href")?;
    // One that is written with references is left as it is.
    let written = instruction.get(href.value_range.clone())?;
    let start = token.range.start + href.value_range.start;
    let url = lists::alone(written);
    let range = start + url.start..start + url.end;
    (written == href.value).then(|| Reference {
        url: written.get(url).unwrap_or_default().to_owned(),
        range,
        role: Role::Style,
    })
}

//! Addresses of links and images: which one a value may be.

use std::borrow::Cow;

/// Schemes of an address that comes of a value. One without a scheme is relative.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Attributes of HTML that hold an address.
const ATTRIBUTES: [&str; 8] =
    ["action", "data", "formaction", "href", "ping", "poster", "src", "xlink:href"];

/// Whether an address that comes of a value may be one: others run scripts (`javascript:`), or
/// show what the page does not hold.
pub(super) fn is_allowed(address: &str) -> bool {
    scheme(address).is_none_or(|scheme| SCHEMES.contains(&&*scheme.to_ascii_lowercase()))
}

/// The scheme of an address, read as browsers do, who skip what does not show (URL, 4.4).
fn scheme(address: &str) -> Option<String> {
    let is_skipped = |c: char| c <= ' ';
    let address = address.trim_start_matches(is_skipped);
    let address = address.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    let mut scheme = String::new();
    for c in address {
        match c {
            ':' => return Some(scheme).filter(|scheme| !scheme.is_empty()),
            'a'..='z' | 'A'..='Z' => scheme.push(c),
            '0'..='9' | '+' | '-' | '.' if !scheme.is_empty() => scheme.push(c),
            _ => return None,
        }
    }
    None
}

/// Whether a text between `<` and `>` is an address, and not a word such as a type's name.
pub(super) fn is_like_one(text: &str) -> bool {
    text.contains(['/', '.', '@', '#', '?', ':']) && !text.contains(char::is_whitespace)
}

/// The address that a text between `<` and `>` stands for.
pub(super) fn of_text(text: &str) -> Cow<'_, str> {
    let is_mail = text.contains('@') && !text.contains([':', '/']);
    if is_mail { Cow::Owned(format!("mailto:{text}")) } else { Cow::Borrowed(text) }
}

/// Whether an address begins where `html` ends: in `href="`, say.
pub(super) fn begins(html: &str) -> bool {
    let before = html.strip_suffix(['"', '\'']).unwrap_or(html);
    let Some(before) = before.trim_end().strip_suffix('=') else { return false };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == ':' || c == '-';
    let before = before.trim_end();
    let name = &before[before.trim_end_matches(is_name).len()..];
    ATTRIBUTES.iter().any(|attribute| attribute.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_an_address_of_few_schemes() {
        for (address, expected) in [
            ("", true),
            ("/a", true),
            ("a/b?c=d:e", true),
            ("#top", true),
            ("//example.com", true),
            ("http://a", true),
            ("HTTPS://a", true),
            ("mailto:a@b", true),
            ("tel:+1", true),
            ("1:2", true),
            ("javascript:alert(1)", false),
            ("JavaScript:alert(1)", false),
            (" \u{1}javascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("\tjava\tscript\t:alert(1)", false),
            ("data:text/html,x", false),
            ("vbscript:x", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_allowed(address), expected, "{address:?}");
        }
    }

    #[test]
    fn an_address_begins_in_an_attribute_for_one() {
        for (html, expected) in [
            ("<a href=\"", true),
            ("<img SRC = '", true),
            ("<a href=", true),
            ("<a href=\"x", false),
            ("<a title=\"", false),
            ("<a data-href=\"", false),
            ("", false),
            ("href", false),
        ] {
            assert_eq!(begins(html), expected, "{html}");
        }
    }
}

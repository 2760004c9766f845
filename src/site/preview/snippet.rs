//! Markup that goes into each page which is shown in a browser, and where it goes.

use std::sync::Arc;

use crate::{
    html::tokens::{TokenKind, Tokens},
    http::media_type::MediaType,
};

/// What may precede a page in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Markup that goes into pages.
#[derive(Clone, Debug)]
pub struct Snippet(Arc<str>);

impl Snippet {
    /// The markup, in which `{version}` stands for the version of the page, `{path}` for its
    /// path on this server, and `{up}` for the way from there to the root: relative, because
    /// a proxy may have taken away what the browser has in front of it.
    pub fn new(markup: &str) -> Self {
        Self(markup.into())
    }

    /// The page with the snippet in it: ahead of everything that can be, so that no
    /// element that is left open swallows it and no policy of the page's own
    /// precedes it; behind the doctype, without which the page is another one.
    pub(crate) fn insert(&self, page: &[u8], path: &str, version: &str) -> Vec<u8> {
        let (start, rest) = page.split_at(start_of_content(page));
        let up = "../".repeat(path.matches('/').count().saturating_sub(1));
        let path = path.replace('&', "&amp;").replace('"', "&quot;");
        let markup = self.0.replace("{version}", version).replace("{up}", &up);
        [start, markup.replace("{path}", &path).as_bytes(), rest].concat()
    }
}

/// Whether ASCII can go between the bytes of a text of this type: it is HTML, in any
/// encoding but UTF-16.
pub(crate) fn is_for(content_type: &str) -> bool {
    MediaType::read(content_type).is("text/html") && !is_wide(content_type)
}

/// The same for a text of the type `own` that is sent as `sent`. XML has no place for it:
/// what is not closed would break the document, and few documents run scripts.
pub(crate) fn goes_into(own: &str, sent: &str) -> bool {
    is_for(sent) && !is_wide(own)
}

/// Whether it names UTF-16, in whichever way: asked of each page that is rendered.
fn is_wide(content_type: &str) -> bool {
    const WIDE: &[u8] = b"utf-16";
    content_type.as_bytes().windows(WIDE.len()).any(|word| word.eq_ignore_ascii_case(WIDE))
}

/// The position behind what may precede the first element of the head (HTML, 13.2.6.4.1
/// to 4): a byte order mark, white space, comments, the doctype, and the tags of
/// `html` and `head`, as many of these as there are.
fn start_of_content(page: &[u8]) -> usize {
    let start = if page.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let page = &page[start..];
    let mut tokens = Tokens::new(page).filter(|token| !matches!(token.kind, TokenKind::Text(_)));
    let mut at = 0;
    loop {
        at += page[at..].iter().take_while(|byte| is_space(**byte)).count();
        // A text is content, whose end need not be found.
        let token = if page[at..].starts_with(b"<") { tokens.next() } else { None };
        let Some(token) = token.filter(|token| token.range.start == at) else { break };
        match token.kind {
            TokenKind::Comment { is_closed: true, .. } | TokenKind::Doctype { is_closed: true } => {
            }
            TokenKind::StartTag(tag) if tag.name == "html" => {}
            TokenKind::StartTag(tag) if tag.name == "head" => return start + token.range.end,
            // What has no end would take in all that follows.
            _ => break,
        }
        at = token.range.end;
    }
    start + at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_ahead_of_all_content_and_behind_the_doctype() {
        for page in [
            "|",
            "|Hello",
            "  \n|Hello",
            "\u{feff}|Hello",
            "\u{feff}<!doctype html>|<title>x",
            "<!DOCTYPE html>\n|<title>x",
            "<!doctype html PUBLIC \"-//W3C//DTD\" 'x'><html>|<body>",
            "<!doctype html><html lang=en><head>|<meta charset=utf-8>",
            "<!doctype html>\n<html>\n<head>|\n<meta charset=utf-8>",
            "<HTML\n><HEAD\tid=x>|",
            "<html/><head/>|x",
            "<html data-x='a > b' data-y=\"<head>\"><head data-z = '>'>|<title>",
            "<html data-x=a'><head>|'",
            "<html data-x=\"\"'><head>|'",
            "<html '><head>|",
            "<html =\"><head>|\">",
            "<html a==\"><head>|\">",
            "<html a= \">\"b='>'/c><head>|",
            "<html a =\n'>'><head>|",
            "<!-- a --><!doctype html><!-- <head> -- --><html><!----><head>|<!-- b -->",
            "<!--><html><!---><head>|",
            "<!-- a --!><html>|<!- b",
            "<!--[if IE]><html class=ie><![endif]--><!--[if !IE]><!--><html>|<title>",
            "<?xml version=\"1.0\"?><!doctype html><html>|<p>",
            "<!anything><html>|<p>",
            "|<header><html>",
            "<html>|<headline>",
            "|</html><head>",
            "|<body><html><head>",
            "|<p><!doctype html>",
            "<!doctype html>|<script src=a>",
        ] {
            let at = page.find('|').unwrap();
            let bytes = page.replacen('|', "", 1);
            assert_eq!(start_of_content(bytes.as_bytes()), at, "{page}");
        }
    }

    #[test]
    fn stays_ahead_of_what_has_no_end() {
        for page in [
            "<!-- <html><head>",
            "<!--",
            "<!--- ",
            "<!doctype html",
            "<?xml",
            "<html",
            "<html lang=\"en><head>",
            "<html lang=",
        ] {
            assert_eq!(start_of_content(page.as_bytes()), 0, "{page}");
            let page = format!("<!doctype html>\n{page}");
            assert_eq!(start_of_content(page.as_bytes()), 16, "{page}");
        }
    }

    #[test]
    fn names_the_version_the_path_and_the_way_to_the_root() {
        let snippet =
            Snippet::new("<script src=\"{up}a.js\" data-page=\"{path}\" data-version={version}>");
        for (path, up, escaped) in [
            ("/", "", "/"),
            ("/a", "", "/a"),
            ("/a/", "../", "/a/"),
            ("/a/b/c", "../../", "/a/b/c"),
            ("/a&copy/{up}\"", "../", "/a&amp;copy/{up}&quot;"),
        ] {
            let page = snippet.insert(b"<!doctype html><p>x", path, "v1");
            let expected = format!(
                "<!doctype html><script src=\"{up}a.js\" data-page=\"{escaped}\" data-version=v1><p>x"
            );
            assert_eq!(String::from_utf8(page).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn is_for_html_that_holds_ascii() {
        for (content_type, expected) in [
            ("text/html", true),
            ("text/html; charset=utf-8", true),
            ("TEXT/HTML ;charset=shift_jis", true),
            ("text/html; charset=utf-16le", false),
            ("application/xhtml+xml", false),
            ("text/plain; charset=utf-8", false),
        ] {
            assert_eq!(is_for(content_type), expected, "{content_type}");
        }
    }
}

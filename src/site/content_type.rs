//! The media type of a file, by its name and, for HTML, by its first bytes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use crate::{
    html::tokens::{StartTag, TokenKind, Tokens},
    http::media_type::MediaType,
};

/// How far into a page its encoding may be declared (HTML, 4.2.5.4), in bytes.
const PRESCAN_BYTES: usize = 1024;

/// The media types by extension: those of the configuration, else the usual ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentTypes {
    overrides: HashMap<String, String>,
}

/// A media type, ready for the field `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentType {
    pub(crate) value: Cow<'static, str>,
    /// Whether it is text, which is worth compressing.
    pub(crate) is_text: bool,
    /// Whether its encoding is a guess, which HTML knows better.
    pub(crate) is_guess: bool,
}

impl ContentTypes {
    /// `overrides` from extensions, without a dot, to types.
    pub(crate) fn new(overrides: &BTreeMap<String, String>) -> Self {
        let lower = |(extension, value): (&String, &String)| {
            (extension.to_ascii_lowercase(), value.clone())
        };
        Self { overrides: overrides.iter().map(lower).collect() }
    }

    /// Whether files with this extension have a type of their own.
    pub(crate) fn knows(&self, extension: &str) -> bool {
        self.overrides.contains_key(&extension.to_ascii_lowercase())
            || mime_guess::from_ext(extension).first_raw().is_some()
    }

    /// The type that goes with an extension, in any letter case. Never asks the operating
    /// system, which knows `.js` as text/plain on some machines.
    pub(crate) fn of(&self, extension: &str) -> ContentType {
        if let Some(value) = self.overrides.get(&extension.to_ascii_lowercase()) {
            let is_text = MediaType::read(value).is_text();
            return ContentType { value: value.clone().into(), is_text, is_guess: false };
        }
        let essence = match mime_guess::from_ext(extension).first_raw() {
            // RFC 9239, 6: the one type of all JavaScript.
            Some("application/javascript") => "text/javascript",
            // RFC 8081, 4.4: fonts have a top-level type of their own.
            Some("application/font-woff") => "font/woff",
            Some("application/font-sfnt") => "font/otf",
            Some(essence) => essence,
            None => "application/octet-stream",
        };
        let is_text = MediaType::read(essence).is_text();
        let value =
            if is_text { format!("{essence}; charset=utf-8").into() } else { essence.into() };
        ContentType { value, is_text, is_guess: true }
    }
}

impl ContentType {
    /// The value for a file that holds `bytes`.
    pub(crate) fn for_bytes(self, bytes: &[u8]) -> Cow<'static, str> {
        if self.is_guess && MediaType::read(&self.value).is("text/html") {
            return of_html(bytes, str::from_utf8(bytes).is_ok());
        }
        self.value
    }
}

/// The type of an HTML page in the encoding that it declares for itself, by a byte
/// order mark or in a `<meta>`. Without either it is UTF-8, if it `is_utf8`, and
/// else unsaid.
pub(crate) fn of_html(bytes: &[u8], is_utf8: bool) -> Cow<'static, str> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => "text/html; charset=utf-8".into(),
        [0xfe, 0xff, ..] => "text/html; charset=utf-16be".into(),
        [0xff, 0xfe, ..] => "text/html; charset=utf-16le".into(),
        _ => match declared_charset(&bytes[..bytes.len().min(PRESCAN_BYTES)]) {
            Some(charset) => format!("text/html; charset={charset}").into(),
            None if is_utf8 => "text/html; charset=utf-8".into(),
            None => "text/html".into(),
        },
    }
}

/// The encoding in the first `<meta>` that declares one (HTML, 4.2.5.4).
fn declared_charset(head: &[u8]) -> Option<String> {
    // A page without this word declares none, and need not be read.
    if !head.windows(7).any(|word| word.eq_ignore_ascii_case(b"charset")) {
        return None;
    }
    Tokens::new(head).find_map(|token| match token.kind {
        TokenKind::StartTag(tag) if tag.name == "meta" && !tag.is_foreign => charset_of(&tag),
        _ => None,
    })
}

fn charset_of(meta: &StartTag) -> Option<String> {
    let value = match meta.attribute("charset") {
        Some(value) => value,
        None if meta.attribute("http-equiv")?.eq_ignore_ascii_case("content-type") => {
            MediaType::read(meta.attribute("content")?).charset()?
        }
        None => return None,
    };
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:+".contains(c));
    let label = value.get(..end.unwrap_or(value.len()))?;
    (!label.is_empty()).then(|| label.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::naming::Naming;

    #[test]
    fn text_carries_its_encoding() {
        for (name, expected) in [
            ("a.css", "text/css; charset=utf-8"),
            ("a.txt", "text/plain; charset=utf-8"),
            ("a.html", "text/html; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.mjs", "text/javascript; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("a.webmanifest", "application/manifest+json; charset=utf-8"),
            ("a.svg", "image/svg+xml; charset=utf-8"),
            ("a.xml", "text/xml; charset=utf-8"),
            ("A.PNG", "image/png"),
            ("a.avif", "image/avif"),
            ("a.webp", "image/webp"),
            ("a.ico", "image/x-icon"),
            ("a.wasm", "application/wasm"),
            ("a.woff", "font/woff"),
            ("a.woff2", "font/woff2"),
            ("a.ttf", "font/ttf"),
            ("a.otf", "font/otf"),
            ("a.mp4", "video/mp4"),
            ("a.pdf", "application/pdf"),
            ("a.unheard-of", "application/octet-stream"),
            ("LICENSE", "application/octet-stream"),
            ("b.c/LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(Naming::default().content_type(name).value, expected, "{name}");
        }
    }

    #[test]
    fn the_configuration_overrides() {
        let overrides =
            BTreeMap::from([("md".to_owned(), "text/markdown; charset=utf-8".to_owned())]);
        let naming = Naming::new(&[], &overrides).unwrap();
        let value = "text/markdown; charset=utf-8".into();
        let markdown = ContentType { value, is_text: true, is_guess: false };
        assert_eq!(naming.content_type("docs/READ.ME.MD"), markdown);
        assert_eq!(naming.content_type("a.css").value, "text/css; charset=utf-8");
    }

    #[test]
    fn a_page_may_declare_its_encoding() {
        for (bytes, is_utf8, expected) in [
            (&b"<h1>x"[..], true, "text/html; charset=utf-8"),
            (b"<h1>\xff", false, "text/html"),
            (b"<META CHARSET=\"ISO-8859-1\">", false, "text/html; charset=iso-8859-1"),
            (
                b"<meta name=viewport content=x><meta charset = 'shift_jis'>",
                false,
                "text/html; charset=shift_jis",
            ),
            (
                b"<meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\">",
                true,
                "text/html; charset=koi8-r",
            ),
            (b"<meta name=charset><p>charset=x", true, "text/html; charset=utf-8"),
            (b"<!-- <meta charset=koi8-r> --><title>a</title>", true, "text/html; charset=utf-8"),
            (b"<metadata charset=koi8-r><p data-charset=x>", true, "text/html; charset=utf-8"),
            (b"<!-- > --><meta data-x='>' charset=koi8-r>", true, "text/html; charset=koi8-r"),
            (b"<meta charset=\"\r\nx\">", true, "text/html; charset=utf-8"),
            (b"\xff\xfe<\0", false, "text/html; charset=utf-16le"),
            (b"\xef\xbb\xbf<meta charset=x>", true, "text/html; charset=utf-8"),
        ] {
            assert_eq!(of_html(bytes, is_utf8), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
        let late = format!("{}<meta charset=x>", " ".repeat(PRESCAN_BYTES));
        assert_eq!(of_html(late.as_bytes(), true), "text/html; charset=utf-8");
    }
}

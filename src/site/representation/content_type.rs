//! The media type of a file, by its name and, for HTML, by its first bytes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use memchr::memchr_iter;

use crate::http::media_type::MediaType;

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
}

impl ContentTypes {
    /// `overrides` from extensions, without a dot, to types.
    pub(crate) fn new(overrides: &BTreeMap<String, String>) -> Self {
        let lower = |(extension, value): (&String, &String)| {
            (extension.to_ascii_lowercase(), value.clone())
        };
        Self { overrides: overrides.iter().map(lower).collect() }
    }

    /// The type that goes with a name. Never asks the operating system, which
    /// knows `.js` as text/plain on some machines.
    pub(crate) fn of(&self, name: &str) -> ContentType {
        let file = name.rsplit('/').next().unwrap_or(name);
        let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
        if let Some(value) = self.overrides.get(&extension.to_ascii_lowercase()) {
            let is_text = MediaType::read(value).is_text();
            return ContentType { value: value.clone().into(), is_text };
        }
        let essence = match mime_guess::from_path(file).first_raw() {
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
        ContentType { value, is_text }
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

/// The value of `charset=` in the first `<meta>` that has one.
fn declared_charset(head: &[u8]) -> Option<String> {
    let tags = memchr_iter(b'<', head).map(|start| &head[start + 1..]);
    let is_meta = |tag: &&[u8]| tag.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"));
    tags.filter(is_meta).find_map(charset_in)
}

/// The value of `charset=` in the tag at the front of `bytes`.
fn charset_in(bytes: &[u8]) -> Option<String> {
    let tag = bytes.split(|&byte| byte == b'>').next()?;
    let tag = String::from_utf8_lossy(tag).to_ascii_lowercase();
    let value = tag.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:+".contains(c));
    let label = &value[..end.unwrap_or(value.len())];
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(ContentTypes::default().of(name).value, expected, "{name}");
        }
    }

    #[test]
    fn the_configuration_overrides() {
        let overrides =
            BTreeMap::from([("md".to_owned(), "text/markdown; charset=utf-8".to_owned())]);
        let types = ContentTypes::new(&overrides);
        let markdown = ContentType { value: "text/markdown; charset=utf-8".into(), is_text: true };
        assert_eq!(types.of("docs/READ.ME.MD"), markdown);
        assert_eq!(types.of("a.css").value, "text/css; charset=utf-8");
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

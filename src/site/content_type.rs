//! The media type of a file, by its name, and the encoding of its text, by its bytes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    str::Utf8Error,
};

use memchr::memchr_iter;

use crate::{
    html::tokens::{StartTag, TokenKind, Tokens},
    http::media_type::MediaType,
    site::media_types,
};

/// How far into a page its encoding may be declared (HTML, 4.2.5.4), in bytes.
const PRESCAN_BYTES: usize = 1024;

/// How much of a file tells whether it is text (MIME Sniffing, 5.2 and 7.2), in bytes.
const SNIFFED_BYTES: usize = 1445;

/// What is known of a file of unknown type (RFC 2046, 4.5.1).
const UNKNOWN: &str = "application/octet-stream";

/// Top-level domains that are old extensions as well, which no part of a page has.
const HOST_ENDS: [&str; 14] =
    ["ai", "cc", "com", "es", "in", "ma", "me", "ms", "org", "pl", "so", "st", "tr", "xyz"];

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
    /// Whether it is a guess by the name, of which the bytes may know more.
    pub(crate) is_guess: bool,
    /// What it is where the bytes are text and the name does not say so, or the reverse.
    otherwise: Option<&'static str>,
}

impl ContentTypes {
    /// `overrides` from extensions, without a dot, to types.
    pub(crate) fn new(overrides: &BTreeMap<String, String>) -> Self {
        let lower = |(extension, value): (&String, &String)| {
            (extension.to_ascii_lowercase(), value.clone())
        };
        Self { overrides: overrides.iter().map(lower).collect() }
    }

    /// Whether files with this extension have a type of their own, and the name of a host or
    /// an address of mail does not end so.
    pub(crate) fn knows(&self, extension: &str) -> bool {
        let extension = extension.to_ascii_lowercase();
        let is_usual = || {
            let is_listed = |essence| essence != media_types::TEXT;
            mime_guess::from_ext(&extension).first_raw().is_some()
                || media_types::of_extension(&extension).is_some_and(is_listed)
        };
        self.overrides.contains_key(&extension)
            || (is_usual() && !HOST_ENDS.contains(&extension.as_str()))
    }

    /// The type that goes with a name and its extension, in any letter case. Never asks the
    /// operating system, which knows `.js` as text/plain on some machines.
    pub(crate) fn of(&self, name: &str, extension: &str) -> ContentType {
        let extension = extension.to_ascii_lowercase();
        if let Some(value) = self.overrides.get(&extension) {
            let is_text = MediaType::read(value).is_text();
            let value = value.clone().into();
            return ContentType { value, is_text, is_guess: false, otherwise: None };
        }
        let known = media_types::of_extension(&extension)
            .or_else(|| mime_guess::from_ext(&extension).first_raw());
        let is_text_by_name = || media_types::is_name_of_text(name).then_some(media_types::TEXT);
        let (essence, otherwise) = match known.or_else(is_text_by_name) {
            // RFC 9239, 6: the one type of all JavaScript.
            Some("application/javascript") => ("text/javascript", None),
            // RFC 8081, 4.4: fonts have a top-level type of their own.
            Some("application/font-sfnt") => ("font/otf", None),
            Some(essence) => (essence, media_types::binary_of_text(&extension)),
            None => (UNKNOWN, Some(media_types::TEXT)),
        };
        ContentType { otherwise, ..ContentType::guessed(essence) }
    }
}

impl ContentType {
    /// Whether browsers show it as a page, with links to others.
    pub(crate) fn is_page(&self) -> bool {
        let read = MediaType::read(&self.value);
        read.is("text/html") || read.is("application/xhtml+xml")
    }

    /// The type of a file that holds `bytes`.
    pub(crate) fn for_bytes(self, bytes: &[u8]) -> Self {
        self.of_bytes(bytes, str::from_utf8(bytes).is_ok())
    }

    /// The type of a file that begins with `start`, as if the rest were like it.
    pub(crate) fn for_start(self, start: &[u8]) -> Self {
        let is_cut = |error: Utf8Error| error.error_len().is_none();
        self.of_bytes(start, str::from_utf8(start).map_or_else(is_cut, |_| true))
    }

    fn guessed(essence: &'static str) -> Self {
        let is_text = MediaType::read(essence).is_text();
        let value =
            if is_text { format!("{essence}; charset=utf-8").into() } else { essence.into() };
        Self { value, is_text, is_guess: true, otherwise: None }
    }

    fn of_bytes(self, bytes: &[u8], is_utf8: bool) -> Self {
        let start = &bytes[..bytes.len().min(SNIFFED_BYTES)];
        let is_other = |_: &&str| !bytes.is_empty() && media_types::is_text(start) != self.is_text;
        let found = self.otherwise.filter(is_other).map(Self::guessed).unwrap_or(self);
        Self { value: found.clone().in_encoding_of(bytes, is_utf8), ..found }
    }

    /// Without a declaration it is UTF-8, if it `is_utf8`, and else unsaid.
    fn in_encoding_of(self, bytes: &[u8], is_utf8: bool) -> Cow<'static, str> {
        if !self.is_guess || !self.is_text {
            return self.value;
        }
        let essence = self.value.split(';').next().unwrap_or_default();
        if essence == "text/html" {
            return of_html(bytes, is_utf8);
        }
        let start = &bytes[..bytes.len().min(PRESCAN_BYTES)];
        let declared = match essence {
            "text/css" => charset_of_css(start),
            _ => charset_of_xml(start),
        };
        in_charset(essence, marked_charset(bytes).map(str::to_owned).or(declared), is_utf8)
    }
}

/// Whether values in a text whose name ends with this extension are escaped as in HTML: it is
/// markup, or of no type that is known.
pub(crate) fn is_escaped(extension: &str) -> bool {
    let known = media_types::of_extension(&extension.to_ascii_lowercase());
    let essence = known.or_else(|| mime_guess::from_ext(extension).first_raw());
    essence.is_none_or(|essence| essence.contains("xml") || essence.contains("html"))
}

/// The type of an HTML page in the encoding that it declares for itself, by a byte
/// order mark or in a `<meta>`. Without either it is UTF-8, if it `is_utf8`, and
/// else unsaid.
pub(crate) fn of_html(bytes: &[u8], is_utf8: bool) -> Cow<'static, str> {
    let declared = || declared_charset(&bytes[..bytes.len().min(PRESCAN_BYTES)]);
    in_charset("text/html", marked_charset(bytes).map(str::to_owned).or_else(declared), is_utf8)
}

fn in_charset(essence: &str, charset: Option<String>, is_utf8: bool) -> Cow<'static, str> {
    match charset {
        // Nearly all, with each render.
        None if is_utf8 && essence == "text/html" => "text/html; charset=utf-8".into(),
        Some(charset) => format!("{essence}; charset={charset}").into(),
        None if is_utf8 => format!("{essence}; charset=utf-8").into(),
        None => essence.to_owned().into(),
    }
}

/// The encoding that a byte order mark tells.
fn marked_charset(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some("utf-8"),
        [0xfe, 0xff, ..] => Some("utf-16be"),
        [0xff, 0xfe, ..] => Some("utf-16le"),
        _ => None,
    }
}

/// The encoding in the declaration at the start of XML (XML 1.0, 2.8 and 4.3.3).
fn charset_of_xml(start: &[u8]) -> Option<String> {
    let declaration = start.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|end| end == b"?>")?;
    let declaration = str::from_utf8(declaration.get(..end)?).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    label(value.trim_start_matches(['"', '\'']))
}

/// The encoding in the first bytes of a stylesheet (CSS Syntax 3, 3.2).
fn charset_of_css(start: &[u8]) -> Option<String> {
    let value = start.strip_prefix(b"@charset \"")?;
    let end = value.windows(2).position(|end| end == b"\";")?;
    label(str::from_utf8(value.get(..end)?).ok()?)
}

/// The encoding in the first `<meta>` that declares one (HTML, 4.2.5.4).
fn declared_charset(head: &[u8]) -> Option<String> {
    // Most pages are told apart by these words alone, and need not be read.
    let has = |place: usize, word: &[u8]| {
        head[place..].get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    let meta = memchr_iter(b'<', head).find(|place| has(*place, b"<meta"))?;
    if !(meta..head.len()).any(|place| has(place, b"charset")) {
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
    label(value)
}

/// The label of an encoding at the start of `value`. What can be read here as ASCII is no
/// UTF-16, whatever it says (HTML, 13.2.3.2).
fn label(value: &str) -> Option<String> {
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:+".contains(c));
    let label = value.get(..end.unwrap_or(value.len()))?.to_ascii_lowercase();
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::naming::{Naming, NamingRules};

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
            ("LICENSE", "text/plain; charset=utf-8"),
            ("b.c/README", "text/plain; charset=utf-8"),
            ("a.ts", "text/plain; charset=utf-8"),
            ("a.d.mts", "text/plain; charset=utf-8"),
            ("A.WGSL", "text/plain; charset=utf-8"),
            ("a.glsl", "text/plain; charset=utf-8"),
            ("a.vue", "text/plain; charset=utf-8"),
            ("a.ndjson", "text/plain; charset=utf-8"),
            ("a.dot", "text/plain; charset=utf-8"),
            ("a.java", "text/plain; charset=utf-8"),
            ("a.manifest", "text/plain; charset=utf-8"),
            ("a.md", "text/plain; charset=utf-8"),
            ("a.toml", "text/plain; charset=utf-8"),
            ("a.yaml", "text/plain; charset=utf-8"),
            ("a.rs", "text/plain; charset=utf-8"),
            ("a.py", "text/plain; charset=utf-8"),
            ("a.go", "text/plain; charset=utf-8"),
            ("a.sh", "text/plain; charset=utf-8"),
            ("a.cjs", "text/javascript; charset=utf-8"),
            ("a.map", "application/json; charset=utf-8"),
            ("a.jsonld", "application/ld+json; charset=utf-8"),
            ("a.geojson", "application/geo+json; charset=utf-8"),
            ("a.ipynb", "application/x-ipynb+json; charset=utf-8"),
            ("a.usdz", "model/vnd.usdz+zip"),
            ("a.glb", "model/gltf-binary"),
            ("a.gltf", "model/gltf+json; charset=utf-8"),
            ("a.parquet", "application/vnd.apache.parquet"),
            ("a.heic", "image/heic"),
            ("a.jxl", "image/jxl"),
            ("a.m4a", "audio/mp4"),
            ("a.opus", "audio/ogg"),
            ("a.m3u8", "application/vnd.apple.mpegurl"),
        ] {
            assert_eq!(Naming::default().content_type(name).value, expected, "{name}");
        }
    }

    #[test]
    fn the_configuration_overrides() {
        let types = BTreeMap::from([("md".to_owned(), "text/markdown; charset=utf-8".to_owned())]);
        let naming = Naming::new(&NamingRules { types, ..NamingRules::default() }).unwrap();
        let value = "text/markdown; charset=utf-8".into();
        let markdown = ContentType { value, is_text: true, is_guess: false, otherwise: None };
        assert_eq!(naming.content_type("docs/READ.ME.MD"), markdown);
        assert_eq!(naming.content_type("a.css").value, "text/css; charset=utf-8");
    }

    #[test]
    fn text_that_is_not_utf_8_is_not_called_so() {
        for (name, bytes, expected) in [
            ("a.txt", &b"caf\xc3\xa9"[..], "text/plain; charset=utf-8"),
            ("a.txt", b"caf\xe9", "text/plain"),
            ("a.txt", b"\xff\xfea\0", "text/plain; charset=utf-16le"),
            ("a.txt", b"\xef\xbb\xbfa", "text/plain; charset=utf-8"),
            ("a.css", b"@charset \"ISO-8859-1\";a{}", "text/css; charset=iso-8859-1"),
            ("a.css", b"@charset 'x';a{}", "text/css; charset=utf-8"),
            (
                "a.svg",
                b"<?xml version='1.0' encoding = 'Shift_JIS' ?><svg/>",
                "image/svg+xml; charset=shift_jis",
            ),
            ("a.xml", b"<?xml version='1.0' encoding='utf-16'?><a/>", "text/xml; charset=utf-8"),
            ("a.xml", b"<a encoding='x'>?></a>", "text/xml; charset=utf-8"),
            ("a.xhtml", b"<?xml version=\"1.0\"?><p>\xe9", "application/xhtml+xml"),
            ("a.htm", b"\xe9", "text/html"),
            ("a.png", b"\xe9", "image/png"),
            ("a.unheard-of", b"text\n", "text/plain; charset=utf-8"),
            ("a.unheard-of", b"caf\xe9", "text/plain"),
            ("a.unheard-of", b"\xff\xfea\0", "text/plain; charset=utf-16le"),
            ("a.unheard-of", b"a\0", "application/octet-stream"),
            ("a.unheard-of", b"", "application/octet-stream"),
            ("LICENSE-MIT", b"text", "text/plain; charset=utf-8"),
            ("a.ts", b"let a = 1", "text/plain; charset=utf-8"),
            ("a.ts", b"G\x40\0\x10", "video/mp2t"),
            ("a.dot", b"\xd0\xcf\x11\xe0\0", "application/msword"),
            ("a.key", b"-----BEGIN", "text/plain; charset=utf-8"),
            ("a.key", b"PK\x03\x04\0", "application/vnd.apple.keynote"),
            ("a.txt", b"a\0", "text/plain; charset=utf-8"),
            ("a.bin", b"text", "application/octet-stream"),
        ] {
            let content_type = Naming::default().content_type(name);
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(content_type.for_bytes(bytes).value, expected, "{name} {shown:?}");
        }
    }

    #[test]
    fn a_start_may_end_within_a_character() {
        let of = |bytes| Naming::default().content_type("a.txt").for_start(bytes).value;
        assert_eq!(of(b"caf\xc3"), "text/plain; charset=utf-8");
        assert_eq!(of(b"caf\xe9 "), "text/plain");
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
            (b"<meta charset=utf-16>", true, "text/html; charset=utf-8"),
            (b"\xff\xfe<\0", false, "text/html; charset=utf-16le"),
            (b"\xef\xbb\xbf<meta charset=x>", true, "text/html; charset=utf-8"),
        ] {
            assert_eq!(of_html(bytes, is_utf8), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
        let late = format!("{}<meta charset=x>", " ".repeat(PRESCAN_BYTES));
        assert_eq!(of_html(late.as_bytes(), true), "text/html; charset=utf-8");
    }
}

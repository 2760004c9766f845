//! The one way from a request target to a name under the root.

use percent_encoding::{
    AsciiSet, CONTROLS, percent_decode_str, percent_encode_byte, utf8_percent_encode,
};

/// What a path segment may not hold bare in a link or a redirect: everything
/// but `pchar` (RFC 3986, 3.3), and `;` and `\`, which some clients read as more.
const NOT_IN_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path of a URL: percent-decoded once, dot segments and empty segments
/// resolved (RFC 3986, 5.2.4). It always stays under the root: no segment is
/// empty, `.` or `..`, and none holds `/`, `\` or NUL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPath {
    /// Each segment with a slash in front; a folder has one behind, too.
    decoded: String,
}

impl UrlPath {
    /// Reads the encoded path of a target. `None` where no file can have such a
    /// name: it is not UTF-8 once decoded, or a segment holds an encoded slash,
    /// a backslash, or NUL.
    pub fn parse(encoded: &str) -> Option<Self> {
        let mut decoded = String::with_capacity(encoded.len() + 1);
        let mut is_folder = true;
        for encoded_segment in encoded.split('/') {
            let segment = percent_decode_str(encoded_segment).decode_utf8().ok()?;
            is_folder = matches!(segment.as_ref(), "" | "." | "..");
            match segment.as_ref() {
                "" | "." => {}
                ".." => decoded.truncate(decoded.rfind('/').unwrap_or(0)),
                name if name.contains(is_never_in_a_name) => return None,
                name => {
                    decoded.push('/');
                    decoded.push_str(name);
                }
            }
        }
        if is_folder {
            decoded.push('/');
        }
        Some(Self { decoded })
    }

    /// The path of a name below the root, such as `docs/intro`, that is decoded
    /// already. `None` where it could not have come from a target.
    pub fn of_name(relative: &str, is_folder: bool) -> Option<Self> {
        let is_segment = |segment: &str| {
            !matches!(segment, "" | "." | "..") && !segment.contains(is_never_in_a_name)
        };
        let is_name = relative.is_empty() || relative.split('/').all(is_segment);
        is_name.then(|| Self::of_relative(relative, is_folder))
    }

    fn of_relative(relative: &str, is_folder: bool) -> Self {
        let slash = if is_folder && !relative.is_empty() { "/" } else { "" };
        Self { decoded: ["/", relative, slash].concat() }
    }

    /// The decoded path, for a person to read: `/docs/intro`, `/docs/`.
    pub fn as_str(&self) -> &str {
        &self.decoded
    }

    /// The decoded path below the root, such as `docs/intro`: no slash in front
    /// or behind, empty for the root itself.
    pub fn relative(&self) -> &str {
        self.decoded.trim_matches('/')
    }

    /// Whether the path ends in a slash, as that of the root does.
    pub fn is_folder(&self) -> bool {
        self.decoded.ends_with('/')
    }

    /// The same path with a slash at its end, or without.
    pub fn with_folder(&self, is_folder: bool) -> Self {
        Self::of_relative(self.relative(), is_folder)
    }

    /// The path for a link or a `Location`: each segment percent-encoded, one
    /// slash in front.
    pub fn encoded(&self) -> String {
        let mut encoded = String::with_capacity(self.decoded.len());
        for segment in self.decoded.split('/').skip(1) {
            encoded.push('/');
            encoded.extend(utf8_percent_encode(segment, NOT_IN_SEGMENT));
        }
        encoded
    }

    /// The path for people to read, and for browsers to follow in a link: they encode most
    /// characters themselves, so only those are encoded that they would misread.
    pub fn readable(&self) -> String {
        let mut readable = String::with_capacity(self.decoded.len());
        for c in self.decoded.chars() {
            match u8::try_from(c) {
                Ok(byte) if c.is_ascii_control() || MISREAD_IN_LINKS.contains(&c) => {
                    readable.push_str(percent_encode_byte(byte));
                }
                _ => readable.push(c),
            }
        }
        readable
    }
}

/// What would end a path in a link, or be read as another character.
const MISREAD_IN_LINKS: [char; 3] = ['#', '%', '?'];

fn is_never_in_a_name(c: char) -> bool {
    matches!(c, '/' | '\\' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once_and_normalises() {
        for (encoded, shown) in [
            ("/", "/"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("/a%20b%23%25%5B%2B+", "/a b#%[++"),
            ("/%2541", "/%41"),
            ("/a%0Ab", "/a\nb"),
            ("/caf%C3%A9", "/café"),
            ("/a/./b//c", "/a/b/c"),
            ("/a/../b", "/b"),
            ("/a/..", "/"),
            ("/a/b/%2e%2E", "/a/"),
            ("/../../etc/passwd", "/etc/passwd"),
            ("//etc/passwd", "/etc/passwd"),
            ("/...", "/..."),
        ] {
            assert_eq!(UrlPath::parse(encoded).unwrap().as_str(), shown, "{encoded}");
        }
    }

    #[test]
    fn forbids_names_that_no_file_has() {
        for encoded in [
            "/%2fetc",
            "/a%2Fb",
            "/..%2f..%2fetc",
            "/a%5cb",
            "/a\\b",
            "/%00",
            "/a%00.html",
            "/%ff",
            "/%C3",
        ] {
            assert_eq!(UrlPath::parse(encoded), None, "{encoded}");
        }
    }

    #[test]
    fn encodes_each_segment_again() {
        for (encoded, again) in [
            ("/a%20b/c%23d%3F/", "/a%20b/c%23d%3F/"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("//docs", "/docs"),
            ("/a+b&c=d@e:f!", "/a+b&c=d@e:f!"),
            ("/a%25b", "/a%25b"),
            ("/", "/"),
        ] {
            assert_eq!(UrlPath::parse(encoded).unwrap().encoded(), again, "{encoded}");
        }
    }

    #[test]
    fn a_readable_path_leads_to_the_same_file_in_a_link() {
        for (name, readable) in [
            ("a b/café", "/a b/café"),
            ("a%20b", "/a%2520b"),
            ("what?", "/what%3F"),
            ("c#/x", "/c%23/x"),
            ("tab\tline\n", "/tab%09line%0A"),
            ("a&b<c>\"d\"'", "/a&b<c>\"d\"'"),
        ] {
            let path = UrlPath::of_name(name, false).unwrap();
            assert_eq!(path.readable(), readable);
            assert_eq!(UrlPath::parse(readable), Some(path), "{name}");
        }
    }

    #[test]
    fn a_name_has_the_path_that_leads_to_it() {
        for (name, is_folder, encoded) in
            [("", false, "/"), ("a b/c", false, "/a%20b/c"), ("a%20b", true, "/a%2520b/")]
        {
            let path = UrlPath::of_name(name, is_folder).unwrap();
            assert_eq!(path.encoded(), encoded);
            assert_eq!(UrlPath::parse(encoded), Some(path));
        }
        for name in ["/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\0"] {
            assert_eq!(UrlPath::of_name(name, false), None, "{name}");
        }
    }
}

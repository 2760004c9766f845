//! Forms: the query that one makes (`application/x-www-form-urlencoded`), and what was sent
//! in the body of a request.

use super::{media_type::MediaType, request::Request};

/// The type of a form unless it chooses another one (HTML, 4.10.18.6).
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// How many fields are shown, and how many characters of each name and value.
const MAX_FIELDS: usize = 100;
const MAX_NAME_CHARS: usize = 100;
const MAX_VALUE_CHARS: usize = 1000;

/// What came in the body of a request, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentContent {
    /// Its media type without parameters; empty where that was not said.
    pub content_type: String,
    /// Its length in bytes.
    pub len: u64,
    /// The fields of a form, decoded, in order, the first 100; none of a form in parts, which
    /// may hold files.
    pub fields: Vec<(String, String)>,
    /// Whether it is a form whose fields can be shown.
    pub is_form: bool,
    /// Whether there are more fields than these, or longer ones.
    pub is_cut: bool,
    /// Whether it was too large to be read; nothing but its type is known then.
    pub is_too_large: bool,
}

impl SentContent {
    /// Reads it from a request of which the server keeps the beginning.
    pub fn of(request: &Request<'_>) -> Self {
        let content = request.content.unwrap_or_default();
        let content_type = request.headers.get_str("content-type").unwrap_or_default();
        let content_type = MediaType::read(content_type);
        let is_form = content_type.is(URL_ENCODED);
        let mut sent = Self {
            content_type: content_type.essence().chars().take(MAX_NAME_CHARS).collect(),
            len: content.len,
            is_form,
            is_cut: is_form && (content.start.len() as u64) < content.len,
            is_too_large: request.content.is_none(),
            fields: Vec::new(),
        };
        let fields = form_urlencoded::parse(if is_form { content.start } else { b"" });
        for (idx, (name, value)) in fields.enumerate() {
            if idx == MAX_FIELDS {
                sent.is_cut = true;
                break;
            }
            let (name, value) =
                (sent.cut(&name, MAX_NAME_CHARS), sent.cut(&value, MAX_VALUE_CHARS));
            sent.fields.push((name, value));
        }
        sent
    }

    fn cut(&mut self, text: &str, max_chars: usize) -> String {
        match text.char_indices().nth(max_chars) {
            Some((end, _)) => {
                self.is_cut = true;
                text[..end].to_owned() + "…"
            }
            None => text.to_owned(),
        }
    }
}

/// The pairs of a query, in order, decoded (WHATWG URL, 5.1): `&` between pairs,
/// `+` for a space. What is not UTF-8 once decoded becomes the replacement character.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{request_body::Content, request_head::RequestHead};

    #[test]
    fn reads_what_a_form_sends() {
        for (query, expected) in [
            ("", vec![]),
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("&a&&=b&", vec![("a", ""), ("", "b")]),
            ("q=a+b%2Bc%26d&q=x=y", vec![("q", "a b+c&d"), ("q", "x=y")]),
            ("caf%C3%A9=%ff%", vec![("café", "\u{fffd}%")]),
        ] {
            let pairs: Vec<(String, String)> = pairs(query).collect();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
            assert_eq!(pairs, expected, "{query}");
        }
    }

    fn sent(content_type: &str, start: &[u8], len: u64) -> SentContent {
        let head = RequestHead::get("/", "h").with("Content-Type", content_type);
        let content = Some(Content { start, len });
        let of = |request: &Request<'_>| SentContent::of(&Request { content, ..request.clone() });
        head.with_request(of).unwrap()
    }

    #[test]
    fn the_fields_of_a_form_are_shown_up_to_a_bound() {
        let form = sent("application/x-www-form-urlencoded; charset=utf-8", b"a=1&b=%3Cc%3E+d", 15);
        assert_eq!(form.fields, [("a".into(), "1".into()), ("b".into(), "<c> d".into())]);
        assert_eq!((form.len, form.is_form, form.is_cut), (15, true, false));
        assert!(sent(URL_ENCODED, b"a=1&b=", 7).is_cut);
        let many = sent(URL_ENCODED, "a=1&".repeat(200).as_bytes(), 800);
        assert_eq!((many.fields.len(), many.is_cut), (MAX_FIELDS, true));
        let value = "é".repeat(MAX_VALUE_CHARS + 1);
        let long = sent(URL_ENCODED, value.as_bytes(), value.len() as u64);
        assert!(long.is_cut && long.fields[0].0.chars().count() == MAX_NAME_CHARS + 1);
    }

    #[test]
    fn of_all_else_the_type_and_the_length_are_shown() {
        let parts = sent("multipart/form-data; boundary=x", b"--x\r\n", 9000);
        assert_eq!((&*parts.content_type, parts.len), ("multipart/form-data", 9000));
        assert!(parts.fields.is_empty() && !parts.is_form && !parts.is_cut);
        assert_eq!(sent("", b"", 0), SentContent::default());
    }
}

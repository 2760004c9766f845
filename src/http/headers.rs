//! A request's header fields, as they stand in the connection's buffer.

use super::media_type::MediaType;

/// The header fields of one request, in the order received. Names compare
/// without regard to ASCII case (RFC 9110, 5.1).
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    fields: &'a [httparse::Header<'a>],
}

impl<'a> Headers<'a> {
    pub(super) fn new(fields: &'a [httparse::Header<'a>]) -> Self {
        Self { fields }
    }

    /// Every field line: name as received, value without the whitespace around it.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.fields.iter().map(|field| (field.name, field.value))
    }

    /// The values of every line with this name, in order.
    pub fn get_all(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The value of the first line with this name.
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.get_all(name).next()
    }

    /// The value of the first line with this name, where it is UTF-8.
    pub fn get_str(self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(|value| str::from_utf8(value).ok())
    }

    /// Whether the list-valued field `name` has the member `token`, over all
    /// its lines (RFC 9110, 5.6.1). ASCII case does not count.
    pub fn list_contains(self, name: &str, token: &str) -> bool {
        self.get_all(name)
            .any(|value| list_members(value).any(|m| m.eq_ignore_ascii_case(token.as_bytes())))
    }

    /// Whether the client shows HTML: it accepts the type by its name, as browsers do and
    /// command-line tools do not.
    pub fn wants_html(self) -> bool {
        self.accepts("text/html")
    }

    /// Whether `Accept` names this media type itself, with no weight of 0, which means that
    /// it is not acceptable (RFC 9110, 12.4.2).
    pub fn accepts(self, media_type: &str) -> bool {
        self.get_all("Accept")
            .flat_map(list_members)
            .filter_map(|range| str::from_utf8(range).ok().map(MediaType::read))
            .any(|range| range.is(media_type) && range.weight() > 0)
    }
}

/// The members of one comma-separated line; empty ones are skipped (RFC 9110, 5.6.1.2).
pub(super) fn list_members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header<'a>(name: &'a str, value: &'a str) -> httparse::Header<'a> {
        httparse::Header { name, value: value.as_bytes() }
    }

    #[test]
    fn names_compare_without_case() {
        let fields = [header("ACCEPT", "text/html")];
        assert_eq!(Headers::new(&fields).get_str("accept"), Some("text/html"));
        assert_eq!(Headers::new(&fields).get("accep"), None);
    }

    #[test]
    fn lists_read_over_several_lines() {
        let fields = [header("Connection", "a, ,"), header("connection", "\tClose ,b")];
        let headers = Headers::new(&fields);
        assert!(headers.list_contains("Connection", "close"));
        assert!(headers.list_contains("Connection", "a"));
        assert!(!headers.list_contains("Connection", "clos"));
    }

    #[test]
    fn a_type_is_accepted_by_its_name_unless_its_weight_is_zero() {
        for (value, expected) in [
            ("text/html", true),
            ("application/json, Text/HTML ; Q=0.001", true),
            ("text/html;level=1;q=0.5", true),
            ("text/html;q=0", false),
            ("text/html; q=0.000 , */*", false),
            ("text/html ;level=1\t;\tQ=0.0", false),
            ("text/html;q=0;ext=1", false),
            ("application/json;q=1, */*;q=0.5", false),
            // What is no weight refuses nothing.
            ("text/html;q=00", true),
            ("text/html;q=", true),
            ("text/html;q=-0", true),
            ("text/html;x=\"q=0\"", true),
        ] {
            let fields = [header("Accept", value)];
            assert_eq!(Headers::new(&fields).wants_html(), expected, "{value}");
        }
    }

    #[test]
    fn tokens_compare_as_ascii_only() {
        // U+212A folds to `k` in Unicode; a header token is ASCII.
        let fields = [header("Transfer-Encoding", "chun\u{212A}ed")];
        assert!(!Headers::new(&fields).list_contains("Transfer-Encoding", "chunked"));
    }
}

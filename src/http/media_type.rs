//! Media types, as `Content-Type` and `Accept` hold them (RFC 9110, 8.3.1).

use super::grammar::{is_ascii_text_byte, is_token, parse_qvalue};

/// A media type, read from the value of a field without a check of its grammar.
#[derive(Clone, Copy, Debug)]
pub struct MediaType<'a> {
    /// `text/html`, in any letter case.
    essence: &'a str,
    /// What follows the first semicolon.
    parameters: &'a str,
}

impl<'a> MediaType<'a> {
    /// Reads `value`.
    pub fn read(value: &'a str) -> Self {
        let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
        Self { essence: essence.trim(), parameters }
    }

    /// The type without parameters, as it was written.
    pub fn essence(self) -> &'a str {
        self.essence
    }

    /// Whether it is `essence`, with any parameters.
    pub fn is(self, essence: &str) -> bool {
        self.essence.eq_ignore_ascii_case(essence)
    }

    /// Whether it is of the top-level type `kind`, such as `image`.
    pub fn is_of(self, kind: &str) -> bool {
        self.essence.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(kind))
    }

    /// Whether it is XML (RFC 7303, 4.2).
    pub fn is_xml(self) -> bool {
        let essence = self.essence().to_ascii_lowercase();
        essence.ends_with("+xml") || matches!(&*essence, "application/xml" | "text/xml")
    }

    /// Whether it is text, which is worth compressing.
    pub fn is_text(self) -> bool {
        let has_suffix = |suffix: &str| {
            let at = self.essence.len().saturating_sub(suffix.len());
            self.essence.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        };
        let others = ["application/json", "application/javascript", "application/xml"];
        self.is_of("text")
            || has_suffix("+json")
            || has_suffix("+xml")
            || others.iter().any(|other| self.is(other))
    }

    /// The encoding of its text, where it says that.
    pub fn charset(self) -> Option<&'a str> {
        self.parameter("charset").map(|value| value.trim_matches('"'))
    }

    /// Its weight as a member of `Accept`, in thousandths; what cannot be read is as none.
    pub fn weight(self) -> u16 {
        self.parameter("q").and_then(|value| parse_qvalue(value.as_bytes())).unwrap_or(1000)
    }

    fn parameter(self, name: &str) -> Option<&'a str> {
        self.parameters.split(';').find_map(|parameter| {
            let (own, value) = parameter.split_once('=')?;
            own.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Whether `text` is a media type, with parameters or without, to the letter.
/// Empty parameters, which a recipient must bear with, are not.
pub fn is_media_type(text: &str) -> bool {
    let (essence, parameters) = match text.find(';') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let is_essence = essence
        .trim_end_matches(is_blank)
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    is_essence && are_parameters(parameters)
}

/// `*( OWS ";" OWS token "=" ( token / quoted-string ) )`
fn are_parameters(mut rest: &str) -> bool {
    while !rest.is_empty() {
        let Some(after) = after_parameter(rest) else {
            return false;
        };
        rest = after;
    }
    true
}

/// What follows the first parameter, whose semicolon comes first.
fn after_parameter(text: &str) -> Option<&str> {
    let parameter = text.trim_start_matches(is_blank).strip_prefix(';')?;
    let (name, value) = parameter.trim_start_matches(is_blank).split_once('=')?;
    let rest = match value.strip_prefix('"') {
        Some(quoted) => after_quoted(quoted)?,
        None => {
            let end = value.find(|c| c == ';' || is_blank(c)).unwrap_or(value.len());
            let (token, rest) = value.split_at(end);
            is_token(token).then_some(rest)?
        }
    };
    is_token(name).then_some(rest)
}

/// What follows the closing quote (RFC 9110, 5.6.4).
fn after_quoted(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(chars.as_str()),
            '\\' => drop(chars.next().filter(|&c| is_text(c))?),
            c if is_text(c) => {}
            _ => return None,
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_text(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_ascii_text_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_in_any_letter_case() {
        for (value, is_html, is_text, charset) in [
            ("text/html", true, true, None),
            ("Text/HTML ; a=b;Charset=\"UTF-8\"", true, true, Some("UTF-8")),
            ("image/svg+XML; charset=utf-16le", false, true, Some("utf-16le")),
            ("application/JSON", false, true, None),
            ("image/png; charset", false, false, None),
            ("textual/html", false, false, None),
            ("", false, false, None),
        ] {
            let read = MediaType::read(value);
            let found = (read.is("text/html"), read.is_text(), read.charset());
            assert_eq!(found, (is_html, is_text, charset), "{value}");
        }
        assert!(MediaType::read("Image/png").is_of("image"));
    }

    #[test]
    fn allows_types_with_and_without_parameters() {
        for text in [
            "text/html",
            "text/html;charset=utf-8",
            "Text/HTML;Charset=\"utf-8\"",
            "text/html; charset=\"utf-8\"",
            "image/svg+xml",
            "application/vnd.api+json; a=b ; c=\"d;\\\"=\"",
        ] {
            assert!(is_media_type(text), "{text}");
        }
    }

    #[test]
    fn forbids_what_is_no_type() {
        for text in [
            "",
            "html",
            "/",
            "text/",
            "text/html/x",
            " text/html",
            "text /html",
            "text/html;",
            "text/html; charset",
            "text/html; charset=",
            "text/html; charset = utf-8",
            "text/html; =utf-8",
            "text/html; a=\"b",
            "text/html; a=\"b\"c",
            "text/html; a=\"\u{e9}\"",
            "text/html, text/plain",
            "text/html; a=b c",
            "text/html\r\nX: y",
            "text/caf\u{e9}",
        ] {
            assert!(!is_media_type(text), "{text:?}");
        }
    }
}

//! The grammar of `Content-Type`, for the types that the configuration names.

use crate::http::HeaderName;

/// What finishes "`key` takes …".
pub const TAKES: &str = r#"a media type, such as "text/markdown; charset=utf-8""#;

/// Whether `text` is a media type, with parameters or without (RFC 9110, 8.3.1).
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
            '\\' => drop(chars.next().filter(|&c| is_visible_or_blank(c))?),
            c if is_visible_or_blank(c) => {}
            _ => return None,
        }
    }
}

fn is_token(text: &str) -> bool {
    HeaderName::from_bytes(text.as_bytes()).is_ok()
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_visible_or_blank(c: char) -> bool {
    c.is_ascii_graphic() || is_blank(c)
}

#[cfg(test)]
mod tests {
    use super::*;

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

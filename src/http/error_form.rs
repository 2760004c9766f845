//! The form of an error's body: for a style or a script a comment of its language.

use super::{StatusCode, body::Body, headers::Headers, response::Response};

/// The form in which the client of a request takes in an error.
///
/// With `X-Content-Type-Options: nosniff` a browser drops a style or a script of another
/// type before it looks at the status (Fetch, 3.6.1), and its console then complains about
/// the type of a file that is missing. All other destinations take any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorForm {
    /// Any.
    Any,
    /// A comment of CSS.
    Style,
    /// A comment of JavaScript.
    Script,
}

impl ErrorForm {
    /// Reads it from the fields of a request (Fetch Metadata, 2.1).
    pub fn of(headers: Headers<'_>) -> Self {
        match headers.get("sec-fetch-dest") {
            Some(b"style") => Self::Style,
            // The destinations that are script-like (Fetch, 2.2.5).
            Some(
                b"audioworklet" | b"paintworklet" | b"script" | b"serviceworker" | b"sharedworker"
                | b"worker",
            ) => Self::Script,
            Some(_) => Self::Any,
            // Over plain HTTP a browser does not send the field. Only for a style does it
            // then accept a type that says what is wanted (Fetch, 2.2.5).
            None if headers.accepts("text/css") => Self::Style,
            None => Self::Any,
        }
    }

    /// Puts an error into this form, and leaves any other response as it is.
    pub fn apply(self, response: &mut Response) {
        let content_type = match self {
            Self::Any => return,
            Self::Style => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
        };
        if response.status.is_client_error() || response.status.is_server_error() {
            response.body = Body::bytes(comment(response.status).into_bytes().into());
            response.set("Content-Type", content_type);
        }
    }
}

fn comment(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("/* {} {reason} */\n", status.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> ErrorForm {
        let fields: Vec<_> = fields
            .iter()
            .map(|&(name, value)| httparse::Header { name, value: value.as_bytes() })
            .collect();
        ErrorForm::of(Headers::new(&fields))
    }

    #[test]
    fn a_style_and_what_is_like_a_script_have_a_form_of_their_own() {
        for (dest, expected) in [
            ("style", ErrorForm::Style),
            ("audioworklet", ErrorForm::Script),
            ("paintworklet", ErrorForm::Script),
            ("script", ErrorForm::Script),
            ("serviceworker", ErrorForm::Script),
            ("sharedworker", ErrorForm::Script),
            ("worker", ErrorForm::Script),
            ("audio", ErrorForm::Any),
            ("document", ErrorForm::Any),
            ("embed", ErrorForm::Any),
            ("empty", ErrorForm::Any),
            ("font", ErrorForm::Any),
            ("iframe", ErrorForm::Any),
            ("image", ErrorForm::Any),
            ("json", ErrorForm::Any),
            ("manifest", ErrorForm::Any),
            ("object", ErrorForm::Any),
            ("track", ErrorForm::Any),
            ("video", ErrorForm::Any),
            ("xslt", ErrorForm::Any),
        ] {
            assert_eq!(form(&[("Sec-Fetch-Dest", dest)]), expected, "{dest}");
            let and_css = [("Accept", "text/css,*/*;q=0.1"), ("Sec-Fetch-Dest", dest)];
            assert_eq!(form(&and_css), expected, "{dest}");
        }
    }

    #[test]
    fn without_a_destination_only_a_style_shows() {
        assert_eq!(form(&[("Accept", "text/css,*/*;q=0.1")]), ErrorForm::Style);
        assert_eq!(form(&[("Accept", "text/css;q=0,*/*")]), ErrorForm::Any);
        assert_eq!(form(&[("Accept", "*/*")]), ErrorForm::Any);
        assert_eq!(form(&[]), ErrorForm::Any);
    }

    #[test]
    fn errors_become_comments_and_nothing_else_does() {
        for (form, content_type) in [
            (ErrorForm::Style, "text/css; charset=utf-8"),
            (ErrorForm::Script, "text/javascript; charset=utf-8"),
        ] {
            let mut response = Response::html(StatusCode::NOT_FOUND, "*/ evil").with("Vary", "x");
            form.apply(&mut response);
            assert_eq!(response.body.read().unwrap(), b"/* 404 Not Found */\n");
            assert_eq!(response.get("Content-Type"), Some(content_type));
            assert_eq!(response.get("Vary"), Some("x"));
        }
        for (form, status) in [
            (ErrorForm::Any, StatusCode::NOT_FOUND),
            (ErrorForm::Style, StatusCode::OK),
            (ErrorForm::Script, StatusCode::MOVED_PERMANENTLY),
        ] {
            let mut response = Response::html(status, "page");
            form.apply(&mut response);
            assert_eq!(response.body.read().unwrap(), b"page");
            assert_eq!(response.get("Content-Type"), Some("text/html; charset=utf-8"));
        }
    }
}

//! Files that are served as they are.

use std::{borrow::Cow, sync::Arc};

use crate::http::{StatusCode, body::Body, response::Response};

use super::root::OpenFile;

/// Serves the file as it is, read only as it is sent.
pub(super) fn respond(status: StatusCode, open: OpenFile) -> Response {
    let content_type = content_type(&open.name);
    respond_as(status, content_type, open)
}

/// The same for an HTML file whose encoding is not known: whatever the file says
/// of itself then counts.
pub(super) fn respond_html_of_unknown_encoding(status: StatusCode, open: OpenFile) -> Response {
    respond_as(status, "text/html", open)
}

fn respond_as(
    status: StatusCode,
    content_type: impl Into<Cow<'static, str>>,
    open: OpenFile,
) -> Response {
    let body = Body::file(Arc::new(open.file), open.stamp.size());
    let mut response = Response::new(status, content_type, body).with("Cache-Control", "no-cache");
    response.note.source = Some(open.name);
    response
}

/// The media type that goes with a name. Never asks the operating system, which
/// knows `.js` as text/plain on some machines.
fn content_type(name: &str) -> Cow<'static, str> {
    let Some(essence) = mime_guess::from_path(name).first_raw() else {
        return "application/octet-stream".into();
    };
    if is_text(essence) { format!("{essence}; charset=utf-8").into() } else { essence.into() }
}

fn is_text(essence: &str) -> bool {
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || ["application/json", "application/javascript", "application/xml"].contains(&essence)
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
            ("a.mjs", "application/javascript; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("a.webmanifest", "application/manifest+json; charset=utf-8"),
            ("a.svg", "image/svg+xml; charset=utf-8"),
            ("a.xml", "text/xml; charset=utf-8"),
            ("A.PNG", "image/png"),
            ("a.wasm", "application/wasm"),
            ("a.woff2", "font/woff2"),
            ("a.unheard-of", "application/octet-stream"),
            ("LICENSE", "application/octet-stream"),
            ("b.c/LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name), expected, "{name}");
        }
    }
}

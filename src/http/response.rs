//! A response, and the bytes of its head.

use std::borrow::Cow;

use super::{StatusCode, body::Body, date::DateField};

/// A whole response, but for the fields that every one has alike: `Date`,
/// `Server`, `Content-Length` and `Connection` are written with the head.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// What follows the head.
    pub body: Body,
    /// What the access log and the terminal say of this response.
    pub note: Note,
    fields: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

/// What a response says to the person at the terminal, and not to the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The files that made it, for the access log: `about.html + _layout.html`.
    pub source: Option<String>,
    /// A report or warning, printed as it is.
    pub message: Option<String>,
}

/// Whether the connection stays open after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// It stays, as HTTP/1.1 does unasked.
    KeepAlive,
    /// It stays, as an HTTP/1.0 client asked and must be told (RFC 9112, C.2.2).
    KeepAliveSaid,
    /// It closes.
    Close,
}

impl Response {
    /// A response with this body, and no field but its type.
    pub fn new(status: StatusCode, content_type: impl Into<Cow<'static, str>>, body: Body) -> Self {
        let mut response = Self { status, body, note: Note::default(), fields: Vec::new() };
        response.set("Content-Type", content_type);
        response
    }

    /// A response that has no body, nor any field that would describe one.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, body: Body::empty(), note: Note::default(), fields: Vec::new() }
    }

    /// A response of plain text.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        let body = Body::bytes(text.into().into_bytes().into());
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// A response of HTML, in UTF-8.
    pub fn html(status: StatusCode, html: impl Into<String>) -> Self {
        let body = Body::bytes(html.into().into_bytes().into());
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// Sets a field, in place of any with the same name. The value must hold no
    /// CR, LF or NUL; whoever takes it from outside checks that first.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.remove(&name);
        self.fields.push((name, value.into()));
    }

    /// [`Response::set`], for a chain.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a field line, beside any with the same name (RFC 9110, 5.3). The value
    /// must hold no CR, LF or NUL, as with [`Response::set`].
    pub fn append(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) {
        self.fields.push((name.into(), value.into()));
    }

    /// Takes every field of this name away.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    /// The value of the field of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_ref())
    }

    /// Writes the head with its blank line (RFC 9112, 4 and 5).
    pub fn write_head(&self, out: &mut Vec<u8>, date: &DateField, persistence: Persistence) {
        let reason = self.status.canonical_reason().unwrap_or_default();
        extend(out, &["HTTP/1.1 ", self.status.as_str(), " ", reason, "\r\n"]);
        extend(out, &["Server: pagepool\r\nDate: ", date.as_str(), "\r\n"]);
        for (name, value) in &self.fields {
            extend(out, &[name, ": ", value, "\r\n"]);
        }
        // RFC 9110, 8.6: a 101 has none, and a 304 may only say the length that the 200
        // would have had, which is better left unsaid than got wrong.
        if !matches!(self.status, StatusCode::SWITCHING_PROTOCOLS | StatusCode::NOT_MODIFIED) {
            extend(out, &["Content-Length: ", &self.body.len().to_string(), "\r\n"]);
        }
        extend(
            out,
            &[match persistence {
                Persistence::KeepAlive => "\r\n",
                Persistence::KeepAliveSaid => "Connection: keep-alive\r\n\r\n",
                Persistence::Close => "Connection: close\r\n\r\n",
            }],
        );
    }
}

fn extend(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn head(response: &Response) -> String {
        let mut out = Vec::new();
        response.write_head(&mut out, &DateField::new(UNIX_EPOCH), Persistence::Close);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_field_is_set_once_or_appended_to_others() {
        let mut response = Response::text(StatusCode::OK, "").with("Link", "<a>");
        response.append("link", "<b>");
        assert!(head(&response).contains("\r\nLink: <a>\r\nlink: <b>\r\n"));
        response.set("LINK", "<c>");
        assert_eq!(head(&response).to_lowercase().matches("link:").count(), 1);
        assert_eq!(response.get("link"), Some("<c>"));
    }

    #[test]
    fn writes_the_head() {
        let response = Response::text(StatusCode::NOT_FOUND, "gone")
            .with("Cache-Control", "no-cache")
            .with("cache-control", "no-store");
        assert_eq!(
            head(&response),
            "HTTP/1.1 404 Not Found\r\nServer: pagepool\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
             Content-Type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n\
             Content-Length: 4\r\nConnection: close\r\n\r\n"
        );
    }
}

//! A response whose head is bytes already: what is kept and sent over and over
//! costs a copy of them, and nothing is put together again.

use std::{borrow::Cow, sync::Arc};

use super::{
    StatusCode,
    body::Body,
    date::DateField,
    response::{self, Note, Response},
};

/// A response that will not change any more. What still differs from one time that
/// it is sent to the next ends its head: the date, and whether the connection stays.
#[derive(Debug)]
pub struct Prepared {
    /// The status.
    pub status: StatusCode,
    /// What follows the head.
    pub body: Body,
    /// What the access log and the terminal show of it. It outlives the rest on its way there.
    pub note: Arc<Note>,
    fields: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// Up to the value of `Date`.
    head: Box<[u8]>,
}

/// Whether the connection stays open after the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// It stays, as HTTP/1.1 does unasked.
    KeepAlive,
    /// It stays open, as an HTTP/1.0 client asked, which must see it (RFC 9112, C.2.2).
    KeepAliveSaid,
    /// It closes.
    Close,
}

impl Prepared {
    /// The value of the field of this name, as [`Response::get`] has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        response::value_of(&self.fields, name)
    }

    /// Writes the head with its blank line (RFC 9112, 4 and 5).
    pub fn write_head(&self, out: &mut Vec<u8>, date: &DateField, persistence: Persistence) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(date.as_str().as_bytes());
        out.extend_from_slice(match persistence {
            Persistence::KeepAlive => b"\r\n\r\n",
            Persistence::KeepAliveSaid => b"\r\nConnection: keep-alive\r\n\r\n",
            Persistence::Close => b"\r\nConnection: close\r\n\r\n",
        });
    }
}

impl From<Response> for Prepared {
    fn from(response: Response) -> Self {
        let head = head_of(&response).into();
        let Response { status, body, note, fields, .. } = response;
        Self { status, body, note: note.into(), fields, head }
    }
}

impl From<Response> for Arc<Prepared> {
    fn from(response: Response) -> Self {
        Self::new(response.into())
    }
}

fn head_of(response: &Response) -> Vec<u8> {
    let mut head = Vec::with_capacity(512);
    let mut add = |parts: &[&str]| parts.iter().for_each(|part| head.extend(part.as_bytes()));
    let status = response.status;
    let reason = status.canonical_reason().unwrap_or_default();
    add(&["HTTP/1.1 ", status.as_str(), " ", reason, "\r\nServer: pagepool\r\n"]);
    for (name, value) in response.fields() {
        add(&[name, ": ", value, "\r\n"]);
    }
    // RFC 9110, 8.6: a 101 has none, and a 304 may only say the length that the 200
    // would have had, which is better left unsaid than got wrong.
    let may_say = !matches!(status, StatusCode::SWITCHING_PROTOCOLS | StatusCode::NOT_MODIFIED);
    if may_say && !response.omits_length {
        add(&["Content-Length: ", &response.body.len().to_string(), "\r\n"]);
    }
    add(&["Date: "]);
    head
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn head(response: Response, persistence: Persistence) -> String {
        let mut out = Vec::new();
        let date = DateField::new(UNIX_EPOCH);
        Prepared::from(response).write_head(&mut out, &date, persistence);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn writes_the_head() {
        let response = Response::text(StatusCode::NOT_FOUND, "gone")
            .with("Cache-Control", "no-cache")
            .with("cache-control", "no-store");
        assert_eq!(
            head(response, Persistence::Close),
            "HTTP/1.1 404 Not Found\r\nServer: pagepool\r\n\
             Content-Type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n\
             Content-Length: 4\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
             Connection: close\r\n\r\n"
        );
    }

    #[test]
    fn a_304_says_no_length_and_http_1_1_stays_unasked() {
        assert_eq!(
            head(Response::empty(StatusCode::NOT_MODIFIED), Persistence::KeepAlive),
            "HTTP/1.1 304 Not Modified\r\nServer: pagepool\r\n\
             Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"
        );
    }
}

//! The opening handshake of a WebSocket, as it looks to the server (RFC 6455, 4.2).
//!
//! Knows the fields and nothing of frames, which `server` exchanges after the 101.

use std::fmt;

use data_encoding::BASE64;
use sha1::{Digest, Sha1};

use super::{
    Method, StatusCode,
    headers::Headers,
    host::Host,
    request::{Request, Version},
    response::Response,
};

/// RFC 6455, 1.3: what the server shows that it knows.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The one version there is (RFC 6455, 4.1).
const VERSION: &str = "13";

/// Bytes of the random value behind a key (RFC 6455, 4.1).
const KEY_BYTES: usize = 16;

/// A request that opens no WebSocket. The [`Display`](fmt::Display) form says
/// what is wrong and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeError<'a> {
    /// The method is not GET (RFC 6455, 4.2.1).
    Method,
    /// HTTP/1.0, which has no upgrade (RFC 9110, 7.8).
    HttpVersion,
    /// `Upgrade` or `Connection` does not ask for a WebSocket.
    NotAsked,
    /// `Sec-WebSocket-Version` is another than 13 (RFC 6455, 4.4).
    Version,
    /// `Sec-WebSocket-Key` is not one line with 16 bytes of base64.
    Key,
    /// There is no `Host` to compare the origin with.
    HostMissing,
    /// The page that asks is of another site (RFC 6455, 10.2).
    ForeignOrigin {
        /// The field `Origin`; `null` where that cannot be read.
        origin: &'a str,
        /// Host and port that the request was for.
        host: &'a str,
    },
}

/// Answers a handshake with 101 (Switching Protocols). No subprotocol and no
/// extension is agreed upon.
///
/// # Errors
/// A [`HandshakeError`] where the request is no handshake, a malformed one, or
/// one of a page of another site.
pub fn accept<'a>(request: &Request<'a>) -> Result<Response, HandshakeError<'a>> {
    let headers = request.headers;
    if request.method != Method::GET {
        return Err(HandshakeError::Method);
    }
    if request.version < Version::Http11 {
        return Err(HandshakeError::HttpVersion);
    }
    let asks = headers.list_contains("upgrade", "websocket")
        && headers.list_contains("connection", "upgrade");
    if !asks {
        return Err(HandshakeError::NotAsked);
    }
    if only(headers, "sec-websocket-version") != Some(VERSION) {
        return Err(HandshakeError::Version);
    }
    let key = only(headers, "sec-websocket-key").filter(|key| is_key(key));
    let key = key.ok_or(HandshakeError::Key)?;
    check_origin(headers, request.host.ok_or(HandshakeError::HostMissing)?)?;
    Ok(Response::empty(StatusCode::SWITCHING_PROTOCOLS)
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Accept", accept_value(key)))
}

/// Refuses a page of another site. Browsers let any page open a WebSocket to
/// anywhere and read from it, and say in `Origin` whose page it is; what is no
/// browser sends no `Origin`, and could have sent any.
///
/// The origin's scheme counts for its default port only: behind a proxy that
/// speaks HTTPS, this server does not know under which scheme it is reached.
///
/// # Errors
/// [`HandshakeError::ForeignOrigin`]
fn check_origin<'a>(headers: Headers<'a>, host: Host<'a>) -> Result<(), HandshakeError<'a>> {
    if headers.get("origin").is_none() {
        return Ok(());
    }
    let origin = only(headers, "origin").unwrap_or("null");
    let error = HandshakeError::ForeignOrigin { origin, host: host.as_str() };
    is_same_site(origin, host).then_some(()).ok_or(error)
}

fn is_same_site(origin: &str, host: Host<'_>) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let port = |host: Host<'_>| host.port().unwrap_or(default_port);
    Host::parse(authority).is_some_and(|origin| {
        origin.name().eq_ignore_ascii_case(host.name()) && port(origin) == port(host)
    })
}

/// The value of the field `name` where it has one line, and that is text.
fn only<'a>(headers: Headers<'a>, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    str::from_utf8(value).ok().filter(|_| values.next().is_none())
}

fn is_key(key: &str) -> bool {
    BASE64.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == KEY_BYTES)
}

/// The value of `Sec-WebSocket-Accept` for this key (RFC 6455, 4.2.2).
fn accept_value(key: &str) -> String {
    BASE64.encode(&Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

impl HandshakeError<'_> {
    /// The status that answers this error.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAsked | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::ForeignOrigin { .. } => StatusCode::FORBIDDEN,
            Self::HttpVersion | Self::Key | Self::HostMissing => StatusCode::BAD_REQUEST,
        }
    }

    /// Adds the fields that an answer to this error must have.
    #[must_use]
    pub fn complete(self, response: Response) -> Response {
        match self {
            Self::Method => response.with("Allow", "GET"),
            // RFC 9110, 7.8: a sender of `Upgrade` names it in `Connection`.
            Self::NotAsked | Self::Version => response
                .with("Upgrade", "websocket")
                .with("Connection", "Upgrade")
                .with("Sec-WebSocket-Version", VERSION),
            _ => response,
        }
    }
}

impl fmt::Display for HandshakeError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Method => "a WebSocket is opened with GET",
            Self::HttpVersion => {
                "a WebSocket is opened with HTTP/1.1; a proxy in between must speak it (nginx: \
                 `proxy_http_version 1.1`)"
            }
            Self::NotAsked => {
                "this path is for WebSockets; a request for one has `Connection: Upgrade` and \
                 `Upgrade: websocket`, which a proxy in between must pass on"
            }
            Self::Version => "the version of WebSocket spoken here is 13",
            Self::Key => "`Sec-WebSocket-Key` must be one line with 16 bytes of base64",
            Self::HostMissing => "the field `Host` is missing",
            Self::ForeignOrigin { origin: "null", .. } => {
                "a page without an origin of its own may not open a WebSocket here; in a frame \
                 with `sandbox`, the word `allow-same-origin` there gives it one"
            }
            Self::ForeignOrigin { origin, host } => {
                return write!(
                    f,
                    "a page of `{origin}` may not open a WebSocket to `{host}`, only the pages of \
                     that host may; a proxy in between must pass `Host` on as it came, since it \
                     is compared with `Origin`"
                );
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::{FieldSlots, Limits, parse};

    const LIMITS: Limits = Limits {
        max_target_bytes: 100,
        max_head_bytes: 1000,
        max_header_fields: 20,
        max_body_bytes: 0,
    };

    /// The handshake of RFC 6455, 1.3, with `from` replaced by `to`.
    fn outcome(from: &str, to: &str) -> Result<String, (u16, String)> {
        let head = "GET /chat HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\n\
                    Connection: keep-alive, Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    Origin: http://server.example\r\nSec-WebSocket-Version: 13\r\n\r\n";
        assert!(head.contains(from), "{from:?}");
        let head = head.replace(from, to);
        let mut slots = FieldSlots::default();
        let (request, _) = parse(head.as_bytes(), &mut slots, &LIMITS).unwrap().unwrap();
        match accept(&request) {
            Ok(response) => {
                assert_eq!(response.status, StatusCode::SWITCHING_PROTOCOLS);
                assert_eq!(response.get("Upgrade"), Some("websocket"));
                assert_eq!(response.get("Connection"), Some("Upgrade"));
                Ok(response.get("Sec-WebSocket-Accept").unwrap().to_owned())
            }
            Err(error) => Err((error.status().as_u16(), error.to_string())),
        }
    }

    #[test]
    fn accepts_a_handshake_whatever_the_case_of_its_words() {
        let accepted = Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned());
        for (from, to) in [
            ("", ""),
            ("Upgrade: websocket", "Upgrade: h2c, WebSocket"),
            ("keep-alive, Upgrade", "upgrade"),
            ("Origin: http://server.example\r\n", ""),
        ] {
            assert_eq!(outcome(from, to), accepted, "{to:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_handshake() {
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        for (from, to, status) in [
            ("GET", "POST", 405),
            ("GET", "HEAD", 405),
            ("HTTP/1.1", "HTTP/1.0", 400),
            ("Upgrade: websocket\r\n", "", 426),
            ("Upgrade: websocket", "Upgrade: websockets", 426),
            ("keep-alive, Upgrade", "keep-alive", 426),
            (": 13", ": 8", 426),
            (": 13", ": 13, 8", 426),
            (": 13\r\n", ": 13\r\nSec-WebSocket-Version: 13\r\n", 426),
            ("Sec-WebSocket-Version: 13\r\n", "", 426),
            (key, "", 400),
            (key, &key.repeat(2), 400),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ", 400),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400),
            ("dGhlIHNhbXBsZSBub25jZQ==", "", 400),
        ] {
            let refused = outcome(from, to).unwrap_err();
            assert_eq!(refused.0, status, "{to:?}: {}", refused.1);
        }
    }

    #[test]
    fn a_client_of_another_version_is_told_which_one_is_spoken() {
        let response = HandshakeError::Version.complete(Response::text(StatusCode::OK, ""));
        assert_eq!(response.get("Sec-WebSocket-Version"), Some("13"));
        assert_eq!(response.get("Upgrade"), Some("websocket"));
    }

    fn may_open(origin: &str, host: &str) -> bool {
        is_same_site(origin, Host::parse(host).unwrap())
    }

    #[test]
    fn allows_pages_of_the_same_site() {
        for (origin, host) in [
            ("http://localhost:8889", "localhost:8889"),
            ("http://LOCALHOST:8889", "localhost:8889"),
            ("http://[::1]:8889", "[::1]:8889"),
            ("http://site.example", "site.example"),
            ("http://site.example", "site.example:80"),
            ("http://site.example:80", "site.example:"),
            ("https://site.example", "site.example"),
            ("https://site.example", "site.example:443"),
        ] {
            assert!(may_open(origin, host), "{origin} to {host}");
        }
    }

    #[test]
    fn forbids_pages_of_other_sites() {
        for (origin, host) in [
            ("http://evil.example", "localhost:8889"),
            ("http://localhost:3000", "localhost:8889"),
            ("http://localhost", "localhost:8889"),
            ("http://127.0.0.1:8889", "localhost:8889"),
            ("http://localhost:8889.evil.example", "localhost:8889"),
            ("http://localhost:8889@evil.example", "localhost:8889"),
            ("http://site.example", "site.example:443"),
            ("ftp://site.example", "site.example"),
            ("file://", "site.example"),
            ("null", "site.example"),
            ("site.example", "site.example"),
            ("", "site.example"),
        ] {
            assert!(!may_open(origin, host), "{origin} to {host}");
        }
    }

    #[test]
    fn says_which_pages_may() {
        let (status, reason) = outcome("http://server.example", "http://evil.example").unwrap_err();
        assert_eq!(status, 403);
        assert!(reason.starts_with(
            "a page of `http://evil.example` may not open a WebSocket to `server.example`"
        ));
        let two = "\r\nOrigin: http://server.example\r\nOrigin: http://server.example";
        assert_eq!(outcome("\r\nOrigin: http://server.example", two).unwrap_err().0, 403);
    }
}

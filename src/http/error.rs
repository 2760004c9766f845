//! Errors of reading a request: one variant per part of the grammar.

use std::fmt;

use super::StatusCode;

/// A request that breaks the grammar or a limit. Each has one status; the
/// [`Display`](fmt::Display) form says what is wrong and what would be right.
///
/// After any of these the connection closes: where one request ends and the
/// next begins can no longer be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// A greeting of TLS (RFC 8446, 5.1): the URL begins with `https`.
    Tls,
    /// The preface of HTTP/2 (RFC 9113, 3.4).
    Http2,
    /// The header of the PROXY protocol, of version 1 or 2.
    ProxyHeader,
    /// A greeting of SOCKS (RFC 1928, 3), version 4 or 5.
    Socks,
    /// The method is empty, too long, or not a token (RFC 9110, 9.1).
    MethodSyntax,
    /// The target holds a byte that no target may hold, or has a form that its
    /// method does not take (RFC 9112, 3.2).
    TargetSyntax,
    /// The target is longer than `max_target_bytes` (RFC 9110, 15.5.15).
    TargetTooLong,
    /// The line does not end in `HTTP/` digit `.` digit (RFC 9112, 2.3).
    VersionSyntax,
    /// The major version is not 1 (RFC 9110, 15.6.6).
    VersionUnsupported,
    /// A line ends in LF without CR, or a CR stands alone (RFC 9112, 2.2).
    LineEnd,
    /// A field name is not a token, is followed by whitespace, or a line is
    /// folded (RFC 9112, 5.1 and 5.2).
    FieldName,
    /// A field value holds a control character (RFC 9110, 5.5).
    FieldValue,
    /// More fields than `max_header_fields` (RFC 6585, 5).
    TooManyFields,
    /// The head is longer than `max_head_bytes` (RFC 6585, 5).
    HeadTooLarge,
    /// The same, and more than half of it are cookies.
    CookiesTooLarge,
    /// HTTP/1.1 without `Host` (RFC 9112, 3.2).
    HostMissing,
    /// More than one `Host` line (RFC 9112, 3.2).
    HostRepeated,
    /// `Host` is not `uri-host [ ":" port ]` (RFC 9110, 7.2).
    HostSyntax,
    /// `Content-Length` is not one line of digits (RFC 9112, 6.3).
    ContentLength,
    /// `Transfer-Encoding` is not exactly `chunked` on HTTP/1.1 (RFC 9112, 6.1).
    TransferEncoding,
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112, 6.1).
    LengthAndCoding,
    /// The chunked body breaks its grammar (RFC 9112, 7.1).
    ChunkSyntax,
    /// The body is longer than `max_body_bytes` (RFC 9110, 15.5.14).
    BodyTooLarge,
    /// The head or body did not arrive in time (RFC 9110, 15.5.9).
    Timeout,
}

/// Why a connection gets an answer and then ends, though no request was handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// One sentence without a full stop.
    pub reason: &'static str,
    /// Whether whoever runs the server should know: they can do something about it, and the
    /// client may not show the reason.
    pub is_for_owner: bool,
}

impl RequestError {
    /// The status that answers this error.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::Http2 | Self::VersionUnsupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::TooManyFields | Self::HeadTooLarge | Self::CookiesTooLarge => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What is wrong and what would be right, without a full stop.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Tls => {
                "a client began with TLS, and this server speaks plain HTTP: open the site with \
                 http:// in place of https:// (a browser that insists was told to by another \
                 server of that name: clear its site data), or put a proxy for HTTPS in front"
            }
            Self::Http2 => {
                "a client began with HTTP/2, and this server speaks HTTP/1.1: let the proxy use \
                 that (Caddy: http:// in place of h2c://; curl: no `--http2-prior-knowledge`)"
            }
            Self::ProxyHeader => {
                "a proxy began with a header of the PROXY protocol, which this server does not \
                 read: switch it off in the proxy (nginx: `proxy_protocol off`; HAProxy: no \
                 `send-proxy`)"
            }
            Self::Socks => {
                "a client takes this server for a SOCKS proxy: take it out of the proxy settings \
                 of the browser or the system"
            }
            Self::MethodSyntax => {
                "the request line must begin with a method such as `GET` and one space"
            }
            Self::TargetSyntax => {
                "the request target must be a path such as `/about`: visible ASCII without `#`, \
                 with `%` only before two hex digits (a literal one is `%25`)"
            }
            Self::TargetTooLong => "the request target is longer than `max_target_bytes`",
            Self::VersionSyntax => "the request line must end in ` HTTP/1.1`",
            Self::VersionUnsupported => "this server speaks HTTP/1.1 and HTTP/1.0",
            Self::LineEnd => "each line of the head must end in CR LF",
            Self::FieldName => {
                "each header line must be `Name: value`, with no space before the colon and no folding"
            }
            Self::FieldValue => "a header value holds a control character",
            Self::TooManyFields => "the request has more header fields than `max_header_fields`",
            Self::HeadTooLarge => "the request head is longer than `max_head_bytes`",
            Self::CookiesTooLarge => {
                "the cookies of this host make the request head longer than `max_head_bytes`; the \
                 servers on all ports of `localhost` share them: delete its cookies in the \
                 browser, open the site as 127.0.0.1, or raise `max_head_bytes`"
            }
            Self::HostMissing => "an HTTP/1.1 request needs a `Host` header",
            Self::HostRepeated => "a request may have one `Host` header only",
            Self::HostSyntax => "`Host` must be a name or address, with `:port` or without",
            Self::ContentLength => "`Content-Length` must be one decimal number, once",
            Self::TransferEncoding => {
                "`Transfer-Encoding` must be `chunked` and nothing else, on HTTP/1.1 only"
            }
            Self::LengthAndCoding => {
                "a request may have `Content-Length` or `Transfer-Encoding`, not both"
            }
            Self::ChunkSyntax => "the chunked body is malformed",
            Self::BodyTooLarge => "the request body is longer than `max_body_bytes`",
            Self::Timeout => "the request did not arrive in time",
        }
    }

    /// Whether the client may not show the reason, and a setting is to be changed, here or
    /// there. All else is a client that is broken, and the access log has a line of it.
    fn is_for_owner(self) -> bool {
        let is_foreign = matches!(self, Self::Tls | Self::Http2 | Self::ProxyHeader | Self::Socks);
        let is_beyond_limit = matches!(
            self,
            Self::TargetTooLong
                | Self::TooManyFields
                | Self::HeadTooLarge
                | Self::CookiesTooLarge
                | Self::BodyTooLarge
        );
        is_foreign || is_beyond_limit
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let (status, reason) = (error.status(), error.reason());
        Self { status, reason, is_for_owner: error.is_for_owner() }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for RequestError {}

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

impl RequestError {
    /// The status that answers this error.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::VersionUnsupported => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::TooManyFields | Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MethodSyntax => {
                "the request line must begin with a method such as `GET` and one space \
                 (a browser that speaks https here sends none: use http://)"
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
        })
    }
}

impl std::error::Error for RequestError {}

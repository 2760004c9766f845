//! Other protocols that people lead to the port by mistake: what they begin with.

use super::error::RequestError;

/// What is wrong with bytes that begin with no method: a greeting of TLS (RFC 8446, 5.1:
/// type 22), of SOCKS 4 or 5 (RFC 1928, 3), or the binary header of the PROXY protocol
/// (2.2), after its first empty line.
pub(super) fn without_method(buf: &[u8]) -> RequestError {
    match buf {
        [22, ..] => RequestError::Tls,
        [4 | 5, ..] => RequestError::Socks,
        [b'\r', b'\n', 0, ..] => RequestError::ProxyHeader,
        _ => RequestError::MethodSyntax,
    }
}

/// What is wrong with a line that ends in no version of HTTP/1: it is the header of the
/// PROXY protocol (2.1), `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443`, or the preface of
/// HTTP/2 (RFC 9113, 3.4).
pub(super) fn without_version(method: &[u8], error: RequestError) -> RequestError {
    match (method, error) {
        (b"PROXY", RequestError::VersionSyntax) => RequestError::ProxyHeader,
        (b"PRI", RequestError::VersionUnsupported) => RequestError::Http2,
        (_, error) => error,
    }
}

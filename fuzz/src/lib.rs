//! What the fuzz targets share: a request's fields from the bytes of their values.

use pagepool::http::{headers::Headers, request::Limits, request_head::RequestHead};

/// Limits small enough for a fuzzer to reach them.
pub const LIMITS: Limits = Limits {
    max_target_bytes: 64,
    max_head_bytes: 512,
    max_header_fields: 8,
    max_body_bytes: 1024,
};

/// Calls `read` with the fields of a request that has a line with the field `name`
/// for each of `values`, and gives what it gives; `None` where no field may have
/// such a value.
pub fn with_fields<R>(
    name: &str,
    values: &[&[u8]],
    read: impl FnOnce(Headers<'_>) -> R,
) -> Option<R> {
    if values.iter().any(|value| value.contains(&b'\n')) {
        return None;
    }
    let start = RequestHead::get("/", "h");
    let head = values.iter().fold(start, |head, value| head.with(name, value));
    head.with_request(|request| read(request.headers))
}

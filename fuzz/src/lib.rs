//! What the fuzz targets share: a request's fields from the bytes of their values.

use pagepool::http::{
    headers::Headers,
    request::{self, FieldSlots, Limits},
};

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
    let limits = Limits { max_head_bytes: usize::MAX, max_header_fields: 100, ..LIMITS };
    let mut head = b"GET / HTTP/1.1\r\nHost: h\r\n".to_vec();
    for value in values {
        if value.contains(&b'\n') {
            return None;
        }
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    let mut slots = FieldSlots::default();
    let (request, _) = request::parse(&head, &mut slots, &limits).ok()??;
    Some(read(request.headers))
}

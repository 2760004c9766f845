//! Parts of the grammar that several fields share.

/// `tchar` (RFC 9110, 5.6.2).
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Whether each `%` is followed by two hex digits (RFC 3986, 2.1).
pub(super) fn percent_triplets_are_whole(path: &str) -> bool {
    // Nearly all paths have none, and are too short for a search to pay.
    if path.bytes().all(|byte| byte != b'%') {
        return true;
    }
    path.split('%').skip(1).all(|rest| {
        rest.as_bytes()
            .first_chunk::<2>()
            .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    })
}

//! Parts of the grammar that several fields share, and rules of the configuration too.

/// `tchar` (RFC 9110, 5.6.2).
pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// `token` (RFC 9110, 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// What a field value and a quoted string may hold (RFC 9110, 5.5 and 5.6.4).
pub(super) fn is_text_byte(byte: u8) -> bool {
    is_ascii_text_byte(byte) || byte >= 0x80
}

/// The part of that which all read alike.
pub(crate) fn is_ascii_text_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

/// Whether two hex digits come first, as they follow a `%` (RFC 3986, 2.1).
pub(crate) fn starts_with_hex_pair(text: &str) -> bool {
    let pair = text.as_bytes().first_chunk::<2>();
    pair.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}

/// Whether each `%` is followed by two hex digits.
pub(super) fn percent_triplets_are_whole(path: &str) -> bool {
    // Nearly all paths have none, and are too short for a search to pay.
    if path.bytes().all(|byte| byte != b'%') {
        return true;
    }
    path.split('%').skip(1).all(starts_with_hex_pair)
}

/// `( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )` (RFC 9110, 12.4.2), in thousandths.
pub(super) fn parse_qvalue(qvalue: &[u8]) -> Option<u16> {
    let (whole, digits) = match qvalue {
        [whole] => (whole, &[][..]),
        [whole, b'.', digits @ ..] if digits.len() <= 3 => (whole, digits),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let thousandths = [100, 10, 1].into_iter().zip(digits);
    let fraction = thousandths.map(|(unit, &digit)| unit * u16::from(digit - b'0')).sum();
    match (whole, fraction) {
        (b'0', fraction) => Some(fraction),
        (b'1', 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_qvalue_of_the_grammar() {
        for thousandths in 0..=1000u16 {
            let full = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            assert_eq!(parse_qvalue(full.as_bytes()), Some(thousandths), "{full}");
            let short = full.trim_end_matches('0');
            assert_eq!(parse_qvalue(short.as_bytes()), Some(thousandths), "{short}");
        }
        assert_eq!(parse_qvalue(b"0"), Some(0));
        assert_eq!(parse_qvalue(b"1"), Some(1000));
    }
}

//! Several ranges in one body: `multipart/byteranges` (RFC 9110, 14.6).
//!
//! Frames the parts and knows their exact length; the bytes between the frames
//! are for the sender to fetch.

use std::ops::Range;

use super::range::ContentRange;

/// The frame of a body of several ranges. What is sent is, for each part, its head
/// and then its range of the representation, and at last the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multipart {
    boundary: String,
    parts: Vec<Part>,
    end: String,
}

/// One range and what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The delimiter, the part's fields and their blank line.
    pub head: String,
    /// The bytes of the representation that follow the head.
    pub range: Range<u64>,
}

impl Multipart {
    /// Frames `ranges` of a representation of `len` bytes, in their order.
    ///
    /// The boundary is made of `seed`, and must not be found in the bytes (RFC 2046,
    /// 5.1.1): a hash of them, or of what decides them, will do.
    pub fn new(seed: u128, content_type: &str, ranges: Vec<Range<u64>>, len: u64) -> Self {
        Self::with_boundary(format!("{seed:032x}"), content_type, ranges, len)
    }

    fn with_boundary(
        boundary: String,
        content_type: &str,
        ranges: Vec<Range<u64>>,
        len: u64,
    ) -> Self {
        let frame = |(idx, range): (usize, Range<u64>)| {
            // The line break before a delimiter belongs to the delimiter (RFC 2046, 5.1.1).
            let line_break = if idx == 0 { "" } else { "\r\n" };
            let content_range = ContentRange::Satisfied { range: range.clone(), len };
            let head = format!(
                "{line_break}--{boundary}\r\nContent-Type: {content_type}\r\n\
                 Content-Range: {content_range}\r\n\r\n"
            );
            Part { head, range }
        };
        let parts = ranges.into_iter().enumerate().map(frame).collect();
        let end = format!("\r\n--{boundary}--\r\n");
        Self { boundary, parts, end }
    }

    /// The value of the response's `Content-Type`. The response itself has no
    /// `Content-Range` (RFC 9110, 15.3.7.2).
    pub fn content_type(&self) -> String {
        format!("multipart/byteranges; boundary={}", self.boundary)
    }

    /// The parts, in the order to send them.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What follows the last part.
    pub fn end(&self) -> &str {
        &self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body as it is sent.
    fn body(multipart: &Multipart, representation: &str) -> String {
        let mut body = String::new();
        for part in multipart.parts() {
            let range = part.range.start as usize..part.range.end as usize;
            body += &part.head;
            body += &representation[range];
        }
        body + multipart.end()
    }

    #[test]
    fn frames_the_example_of_the_rfc() {
        // RFC 9110, 14.6
        let multipart = Multipart::with_boundary(
            "THIS_STRING_SEPARATES".to_owned(),
            "application/pdf",
            vec![500..1000, 7000..8000],
            8000,
        );
        let representation =
            [".".repeat(500), "1".repeat(500), ".".repeat(6000), "2".repeat(1000)].concat();
        let expected = format!(
            "--THIS_STRING_SEPARATES\r\n\
             Content-Type: application/pdf\r\n\
             Content-Range: bytes 500-999/8000\r\n\
             \r\n\
             {}\r\n\
             --THIS_STRING_SEPARATES\r\n\
             Content-Type: application/pdf\r\n\
             Content-Range: bytes 7000-7999/8000\r\n\
             \r\n\
             {}\r\n\
             --THIS_STRING_SEPARATES--\r\n",
            "1".repeat(500),
            "2".repeat(1000),
        );
        assert_eq!(body(&multipart, &representation), expected);
        assert_eq!(
            multipart.content_type(),
            "multipart/byteranges; boundary=THIS_STRING_SEPARATES"
        );
    }

    #[test]
    fn a_boundary_is_a_token_within_its_length() {
        for seed in [0, 7, u128::MAX] {
            let multipart = Multipart::new(seed, "text/css", vec![0..1, 2..3], 3);
            let content_type = multipart.content_type();
            let (_, boundary) = content_type.split_once("boundary=").unwrap();
            assert!((1..=70).contains(&boundary.len()), "{boundary}");
            assert!(boundary.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{boundary}");
            assert!(multipart.parts()[1].head.starts_with(&format!("\r\n--{boundary}\r\n")));
        }
    }
}

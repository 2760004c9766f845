//! Range requests: the bytes of a representation that a request asks for (RFC 9110, 14).

use std::{fmt, ops::Range};

use super::headers::{Headers, list_members};

/// The most ranges that one request may ask for; a field with more is ignored
/// (RFC 9110, 17.15).
const MAX_RANGES: usize = 32;

/// What the field `Range` comes to for a representation of a known length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangeSet {
    /// Answer 200, as if there were no such field.
    Whole,
    /// Answer 206 with these bytes. Never empty; may be all of them.
    Single(Range<u64>),
    /// Answer 206 with several parts, in the order asked for. None is empty, and
    /// no two overlap or touch.
    Multiple(Vec<Range<u64>>),
    /// Answer 416.
    Unsatisfiable,
}

/// Reads `Range` for a GET (with any other method it "MUST" be ignored: RFC 9110,
/// 14.2) of a representation of `len` bytes, as they are sent: coded, where a
/// coding is applied.
///
/// What the RFC leaves open:
/// - A field with another unit, with a syntax error in any of its ranges, or on
///   more than one line (it is no list) is ignored.
/// - So is one with more than 32 ranges.
/// - Ranges that overlap or touch are sent as one, in the place of the first of
///   them (15.3.7.2). So no byte is sent twice, and a part costs no more than its
///   head; what is left alone is sent without multipart.
/// - A suffix range (`-len`) of an empty representation are all of it, which no
///   `Content-Range` can say: it is sent whole.
pub fn parse(headers: Headers<'_>, len: u64) -> RangeSet {
    let mut lines = headers.get_all("range");
    match (lines.next(), lines.next()) {
        (Some(value), None) => parse_value(value, len).unwrap_or(RangeSet::Whole),
        _ => RangeSet::Whole,
    }
}

/// `bytes=` and at least one range; `None` where the field is to be ignored.
fn parse_value(value: &[u8], len: u64) -> Option<RangeSet> {
    let (unit, set) = value.split_at(value.iter().position(|&byte| byte == b'=')?);
    // 14.1: range units are case-insensitive.
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return None;
    }
    // White space after the `=` is in an example of 14.1.2, and in the grammar by
    // erratum 7306.
    let set = set.strip_prefix(b"=")?;
    let mut count = 0;
    let mut ranges = Vec::new();
    for member in list_members(set) {
        count += 1;
        let spec = ByteRange::parse(member).filter(|_| count <= MAX_RANGES)?;
        if let Some(range) = spec.within(len) {
            insert(&mut ranges, range);
        }
    }
    match ranges.as_slice() {
        [] if count == 0 => None,
        [] => Some(RangeSet::Unsatisfiable),
        [only] if only.is_empty() => None,
        [only] => Some(RangeSet::Single(only.clone())),
        _ => Some(RangeSet::Multiple(ranges)),
    }
}

/// One range as asked for. A number that does not fit reads as the largest that
/// does: no representation is as long.
#[derive(Clone, Copy)]
enum ByteRange {
    /// `first-` or `first-last`, the last byte included.
    From { first: u64, last: u64 },
    /// `-len`, the last `len` bytes.
    Suffix { len: u64 },
}

impl ByteRange {
    fn parse(spec: &[u8]) -> Option<Self> {
        let (first, last) = spec.split_at(spec.iter().position(|&byte| byte == b'-')?);
        match (first, last.strip_prefix(b"-")?) {
            (b"", len) => Some(Self::Suffix { len: parse_number(len)? }),
            (first, b"") => Some(Self::From { first: parse_number(first)?, last: u64::MAX }),
            (first, last) => {
                let (first, last) = (parse_number(first)?, parse_number(last)?);
                // 14.1.1: "An int-range is invalid if the last-pos value is present
                // and less than the first-pos."
                (first <= last).then_some(Self::From { first, last })
            }
        }
    }

    /// The bytes of a representation of `len` bytes; `None` where the range is not
    /// satisfiable (14.1.2): it begins behind the end, or is the last 0 bytes.
    fn within(self, len: u64) -> Option<Range<u64>> {
        match self {
            Self::From { first, last } => {
                (first < len).then(|| first..last.saturating_add(1).min(len))
            }
            Self::Suffix { len: 0 } => None,
            Self::Suffix { len: suffix_len } => Some(len.saturating_sub(suffix_len)..len),
        }
    }
}

/// `1*DIGIT`
fn parse_number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    // 14.1.2: "Recipients MUST anticipate potentially large decimal numerals and
    // prevent parsing errors due to integer conversion overflows."
    is_number.then(|| {
        digits.iter().fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
    })
}

/// Adds a range, as one with those that it overlaps or touches. Those already
/// there are apart from each other, so one pass finds all that become one.
fn insert(ranges: &mut Vec<Range<u64>>, new: Range<u64>) {
    let is_apart = |range: &Range<u64>| range.end < new.start || new.end < range.start;
    let Some(place) = ranges.iter().position(|range| !is_apart(range)) else {
        ranges.push(new);
        return;
    };
    let merged = ranges
        .iter()
        .filter(|range| !is_apart(range))
        .fold(new.clone(), |all, range| all.start.min(range.start)..all.end.max(range.end));
    ranges.retain(is_apart);
    ranges.insert(place, merged);
}

/// The value of `Content-Range` (RFC 9110, 14.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// Of a 206, or of one of its parts: `bytes 42-1233/1234`.
    Satisfied {
        /// The bytes that follow; not empty.
        range: Range<u64>,
        /// The length of the whole representation.
        len: u64,
    },
    /// Of a 416: `bytes */1234`.
    Unsatisfied {
        /// The length of the whole representation.
        len: u64,
    },
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Satisfied { range, len } => {
                write!(f, "bytes {}-{}/{len}", range.start, range.end.saturating_sub(1))
            }
            Self::Unsatisfied { len } => write!(f, "bytes */{len}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RangeSet::{Multiple, Single, Unsatisfiable, Whole};

    fn parse_lines(lines: &[&str], len: u64) -> RangeSet {
        let fields: Vec<_> = lines
            .iter()
            .map(|value| httparse::Header { name: "Range", value: value.as_bytes() })
            .collect();
        parse(Headers::new(&fields), len)
    }

    fn ranges(value: &str, len: u64) -> RangeSet {
        parse_lines(&[value], len)
    }

    #[test]
    fn takes_the_examples_of_the_rfc() {
        // RFC 9110, 14.1.2, for a representation of 10,000 bytes
        for (value, expected) in [
            ("bytes=0-499", Single(0..500)),
            ("bytes=500-999", Single(500..1000)),
            ("bytes=-500", Single(9500..10000)),
            ("bytes=9500-", Single(9500..10000)),
            ("bytes=0-0,-1", Multiple(vec![0..1, 9999..10000])),
            ("bytes= 0-0, -2", Multiple(vec![0..1, 9998..10000])),
            ("bytes= 0-999, 4500-5499, -1000", Multiple(vec![0..1000, 4500..5500, 9000..10000])),
            ("bytes=500-600,601-999", Single(500..1000)),
            ("bytes=500-700,601-999", Single(500..1000)),
        ] {
            assert_eq!(ranges(value, 10_000), expected, "{value}");
        }
    }

    #[test]
    fn reads_ranges_of_every_form() {
        let huge = "99999999999999999999999999";
        for (value, expected) in [
            ("bytes=0-", Single(0..10)),
            ("bytes=9-", Single(9..10)),
            ("bytes=0-9", Single(0..10)),
            ("bytes=0-10", Single(0..10)),
            ("BYTES=1-1", Single(1..2)),
            ("bytes=-3", Single(7..10)),
            ("bytes=-10", Single(0..10)),
            ("bytes=-11", Single(0..10)),
            ("bytes=001-0002", Single(1..3)),
            (&format!("bytes=0-{huge}"), Single(0..10)),
            (&format!("bytes=-{huge}"), Single(0..10)),
            ("bytes=0-18446744073709551615", Single(0..10)),
            ("bytes=,,0-0 ,\t, -1 ,", Multiple(vec![0..1, 9..10])),
            ("bytes=5-6,0-1", Multiple(vec![5..7, 0..2])),
            ("bytes=0-0,20-30", Single(0..1)),
            ("bytes=20-30,-0,2-3", Single(2..4)),
        ] {
            assert_eq!(ranges(value, 10), expected, "{value}");
        }
    }

    #[test]
    fn refuses_ranges_behind_the_end() {
        for value in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=-0,10-",
            "bytes=99999999999999999999999999-",
            "bytes=18446744073709551615-18446744073709551615",
            "bytes=18446744073709551616-18446744073709551617",
        ] {
            assert_eq!(ranges(value, 10), Unsatisfiable, "{value}");
        }
    }

    #[test]
    fn ignores_other_units_and_broken_syntax() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=--1",
            "bytes=0--1",
            "bytes=1",
            "bytes=2-1",
            "bytes=0-1,2-1",
            "bytes=0-1,x",
            "bytes=a-b",
            "bytes=0x0-1",
            "bytes=+0-1",
            "bytes=0 - 1",
            "bytes=0-1 2-3",
            "bytes=0-1;2-3",
            "bytes=0-1-2",
            "bytes=1.5-2",
            "bytes =0-1",
            "bytes 0-1",
            "bytes:0-1",
            "bytes==0-1",
            "items=0-1",
            "none=0-1",
            "=0-1",
            "0-1",
            "bytes=\u{661}-2",
            "bytes=0-1, bytes=2-3",
        ] {
            assert_eq!(ranges(value, 10), Whole, "{value}");
        }
        assert_eq!(parse_lines(&[], 10), Whole);
        assert_eq!(parse_lines(&["bytes=0-1", "bytes=2-3"], 10), Whole);
        assert_eq!(parse_lines(&["bytes=0-1", "bytes=0-1"], 10), Whole);
    }

    #[test]
    fn an_empty_representation_has_no_range() {
        for (value, expected) in [
            ("bytes=0-", Unsatisfiable),
            ("bytes=0-0", Unsatisfiable),
            ("bytes=-0", Unsatisfiable),
            ("bytes=-1", Whole),
            ("bytes=0-,-1", Whole),
        ] {
            assert_eq!(ranges(value, 0), expected, "{value}");
        }
    }

    #[test]
    fn joins_what_overlaps_or_touches() {
        for (value, expected) in [
            ("bytes=0-1,1-2", Single(0..3)),
            ("bytes=0-1,2-3", Single(0..4)),
            ("bytes=2-3,0-1", Single(0..4)),
            ("bytes=0-1,3-4", Multiple(vec![0..2, 3..5])),
            ("bytes=0-0,0-0,0-0", Single(0..1)),
            ("bytes=0-,0-,0-", Single(0..10)),
            ("bytes=8-8,0-1,4-5,2-3", Multiple(vec![8..9, 0..6])),
            ("bytes=6-7,9-9,0-1,4-4,1-6", Multiple(vec![0..8, 9..10])),
        ] {
            assert_eq!(ranges(value, 10), expected, "{value}");
        }
    }

    #[test]
    fn ignores_more_ranges_than_any_reader_needs() {
        let field = |count: u64| {
            let specs: Vec<_> = (0..count).map(|n| format!("{0}-{0}", 2 * n)).collect();
            format!("bytes={}", specs.join(","))
        };
        let expected: Vec<_> = (0..32).map(|n| 2 * n..2 * n + 1).collect();
        assert_eq!(ranges(&field(32), 100), Multiple(expected));
        assert_eq!(ranges(&field(33), 100), Whole);
        assert_eq!(ranges(&format!("bytes={}0-0", ",".repeat(1000)), 100), Single(0..1));
    }

    /// The bytes that each spec asks for, byte by byte.
    fn slow_bytes(spec: (Option<u64>, Option<u64>), len: u64) -> Vec<u64> {
        let is_asked_for = |byte: &u64| match spec {
            (Some(first), Some(last)) => first <= *byte && *byte <= last,
            (Some(first), None) => first <= *byte,
            (None, Some(suffix)) => len - *byte <= suffix,
            (None, None) => false,
        };
        (0..len).filter(is_asked_for).collect()
    }

    #[test]
    fn finds_the_bytes_that_a_slow_reader_finds() {
        let numbers: Vec<_> = (0..=7).map(Some).chain([None]).collect();
        let specs: Vec<_> = numbers
            .iter()
            .flat_map(|&first| numbers.iter().map(move |&last| (first, last)))
            .collect();
        let is_valid = |spec: &&(_, _)| match **spec {
            (Some(first), Some(last)) => first <= last,
            (first, last) => first.is_some() || last.is_some(),
        };
        let text = |(first, last): (Option<u64>, Option<u64>)| {
            let digits = |number: Option<u64>| number.map_or(String::new(), |n| n.to_string());
            format!("{}-{}", digits(first), digits(last))
        };
        for spec in &specs {
            if !is_valid(&spec) {
                assert_eq!(ranges(&format!("bytes={}", text(*spec)), 5), Whole);
            }
        }
        for (&left, right) in specs
            .iter()
            .filter(is_valid)
            .flat_map(|left| specs.iter().filter(is_valid).map(move |right| (left, *right)))
        {
            let value = format!("bytes={},{}", text(left), text(right));
            let mut expected = [slow_bytes(left, 5), slow_bytes(right, 5)].concat();
            expected.sort_unstable();
            expected.dedup();
            let mut found: Vec<u64> = match ranges(&value, 5) {
                Whole => panic!("{value} is valid"),
                Unsatisfiable => Vec::new(),
                Single(range) => range.collect(),
                Multiple(ranges) => ranges.into_iter().flatten().collect(),
            };
            found.sort_unstable();
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn writes_content_range_as_the_rfc_does() {
        // RFC 9110, 14.4
        for (range, text) in [
            (0..500, "bytes 0-499/1234"),
            (500..1000, "bytes 500-999/1234"),
            (500..1234, "bytes 500-1233/1234"),
            (734..1234, "bytes 734-1233/1234"),
        ] {
            assert_eq!(ContentRange::Satisfied { range, len: 1234 }.to_string(), text);
        }
        assert_eq!(ContentRange::Unsatisfied { len: 47022 }.to_string(), "bytes */47022");
    }
}

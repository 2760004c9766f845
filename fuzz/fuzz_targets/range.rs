//! Whatever the field, the ranges lie within the representation, are few and apart,
//! and their body is as long as it is said to be.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use pagepool::http::{
    multipart::Multipart,
    range::{self, RangeSet},
};
use pagepool_fuzz::with_fields;

/// The first byte chooses the length: small ones, and the longest that a file has.
fn len_of(choice: u8) -> u64 {
    if choice == u8::MAX { i64::MAX as u64 } else { u64::from(choice) }
}

fn check(ranges: &[Range<u64>], len: u64) {
    for (idx, range) in ranges.iter().enumerate() {
        assert!(range.start < range.end && range.end <= len, "{range:?} of {len}");
        for other in &ranges[..idx] {
            assert!(range.end < other.start || other.end < range.start, "{range:?} {other:?}");
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, value)) = data.split_first() else { return };
    let len = len_of(choice);
    match with_fields("Range", &[value], |headers| range::parse(headers, len)) {
        Some(RangeSet::Single(range)) => check(&[range], len),
        Some(RangeSet::Multiple(ranges)) => {
            assert!((2..=32).contains(&ranges.len()));
            check(&ranges, len);
            let multipart = Multipart::new(1, "text/plain", ranges.clone(), len);
            let framed = multipart.parts().iter().map(|part| part.range.clone());
            assert!(framed.eq(ranges));
        }
        Some(RangeSet::Whole | RangeSet::Unsatisfiable) | None => {}
    }
    let twice = with_fields("Range", &[value, value], |headers| range::parse(headers, len));
    assert!(matches!(twice, None | Some(RangeSet::Whole)), "the field is no list");
});

//! Whatever the bytes, the tokens of a page follow on each other within it, and in text
//! they begin and end between characters; the parts of a tag lie in the tag, in order.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use pagepool::html::tokens::{TokenKind, Tokens};

fuzz_target!(|data: &[u8]| {
    let text = str::from_utf8(data).ok();
    let check = |range: &Range<usize>, within: &Range<usize>| {
        assert!(within.start <= range.start && range.start <= range.end, "{range:?}");
        assert!(range.end <= within.end, "{range:?} of {within:?}");
        assert!(text.is_none_or(|text| text.get(range.clone()).is_some()), "{range:?}");
    };
    let mut rest = 0..data.len();
    for token in Tokens::new(data) {
        check(&token.range, &rest);
        rest.start = token.range.end;
        if let TokenKind::StartTag(tag) = &token.kind {
            let mut rest = token.range.start + 1..token.range.end - 1;
            let values = tag.attributes.iter().flat_map(|it| [&it.name_range, &it.value_range]);
            for range in std::iter::once(&tag.name_range).chain(values) {
                check(range, &rest);
                rest.start = range.end;
            }
        }
    }
});

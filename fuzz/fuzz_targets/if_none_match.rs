//! Whatever the lists of tags, nothing matches by half: a list that is broken in
//! one place matches nothing, and what matches strongly matches weakly.

#![no_main]

use std::time::UNIX_EPOCH;

use libfuzzer_sys::fuzz_target;
use pagepool::http::{
    Method,
    conditional::{Outcome, Validators, evaluate, if_range},
    date::HttpDate,
    etag::EntityTag,
};
use pagepool_fuzz::with_fields;

fn outcome(name: &str, lines: &[&[u8]]) -> Option<Outcome> {
    let now = HttpDate::at(UNIX_EPOCH);
    let etag = EntityTag::parse(b"\"a\"");
    let validators = Validators { etag: etag.as_ref(), last_modified: None };
    with_fields(name, lines, |headers| evaluate(&Method::GET, headers, &validators, now))
}

fuzz_target!(|value: &[u8]| {
    let Some(weakly) = outcome("If-None-Match", &[value]) else { return };
    let strongly = outcome("If-Match", &[value]).expect("it was a valid value");
    assert_ne!(weakly, Outcome::PreconditionFailed);
    assert_ne!(strongly, Outcome::NotModified);
    if strongly == Outcome::Proceed {
        assert_eq!(weakly, Outcome::NotModified, "strong equality is weak equality");
    }

    // `"b"` before or after changes nothing, but for the asterisk, which stands alone.
    if value.trim_ascii() != b"*" {
        assert_eq!(outcome("If-None-Match", &[b"\"b\"", value]), Some(weakly));
        assert_eq!(outcome("If-None-Match", &[value, b"\"b\""]), Some(weakly));
    }
    // A member that is no tag spoils the list, wherever it is.
    assert_eq!(outcome("If-None-Match", &[value, b"b"]), Some(Outcome::Proceed));
    assert_eq!(outcome("If-None-Match", &[b"b", value]), Some(Outcome::Proceed));

    let value = value.trim_ascii();
    if let Some(tag) = EntityTag::parse(value) {
        let is_ours = tag.matches_weakly(&EntityTag::parse(b"\"a\"").expect("a tag"));
        assert_eq!(weakly == Outcome::NotModified, is_ours);
        if let Ok(text) = str::from_utf8(value) {
            assert_eq!(tag.field_value(), text);
        }
    }
    let validators = Validators::default();
    let now = HttpDate::at(UNIX_EPOCH);
    let counts = with_fields("If-Range", &[value], |headers| if_range(headers, &validators, now));
    assert_eq!(counts, Some(false), "nothing matches what has no validator");
});

//! A date that is read is written and read again as the same, and as the crate
//! `httpdate` reads it where that has a say.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use pagepool::http::date::HttpDate;

fuzz_target!(|value: &[u8]| {
    // The middle of the year 2026
    let now = HttpDate::at(UNIX_EPOCH + Duration::from_secs(1_782_864_000));
    let date = HttpDate::parse(value, now);
    if let Some(date) = date {
        assert_eq!(HttpDate::parse(date.to_string().as_bytes(), now), Some(date));
    }
    let Ok(text) = str::from_utf8(value) else {
        assert_eq!(date, None);
        return;
    };
    // The other reader takes white space around a date, and another century for a
    // two-digit year; it knows no leap second and nothing before 1970.
    let is_comparable = text.trim() == text && !text.contains('-') && !text.contains(":60");
    let is_early = date == Some(HttpDate::at(UNIX_EPOCH));
    if is_comparable && !is_early {
        assert_eq!(date, httpdate::parse_http_date(text).ok().map(HttpDate::at), "{text}");
    }
});

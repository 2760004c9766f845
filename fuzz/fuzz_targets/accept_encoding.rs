//! Whatever the field, the coding is one that there is, it does not depend on how
//! the list is split into lines, and saying that a coding is refused never gets it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pagepool::http::encoding::{Coding, negotiate};
use pagepool_fuzz::with_fields;

const ALL: [Coding; 3] = [Coding::Brotli, Coding::Gzip, Coding::Zstd];

fn chosen(lines: &[&[u8]], available: &[Coding]) -> Option<Coding> {
    with_fields("Accept-Encoding", lines, |headers| negotiate(headers, available))
}

fuzz_target!(|value: &[u8]| {
    let Some(best) = chosen(&[value], &ALL) else { return };
    for coding in ALL {
        let only = chosen(&[value], &[coding]);
        assert!(only == Some(coding) || only == Some(Coding::Identity));
        let token = coding.token().expect("identity is not among these");
        let refusal = format!("{token};q=0");
        assert_ne!(chosen(&[refusal.as_bytes(), value], &ALL), Some(coding));
        assert_ne!(chosen(&[value, refusal.as_bytes()], &ALL), Some(coding));
    }
    if best != Coding::Identity {
        assert_eq!(chosen(&[value], &[best]), Some(best), "the best of all, alone");
    }
    let lines: Vec<_> = value.split(|&byte| byte == b',').collect();
    if lines.len() < 90 {
        assert_eq!(chosen(&lines, &ALL), Some(best), "a line for each member");
    }
});

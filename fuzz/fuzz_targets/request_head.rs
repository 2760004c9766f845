//! A head is read alike however its bytes were split: every prefix is partial, or
//! gives what the whole gives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pagepool::http::request::{self, FieldSlots};
use pagepool_fuzz::LIMITS;

/// What a server that has received `bytes` makes of them; `None` is to wait for more.
fn outcome(bytes: &[u8]) -> Option<String> {
    let mut slots = FieldSlots::default();
    match request::parse(bytes, &mut slots, &LIMITS) {
        Ok(None) => None,
        Ok(Some((request, head_len))) => {
            assert!(head_len <= bytes.len() && head_len <= LIMITS.max_head_bytes);
            assert!(request.target.raw().len() <= LIMITS.max_target_bytes);
            assert!(request.headers.iter().count() <= LIMITS.max_header_fields);
            Some(format!("{head_len} {request:?}"))
        }
        Err(error) => {
            assert!(error.status().is_client_error() || error.status().is_server_error());
            Some(format!("{error:?}"))
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let data = &data[..data.len().min(1024)];
    let whole = outcome(data);
    let first = (0..data.len()).find_map(|len| Some((len, outcome(&data[..len])?)));
    if let Some((len, first)) = first {
        assert_eq!(Some(&first), whole.as_ref(), "after {len} bytes, and after all");
        // Between the two, at a few places only: it is as long as the input.
        for len in (len..data.len()).step_by(7) {
            assert_eq!(Some(&first), outcome(&data[..len]).as_ref(), "after {len} bytes");
        }
    }
    if whole.is_none() {
        assert!(data.len() <= LIMITS.max_head_bytes, "too long a head is waited for");
    }
});

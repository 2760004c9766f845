//! A chunked body ends at the same byte however its bytes were split, and decodes
//! to no more than its limit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pagepool::http::{
    request_body::{BodyLength, BodyReader},
    error::RequestError,
};
use pagepool_fuzz::LIMITS;

/// Where the body ends; `None` where it does not end within `pieces`.
fn end<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<Option<usize>, RequestError> {
    let mut reader = BodyReader::new(BodyLength::Chunked, LIMITS.max_body_bytes)?;
    let mut read = 0;
    for piece in pieces {
        let len = reader.skip(piece)?;
        read += len;
        if reader.is_done() {
            return Ok(Some(read));
        }
        assert_eq!(len, piece.len(), "an unfinished body takes all there is");
    }
    Ok(None)
}

fuzz_target!(|data: &[u8]| {
    let whole = end([data].into_iter());
    assert_eq!(end(data.chunks(1)), whole, "byte by byte");
    for len in [2, 3, 7] {
        assert_eq!(end(data.chunks(len)), whole, "in pieces of {len}");
    }
    if let Ok(Some(len)) = whole {
        assert_eq!(end([&data[..len]].into_iter()), whole, "without what follows it");
    }
});

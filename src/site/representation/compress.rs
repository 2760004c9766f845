//! Compression: bytes in, fewer bytes out.

use std::io::{self, Write};

use crate::http::encoding::Coding;

/// Longer content is sent as it is: coding takes some 20 ms a MiB, longer than a client
/// should wait.
pub(crate) const MAX_COMPRESSED_BYTES: u64 = 4 * 1024 * 1024;

/// How much work a compression is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// The result is sent once.
    Once,
    /// The result is kept and sent many times.
    Kept,
}

impl Effort {
    /// The codings by preference, of those that a client likes alike. With the same
    /// text of 109 kB, what is kept takes 1.9 ms and 29 kB with Brotli, 1.5 ms and 29 kB
    /// with zstd, 2.3 ms and 30 kB with gzip; what is sent once, 0.2 ms and 35 kB with
    /// zstd, 0.5 ms and 41 kB with gzip, 0.8 ms and 45 kB with Brotli.
    pub(crate) fn codings(self) -> [Coding; 3] {
        match self {
            Self::Once => [Coding::Zstd, Coding::Gzip, Coding::Brotli],
            Self::Kept => Coding::COMPRESSED,
        }
    }

    /// What is coded at once on the worker that answers, in bytes: at most a
    /// millisecond's work, which its other connections wait for. More is coded in the
    /// background.
    pub(crate) fn max_bytes_in_place(self) -> u64 {
        match self {
            Self::Once => 128 * 1024,
            Self::Kept => 32 * 1024,
        }
    }
}

/// The coded form of `bytes`; `None` where it is not smaller than they are.
pub(crate) fn compress(bytes: &[u8], coding: Coding, effort: Effort) -> Option<Vec<u8>> {
    let coded = match coding {
        Coding::Identity => return None,
        Coding::Gzip => gzip(bytes, effort),
        Coding::Zstd => zstd(bytes, effort),
        Coding::Brotli => brotli(bytes, effort),
    };
    // Writing to memory does not fail; were it to, the plain bytes would do.
    coded.ok().filter(|coded| coded.len() < bytes.len())
}

/// The smallest form in Brotli or gzip within some 0.2 s a MiB, for files that are written
/// once; `None` where it is not smaller than `bytes`, or in other codings.
pub fn compressed(bytes: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let coded = match coding {
        Coding::Gzip => gzip_at(bytes, 9),
        Coding::Brotli => brotli_at(bytes, 9),
        Coding::Zstd | Coding::Identity => return None,
    };
    coded.ok().filter(|coded| coded.len() < bytes.len())
}

fn gzip(bytes: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    gzip_at(bytes, if effort == Effort::Kept { 6 } else { 1 })
}

fn gzip_at(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// RFC 8878, 3.1.1.1.2: a window of up to 8 MiB is what every decoder must take;
/// these levels stay below it.
fn zstd(bytes: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, if effort == Effort::Kept { 9 } else { 1 })
}

fn brotli(bytes: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    brotli_at(bytes, if effort == Effort::Kept { 5 } else { 1 })
}

fn brotli_at(bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let params =
        brotli::enc::BrotliEncoderParams { quality, size_hint: bytes.len(), ..Default::default() };
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut coded, &params)?;
    Ok(coded)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn decode(coded: &[u8], coding: Coding) -> Vec<u8> {
        let mut decoded = Vec::new();
        match coding {
            Coding::Identity => unreachable!(),
            Coding::Gzip => {
                let _ = flate2::read::GzDecoder::new(coded).read_to_end(&mut decoded).unwrap();
            }
            Coding::Zstd => decoded = zstd::stream::decode_all(coded).unwrap(),
            Coding::Brotli => brotli::BrotliDecompress(&mut &*coded, &mut decoded).unwrap(),
        }
        decoded
    }

    #[test]
    fn every_coding_gives_back_what_went_in() {
        let text = "<p>Some text that comes again and again.</p>\n".repeat(100);
        for coding in [Coding::Gzip, Coding::Zstd, Coding::Brotli] {
            for effort in [Effort::Once, Effort::Kept] {
                let coded = compress(text.as_bytes(), coding, effort).unwrap();
                assert!(coded.len() < text.len() / 4, "{coding:?} {effort:?}");
                assert_eq!(decode(&coded, coding), text.as_bytes());
            }
        }
    }

    #[test]
    fn what_does_not_shrink_stays_as_it_is() {
        let noise: Vec<u8> =
            (0..64_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd, Coding::Brotli] {
            assert_eq!(compress(&noise, coding, Effort::Kept), None);
        }
    }
}

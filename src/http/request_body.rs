//! Request bodies: read to their end and dropped, but for the beginning where that is
//! wanted, so that the next request on the connection begins where it should.

use super::{
    error::RequestError,
    grammar::{is_text_byte, is_token_byte},
};
use crate::budget::Share;

/// The longest line of a chunk header (size and extensions), in bytes.
const MAX_CHUNK_LINE_BYTES: u32 = 1024;
/// The longest trailer section, in bytes.
const MAX_TRAILER_BYTES: u32 = 8 * 1024;

/// How a request's body is delimited (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// Its length in bytes; 0 is no body.
    Known(u64),
    /// Chunks, the last of size 0, then trailers.
    Chunked,
}

/// The beginning of a body, without the coding of its transfer, as far as it was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content<'a> {
    /// Its first bytes.
    pub start: &'a [u8],
    /// The length of all of it in bytes; 0 where nothing was to be kept.
    pub len: u64,
}

/// Reads a body past, however its bytes are split, and keeps none of it, or its beginning.
#[derive(Debug)]
pub struct BodyReader {
    progress: Progress,
    // Boxed, since nearly no body has one.
    start: Option<Box<Start>>,
}

/// The beginning of a body, with the memory that it may take.
#[derive(Debug)]
struct Start {
    bytes: Vec<u8>,
    /// What has been read so far, kept or not.
    len: u64,
    share: Share,
}

#[derive(Debug)]
enum Progress {
    /// Bytes still to come.
    Known(u64),
    /// Somewhere inside the chunked coding, whose data may hold `allowance`
    /// bytes more.
    Chunked { at: ChunkPart, allowance: u64 },
}

/// The part of the chunked grammar that the next byte belongs to (RFC 9112, 7.1).
///
/// `Size -> (Extension ->) SizeLf -> Data -> DataCr -> DataLf -> Size`, and after
/// the chunk of size 0 `TrailerStart -> TrailerName -> TrailerValue -> TrailerLf ->
/// TrailerStart` until the empty line `EndLf -> Done`.
#[derive(Clone, Copy, Debug)]
enum ChunkPart {
    /// The value and number of the hex digits so far.
    Size {
        size: u64,
        digits: u32,
    },
    /// From the size to the end of its line; `len` bytes so far.
    Extension {
        size: u64,
        len: u32,
        at: Extension,
    },
    SizeLf {
        size: u64,
    },
    /// The bytes of data still to come.
    Data {
        left: u64,
    },
    DataCr,
    DataLf,
    /// The first byte of a trailer line, or the CR of the end; `len` bytes of
    /// trailers so far.
    TrailerStart {
        len: u32,
    },
    TrailerName {
        len: u32,
    },
    TrailerValue {
        len: u32,
    },
    TrailerLf {
        len: u32,
    },
    EndLf,
    Done,
}

/// Where in `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`
/// (RFC 9112, 7.1.1).
#[derive(Clone, Copy, Debug)]
enum Extension {
    /// White space that a `;` must follow.
    Separator,
    NameStart,
    Name,
    NameEnd,
    ValueStart,
    Value,
    Quoted,
    QuotedPair,
    QuotedEnd,
}

impl Extension {
    /// The place after `byte`, if it may stand here.
    fn step(self, byte: u8) -> Option<Self> {
        use Extension as E;
        Some(match (self, byte) {
            (E::Separator | E::Name | E::NameEnd | E::Value | E::QuotedEnd, b';') => E::NameStart,
            (E::Separator | E::Value | E::QuotedEnd, b' ' | b'\t') => E::Separator,
            (E::NameStart, b' ' | b'\t') => E::NameStart,
            (E::Name | E::NameEnd, b' ' | b'\t') => E::NameEnd,
            (E::Name | E::NameEnd, b'=') => E::ValueStart,
            (E::ValueStart, b' ' | b'\t') => E::ValueStart,
            (E::ValueStart, b'"') => E::Quoted,
            (E::NameStart | E::Name, _) if is_token_byte(byte) => E::Name,
            (E::ValueStart | E::Value, _) if is_token_byte(byte) => E::Value,
            (E::Quoted, b'"') => E::QuotedEnd,
            (E::Quoted, b'\\') => E::QuotedPair,
            (E::Quoted | E::QuotedPair, _) if is_text_byte(byte) => E::Quoted,
            _ => return None,
        })
    }

    /// Whether the line may end here.
    fn may_end(self) -> bool {
        matches!(self, Self::Name | Self::Value | Self::QuotedEnd)
    }
}

impl BodyReader {
    /// Begins a body of at most `max_body_bytes`.
    ///
    /// # Errors
    /// `BodyTooLarge` where the known length is larger.
    pub fn new(length: BodyLength, max_body_bytes: u64) -> Result<Self, RequestError> {
        match length {
            BodyLength::Known(len) if len > max_body_bytes => Err(RequestError::BodyTooLarge),
            BodyLength::Known(len) => Ok(Self::of(Progress::Known(len))),
            BodyLength::Chunked => Ok(Self::of(Progress::Chunked {
                at: ChunkPart::Size { size: 0, digits: 0 },
                allowance: max_body_bytes,
            })),
        }
    }

    fn of(progress: Progress) -> Self {
        Self { progress, start: None }
    }

    /// The same, which keeps as much of the beginning as `share` has bytes.
    pub(crate) fn keeping(self, share: Option<Share>) -> Self {
        let start = share.map(|share| Box::new(Start { bytes: Vec::new(), len: 0, share }));
        Self { start, ..self }
    }

    /// What was kept.
    pub fn content(&self) -> Content<'_> {
        match &self.start {
            Some(start) => Content { start: &start.bytes, len: start.len },
            None => Content::default(),
        }
    }

    /// Whether the whole body has been read.
    pub fn is_done(&self) -> bool {
        matches!(self.progress, Progress::Known(0) | Progress::Chunked { at: ChunkPart::Done, .. })
    }

    /// Reads past as much of `buf` as belongs to the body, and says how many bytes.
    ///
    /// # Errors
    /// `ChunkSyntax` or `BodyTooLarge`.
    pub fn skip(&mut self, buf: &[u8]) -> Result<usize, RequestError> {
        let start = &mut self.start;
        let keep = |data: &[u8]| {
            if let Some(start) = start {
                start.add(data);
            }
        };
        match &mut self.progress {
            Progress::Known(left) => Ok(skip_known(left, buf, keep)),
            Progress::Chunked { at, allowance } => skip_chunked(at, allowance, buf, keep),
        }
    }
}

impl Start {
    fn add(&mut self, data: &[u8]) {
        self.len += data.len() as u64;
        let room = self.share.bytes() - self.bytes.len();
        self.bytes.reserve_exact(room);
        self.bytes.extend_from_slice(&data[..room.min(data.len())]);
    }
}

fn skip_known(left: &mut u64, buf: &[u8], keep: impl FnOnce(&[u8])) -> usize {
    let len = at_most(*left, buf.len());
    *left -= len as u64;
    keep(&buf[..len]);
    len
}

fn skip_chunked(
    at: &mut ChunkPart,
    allowance: &mut u64,
    buf: &[u8],
    mut keep: impl FnMut(&[u8]),
) -> Result<usize, RequestError> {
    let mut pos = 0;
    while let Some(&byte) = buf.get(pos) {
        *at = match *at {
            ChunkPart::Done => break,
            ChunkPart::Data { left } => {
                let len = at_most(left, buf.len() - pos);
                keep(&buf[pos..pos + len]);
                pos += len;
                match left - len as u64 {
                    0 => ChunkPart::DataCr,
                    left => ChunkPart::Data { left },
                }
            }
            part => {
                pos += 1;
                step(part, byte, allowance)?
            }
        };
    }
    Ok(pos)
}

/// One byte of the grammar outside chunk data.
fn step(part: ChunkPart, byte: u8, allowance: &mut u64) -> Result<ChunkPart, RequestError> {
    use ChunkPart as P;
    Ok(match (part, byte) {
        (P::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if digits < 16 => {
            P::Size { size: size << 4 | hex_value(byte), digits: digits + 1 }
        }
        (P::Size { size, digits: 1.. }, b'\r') => P::SizeLf { size },
        (P::Size { size, digits: 1.. }, _) => extend(size, 0, Extension::Separator, byte)?,
        (P::Extension { size, at, .. }, b'\r') if at.may_end() => P::SizeLf { size },
        (P::Extension { size, len, at }, _) if len < MAX_CHUNK_LINE_BYTES => {
            extend(size, len, at, byte)?
        }
        (P::SizeLf { size: 0 }, b'\n') => P::TrailerStart { len: 0 },
        (P::SizeLf { size }, b'\n') => {
            *allowance = allowance.checked_sub(size).ok_or(RequestError::BodyTooLarge)?;
            P::Data { left: size }
        }
        (P::DataCr, b'\r') => P::DataLf,
        (P::DataLf, b'\n') => P::Size { size: 0, digits: 0 },
        (P::TrailerStart { .. }, b'\r') => P::EndLf,
        (P::TrailerStart { len } | P::TrailerName { len }, _)
            if is_token_byte(byte) && len < MAX_TRAILER_BYTES =>
        {
            P::TrailerName { len: len + 1 }
        }
        (P::TrailerName { len }, b':') => P::TrailerValue { len },
        (P::TrailerValue { len }, b'\r') => P::TrailerLf { len },
        (P::TrailerValue { len }, _) if is_text_byte(byte) && len < MAX_TRAILER_BYTES => {
            P::TrailerValue { len: len + 1 }
        }
        (P::TrailerLf { len }, b'\n') => P::TrailerStart { len },
        (P::EndLf, b'\n') => P::Done,
        _ => return Err(RequestError::ChunkSyntax),
    })
}

fn extend(size: u64, len: u32, at: Extension, byte: u8) -> Result<ChunkPart, RequestError> {
    let at = at.step(byte).ok_or(RequestError::ChunkSyntax)?;
    Ok(ChunkPart::Extension { size, len: len + 1, at })
}

fn hex_value(digit: u8) -> u64 {
    char::from(digit).to_digit(16).map_or(0, u64::from)
}

fn at_most(left: u64, len: usize) -> usize {
    usize::try_from(left).map_or(len, |left| left.min(len))
}

/// The value of `Content-Length`, `1*DIGIT` (RFC 9110, 8.6); a list, a sign or an overflow is no length.
pub(super) fn parse_length(value: &[u8]) -> Option<u64> {
    let is_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    is_digits.then(|| str::from_utf8(value).ok()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;

    const MAX: u64 = 100;

    /// What follows the body, when its bytes come in pieces of `piece`; `None`
    /// where the body is not whole.
    fn rest_after(body: &str, piece: usize) -> Result<Option<String>, RequestError> {
        let mut reader = BodyReader::new(BodyLength::Chunked, MAX)?;
        let mut read = 0;
        for piece in body.as_bytes().chunks(piece) {
            let len = reader.skip(piece)?;
            read += len;
            if reader.is_done() {
                return Ok(Some(body[read..].to_owned()));
            }
            assert_eq!(len, piece.len(), "an unfinished body takes all there is");
        }
        Ok(None)
    }

    fn rest(body: &str) -> Result<Option<String>, RequestError> {
        let whole = rest_after(body, body.len().max(1));
        for piece in 1..=3 {
            assert_eq!(rest_after(body, piece), whole, "{body:?} in pieces of {piece}");
        }
        whole
    }

    #[test]
    fn ends_where_the_chunks_end() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "05;a=b;c\r\nhello\r\n00;x\r\n\r\n",
            "5 ;a=b\r\nhello\r\n0\t; a = \"b \\\" ;\\\\\" ;c\r\n\r\n",
            "0\r\nA:\r\nB-c: \td\r\n\r\n",
            "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\nTrailer: x\r\nB: y\r\n\r\n",
        ] {
            assert_eq!(rest_after(&format!("{body}GET"), body.len() + 3), Ok(Some("GET".into())));
            assert_eq!(rest(body), Ok(Some(String::new())), "{body:?}");
            for len in 0..body.len() {
                assert_eq!(rest(&body[..len]), Ok(None), "{body:?} cut at {len}");
            }
        }
    }

    #[test]
    fn refuses_malformed_chunks() {
        for body in [
            "\r\n",
            "g\r\n",
            "0x5\r\n",
            "+5\r\n",
            "-1\r\n",
            " 5\r\n",
            "5 \r\n",
            "5\n",
            "5\rx",
            ";a\r\n",
            "5 \r\n",
            "5;\r\n",
            "5; \r\n",
            "5;;",
            "5;a;\r\n",
            "5;a=\r\n",
            "5;=b",
            "5;bad[",
            "5;a=\"b\r\n",
            "5;a=\"b\"c",
            "5;a b",
            "5;a \r\n",
            "5;a=b=c",
            "5;\u{e9}=1",
            "5;a/b",
            "5;a,b",
            "0;\r\n",
            "0\r\n X: a",
            "0\r\n\tX: a",
            "0\r\nX a",
            "0\r\nX\r\n",
            "0\r\nX : a",
            "0\r\n: a",
            "0\r\nX[: a",
            "0\r\n\u{e9}: a",
            "0\r\nX: a\r\n b",
            "0\r\nX: a\0",
            "5;a\n",
            "5;\0\r\n",
            "2\r\nabc",
            "2\r\nab\n",
            "2\r\nab\rx",
            "0\r\n\n",
            "0\r\nA: b\n",
            "0\r\nA: b\rx",
            "00000000000000000",
            "5\r\nhello0\r\n",
        ] {
            assert_eq!(rest(body), Err(RequestError::ChunkSyntax), "{body:?}");
        }
    }

    #[test]
    fn refuses_more_than_the_limit() {
        assert_eq!(rest("65\r\n"), Err(RequestError::BodyTooLarge));
        assert_eq!(rest("FFFFFFFFFFFFFFFF\r\n"), Err(RequestError::BodyTooLarge));
        let chunk = format!("32\r\n{}\r\n", "x".repeat(50));
        assert_eq!(rest(&format!("{chunk}{chunk}0\r\n\r\n")), Ok(Some(String::new())));
        assert_eq!(rest(&format!("{chunk}{chunk}1\r\n")), Err(RequestError::BodyTooLarge));
        assert!(BodyReader::new(BodyLength::Known(MAX), MAX).is_ok());
        assert!(BodyReader::new(BodyLength::Known(MAX + 1), MAX).is_err());
    }

    #[test]
    fn bounds_extensions_and_trailers() {
        let extension = format!("5;{}", "a".repeat(2000));
        assert_eq!(rest(&extension), Err(RequestError::ChunkSyntax));
        let trailer = format!("0\r\n{}", "A: b\r\n".repeat(3000));
        assert_eq!(rest(&trailer), Err(RequestError::ChunkSyntax));
    }

    #[test]
    fn the_beginning_is_kept_as_far_as_there_is_room() {
        let chunked = "5\r\nhello\r\n07;a=b\r\n, world\r\n0\r\nX: y\r\n\r\n";
        for (length, body) in
            [(BodyLength::Known(12), "hello, world"), (BodyLength::Chunked, chunked)]
        {
            for (room, expected) in
                [(8, &b"hello, w"[..]), (12, b"hello, world"), (99, b"hello, world")]
            {
                for piece in 1..=body.len() {
                    let share = Budget::new(100).take(room);
                    let mut reader = BodyReader::new(length, MAX).unwrap().keeping(share);
                    body.as_bytes().chunks(piece).for_each(|piece| {
                        assert_eq!(reader.skip(piece), Ok(piece.len()));
                    });
                    assert!(reader.is_done());
                    assert_eq!(reader.content(), Content { start: expected, len: 12 });
                    assert!(reader.start.is_some_and(|start| start.bytes.capacity() <= room));
                }
            }
            let mut reader = BodyReader::new(length, MAX).unwrap();
            reader.skip(body.as_bytes()).unwrap();
            assert_eq!(reader.content(), Content::default());
        }
    }

    #[test]
    fn a_known_length_is_counted() {
        let mut reader = BodyReader::new(BodyLength::Known(5), MAX).unwrap();
        assert_eq!(reader.skip(b"abc"), Ok(3));
        assert!(!reader.is_done());
        assert_eq!(reader.skip(b"deGET"), Ok(2));
        assert!(reader.is_done());
    }
}

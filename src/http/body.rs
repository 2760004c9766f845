//! The body of a response: bytes in memory, stretches of files, or several of both.

use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Arc};

use super::memory::{Bytes, Memory};

/// The bytes of a response, in memory, in a file, or in turns. Of a file it holds
/// only the handle, opened by the code that made the response.
#[derive(Clone, Debug)]
pub enum Body {
    /// From one source, as nearly all are.
    Whole(Part),
    /// From several, one after the other.
    Parts(Vec<Part>),
}

/// A stretch of one source.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where the bytes are.
    pub source: Source,
    /// Which of them, counted from the start of the source.
    pub range: Range<u64>,
}

/// Where bytes come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Memory, shared with other responses that send the same.
    Bytes(Bytes),
    /// A file that is open for reading; never in memory as a whole.
    File(Arc<File>),
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Self::bytes(Bytes::default())
    }

    /// All of `bytes`.
    pub fn bytes(bytes: Bytes) -> Self {
        Self::Whole(Part { range: 0..bytes.len() as u64, source: Source::Bytes(bytes) })
    }

    /// The first `len` bytes of `file`.
    pub fn file(file: Arc<File>, len: u64) -> Self {
        Self::Whole(Part { source: Source::File(file), range: 0..len })
    }

    /// The length in bytes.
    pub fn len(&self) -> u64 {
        self.parts().map(Part::len).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parts in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let (one, many) = match self {
            Self::Whole(part) => (Some(part), &[][..]),
            Self::Parts(parts) => (None, parts.as_slice()),
        };
        one.into_iter().chain(many)
    }

    /// Whether no part of it is a file.
    pub fn is_in_memory(&self) -> bool {
        self.parts().all(|part| matches!(part.source, Source::Bytes(_)))
    }

    /// Counts the bytes in memory, for as long as they live. `false` where they do not
    /// fit; what was counted until then ends with this body.
    pub fn hold(&self, memory: &Memory) -> bool {
        self.parts().all(|part| match &part.source {
            Source::Bytes(bytes) => memory.hold(bytes),
            Source::File(_) => true,
        })
    }

    /// A stretch of the whole, cut to what there is.
    #[must_use]
    pub fn slice(&self, range: Range<u64>) -> Self {
        let mut before = 0;
        let cut = |part: &Part| {
            let start = before;
            before += part.len();
            let within = |offset: u64| offset.saturating_sub(start);
            part.slice(within(range.start)..within(range.end))
        };
        self.parts().map(cut).filter(|part| !part.is_empty()).collect()
    }

    /// Where the byte `offset` is, and how far its part goes on from there; `None`
    /// past the end.
    pub fn at(&self, offset: u64) -> Option<(&Source, Range<u64>)> {
        let mut before = 0;
        for part in self.parts() {
            if offset < before + part.len() {
                let start = part.range.start + (offset - before);
                return Some((&part.source, start..part.range.end));
            }
            before += part.len();
        }
        None
    }

    /// Reads from the byte `offset` on, of one part after the other, and returns the number of
    /// bytes: as many as there is room for, unless the body ends or a file has become shorter.
    ///
    /// # Errors
    /// Those of reading a file.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len()
            && let Some((source, range)) = self.at(offset + filled as u64)
        {
            let left = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let room = &mut buf[filled..];
            let wanted = left.min(room.len());
            let read = match source {
                Source::Bytes(memory) => {
                    let bytes = memory.get(in_memory(range)).unwrap_or_default();
                    room[..wanted].copy_from_slice(&bytes[..wanted]);
                    wanted
                }
                Source::File(file) => file.read_at(&mut room[..wanted], range.start)?,
            };
            filled += read;
            if read < wanted {
                break;
            }
        }
        Ok(filled)
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// Those of reading a file; `UnexpectedEof` where one has become shorter.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some((source, range)) = self.at(bytes.len() as u64) {
            match source {
                Source::Bytes(memory) => bytes.extend_from_slice(&memory[in_memory(range)]),
                Source::File(file) => {
                    let start = bytes.len();
                    let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                    bytes.resize(start + wanted, 0);
                    file.read_exact_at(&mut bytes[start..], range.start)?;
                }
            }
        }
        Ok(bytes)
    }
}

/// The range of bytes that lie in memory, whose number therefore fits.
pub fn in_memory(range: Range<u64>) -> Range<usize> {
    let index = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
    index(range.start)..index(range.end)
}

impl Part {
    /// The length in bytes.
    pub fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// A stretch of this stretch, cut to what there is.
    #[must_use]
    pub fn slice(&self, range: Range<u64>) -> Self {
        let at = |offset: u64| self.range.start.saturating_add(offset).min(self.range.end);
        Self { source: self.source.clone(), range: at(range.start)..at(range.end) }
    }
}

impl FromIterator<Part> for Body {
    fn from_iter<T: IntoIterator<Item = Part>>(parts: T) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().collect();
        match parts.len() {
            1 => parts.pop().map_or_else(Self::empty, Self::Whole),
            _ => Self::Parts(parts),
        }
    }
}

impl From<Part> for Body {
    fn from(part: Part) -> Self {
        Self::Whole(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &Body) -> String {
        String::from_utf8(body.read().unwrap()).unwrap()
    }

    fn part(text: &str) -> Part {
        Part { source: Source::Bytes(text.as_bytes().to_vec().into()), range: 0..text.len() as u64 }
    }

    #[test]
    fn every_offset_leads_into_its_part() {
        let body: Body =
            [part("ab"), part(""), part("cde"), part("xxfgxx").slice(2..4)].into_iter().collect();
        assert_eq!(body.len(), 7);
        let rest = |(source, range): (&Source, Range<u64>)| {
            text(&Part { source: source.clone(), range }.into())
        };
        let rests: Vec<String> = (0..).map_while(|offset| body.at(offset)).map(rest).collect();
        assert_eq!(rests, ["ab", "b", "cde", "de", "e", "fg", "g"]);
        assert_eq!(text(&body), "abcdefg");
        for start in 0..8 {
            for end in start..9 {
                let expected: String = "abcdefg".chars().skip(start).take(end - start).collect();
                assert_eq!(text(&body.slice(start as u64..end as u64)), expected);
            }
        }
        assert!(Body::empty().at(0).is_none());
    }

    #[test]
    fn a_file_is_read_from_where_the_part_begins() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"0123456789", 0).unwrap();
        let body = Body::file(Arc::new(file), 10);
        let parts: Vec<Part> = body.parts().map(|part| part.slice(3..5)).collect();
        assert_eq!(text(&parts.into_iter().collect()), "34");
        assert_eq!(text(&body), "0123456789");
    }

    #[test]
    fn parts_are_read_one_after_the_other_until_a_file_turns_out_short() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(b"0123456789", 0).unwrap();
        let within = Part { source: Source::File(Arc::new(file)), range: 2..5 };
        let beyond = Part { range: 8..20, ..within.clone() };
        let body: Body = [part("ab"), within, part("cd"), beyond, part("ef")].into_iter().collect();
        let read = |offset, room| {
            let mut buf = vec![0; room];
            let len = body.read_at(offset, &mut buf).unwrap();
            String::from_utf8(buf[..len].to_vec()).unwrap()
        };
        assert_eq!([read(0, 6), read(3, 3), read(0, 100)], ["ab234c", "34c", "ab234cd89"]);
        assert_eq!([read(9, 100), read(30, 1)], ["", ""]);
    }

    #[test]
    fn a_slice_stays_within_its_part() {
        let part = part("0123456789").slice(2..8);
        assert_eq!(text(&part.clone().into()), "234567");
        assert_eq!(text(&part.slice(1..3).into()), "34");
        assert_eq!(text(&part.slice(4..100).into()), "67");
        assert_eq!(text(&part.slice(100..u64::MAX).into()), "");
    }
}

//! The bytes that a connection has received and not yet used.

use std::io::{self, Read};

/// A worker's one receive buffer. A connection lays its own leftover into it
/// for the length of a turn and takes what is left away again, so that a
/// connection between requests holds no buffer at all.
#[derive(Debug)]
pub(super) struct Input {
    buf: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Input {
    /// A buffer with room for `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self { buf: vec![0; capacity].into(), start: 0, end: 0 }
    }

    /// Drops what is there and begins with `leftover`, which no larger buffer made.
    pub(super) fn load(&mut self, leftover: &[u8]) {
        self.start = 0;
        self.end = leftover.len();
        self.buf[..self.end].copy_from_slice(leftover);
    }

    /// What is left; an empty vector owns no memory.
    pub(super) fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.bytes().to_vec();
        self.start = self.end;
        rest
    }

    /// The bytes not yet used.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }

    /// Uses up `len` bytes at the front.
    pub(super) fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
    }

    /// Cuts `len` bytes out that begin `offset` bytes from the front.
    pub(super) fn cut(&mut self, offset: usize, len: usize) {
        let from = self.start + offset;
        self.buf.copy_within(from + len..self.end, from);
        self.end -= len;
    }

    /// Reads once. `Ok(None)` at the end of the stream; else whether the read
    /// filled all the room there was, so that more may be waiting.
    ///
    /// # Errors
    /// Those of the read, `WouldBlock` among them.
    pub(super) fn fill(&mut self, stream: &mut impl Read) -> io::Result<Option<bool>> {
        self.make_room();
        let room = self.buf.len() - self.end;
        let len = stream.read(&mut self.buf[self.end..])?;
        self.end += len;
        Ok((len > 0).then_some(len == room))
    }

    /// Moves the bytes to the front once they have come far from it.
    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buf.len() - self.end < self.buf.len() / 2 {
            self.buf.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_and_cuts_without_losing_a_byte() {
        let mut input = Input::new(8);
        input.load(b"ab");
        assert_eq!(input.fill(&mut &b"cdefgh!"[..]).unwrap(), Some(true));
        assert_eq!(input.bytes(), b"abcdefgh");
        input.consume(5);
        assert_eq!(input.fill(&mut &b"ij"[..]).unwrap(), Some(false));
        assert_eq!(input.bytes(), b"fghij");
        input.cut(1, 2);
        assert_eq!(input.bytes(), b"fij");
        assert_eq!(input.fill(&mut &b""[..]).unwrap(), None);
        assert_eq!(input.take_rest(), b"fij");
        assert!(input.bytes().is_empty());
    }
}

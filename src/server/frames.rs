//! The frames of a WebSocket on their way out: one text, and the answers around it.
//!
//! Many connections share a text, so it is not copied behind others. What waits here is
//! bounded: one text, and answers of a few bytes.

use std::io::{self, ErrorKind, IoSlice, Write};

use super::outbox::Letter;

/// What is on its way out.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Whole frames that go out first, and the head of the text.
    front: Vec<u8>,
    /// The text that goes out next, and how much of it has.
    text: Option<(Letter, usize)>,
    /// Whole frames that have come since the text began.
    behind: Vec<u8>,
}

impl Frames {
    /// Whether all is out.
    pub(super) fn is_empty(&self) -> bool {
        self.front.is_empty() && self.text.is_none()
    }

    /// The bytes of answers that wait.
    pub(super) fn answer_bytes(&self) -> usize {
        self.front.len() + self.behind.len()
    }

    /// Begins with a text behind what waits; there is none yet.
    pub(super) fn begin(&mut self, head: &[u8], letter: Letter) {
        debug_assert!(self.text.is_none(), "one after the other");
        self.front.extend_from_slice(head);
        self.text = Some((letter, 0));
    }

    /// Adds the bytes of answers.
    pub(super) fn answer(&mut self, bytes: &[u8]) {
        let frames = if self.text.is_some() { &mut self.behind } else { &mut self.front };
        frames.extend_from_slice(bytes);
    }

    /// Writes once, and returns how many bytes went out. With nothing to write, none do.
    ///
    /// # Errors
    /// Those of the stream; that it would block, too.
    pub(super) fn write_some(&mut self, stream: &mut impl Write) -> io::Result<usize> {
        if self.is_empty() {
            return Ok(0);
        }
        let text = self.text.as_ref().map_or(&[][..], |(letter, sent)| letter.rest(*sent));
        match stream.write_vectored(&[IoSlice::new(&self.front), IoSlice::new(text)])? {
            0 if !self.front.is_empty() || !text.is_empty() => Err(ErrorKind::WriteZero.into()),
            len => {
                self.advance(len);
                Ok(len)
            }
        }
    }

    /// Takes away what has gone out.
    fn advance(&mut self, len: usize) {
        let of_front = len.min(self.front.len());
        self.front.drain(..of_front);
        if let Some((letter, sent)) = &mut self.text {
            *sent += len - of_front;
            if self.front.is_empty() && letter.rest(*sent).is_empty() {
                self.text = None;
                self.front = std::mem::take(&mut self.behind);
            }
        }
        if self.front.is_empty() {
            // A silent connection holds no memory for past frames.
            self.front = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::server::scripted::{Client, ScriptedStream};

    #[test]
    fn a_text_stays_whole_between_answers_however_much_a_write_takes() {
        for size in 1..20 {
            for text in ["", "text"] {
                let client = Rc::new(Client::default());
                client.at_once.set(size);
                let mut stream = ScriptedStream(Rc::clone(&client));
                let mut frames = Frames::default();
                frames.answer(b"(a)");
                frames.begin(b"<", Letter::of(text));
                frames.answer(b"(b)");
                assert_eq!(frames.answer_bytes(), 7);
                while !frames.is_empty() {
                    assert!(frames.write_some(&mut stream).unwrap() > 0);
                }
                assert_eq!(*client.received.borrow(), format!("(a)<{text}(b)").as_bytes());
                assert_eq!(frames.write_some(&mut stream).unwrap(), 0);
            }
        }
    }

    #[test]
    fn a_stream_that_takes_nothing_is_an_error() {
        let mut frames = Frames::default();
        frames.answer(b"a");
        let error = frames.write_some(&mut &mut [][..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }
}

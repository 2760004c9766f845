//! A response on its way to the client, however much of it is out.

use std::{
    io::{self, ErrorKind, IoSlice},
    os::unix::fs::FileExt,
    sync::Arc,
    time::Instant,
};

use super::{Event, Exchange, stream::Stream, websocket::Talk};
use crate::http::{
    StatusCode,
    body::{Source, in_memory},
    prepared::Prepared,
    request_body::BodyReader,
    response::Response,
};

/// Bytes of a file that go out together with the head.
pub(super) const FIRST_PIECE_BYTES: usize = 64 * 1024;

/// Up to so many bytes, one copy of head and body and a plain write of it take less
/// time than a write that gathers them.
const MAX_COPIED_BYTES: usize = 8 * 1024;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A response on its way out.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) head: Vec<u8>,
    pub(super) response: Arc<Prepared>,
    /// Bytes of the body to send: none for HEAD.
    pub(super) body_len: u64,
    /// Bytes of head and body that are out.
    pub(super) sent: u64,
    pub(super) then: Then,
    /// For the access log, with the time from which its duration counts.
    pub(super) exchange: Option<(Box<Exchange>, Instant)>,
}

/// What follows a response.
#[derive(Debug)]
pub(super) enum Then {
    NextRequest,
    ReadBody {
        head_len: usize,
        reader: BodyReader,
    },
    /// The close at once, to a client that said that it has asked its last and that
    /// has sent nothing more. Where the answer has to wait, [`Then::Linger`] instead:
    /// the client then has time to break its word.
    Close,
    /// A WebSocket, on which this talks.
    Talk(Talk),
    /// The end of the stream, and of the connection once the client ends it too.
    Linger,
}

impl Outgoing {
    pub(super) fn interim(head_len: usize, reader: BodyReader) -> Self {
        let then = Then::ReadBody { head_len, reader };
        Self {
            head: CONTINUE.to_vec(),
            response: Response::empty(StatusCode::CONTINUE).into(),
            body_len: 0,
            sent: 0,
            then,
            exchange: None,
        }
    }

    /// The same, where not all of it could be sent at once.
    pub(super) fn deferred(mut self) -> Self {
        if matches!(self.then, Then::Close) {
            self.then = Then::Linger;
        }
        self
    }

    pub(super) fn is_sent(&self) -> bool {
        self.unsent() == 0
    }

    fn unsent(&self) -> u64 {
        self.head.len() as u64 + self.body_len - self.sent
    }

    fn body_sent(&self) -> u64 {
        self.sent.saturating_sub(self.head.len() as u64)
    }

    /// One write, of the head and as much of the body as goes with it.
    pub(super) fn write_some(
        &mut self,
        stream: &mut impl Stream,
        piece: &mut Vec<u8>,
    ) -> io::Result<()> {
        let head_sent =
            usize::try_from(self.sent).map_or(self.head.len(), |n| n.min(self.head.len()));
        let head = &self.head[head_sent..];
        let part = match self.body_len {
            0 => None,
            _ => self.response.body.at(self.body_sent()),
        };
        let len = match part {
            None => self.then.write_before(stream, head)?,
            Some((Source::Bytes(bytes), range)) => {
                let body = bytes.get(in_memory(range)).unwrap_or_default();
                if head.len() + body.len() > MAX_COPIED_BYTES {
                    stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)])?
                } else if (head.len() + body.len()) as u64 == self.unsent() {
                    self.then.write_before(stream, joined(head, body, piece))?
                } else {
                    stream.write(joined(head, body, piece))?
                }
            }
            Some((Source::File(file), range)) if head.is_empty() => {
                stream.send_file(file, range.start, range.end - range.start)?
            }
            // The head goes with the first bytes of the file, in one write.
            Some((Source::File(file), range)) => {
                let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                piece.resize(FIRST_PIECE_BYTES, 0);
                let read = file.read_at(&mut piece[..len.min(FIRST_PIECE_BYTES)], range.start)?;
                let first = piece.get(..read).filter(|first| !first.is_empty());
                let first = first.ok_or(ErrorKind::UnexpectedEof)?;
                stream.write_vectored(&[IoSlice::new(head), IoSlice::new(first)])?
            }
        };
        if len == 0 {
            // A stream takes some, or blocks; so it is the file that has become shorter.
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.sent += len as u64;
        Ok(())
    }

    /// Notes the exchange for the access log, as far as it came.
    pub(super) fn record(&mut self, events: &mut Vec<Event>) {
        if let Some((mut exchange, began)) = self.exchange.take() {
            exchange.body_bytes = self.body_sent();
            exchange.duration = began.elapsed();
            events.push(Event::Exchange(exchange));
        }
    }
}

impl Then {
    /// One write of the last bytes of a response.
    fn write_before(&self, stream: &mut impl Stream, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Close | Self::Linger => stream.write_last(bytes),
            Self::NextRequest | Self::ReadBody { .. } | Self::Talk(_) => stream.write(bytes),
        }
    }
}

/// Both in one piece, for which `piece` has room.
fn joined<'a>(head: &[u8], body: &[u8], piece: &'a mut Vec<u8>) -> &'a [u8] {
    let len = head.len() + body.len();
    if piece.len() < len {
        piece.resize(len, 0);
    }
    let (of_head, rest) = piece.split_at_mut(head.len());
    of_head.copy_from_slice(head);
    rest[..body.len()].copy_from_slice(body);
    &piece[..len]
}

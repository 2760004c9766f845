//! A response on its way to the client, however much of it is out.

use std::{
    io::{self, ErrorKind, IoSlice},
    sync::Arc,
    time::Instant,
};

use super::{
    Event, Exchange,
    stream::Stream,
    turn::{FIRST_CHUNK_BYTES, Turn},
    websocket::WebSocketSession,
};
use crate::http::{
    StatusCode,
    body::{Source, in_memory},
    prepared::Prepared,
    request_body::BodyReader,
    response::Response,
};

/// Up to this size, one copy of head and body and a plain write of it take less
/// time than a write that gathers them.
const MAX_COPIED_BYTES: u64 = 8 * 1024;

/// A file from this size on is more than a socket takes at once.
const MUCH_BYTES: u64 = 512 * 1024;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A response on its way out.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The head and, where both are short, the body or its first part.
    pub(super) front: Vec<u8>,
    head_len: usize,
    response: Arc<Prepared>,
    /// Bytes of the body to send: none for HEAD.
    body_len: u64,
    /// Bytes of head and body that are out.
    sent: u64,
    pub(super) then: Then,
    /// For the access log, with the time from which its duration counts.
    exchange: Option<(Box<Exchange>, Instant)>,
}

/// What follows a response.
#[derive(Debug)]
pub(super) enum Then {
    NextRequest,
    ReadBody {
        head_len: usize,
        reader: BodyReader,
    },
    /// A close at once, after the last request of a client that has sent nothing more. Where the answer has to wait, [`Then::Linger`] instead:
    /// the client may still send something then.
    Close,
    /// A WebSocket with this session.
    WebSocket(WebSocketSession),
    /// The end of the stream, and of the connection once the client ends it too.
    Linger,
}

impl Outgoing {
    /// A response whose head stands in `front`. Its body is sent too, unless it is to
    /// a HEAD.
    pub(super) fn new(
        mut front: Vec<u8>,
        response: Arc<Prepared>,
        sends_body: bool,
        then: Then,
        exchange: Option<(Box<Exchange>, Instant)>,
    ) -> Self {
        let head_len = front.len();
        let body_len = if sends_body { response.body.len() } else { 0 };
        if body_len > 0
            && let Some((Source::Bytes(bytes), range)) = response.body.at(0)
            && head_len as u64 + (range.end - range.start) <= MAX_COPIED_BYTES
        {
            front.extend_from_slice(bytes.get(in_memory(range)).unwrap_or_default());
        }
        Self { front, head_len, response, body_len, sent: 0, then, exchange }
    }

    pub(super) fn interim(head_len: usize, reader: BodyReader) -> Self {
        let response = Response::empty(StatusCode::CONTINUE).into();
        Self::new(CONTINUE.to_vec(), response, false, Then::ReadBody { head_len, reader }, None)
    }

    /// The same, where not all of it could be sent at once. It may wait for long, and
    /// keeps no copy of a body meanwhile.
    pub(super) fn deferred(mut self) -> Self {
        self.front.truncate(self.head_len);
        self.front.shrink_to_fit();
        if matches!(self.then, Then::Close) {
            self.then = Then::Linger;
        }
        self
    }

    pub(super) fn is_sent(&self) -> bool {
        self.sent == self.head_len as u64 + self.body_len
    }

    /// Whether what comes next is of a file.
    pub(super) fn is_within_file(&self) -> bool {
        let part = self.sent.checked_sub(self.head_len as u64).map(|at| self.response.body.at(at));
        matches!(part, Some(Some((Source::File(_), _))))
    }

    /// One write, of the front and as much of the body as goes with it.
    pub(super) fn write_some(
        &mut self,
        stream: &mut impl Stream,
        turn: &mut Turn<'_>,
    ) -> io::Result<()> {
        let sent = usize::try_from(self.sent).unwrap_or(usize::MAX);
        let front = self.front.get(sent..).unwrap_or_default();
        let body_offset = self.sent + front.len() as u64 - self.head_len as u64;
        let body = &self.response.body;
        let part = body.at(body_offset).filter(|_| body_offset < self.body_len);
        let part_len = part.as_ref().map_or(0, |(_, range)| range.end - range.start);
        let is_last = body_offset + part_len >= self.body_len;
        let goes_alone = is_last || part_len >= FIRST_CHUNK_BYTES as u64;
        let len = match part {
            None => self.then.write_before(stream, front)?,
            Some((Source::Bytes(bytes), range)) if goes_alone => {
                let bytes = bytes.get(in_memory(range)).unwrap_or_default();
                stream.write_vectored(&[IoSlice::new(front), IoSlice::new(bytes)])?
            }
            Some((Source::File(file), range)) if goes_alone && front.is_empty() => {
                stream.send_file(file, range.start, part_len)?
            }
            // The front goes with the first bytes of a file, and short parts with those that
            // follow, in one write.
            Some((source, _)) => {
                if matches!(source, Source::File(_)) && part_len >= MUCH_BYTES && !turn.is_alone {
                    stream.bound_buffer();
                }
                let chunk = &mut turn.workspace.chunk;
                chunk.resize(FIRST_CHUNK_BYTES, 0);
                let read = body.read_at(body_offset, chunk)?;
                let first = chunk.get(..read).filter(|first| !first.is_empty());
                let first = first.ok_or(ErrorKind::UnexpectedEof)?;
                stream.write_vectored(&[IoSlice::new(front), IoSlice::new(first)])?
            }
        };
        if len == 0 {
            // A stream takes some, or blocks; so it is the file that has become shorter.
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.sent += len as u64;
        Ok(())
    }

    /// Records the exchange for the access log, as far as it was sent.
    pub(super) fn record(&mut self, events: &mut Vec<Event>) {
        if let Some((mut exchange, began)) = self.exchange.take() {
            exchange.body_bytes = self.sent.saturating_sub(self.head_len as u64);
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
            Self::NextRequest | Self::ReadBody { .. } | Self::WebSocket(_) => stream.write(bytes),
        }
    }
}

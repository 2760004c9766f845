//! A connection after its 101, as a WebSocket: frames in and out (RFC 6455, 5 to 7).
//!
//! The only module that imports `tungstenite`. Owns no stream and no thread: the connection
//! lends its stream at each step. Knows nothing of what the messages mean.

use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tungstenite::{
    Bytes, Error, Message,
    error::ProtocolError,
    protocol::{
        CloseFrame, Role, WebSocketConfig, WebSocketContext,
        frame::{
            FrameHeader,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use super::{
    Handler, Session,
    deadlines::Deadline,
    frames::Frames,
    outbox::{Letter, Mailbox, Outbox},
    stream::Stream,
    turn::Turn,
};
use crate::http::request::Request;

/// The longest message of a client, all its fragments together; so much of an unfinished
/// one may each connection hold.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;
/// The most that may come, in fragments and the heads of their frames, before a message is
/// whole. Without it, empty fragments could go on for ever.
const MAX_UNFINISHED_BYTES: usize = 4 * MAX_MESSAGE_BYTES;
/// The buffer that each WebSocket receives into, as long as it is open.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// The most that answers to pings may take that wait for a client which does not read. One
/// that needs more is dropped.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// The frame of a short control message: two bytes, and four of mask.
const CONTROL_HEAD_BYTES: usize = 6;

/// The handler's session for one connection, and its mailbox, which closes with it.
pub(super) struct WebSocketSession {
    session: Box<dyn Session>,
    mailbox: Arc<Mailbox>,
}

/// The state of one WebSocket.
#[derive(Debug)]
pub(super) struct WebSocket {
    context: WebSocketContext,
    /// All that is on its way out: the context itself never has to wait.
    frames: Frames,
    /// `None` once a close frame is on its way out: from then on nothing is read, and
    /// nothing else is sent.
    session: Option<WebSocketSession>,
    /// The bytes received since the last message was whole, without control frames.
    unfinished_bytes: usize,
    /// Whether what is on its way out waits for the client to read.
    is_blocked: bool,
    /// Whether the client has been asked for a sign of life and given none.
    is_asked: bool,
}

/// The result of one step.
#[derive(Debug)]
pub(super) enum WebSocketProgress {
    /// Something was received or sent. A sign of life is a whole message from a client that
    /// also reads what it is sent, or else that it reads.
    Moved { is_sign_of_life: bool },
    /// The stream gave this error, which may be that it would block.
    Stopped(io::Error),
    /// The last frame is sent.
    Ended,
    /// The client is gone, or does not read.
    Lost,
}

/// The stream as the context sees it for one step. It reads once: `tungstenite` would read
/// as long as fragments come, and hold the worker. What it writes waits in the frames.
struct OneRead<'a, S> {
    stream: &'a mut S,
    frames: &'a mut Frames,
    /// The bytes of the one read, once it is done.
    read: Option<usize>,
}

impl WebSocketSession {
    /// Opens a session of the handler on the connection that has this turn.
    pub(super) fn open(
        handler: &dyn Handler,
        request: &Request<'_>,
        turn: &Turn<'_>,
    ) -> Option<Self> {
        let mailbox = Arc::new(Mailbox::new(Arc::clone(turn.handoff), turn.worker, turn.key));
        let session = handler.open_session(request, Outbox::new(Arc::clone(&mailbox)))?;
        Some(Self { session, mailbox })
    }
}

impl Drop for WebSocketSession {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl WebSocket {
    /// The WebSocket after its 101; `received` came with the handshake.
    pub(super) fn new(session: WebSocketSession, received: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let context = WebSocketContext::from_partially_read(received, Role::Server, Some(config));
        Self {
            context,
            frames: Frames::default(),
            session: Some(session),
            unfinished_bytes: 0,
            is_blocked: false,
            is_asked: false,
        }
    }

    /// The deadline of what it waits for.
    pub(super) fn deadline(&self) -> Deadline {
        if self.session.is_some() { Deadline::Silence } else { Deadline::Linger }
    }

    /// Does one thing: ends, sends, or receives.
    pub(super) fn step(
        &mut self,
        stream: &mut impl Stream,
        is_stopping: bool,
    ) -> WebSocketProgress {
        if is_stopping && self.session.is_some() {
            self.close(stream, CloseCode::Away, "the server stops");
        }
        match self.frames.write_some(stream) {
            Ok(0) => self.begin_or_receive(stream),
            Ok(_) => {
                // Room in the socket again means that the client has read. But the close has
                // its deadline, however slowly it is read.
                let has_read = self.is_blocked && self.session.is_some();
                self.is_blocked &= !self.frames.is_empty();
                self.moved(has_read)
            }
            Err(error) if is_block(&error) && self.session.is_some() => {
                self.is_blocked = true;
                self.receive(stream)
            }
            Err(error) => WebSocketProgress::Stopped(error),
        }
    }

    /// Pings a client that has been silent, or has not read; `false` if it has been pinged
    /// before and has given no sign of life since.
    pub(super) fn ask(&mut self, stream: &mut impl Stream) -> bool {
        if self.session.is_none() || mem::replace(&mut self.is_asked, true) {
            return false;
        }
        if self.frames.is_empty() {
            // It cannot fail while the session is open: the ping waits in the frames.
            let _: Result<(), Error> =
                self.context.write(&mut self.frames.port(stream), Message::Ping(Bytes::new()));
        }
        true
    }

    /// For the fuzz targets.
    #[cfg(fuzzing)]
    pub(super) fn answer_bytes(&self) -> usize {
        self.frames.answer_bytes()
    }

    /// With nothing left to send, begins the next text, or reads if there is none.
    fn begin_or_receive(&mut self, stream: &mut impl Stream) -> WebSocketProgress {
        let Some(session) = &self.session else { return WebSocketProgress::Ended };
        let Some(letter) = session.mailbox.take() else { return self.receive(stream) };
        self.frames.begin(&head_of(&letter), letter);
        WebSocketProgress::Moved { is_sign_of_life: false }
    }

    /// Reads one message, or a part of one.
    fn receive(&mut self, stream: &mut impl Stream) -> WebSocketProgress {
        let mut port = self.frames.port(stream);
        let received = self.context.read(&mut port);
        let read = port.read;
        self.unfinished_bytes += read.unwrap_or(0);
        let is_sign_of_life = match received {
            Ok(message) => {
                self.take(stream, message);
                !self.is_blocked
            }
            // The next step reads on.
            Err(Error::Io(error)) if is_block(&error) && read.is_some() => false,
            Err(error) => return self.fail(stream, error),
        };
        if self.unfinished_bytes > MAX_UNFINISHED_BYTES {
            self.close(stream, CloseCode::Size, "a message has too many fragments");
        }
        if self.frames.answer_bytes() > MAX_ANSWER_BYTES {
            return WebSocketProgress::Lost;
        }
        self.moved(is_sign_of_life)
    }

    fn moved(&mut self, is_sign_of_life: bool) -> WebSocketProgress {
        self.is_asked &= !is_sign_of_life;
        WebSocketProgress::Moved { is_sign_of_life }
    }

    /// Handles a message. The context has an answer ready to a ping or a close.
    fn take(&mut self, stream: &mut impl Stream, message: Message) {
        match message {
            Message::Text(text) => {
                self.unfinished_bytes = 0;
                if self.hand_over(&text).is_err() {
                    self.close(stream, CloseCode::Error, "the server failed");
                }
            }
            Message::Binary(_) => self.close(stream, CloseCode::Unsupported, "send texts only"),
            Message::Close(_) => {
                self.session = None;
                self.flush_answer(stream);
            }
            Message::Ping(payload) | Message::Pong(payload) => {
                let frame = payload.len() + CONTROL_HEAD_BYTES;
                self.unfinished_bytes = self.unfinished_bytes.saturating_sub(frame);
                self.flush_answer(stream);
            }
            // The context gives frames only if it is configured to.
            Message::Frame(_) => {}
        }
    }

    /// Moves the answer of the context to the frames, which take everything: the only error
    /// is that the context has ended.
    fn flush_answer(&mut self, stream: &mut impl Stream) {
        let _: Result<(), Error> = self.context.flush(&mut self.frames.port(stream));
    }

    /// Gives the session a text, and catches its panic.
    fn hand_over(&mut self, text: &str) -> thread::Result<()> {
        let Some(session) = &mut self.session else { return Ok(()) };
        catch_unwind(AssertUnwindSafe(|| session.session.receive(text)))
    }

    /// Ends after an error; with a close frame that says why, if the client broke a rule.
    fn fail(&mut self, stream: &mut impl Stream, error: Error) -> WebSocketProgress {
        match error {
            Error::Io(error) => return WebSocketProgress::Stopped(error),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                return WebSocketProgress::Lost;
            }
            Error::Protocol(error) => self.close(stream, CloseCode::Protocol, &error.to_string()),
            Error::Capacity(error) => self.close(stream, CloseCode::Size, &error.to_string()),
            Error::Utf8(_) => self.close(stream, CloseCode::Invalid, "a text is in UTF-8"),
            _ => return WebSocketProgress::Lost,
        }
        self.moved(false)
    }

    /// Sends a close frame with the reason. Does not wait for the client's own, since the
    /// connection lingers after its last byte in any case.
    fn close(&mut self, stream: &mut impl Stream, code: CloseCode, reason: &str) {
        self.session = None;
        let frame = CloseFrame { code, reason: reason.into() };
        // It fails if one is on its way already.
        let _: Result<(), Error> = self.context.close(&mut self.frames.port(stream), Some(frame));
    }
}

impl Frames {
    fn port<'a, S>(&'a mut self, stream: &'a mut S) -> OneRead<'a, S> {
        OneRead { stream, frames: self, read: None }
    }
}

impl<S: Read> Read for OneRead<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.read.is_some() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let len = self.stream.read(buf)?;
        self.read = Some(len);
        Ok(len)
    }
}

impl<S> Write for OneRead<'_, S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.frames.answer(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The head of a frame that holds a whole text.
fn head_of(letter: &Letter) -> Vec<u8> {
    let opcode = OpCode::Data(Data::Text);
    let header = FrameHeader { is_final: true, opcode, ..FrameHeader::default() };
    let mut head = Vec::with_capacity(16);
    header.format(letter.len() as u64, &mut head).expect("a vector takes all that is written");
    head
}

fn is_block(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

impl fmt::Debug for WebSocketSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketSession").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

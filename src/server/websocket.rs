//! A connection that goes on as a WebSocket: frames in and out (RFC 6455, 5 to 7).
//!
//! The one door of `tungstenite`. Owns no stream and no thread: the connection
//! lends its stream at each step. Knows nothing of what is said.

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

/// The longest message of a client, all its fragments together; what each connection may
/// hold of one that is not whole.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;
/// What may come, in fragments and the heads of their frames, before a message is whole.
/// Otherwise empty fragments could go on without end.
const MAX_UNFINISHED_BYTES: usize = 4 * MAX_MESSAGE_BYTES;
/// What each WebSocket holds for receiving, as long as it is open.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Answers that may wait for a client that asks and does not read. Then it is lost.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// The frame of a short control message: two bytes, and four of mask.
const CONTROL_HEAD_BYTES: usize = 6;

/// A session and its mailbox, which closes with it.
pub(super) struct Talk {
    session: Box<dyn Session>,
    mailbox: Arc<Mailbox>,
}

/// The state of one WebSocket.
#[derive(Debug)]
pub(super) struct WebSocket {
    context: WebSocketContext,
    /// All that is on its way out: the context itself never has to wait.
    frames: Frames,
    /// Gone once a close frame is on its way out: from then on nothing is read,
    /// and nothing else is sent.
    talk: Option<Talk>,
    /// The bytes that have come since the last message was whole, control frames left out.
    unfinished_bytes: usize,
    /// Whether what is on its way out waits for the client to read.
    is_blocked: bool,
    /// Whether the client has been asked for a sign of life and given none.
    is_asked: bool,
}

/// What one step came to.
#[derive(Debug)]
pub(super) enum Progress {
    /// Something came, or went out. A sign of life is a whole message from a client that
    /// also reads what it is sent, or else that it reads.
    Moved { is_sign_of_life: bool },
    /// Nothing: the stream gave this error, which may be that it would block.
    Stopped(io::Error),
    /// The last frame is out.
    Ended,
    /// The client has vanished, or does not read.
    Lost,
}

/// The stream, as the context has it for one step. It reads once: `tungstenite` goes on
/// while fragments come, and would keep the worker. What it writes waits in the frames.
struct Port<'a, S> {
    stream: &'a mut S,
    frames: &'a mut Frames,
    /// The bytes of the one read, once it is done.
    read: Option<usize>,
}

impl Talk {
    /// Asks the handler who talks on the connection that has this turn.
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

impl Drop for Talk {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl WebSocket {
    /// The WebSocket after its 101; `received` came with the handshake.
    pub(super) fn new(talk: Talk, received: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let context = WebSocketContext::from_partially_read(received, Role::Server, Some(config));
        Self {
            context,
            frames: Frames::default(),
            talk: Some(talk),
            unfinished_bytes: 0,
            is_blocked: false,
            is_asked: false,
        }
    }

    /// What it waits for.
    pub(super) fn deadline(&self) -> Deadline {
        if self.talk.is_some() { Deadline::Silence } else { Deadline::Linger }
    }

    /// Gets on with one thing: the end, something to send, something to read.
    pub(super) fn step(&mut self, stream: &mut impl Stream, is_stopping: bool) -> Progress {
        if is_stopping && self.talk.is_some() {
            self.close(stream, CloseCode::Away, "the server stops");
        }
        match self.frames.write_some(stream) {
            Ok(0) => self.begin_or_receive(stream),
            Ok(_) => {
                // That there is room again says that the client has read. But an end has its
                // deadline, however slowly it is read.
                let has_read = self.is_blocked && self.talk.is_some();
                self.is_blocked &= !self.frames.is_empty();
                self.moved(has_read)
            }
            Err(error) if is_block(&error) && self.talk.is_some() => {
                self.is_blocked = true;
                self.receive(stream)
            }
            Err(error) => Progress::Stopped(error),
        }
    }

    /// Asks a client that has been silent, or has not read, for a sign of life; `false`
    /// where it has been asked before.
    pub(super) fn ask(&mut self, stream: &mut impl Stream) -> bool {
        if self.talk.is_none() || mem::replace(&mut self.is_asked, true) {
            return false;
        }
        if self.frames.is_empty() {
            // It cannot fail while the session is open: it only waits in the frames.
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

    /// Once all is out: begins with the next text, or reads where there is none.
    fn begin_or_receive(&mut self, stream: &mut impl Stream) -> Progress {
        let Some(talk) = &self.talk else { return Progress::Ended };
        let Some(letter) = talk.mailbox.take() else { return self.receive(stream) };
        self.frames.begin(&head_of(&letter), letter);
        Progress::Moved { is_sign_of_life: false }
    }

    /// Reads one message, or a part of one.
    fn receive(&mut self, stream: &mut impl Stream) -> Progress {
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
            return Progress::Lost;
        }
        self.moved(is_sign_of_life)
    }

    fn moved(&mut self, is_sign_of_life: bool) -> Progress {
        self.is_asked &= !is_sign_of_life;
        Progress::Moved { is_sign_of_life }
    }

    /// Takes a message; the context has an answer to a ping or a close.
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
                self.talk = None;
                self.flush_answer(stream);
            }
            Message::Ping(payload) | Message::Pong(payload) => {
                let frame = payload.len() + CONTROL_HEAD_BYTES;
                self.unfinished_bytes = self.unfinished_bytes.saturating_sub(frame);
                self.flush_answer(stream);
            }
            // Only a context that is asked for frames gives one.
            Message::Frame(_) => {}
        }
    }

    /// Moves the answer of the context to what waits. That it then has ended is an error
    /// there, and no other can be: the frames take all.
    fn flush_answer(&mut self, stream: &mut impl Stream) {
        let _: Result<(), Error> = self.context.flush(&mut self.frames.port(stream));
    }

    /// Gives the session a text. A panic of the session stays here.
    fn hand_over(&mut self, text: &str) -> thread::Result<()> {
        let Some(talk) = &mut self.talk else { return Ok(()) };
        catch_unwind(AssertUnwindSafe(|| talk.session.receive(text)))
    }

    /// Ends after an error: says why, where the client has broken a rule.
    fn fail(&mut self, stream: &mut impl Stream, error: Error) -> Progress {
        match error {
            Error::Io(error) => return Progress::Stopped(error),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return Progress::Lost,
            Error::Protocol(error) => self.close(stream, CloseCode::Protocol, &error.to_string()),
            Error::Capacity(error) => self.close(stream, CloseCode::Size, &error.to_string()),
            Error::Utf8(_) => self.close(stream, CloseCode::Invalid, "a text is in UTF-8"),
            _ => return Progress::Lost,
        }
        self.moved(false)
    }

    /// Says why it ends. The client's own close frame is not waited for, since the
    /// connection lingers after its last byte in any case.
    fn close(&mut self, stream: &mut impl Stream, code: CloseCode, reason: &str) {
        self.talk = None;
        let frame = CloseFrame { code, reason: reason.into() };
        // It fails where one is under way already.
        let _: Result<(), Error> = self.context.close(&mut self.frames.port(stream), Some(frame));
    }
}

impl Frames {
    fn port<'a, S>(&'a mut self, stream: &'a mut S) -> Port<'a, S> {
        Port { stream, frames: self, read: None }
    }
}

impl<S: Read> Read for Port<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.read.is_some() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let len = self.stream.read(buf)?;
        self.read = Some(len);
        Ok(len)
    }
}

impl<S> Write for Port<'_, S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.frames.answer(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The head of a frame that is a whole text.
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

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

//! A connection that goes on as a WebSocket: frames in and out (RFC 6455, 5 to 7).
//!
//! The one door of `tungstenite`. Owns no stream and no thread: the connection
//! lends its stream at each step. Knows nothing of what is said.

use std::{
    fmt,
    io::{self, ErrorKind},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tungstenite::{
    Bytes, Error, Message,
    error::ProtocolError,
    protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext, frame::coding::CloseCode},
};

use super::{
    Handler, Session,
    deadlines::Deadline,
    outbox::{Mailbox, Outbox},
    stream::Stream,
    turn::Turn,
};
use crate::http::request::Request;

/// The longest message of a client, all its frames together.
const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// What each WebSocket holds for receiving, as long as it is open.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// A session and its mailbox, which closes with it.
pub(super) struct Talk {
    session: Box<dyn Session>,
    mailbox: Arc<Mailbox>,
}

/// The state of one WebSocket.
#[derive(Debug)]
pub(super) struct WebSocket {
    context: WebSocketContext,
    /// Gone once a close frame is on its way out: from then on nothing is read,
    /// and nothing else is sent.
    talk: Option<Talk>,
    /// Whether the client has been asked for a sign of life and given none.
    is_asked: bool,
}

/// What one step came to.
#[derive(Debug)]
pub(super) enum Progress {
    /// A text is out, or on its way.
    Sent,
    /// A frame or message has come.
    Received,
    /// Nothing: the stream gave this error, which may be that it would block.
    Stopped(io::Error),
    /// The last frame is out.
    Ended,
    /// The client has vanished, or does not read.
    Lost,
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
        Self { context, talk: Some(talk), is_asked: false }
    }

    /// What it waits for.
    pub(super) fn deadline(&self) -> Deadline {
        if self.talk.is_some() { Deadline::Silence } else { Deadline::Linger }
    }

    /// Gets on with one thing: the end, something to send, something to read.
    pub(super) fn step(&mut self, stream: &mut impl Stream, is_stopping: bool) -> Progress {
        if self.talk.is_none() {
            return self.flush_end(stream);
        }
        if is_stopping {
            return self.close(stream, CloseCode::Away, "the server stops");
        }
        match self.send_next(stream) {
            Ok(true) => Progress::Sent,
            Ok(false) => self.receive(stream),
            Err(progress) => progress,
        }
    }

    /// Asks a client that has been silent for a sign of life; `false` where it has
    /// been asked before.
    pub(super) fn ask(&mut self, stream: &mut impl Stream) -> bool {
        if self.talk.is_none() || mem::replace(&mut self.is_asked, true) {
            return false;
        }
        // What cannot go out now goes with the next step; what failed fails there too.
        let _: Result<(), Error> = self.context.write(stream, Message::Ping(Bytes::new()));
        true
    }

    /// Sends the next text, if there is one and the one before is out: what waits,
    /// waits in the mailbox, which is bounded.
    fn send_next(&mut self, stream: &mut impl Stream) -> Result<bool, Progress> {
        let Some(talk) = &self.talk else { return Ok(false) };
        let may_send = is_done(self.context.flush(stream))?;
        let Some(text) = talk.mailbox.take_if(may_send).map_err(|_| Progress::Lost)? else {
            return Ok(false);
        };
        is_done(self.context.write(stream, Message::text(&*text)))?;
        Ok(true)
    }

    fn receive(&mut self, stream: &mut impl Stream) -> Progress {
        match self.context.read(stream) {
            Ok(message) => self.take(stream, message),
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Progress::Lost,
            Err(Error::Protocol(error)) => {
                self.close(stream, CloseCode::Protocol, &error.to_string())
            }
            Err(Error::Capacity(error)) => self.close(stream, CloseCode::Size, &error.to_string()),
            Err(Error::Utf8(_)) => self.close(stream, CloseCode::Invalid, "a text is in UTF-8"),
            Err(error) => error.into(),
        }
    }

    fn take(&mut self, stream: &mut impl Stream, message: Message) -> Progress {
        self.is_asked = false;
        match message {
            Message::Text(text) if self.hand_over(&text).is_err() => {
                self.close(stream, CloseCode::Error, "the server failed")
            }
            Message::Binary(_) => self.close(stream, CloseCode::Unsupported, "send texts only"),
            // The answer is under way already, with the same code.
            Message::Close(_) => {
                self.talk = None;
                self.flush_end(stream)
            }
            // So is the pong to a ping.
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                Progress::Received
            }
        }
    }

    /// Gives the session a text. A panic of the session stays here.
    fn hand_over(&mut self, text: &str) -> thread::Result<()> {
        let Some(talk) = &mut self.talk else { return Ok(()) };
        catch_unwind(AssertUnwindSafe(|| talk.session.receive(text)))
    }

    /// Says why it ends. The client's own close frame is not waited for, since the
    /// connection lingers after its last byte in any case.
    fn close(&mut self, stream: &mut impl Stream, code: CloseCode, reason: &str) -> Progress {
        self.talk = None;
        let frame = CloseFrame { code, reason: reason.into() };
        self.context.close(stream, Some(frame)).map_or_else(Progress::from, |()| Progress::Ended)
    }

    fn flush_end(&mut self, stream: &mut impl Stream) -> Progress {
        self.context.flush(stream).map_or_else(Progress::from, |()| Progress::Ended)
    }
}

/// Whether something was done to its end; not so where the rest would block.
fn is_done(result: Result<(), Error>) -> Result<bool, Progress> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for Progress {
    /// What an error means where there is nothing more to say to the client.
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => Self::Stopped(error),
            // Both close frames are out.
            Error::ConnectionClosed => Self::Ended,
            _ => Self::Lost,
        }
    }
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk").field("mailbox", &self.mailbox).finish_non_exhaustive()
    }
}

//! One connection: from received bytes to a request, from a response to sent bytes.

mod sending;

use std::{mem, net::IpAddr};

use super::{
    Event,
    deadlines::Deadline,
    outgoing::Outgoing,
    reply::Reply,
    stream::Stream,
    turn::{Next, Turn, TurnStep, Waiting},
    websocket::{WebSocket, WebSocketProgress},
};
use crate::http::{
    answer::Promise,
    error::{Refusal, RequestError},
    request::{self, FieldSlots, Request},
    request_body::{BodyLength, BodyReader, Content},
};

/// Steps (a head read, a chunk written …) before another connection has its turn.
const STEPS_A_TURN: usize = 32;

/// One client's connection. Between requests it holds no buffer.
#[derive(Debug)]
pub(super) struct Connection<S> {
    stream: S,
    peer: IpAddr,
    state: ConnectionState,
    /// Whether its worker has registered the stream; set by the worker.
    pub(super) is_registered: bool,
    /// Whether it waits for its turn; set by the worker.
    pub(super) is_ready: bool,
    /// Whether the system has said in this round that something is there to be read; set by the
    /// worker.
    pub(super) is_readable: bool,
    /// Received and not yet used, from the end of one turn to the next.
    leftover: Vec<u8>,
    /// Whether the client will send no more than what has arrived; set by the worker.
    pub(super) is_read_closed: bool,
    /// Whether, in this turn, a read may still find something.
    may_read: bool,
    /// Whether a body or a response has progressed in this turn.
    has_progressed: bool,
}

/// `Head -> (Body ->) (Promised ->) Response -> Head`, until one ends in `Linger` or the close.
/// A 100 (Continue) is a response on the way to `Body`, a 101 (Switching Protocols)
/// one to `WebSocket`, which ends like a response that closes.
#[derive(Debug)]
enum ConnectionState {
    /// Waiting for the rest of a head, or, with no byte of it here, idle.
    Head,
    /// Reading a body past; its head of `head_len` bytes is at the front of the input.
    Body { head_len: usize, reader: BodyReader },
    /// Waiting for an answer that another thread makes, and that wakes the worker.
    Promised { reply: Box<Reply<Promise>>, is_late: bool },
    /// Sending.
    Response(Outgoing),
    /// A WebSocket, no longer HTTP.
    WebSocket(Box<WebSocket>),
    /// The answer is out and so is the end of the stream; what the client still
    /// sends is dropped, since closing upon it would reset the connection and
    /// could take the answer away (RFC 9112, 9.6).
    Linger,
}

impl<S: Stream> Connection<S> {
    /// A connection that nothing has come from yet.
    pub(super) fn new(stream: S, peer: IpAddr) -> Self {
        Self {
            stream,
            peer,
            state: ConnectionState::Head,
            is_registered: false,
            is_ready: false,
            is_readable: false,
            leftover: Vec::new(),
            is_read_closed: false,
            may_read: true,
            has_progressed: false,
        }
    }

    /// The stream, to register it.
    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Whether an answer is out and nothing of the next request has come.
    pub(super) fn is_between_requests(&self) -> bool {
        matches!(self.state, ConnectionState::Head) && self.leftover.is_empty()
    }

    /// The stream, the client's address, and whether the stream is registered: all that there
    /// is of a connection between two requests.
    pub(super) fn into_parts(self) -> (S, IpAddr, bool) {
        (self.stream, self.peer, self.is_registered)
    }

    /// Whether room to send may be what it waits for.
    pub(super) fn is_sending(&self) -> bool {
        matches!(self.state, ConnectionState::Response(_) | ConnectionState::WebSocket(_))
    }

    /// Gets on until the stream would block, or the turn is over.
    pub(super) fn drive(&mut self, turn: &mut Turn<'_>) -> Next {
        turn.workspace.input.load(&mem::take(&mut self.leftover));
        let next = self.advance(turn);
        self.leftover = turn.workspace.input.take_rest();
        next
    }

    /// Answers without having read a request, and closes.
    pub(super) fn refuse(&mut self, turn: &mut Turn<'_>, refusal: Refusal) -> Next {
        turn.workspace.input.load(&mem::take(&mut self.leftover));
        self.refuse_input(turn, refusal);
        let next = self.advance(turn);
        self.leftover = turn.workspace.input.take_rest();
        next
    }

    /// The deadline has ended: a request that is late gets 408, all else closes.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>, deadline: Deadline) -> Next {
        let is_request_late = matches!(
            (deadline, &self.state),
            (Deadline::Head, ConnectionState::Head)
                | (Deadline::Stall, ConnectionState::Body { .. })
        );
        if is_request_late {
            return self.refuse(turn, RequestError::Timeout.into());
        }
        match &mut self.state {
            ConnectionState::Response(_) => self.try_once_more(turn),
            ConnectionState::Promised { is_late, .. } => {
                *is_late = true;
                self.drive(turn)
            }
            ConnectionState::WebSocket(websocket) => match websocket.ask(&mut self.stream) {
                true => self.drive(turn),
                false => Next::Close,
            },
            _ => Next::Close,
        }
    }

    /// The system reports a socket as writable once much of its buffer is free.
    /// A client that reads slowly but steadily may not get so far in time, though
    /// there is room for some bytes.
    fn try_once_more(&mut self, turn: &mut Turn<'_>) -> Next {
        let next = self.drive(turn);
        match next {
            Next::Wait(Waiting { has_progressed: false, .. }) => Next::Close,
            _ => next,
        }
    }

    /// Accounts for a response that will not be finished.
    pub(super) fn abandon(self, events: &mut Vec<Event>) {
        match self.state {
            ConnectionState::Response(mut outgoing) => outgoing.record(events),
            ConnectionState::Promised { reply, .. } => reply.record(events),
            _ => {}
        }
    }

    /// For the fuzz targets.
    #[cfg(fuzzing)]
    pub(super) fn waiting_answer_bytes(&self) -> usize {
        let ConnectionState::WebSocket(websocket) = &self.state else { return 0 };
        websocket.answer_bytes()
    }

    fn advance(&mut self, turn: &mut Turn<'_>) -> Next {
        self.may_read = true;
        self.has_progressed = false;
        for _ in 0..STEPS_A_TURN {
            let step = match mem::replace(&mut self.state, ConnectionState::Head) {
                ConnectionState::Head => self.read_head(turn),
                ConnectionState::Body { head_len, reader } => {
                    self.read_body(turn, head_len, reader)
                }
                ConnectionState::Promised { reply, is_late } => {
                    self.await_answer(turn, reply, is_late)
                }
                ConnectionState::Response(outgoing) => self.write_response(turn, outgoing),
                ConnectionState::WebSocket(websocket) => self.step_websocket(turn, websocket),
                ConnectionState::Linger => self.linger(turn),
            };
            match step {
                TurnStep::Continue => {}
                TurnStep::Pause => break,
                TurnStep::Wait => return Next::Wait(self.waiting(turn)),
                TurnStep::Close => return Next::Close,
            }
        }
        Next::Again(self.waiting(turn))
    }

    fn waiting(&self, turn: &Turn<'_>) -> Waiting {
        let deadline = match self.state {
            // An empty line may stand before a request, and begins none.
            ConnectionState::Head
                if matches!(turn.workspace.input.bytes(), b"" | b"\r" | b"\r\n") =>
            {
                Deadline::Idle
            }
            ConnectionState::Head => Deadline::Head,
            ConnectionState::Body { .. }
            | ConnectionState::Promised { .. }
            | ConnectionState::Response(_) => Deadline::Stall,
            ConnectionState::WebSocket(ref websocket) => websocket.deadline(),
            ConnectionState::Linger => Deadline::Linger,
        };
        Waiting { deadline, has_progressed: self.has_progressed }
    }

    fn read_head(&mut self, turn: &mut Turn<'_>) -> TurnStep {
        let input = turn.workspace.input.bytes();
        if input.is_empty() {
            return self.fill(turn);
        }
        let mut slots = FieldSlots::default();
        let limits = &turn.shared.options.limits;
        match request::parse(input, &mut slots, limits) {
            Ok(None) => self.fill(turn),
            Err(error) => self.refuse_input(turn, error.into()),
            Ok(Some((request, head_len))) if request.body == BodyLength::Known(0) => {
                // A second request may have come later.
                let request = Request { arrived_by: turn.arrived_by.take(), ..request };
                let reply = Reply::to(&request, &input[..head_len], turn, self.peer);
                turn.workspace.input.consume(head_len);
                self.answer(turn, reply)
            }
            Ok(Some((request, head_len))) => {
                let Ok(reader) = BodyReader::new(request.body, limits.max_body_bytes) else {
                    return self.answer_head(turn, head_len, None);
                };
                let reader = reader.keeping(turn.shared.share_for_body(request.body));
                if request.expects_continue && input.len() == head_len {
                    self.state = ConnectionState::Response(Outgoing::interim(head_len, reader));
                    return TurnStep::Continue;
                }
                self.read_body(turn, head_len, reader)
            }
        }
    }

    /// Reads the body past and, once it has ended, answers its head, with what was kept of it.
    fn read_body(
        &mut self,
        turn: &mut Turn<'_>,
        head_len: usize,
        mut reader: BodyReader,
    ) -> TurnStep {
        // What was there is the body.
        turn.arrived_by = None;
        let input = &mut turn.workspace.input;
        match reader.skip(&input.bytes()[head_len..]) {
            Err(RequestError::BodyTooLarge) => {
                return self.answer_head(turn, head_len, None);
            }
            Err(error) => return self.refuse_input(turn, error.into()),
            Ok(len) => {
                input.cut(head_len, len);
                self.has_progressed |= len > 0;
            }
        }
        if !reader.is_done() {
            self.state = ConnectionState::Body { head_len, reader };
            return self.fill(turn);
        }
        self.answer_head(turn, head_len, Some(reader.content()))
    }

    /// Answers the request whose head stands in the input. Without its `content` the body is too
    /// large to be read: the connection closes, and the client need not send the rest
    /// (RFC 9110, 15.5.14).
    fn answer_head(
        &mut self,
        turn: &mut Turn<'_>,
        head_len: usize,
        content: Option<Content<'_>>,
    ) -> TurnStep {
        let mut slots = FieldSlots::default();
        let head = &turn.workspace.input.bytes()[..head_len];
        let read = request::parse(head, &mut slots, &turn.shared.options.limits);
        // It was read before its body was.
        let Ok(Some((request, _))) = read else { return TurnStep::Close };
        let request = Request { content, ..request };
        if content.is_none() {
            let refusal = RequestError::BodyTooLarge.into();
            let reply = Reply::refusal(refusal, Some(&request), turn, self.peer);
            return self.end_with(turn, reply);
        }
        let reply = Reply::to(&request, head, turn, self.peer);
        turn.workspace.input.consume(head_len);
        self.answer(turn, reply)
    }

    fn fill(&mut self, turn: &mut Turn<'_>) -> TurnStep {
        if !self.may_read {
            return TurnStep::Wait;
        }
        match turn.workspace.input.fill(&mut self.stream) {
            // The request was cut off: it is not answered as if it were whole.
            Ok(None) => TurnStep::Close,
            Ok(Some(was_filled)) => {
                // A read that left room has emptied the socket: what comes later
                // raises a new event. The end of the stream may have come before.
                self.may_read = was_filled || self.is_read_closed;
                TurnStep::Continue
            }
            Err(error) => TurnStep::after(&error),
        }
    }

    /// Answers what stands in the input, which cannot be gone on with, and ends.
    fn refuse_input(&mut self, turn: &mut Turn<'_>, refusal: Refusal) -> TurnStep {
        let reply = Reply::refusal(refusal, None, turn, self.peer);
        self.end_with(turn, reply)
    }

    /// Sends the last answer; nothing that stands in the input is gone on with.
    fn end_with(&mut self, turn: &mut Turn<'_>, reply: Reply) -> TurnStep {
        let input = &mut turn.workspace.input;
        input.consume(input.bytes().len());
        self.respond(turn, reply)
    }

    fn step_websocket(&mut self, turn: &Turn<'_>, mut websocket: Box<WebSocket>) -> TurnStep {
        let progress = websocket.step(&mut self.stream, turn.is_stopping);
        self.state = ConnectionState::WebSocket(websocket);
        match progress {
            WebSocketProgress::Moved { is_sign_of_life } => {
                self.has_progressed |= is_sign_of_life;
                TurnStep::Continue
            }
            WebSocketProgress::Stopped(error) => TurnStep::after(&error),
            WebSocketProgress::Ended => self.end_stream(),
            WebSocketProgress::Lost => TurnStep::Close,
        }
    }
}

#[cfg(test)]
mod tests;

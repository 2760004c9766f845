//! Answers on a connection: waits for one, sends it, and goes on with the next request, or
//! ends.

use std::{mem, sync::Arc};

use super::{Connection, ConnectionState};
use crate::{
    http::{
        answer::{Answer, Promise},
        prepared::Persistence,
    },
    server::{
        outgoing::{Outgoing, Then},
        reply::Reply,
        stream::Stream,
        turn::{Turn, TurnStep},
        websocket::WebSocket,
    },
};

impl<S: Stream> Connection<S> {
    /// Sends an answer, or waits until another thread has made it.
    pub(super) fn answer(&mut self, turn: &mut Turn<'_>, reply: Reply<Answer>) -> TurnStep {
        match reply.split() {
            (Answer::Ready(response), reply) => self.respond(turn, reply.with(response)),
            (Answer::Later(promise), reply) => {
                let (handoff, worker, key) = (Arc::clone(turn.handoff), turn.worker, turn.key);
                promise.wake_with(move || handoff.announce_mail(worker, key));
                self.await_answer(turn, Box::new(reply.with(promise)), false)
            }
        }
    }

    /// Answers with what was promised, once it is made, or with what there is instead to
    /// a client that has waited too long.
    pub(super) fn await_answer(
        &mut self,
        turn: &mut Turn<'_>,
        reply: Box<Reply<Promise>>,
        is_late: bool,
    ) -> TurnStep {
        let instead = is_late.then(|| Arc::clone(reply.response.instead()));
        match reply.response.made().or(instead) {
            Some(response) => self.respond(turn, reply.with(response)),
            None => {
                self.state = ConnectionState::Promised { reply, is_late };
                TurnStep::Wait
            }
        }
    }

    pub(super) fn respond(&mut self, turn: &mut Turn<'_>, reply: Reply) -> TurnStep {
        let Reply { response, sends_body, persistence, is_last, session, exchange } = reply;
        let mut front = mem::take(&mut turn.workspace.front);
        front.clear();
        response.write_head(&mut front, turn.date, persistence);
        let is_last = is_last && turn.workspace.input.bytes().is_empty();
        let then = match (session, persistence) {
            (Some(session), _) => Then::WebSocket(session),
            (None, Persistence::KeepAlive | Persistence::KeepAliveSaid) => Then::NextRequest,
            (None, Persistence::Close) if is_last => Then::Close,
            (None, Persistence::Close) => Then::Linger,
        };
        self.write_response(turn, Outgoing::new(front, response, sends_body, then, exchange))
    }

    /// Writes once. A partial write is tried again at the next step, which then
    /// finds that the stream would block.
    pub(super) fn write_response(
        &mut self,
        turn: &mut Turn<'_>,
        mut outgoing: Outgoing,
    ) -> TurnStep {
        match outgoing.write_some(&mut self.stream, turn) {
            Ok(()) if outgoing.is_sent() => {
                self.has_progressed = true;
                self.finish(turn, outgoing)
            }
            Ok(()) => {
                self.has_progressed = true;
                let is_within_file = outgoing.is_within_file();
                self.state = ConnectionState::Response(outgoing.deferred());
                if is_within_file { TurnStep::Pause } else { TurnStep::Continue }
            }
            Err(error) => {
                self.state = ConnectionState::Response(outgoing.deferred());
                TurnStep::after(&error)
            }
        }
    }

    fn finish(&mut self, turn: &mut Turn<'_>, mut outgoing: Outgoing) -> TurnStep {
        outgoing.record(&mut turn.workspace.events);
        turn.workspace.front = outgoing.front;
        match outgoing.then {
            Then::NextRequest => self.state = ConnectionState::Head,
            Then::ReadBody { head_len, reader } => {
                self.state = ConnectionState::Body { head_len, reader }
            }
            Then::WebSocket(session) => {
                let received = turn.workspace.input.take_rest();
                self.state =
                    ConnectionState::WebSocket(Box::new(WebSocket::new(session, received)));
            }
            Then::Close => return TurnStep::Close,
            Then::Linger => return self.end_stream(),
        }
        TurnStep::Continue
    }

    /// Ends the stream behind the last answer.
    pub(super) fn end_stream(&mut self) -> TurnStep {
        if self.stream.shut_down_write().is_err() {
            return TurnStep::Close;
        }
        self.state = ConnectionState::Linger;
        TurnStep::Continue
    }

    /// Drops what the client still sends.
    pub(super) fn linger(&mut self, turn: &mut Turn<'_>) -> TurnStep {
        self.state = ConnectionState::Linger;
        let input = &mut turn.workspace.input;
        input.consume(input.bytes().len());
        self.fill(turn)
    }
}

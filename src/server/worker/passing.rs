//! Connections that a worker passes on to others, and how they come to its own poll.

use std::time::Instant;

use mio::{Interest, Token};

use super::Worker;
use crate::server::{
    deadlines::Deadline,
    handoff::{Admission, Incoming},
    turn::Waiting,
};

impl Worker {
    /// Judges the round by its length, and how many connections the next one passes on.
    pub(super) fn end_round(&mut self) {
        let ended = Instant::now();
        if let Some(until) = self.pace.add(self.now, ended) {
            self.handoff.publish_crowded(self.index, until);
        }
        self.surplus =
            if self.pace.is_crowded(ended) { self.handoff.surplus(self.index) } else { 0 };
    }

    /// Whether the connection is for another worker from now on. Only one that has just been
    /// answered is: it takes part in what makes the rounds long, and all that stands between
    /// two of its requests is a stream.
    pub(super) fn passes_on(&self, key: usize, waiting: Waiting) -> bool {
        let has_answered = waiting.deadline == Deadline::Idle && waiting.has_progressed;
        self.surplus > 0 && has_answered && self.connections[key].is_between_requests()
    }

    /// Passes the connection on. What the client has sent meanwhile is an event for the worker
    /// that registers it.
    pub(super) fn pass_on(&mut self, key: usize) {
        self.surplus -= 1;
        self.deadlines.remove(key);
        let (mut stream, peer, is_registered) = self.connections.remove(key).into_parts();
        if is_registered && self.poll.registry().deregister(&mut stream).is_err() {
            return self.handoff.release(self.index);
        }
        let incoming = Incoming { stream, peer, admission: Admission::Serve };
        self.handoff.pass_on(self.index, incoming);
    }

    /// Sees to it that events of the connection reach this worker, if the system has
    /// room for that. It is registered when it first has to wait: one whose request
    /// came with it, and that closes upon its answer, needs no event. Registered once
    /// and edge-triggered: nothing is re-armed, so nothing can be forgotten.
    pub(super) fn ensure_registered(&mut self, key: usize) -> bool {
        let connection = &mut self.connections[key];
        if !connection.is_registered {
            let interest = Interest::READABLE | Interest::WRITABLE;
            let registry = self.poll.registry();
            let registered = registry.register(connection.stream_mut(), Token(key), interest);
            connection.is_registered = registered.is_ok();
        }
        connection.is_registered
    }
}

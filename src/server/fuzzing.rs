//! A connection as its worker would drive it, for the fuzz targets.
//!
//! Compiled for `cargo fuzz` alone: all else of a connection is private to the server.

use std::{fmt, sync::Arc};

use super::{
    Handler,
    connection::Connection,
    scripted::{Bench, ScriptedStream},
    turn::{Next, Turn, Waiting, Workspace},
};
use crate::http::request::Limits;

/// A connection, and the client's side of it.
pub struct Scripted {
    bench: Bench,
    waiting: Option<Waiting>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted")
            .field("connection", &self.bench.connection)
            .finish_non_exhaustive()
    }
}

impl Scripted {
    /// A connection that nothing has come from yet. The client reads all it gets.
    pub fn new(handler: Arc<dyn Handler>, limits: Limits) -> Self {
        let workspace = Workspace::new(&limits);
        Self { bench: Bench::open(handler, limits, workspace), waiting: None }
    }

    /// From now on, the client reads `window` bytes, at most `at_once` per read.
    pub fn read(&mut self, window: usize, at_once: usize) {
        self.bench.client.window.set(window);
        self.bench.client.at_once.set(at_once.max(1));
    }

    /// The client sends these.
    pub fn send(&mut self, bytes: &[u8]) {
        self.bench.client.sent.borrow_mut().extend(bytes);
    }

    /// The client sends no more.
    pub fn end(&mut self) {
        self.bench.client.has_ended.set(true);
        self.bench.connection.is_read_closed = true;
    }

    /// One turn. Whether the connection is still ready; `None` once it is closed.
    pub fn drive(&mut self, is_stopping: bool) -> Option<bool> {
        self.bench.is_stopping = is_stopping;
        self.turn(Connection::drive)
    }

    /// Its deadline has ended.
    pub fn expire(&mut self) -> Option<bool> {
        let Some(Waiting { deadline, .. }) = self.waiting else { return Some(false) };
        self.bench.is_stopping = false;
        self.turn(|connection, turn| connection.expire(turn, deadline))
    }

    /// What the client has read.
    pub fn received(&self) -> Vec<u8> {
        self.bench.client.received.borrow().clone()
    }

    /// Bytes that the client has sent and the server has not read.
    pub fn unread_bytes(&self) -> usize {
        self.bench.client.sent.borrow().len()
    }

    /// Bytes of answers to frames that wait for the client, where it is a WebSocket.
    pub fn waiting_answer_bytes(&self) -> usize {
        self.bench.connection.waiting_answer_bytes()
    }

    fn turn(
        &mut self,
        action: impl FnOnce(&mut Connection<ScriptedStream>, &mut Turn<'_>) -> Next,
    ) -> Option<bool> {
        let next = self.bench.turn(action);
        self.bench.workspace.events.clear();
        self.bench.handoff.take_mail(0);
        match next {
            Next::Wait(waiting) | Next::Again(waiting) => {
                self.waiting = Some(waiting);
                Some(matches!(next, Next::Again(_)))
            }
            Next::Close => None,
        }
    }
}

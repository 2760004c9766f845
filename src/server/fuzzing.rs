//! A connection over bytes in memory, as its worker would drive it, for the fuzz targets.
//!
//! Compiled for `cargo fuzz` alone: all else of a connection is private to the server.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice, Read, Write},
    net::Ipv4Addr,
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant, UNIX_EPOCH},
};

use mio::{Poll, Token, Waker};

use super::{
    Handler, Options, Shared,
    connection::Connection,
    event_channel,
    handoff::Handoff,
    stream::Stream,
    turn::{Next, Turn, Waiting, Workspace},
};
use crate::http::{date::DateField, request::Limits};

/// A connection, and the client's side of it.
pub struct Scripted {
    client: Rc<Client>,
    connection: Connection<Script>,
    workspace: Workspace,
    shared: Shared,
    handoff: Arc<Handoff>,
    waiting: Option<Waiting>,
}

/// What the client has sent and read.
#[derive(Default)]
struct Client {
    sent: RefCell<VecDeque<u8>>,
    has_ended: Cell<bool>,
    read: RefCell<Vec<u8>>,
    /// Bytes that it will still read.
    window: Cell<usize>,
    /// Bytes that one write takes at most.
    at_once: Cell<usize>,
}

#[derive(Debug, Clone)]
struct Script(Rc<Client>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scripted").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Scripted {
    /// A connection that nothing has come from yet. The client reads all it gets.
    pub fn new(handler: Arc<dyn Handler>, limits: Limits) -> Self {
        let second = Duration::from_secs(1);
        let options = Options {
            threads: 1,
            stack_bytes: 1 << 20,
            max_connections: 10,
            shutdown_grace: second,
            head_timeout: second,
            idle_timeout: second,
            stall_timeout: second,
            limits,
            keeps_heads: false,
            is_quiet: true,
        };
        let (events, _) = event_channel(1);
        let is_stopping = AtomicBool::new(false);
        let workspace = Workspace::new(&options.limits);
        let shared = Shared { handler, options, events, started: Instant::now(), is_stopping };
        let waker = Poll::new().and_then(|poll| Waker::new(poll.registry(), Token(0)));
        let handoff = Handoff::new(waker.into_iter().collect(), 10).1;
        let client = Rc::new(Client::default());
        client.window.set(usize::MAX);
        client.at_once.set(usize::MAX);
        let connection = Connection::new(Script(Rc::clone(&client)), Ipv4Addr::LOCALHOST.into());
        let handoff = Arc::new(handoff);
        Self { client, connection, workspace, shared, handoff, waiting: None }
    }

    /// From now on, the client reads `window` bytes, at most `at_once` per read.
    pub fn read(&mut self, window: usize, at_once: usize) {
        self.client.window.set(window);
        self.client.at_once.set(at_once.max(1));
    }

    /// The client sends these.
    pub fn send(&mut self, bytes: &[u8]) {
        self.client.sent.borrow_mut().extend(bytes);
    }

    /// The client sends no more.
    pub fn end(&mut self) {
        self.client.has_ended.set(true);
        self.connection.is_read_closed = true;
    }

    /// One turn. Whether the connection is still ready; `None` once it is closed.
    pub fn drive(&mut self, is_stopping: bool) -> Option<bool> {
        self.turn(is_stopping, Connection::drive)
    }

    /// Its deadline has ended.
    pub fn expire(&mut self) -> Option<bool> {
        let Some(Waiting { deadline, .. }) = self.waiting else { return Some(false) };
        self.turn(false, |connection, turn| connection.expire(turn, deadline))
    }

    /// What the client has read.
    pub fn received(&self) -> Vec<u8> {
        self.client.read.borrow().clone()
    }

    /// Bytes that the client has sent and the server has not read.
    pub fn unread_bytes(&self) -> usize {
        self.client.sent.borrow().len()
    }

    /// Bytes of answers to frames that wait for the client, where it is a WebSocket.
    pub fn waiting_answer_bytes(&self) -> usize {
        self.connection.waiting_answer_bytes()
    }

    fn turn(
        &mut self,
        is_stopping: bool,
        action: impl FnOnce(&mut Connection<Script>, &mut Turn<'_>) -> Next,
    ) -> Option<bool> {
        let mut turn = Turn {
            shared: &self.shared,
            date: &DateField::new(UNIX_EPOCH),
            now: self.shared.started,
            wall: UNIX_EPOCH,
            is_stopping,
            workspace: &mut self.workspace,
            handoff: &self.handoff,
            worker: 0,
            key: 0,
        };
        let next = action(&mut self.connection, &mut turn);
        self.workspace.events.clear();
        self.handoff.take_mail(0);
        match next {
            Next::Wait(waiting) | Next::Again(waiting) => {
                self.waiting = Some(waiting);
                Some(matches!(next, Next::Again(_)))
            }
            Next::Close => None,
        }
    }
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut sent = self.0.sent.borrow_mut();
        if sent.is_empty() && !self.0.has_ended.get() {
            return Err(ErrorKind::WouldBlock.into());
        }
        sent.read(buf)
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = buf.len().min(self.0.window.get()).min(self.0.at_once.get());
        if len == 0 && !buf.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.0.window.set(self.0.window.get().saturating_sub(len));
        self.0.read.borrow_mut().extend_from_slice(&buf[..len]);
        Ok(len)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let all: Vec<u8> = bufs.iter().flat_map(|buf| buf.iter().copied()).collect();
        self.write(&all)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for Script {
    fn shut_down_write(&self) -> io::Result<()> {
        Ok(())
    }
}

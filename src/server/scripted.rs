//! A connection over bytes in memory, driven by hand, for the tests and the fuzz targets.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fmt,
    io::{self, ErrorKind, IoSlice, Read, Write},
    net::Ipv4Addr,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use mio::{Poll, Token, Waker};

use super::{
    Handler, Options, Outbox, Session, Shared,
    connection::Connection,
    event_channel,
    handoff::Handoff,
    stream::Stream,
    turn::{Turn, Workspace},
};
use crate::budget::Budget;
use crate::http::{
    StatusCode,
    answer::Answer,
    date::DateField,
    error::Refusal,
    request::{Limits, Request},
    response::Response,
};

/// A connection with all that surrounds it.
pub(super) struct Bench {
    pub(super) client: Rc<Client>,
    pub(super) connection: Connection<ScriptedStream>,
    pub(super) workspace: Workspace,
    pub(super) handoff: Arc<Handoff>,
    pub(super) is_stopping: bool,
    pub(super) is_alone: bool,
    shared: Shared,
}

impl Bench {
    /// A connection that nothing has come from yet.
    pub(super) fn open(handler: Arc<dyn Handler>, limits: Limits, workspace: Workspace) -> Self {
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
            kept_body_bytes: 8,
            keeps_heads: false,
            is_quiet: false,
        };
        let (events, _) = event_channel(1000);
        let is_stopping = AtomicBool::new(false);
        let kept_bodies = Budget::new(16);
        let started = Instant::now();
        let shared = Shared { handler, options, events, started, is_stopping, kept_bodies };
        let client = Rc::new(Client::default());
        let stream = ScriptedStream(Rc::clone(&client));
        let connection = Connection::new(stream, Ipv4Addr::LOCALHOST.into());
        let waker = Poll::new().and_then(|poll| Waker::new(poll.registry(), Token(0)));
        let handoff = Arc::new(Handoff::new(waker.into_iter().collect(), 10));
        Self { client, connection, workspace, handoff, is_stopping: false, is_alone: true, shared }
    }

    /// Calls `action` as the worker of the connection does.
    pub(super) fn turn<T>(
        &mut self,
        action: impl FnOnce(&mut Connection<ScriptedStream>, &mut Turn<'_>) -> T,
    ) -> T {
        let mut turn = Turn {
            arrived_by: Some(self.shared.started),
            shared: &self.shared,
            date: &DateField::new(UNIX_EPOCH),
            now: self.shared.started,
            wall: UNIX_EPOCH,
            is_stopping: self.is_stopping,
            is_alone: self.is_alone,
            workspace: &mut self.workspace,
            handoff: &self.handoff,
            worker: 0,
            key: 0,
        };
        action(&mut self.connection, &mut turn)
    }
}

/// The client's side of a connection.
pub(super) struct Client {
    /// What it has sent and the server has not read; with none left, a read would block.
    pub(super) sent: RefCell<VecDeque<u8>>,
    /// Whether it sends no more.
    pub(super) has_ended: Cell<bool>,
    pub(super) received: RefCell<Vec<u8>>,
    /// Bytes that it will still read.
    pub(super) window: Cell<usize>,
    /// Bytes that one write takes at most.
    pub(super) at_once: Cell<usize>,
    /// The number of writes so far.
    pub(super) writes: Cell<usize>,
    /// Whether the server has bounded what the system holds for it.
    pub(super) is_bounded: Cell<bool>,
    /// Whether the server has ended its side.
    pub(super) is_shut: Cell<bool>,
}

impl Default for Client {
    /// Has sent nothing, and reads all that it gets.
    fn default() -> Self {
        Self {
            sent: RefCell::default(),
            has_ended: Cell::default(),
            received: RefCell::default(),
            window: Cell::new(usize::MAX),
            at_once: Cell::new(usize::MAX),
            writes: Cell::default(),
            is_bounded: Cell::default(),
            is_shut: Cell::default(),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// The server's side: a stream that reads what the client has sent, and writes as far as
/// the client reads.
#[derive(Debug)]
pub(super) struct ScriptedStream(pub(super) Rc<Client>);

impl Read for ScriptedStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut sent = self.0.sent.borrow_mut();
        if sent.is_empty() && !self.0.has_ended.get() {
            return Err(ErrorKind::WouldBlock.into());
        }
        sent.read(buf)
    }
}

impl Write for ScriptedStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.writes.set(self.0.writes.get() + 1);
        let len = buf.len().min(self.0.window.get()).min(self.0.at_once.get());
        if len == 0 && !buf.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.0.window.set(self.0.window.get().saturating_sub(len));
        self.0.received.borrow_mut().extend_from_slice(&buf[..len]);
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

impl Stream for ScriptedStream {
    fn shut_down_write(&self) -> io::Result<()> {
        self.0.is_shut.set(true);
        Ok(())
    }

    fn bound_buffer(&self) {
        self.0.is_bounded.set(true);
    }
}

/// Opens a WebSocket for any request but `/nobody`, and calls `receive` with its outbox
/// for each text that comes.
#[derive(Debug)]
pub struct SessionHandler {
    receive: fn(&Outbox, &str),
    opened: Mutex<Option<Outbox>>,
}

impl SessionHandler {
    /// Has opened none yet.
    pub fn new(receive: fn(&Outbox, &str)) -> Self {
        Self { receive, opened: Mutex::default() }
    }

    /// The outbox of the session that was opened last.
    pub fn outbox(&self) -> Option<Outbox> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Handler for SessionHandler {
    fn handle(&self, _request: &Request<'_>, _now: SystemTime) -> Answer {
        Response::empty(StatusCode::SWITCHING_PROTOCOLS).with("Connection", "Upgrade").into()
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }

    fn open_session(&self, request: &Request<'_>, outbox: Outbox) -> Option<Box<dyn Session>> {
        if request.target.path() == "/nobody" {
            return None;
        }
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(outbox.clone());
        Some(Box::new(ScriptedSession { receive: self.receive, outbox }))
    }
}

struct ScriptedSession {
    receive: fn(&Outbox, &str),
    outbox: Outbox,
}

impl Session for ScriptedSession {
    fn receive(&mut self, text: &str) {
        (self.receive)(&self.outbox, text);
    }
}

//! Threads and sockets: accepting, serving, and ending connections.
//!
//! Knows no pages: the [`Handler`] answers each request.

mod acceptor;
mod connection;
mod deadlines;
mod descriptors;
mod exchange;
mod frames;
#[cfg(fuzzing)]
pub mod fuzzing;
mod gathering;
mod handoff;
mod input;
mod listener;
mod outbox;
mod outgoing;
mod pace;
mod reply;
#[cfg(any(test, fuzzing))]
pub mod scripted;
mod seat;
mod stream;
mod turn;
mod websocket;
mod worker;

use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant, SystemTime},
};

use crossbeam_channel::{Receiver, Sender};
use mio::{Poll, Waker};

pub use descriptors::raise_limit;
pub use exchange::{Event, EventReceiver, EventSender, Exchange, Lost, event_channel};
pub use listener::{BindError, Port, bind};
pub use outbox::Outbox;

use crate::budget::{Budget, Share};
use crate::http::{
    answer::Answer,
    error::Refusal,
    prepared::Prepared,
    request::{Limits, Request},
    request_body::BodyLength,
    response::Response,
};
use acceptor::Acceptor;
use handoff::Handoff;
use worker::Worker;

/// How much longer than the grace a stop may take.
const AFTER_GRACE: Duration = Duration::from_millis(100);

/// The memory for the beginnings of all bodies that are being read; without room, a body is
/// read past as a whole.
const KEPT_BODIES_BYTES: usize = 4 << 20;

/// Answers the requests of a server. It cannot fail: an error is
/// a response too.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request whose body has been read to its end, now or by a promise.
    /// `now` is the time in the field `Date` of the answer, to the second.
    fn handle(&self, request: &Request<'_>, now: SystemTime) -> Answer;

    /// Answers what could not be read as a request, or not be handled. `request` is one
    /// whose body is too large to be read: where it would be refused with any body, it is so
    /// here.
    fn refuse(&self, refusal: Refusal, request: Option<&Request<'_>>) -> Response;

    /// Opens a session after an answer of 101 (Switching Protocols), from where the
    /// connection is a WebSocket. `None` makes it a 500. `outbox` takes texts from now on,
    /// and sends them once the 101 is sent.
    fn open_session(&self, _request: &Request<'_>, _outbox: Outbox) -> Option<Box<dyn Session>> {
        None
    }
}

/// The handler's side of a WebSocket. It is dropped when the connection ends, for any
/// reason.
pub trait Session: Send {
    /// Takes a text of the client. Runs on the worker's thread, so it never waits.
    fn receive(&mut self, text: &str);
}

/// How the server runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Worker threads, at least one.
    pub threads: usize,
    /// Stack of each worker in bytes, as much as the handler needs; the system
    /// gives memory for what is used of it only.
    pub stack_bytes: usize,
    /// Connections open at once; at the cap the longest idle one makes way.
    pub max_connections: usize,
    /// How long what was begun may take to finish once the server stops.
    pub shutdown_grace: Duration,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// Without a byte of the next request.
    pub idle_timeout: Duration,
    /// Without progress of a body or a response.
    pub stall_timeout: Duration,
    /// What one request may hold.
    pub limits: Limits,
    /// Bytes of the beginning of a request's body that the handler sees; 0 is none.
    pub kept_body_bytes: usize,
    /// Whether exchanges carry the request's head as received.
    pub keeps_heads: bool,
    /// Whether exchanges without a message are left out of the log.
    pub is_quiet: bool,
}

/// A running server. Its threads run until it is stopped.
#[derive(Debug)]
pub struct Server {
    acceptor: JoinHandle<()>,
    /// Closes when the last worker has left.
    workers: Receiver<()>,
    stopper: Stopper,
}

/// Tells a server to stop; any number of times, from any thread.
#[derive(Clone, Debug)]
pub struct Stopper {
    shared: Arc<Shared>,
    acceptor: Arc<Waker>,
}

/// What all threads of a server share.
struct Shared {
    handler: Arc<dyn Handler>,
    options: Options,
    events: EventSender,
    started: Instant,
    is_stopping: AtomicBool,
    /// The memory for the beginnings of bodies.
    kept_bodies: Arc<Budget>,
}

impl Server {
    /// Starts the acceptor and the workers.
    ///
    /// # Errors
    /// Those of the system, on making a poll or a thread.
    pub fn start(
        listeners: Vec<TcpListener>,
        handler: Arc<dyn Handler>,
        options: Options,
        events: EventSender,
    ) -> io::Result<Self> {
        let listeners =
            listeners.into_iter().map(listener::non_blocking).collect::<Result<_, _>>()?;
        let polls =
            (0..options.threads.max(1)).map(|_| Poll::new()).collect::<io::Result<Vec<_>>>()?;
        let wakers = polls
            .iter()
            .map(|poll| Waker::new(poll.registry(), worker::WAKE))
            .collect::<Result<_, _>>()?;
        let handoff = Arc::new(Handoff::new(wakers, options.max_connections));
        let (stack_bytes, is_stopping) = (options.stack_bytes, AtomicBool::new(false));
        let shared = Arc::new(Shared {
            handler,
            options,
            events,
            started: Instant::now(),
            is_stopping,
            kept_bodies: Budget::new(KEPT_BODIES_BYTES),
        });

        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), acceptor::WAKE)?);
        let acceptor = Acceptor::new(poll, listeners, handoff.clone(), shared.clone())?;
        let builder = thread::Builder::new().name("acceptor".to_owned());
        let acceptor = builder.spawn(move || acceptor.run())?;
        let (present, workers) = crossbeam_channel::bounded(0);
        for (index, poll) in polls.into_iter().enumerate() {
            let worker = Worker::new(index, poll, handoff.clone(), shared.clone());
            let present = present.clone();
            let builder = thread::Builder::new().name(format!("worker-{index}"));
            builder.stack_size(stack_bytes).spawn(move || {
                // Gone with the thread, however that ends.
                let _present: Sender<()> = present;
                worker.run();
            })?;
        }
        Ok(Self { acceptor, workers, stopper: Stopper { shared, acceptor: waker } })
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Waits until it has been stopped, and then for the workers; little longer
    /// than the grace, since one may be held up by its handler.
    pub fn join(self) {
        // The panic hook has printed a panic of the thread.
        let _ = self.acceptor.join();
        let patience = self.stopper.shared.options.shutdown_grace + AFTER_GRACE;
        // Nothing is ever sent: the answer is that all senders are gone.
        let _ = self.workers.recv_timeout(patience);
    }
}

impl Stopper {
    /// Stops accepting; idle connections close, what was begun may finish within
    /// the grace, and the threads end.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
        // The acceptor wakes the workers when it leaves. A wake fails only where
        // one is under way already.
        let _: io::Result<()> = self.acceptor.wake();
    }
}

impl Shared {
    /// The memory for the beginning of a body, where it is kept and there is room.
    fn share_for_body(&self, length: BodyLength) -> Option<Share> {
        let kept_bytes = self.options.kept_body_bytes;
        let bytes = match length {
            BodyLength::Known(len) => {
                usize::try_from(len).map_or(kept_bytes, |len| len.min(kept_bytes))
            }
            BodyLength::Chunked => kept_bytes,
        };
        if bytes == 0 { None } else { self.kept_bodies.take(bytes) }
    }

    /// Prints a message at the terminal.
    fn print(&self, message: String) {
        self.events.send(Event::Message(message));
    }

    /// Whether an exchange with this response is to be written down.
    fn records(&self, response: &Prepared) -> bool {
        // A head that is printed is printed of every request, quiet or not.
        let is_line = !response.note.is_internal && !self.options.is_quiet;
        self.options.keeps_heads || is_line || response.note.message.is_some()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

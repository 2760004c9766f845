//! The hand-off from the acceptor to the workers: one channel, and the choice of the worker
//! to wake.
//!
//! Every rule about which worker gets a connection, and which connection makes way, is
//! in this file, so that a measurement can overturn it in one place.

use std::{
    io, mem,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use crossbeam_channel::{Receiver, Sender, TryRecvError};
use mio::{Waker, net::TcpStream};

use crate::budget::Budget;

/// What all such texts of a server may take that wait or are on their way out.
pub(super) const MAX_LONG_TEXTS_BYTES: usize = 32 * 1024 * 1024;

/// Connections beyond the cap that may be open only to be refused (503).
pub(super) const MAX_REFUSALS: usize = 1024;

/// A connection on its way to a worker.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) stream: TcpStream,
    pub(super) peer: IpAddr,
    pub(super) admission: Admission,
}

/// What a new connection will get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Its requests are answered.
    Serve,
    /// A 503, and the end: the server is full and no connection is idle.
    Refuse,
}

/// What the acceptor and the workers know of each other.
#[derive(Debug)]
pub(super) struct Handoff {
    queue: Receiver<Incoming>,
    seats: Box<[Seat]>,
    max_connections: usize,
    /// The memory for long texts that wait for clients of WebSockets.
    pub(super) long_texts: Arc<Budget>,
}

/// One worker, as the others see it.
#[derive(Debug)]
struct Seat {
    waker: Waker,
    /// Set before the worker checks the queue for the last time and polls, and
    /// cleared by the thread that wakes it or by itself: a worker that is up needs no wake.
    is_parked: AtomicBool,
    /// Connections that the worker holds.
    connections: AtomicUsize,
    /// Of these, the idle ones, as of the worker's last turn.
    idle: AtomicUsize,
    /// When the longest idle one became so, in ns since the server started.
    idle_since_ns: AtomicU64,
    /// How many idle connections the worker is asked to close.
    evictions: AtomicUsize,
    /// Connections that have mail; a key may be stale, and stand here twice.
    mail: Mutex<Vec<usize>>,
    /// Whether `mail` is worth the lock.
    has_mail: AtomicBool,
}

/// What a worker found in the queue.
#[derive(Debug)]
pub(super) enum Taken {
    Connection(Incoming),
    /// Something that is left to a worker with fewer connections.
    Left,
    Nothing,
    /// Nothing, now or ever: the acceptor has left.
    Closed,
}

/// How long a worker may sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sleep {
    /// Until another thread wakes it.
    UntilWoken,
    /// A moment: what is in the queue is left to another worker, which may be busy for long.
    AMoment,
    /// Not at all: there is something in the queue for it.
    Not,
}

impl Handoff {
    /// A hand-off to the workers that `wakers` wake, and the acceptor's end of it.
    pub(super) fn new(wakers: Vec<Waker>, max_connections: usize) -> (Sender<Incoming>, Self) {
        // Admission keeps the number of open connections within this, so sending never fails.
        let (sender, queue) = crossbeam_channel::bounded(max_connections + MAX_REFUSALS);
        let seats = wakers.into_iter().map(Seat::new).collect();
        let long_texts = Budget::new(MAX_LONG_TEXTS_BYTES);
        (sender, Self { queue, seats, max_connections, long_texts })
    }

    /// Decides about a newcomer. At the cap, the connection that has been idle
    /// longest is asked to make way. `None`: close it without an answer.
    pub(super) fn admit(&self) -> Option<Admission> {
        let open = self.queue.len() + self.sum(|seat| &seat.connections);
        let making_way = self.sum(|seat| &seat.evictions);
        let excess = (open + 1).saturating_sub(self.max_connections + making_way);
        if (0..excess).all(|_| self.evict_longest_idle()) {
            return Some(Admission::Serve);
        }
        (open < self.max_connections + MAX_REFUSALS).then_some(Admission::Refuse)
    }

    /// Wakes a worker to check the queue: the least loaded of those that sleep. The
    /// others check it before they go to sleep.
    pub(super) fn wake_for_queue(&self) {
        let sleeping = self.seats.iter().filter(|seat| seat.is_parked.load(Ordering::SeqCst));
        if let Some(seat) = sleeping.min_by_key(|seat| seat.connections.load(Ordering::Relaxed)) {
            seat.wake();
        }
    }

    /// Wakes every worker.
    pub(super) fn wake_all(&self) {
        for seat in &self.seats {
            seat.is_parked.store(false, Ordering::SeqCst);
            seat.wake_anyway();
        }
    }

    /// Takes a connection for `worker`, unless another holds clearly fewer: then
    /// that one is woken for it, so that long-lived connections spread.
    pub(super) fn take(&self, worker: usize) -> Taken {
        if let Some(other) = self.clearly_less_loaded(worker)
            && !self.queue.is_empty()
        {
            other.wake();
            return Taken::Left;
        }
        self.take_any(worker)
    }

    /// Takes a connection for `worker`, however many it holds.
    pub(super) fn take_any(&self, worker: usize) -> Taken {
        match self.queue.try_recv() {
            Ok(incoming) => {
                self.seats[worker].connections.fetch_add(1, Ordering::Relaxed);
                Taken::Connection(incoming)
            }
            Err(TryRecvError::Empty) => Taken::Nothing,
            Err(TryRecvError::Disconnected) => Taken::Closed,
        }
    }

    /// Says that a connection of `worker` has ended.
    pub(super) fn release(&self, worker: usize) {
        self.seats[worker].connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Says what `worker` holds idle.
    pub(super) fn publish_idle(&self, worker: usize, count: usize, since_ns: u64) {
        let seat = &self.seats[worker];
        seat.idle.store(count, Ordering::Relaxed);
        seat.idle_since_ns.store(since_ns, Ordering::Relaxed);
    }

    /// How many idle connections `worker` has been asked to close since it last asked.
    pub(super) fn take_evictions(&self, worker: usize) -> usize {
        let evictions = &self.seats[worker].evictions;
        if evictions.load(Ordering::Relaxed) == 0 {
            0
        } else {
            evictions.swap(0, Ordering::Relaxed)
        }
    }

    /// Says that there is mail for the connection `key` of `worker`, and wakes it.
    pub(super) fn announce_mail(&self, worker: usize, key: usize) {
        let seat = &self.seats[worker];
        seat.mail().push(key);
        // Where the flag was set, the thread that set it wakes the worker, which clears
        // it before it reads the list.
        if !seat.has_mail.swap(true, Ordering::SeqCst) {
            seat.is_parked.store(false, Ordering::SeqCst);
            seat.wake_anyway();
        }
    }

    /// The connections of `worker` that have got mail since it last asked.
    pub(super) fn take_mail(&self, worker: usize) -> Vec<usize> {
        let seat = &self.seats[worker];
        if seat.has_mail.load(Ordering::Relaxed) && seat.has_mail.swap(false, Ordering::SeqCst) {
            mem::take(&mut seat.mail())
        } else {
            Vec::new()
        }
    }

    /// Announces that `worker` is about to sleep, and returns how long it may.
    ///
    /// The order matters: the flag is set before the queue is checked, and the
    /// acceptor fills the queue before it checks the flag, so one of the two
    /// always sees the other.
    pub(super) fn park(&self, worker: usize) -> Sleep {
        self.seats[worker].is_parked.store(true, Ordering::SeqCst);
        if self.queue.is_empty() {
            return Sleep::UntilWoken;
        }
        match self.clearly_less_loaded(worker) {
            Some(other) => {
                other.wake();
                Sleep::AMoment
            }
            None => Sleep::Not,
        }
    }

    /// Says that `worker` is up.
    pub(super) fn unpark(&self, worker: usize) {
        self.seats[worker].is_parked.store(false, Ordering::SeqCst);
    }

    /// The worker with the fewest connections, where `worker` holds clearly more.
    /// An eighth and one is slack enough to keep the workers from passing a
    /// connection around, and keeps 64 on two workers within 35 to 29.
    fn clearly_less_loaded(&self, worker: usize) -> Option<&Seat> {
        let load = |seat: &&Seat| seat.connections.load(Ordering::Relaxed);
        let least = self.seats.iter().min_by_key(load)?;
        (load(&&self.seats[worker]) > load(&least) + load(&least) / 8 + 1).then_some(least)
    }

    fn evict_longest_idle(&self) -> bool {
        let can_evict = |seat: &&Seat| {
            seat.idle.load(Ordering::Relaxed) > seat.evictions.load(Ordering::Relaxed)
        };
        let candidates = self.seats.iter().filter(can_evict);
        let longest = candidates.min_by_key(|seat| seat.idle_since_ns.load(Ordering::Relaxed));
        if let Some(seat) = longest {
            seat.evictions.fetch_add(1, Ordering::Relaxed);
            seat.is_parked.store(false, Ordering::SeqCst);
            seat.wake_anyway();
        }
        longest.is_some()
    }

    fn sum(&self, count: impl Fn(&Seat) -> &AtomicUsize) -> usize {
        self.seats.iter().map(|seat| count(seat).load(Ordering::Relaxed)).sum()
    }
}

impl Seat {
    fn new(waker: Waker) -> Self {
        Self {
            waker,
            is_parked: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            idle: AtomicUsize::new(0),
            idle_since_ns: AtomicU64::new(0),
            evictions: AtomicUsize::new(0),
            mail: Mutex::new(Vec::new()),
            has_mail: AtomicBool::new(false),
        }
    }

    fn mail(&self) -> MutexGuard<'_, Vec<usize>> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        if self.is_parked.swap(false, Ordering::SeqCst) {
            self.wake_anyway();
        }
    }

    fn wake_anyway(&self) {
        // A full eventfd (WouldBlock) means that a wake is already under way.
        let _: io::Result<()> = self.waker.wake();
    }
}

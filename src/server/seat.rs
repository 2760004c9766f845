//! One worker, as the other threads see it.

use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use mio::Waker;

/// What the acceptor and the other workers know of a worker, and leave for it.
#[derive(Debug)]
pub(super) struct Seat {
    waker: Waker,
    /// Set before the worker checks the queue for the last time and polls, and
    /// cleared by the thread that wakes it or by itself: a worker that is up needs no wake.
    pub(super) is_parked: AtomicBool,
    /// Connections that the worker holds.
    pub(super) connections: AtomicUsize,
    /// Of these, the idle ones, as of the worker's last turn.
    pub(super) idle: AtomicUsize,
    /// When the longest idle one became so, in ns since the server started.
    pub(super) idle_since_ns: AtomicU64,
    /// Until when its rounds count as long, in ns since the server started.
    pub(super) crowded_until_ns: AtomicU64,
    /// How many idle connections the worker is asked to close.
    pub(super) evictions: AtomicUsize,
    /// Connections that have mail; a key may be stale, and stand here twice.
    pub(super) mail: Mutex<Vec<usize>>,
    /// Whether `mail` is worth the lock.
    pub(super) has_mail: AtomicBool,
}

impl Seat {
    /// That of a worker which the waker wakes.
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            waker,
            is_parked: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            idle: AtomicUsize::new(0),
            idle_since_ns: AtomicU64::new(0),
            crowded_until_ns: AtomicU64::new(0),
            evictions: AtomicUsize::new(0),
            mail: Mutex::new(Vec::new()),
            has_mail: AtomicBool::new(false),
        }
    }

    /// The list of connections with mail.
    pub(super) fn mail(&self) -> MutexGuard<'_, Vec<usize>> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections the worker holds.
    pub(super) fn load(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Wakes the worker, if it sleeps; whether it did.
    pub(super) fn wake(&self) -> bool {
        let was_parked = self.is_parked.swap(false, Ordering::SeqCst);
        if was_parked {
            self.wake_anyway();
        }
        was_parked
    }

    /// Ends its sleep, or the next one at once.
    pub(super) fn wake_anyway(&self) {
        // A full eventfd (WouldBlock) means that a wake is already under way.
        let _: io::Result<()> = self.waker.wake();
    }
}

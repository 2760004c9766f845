//! The thread that accepts connections and does nothing else with them.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

use super::{
    Shared,
    handoff::{Handoff, Incoming},
};

pub(super) const WAKE: Token = Token(usize::MAX);

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// After a round with this many new connections, the next begins this much later: to be woken
/// for one, and to wake a worker for it, takes longer than to accept it.
const MANY_NEWCOMERS: usize = 4;
const ROUNDS_APART: Duration = Duration::from_millis(1);

/// Accepts on every listener until the server stops.
pub(super) struct Acceptor {
    poll: Poll,
    listeners: Vec<TcpListener>,
    handoff: Arc<Handoff>,
    shared: Arc<Shared>,
    /// Set while the system has no room for another connection.
    pause: Option<Pause>,
    /// When the last round of accepting ended, and how many it brought.
    last_round: Instant,
    newcomers: usize,
}

/// A rest after an accept that failed, each twice as long as the one before.
#[derive(Clone, Copy)]
struct Pause {
    length: Duration,
    ends: Instant,
}

impl Acceptor {
    /// An acceptor that the waker given with it wakes.
    ///
    /// # Errors
    /// Those of registering the listeners.
    pub(super) fn new(
        poll: Poll,
        mut listeners: Vec<TcpListener>,
        handoff: Arc<Handoff>,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        for (index, listener) in listeners.iter_mut().enumerate() {
            poll.registry().register(listener, Token(index), Interest::READABLE)?;
        }
        Ok(Self {
            poll,
            listeners,
            handoff,
            shared,
            pause: None,
            last_round: Instant::now(),
            newcomers: 0,
        })
    }

    /// Runs until the server stops, then closes the channel to the workers and wakes
    /// them.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(16);
        while !self.shared.is_stopping.load(Ordering::SeqCst) {
            if let Err(error) = self.wait(&mut events)
                && error.kind() != ErrorKind::Interrupted
            {
                self.shared
                    .print(format!("warning: the acceptor cannot wait for connections: {error}"));
                break;
            }
            // Newcomers do not cut a pause short, or a flood of them would make it a spin.
            if self.pause.is_none_or(|pause| pause.ends <= Instant::now()) {
                self.accept_all();
                self.last_round = Instant::now();
            }
        }
        self.handoff.close();
    }

    /// Sleeps until a client connects or the pause is over. Under load it sleeps for a fixed
    /// time instead, since each newcomer would end the sleep. A newcomer after a rest, or one
    /// of few, does not wait.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        if self.pause.is_none() && self.newcomers >= MANY_NEWCOMERS {
            thread::park_timeout(ROUNDS_APART.saturating_sub(self.last_round.elapsed()));
            return Ok(());
        }
        let timeout = self.pause.map(|pause| pause.ends.saturating_duration_since(Instant::now()));
        self.poll.poll(events, timeout)
    }

    /// Accepts from each listener until its backlog is empty, as an edge-triggered
    /// event demands. Where the system has run out of something, leaves the rest in
    /// the backlog and pauses.
    fn accept_all(&mut self) {
        self.newcomers = 0;
        for index in 0..self.listeners.len() {
            loop {
                match self.listeners[index].accept() {
                    Ok((stream, peer)) => {
                        self.hand_off(stream, peer);
                        self.newcomers += 1;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => return self.back_off(&error),
                }
            }
        }
        self.pause = None;
    }

    fn hand_off(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(admission) = self.handoff.admit() else { return };
        self.handoff.send(Incoming { stream, peer: peer.ip().to_canonical(), admission });
    }

    fn back_off(&mut self, error: &io::Error) {
        if self.pause.is_none() {
            self.shared.print(format!("warning: cannot accept connections: {error}; trying again"));
        }
        // As long as it gets on, if not to the end, the pauses stay short.
        let last = self.pause.filter(|_| self.newcomers == 0);
        let length = last.map_or(FIRST_PAUSE, |pause| (pause.length * 2).min(LONGEST_PAUSE));
        self.pause = Some(Pause { length, ends: Instant::now() + length });
    }
}

/// Whether `accept` failed for the one connection that it would have given.
fn is_of_one_connection(error: &io::Error) -> bool {
    use ErrorKind as E;
    matches!(
        error.kind(),
        E::Interrupted
            | E::ConnectionAborted
            | E::ConnectionReset
            | E::ConnectionRefused
            | E::TimedOut
    )
}

//! A thread of the pool: the connections that it picked up, and their turns.

mod passing;

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    mem,
    sync::{Arc, atomic::Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

use mio::{Events, Poll, Token, net::TcpStream};
use slab::Slab;

use super::{
    Shared,
    connection::Connection,
    deadlines::{Deadline, Deadlines},
    gathering::Gathering,
    handoff::{Admission, Handoff, Incoming, Sleep, Taken},
    pace::Pace,
    turn::{Next, Turn, Waiting, Workspace},
};
use crate::http::{StatusCode, date::DateField, error::Refusal};

pub(super) const WAKE: Token = Token(usize::MAX);

/// How long a client may take to end its side, once the last answer is out.
const LINGER: Duration = Duration::from_secs(1);
/// How long a WebSocket's client may be silent before it is pinged, and then before it
/// is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a connection in the queue is left to a worker with fewer of them.
const PATIENCE: Duration = Duration::from_millis(2);
/// After a round with this number of turns, a worker yields the processor to threads that
/// wait for it, such as another worker that is up, or a client on this machine. The system would
/// let them wait for milliseconds, and with them all that they have to answer.
const MANY_TURNS: usize = 4;

/// Owns its connections and drives those that are ready; blocks in its poll alone.
pub(super) struct Worker {
    index: usize,
    poll: Poll,
    handoff: Arc<Handoff>,
    shared: Arc<Shared>,
    connections: Slab<Connection<TcpStream>>,
    deadlines: Deadlines,
    /// Connections to drive in this turn.
    ready: VecDeque<usize>,
    workspace: Workspace,
    now: Instant,
    wall: SystemTime,
    date: DateField,
    is_queue_closed: bool,
    /// Since when something in the queue is left to another worker.
    left_since: Option<Instant>,
    gathering: Gathering,
    pace: Pace,
    /// How many connections it passes on to others in this round.
    surplus: usize,
    /// When to leave, even with connections open; set when the server stops.
    leave_at: Option<Instant>,
}

impl Worker {
    /// A worker with no connections.
    pub(super) fn new(
        index: usize,
        poll: Poll,
        handoff: Arc<Handoff>,
        shared: Arc<Shared>,
    ) -> Self {
        let options = &shared.options;
        let deadlines = Deadlines::new(|kind| match kind {
            Deadline::Idle => options.idle_timeout,
            Deadline::Head => options.head_timeout,
            Deadline::Stall => options.stall_timeout,
            Deadline::Linger => LINGER,
            Deadline::Silence => SILENCE,
        });
        let workspace = Workspace::new(&options.limits);
        let wall = SystemTime::now();
        Self {
            index,
            poll,
            handoff,
            connections: Slab::new(),
            deadlines,
            ready: VecDeque::new(),
            workspace,
            now: Instant::now(),
            wall,
            date: DateField::new(wall),
            is_queue_closed: false,
            left_since: None,
            gathering: Gathering::default(),
            pace: Pace::new(Instant::now()),
            surplus: 0,
            leave_at: None,
            shared,
        }
    }

    /// Runs until the server has stopped and nothing is left to finish.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(256);
        while !self.may_leave() {
            if let Err(error) = self.wait(&mut events) {
                self.shared
                    .print(format!("warning: a worker cannot wait for its connections: {error}"));
                return;
            }
            for event in events.iter().filter(|event| event.token() != WAKE) {
                let key = event.token().0;
                let Some(connection) = self.connections.get_mut(key) else { continue };
                connection.is_read_closed |= event.is_read_closed();
                connection.is_readable |= event.is_readable();
                // Each stream reports room to send once it is registered.
                let has_come = event.is_readable() || event.is_read_closed() || event.is_error();
                if has_come || connection.is_sending() {
                    self.make_ready(key);
                }
            }
            self.take_connections();
            self.handoff.take_mail(self.index).into_iter().for_each(|key| self.make_ready(key));
            self.drive_ready();
            self.expire();
            self.make_way();
            self.stop_if_asked();
            self.publish_idle();
            self.hand_over_events();
            self.end_round();
        }
        for connection in self.connections.drain() {
            connection.abandon(&mut self.workspace.events);
        }
        self.hand_over_events();
    }

    /// Sleeps until a connection is ready, a deadline ends or another thread wakes it.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let sleep = if self.ready.is_empty() { self.handoff.park(self.index) } else { Sleep::Not };
        let timeout = match sleep {
            Sleep::Not => Some(Duration::ZERO),
            Sleep::AMoment => Some(PATIENCE),
            Sleep::UntilWoken => self.time_to_next_end(),
        };
        let polled = self.poll.poll(events, timeout);
        self.handoff.unpark(self.index);
        self.now = Instant::now();
        self.wall = SystemTime::now();
        self.date.update(self.wall);
        match polled {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(error),
            _ => Ok(()),
        }
    }

    fn time_to_next_end(&self) -> Option<Duration> {
        let own = self.leave_at.into_iter().chain(self.gathering.ends());
        let next = self.deadlines.next_end().into_iter().chain(own).min()?;
        // Rounded up: a poll that wakes a hair too early would only sleep again.
        Some(next.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    fn take_connections(&mut self) {
        loop {
            match self.take() {
                Taken::Connection(incoming) => {
                    self.left_since = None;
                    self.add(incoming);
                }
                Taken::Left => {
                    self.left_since.get_or_insert(self.now);
                    return;
                }
                Taken::Nothing => {
                    self.left_since = None;
                    return;
                }
                Taken::Closed => {
                    self.is_queue_closed = true;
                    return;
                }
            }
        }
    }

    /// Takes from the queue what is for this worker, or what the one that it is for
    /// has not come for.
    fn take(&self) -> Taken {
        let has_waited = self.left_since.is_some_and(|since| self.now >= since + PATIENCE);
        if has_waited || self.leave_at.is_some() {
            self.handoff.take_any(self.index)
        } else {
            self.handoff.take(self.index)
        }
    }

    fn add(&mut self, incoming: Incoming) {
        let Incoming { stream, peer, admission } = incoming;
        let key = self.connections.insert(Connection::new(stream, peer));
        match admission {
            Admission::Refuse => self.turn(key, |connection, turn| {
                let reason = "the server has as many connections as `max_connections` allows";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                connection.refuse(turn, Refusal { status, reason, is_for_owner: true })
            }),
            Admission::Serve => self.make_ready(key),
        }
    }

    /// Gives a connection one turn a round, however many events it has.
    fn make_ready(&mut self, key: usize) {
        if let Some(connection) = self.connections.get_mut(key)
            && !mem::replace(&mut connection.is_ready, true)
        {
            self.ready.push_back(key);
        }
    }

    fn drive_ready(&mut self) {
        // Those that come back for another turn wait for the next round.
        let count = self.ready.len();
        for _ in 0..count {
            if let Some(key) = self.ready.pop_front()
                && let Some(connection) = self.connections.get_mut(key)
            {
                connection.is_ready = false;
                self.turn(key, Connection::drive);
            }
        }
        if count >= MANY_TURNS && self.handoff.has_company(self.index) {
            thread::yield_now();
        }
    }

    fn expire(&mut self) {
        while let Some((key, deadline)) = self.deadlines.pop_ended(self.now) {
            self.turn(key, |connection, turn| connection.expire(turn, deadline));
        }
    }

    /// Closes as many idle connections as the acceptor needs room.
    fn make_way(&mut self) {
        for _ in 0..self.handoff.take_evictions(self.index) {
            let Some(key) = self.deadlines.pop_first(Deadline::Idle) else { return };
            self.close(key);
        }
    }

    /// Gives the connection its turn and does what it then wants.
    fn turn(
        &mut self,
        key: usize,
        action: impl FnOnce(&mut Connection<TcpStream>, &mut Turn<'_>) -> Next,
    ) {
        let mut turn = Turn {
            shared: &self.shared,
            date: &self.date,
            now: self.now,
            wall: self.wall,
            // The system had seen it when it answered the poll, before the clock was read.
            arrived_by: mem::take(&mut self.connections[key].is_readable).then_some(self.now),
            is_stopping: self.leave_at.is_some(),
            is_alone: self.connections.len() == 1,
            workspace: &mut self.workspace,
            handoff: &self.handoff,
            worker: self.index,
            key,
        };
        match action(&mut self.connections[key], &mut turn) {
            Next::Close => self.close(key),
            Next::Wait(Waiting { deadline: Deadline::Idle, .. }) if self.leave_at.is_some() => {
                self.close(key);
            }
            Next::Wait(waiting) if self.passes_on(key, waiting) => self.pass_on(key),
            Next::Wait(waiting) if self.ensure_registered(key) => self.set_deadline(key, waiting),
            Next::Wait(_) => self.close(key),
            Next::Again(waiting) => {
                self.set_deadline(key, waiting);
                self.make_ready(key);
            }
        }
    }

    fn set_deadline(&mut self, key: usize, waiting: Waiting) {
        if waiting.has_progressed || self.deadlines.get(key) != Some(waiting.deadline) {
            self.deadlines.set(key, waiting.deadline, self.now);
        }
    }

    fn close(&mut self, key: usize) {
        self.deadlines.remove(key);
        self.connections.remove(key).abandon(&mut self.workspace.events);
        self.handoff.release(self.index);
    }

    /// Once the server stops, closes idle connections and ends the sessions; requests in
    /// progress may finish until the grace is over.
    fn stop_if_asked(&mut self) {
        if self.leave_at.is_some() || !self.shared.is_stopping.load(Ordering::SeqCst) {
            return;
        }
        self.leave_at = Some(self.now + self.shared.options.shutdown_grace);
        while let Some(key) = self.deadlines.pop_first(Deadline::Idle) {
            // A request may have come that this worker has not seen yet.
            self.deadlines.set(key, Deadline::Stall, self.now);
            self.make_ready(key);
        }
        // Their turn sends a close frame.
        while let Some(key) = self.deadlines.pop_first(Deadline::Silence) {
            self.make_ready(key);
        }
    }

    fn may_leave(&self) -> bool {
        // Another worker may have passed something on before it knew of the stop.
        let is_queue_done = self.is_queue_closed && self.handoff.is_empty();
        let is_finished = self.connections.is_empty() && is_queue_done;
        self.leave_at.is_some_and(|leave_at| is_finished || self.now >= leave_at)
    }

    fn hand_over_events(&mut self) {
        let events = &mut self.workspace.events;
        if let Some(gathered) = self.gathering.take(events, self.now, self.leave_at.is_some()) {
            self.shared.events.send_all(gathered);
        }
    }

    fn publish_idle(&self) {
        let count = self.deadlines.count(Deadline::Idle);
        let since = self.deadlines.waiting_since(Deadline::Idle);
        let since_ns =
            since.map_or(0, |since| since.duration_since(self.shared.started).as_nanos());
        self.handoff.publish_idle(self.index, count, u64::try_from(since_ns).unwrap_or(u64::MAX));
    }
}

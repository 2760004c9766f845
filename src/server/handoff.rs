//! The hand-off from the acceptor to the workers, and between them: one channel, and the
//! choice of the worker to wake.
//!
//! Every rule about which worker gets a connection, which it passes on, and which makes way,
//! is in this file, so that a measurement can overturn it in one place.

use std::{
    mem,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use crossbeam_channel::{Receiver, Sender};
use mio::{Waker, net::TcpStream};

use super::seat::Seat;
use crate::budget::Budget;

/// What all such texts of a server may take that wait or are on their way out.
pub(super) const MAX_LONG_TEXTS_BYTES: usize = 32 * 1024 * 1024;

/// Connections beyond the cap that may be open only to be refused (503).
pub(super) const MAX_REFUSALS: usize = 1024;

/// Up to this number, connections stay together on one worker, as long as its rounds are short:
/// it serves them sooner than others could be woken for them. A browser opens six.
const FEW_CONNECTIONS: usize = 8;

/// A connection on its way to a worker: a new one, or one between two requests.
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
    sender: Sender<Incoming>,
    /// Whether the acceptor has left.
    is_closed: AtomicBool,
    started: Instant,
    seats: Box<[Seat]>,
    max_connections: usize,
    /// The memory for long texts that wait for clients of WebSockets.
    pub(super) long_texts: Arc<Budget>,
}

/// What a worker found in the queue.
#[derive(Debug)]
pub(super) enum Taken {
    Connection(Incoming),
    /// Something that is left to another worker.
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
    /// A hand-off to the workers that `wakers` wake.
    pub(super) fn new(wakers: Vec<Waker>, max_connections: usize) -> Self {
        // Admission keeps the number of open connections within this, so sending never fails.
        let (sender, queue) = crossbeam_channel::bounded(max_connections + MAX_REFUSALS);
        let seats = wakers.into_iter().map(Seat::new).collect();
        let long_texts = Budget::new(MAX_LONG_TEXTS_BYTES);
        let (is_closed, started) = (AtomicBool::new(false), Instant::now());
        Self { queue, sender, is_closed, started, seats, max_connections, long_texts }
    }

    /// Puts a connection on the channel and wakes a worker for it.
    pub(super) fn send(&self, incoming: Incoming) {
        // Admission keeps the queue below its bound; were it full, the connection closes.
        if self.sender.try_send(incoming).is_ok() {
            self.wake_for_queue();
        }
    }

    /// Says that the acceptor has left, and wakes every worker.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        for seat in &self.seats {
            seat.is_parked.store(false, Ordering::SeqCst);
            seat.wake_anyway();
        }
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

    /// Takes a connection for `worker`, unless it is better placed with another one,
    /// which is woken for it.
    pub(super) fn take(&self, worker: usize) -> Taken {
        if !self.queue.is_empty()
            && let Some(other) = self.better_placed(worker)
        {
            other.wake();
            return Taken::Left;
        }
        self.take_any(worker)
    }

    /// Takes a connection for `worker`, however many it holds.
    pub(super) fn take_any(&self, worker: usize) -> Taken {
        // Read first: what the acceptor sent before it left is still in the queue.
        let is_closed = self.is_closed.load(Ordering::SeqCst);
        match self.queue.try_recv() {
            Ok(incoming) => {
                self.seats[worker].connections.fetch_add(1, Ordering::Relaxed);
                Taken::Connection(incoming)
            }
            Err(_) if is_closed => Taken::Closed,
            Err(_) => Taken::Nothing,
        }
    }

    /// Whether the channel is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether another worker than this one is up.
    pub(super) fn has_company(&self, worker: usize) -> bool {
        let is_up = |(index, seat): (usize, &Seat)| {
            index != worker && !seat.is_parked.load(Ordering::Relaxed)
        };
        self.seats.iter().enumerate().any(is_up)
    }

    /// How many connections `worker`, whose rounds are long, had better pass on.
    pub(super) fn surplus(&self, worker: usize) -> usize {
        let Some(other) = self.clearly_less_loaded(worker) else { return 0 };
        // What is in the queue has been passed on and not been taken yet.
        self.seats[worker].load().saturating_sub(other.load() + self.queue.len()) / 2
    }

    /// Passes a connection of `worker` on to the others.
    pub(super) fn pass_on(&self, worker: usize, incoming: Incoming) {
        self.release(worker);
        self.send(incoming);
    }

    /// Says until when the rounds of `worker` count as long.
    pub(super) fn publish_crowded(&self, worker: usize, until: Instant) {
        let seat = &self.seats[worker];
        seat.crowded_until_ns.store(self.nanoseconds(until), Ordering::Relaxed);
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
        match self.better_placed(worker) {
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

    /// Wakes a worker to check the queue: the one that gathers, if it sleeps, else the least
    /// loaded of those that do. The others check it before they go to sleep; the one that is
    /// woken takes what they do not come for.
    fn wake_for_queue(&self) {
        if self.gathering().is_some_and(|index| self.seats[index].wake()) {
            return;
        }
        let sleeping = self.seats.iter().filter(|seat| seat.is_parked.load(Ordering::SeqCst));
        if let Some(seat) = sleeping.min_by_key(|seat| seat.load()) {
            seat.wake();
        }
    }

    /// The worker that a connection is left to, where that is not `worker`.
    fn better_placed(&self, worker: usize) -> Option<&Seat> {
        match self.gathering() {
            Some(index) => (index != worker).then(|| &self.seats[index]),
            None => self.clearly_less_loaded(worker),
        }
    }

    /// The worker that few connections stay together on: the fullest of those with room for
    /// one more. Where all have many, or long rounds, they are spread.
    fn gathering(&self) -> Option<usize> {
        let now_ns = self.nanoseconds(Instant::now());
        let has_room = |&index: &usize| {
            let seat = &self.seats[index];
            seat.load() < FEW_CONNECTIONS && seat.crowded_until_ns.load(Ordering::Relaxed) <= now_ns
        };
        // Of several the first, so that all threads choose the same.
        (0..self.seats.len()).rev().filter(has_room).max_by_key(|&index| self.seats[index].load())
    }

    /// The worker with the fewest connections, where `worker` holds clearly more.
    /// An eighth and one is slack enough to keep the workers from passing a
    /// connection around, and keeps 64 on two workers within 35 to 29.
    fn clearly_less_loaded(&self, worker: usize) -> Option<&Seat> {
        let least = self.seats.iter().min_by_key(|seat| seat.load())?;
        (self.seats[worker].load() > least.load() + least.load() / 8 + 1).then_some(least)
    }

    fn nanoseconds(&self, time: Instant) -> u64 {
        let since = time.saturating_duration_since(self.started).as_nanos();
        u64::try_from(since).unwrap_or(u64::MAX)
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

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use mio::{Poll, Token};

    use super::*;

    /// A hand-off to so many workers, none of which sleeps, and their polls.
    fn handoff(workers: usize) -> (Handoff, Vec<Poll>) {
        let polls: Vec<_> = (0..workers).map(|_| Poll::new().unwrap()).collect();
        let wakers = polls.iter().map(|poll| Waker::new(poll.registry(), Token(0)).unwrap());
        (Handoff::new(wakers.collect(), 100), polls)
    }

    fn incoming() -> Incoming {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        Incoming { stream, peer: Ipv4Addr::LOCALHOST.into(), admission: Admission::Serve }
    }

    /// The worker that gets the next connection.
    fn taker(handoff: &Handoff) -> usize {
        handoff.send(incoming());
        let takes = |&worker: &usize| matches!(handoff.take(worker), Taken::Connection(_));
        (0..handoff.seats.len()).rev().find(takes).unwrap()
    }

    fn loads(handoff: &Handoff) -> Vec<usize> {
        handoff.seats.iter().map(Seat::load).collect()
    }

    #[test]
    fn few_connections_stay_together_and_many_spread() {
        let (handoff, _polls) = handoff(3);
        let takers: Vec<_> = (0..FEW_CONNECTIONS).map(|_| taker(&handoff)).collect();
        assert_eq!(takers, [0; FEW_CONNECTIONS]);
        assert_eq!(taker(&handoff), 1);
        for _ in 0..50 {
            taker(&handoff);
        }
        let loads = loads(&handoff);
        assert!(loads.iter().all(|load| (17..=22).contains(load)), "{loads:?}");
    }

    #[test]
    fn none_are_added_to_a_worker_with_long_rounds() {
        let (handoff, _polls) = handoff(2);
        taker(&handoff);
        handoff.publish_crowded(0, Instant::now() + Duration::from_secs(60));
        assert_eq!([taker(&handoff), taker(&handoff)], [1, 1]);
        handoff.publish_crowded(0, Instant::now());
        assert_eq!(taker(&handoff), 1, "the fuller one gathers");
    }

    #[test]
    fn half_of_what_one_has_more_is_passed_on() {
        let (handoff, _polls) = handoff(2);
        (0..6).for_each(|_| assert_eq!(taker(&handoff), 0));
        handoff.publish_crowded(0, Instant::now() + Duration::from_secs(60));
        assert_eq!([handoff.surplus(0), handoff.surplus(1)], [3, 0]);
        for left in [2, 1, 0] {
            handoff.pass_on(0, incoming());
            // What is on its way counts for the one that it is on its way to.
            assert_eq!(handoff.surplus(0), left);
        }
        assert!(matches!(handoff.take(0), Taken::Left));
        while let Taken::Connection(_) = handoff.take(1) {}
        assert_eq!(loads(&handoff), [3, 3]);
        assert_eq!(handoff.surplus(0), 0);
    }

    #[test]
    fn a_connection_that_is_left_to_another_worker_wakes_it() {
        let (handoff, _polls) = handoff(2);
        assert_eq!(handoff.park(0), Sleep::UntilWoken);
        assert!(handoff.has_company(0) && !handoff.has_company(1));
        handoff.send(incoming());
        assert!(!handoff.seats[0].is_parked.load(Ordering::SeqCst), "it gathers");
        assert_eq!(handoff.park(1), Sleep::AMoment);
        assert_eq!(handoff.park(0), Sleep::Not);
    }

    #[test]
    fn the_queue_is_emptied_before_it_counts_as_closed() {
        let (handoff, _polls) = handoff(1);
        handoff.send(incoming());
        handoff.close();
        assert!(matches!(handoff.take(0), Taken::Connection(_)));
        assert!(matches!(handoff.take(0), Taken::Closed));
    }
}

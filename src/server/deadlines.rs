//! Deadlines of connections, in a queue for each kind.

use std::time::{Duration, Instant};

/// What a connection waits for. Each kind has one length for all connections,
/// so the order in which they began to wait is the order in which they expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deadline {
    /// The first byte of a request.
    Idle,
    /// The rest of a head, from its first byte on.
    Head,
    /// Any progress of a body or a response.
    Stall,
    /// The client's end of the stream, after an answer that closes.
    Linger,
    /// A sign of life from the client of a WebSocket.
    Silence,
}

const KINDS: [Deadline; 5] =
    [Deadline::Idle, Deadline::Head, Deadline::Stall, Deadline::Linger, Deadline::Silence];

/// One queue a kind, linked through the connections' keys: setting, moving and
/// removing a deadline costs a few stores, whatever the number of connections.
#[derive(Debug)]
pub(super) struct Deadlines {
    nodes: Vec<DeadlineNode>,
    queues: [Queue; KINDS.len()],
}

#[derive(Debug)]
struct Queue {
    length: Duration,
    first: Option<usize>,
    last: Option<usize>,
    count: usize,
}

#[derive(Clone, Copy, Debug)]
struct DeadlineNode {
    waiting: Option<(Deadline, Instant)>,
    previous: Option<usize>,
    next: Option<usize>,
}

impl Deadlines {
    /// No connections yet; `length` gives the time of each kind.
    pub(super) fn new(length: impl Fn(Deadline) -> Duration) -> Self {
        let queue = |kind| Queue { length: length(kind), first: None, last: None, count: 0 };
        Self { nodes: Vec::new(), queues: KINDS.map(queue) }
    }

    /// The deadline that the connection `key` has.
    pub(super) fn get(&self, key: usize) -> Option<Deadline> {
        self.nodes.get(key)?.waiting.map(|(kind, _)| kind)
    }

    /// Gives `key` this deadline, beginning `now`, in place of any it had.
    /// `now` never goes back.
    pub(super) fn set(&mut self, key: usize, kind: Deadline, now: Instant) {
        self.remove(key);
        if self.nodes.len() <= key {
            self.nodes.resize(key + 1, DeadlineNode { waiting: None, previous: None, next: None });
        }
        let queue = &mut self.queues[kind as usize];
        let previous = queue.last.replace(key);
        queue.count += 1;
        match previous {
            Some(previous) => self.nodes[previous].next = Some(key),
            None => queue.first = Some(key),
        }
        self.nodes[key] = DeadlineNode { waiting: Some((kind, now)), previous, next: None };
    }

    /// Takes the deadline of `key` away, if it has one.
    pub(super) fn remove(&mut self, key: usize) {
        let Some(node) = self.nodes.get_mut(key) else { return };
        let Some((kind, _)) = node.waiting.take() else { return };
        let (previous, next) = (node.previous, node.next);
        let queue = &mut self.queues[kind as usize];
        queue.count -= 1;
        match previous {
            Some(previous) => self.nodes[previous].next = next,
            None => queue.first = next,
        }
        match next {
            Some(next) => self.nodes[next].previous = previous,
            None => queue.last = previous,
        }
    }

    /// When the earliest deadline ends.
    pub(super) fn next_end(&self) -> Option<Instant> {
        KINDS.iter().filter_map(|&kind| self.first_end(kind)).min()
    }

    /// Takes out one connection whose deadline has ended.
    pub(super) fn pop_ended(&mut self, now: Instant) -> Option<(usize, Deadline)> {
        let has_ended = |&kind: &Deadline| self.first_end(kind).is_some_and(|end| end <= now);
        let kind = KINDS.into_iter().find(has_ended)?;
        self.pop_first(kind).map(|key| (key, kind))
    }

    /// Takes out the connection that has waited longest for this.
    pub(super) fn pop_first(&mut self, kind: Deadline) -> Option<usize> {
        let key = self.queues[kind as usize].first?;
        self.remove(key);
        Some(key)
    }

    /// Since when the connection that has waited longest for this has done so.
    pub(super) fn waiting_since(&self, kind: Deadline) -> Option<Instant> {
        let first = self.queues[kind as usize].first?;
        self.nodes[first].waiting.map(|(_, since)| since)
    }

    /// How many connections wait for this.
    pub(super) fn count(&self, kind: Deadline) -> usize {
        self.queues[kind as usize].count
    }

    fn first_end(&self, kind: Deadline) -> Option<Instant> {
        self.waiting_since(kind).map(|since| since + self.queues[kind as usize].length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadlines() -> Deadlines {
        Deadlines::new(|kind| Duration::from_secs(if kind == Deadline::Idle { 30 } else { 10 }))
    }

    #[test]
    fn end_in_the_order_in_which_they_began() {
        let (mut deadlines, start) = (deadlines(), Instant::now());
        let at = |secs| start + Duration::from_secs(secs);
        deadlines.set(0, Deadline::Idle, at(0));
        deadlines.set(1, Deadline::Head, at(1));
        deadlines.set(2, Deadline::Idle, at(2));
        deadlines.set(3, Deadline::Idle, at(3));
        assert_eq!(deadlines.next_end(), Some(at(11)));
        assert_eq!(deadlines.pop_ended(at(10)), None);
        assert_eq!(deadlines.pop_ended(at(11)), Some((1, Deadline::Head)));
        deadlines.set(0, Deadline::Idle, at(4));
        deadlines.remove(2);
        assert_eq!(deadlines.count(Deadline::Idle), 2);
        assert_eq!(deadlines.waiting_since(Deadline::Idle), Some(at(3)));
        assert_eq!(deadlines.pop_first(Deadline::Idle), Some(3));
        assert_eq!(deadlines.pop_ended(at(33)), None);
        assert_eq!(deadlines.pop_ended(at(34)), Some((0, Deadline::Idle)));
        assert_eq!(deadlines.next_end(), None);
    }

    #[test]
    fn removing_twice_or_an_unknown_key_is_harmless() {
        let (mut deadlines, now) = (deadlines(), Instant::now());
        deadlines.remove(7);
        deadlines.set(7, Deadline::Linger, now);
        assert_eq!(deadlines.get(7), Some(Deadline::Linger));
        deadlines.remove(7);
        deadlines.remove(7);
        assert_eq!(deadlines.get(7), None);
        assert_eq!(deadlines.count(Deadline::Linger), 0);
    }
}

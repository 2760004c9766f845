//! The events of a worker that wait to be handed over together.

use std::{
    mem,
    time::{Duration, Instant},
};

use super::Event;

/// How many events are handed over at once, and how long the first of them waits
/// for the others: too short to be seen in a terminal.
const EVENTS_AT_ONCE: usize = 128;
const EVENTS_WAIT: Duration = Duration::from_millis(10);

/// When a worker hands over its events: each hand-over wakes another thread.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    ends: Option<Instant>,
}

impl Gathering {
    /// When the events that there are have waited long enough.
    pub(super) fn ends(&self) -> Option<Instant> {
        self.ends
    }

    /// Takes all `events` once they are many, have waited, or are the last.
    pub(super) fn take(
        &mut self,
        events: &mut Vec<Event>,
        now: Instant,
        is_last: bool,
    ) -> Option<Vec<Event>> {
        if events.is_empty() {
            return None;
        }
        let ends = *self.ends.get_or_insert(now + EVENTS_WAIT);
        if events.len() < EVENTS_AT_ONCE && now < ends && !is_last {
            return None;
        }
        self.ends = None;
        Some(mem::replace(events, Vec::with_capacity(EVENTS_AT_ONCE)))
    }
}

//! The time in which an answer holds though nothing has changed.

use std::time::SystemTime;

/// Between the last moment at which it became another by itself, and the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Validity {
    pub(super) since: Option<SystemTime>,
    pub(super) until: Option<SystemTime>,
}

impl Validity {
    /// Holds no longer than both do, and not from before both did.
    pub(super) fn narrow(&mut self, other: Self) {
        self.since = self.since.max(other.since);
        self.until = [self.until, other.until].into_iter().flatten().min();
    }

    /// The same, seen again at `now`.
    pub(super) fn renewed(self, now: SystemTime) -> Self {
        Self { until: self.until.filter(|until| now < *until), ..self }
    }

    /// Whether it holds at any time.
    pub(super) fn is_unbounded(self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    pub(super) fn is_over_at(&self, now: SystemTime) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

//! A bound on memory that many share: bytes are taken from it, and come back when
//! the share is dropped.
//!
//! A request for more than is left is refused, so that the caller does with less.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A limit on bytes that several share.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

/// Bytes of a budget that are in use, until this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    /// A budget of `bytes`, of which none are in use.
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    /// Takes these bytes, if they are at most one part in `parts` of what is left.
    pub(crate) fn take_part(self: &Arc<Self>, bytes: usize, parts: usize) -> Option<Share> {
        let less = |left: usize| (bytes <= left / parts).then(|| left - bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        Some(Share { budget: Arc::clone(self), bytes })
    }

    /// The bytes that are left.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }

    /// Takes these bytes, if they are left.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let mut share = Share { budget: Arc::clone(self), bytes: 0 };
        share.grow(bytes).then_some(share)
    }
}

impl Share {
    /// The bytes that it has taken.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes this many bytes more, if all of this is then at most one part in `parts` of
    /// what there would be without it. So whatever one share takes, others find room.
    pub(crate) fn grow_part(&mut self, bytes: usize, parts: usize) -> bool {
        let own = self.bytes;
        self.take(bytes, |left| own.saturating_add(bytes) <= (left + own) / parts)
    }

    /// Takes this many bytes more, if they are left.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        self.take(bytes, |_| true)
    }

    fn take(&mut self, bytes: usize, may: impl Fn(usize) -> bool) -> bool {
        let less = |left: usize| may(left).then(|| left.checked_sub(bytes)).flatten();
        // It is a count and guards no other memory.
        let is_left =
            self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        self.bytes += if is_left { bytes } else { 0 };
        is_left
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_grows_to_a_part_and_leaves_room_for_the_next() {
        let budget = Budget::new(80);
        let mut first = budget.take(0).unwrap();
        assert!(first.grow_part(4, 8) && first.grow_part(6, 8) && !first.grow_part(1, 8));
        let mut second = budget.take(0).unwrap();
        assert!(second.grow_part(8, 8) && !second.grow_part(1, 8));
        assert!(!second.grow_part(usize::MAX, 8));
        drop(first);
        assert!(second.grow_part(2, 8) && !second.grow_part(1, 8));
    }

    #[test]
    fn shares_fit_and_come_back() {
        let budget = Budget::new(10);
        let mut share = budget.take(4).unwrap();
        assert!(share.grow(6) && !share.grow(1) && budget.take(1).is_none());
        drop(share);
        let whole = budget.take(10).unwrap();
        assert!(budget.take(usize::MAX).is_none() && budget.take(0).is_some());
        drop(whole);
        assert!(budget.take(10).is_some());
    }
}

//! The memory that the bodies of all responses may take together.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use crate::budget::{Budget, Share};

/// One body may take up to this part of what is free. Large bodies are therefore refused
/// long before small ones: bodies of 10 MB, however many are asked for, leave room for
/// thousands of ordinary pages.
const LARGEST_SHARE: usize = 8;

/// A bound on the bytes of bodies, both those that are kept and those being sent.
#[derive(Clone, Debug)]
pub struct Memory {
    budget: Arc<Budget>,
    max_bytes: usize,
}

/// Bytes that all who send them share. Counted from [`Memory::hold`] on, until the last
/// of them lets go.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Counted>);

#[derive(Default)]
struct Counted {
    bytes: Box<[u8]>,
    share: OnceLock<Share>,
}

impl Memory {
    /// A bound of `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self { budget: Budget::new(max_bytes), max_bytes }
    }

    /// No bound.
    pub fn unbounded() -> Self {
        Self::new(u64::MAX)
    }

    /// The bytes that may still be held.
    #[cfg(test)]
    pub(crate) fn free_bytes(&self) -> usize {
        self.budget.left()
    }

    /// Whether a body of this size fits now.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        bytes <= (self.budget.left() / LARGEST_SHARE) as u64
    }

    /// Whether a body of this size fits while there is no other.
    pub fn could_hold(&self, bytes: u64) -> bool {
        bytes <= (self.max_bytes / LARGEST_SHARE) as u64
    }

    /// Counts `bytes`, once, for as long as they live. `false` where they do not fit.
    pub fn hold(&self, bytes: &Bytes) -> bool {
        if bytes.is_empty() || bytes.0.share.get().is_some() {
            return true;
        }
        // Where another thread was faster, this second share ends here.
        let share = self.budget.take_part(bytes.len(), LARGEST_SHARE);
        share.map(|share| bytes.0.share.set(share)).is_some()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Counted { bytes: bytes.into(), share: OnceLock::new() }))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(len: usize) -> Bytes {
        vec![b'x'; len].into()
    }

    #[test]
    fn bytes_are_counted_once_and_until_the_last_of_them_is_gone() {
        let memory = Memory::new(8000);
        let held = bytes(1000);
        let other = held.clone();
        assert!(memory.hold(&held) && memory.hold(&other));
        assert_eq!(memory.free_bytes(), 7000);
        drop(held);
        assert_eq!(memory.free_bytes(), 7000);
        drop(other);
        assert_eq!(memory.free_bytes(), 8000);
    }

    #[test]
    fn one_body_may_take_an_eighth_of_what_is_free() {
        let memory = Memory::new(8000);
        assert!(!memory.hold(&bytes(1001)));
        let mut held = Vec::new();
        for len in [1000, 500, 100, 10] {
            while {
                let next = bytes(len);
                let fits = memory.hold(&next);
                held.push(next);
                fits
            } {}
            let free = memory.free_bytes();
            assert!(free < 8 * len && free > 0, "{len}: {free}");
        }
        held.clear();
        assert_eq!(memory.free_bytes(), 8000);
    }

    #[test]
    fn no_bytes_always_fit() {
        assert!(Memory::new(0).hold(&Bytes::default()));
        assert!(!Memory::new(0).hold(&bytes(1)));
    }
}

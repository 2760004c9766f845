//! The memory that the bodies of all responses may take together.

use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// One body may take up to this part of what is free. So large bodies are refused long
/// before small ones: bodies of 10 MB, however many are asked for, leave room for
/// thousands of ordinary pages.
const LARGEST_SHARE: u64 = 8;

/// A bound on the bytes of bodies, both those that are kept and those being sent.
#[derive(Debug)]
pub struct Memory {
    max_bytes: u64,
    used_bytes: AtomicU64,
}

/// Bytes that everybody who sends them shares. Counted from [`Memory::hold`] on, until
/// the last of them lets go.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Counted>);

#[derive(Default)]
struct Counted {
    bytes: Box<[u8]>,
    hold: OnceLock<Hold>,
}

/// Bytes that are counted, until this is dropped.
struct Hold {
    memory: Arc<Memory>,
    len: u64,
}

impl Memory {
    /// A bound of `max_bytes`.
    pub fn new(max_bytes: u64) -> Arc<Self> {
        Arc::new(Self { max_bytes, used_bytes: AtomicU64::new(0) })
    }

    /// No bound.
    pub fn unbounded() -> Arc<Self> {
        Self::new(u64::MAX)
    }

    /// The bytes that are counted now.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes.load(Ordering::Relaxed)
    }

    /// Counts `bytes`, once, for as long as they live. `false` where they do not fit.
    pub fn hold(self: &Arc<Self>, bytes: &Bytes) -> bool {
        let len = bytes.len() as u64;
        if len == 0 || bytes.0.hold.get().is_some() {
            return true;
        }
        let fits = |used: u64| {
            let free = self.max_bytes.saturating_sub(used);
            (len <= free / LARGEST_SHARE).then_some(used + len)
        };
        if self.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return false;
        }
        // Where another thread was faster, this second count ends here.
        let _ = bytes.0.hold.set(Hold { memory: Arc::clone(self), len });
        true
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.memory.used_bytes.fetch_sub(self.len, Ordering::Relaxed);
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
        Self(Arc::new(Counted { bytes: bytes.into(), hold: OnceLock::new() }))
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
        assert_eq!(memory.used_bytes(), 1000);
        drop(held);
        assert_eq!(memory.used_bytes(), 1000);
        drop(other);
        assert_eq!(memory.used_bytes(), 0);
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
            let free = 8000 - memory.used_bytes();
            assert!(free < 8 * len as u64 && free > 0, "{len}: {free}");
        }
        held.clear();
        assert_eq!(memory.used_bytes(), 0);
    }

    #[test]
    fn no_bytes_always_fit() {
        assert!(Memory::new(0).hold(&Bytes::default()));
        assert!(!Memory::new(0).hold(&bytes(1)));
    }
}

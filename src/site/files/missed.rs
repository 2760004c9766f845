//! The names that an answer was made without, as nothing stood there when they were looked
//! for. One that stands there afterwards was away for a moment, as while a program saves it by
//! removing the old file first, or while a release is switched.
//!
//! Whoever looks tells nobody but the one who asked, so the record lies in the thread: an answer
//! is made on one.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    path::{Path, PathBuf},
};

thread_local! {
    static MISSED: RefCell<Option<BTreeSet<PathBuf>>> = const { RefCell::new(None) };
}

/// The names under which nothing stood.
#[derive(Debug)]
pub(crate) struct Missed(BTreeSet<PathBuf>);

/// What is recorded further out, while it is for this value to record.
struct Outer(Option<BTreeSet<PathBuf>>);

impl Drop for Outer {
    fn drop(&mut self) {
        MISSED.set(self.0.take());
    }
}

/// Does `work`, and returns the names that it has missed, which belong to what it is part of, too.
pub(crate) fn record<T>(work: impl FnOnce() -> T) -> (T, Missed) {
    let mut outer = Outer(MISSED.replace(Some(BTreeSet::new())));
    let done = work();
    let missed = MISSED.take().unwrap_or_default();
    if let Some(outer) = &mut outer.0 {
        outer.extend(missed.iter().cloned());
    }
    (done, Missed(missed))
}

/// Notes that nothing stands under `name`.
pub(super) fn note(name: &Path) {
    MISSED.with_borrow_mut(|missed| {
        if let Some(missed) = missed.as_mut().filter(|missed| !missed.contains(name)) {
            missed.insert(name.to_owned());
        }
    });
}

impl Missed {
    /// From the root.
    pub(super) fn names(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path)
    }
}

//! Names and folders that an answer was made without, since nothing was there when they were looked
//! for. What is there afterwards was away for a moment, as while a program saves it by removing the old file first,
//! or while a release is switched.
//!
//! Whoever looks tells nobody but the one who asked, so the record lies in the thread: an answer
//! is made on one.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::site::files::stamp::FileStamp;

thread_local! {
    static MISSED: RefCell<Option<Missed>> = const { RefCell::new(None) };
}

/// What was looked for in vain, in one folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missed {
    /// The names from the root under which nothing stood.
    pub(super) names: BTreeSet<PathBuf>,
    /// The folders of which the names were read, or are known, each with its stamp from before
    /// that. A file that has come since changes it.
    pub(super) listed: BTreeMap<String, FileStamp>,
    /// Whether the system had no means to look at something.
    is_disturbed: bool,
}

/// What the record further out holds, which goes on when this is dropped, by a panic as well.
struct Outer(Option<Missed>);

impl Drop for Outer {
    fn drop(&mut self) {
        MISSED.set(self.0.take());
    }
}

/// Does `work`, and returns what it has missed, which counts for the work that it is part of,
/// too.
pub(crate) fn record<T>(work: impl FnOnce() -> T) -> (T, Missed) {
    let mut outer = Outer(MISSED.replace(Some(Missed::default())));
    let done = work();
    let missed = MISSED.take().unwrap_or_default();
    if let Some(outer) = &mut outer.0 {
        outer.names.extend(missed.names.iter().cloned());
        outer.listed.extend(missed.listed.iter().map(|(name, stamp)| (name.clone(), *stamp)));
        outer.is_disturbed |= missed.is_disturbed;
    }
    (done, missed)
}

/// What the work that goes on has missed until now.
pub(super) fn until_now() -> Missed {
    MISSED.with_borrow(|missed| missed.clone().unwrap_or_default())
}

/// Notes that nothing stands under `name`.
pub(super) fn note(name: &Path) {
    add(|missed| {
        if !missed.names.contains(name) {
            missed.names.insert(name.to_owned());
        }
    });
}

/// Notes that the names in the folder `name` count, which had this `stamp` before.
pub(crate) fn note_listed(name: &str, stamp: FileStamp) {
    add(|missed| {
        if !missed.listed.contains_key(name) {
            missed.listed.insert(name.to_owned(), stamp);
        }
    });
}

/// Notes that the system had no means to look at something.
pub(super) fn note_disturbed() {
    add(|missed| missed.is_disturbed = true);
}

fn add(add: impl FnOnce(&mut Missed)) {
    MISSED.with_borrow_mut(|missed| missed.as_mut().map(add));
}

impl Missed {
    /// Whether the system had no means to look at something.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.is_disturbed
    }
}

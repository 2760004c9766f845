//! Names and folders that an answer was made without, since nothing was there when they were
//! looked for. What is there afterwards was away for a moment, as while a program saves it by
//! removing the old file first, or while a release is switched.
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
        outer.add(&missed);
    }
    (done, missed)
}

/// What the work that goes on has missed until now.
pub(super) fn until_now() -> Missed {
    MISSED.with_borrow(|missed| missed.clone().unwrap_or_default())
}

/// Notes that nothing stands under `name`.
pub(super) fn note(name: &Path) {
    note_in(|missed| missed.add_name(name));
}

/// Notes that the names in the folder `name` count, which had this `stamp` before.
pub(crate) fn note_listed(name: &str, stamp: FileStamp) {
    note_in(|missed| missed.add_listed(name, stamp));
}

/// Notes that the system had no means to look at something.
pub(super) fn note_disturbed() {
    note_in(|missed| missed.is_disturbed = true);
}

fn note_in(add: impl FnOnce(&mut Missed)) {
    MISSED.with_borrow_mut(|missed| missed.as_mut().map(add));
}

impl Missed {
    fn add(&mut self, other: &Self) {
        other.names.iter().for_each(|name| self.add_name(name));
        other.listed.iter().for_each(|(name, stamp)| self.add_listed(name, *stamp));
        self.is_disturbed |= other.is_disturbed;
    }

    fn add_name(&mut self, name: &Path) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// The first stamp counts: it has changed since where the folder has another now.
    fn add_listed(&mut self, name: &str, stamp: FileStamp) {
        if !self.listed.contains_key(name) {
            self.listed.insert(name.to_owned(), stamp);
        }
    }

    /// Whether the system had no means to look at something.
    pub(crate) fn is_disturbed(&self) -> bool {
        self.is_disturbed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_part_has_missed_counts_for_the_whole_and_the_first_stamp_of_a_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let stamp = || FileStamp::at(temporary.path()).unwrap();
        let before = stamp();
        let ((part, after), whole) = record(|| {
            note_listed("a", before);
            note(Path::new("x"));
            FileStamp::await_later(temporary.path());
            std::fs::write(temporary.path().join("new"), "").unwrap();
            let after = stamp();
            let ((), part) = record(|| {
                note_listed("a", after);
                note(Path::new("y"));
                note_disturbed();
            });
            (part, after)
        });
        assert!(part.listed["a"] == after && after != before);
        assert!(whole.listed["a"] == before && whole.is_disturbed());
        assert_eq!((part.names.len(), whole.names.len()), (1, 2));
        // Outside of a record nothing is kept.
        note(Path::new("z"));
        assert!(until_now().names.is_empty());
    }

    #[test]
    fn a_panic_ends_the_record_of_a_part_alone() {
        let ((), whole) = record(|| {
            let ended = std::panic::catch_unwind(|| record(|| panic!("as the test wants")));
            assert!(ended.is_err());
            note(Path::new("x"));
        });
        assert_eq!(whole.names.len(), 1);
    }
}

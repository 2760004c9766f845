//! What an answer was made from: the names that were looked up, with what stood there.

use std::{ops::Range, sync::Arc, time::SystemTime};

use crate::site::files::{folder::Folder, stamp::FileStamp};

/// The names that were looked up to make an answer, with what stood there.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    names: Vec<(Arc<str>, Option<FileStamp>)>,
    /// Whether a change of any of them is sure to show.
    is_uncertain: bool,
}

impl Dependencies {
    /// Adds a file that was read, with its stamp from before it was.
    pub(crate) fn add_file(&mut self, name: Arc<str>, stamp: FileStamp, is_settled: bool) {
        self.is_uncertain |= !is_settled;
        self.names.push((name, Some(stamp)));
    }

    /// Adds a name under which no regular file was found. A folder may stand
    /// there; a file that has come since makes the whole uncertain.
    pub(crate) fn add_missed(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.is_uncertain |= stamp.is_some_and(|stamp| stamp.is_file());
        self.names.push((name.into(), stamp));
    }

    /// Adds a name whose file, if there is one, was of no use as it is now.
    pub(crate) fn add_name(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.is_uncertain |= stamp.is_some_and(|stamp| !stamp.is_settled_at(SystemTime::now()));
        self.names.push((name.into(), stamp));
    }

    /// Adds all that was looked up for something else.
    pub(crate) fn extend(&mut self, others: &Self) {
        self.names.extend_from_slice(&others.names);
        self.is_uncertain |= others.is_uncertain;
    }

    /// What stood under `name`, if it was looked up.
    pub(crate) fn stamp(&self, name: &str) -> Option<Option<FileStamp>> {
        self.names.iter().find(|(known, _)| **known == *name).map(|(_, stamp)| *stamp)
    }

    /// Whether one of them had just changed, and might change again without a trace.
    pub fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// Whether a file is empty or missing here that is neither in `before`.
    pub fn has_less_than(&self, before: &Self) -> bool {
        let has_lost = |(name, stamp): &(Arc<str>, Option<FileStamp>)| {
            let size = |stamp: &FileStamp| if stamp.is_file() { stamp.size() } else { 0 };
            let now = stamp.as_ref().map_or(0, size);
            let of_name = before.names.iter().find(|(other, _)| other == name);
            now == 0
                && of_name
                    .and_then(|(_, stamp)| stamp.as_ref())
                    .is_some_and(|stamp| size(stamp) > 0)
        };
        self.names.iter().any(has_lost)
    }

    /// The files that are empty here and not in `before`, and when each was changed.
    pub fn emptied(&self, before: &Self) -> impl Iterator<Item = (&str, SystemTime)> {
        let is_empty = |stamp: &FileStamp| stamp.is_file() && stamp.size() == 0;
        let was_empty =
            move |name: &str| before.stamp(name).flatten().as_ref().is_some_and(is_empty);
        let found = self.names.iter().filter_map(|(name, stamp)| Some((&**name, stamp.as_ref()?)));
        let emptied = found.filter(move |(name, stamp)| is_empty(stamp) && !was_empty(name));
        emptied.map(|(name, stamp)| (name, stamp.changed()))
    }

    /// Whether a file was last changed in this time, as far as the file system tells,
    /// whose clock ticks.
    pub fn may_have_changed(&self, in_time: Range<SystemTime>) -> bool {
        let files = self.names.iter().filter_map(|(_, stamp)| stamp.as_ref());
        let mut files = files.filter(|stamp| stamp.is_file());
        files.any(|stamp| !stamp.is_settled_at(in_time.start) && stamp.changed() < in_time.end)
    }

    /// What they take of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        self.names.iter().map(|(name, _)| name.len() as u64 + 128).sum()
    }

    /// Whether the same names were looked up, and the same was found.
    pub(crate) fn are_same(&self, other: &Self) -> bool {
        self.names == other.names
    }

    /// The names themselves, from the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| &**name)
    }

    /// The same names with other stamps, taken as sure.
    pub(crate) fn stamped_by(&self, stamp: impl Fn(&Arc<str>) -> Option<FileStamp>) -> Self {
        let names = self.names.iter().map(|(name, _)| (Arc::clone(name), stamp(name)));
        Self { names: names.collect(), is_uncertain: false }
    }

    pub(crate) fn stamped(&self) -> impl Iterator<Item = &(Arc<str>, Option<FileStamp>)> {
        self.names.iter()
    }

    /// The first file that was found: that of the page.
    pub(crate) fn file(&self) -> Option<(&str, &FileStamp)> {
        let found = self.names.iter().filter_map(|(name, stamp)| Some((&**name, stamp.as_ref()?)));
        found.into_iter().find(|(_, stamp)| stamp.is_file())
    }

    /// The file, where it is all that was looked up.
    pub(crate) fn only_file(&self) -> Option<(&str, FileStamp)> {
        match self.names.as_slice() {
            [(name, Some(stamp))] if stamp.is_file() => Some((&**name, *stamp)),
            _ => None,
        }
    }

    /// Whether each name still stands for what it stood for.
    pub(crate) fn are_unchanged(&self, folder: &Folder) -> bool {
        self.names.iter().all(|(name, stamp)| folder.stamp(name) == *stamp)
    }
}

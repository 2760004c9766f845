//! Finished answers, kept until a file behind them changes.

use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use foldhash::fast::RandomState;
use quick_cache::{OptionsBuilder, Weighter, sync::Cache as Map};

use super::{
    document::Document,
    folder::Folder,
    stamp::{FileStamp, ms},
    stored::StoredRepresentation,
};

/// A larger file is not held in memory.
pub(super) const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The cache is in parts, each with a lock and a share of the bytes. A part is that large,
/// or all there is.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// How old the last look at the files may be in production.
const PRODUCTION_INTERVAL: Duration = Duration::from_secs(1);

/// What is kept by the encoded path of the request, which alone decides it: an
/// answer that depends on anything else of a request is no part of it.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Map<Box<str>, Arc<Entry>, ByBytes, RandomState>,
    /// The most that one entry may take, in bytes.
    max_entry_bytes: u64,
    /// How long an entry counts as fresh without a look at its files.
    interval: Duration,
}

/// What is known of a path, and from what.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kept: Kept,
    pub(super) inputs: Arc<Inputs>,
    /// The number of the folder that it was made in.
    folder: u64,
    /// When its files were last looked at, in ms since 1970.
    checked_ms: AtomicU64,
}

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Kept {
    /// This, for every request.
    Shared(SharedAnswer),
    /// The page of this name, which is rendered for each request.
    Page(String),
}

/// An answer for every request, in two forms.
#[derive(Debug)]
pub(super) struct SharedAnswer {
    pub(super) stored: Arc<StoredRepresentation>,
    /// As a browser gets it that is about to show it, once one has asked.
    pub(super) document: OnceLock<Document>,
}

/// The names that were looked up to make an answer, with what stood there.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    names: Vec<(Arc<str>, Option<FileStamp>)>,
    /// Whether a change of any of them is sure to show.
    is_uncertain: bool,
}

/// How long what was found of a name counts without another look: not at all in
/// development.
pub(super) fn interval(is_production: bool) -> Duration {
    if is_production { PRODUCTION_INTERVAL } else { Duration::ZERO }
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Box<str>, Arc<Entry>> for ByBytes {
    fn weight(&self, path: &Box<str>, entry: &Arc<Entry>) -> u64 {
        path.len() as u64 + entry.kept.weight() + entry.inputs.weight()
    }
}

impl Cache {
    /// A cache of up to `max_bytes`.
    pub(super) fn new(max_bytes: u64, is_production: bool) -> Self {
        let typical_entry_bytes = 16 * 1024;
        let count = |bytes: u64| usize::try_from(max_bytes / bytes).unwrap_or(usize::MAX);
        // Of two, four and so on, the last that leaves each so large.
        let shards = 1 << count(PART_BYTES).max(1).ilog2();
        let options = OptionsBuilder::new()
            .estimated_items_capacity(count(typical_entry_bytes))
            .weight_capacity(max_bytes)
            .shards(shards)
            .build()
            .expect("both capacities are set");
        let entries =
            Map::with_options(options, ByBytes, RandomState::default(), Default::default());
        // The map itself refuses what would take nearly all of a part.
        let max_entry_bytes = max_bytes / shards as u64 / 8 * 7;
        Self { entries, max_entry_bytes, interval: interval(is_production) }
    }

    /// What is kept for `path`, if it is still what the files make.
    pub(super) fn get(&self, path: &str, folder: &Folder, now: SystemTime) -> Option<Arc<Entry>> {
        let entry = self.entries.get(path)?;
        if !entry.is_fresh(folder, now, self.interval) {
            self.entries.remove(path);
            return None;
        }
        Some(entry)
    }

    /// Keeps something, if it fits and a change of what it was made from is sure to show.
    /// Where another thread has just kept the same, that stays.
    pub(super) fn insert(&self, path: &str, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        let is_sure = !entry.inputs.is_uncertain;
        if !is_sure || ByBytes.weight(&path.into(), &entry) > self.max_entry_bytes {
            return entry;
        }
        match self.entries.peek(path).filter(|other| other.inputs.names == entry.inputs.names) {
            Some(other) => other,
            None => {
                entry.kept.note_kept();
                self.entries.insert(path.into(), Arc::clone(&entry));
                entry
            }
        }
    }
}

impl Kept {
    /// Says so to what it holds.
    fn note_kept(&self) {
        if let Self::Shared(shared) = self {
            shared.stored.set_kept();
        }
    }

    /// What it takes of memory, in bytes.
    fn weight(&self) -> u64 {
        match self {
            Self::Shared(SharedAnswer { stored, .. }) if stored.varies_by_mode => {
                2 * stored.weight()
            }
            Self::Shared(SharedAnswer { stored, .. }) => stored.weight(),
            Self::Page(_) => 1024,
        }
    }
}

impl Entry {
    /// What is known of `folder` since `now`.
    pub(super) fn new(kept: Kept, inputs: Inputs, folder: &Folder, now: SystemTime) -> Self {
        let checked_ms = AtomicU64::new(ms(now));
        Self { kept, inputs: Arc::new(inputs), folder: folder.number(), checked_ms }
    }

    fn is_fresh(&self, folder: &Folder, now: SystemTime, interval: Duration) -> bool {
        // Not for the time that is left of the interval either: a page that is rendered
        // again would mix what is kept with what it reads anew.
        if self.folder != folder.number() {
            return false;
        }
        let age_ms = ms(now).abs_diff(self.checked_ms.load(Ordering::Relaxed));
        if Duration::from_millis(age_ms) < interval {
            return true;
        }
        let is_fresh = self.inputs.are_unchanged(folder);
        // Not before: meanwhile another thread would take it for fresh.
        if is_fresh {
            self.checked_ms.store(ms(now), Ordering::Relaxed);
        }
        is_fresh
    }
}

impl Inputs {
    /// Adds a file that was read, with its stamp from before it was.
    pub(super) fn add_file(&mut self, name: Arc<str>, stamp: FileStamp, is_settled: bool) {
        self.is_uncertain |= !is_settled;
        self.names.push((name, Some(stamp)));
    }

    /// Adds a name under which no regular file was found. A folder may stand
    /// there; a file that has come since makes the whole uncertain.
    pub(super) fn add_missed(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.is_uncertain |= stamp.is_some_and(|stamp| stamp.is_file());
        self.names.push((name.into(), stamp));
    }

    /// Adds a name whose file, if there is one, was of no use as it is now.
    pub(super) fn add_name(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.is_uncertain |= stamp.is_some_and(|stamp| !stamp.is_settled_at(SystemTime::now()));
        self.names.push((name.into(), stamp));
    }

    /// Adds all that was looked up for something else.
    pub(super) fn extend(&mut self, others: &Self) {
        self.names.extend_from_slice(&others.names);
        self.is_uncertain |= others.is_uncertain;
    }

    /// What stood under `name`, if it was looked up.
    pub(super) fn stamp(&self, name: &str) -> Option<Option<FileStamp>> {
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
    fn weight(&self) -> u64 {
        self.names.iter().map(|(name, _)| name.len() as u64 + 128).sum()
    }

    /// The names themselves, from the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| &**name)
    }

    /// The same names with other stamps, taken as sure.
    pub(super) fn stamped_by(&self, stamp: impl Fn(&Arc<str>) -> Option<FileStamp>) -> Self {
        let names = self.names.iter().map(|(name, _)| (Arc::clone(name), stamp(name)));
        Self { names: names.collect(), is_uncertain: false }
    }

    pub(super) fn stamped(&self) -> impl Iterator<Item = &(Arc<str>, Option<FileStamp>)> {
        self.names.iter()
    }

    /// The first file that was found: that of the page.
    pub(super) fn file(&self) -> Option<(&str, &FileStamp)> {
        let found = self.names.iter().filter_map(|(name, stamp)| Some((&**name, stamp.as_ref()?)));
        found.into_iter().find(|(_, stamp)| stamp.is_file())
    }

    fn are_unchanged(&self, folder: &Folder) -> bool {
        self.names.iter().all(|(name, stamp)| folder.stamp(name) == *stamp)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::compress::Effort;

    fn entry(len: u64, inputs: Inputs, now: SystemTime) -> Entry {
        let bytes = vec![b'x'; usize::try_from(len).unwrap()];
        let stored = StoredRepresentation::new("image/png".into(), bytes, false, Effort::Kept);
        let shared = SharedAnswer { stored: stored.into(), document: OnceLock::new() };
        let folder = Folder::open(std::path::Path::new("/"), 0).unwrap();
        Entry::new(Kept::Shared(shared), inputs, &folder, now)
    }

    fn plain(len: u64) -> Entry {
        entry(len, Inputs::default(), SystemTime::now())
    }

    #[test]
    fn holds_no_more_than_its_bytes() {
        for max_bytes in [300_000, 64 << 20] {
            let cache = Cache::new(max_bytes, false);
            for n in 0..5000 {
                cache.insert(&format!("/{n}"), plain(30_000));
                assert!(cache.entries.weight() <= max_bytes);
            }
            assert!(cache.entries.weight() > max_bytes / 2);
        }
    }

    #[test]
    fn the_largest_entry_finds_room_and_a_larger_one_does_not() {
        let cache = Cache::new(64 << 20, false);
        let max = PART_BYTES / 8 * 7;
        for (path, len) in [("/a", max - 5000), ("/b", max)] {
            cache.insert(path, plain(len));
        }
        let holds = |path| cache.entries.get(path).is_some();
        assert_eq!((holds("/a"), holds("/b")), (true, false));
    }

    #[test]
    fn production_looks_once_a_second_and_development_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let root = Folder::open(folder.path(), 0).unwrap();
        let mut inputs = Inputs::default();
        inputs.add_missed("page.html", &root);
        fs::write(folder.path().join("page.html"), "new").unwrap();
        let now = SystemTime::now();
        for (is_production, ms, is_kept) in
            [(false, 0, false), (true, 0, true), (true, 998, true), (true, 1001, false)]
        {
            let cache = Cache::new(1 << 20, is_production);
            cache.insert("/page", entry(10, inputs.clone(), now));
            let found = cache.get("/page", &root, now + Duration::from_millis(ms));
            assert_eq!(found.is_some(), is_kept, "{is_production}, {ms} ms");
        }
    }
}

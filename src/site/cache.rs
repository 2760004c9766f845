//! Finished answers, kept until a file behind them changes.

use std::{
    mem::discriminant,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use foldhash::fast::RandomState;
use quick_cache::{OptionsBuilder, Weighter, sync::Cache as Map};

use crate::site::{
    files::{
        absence::Absence,
        dependencies::Dependencies,
        folder::Folder,
        root::Root,
        stamp::{FileStamp, ms},
    },
    preview::snapshot::Snapshot,
    representation::stored::StoredRepresentation,
    resolution::Recipe,
};

/// A larger file is not held in memory.
pub(crate) const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The cache is in parts, each with a lock and a share of the bytes. A part is that large,
/// or all there is.
const PART_BYTES: u64 = 8 * 1024 * 1024;

/// How old the last check of the files may be in production.
const PRODUCTION_INTERVAL: Duration = Duration::from_secs(1);

/// So many stamps are taken by whole paths, which each take longer than by a name from the root,
/// rather than with one more, of the root.
const MAX_STAMPS_BY_PATH: usize = 3;

/// What is kept by the encoded path of the request, which alone decides it: an
/// answer that depends on anything else of a request is no part of it.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: Map<Box<str>, Arc<Entry>, ByBytes, RandomState>,
    /// The most that one entry may take, in bytes.
    max_entry_bytes: u64,
    /// How long an entry counts as fresh without a check of its files.
    interval: Duration,
    /// The moment from which those of checks are counted.
    base: OnceLock<Instant>,
}

/// What is known of a path, and from what.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) kept: Kept,
    pub(crate) dependencies: Arc<Dependencies>,
    /// The number of the folder that it was made in.
    folder: u64,
    /// When its files were last checked, in ms since 1970.
    checked_ms: AtomicU64,
    /// A moment since which they have been checked, in ns since the cache's base; 0 where none is
    /// known.
    checked_since: AtomicU64,
    /// What tells that the names among its dependencies are absent still that were not there.
    absence: RwLock<Option<Arc<Absence>>>,
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Kept {
    /// This, for every request.
    Shared(Arc<SharedAnswer>),
    /// An answer of its own for each request, made in this way.
    Recipe(Recipe),
}

/// An answer for every request, in two forms.
#[derive(Debug)]
pub(crate) struct SharedAnswer {
    pub(crate) stored: Arc<StoredRepresentation>,
    /// As a browser gets it that is about to show it, once one has asked.
    pub(crate) document: OnceLock<Document>,
}

/// A page with the snippet in it, and what it was before that went in.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) stored: Arc<StoredRepresentation>,
    pub(crate) snapshot: Arc<Snapshot>,
}

/// How long the stamp of a name counts without another `stat`: not at all in
/// development.
pub(crate) fn interval(is_production: bool) -> Duration {
    if is_production { PRODUCTION_INTERVAL } else { Duration::ZERO }
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Box<str>, Arc<Entry>> for ByBytes {
    fn weight(&self, path: &Box<str>, entry: &Arc<Entry>) -> u64 {
        let dependencies = &entry.dependencies;
        // The folder of an absent name may be remembered, too.
        let absence = 128 * dependencies.absent().count() as u64;
        path.len() as u64 + entry.kept.weight() + dependencies.weight() + absence
    }
}

impl Cache {
    /// A cache of up to `max_bytes`.
    pub(crate) fn new(max_bytes: u64, is_production: bool) -> Self {
        let typical_entry_bytes = 16 * 1024;
        let count = |bytes: u64| usize::try_from(max_bytes / bytes).unwrap_or(usize::MAX);
        // The largest power of two with which each shard still has this size.
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
        let (interval, base) = (interval(is_production), OnceLock::new());
        Self { entries, max_entry_bytes, interval, base }
    }

    /// What all entries take of memory, in bytes.
    #[cfg(test)]
    pub(crate) fn weight(&self) -> u64 {
        self.entries.weight()
    }

    /// What is kept for `path`, if it is still what the files make. For a request that was
    /// `arrived_by` then, a check since then is as good as one now.
    pub(crate) fn get(
        &self,
        path: &str,
        folder: &Folder,
        now: SystemTime,
        arrived_by: Option<Instant>,
    ) -> Option<Arc<Entry>> {
        let entry = self.entries.get(path)?;
        let arrived_ns = self.arrived_ns(arrived_by);
        let are_unchanged = || entry.is_unchanged(folder, now);
        if !entry.is_fresh(folder, now, self.interval, arrived_ns, are_unchanged) {
            self.entries.remove(path);
            return None;
        }
        Some(entry)
    }

    /// The same through the root's name, whose `folder` is the last that was seen there and need
    /// not be checked: each file's whole path is, if there are few, or the root's stamp. `None`
    /// leaves everything open.
    pub(crate) fn get_through_root(
        &self,
        path: &str,
        root: &Root,
        folder: &Folder,
        now: SystemTime,
        arrived_by: Option<Instant>,
    ) -> Option<Arc<Entry>> {
        let entry = self.entries.get(path)?;
        let arrived_ns = self.arrived_ns(arrived_by);
        let is_unchanged = || entry.is_unchanged_through_root(root, folder, now);
        let is_fresh = entry.is_fresh(folder, now, self.interval, arrived_ns, is_unchanged);
        is_fresh.then_some(entry)
    }

    /// Since when a check counts for a request, in ns since the base, the first of these moments;
    /// 0 where none does.
    fn arrived_ns(&self, arrived_by: Option<Instant>) -> u64 {
        let Some(moment) = arrived_by else { return 0 };
        let base = *self.base.get_or_init(|| moment);
        let since = moment.checked_duration_since(base);
        since.and_then(|since| u64::try_from(since.as_nanos() + 1).ok()).unwrap_or(0)
    }

    /// Keeps something, if it fits and a change of what it was made from is sure to show.
    /// Where another thread has just kept the same, that stays.
    pub(crate) fn insert(&self, path: &str, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        let is_sure = !entry.dependencies.is_uncertain();
        if !is_sure || ByBytes.weight(&path.into(), &entry) > self.max_entry_bytes {
            return entry;
        }
        let is_same = |other: &Arc<Entry>| {
            other.kept.is_like(&entry.kept) && other.dependencies.are_same(&entry.dependencies)
        };
        match self.entries.peek(path).filter(is_same) {
            Some(other) => other,
            None => {
                entry.kept.note_kept();
                self.entries.insert(path.into(), Arc::clone(&entry));
                entry
            }
        }
    }
}

impl SharedAnswer {
    /// The answer, which no browser has asked for yet.
    pub(crate) fn new(stored: impl Into<Arc<StoredRepresentation>>) -> Self {
        Self { stored: stored.into(), document: OnceLock::new() }
    }
}

impl Kept {
    /// Whether both are of one kind.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Recipe(one), Self::Recipe(other)) => discriminant(one) == discriminant(other),
            _ => discriminant(self) == discriminant(other),
        }
    }

    /// Marks the representation that it holds as kept.
    fn note_kept(&self) {
        if let Self::Shared(shared) = self {
            shared.stored.set_kept();
        }
    }

    /// What it takes of memory, in bytes.
    fn weight(&self) -> u64 {
        match self {
            Self::Shared(shared) if shared.stored.varies_by_mode => 2 * shared.stored.weight(),
            Self::Shared(shared) => shared.stored.weight(),
            Self::Recipe(recipe) => recipe.weight(),
        }
    }
}

impl Entry {
    /// The answer for every request, if it is that.
    pub(crate) fn shared(&self) -> Option<&Arc<SharedAnswer>> {
        if let Kept::Shared(shared) = &self.kept { Some(shared) } else { None }
    }

    /// What is known of `folder` since `now`.
    pub(crate) fn new(
        kept: Kept,
        dependencies: Dependencies,
        folder: &Folder,
        now: SystemTime,
    ) -> Self {
        let (checked_ms, checked_since) = (AtomicU64::new(ms(now)), AtomicU64::new(0));
        let (dependencies, folder) = (Arc::new(dependencies), folder.number());
        Self { kept, dependencies, folder, checked_ms, checked_since, absence: RwLock::default() }
    }

    /// Whether each of its files is in `folder` what it was.
    fn is_unchanged(&self, folder: &Folder, now: SystemTime) -> bool {
        let absence = self.absence();
        let absence = absence.as_deref().filter(|absence| absence.holds(|name| folder.stamp(name)));
        self.is_unchanged_but(absence, folder, now, |name| folder.stamp(name))
    }

    /// The same where `folder` may stand at the root's name no longer. `false` leaves it open.
    fn is_unchanged_through_root(&self, root: &Root, folder: &Folder, now: SystemTime) -> bool {
        let absence = self.absence();
        let is_known_by_root = absence.as_deref().is_some_and(Absence::is_known_by_root);
        let max_count = MAX_STAMPS_BY_PATH + absence.as_deref().map_or(0, Absence::saves);
        if !is_known_by_root && self.dependencies.count() > max_count {
            return false;
        }
        let absence = absence.as_deref().filter(|absence| absence.holds(|name| root.stamp(name)));
        if is_known_by_root {
            // If it holds, it is `folder` that stands there.
            return absence.is_some()
                && self.is_unchanged_but(absence, folder, now, |name| folder.stamp(name));
        }
        self.is_unchanged_but(absence, folder, now, |name| root.stamp(name))
    }

    /// The same by `stamp`, but for the names whose `absence` is known. Where that is not, it is
    /// remembered.
    fn is_unchanged_but(
        &self,
        absence: Option<&Absence>,
        folder: &Folder,
        now: SystemTime,
        stamp: impl Fn(&Arc<str>) -> Option<FileStamp>,
    ) -> bool {
        let is_absent = |name: &Arc<str>| absence.is_some_and(|absence| absence.is_of(name));
        let stamp = |name: &Arc<str>| if is_absent(name) { None } else { stamp(name) };
        let is_unchanged = self.dependencies.are_unchanged(now, stamp);
        if is_unchanged && absence.is_none() {
            let absence = Absence::of(self.dependencies.absent(), folder, now).map(Arc::new);
            *self.absence.write().unwrap_or_else(PoisonError::into_inner) = absence;
        }
        is_unchanged
    }

    fn absence(&self) -> Option<Arc<Absence>> {
        self.absence.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_fresh(
        &self,
        folder: &Folder,
        now: SystemTime,
        interval: Duration,
        arrived_ns: u64,
        are_unchanged: impl FnOnce() -> bool,
    ) -> bool {
        // Not for the time that is left of the interval either: a page that is rendered
        // again would mix what is kept with what it reads anew.
        if self.folder != folder.number() {
            return false;
        }
        let age_ms = ms(now).abs_diff(self.checked_ms.load(Ordering::Relaxed));
        let is_checked = Duration::from_millis(age_ms) < interval
            || (arrived_ns > 0 && self.checked_since.load(Ordering::Acquire) >= arrived_ns);
        if is_checked && self.dependencies.are_valid_at(now) {
            return true;
        }
        let is_fresh = are_unchanged();
        // Not before: meanwhile another thread would take it for fresh.
        if is_fresh {
            self.checked_ms.store(ms(now), Ordering::Relaxed);
            self.checked_since.fetch_max(arrived_ns, Ordering::Release);
        }
        is_fresh
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::representation::compress::Effort;

    fn entry(len: u64, dependencies: Dependencies, now: SystemTime) -> Entry {
        let bytes = vec![b'x'; usize::try_from(len).unwrap()];
        let stored = StoredRepresentation::new("image/png".into(), bytes, false, Effort::Kept);
        let folder = Folder::open(std::path::Path::new("/"), 0).unwrap();
        Entry::new(Kept::Shared(SharedAnswer::new(stored).into()), dependencies, &folder, now)
    }

    fn plain(len: u64) -> Entry {
        entry(len, Dependencies::default(), SystemTime::now())
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

    /// A folder without `page.html`, and what depends on that.
    fn without_page() -> (tempfile::TempDir, Folder, Dependencies) {
        let folder = tempfile::tempdir().unwrap();
        let root = Folder::open(folder.path(), 0).unwrap();
        let mut dependencies = Dependencies::default();
        dependencies.add_missed("page.html", &root);
        (folder, root, dependencies)
    }

    #[test]
    fn production_looks_once_a_second_and_development_each_time() {
        let (folder, root, dependencies) = without_page();
        fs::write(folder.path().join("page.html"), "new").unwrap();
        let now = SystemTime::now();
        for (is_production, ms, is_kept) in
            [(false, 0, false), (true, 0, true), (true, 998, true), (true, 1001, false)]
        {
            let cache = Cache::new(1 << 20, is_production);
            cache.insert("/page", entry(10, dependencies.clone(), now));
            let found = cache.get("/page", &root, now + Duration::from_millis(ms), None);
            assert_eq!(found.is_some(), is_kept, "{is_production}, {ms} ms");
        }
    }

    #[test]
    fn a_check_counts_for_all_requests_that_had_arrived_before_it() {
        let (folder, root, dependencies) = without_page();
        let (cache, now) = (Cache::new(1 << 20, false), SystemTime::now());
        cache.insert("/page", entry(10, dependencies, now));
        let is_kept = |by| cache.get("/page", &root, now, by).is_some();
        let base = Instant::now();
        let [before, arrived, after] = [0, 1, 2].map(|ns| base + Duration::from_nanos(ns));
        assert!(is_kept(Some(before)) && is_kept(Some(arrived)));
        fs::write(folder.path().join("page.html"), "new").unwrap();
        assert!(is_kept(Some(arrived)) && is_kept(Some(before)));
        // For this one, it is looked at again, and gone for all.
        assert!(!is_kept(Some(after)));
        assert!(!is_kept(Some(arrived)));
    }

    #[test]
    fn without_a_known_arrival_each_request_has_its_own_check() {
        let (folder, root, dependencies) = without_page();
        let (cache, now) = (Cache::new(1 << 20, false), SystemTime::now());
        cache.insert("/page", entry(10, dependencies, now));
        let arrived = Some(Instant::now());
        assert!(cache.get("/page", &root, now, arrived).is_some());
        assert!(cache.get("/page", &root, now, None).is_some());
        fs::write(folder.path().join("page.html"), "new").unwrap();
        assert!(cache.get("/page", &root, now, None).is_none());
    }
}

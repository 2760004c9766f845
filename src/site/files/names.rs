//! The names of the folder's files, for suggestions: walked once, and kept while their
//! folders stay as they are.
//!
//! A name that is added, removed or renamed changes the stamp of its folder. So one
//! `stat` for each folder tells whether the names are still those that there are.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::diagnostic::nearest::Known;
use crate::site::{
    files::{
        dependencies::Dependencies,
        folder::Folder,
        stamp::{FileStamp, ms},
        walk::{self, Entry, Walk},
    },
    naming::{Naming, param_of},
};

/// After the walk of a folder with at least the first number of entries, each of the second
/// number gives a millisecond of rest: a folder of 5,000 entries that changes all the time,
/// with missing pages all the time, is walked every 100 ms, a tenth of one processor's work.
const MIN_ENTRIES_FOR_REST: usize = 1_000;
const ENTRIES_PER_MS_OF_REST: usize = 50;

/// Up to this many folders are checked every time, which takes up to about 0.2 ms. Of
/// more, those on the way to what is wanted; the others are checked once per second.
const MAX_CHECKED: usize = 256;
const CHECK_ALL_AFTER: Duration = Duration::from_secs(1);

/// The names of a folder.
#[derive(Debug)]
pub(crate) struct Names {
    public: Kept,
    templates: Kept,
}

/// What a list holds.
#[derive(Clone, Copy, Debug)]
enum Listed {
    /// The paths of the files that are served.
    Public,
    /// The files that templates may use.
    Templates,
}

/// A list of names, as it was when it was last made.
#[derive(Debug)]
struct Kept {
    listed: Listed,
    naming: Arc<Naming>,
    /// How long a list counts as current without a check.
    interval: Duration,
    /// How many walks have begun.
    walks: AtomicU64,
    /// Locked during a walk: one thread walks, and the others take what it finds.
    list: Mutex<Option<Arc<NameList>>>,
}

/// Names that there are, in order, each once.
#[derive(Debug)]
pub(crate) struct NameList {
    names: Vec<Name>,
    folders: Vec<(String, FileStamp)>,
    /// The number of the folder that was walked, and of the walk.
    folder: u64,
    walk: u64,
    /// Whether any later change of a folder shows in its stamp.
    is_settled: bool,
    /// When all its folders were last checked, in ms since 1970.
    checked_ms: AtomicU64,
    /// When it was made, in ms since 1970.
    walked_ms: u64,
    /// For how long it counts as current in any case.
    rest_ms: u64,
}

/// A name, and the file that it stands for.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) known: Known,
    /// Its path from the root.
    pub(crate) file: String,
}

impl Names {
    /// None yet. A list counts as current for `interval` without a check.
    pub(crate) fn new(naming: &Arc<Naming>, interval: Duration) -> Self {
        let kept = |listed| Kept {
            listed,
            naming: Arc::clone(naming),
            interval,
            walks: AtomicU64::new(0),
            list: Mutex::default(),
        };
        Self { public: kept(Listed::Public), templates: kept(Listed::Templates) }
    }

    /// The paths of the files that are served, without a slash at the end, for a
    /// request for `wanted`.
    pub(crate) fn public(&self, folder: &Folder, wanted: &str, now: SystemTime) -> Arc<NameList> {
        self.public.current(folder, wanted, now)
    }

    /// The names of the pages that a template may use, private ones too.
    pub(crate) fn templates(
        &self,
        folder: &Folder,
        wanted: &str,
        now: SystemTime,
    ) -> Arc<NameList> {
        self.templates.current(folder, wanted, now)
    }
}

impl Listed {
    /// Whether a file belongs to it, or a folder may hold one that does.
    fn wants(self, naming: &Naming, entry: Entry<'_>) -> bool {
        match self {
            Self::Public => entry.is_public(naming),
            Self::Templates => entry.is_usable(naming),
        }
    }

    /// The name under which `file` is in it, if it is.
    fn name_of(self, naming: &Naming, file: &str) -> Option<String> {
        match self {
            // The slash of a folder is no letter that people mistype.
            Self::Public if param_of(file).is_some() => None,
            Self::Public => Some(naming.path_of(file)?.with_folder(false).as_str().to_owned()),
            Self::Templates => Naming::may_have_front_matter(file).then(|| file.to_owned()),
        }
    }
}

impl Kept {
    /// The list as it is now, or as it was when a large folder was walked just before.
    fn current(&self, folder: &Folder, wanted: &str, now: SystemTime) -> Arc<NameList> {
        let walks = self.walks.load(Ordering::SeqCst);
        let kept = self.list().clone();
        if let Some(list) = kept.filter(|list| self.is_current(list, folder, wanted, now)) {
            return list;
        }
        let mut kept = self.list();
        match &*kept {
            // Another thread has walked meanwhile, and began after the call.
            Some(list) if list.walk > walks && list.folder == folder.number() => Arc::clone(list),
            _ => {
                let walk = self.walks.fetch_add(1, Ordering::SeqCst) + 1;
                let wants = |entry: Entry<'_>| self.listed.wants(&self.naming, entry);
                let found = walk::walk(folder, wants);
                let name_of = |file: &str| self.listed.name_of(&self.naming, file);
                let list = NameList::new(found, name_of, folder, walk, now);
                Arc::clone(kept.insert(Arc::new(list)))
            }
        }
    }

    fn list(&self) -> MutexGuard<'_, Option<Arc<NameList>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_current(&self, list: &NameList, folder: &Folder, wanted: &str, now: SystemTime) -> bool {
        list.folder == folder.number()
            && (list.rests(now)
                || list.age(now) < self.interval
                || list.is_unchanged(folder, wanted, now))
    }
}

impl NameList {
    fn new(
        found: Walk,
        name_of: impl Fn(&str) -> Option<String>,
        folder: &Folder,
        walk: u64,
        now: SystemTime,
    ) -> Self {
        let name = |file: String| Some(Name { known: Known::new(&name_of(&file)?), file });
        let mut names: Vec<Name> = found.files.into_iter().filter_map(name).collect();
        names.sort_unstable_by(|a, b| (a.name(), &a.file).cmp(&(b.name(), &b.file)));
        // `docs.html` and `docs/index.html`, of which one is enough.
        names.dedup_by(|next, name| next.name() == name.name());
        let is_settled = found.folders.iter().all(|(_, stamp)| stamp.is_settled_at(now));
        let checked_ms = AtomicU64::new(ms(now));
        let rest_ms = match found.entries {
            ..MIN_ENTRIES_FOR_REST => 0,
            entries => entries / ENTRIES_PER_MS_OF_REST,
        };
        let (walked_ms, rest_ms) = (ms(now), rest_ms as u64);
        let (folders, folder) = (found.folders, folder.number());
        Self { names, folders, folder, walk, is_settled, checked_ms, walked_ms, rest_ms }
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }

    /// The name that reads `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Name> {
        let idx = self.names.binary_search_by(|known| known.name().cmp(name)).ok()?;
        self.names.get(idx)
    }

    /// Adds the folders that decide which names there are, unless they are more than are
    /// checked every time. Gives whether they were added.
    pub(crate) fn add_folders(&self, dependencies: &mut Dependencies) -> bool {
        if self.folders.len() > MAX_CHECKED {
            return false;
        }
        self.folders.iter().for_each(|(name, stamp)| dependencies.add_listing(name, *stamp));
        true
    }

    /// Whether the walk was so recent that another one does not pay.
    fn rests(&self, now: SystemTime) -> bool {
        ms(now).abs_diff(self.walked_ms) < self.rest_ms
    }

    fn age(&self, now: SystemTime) -> Duration {
        Duration::from_millis(ms(now).abs_diff(self.checked_ms.load(Ordering::Relaxed)))
    }

    fn is_unchanged(&self, folder: &Folder, wanted: &str, now: SystemTime) -> bool {
        let checks_all = self.checks_all(now);
        let is_unchanged = self.is_settled
            && self.to_check(wanted, now).all(|(name, stamp)| folder.stamp(name) == Some(*stamp));
        if checks_all && is_unchanged {
            self.checked_ms.store(ms(now), Ordering::Relaxed);
        }
        is_unchanged
    }

    /// The folders to be checked for a request for `wanted`.
    fn to_check(
        &self,
        wanted: &str,
        now: SystemTime,
    ) -> impl Iterator<Item = &(String, FileStamp)> {
        let checks_all = self.checks_all(now);
        self.folders.iter().filter(move |(name, _)| checks_all || leads_to(name, wanted))
    }

    fn checks_all(&self, now: SystemTime) -> bool {
        self.folders.len() <= MAX_CHECKED || self.age(now) >= CHECK_ALL_AFTER
    }
}

impl Name {
    fn name(&self) -> &str {
        self.known.name()
    }
}

/// Whether the file `wanted` would be in the folder `name` or below.
fn leads_to(name: &str, wanted: &str) -> bool {
    name.is_empty() || wanted.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Instant};

    use tempfile::TempDir;

    use super::*;

    struct Files {
        temporary: TempDir,
        folder: Folder,
        names: Names,
    }

    impl Files {
        fn new(files: impl IntoIterator<Item = String>) -> Self {
            let temporary = TempDir::new().unwrap();
            let folder = Folder::open(temporary.path(), 0).unwrap();
            let made =
                Self { temporary, folder, names: Names::new(&Arc::default(), Duration::ZERO) };
            files.into_iter().for_each(|name| made.write(&name));
            made
        }

        fn write(&self, name: &str) {
            let path = self.temporary.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }

        fn list(&self, wanted: &str) -> Arc<NameList> {
            self.names.public(&self.folder, wanted, SystemTime::now())
        }

        fn has(&self, name: &str) -> bool {
            self.list("").find(name).is_some()
        }

        fn walks(&self) -> u64 {
            self.names.public.walks.load(Ordering::SeqCst)
        }

        /// Waits until a list is kept.
        fn settle(&self) {
            let start = Instant::now();
            while !self.list("").is_settled {
                assert!(start.elapsed().as_secs() < 30, "it never settles");
            }
        }
    }

    #[test]
    fn names_are_walked_once_and_again_when_a_folder_has_changed() {
        let files = Files::new(["a.html", "docs/b.html", "c/d/e.css"].map(str::to_owned));
        files.settle();
        let walks = files.walks();
        for _ in 0..100 {
            assert!(files.has("/a") && files.has("/docs/b") && files.has("/c/d/e.css"));
            assert!(!files.has("/new"));
        }
        assert_eq!(files.walks(), walks);
        let path = |name: &str| files.temporary.path().join(name);
        let changes: [&dyn Fn(); 7] = [
            &|| files.write("new.html"),
            &|| files.write("docs/deep/new.html"),
            &|| fs::rename(path("docs/b.html"), path("docs/f.html")).unwrap(),
            &|| fs::remove_file(path("c/d/e.css")).unwrap(),
            &|| fs::remove_dir_all(path("c")).unwrap(),
            &|| fs::rename(path("docs"), path("texts")).unwrap(),
            // A folder of the same name in its place.
            &|| {
                fs::create_dir(path("other")).unwrap();
                fs::write(path("other/g.html"), "").unwrap();
                fs::rename(path("other"), path("texts/deep/other")).unwrap();
            },
        ];
        for change in changes {
            files.settle();
            let walks = files.walks();
            change();
            files.list("");
            assert_eq!(files.walks(), walks + 1);
        }
        let list = files.list("");
        let names: Vec<&str> = list.names().iter().map(Name::name).collect();
        assert_eq!(names, ["/a", "/new", "/texts/deep/new", "/texts/deep/other/g", "/texts/f"]);
    }

    #[test]
    fn a_new_name_is_known_at_once_whenever_it_comes() {
        let files = Files::new([]);
        for round in 0..300 {
            files.write(&format!("{round}.html"));
            assert!(files.has(&format!("/{round}")), "{round}");
            fs::remove_file(files.temporary.path().join(format!("{round}.html"))).unwrap();
            assert!(!files.has(&format!("/{round}")), "{round}");
        }
    }

    #[test]
    fn a_content_that_changes_is_no_reason_to_walk() {
        let files = Files::new(["a.html".to_owned()]);
        files.settle();
        let walks = files.walks();
        fs::write(files.temporary.path().join("a.html"), "other").unwrap();
        files.list("");
        assert_eq!(files.walks(), walks);
    }

    #[test]
    fn one_thread_walks_for_all_that_wait() {
        const THREADS: u64 = 8;
        let files = Files::new((0..500).map(|number| format!("{number}.html")));
        let barrier = std::sync::Barrier::new(THREADS as usize);
        for round in 1..=20 {
            let walks = files.walks();
            files.write(&format!("new-{round}.html"));
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        barrier.wait();
                        assert!(files.has(&format!("/new-{round}")));
                    });
                }
            });
            assert!((1..=THREADS).contains(&(files.walks() - walks)));
        }
    }

    #[test]
    fn a_walk_that_began_since_is_taken_and_an_older_one_is_not() {
        let files = Files::new(["a.html".to_owned()]);
        files.settle();
        let unsettled = |walk| {
            let found = walk::walk(&files.folder, |_| true);
            let name_of = |file: &str| Some(file.to_owned());
            let list = NameList::new(found, name_of, &files.folder, walk, SystemTime::now());
            Arc::new(NameList { is_settled: false, ..list })
        };
        let (kept, walks) = (&files.names.public, files.walks());
        *kept.list() = Some(unsettled(walks));
        files.list("");
        assert_eq!(files.walks(), walks + 1);
        *kept.list() = Some(unsettled(walks + 2));
        files.list("");
        assert_eq!(files.walks(), walks + 1);
    }

    #[test]
    fn many_folders_are_checked_in_part_and_all_once_per_second() {
        let folders = MAX_CHECKED + 50;
        let files = Files::new((0..folders).map(|number| format!("{number}/a/b.html")));
        files.settle();
        let list = files.list("");
        assert!(list.folders.len() > MAX_CHECKED);
        let mut now = SystemTime::now();
        list.checked_ms.store(ms(now), Ordering::Relaxed);
        let checked = |wanted: &str, age_ms: u64| {
            let now = now + Duration::from_millis(age_ms);
            list.to_check(wanted, now).map(|(name, _)| name.clone()).collect::<Vec<String>>()
        };
        assert_eq!(checked("7/a/new", 999), ["", "7", "7/a"]);
        assert_eq!(checked("7", 999), [""]);
        assert_eq!(checked("7/a/new", 1_000).len(), list.folders.len());
        // What is new on the way to what is wanted is seen at once, and all else after that.
        let walks = files.walks();
        files.write("7/a/new.html");
        now = SystemTime::now();
        list.checked_ms.store(ms(now), Ordering::Relaxed);
        let walks_at = |wanted: &str, now| {
            files.names.public(&files.folder, wanted, now);
            files.walks() - walks
        };
        assert_eq!(walks_at("8/a/x", now), 0);
        assert_eq!(walks_at("8/a/x", now + CHECK_ALL_AFTER), 1);
        files.settle();
        let walks = files.walks();
        files.write("9/a/new.html");
        files.list("9/a/x");
        assert_eq!(files.walks(), walks + 1);
    }

    #[test]
    fn a_large_folder_rests_after_a_walk_and_a_small_one_does_not() {
        for (count, rest_ms) in [(20, 0), (1_000, 20)] {
            let files = Files::new((0..count).map(|number| format!("{number}.html")));
            let now = SystemTime::now();
            let has_new_at = |ms| {
                let at = now + Duration::from_millis(ms);
                files.names.public(&files.folder, "", at).find("/new").is_some()
            };
            assert!(!has_new_at(0));
            files.write("new.html");
            assert_eq!(has_new_at(0), rest_ms == 0, "{count} files");
            assert!(has_new_at(rest_ms), "{count} files");
        }
    }

    #[test]
    fn a_list_counts_as_current_for_its_interval() {
        let files = Files::new(["a.html".to_owned()]);
        let names = Names::new(&Arc::default(), Duration::from_secs(1));
        let now = SystemTime::now();
        let has = |ms| {
            let list = names.public(&files.folder, "", now + Duration::from_millis(ms));
            list.find("/new").is_some()
        };
        assert!(!has(0));
        files.write("new.html");
        assert!(!has(999));
        assert!(has(1_001));
        let templates = |folder: &Folder| names.templates(folder, "", now);
        assert!(Arc::ptr_eq(&templates(&files.folder), &templates(&files.folder)));
        // Another folder is another list.
        let other = Folder::open(files.temporary.path(), 1).unwrap();
        assert!(!Arc::ptr_eq(&templates(&files.folder), &templates(&other)));
    }

    #[test]
    fn each_list_has_its_own_names() {
        let files = Files::new(
            [
                "docs.html",
                "docs/index.html",
                "_a/_b.html",
                "_c.css",
                "d.css",
                "B.html",
                ".e/f.html",
            ]
            .map(str::to_owned),
        );
        let names = |list: Arc<NameList>| -> Vec<(String, String)> {
            list.names().iter().map(|name| (name.name().to_owned(), name.file.clone())).collect()
        };
        let expect = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, file)| (name.to_string(), file.to_string())).collect()
        };
        assert_eq!(
            names(files.list("")),
            expect(&[("/B", "B.html"), ("/d.css", "d.css"), ("/docs", "docs.html")])
        );
        let templates = files.names.templates(&files.folder, "", SystemTime::now());
        let all = ["B.html", "_a/_b.html", "docs.html", "docs/index.html"];
        assert_eq!(names(templates), expect(&all.map(|name| (name, name))));
    }
}

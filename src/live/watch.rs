//! File system events under the root, in batches.
//!
//! Events only make things faster: they may be lost, and some file systems send none, so
//! the files are checked regularly as well. That is why nothing here fails: what does not
//! work is a warning.

use std::{
    fmt, io, mem,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use notify::{
    Config, Error, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode},
};
use rustix::io::Errno;

/// How often to try a root again that is missing, or cannot be watched.
const RETRY: Duration = Duration::from_millis(100);
/// The most names that wait in a batch.
const MAX_NAMES: usize = 10_000;

/// Watches a folder and all below it, in threads of its own, until it is dropped.
///
/// Symbolic links are not followed: what they lead to in the root is watched
/// where it is, and the rest is not served.
#[derive(Debug)]
pub struct Watcher {
    shared: Arc<WatchShared>,
}

/// The events since the last batch was taken.
#[derive(Debug, Default)]
pub struct Batch {
    /// Files that are whole now, files and folders that were made, moved or removed: as
    /// names from the root, once for each event. All below a folder may be new.
    pub names: Vec<PathBuf>,
    /// Whether more may have changed than the names: events were lost, the root was
    /// made again, or watching has just begun.
    pub is_incomplete: bool,
    /// What does not work; each warning once.
    pub warnings: Vec<String>,
}

struct WatchShared {
    state: Mutex<WatchState>,
    /// Notified when the thread that watches has something to do.
    orders: Condvar,
    wake: Box<dyn Fn() + Send + Sync>,
}

#[derive(Debug, Default)]
struct WatchState {
    batch: Batch,
    /// The root without symbolic links, as events name it.
    root: PathBuf,
    /// All warnings until now.
    given: Vec<String>,
    must_watch_again: bool,
    has_ended: bool,
}

impl Watcher {
    /// Begins to watch `root`, and does not wait for that: a large folder takes time.
    /// `wake` is called, from any thread, when a batch has begun, which
    /// [`Watcher::take`] then gives.
    pub fn start(root: &Path, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let shared = Arc::new(WatchShared {
            state: Mutex::default(),
            orders: Condvar::new(),
            wake: Box::new(wake),
        });
        let (root, of_thread) = (root.to_owned(), Arc::clone(&shared));
        let builder = thread::Builder::new().name("watcher".to_owned());
        if let Err(error) = builder.spawn(move || watch(&root, &of_thread)) {
            shared.warn(&Error::io(error));
        }
        Self { shared }
    }

    /// Watches anew what stands at the root's name, which is another folder by now.
    pub fn watch_again(&self) {
        self.shared.watch_again();
    }

    /// Takes the events since this was last called.
    pub fn take(&self) -> Batch {
        mem::take(&mut self.shared.state().batch)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.shared.state().has_ended = true;
        self.shared.orders.notify_all();
    }
}

/// Watches `root`, and again whenever it must, until the watcher is dropped.
fn watch(root: &Path, shared: &Arc<WatchShared>) {
    let of_events = Arc::clone(shared);
    // A link could lead to the whole disk.
    let config = Config::default().with_follow_symlinks(false);
    let on_event = move |event| of_events.on_event(event);
    let mut watcher = match RecommendedWatcher::new(on_event, config) {
        Ok(watcher) => watcher,
        Err(error) => return shared.warn(&error),
    };
    let mut is_watched = begin(&mut watcher, root, shared);
    while shared.waits_for_orders(is_watched) {
        // It fails where the root is gone, and the watch with it.
        let _: Result<(), Error> = watcher.unwatch(&shared.root());
        is_watched = begin(&mut watcher, root, shared);
    }
}

/// Whether `root` is watched from now on; at the system's limits, a part of it.
fn begin(watcher: &mut RecommendedWatcher, root: &Path, shared: &WatchShared) -> bool {
    let Ok(real) = root.canonicalize() else { return false };
    shared.state().root.clone_from(&real);
    let result = watcher.watch(&real, RecursiveMode::Recursive);
    let is_watched = match result {
        Err(Error { kind: ErrorKind::PathNotFound, .. }) => false,
        Err(error) => {
            shared.warn(&error);
            true
        }
        Ok(()) => true,
    };
    // There were no events for what happened before.
    shared.add(|batch| batch.is_incomplete |= is_watched);
    is_watched
}

impl WatchShared {
    /// Adds an event to the batch.
    fn on_event(&self, event: Result<Event, Error>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => return self.warn(&error),
        };
        let root = self.root();
        if event.need_rescan() || is_end_of(&root, &event) {
            self.watch_again();
            self.add(|batch| batch.is_incomplete = true);
        } else if counts(&event.kind) {
            let names = event.paths.iter().filter_map(|path| path.strip_prefix(&root).ok());
            self.add(|batch| batch.add_names(names));
        }
    }

    fn watch_again(&self) {
        self.state().must_watch_again = true;
        self.orders.notify_all();
    }

    fn warn(&self, error: &Error) {
        let warning = Warning(error).to_string();
        let mut state = self.state();
        if !state.given.contains(&warning) {
            state.given.push(warning.clone());
            drop(state);
            self.add(|batch| batch.warnings.push(warning));
        }
    }

    /// Adds to the batch, and wakes its taker if it was empty.
    fn add(&self, addition: impl FnOnce(&mut Batch)) {
        let mut state = self.state();
        let was_empty = state.batch.is_empty();
        addition(&mut state.batch);
        let is_news = was_empty && !state.batch.is_empty();
        drop(state);
        if is_news {
            (self.wake)();
        }
    }

    /// Waits until the root is to be watched again; `false` if the watcher is dropped.
    fn waits_for_orders(&self, is_watched: bool) -> bool {
        let mut state = self.state();
        let is_idle = |state: &mut WatchState| !state.has_ended && !state.must_watch_again;
        state = if is_watched {
            self.orders.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner)
        } else {
            let waited = self.orders.wait_timeout_while(state, RETRY, is_idle);
            waited.unwrap_or_else(PoisonError::into_inner).0
        };
        state.must_watch_again = false;
        !state.has_ended
    }

    fn root(&self) -> PathBuf {
        self.state().root.clone()
    }

    fn state(&self) -> MutexGuard<'_, WatchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.warnings.is_empty() && !self.is_incomplete
    }

    fn add_names<'a>(&mut self, names: impl Iterator<Item = &'a Path>) {
        for name in names {
            if self.names.len() < MAX_NAMES {
                self.names.push(name.to_owned());
            } else {
                self.is_incomplete = true;
            }
        }
    }
}

/// Whether the root itself was removed or renamed.
fn is_end_of(root: &Path, event: &Event) -> bool {
    let has_gone = matches!(
        event.kind,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From))
    );
    has_gone && event.paths.iter().any(|path| path == root)
}

/// Whether something is complete: a file that was written is closed, or has its name; a
/// file or folder was made or removed. Only Linux says when a file is closed; elsewhere
/// each write counts.
fn counts(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Create(CreateKind::Folder)
        | EventKind::Modify(ModifyKind::Name(RenameMode::From | RenameMode::To))
        | EventKind::Remove(_) => true,
        EventKind::Create(_)
        | EventKind::Modify(ModifyKind::Any | ModifyKind::Data(_) | ModifyKind::Name(_)) => {
            !cfg!(target_os = "linux")
        }
        _ => false,
    }
}

/// What does not work, what works all the same, and the remedy.
struct Warning<'a>(&'a Error);

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_errno = |error: &io::Error, errno| Errno::from_io_error(error) == Some(errno);
        match &self.0.kind {
            ErrorKind::MaxFilesWatch => f.write_str(
                "the system's limit on inotify watches is reached, one for each folder (the disk \
                 is not full)",
            )?,
            ErrorKind::Io(error) if is_errno(error, Errno::MFILE) => f.write_str(
                "changes cannot be watched, since the system's limit on inotify instances, or on \
                 this program's open files, is reached",
            )?,
            _ => write!(f, "changes cannot be watched everywhere: {}", self.0)?,
        }
        f.write_str(
            "; pages in the browser still follow each change, found by checking the files every 100 ms",
        )?;
        match &self.0.kind {
            ErrorKind::MaxFilesWatch => f.write_str(
                "; to raise the limit: `sudo sysctl fs.inotify.max_user_watches=524288`",
            ),
            ErrorKind::Io(error) if is_errno(error, Errno::MFILE) => f.write_str(
                "; to raise it: `sudo sysctl fs.inotify.max_user_instances=1024`, or `ulimit -n`",
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for WatchShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchShared").field("state", &self.state).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        io::Write,
        os::unix::fs::symlink,
        sync::mpsc::{self, Receiver},
    };

    use tempfile::TempDir;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A watched folder `root`, in one that is not watched.
    struct Watched {
        folder: TempDir,
        watcher: Watcher,
        woken: Receiver<()>,
        names: BTreeSet<PathBuf>,
    }

    impl Watched {
        fn new(prepare: impl FnOnce(&Path)) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("root")).unwrap();
            prepare(&folder.path().join("root"));
            Self::start(folder, "root")
        }

        /// `root` is in the folder, or begins with `.` and is in the current one.
        fn start(folder: TempDir, root: &str) -> Self {
            let (wake, woken) = mpsc::channel();
            let root = if root.starts_with('.') { root.into() } else { folder.path().join(root) };
            let watcher = Watcher::start(&root, move || {
                // The test may have seen enough.
                let _ = wake.send(());
            });
            let mut watched = Self { folder, watcher, woken, names: BTreeSet::new() };
            watched.wait(|batch| batch.is_incomplete);
            watched
        }

        fn root(&self) -> PathBuf {
            self.folder.path().join("root")
        }

        fn path(&self, name: &str) -> PathBuf {
            self.root().join(name)
        }

        /// Waits for a batch of this kind.
        fn wait(&mut self, is_right: impl Fn(&Batch) -> bool) {
            loop {
                self.woken.recv_timeout(PATIENCE).unwrap();
                let batch = self.watcher.take();
                assert!(batch.warnings.is_empty(), "{:?}", batch.warnings);
                let is_over = is_right(&batch);
                self.names.extend(batch.names);
                if is_over {
                    return;
                }
            }
        }

        /// Waits for an event of `name`, and gives all names until then.
        fn wait_for(&mut self, name: &str) -> Vec<String> {
            self.wait(|batch| batch.names.iter().any(|other| other == Path::new(name)));
            let names = mem::take(&mut self.names);
            names.into_iter().map(|name| name.display().to_string()).collect()
        }

        /// Writes `name` until there is an event: a new folder is watched a little later
        /// than it is made.
        fn insist_on(&mut self, name: &str) {
            for _ in 0..600 {
                fs::write(self.path(name), "again").unwrap();
                let _ = self.woken.recv_timeout(Duration::from_millis(50));
                if self.watcher.take().names.contains(&PathBuf::from(name)) {
                    return;
                }
            }
            panic!("`{name}` never had an event");
        }
    }

    #[test]
    fn reports_files_that_are_written_made_moved_and_removed() {
        let mut watched = Watched::new(|root| {
            fs::create_dir_all(root.join("a/b")).unwrap();
            fs::write(root.join("old.html"), "old").unwrap();
        });
        fs::write(watched.path("old.html"), "new").unwrap();
        assert_eq!(watched.wait_for("old.html"), ["old.html"]);
        fs::write(watched.path("a/b/new.html"), "new").unwrap();
        assert_eq!(watched.wait_for("a/b/new.html"), ["a/b/new.html"]);
        fs::write(watched.folder.path().join("moved"), "whole").unwrap();
        fs::rename(watched.folder.path().join("moved"), watched.path("old.html")).unwrap();
        assert_eq!(watched.wait_for("old.html"), ["old.html"]);
        fs::rename(watched.path("old.html"), watched.path("renamed.html")).unwrap();
        assert_eq!(watched.wait_for("renamed.html"), ["old.html", "renamed.html"]);
        fs::remove_file(watched.path("a/b/new.html")).unwrap();
        assert_eq!(watched.wait_for("a/b/new.html"), ["a/b/new.html"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_is_reported_when_it_is_whole() {
        let mut watched = Watched::new(|_| {});
        let mut file = fs::File::create(watched.path("half.html")).unwrap();
        file.write_all(b"half").unwrap();
        fs::write(watched.path("other.html"), "").unwrap();
        assert_eq!(watched.wait_for("other.html"), ["other.html"]);
        drop(file);
        assert_eq!(watched.wait_for("half.html"), ["half.html"]);
    }

    #[test]
    fn reading_is_no_change() {
        let mut watched = Watched::new(|root| fs::write(root.join("page.html"), "").unwrap());
        fs::read(watched.path("page.html")).unwrap();
        fs::write(watched.path("other.html"), "").unwrap();
        assert_eq!(watched.wait_for("other.html"), ["other.html"]);
    }

    #[test]
    fn a_folder_that_comes_is_watched_with_all_below_it() {
        let mut watched = Watched::new(|_| {});
        let outside = watched.folder.path().join("outside");
        fs::create_dir_all(outside.join("below")).unwrap();
        for n in 0..100 {
            fs::write(outside.join(format!("below/{n}.html")), "").unwrap();
        }
        fs::rename(outside, watched.path("inside")).unwrap();
        watched.wait_for("inside");
        watched.insist_on("inside/below/7.html");
        fs::rename(watched.path("inside"), watched.path("renamed")).unwrap();
        watched.wait_for("renamed");
        watched.insist_on("renamed/below/7.html");
        fs::create_dir(watched.path("made")).unwrap();
        watched.wait_for("made");
        watched.insist_on("made/page.html");
    }

    #[test]
    fn links_are_not_followed_and_their_targets_are_reported_where_they_are() {
        let mut watched = Watched::new(|root| {
            fs::create_dir_all(root.join("real")).unwrap();
            fs::create_dir(root.with_file_name("outside")).unwrap();
            symlink(root.join("real"), root.join("inner")).unwrap();
            symlink(root.with_file_name("outside"), root.join("outer")).unwrap();
            symlink(root, root.join("circle")).unwrap();
        });
        fs::write(watched.path("outer/foreign.html"), "").unwrap();
        fs::write(watched.path("inner/page.html"), "").unwrap();
        assert_eq!(watched.wait_for("real/page.html"), ["real/page.html"]);
        fs::remove_file(watched.path("inner")).unwrap();
        assert_eq!(watched.wait_for("inner"), ["inner"]);
    }

    #[test]
    fn a_root_that_is_a_link_is_watched_where_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("root/below")).unwrap();
        symlink("root", folder.path().join("link")).unwrap();
        let mut watched = Watched::start(folder, "link");
        fs::write(watched.path("below/page.html"), "").unwrap();
        assert_eq!(watched.wait_for("below/page.html"), ["below/page.html"]);
    }

    #[test]
    fn a_link_that_is_switched_is_watched_where_it_leads_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for release in ["a", "b"] {
            fs::create_dir_all(path(release).join("pages/below")).unwrap();
        }
        symlink("a", path("link")).unwrap();
        let (new, a, b) = (path("new"), path("a/pages/below"), path("b/pages/below"));
        symlink("b", &new).unwrap();
        let link = path("link");
        let mut watched = Watched::start(folder, "link/pages");
        fs::rename(new, link).unwrap();
        watched.watcher.watch_again();
        watched.wait(|batch| batch.is_incomplete);
        fs::write(a.join("old.html"), "").unwrap();
        fs::write(b.join("new.html"), "").unwrap();
        assert_eq!(watched.wait_for("below/new.html"), ["below/new.html"]);
        fs::remove_dir_all(a).unwrap();
        fs::write(b.join("newer.html"), "").unwrap();
        assert_eq!(watched.wait_for("below/newer.html"), ["below/newer.html"]);
    }

    #[test]
    fn a_root_may_be_named_from_the_current_folder() {
        let depth = std::env::current_dir().unwrap().components().count();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("root")).unwrap();
        let root = format!(".{}{}/root", "/..".repeat(depth), folder.path().display());
        let mut watched = Watched::start(folder, &root);
        fs::write(watched.path("page.html"), "").unwrap();
        assert_eq!(watched.wait_for("page.html"), ["page.html"]);
    }

    #[test]
    fn a_root_that_comes_back_is_watched_again() {
        let mut watched = Watched::new(|root| fs::create_dir(root.join("below")).unwrap());
        let aside = watched.folder.path().join("aside");
        for round in 0..6 {
            if round % 2 == 0 {
                fs::remove_dir_all(watched.root()).unwrap();
            } else {
                fs::rename(watched.root(), &aside).unwrap();
            }
            // One batch is for its end, and a later one says that it is watched again.
            watched.wait(|batch| batch.is_incomplete);
            fs::create_dir_all(watched.path("below")).unwrap();
            watched.wait(|batch| batch.is_incomplete);
            let _ = fs::remove_dir_all(&aside);
            watched.insist_on("below/page.html");
        }
    }

    #[test]
    fn a_root_that_is_not_there_is_watched_when_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let (wake, woken) = mpsc::channel();
        let watcher = Watcher::start(&folder.path().join("root"), move || {
            let _ = wake.send(());
        });
        fs::create_dir(folder.path().join("root")).unwrap();
        woken.recv_timeout(PATIENCE).unwrap();
        assert!(watcher.take().is_incomplete);
    }

    /// The shared part of a watcher that watches nothing.
    fn unwatched() -> (Arc<WatchShared>, Receiver<()>) {
        let (wake, woken) = mpsc::channel();
        let wake = Box::new(move || wake.send(()).unwrap());
        let state = Mutex::new(WatchState { root: "/root".into(), ..WatchState::default() });
        (Arc::new(WatchShared { state, orders: Condvar::new(), wake }), woken)
    }

    #[test]
    fn lost_events_are_said_and_the_root_is_watched_again() {
        let (shared, woken) = unwatched();
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        shared.on_event(Ok(lost));
        woken.try_recv().unwrap();
        assert!(mem::take(&mut shared.state().batch).is_incomplete);
        assert!(shared.waits_for_orders(true));
    }

    #[test]
    fn a_batch_wakes_once_and_keeps_so_many_names() {
        let (shared, woken) = unwatched();
        let removed = |path: &str| {
            Event::new(EventKind::Remove(notify::event::RemoveKind::File)).add_path(path.into())
        };
        shared.on_event(Ok(removed("/elsewhere/a")));
        assert!(woken.try_recv().is_err());
        for n in 0..=MAX_NAMES {
            shared.on_event(Ok(removed(&format!("/root/{n}"))));
        }
        assert_eq!(woken.try_iter().count(), 1);
        let batch = mem::take(&mut shared.state().batch);
        assert!(batch.is_incomplete);
        assert_eq!((batch.names.len(), &batch.names[7]), (MAX_NAMES, &PathBuf::from("7")));
        shared.on_event(Ok(removed("/root/a")));
        assert_eq!(woken.try_iter().count(), 1);
    }

    #[test]
    fn limits_are_explained_once() {
        let (shared, _woken) = unwatched();
        let errno = |errno: Errno| Error::io(io::Error::from_raw_os_error(errno.raw_os_error()));
        for _ in 0..3 {
            shared.on_event(Err(Error::new(ErrorKind::MaxFilesWatch).add_path("/root/a".into())));
            shared.warn(&errno(Errno::MFILE));
            shared.warn(&errno(Errno::ACCESS).add_path("/root/a".into()));
        }
        let rest = "pages in the browser still follow each change, found by checking the files every 100 ms";
        let batch = mem::take(&mut shared.state().batch);
        assert_eq!(
            batch.warnings,
            [
                format!(
                    "the system's limit on inotify watches is reached, one for each folder (the disk is \
                 not full); {rest}; to raise the limit: `sudo sysctl \
                 fs.inotify.max_user_watches=524288`"
                ),
                format!(
                    "changes cannot be watched, since the system's limit on inotify instances, or on \
                 this program's open files, is reached; {rest}; to raise it: `sudo sysctl \
                 fs.inotify.max_user_instances=1024`, or `ulimit -n`"
                ),
                format!(
                    "changes cannot be watched everywhere: Permission denied (os error 13) about \
                 [\"/root/a\"]; {rest}"
                ),
            ]
        );
    }

    #[test]
    fn its_threads_end_with_it() {
        let watched = Watched::new(|_| {});
        let shared = Arc::downgrade(&watched.watcher.shared);
        let Watched { watcher, woken, .. } = watched;
        drop(watcher);
        // Both threads have a share of the sender.
        let end = std::iter::repeat_with(|| woken.recv_timeout(PATIENCE)).find(Result::is_err);
        assert_eq!(end, Some(Err(mpsc::RecvTimeoutError::Disconnected)));
        assert!(shared.upgrade().is_none());
    }
}

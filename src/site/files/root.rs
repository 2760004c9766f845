//! The root folder by its name, and the folder that stands there now.

use std::{
    cell::RefCell,
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::site::files::{
    dated,
    folder::Folder,
    stamp::{self, FileStamp},
};

/// As many links as Linux follows on the way to a file.
const MAX_LINKS: usize = 40;

thread_local! {
    /// Room for a path, so that a request that is answered from what is kept allocates nothing.
    static PATH: RefCell<PathBuf> = RefCell::default();
}

/// Why a folder cannot be the root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Nothing has this name.
    #[error(
        "`{0}` does not exist: name another folder with --root, or make a site with `server new my-site`"
    )]
    Missing(PathBuf),
    /// The name is not that of a folder.
    #[error("`{0}` is not a folder: name the folder that holds your pages with --root")]
    NotAFolder(PathBuf),
    /// The folder is there, but cannot be listed.
    #[error("`{0}` cannot be read ({1}): allow it, or name another folder with --root")]
    Unreadable(PathBuf, io::Error),
}

/// The place of the folder under which every file that is served lies.
///
/// The name may be a link that is switched to another folder, as releases are, or the
/// folder be removed and made again: what stands there is opened anew then. Each
/// request takes one [`Folder`] and finds everything in that.
#[derive(Debug)]
pub(crate) struct Root {
    /// As the user named it, for messages.
    named: PathBuf,
    /// The same from `/`, so that it does not go where the working directory goes.
    place: PathBuf,
    current: RwLock<Arc<Folder>>,
    /// When the name was last checked, in ms since 1970.
    checked_ms: AtomicU64,
    /// How long the folder counts as the current one without a check.
    interval: Duration,
}

impl Root {
    /// Opens the folder `named`, which is checked each time that it is asked for and
    /// the last check is older than `interval`.
    pub(crate) fn open(named: &Path, interval: Duration) -> Result<Self, RootError> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => RootError::Missing(named.to_owned()),
            io::ErrorKind::NotADirectory => RootError::NotAFolder(named.to_owned()),
            _ => RootError::Unreadable(named.to_owned(), error),
        };
        let folder = Folder::open(named, 0).map_err(unreadable)?;
        Ok(Self {
            named: named.to_owned(),
            place: place_of(named, &folder, bases()),
            current: RwLock::new(Arc::new(folder)),
            checked_ms: AtomicU64::new(0),
            interval,
        })
    }

    /// Where the folder is looked for, links included.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// The folder that stands at the root's name, for one request to find everything in.
    /// Costs one `stat`, where a check is due. While none stands there, or none that can
    /// be opened, it is the last one that did.
    pub(crate) fn current(&self, now: SystemTime) -> Arc<Folder> {
        let age_ms = stamp::ms(now).abs_diff(self.checked_ms.load(Ordering::Relaxed));
        if Duration::from_millis(age_ms) < self.interval {
            return self.last();
        }
        let folder = self.check();
        // Not before: meanwhile another thread would take the last one for current.
        self.checked_ms.store(stamp::ms(now), Ordering::Relaxed);
        folder
    }

    /// The same for what is kept, which is itself checked through the root's name
    /// ([`Root::stamp`]): no check, where that is done with each request.
    pub(crate) fn last_if_checked_by_path(&self, now: SystemTime) -> Arc<Folder> {
        if self.interval.is_zero() { self.last() } else { self.current(now) }
    }

    /// The same, checked now.
    pub(crate) fn check(&self) -> Arc<Folder> {
        let folder = self.last();
        match folder.stands_at(&self.place) {
            Some(false) => self.reopen().unwrap_or(folder),
            Some(true) | None => folder,
        }
    }

    /// The stamp of what the file `name` of the root stands for now, as [`Folder::stamp`]
    /// of the current folder has it; one `stat` in place of two.
    pub(crate) fn stamp(&self, name: &str) -> Option<FileStamp> {
        if dated::stands_for_others(name) {
            return self.last().stamp(name);
        }
        PATH.with_borrow_mut(|path| {
            path.clear();
            path.extend([&*self.place, Path::new(name)]);
            FileStamp::at(path)
        })
    }

    /// The stamps of the links on the way to the file `name`. When one is switched, that
    /// shows in the time of no file.
    pub(crate) fn links_to(&self, name: &str) -> Vec<FileStamp> {
        let segments = |path: &Path| -> Vec<OsString> {
            path.components().rev().map(|segment| segment.as_os_str().to_owned()).collect()
        };
        let (mut way, mut links) = (PathBuf::new(), Vec::new());
        let mut rest = segments(&self.place.join(name));
        while let Some(segment) = rest.pop().filter(|_| links.len() < MAX_LINKS) {
            if segment == ".." {
                way.pop();
                continue;
            }
            way.push(segment);
            let Some(link) = FileStamp::of_link(&way) else { continue };
            links.push(link);
            rest.extend(segments(&fs::read_link(&way).unwrap_or_default()));
            way.pop();
        }
        links
    }

    /// The folder that stood there at the last check.
    fn last(&self) -> Arc<Folder> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reopen(&self) -> io::Result<Arc<Folder>> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have come first.
        if current.stands_at(&self.place) != Some(true) {
            let folder = Folder::open(&self.place, current.number() + 1)?;
            *current = Arc::new(folder.shown_as(&self.named));
        }
        Ok(Arc::clone(&current))
    }
}

/// The paths of the working directory: as the shell came to it, which may be over a link
/// that is switched, and as it is.
fn bases() -> impl Iterator<Item = PathBuf> {
    let of_shell = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    of_shell.into_iter().chain(env::current_dir().ok())
}

/// The path from `/` by which `named`, which was opened as `folder`, is found again.
/// `named` itself where none is: a folder above it may be closed to this process.
fn place_of(named: &Path, folder: &Folder, bases: impl Iterator<Item = PathBuf>) -> PathBuf {
    let mut places = bases.map(|base| base.join(named).components().collect());
    let place = places.find(|place: &PathBuf| folder.stands_at(place) == Some(true));
    place.unwrap_or_else(|| named.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_relative_name_is_kept_as_the_shell_sees_it() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        fs::create_dir_all(at("releases/1/pages")).unwrap();
        fs::create_dir(at("pages")).unwrap();
        symlink("releases/1", at("current")).unwrap();
        let real = Folder::open(&at("releases/1"), 0).unwrap();
        let pages = Folder::open(&at("releases/1/pages"), 0).unwrap();
        for (named, folder, bases, place) in [
            (".", &real, &["current", "releases/1"][..], at("current")),
            ("pages", &pages, &["current", "releases/1"], at("current/pages")),
            ("./pages/", &pages, &["current"], at("current/pages")),
            // The shell's is of another program's start.
            ("pages", &pages, &[".", "releases/1"], at("releases/1/pages")),
            ("../1/pages", &pages, &["current"], at("current/../1/pages")),
            ("pages", &pages, &["gone"], "pages".into()),
            ("pages", &pages, &[], "pages".into()),
        ] {
            let bases = bases.iter().map(|base| at(base));
            assert_eq!(place_of(Path::new(named), folder, bases), place, "{named}");
        }
        symlink(at("releases/2"), at("releases/1/pages/absolute")).unwrap();
        symlink("../../1/pages/..", at("releases/1/pages/up")).unwrap();
        symlink("loop", at("releases/1/pages/loop")).unwrap();
        let root = Root::open(&at("current/pages"), Duration::ZERO).unwrap();
        for (name, links) in
            [("a", 1), ("absolute/b", 2), ("up/pages/up/c", 3), ("loop/d", MAX_LINKS)]
        {
            assert_eq!(root.links_to(name).len(), links, "{name}");
        }
        let absolute = at("current/pages");
        assert_eq!(place_of(&absolute, &pages, [at("gone")].into_iter()), absolute);
    }
}

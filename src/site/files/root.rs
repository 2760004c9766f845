//! The root folder by its name, and the folder that stands there now.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::site::files::{
    folder::Folder,
    stamp::{self, FileStamp},
};

/// Why a folder cannot be the root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Nothing has this name.
    #[error("`{0}` does not exist: create it, or name another folder with --root")]
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
    /// As the user named it.
    named: PathBuf,
    /// Where it was at the start, absolute and free of links.
    first_path: PathBuf,
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
            first_path: folder.path().to_owned(),
            current: RwLock::new(Arc::new(folder)),
            checked_ms: AtomicU64::new(0),
            interval,
        })
    }

    /// Where the folder was at the start, absolute.
    pub(crate) fn first_path(&self) -> &Path {
        &self.first_path
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

    /// The same, checked now.
    pub(crate) fn check(&self) -> Arc<Folder> {
        let folder = self.last();
        match folder.stands_at(&self.named) {
            Some(false) => self.reopen().unwrap_or(folder),
            Some(true) | None => folder,
        }
    }

    /// The stamp of what the file `name` of the root stands for now, as [`Folder::stamp`]
    /// of the current folder has it; one `stat` in place of two.
    pub(crate) fn stamp(&self, name: &str) -> Option<FileStamp> {
        FileStamp::at(&self.named.join(name))
    }

    /// The folder that stood there at the last check.
    pub(crate) fn last(&self) -> Arc<Folder> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reopen(&self) -> io::Result<Arc<Folder>> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have come first.
        if current.stands_at(&self.named) != Some(true) {
            *current = Arc::new(Folder::open(&self.named, current.number() + 1)?);
        }
        Ok(Arc::clone(&current))
    }
}

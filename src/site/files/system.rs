//! Looking at names, opening files below a folder, and telling where an open one lies: as each
//! operating system has it.

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags, Stat, openat},
    io::Errno,
};

/// Opened without blocking: a FIFO would wait for a writer without end.
const READ: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Finds a file without opening it: a device or a FIFO outside the root, to which a
/// link leads, notices nothing, and a file need not be readable to be judged.
#[cfg(target_os = "linux")]
pub(crate) const FIND: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);
/// No other system can find without opening.
#[cfg(not(target_os = "linux"))]
pub(crate) const FIND: OFlags = READ;

#[cfg(test)]
thread_local! {
    /// How many names this thread has looked at.
    pub(crate) static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    /// What happens to this thread at one of the times that it asks for something.
    pub(crate) static MISHAP: std::cell::RefCell<Option<tests::Mishap>> =
        const { std::cell::RefCell::new(None) };
}

/// What stands at `path`, at the end of all links.
pub(super) fn stat(path: &Path) -> Result<Stat, Errno> {
    #[cfg(test)]
    LOOKS.set(LOOKS.get() + 1);
    rustix::fs::stat(path)
}

/// What stands under `name` in `folder`.
pub(super) fn stat_in(folder: BorrowedFd<'_>, name: &Path, flags: AtFlags) -> Result<Stat, Errno> {
    #[cfg(test)]
    LOOKS.set(LOOKS.get() + 1);
    #[cfg(test)]
    let _mishap = tests::happen(|| tests::path_in(folder, name));
    rustix::fs::statat(folder, name, flags)
}

/// What a folder asks of the system. The tests put other answers in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct System {
    /// Opens a name below a folder, and refuses one that leads out of it.
    pub(crate) open_beneath: fn(BorrowedFd<'_>, &Path) -> Result<OwnedFd, Errno>,
    /// Where what was opened is now.
    pub(crate) path_of: fn(BorrowedFd<'_>) -> Option<PathBuf>,
}

impl Default for System {
    fn default() -> Self {
        Self { open_beneath, path_of }
    }
}

#[cfg(target_os = "linux")]
fn open_beneath(folder: BorrowedFd<'_>, name: &Path) -> Result<OwnedFd, Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    #[cfg(test)]
    let _mishap = tests::happen(|| tests::path_in(folder, name))?;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    openat2(folder, name, READ, Mode::empty(), resolve)
}

/// No other system can be asked for it; and some take a name in any letter case.
#[cfg(not(target_os = "linux"))]
fn open_beneath(_folder: BorrowedFd<'_>, _name: &Path) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// The name that the system has for a descriptor of this process.
#[cfg(target_os = "linux")]
pub(crate) fn descriptor_path(descriptor: BorrowedFd<'_>) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    Some(format!("/proc/self/fd/{}", descriptor.as_raw_fd()).into())
}

/// Elsewhere a folder cannot be entered by such a name.
#[cfg(not(target_os = "linux"))]
pub(crate) fn descriptor_path(_descriptor: BorrowedFd<'_>) -> Option<PathBuf> {
    None
}

#[cfg(target_os = "linux")]
fn path_of(descriptor: BorrowedFd<'_>) -> Option<PathBuf> {
    std::fs::read_link(descriptor_path(descriptor)?).ok()
}

#[cfg(not(target_os = "linux"))]
fn path_of(descriptor: BorrowedFd<'_>) -> Option<PathBuf> {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let path = rustix::fs::getpath(descriptor).ok()?;
    Some(OsStr::from_bytes(path.to_bytes()).into())
}

/// Opens `name`, a path without `..`, segment by segment. Where one is a link, it fails.
pub(crate) fn open_without_links(folder: BorrowedFd<'_>, name: &Path) -> Result<OwnedFd, Errno> {
    let file = Path::new(name.file_name().ok_or(Errno::NOENT)?);
    let mut entered: Option<OwnedFd> = None;
    for segment in name.parent().into_iter().flatten() {
        let parent = entered.as_ref().map_or(folder, |entered| entered.as_fd());
        let flags = FIND | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        entered = Some(openat(parent, segment, flags, Mode::empty())?);
    }
    let parent = entered.as_ref().map_or(folder, |entered| entered.as_fd());
    openat(parent, file, READ | OFlags::NOFOLLOW, Mode::empty())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{fs, os::unix::fs::MetadataExt};

    use super::*;

    /// What happens at one of the times that a thread asks for something.
    #[derive(Debug)]
    pub(crate) struct Mishap {
        /// How often it has asked.
        pub(crate) asked: usize,
        /// At which time it happens, from 1.
        pub(crate) at: usize,
        pub(crate) kind: MishapKind,
    }

    #[derive(Clone, Debug)]
    pub(crate) enum MishapKind {
        /// The name that is asked for is away, and is back before anything else happens.
        ItIsAway,
        /// This file is.
        IsAway(PathBuf),
        /// There is no descriptor left.
        CannotOpen,
    }

    /// A path that is away as long as this lives.
    pub(crate) struct Away(PathBuf, PathBuf);

    /// What happens when something is asked for, which may be at a `path`.
    pub(crate) fn happen(path: impl FnOnce() -> Option<PathBuf>) -> Result<Option<Away>, Errno> {
        let kind = MISHAP.with_borrow_mut(|mishap| {
            let mishap = mishap.as_mut()?;
            mishap.asked += 1;
            (mishap.asked == mishap.at).then(|| mishap.kind.clone())
        });
        let path = match kind {
            None => return Ok(None),
            Some(MishapKind::CannotOpen) => return Err(Errno::MFILE),
            Some(MishapKind::ItIsAway) => path(),
            Some(MishapKind::IsAway(path)) => Some(path),
        };
        Ok(path.and_then(Away::new))
    }

    /// The path of `name` in `folder`, but for the folder itself.
    pub(crate) fn path_in(folder: BorrowedFd<'_>, name: &Path) -> Option<PathBuf> {
        let is_other = name != Path::new(".") && !name.as_os_str().is_empty();
        is_other.then(|| Some(path_of(folder)?.join(name))).flatten()
    }

    impl Away {
        fn new(path: PathBuf) -> Option<Self> {
            let away = path.with_file_name("\u{1}away");
            fs::rename(&path, &away).ok()?;
            Some(Self(path, away))
        }
    }

    impl Drop for Away {
        fn drop(&mut self) {
            let Self(path, away) = self;
            // A clock that ticks tells of it.
            let changed = |path: &Path| {
                let metadata = fs::metadata(path).unwrap();
                (metadata.ctime(), metadata.ctime_nsec())
            };
            let before = changed(away);
            while {
                fs::rename(&*away, &*path).unwrap();
                changed(path) == before
            } {
                fs::rename(&*path, &*away).unwrap();
            }
        }
    }
}

//! The root folder: the one place that opens a file of the site.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io,
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{fs::OFlags, io::Errno};

use super::stamp::FileStamp;
use crate::http::body::Body;

/// A path that is longer is put together on the heap, as the standard library does too.
const MAX_PATH_ON_STACK: usize = 383;

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

/// The folder under which every file that is served lies.
#[derive(Debug)]
pub(super) struct Root {
    /// As the user named it, for messages.
    named: PathBuf,
    /// Absolute and free of links.
    folder: PathBuf,
}

/// A regular file under the root, open for reading.
#[derive(Debug)]
pub(super) struct OpenFile {
    /// Its path from the root, with `/` between segments.
    pub(super) name: String,
    pub(super) file: File,
    /// From when it was opened.
    pub(super) stamp: FileStamp,
}

/// What stands under a name.
#[derive(Debug)]
pub(super) enum Opening {
    File(OpenFile),
    /// No regular file of exactly this name.
    Absent,
    /// A file outside the root, to which `..` or a link leads. For a request
    /// that is the same as `Absent`.
    Outside,
}

/// A file that is there and that the system does not let us read.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` cannot be read: {source}")]
pub(super) struct Unreadable {
    pub(super) name: String,
    pub(super) source: io::Error,
}

impl Root {
    pub(super) fn open(named: &Path) -> Result<Self, RootError> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => RootError::Missing(named.to_owned()),
            io::ErrorKind::NotADirectory => RootError::NotAFolder(named.to_owned()),
            _ => RootError::Unreadable(named.to_owned(), error),
        };
        let folder = fs::canonicalize(named).map_err(unreadable)?;
        fs::read_dir(&folder).map_err(unreadable)?;
        Ok(Self { named: named.to_owned(), folder })
    }

    /// The folder itself, absolute.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `name` as the user would write it, for messages.
    pub(super) fn shown(&self, name: &str) -> String {
        self.named.join(name).display().to_string()
    }

    /// Opens the regular file `name`, a path from the root. Links are followed
    /// as long as they stay under the root; letter case is exact on every system.
    pub(super) fn open_file(&self, name: &str) -> Result<Opening, Unreadable> {
        if let Some(refused) = refuse_by_name(name) {
            return Ok(refused);
        }
        let path = self.folder.join(name);
        let opening =
            |(file, stamp)| Opening::File(OpenFile { name: name.to_owned(), file, stamp });
        match open_without_links(&path) {
            Ok(opened) => return Ok(opened.map_or(Opening::Absent, opening)),
            Err(error) if means_absent(&error) && !is_link(&error) => return Ok(Opening::Absent),
            // Where a link leads is looked at below.
            Err(_) => {}
        }
        match open_regular(&path) {
            Ok(None) => Ok(Opening::Absent),
            Ok(Some(opened)) => Ok(match self.standing(&path) {
                Standing::Inside => opening(opened),
                Standing::Outside => Opening::Outside,
                Standing::OtherCase => Opening::Absent,
            }),
            Err(error) if means_absent(&error) => Ok(Opening::Absent),
            // Whether a file outside may be read is nobody's business either.
            Err(_) if self.standing(&path) == Standing::Outside => Ok(Opening::Outside),
            Err(source) => Err(Unreadable { name: name.to_owned(), source }),
        }
    }

    /// The stamp of whatever `name` stands for now. It is asked for with each request,
    /// so the path is put together where it costs nothing.
    pub(super) fn stamp(&self, name: &str) -> Option<FileStamp> {
        let parts = [self.folder.as_os_str().as_bytes(), b"/", name.as_bytes()];
        let mut path = [0; MAX_PATH_ON_STACK];
        let mut len = 0;
        for part in parts {
            let Some(room) = path.get_mut(len..len + part.len()) else {
                return stamp_of(&self.folder.join(name));
            };
            room.copy_from_slice(part);
            len += part.len();
        }
        stamp_of(Path::new(OsStr::from_bytes(&path[..len])))
    }

    fn standing(&self, path: &Path) -> Standing {
        match fs::canonicalize(path) {
            Ok(canonical) if canonical == path => Standing::Inside,
            Ok(canonical) if !canonical.starts_with(&self.folder) => Standing::Outside,
            Ok(canonical) if differs_in_case_only(path, &canonical) && !self.has_link(path) => {
                Standing::OtherCase
            }
            Ok(_) => Standing::Inside,
            // It went away or was shut since it was opened: judged by what was opened.
            Err(_) => Standing::Inside,
        }
    }

    /// Whether a segment of `path` below the root is a link, which may rightly
    /// lead to a name that differs in case.
    fn has_link(&self, path: &Path) -> bool {
        path.ancestors().take_while(|ancestor| *ancestor != self.folder).any(|ancestor| {
            fs::symlink_metadata(ancestor).is_ok_and(|metadata| metadata.is_symlink())
        })
    }
}

fn stamp_of(path: &Path) -> Option<FileStamp> {
    rustix::fs::stat(path).ok().map(|stat| FileStamp::new(&stat))
}

/// Where the file that a path leads to lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Inside,
    Outside,
    /// Inside, on a file system that took a name in the wrong letter case.
    OtherCase,
}

impl OpenFile {
    /// The file as a body, as long as it was when it was opened.
    pub(super) fn into_body(self) -> Body {
        Body::file(Arc::new(self.file), self.stamp.size())
    }
}

impl Opening {
    /// The file, where a request may have it.
    pub(super) fn into_file(self) -> Option<OpenFile> {
        match self {
            Self::File(file) => Some(file),
            Self::Absent | Self::Outside => None,
        }
    }
}

impl Unreadable {
    /// Whether the process or the system has no file descriptor left.
    pub(super) fn is_out_of_descriptors(&self) -> bool {
        matches!(Errno::from_io_error(&self.source), Some(Errno::MFILE | Errno::NFILE))
    }

    pub(super) fn is_permission(&self) -> bool {
        self.source.kind() == io::ErrorKind::PermissionDenied
    }
}

fn refuse_by_name(name: &str) -> Option<Opening> {
    let has = |unwanted: &str| name.split('/').any(|segment| segment == unwanted);
    if has("..") {
        return Some(Opening::Outside);
    }
    (has("") || has(".")).then_some(Opening::Absent)
}

/// Opened without blocking: a FIFO would wait for a writer for ever.
const OPEN_FLAGS: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY);

/// Opens `path` if no part of it is a link. The root's own path has none, so what is
/// found lies under it, and nobody needs to ask where. Else it fails.
#[cfg(target_os = "linux")]
fn open_without_links(path: &Path) -> io::Result<Option<(File, FileStamp)>> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    let flags = OPEN_FLAGS | OFlags::RDONLY | OFlags::CLOEXEC;
    let file = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)?;
    regular(file.into())
}

/// No other system can be asked for it; and some take a name in any letter case.
#[cfg(not(target_os = "linux"))]
fn open_without_links(_path: &Path) -> io::Result<Option<(File, FileStamp)>> {
    Err(io::ErrorKind::Unsupported.into())
}

fn open_regular(path: &Path) -> io::Result<Option<(File, FileStamp)>> {
    let flags = OPEN_FLAGS.bits().cast_signed();
    regular(OpenOptions::new().read(true).custom_flags(flags).open(path)?)
}

/// `None` for a folder, a FIFO, a socket or a device.
fn regular(file: File) -> io::Result<Option<(File, FileStamp)>> {
    let stamp = FileStamp::new(&rustix::fs::fstat(&file)?);
    Ok(stamp.is_file().then_some((file, stamp)))
}

/// Whether opening failed over a link.
fn is_link(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

fn means_absent(error: &io::Error) -> bool {
    let absent = [
        Errno::NOENT,
        Errno::NOTDIR,
        Errno::LOOP,
        Errno::NAMETOOLONG,
        // A socket, or a device without a driver.
        Errno::NXIO,
        Errno::NODEV,
    ];
    // A NUL in the name is refused before the system is asked.
    error.kind() == io::ErrorKind::InvalidInput
        || Errno::from_io_error(error).is_some_and(|errno| absent.contains(&errno))
}

fn differs_in_case_only(path: &Path, canonical: &Path) -> bool {
    path.to_string_lossy().to_lowercase() == canonical.to_string_lossy().to_lowercase()
}

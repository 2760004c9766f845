//! The stage: a folder beside the output, in which files wait to be moved there.
//!
//! Only one build has it at a time. What is in it has names that no person gives, and
//! nothing else in it is ever deleted.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};

use super::files::{BodyReader, is_absent};
use crate::http::body::Body;

/// What follows the name of the output in that of its stage.
const SUFFIX: &str = ".pagepool-stage";
const LOCK: &str = "lock";
/// The journal, and the journal while it is written.
pub(super) const JOURNAL: &str = "journal";
const NEW_JOURNAL: &str = "journal.new";

/// How often the lock is taken anew that another build has just removed.
const MAX_TRIES: usize = 8;

/// A stage that is locked. It is gone with the value, but for what no build has made and
/// for a journal.
#[derive(Debug)]
pub(super) struct Stage {
    folder: PathBuf,
    /// The time of all files in it: a coded form that is older than its file counts as out of
    /// date.
    time: SystemTime,
    _lock: File,
}

/// Why there is no stage.
#[derive(Debug)]
pub(super) enum StageError {
    /// Another build writes the same output.
    Locked,
    System(PathBuf, io::Error),
}

impl StageError {
    /// The message for the output `out`.
    pub(super) fn of(&self, out: &Path) -> String {
        let out = out.display();
        match self {
            Self::Locked => format!("another build is writing `{out}`: wait until it is done"),
            Self::System(stage, error) => format!(
                "`{}`, in which the files of `{out}` are made, cannot be written: {error}",
                stage.display()
            ),
        }
    }
}

impl Stage {
    /// Opens the stage of the output `folder`, with what an interrupted build has left. `time`
    /// is that of the build.
    pub(super) fn open(folder: &Path, time: SystemTime) -> Result<Self, StageError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let stage = folder.with_file_name(format!(".{name}{SUFFIX}"));
        let failed = |error| StageError::System(stage.clone(), error);
        for _ in 0..MAX_TRIES {
            fs::create_dir_all(&stage).map_err(failed)?;
            let path = stage.join(LOCK);
            let lock = match OpenOptions::new().create(true).append(true).open(&path) {
                Ok(lock) => lock,
                // Another build is done, and has just removed it.
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(failed(error)),
            };
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => return Err(StageError::Locked),
                Err(errno) => return Err(failed(errno.into())),
                Ok(()) if is_at(&lock, &path) => {
                    return Ok(Self { folder: stage, time, _lock: lock });
                }
                Ok(()) => {}
            }
        }
        Err(StageError::Locked)
    }

    /// The place of the file with this number.
    pub(super) fn file(&self, number: usize) -> PathBuf {
        self.folder.join(number.to_string())
    }

    /// Writes the file with this number.
    pub(super) fn write(&self, number: usize, body: &Body) -> io::Result<()> {
        let mut file = File::create(self.file(number))?;
        io::copy(&mut BodyReader::new(body), &mut file)?;
        file.set_modified(self.time)?;
        file.set_permissions(Permissions::from_mode(0o644))
    }

    /// Reads the journal; `None` where there is none.
    pub(super) fn read_journal(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(self.folder.join(JOURNAL)) {
            Err(error) if is_absent(&error) => Ok(None),
            text => text.map(Some),
        }
    }

    /// Writes the journal, all of it or nothing.
    pub(super) fn write_journal(&self, text: &str) -> io::Result<()> {
        let new = self.folder.join(NEW_JOURNAL);
        fs::write(&new, text)?;
        File::open(&new)?.sync_all()?;
        fs::rename(new, self.folder.join(JOURNAL))
    }

    /// Removes the journal, which is done.
    pub(super) fn remove_journal(&self) -> io::Result<()> {
        fs::remove_file(self.folder.join(JOURNAL))
    }

    /// Removes the files that an interrupted build has left. A journal is done by then.
    pub(super) fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let is_own = name.to_str().is_some_and(|name| {
                name == NEW_JOURNAL || name.bytes().all(|byte| byte.is_ascii_digit())
            });
            if is_own {
                fs::remove_file(self.folder.join(name))?;
            }
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.folder.join(JOURNAL).exists() {
            return;
        }
        // What is left of it is cleared by the next build.
        let _ = self.clear();
        let _ = fs::remove_file(self.folder.join(LOCK));
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Whether this very file stands at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (Ok(open), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    identity(open) == identity(there)
}

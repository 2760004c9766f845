//! The stage: a folder in the output, in which files wait to be moved to their places. There it
//! is on the same file system, and needs no right to write beside the output.
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

/// Its name in the output.
pub(super) const NAME: &str = ".pagepool-stage";
const LOCK: &str = "lock";
/// What is moved into the folders of the output to try whether it can be.
pub(super) const PROBE: &str = ".pagepool-probe";
/// The journal, and the journal while it is written.
pub(super) const JOURNAL: &str = "journal";
const NEW_JOURNAL: &str = "journal.new";

/// How often the lock is taken anew that another build has just removed.
const MAX_TRIES: usize = 8;

/// A stage that is locked. It is gone with the value, but for what no build has made and
/// for a journal; so are the folders that were made for it, as far as they are empty.
#[derive(Debug)]
pub(super) struct Stage {
    folder: PathBuf,
    /// How many folders were made for it, from itself upwards.
    made: usize,
    /// The time of all files in it: a coded form that is older than its file counts as out of
    /// date.
    time: SystemTime,
    lock: File,
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
    /// Opens the stage of the output at `output`, which is made where it is not there, with what
    /// an interrupted build has left. `time` is that of the build.
    pub(super) fn open(output: &Path, time: SystemTime) -> Result<Self, StageError> {
        let stage = output.join(NAME);
        let failed = |error| StageError::System(stage.clone(), error);
        let mut made = 0;
        for _ in 0..MAX_TRIES {
            match make_folders(&stage) {
                Ok(count) => made = made.max(count),
                // Another build is done, and has just removed what it had made.
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(failed(error)),
            }
            let path = stage.join(LOCK);
            let lock = match OpenOptions::new().create(true).append(true).open(&path) {
                Ok(lock) => lock,
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(failed(error)),
            };
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => return Err(StageError::Locked),
                Err(errno) => return Err(failed(errno.into())),
                Ok(()) if is_at(&lock, &path) => {
                    return Ok(Self { folder: stage, made, time, lock });
                }
                Ok(()) => {}
            }
        }
        Err(StageError::Locked)
    }

    /// Moves a file of its own into `folder` and deletes it: whether that can be done, no look at
    /// rights, mounts and quotas tells.
    pub(super) fn try_move(&self, folder: &Path) -> io::Result<()> {
        let (from, to) = (self.folder.join(PROBE), folder.join(PROBE));
        File::create(&from)?;
        fs::rename(from, &to)?;
        fs::remove_file(to)
    }

    /// Has the system write down all that is in it, as far as it can be asked to: what fails only
    /// then, as on a full disk of a network, fails here.
    #[cfg(target_os = "linux")]
    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.lock)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn sync(&self) -> io::Result<()> {
        self.lock.sync_all()
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

    /// Writes a journal, which counts from `begin_journal` on.
    pub(super) fn write_journal(&self, text: &str) -> io::Result<()> {
        let new = self.folder.join(NEW_JOURNAL);
        fs::write(new, text)
    }

    /// Makes the journal that was written the one that counts.
    pub(super) fn begin_journal(&self) -> io::Result<()> {
        self.sync()?;
        fs::rename(self.folder.join(NEW_JOURNAL), self.folder.join(JOURNAL))
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
                [NEW_JOURNAL, PROBE].contains(&name)
                    || name.bytes().all(|byte| byte.is_ascii_digit())
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
        let made = self.folder.ancestors().take(self.made.max(1));
        let _ = made.map(fs::remove_dir).take_while(io::Result::is_ok).count();
    }
}

/// Makes the stage and the folders above it, and returns how many of them were not there. Who may
/// read the output may read its folder; the stage is the build's alone.
fn make_folders(stage: &Path) -> io::Result<usize> {
    let is_there = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    let absent: Vec<&Path> = stage.ancestors().take_while(|path| !is_there(path)).collect();
    for (idx, path) in absent.iter().enumerate().rev() {
        match fs::create_dir(path) {
            Ok(()) => {}
            Err(_) if is_there(path) => continue,
            Err(error) => return Err(error),
        }
        let mode = if idx == 0 { 0o700 } else { 0o755 };
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(absent.len())
}

/// Whether this very file stands at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (Ok(open), Ok(there)) = (file.metadata(), path.metadata()) else { return false };
    identity(open) == identity(there)
}

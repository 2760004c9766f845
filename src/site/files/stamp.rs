//! Stamps: one `stat` tells whether a file is still the one that was read.

use std::{
    fs::File,
    io,
    ops::Range,
    path::Path,
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustix::fs::{FileType, Stat};
#[cfg(target_os = "linux")]
use rustix::time::ClockId;

use crate::site::files::system;

/// How long two changes of a file may bear the same time: the kernel stamps files
/// from a clock that moves on with its timer, every 1 to 10 ms.
static TICK: LazyLock<Duration> = LazyLock::new(|| {
    #[cfg(target_os = "linux")]
    let tick = Duration::try_from(rustix::time::clock_getres(ClockId::RealtimeCoarse)).ok();
    #[cfg(not(target_os = "linux"))]
    let tick = None;
    tick.unwrap_or(Duration::from_millis(10)) + MARGIN
});
/// A write stamps the file before it copies the bytes, and may be held up between.
const MARGIN: Duration = Duration::from_millis(20);
/// The same for file systems that count whole seconds, or two of them (FAT).
const WHOLE_SECONDS_TICK: Duration = Duration::from_millis(2_100);
/// How long ago a folder was changed whose stamp is to tell of names that come. More than
/// [`WHOLE_SECONDS_TICK`].
const FOLDER_MARGIN: Duration = Duration::from_secs(3);

/// What tells one state of a file from the next: which file it is, its size,
/// and when it was changed. The inode tells a file renamed over it, `ctime` a
/// change whose `mtime` was set back (`cp -p`, `touch -d`, `git checkout`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileStamp {
    is_file: bool,
    is_folder: bool,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileStamp {
    /// Of what the system says of a file. The standard library's `Metadata` would do
    /// too, but asks the system for more, and a third longer.
    #[expect(clippy::unnecessary_cast, reason = "each system has integers of its own here")]
    pub(crate) fn new(stat: &Stat) -> Self {
        let file_type = FileType::from_raw_mode(stat.st_mode);
        Self {
            is_file: file_type == FileType::RegularFile,
            is_folder: file_type == FileType::Directory,
            device: stat.st_dev as u64,
            inode: stat.st_ino as u64,
            size: stat.st_size as u64,
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        }
    }

    /// Of a file that is open.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self::new(&rustix::fs::fstat(file)?))
    }

    /// Of what stands at `path`, links followed, wherever that is.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        system::stat(path).ok().map(|stat| Self::new(&stat))
    }

    /// Of the link that stands at `path` itself.
    pub(crate) fn of_link(path: &Path) -> Option<Self> {
        let stat = rustix::fs::lstat(path).ok()?;
        let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        is_link.then(|| Self::new(&stat))
    }

    /// Whether it is that of a regular file.
    pub(crate) fn is_file(&self) -> bool {
        self.is_file
    }

    /// Whether it is that of a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether both are of one file or folder, whatever has happened to it between.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Whether both are of one file, though it may have been renamed between.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        let parts = |stamp: &Self| (stamp.device, stamp.inode, stamp.size, stamp.modified);
        parts(self) == parts(other)
    }

    /// When the content was last changed, as far as the file system tells.
    pub(crate) fn modified(&self) -> SystemTime {
        time(self.modified)
    }

    /// When anything of it was last changed, as far as the file system tells.
    pub(crate) fn changed(&self) -> SystemTime {
        time(self.changed)
    }

    /// What decides a hash of it: every part of it.
    pub(crate) fn parts(&self) -> impl Iterator<Item = u64> {
        let (modified, changed) = (self.modified, self.changed);
        let times = [modified.0, modified.1, changed.0, changed.1];
        [self.device, self.inode, self.size].into_iter().chain(times.map(i64::cast_unsigned))
    }

    /// The size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether the last change was in this time, as far as the clock tells, which ticks.
    pub(crate) fn may_be_from(&self, time: &Range<SystemTime>) -> bool {
        !self.is_settled_at(time.start) && self.changed() < time.end
    }

    /// Whether any later change shows in the stamp, when the stamp was taken at
    /// `now`. A file that was changed in this very tick of the clock may change
    /// again in the same tick, at the same size, and look the same (Git's index
    /// calls such an entry racy); what is read then must be read again.
    pub(crate) fn is_settled_at(&self, now: SystemTime) -> bool {
        let (secs, nanos) = self.changed;
        let (Ok(secs), Ok(nanos)) = (u64::try_from(secs), u32::try_from(nanos)) else {
            return false;
        };
        let tick = if nanos == 0 { WHOLE_SECONDS_TICK } else { *TICK };
        let changed = UNIX_EPOCH + Duration::new(secs, nanos);
        now.duration_since(changed).is_ok_and(|age| age > tick)
    }

    /// The same of a folder that is not read: the time between its stamp and the entry that has
    /// come is the system's, which may wait for a disk there.
    pub(crate) fn is_long_settled_at(&self, now: SystemTime) -> bool {
        now.duration_since(self.changed()).is_ok_and(|age| age > FOLDER_MARGIN)
    }

    /// Whether its last change was within the tick of the clock, so that it settles in some ms.
    pub(crate) fn settles_soon_at(&self, now: SystemTime) -> bool {
        let is_fresh = now.duration_since(self.changed()).is_ok_and(|age| age <= *TICK);
        is_fresh && self.changed.1 != 0
    }
}

/// A time in ms since 1970, for a clock that threads share.
pub(crate) fn ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A time by its seconds since 1970 and nanoseconds; none is before that.
fn time((secs, nanos): (i64, i64)) -> SystemTime {
    let since = |secs: u64| Duration::new(secs, u32::try_from(nanos).unwrap_or(0));
    u64::try_from(secs).map_or(UNIX_EPOCH, |secs| UNIX_EPOCH + since(secs))
}

#[cfg(test)]
impl FileStamp {
    /// Waits until a change gets a later time than that of what stands at `path`.
    pub(crate) fn await_later(path: &Path) {
        let scratch = tempfile::NamedTempFile::new().unwrap();
        let changed = Self::at(path).unwrap().changed();
        while Self::at(scratch.path()).unwrap().changed() <= changed {
            std::fs::write(scratch.path(), "x").unwrap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(changed: (i64, i64)) -> FileStamp {
        FileStamp {
            is_file: true,
            is_folder: false,
            device: 1,
            inode: 1,
            size: 1,
            modified: (0, 0),
            changed,
        }
    }

    #[test]
    fn a_stamp_settles_when_the_tick_of_its_change_is_over() {
        let now = UNIX_EPOCH + Duration::from_secs(100);
        for (changed, is_settled) in [
            ((99, 500_000_000), true),
            ((99, 999_500_000), false),
            ((100, 500_000_000), false),
            ((99, 0), false),
            ((97, 0), true),
            ((-5, 1), false),
        ] {
            assert_eq!(stamp(changed).is_settled_at(now), is_settled, "{changed:?}");
        }
    }
}

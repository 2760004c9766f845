//! One opened state of the root folder: the one place that opens a file of the site.
//!
//! Everything is resolved from one open descriptor, so a root that is switched
//! meanwhile is not mixed with the one that a request began with; and what is judged
//! to lie inside is the file that was opened, not the name that led there, which may
//! lead elsewhere a moment later.

mod stamps;

use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use crate::http::body::Body;
use crate::site::files::{
    dated::DatedFiles,
    missed,
    stamp::FileStamp,
    system::{self, FIND, System, descriptor_path, open_without_links},
};

/// A rename anywhere on the system may disturb the check of a link with `..` in it
/// (`openat2` then says EAGAIN); it is made anew up to this often.
const MAX_TRIES: usize = 8;

/// The root folder as it was when it was opened, under any later name.
#[derive(Debug)]
pub(crate) struct Folder {
    descriptor: OwnedFd,
    /// Device and inode, which no other folder has as long as this one is open.
    identity: (u64, u64),
    /// Tells it from any other that the same root was opened as.
    number: u64,
    /// By which name messages show it.
    named: PathBuf,
    /// Where it was when it was opened, absolute and free of links.
    path: PathBuf,
    dated_files: DatedFiles,
    system: System,
}

/// A regular file under the root, open for reading.
#[derive(Debug)]
pub(crate) struct OpenFile {
    /// Its path from the root, with `/` between segments.
    pub(crate) name: String,
    pub(crate) file: File,
    /// From when it was opened.
    pub(crate) stamp: FileStamp,
}

/// A folder under the root, open to be listed.
#[derive(Debug)]
pub(crate) struct OpenFolder {
    /// From when it was opened.
    pub(crate) stamp: FileStamp,
    /// A path by which it is found as long as this lives.
    pub(crate) path: PathBuf,
    _descriptor: OwnedFd,
}

/// What stands under a name.
#[derive(Debug)]
pub(crate) enum Opening {
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
pub(crate) struct Unreadable {
    pub(crate) name: String,
    pub(crate) source: io::Error,
}

/// What a name leads to.
enum Found {
    Inside(OwnedFd),
    /// Or where it lies cannot be told.
    Outside,
    /// A folder, a FIFO, a socket or a device; or a file on a file system that took
    /// its name in the wrong letter case.
    Unfit,
}

impl Folder {
    /// Opens the folder `named`, for the `number`th time.
    pub(crate) fn open(named: &Path, number: u64) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(named, flags, Mode::empty())?;
        let identity = identity(&rustix::fs::fstat(&descriptor)?);
        let system = System::default();
        let path = (system.path_of)(descriptor.as_fd());
        let path = path.map_or_else(|| named.canonicalize(), Ok)?;
        let (named, dated_files) = (named.to_owned(), DatedFiles::default());
        Ok(Self { descriptor, identity, number, named, path, dated_files, system })
    }

    /// The same folder, by the name that messages show.
    pub(crate) fn shown_as(self, named: &Path) -> Self {
        Self { named: named.to_owned(), ..self }
    }

    /// Where it was when it was opened, absolute and free of links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Tells it from any other that the same root was opened as.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// `name` as the user would write it, for messages.
    pub(crate) fn shown(&self, name: &str) -> String {
        self.named.join(name).display().to_string()
    }

    /// Whether this folder stands at `path`. `None` where no folder does.
    pub(crate) fn stands_at(&self, path: &Path) -> Option<bool> {
        let stat = system::stat(path).ok()?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        is_folder.then(|| identity(&stat) == self.identity)
    }

    /// A path by which a walk gets into this very folder. `None` where there is none.
    pub(crate) fn walkable_path(&self) -> Option<PathBuf> {
        let paths = [descriptor_path(self.descriptor.as_fd()), Some(self.path.clone())];
        paths.into_iter().flatten().find(|path| self.stands_at(path) == Some(true))
    }

    /// Opens the regular file `name`, a path from the root. Links are followed
    /// as long as they stay under the root; letter case is exact on every system.
    pub(crate) fn open_file(&self, name: &str) -> Result<Opening, Unreadable> {
        if let Some(refused) = refuse_by_name(name) {
            return Ok(refused);
        }
        let found = self.find(Path::new(name), FileType::RegularFile);
        let opened = found.and_then(|found| match found {
            Found::Inside(descriptor) => opening(name, descriptor),
            Found::Outside => Ok(Opening::Outside),
            Found::Unfit => Ok(Opening::Absent),
        });
        match opened.inspect_err(|errno| note_missed(Path::new(name), *errno)) {
            Err(errno) if means_absent(errno) => Ok(Opening::Absent),
            Err(errno) => Err(Unreadable { name: name.to_owned(), source: errno.into() }),
            Ok(opening) => Ok(opening),
        }
    }

    /// The names in the folder `name`, in no order; none where it is no folder of this one. An
    /// empty name stands for this folder itself. Names that are not UTF-8 are left out, as no
    /// URL leads to them.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        #[cfg(test)]
        let _mishap = system::tests::happen(|| None);
        let note = |errno: &Errno| note_missed(Path::new(name), *errno);
        let read = |folder: OwnedFd| Dir::read_from(folder).inspect_err(note).ok();
        let Some(dir) = self.find_folder(name).and_then(read) else { return Vec::new() };
        let entries = dir.filter_map(|entry| entry.inspect_err(note).ok());
        let names = entries.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
        names.filter(|name| !matches!(name.as_str(), "." | "..")).collect()
    }

    /// Opens the folder `name`, empty for this one, to list it. Links are followed as long as
    /// they stay under the root. `None` where no folder is there that may be listed.
    pub(crate) fn open_folder(&self, name: &str) -> Option<OpenFolder> {
        let descriptor = self.find_folder(name)?;
        let stamp = FileStamp::new(&rustix::fs::fstat(&descriptor).ok()?);
        let path = descriptor_path(descriptor.as_fd()).or_else(|| {
            let inside =
                if name.is_empty() { PathBuf::new() } else { self.name_of(descriptor.as_fd())? };
            Some(self.walkable_path()?.join(inside))
        })?;
        stamp.is_folder().then_some(OpenFolder { stamp, path, _descriptor: descriptor })
    }

    /// The folder `name`, empty for this one.
    fn find_folder(&self, name: &str) -> Option<OwnedFd> {
        let found = match name {
            "" => rustix::io::fcntl_dupfd_cloexec(&self.descriptor, 0).map(Found::Inside),
            name if refuse_by_name(name).is_some() => return None,
            name => self.find(Path::new(name), FileType::Directory),
        };
        match found.inspect_err(|errno| note_missed(Path::new(name), *errno)) {
            Ok(Found::Inside(descriptor)) => Some(descriptor),
            Ok(Found::Outside | Found::Unfit) | Err(_) => None,
        }
    }

    fn find(&self, name: &Path, wanted: FileType) -> Result<Found, Errno> {
        for _ in 0..MAX_TRIES {
            match (self.system.open_beneath)(self.descriptor.as_fd(), name) {
                Err(Errno::AGAIN) => {}
                // A link leads out, as far as the kernel sees, which takes each absolute
                // one for that; or the kernel, or its seccomp filter, knows no such call.
                Err(Errno::XDEV | Errno::NOSYS | Errno::PERM) => break,
                found => return found.map(Found::Inside),
            }
        }
        self.find_by_path(name, wanted)
    }

    /// Finds what `name` leads to, wherever that is, and takes it if its own path is
    /// below that of this folder.
    fn find_by_path(&self, name: &Path, wanted: FileType) -> Result<Found, Errno> {
        let found = match rustix::fs::openat(&self.descriptor, name, FIND, Mode::empty()) {
            // Visitors do not learn the permissions of folders outside.
            Err(Errno::ACCESS) if self.has_link(name) => return Ok(Found::Outside),
            found => found?,
        };
        if FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) != wanted {
            return Ok(Found::Unfit);
        }
        let Some(inside) = self.name_of(found.as_fd()) else { return Ok(Found::Outside) };
        if differs_in_case_only(name, &inside) && !self.has_link(name) {
            return Ok(Found::Unfit);
        }
        // The path has shown the way, and may be another's by now: what counts is what
        // stands there in this folder.
        match inside.as_os_str().is_empty() {
            true => rustix::io::fcntl_dupfd_cloexec(&self.descriptor, 0),
            false => open_without_links(self.descriptor.as_fd(), &inside),
        }
        .map(Found::Inside)
    }

    /// The path, from this folder, of what was opened. `None` where it lies elsewhere, or
    /// that cannot be told.
    fn name_of(&self, found: BorrowedFd<'_>) -> Option<PathBuf> {
        let folder = (self.system.path_of)(self.descriptor.as_fd())?;
        let path = (self.system.path_of)(found)?;
        // A folder beyond the reach of this process has a path that starts elsewhere.
        let inside = path.strip_prefix(&folder).ok().filter(|_| folder.is_absolute());
        inside.map(Path::to_owned)
    }

    /// Whether a segment of `name` is a link, which may rightly lead to a name that
    /// differs in case.
    fn has_link(&self, name: &Path) -> bool {
        let is_link = |path: &Path| {
            let stat = self.stat(path, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_some_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
        };
        name.ancestors().any(is_link)
    }
}

impl OpenFile {
    /// The file as a body, as long as it was when it was opened.
    pub(crate) fn into_body(self) -> Body {
        Body::file(Arc::new(self.file), self.stamp.size())
    }
}

impl Opening {
    /// The file, where a request may have it.
    pub(crate) fn into_file(self) -> Option<OpenFile> {
        match self {
            Self::File(file) => Some(file),
            Self::Absent | Self::Outside => None,
        }
    }
}

impl Unreadable {
    /// Whether the process or the system has no file descriptor left.
    pub(crate) fn is_out_of_descriptors(&self) -> bool {
        matches!(Errno::from_io_error(&self.source), Some(Errno::MFILE | Errno::NFILE))
    }

    pub(crate) fn is_permission(&self) -> bool {
        self.source.kind() == io::ErrorKind::PermissionDenied
    }
}

#[expect(clippy::unnecessary_cast, reason = "each system has integers of its own here")]
fn identity(stat: &Stat) -> (u64, u64) {
    (stat.st_dev as u64, stat.st_ino as u64)
}

fn refuse_by_name(name: &str) -> Option<Opening> {
    let mut refused = None;
    for segment in name.split('/') {
        match segment {
            ".." => return Some(Opening::Outside),
            "" | "." => refused = Some(Opening::Absent),
            _ => {}
        }
    }
    refused
}

fn opening(name: &str, descriptor: OwnedFd) -> Result<Opening, Errno> {
    let stamp = FileStamp::new(&rustix::fs::fstat(&descriptor)?);
    let open = || OpenFile { name: name.to_owned(), file: descriptor.into(), stamp };
    Ok(if stamp.is_file() { Opening::File(open()) } else { Opening::Absent })
}

/// Notes what went wrong with `name`.
fn note_missed(name: &Path, errno: Errno) {
    match errno {
        Errno::NOENT | Errno::NOTDIR => missed::note(name),
        Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN => missed::note_disturbed(),
        _ => {}
    }
}

fn means_absent(errno: Errno) -> bool {
    let absent = [
        Errno::NOENT,
        Errno::NOTDIR,
        Errno::LOOP,
        Errno::NAMETOOLONG,
        // A socket, or a device without a driver.
        Errno::NXIO,
        Errno::NODEV,
        // A NUL in the name, which is refused before the system is asked.
        Errno::INVAL,
    ];
    absent.contains(&errno)
}

fn differs_in_case_only(name: &Path, other: &Path) -> bool {
    let folded = |path: &Path| path.to_string_lossy().to_lowercase();
    name != other && folded(name) == folded(other)
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        fs,
        io::Read as _,
        os::unix::fs::symlink,
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    };

    use tempfile::TempDir;

    use super::*;

    thread_local! {
        static IS_REFUSED: Cell<bool> = const { Cell::new(false) };
    }

    /// Says of each name once that it leads out.
    fn refuses_once(folder: BorrowedFd<'_>, name: &Path) -> Result<OwnedFd, Errno> {
        if IS_REFUSED.replace(true) {
            return (System::default().open_beneath)(folder, name);
        }
        Err(Errno::XDEV)
    }

    /// The systems on which a file may be opened, by name.
    fn systems() -> [(&'static str, System); 5] {
        let opening_by = |open_beneath| System { open_beneath, ..System::default() };
        [
            ("as it is", System::default()),
            ("no openat2", opening_by(|_, _| Err(Errno::NOSYS))),
            ("forbidden by seccomp", opening_by(|_, _| Err(Errno::PERM))),
            ("all names lead out", opening_by(refuses_once)),
            (
                "renames all the time",
                opening_by(|folder, name| match IS_REFUSED.replace(true) {
                    true => (System::default().open_beneath)(folder, name),
                    false => Err(Errno::AGAIN),
                }),
            ),
        ]
    }

    fn open(path: &Path, system: System) -> Folder {
        Folder { system, ..Folder::open(path, 0).unwrap() }
    }

    /// What `name` leads to: its content, `absent`, `outside`, or an error.
    fn found(folder: &Folder, name: &str) -> String {
        IS_REFUSED.set(false);
        match folder.open_file(name) {
            Ok(Opening::File(OpenFile { mut file, .. })) => {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                text
            }
            Ok(Opening::Absent) => "absent".to_owned(),
            Ok(Opening::Outside) => "outside".to_owned(),
            Err(unreadable) => unreadable.to_string(),
        }
    }

    /// A root with a folder `in`, beside a folder `out`, each with a file `file`.
    fn root_and_outside() -> (TempDir, PathBuf) {
        let temporary = TempDir::new().unwrap();
        let path = temporary.path().canonicalize().unwrap();
        for (name, text) in
            [("root/in/file", "inside"), ("root/file", "inside"), ("out/file", "outside!")]
        {
            fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
            fs::write(path.join(name), text).unwrap();
        }
        (temporary, path)
    }

    #[test]
    fn links_are_judged_by_where_they_lead() {
        let (_temporary, path) = root_and_outside();
        let root = path.join("root");
        let pipes = [root.join("pipe"), path.join("out/pipe")];
        assert!(std::process::Command::new("mkfifo").args(pipes).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let process = format!("/proc/{}", std::process::id());
        let at = |name: &str| path.join(name).display().to_string();
        let cases = [
            ("relative", "in/file".to_owned(), "inside"),
            ("in/up", "../file".to_owned(), "inside"),
            ("dots", "in/../in/./file".to_owned(), "inside"),
            ("absolute", at("root/in/file"), "inside"),
            ("chain", "in/absolute-again".to_owned(), "inside"),
            ("in/absolute-again", at("root/relative"), "inside"),
            ("out-and-in", "../root/in/file".to_owned(), "inside"),
            ("far-out-and-in", at("out/../root/file"), "inside"),
            ("over-out", at("out/back"), "inside"),
            ("out", at("out/file"), "outside"),
            ("relative-out", "../out/file".to_owned(), "outside"),
            ("in/relative-out", "../../out/file".to_owned(), "outside"),
            ("chain-out", "relative-out".to_owned(), "outside"),
            ("over-in-out", at("root/relative-out"), "outside"),
            ("dangling", "nowhere".to_owned(), "absent"),
            ("dangling-out", at("out/nowhere"), "absent"),
            ("loop", "loop".to_owned(), "absent"),
            ("magic", format!("{process}/status"), "outside"),
            ("magic-root", format!("{process}/root{}", at("out/file")), "outside"),
            ("self", "/proc/self/environ".to_owned(), "outside"),
            ("to-pipe", "pipe".to_owned(), "absent"),
            ("out-to-pipe", at("out/pipe"), "absent"),
            ("device", "/dev/zero".to_owned(), "absent"),
            ("to-folder", "in".to_owned(), "absent"),
        ];
        for (name, to, _) in &cases {
            symlink(to, root.join(name)).unwrap();
        }
        symlink(root.join("file"), path.join("out/back")).unwrap();
        symlink(path.join("out"), root.join("folder-out")).unwrap();
        symlink(root.join("in"), root.join("folder-in")).unwrap();
        let more = [
            ("file", "inside"),
            ("folder-in/file", "inside"),
            ("folder-in/up", "inside"),
            ("folder-out/file", "outside"),
            ("folder-out/back", "inside"),
            ("folder-out/nowhere", "absent"),
            ("folder-out/file/x", "absent"),
            ("pipe", "absent"),
            ("socket", "absent"),
            ("in", "absent"),
            ("nowhere", "absent"),
            ("file/x", "absent"),
            ("../out/file", "outside"),
            ("in/../../out/file", "outside"),
            ("", "absent"),
            ("/file", "absent"),
            ("./file", "absent"),
            ("file/", "absent"),
            ("a\0b", "absent"),
        ];
        let all = || cases.iter().map(|(name, _, expected)| (*name, *expected)).chain(more);
        // The root itself may be a link, or lie below one.
        symlink(&root, path.join("link")).unwrap();
        symlink(&path, path.join("here")).unwrap();
        for (of, system) in systems() {
            for named in ["root", "link", "here/root"] {
                let folder = open(&path.join(named), system);
                assert_eq!(folder.path(), root);
                for (name, expected) in all() {
                    assert_eq!(found(&folder, name), expected, "{name} by {named}, {of}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        let (_temporary, path) = root_and_outside();
        let root = path.join("root");
        symlink(root.join("file"), root.join("absolute")).unwrap();
        symlink(path.join("out/file"), root.join("out")).unwrap();
        for path_of in [|_: BorrowedFd<'_>| None, |_: BorrowedFd<'_>| Some("(unreachable)/".into())]
        {
            let blind = open(&root, System { path_of, ..System::default() });
            for (name, expected) in
                [("file", "inside"), ("absolute", "outside"), ("out", "outside"), ("x", "absent")]
            {
                assert_eq!(found(&blind, name), expected, "{name}");
            }
            let open_beneath = |_: BorrowedFd<'_>, _: &Path| Err(Errno::NOSYS);
            let blinder = open(&root, System { path_of, open_beneath });
            for (name, expected) in [("file", "outside"), ("out", "outside"), ("x", "absent")] {
                assert_eq!(found(&blinder, name), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_folder_stays_the_one_that_was_opened() {
        let (_temporary, path) = root_and_outside();
        let root = path.join("root");
        symlink(root.join("file"), root.join("absolute")).unwrap();
        for (of, system) in systems() {
            let folder = open(&root, system);
            assert_eq!(folder.stands_at(&root), Some(true));
            fs::rename(&root, path.join("old")).unwrap();
            assert_eq!(folder.stands_at(&root), None);
            fs::rename(path.join("out"), &root).unwrap();
            assert_eq!(folder.stands_at(&root), Some(false));
            assert_eq!(found(&folder, "in/file"), "inside", "{of}");
            // It leads into the other folder that stands at the place now.
            assert_eq!(found(&folder, "absolute"), "outside", "{of}");
            assert!(folder.stamp("in/file").is_some() && folder.stamp("in").is_some());
            assert_eq!(folder.stamp("../root/file"), None);
            fs::rename(&root, path.join("out")).unwrap();
            fs::rename(path.join("old"), &root).unwrap();
        }
        let folder = open(&root, System::default());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!((found(&folder, "file"), folder.stamp("file")), ("absent".to_owned(), None));
    }

    #[test]
    fn letter_case_is_exact() {
        let (_temporary, path) = root_and_outside();
        let root = path.join("root");
        // As a file system that ignores case has it: both names open one file, whose
        // own path is one of them.
        fs::hard_link(root.join("file"), root.join("File")).unwrap();
        symlink("in", root.join("IN")).unwrap();
        let path_of = |descriptor: BorrowedFd<'_>| {
            let path = (System::default().path_of)(descriptor)?;
            Some(path.with_file_name(path.file_name()?.to_str()?.replace("File", "file")))
        };
        let folder = open(&root, System { path_of, open_beneath: |_, _| Err(Errno::NOSYS) });
        for (name, expected) in [("file", "inside"), ("File", "absent"), ("IN/file", "inside")] {
            assert_eq!(found(&folder, name), expected, "{name}");
        }
    }

    /// Opens `name` while another thread exchanges two paths over and over. It is then
    /// what is inside, or nothing.
    fn assert_never_followed_out(name: &str, swapped: [&str; 2]) {
        const OPENS: usize = 3_000;
        let (_temporary, path) = root_and_outside();
        let root = path.join("root");
        for (link, to) in [
            ("link", root.join("file")),
            ("link-in", root.join("in/file")),
            ("link-out", path.join("out/file")),
            ("folder-out", "../out".into()),
        ] {
            symlink(to, root.join(link)).unwrap();
        }
        let [one, other] = swapped.map(|name| path.join(name));
        for (of, system) in systems() {
            let folder = open(&root, system);
            let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
            let found = std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        exchange(&one, &other);
                        exchange(&one, &other);
                        swaps.fetch_add(1, Ordering::Relaxed);
                    }
                });
                let mut all = Vec::new();
                let start = std::time::Instant::now();
                // Where other work takes the processors, the threads may not meet at first.
                let has_met = |all: &Vec<String>| {
                    all.iter().any(|found| found == "inside") && swaps.load(Ordering::Relaxed) > 100
                };
                while all.len() < OPENS || !has_met(&all) && start.elapsed().as_secs() < 30 {
                    all.push(found(&folder, name));
                }
                is_over.store(true, Ordering::Relaxed);
                all
            });
            let count = |what: &str| found.iter().filter(|found| *found == what).count();
            let (inside, nothing) = (count("inside"), count("outside") + count("absent"));
            assert_eq!(inside + nothing, found.len(), "{of}: {:?}", found.iter().max());
            assert!(inside > 0 && swaps.load(Ordering::Relaxed) > 1, "{of}: there was no race");
        }
    }

    fn exchange(one: &Path, other: &Path) {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_is_swapped_for_a_link_is_never_followed_out() {
        assert_never_followed_out("file", ["root/file", "root/link-out"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_link_that_is_swapped_is_never_followed_out() {
        assert_never_followed_out("link", ["root/link", "root/link-out"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_that_is_swapped_for_a_link_is_never_followed_out() {
        for name in ["in/file", "link-in"] {
            assert_never_followed_out(name, ["root/in", "root/folder-out"]);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_root_that_is_swapped_is_never_mixed() {
        // Both are at the root's path in turn, and so is what the link leads to.
        assert_never_followed_out("link", ["root", "out"]);
    }
}

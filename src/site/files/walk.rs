//! A walk through the whole folder: the names of its files, and the state of each
//! folder in which they were found.

use std::{
    cell::RefCell, collections::VecDeque, fs::FileType, io, os::unix::ffi::OsStrExt, path::Path,
};

use walkdir::{DirEntry, WalkDir};

use crate::site::{
    files::{
        folder::{Folder, OpenFolder, Opening},
        missed,
        stamp::FileStamp,
    },
    naming::{Naming, Privacy},
    representation::hash::Hasher,
};

/// How many entries of the folder are met, files or not, wanted or not: a few
/// milliseconds' worth.
const MAX_ENTRIES: usize = 5_000;

/// What a walk has found, the folders nearest to the root first.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// The files, by their paths from the root.
    pub(crate) files: Vec<String>,
    /// The folders that were read, the root as an empty name, each with its stamp from
    /// before that.
    pub(crate) folders: Vec<(String, FileStamp)>,
    /// How many entries were met.
    pub(crate) entries: usize,
    /// Whether the walk came to its end.
    pub(crate) is_all: bool,
}

/// What a walk meets, by its path from the root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry<'a> {
    File(&'a str),
    Folder(&'a str),
}

impl Entry<'_> {
    /// Whether requests get the file, or may get what is in the folder.
    pub(crate) fn is_public(self, naming: &Naming) -> bool {
        match self {
            Self::File(name) => !naming.is_private(name),
            Self::Folder(name) => naming.may_hold_public(name),
        }
    }

    /// Whether templates may use it, or what is in the folder.
    pub(crate) fn is_usable(self, naming: &Naming) -> bool {
        let (Self::File(name) | Self::Folder(name)) = self;
        naming.privacy(name) != Privacy::Hidden
    }
}

/// What is in a folder.
#[derive(Debug)]
pub(crate) struct Child {
    /// Its own name.
    pub(crate) name: String,
    pub(crate) kind: ChildKind,
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChildKind {
    File,
    Folder,
    /// A link, wherever it leads.
    Link,
}

/// Walks through wanted folders, to wanted files, as far as they are among the first
/// [`MAX_ENTRIES`].
pub(crate) fn walk(folder: &Folder, wants: impl FnMut(Entry<'_>) -> bool) -> Walk {
    walk_some(folder, wants, MAX_ENTRIES)
}

/// Links are followed as long as they stay under the root and lead around in no circle. What
/// is not UTF-8 is left out, as no URL leads to it.
fn walk_some(
    folder: &Folder,
    mut wants: impl FnMut(Entry<'_>) -> bool,
    max_entries: usize,
) -> Walk {
    let mut walk = Walk::default();
    // One folder at a time, for the stamp, and so that deep ones come last; each with those
    // on the way to it.
    let mut waiting = VecDeque::from([(String::new(), Vec::new())]);
    while let Some((name, mut above)) = waiting.pop_front() {
        // Its stamp is from before the first entry is read: a name that comes since then shows.
        let Some(open) = folder.open_folder(&name) else { continue };
        if is_among(&above, &open.stamp) {
            continue;
        }
        walk.folders.push((name.clone(), open.stamp));
        above.push(open.stamp);
        for child in children(&open) {
            if walk.entries == max_entries {
                return walk;
            }
            walk.entries += 1;
            let Some(child) = child else { continue };
            let path = match name.as_str() {
                "" => child.name,
                name => format!("{name}/{}", child.name),
            };
            match child.kind {
                ChildKind::Folder if wants(Entry::Folder(&path)) => {
                    waiting.push_back((path, above.clone()));
                }
                ChildKind::File if wants(Entry::File(&path)) => walk.files.push(path),
                ChildKind::Link => match folder.open_file(&path) {
                    Ok(Opening::File(_)) if wants(Entry::File(&path)) => walk.files.push(path),
                    Ok(Opening::Absent) if wants(Entry::Folder(&path)) => {
                        waiting.push_back((path, above.clone()));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
    walk.is_all = walk.entries < max_entries;
    walk
}

/// What a walk through everything has found.
#[derive(Debug, Default)]
pub(crate) struct WalkOfAll {
    /// The files, by their paths from the root, in order.
    pub(crate) files: Vec<String>,
    /// The folders but for the root, by their paths from it.
    pub(crate) folders: Vec<String>,
    /// The links that lead out of the root, by their paths from it.
    pub(crate) outside: Vec<String>,
    /// The names that are not UTF-8, as they can be shown.
    pub(crate) not_unicode: Vec<String>,
    /// What could not be read, with the reason.
    pub(crate) unreadable: Vec<String>,
    /// A hash of all names that were met, wanted or not, and of what each stands for: another
    /// one where a name came, went, or became a folder or a link.
    pub(crate) names: u128,
}

/// Walks through all wanted folders, to all wanted files. Links are
/// followed as long as they stay in the folder, and not around in a circle.
pub(crate) fn walk_all(folder: &Folder, wants: impl Fn(Entry<'_>) -> bool) -> WalkOfAll {
    let (mut walk, names) = (WalkOfAll::default(), RefCell::new(Hasher::default()));
    let Some(base) = folder.walkable_path() else { return walk };
    let mut outside = Vec::new();
    let mut is_inside = |entry: &DirEntry| {
        if !entry.path_is_symlink() {
            return true;
        }
        let Ok(path) = entry.path().canonicalize() else { return false };
        let is_inside = path.starts_with(folder.path());
        if !is_inside {
            let link = entry.path().strip_prefix(&base).unwrap_or(entry.path());
            outside.push(link.display().to_string());
        }
        is_inside
    };
    let is_wanted = |entry: &DirEntry| match entry.path().strip_prefix(&base).map(Path::to_str) {
        Ok(Some(path)) if entry.file_type().is_dir() => wants(Entry::Folder(path)),
        Ok(Some(path)) => wants(Entry::File(path)),
        // What is not UTF-8 is reported.
        Ok(None) | Err(_) => true,
    };
    let goes_in = |entry: &DirEntry| {
        add_name(&mut names.borrow_mut(), &base, entry.path(), Some(entry));
        entry.depth() == 0 || is_wanted(entry) && is_inside(entry)
    };
    let entries = WalkDir::new(&base).follow_links(true).min_depth(1).sort_by_file_name();
    for entry in entries.into_iter().filter_entry(goes_in) {
        match entry.map(|entry| (entry.file_type(), entry.into_path())) {
            Ok((kind, path)) => {
                let path = path.strip_prefix(&base).unwrap_or(&path);
                match path.to_str() {
                    Some(name) if kind.is_file() => walk.files.push(name.to_owned()),
                    Some(name) if kind.is_dir() => walk.folders.push(name.to_owned()),
                    None => walk.not_unicode.push(path.display().to_string()),
                    Some(_) => {}
                }
            }
            Err(error) if is_broken_link(&error) => {
                add_name(&mut names.borrow_mut(), &base, error.path().unwrap_or(&base), None);
            }
            Err(error) => {
                add_name(&mut names.borrow_mut(), &base, error.path().unwrap_or(&base), None);
                let path = error.path().and_then(|path| path.strip_prefix(&base).ok());
                let shown = path.map(|path| folder.shown(&path.to_string_lossy()));
                let reason =
                    error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                walk.unreadable.push(format!("`{}`: {reason}", shown.unwrap_or_default()));
            }
        }
    }
    walk.names = names.into_inner().finish();
    walk.outside = outside;
    walk
}

/// Adds the name at `path`, below `base`, with what stands there; `None` for what cannot be read.
fn add_name(names: &mut Hasher, base: &Path, path: &Path, entry: Option<&DirEntry>) {
    names.add(path.strip_prefix(base).unwrap_or(path).as_os_str().as_bytes());
    let kind = entry.map(DirEntry::file_type);
    let is = |of: fn(&FileType) -> bool| u8::from(kind.as_ref().is_some_and(of));
    names.add(&[is(FileType::is_dir), is(FileType::is_file), u8::from(kind.is_some())]);
    if entry.is_none_or(DirEntry::path_is_symlink) {
        names.add(path.read_link().unwrap_or_default().as_os_str().as_bytes());
    }
}

/// Whether a link leads around in a circle, or to nothing: for a request there is no file.
fn is_broken_link(error: &walkdir::Error) -> bool {
    let kind = error.io_error().map(io::Error::kind);
    error.loop_ancestor().is_some() || kind == Some(io::ErrorKind::NotFound)
}

/// Whether a folder is one of those on the way to it: a link has led around in a circle.
pub(crate) fn is_among(above: &[FileStamp], stamp: &FileStamp) -> bool {
    above.iter().any(|on| on.is_same_place(stamp))
}

/// What is in a folder, in no order. `None` for what is no file, folder or link, or has no
/// name in UTF-8.
pub(crate) fn children(open: &OpenFolder) -> impl Iterator<Item = Option<Child>> {
    #[cfg(test)]
    let mishap = super::system::tests::happen(|| None);
    let level = WalkDir::new(open.path.join("")).min_depth(1).max_depth(1);
    level.into_iter().map(move |entry| {
        // It lasts as long as the walk.
        #[cfg(test)]
        let _ = &mishap;
        let entry = entry.inspect_err(|_| missed::note_disturbed());
        child_of(&entry.ok()?)
    })
}

fn child_of(entry: &DirEntry) -> Option<Child> {
    let kind = match entry.file_type() {
        kind if kind.is_dir() => ChildKind::Folder,
        kind if kind.is_file() => ChildKind::File,
        kind if kind.is_symlink() => ChildKind::Link,
        _ => return None,
    };
    Some(Child { name: entry.file_name().to_str()?.to_owned(), kind })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn is_public(entry: Entry<'_>) -> bool {
        entry.is_public(&Naming::default())
    }

    #[test]
    fn a_walk_is_bounded_by_what_it_meets_and_not_by_what_it_finds() {
        let folder = tempfile::TempDir::new().unwrap();
        for number in 0..50 {
            fs::write(folder.path().join(format!("_private-{number}")), "").unwrap();
            fs::create_dir_all(folder.path().join(format!("empty/{number}"))).unwrap();
        }
        let root = Folder::open(folder.path(), 0).unwrap();
        for max_entries in [0, 1, 20, 60, 101, 102] {
            let mut met = 0;
            let wants = |entry: Entry<'_>| {
                met += 1;
                is_public(entry)
            };
            let walk = walk_some(&root, wants, max_entries);
            assert!(walk.files.is_empty());
            assert_eq!((met, walk.is_all), (max_entries.min(101), max_entries > 101));
        }
    }

    #[test]
    fn a_folder_of_an_unwanted_name_is_not_entered() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in ["a/b.html", "_c/d/e.html", "_c/f.html", ".g/h.html", "i/_j", "k.css"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let root = Folder::open(folder.path(), 0).unwrap();
        let names = |wants: fn(Entry<'_>) -> bool| {
            let mut files = walk(&root, wants).files;
            files.sort_unstable();
            files.join(" ")
        };
        assert_eq!(names(is_public), "a/b.html k.css");
        assert_eq!(
            names(|entry| entry.is_usable(&Naming::default())),
            "_c/d/e.html _c/f.html a/b.html i/_j k.css"
        );
    }

    #[test]
    fn links_are_followed_within_the_root_and_around_no_circle() {
        let folder = tempfile::TempDir::new().unwrap();
        let outside = tempfile::TempDir::new().unwrap();
        fs::write(outside.path().join("secret.html"), "").unwrap();
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link(outside.path().to_str().unwrap(), "out");
        link(outside.path().join("secret.html").to_str().unwrap(), "out.html");
        link(".", "circle");
        link("nowhere", "dangling.html");
        // As Kubernetes mounts a ConfigMap.
        fs::create_dir_all(folder.path().join("..2026/sub")).unwrap();
        fs::write(folder.path().join("..2026/a.html"), "").unwrap();
        fs::write(folder.path().join("..2026/sub/b.html"), "").unwrap();
        link("..2026", "..data");
        link("..data/a.html", "a.html");
        link("..data/sub", "sub");
        link("..", "..2026/sub/up");
        let root = Folder::open(folder.path(), 0).unwrap();
        let walk = walk(&root, is_public);
        let mut files = walk.files;
        files.sort_unstable();
        // `up` leads to the folder of that day, which has the page once more.
        assert_eq!(files, ["a.html", "sub/b.html", "sub/up/a.html"]);
    }
}

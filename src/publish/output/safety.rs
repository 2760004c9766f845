//! Checks before a build: whether a folder may be an output, and whether all in it is a
//! build's to change.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use globset::GlobSet;
use rustix::fs::{Access, access};
use walkdir::{DirEntry, WalkDir};

use super::{
    files::{COPY_NAME, is_absent},
    list::{self, Listed},
};
use crate::globs;

/// What is let be without being named: a worktree of Git, and what GitHub keeps in it.
const ALWAYS_KEPT: [&str; 3] = [".git", "CNAME", ".nojekyll"];

/// How many foreign files a message names.
const MAX_SHOWN: usize = 3;

/// The names in the output that are let be.
#[derive(Debug)]
pub(super) struct Kept(GlobSet);

impl Kept {
    /// Those of a worktree of Git, and those that `globs` match.
    pub(super) fn new(patterns: &[String]) -> Result<Self, String> {
        let glob = |glob: &str| {
            globs::compile(glob)
                .map_err(|error| format!("`--keep {glob}` cannot be read: {}", error.kind()))
        };
        let patterns = ALWAYS_KEPT.into_iter().chain(patterns.iter().map(String::as_str));
        let compiled = patterns.map(glob).collect::<Result<Vec<_>, _>>()?;
        GlobSet::new(compiled).map(Self).map_err(|error| format!("`--keep`: {error}"))
    }

    /// Whether the file or folder is kept, or lies in a folder that is.
    pub(super) fn matches(&self, name: &str) -> bool {
        let parents = name.match_indices('/').map(|(idx, _)| &name[..idx]);
        parents.chain([name]).any(|name| self.0.is_match(name))
    }
}

/// Where the output `out` is, absolute and free of links; makes the folders above it.
pub(super) fn place_of(out: &Path) -> Result<PathBuf, String> {
    let failed = |error: io::Error| format!("`{}` cannot be written: {error}", out.display());
    match out.canonicalize() {
        Ok(folder) if folder.is_dir() => return Ok(folder),
        Ok(_) => return Err(format!("`{}` is no folder: name one with --out", out.display())),
        Err(error) if is_absent(&error) && out.symlink_metadata().is_err() => {}
        Err(error) => return Err(failed(error)),
    }
    let name = out.file_name().ok_or_else(|| format!("`{}` is no name", out.display()))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    Ok(parent.canonicalize().map_err(failed)?.join(name))
}

/// Refuses an output that holds the source, or lies in it.
pub(super) fn check_place(out: &Path, folder: &Path, root: &Path) -> Result<(), String> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let (out, pages) = (out.display(), root.display());
    let why = match () {
        () if folder == root => "is the folder of pages itself",
        () if root.starts_with(folder) => "holds the folder of pages",
        () if folder.starts_with(&root) => "lies in the folder of pages",
        () if folder.parent().is_none() => "is the root of the system",
        () => return Ok(()),
    };
    Err(format!("`{out}` {why} (`{pages}`): name another folder with --out"))
}

/// Refuses an output with files that were made by no build.
pub(super) fn check_files(
    out: &Path,
    folder: &Path,
    listed: &Listed,
    kept: &Kept,
) -> Result<(), String> {
    let name_of = |entry: &DirEntry| {
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        path.to_string_lossy().into_owned()
    };
    let mut foreign = Vec::new();
    let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name();
    let entries = entries.into_iter().filter_entry(|entry| !kept.matches(&name_of(entry)));
    for entry in entries {
        match entry {
            // Links too, wherever they lead.
            Ok(entry) if !entry.file_type().is_dir() => {
                let name = name_of(&entry);
                let is_made = name == list::NAME || listed.contains_key(&name) || is_copy(&name);
                if !(is_made && entry.file_type().is_file()) {
                    foreign.push(name);
                }
            }
            Ok(_) => {}
            Err(error) if error.io_error().is_some_and(is_absent) => {}
            Err(error) => return Err(format!("`{}` cannot be read: {error}", out.display())),
        }
    }
    let Some(first) = foreign.first() else { return Ok(()) };
    let shown: Vec<String> =
        foreign.iter().take(MAX_SHOWN).map(|name| format!("`{name}`")).collect();
    let more = match foreign.len().saturating_sub(MAX_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(format!(
        "`{}` holds files that no build has made: {}{more}: name another folder with --out, move \
         them away, or let them be with --keep '{first}'",
        out.display(),
        shown.join(", ")
    ))
}

/// Whether it is what a build left that was interrupted while it copied.
fn is_copy(name: &str) -> bool {
    name.rsplit('/').next() == Some(COPY_NAME)
}

/// Refuses an output in whose folders the files `names` cannot be made or deleted: once that
/// is begun, it should come to its end.
pub(super) fn check_writable<'a>(
    folder: &Path,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), String> {
    let mut checked = BTreeSet::new();
    for name in names {
        let parents = Path::new(name).ancestors().skip(1).map(|parent| folder.join(parent));
        let Some(there) = parents.into_iter().find(|parent| parent.is_dir()) else { continue };
        if !checked.contains(&there) {
            access(&there, Access::WRITE_OK | Access::EXEC_OK)
                .map_err(|error| format!("`{}` cannot be written: {error}", there.display()))?;
            checked.insert(there);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worktree_and_what_is_named_is_kept() {
        let kept = Kept::new(&["media/**".to_owned(), "*.zip".to_owned()]).unwrap();
        for (name, is_kept) in [
            (".git", true),
            (".git/config", true),
            ("CNAME", true),
            ("docs/CNAME", false),
            ("media/a/b.png", true),
            ("x.zip", true),
            ("a/x.zip", false),
            ("index.html", false),
        ] {
            assert_eq!(kept.matches(name), is_kept, "{name}");
        }
        assert!(Kept::new(&["[".to_owned()]).unwrap_err().contains("`--keep [`"));
    }
}

//! Checks before a build: whether a folder may be an output, and whether all in it is a
//! build's to change.

use std::{
    collections::BTreeSet,
    io,
    path::{self, Path, PathBuf},
};

use globset::GlobSet;
use walkdir::{DirEntry, WalkDir};

use super::{
    files::is_absent,
    list::{self, Listed},
    stage::{self, Stage},
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

/// Where the output `out` is or will be, absolute and free of links.
pub(super) fn place_of(out: &Path) -> Result<PathBuf, String> {
    let failed = |error: io::Error| format!("`{}` cannot be written: {error}", out.display());
    match out.canonicalize() {
        Ok(folder) if folder.is_dir() => return Ok(folder),
        Ok(_) => return Err(format!("`{}` is no folder: name one with --out", out.display())),
        Err(error) if is_absent(&error) && out.symlink_metadata().is_err() => {}
        Err(error) => return Err(failed(error)),
    }
    let absolute = path::absolute(out).map_err(failed)?;
    // Behind a folder that is not there, `..` leads nowhere.
    let mut absent = Vec::new();
    for above in absolute.ancestors() {
        if let Ok(there) = above.canonicalize() {
            return Ok(absent.iter().rev().fold(there, |path, name| path.join(name)));
        }
        absent.push(above.file_name().ok_or_else(|| format!("`{}` is no name", out.display()))?);
    }
    Err(failed(io::ErrorKind::NotFound.into()))
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
    let mut foreign = Vec::new();
    let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name();
    let entries = entries.into_iter().filter_entry(|entry| {
        let name = name_in(folder, entry);
        let is_stage = name == stage::NAME && entry.file_type().is_dir();
        !is_stage && !kept.matches(&name)
    });
    for entry in entries {
        match entry {
            // Links too, wherever they lead.
            Ok(entry) if !entry.file_type().is_dir() => {
                let name = name_in(folder, &entry);
                let is_probe = entry.file_name() == stage::PROBE;
                let is_made = name == list::NAME || is_probe || listed.contains_key(&name);
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

/// The name of what lies in `folder`, with `/` between segments.
fn name_in(folder: &Path, entry: &DirEntry) -> String {
    let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    path.to_string_lossy().into_owned()
}

/// Refuses an output that cannot become what a build has made: where the files `moved` are to
/// be, there is something that is not among those in `listed`, or a folder takes no files from the
/// stage. Once it is begun, a commit should come to its end.
pub(super) fn check_places<'a>(
    folder: &Path,
    stage: &Stage,
    moved: impl Iterator<Item = &'a String> + Clone,
    deleted: &BTreeSet<&'a str>,
    listed: &Listed,
) -> Result<(), String> {
    moved.clone().try_for_each(|name| check_place_of(folder, name, deleted, listed))?;
    let mut tried = BTreeSet::new();
    for name in moved.map(String::as_str).chain(deleted.iter().copied()) {
        let mut parents = Path::new(name).ancestors().skip(1).map(|parent| folder.join(parent));
        let Some(there) = parents.find(|parent| parent.is_dir()) else { continue };
        if tried.insert(there.clone()) {
            stage.try_move(&there).map_err(|error| {
                let why = match error.kind() {
                    io::ErrorKind::CrossesDevices => {
                        "it is a mount of its own: build into that".to_owned()
                    }
                    _ => error.to_string(),
                };
                format!("`{}` cannot be written: {why}", there.display())
            })?;
        }
    }
    Ok(())
}

/// Refuses a place of a file in which another file or folder stands, or above which there is a
/// file.
fn check_place_of(
    folder: &Path,
    name: &str,
    deleted: &BTreeSet<&str>,
    listed: &Listed,
) -> Result<(), String> {
    let in_the_way = |other: &str| {
        format!(
            "`{other}` of the output, which no build has made, is in the way of `{name}`: move it \
             away, or leave `{name}` out of the site"
        )
    };
    let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir());
    let mut parents = name.match_indices('/').map(|(idx, _)| &name[..idx]);
    if let Some(other) = parents.find(|p| is_file(&folder.join(p)) && !deleted.contains(p)) {
        return Err(in_the_way(other));
    }
    let place = folder.join(name);
    let names = WalkDir::new(&place).into_iter().filter_map(Result::ok);
    let names = names.filter(|entry| !entry.file_type().is_dir());
    let mut names = names.map(|entry| name_in(folder, &entry));
    // What is replaced is a build's own; what is in a folder of that name goes with it.
    let is_own = |other: &str| match other == name {
        true => other == list::NAME || listed.contains_key(other),
        false => deleted.contains(other),
    };
    match names.find(|other| !is_own(other)) {
        Some(other) => Err(in_the_way(&other)),
        None => Ok(()),
    }
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

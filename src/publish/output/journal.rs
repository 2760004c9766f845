//! The journal: what is left to do until the output is the new one. It is written whole
//! before the first step, and each step can be done again.

use std::{
    collections::{BTreeSet, HashSet},
    fs::{self, Permissions},
    io,
    ops::Bound,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    files::is_absent,
    list::{decoded, encoded},
    stage::Stage,
};

/// The steps from one output to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Journal {
    /// The number of a file in the stage, and its name in the output.
    moves: Vec<(usize, String)>,
    deletes: Vec<String>,
}

impl Journal {
    pub(super) fn new(moves: Vec<(usize, String)>, deletes: Vec<String>) -> Self {
        Self { moves, deletes }
    }

    /// The journal that an interrupted build has left.
    pub(super) fn read(stage: &Stage) -> io::Result<Option<Self>> {
        let Some(text) = stage.read_journal()? else { return Ok(None) };
        let mut journal = Self::default();
        for line in text.lines() {
            let invalid = || io::Error::other(format!("its journal has a line `{line}`"));
            let (step, name) = line.split_once(' ').ok_or_else(invalid)?;
            let name = decoded(name).ok_or_else(invalid)?;
            match step {
                "delete" => journal.deletes.push(name),
                number => journal.moves.push((number.parse().map_err(|_| invalid())?, name)),
            }
        }
        Ok(Some(journal))
    }

    /// The files of the output that are new by it already.
    pub(super) fn moved(&self, stage: &Stage) -> impl Iterator<Item = &str> {
        let moved = self.moves.iter().filter(|(number, _)| !stage.file(*number).exists());
        moved.map(|(_, name)| name.as_str())
    }

    /// Writes it into the stage: from then on its steps will be done, in the output `folder`. Where
    /// that fails, nothing has changed.
    pub(super) fn begin(&self, stage: &Stage, folder: &Path) -> io::Result<()> {
        let mut text = String::new();
        for (number, name) in &self.moves {
            text.push_str(&format!("{number} {}\n", encoded(name)));
        }
        for name in &self.deletes {
            text.push_str(&format!("delete {}\n", encoded(name)));
        }
        stage.write_journal(&text)?;
        // Moving files takes hardly more room on the disk.
        self.make_folders(folder)?;
        stage.begin_journal()
    }

    /// Makes the folders of new files, all of them or none.
    fn make_folders(&self, folder: &Path) -> io::Result<()> {
        let (mut known, mut made) = (HashSet::new(), Vec::new());
        let mut names = self.moves.iter().map(|(_, name)| name);
        let result = names.try_for_each(|name| make_parents(folder, name, &mut known, &mut made));
        if result.is_err() {
            let _ = made.iter().rev().map(fs::remove_dir).count();
        }
        result
    }

    /// Does all that is left of it in the output `folder`.
    pub(super) fn apply(&self, stage: &Stage, folder: &Path) -> io::Result<()> {
        let moved: BTreeSet<&str> = self.moves.iter().map(|(_, name)| name.as_str()).collect();
        let deletes = self.deletes.iter().map(String::as_str);
        let (first, last): (Vec<_>, Vec<_>) =
            deletes.partition(|name| stands_in_the_way(name, &moved));
        first.into_iter().try_for_each(|name| delete(folder, name))?;
        let (mut known, mut made) = (HashSet::new(), Vec::new());
        for (number, name) in &self.moves {
            let from = stage.file(*number);
            // Where it is gone, it was moved before the build was interrupted.
            if from.exists() {
                make_parents(folder, name, &mut known, &mut made)?;
                let to = folder.join(name);
                remove_if_empty(&to)?;
                fs::rename(from, to)?;
            }
        }
        last.into_iter().try_for_each(|name| delete(folder, name))?;
        stage.remove_journal()
    }
}

/// Whether a file is to go whose name is that of a folder now, or the other way round.
fn stands_in_the_way(name: &str, moved: &BTreeSet<&str>) -> bool {
    let below = format!("{name}/");
    let first_below = moved.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded));
    first_below.take(1).any(|first| first.starts_with(&below))
        || name.match_indices('/').any(|(idx, _)| moved.contains(&name[..idx]))
}

/// Makes the folders that the file `name` of the output lies in, as far as no file stands there,
/// but for those in `known`. Adds the new ones to `made`.
fn make_parents<'a>(
    folder: &Path,
    name: &'a str,
    known: &mut HashSet<&'a str>,
    made: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for parent in name.match_indices('/').map(|(idx, _)| &name[..idx]) {
        if !known.insert(parent) {
            continue;
        }
        let path = folder.join(parent);
        match fs::create_dir(&path) {
            Ok(()) => {
                fs::set_permissions(&path, Permissions::from_mode(0o755))?;
                made.push(path);
            }
            Err(_) if path.symlink_metadata().is_ok() => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes the folder at `path`, and those in it, where they hold no file.
fn remove_if_empty(path: &Path) -> io::Result<()> {
    if !path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        remove_if_empty(&entry?.path())?;
    }
    fs::remove_dir(path)
}

/// Deletes a file, and the folders that are empty without it.
fn delete(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(folder.join(name)) {
        Err(error) if !is_absent(&error) => return Err(error),
        _ => {}
    }
    let parents = name.rmatch_indices('/').map(|(idx, _)| folder.join(&name[..idx]));
    // From the innermost on, as far as they are empty.
    let _ = parents.map(fs::remove_dir).take_while(io::Result::is_ok).count();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_becomes_a_folder_goes_first() {
        let moved = BTreeSet::from(["a-", "a/b", "c"]);
        for (name, is_in_the_way) in
            [("a", true), ("c/d/e", true), ("a/c", false), ("ab", false), ("d", false)]
        {
            assert_eq!(stands_in_the_way(name, &moved), is_in_the_way, "{name}");
        }
    }
}

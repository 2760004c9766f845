//! The folder that gets the files: checked, staged beside it, and then changed all at once.
//!
//! What is in it and was made by no build is never touched. The way of a file is
//! `put` -> the stage (a folder beside the output) -> `commit` -> the output. Before the
//! commit, the output is as it was, whatever happens; once the journal stands in the stage,
//! the next run finishes what this one cannot.

mod files;
mod journal;
mod list;
mod safety;
mod stage;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use self::{files::is_same, journal::Journal, safety::Kept, stage::Stage};
use crate::http::body::Body;

/// What of the output a build has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that are new or have other bytes.
    pub written: usize,
    /// Files of an earlier build that are gone.
    pub deleted: usize,
}

/// The output of one build, locked against others.
#[derive(Debug)]
pub(super) struct Output {
    folder: PathBuf,
    stage: Stage,
    kept: Kept,
    /// The files that earlier builds have made.
    listed: BTreeSet<String>,
    staged: Mutex<Staged>,
    next_number: AtomicUsize,
}

/// What has been put so far.
#[derive(Debug, Default)]
struct Staged {
    /// All files, changed or not.
    names: BTreeSet<String>,
    /// Those that are to be moved from the stage, by their number there.
    moves: Vec<(usize, String)>,
}

impl Output {
    /// Opens the folder `out` for what is made of the folder `root`; finishes what an
    /// interrupted build has left to do. Names that `keep` matches are let be. Its new files are
    /// from `time`.
    ///
    /// # Errors
    /// Where it is not a folder that a build may change, or another build does.
    pub(super) fn open(
        out: &Path,
        root: &Path,
        keep: &[String],
        time: SystemTime,
    ) -> Result<Self, String> {
        let kept = Kept::new(keep)?;
        let folder = safety::place_of(out)?;
        safety::check_place(out, &folder, root)?;
        let stage = Stage::open(&folder, time).map_err(|error| error.of(out))?;
        let journal = Journal::read(&stage).map_err(|error| failed(out, &error))?;
        let mut listed = list::read(&folder).map_err(|error| failed(out, &error))?;
        listed.extend(journal.iter().flat_map(Journal::names).map(str::to_owned));
        safety::check_files(out, &folder, &listed, &kept)?;
        if let Some(journal) = journal {
            journal.apply(&stage, &folder).map_err(|error| failed(out, &error))?;
            listed = list::read(&folder).map_err(|error| failed(out, &error))?;
        }
        stage.clear().map_err(|error| failed(out, &error))?;
        let (staged, next_number) = (Mutex::default(), AtomicUsize::new(0));
        Ok(Self { folder, stage, kept, listed, staged, next_number })
    }

    /// Where it is, absolute and free of links; nothing may stand there yet.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a file, whose bytes are `body`, and returns whether they are new in the output.
    /// One that it has already stays as it is.
    ///
    /// # Errors
    /// What went wrong, naming the file.
    pub(super) fn put(&self, name: &str, body: &Body) -> Result<bool, String> {
        let failed = |error| format!("`{name}` cannot be written: {error}");
        let is_there = is_same(&self.folder.join(name), body).map_err(failed)?;
        if !is_there && self.kept.matches(name) && self.folder.join(name).symlink_metadata().is_ok()
        {
            return Err(format!(
                "`{name}` of the output was not made by a build and is kept: delete it there, or \
                 leave it out of the site"
            ));
        }
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        if !is_there {
            self.stage.write(number, body).map_err(failed)?;
        }
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.names.insert(name.to_owned());
        if !is_there {
            staged.moves.push((number, name.to_owned()));
        }
        Ok(!is_there)
    }

    /// Puts a file that an earlier build has made, as it is, and returns its size. `None` where
    /// there is none.
    pub(super) fn keep(&self, name: &str) -> Option<u64> {
        let metadata = self.folder.join(name).symlink_metadata().ok();
        let size = metadata.filter(|_| self.listed.contains(name))?.len();
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.names.insert(name.to_owned());
        Some(size)
    }

    /// Makes the output what was put, and nothing else of what builds have made.
    ///
    /// # Errors
    /// Where it cannot be changed; it says whether it was begun.
    pub(super) fn commit(self) -> Result<Changes, String> {
        let Self { folder, stage, listed, staged, next_number, .. } = self;
        let Staged { names, mut moves } =
            staged.into_inner().unwrap_or_else(PoisonError::into_inner);
        let deletes: Vec<String> = listed.difference(&names).cloned().collect();
        let changes = Changes { written: moves.len(), deleted: deletes.len() };
        moves.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
        let list = Body::bytes(list::text(&names).into_bytes().into());
        let before = |error: io::Error| failed(&folder, &error);
        if !is_same(&folder.join(list::NAME), &list).map_err(before)? {
            let number = next_number.into_inner();
            stage.write(number, &list).map_err(before)?;
            // The last one: until then, the list before is the one that holds.
            moves.push((number, list::NAME.to_owned()));
        }
        safety::check_writable(&folder, moves.iter().map(|(_, name)| name).chain(&deletes))?;
        let journal = Journal::new(moves, deletes);
        journal.write(&stage).map_err(before)?;
        journal.apply(&stage, &folder).map_err(|error| {
            format!("{}; what is left of it is done by the next build", failed(&folder, &error))
        })?;
        Ok(changes)
    }
}

fn failed(out: &Path, error: &io::Error) -> String {
    format!("`{}` cannot be written: {error}", out.display())
}

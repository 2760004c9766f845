//! The folder that gets the files: checked, staged beside it, and then changed all at once.
//!
//! What is in it and was made by no build is never touched. The way of a file is
//! `put` -> the stage (a folder in the output) -> `commit` -> its place. Before the
//! commit, the output is as it was, whatever happens; once the journal stands in the stage,
//! the next run finishes what this one cannot.

mod files;
mod journal;
mod list;
mod safety;
mod stage;

use std::{
    collections::HashMap,
    fs,
    io::{self, Read as _},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use self::{
    files::{BodyReader, is_same},
    journal::Journal,
    list::Listed,
    safety::Kept,
    stage::Stage,
};
use crate::{
    http::body::{Body, Source, in_memory},
    site::{Hasher, hash, hash_of_parts},
};

/// How much of a body is hashed at once.
const BUFFER_BYTES: usize = 32 * 1024;

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
    listed: Listed,
    staged: Mutex<Staged>,
    next_number: AtomicUsize,
}

/// What has been put so far.
#[derive(Debug, Default)]
struct Staged {
    /// All files, changed or not.
    listed: Listed,
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
        for name in journal.iter().flat_map(|journal| journal.moved(&stage)) {
            listed.entry(name.to_owned()).or_default();
        }
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

    /// Puts a file, whose bytes are `body`. One that it has already stays as it is. Where all
    /// that it is made of has the hash `basis`, the next build may find it by that.
    ///
    /// # Errors
    /// What went wrong, naming the file.
    pub(super) fn put(&self, name: &str, body: &Body, basis: Option<u128>) -> Result<(), String> {
        let failed = |error| format!("`{name}` cannot be written: {error}");
        let is_there = is_same(&self.folder.join(name), body).map_err(failed)?;
        if self.holds_foreign(name) {
            return match is_there {
                // It is no build's to delete.
                true => Ok(()),
                false => Err(format!(
                    "`{name}` of the output was not made by a build and is kept: delete it there, \
                     or leave it out of the site"
                )),
            };
        }
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        if !is_there {
            self.stage.write(number, body).map_err(failed)?;
        }
        let mark = |basis| Ok(marked(basis, hash_of(body)?));
        let mark = basis.map(mark).transpose().map_err(failed)?;
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.listed.insert(name.to_owned(), mark);
        if !is_there {
            staged.moves.push((number, name.to_owned()));
        }
        Ok(())
    }

    /// Whether something stands under `name` that is kept and that no build has made.
    pub(super) fn holds_foreign(&self, name: &str) -> bool {
        self.kept.matches(name)
            && !self.listed.contains_key(name)
            && self.folder.join(name).symlink_metadata().is_ok()
    }

    /// Finds a file that an earlier build has made of what has the hash `basis`, if it still has
    /// the same bytes.
    pub(super) fn find(&self, name: &str, basis: u128) -> Option<Found> {
        let mark = (*self.listed.get(name)?)?;
        let content = fs::read(self.folder.join(name)).ok()?;
        let hash = hash(&content);
        let is_same = marked(basis, hash) == mark;
        is_same.then(|| Found { name: name.to_owned(), mark, hash, bytes: content.len() as u64 })
    }

    /// Puts what was found, as it is.
    pub(super) fn keep(&self, found: Vec<Found>) {
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.listed.extend(found.into_iter().map(|found| (found.name, Some(found.mark))));
    }

    /// Makes the output what was put, and nothing else of what builds have made. Unless it
    /// `is_sure` what each file was made of, only what earlier builds have said of that stays.
    ///
    /// # Errors
    /// Where it cannot be changed.
    pub(super) fn commit(self, is_sure: bool) -> Result<Committed, CommitError> {
        let Self { folder, stage, listed: listed_before, staged, next_number, .. } = self;
        let Staged { mut listed, mut moves } =
            staged.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !is_sure {
            let new =
                listed.iter_mut().filter(|(name, mark)| listed_before.get(*name) != Some(mark));
            new.for_each(|(_, mark)| *mark = None);
        }
        let is_gone = |name: &&String| !listed.contains_key(*name);
        let mut deletes: Vec<String> = listed_before.keys().filter(is_gone).cloned().collect();
        keep_renamed_by_case(&mut deletes, &listed, &folder);
        let changes = Changes { written: moves.len(), deleted: deletes.len() };
        moves.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
        let list = Body::bytes(list::text(&listed).into_bytes().into());
        let before = |error: io::Error| CommitError::Refused(failed(&folder, &error));
        if !is_same(&folder.join(list::NAME), &list).map_err(before)? {
            let number = next_number.into_inner();
            stage.write(number, &list).map_err(before)?;
            // The last one: until then, the list before is the one that holds.
            moves.push((number, list::NAME.to_owned()));
        }
        let moved = moves.iter().map(|(_, name)| name);
        let deleted = deletes.iter().map(String::as_str).collect();
        safety::check_places(&folder, &stage, moved, &deleted, &listed_before)
            .map_err(CommitError::Refused)?;
        let journal = Journal::new(moves, deletes);
        journal.begin(&stage, &folder).map_err(before)?;
        let applied = journal.apply(&stage, &folder);
        applied.map_err(|error| CommitError::Unfinished(failed(&folder, &error)))?;
        Ok(Committed { changes, _stage: stage })
    }
}

/// An output that is the new one, still locked against other builds.
#[derive(Debug)]
pub(super) struct Committed {
    pub(super) changes: Changes,
    _stage: Stage,
}

/// Takes from `deletes` the names that are those of files in `listed`, where the file system does
/// not tell upper from lower case.
fn keep_renamed_by_case(deletes: &mut Vec<String>, listed: &Listed, folder: &Path) {
    if deletes.is_empty() {
        return;
    }
    let by_lower_case: HashMap<String, &String> =
        listed.keys().map(|name| (name.to_lowercase(), name)).collect();
    let identity = |name: &str| {
        let metadata = folder.join(name).symlink_metadata().ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    deletes.retain(|name| {
        let other = by_lower_case.get(&name.to_lowercase());
        let identity = other.and_then(|other| Some((identity(name)?, identity(other)?)));
        identity.is_none_or(|(old, new)| old != new)
    });
}

/// Why an output has not become the new one.
#[derive(Debug)]
pub(super) enum CommitError {
    /// It is as it was.
    Refused(String),
    /// It was begun: the next build does the rest.
    Unfinished(String),
}

/// A file of an earlier build that may stay.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    mark: u128,
    /// The hash of its bytes.
    pub(super) hash: u128,
    pub(super) bytes: u64,
}

/// What the list says of a file with this hash, made of what has the hash `basis`.
fn marked(basis: u128, content: u128) -> u128 {
    let mut hasher = Hasher::default();
    hasher.add_hash(basis);
    hasher.add_hash(content);
    hasher.finish()
}

/// The hash of the bytes of a body.
pub(super) fn hash_of(body: &Body) -> io::Result<u128> {
    if let Some((Source::Bytes(memory), range)) = body.at(0)
        && range.end - range.start == body.len()
    {
        return Ok(hash(&memory[in_memory(range)]));
    }
    let mut reader = BodyReader::new(body);
    hash_of_parts(BUFFER_BYTES, |buffer| reader.read(buffer))
}

fn failed(out: &Path, error: &io::Error) -> String {
    format!("`{}` cannot be written: {error}", out.display())
}

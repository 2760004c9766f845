//! The rows of the files that were asked for last, kept while what they were made from stays.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::site::{
    each::{item::Item, rows::Rows},
    files::dependencies::Dependencies,
    templates::recorder::Recording,
};

/// For how many files rows are kept.
const MAX_KEPT: usize = 32;
/// How many rows are kept in all. The last file's are kept in any case.
const MAX_KEPT_ROWS: usize = 200_000;

/// The rows of files that stand for many pages.
#[derive(Debug, Default)]
pub(crate) struct RowsStore {
    /// The last used at the end.
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    file: String,
    found: Found,
}

/// Rows with what they were made from.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) rows: Arc<Rows>,
    pub(crate) dependencies: Arc<Dependencies>,
    /// Whether another moment may give others.
    pub(crate) uses_clock: bool,
}

/// The row that a page shows, with what it was found by.
#[derive(Debug)]
pub(crate) struct RowOfPage {
    pub(crate) item: Arc<Item>,
    pub(crate) found: Found,
}

/// What a page was made from, its row counted.
pub(crate) fn with_row(mut reads: Recording, row: Option<&RowOfPage>) -> Recording {
    if let Some(RowOfPage { found, .. }) = row {
        reads.dependencies.extend(&found.dependencies);
        reads.uses_clock |= found.uses_clock;
    }
    reads
}

impl RowsStore {
    /// The rows of a file, where what they were made from `is_current`.
    pub(crate) fn get(
        &self,
        file: &str,
        is_current: impl FnOnce(&Dependencies) -> bool,
    ) -> Option<Found> {
        let found = self.kept().iter().find(|kept| kept.file == file)?.found.clone();
        if !is_current(&found.dependencies) {
            return None;
        }
        let mut kept = self.kept();
        if let Some(at) = kept.iter().position(|kept| kept.file == file) {
            let used = kept.remove(at);
            kept.push(used);
        }
        Some(found)
    }

    /// Keeps the rows of a file.
    pub(crate) fn keep(&self, file: &str, found: Found) {
        if found.uses_clock || found.dependencies.is_uncertain() {
            return;
        }
        let mut kept = self.kept();
        kept.retain(|kept| kept.file != file);
        kept.push(Kept { file: file.to_owned(), found });
        let rows = |kept: &[Kept]| kept.iter().map(|kept| kept.found.rows.len()).sum::<usize>();
        while kept.len() > MAX_KEPT || (kept.len() > 1 && rows(&kept) > MAX_KEPT_ROWS) {
            kept.remove(0);
        }
    }

    /// For how many files rows are kept now.
    #[cfg(test)]
    pub(crate) fn files(&self) -> usize {
        self.kept().len()
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The errors of pages that have been printed at the terminal.

use std::{collections::HashSet, sync::Arc};

use crate::site::{Kind, Snapshot};

/// Prints each error once, however many open pages have it.
pub(super) struct KnownErrors {
    print: Arc<dyn Fn(String) + Send + Sync>,
    /// Each by its beginning.
    known: HashSet<String>,
}

impl KnownErrors {
    pub(super) fn new(print: Arc<dyn Fn(String) + Send + Sync>) -> Self {
        Self { print, known: HashSet::new() }
    }

    /// Prints the error of `next` if it has one that is not known. `shown` is what all
    /// tabs show by now.
    pub(super) fn print<'a>(
        &mut self,
        next: &Snapshot,
        shown: impl Iterator<Item = &'a Arc<Snapshot>>,
    ) {
        if self.note(next, shown)
            && let Some(message) = next.message()
        {
            (self.print)(message.to_owned());
        }
    }

    /// Forgets the errors that no tab has any more, notes that of `next`, and returns
    /// whether that is new.
    pub(super) fn note<'a>(
        &mut self,
        next: &Snapshot,
        shown: impl Iterator<Item = &'a Arc<Snapshot>>,
    ) -> bool {
        let current: HashSet<&str> = shown.filter_map(|shown| beginning_of_error(shown)).collect();
        self.known.retain(|known| current.contains(known.as_str()));
        beginning_of_error(next).is_some_and(|error| self.known.insert(error.to_owned()))
    }
}

/// What the error is, and where: two lines, without the chain of includes, in which
/// the pages differ that have it in common.
fn beginning_of_error(snapshot: &Snapshot) -> Option<&str> {
    let message = snapshot.message().filter(|_| snapshot.kind() == Kind::Error)?;
    let mut ends = message.match_indices('\n').map(|(at, _)| at);
    message.get(..ends.nth(1).unwrap_or(message.len()))
}

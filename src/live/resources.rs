//! What open pages have loaded besides themselves: each once, with a count of its users.

use std::{
    collections::{BTreeSet, HashMap},
    time::SystemTime,
};

use super::{PARTS_OF_BUDGET, tab::is_target};
use crate::site::{Dependencies, Subresource};

/// So many of one page are followed.
pub(super) const MAX_OF_TAB: usize = 1024;
/// So many are followed of all pages together, and one page brings in at most its part
/// of what the others leave. A tab that has loaded another one loads again when anything
/// changes.
const MAX_USED: usize = 8192;
/// What live editing itself has sent is no part of a page.
const OWN: &str = "/_pagepool/";
/// So many are known at most that no page uses.
const MAX_UNUSED: usize = 1024;

/// The resources that are or were in use, by their targets.
#[derive(Debug, Default)]
pub(super) struct Resources {
    pub(super) known: HashMap<Box<str>, Known>,
    /// How many of them are in use.
    pub(super) used: usize,
}

#[derive(Debug)]
pub(super) struct Known {
    pub(super) resource: Subresource,
    /// From when on it has been known.
    pub(super) since: SystemTime,
    /// When it was last seen to have changed.
    pub(super) changed: Option<SystemTime>,
    /// In what state its files were when its users were last told, if it was not made
    /// again for that.
    pub(super) told: Option<Dependencies>,
    /// The tabs that have loaded it.
    pub(super) users: usize,
}

impl Resources {
    /// Takes note that a tab is gone that had loaded these.
    pub(super) fn release(&mut self, targets: &BTreeSet<Box<str>>) {
        for target in targets {
            if let Some(known) = self.known.get_mut(target) {
                known.users -= 1;
                self.used -= usize::from(known.users == 0);
            }
        }
        if self.known.len() - self.used > MAX_UNUSED {
            self.known.retain(|_, known| known.users > 0);
        }
    }

    /// Whether there is room for one more of a tab that has brought in `own`.
    pub(super) fn has_room(&self, own: usize) -> bool {
        own < (MAX_USED.saturating_sub(self.used) + own) / PARTS_OF_BUDGET
    }

    /// The names behind those that are in use.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Dependencies> {
        let used = self.known.values().filter(|known| known.users > 0);
        used.map(|known| known.resource.inputs())
    }
}

impl Known {
    /// Whether it was another when a page was loaded at `time`. In doubt it was.
    pub(super) fn has_changed_since(&self, time: SystemTime) -> bool {
        if self.changed.is_some_and(|changed| changed > time) {
            return true;
        }
        // Before it was known, nobody but the file system saw it change.
        self.since > time && self.resource.inputs().may_have_changed(time..self.since)
    }
}

/// Whether a target may be a part of a page.
pub(super) fn is_of_page(target: &str) -> bool {
    is_target(target) && !target.starts_with(OWN)
}

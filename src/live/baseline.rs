//! Snapshots with their trees, against which the next save is compared.

use std::{
    cell::OnceCell,
    rc::{Rc, Weak},
    sync::Arc,
};

use super::{
    PARTS_OF_BUDGET,
    patch::{Patch, Shown},
};
use crate::{
    budget::{Budget, Share},
    http::request_head::RequestHead,
    site::{Site, Snapshot},
};

/// The memory for what is followed exactly: baselines, each counted as its text and as
/// `MIN_BASELINE_BYTES` at least, and the heads of requests for them. So there are no more
/// than 512 baselines. The tree of one takes 30 to 90 times its text.
const MAX_EXACT_BYTES: usize = 8 << 20;
const MIN_BASELINE_BYTES: usize = 16 << 10;
/// The baselines of one file may take half of what all others leave: a page that reads its
/// request has as many as there are requests.
const PARTS_OF_FILE: usize = 2;

/// What the document in a tab is, by the last patch or load, with its tree.
pub(super) struct Baseline {
    pub(super) snapshot: Arc<Snapshot>,
    /// Made when it is first needed.
    shown: OnceCell<Shown>,
    share: Share,
}

/// All baselines that tabs have, each once, within their memory.
#[derive(Debug)]
pub(super) struct Baselines {
    made: Vec<Weak<Baseline>>,
    budget: Arc<Budget>,
}

impl Default for Baselines {
    fn default() -> Self {
        Self { made: Vec::new(), budget: Budget::new(MAX_EXACT_BYTES) }
    }
}

impl Baselines {
    /// The baseline of a snapshot, which other tabs may have, too; if there is room.
    pub(super) fn get(&mut self, snapshot: &Arc<Snapshot>) -> Option<Rc<Baseline>> {
        let mut made = self.made.iter().filter_map(Weak::upgrade);
        let same = made.find(|baseline| baseline.snapshot.version() == snapshot.version());
        same.or_else(|| self.make(snapshot).map(|baseline| self.add(baseline)))
    }

    /// Advances a baseline to `next`, and gives the patch between them. `None` where the
    /// page has to be loaded again instead.
    pub(super) fn advance(
        &mut self,
        baseline: Rc<Baseline>,
        next: &Arc<Snapshot>,
        site: &Site,
    ) -> Option<(Patch, Rc<Baseline>)> {
        let alone = Rc::try_unwrap(baseline).or_else(|shared| {
            // Another tab, for another request, keeps it.
            self.make(&shared.snapshot).ok_or(shared)
        });
        let (patch, baseline) = alone.ok()?.advance(next, site)?;
        Some((patch, self.add(baseline)))
    }

    /// Memory for the head of a request, if there is room.
    pub(super) fn share_for_head(&self, bytes: usize) -> Option<Share> {
        self.budget.take_part(bytes, PARTS_OF_BUDGET)
    }

    /// A baseline of its own, if there is room besides the others of its file.
    fn make(&self, snapshot: &Arc<Snapshot>) -> Option<Baseline> {
        let file =
            |snapshot: &Snapshot| snapshot.dependencies().file().map(|(name, _)| name.to_owned());
        let own = file(snapshot);
        let made = self.made.iter().filter_map(Weak::upgrade);
        let of_file = made.filter(|baseline| file(&baseline.snapshot) == own);
        let of_file: usize = of_file.map(|baseline| baseline.share.bytes()).sum();
        let bytes = snapshot.bytes().len() + snapshot.head().map_or(0, RequestHead::byte_len);
        let bytes = bytes.max(MIN_BASELINE_BYTES);
        if of_file + bytes > (self.budget.left() + of_file) / PARTS_OF_FILE {
            return None;
        }
        let share = self.budget.take_part(bytes, PARTS_OF_BUDGET)?;
        Some(Baseline { snapshot: Arc::clone(snapshot), shown: OnceCell::new(), share })
    }

    fn add(&mut self, baseline: Baseline) -> Rc<Baseline> {
        self.made.retain(|made| made.strong_count() > 0);
        let baseline = Rc::new(baseline);
        self.made.push(Rc::downgrade(&baseline));
        baseline
    }
}

impl Baseline {
    /// Makes the tree ahead of the save that needs it.
    pub(super) fn prepare(&self, site: &Site) {
        if self.snapshot.is_utf8() {
            self.shown.get_or_init(|| Shown::new(site.markup(&self.snapshot)));
        }
    }

    fn advance(self, next: &Arc<Snapshot>, site: &Site) -> Option<(Patch, Self)> {
        if !self.snapshot.is_utf8() || !next.is_utf8() {
            return None;
        }
        self.prepare(site);
        let mut shown = self.shown.into_inner()?;
        let patch = shown.advance(site.markup(next))?;
        Some((patch, Self { snapshot: Arc::clone(next), shown: shown.into(), share: self.share }))
    }
}

impl std::fmt::Debug for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Baseline")
            .field("version", &self.snapshot.version())
            .finish_non_exhaustive()
    }
}

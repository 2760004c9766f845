//! One check: compares what is followed with what the files make of it now.
//!
//! Decides alone whether a change counts yet: current, half written, made again to the
//! same, or changed. Pages, files that pages load, and mere lists of files are followed
//! in this one way. Knows no tabs, and sends nothing.

use std::{sync::Arc, time::Instant};

use super::{
    turns::{Candidate, Turns},
    watch::Batch,
    write_settling::WriteSettling,
};
use crate::site::{Dependencies, Site, Snapshot, StatCache, Subresource};

/// What can be compared with the files: what was made, and from which of them.
pub(super) trait Followed: Sized {
    /// The names that were looked up to make it.
    fn dependencies(&self) -> &Dependencies;

    /// Whether a browser that shows `self` has nothing to learn from `next`.
    fn is_same(&self, next: &Self) -> bool;

    /// Whether the files behind `next`, which was made after `self`, look like all of a
    /// save: an editor may be in the middle of one.
    fn is_whole(&self, next: &Self) -> bool {
        !next.dependencies().has_less_than(self.dependencies())
    }

    /// Whether its files may have changed though their stamps have not.
    fn is_uncertain(&self, _settling: &WriteSettling) -> bool {
        self.dependencies().is_uncertain()
    }
}

/// What a check finds out about one thing that is followed.
pub(super) enum Finding<T> {
    /// Its files are as they were.
    Current,
    /// Its files may be half of a save. The next check asks again. This is what they make until
    /// then, where that is known.
    Unsettled(Option<T>),
    /// Its files have changed, and make the same. This replaces what was known.
    Same(T),
    /// Its files make something else.
    Changed(T),
}

/// What all checks have in common: what they have left undone, and what waits.
#[derive(Debug)]
pub(super) struct Checker {
    pub(super) site: Arc<Site>,
    pub(super) settling: WriteSettling,
    pub(super) turns: Turns,
    /// Whether anything at all has changed since this was last asked.
    pub(super) has_news: bool,
}

/// One check of the files as they are now. Each name is looked up once, so that nothing
/// changes while it lasts.
pub(super) struct Check<'a> {
    pub(super) site: &'a Site,
    pub(super) settling: &'a mut WriteSettling,
    turns: &'a mut Turns,
    has_news: &'a mut bool,
    stats: StatCache,
    /// Whether everything is checked, and not only what the system has named.
    is_full: bool,
}

impl Checker {
    pub(super) fn new(site: Arc<Site>) -> Self {
        let (settling, turns) = (WriteSettling::default(), Turns::default());
        Self { site, settling, turns, has_news: false }
    }

    /// Begins a check with a time budget of its own.
    pub(super) fn begin(&mut self, is_full: bool) -> Check<'_> {
        self.turns.begin();
        self.check(is_full)
    }

    /// A check of one thing, between two that have a budget.
    pub(super) fn check_one(&mut self) -> Check<'_> {
        self.check(true)
    }

    fn check(&mut self, is_full: bool) -> Check<'_> {
        let Self { site, settling, turns, has_news } = self;
        // Where something waits, events may not have named all of it.
        let stats = match is_full || settling.is_anything_waiting() {
            true => site.stat_cache(),
            false => site.stat_cache_of_named(settling.notified_paths()),
        };
        Check { site, settling, turns, has_news, stats, is_full }
    }

    /// Notes events of the file system.
    pub(super) fn note(&mut self, batch: &Batch) {
        self.has_news |= batch.is_incomplete || !batch.names.is_empty();
        self.settling.note(batch);
    }
}

impl Check<'_> {
    /// Whether each name still stands for the file that it stood for.
    pub(super) fn is_current(&self, dependencies: &Dependencies) -> bool {
        self.stats.is_current(dependencies)
    }

    /// The same names, with the files for which they stand now.
    pub(super) fn restamp(&self, dependencies: &Dependencies) -> Dependencies {
        self.stats.renew(dependencies)
    }

    /// Whether this check is about `followed` at all, which others know as `key`.
    pub(super) fn is_due(&self, key: &str, followed: &impl Followed) -> bool {
        self.is_full
            || self.turns.is_passed_over(key)
            || self.settling.is_waiting(key)
            || self.settling.is_notified_of(followed.dependencies())
    }

    /// Whether its files are as they were, which takes nothing but their stamps.
    pub(super) fn is_unchanged(&self, followed: &impl Followed) -> bool {
        self.is_current(followed.dependencies()) && !followed.is_uncertain(self.settling)
    }

    /// The candidates that have their turn in this check, in order; the others keep
    /// their places for the next one. The clock is read between any two.
    pub(super) fn order(&mut self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        self.turns.order(candidates)
    }

    /// Whether a candidate has its turn; it is passed over where it has not.
    pub(super) fn takes(&mut self, candidate: &Candidate) -> bool {
        self.turns.take(candidate)
    }

    /// Whether there is time left in this check.
    pub(super) fn has_time(&self) -> bool {
        self.turns.has_time()
    }

    /// Leaves `key`, or the rest of it, to the next check.
    pub(super) fn pass_over(&mut self, key: &str) {
        self.turns.pass_over(key);
    }

    /// Compares `before`, which waits under the name `key` if it must, with what `make`
    /// makes of the files now.
    pub(super) fn examine<T: Followed>(
        &mut self,
        key: &str,
        before: &T,
        make: impl FnOnce(&Self) -> Option<T>,
    ) -> Finding<T> {
        if self.is_unchanged(before) {
            // Written and taken back: nothing waits any more.
            self.settling.end(key);
            return Finding::Current;
        }
        let now = Instant::now();
        let dependencies = before.dependencies();
        let is_half = self.settling.is_half_written(&self.stats, dependencies);
        if is_half && self.settling.may_wait(key, now) {
            return Finding::Unsettled(None);
        }
        // A tab may have sent what is no target of a request.
        let Some(next) = make(self) else { return Finding::Unsettled(None) };
        let is_same = before.is_same(&next);
        // What has changed since it was opened may be half of what was written.
        let is_still = || self.site.stat_cache_after(&self.stats).is_current(next.dependencies());
        let is_settled = is_same || (before.is_whole(&next) && is_still());
        if !is_settled
            && self.settling.may_wait_for_rest(key, now, next.dependencies(), dependencies)
        {
            return Finding::Unsettled(Some(next));
        }
        self.settling.end(key);
        *self.has_news |= !is_same;
        if is_same { Finding::Same(next) } else { Finding::Changed(next) }
    }
}

// The types of the site stand here; `FileSet` has its implementation beside it.
impl Followed for Arc<Snapshot> {
    fn dependencies(&self) -> &Dependencies {
        Snapshot::dependencies(self)
    }

    fn is_same(&self, next: &Self) -> bool {
        self.version() == next.version()
    }

    /// An error may be what half of a template is.
    fn is_whole(&self, next: &Self) -> bool {
        next.kind().is_page() && !next.dependencies().has_less_than(self.dependencies())
    }
}

impl Followed for Subresource {
    fn dependencies(&self) -> &Dependencies {
        Subresource::dependencies(self)
    }

    fn is_same(&self, next: &Self) -> bool {
        Subresource::is_same(self, next)
    }
}

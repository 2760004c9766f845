//! Write settling: a file that is being saved is given time to become whole.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::watch::Batch;
use crate::site::{Dependencies, StatCache};

/// The longest that a file which is not whole is waited for.
const MAX_WAIT: Duration = Duration::from_millis(50);
/// The same for one that has been emptied and not closed, as most programs begin to
/// write: on a busy disk, hundreds of milliseconds pass from there to the first byte.
const MAX_WAIT_EMPTIED: Duration = Duration::from_millis(500);
/// A file that was not written to for this long is whole, even without an event for it.
pub(super) const REST: Duration = Duration::from_millis(20);

/// What waits, and which files need not.
#[derive(Debug, Default)]
pub(super) struct WriteSettling {
    /// Since when each waits.
    waiting: HashMap<Box<str>, Instant>,
    /// The names that events have reported as whole, each with the time of the last event.
    notified: HashMap<PathBuf, SystemTime>,
}

impl WriteSettling {
    /// Notes the events. They count until nothing waits any more.
    pub(super) fn note(&mut self, batch: &Batch) {
        let now = SystemTime::now();
        self.notified.extend(batch.names.iter().map(|name| (name.clone(), now)));
    }

    /// Whether one of the files that have changed is still being written: no event has
    /// reported it as whole, and it was written to just now.
    pub(super) fn is_half_written(&self, stats: &StatCache, dependencies: &Dependencies) -> bool {
        let now = SystemTime::now();
        stats.changed(dependencies).into_iter().any(|(name, changed)| {
            let is_fresh =
                changed.is_some_and(|at| now.duration_since(at).is_ok_and(|age| age < REST));
            is_fresh && !self.is_notified(&name)
        })
    }

    /// Whether there was an event lately for one of these names, or for a folder on the way
    /// to it.
    pub(super) fn is_notified_of(&self, dependencies: &Dependencies) -> bool {
        self.is_notified_since(dependencies, SystemTime::UNIX_EPOCH)
    }

    /// The same, at `since` or later.
    pub(super) fn is_notified_since(&self, dependencies: &Dependencies, since: SystemTime) -> bool {
        let is_notified_at = |name: &Path| self.notified.get(name).is_some_and(|at| *at >= since);
        let names = self.notified.keys().map(PathBuf::as_path).filter(|name| is_notified_at(name));
        !self.notified.is_empty() && dependencies.is_about(is_notified_at, names)
    }

    fn is_notified(&self, name: &str) -> bool {
        Path::new(name).ancestors().any(|name| self.notified.contains_key(name))
    }

    /// Whether `what` waits.
    pub(super) fn is_waiting(&self, what: &str) -> bool {
        self.waiting.contains_key(what)
    }

    pub(super) fn is_anything_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether `what` may wait a little longer.
    pub(super) fn may_wait(&mut self, what: &str, now: Instant) -> bool {
        self.wait(what, now) < MAX_WAIT
    }

    /// The same where it was made of files that are not all there and whole: `next`
    /// instead of `before`.
    pub(super) fn may_wait_for_rest(
        &mut self,
        what: &str,
        now: Instant,
        next: &Dependencies,
        before: &Dependencies,
    ) -> bool {
        let is_whole =
            |name: &str, since| self.notified.get(Path::new(name)).is_some_and(|at| *at >= since);
        let is_being_filled = next.emptied(before).any(|(name, since)| !is_whole(name, since));
        let max = if is_being_filled { MAX_WAIT_EMPTIED } else { MAX_WAIT };
        self.wait(what, now) < max
    }

    /// How long `what` has waited.
    fn wait(&mut self, what: &str, now: Instant) -> Duration {
        let since = *self.waiting.entry(what.into()).or_insert(now);
        now.duration_since(since)
    }

    /// Ends the wait for `what`.
    pub(super) fn end(&mut self, what: &str) {
        if !self.waiting.is_empty() {
            self.waiting.remove(what);
        }
    }

    /// Whether nothing waits any more. If so, forgets the events.
    pub(super) fn has_run_out(&mut self) -> bool {
        // What no check has asked for in this time is no longer followed.
        self.waiting.retain(|_, since| since.elapsed() < 2 * MAX_WAIT_EMPTIED);
        if self.waiting.is_empty() {
            self.notified.clear();
        }
        self.waiting.is_empty()
    }

    /// The names for which there were events lately, as paths from the root.
    pub(super) fn notified_paths(&self) -> Vec<PathBuf> {
        self.notified.keys().cloned().collect()
    }

    /// The names for which there were events lately.
    pub(super) fn notified(&self) -> impl Iterator<Item = &str> {
        self.notified.keys().filter_map(|name| name.to_str())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        http::request_head::RequestHead,
        site::{Site, SiteOptions},
    };

    /// Whether a page whose file has changed may wait for the rest so long.
    fn may_wait(text: &str, batch: Option<&Batch>, ms: u64) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, "whole").unwrap();
        let site = Site::open(folder.path(), SiteOptions::default()).unwrap();
        let head = RequestHead::get("/page", "localhost");
        let render = || site.render(&head, SystemTime::now()).unwrap();
        let before = render();
        fs::write(&file, text).unwrap();
        let next = render();
        let mut settling = WriteSettling::default();
        batch.into_iter().for_each(|batch| settling.note(batch));
        let began = Instant::now();
        let mut wait =
            |now| settling.may_wait_for_rest("", now, next.dependencies(), before.dependencies());
        assert!(wait(began));
        wait(began + Duration::from_millis(ms))
    }

    #[test]
    fn half_a_file_waits_for_its_rest_up_to_50_ms() {
        assert!(may_wait("wh", None, 49));
        assert!(!may_wait("wh", None, 50));
    }

    #[test]
    fn an_emptied_file_waits_longer_until_it_is_closed() {
        let notified = Batch { names: vec!["page.html".into()], ..Batch::default() };
        let other = Batch { names: vec!["other.html".into()], ..Batch::default() };
        assert!(may_wait("", Some(&notified), 49));
        assert!(!may_wait("", Some(&notified), 50));
        for batch in [None, Some(&other)] {
            assert!(may_wait("", batch, 499));
            assert!(!may_wait("", batch, 500));
        }
    }
}

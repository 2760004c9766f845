//! How long a file that is not whole may wait for its rest.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::watch::Batch;
use crate::site::{Dependencies, Look};

/// How long a file waits that is not whole.
const MAX_WAIT: Duration = Duration::from_millis(50);
/// The same for one that has been emptied and not closed, which is how most programs
/// begin to write: a busy disk takes hundreds of milliseconds from there to the first
/// byte.
const MAX_WAIT_EMPTIED: Duration = Duration::from_millis(500);
/// A file that was not touched for so long is whole, whoever wrote it.
const REST: Duration = Duration::from_millis(20);

/// What waits, and which files need not.
#[derive(Debug, Default)]
pub(super) struct WriteSettling {
    /// Since when each waits.
    waiting: HashMap<Box<str>, Instant>,
    /// The names of which the system has told that they are whole, and when it last did.
    told: HashMap<PathBuf, SystemTime>,
}

impl WriteSettling {
    /// Notes what the system has told. It holds for the looks of a moment.
    pub(super) fn note(&mut self, batch: &Batch) {
        let now = SystemTime::now();
        self.told.extend(batch.names.iter().map(|name| (name.clone(), now)));
    }

    /// Whether a file is being written of those that have changed: nobody has told
    /// that it is whole, and it was touched just now.
    pub(super) fn is_half_written(&self, look: &Look, inputs: &Dependencies) -> bool {
        let now = SystemTime::now();
        look.changed(inputs).any(|(name, changed)| {
            let is_fresh =
                changed.is_some_and(|at| now.duration_since(at).is_ok_and(|age| age < REST));
            is_fresh && !self.has_told(name)
        })
    }

    /// Whether the system has told lately of a name among `inputs`, or of a folder on the
    /// way to it.
    pub(super) fn has_told_of(&self, inputs: &Dependencies) -> bool {
        self.has_told_of_since(inputs, SystemTime::UNIX_EPOCH)
    }

    /// The same, at `since` or later.
    pub(super) fn has_told_of_since(&self, inputs: &Dependencies, since: SystemTime) -> bool {
        let is_told = |name: &Path| self.told.get(name).is_some_and(|at| *at >= since);
        !self.told.is_empty() && inputs.names().any(|name| Path::new(name).ancestors().any(is_told))
    }

    fn has_told(&self, name: &str) -> bool {
        Path::new(name).ancestors().any(|name| self.told.contains_key(name))
    }

    /// Whether `what` waits.
    pub(super) fn is_waiting(&self, what: &str) -> bool {
        self.waiting.contains_key(what)
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
            |name: &str, since| self.told.get(Path::new(name)).is_some_and(|at| *at >= since);
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

    /// Whether nothing waits any more. Then what the system has told counts no longer.
    pub(super) fn has_run_out(&mut self) -> bool {
        // Whatever is not asked about any more has gone.
        self.waiting.retain(|_, since| since.elapsed() < 2 * MAX_WAIT_EMPTIED);
        if self.waiting.is_empty() {
            self.told.clear();
        }
        self.waiting.is_empty()
    }

    /// The names of which the system has told lately, while anything waits.
    pub(super) fn told(&self) -> impl Iterator<Item = &str> {
        self.told.keys().filter_map(|name| name.to_str())
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
        let mut wait = |now| settling.may_wait_for_rest("", now, next.inputs(), before.inputs());
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
        let told = Batch { names: vec!["page.html".into()], ..Batch::default() };
        let other = Batch { names: vec!["other.html".into()], ..Batch::default() };
        assert!(may_wait("", Some(&told), 49));
        assert!(!may_wait("", Some(&told), 50));
        for batch in [None, Some(&other)] {
            assert!(may_wait("", batch, 499));
            assert!(!may_wait("", batch, 500));
        }
    }
}

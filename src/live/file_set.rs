//! Files that are followed without knowing what they make.

use std::time::SystemTime;

use super::{
    check::{Check, Followed},
    write_settling::WriteSettling,
};
use crate::site::Dependencies;

/// Names of files, any change of which counts.
#[derive(Debug, Default)]
pub(super) struct FileSet {
    dependencies: Dependencies,
    /// From when on an event counts even where the stamps are the same: they may not
    /// show what changed in the tick of the clock in which they were taken.
    events_since: Option<SystemTime>,
}

impl FileSet {
    /// These files, with the stamps that they have in `dependencies`.
    pub(super) fn new(dependencies: Dependencies) -> Self {
        Self { dependencies, events_since: None }
    }

    /// The same files, of which events count from now on, too.
    pub(super) fn with_events(self) -> Self {
        Self { events_since: Some(SystemTime::now()), ..self }
    }

    /// The same files as they are in this check.
    pub(super) fn restamped(&self, check: &Check<'_>) -> Self {
        Self::new(check.restamp(&self.dependencies))
    }
}

impl Followed for FileSet {
    fn dependencies(&self) -> &Dependencies {
        &self.dependencies
    }

    /// It is made again only when something has changed.
    fn is_same(&self, _next: &Self) -> bool {
        false
    }

    fn is_uncertain(&self, settling: &WriteSettling) -> bool {
        self.events_since.is_some_and(|since| settling.is_notified_since(&self.dependencies, since))
    }
}

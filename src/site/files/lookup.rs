//! A name that was looked up, with what stood there.

use std::sync::Arc;

use crate::site::files::stamp::FileStamp;

/// A name that was looked up, with what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookup {
    /// From the root; empty for the root itself.
    pub(crate) name: Arc<str>,
    pub(crate) stamp: Option<FileStamp>,
    pub(crate) outcome: Outcome,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The file was used.
    Used,
    /// There was no regular file.
    Missed,
    /// What stood there counts, and is no part of the answer.
    Seen,
}

impl Lookup {
    /// Whether a folder stood there.
    pub(crate) fn is_folder(&self) -> bool {
        self.stamp.is_some_and(|stamp| stamp.is_folder())
    }

    /// What stood there counts, and is no part of the answer.
    pub(crate) fn seen(name: Arc<str>, stamp: Option<FileStamp>) -> Self {
        Self { name, stamp, outcome: Outcome::Seen }
    }
}

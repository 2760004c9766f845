//! The judgement of a page or stylesheet, kept until all are judged.

use std::sync::Arc;

use super::{finding::Finding, outline::Anchors, places::Origin, targets::Target};

/// What is known of a file when its text is gone: those of a whole site would not fit.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    /// What the other pages have to be known for.
    pub(super) waiting: Vec<Waiting>,
    /// What it leads to.
    pub(super) leads: Vec<Arc<Target>>,
    pub(super) anchors: Option<Anchors>,
    /// How many URLs it has; `None` of what has no text.
    pub(super) links: Option<usize>,
    /// The files that were used for it: where nothing waits, the private ones.
    pub(super) used: Vec<String>,
    /// Whether people see it, and not programs alone.
    pub(super) is_for_people: bool,
}

/// A link to a part of another page.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) target: Arc<Target>,
    pub(super) fragment: String,
    pub(super) origin: Origin,
}

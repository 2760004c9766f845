//! The pages and stylesheets of a site, as they are checked.

use std::sync::Arc;

use super::{
    finding::Finding,
    outline::{Anchors, Outline},
    places::Origin,
    targets::Target,
};
use crate::site::{Inspected, Language, PublicFile};

/// A page or stylesheet of the site, while its text is at hand.
pub(super) struct Member<'a> {
    pub(super) file: &'a PublicFile,
    pub(super) inspected: Inspected,
    pub(super) outline: Outline,
}

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

impl Member<'_> {
    /// Whether people see it, and not programs alone.
    pub(super) fn is_for_people(&self) -> bool {
        !matches!(self.inspected.language, Language::Feed | Language::Robots)
    }
}

//! The pages and stylesheets of a site, while their text is at hand.

use super::outline::Outline;
use crate::site::{Inspected, Language, PublicFile};

/// A page or stylesheet of the site, while its text is at hand.
pub(super) struct Member<'a> {
    pub(super) file: &'a PublicFile,
    pub(super) inspected: Inspected,
    pub(super) outline: Outline,
}

impl Member<'_> {
    /// Whether people see it, and not programs alone.
    pub(super) fn is_for_people(&self) -> bool {
        !matches!(self.inspected.language, Language::Feed | Language::Robots)
    }
}

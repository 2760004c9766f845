//! The pages and stylesheets of a site, as they are checked.

use super::outline::Outline;
use crate::site::{Inspected, PublicFile};

/// A page or stylesheet of the site, and what of it matters.
pub(super) struct Member<'a> {
    pub(super) file: &'a PublicFile,
    pub(super) inspected: Inspected,
    pub(super) outline: Outline,
}

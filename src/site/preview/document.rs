//! A page as a browser gets it that is about to show it, with the snippet in it.

use std::sync::Arc;

use crate::site::{preview::snapshot::Snapshot, representation::stored::StoredRepresentation};

/// A page with the snippet in it, and what it was before that went in.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) stored: Arc<StoredRepresentation>,
    pub(crate) snapshot: Arc<Snapshot>,
}

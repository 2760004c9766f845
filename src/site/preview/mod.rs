//! What a browser shows of the site while its author edits it: pages with the live
//! script, what they were made from, and what they have loaded.

pub(crate) mod document;
pub(crate) mod renamed;
pub(crate) mod snapshot;
pub(crate) mod snippet;
pub(crate) mod subresource;

//! The site as a browser shows it during editing: pages with the live script, their
//! dependencies, and the files that they have loaded.

pub(crate) mod alone;
pub(crate) mod renamed;
pub(crate) mod render;
pub(crate) mod snapshot;
pub(crate) mod snippet;
pub(crate) mod subresource;

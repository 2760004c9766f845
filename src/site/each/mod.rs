//! Pages from data: a file named as `[id].html` whose front matter names a list by `each` is
//! a page for each of its rows.
//!
//! Knows the rows, their keys and what the template of such a page sees; no requests.

pub(crate) mod item;
pub(crate) mod missing;
pub(crate) mod pattern;
pub(crate) mod rows;
pub(crate) mod store;

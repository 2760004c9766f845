//! Lists of pages: `pages(…)`, `tags()`, and what a page knows of others and of itself.
//!
//! A list is made of the files when it is asked for. All that was looked up for it is
//! recorded, so what shows it follows.

pub(crate) mod content;
pub(crate) mod error;
pub(crate) mod extract;
pub(crate) mod functions;
pub(crate) mod library;
pub(crate) mod page;
pub(crate) mod page_set;
mod query;
mod rows;
mod search;

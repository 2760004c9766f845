//! Pages of Markdown: the template runs first, and what it puts out is read as Markdown then.
//!
//! What of that is Markdown, what is a value and what is HTML is told by marks, which are put
//! into the sources when they are loaded, and by the formatter when they run.

mod lines;
pub(crate) mod links;
mod outline;
pub(crate) mod page;
mod search;
pub(crate) mod source;
mod tags;
pub(crate) mod values;

//! Markdown as HTML: text in, HTML out, with what a page wants to know of it.
//!
//! The text may be the output of a template: [`marks`] tell in it what is Markdown, what is
//! a value, and what is HTML already. Knows no files, no template engine and no requests.

mod address;
mod autolink;
pub mod code;
mod destination;
mod document;
mod events;
mod footnotes;
mod heading;
mod inline;
pub mod marks;
mod options;
mod paragraph;
mod pieces;
mod resolve;
mod shared;
mod text;
mod value;

pub use destination::{Destination, Links, Spot};
pub use document::Document;
pub use heading::title;
pub use resolve::{Resolved, resolve};
pub use shared::Warning;
pub use value::{code_block, of_value};

#[cfg(test)]
mod tests;

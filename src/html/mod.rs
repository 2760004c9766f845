//! HTML as browsers read it: a page as a tree of nodes, and nodes as markup again.
//!
//! Knows no files, no templates, no live editing and no requests: text in, values out.

pub(crate) mod node;
mod parser;
mod serializer;
pub(crate) mod tree;

//! HTML as browsers read it: a page as a tree of nodes or as tokens with their places,
//! and nodes as markup again.
//!
//! Knows no files, no templates, no live editing and no requests: text in, values out.

pub(crate) mod blocks;
mod nesting;
pub(crate) mod node;
mod parser;
mod serializer;
pub mod tokens;
pub(crate) mod tree;

#[cfg(test)]
pub(crate) mod random_tests;

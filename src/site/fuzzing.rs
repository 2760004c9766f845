//! Front matter for its fuzz target.
//!
//! Compiled for `cargo fuzz` alone: all of it is private to the site.

use std::ops::Range;

use super::{
    front_matter::{FrontMatter, unmask},
    notation::{Field, Node, Parts},
};

/// Front matter that was read.
#[derive(Debug)]
pub struct Block {
    /// What follows it.
    pub rest: String,
    /// The source with the block masked, and that shown again.
    pub masked: String,
    /// See above.
    pub unmasked: String,
    /// The places of all keys and values, each after the one that it lies in.
    pub spans: Vec<Range<usize>>,
}

/// Reads the front matter of a text, or gives the report of why that cannot be done.
///
/// # Errors
/// The report as text.
pub fn read_front_matter(text: &str) -> Result<Option<Block>, String> {
    let front_matter = FrontMatter::of("a.html", text).map_err(|report| report.to_string())?;
    Ok(front_matter.map(|front_matter| {
        let masked = front_matter.mask(text);
        let mut spans = Vec::new();
        add_fields(&front_matter.fields, &mut spans);
        Block {
            rest: front_matter.rest(text).to_owned(),
            unmasked: unmask(&masked).into_owned(),
            masked,
            spans,
        }
    }))
}

fn add_fields(fields: &[Field], spans: &mut Vec<Range<usize>>) {
    for field in fields {
        spans.push(field.key_span.clone());
        add_node(&field.node, spans);
    }
}

fn add_node(node: &Node, spans: &mut Vec<Range<usize>>) {
    spans.push(node.span.clone());
    match &node.parts {
        Parts::None => {}
        Parts::Items(items) => items.iter().for_each(|item| add_node(item, spans)),
        Parts::Fields(fields) => add_fields(fields, spans),
    }
}

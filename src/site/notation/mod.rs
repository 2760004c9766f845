//! Notations for values, YAML, TOML, JSON and CSV: a text read as values with the place of each.
//!
//! Knows no files: it gets a text, and gives byte ranges in it.

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod toml;
pub(crate) mod yaml;

use std::{ops::Range, sync::Arc};

use minijinja::Value;

use crate::diagnostic::{Diagnostic, Place};

/// Lists and maps in each other. A handwritten file has a handful; templates that go
/// through a value do it step by step on the thread's stack.
const MAX_DEPTH: usize = 64;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// As templates get it. Dates are text.
    pub(crate) value: Value,
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    pub(crate) parts: Parts,
}

/// The parts of a value, with their places.
#[derive(Clone, Debug)]
pub(crate) enum Parts {
    /// It is text, a number, a truth value or nothing.
    None,
    /// The items of a list.
    Items(Arc<[Node]>),
    /// The fields of a map, in the order of the text.
    Fields(Arc<[Field]>),
}

/// A key of a map with its value.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

/// The reason why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    /// Where it is: the byte ranges, the most important first.
    pub(crate) spans: Vec<Range<usize>>,
    pub(crate) help: String,
}

impl Node {
    fn list(items: Vec<Self>, span: Range<usize>) -> Self {
        let value = items.iter().map(|item| item.value.clone()).collect();
        Self { value, span, parts: Parts::Items(items.into()) }
    }

    fn map(fields: Vec<Field>, span: Range<usize>) -> Self {
        let pairs = fields.iter().map(|field| (field.key.as_str(), field.node.value.clone()));
        let value = Value::from_pairs(pairs);
        Self { value, span, parts: Parts::Fields(fields.into()) }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.parts {
            Parts::Items(items) => items,
            Parts::None | Parts::Fields(_) => &[],
        }
    }

    fn scalar(value: Value, span: Range<usize>) -> Self {
        Self { value, span, parts: Parts::None }
    }
}

impl Problem {
    pub(crate) fn new(
        message: impl Into<String>,
        span: Range<usize>,
        help: impl Into<String>,
    ) -> Self {
        Self { message: message.into(), spans: vec![span], help: help.into() }
    }

    fn too_deep(span: Range<usize>) -> Self {
        let message = format!("more than {MAX_DEPTH} lists and maps lie in each other");
        Self::new(message, span, "split it, or write it with fewer levels")
    }

    /// The problem in `text`, which is that of the file `name`.
    pub(crate) fn diagnostic(self, name: &str, text: &str) -> Diagnostic {
        let places = self.spans.into_iter();
        Diagnostic {
            message: self.message,
            places: places.map(|span| Place::in_text(name, text, span, 2)).collect(),
            notes: Vec::new(),
            help: self.help,
        }
    }
}

//! The metadata of a page: what lists and other pages know of it without rendering it.
//!
//! A function of the file's name and the start of its source, and of nothing else.

mod readable;
mod source;
pub(crate) mod store;

use minijinja::Value;

use source::Stated;

/// The start of a file that is read for its metadata, in bytes.
pub(crate) const MAX_SOURCE_BYTES: u64 = 64 * 1024;

/// What is known of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// Plain text, as everything here.
    pub(crate) title: String,
    /// Empty where there is none.
    pub(crate) description: String,
}

impl Metadata {
    /// Of the file `name`, a path from the root, whose text begins with `source`: with
    /// tags in it where it is a template.
    pub(crate) fn of(name: &str, source: &str, is_template: bool) -> Self {
        let Stated { title, description } = source::read(source, is_template);
        Self {
            title: title.unwrap_or_else(|| readable::title_of(name)),
            description: description.unwrap_or_default(),
        }
    }

    /// Of a file that cannot be read.
    pub(crate) fn of_name(name: &str) -> Self {
        Self::of(name, "", false)
    }

    /// What templates see under `key`.
    pub(crate) fn value(&self, key: &str) -> Option<Value> {
        match key {
            "title" => Some(self.title.as_str().into()),
            "description" => Some(self.description.as_str().into()),
            _ => None,
        }
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        (size_of::<Self>() + self.title.len() + self.description.len()) as u64
    }
}

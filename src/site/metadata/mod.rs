//! The metadata of a page: what lists and other pages know of it without rendering it.
//!
//! A function of the file's name and the start of its source, and of nothing else.

pub(crate) mod keys;
mod readable;
mod source;
pub(crate) mod store;
pub(crate) mod values;

use std::sync::Arc;

use minijinja::Value;

use keys::{ALWAYS, Keys};
use source::Stated;

use crate::{
    dates::{Date, DateError},
    diagnostic::{Diagnostic, Place},
    markdown,
    site::{markdown::source::outline, naming::Naming},
};

/// The start of a file that is read for its metadata, in bytes.
pub(crate) const MAX_SOURCE_BYTES: u64 = 64 * 1024;

/// What is known of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// Plain text, as everything here.
    pub(crate) title: String,
    /// Empty where there is none.
    pub(crate) description: String,
    pub(crate) keys: Keys,
    /// Why its front matter cannot be read. It is then as if there was none, and the title
    /// that of the file's name.
    pub(crate) problem: Option<Arc<Diagnostic>>,
}

impl Metadata {
    /// Of the file `name`, a path from the root, whose text begins with `source`: with
    /// tags in it where it is a template.
    pub(crate) fn of(name: &str, source: &str, is_template: bool) -> Self {
        let read = if is_template { Keys::read(name, source) } else { Ok(None) };
        let mut metadata = match read {
            Ok(None) => Self::stated(name, source, is_template, Keys::default()),
            Ok(Some((keys, block))) => Self::stated(name, &source[block.end..], is_template, keys),
            Err(problem) => Self {
                title: readable::title_of(name),
                description: String::new(),
                keys: Keys::default(),
                problem: Some(Arc::new(*problem)),
            },
        };
        if is_template && metadata.keys.date.is_none() {
            metadata.take_date_of(name);
        }
        metadata
    }

    /// Takes the date from before the file's own name, if there is one.
    fn take_date_of(&mut self, name: &str) {
        let Some((day, _)) = Naming::split_dated(name) else { return };
        match Date::parse(day) {
            Ok(date) => self.keys.date = Some(date),
            Err(error) => {
                let DateError { message, help } = error;
                let (message, places) =
                    (format!("the name of `{name}`: {message}"), vec![Place::of_file(name)]);
                let help = format!("{help}; or put a `date` into its front matter, which counts");
                let problem = Diagnostic { message, places, notes: Vec::new(), help };
                self.problem.get_or_insert_with(|| Arc::new(problem));
            }
        }
    }

    /// Of a file with these keys, and this text after its front matter.
    fn stated(name: &str, text: &str, is_template: bool, mut keys: Keys) -> Self {
        // The text of a page of Markdown states no description.
        let is_markdown = Naming::is_markdown(name);
        let is_known = keys.title.is_some() && (is_markdown || keys.description.is_some());
        let Stated { title, description } = match () {
            () if is_known => Stated::default(),
            () if is_markdown => {
                Stated { title: markdown::title(&outline(text)), description: None }
            }
            () => source::read(text, is_template),
        };
        let title = keys.title.take().or(title);
        let description = keys.description.take().or(description);
        Self {
            title: title.unwrap_or_else(|| readable::title_of(name)),
            description: description.unwrap_or_default(),
            keys,
            problem: None,
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
            key => self.keys.value(key),
        }
    }

    /// The keys of which [`value`](Self::value) knows the values.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        ALWAYS.into_iter().chain(self.keys.own.iter().map(|(key, _)| key.as_str()))
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        (size_of::<Self>() + self.title.len() + self.description.len() + self.keys.weight) as u64
    }
}

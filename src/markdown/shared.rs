//! Ids, links and warnings, which the texts of one page share.

use crate::markdown::{destination::Links, heading::Ids};

/// What an author should know of a text that was made into HTML all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name of the file.
    pub file: String,
    /// The line in it, from 1, where it is known.
    pub line: Option<usize>,
    /// In one sentence, without a full stop.
    pub message: String,
}

/// What the texts of one page share.
pub(super) struct Shared<'l> {
    pub(super) ids: Ids,
    pub(super) links: &'l mut Links<'l>,
    pub(super) warnings: Vec<Warning>,
}

/// The warning of an address that a value may not be.
pub(super) fn refused(file: &str, line: Option<usize>, address: &str) -> Warning {
    let address: String = address.chars().take(80).collect();
    let message = format!(
        "the value `{address}` may not be the address of a link or an image, which is http, \
         https, mailto, tel or relative: `#` stands in its place"
    );
    Warning { file: file.to_owned(), line, message }
}

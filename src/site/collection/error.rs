//! Errors of lists, each with what to do about it.

use minijinja::{Error, ErrorKind};

use crate::diagnostic::nearest::{did_you_mean, nearest};

/// Why a list, or a part of a page in it, cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ListError {
    pub(crate) message: String,
    /// In one line.
    pub(crate) help: String,
}

impl ListError {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// For a name that none of `known` is: the nearest of them, else all.
    pub(crate) fn unknown<'a>(
        message: String,
        wanted: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let help = match nearest(wanted, known.clone()) {
            Some(near) => did_you_mean(near),
            None => {
                let all: Vec<String> = known.map(|name| format!("`{name}`")).collect();
                format!("there is {}", all.join(", "))
            }
        };
        Self { message, help }
    }
}

impl From<ListError> for Error {
    fn from(error: ListError) -> Self {
        Self::new(ErrorKind::InvalidOperation, error.message.clone()).with_source(error)
    }
}

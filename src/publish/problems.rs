//! The problems of a build: all of them, for one report at its end.

/// What is wrong, each as a text of one line or several without a line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// What keeps the site from being written.
    pub errors: Vec<String>,
    /// What is written otherwise than its author may think.
    pub warnings: Vec<String>,
}

impl Problems {
    /// One error.
    pub(super) fn of_error(error: impl Into<String>) -> Self {
        Self { errors: vec![error.into()], warnings: Vec::new() }
    }

    /// Adds an error.
    pub(super) fn error(&mut self, error: impl Into<String>) {
        self.errors.push(error.into());
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}

//! Errors of templates that bring their explanation with them.

use minijinja::{Error, ErrorKind};

use crate::diagnostic::Diagnostic;

/// The error that ends a render with this explanation. Places in it come before that of
/// the template.
pub(crate) fn error(diagnostic: Diagnostic) -> Error {
    Error::new(ErrorKind::InvalidOperation, diagnostic.message.clone()).with_source(diagnostic)
}

/// The same for a problem whose place is that of the template alone.
pub(crate) fn error_here(message: impl Into<String>, help: impl Into<String>) -> Error {
    let (message, help) = (message.into(), help.into());
    error(Diagnostic { message, places: Vec::new(), notes: Vec::new(), help })
}

//! The globs of the configuration, over paths: `*` stays within a segment, `**` does not.

use globset::{Error, Glob, GlobBuilder};

/// Compiles a glob.
///
/// # Errors
/// Where it is malformed.
pub(crate) fn compile(glob: &str) -> Result<Glob, Error> {
    GlobBuilder::new(glob).literal_separator(true).build()
}

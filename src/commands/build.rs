//! `server build`: writes the site as files. Puts the parts together by the settings.

use std::error::Error;

use crate::{cli::BuildArgs, config::Config};

/// Writes the site that `config` describes.
///
/// # Errors
/// Always: it is not finished yet, and `server help` does not name it.
pub(super) fn run(_config: &Config, _args: &BuildArgs) -> Result<(), Box<dyn Error>> {
    Err("`server build` cannot write anything yet".into())
}

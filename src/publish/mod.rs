//! The site as files, for hosts that serve files: what the server answers, written.
//!
//! A build goes like this: the output is opened and checked (`output/`), the routes of the
//! site are listed (`routes`), each is asked for as a client would and staged (`answers`),
//! the files of the host are added (`hosts/`), and all of it is moved into the output.
//! Knows no configuration file, no flags and no terminal.

mod answers;
pub mod hosts;
mod options;
mod output;
mod problems;
mod routes;
mod summary;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::site::Site;

use self::output::Output;
pub use self::{
    options::{BuildOptions, Layout},
    output::Changes,
    problems::Problems,
    summary::{BuildError, Summary},
};

/// Writes `site`. `progress` is told how many of how many routes are done; where `stop` is
/// set, the build ends before the output is touched.
///
/// # Errors
/// See [`BuildError`].
pub fn build(
    site: &Site,
    options: &BuildOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
    stop: &AtomicBool,
) -> Result<Summary, BuildError> {
    let failed = |error| BuildError::Failed(Problems::of_error(error));
    let output = Output::open(&options.out, site.place(), &options.keep).map_err(failed)?;
    let mut problems = Problems::default();
    let routes = routes::of(site, options.layout(), &mut problems);
    let answers = answers::stage(site, &routes, &output, options, &|done| {
        progress(done, routes.len());
        !stop.load(Ordering::Relaxed)
    });
    let answers = answers.ok_or(BuildError::Stopped)?;
    let mut summary = answers.summary(&mut problems);
    if stop.load(Ordering::Relaxed) {
        return Err(BuildError::Stopped);
    }
    if !problems.errors.is_empty() {
        return Err(BuildError::Failed(problems));
    }
    summary.changes = output.commit().map_err(failed)?;
    summary.warnings = problems.warnings;
    Ok(summary)
}

//! The site as files, for hosts that serve files: what the server answers, written.
//!
//! A build goes like this: the output is opened and checked (`output/`), the routes of the
//! site are listed (`routes`), each is asked for as a client would and staged (`answers`),
//! the files of the host are added (`hosts/`), and all of it is moved into the output.
//! Knows no configuration file, no flags and no terminal.

mod answers;
mod compress;
mod finish;
pub mod host;
mod hosts;
mod options;
mod output;
mod problems;
mod routes;
mod scripts;
mod summary;
mod unchanged;
mod verify;

use crate::{
    http::body::Body,
    site::{self, Site},
};

use self::{
    answers::{Content, Staging},
    finish::Finish,
    hosts::HostFiles,
    output::Output,
    routes::{NOT_FOUND, Routes},
    unchanged::Unchanged,
};
pub use self::{
    options::{BuildOptions, Layout},
    output::Changes,
    problems::Problems,
    summary::{BuildError, Summary},
};

/// Writes `site`. `progress` is told how many of how many routes are done; where it `is_stopped`,
/// the build ends before the output is touched.
///
/// # Errors
/// See [`BuildError`].
pub fn build(
    site: &Site,
    options: &BuildOptions,
    progress: &(dyn Fn(usize, usize) + Sync),
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Summary, BuildError> {
    let failed = |error| BuildError::Failed(Problems::of_error(error));
    let output =
        Output::open(&options.out, site.place(), &options.keep, options.now).map_err(failed)?;
    let mut problems = Problems::default();
    let before = site.settled_states(options.threads);
    let found = routes::of(site, options, &mut problems);
    let unchanged = &Unchanged::new(site, options, &before, &found);
    let Routes { routes, aliases, left_out, next_due } = found;
    let finish = &Finish::new(options, &routes);
    let staging = Staging { site, options, finish, unchanged, output: &output };
    let answers = answers::stage(staging, &routes, &|done| {
        progress(done, routes.len());
        !is_stopped()
    });
    let answers = answers.ok_or(BuildError::Stopped)?;
    let contents = answers.contents(&mut problems);
    let after = site.states(options.threads);
    for name in site::changed_files(&before, &after) {
        problems.warn(format!("`{name}` was changed while the site was built: build it again"));
    }
    let host_files = hosts::files(options, output.folder(), &contents, &aliases, &mut problems);
    let others = stage_others(site, &contents, &host_files, &output, options);
    let (files, bytes) = others.unwrap_or_else(|error| {
        problems.error(error);
        (0, 0)
    });
    if is_stopped() {
        return Err(BuildError::Stopped);
    }
    if !problems.errors.is_empty() {
        return Err(BuildError::Failed(problems));
    }
    let (folder, (compressed, compressed_bytes)) =
        (output.folder().to_owned(), answers.compressed());
    let summary = Summary {
        pages: contents.iter().filter(|c| c.is_page && c.file != NOT_FOUND).count(),
        reused: answers.reused(),
        files: contents.len() + compressed + files,
        bytes: contents.iter().map(|content| content.bytes).sum::<u64>() + compressed_bytes + bytes,
        changes: output.commit(before.are_same(&after)).map_err(failed)?,
        left_out: left_out.into_iter().chain(answers.left_out()).collect(),
        next_due,
        warnings: problems.warnings,
        instructions: host_files.instructions,
    };
    match options.verifies {
        true => verify::verify(site, &folder, &contents, options, finish).map(|()| summary),
        false => Ok(summary),
    }
}

/// Stages what is no content of the site, and returns its number and size.
fn stage_others(
    site: &Site,
    contents: &[Content],
    host_files: &HostFiles,
    output: &Output,
    options: &BuildOptions,
) -> Result<(usize, u64), String> {
    let (mut files, mut bytes) = (0, 0);
    let is_taken = |name: &str| contents.iter().any(|content| content.file == name);
    let fallback = options.rules.fallback.as_ref();
    if !is_taken(NOT_FOUND) && !fallback.is_some_and(|file| options.host.falls_back_to(file)) {
        bytes += answers::stage_not_found(site, output, options)?;
        files += 1;
    }
    for (name, text) in &host_files.files {
        if is_taken(name) {
            return Err(format!("`{name}` of the site is written by the build for the host"));
        }
        output.put(name, &Body::bytes(text.clone().into_bytes().into()), None)?;
        bytes += text.len() as u64;
        files += 1;
    }
    Ok((files, bytes))
}

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
mod names;
mod options;
mod output;
mod problems;
mod routes;
mod scripts;
mod summary;
mod unchanged;
mod verify;

use crate::{
    http::{body::Body, url_path::UrlPath},
    site::{self, Site},
};

use self::{
    answers::{Content, Staging},
    finish::Finish,
    hosts::HostFile,
    names::Name,
    output::{CommitError, Output},
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
/// the build ends before the output is touched, or before all of it is compared.
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
    let (compressed, compressed_bytes) = answers.compressed();
    let count = compressed.len();
    let host_files =
        hosts::files(options, output.folder(), &contents, count, &aliases, &mut problems);
    let others = stage_others(site, &contents, &host_files.files, &output, options);
    let (others, bytes) = others.unwrap_or_else(|error| {
        problems.error(error);
        (Vec::new(), 0)
    });
    let names: Vec<Name> =
        contents.iter().map(Content::name).chain(compressed).chain(others).collect();
    names::check(&names, &mut problems);
    if is_stopped() {
        return Err(BuildError::Stopped);
    }
    if !problems.errors.is_empty() {
        return Err(BuildError::Failed(problems));
    }
    let folder = output.folder().to_owned();
    // Until the end, no other build changes it.
    let committed = output.commit(before.are_same(&after)).map_err(|error| match error {
        CommitError::Refused(error) => failed(error),
        CommitError::Unfinished(error) => BuildError::Unfinished(error),
    })?;
    let summary = Summary {
        pages: contents.iter().filter(|c| c.is_page && c.file != NOT_FOUND).count(),
        reused: answers.reused(),
        files: names.len(),
        bytes: contents.iter().map(|content| content.bytes).sum::<u64>() + compressed_bytes + bytes,
        changes: committed.changes,
        left_out: left_out.into_iter().chain(answers.left_out()).collect(),
        next_due,
        warnings: problems.warnings,
        instructions: host_files.instructions,
    };
    match options.verifies {
        true => {
            let verified = verify::verify(site, &folder, &contents, options, finish, is_stopped);
            verified.map_err(|error| error.with_warnings(&summary.warnings)).map(|()| summary)
        }
        false => Ok(summary),
    }
}

/// Stages what is no content of the site, and returns its names and its size.
fn stage_others(
    site: &Site,
    contents: &[Content],
    host_files: &[HostFile],
    output: &Output,
    options: &BuildOptions,
) -> Result<(Vec<Name>, u64), String> {
    let (mut names, mut bytes) = (Vec::new(), 0);
    let is_taken = contents.iter().any(|content| content.file == NOT_FOUND);
    let fallback = options.rules.fallback.as_ref().map(UrlPath::encoded);
    if !is_taken && !fallback.is_some_and(|file| options.host.falls_back_to(&file)) {
        bytes += answers::stage_not_found(site, contents, output, options)?;
        names.push(Name::new(NOT_FOUND, "the page for what is not there"));
    }
    for HostFile { name, text } in host_files {
        let is_marker = text.is_empty();
        if !(is_marker && output.holds_foreign(&name.file)) {
            output.put(&name.file, &Body::bytes(text.clone().into_bytes().into()), None)?;
        }
        bytes += text.len() as u64;
        names.push(name.clone());
    }
    Ok((names, bytes))
}

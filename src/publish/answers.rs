//! The answers of the site, route by route, on all processors, as files in the stage.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::{
    http::{
        StatusCode, body::Body, prepared::Prepared, request_head::RequestHead, url_path::UrlPath,
    },
    parallel,
    publish::{
        compress::{self, Forms},
        finish::Finish,
        names::Name,
        options::BuildOptions,
        output::Output,
        problems::{OfPages, Problems},
        routes::{NOT_FOUND, Route},
        scripts,
        unchanged::{self, Unchanged},
    },
    site::{RENDER_STACK_BYTES, Site},
};

/// The host that requests name. What reads it is refused.
const HOST: &str = "localhost";

/// What became of each route, in their order.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    routes: &'a [Route],
    outcomes: Vec<Outcome>,
}

/// A route with content, as it was answered.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) path: UrlPath,
    /// Its file in the output.
    pub(super) file: String,
    /// The file of the site that makes it.
    pub(super) source: String,
    pub(super) is_page: bool,
    pub(super) content_type: String,
    pub(super) bytes: u64,
}

impl Content {
    /// Its name in the output.
    pub(super) fn name(&self) -> Name {
        Name::new(&self.file, format!("`{}`", self.source))
    }

    /// The route that was answered.
    pub(super) fn route(&self) -> Route {
        let Self { path, file, source, is_page, .. } = self.clone();
        Route { path, file, source, is_page }
    }
}

/// What became of a route.
#[derive(Debug)]
enum Outcome {
    /// It is staged, or already in the output.
    Staged {
        content_type: String,
        bytes: u64,
        compressed: Forms,
        warning: Option<String>,
        /// Whether it was not made again.
        is_kept: bool,
    },
    /// The site does not answer it with content.
    LeftOut,
    Failed(String),
}

/// What the routes of a build are staged with.
#[derive(Clone, Copy)]
pub(super) struct Staging<'a> {
    pub(super) site: &'a Site,
    pub(super) options: &'a BuildOptions,
    pub(super) finish: &'a Finish,
    pub(super) unchanged: &'a Unchanged<'a>,
    pub(super) output: &'a Output,
}

/// Stages the answer to each route. `goes_on` is told how many are done, and whether to go
/// on is what it says; `None` where it says no.
pub(super) fn stage<'a>(
    staging: Staging<'_>,
    routes: &'a [Route],
    goes_on: &(dyn Fn(usize) -> bool + Sync),
) -> Option<Answers<'a>> {
    let taken: HashSet<&str> = routes.iter().flat_map(|route| taken_by(&route.file)).collect();
    let done = AtomicUsize::new(0);
    let is_stopped = AtomicBool::new(!goes_on(0));
    let outcomes = parallel::map(routes, staging.options.threads, RENDER_STACK_BYTES, |route| {
        if is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let outcome = staging.stage(route, &taken);
        if !goes_on(done.fetch_add(1, Ordering::Relaxed) + 1) {
            is_stopped.store(true, Ordering::Relaxed);
        }
        Some(outcome)
    });
    let outcomes: Vec<Outcome> = outcomes.into_iter().collect::<Option<_>>()?;
    Some(Answers { routes, outcomes })
}

/// The names that a file takes: those of the folders above it, and its own.
fn taken_by(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(idx, _)| &file[..idx]).chain([file])
}

impl Staging<'_> {
    fn stage(self, route: &Route, taken: &HashSet<&str>) -> Outcome {
        let basis = self.unchanged.basis(route);
        if let Some(kept) = basis.and_then(|basis| self.keep(route, basis, taken)) {
            return kept;
        }
        let head = RequestHead::get(&route.path.encoded(), HOST);
        let answered = head.with_request(|request| self.unchanged.answer(route, request));
        let Some((answer, is_lasting)) = answered else {
            return Outcome::Failed(format!("`{}`: no request can have its path", route.source));
        };
        match answer.status {
            StatusCode::OK => {
                let basis = basis.filter(|_| is_lasting);
                let staged = self.stage_answer(route, &answer, basis, taken);
                staged.unwrap_or_else(Outcome::Failed)
            }
            StatusCode::NOT_FOUND => Outcome::LeftOut,
            status => Outcome::Failed(match &answer.note.message {
                Some(message) => without_severity(message),
                None => format!("`{}` is answered with status {}", route.source, status.as_str()),
            }),
        }
    }

    /// Keeps what an earlier build has made of what has the hash `basis`.
    fn keep(self, route: &Route, basis: u128, taken: &HashSet<&str>) -> Option<Outcome> {
        let found = self.unchanged.find(route, basis, self.output, taken)?;
        let (page, forms) = found.split_first()?;
        let (content_type, bytes) = (unchanged::CONTENT_TYPE.to_owned(), page.bytes);
        let compressed = (
            forms.iter().map(|form| form.name.clone()).collect(),
            forms.iter().map(|form| form.bytes).sum(),
        );
        self.output.keep(found);
        Some(Outcome::Staged { content_type, bytes, compressed, warning: None, is_kept: true })
    }

    /// Stages an answer; the next build may keep it where it is made of what has the hash `basis`.
    fn stage_answer(
        self,
        route: &Route,
        answer: &Prepared,
        basis: Option<u128>,
        taken: &HashSet<&str>,
    ) -> Result<Outcome, String> {
        let Self { site, options, output, .. } = self;
        let body = self.finish.finished(route, answer);
        let body = body.map_err(|error| format!("`{}` cannot be read: {error}", route.source))?;
        let content_type = answer.get("Content-Type").unwrap_or_default().to_owned();
        let of_script = || scripts::warning(site, route, &content_type, &body, options);
        let warning = answer.note.message.clone().or_else(of_script);
        let says_nothing = warning.is_none() && content_type == unchanged::CONTENT_TYPE;
        output.put(&route.file, &body, basis.filter(|_| says_nothing))?;
        let compressed = match options.is_compressed {
            true => compress::stage(route, &content_type, &body, output, taken)?,
            false => Forms::default(),
        };
        Ok(Outcome::Staged { content_type, bytes: body.len(), compressed, warning, is_kept: false })
    }
}

/// What the server answers to a client that has nothing of it yet.
pub(super) fn ask(site: &Site, path: &UrlPath, options: &BuildOptions) -> Option<Arc<Prepared>> {
    let head = RequestHead::get(&path.encoded(), HOST);
    head.with_request(|request| site.respond(request, options.now).at_once())
}

/// A message of the site without `error: ` before it, and without its line end.
fn without_severity(message: &str) -> String {
    let message = message.trim_end();
    let bare = message.strip_prefix("error: ").or(message.strip_prefix("warning: "));
    bare.unwrap_or(message).to_owned()
}

impl Answers<'_> {
    /// The routes with content, in order; what went wrong is added to `problems`.
    pub(super) fn contents(&self, problems: &mut Problems) -> Vec<Content> {
        let mut contents = Vec::with_capacity(self.routes.len());
        let (mut errors, mut warnings) = (OfPages::default(), OfPages::default());
        for (route, outcome) in self.routes.iter().zip(&self.outcomes) {
            match outcome {
                Outcome::Staged { content_type, bytes, warning, .. } => {
                    let Route { path, file, source, is_page } = route.clone();
                    let (content_type, bytes) = (content_type.clone(), *bytes);
                    contents.push(Content { path, file, source, is_page, content_type, bytes });
                    if let Some(warning) = warning {
                        warnings.add(&route.source, without_severity(warning));
                    }
                }
                Outcome::LeftOut => {}
                Outcome::Failed(error) => errors.add(&route.source, error.clone()),
            }
        }
        problems.errors.extend(errors.into_texts());
        problems.warnings.extend(warnings.into_texts());
        contents
    }

    /// The names of the compressed forms, and their size.
    pub(super) fn compressed(&self) -> (Vec<Name>, u64) {
        let (mut names, mut all_bytes) = (Vec::new(), 0);
        for (route, outcome) in self.routes.iter().zip(&self.outcomes) {
            let Outcome::Staged { compressed: (files, bytes), .. } = outcome else { continue };
            let name = |file: &String| {
                Name::new(file, format!("the compressed form of `{}`", route.source))
            };
            names.extend(files.iter().map(name));
            all_bytes += bytes;
        }
        (names, all_bytes)
    }

    /// How many of them an earlier build has made.
    pub(super) fn reused(&self) -> usize {
        let is_kept = |outcome: &&Outcome| matches!(outcome, Outcome::Staged { is_kept: true, .. });
        self.outcomes.iter().filter(is_kept).count()
    }

    /// The files of the site that no host could answer with.
    pub(super) fn left_out(&self) -> Vec<String> {
        let outcomes = self.routes.iter().zip(&self.outcomes);
        let left_out = outcomes.filter(|(_, outcome)| matches!(outcome, Outcome::LeftOut));
        left_out.map(|(route, _)| route.source.clone()).collect()
    }
}

/// Stages the page for what is not there, if the site has none of its own: some hosts would
/// answer with another page.
pub(super) fn stage_not_found(
    site: &Site,
    contents: &[Content],
    output: &Output,
    options: &BuildOptions,
) -> Result<u64, String> {
    // Where a page answers all that is missing, hosts that know only this one get that.
    let fallback = options.rules.fallback.as_ref().and_then(|file| {
        let page = contents.iter().find(|content| content.source == file.relative())?;
        Some(page.path.encoded())
    });
    let head = RequestHead::get(&fallback.unwrap_or("/404".to_owned()), HOST).as_navigation();
    let answer = head.with_request(|request| site.respond(request, options.now).at_once());
    let body = answer.map_or_else(Body::empty, |answer| answer.body.clone());
    output.put(NOT_FOUND, &body, None)?;
    Ok(body.len())
}

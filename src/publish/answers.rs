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
        compress,
        finish::Finish,
        options::BuildOptions,
        output::Output,
        problems::{OfPages, Problems},
        routes::{NOT_FOUND, Route},
        scripts,
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
        /// The number of its compressed forms, and their size.
        compressed: (usize, u64),
        warning: Option<String>,
    },
    /// The site does not answer it with content.
    LeftOut,
    Failed(String),
}

/// Stages the answer to each route. `goes_on` is told how many are done, and whether to go
/// on is what it says; `None` where it says no.
pub(super) fn stage<'a>(
    site: &Site,
    routes: &'a [Route],
    output: &Output,
    options: &BuildOptions,
    finish: &Finish,
    goes_on: &(dyn Fn(usize) -> bool + Sync),
) -> Option<Answers<'a>> {
    let taken: HashSet<&str> = routes.iter().map(|route| route.file.as_str()).collect();
    let done = AtomicUsize::new(0);
    let is_stopped = AtomicBool::new(!goes_on(0));
    let outcomes = parallel::map(routes, options.threads, RENDER_STACK_BYTES, |route| {
        if is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let outcome = stage_one(site, route, output, options, finish, &taken);
        if !goes_on(done.fetch_add(1, Ordering::Relaxed) + 1) {
            is_stopped.store(true, Ordering::Relaxed);
        }
        Some(outcome)
    });
    let outcomes: Vec<Outcome> = outcomes.into_iter().collect::<Option<_>>()?;
    Some(Answers { routes, outcomes })
}

fn stage_one(
    site: &Site,
    route: &Route,
    output: &Output,
    options: &BuildOptions,
    finish: &Finish,
    taken: &HashSet<&str>,
) -> Outcome {
    let Some(answer) = ask(site, &route.path, options) else {
        return Outcome::Failed(format!("`{}`: no request can have its path", route.source));
    };
    match answer.status {
        StatusCode::OK => {
            match stage_answer(site, route, &answer, output, options, finish, taken) {
                Ok(outcome) => outcome,
                Err(error) => Outcome::Failed(error),
            }
        }
        StatusCode::NOT_FOUND => Outcome::LeftOut,
        status => Outcome::Failed(match &answer.note.message {
            Some(message) => without_severity(message),
            None => format!("`{}` is answered with status {}", route.source, status.as_str()),
        }),
    }
}

fn stage_answer(
    site: &Site,
    route: &Route,
    answer: &Prepared,
    output: &Output,
    options: &BuildOptions,
    finish: &Finish,
    taken: &HashSet<&str>,
) -> Result<Outcome, String> {
    let body = finish.finished(route, answer);
    let body = body.map_err(|error| format!("`{}` cannot be read: {error}", route.source))?;
    let is_new = output.put(&route.file, &body)?;
    let content_type = answer.get("Content-Type").unwrap_or_default().to_owned();
    let compressed = match options.is_compressed {
        true => compress::stage(route, &content_type, &body, is_new, output, taken)?,
        false => (0, 0),
    };
    let of_script = || scripts::warning(site, route, &content_type, &body, options);
    let warning = answer.note.message.clone().or_else(of_script);
    Ok(Outcome::Staged { content_type, bytes: body.len(), compressed, warning })
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

    /// The number of compressed forms, and their size.
    pub(super) fn compressed(&self) -> (usize, u64) {
        let counts = self.outcomes.iter().map(|outcome| match outcome {
            Outcome::Staged { compressed, .. } => *compressed,
            Outcome::LeftOut | Outcome::Failed(_) => (0, 0),
        });
        counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
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
    output: &Output,
    options: &BuildOptions,
) -> Result<u64, String> {
    // Where a page answers all that is missing, hosts that know only this one get that.
    let fallback = options.rules.fallback.as_ref().map(UrlPath::encoded);
    let head = RequestHead::get(&fallback.unwrap_or("/404".to_owned()), HOST).as_navigation();
    let answer = head.with_request(|request| site.respond(request, options.now).at_once());
    let body = answer.map_or_else(Body::empty, |answer| answer.body.clone());
    output.put(NOT_FOUND, &body)?;
    Ok(body.len())
}

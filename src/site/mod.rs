//! The folder of pages: which file answers a request, what bytes it becomes, and
//! what is said where something is wrong with it.
//!
//! Knows no sockets, no threads of its own, and no configuration file: a page can
//! be had without a port.

mod asset;
mod builtin;
mod context;
mod fallback;
mod help;
mod nearest;
mod reads;
mod report;
mod root;
mod routes;
mod scan;
mod stamp;
mod template;

use std::{error::Error as _, path::Path, sync::Arc};

use globset::{Glob, GlobBuilder, GlobSet};

use crate::http::{StatusCode, request::Request, response::Response, url_path::UrlPath};

pub use context::SiteValues;
pub use fallback::{status_page, wants_html};
pub use root::RootError;
pub use template::RENDER_STACK_BYTES;

use help::Circumstances;
use reads::Reads;
use report::Report;
use root::{OpenFile, Root, Unreadable};
use routes::Route;
use template::{LoadError, Templates};

/// How a folder is served.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// Error pages give the status alone, and no page tells how to write one.
    pub production: bool,
    /// What answers where no file matches.
    pub fallback: Fallback,
    /// What templates see as `site`.
    pub site: SiteValues,
    /// Globs over the paths of files, from the root, that are served as they
    /// are though their names end in `.html`. `*` stays within a folder, `**`
    /// does not.
    pub exclude: Vec<String>,
    /// The work that rendering one page may take, in instructions of the
    /// template engine; 64 bytes written count as one.
    pub fuel: u64,
}

/// What answers where no file matches, unless the site has a `404.html`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The path-echo page, status 200.
    Echo,
    /// A page that says so, status 404.
    NotFound,
}

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The folder is none, or cannot be read.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A glob of `exclude` is malformed.
    #[error("`templates.exclude` holds a pattern that cannot be read: {0}")]
    Exclude(#[from] globset::Error),
}

/// A folder of pages, ready to answer requests on any number of threads.
#[derive(Debug)]
pub struct Site {
    root: Arc<Root>,
    templates: Templates,
    exclude: GlobSet,
    production: bool,
    fallback: Fallback,
    values: SiteValues,
}

/// A request, and its path where a file can have such a name.
#[derive(Clone, Copy)]
struct Asked<'a> {
    request: &'a Request<'a>,
    path: Option<&'a UrlPath>,
}

impl Site {
    /// Opens the folder `root`. Reads nothing in it yet: a page is compiled when
    /// it is first asked for.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be read, or a glob is malformed.
    pub fn open(root: &Path, options: SiteOptions) -> Result<Self, SiteError> {
        let root = Arc::new(Root::open(root)?);
        Ok(Self {
            templates: Templates::new(Arc::clone(&root), options.fuel),
            exclude: compile_globs(&options.exclude)?,
            production: options.production,
            fallback: options.fallback,
            values: options.site,
            root,
        })
    }

    /// Counts the pages: the `.html` files that are not private. Walks through
    /// the whole folder.
    pub fn count_pages(&self) -> usize {
        scan::count_pages(&self.root)
    }

    /// Answers a GET or a HEAD, both alike; the body of the answer to a HEAD is
    /// for the server to leave out.
    pub fn respond(&self, request: &Request<'_>) -> Response {
        let path = UrlPath::parse(request.target.path());
        let asked = Asked { request, path: path.as_ref() };
        let route = asked.path.map_or(Ok(Route::Nothing), |path| routes::find(&self.root, path));
        match route {
            Ok(Route::File(file)) => self.file(StatusCode::OK, file, asked),
            Ok(Route::Redirect(path)) => fallback::redirect(&path, request.target.query()),
            Ok(Route::Nothing) => self.fallback(asked),
            Err(unreadable) => self.unreadable(&unreadable, asked),
        }
    }

    /// Answers with a file: rendered where it is a page, else as it is.
    fn file(&self, status: StatusCode, file: OpenFile, asked: Asked<'_>) -> Response {
        if file.name.ends_with(".html") && !self.exclude.is_match(&file.name) {
            self.page(status, file, asked)
        } else {
            asset::respond(status, file)
        }
    }

    fn page(&self, status: StatusCode, file: OpenFile, asked: Asked<'_>) -> Response {
        let context = context::of_request(asked.request, asked.path, &file.name, &self.values);
        let (rendered, reads) = self.templates.render(&file.name, context.clone());
        let error = match rendered {
            Ok(html) => {
                let cache = if status == StatusCode::OK { "no-cache" } else { "no-store" };
                let mut response = Response::html(status, html).with("Cache-Control", cache);
                response.note.source = reads.source();
                return response;
            }
            Err(error) => error,
        };
        // Without a line it is the page itself that could not be loaded.
        let load_error = error.source().and_then(|source| source.downcast_ref::<LoadError>());
        match load_error.filter(|_| error.line().is_none()) {
            Some(reason @ (LoadError::NotUtf8(_) | LoadError::TooLarge(_))) => {
                untemplated(status, file, reason)
            }
            Some(LoadError::Unreadable(unreadable)) => self.unreadable(unreadable, asked),
            // It went away since its route was found.
            _ if reads.files.is_empty() && reads.missing == [file.name.as_str()] => {
                self.nothing(asked)
            }
            _ => self.failure(&error, &file.name, &context, &reads, asked),
        }
    }

    /// Answers a page that cannot be rendered with the report of why.
    fn failure(
        &self,
        error: &minijinja::Error,
        page: &str,
        context: &minijinja::Value,
        reads: &Reads,
        asked: Asked<'_>,
    ) -> Response {
        let circumstances = Circumstances {
            context,
            missing: &reads.missing,
            template_names: &|| scan::template_names(&self.root),
        };
        let report = Report::new(error, page, &circumstances);
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let wants_html = wants_html(asked.request.headers);
        let mut response = match (self.production, wants_html) {
            (true, _) => status_page(status, None, wants_html),
            (false, true) => Response::html(status, report.html()),
            (false, false) => Response::text(status, report.text()),
        };
        response.set("Cache-Control", "no-store");
        response.note.source = reads.source();
        response.note.message = Some(report.text());
        response
    }

    /// Answers where no file matches: the site's own `404.html`, or the fallback.
    fn fallback(&self, asked: Asked<'_>) -> Response {
        match self.root.open_file("404.html").map(root::Opening::into_file) {
            Ok(Some(file)) => {
                self.file(StatusCode::NOT_FOUND, file, asked).with("Cache-Control", "no-store")
            }
            Ok(None) => self.nothing(asked),
            Err(unreadable) => self.unreadable(&unreadable, asked),
        }
    }

    fn nothing(&self, asked: Asked<'_>) -> Response {
        match self.fallback {
            Fallback::Echo => {
                let root = (!self.production).then_some(&*self.root);
                fallback::echo(asked.request, asked.path, root)
            }
            Fallback::NotFound => {
                status_page(StatusCode::NOT_FOUND, None, wants_html(asked.request.headers))
            }
        }
    }

    /// Answers where a file is there but cannot be read.
    fn unreadable(&self, unreadable: &Unreadable, asked: Asked<'_>) -> Response {
        let (status, retry_secs) = match unreadable {
            _ if unreadable.is_out_of_descriptors() => (StatusCode::SERVICE_UNAVAILABLE, Some("1")),
            _ if unreadable.is_permission() => (StatusCode::FORBIDDEN, None),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        let message = unreadable.to_string();
        let reason = (!self.production).then_some(message.as_str());
        let mut response = status_page(status, reason, wants_html(asked.request.headers));
        if let Some(secs) = retry_secs {
            response.set("Retry-After", secs);
        }
        response.note.message = Some(message);
        response
    }
}

/// Serves a page as it is that cannot be a template, and says so at the terminal.
fn untemplated(status: StatusCode, file: OpenFile, reason: &LoadError) -> Response {
    let (what, mut response) = match reason {
        LoadError::NotUtf8(_) => {
            ("save it as UTF-8", asset::respond_html_of_unknown_encoding(status, file))
        }
        _ => ("make it smaller", asset::respond(status, file)),
    };
    response.note.message = Some(format!(
        "warning: {reason}: it is served as it is, and not as a template; {what}, or name it in \
         `templates.exclude`"
    ));
    response
}

fn compile_globs(globs: &[String]) -> Result<GlobSet, globset::Error> {
    let compile = |glob: &String| GlobBuilder::new(glob).literal_separator(true).build();
    let compiled = globs.iter().map(compile).collect::<Result<Vec<Glob>, _>>()?;
    GlobSet::new(compiled)
}

#[cfg(test)]
mod tests;

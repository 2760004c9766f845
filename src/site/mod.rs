//! The folder of pages: which file answers a request, what bytes it becomes, and
//! what is said where something is wrong with it.
//!
//! Knows no sockets, no threads of its own, and no configuration file: a page can
//! be had without a port.

mod asset;
mod builtin;
mod cache;
mod cache_control;
mod code;
mod compress;
mod content_type;
mod context;
mod document;
mod fallback;
mod folder;
mod help;
mod language;
mod later;
mod limits;
mod made;
mod names;
mod nearest;
mod options;
mod page;
mod preparation;
mod reads;
mod renamed;
mod rendering;
mod report;
mod representation;
mod resource;
mod root;
mod routes;
mod scan;
mod snippet;
mod source;
mod stamp;
mod stored;
mod syntax;
mod system;
mod template;
mod variant;

use std::{borrow::Cow, path::Path, sync::Arc, time::SystemTime};

use globset::{Glob, GlobBuilder, GlobSet};

use crate::{
    background::Background,
    http::{
        StatusCode, answer::Answer, prepared::Prepared, request::Request, response::Response,
        url_path::UrlPath,
    },
};

pub use cache::Inputs;
pub use context::SiteValues;
pub use fallback::{status_page, wants_html};
pub use options::{Fallback, SiteOptions};
pub use preparation::Preparation;
pub use rendering::{Kind, Look, Rendering, Sent};
pub use resource::{Resource, ResourceKind};
pub use root::RootError;
pub use snippet::Snippet;
pub use template::RENDER_STACK_BYTES;

use cache::Cache;
use content_type::ContentTypes;
use folder::{Folder, OpenFile, Unreadable};
use made::{Content, Made};
use names::Names;
use rendering::Renderings;
use root::Root;
use routes::Route;
use source::Searched;
use template::Templates;

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
    root: Root,
    templates: Templates,
    searched: Searched,
    cache: Cache,
    names: Names,
    types: ContentTypes,
    exclude: GlobSet,
    production: bool,
    fallback: Fallback,
    values: SiteValues,
    editor: Option<String>,
    snippet: Option<Snippet>,
    preparation: Preparation,
    background: Option<Background>,
    renderings: Renderings,
}

/// A request with what the answer to it depends on besides the files.
#[derive(Clone, Copy)]
struct Asked<'a> {
    site: &'a Site,
    request: &'a Request<'a>,
    /// Its path, where a file can have such a name.
    path: Option<&'a UrlPath>,
    /// Where everything that answers it is found.
    folder: &'a Arc<Folder>,
    /// Whether it counts which files were looked up, even for this one answer.
    is_followed: bool,
    now: SystemTime,
}

impl Asked<'_> {
    fn prepare(&self, response: Response) -> Arc<Prepared> {
        self.site.preparation.prepare(self.request.target.path(), response)
    }

    /// What is kept for the path is kept under this: one of its many spellings, so that
    /// nobody can fill the cache with the others.
    fn key(&self) -> Cow<'_, str> {
        match self.path {
            Some(path) => path.encoded().into(),
            None => self.request.target.path().into(),
        }
    }

    /// A page that says `status` and nothing else.
    fn status(&self, status: StatusCode) -> Response {
        status_page(status, None, wants_html(self.request.headers))
    }
}

impl Site {
    /// Opens the folder `root`. Reads nothing in it yet: a page is compiled when
    /// it is first asked for.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be read, or a glob is malformed.
    pub fn open(root: &Path, options: SiteOptions) -> Result<Self, SiteError> {
        let interval = cache::interval(options.production);
        Ok(Self {
            root: Root::open(root, interval)?,
            templates: Templates::new(options.fuel, options.render_timeout),
            searched: Searched::default(),
            cache: Cache::new(options.cache_max_bytes, options.production),
            names: Names::new(interval),
            types: ContentTypes::new(&options.types),
            exclude: compile_globs(&options.exclude)?,
            production: options.production,
            fallback: options.fallback,
            values: options.site,
            editor: options.editor,
            snippet: options.snippet,
            preparation: options.preparation,
            background: options.background,
            renderings: Renderings::default(),
        })
    }

    /// Where the folder was at the start, absolute.
    pub fn folder(&self) -> &Path {
        self.root.first_path()
    }

    /// What every answer gets before it is sent.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// Counts the pages, the `.html` files that are not private, in a small folder or
    /// the beginning of a large one; and says whether that is all.
    pub fn count_pages(&self) -> (usize, bool) {
        scan::count_pages(&self.root.check())
    }

    /// Answers a GET or a HEAD that came at `now`, both alike; the body of the
    /// answer to a HEAD is for the server to leave out.
    pub fn respond(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        let target = request.target.path();
        let is_followed = self.snippet.is_some() && snippet::is_navigation(request.headers);
        let folder = self.root.current(now);
        let asked = Asked { site: self, request, path: None, folder: &folder, is_followed, now };
        let kept = self.cache.get(target, &folder, now);
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        let path = UrlPath::parse(target);
        let asked = Asked { path: path.as_ref(), ..asked };
        let kept = kept.or_else(|| self.cache.get(&asked.key(), &folder, now));
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        let again = kept.and_then(|entry| self.page_again(&entry, asked));
        self.answer(again.unwrap_or_else(|| self.make(asked)), asked)
    }

    /// Makes what answers a request.
    fn make(&self, asked: Asked<'_>) -> Made {
        let route = asked.path.map_or(Ok(Route::Nothing), |path| routes::find(asked.folder, path));
        match route {
            Ok(Route::File { file, missed }) => {
                let mut inputs = Inputs::default();
                let page = self.coded_page(&file.name).map(str::to_owned);
                for name in missed.iter().chain(&page) {
                    inputs.add_missed(name, asked.folder);
                }
                match page.and_then(|page| inputs.stamp(&page)?) {
                    Some(stamp) if stamp.is_file() => self.fallback(asked),
                    _ => self.make_of(file, inputs, asked),
                }
            }
            Ok(Route::Redirect(path)) => {
                let response = fallback::redirect(&path, asked.request.target.query());
                Made::once(response, Kind::Other, self.candidates(asked))
            }
            Ok(Route::Nothing) => self.fallback(asked),
            Err(unreadable) => self.unreadable(&unreadable, self.candidates(asked), asked),
        }
    }

    /// The names of all files that would answer, where they count.
    fn candidates(&self, asked: Asked<'_>) -> Inputs {
        let mut inputs = Inputs::default();
        for path in asked.path.into_iter().filter(|_| asked.is_followed) {
            for name in routes::files_looked_for(path) {
                inputs.add_name(&name, asked.folder);
            }
        }
        inputs
    }

    /// Makes of a file what it is served as: rendered where it is a page, else as
    /// it is.
    fn make_of(&self, file: OpenFile, inputs: Inputs, asked: Asked<'_>) -> Made {
        if self.is_page(&file.name) {
            self.page(file, inputs, asked)
        } else {
            self.asset(file, inputs, asked)
        }
    }

    /// Whether the file `name` is a template.
    fn is_page(&self, name: &str) -> bool {
        name.ends_with(".html") && !self.exclude.is_match(name)
    }

    /// The page of which `name` would be the compressed form, as tools write it for all
    /// files of a folder. It holds the source of the template, which is never sent.
    fn coded_page<'a>(&self, name: &'a str) -> Option<&'a str> {
        asset::uncoded_name(name).filter(|name| self.is_page(name))
    }

    /// Answers where a file is there but cannot be read.
    fn unreadable(&self, unreadable: &Unreadable, inputs: Inputs, asked: Asked<'_>) -> Made {
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
        Made::once(response, Kind::Other, inputs)
    }
}

fn compile_globs(globs: &[String]) -> Result<GlobSet, globset::Error> {
    let compile = |glob: &String| GlobBuilder::new(glob).literal_separator(true).build();
    let compiled = globs.iter().map(compile).collect::<Result<Vec<Glob>, _>>()?;
    GlobSet::new(compiled)
}

#[cfg(test)]
mod tests;

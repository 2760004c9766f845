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
mod finished;
mod help;
mod language;
mod limits;
mod made;
mod nearest;
mod page;
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
mod stamp;
mod syntax;
mod template;

use std::time::{Duration, SystemTime};
use std::{collections::BTreeMap, mem, path::Path, sync::Arc};

use globset::{Glob, GlobBuilder, GlobSet};

use crate::http::{
    StatusCode, prepared::Prepared, request::Request, response::Response, url_path::UrlPath,
};

pub use cache::Inputs;
pub use context::SiteValues;
pub use fallback::{status_page, wants_html};
pub use rendering::{Kind, Look, Rendering, Sent};
pub use resource::{Resource, ResourceKind};
pub use root::RootError;
pub use snippet::Snippet;
pub use template::RENDER_STACK_BYTES;

use cache::{Cache, Kept};
use content_type::ContentTypes;
use made::{Content, Made};
use rendering::Renderings;
use root::{OpenFile, Root, Unreadable};
use routes::Route;
use template::Templates;

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
    /// The time that rendering one page may take.
    pub render_timeout: Duration,
    /// Media types by file extension, in place of the usual ones.
    pub types: BTreeMap<String, String>,
    /// The memory that finished answers may take, in bytes.
    pub cache_max_bytes: u64,
    /// A pattern for URLs that open `{file}` in an editor, at `{line}` and `{column}`.
    pub editor: Option<String>,
    /// What goes into each page that a browser is about to show.
    pub snippet: Option<Snippet>,
}

impl Default for SiteOptions {
    /// Development with the usual limits: no values for pages, and no live editing.
    fn default() -> Self {
        Self {
            production: false,
            fallback: Fallback::Echo,
            site: SiteValues::default(),
            exclude: Vec::new(),
            fuel: 1_000_000,
            render_timeout: Duration::from_secs(5),
            types: BTreeMap::new(),
            cache_max_bytes: 64 * 1024 * 1024,
            editor: None,
            snippet: None,
        }
    }
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
    cache: Cache,
    types: ContentTypes,
    exclude: GlobSet,
    production: bool,
    fallback: Fallback,
    values: SiteValues,
    editor: Option<String>,
    snippet: Option<Snippet>,
    renderings: Renderings,
}

/// A request with what the answer to it depends on besides the files.
#[derive(Clone, Copy)]
struct Asked<'a> {
    request: &'a Request<'a>,
    /// Its path, where a file can have such a name.
    path: Option<&'a UrlPath>,
    /// Whether it counts which files were looked up, even for this one answer.
    is_followed: bool,
    now: SystemTime,
    finish: &'a dyn Fn(&mut Response),
}

impl Asked<'_> {
    fn prepare(&self, mut response: Response) -> Arc<Prepared> {
        (self.finish)(&mut response);
        response.into()
    }
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
            templates: Templates::new(Arc::clone(&root), options.fuel, options.render_timeout),
            cache: Cache::new(options.cache_max_bytes, options.production),
            types: ContentTypes::new(&options.types),
            exclude: compile_globs(&options.exclude)?,
            production: options.production,
            fallback: options.fallback,
            values: options.site,
            editor: options.editor,
            snippet: options.snippet,
            renderings: Renderings::default(),
            root,
        })
    }

    /// The folder itself, absolute.
    pub fn folder(&self) -> &Path {
        self.root.folder()
    }

    /// Counts the pages, the `.html` files that are not private, in a small folder or
    /// the beginning of a large one; and says whether that is all.
    pub fn count_pages(&self) -> (usize, bool) {
        scan::count_pages(&self.root)
    }

    /// Answers a GET or a HEAD that came at `now`, both alike; the body of the
    /// answer to a HEAD is for the server to leave out.
    ///
    /// `finish` has the last word on each answer before it is prepared. It must make
    /// the same of the same answer for the same path, since answers are kept.
    pub fn respond(
        &self,
        request: &Request<'_>,
        now: SystemTime,
        finish: &dyn Fn(&mut Response),
    ) -> Arc<Prepared> {
        let target = request.target.path();
        let is_followed = self.snippet.is_some() && snippet::is_navigation(request.headers);
        let asked = Asked { request, path: None, is_followed, now, finish };
        let kept = self.cache.get(target, &self.root, now);
        if let Some(entry) = &kept
            && let Kept::Answer(answer) = &entry.kept
        {
            return self.answer_kept(answer, &entry.inputs, asked);
        }
        let path = UrlPath::parse(target);
        let asked = Asked { path: path.as_ref(), ..asked };
        let again = kept.and_then(|entry| self.page_again(&entry, asked));
        self.answer(again.unwrap_or_else(|| self.make(asked)), asked)
    }

    /// Makes what answers a request.
    fn make(&self, asked: Asked<'_>) -> Made {
        let route = asked.path.map_or(Ok(Route::Nothing), |path| routes::find(&self.root, path));
        match route {
            Ok(Route::File { file, missed }) => {
                let mut inputs = Inputs::default();
                for name in missed {
                    inputs.add_missed(&name, &self.root);
                }
                self.make_of(file, inputs, asked)
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
                inputs.add_name(&name, &self.root);
            }
        }
        inputs
    }

    /// Makes of a file what it is served as: rendered where it is a page, else as
    /// it is.
    fn make_of(&self, file: OpenFile, inputs: Inputs, asked: Asked<'_>) -> Made {
        if file.name.ends_with(".html") && !self.exclude.is_match(&file.name) {
            self.page(file, inputs, asked)
        } else {
            self.asset(file, inputs, asked)
        }
    }

    fn asset(&self, file: OpenFile, mut inputs: Inputs, asked: Asked<'_>) -> Made {
        let content_type = self.types.of(&file.name);
        let cache_control = cache_control::of_asset(&file.name, self.production);
        let (root, now) = (&self.root, asked.now);
        let made = if asset::is_small(&file) {
            asset::read(root, &file, content_type, &mut inputs, now).map(|mut finished| {
                finished.cache_control = cache_control;
                Made::for_all(finished, mem::take(&mut inputs))
            })
        } else {
            let is_settled = file.stamp.is_settled_at(now);
            inputs.add_file(file.name.as_str().into(), file.stamp, is_settled);
            asset::stream(root, file, &content_type, cache_control, asked.request, now)
                .map(|response| Made::once(response, Kind::Page, mem::take(&mut inputs)))
        };
        made.unwrap_or_else(|unreadable| self.unreadable(&unreadable, inputs, asked))
    }

    /// Answers where no file matches: the site's own `404.html`, or the fallback.
    fn fallback(&self, asked: Asked<'_>) -> Made {
        let mut inputs = self.candidates(asked);
        let file = match self.root.open_file("404.html").map(root::Opening::into_file) {
            Ok(Some(file)) => file,
            Ok(None) => return self.nothing(inputs, asked),
            Err(unreadable) => {
                inputs.add_name(&unreadable.name, &self.root);
                return self.unreadable(&unreadable, inputs, asked);
            }
        };
        let made = self.make_of(file, inputs, asked);
        let response = match made.content {
            Content::Finished(finished) => finished.plain_response(StatusCode::NOT_FOUND),
            Content::Response(mut response) if response.status == StatusCode::OK => {
                response.status = StatusCode::NOT_FOUND;
                response
            }
            Content::Response(response) => return Made::once(response, made.kind, made.inputs),
        };
        let response = response.with("Cache-Control", "no-store");
        Made::once(response, Kind::Fallback, made.inputs)
    }

    fn nothing(&self, mut inputs: Inputs, asked: Asked<'_>) -> Made {
        if asked.is_followed {
            inputs.add_name("404.html", &self.root);
        }
        let response = match self.fallback {
            Fallback::Echo => {
                let root = (!self.production).then_some(&*self.root);
                fallback::echo(asked.request, asked.path, root)
            }
            Fallback::NotFound => {
                status_page(StatusCode::NOT_FOUND, None, wants_html(asked.request.headers))
            }
        };
        Made::once(response, Kind::Fallback, inputs)
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

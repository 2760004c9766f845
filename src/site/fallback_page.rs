//! The page that answers in place of all that is missing, as an application with a router
//! of its own in the browser needs it.

use crate::http::{StatusCode, purpose::Purpose, response::Response, url_path::UrlPath};

use crate::site::{
    Site,
    files::{dependencies::Dependencies, folder::Opening},
    naming::Naming,
    options::Fallback,
    request_context::RequestContext,
    resolution::{Content, Kind, Resolution},
    respond::Found,
};

/// What the page is kept under, which no path is: one representation for all paths.
const FALLBACK_PAGE: &str = "fallback";

impl Site {
    /// The page that `fallback` names, where the request is for a page. Adds the names that
    /// were looked up to `dependencies` where there is no such page.
    pub(crate) fn fallback_page(
        &self,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Option<Resolution> {
        let Fallback::Page(page) = &self.fallback else { return None };
        if !is_for_page(&self.naming, asked) {
            return None;
        }
        let kept = self.cache.get(FALLBACK_PAGE, asked.folder, asked.now, asked.request.arrived_by);
        let make = || self.fallback_file(page, asked);
        let mut made = match self.find_or_make(FALLBACK_PAGE, kept, asked, make) {
            Found::Shared(shared, own, opened) => {
                let content = Content::Kept(shared.stored.clone());
                Resolution { opened, ..Resolution::new(content, Kind::Page, (*own).clone()) }
            }
            Found::Own(made) => for_many_paths(made),
        };
        if made.kind == Kind::Fallback {
            dependencies.extend(&made.dependencies);
            return None;
        }
        made.dependencies.extend(dependencies);
        if made.kind == Kind::Page {
            made.kind = Kind::FallbackPage;
        }
        Some(made)
    }

    /// What the file is made into; a resolution of the kind `Fallback` where it is not there.
    fn fallback_file(&self, page: &UrlPath, asked: RequestContext<'_>) -> Resolution {
        let mut dependencies = Dependencies::default();
        let name = page.relative();
        let opened = match self.naming.is_private(name) {
            true => Ok(None),
            false => asked.folder.open_file(name).map(Opening::into_file),
        };
        match opened {
            Ok(Some(file)) if !self.hides(&file, asked) => {
                for_many_paths(self.make_of(file, dependencies, asked))
            }
            Ok(_) => {
                dependencies.add_name(name, asked.folder);
                Resolution::once(not_there(), Kind::Fallback, dependencies)
            }
            Err(unreadable) => {
                dependencies.add_name(&unreadable.name, asked.folder);
                self.unreadable(&unreadable, dependencies, asked)
            }
        }
    }

    /// Why the page that `fallback` names answers nothing, for the terminal at the start.
    pub fn fallback_warning(&self) -> Option<String> {
        let Fallback::Page(page) = &self.fallback else { return None };
        let folder = self.root.check();
        let why = if self.naming.is_private(page.relative()) {
            "a name that begins with `_` or `.` answers no request".to_owned()
        } else if folder.open_file(page.relative()).is_ok_and(|file| file.into_file().is_none()) {
            format!("there is no file `{}`", folder.shown(page.relative()))
        } else {
            return None;
        };
        let page = page.as_str();
        Some(format!(
            "warning: `fallback` names `{page}`, but {why}; as long as that is so, paths without \
             a file get 404"
        ))
    }

    /// Why a request for which there is no file does not get the page that `fallback` names.
    pub(crate) fn fallback_reason(&self, page: &UrlPath, asked: RequestContext<'_>) -> String {
        let page = page.as_str();
        match is_for_page(&self.naming, asked) {
            true => format!(
                "there is no file for this path, and none for `{page}`, which `fallback` names"
            ),
            false => format!(
                "there is no file for this path; `fallback` answers with `{page}` only where a \
                 browser opens a page (`Accept: text/html`), and no path of an asset"
            ),
        }
    }
}

/// Whether a browser is about to show the answer as a page, and the path is not that of an
/// asset.
fn is_for_page(naming: &Naming, asked: RequestContext<'_>) -> bool {
    let name = asked.path.map_or(asked.request.target.path(), UrlPath::as_str);
    Purpose::of(asked.request.headers) == Purpose::Page && !naming.is_known_asset(name)
}

fn for_many_paths(mut made: Resolution) -> Resolution {
    if let Content::Shared(stored) | Content::Stored(stored, _) = &mut made.content {
        stored.is_for_many_paths = true;
    }
    made
}

/// Stands for a page that is not there.
fn not_there() -> Response {
    Response::empty(StatusCode::NOT_FOUND)
}

//! Answers where no file matches: the page that `fallback` names, `404.html`, the path-echo
//! page, or a plain 404.

use minijinja::{context, value::Serde};

use crate::http::{
    StatusCode, purpose::Purpose, request::Request, response::Response, url_path::UrlPath,
};

use crate::site::{
    Site,
    advice::{Advice, advisor::Advisor},
    builtin::{self, redirect_page, status_page},
    each::missing::MissingRow,
    files::{
        dependencies::Dependencies,
        folder::{OpenFile, Opening},
    },
    naming::NOT_FOUND_PAGE,
    options::Fallback,
    representation::stored::StoredRepresentation,
    request_context::RequestContext,
    resolution::{Content, Kind, Resolution},
    respond::Found,
};

impl Site {
    /// Answers where no file matches: the page that `fallback` names, the site's own
    /// `404.html`, the path-echo page, or a plain 404. Where a file stands for many pages,
    /// and for none of this path, that is `missing`: then there is no page by any name.
    pub(crate) fn fallback(
        &self,
        missing: Option<&MissingRow>,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let mut dependencies = self.candidates(asked);
        match missing {
            Some(missing) if asked.is_followed => dependencies.extend(&missing.dependencies),
            Some(_) => {}
            None => {
                if let Some(page) = self.fallback_page(&mut dependencies, asked) {
                    return page;
                }
            }
        }
        let kept =
            self.cache.get(NOT_FOUND_PAGE, asked.folder, asked.now, asked.request.arrived_by);
        match self.find_or_make(NOT_FOUND_PAGE, kept, asked, || self.not_found_file(missing, asked))
        {
            Found::Shared(shared, own, opened) => {
                dependencies.extend(&own);
                not_found(&shared.stored, dependencies, asked, opened)
            }
            Found::Own(made) => {
                dependencies.extend(&made.dependencies);
                match made.content {
                    Content::Shared(stored) | Content::Stored(stored, _) => {
                        not_found(&stored, dependencies, asked, made.opened)
                    }
                    Content::Kept(stored) => not_found(&stored, dependencies, asked, made.opened),
                    Content::Response(response, _) => {
                        Resolution::once(response, made.kind, dependencies)
                    }
                }
            }
        }
    }

    /// What the page `404.html` is made into, or the fallback where there is none.
    fn not_found_file(
        &self,
        missing: Option<&MissingRow>,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let mut dependencies = Dependencies::default();
        match asked.folder.open_file(NOT_FOUND_PAGE).map(Opening::into_file) {
            Ok(Some(file)) if !self.hides(&file, asked) => self.make_of(file, dependencies, asked),
            Ok(_) => self.nothing(missing, dependencies, asked),
            Err(unreadable) => {
                dependencies.add_name(&unreadable.name, asked.folder);
                self.unreadable(&unreadable, dependencies, asked)
            }
        }
    }

    pub(crate) fn nothing(
        &self,
        missing: Option<&MissingRow>,
        mut dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        if asked.is_followed {
            dependencies.add_name(NOT_FOUND_PAGE, asked.folder);
        }
        let not_found = |reason: Option<&str>| {
            status_page(StatusCode::NOT_FOUND, reason, asked.request.headers.wants_html())
        };
        let response = match &self.fallback {
            Fallback::Echo => {
                let (naming, names) = (&self.naming, &self.names);
                let (folder, base_path, now) = (asked.folder, &self.base_path, asked.now);
                let advisor = Advisor { naming, folder, names, base_path, now };
                echo(asked.request, asked.path, missing, advisor, !self.production)
            }
            Fallback::NotFound | Fallback::Page(_)
                if let Some(missing) = missing.filter(|_| !self.production) =>
            {
                not_found(Some(&missing.reason()))
            }
            Fallback::Page(page) if !self.production => {
                not_found(Some(&self.fallback_reason(page, asked)))
            }
            Fallback::NotFound | Fallback::Page(_) => not_found(None),
        };
        Resolution::once(response, Kind::Fallback, dependencies)
    }
}

/// The page `404.html`, whatever path it answers.
fn not_found(
    stored: &StoredRepresentation,
    dependencies: Dependencies,
    asked: RequestContext<'_>,
    opened: Option<OpenFile>,
) -> Resolution {
    let found = stored.with_status(StatusCode::NOT_FOUND, asked, opened);
    let response = found.unwrap_or_else(|| asked.status(StatusCode::NOT_FOUND));
    Resolution::once(response.with("Cache-Control", "no-store"), Kind::Fallback, dependencies)
}

/// The path-echo page. Where `advises`, the page may advise how to create the missing page.
pub(crate) fn echo(
    request: &Request<'_>,
    path: Option<&UrlPath>,
    missing: Option<&MissingRow>,
    advisor: Advisor<'_>,
    advises: bool,
) -> Response {
    let target = advisor.base_path.with(request.target.raw());
    let is_for_part = Purpose::of(request.headers).needs_the_file();
    let advise = || path.map(|path| Advice::new(path, missing, advisor)).unwrap_or_default();
    // Nobody reads it in the place of an image, and it compares many names.
    let advice = Serde((advises && !is_for_part).then(advise));
    let html = builtin::render("echo.html", context! { target, advice });
    // The browser's console then shows that the part is missing.
    let is_found = !is_for_part && missing.is_none();
    let status = if is_found { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Response::html(status, html).with("Cache-Control", "no-store")
}

/// A permanent redirect to another path, the query kept.
pub fn redirect(mut location: String, query: Option<&str>) -> Response {
    if let Some(query) = query {
        location.push('?');
        location.push_str(query);
    }
    redirect_page(StatusCode::MOVED_PERMANENTLY, location)
}

//! The files that would answer a path.

use crate::{
    http::url_path::UrlPath,
    site::naming::{
        FileKind, Naming,
        parts::{file_name, may_follow_day},
    },
};

/// A file that would answer a path, were it there.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// Where the file's own path is, if not the one asked for.
    pub(crate) redirect: Option<UrlPath>,
    /// Whether it is each file with a day before the own name of the page `name`, which has no
    /// extension.
    pub(crate) is_dated: bool,
}

impl Naming {
    /// The files that would answer `path`, in the order in which they are looked for.
    pub(crate) fn candidates(&self, path: &UrlPath) -> Vec<Candidate> {
        let mut candidates = self.candidates_of_any(path);
        candidates.retain(|candidate| !self.is_private(&candidate.name));
        candidates
    }

    /// The same, even if no request gets them.
    pub(crate) fn candidates_of_any(&self, path: &UrlPath) -> Vec<Candidate> {
        let relative = path.relative();
        let here = |name: String| {
            let redirect = self.undated(&name).and_then(|page| UrlPath::of_name(&page, false));
            Candidate { name, redirect, is_dated: false }
        };
        let elsewhere = |name: String| {
            let candidate = here(name);
            let redirect = candidate.redirect.or(Some(path.with_folder(!path.is_folder())));
            Candidate { redirect, ..candidate }
        };
        let dated_as =
            |page: &str, redirect| Candidate { name: page.to_owned(), redirect, is_dated: true };
        let pages_of = |name: &str| -> Vec<String> {
            let extensions = self.page_extensions().iter();
            let names = extensions.map(|(extension, _)| format!("{name}{extension}"));
            // Markdown that is no template has no URL but its own.
            names.filter(|name| !self.is_excluded_markdown(name)).collect()
        };
        if relative.is_empty() {
            return pages_of("index").into_iter().map(here).collect();
        }
        let dated = self
            .may_be_dated(relative)
            .then(|| dated_as(relative, path.is_folder().then(|| path.with_folder(false))));
        let page = pages_of(relative).into_iter();
        let index = pages_of(&format!("{relative}/index")).into_iter();
        if path.is_folder() {
            return index.map(here).chain(page.map(elsewhere)).chain(dated).collect();
        }
        let redirect = match self.kind(relative) {
            // What it holds is for the server alone.
            FileKind::Markdown => self.path_of(relative),
            FileKind::Template | FileKind::Asset => {
                let text = self.text_of(relative).map(str::to_owned);
                text.or_else(|| self.undated(relative)).and_then(|it| UrlPath::of_name(&it, false))
            }
        };
        let template = self.template_of(relative).map(here);
        let file = Candidate { name: relative.to_owned(), redirect, is_dated: false };
        let pages = page.map(here).chain(dated).chain(index.map(elsewhere));
        // A build writes `a.md` as `a.html`, and hosts answer that name, too.
        let written = Self::page_written_as(relative).into_iter().flat_map(|page| {
            let others = pages_of(page).into_iter().filter(|name| name != relative);
            let dated = self.may_be_dated(page);
            others.map(here).chain(dated.then(|| dated_as(page, None)))
        });
        [file].into_iter().chain(template).chain(pages).chain(written).collect()
    }

    /// The names of the candidates, in the same order, but for those with a day.
    pub(crate) fn files_for(&self, path: &UrlPath) -> Vec<String> {
        let candidates = self.candidates(path).into_iter();
        candidates.filter(|candidate| !candidate.is_dated).map(|candidate| candidate.name).collect()
    }

    /// Whether a file with a day before its own name may be the page `page`, which has no
    /// extension.
    pub(crate) fn may_be_dated(&self, page: &str) -> bool {
        !self.is_plain() && may_follow_day(file_name(page))
    }
}

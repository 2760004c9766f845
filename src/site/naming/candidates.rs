//! The files that would answer a path.

use crate::{
    http::url_path::UrlPath,
    site::naming::{FileKind, Naming},
};

/// A file that would answer a path, were it there.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// Where the file's own path is, if not the one asked for.
    pub(crate) redirect: Option<UrlPath>,
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
        let here = |name: String| Candidate { name, redirect: None };
        let elsewhere = |name: String| {
            let redirect = Some(path.with_folder(!path.is_folder()));
            Candidate { name, redirect }
        };
        let pages = |name: &str| -> Vec<String> {
            let extensions = self.page_extensions().iter();
            let names = extensions.map(|(extension, _)| format!("{name}{extension}"));
            // Markdown that is no template has no URL but its own.
            names.filter(|name| !self.is_excluded_markdown(name)).collect()
        };
        if relative.is_empty() {
            return pages("index").into_iter().map(here).collect();
        }
        let page = pages(relative).into_iter();
        let index = pages(&format!("{relative}/index")).into_iter();
        if path.is_folder() {
            return index.map(here).chain(page.map(elsewhere)).collect();
        }
        let redirect = match self.kind(relative) {
            // What it holds is for the server alone.
            FileKind::Markdown => self.path_of(relative),
            FileKind::Template | FileKind::Asset => {
                self.text_of(relative).and_then(|text| UrlPath::of_name(text, false))
            }
        };
        let template = self.template_of(relative).map(here);
        let file = Candidate { name: relative.to_owned(), redirect };
        let pages = page.map(here).chain(index.map(elsewhere));
        [file].into_iter().chain(template).chain(pages).collect()
    }

    /// The names of the candidates, in the same order.
    pub(crate) fn files_for(&self, path: &UrlPath) -> Vec<String> {
        self.candidates(path).into_iter().map(|candidate| candidate.name).collect()
    }
}

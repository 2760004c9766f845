//! Which file answers a path: the routing table.

use crate::http::url_path::UrlPath;

use crate::site::files::folder::{Folder, OpenFile, Unreadable};

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Route {
    /// This file, as a page or as an asset.
    File {
        file: OpenFile,
        /// The names that would have come before it, and were not there.
        missed: Vec<String>,
    },
    /// The page is known under this other path.
    Redirect(UrlPath),
    /// No file.
    Nothing,
}

/// A file that would answer a path, were it there.
#[derive(Debug)]
struct Candidate {
    name: String,
    /// Where the file's own path is, if not the one asked for.
    redirect: Option<UrlPath>,
}

/// Finds what answers `path`: the first candidate that is there.
pub(crate) fn find(folder: &Folder, path: &UrlPath) -> Result<Route, Unreadable> {
    let mut missed = Vec::new();
    for candidate in candidates(path) {
        match (folder.open_file(&candidate.name)?.into_file(), candidate.redirect) {
            (Some(_), Some(path)) => return Ok(Route::Redirect(path)),
            (Some(file), None) => return Ok(Route::File { file, missed }),
            (None, _) => missed.push(candidate.name),
        }
    }
    Ok(Route::Nothing)
}

/// The files that would answer `path`, in the order in which they are looked for.
pub(crate) fn files_looked_for(path: &UrlPath) -> Vec<String> {
    candidates(path).into_iter().map(|candidate| candidate.name).collect()
}

/// The path under which the file `name` is known. `None` where no request can
/// name it.
pub(crate) fn path_of(name: &str) -> Option<UrlPath> {
    match name.strip_suffix(".html") {
        Some("index") => UrlPath::of_name("", true),
        Some(page) => match page.strip_suffix("/index") {
            Some(folder) => UrlPath::of_name(folder, true),
            None => UrlPath::of_name(page, false),
        },
        None => UrlPath::of_name(name, false),
    }
}

fn candidates(path: &UrlPath) -> Vec<Candidate> {
    let relative = path.relative();
    let here = |name: String| Candidate { name, redirect: None };
    let elsewhere = |name: String| {
        let redirect = Some(path.with_folder(!path.is_folder()));
        Candidate { name, redirect }
    };
    if path.is_private() {
        return Vec::new();
    }
    if relative.is_empty() {
        return vec![here("index.html".to_owned())];
    }
    let (page, index) = (format!("{relative}.html"), format!("{relative}/index.html"));
    if path.is_folder() {
        vec![here(index), elsewhere(page)]
    } else {
        vec![here(relative.to_owned()), here(page), elsewhere(index)]
    }
}

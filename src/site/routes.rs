//! Routing: the first candidate that exists answers a path.

use crate::http::url_path::UrlPath;

use crate::site::{
    files::folder::{Folder, OpenFile, Unreadable},
    naming::Naming,
};

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

/// Finds what answers `path`.
pub(crate) fn find(naming: &Naming, folder: &Folder, path: &UrlPath) -> Result<Route, Unreadable> {
    let mut missed = Vec::new();
    for candidate in naming.candidates(path) {
        match (folder.open_file(&candidate.name)?.into_file(), candidate.redirect) {
            (Some(_), Some(path)) => return Ok(Route::Redirect(path)),
            (Some(file), None) => return Ok(Route::File { file, missed }),
            (None, _) => missed.push(candidate.name),
        }
    }
    Ok(Route::Nothing)
}

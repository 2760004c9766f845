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
    /// The page of this file is known under this other path.
    Redirect(UrlPath, OpenFile),
    /// No file.
    Nothing,
}

/// How often a path is looked up whose file seems to come meanwhile.
const MAX_TRIES: usize = 3;

/// Finds what answers `path`. A link may be switched while the system follows it, and what
/// it led to be removed: a file then seems to be missing that was there all the time.
pub(crate) fn find(naming: &Naming, folder: &Folder, path: &UrlPath) -> Result<Route, Unreadable> {
    let is_there = |name: &String| folder.stamp(name).is_some_and(|stamp| stamp.is_file());
    for _ in 0..MAX_TRIES {
        let mut missed = Vec::new();
        for candidate in naming.candidates(path) {
            match (folder.open_file(&candidate.name)?.into_file(), candidate.redirect) {
                (Some(file), Some(path)) => return Ok(Route::Redirect(path, file)),
                (Some(file), None) => return Ok(Route::File { file, missed }),
                (None, _) => missed.push(candidate.name),
            }
        }
        if !missed.iter().any(is_there) {
            break;
        }
    }
    Ok(Route::Nothing)
}

//! Routing: the first candidate that exists answers a path.

use crate::http::url_path::UrlPath;

use crate::site::{
    files::folder::{Folder, OpenFile, Unreadable},
    naming::{Naming, candidates::Candidate},
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
    Redirect(UrlPath),
    /// No file.
    Nothing,
}

/// Finds what answers `path`. A file that is hidden from visitors claims no path: the next
/// candidate answers.
pub(crate) fn find(
    naming: &Naming,
    folder: &Folder,
    path: &UrlPath,
    mut is_hidden: impl FnMut(&OpenFile) -> bool,
) -> Result<Route, Unreadable> {
    let mut missed = Vec::new();
    for candidate in naming.candidates(path) {
        for name in files_of(&candidate, naming, folder) {
            match (folder.open_file(&name)?.into_file(), &candidate.redirect) {
                (Some(file), _) if is_hidden(&file) => {}
                (Some(_), Some(path)) => return Ok(Route::Redirect(path.clone())),
                (Some(file), None) => return Ok(Route::File { file, missed }),
                (None, _) => missed.push(name),
            }
        }
    }
    Ok(Route::Nothing)
}

/// The name of the file that answers `path`, or that it redirects to.
pub(crate) fn file_at(
    naming: &Naming,
    folder: &Folder,
    path: &UrlPath,
    is_hidden: impl Fn(&str) -> bool,
) -> Option<String> {
    let candidates = naming.candidates(path);
    let mut names = candidates.iter().flat_map(|candidate| files_of(candidate, naming, folder));
    names.find(|name| is_file(name, folder) && !is_hidden(name))
}

/// The names of the files that a candidate stands for.
fn files_of(candidate: &Candidate, naming: &Naming, folder: &Folder) -> Vec<String> {
    match candidate.is_dated {
        true => dated(&candidate.name, naming, folder),
        false => vec![candidate.name.clone()],
    }
}

/// The files with a day before their own names that make the page `page`, which has no
/// extension.
pub(crate) fn dated(page: &str, naming: &Naming, folder: &Folder) -> Vec<String> {
    let mut names = folder.dated(page);
    // The day is part of the name of a file that is excluded from being a template.
    names.retain(|name| naming.undated(name).is_some());
    names
}

fn is_file(name: &str, folder: &Folder) -> bool {
    folder.stamp(name).is_some_and(|stamp| stamp.is_file())
}

//! A walk through the whole folder: how many pages there are, and what names.

use std::ffi::OsStr;

use walkdir::{DirEntry, WalkDir};

use super::root::Root;

/// How many names are looked through for one that was mistyped: a few
/// milliseconds' worth.
const MAX_NAMES: usize = 5_000;

/// The number of pages: `.html` files that are not private.
pub(super) fn count_pages(root: &Root) -> usize {
    public_files(root).filter(is_html).count()
}

/// The names, from the root, of files that are served, as far as they are found
/// in the first [`MAX_NAMES`] of the folder.
pub(super) fn public_names(root: &Root) -> Vec<String> {
    names(root, public_files(root))
}

/// The same for the `.html` files that a template may use, private ones too.
pub(super) fn template_names(root: &Root) -> Vec<String> {
    names(root, files(root, |name| !is_hidden(name)).filter(is_html))
}

fn names(root: &Root, files: impl Iterator<Item = DirEntry>) -> Vec<String> {
    let below_root =
        |entry: DirEntry| Some(entry.path().strip_prefix(root.folder()).ok()?.to_str()?.to_owned());
    files.take(MAX_NAMES).filter_map(below_root).collect()
}

fn is_html(entry: &DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "html")
}

fn public_files(root: &Root) -> impl Iterator<Item = DirEntry> {
    files(root, |name| !is_private(name))
}

/// The files in folders of wanted names, of wanted names themselves. Links are
/// left out: one may lead out of the root, or around in a circle.
fn files(root: &Root, wants: fn(&OsStr) -> bool) -> impl Iterator<Item = DirEntry> {
    WalkDir::new(root.folder())
        .min_depth(1)
        .into_iter()
        .filter_entry(move |entry| wants(entry.file_name()))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
}

/// As [`UrlPath::is_private`](crate::http::url_path::UrlPath::is_private) has it.
fn is_private(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"_") || is_hidden(name)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && name != ".well-known"
}

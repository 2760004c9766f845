//! A walk through the whole folder: how many pages there are, and what names.

use std::ffi::OsStr;

use walkdir::{DirEntry, WalkDir};

use super::root::Root;

/// How many entries of the folder are looked at, files or not, wanted or not: a few
/// milliseconds' worth.
const MAX_ENTRIES: usize = 5_000;

/// The number of pages, `.html` files that are not private, in the first
/// [`MAX_ENTRIES`] of the folder; and whether these are all.
pub(super) fn count_pages(root: &Root) -> (usize, bool) {
    let mut entries = 0;
    let wants = |name: &OsStr| {
        entries += 1;
        is_public(name)
    };
    let pages = files(root, wants, MAX_ENTRIES).filter(is_html).count();
    (pages, entries < MAX_ENTRIES)
}

/// The names, from the root, of files that are served, as far as they are found
/// in the first [`MAX_ENTRIES`] of the folder.
pub(super) fn public_names(root: &Root) -> Vec<String> {
    names(root, files(root, is_public, MAX_ENTRIES))
}

/// The same for the `.html` files that a template may use, private ones too.
pub(super) fn template_names(root: &Root) -> Vec<String> {
    names(root, files(root, |name| !is_hidden(name), MAX_ENTRIES).filter(is_html))
}

fn names(root: &Root, files: impl Iterator<Item = DirEntry>) -> Vec<String> {
    let below_root =
        |entry: DirEntry| Some(entry.path().strip_prefix(root.folder()).ok()?.to_str()?.to_owned());
    files.filter_map(below_root).collect()
}

fn is_html(entry: &DirEntry) -> bool {
    entry.path().extension().is_some_and(|extension| extension == "html")
}

/// The files in folders of wanted names, of wanted names themselves, among the
/// first `max_entries` that a walk meets. Links are left out: one may lead out of
/// the root, or around in a circle.
fn files(
    root: &Root,
    mut wants: impl FnMut(&OsStr) -> bool,
    max_entries: usize,
) -> impl Iterator<Item = DirEntry> {
    let mut walk = WalkDir::new(root.folder()).min_depth(1).into_iter();
    // Not the walk's own filter: what that leaves out could not be counted.
    let next = move || {
        let entry = walk.next()?.ok();
        let is_wanted = entry.as_ref().is_some_and(|entry| wants(entry.file_name()));
        if !is_wanted && entry.as_ref().is_some_and(|entry| entry.file_type().is_dir()) {
            walk.skip_current_dir();
        }
        Some(entry.filter(|entry| is_wanted && entry.file_type().is_file()))
    };
    std::iter::from_fn(next).take(max_entries).flatten()
}

/// As [`UrlPath::is_private`](crate::http::url_path::UrlPath::is_private) has it.
fn is_public(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b"_") && !is_hidden(name)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && name != ".well-known"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_walk_is_bounded_by_what_it_meets_and_not_by_what_it_finds() {
        let folder = tempfile::TempDir::new().unwrap();
        for number in 0..50 {
            fs::write(folder.path().join(format!("_private-{number}")), "").unwrap();
            fs::create_dir_all(folder.path().join(format!("empty/{number}"))).unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        for max_entries in [0, 1, 20, 60] {
            let mut met = 0;
            let wants = |name: &OsStr| {
                met += 1;
                is_public(name)
            };
            assert_eq!(files(&root, wants, max_entries).count(), 0);
            assert_eq!(met, max_entries);
        }
    }

    #[test]
    fn a_folder_of_an_unwanted_name_is_not_entered() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in ["a/b.html", "_c/d/e.html", "_c/f.html", ".g/h.html", "i/_j", "k.css"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        let sorted = |mut names: Vec<String>| {
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(sorted(public_names(&root)), "a/b.html k.css");
        assert_eq!(sorted(template_names(&root)), "_c/d/e.html _c/f.html a/b.html");
    }
}

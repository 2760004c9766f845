//! Files with a day before their own names, such as `2026-03-01-hello.md`: found by the page
//! that they make, which their folder has to be listed for.

use crate::site::{
    files::{by_folder::ByFolder, stamp::FileStamp},
    naming::Naming,
};

/// Stands in a name, where no file has it, for any day.
const ANY_DAY: char = '\0';

/// A name for all other files with a day that make the same page as the file `name`, for what
/// depends on them: what stands there is the first of them.
pub(crate) fn others_than(name: &str) -> String {
    let (folder, own_name) = split(name);
    format!("{folder}{ANY_DAY}{own_name}")
}

/// Whether `name` is one that [`others_than`] gives.
pub(crate) fn stands_for_others(name: &str) -> bool {
    name.contains(ANY_DAY)
}

/// Whether the file `other` is one of those that `name` stands for.
pub(crate) fn is_among(other: &str, name: &str) -> bool {
    let Some((folder, own_name)) = name.split_once(ANY_DAY) else { return false };
    let other = other.strip_prefix(folder).unwrap_or_default();
    other != own_name
        && Naming::split_dated(other).is_some_and(|(_, rest)| rest == page_of(own_name))
}

/// The own names of the files with a day, by folder, in the order of their pages.
#[derive(Debug, Default)]
pub(super) struct DatedFiles(ByFolder<Box<str>>);

impl DatedFiles {
    /// Gives `find` the own names of those in `folder` that make the page `own_name`, which has
    /// no extension; the first day comes first. `stamp` gives what stands there, and `list` the
    /// names in it. Allocates nothing where they are known.
    pub(super) fn of_page<T>(
        &self,
        (folder, own_name): (&str, &str),
        stamp: Option<FileStamp>,
        list: impl FnOnce() -> Vec<String>,
        find: impl FnOnce(&[Box<str>]) -> T,
    ) -> T {
        let names = self.0.of(folder, stamp, || {
            let mut names = list();
            names.retain(|name| Naming::split_dated(name).is_some());
            names.sort_unstable_by(|one, other| (page_of(one), one).cmp(&(page_of(other), other)));
            names.into_iter().map(String::into_boxed_str).collect()
        });
        let start = names.partition_point(|name| page_of(name) < own_name);
        let count = names[start..].partition_point(|name| page_of(name) == own_name);
        find(&names[start..start + count])
    }
}

/// The folder of the files that `name` stands for, with its slash, and the own name of the one
/// that is none of them, if it [does](stands_for_others).
pub(super) fn folder_and_file(name: &str) -> Option<(&str, &str)> {
    name.split_once(ANY_DAY)
}

/// The folder, with its slash, and the own name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_at(name.rfind('/').map_or(0, |slash| slash + 1))
}

/// The own name of the page that a file makes.
pub(super) fn page_of(own_name: &str) -> &str {
    match Naming::split_dated(own_name) {
        Some((_, rest)) => rest,
        None => own_name.rsplit_once('.').map_or(own_name, |(page, _)| page),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::files::folder::Folder;

    #[test]
    fn files_are_found_by_their_page_and_as_one_name() {
        let temporary = tempfile::tempdir().unwrap();
        fs::create_dir(temporary.path().join("blog")).unwrap();
        let names = [
            "blog/2026-03-02-a.md",
            "blog/2026-03-01-a.html",
            "blog/2026-03-01-a.b.md",
            "blog/2026-03-01-aa.md",
            "blog/2026-03-01-a.css",
            "blog/2026-03-01-_a.md",
            "2026-03-03-a.md",
        ];
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let others = |name: &str| folder.stamp(&others_than(name));
        assert_eq!((others("blog/a.md"), others("none/a.md")), (None, None));
        names.iter().for_each(|name| fs::write(temporary.path().join(name), name).unwrap());
        let expected = ["blog/2026-03-01-a.html", "blog/2026-03-02-a.md"];
        assert_eq!(folder.dated("blog/a"), expected);
        assert_eq!(folder.dated("blog/a.b"), ["blog/2026-03-01-a.b.md"]);
        assert_eq!(folder.dated("a"), ["2026-03-03-a.md"]);
        for page in ["blog/2026-03-01-a", "blog/_a", "blog", "none/a", "../a", ""] {
            assert!(folder.dated(page).is_empty(), "{page}");
        }
        for (name, first) in [
            ("blog/a.md", Some(expected[0])),
            (expected[1], Some(expected[0])),
            (expected[0], Some(expected[1])),
            (names[2], None),
            ("blog/b.md", None),
        ] {
            assert_eq!(others(name), first.and_then(|first| folder.stamp(first)), "{name}");
            assert_eq!(folder.lacks(&others_than(name)), first.is_none(), "{name}");
            let among = names.iter().filter(|other| is_among(other, &others_than(name)));
            assert_eq!(among.count() > 0, first.is_some(), "{name}");
            assert!(!is_among(name, &others_than(name)) && !is_among("a", name), "{name}");
        }
    }
}

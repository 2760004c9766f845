//! Finds the page whose file was renamed.

use std::{
    iter,
    time::{Duration, SystemTime},
};

use crate::http::{request_head::RequestHead, url_path::UrlPath};
use crate::site::{
    Site, each::pattern::Pattern, preview::snapshot::Snapshot, request_context::RequestContext,
};

/// The number of suggested names that are checked.
const MAX_HINTS: usize = 1000;
/// A file of the same size that is older has nothing to do with the one that is gone.
const MAX_AGE: Duration = Duration::from_secs(2);

impl Site {
    /// The path, encoded, of the page whose file has another name by now, or was copied
    /// and removed. `hints` are names of files or folders that may have to do with it.
    pub fn renamed<'a>(
        &self,
        rendering: &Snapshot,
        hints: impl Iterator<Item = &'a str>,
        now: SystemTime,
    ) -> Option<String> {
        let (old_name, old) = rendering.dependencies().file()?;
        let hinted = hints.take(MAX_HINTS).flat_map(|hint| in_place_of(old_name, hint));
        let folder = self.root.check();
        // It may be the page of a row that has gone, or an error now.
        if folder.stamp(old_name).is_some_and(|stamp| stamp.is_file()) {
            return None;
        }
        let others = iter::once_with(|| {
            let list = self.names.public(&folder, old_name, now);
            list.names().iter().map(|name| name.file.clone()).collect::<Vec<String>>()
        });
        let others = others.flatten();
        let mut copies = Vec::new();
        let is_page = |name: &String| self.naming.is_page(name) && !self.is_of_rows(name, now);
        for name in hinted.chain(others).filter(is_page) {
            let path = self.naming.path_of(&name).filter(|_| !self.naming.is_private(&name));
            let (Some(stamp), Some(path)) = (folder.stamp(&name), path) else { continue };
            if stamp.is_same_file(old) {
                return Some(path.encoded());
            }
            let is_recent = now.duration_since(stamp.changed()).is_ok_and(|age| age < MAX_AGE);
            if is_recent && stamp.is_file() && stamp.size() == old.size() {
                copies.push(path);
            }
        }
        let copy = copies.into_iter().find(|path| self.shows(path, rendering, now));
        copy.map(|path| path.encoded())
    }

    /// Whether the file stands for pages of rows, and has no path of its own.
    fn is_of_rows(&self, name: &str, now: SystemTime) -> bool {
        let pattern = Pattern::of(name, &self.naming);
        pattern.is_some_and(|pattern| self.paths_of_rows(&pattern, now).is_some())
    }

    /// Whether `path` gives the same page.
    fn shows(&self, path: &UrlPath, rendering: &Snapshot, now: SystemTime) -> bool {
        let head = RequestHead::get(&path.encoded(), "localhost").as_navigation();
        let render = |asked: RequestContext<'_>| Snapshot::of(&self.resolve(asked), asked);
        let other = self.with_request(&head, now, render);
        other.is_some_and(|other| **other.bytes() == **rendering.bytes())
    }
}

/// The names that `old_name` may have now: `new_name`, or one in a folder of that name.
fn in_place_of<'a>(old_name: &'a str, new_name: &'a str) -> impl Iterator<Item = String> {
    let below = old_name.match_indices('/').map(|(at, _)| &old_name[at..]);
    iter::once("").chain(below).map(move |rest| format!("{new_name}{rest}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::SiteOptions;

    #[test]
    fn a_file_that_still_has_its_name_or_stands_for_rows_is_no_renamed_page() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("a.html", "page"),
            ("[id].html", "---\neach: data.d\n---\n{{ item.id }}"),
            ("_data/d.csv", "id\nx\n"),
        ] {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), text).unwrap();
        }
        let site = Site::open(folder.path(), SiteOptions::default()).unwrap();
        let render = |target: &str| {
            let head = RequestHead::get(target, "localhost");
            site.render(&head, SystemTime::now()).unwrap()
        };
        let (page, row) = (render("/a"), render("/x"));
        let renamed =
            |page: &Snapshot, hint: &str| site.renamed(page, iter::once(hint), SystemTime::now());
        assert_eq!(renamed(&page, "a.html"), None);
        assert_eq!(renamed(&row, "[id].html"), None);
        fs::rename(path("a.html"), path("b.html")).unwrap();
        fs::rename(path("[id].html"), path("[key].html")).unwrap();
        assert_eq!(renamed(&page, "b.html").as_deref(), Some("/b"));
        assert_eq!(renamed(&row, "[key].html"), None);
    }

    #[test]
    fn a_new_name_may_be_that_of_the_file_or_of_a_folder() {
        let names: Vec<String> = in_place_of("a/b/c.html", "x").collect();
        assert_eq!(names, ["x", "x/b/c.html", "x/c.html"]);
    }
}

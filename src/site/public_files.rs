//! The files of the site that requests can get, each with its URL: all of them, for what goes
//! through the whole site.

use std::time::SystemTime;

use crate::site::{
    Alias, RENDER_STACK_BYTES, Site, Unpublished,
    each::pattern::Pattern,
    files::{folder::Folder, walk},
    metadata::values::Build,
    routes,
};
use crate::{
    diagnostic::Diagnostic,
    http::{request_head::RequestHead, url_path::UrlPath},
    parallel,
};

/// A file that a request can get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicFile {
    /// Its path from the root.
    pub name: String,
    /// The path under which it is known.
    pub path: UrlPath,
    /// Whether it is a page, which is known without its extension.
    pub is_page: bool,
}

/// The files that requests can get, and what is in their way.
#[derive(Clone, Debug, Default)]
pub struct PublicFiles {
    /// In order of their names.
    pub files: Vec<PublicFile>,
    /// The pages that `build: false` of their front matter leaves to a server.
    pub left_to_servers: Vec<PublicFile>,
    /// The drafts and pages of the future, where visitors do not get these.
    pub unpublished: Vec<(String, Unpublished)>,
    /// The links that lead out of the root.
    pub outside: Vec<String>,
    /// The names that no URL can hold.
    pub without_url: Vec<String>,
    /// What could not be read, with the reason.
    pub unreadable: Vec<String>,
    /// Old paths that lead to pages, in their order.
    pub aliases: Vec<Alias>,
    /// What claims a path that something else has.
    pub conflicts: Vec<Diagnostic>,
}

/// What a file is.
enum Standing {
    File(PublicFile),
    /// The pages of rows.
    Rows(Vec<PublicFile>),
    /// Why there are none.
    Report(String),
    /// The compressed form of a page, which holds its source and is never sent.
    CodedForm,
    LeftToServers(Vec<PublicFile>),
    Unpublished(Unpublished),
    WithoutUrl,
}

impl Site {
    /// Walks through the whole folder, as it is public at `now`. Links that stay in it are
    /// followed. On `threads` threads.
    pub fn public_files(&self, now: SystemTime, threads: usize) -> PublicFiles {
        let folder = self.folder();
        let walked = walk::walk_all(&folder, |entry| entry.is_public(&self.naming));
        let mut found = PublicFiles {
            outside: walked.outside,
            without_url: walked.not_unicode,
            unreadable: walked.unreadable,
            ..PublicFiles::default()
        };
        let mut of_rows = Vec::new();
        let standing = |name: &String| self.standing(name, &folder, now);
        let standings = parallel::map(&walked.files, threads, RENDER_STACK_BYTES, standing);
        for (name, standing) in walked.files.into_iter().zip(standings) {
            match standing {
                Standing::CodedForm => {}
                Standing::LeftToServers(pages) => found.left_to_servers.extend(pages),
                Standing::Unpublished(reason) => found.unpublished.push((name, reason)),
                Standing::Rows(pages) => of_rows.extend(pages),
                Standing::Report(report) => found.unreadable.push(report),
                Standing::File(file) => found.files.push(file),
                Standing::WithoutUrl => found.without_url.push(name),
            }
        }
        // A file comes before a row, as the index of a folder too, unless it is hidden.
        let is_hidden =
            |name: &str| self.unpublished_file(name, folder.stamp(name), &folder, now).is_some();
        of_rows.retain(|page: &PublicFile| {
            routes::file_at(&self.naming, &folder, &page.path, is_hidden).is_none()
        });
        found.files.extend(of_rows);
        found.files.sort_by(|one, other| one.name.cmp(&other.name));
        let head = RequestHead::get("/", "localhost");
        let aliases = self.with_request(&head, now, |asked| self.all_aliases(asked));
        (found.aliases, found.conflicts) = aliases.unwrap_or_default();
        found
    }

    /// What the file `name` is among those that may have a URL.
    fn standing(&self, name: &str, folder: &Folder, now: SystemTime) -> Standing {
        let page = self.naming.coded_template(name);
        if page.and_then(|page| folder.stamp(page)).is_some_and(|stamp| stamp.is_file()) {
            return Standing::CodedForm;
        }
        if let Some(reason) = self.unpublished_file(name, folder.stamp(name), folder, now) {
            return Standing::Unpublished(reason);
        }
        let is_page = self.naming.is_page(name);
        let is_left_out = is_page && self.build_of(name, folder) == Build::Never;
        match self.pages_of_rows(name, now) {
            Some(Ok(pages)) if is_left_out => return Standing::LeftToServers(pages),
            Some(rows) => return rows.map_or_else(Standing::Report, Standing::Rows),
            None => {}
        }
        let Some(path) = self.naming.path_of(name) else { return Standing::WithoutUrl };
        let file = PublicFile { name: name.to_owned(), path, is_page };
        match is_left_out {
            true => Standing::LeftToServers(vec![file]),
            false => Standing::File(file),
        }
    }

    /// The pages of the rows that the file `name` stands for, if it is such a file; or the
    /// report of why there are none.
    fn pages_of_rows(
        &self,
        name: &str,
        now: SystemTime,
    ) -> Option<Result<Vec<PublicFile>, String>> {
        let pattern = Pattern::of(name, &self.naming)?;
        let paths = self.paths_of_rows(&pattern, now)?;
        let page = |path| PublicFile { name: name.to_owned(), path, is_page: true };
        Some(paths.map(|paths| paths.into_iter().map(page).collect()))
    }
}

//! Options of a build.

use std::{path::PathBuf, time::SystemTime};

use super::host::{Host, Rules};
use crate::http::url_path::UrlPath;

/// How a site is written.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The folder that gets the files.
    pub out: PathBuf,
    /// The host that they are for.
    pub host: Host,
    /// The names of files for pages, unless the host has its own.
    pub layout: Option<Layout>,
    /// Globs of names in the output that are let be.
    pub keep: Vec<String>,
    /// What the host is told besides.
    pub rules: Rules,
    /// Whether text gets compressed forms beside it.
    pub is_compressed: bool,
    /// Whether the output is compared with what the site answers.
    pub verifies: bool,
    /// How many threads render.
    pub threads: usize,
    /// The time of the whole build.
    pub now: SystemTime,
}

/// How the file of a page is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `/about` is `about.html`.
    Files,
    /// `/about` is `about/index.html`.
    Folders,
}

impl BuildOptions {
    /// The names of files for pages.
    pub(super) fn layout(&self) -> Layout {
        self.layout.unwrap_or(match self.host {
            // It finds a page by its folder alone.
            Host::S3 => Layout::Folders,
            _ => Layout::Files,
        })
    }
}

impl Layout {
    /// The file in the output for `path`, which a page has or an asset.
    pub(super) fn file_of(self, path: &UrlPath, is_page: bool) -> String {
        let relative = path.relative();
        match (is_page, self) {
            (false, _) => relative.to_owned(),
            (true, _) if relative.is_empty() => "index.html".to_owned(),
            (true, _) if path.is_folder() => format!("{relative}/index.html"),
            (true, Self::Folders) if relative != "404" => format!("{relative}/index.html"),
            (true, _) => format!("{relative}.html"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_file_or_a_folder() {
        for (path, is_page, files, folders) in [
            ("/", true, "index.html", "index.html"),
            ("/about", true, "about.html", "about/index.html"),
            ("/docs/", true, "docs/index.html", "docs/index.html"),
            ("/docs/a.b", true, "docs/a.b.html", "docs/a.b/index.html"),
            ("/404", true, "404.html", "404.html"),
            ("/docs/404", true, "docs/404.html", "docs/404/index.html"),
            ("/style.css", false, "style.css", "style.css"),
            ("/%C3%A9%20a/x.png", false, "é a/x.png", "é a/x.png"),
        ] {
            let path = UrlPath::parse(path).unwrap();
            assert_eq!(Layout::Files.file_of(&path, is_page), files);
            assert_eq!(Layout::Folders.file_of(&path, is_page), folders);
        }
    }
}

//! Links and images from file to file, as URLs that hold wherever the text is shown.

use std::sync::Arc;

use crate::{
    http::url_path::UrlPath,
    markdown::Destination,
    site::{
        files::folder::Folder,
        naming::{FileKind, Naming},
        routes,
        templates::recorder,
        trace,
    },
};

/// Rewrites the addresses in pages of Markdown.
#[derive(Debug)]
pub(crate) struct Links {
    naming: Arc<Naming>,
    /// Whether a file that is not there is told.
    is_checked: bool,
}

impl Links {
    pub(crate) fn new(naming: Arc<Naming>, is_checked: bool) -> Self {
        Self { naming, is_checked }
    }

    /// The URL, from the root, for an address that names a file by its place beside the one
    /// it stands in. `None` where it does not.
    pub(crate) fn rewrite(&self, destination: Destination<'_>) -> Option<String> {
        let url = self.url_of(destination);
        trace::link(destination, url.as_deref());
        url
    }

    fn url_of(&self, destination: Destination<'_>) -> Option<String> {
        let address = destination.address;
        if address.is_empty() || address.starts_with(['#', '?']) || address.starts_with("//") {
            return None;
        }
        let (path, rest) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
        let from_root = path.starts_with('/');
        if path.contains(':') && path.split('/').next().is_some_and(|first| first.contains(':')) {
            return None;
        }
        let folder = destination.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let base =
            if from_root { String::new() } else { UrlPath::of_name(folder, true)?.encoded() };
        let path = UrlPath::parse(&format!("{base}{path}"))?;
        let name = path.relative();
        let is_page = !path.is_folder() && self.naming.is_page(name);
        let is_markdown = is_page && self.naming.kind(name) == FileKind::Markdown;
        if from_root && !is_markdown {
            return None;
        }
        let file_at =
            |folder: Arc<Folder>| routes::file_at(&self.naming, &folder, &path, |_| false);
        // A link to Markdown is the same either way, where nobody is told.
        let is_there =
            (is_markdown && !self.is_checked) || recorder::folder().and_then(file_at).is_some();
        if !is_there {
            self.tell(destination, &path);
        }
        // What is no file, such as the page of an application, stays as its author wrote it.
        if !is_markdown && !is_there {
            return None;
        }
        let is_template = is_page && self.naming.kind(name) != FileKind::Asset;
        let url = if is_template { self.naming.path_of(name) } else { None }.unwrap_or(path);
        Some(url.encoded() + rest)
    }

    /// Tells of a file that is not there.
    fn tell(&self, destination: Destination<'_>, path: &UrlPath) {
        let name = path.relative();
        let Some(folder) = recorder::folder() else { return };
        let is_of_file = name.rsplit('/').next().is_some_and(|own| own.contains('.'));
        let names = if is_of_file { vec![name.to_owned()] } else { self.naming.files_for(path) };
        recorder::note(|looked| names.iter().for_each(|name| looked.add_missed(name, &folder)));
        if !self.is_checked || !is_of_file {
            return;
        }
        let is_private = self.naming.is_private(name) && folder.stamp(name).is_some();
        let problem =
            if is_private { "no request gets what is private" } else { "there is no such file" };
        let Destination { file, spot, address, is_image } = destination;
        let what = if is_image { "image" } else { "link" };
        let line = spot.map_or(String::new(), |spot| format!(":{}", spot.line));
        recorder::warn(format!(
            "warning: {file}{line}: the {what} `{address}` leads to nothing: {problem}"
        ));
    }
}

//! The routes of a site: each path that answers with content, and its file in the output.

use crate::{
    http::url_path::UrlPath,
    publish::{
        options::{BuildOptions, Layout},
        problems::Problems,
    },
    site::{Alias, PublicFile, Site, Unpublished},
};

/// The page of a host for what is not there, under the same name everywhere.
pub(super) const NOT_FOUND: &str = "404.html";

/// A path that answers with content.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) path: UrlPath,
    /// Its file in the output, with `/` between segments.
    pub(super) file: String,
    /// The file of the site that makes it.
    pub(super) source: String,
    pub(super) is_page: bool,
}

/// The routes of a site, and what has none.
#[derive(Debug)]
pub(super) struct Routes {
    /// In the order of their sources.
    pub(super) routes: Vec<Route>,
    /// Old paths that lead to pages.
    pub(super) aliases: Vec<Alias>,
    /// The files that are left out: to a server, or until they are public.
    pub(super) left_out: Vec<String>,
    /// The next page that becomes public by its date, and when.
    pub(super) next_due: Option<String>,
}

/// Lists the routes of `site`.
pub(super) fn of(site: &Site, options: &BuildOptions, problems: &mut Problems) -> Routes {
    let mut found = site.public_files(options.now, options.threads);
    for unreadable in found.unreadable {
        problems.error(format!("cannot be read: {unreadable}"));
    }
    for conflict in found.conflicts {
        problems.error(conflict.to_string());
    }
    for name in found.outside {
        problems.warn(format!(
            "`{name}` is left out: the link leads out of the folder of pages; put what it leads to \
             there in its place"
        ));
    }
    for name in found.without_url {
        problems.warn(format!("`{name}` is left out: no URL can hold its name"));
    }
    for alias in found.aliases.extract_if(.., |alias| is_for_missing(&alias.path)) {
        problems.error(format!(
            "the alias `{}` of `{}` stands for `{NOT_FOUND}`, the page for what is not there: \
             leave it out",
            alias.path.as_str(),
            alias.file
        ));
    }
    let route = |PublicFile { name, path, is_page }| {
        let file = options.layout().file_of(&path, is_page);
        Route { path, file, source: name, is_page }
    };
    let routes: Vec<Route> = found.files.into_iter().map(route).collect();
    if !routes.iter().any(|route| route.is_page)
        && found.left_to_servers.is_empty()
        && found.unpublished.is_empty()
    {
        problems
            .warn("no page is there: write an `index.html`, or name another folder with `--root`");
    }
    let next_due = next_due(&found.unpublished);
    let unpublished = found.unpublished.iter().map(|(name, reason)| format!("{name} ({reason})"));
    let mut left_out: Vec<String> =
        found.left_to_servers.into_iter().map(|file| file.name).collect();
    // One file may be many pages.
    left_out.dedup();
    left_out.extend(unpublished);
    Routes { routes, aliases: found.aliases, left_out, next_due }
}

/// Whether it is a path of the page that hosts answer with where nothing is.
fn is_for_missing(path: &UrlPath) -> bool {
    Layout::Files.file_of(path, true) == NOT_FOUND || path.relative() == NOT_FOUND
}

/// The first of them that becomes public by its date.
fn next_due(unpublished: &[(String, Unpublished)]) -> Option<String> {
    let scheduled = unpublished.iter().filter_map(|(name, reason)| match reason {
        Unpublished::Future(from, _) => Some((from, name, reason)),
        Unpublished::Draft => None,
    });
    let (_, name, reason) = scheduled.min_by_key(|(from, ..)| *from)?;
    Some(format!("`{name}` is {reason}"))
}

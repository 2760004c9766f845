//! Targets of the URLs of a site, each looked up once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use globset::GlobSet;

use crate::{
    http::url_path::UrlPath,
    rules::RedirectRules,
    site::{Lead, PublicFiles, Site},
    urls::{self, Form},
};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 10;

/// Where the URLs of a site lead.
pub(super) struct Targets<'a> {
    site: &'a Site,
    now: SystemTime,
    redirects: &'a RedirectRules,
    /// Where the site is published, without a slash at its end.
    url: Option<&'a str>,
    /// Paths that others answer.
    ignored: &'a GlobSet,
    /// The paths, decoded, of pages that are in no build.
    left_to_servers: HashSet<&'a str>,
    /// The paths, decoded, and the path of each file.
    served: HashSet<&'a str>,
    path_of_file: HashMap<&'a str, &'a str>,
    /// The pages that old paths lead to, by these without a slash at their end.
    aliases: HashMap<String, &'a UrlPath>,
    known: Mutex<HashMap<String, Arc<Target>>>,
}

/// Where a URL leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// To what is served under this path, decoded.
    Here(String),
    /// To what is served under the first path, decoded, by a redirect to the second, encoded.
    Moved(String, String),
    /// To another host, which is not checked.
    Elsewhere,
    /// To this file, which visitors do not get for this reason.
    Unpublished(String, String),
    /// To this path, where nothing is.
    Nothing(String),
    /// To no path that any file can have.
    Unusable,
}

impl Target {
    /// The path, decoded, of what visitors get in the end.
    pub(super) fn served(&self) -> Option<&str> {
        match self {
            Self::Here(served) | Self::Moved(served, _) => Some(served),
            _ => None,
        }
    }
}

impl<'a> Targets<'a> {
    pub(super) fn new(
        site: &'a Site,
        now: SystemTime,
        redirects: &'a RedirectRules,
        url: Option<&'a str>,
        ignored: &'a GlobSet,
        public: &'a PublicFiles,
    ) -> Self {
        let files = public.files.iter().chain(&public.left_to_servers);
        let url = url.map(|url| url.trim_end_matches('/'));
        let paths = files.clone().map(|file| file.path.as_str());
        let pairs_of_files = files.map(|file| (file.name.as_str(), file.path.as_str()));
        let pairs = public.aliases.iter().map(|alias| (slashless(&alias.path), &alias.target));
        let (aliases, known) = (pairs.collect(), Mutex::default());
        let left_to_servers = public.left_to_servers.iter().map(|file| file.path.as_str());
        let left_to_servers = left_to_servers.collect();
        let (served, path_of_file) = (paths.collect(), pairs_of_files.collect());
        Self {
            site,
            now,
            redirects,
            url,
            ignored,
            left_to_servers,
            served,
            path_of_file,
            aliases,
            known,
        }
    }

    /// Where `url` leads from the page at `base`, an encoded path. Its fragment does not count.
    pub(super) fn of(&self, url: &str, base: &str) -> Arc<Target> {
        let own = self.url.and_then(|own| url.strip_prefix(own));
        let own = own.filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        let url = match own {
            Some("") => "/",
            Some(path) => path,
            None if Form::of(url) == Form::Absolute => return Arc::new(Target::Elsewhere),
            None => url,
        };
        let (path, query, _) = urls::split(url);
        let path = urls::resolve(base, path);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known().get(&path).cloned();
        kept.unwrap_or_else(|| {
            let target = Arc::new(self.find(&path, query));
            known().insert(path, Arc::clone(&target));
            target
        })
    }

    /// Whether `path`, decoded, is that of a page which no build holds.
    pub(super) fn is_left_to_servers(&self, path: &str) -> bool {
        self.left_to_servers.contains(path)
    }

    fn find(&self, encoded: &str, query: Option<&str>) -> Target {
        let Some(first) = UrlPath::parse(encoded) else { return Target::Unusable };
        if self.ignored.is_match(first.as_str()) {
            return Target::Elsewhere;
        }
        let mut path = first.clone();
        for _ in 0..MAX_REDIRECTS {
            if let Some((_, location)) = self.redirects.find(path.as_str(), query) {
                let (to, _, _) = urls::split(&location);
                match UrlPath::parse(to) {
                    Some(to) if Form::of(&location) == Form::RootRelative => path = to,
                    _ => return Target::Elsewhere,
                }
                continue;
            }
            let served = match self.served.contains(path.as_str()) {
                true => path.as_str(),
                false => match self.site.lead(&path, self.now) {
                    Lead::File(file) => match self.path_of_file.get(&*file) {
                        Some(served) => served,
                        None => path.as_str(),
                    },
                    Lead::Redirect(to) => {
                        path = to;
                        continue;
                    }
                    lead @ (Lead::Hidden(..) | Lead::Nothing) => {
                        match (self.row_written_as(&path), self.aliases.get(&slashless(&path))) {
                            (Some(served), _) => served,
                            (None, Some(page)) => {
                                path = (*page).clone();
                                continue;
                            }
                            (None, None) => {
                                let Lead::Hidden(file, reason) = lead else { break };
                                return Target::Unpublished(file, reason.to_string());
                            }
                        }
                    }
                },
            };
            return match path == first {
                true => Target::Here(served.to_owned()),
                false => Target::Moved(served.to_owned(), path.encoded()),
            };
        }
        Target::Nothing(path.as_str().to_owned())
    }

    /// The path of the row for which a build writes the file that `path` names.
    fn row_written_as(&self, path: &UrlPath) -> Option<&str> {
        self.served.get(self.site.page_written_as(path)?.as_str()).copied()
    }
}

fn slashless(path: &UrlPath) -> String {
    path.with_folder(false).as_str().to_owned()
}

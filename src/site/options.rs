//! Options of a site.

use std::{collections::BTreeMap, time::Duration};

use crate::background::Background;
use crate::http::{base_path::BasePath, url_path::UrlPath};
use crate::site::{
    naming::NamingRules, preparation::Preparation, preview::snippet::Snippet,
    representation::hash::hash, settings::Settings,
};

/// How a folder is served.
#[derive(Debug)]
pub struct SiteOptions {
    /// Error pages give the status alone, and no page tells how to write one.
    pub production: bool,
    /// Pages are made once for all clients: one that reads more of a request than its path
    /// has an error.
    pub is_static: bool,
    /// Drafts and pages of the future are shown.
    pub drafts: bool,
    /// What answers where no file matches.
    pub fallback: Fallback,
    /// What pages see of the configuration.
    pub settings: Settings,
    /// Whether no file is a template and no name private for its `_`: each is served as it
    /// is, and pages are known by the same paths.
    pub is_plain: bool,
    /// Globs over the paths of files and folders, from the root, that are served although
    /// their names begin with `_`.
    pub public: Vec<String>,
    /// The seed of what pages take at random. With one, each path has its own, which is the
    /// same each time; without, each request gets something else.
    pub seed: Option<u64>,
    /// Globs over the paths of files, from the root, that are served as they
    /// are though their names end in `.html`. `*` stays within a folder, `**`
    /// does not.
    pub exclude: Vec<String>,
    /// The work that rendering one page may take, in instructions of the
    /// template engine; 64 bytes written count as one.
    pub fuel: u64,
    /// The time that rendering one page may take.
    pub render_timeout: Duration,
    /// Media types by file extension, in place of the usual ones.
    pub types: BTreeMap<String, String>,
    /// The memory that finished answers may take, in bytes.
    pub cache_max_bytes: u64,
    /// A pattern for URLs that open `{file}` in an editor, at `{line}` and `{column}`.
    pub editor: Option<String>,
    /// What goes into each page that a browser is about to show.
    pub snippet: Option<Snippet>,
    /// What stands before the paths that clients ask for, and requests here come without.
    pub base_path: BasePath,
    /// What every answer gets before it is sent.
    pub preparation: Preparation,
    /// What does the work that takes long. Without it long text is coded before it is
    /// answered, and files of over 1 MiB have no entity tag.
    pub background: Option<Background>,
}

impl SiteOptions {
    /// A hash of all of them, and of the rules of the time zone, which the system may change.
    pub(crate) fn hash(&self) -> u128 {
        let zone = self.settings.last().settings.timezone.rules();
        hash(format!("{self:?} {zone}").as_bytes())
    }

    pub(crate) fn naming_rules(&self) -> NamingRules {
        NamingRules {
            is_plain: self.is_plain,
            public: self.public.clone(),
            exclude: self.exclude.clone(),
            types: self.types.clone(),
        }
    }
}

impl Default for SiteOptions {
    /// Development with the usual limits: no values for pages, and no live editing.
    fn default() -> Self {
        Self {
            production: false,
            is_static: false,
            drafts: true,
            fallback: Fallback::Echo,
            settings: Settings::default(),
            is_plain: false,
            public: Vec::new(),
            seed: None,
            exclude: Vec::new(),
            fuel: 1_000_000,
            render_timeout: Duration::from_secs(5),
            types: BTreeMap::new(),
            cache_max_bytes: 64 * 1024 * 1024,
            editor: None,
            snippet: None,
            base_path: BasePath::default(),
            preparation: Preparation::default(),
            background: None,
        }
    }
}

/// What answers where no file matches, unless the site has a `404.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The path-echo page, status 200.
    Echo,
    /// A page with the status 404.
    NotFound,
    /// The page in the file of this path, with the status 200, where a browser opens a
    /// page; else a page with the status 404.
    Page(UrlPath),
}

//! The folder of pages: finds the file that answers a request, makes the response of it, and
//! explains what is wrong with it.
//!
//! Knows no sockets, no threads of its own, and no configuration file: a page can
//! be had without a port.

mod advice;
mod alias_page;
mod aliases;
mod asset;
mod builtin;
mod cache;
mod collection;
mod content_type;
mod data;
mod drafts;
mod each;
mod each_page;
mod fallback;
mod fallback_page;
mod files;
mod front_matter;
#[cfg(fuzzing)]
pub mod fuzzing;
mod inspect;
mod markdown;
mod media_types;
mod metadata;
mod naming;
mod notation;
mod options;
mod page;
mod preparation;
mod preview;
mod public_files;
mod rebase;
mod report;
mod representation;
mod request_context;
mod resolution;
mod resolve;
mod respond;
mod rivals;
mod routes;
mod settings;
mod states;
mod surroundings;
mod survey;
mod templates;
mod trace;

use std::{path::Path, sync::Arc};

use crate::background::Background;
use crate::http::base_path::BasePath;

pub use aliases::Alias;
pub use builtin::{not_allowed_page, redirect_page, refresh_page, status_page};
pub use drafts::Unpublished;
pub use fallback::redirect;
pub use files::dependencies::Dependencies;
pub use files::root::RootError;
pub use files::stat_cache::StatCache;
pub use inspect::{Inspected, Inspection, Lead};
pub use options::{Fallback, SiteOptions};
pub use preparation::Preparation;
pub use preview::snapshot::{Sent, Snapshot};
pub use preview::snippet::Snippet;
pub use preview::subresource::{Subresource, SubresourceKind};
pub use public_files::{PublicFile, PublicFiles};
pub use rebase::Language;
pub use representation::compress::compressed;
pub use representation::hash::{Hasher, hash, hash_of_parts};
pub use resolution::Kind;
pub use settings::{Reloaded, Settings, SiteSettings, SiteValues};
pub use states::{States, changed_files, program_hash};
pub use survey::Survey;
pub use templates::engine::RENDER_STACK_BYTES;
pub use trace::{MarkdownLink, SourcePlace};

use aliases::Aliases;
use cache::Cache;
use collection::{functions, library::Library};
use data::store::DataStore;
use each::{pattern::Patterns, store::RowsStore};

use files::folder::Folder;
use files::names::Names;
use files::root::Root;
use markdown::links::Links;
use metadata::store::MetadataStore;
use naming::Naming;
use preview::snapshot::Snapshots;
use templates::assets::{self, Assets};
use templates::engine::Templates;
use templates::source::Searched;

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The root is not a folder, or cannot be read.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A glob of `exclude` or `public` is malformed.
    #[error("`templates.exclude` or `public` holds a pattern that cannot be read: {0}")]
    Glob(#[from] globset::Error),
}

/// A folder of pages, ready to answer requests on any number of threads.
#[derive(Debug)]
pub struct Site {
    root: Root,
    templates: Arc<Templates>,
    searched: Searched,
    cache: Cache,
    names: Names,
    naming: Arc<Naming>,
    metadata: Arc<MetadataStore>,
    library: Arc<Library>,
    production: bool,
    is_static: bool,
    /// Whether drafts and pages of the future are shown.
    shows_unpublished: bool,
    fallback: Fallback,
    settings: Arc<Settings>,
    data: Arc<DataStore>,
    patterns: Patterns,
    rows: RowsStore,
    aliases: Aliases,
    seed: Option<u64>,
    editor: Option<String>,
    snippet: Option<Snippet>,
    base_path: BasePath,
    preparation: Preparation,
    background: Option<Background>,
    renderings: Snapshots,
    /// A hash of all of its options, where pages are made once for all clients.
    options_hash: Option<u128>,
}

impl Site {
    /// Opens the folder `root`. Reads nothing in it yet: a page is compiled when
    /// it is first asked for.
    ///
    /// # Errors
    /// Where `root` is not a folder that can be read, or a glob is malformed.
    pub fn open(root: &Path, options: SiteOptions) -> Result<Self, SiteError> {
        let interval = cache::interval(options.production);
        let naming = Arc::new(Naming::new(&options.naming_rules())?);
        let metadata = Arc::new(MetadataStore::new(Arc::clone(&naming)));
        let (templates, library) = templates_and_library(&naming, &metadata, &options);
        let options_hash = options.is_static.then(|| options.hash());
        Ok(Self {
            root: Root::open(root, interval)?,
            templates,
            searched: Searched::default(),
            cache: Cache::new(options.cache_max_bytes, options.production),
            names: Names::new(&naming, interval),
            metadata,
            library,
            naming,
            production: options.production,
            is_static: options.is_static,
            shows_unpublished: options.drafts,
            fallback: options.fallback,
            settings: Arc::new(options.settings),
            data: Arc::default(),
            patterns: Patterns::default(),
            rows: RowsStore::default(),
            aliases: Aliases::new(interval),
            seed: options.seed,
            editor: options.editor,
            snippet: options.snippet,
            base_path: options.base_path,
            preparation: options.preparation,
            background: options.background,
            renderings: Snapshots::default(),
            options_hash,
        })
    }

    /// Where the folder is looked for, links included.
    pub(crate) fn place(&self) -> &Path {
        self.root.place()
    }

    /// The folder that stands there now, or the last one that did.
    pub(crate) fn folder(&self) -> Arc<Folder> {
        self.root.check()
    }

    /// Has the settings of pages loaded anew if their file has changed.
    pub(crate) fn follow_settings(&self) {
        self.settings.follow();
    }

    /// Whether pages that browsers show follow their files.
    pub(crate) fn is_edited(&self) -> bool {
        self.snippet.is_some()
    }

    /// What stands before the paths that clients ask for.
    pub fn base_path(&self) -> &BasePath {
        &self.base_path
    }

    /// What every answer gets before it is sent.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }
}

/// Templates that list pages, and the library, which renders some of these.
fn templates_and_library(
    naming: &Arc<Naming>,
    metadata: &Arc<MetadataStore>,
    options: &SiteOptions,
) -> (Arc<Templates>, Arc<Library>) {
    let mut made = None;
    let named = Arc::new(Assets::new(naming));
    let templates = Arc::new_cyclic(|templates| {
        let library = Arc::new(Library::new(
            Arc::clone(naming),
            Arc::clone(metadata),
            options.production,
            options.drafts,
            templates.clone(),
        ));
        made = Some(Arc::clone(&library));
        let named = Arc::clone(&named);
        let links = Links::new(Arc::clone(naming), !options.production);
        Templates::new(options.fuel, options.render_timeout, links, move |environment| {
            functions::register(environment, &library);
            assets::register(environment, &named);
        })
    });
    (templates, made.expect("it was made with the templates"))
}

#[cfg(test)]
mod tests;

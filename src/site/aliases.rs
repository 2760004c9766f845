//! Aliases: paths under which pages were known once, by `aliases` in their front matter.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use minijinja::Value;

use crate::{
    http::url_path::UrlPath,
    site::{collection::page_set::PageSet, files::folder::Folder},
};

/// The aliases of all pages, made when one is first asked for.
#[derive(Debug)]
pub(crate) struct Aliases {
    /// How long they count as current without a check.
    interval: Duration,
    /// Locked while they are made: one thread does, and the others take what it finds.
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    table: Arc<Table>,
    checked: SystemTime,
}

/// The aliases of the pages of one list.
#[derive(Debug)]
pub(crate) struct Table {
    pages: Arc<PageSet>,
    /// The files of the pages that were known under a path, which has no slash at its end.
    pub(crate) by_path: HashMap<String, Vec<Arc<str>>>,
}

/// An alias with its page, for what goes through the whole site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The path that leads to the page.
    pub path: UrlPath,
    /// The file of the page.
    pub file: String,
    /// The page's own path.
    pub target: UrlPath,
}

impl Aliases {
    /// None yet. They count as current for `interval` without a check.
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, kept: Mutex::default() }
    }

    /// The table as it is at `now`, of the pages that `list` gives where it has to be asked,
    /// which finds them in `folder`.
    pub(crate) fn current<E>(
        &self,
        folder: &Folder,
        now: SystemTime,
        list: impl FnOnce() -> Result<Arc<PageSet>, E>,
    ) -> Result<Arc<Table>, E> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = &*kept {
            let age = now.duration_since(kept.checked).unwrap_or(Duration::MAX);
            if age < self.interval {
                return Ok(Arc::clone(&kept.table));
            }
        }
        let pages = list()?;
        let known = kept.as_ref().filter(|kept| Arc::ptr_eq(&kept.table.pages, &pages));
        let table = match known {
            Some(kept) => Arc::clone(&kept.table),
            None => Arc::new(Table::of(pages)),
        };
        if folder.misses_nothing() {
            *kept = Some(Kept { table: Arc::clone(&table), checked: now });
        }
        Ok(table)
    }
}

impl Table {
    pub(crate) fn of(pages: Arc<PageSet>) -> Self {
        let mut by_path: HashMap<String, Vec<Arc<str>>> = HashMap::new();
        for page in &pages.pages {
            for path in paths(page.metadata.keys.aliases.as_ref()) {
                let files = by_path.entry(key(&path)).or_default();
                // A page may name one twice: with a slash at its end, and without.
                if files.last() != Some(&page.name) {
                    files.push(Arc::clone(&page.name));
                }
            }
        }
        Self { pages, by_path }
    }

    pub(crate) fn files(&self, path: &UrlPath) -> &[Arc<str>] {
        self.by_path.get(&key(path)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The paths that aliases name.
pub(crate) fn paths(aliases: Option<&Value>) -> impl Iterator<Item = UrlPath> {
    let texts = aliases.and_then(|aliases| aliases.try_iter().ok()).into_iter().flatten();
    texts.filter_map(|text| UrlPath::parse(text.as_str()?))
}

/// Old links end in a slash or not.
fn key(path: &UrlPath) -> String {
    path.with_folder(false).as_str().to_owned()
}

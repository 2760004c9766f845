//! The search through a folder: finds its pages, and reads those that are not known.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use foldhash::fast::RandomState;

use crate::site::{
    collection::{
        error::ListError,
        page_set::{FolderNames, ListedPage, PageSet},
    },
    each::pattern::Pattern,
    files::{
        folder::Folder,
        listing::{Listed, Listing},
        lookup::Lookup,
        missed,
        stamp::FileStamp,
        walk::{self, ChildKind},
    },
    metadata::store::{Described, MetadataStore},
    naming::Naming,
    templates::limits,
};

/// The most files, folders and links that a list is made of.
const MAX_LOOKUPS: usize = 250_000;

/// A folder that is still to be searched.
struct Waiting {
    name: Arc<str>,
    /// The folders on the way to it, for links that lead around in a circle.
    above: Vec<FileStamp>,
}

/// The last search for the same.
pub(super) struct Before<'a> {
    pub(super) set: &'a PageSet,
    /// Those of its names that stand for something else by now, or may do so.
    pub(super) changes: HashMap<Arc<str>, Option<FileStamp>>,
}

/// One search.
pub(super) struct Search<'a> {
    pub(super) folder: &'a Folder,
    pub(super) naming: &'a Naming,
    pub(super) store: &'a MetadataStore,
    pub(super) before: Option<Before<'a>>,
    pub(super) now: SystemTime,
    /// Whether files that stand for rows are looked for, too.
    has_rows: bool,
    found: Found,
}

/// What it has found until now.
#[derive(Default)]
struct Found {
    lookups: Vec<Arc<Lookup>>,
    uncertain: Vec<Arc<str>>,
    pages: Vec<Arc<ListedPage>>,
    folders: HashMap<Arc<str>, Arc<FolderNames>, RandomState>,
    waiting: Vec<Waiting>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        naming: &'a Naming,
        store: &'a MetadataStore,
        before: Option<Before<'a>>,
        now: SystemTime,
    ) -> Self {
        Self { folder, naming, store, before, now, has_rows: false, found: Found::default() }
    }

    /// Finds the pages of a folder that there is.
    ///
    /// # Errors
    /// Where there are too many, or the time is over.
    pub(super) fn run(mut self, listed: &Listed) -> Result<PageSet, minijinja::Error> {
        self.has_rows = listed.has_rows;
        let first = Waiting { name: Arc::clone(&listed.folder), above: self.above(&listed.folder) };
        self.found.waiting.push(first);
        while let Some(next) = self.found.waiting.pop() {
            self.visit(next, listed.is_deep)?;
        }
        let Found { lookups, uncertain, pages, folders, .. } = self.found;
        let listing = Listing::new(listed.clone(), lookups, uncertain);
        Ok(PageSet::new(listing, pages, folders, self.folder.number()))
    }

    /// The folders on the way to the one of this name.
    fn above(&self, name: &str) -> Vec<FileStamp> {
        let ends = name.match_indices('/').map(|(end, _)| end);
        let ends = ends.chain((!name.is_empty()).then_some(0));
        ends.filter_map(|end| self.stamp(name.get(..end)?)).collect()
    }

    /// What stands under `name`, looked up once.
    fn stamp(&self, name: &str) -> Option<FileStamp> {
        let before = self.before.as_ref();
        let known = before.and_then(|before| {
            let lookup = before.set.listing.find(name)?;
            Some(before.changes.get(name).copied().unwrap_or(lookup.stamp))
        });
        known.unwrap_or_else(|| self.folder.stamp(name))
    }

    fn visit(&mut self, next: Waiting, is_deep: bool) -> Result<(), minijinja::Error> {
        let Waiting { name, mut above } = next;
        let names = match self.names_in(&name) {
            Ok(names) => names,
            // It is gone, or was never inside: that may change.
            Err(stamp) => return self.add_lookup(name, stamp),
        };
        if walk::is_among(&above, &names.stamp) {
            return self.add_lookup(Arc::clone(&name), Some(names.stamp));
        }
        if !names.is_settled {
            self.found.uncertain.push(Arc::clone(&name));
        }
        self.add_lookup(Arc::clone(&name), Some(names.stamp))?;
        above.push(names.stamp);
        for (path, kind) in &names.names {
            limits::check_time_seldom()?;
            let stamp = match kind {
                ChildKind::Folder => None,
                ChildKind::File | ChildKind::Link => self.stamp(path),
            };
            let is_folder =
                *kind == ChildKind::Folder || stamp.is_some_and(|stamp| stamp.is_folder());
            if is_folder && is_deep {
                self.found.waiting.push(Waiting { name: Arc::clone(path), above: above.clone() });
            } else if !is_folder && self.takes(path) {
                self.add_page(path, stamp)?;
            } else if *kind == ChildKind::Link {
                self.add_lookup(Arc::clone(path), stamp)?;
            }
        }
        self.found.folders.insert(name, names);
        Ok(())
    }

    /// Whether the file `name` is a page of the list, or stands for some.
    fn takes(&self, name: &str) -> bool {
        self.naming.is_listed(name)
            || (self.has_rows
                && Pattern::of(name, self.naming).is_some()
                && !self.naming.is_private(name))
    }

    /// What the folder holds, read where it is not known; or what stood there before it could
    /// not be opened.
    fn names_in(&self, name: &Arc<str>) -> Result<Arc<FolderNames>, Option<FileStamp>> {
        let stamp = self.stamp(name).ok_or(None)?;
        let known = self.before.as_ref().and_then(|before| before.set.folders.get(name));
        if let Some(known) = known.filter(|known| known.stamp == stamp && known.is_settled) {
            return Ok(Arc::clone(known));
        }
        let open = self.folder.open_folder(name).ok_or(Some(stamp))?;
        let prefix = if name.is_empty() { String::new() } else { format!("{name}/") };
        let is_wanted = |(path, kind): &(Arc<str>, ChildKind)| match kind {
            ChildKind::File => self.takes(path),
            ChildKind::Folder => self.naming.may_hold_public(path),
            ChildKind::Link => self.takes(path) || self.naming.may_hold_public(path),
        };
        let mut names: Vec<(Arc<str>, ChildKind)> = walk::children(&open)
            .flatten()
            .map(|child| (format!("{prefix}{}", child.name).into(), child.kind))
            .filter(is_wanted)
            .take(MAX_LOOKUPS + 1)
            .collect();
        names.sort_unstable();
        missed::note_listed(name, open.stamp);
        let is_settled = open.stamp.is_settled_at(self.now);
        Ok(Arc::new(FolderNames { stamp: open.stamp, is_settled, names }))
    }

    /// Adds a file that is a page, unless it leads out of the root.
    fn add_page(
        &mut self,
        name: &Arc<str>,
        stamp: Option<FileStamp>,
    ) -> Result<(), minijinja::Error> {
        let before = self.before.as_ref().filter(|before| !before.changes.contains_key(name));
        let known = before.and_then(|before| {
            let lookup = before.set.listing.find(name).filter(|lookup| lookup.stamp == stamp)?;
            Some((Arc::clone(lookup), Arc::clone(before.set.get(name)?)))
        });
        if let Some((lookup, page)) = known {
            self.found.lookups.push(lookup);
            self.found.pages.push(page);
            return self.check_size();
        }
        let Some(Described { file, metadata, .. }) = self.store.get(name, stamp, self.folder)
        else {
            return self.add_lookup(Arc::clone(name), stamp);
        };
        if !file.is_settled {
            self.found.uncertain.push(Arc::clone(name));
        }
        let page = ListedPage::new(Arc::clone(name), metadata, self.naming);
        self.found.pages.push(Arc::new(page));
        self.add_lookup(Arc::clone(name), Some(file.stamp))
    }

    fn add_lookup(
        &mut self,
        name: Arc<str>,
        stamp: Option<FileStamp>,
    ) -> Result<(), minijinja::Error> {
        self.found.lookups.push(Arc::new(Lookup::seen(name, stamp)));
        self.check_size()
    }

    fn check_size(&self) -> Result<(), minijinja::Error> {
        if self.found.lookups.len() <= MAX_LOOKUPS {
            return Ok(());
        }
        let message = format!("a list holds more than {MAX_LOOKUPS} files and folders");
        Err(ListError::new(message, "list a folder with fewer, or write `deep=false`").into())
    }
}

//! The library: the lists of pages that are kept, each used again while all that was looked
//! up for it is as it was.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::SystemTime,
};

use minijinja::Error;

use crate::site::{
    collection::{
        error::ListError,
        page_set::{ListedPage, PageSet, ReadPage},
        search::{Before, Search},
    },
    files::{folder::Folder, listing::Listed, lookup::Lookup, stamp::FileStamp},
    metadata::{
        keys::Keys,
        store::{Described, MetadataStore},
    },
    naming::{FileKind, Naming},
    templates::{engine::Templates, recorder},
};

/// How many lists are kept.
const MAX_KEPT: usize = 64;
/// What they hold together, in bytes. The last one is kept in any case.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// What templates know of pages other than their own.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) naming: Arc<Naming>,
    pub(crate) metadata: Arc<MetadataStore>,
    /// Whether pages whose front matter cannot be read are left out.
    is_production: bool,
    /// Whether drafts and pages of the future are shown.
    pub(super) shows_unpublished: bool,
    /// What renders the content of pages.
    pub(crate) templates: Weak<Templates>,
    /// The last one used at the end.
    kept: Mutex<Vec<Arc<PageSet>>>,
}

impl Library {
    /// Nothing is known yet.
    pub(crate) fn new(
        naming: Arc<Naming>,
        metadata: Arc<MetadataStore>,
        is_production: bool,
        shows_unpublished: bool,
        templates: Weak<Templates>,
    ) -> Self {
        let kept = Mutex::default();
        Self { naming, metadata, is_production, shows_unpublished, templates, kept }
    }

    /// The pages of the folder `listed`, as the render that goes on sees them: as they are,
    /// or as they were when it first asked. They are noted for it.
    ///
    /// # Errors
    /// Where there is no such folder, too much in it, or no time left.
    pub(crate) fn pages(&self, listed: &Listed) -> Result<Arc<PageSet>, Error> {
        let Some(folder) = recorder::folder() else { return Err(no_render().into()) };
        let kept = self.kept(listed);
        let set = match (recorder::listing(listed), kept) {
            (Some(known), Some(kept)) if Arc::ptr_eq(&known, &kept.listing) => kept,
            (None, Some(kept)) => self.check(kept, &folder)?,
            _ => self.search(listed, &folder, None)?,
        };
        recorder::note(|looked| looked.add_list(&set.listing));
        self.keep(&set, &folder);
        Ok(set)
    }

    /// Whether lists show the page: visitors see no draft, and none of the future. One whose front matter cannot be read is shown under its
    /// file's name where its author sees that, with a warning.
    pub(crate) fn shows(&self, page: &ListedPage) -> bool {
        if !self.shows_keys(&page.metadata.keys) {
            return false;
        }
        let Some(problem) = page.metadata.problem.as_deref().filter(|_| !self.is_production) else {
            return page.metadata.problem.is_none();
        };
        let line = problem.places.first().and_then(|place| place.line);
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        recorder::warn(format!(
            "warning: `{}` is listed by the name of its file, since its front matter cannot be \
             read: {} ({}{line})",
            page.name, problem.message, page.name,
        ));
        true
    }

    fn shows_keys(&self, keys: &Keys) -> bool {
        self.shows_unpublished || (!keys.draft && keys.date.is_none_or(recorder::has_come))
    }

    /// Whether the file `name` is hidden from visitors, so that a row may have its path. It is
    /// noted for the render that goes on.
    pub(super) fn hides(&self, name: &str, folder: &Folder) -> bool {
        if self.shows_unpublished || self.naming.kind(name) == FileKind::Asset {
            return false;
        }
        let Some(page) = self.metadata.get(name, folder.stamp(name), folder) else { return false };
        recorder::note(|looked| looked.add_refused(&page.file));
        !self.shows_keys(&page.metadata.keys)
    }

    /// The same list as it is now.
    fn check(&self, kept: Arc<PageSet>, folder: &Folder) -> Result<Arc<PageSet>, Error> {
        let listed = &kept.listing.listed;
        if kept.root != folder.number() {
            return self.search(listed, folder, None);
        }
        let mut changes: HashMap<_, _> = kept.listing.changes(folder).into_iter().collect();
        // What one may be uncertain of is read anew.
        for name in kept.listing.uncertain() {
            changes.entry(Arc::clone(name)).or_insert_with(|| folder.stamp(name));
        }
        if changes.is_empty() {
            return Ok(kept);
        }
        match self.read_again(&kept, &changes, folder) {
            Some(read) => Ok(Arc::new(kept.with_read(read))),
            None => self.search(listed, folder, Some(Before { set: &kept, changes })),
        }
    }

    /// The pages that have changed, where nothing else has: most edits are of this kind.
    fn read_again(
        &self,
        kept: &PageSet,
        changes: &HashMap<Arc<str>, Option<FileStamp>>,
        folder: &Folder,
    ) -> Option<Vec<ReadPage>> {
        let read = |(name, stamp): (&Arc<str>, &Option<FileStamp>)| {
            kept.place_of(name)?;
            let Described { file, metadata, .. } = self.metadata.get(name, *stamp, folder)?;
            let page = Arc::new(ListedPage::new(Arc::clone(name), metadata, &self.naming));
            let lookup = Arc::new(Lookup::seen(Arc::clone(name), Some(file.stamp)));
            Some(ReadPage { page, lookup, is_settled: file.is_settled })
        };
        changes.iter().map(read).collect()
    }

    fn search(
        &self,
        listed: &Listed,
        folder: &Folder,
        before: Option<Before<'_>>,
    ) -> Result<Arc<PageSet>, Error> {
        let (naming, store) = (&*self.naming, &*self.metadata);
        let search = Search::new(folder, naming, store, before, SystemTime::now());
        search.run(listed).map(Arc::new)
    }

    fn kept(&self, listed: &Listed) -> Option<Arc<PageSet>> {
        let lists = self.lists();
        lists.iter().find(|set| set.listing.listed == *listed).map(Arc::clone)
    }

    fn keep(&self, set: &Arc<PageSet>, folder: &Folder) {
        let mut lists = self.lists();
        if lists.last().is_some_and(|last| Arc::ptr_eq(last, set)) {
            return;
        }
        let is_known = lists.iter().any(|other| Arc::ptr_eq(other, set));
        if !is_known && !folder.misses_nothing() {
            return;
        }
        lists.retain(|other| other.listing.listed != set.listing.listed);
        lists.push(Arc::clone(set));
        let weights: Vec<usize> = lists.iter().map(|set| set.listing.weight()).collect();
        let mut bytes: usize = weights.iter().sum();
        let mut surplus = lists.len().saturating_sub(MAX_KEPT);
        for (idx, weight) in weights.iter().enumerate().take(lists.len() - 1) {
            if idx >= surplus && bytes <= MAX_KEPT_BYTES {
                break;
            }
            bytes -= weight;
            surplus = surplus.max(idx + 1);
        }
        drop(lists.drain(..surplus));
    }

    fn lists(&self) -> MutexGuard<'_, Vec<Arc<PageSet>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For what is asked while nothing is rendered.
fn no_render() -> ListError {
    ListError::new("there are no pages here", "ask for pages in a page")
}

//! The library: the lists of pages that are kept, each used again while all that was looked
//! up for it is as it was.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::SystemTime,
};

use minijinja::Error;

use crate::site::{
    collection::{error::ListError, page_set::PageSet, search::Search},
    files::{folder::Folder, listing::Listed},
    metadata::store::MetadataStore,
    naming::Naming,
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
        templates: Weak<Templates>,
    ) -> Self {
        Self { naming, metadata, templates, kept: Mutex::default() }
    }

    /// The pages of the folder `listed`, as the render that goes on sees them: as they are,
    /// or as they were when it first asked. They are noted for it.
    ///
    /// # Errors
    /// Where there is no such folder, too much in it, or no time left.
    pub(crate) fn pages(&self, listed: &Listed) -> Result<Arc<PageSet>, Error> {
        let Some(folder) = recorder::folder() else { return Err(no_render().into()) };
        let kept = self.kept(listed);
        let known = recorder::listing(listed);
        let is_current = |kept: &&Arc<PageSet>| match &known {
            Some(known) => Arc::ptr_eq(known, &kept.listing),
            None => {
                kept.root == folder.number()
                    && !kept.listing.is_uncertain()
                    && kept.listing.is_unchanged(&folder)
            }
        };
        let set = match kept.as_ref().filter(is_current) {
            Some(current) => Arc::clone(current),
            None => self.search(listed, &folder, kept.as_deref())?,
        };
        recorder::note(|looked| looked.add_list(&set.listing));
        self.keep(&set);
        Ok(set)
    }

    fn search(
        &self,
        listed: &Listed,
        folder: &Folder,
        before: Option<&PageSet>,
    ) -> Result<Arc<PageSet>, Error> {
        let (naming, store) = (&*self.naming, &self.metadata);
        let search = Search::new(folder, naming, store, before, SystemTime::now());
        search.run(listed.clone()).map(Arc::new)
    }

    fn kept(&self, listed: &Listed) -> Option<Arc<PageSet>> {
        let lists = self.lists();
        lists.iter().find(|set| set.listing.listed == *listed).map(Arc::clone)
    }

    fn keep(&self, set: &Arc<PageSet>) {
        let mut lists = self.lists();
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

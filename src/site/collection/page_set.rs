//! The pages of a folder, in their order, and what was looked up to find them.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use minijinja::Value;

use crate::http::url_path::UrlPath;
use crate::site::{
    each::item::Item,
    files::{listing::Listing, lookup::Lookup, stamp::FileStamp, walk::ChildKind},
    metadata::Metadata,
    naming::Naming,
};

/// A page as lists have it.
#[derive(Debug)]
pub(crate) struct ListedPage {
    /// Its file, from the root.
    pub(crate) name: Arc<str>,
    pub(crate) metadata: Arc<Metadata>,
    /// What its front matter says of its place.
    order: Option<Value>,
    /// Its place among others without an order of its own: bytes that compare as paths do
    /// segment by segment, `index` first.
    position: Box<[u8]>,
    /// The same for its URL, which lacks the day before the name of some files.
    url_position: Option<Box<[u8]>>,
    /// Where it is the page of a row.
    pub(super) row: Option<Arc<Item>>,
}

/// The pages of a folder as they were when they were last looked for.
#[derive(Debug)]
pub(crate) struct PageSet {
    pub(crate) listing: Arc<Listing>,
    /// In their order.
    pub(crate) pages: Vec<Arc<ListedPage>>,
    /// Where each stands in it, by its file.
    places: Arc<HashMap<Arc<str>, usize, RandomState>>,
    /// What the folders hold, for the next time.
    pub(super) folders: Arc<HashMap<Arc<str>, Arc<FolderNames>, RandomState>>,
    /// The number of the root in which they were found.
    pub(super) root: u64,
}

/// The names in a folder that may be pages or folders of pages, in one state of it.
#[derive(Debug)]
pub(crate) struct FolderNames {
    pub(super) stamp: FileStamp,
    pub(super) is_settled: bool,
    pub(super) names: Vec<(Arc<str>, ChildKind)>,
}

/// A page that was read just now.
pub(super) struct ReadPage {
    pub(super) page: Arc<ListedPage>,
    pub(super) lookup: Arc<Lookup>,
    /// Whether a later change of it shows for sure.
    pub(super) is_settled: bool,
}

impl ListedPage {
    /// The page of the file `name`.
    pub(crate) fn new(name: Arc<str>, metadata: Arc<Metadata>, naming: &Naming) -> Self {
        let position = position_of(naming.without_extension(&name));
        let url_position = naming.undated(&name).map(|page| position_of(&page));
        let order = metadata.value("order").filter(|order| !is_missing(order));
        Self { name, metadata, order, position, url_position, row: None }
    }

    /// The page at `path` of a row, for which the file of the page `of` stands.
    pub(super) fn of_row(of: &Self, row: Item, path: &UrlPath) -> Self {
        let mut metadata = Metadata::clone(&of.metadata);
        if let Some(title) = &row.title {
            metadata.title.clone_from(title);
        }
        if let Some(description) = &row.description {
            metadata.description.clone_from(description);
        }
        let (name, order) = (Arc::clone(&of.name), of.order.clone());
        let (metadata, row) = (Arc::new(metadata), Some(Arc::new(row)));
        Self {
            name,
            metadata,
            order,
            position: position_of(path.relative()),
            url_position: None,
            row,
        }
    }

    /// What its path is compared by.
    pub(super) fn position(&self) -> &[u8] {
        &self.position
    }

    /// What its URL is compared by.
    pub(super) fn url_position(&self) -> &[u8] {
        self.url_position.as_deref().unwrap_or(&self.position)
    }

    /// Compares by path alone, which tells any two apart.
    pub(super) fn compare_path(&self, other: &Self) -> Ordering {
        (&self.position, &self.name).cmp(&(&other.position, &other.name))
    }

    /// Compares the places of two pages in a list.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (&self.order, &other.order) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
        .then_with(|| self.compare_path(other))
    }
}

impl PageSet {
    /// Puts `pages` in their order.
    pub(super) fn new(
        listing: Listing,
        mut pages: Vec<Arc<ListedPage>>,
        folders: HashMap<Arc<str>, Arc<FolderNames>, RandomState>,
        root: u64,
    ) -> Self {
        pages.sort_by(|one, other| one.compare(other));
        let places = pages.iter().enumerate().map(|(idx, page)| (Arc::clone(&page.name), idx));
        let (places, folders) = (Arc::new(places.collect()), Arc::new(folders));
        Self { listing: Arc::new(listing), pages, places, folders, root }
    }

    /// The same pages in the same folders, of which some were read anew: `read` has each with
    /// what was looked up for it, and whether a change of it might not show.
    pub(super) fn with_read(&self, read: Vec<ReadPage>) -> Self {
        let mut lookups = self.listing.lookups().to_vec();
        let (mut pages, mut uncertain, mut is_moved) = (self.pages.clone(), Vec::new(), false);
        for ReadPage { page, lookup, is_settled } in read {
            if !is_settled {
                uncertain.push(Arc::clone(&page.name));
            }
            if let Some(place) = self.listing.place_of(&page.name) {
                lookups[place] = lookup;
            }
            if let Some(place) = self.place_of(&page.name) {
                is_moved |= pages[place].order != page.order;
                pages[place] = page;
            }
        }
        let listing = Listing::new(self.listing.listed.clone(), lookups, uncertain);
        if is_moved {
            return Self::new(listing, pages, (*self.folders).clone(), self.root);
        }
        let (places, folders) = (Arc::clone(&self.places), Arc::clone(&self.folders));
        Self { listing: Arc::new(listing), pages, places, folders, root: self.root }
    }

    /// Where the page of the file `name` stands.
    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The page of the file `name`.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<ListedPage>> {
        self.pages.get(self.place_of(name)?)
    }
}

/// Whether a page has no such key.
pub(super) fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

/// The zero that no name holds comes before all that a name holds, so whole segments are
/// compared; and that of `index` is empty.
fn position_of(page: &str) -> Box<[u8]> {
    let page = match page.strip_suffix("index") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
        _ => page,
    };
    page.bytes().map(|byte| if byte == b'/' { 0 } else { byte }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_in_the_order_of_their_paths_segment_by_segment() {
        let ordered = [
            "index",
            "B",
            "a",
            "a/index",
            "a/b",
            "a/b/index",
            "a/b/c",
            "a/indexes",
            "a b",
            "a-b",
            "a.b",
            "ab",
            "index/index",
            "index/a",
            "indexes",
            "é",
        ];
        for pair in ordered.windows(2) {
            assert!(position_of(pair[0]) < position_of(pair[1]), "{pair:?}");
        }
    }
}

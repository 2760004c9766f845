//! A listing: all that was looked up to list the pages of a folder, as one value that the
//! answers share which show the list.

use std::{collections::HashMap, sync::Arc};

use crate::site::files::{folder::Folder, lookup::Lookup, stamp::FileStamp};

/// What a name takes of memory in a listing, besides its text.
const LOOKUP_BYTES: usize = 192;

/// The folder whose pages are listed, and which of them are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// From the root; empty for the root itself.
    pub(crate) folder: Arc<str>,
    /// Whether those in the folders below it are.
    pub(crate) is_deep: bool,
    /// Whether files that stand for the rows of a list are, such as `[id].html`.
    pub(crate) has_rows: bool,
}

/// All that was looked up for a list: the folders, the files in them that may be pages, and
/// the links.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) listed: Listed,
    /// In the order of their names, each once.
    lookups: Box<[Arc<Lookup>]>,
    /// Those of which a change might not show.
    uncertain: Box<[Arc<str>]>,
    /// What it takes of memory, in bytes.
    weight: usize,
}

impl Listing {
    /// What was looked up, in any order.
    pub(crate) fn new(
        listed: Listed,
        mut lookups: Vec<Arc<Lookup>>,
        uncertain: Vec<Arc<str>>,
    ) -> Self {
        // They mostly come in order, which a stable sort makes use of.
        lookups.sort_by(|a, b| a.name.cmp(&b.name));
        lookups.dedup_by(|next, lookup| next.name == lookup.name);
        let weight = lookups.iter().map(|lookup| lookup.name.len() + LOOKUP_BYTES).sum();
        Self { listed, lookups: lookups.into(), uncertain: uncertain.into(), weight }
    }

    pub(crate) fn lookups(&self) -> &[Arc<Lookup>] {
        &self.lookups
    }

    pub(crate) fn is_uncertain(&self) -> bool {
        !self.uncertain.is_empty()
    }

    /// Those of its names of which a change might not show.
    pub(crate) fn uncertain(&self) -> &[Arc<str>] {
        &self.uncertain
    }

    /// What was found under `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Lookup>> {
        self.lookups.get(self.place_of(name)?)
    }

    /// Where that stands.
    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        self.lookups.binary_search_by(|lookup| (*lookup.name).cmp(name)).ok()
    }

    /// What may have changed with an event about `name`: that itself, all below it, and the
    /// folder that it is in, whose names were listed.
    pub(crate) fn concerned_by(&self, name: &str) -> impl Iterator<Item = &Arc<Lookup>> {
        let below = format!("{name}/");
        let from = self.lookups.partition_point(|lookup| *lookup.name < *below);
        let below =
            self.lookups[from..].iter().take_while(move |lookup| lookup.name.starts_with(&below));
        let (folder, _) = name.rsplit_once('/').unwrap_or_default();
        let folder = self.find(folder).filter(|lookup| lookup.is_folder());
        self.find(name).into_iter().chain(folder).chain(below)
    }

    /// Those of its names that stand for something else by now in `folder`, with what that is.
    pub(crate) fn changes(&self, folder: &Folder) -> Vec<(Arc<str>, Option<FileStamp>)> {
        let stamped = self.lookups.iter().map(|lookup| (lookup, folder.stamp(&lookup.name)));
        let changed = stamped.filter(|(lookup, stamp)| lookup.stamp != *stamp);
        changed.map(|(lookup, stamp)| (Arc::clone(&lookup.name), stamp)).collect()
    }

    /// Whether both were made of the same files in the same state.
    pub(crate) fn is_same(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || (self.listed == other.listed && self.lookups == other.lookups)
    }

    /// The same names after these changes, taken as sure.
    pub(crate) fn renewed(&self, changes: &HashMap<Arc<str>, Option<FileStamp>>) -> Self {
        let renew = |lookup: &Arc<Lookup>| match changes.get(&lookup.name) {
            None => Arc::clone(lookup),
            Some(stamp) => Arc::new(Lookup { stamp: *stamp, ..Lookup::clone(lookup) }),
        };
        let lookups = self.lookups.iter().map(renew).collect();
        let (listed, weight) = (self.listed.clone(), self.weight);
        Self { listed, lookups, uncertain: Box::default(), weight }
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_concerns_a_name_those_below_it_and_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        let root = Folder::open(folder.path(), 0).unwrap();
        let names = ["a/b/c", "a-b", "a/b/d", "ab", "c.html", "", "a/b"];
        let lookup = |name: &&str| Arc::new(Lookup::seen((*name).into(), root.stamp(name)));
        let listed = Listed { folder: "".into(), is_deep: true, has_rows: false };
        let listing = Listing::new(listed, names.iter().map(lookup).collect(), Vec::new());
        for (name, expected) in [
            ("a", " ;a/b;a/b/c;a/b/d"),
            ("a/b", "a/b;a/b/c;a/b/d"),
            ("a/b/c", "a/b/c;a/b"),
            ("a/b/new", "a/b"),
            ("a-b", "a-b; "),
            ("new", " "),
            ("a/new", ""),
            ("a/b/c/d", ""),
        ] {
            let found = listing.concerned_by(name);
            let found: Vec<&str> = found
                .map(|lookup| if lookup.name.is_empty() { " " } else { &*lookup.name })
                .collect();
            assert_eq!(found.join(";"), expected, "{name}");
        }
    }
}

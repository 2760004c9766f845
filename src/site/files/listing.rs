//! A listing: all that was looked up to list the pages of a folder, as one value that the
//! answers share which show the list.

use std::sync::Arc;

use crate::site::files::{folder::Folder, lookup::Lookup, stamp::FileStamp};

/// What a name takes of memory in a listing, besides its text.
const LOOKUP_BYTES: usize = 192;

/// The folder whose pages are listed, and whether those below it are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// From the root; empty for the root itself.
    pub(crate) folder: Arc<str>,
    pub(crate) is_deep: bool,
}

/// All that was looked up for a list: the folders, the files in them that may be pages, and
/// the links.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) listed: Listed,
    /// In the order of their names, each once.
    lookups: Box<[Arc<Lookup>]>,
    /// Whether a change of one of them might not show.
    is_uncertain: bool,
}

impl Listing {
    /// What was looked up, in any order.
    pub(crate) fn new(listed: Listed, mut lookups: Vec<Arc<Lookup>>, is_uncertain: bool) -> Self {
        lookups.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        lookups.dedup_by(|next, lookup| next.name == lookup.name);
        Self { listed, lookups: lookups.into(), is_uncertain }
    }

    pub(crate) fn lookups(&self) -> &[Arc<Lookup>] {
        &self.lookups
    }

    pub(crate) fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// What was found under `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Lookup>> {
        let idx = self.lookups.binary_search_by(|lookup| (*lookup.name).cmp(name)).ok()?;
        self.lookups.get(idx)
    }

    /// Whether one of its names is `name`, or lies below it.
    #[cfg_attr(not(test), expect(dead_code, reason = "live editing does not ask yet"))]
    pub(crate) fn has_at_or_below(&self, name: &str) -> bool {
        let from = self.lookups.partition_point(|lookup| *lookup.name < *name);
        let is_in = |own: &str, folder: &str| {
            own.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // `a-b` comes between `a` and `a/b`.
        let below = format!("{name}/");
        let first_below = self.lookups.partition_point(|lookup| *lookup.name < *below);
        [from, first_below]
            .into_iter()
            .filter_map(|idx| self.lookups.get(idx))
            .any(|lookup| is_in(&lookup.name, name))
    }

    /// Whether all of it is as it was in `folder`.
    pub(crate) fn is_unchanged(&self, folder: &Folder) -> bool {
        self.lookups.iter().all(|lookup| folder.stamp(&lookup.name) == lookup.stamp)
    }

    /// Whether both were made of the same files in the same state.
    pub(crate) fn is_same(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        Arc::ptr_eq(self, other) || (self.listed == other.listed && self.lookups == other.lookups)
    }

    /// The same names with the stamps that `stamp` gives, taken as sure.
    pub(crate) fn renewed(&self, stamp: impl Fn(&Arc<str>) -> Option<FileStamp>) -> Self {
        let renew = |lookup: &Arc<Lookup>| match stamp(&lookup.name) {
            stamp if stamp == lookup.stamp => Arc::clone(lookup),
            stamp => Arc::new(Lookup { stamp, ..Lookup::clone(lookup) }),
        };
        let lookups = self.lookups.iter().map(renew).collect();
        Self { listed: self.listed.clone(), lookups, is_uncertain: false }
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.lookups.iter().map(|lookup| lookup.name.len() + LOOKUP_BYTES).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        let lookup = |name: &&str| Arc::new(Lookup::seen((*name).into(), None));
        let listed = Listed { folder: "".into(), is_deep: true };
        Listing::new(listed, names.iter().map(lookup).collect(), false)
    }

    #[test]
    fn names_are_found_at_or_below_others() {
        let listing = listing(&["a/b/c", "a-b", "a/b/d", "b", "ab", "c.html", ""]);
        for (name, at, is_in) in [
            ("a", false, true),
            ("a/b", false, true),
            ("a/b/c", true, true),
            ("a-b", true, true),
            ("b", true, true),
            ("a/", false, false),
            ("c", false, false),
            ("d", false, false),
            ("a/b/e", false, false),
            ("a/b/c/d", false, false),
        ] {
            assert_eq!(listing.find(name).is_some(), at, "{name}");
            assert_eq!(listing.has_at_or_below(name), is_in, "{name}");
        }
    }
}

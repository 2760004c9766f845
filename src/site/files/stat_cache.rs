//! A stat cache: the stamps of names in one folder, each asked for once.

use std::{cell::RefCell, collections::HashMap, path::PathBuf, sync::Arc, time::SystemTime};

use crate::site::files::{
    dependencies::Dependencies, folder::Folder, listing::Listing, stamp::FileStamp,
};

/// The stamps of names in one folder, each asked for once.
#[derive(Debug)]
pub struct StatCache {
    folder: Arc<Folder>,
    now: SystemTime,
    seen: RefCell<HashMap<Arc<str>, Option<FileStamp>>>,
    /// What has changed of each list, by its address, which no other has meanwhile.
    lists: RefCell<HashMap<usize, ChangedList>>,
    /// Of lists, what alone may have changed, where events have named it: they are long.
    named: Option<Arc<[PathBuf]>>,
}

#[derive(Clone, Debug)]
struct ChangedList {
    _list: Arc<Listing>,
    changes: Arc<HashMap<Arc<str>, Option<FileStamp>>>,
}

impl StatCache {
    /// Begins now. Of lists, only what is `named` is looked up, or what is below it, if these
    /// are given.
    pub(crate) fn new(folder: Arc<Folder>, named: Option<Arc<[PathBuf]>>) -> Self {
        let (seen, lists) = (RefCell::default(), RefCell::default());
        Self { folder, now: SystemTime::now(), seen, lists, named }
    }

    /// What was given as named.
    pub(crate) fn named(&self) -> Option<Arc<[PathBuf]>> {
        self.named.clone()
    }

    /// Whether each name still stands for what it stood for.
    pub fn is_current(&self, dependencies: &Dependencies) -> bool {
        dependencies.are_unchanged_but_lists(self.now, |name| self.stamp(name))
            && dependencies.listings().all(|list| self.changes_of(list).is_empty())
    }

    /// The names of `dependencies` that stand for something else by now, and when the file
    /// was changed that stands there, if there is one.
    pub fn changed(&self, dependencies: &Dependencies) -> Vec<(Arc<str>, Option<SystemTime>)> {
        let stamped = dependencies.stamped().map(|(name, before)| (name, before, self.stamp(name)));
        let mut changed: Vec<(Arc<str>, Option<FileStamp>)> = stamped
            .filter(|(_, before, stamp)| before != stamp)
            .map(|(name, _, stamp)| (Arc::clone(name), stamp))
            .collect();
        for list in dependencies.listings() {
            let changes = self.changes_of(list);
            changed.extend(changes.iter().map(|(name, stamp)| (Arc::clone(name), *stamp)));
        }
        let time = |stamp: Option<FileStamp>| stamp.filter(FileStamp::is_file).map(|s| s.changed());
        changed.into_iter().map(|(name, stamp)| (name, time(stamp))).collect()
    }

    /// The same names, with what they stand for by now.
    pub fn renew(&self, dependencies: &Dependencies) -> Dependencies {
        let renew_list = |list: &Arc<Listing>| Arc::new(list.renewed(&self.changes_of(list)));
        dependencies.renewed(self.now, |name| self.stamp(name), renew_list)
    }

    /// Those names of a list that stand for something else by now.
    fn changes_of(&self, list: &Arc<Listing>) -> Arc<HashMap<Arc<str>, Option<FileStamp>>> {
        let address = Arc::as_ptr(list).addr();
        if let Some(known) = self.lists.borrow().get(&address) {
            return Arc::clone(&known.changes);
        }
        let changes = match &self.named {
            None => list.changes(&self.folder).into_iter().collect(),
            Some(named) => self.changes_named(list, named),
        };
        let changes = Arc::new(changes);
        let known = ChangedList { _list: Arc::clone(list), changes: Arc::clone(&changes) };
        self.lists.borrow_mut().insert(address, known);
        changes
    }

    fn changes_named(
        &self,
        list: &Listing,
        named: &[PathBuf],
    ) -> HashMap<Arc<str>, Option<FileStamp>> {
        let named = named.iter().filter_map(|name| name.to_str());
        let concerned = named.flat_map(|name| list.concerned_by(name));
        let stamped = concerned.map(|lookup| (lookup, self.stamp(&lookup.name)));
        let changed = stamped.filter(|(lookup, stamp)| lookup.stamp != *stamp);
        changed.map(|(lookup, stamp)| (Arc::clone(&lookup.name), stamp)).collect()
    }

    fn stamp(&self, name: &Arc<str>) -> Option<FileStamp> {
        if let Some(stamp) = self.seen.borrow().get(name) {
            return *stamp;
        }
        let stamp = self.folder.stamp(name);
        self.seen.borrow_mut().insert(Arc::clone(name), stamp);
        stamp
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::site::files::{listing::Listed, lookup::Lookup};

    #[test]
    fn of_a_list_only_what_events_have_named_is_looked_up() {
        let temporary = tempfile::tempdir().unwrap();
        let path = |name: &str| temporary.path().join(name);
        fs::create_dir(path("blog")).unwrap();
        let names = ["blog", "blog/a.html", "blog/b.html"];
        names[1..].iter().for_each(|name| fs::write(path(name), "").unwrap());
        let folder = Arc::new(Folder::open(temporary.path(), 0).unwrap());
        let lookup = |name: &&str| Arc::new(Lookup::seen((*name).into(), folder.stamp(name)));
        let listed = Listed { folder: "blog".into(), is_deep: true, has_rows: false };
        let listing = Listing::new(listed, names.iter().map(lookup).collect(), Vec::new());
        let mut dependencies = Dependencies::default();
        dependencies.add_list(&Arc::new(listing));
        let changed = |named: Option<&[&str]>| {
            let named = named.map(|named| named.iter().map(PathBuf::from).collect());
            let stats = StatCache::new(Arc::clone(&folder), named);
            let changed = stats.changed(&dependencies);
            assert_eq!(stats.is_current(&dependencies), changed.is_empty());
            assert!(StatCache::new(Arc::clone(&folder), None).is_current(&{
                let all = StatCache::new(Arc::clone(&folder), None);
                all.renew(&dependencies)
            }));
            let mut names: Vec<String> = changed.iter().map(|(name, _)| name.to_string()).collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(changed(None), "");
        fs::write(path("blog/a.html"), "longer").unwrap();
        for (named, expected) in [
            (None, "blog/a.html"),
            (Some(&["blog/a.html"][..]), "blog/a.html"),
            (Some(&["blog"]), "blog/a.html"),
            (Some(&["blog/b.html", "other.html"]), ""),
            (Some(&[]), ""),
        ] {
            assert_eq!(changed(named), expected, "{named:?}");
        }
        fs::write(path("blog/new.html"), "").unwrap();
        assert_eq!(changed(Some(&["blog/new.html"])), "blog");
        assert_eq!(changed(None), "blog blog/a.html");
    }
}

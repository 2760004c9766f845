//! Values made of the names in a folder, kept for the folders that were asked for last: made
//! again when the folder's stamp is another.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use crate::site::files::{missed, stamp::FileStamp};

/// For how many folders it is kept.
const MAX_FOLDERS: usize = 64;
/// How many items are kept in all. The last folder's are kept in any case.
const MAX_ITEMS: usize = 200_000;

/// Items that the names in a folder alone decide, by folder.
#[derive(Debug)]
pub(crate) struct ByFolder<T> {
    /// The last one made at the end.
    kept: Mutex<VecDeque<OfFolder<T>>>,
}

#[derive(Debug)]
struct OfFolder<T> {
    name: String,
    stamp: FileStamp,
    items: Arc<[T]>,
}

impl<T> Default for ByFolder<T> {
    fn default() -> Self {
        Self { kept: Mutex::default() }
    }
}

impl<T> ByFolder<T> {
    /// Those of the folder `name`, which `make` makes of the names in it; what stands there has
    /// this `stamp` now. None where that is no folder.
    pub(crate) fn of(
        &self,
        name: &str,
        stamp: Option<FileStamp>,
        make: impl FnOnce() -> Vec<T>,
    ) -> Arc<[T]> {
        let now = SystemTime::now();
        let Some(stamp) = stamp.filter(FileStamp::is_folder) else { return Arc::from([]) };
        missed::note_listed(name, stamp);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|kept| kept.name == name && kept.stamp == stamp);
        if let Some(known) = known {
            return Arc::clone(&known.items);
        }
        let (items, missed) = missed::record(make);
        let items: Arc<[T]> = items.into();
        kept.retain(|kept| kept.name != name);
        let is_whole = missed.names.is_empty() && !missed.is_disturbed();
        if is_whole && stamp.is_settled_at(now) {
            let items = Arc::clone(&items);
            kept.push_back(OfFolder { name: name.to_owned(), stamp, items });
            let count = |kept: &VecDeque<OfFolder<T>>| -> usize {
                kept.iter().map(|kept| kept.items.len()).sum()
            };
            while kept.len() > MAX_FOLDERS || (kept.len() > 1 && count(&kept) > MAX_ITEMS) {
                kept.pop_front();
            }
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, fs};

    use super::*;
    use crate::site::files::folder::Folder;

    #[test]
    fn names_are_read_once_while_their_folder_stays() {
        let temporary = tempfile::tempdir().unwrap();
        let at = |name: &str| temporary.path().join(name);
        fs::create_dir(at("blog")).unwrap();
        fs::write(at("blog/a"), "").unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let (kept, reads) = (ByFolder::default(), Cell::new(0));
        let names = |name: &str| {
            let read = || {
                reads.set(reads.get() + 1);
                let mut names = folder.list(name);
                names.sort_unstable();
                names
            };
            kept.of(name, folder.stamp(name), read).join(" ")
        };
        let are_kept = || {
            reads.set(0);
            (names("blog"), names("blog"), reads.get()) == ("a".into(), "a".into(), 0)
        };
        assert!(std::iter::repeat_with(are_kept).take(1_000_000).any(|are_kept| are_kept));
        fs::write(at("blog/b"), "").unwrap();
        assert_eq!((names("blog"), names("blog")), ("a b".into(), "a b".into()));
        assert!(reads.get() > 0);
        for absent in ["blog/a", "none", "../blog", "blog/.."] {
            assert_eq!(names(absent), "", "{absent}");
        }
    }
}

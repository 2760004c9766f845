//! A stat cache: the stamps of names in one folder, each asked for once.

use std::{cell::RefCell, collections::HashMap, sync::Arc, time::SystemTime};

use crate::site::files::{dependencies::Dependencies, folder::Folder, stamp::FileStamp};

/// The stamps of names in one folder, each asked for once.
#[derive(Debug)]
pub struct StatCache {
    folder: Arc<Folder>,
    now: SystemTime,
    seen: RefCell<HashMap<Arc<str>, Option<FileStamp>>>,
}

impl StatCache {
    /// Begins now.
    pub(crate) fn new(folder: Arc<Folder>) -> Self {
        Self { folder, now: SystemTime::now(), seen: RefCell::default() }
    }

    /// Whether each name still stands for what it stood for.
    pub fn is_current(&self, dependencies: &Dependencies) -> bool {
        dependencies.are_unchanged(self.now, |name| self.stamp(name))
    }

    /// The names of `dependencies` that stand for something else by now, and when the file
    /// was changed that stands there, if there is one.
    pub fn changed<'a>(
        &'a self,
        dependencies: &'a Dependencies,
    ) -> impl Iterator<Item = (&'a str, Option<SystemTime>)> {
        dependencies.stamped().filter_map(|(name, before)| {
            let stamp = self.stamp(name);
            (stamp != before)
                .then(|| (&**name, stamp.filter(FileStamp::is_file).map(|stamp| stamp.changed())))
        })
    }

    /// The same names, with what they stand for by now.
    pub fn renew(&self, dependencies: &Dependencies) -> Dependencies {
        dependencies.renewed(self.now, |name| self.stamp(name))
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

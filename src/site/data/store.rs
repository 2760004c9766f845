//! The values of files of data, kept by the stamps of the files.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use minijinja::{Error, Value};

use crate::site::{
    data::read::{self, Notation, Unfit},
    files::{
        dependencies::Read,
        folder::{Folder, Opening, Unreadable},
        stamp::FileStamp,
    },
    templates::{explained, limits, load_error::LoadError, recorder},
};

/// The files whose values are kept have as many bytes together, about; the last one is
/// kept in any case. Their values take up to twelve times as much.
const MAX_KEPT_BYTES: u64 = 8 * 1024 * 1024;
/// What a small file takes as well.
const FILE_BYTES: u64 = 512;

/// The values of the files that were used last.
#[derive(Debug, Default)]
pub(crate) struct DataStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_name: HashMap<Arc<str>, KeptFile>,
    /// The names by when they were last asked for.
    order: BTreeMap<u64, Arc<str>>,
    bytes: u64,
    count: u64,
}

#[derive(Debug)]
struct KeptFile {
    file: Read,
    value: Value,
    asked: u64,
}

impl DataStore {
    /// The value of the file `name` of `folder`, which has this `stamp` now; the current
    /// render then depends on the file.
    ///
    /// # Errors
    /// Where it cannot be read as what its `notation` says.
    pub(super) fn get(
        &self,
        name: &str,
        notation: Notation,
        stamp: FileStamp,
        folder: &Folder,
    ) -> Result<Value, Error> {
        if let Some((file, value)) = self.kept().get(name, stamp) {
            recorder::note(|looked| looked.add_file(&file));
            return Ok(value);
        }
        // What follows may take a second.
        limits::check_time()?;
        let load_error = |error: LoadError| {
            recorder::note(|looked| looked.add_name(name, folder));
            Err(error.into())
        };
        let unreadable =
            |source| LoadError::Unreadable(Unreadable { name: name.to_owned(), source });
        let open = match folder.open_file(name) {
            Ok(Opening::File(open)) => open,
            Ok(Opening::Outside) => return load_error(LoadError::Outside(name.to_owned())),
            // It went away since it was seen.
            Ok(Opening::Absent) => {
                return load_error(unreadable(std::io::ErrorKind::NotFound.into()));
            }
            Err(error) => return load_error(LoadError::Unreadable(error)),
        };
        let file = Read::at(SystemTime::now(), name.into(), open.stamp);
        match read::read(&open, notation) {
            Ok(value) => {
                recorder::note(|looked| looked.add_file(&file));
                self.kept().insert(&file, &value);
                Ok(value)
            }
            Err(Unfit::Unreadable(source)) => load_error(unreadable(source)),
            Err(Unfit::Explained(diagnostic)) => {
                recorder::note(|looked| looked.add_refused(&file));
                Err(explained::error(*diagnostic))
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn get(&mut self, name: &str, stamp: FileStamp) -> Option<(Read, Value)> {
        let kept = self.by_name.get_mut(name).filter(|kept| kept.file.stamp == stamp)?;
        self.order.remove(&kept.asked);
        self.count += 1;
        kept.asked = self.count;
        self.order.insert(self.count, Arc::clone(&kept.file.name));
        Some((kept.file.clone(), kept.value.clone()))
    }

    /// Keeps a value, unless its file might have changed unseen since it was read.
    fn insert(&mut self, file: &Read, value: &Value) {
        self.remove(&file.name);
        if !file.is_settled {
            return;
        }
        self.count += 1;
        self.bytes += bytes(file);
        self.order.insert(self.count, Arc::clone(&file.name));
        let kept = KeptFile { file: file.clone(), value: value.clone(), asked: self.count };
        self.by_name.insert(Arc::clone(&file.name), kept);
        while self.bytes > MAX_KEPT_BYTES
            && self.order.len() > 1
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(kept) = self.by_name.remove(name) {
            self.order.remove(&kept.asked);
            self.bytes -= bytes(&kept.file);
        }
    }
}

fn bytes(file: &Read) -> u64 {
    file.stamp.size() + FILE_BYTES
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn get(store: &DataStore, name: &str, folder: &Folder) -> Result<Value, Error> {
        store.get(name, Notation::Json, folder.stamp(name).unwrap(), folder)
    }

    /// Gets the file until it is kept.
    fn keep(store: &DataStore, name: &str, folder: &Folder) {
        while !store.kept().by_name.contains_key(name) {
            get(store, name, folder).unwrap();
        }
    }

    #[test]
    fn a_value_is_read_once_for_each_state_of_its_file() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = DataStore::default();
        for round in 0..100 {
            fs::write(temporary.path().join("a.json"), format!("{:03}1", 100 + round % 7)).unwrap();
            assert_eq!(
                get(&store, "a.json", &folder).unwrap(),
                (1000 + 10 * (round % 7) + 1).into()
            );
        }
        keep(&store, "a.json", &folder);
        let stamp = folder.stamp("a.json").unwrap();
        fs::remove_file(temporary.path().join("a.json")).unwrap();
        assert!(store.get("a.json", Notation::Json, stamp, &folder).is_ok());
    }

    #[test]
    fn the_values_that_were_used_last_are_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = DataStore::default();
        let size = usize::try_from(MAX_KEPT_BYTES / 4).unwrap();
        for name in ["a", "b", "c", "d"] {
            let text = format!("\"{}\"", "x".repeat(size));
            fs::write(temporary.path().join(name), text).unwrap();
        }
        for name in ["a", "b", "c", "a", "d"] {
            keep(&store, name, &folder);
            get(&store, name, &folder).unwrap();
            assert!(store.kept().bytes <= MAX_KEPT_BYTES);
        }
        let kept = store.kept();
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| kept.by_name.contains_key(name)),
            [true, false, true, true]
        );
        assert_eq!(kept.order.len(), 3);
        assert_eq!(kept.bytes, kept.by_name.values().map(|kept| bytes(&kept.file)).sum::<u64>());
    }
}

//! `data`: the files of `_data/` as values for templates, each read when it is asked for.
//!
//! `_data/team.toml` is `data.team`, and a folder in it holds more of the same. What a
//! render has seen of them it keeps seeing to its end.

mod read;
pub(crate) mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use minijinja::{
    Error, Value,
    value::{Enumerator, Object},
};

use crate::{
    diagnostic::{Diagnostic, Place},
    site::{
        data::{read::Notation, store::DataStore},
        files::{folder::Folder, stamp::FileStamp},
        naming::DATA_FOLDER,
        templates::{explained, limits, recorder},
    },
};

/// The data of a site as one render sees it.
#[derive(Debug)]
struct Data {
    store: Arc<DataStore>,
    folder: Arc<Folder>,
    /// What has been looked up, by the path without an extension.
    seen: Mutex<HashMap<String, Option<Value>>>,
}

/// A folder of data.
#[derive(Debug)]
struct DataFolder {
    data: Arc<Data>,
    /// From the root.
    path: String,
}

/// The value of `data` for one render of files of `folder`.
pub(crate) fn value(store: &Arc<DataStore>, folder: &Arc<Folder>) -> Value {
    let (store, folder) = (Arc::clone(store), Arc::clone(folder));
    let data = Arc::new(Data { store, folder, seen: Mutex::default() });
    Value::from_object(DataFolder { data, path: DATA_FOLDER.to_owned() })
}

impl Object for DataFolder {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key.is_empty() || key.starts_with('.') || key.contains('/') {
            return None;
        }
        let path = format!("{}/{key}", self.path);
        if let Some(seen) = self.data.seen(|seen| seen.get(&path).cloned()) {
            return seen;
        }
        let value = self.find(&path).unwrap_or_else(|error| Some(error.into()));
        self.data.seen(|seen| seen.insert(path, value.clone()));
        value
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.note_listing();
        let mut keys: Vec<String> =
            self.data.folder.list(&self.path).iter().filter_map(|name| self.key_of(name)).collect();
        keys.sort_unstable();
        keys.dedup();
        Enumerator::Values(keys.into_iter().map(Value::from).collect())
    }
}

impl DataFolder {
    /// Finds what is called `path`, but for its extension.
    fn find(&self, path: &str) -> Result<Option<Value>, Error> {
        limits::check_load(path)?;
        self.note_listing();
        let stands = |name: &str| match recorder::folder() {
            Some(_) => recorder::stamp(name),
            // The name is looked up for the report of an error.
            None => self.data.folder.stamp(name),
        };
        let files = Notation::ALL.into_iter().filter_map(|notation| {
            let name = format!("{path}{}", notation.extension());
            let stamp = stands(&name).filter(FileStamp::is_file)?;
            Some((name, notation, stamp))
        });
        let files: Vec<_> = files.collect();
        let is_folder = stands(path).is_some_and(|stamp| !stamp.is_file());
        match files.as_slice() {
            [] if is_folder => {
                let data = Arc::clone(&self.data);
                Ok(Some(Value::from_object(Self { data, path: path.to_owned() })))
            }
            [] => Ok(None),
            [(name, notation, stamp)] if !is_folder => {
                self.data.store.get(name, *notation, *stamp, &self.data.folder).map(Some)
            }
            files => {
                let mut names: Vec<String> = files.iter().map(|file| file.0.clone()).collect();
                names.extend(is_folder.then(|| format!("{path}/")));
                Err(ambiguous(path, names))
            }
        }
    }

    /// Notes that the render depends on which names this folder has.
    fn note_listing(&self) {
        recorder::note(|looked| {
            if looked.stamp(&self.path).is_none() {
                looked.add_name(&self.path, &self.data.folder);
            }
        });
    }

    /// The key under which the entry `name` of this folder is known, if it is.
    fn key_of(&self, name: &str) -> Option<String> {
        if name.starts_with('.') {
            return None;
        }
        let mut extensions = Notation::ALL.into_iter().map(Notation::extension);
        if let Some(key) = extensions.find_map(|extension| name.strip_suffix(extension)) {
            return Some(key.to_owned()).filter(|key| !key.is_empty());
        }
        let path = format!("{}/{name}", self.path);
        let is_folder = self.data.folder.stamp(&path).is_some_and(|stamp| !stamp.is_file());
        is_folder.then(|| name.to_owned())
    }
}

impl Data {
    fn seen<T>(&self, work: impl FnOnce(&mut HashMap<String, Option<Value>>) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The error of two entries that have one name as data.
fn ambiguous(path: &str, names: Vec<String>) -> Error {
    let name = path.split('/').skip(1).collect::<Vec<_>>().join(".");
    let place = |name| Place { origin: name, line: None, column: None, excerpt: Vec::new() };
    explained::error(Diagnostic {
        message: format!("`data.{name}` could be any of `{}`", names.join("` and `")),
        places: names.into_iter().map(place).collect(),
        notes: Vec::new(),
        help: "keep one of them, and give the others another name".to_owned(),
    })
}

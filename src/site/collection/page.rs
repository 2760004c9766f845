//! The page as templates see it: `page`, and each of a list.

use std::sync::{Arc, OnceLock};

use minijinja::{
    Error,
    value::{Enumerator, Object, Value},
};

use crate::markdown::marks;
use crate::site::{
    collection::{content, extract, library::Library, page_set::ListedPage},
    each::item::Item,
    files::listing::Listed,
    metadata::Metadata,
    templates::recorder,
};

/// What every page has beside its metadata. What takes a render, or other pages, is not
/// shown with the rest.
pub(super) const OWN_KEYS: [&str; 2] = ["url", "file"];

/// `url` is the path under which the page is known, `file` its file's path from the root;
/// the rest is its metadata, its neighbours, and what it renders to.
#[derive(Debug)]
pub(crate) struct PageValue {
    file: Arc<str>,
    library: Arc<Library>,
    /// Where it is that of a row.
    row: Option<Arc<Item>>,
    metadata: OnceLock<Arc<Metadata>>,
    /// Its content, once it was asked for.
    content: OnceLock<Arc<str>>,
}

impl PageValue {
    /// The page of the file `file`.
    pub(crate) fn new(file: Arc<str>, library: &Arc<Library>) -> Self {
        let library = Arc::clone(library);
        let (metadata, content) = (OnceLock::new(), OnceLock::new());
        Self { file, library, row: None, metadata, content }
    }

    /// A page of a list.
    pub(super) fn of_listed(listed: &ListedPage, library: &Arc<Library>) -> Self {
        let page = Self::new(Arc::clone(&listed.name), library);
        Self { metadata: Arc::clone(&listed.metadata).into(), row: listed.row.clone(), ..page }
    }

    /// What is known of its file: that of `page` itself is one of the render's files.
    fn metadata(&self) -> &Arc<Metadata> {
        self.metadata.get_or_init(|| {
            let stamp = recorder::stamp(&self.file);
            let described = recorder::folder()
                .and_then(|folder| self.library.metadata.get(&self.file, stamp, &folder));
            match described {
                Some(described) => {
                    // One that has come since is another state of the file.
                    if stamp != Some(described.file.stamp) {
                        recorder::note(|looked| looked.add_refused(&described.file));
                    }
                    described.metadata
                }
                None => Arc::new(Metadata::of_name(&self.file)),
            }
        })
    }

    fn url(&self) -> Option<Value> {
        if let Some(row) = &self.row {
            return Some(row.url.as_str().into());
        }
        // Of the file and not of the request: `/about.html` shows what `/about` does.
        self.library.naming.path_of(&self.file).map(|path| path.readable().into())
    }

    /// The page before or after it among those of its folder that are shown.
    fn neighbour(&self, is_next: bool) -> Result<Value, Error> {
        if self.row.is_some() {
            return Ok(Value::from(()));
        }
        let folder = self.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let set = self.library.pages(&Listed {
            folder: folder.into(),
            is_deep: false,
            has_rows: false,
        })?;
        let Some(place) = set.place_of(&self.file) else { return Ok(Value::from(())) };
        let is_shown = |page: &&Arc<ListedPage>| self.library.shows(page);
        let page = match is_next {
            true => set.pages.iter().skip(place + 1).find(is_shown),
            false => set.pages.iter().take(place).rev().find(is_shown),
        };
        let value =
            |page: &Arc<ListedPage>| Value::from_object(Self::of_listed(page, &self.library));
        Ok(page.map_or_else(|| Value::from(()), value))
    }

    fn content(&self) -> Result<Arc<str>, Error> {
        if let Some(content) = self.content.get() {
            return Ok(Arc::clone(content));
        }
        let (row, metadata) = (self.row.clone(), Arc::clone(self.metadata()).into());
        let page = Self { row, metadata, ..Self::new(Arc::clone(&self.file), &self.library) };
        let row = self.row.as_deref();
        let content = content::of(&self.file, row, Value::from_object(page), &self.library)?;
        Ok(Arc::clone(self.content.get_or_init(|| content.into())))
    }
}

impl Object for PageValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let or_error = |value: Result<Value, Error>| Some(value.unwrap_or_else(Value::from));
        match key {
            "url" => self.url(),
            "file" => Some(Arc::clone(&self.file).into()),
            "prev" => or_error(self.neighbour(false)),
            "next" => or_error(self.neighbour(true)),
            "content" => or_error(self.content().map(|html| safe(&html))),
            "summary" => or_error(self.content().map(|html| safe(extract::summary_of(&html)))),
            key => {
                let of_row = self.row.as_ref().and_then(|row| row.value(key));
                of_row.or_else(|| self.metadata().value(key))
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let metadata = self.metadata();
        let of_row = self.row.iter().flat_map(|row| ["params", row.name.as_str()]);
        let keys = OWN_KEYS.into_iter().chain(of_row).chain(metadata.names());
        Enumerator::Values(keys.map(Value::from).collect())
    }
}

fn safe(html: &str) -> Value {
    // In a page of Markdown it is none.
    Value::from_safe_string(if recorder::is_marked() { marks::html(html) } else { html.into() })
}

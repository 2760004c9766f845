//! The metadata of the folder's pages, kept by their stamps: a page is read again when its
//! file has changed, and when it was changed too lately to tell.

use std::{
    io::{Read as _, Seek},
    sync::Arc,
    time::SystemTime,
};

use foldhash::fast::RandomState;
use quick_cache::{OptionsBuilder, Weighter, sync::Cache};

use crate::site::{
    files::{
        dependencies::Read,
        folder::{Folder, OpenFile, Opening},
        stamp::FileStamp,
    },
    metadata::{MAX_SOURCE_BYTES, Metadata},
    naming::{FileKind, Naming},
    representation::hash::hash,
};

/// The memory for what is kept: about 40,000 pages.
const MAX_KEPT_BYTES: u64 = 16 * 1024 * 1024;
/// What a page takes in it besides its texts.
const PAGE_BYTES: u64 = 256;
/// About how much a page takes.
const TYPICAL_BYTES: u64 = 512;

/// A page's file as it was read, and what that says of the page.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) file: Read,
    pub(crate) metadata: Arc<Metadata>,
    /// A hash of its bytes, if all of them were read.
    pub(crate) content: Option<u128>,
}

/// What is known of the pages that were asked for last.
#[derive(Debug)]
pub(crate) struct MetadataStore {
    naming: Arc<Naming>,
    kept: Cache<Box<str>, Described, ByBytes, RandomState>,
}

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Box<str>, Described> for ByBytes {
    fn weight(&self, name: &Box<str>, page: &Described) -> u64 {
        2 * name.len() as u64 + PAGE_BYTES + page.metadata.weight()
    }
}

impl MetadataStore {
    /// Nothing yet.
    pub(crate) fn new(naming: Arc<Naming>) -> Self {
        let typical = usize::try_from(MAX_KEPT_BYTES / TYPICAL_BYTES).unwrap_or_default();
        let options = OptionsBuilder::new()
            .estimated_items_capacity(typical)
            .weight_capacity(MAX_KEPT_BYTES)
            .build()
            .expect("both capacities are set");
        let (hasher, lifecycle) = (RandomState::default(), Default::default());
        Self { naming, kept: Cache::with_options(options, ByBytes, hasher, lifecycle) }
    }

    /// What is known of the file `name` of `folder`, which has this `stamp` now. `None` where
    /// there is no such file, or it lies outside the root.
    pub(crate) fn get(
        &self,
        name: &str,
        stamp: Option<FileStamp>,
        folder: &Folder,
    ) -> Option<Described> {
        let stamp = stamp.filter(FileStamp::is_file)?;
        if let Some(page) = self.known(name, stamp) {
            return Some(page);
        }
        match folder.open_file(name) {
            Ok(Opening::File(open)) => Some(self.read(&open)),
            Ok(Opening::Absent | Opening::Outside) => None,
            Err(unreadable) => {
                let mut file = Read::at(SystemTime::now(), name.into(), stamp);
                let mut metadata = Metadata::of_name(name);
                // It may be readable a moment later, and its stamp the same. Until then it
                // might be a draft.
                file.is_settled &= !unreadable.is_out_of_descriptors();
                metadata.keys.draft = unreadable.is_out_of_descriptors();
                Some(self.keep(Described { file, metadata: Arc::new(metadata), content: None }))
            }
        }
    }

    /// The same of a file that is open. It can then be read from its start again.
    pub(crate) fn of_open(&self, open: &OpenFile) -> Described {
        self.known(&open.name, open.stamp).unwrap_or_else(|| {
            let described = self.read(open);
            // Of a regular file it does not fail.
            let _ = (&open.file).rewind();
            described
        })
    }

    fn known(&self, name: &str, stamp: FileStamp) -> Option<Described> {
        let is_current = |page: &Described| page.file.stamp == stamp && page.file.is_settled;
        self.kept.get(name).filter(is_current)
    }

    fn keep(&self, page: Described) -> Described {
        if page.file.is_settled {
            self.kept.insert((&*page.file.name).into(), page.clone());
        }
        page
    }

    fn read(&self, open: &OpenFile) -> Described {
        let file = Read::at(SystemTime::now(), open.name.as_str().into(), open.stamp);
        // With a byte more, so that the end of the file is seen by one call.
        let len = open.stamp.size().min(MAX_SOURCE_BYTES) + 1;
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or_default());
        // What a disk fails to read is not part of the page.
        let is_read = (&open.file).take(MAX_SOURCE_BYTES).read_to_end(&mut bytes).is_ok();
        let is_whole = is_read && bytes.len() as u64 == open.stamp.size();
        let content = is_whole.then(|| hash(&bytes));
        let source = text_of(bytes);
        let source = source.strip_prefix('\u{feff}').unwrap_or(&source);
        let is_template = self.naming.kind(&open.name) != FileKind::Asset;
        let metadata = Arc::new(Metadata::of(&open.name, source, is_template));
        self.keep(Described { file, metadata, content })
    }
}

/// The text of the start of a file: what is not UTF-8 is read as browsers read old pages
/// that name no encoding, but for the bytes that are control characters in Latin-1.
fn text_of(bytes: Vec<u8>) -> String {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error,
    };
    let is_cut = error.utf8_error().error_len().is_none();
    let bytes = error.into_bytes();
    match is_cut {
        true => String::from_utf8_lossy(&bytes).into_owned(),
        false => bytes.into_iter().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn title(store: &MetadataStore, folder: &Folder, name: &str) -> Option<String> {
        let page = store.get(name, folder.stamp(name), folder)?;
        Some(page.metadata.title.clone())
    }

    #[test]
    fn a_page_is_known_as_its_file_is_now() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("page.html");
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = MetadataStore::new(Arc::default());
        assert_eq!(title(&store, &folder, "page.html"), None);
        for round in 0..300 {
            fs::write(&path, format!("<title>{:03}</title>", round % 100)).unwrap();
            let expected = Some(format!("{:03}", round % 100));
            assert_eq!(title(&store, &folder, "page.html"), expected);
            assert_eq!(title(&store, &folder, "page.html"), expected);
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(title(&store, &folder, "page.html"), None);
    }

    #[test]
    fn a_page_is_read_once() {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("page.html"), "<title>x</title>").unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = MetadataStore::new(Arc::default());
        let get = || store.get("page.html", folder.stamp("page.html"), &folder).unwrap();
        while !get().file.is_settled {}
        assert!(Arc::ptr_eq(&get().metadata, &get().metadata));
    }

    #[test]
    fn files_of_any_kind_have_a_title() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = MetadataStore::new(Arc::default());
        let cut = usize::try_from(MAX_SOURCE_BYTES).unwrap();
        for (bytes, expected) in [
            (b"\xef\xbb\xbf<title>x</title>".to_vec(), "x"),
            (b"<title>caf\xe9</title>".to_vec(), "café"),
            (b"\xff\xfe<\0t\0".to_vec(), "Page"),
            (b"".to_vec(), "Page"),
            ([&b"<title>x</title>"[..], &vec![b'x'; 2 * cut]].concat(), "x"),
            ([&vec![b' '; cut][..], b"<title>x</title>"].concat(), "Page"),
            ("<title>x</title>é".repeat(cut / 16).into_bytes(), "x"),
        ] {
            fs::write(temporary.path().join("page.html"), bytes).unwrap();
            assert_eq!(title(&store, &folder, "page.html").as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let temporary = tempfile::tempdir().unwrap();
        let text = format!("<title>{}</title>", "x".repeat(60_000));
        fs::write(temporary.path().join("0.html"), text).unwrap();
        let folder = Folder::open(temporary.path(), 0).unwrap();
        let store = MetadataStore::new(Arc::default());
        while !store.get("0.html", folder.stamp("0.html"), &folder).unwrap().file.is_settled {}
        for number in 1..600 {
            let name = format!("{number}.html");
            fs::hard_link(temporary.path().join("0.html"), temporary.path().join(&name)).unwrap();
            store.get(&name, folder.stamp(&name), &folder).unwrap();
        }
        assert!(store.kept.weight() <= MAX_KEPT_BYTES);
    }
}

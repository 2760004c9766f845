//! One form of a stored representation: its content in one coding.

use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::http::{
    answer::Promise, encoding::Coding, etag::EntityTag, memory::Bytes, prepared::Prepared,
};

use crate::site::{
    files::{
        folder::{Folder, OpenFile, Opening},
        stamp::FileStamp,
    },
    representation::hash::hash,
};

/// The content in one coding, with the answers that are the same for all requests,
/// each prepared when it is first given.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) coding: Coding,
    /// Whether it stood on the disk in this coding, and was not made of the plain form.
    pub(crate) is_found: bool,
    /// Empty until it is made, and `None` where it would not be smaller than the plain one.
    content: OnceLock<Option<Content>>,
    hash: OnceLock<u128>,
    etag: OnceLock<EntityTag<'static>>,
    /// Of content in memory.
    pub(crate) whole: OnceLock<Arc<Prepared>>,
    pub(crate) not_modified: OnceLock<Arc<Prepared>>,
    /// The promise for requests that come while it is made.
    making: Mutex<Option<Promise>>,
    is_being_hashed: AtomicBool,
}

/// Where the bytes are.
#[derive(Debug)]
pub(crate) enum Content {
    Memory(Bytes),
    File(Box<FileContent>),
}

/// A file in one state, which is opened each time it is sent: an open one could not be
/// deleted, and descriptors are few.
#[derive(Debug)]
pub(crate) struct FileContent {
    name: String,
    pub(crate) stamp: FileStamp,
}

impl Variant {
    /// Bytes in this coding.
    pub(crate) fn in_memory(bytes: Bytes, coding: Coding) -> Self {
        let hash = hash(&bytes).into();
        Self { hash, ..Self::found(Content::Memory(bytes), coding) }
    }

    /// A file that holds this coding.
    pub(crate) fn in_file(file: &OpenFile, coding: Coding) -> Self {
        let content = FileContent { name: file.name.clone(), stamp: file.stamp };
        Self::found(Content::File(Box::new(content)), coding)
    }

    fn found(content: Content, coding: Coding) -> Self {
        Self { is_found: true, content: Some(content).into(), ..Self::to_be_made(coding) }
    }

    /// A form that is made of the plain one once it is asked for.
    pub(crate) fn to_be_made(coding: Coding) -> Self {
        Self {
            coding,
            is_found: false,
            content: OnceLock::new(),
            hash: OnceLock::new(),
            etag: OnceLock::new(),
            whole: OnceLock::new(),
            not_modified: OnceLock::new(),
            making: Mutex::default(),
            is_being_hashed: AtomicBool::new(false),
        }
    }

    /// The content, where there is one.
    pub(crate) fn content(&self) -> Option<&Content> {
        self.content.get()?.as_ref()
    }

    /// Whether it has not been made yet, nor tried.
    pub(crate) fn is_unmade(&self) -> bool {
        self.content.get().is_none()
    }

    /// Puts in what was made; `None` where it is not smaller than the plain form.
    pub(crate) fn set_made(&self, bytes: Option<Bytes>) {
        // It fails where another thread was faster, with the same bytes.
        let _ = self.content.set(bytes.map(Content::Memory));
    }

    /// The hash of its content, once that is known.
    pub(crate) fn hash(&self) -> Option<u128> {
        self.hash.get().copied()
    }

    /// Puts the hash of its content in.
    pub(crate) fn set_hash(&self, hash: u128) {
        // It fails where another thread was faster, with the same hash.
        let _ = self.hash.set(hash);
    }

    /// The entity tag, once the hash of the content is known.
    pub(crate) fn etag(&self) -> Option<&EntityTag<'static>> {
        self.hash().map(|hash| self.etag_from(hash))
    }

    /// The entity tag, which is made of `hash`.
    pub(crate) fn etag_from(&self, hash: u128) -> &EntityTag<'static> {
        self.etag.get_or_init(|| EntityTag::from_hash(hash, self.coding))
    }

    /// The promise for requests that come while it is made.
    pub(crate) fn making(&self) -> MutexGuard<'_, Option<Promise>> {
        // Each step under this lock leaves a whole value.
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that its hash is being made; `false` where it is already.
    pub(crate) fn begin_hashing(&self) -> bool {
        self.hash().is_none() && !self.is_being_hashed.swap(true, Ordering::Relaxed)
    }

    /// Says that its hash is no longer being made.
    pub(crate) fn end_hashing(&self) {
        self.is_being_hashed.store(false, Ordering::Relaxed);
    }
}

impl Content {
    /// The length in bytes.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(file) => file.stamp.size(),
        }
    }
}

impl FileContent {
    /// Opens the file. `None` where it is not the one any more, or not in this state.
    pub(crate) fn open(&self, folder: &Folder) -> Option<OpenFile> {
        match folder.open_file(&self.name) {
            Ok(Opening::File(file)) if file.stamp == self.stamp => Some(file),
            _ => None,
        }
    }

    /// A hash of what tells this state of the file from any other.
    pub(crate) fn state(&self) -> u128 {
        let state: Vec<u8> = self.stamp.parts().flat_map(u64::to_le_bytes).collect();
        hash(&state)
    }
}

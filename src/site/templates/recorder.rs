//! What one render read, told by the template loader as it goes.
//!
//! The template engine hands the loader nothing of the render that asks, so the
//! record lies beside it, in the thread: a render begins and ends on one.

use std::{cell::RefCell, sync::Arc, time::SystemTime};

use crate::site::files::{dependencies::Dependencies, folder::Folder, stamp::FileStamp};

/// What a template takes besides its text.
const TEMPLATE_BYTES: u64 = 1024;

/// The files that a render looked up.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// Those it used, in order, each once; the page itself comes first.
    pub(crate) files: Vec<Read>,
    /// Those that were not there, in order.
    pub(crate) missing: Vec<String>,
    /// Those that could not be opened, in order.
    pub(crate) unusable: Vec<String>,
    /// Those that were read and are no templates, in order.
    pub(crate) refused: Vec<Read>,
    /// How many times a file was read and compiled.
    pub(crate) loads: usize,
    /// The bytes of these, about.
    pub(crate) loaded_bytes: u64,
    /// Whether it read the request: then the page is for that request alone.
    pub(crate) uses_request: bool,
    /// Whether it failed with its deadline passed: another may not.
    pub(crate) is_late: bool,
    /// Where it finds them.
    folder: Option<Arc<Folder>>,
    /// What was just seen of the files that it will look up, where that is known.
    known: Option<Arc<Dependencies>>,
}

/// A file in the state in which it was used.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) name: Arc<str>,
    pub(crate) stamp: FileStamp,
    /// Whether any later change shows in the stamp.
    pub(crate) is_settled: bool,
}

impl Read {
    /// The file with the stamp that it had when it was opened. Its reading began at
    /// `now`: a change since then shows, if the stamp had settled.
    pub(crate) fn at(now: SystemTime, name: Arc<str>, stamp: FileStamp) -> Self {
        Self { name, stamp, is_settled: stamp.is_settled_at(now) }
    }

    fn template_bytes(&self) -> u64 {
        self.stamp.size() + TEMPLATE_BYTES
    }
}

thread_local! {
    static CURRENT: RefCell<Recording> = RefCell::default();
    /// How many renders this thread has begun.
    #[cfg(test)]
    pub(crate) static RENDERS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Does `work`, whose templates are those of `folder`, and says what it read. Names
/// among those that are `known` need no other look.
pub(crate) fn record<T>(
    folder: &Arc<Folder>,
    known: Option<Arc<Dependencies>>,
    work: impl FnOnce() -> T,
) -> (T, Recording) {
    // What a render left behind that ended in a panic goes here.
    CURRENT.set(Recording { folder: Some(Arc::clone(folder)), known, ..Recording::default() });
    #[cfg(test)]
    RENDERS.set(RENDERS.get() + 1);
    let done = work();
    (done, CURRENT.take())
}

/// Whether the current render has used this file already. It then goes on with
/// what it has: a page is made from one state of each file.
pub(crate) fn has_used(name: &str) -> bool {
    CURRENT.with_borrow(|reads| reads.files.iter().any(|file| *file.name == *name))
}

/// The folder of the current render.
pub(crate) fn folder() -> Option<Arc<Folder>> {
    CURRENT.with_borrow(|reads| reads.folder.clone())
}

/// What stands under `name`: as it is known, else as it is now.
pub(crate) fn stamp(name: &str) -> Option<FileStamp> {
    CURRENT.with_borrow(|reads| {
        let known = reads.known.as_ref().and_then(|known| known.stamp(name));
        known.unwrap_or_else(|| reads.folder.as_ref()?.stamp(name))
    })
}

/// Notes a file that [`has_used`] does not know yet.
pub(crate) fn used(file: &Read) {
    CURRENT.with_borrow_mut(|reads| reads.files.push(file.clone()));
}

/// Notes such a file that was compiled for it.
pub(crate) fn loaded(file: &Read) {
    used(file);
    CURRENT.with_borrow_mut(|reads| {
        reads.loads += 1;
        reads.loaded_bytes += file.template_bytes();
    });
}

/// Notes that the render reads the request.
pub(crate) fn used_request() {
    CURRENT.with_borrow_mut(|reads| reads.uses_request = true);
}

/// Notes that the render has failed, and whether its deadline has passed.
pub(crate) fn failed(is_late: bool) {
    CURRENT.with_borrow_mut(|reads| reads.is_late = is_late);
}

pub(crate) fn missed(name: &str) {
    CURRENT.with_borrow_mut(|reads| reads.missing.push(name.to_owned()));
}

/// Notes a file that is no template, in the state in which it was read.
pub(crate) fn refused(file: &Read) {
    CURRENT.with_borrow_mut(|reads| reads.refused.push(file.clone()));
}

/// Notes a name under which nothing could be read, as it is now.
pub(crate) fn unusable(name: &str) {
    CURRENT.with_borrow_mut(|reads| reads.unusable.push(name.to_owned()));
}

impl Recording {
    /// Those of a page that needs no other file.
    pub(crate) fn of(page: Read) -> Self {
        Self { files: vec![page], ..Self::default() }
    }

    /// What the files it used take as templates, in bytes, about.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(Read::template_bytes).sum()
    }

    /// The files as the access log names them: `about.html + _layout.html, _nav.html`.
    pub(crate) fn source(&self) -> Option<String> {
        let (page, others) = self.files.split_first()?;
        let len = self.files.iter().map(|file| file.name.len() + " + ".len()).sum();
        let mut source = String::with_capacity(len);
        source.push_str(&page.name);
        for (n, other) in others.iter().enumerate() {
            source.push_str(if n == 0 { " + " } else { ", " });
            source.push_str(&other.name);
        }
        Some(source)
    }
}

//! What one render read, told by the template loader as it goes.
//!
//! The template engine hands the loader nothing of the render that asks, so the
//! record lies beside it, in the thread: a render begins and ends on one.

use std::{cell::RefCell, sync::Arc};

/// The files that a render looked up.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Those it used, in order, each once; the page itself comes first.
    pub(super) files: Vec<Arc<str>>,
    /// Those that were not there, in order.
    pub(super) missing: Vec<String>,
    /// How many times a file was read and compiled.
    pub(super) loads: usize,
}

thread_local! {
    static CURRENT: RefCell<Reads> = RefCell::default();
}

/// Does `work`, and says what it read.
pub(super) fn record<T>(work: impl FnOnce() -> T) -> (T, Reads) {
    // What a render left behind that ended in a panic goes here.
    CURRENT.take();
    let done = work();
    (done, CURRENT.take())
}

/// Whether the current render has used this file already. It then goes on with
/// what it has: a page is made from one state of each file.
pub(super) fn has_used(name: &str) -> bool {
    CURRENT.with_borrow(|reads| reads.files.iter().any(|file| **file == *name))
}

/// Notes a file that [`has_used`] does not know yet.
pub(super) fn used(name: &Arc<str>) {
    CURRENT.with_borrow_mut(|reads| reads.files.push(Arc::clone(name)));
}

pub(super) fn loaded(name: &Arc<str>) {
    used(name);
    CURRENT.with_borrow_mut(|reads| reads.loads += 1);
}

pub(super) fn missed(name: &str) {
    CURRENT.with_borrow_mut(|reads| reads.missing.push(name.to_owned()));
}

impl Reads {
    /// The files as the access log names them: `about.html + _layout.html, _nav.html`.
    pub(super) fn source(&self) -> Option<String> {
        let (page, others) = self.files.split_first()?;
        if others.is_empty() {
            return Some(page.to_string());
        }
        Some(format!("{page} + {}", others.join(", ")))
    }
}

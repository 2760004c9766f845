//! Live editing: follows the files behind the pages that browsers show, and sends each
//! page what has changed.
//!
//! A page opens a connection and sends what it shows ([`Live::open`]); the live thread then
//! compares it with the files (`check.rs`) and sends what follows from that (`pages.rs`,
//! `resources.rs`). Knows no sockets: an open page is a way to send texts.

mod baseline;
mod check;
mod fetches;
mod file_set;
mod git_lock;
mod inbox;
mod known_errors;
mod live_thread;
mod message;
mod page_input;
mod pages;
pub mod patch;
mod resources;
mod script;
mod tab;
mod turns;
mod unseen;
mod users;
pub mod watch;
mod write_settling;

use std::{
    cell::RefCell,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::SystemTime,
};

use crate::{
    budget::Budget,
    http::request::Request,
    site::{RENDER_STACK_BYTES, Site},
};
use fetches::Fetches;
use inbox::{Inbox, TabEvent};
use live_thread::LiveThread;
use page_input::{PageInput, budget_of_names};
use tab::Caller;

pub use script::{Endpoint, SCRIPT, is_script_url, script_hash, snippet};

/// One page may take an eighth of what the others leave of a budget.
const PARTS_OF_BUDGET: usize = 8;

/// Follows the pages that browsers show. Its thread starts with the first page, and ends
/// when this is dropped.
pub struct Live {
    site: Arc<Site>,
    options: LiveOptions,
    inbox: OnceLock<Arc<Inbox>>,
    names: Arc<Budget>,
    fetches: Arc<Fetches>,
    count: AtomicU64,
}

/// How changes are found, and where errors are printed.
#[derive(Clone)]
pub struct LiveOptions {
    /// Whether the system is asked for events, besides the regular checks.
    pub watches: bool,
    /// Which changes of pages are made in place.
    pub patching: Patching,
    /// Prints a text at the terminal.
    pub print: Arc<dyn Fn(String) + Send + Sync>,
}

/// Which changes of a page are made in place; for all others it is loaded again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patching {
    /// Where scripts have run: text, classes and inline styles, as far as scripts have left
    /// them as they were. Else all that can be.
    #[default]
    Auto,
    /// All that can be, whatever scripts have done.
    Always,
    /// None.
    Never,
}

/// A way to send texts to a page.
pub trait Listener: Send + 'static {
    /// Sends a text after all others; `false` where it does not, since the page has not
    /// taken what was sent before.
    fn send(&self, text: Arc<str>) -> bool;

    /// Sends a text in place of all that the page has not taken.
    fn replace(&self, text: Arc<str>);
}

/// A page that a browser shows, until this is dropped.
#[derive(Debug)]
pub struct OpenPage {
    id: u64,
    inbox: Arc<Inbox>,
    input: RefCell<PageInput>,
}

impl Live {
    /// Live editing of the pages of `site`.
    pub fn new(site: Arc<Site>, options: LiveOptions) -> Self {
        Self {
            site,
            options,
            inbox: OnceLock::new(),
            names: budget_of_names(),
            fetches: Arc::default(),
            count: AtomicU64::new(0),
        }
    }

    /// Follows a page that has opened a connection with `request`, and sends `listener`
    /// what it has to know.
    pub fn open(&self, request: &Request<'_>, listener: impl Listener) -> OpenPage {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        let inbox = Arc::clone(self.inbox.get_or_init(|| self.start()));
        inbox.put(id, [TabEvent::Opened(Caller::new(request.headers, Box::new(listener)))]);
        OpenPage { id, inbox, input: RefCell::new(PageInput::new(&self.names)) }
    }

    /// Notes what was asked for, which a frame or worker of a page may have done.
    pub fn note(&self, request: &Request<'_>, now: SystemTime) {
        if self.fetches.note(request, now)
            && let Some(inbox) = self.inbox.get()
        {
            inbox.on_fetches();
        }
    }

    fn start(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        let (site, options) = (Arc::clone(&self.site), self.options.clone());
        let (of_thread, fetches) = (Arc::clone(&inbox), Arc::clone(&self.fetches));
        // It renders pages, too.
        let builder = thread::Builder::new().name("live".to_owned()).stack_size(RENDER_STACK_BYTES);
        let run = move || LiveThread::new(site, options, of_thread, fetches).run();
        if let Err(error) = builder.spawn(run) {
            inbox.end();
            (self.options.print)(format!("warning: there is no live editing: {error}"));
        }
        inbox
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(inbox) = self.inbox.get() {
            inbox.end();
        }
    }
}

impl OpenPage {
    /// Takes what the page sends, up to more than a page has to send.
    pub fn receive(&self, text: &str) {
        self.inbox.put(self.id, self.input.borrow_mut().events(text));
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        self.inbox.close(self.id);
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("site", &self.site).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Live editing: what changes on the disk, and who shows it.
//!
//! Knows no sockets: whoever shows a page is a way to send it texts.

mod git_lock;
mod greet;
mod inbox;
mod live_thread;
mod loaded;
mod message;
mod pages;
pub mod patch;
mod resources;
mod script;
mod tab;
mod turns;
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
};

use crate::{
    budget::{Budget, Share},
    http::request::Request,
    site::{RENDER_STACK_BYTES, Site},
};
use inbox::{Inbox, Word};
use live_thread::LiveThread;
use message::Said;
use resources::{MAX_OF_TAB, is_of_page};
use tab::{Caller, is_target};

pub use script::{SCRIPT, SCRIPT_PATH, script_hash, snippet};

/// The path of the WebSocket.
pub const SOCKET_PATH: &str = "/_pagepool/live";

/// So many bytes a page says over one connection; the rest is not listened to.
const MAX_SAID_BYTES: usize = 4 << 20;
/// So much of a message that cannot be read is logged.
const UNREADABLE_CHARS: usize = 80;
/// What the names may take of all that open pages have loaded, in bytes, each name with
/// what is kept beside it.
const MAX_NAMES_BYTES: usize = 8 << 20;
/// One page may have one part in so many of what the others leave.
const PARTS_OF_BUDGET: usize = 8;
const BESIDE_NAME_BYTES: usize = 64;

/// Tells the pages that browsers show when they have changed.
///
/// The thread that does begins with the first page, and ends with the value.
pub struct Live {
    site: Arc<Site>,
    options: Options,
    inbox: OnceLock<Arc<Inbox>>,
    names: Arc<Budget>,
    count: AtomicU64,
}

/// How changes are found, and who is told of what goes wrong.
#[derive(Clone)]
pub struct Options {
    /// Whether the system is asked to tell of changes, besides looking for them.
    pub watches: bool,
    /// Tells the person at the terminal.
    pub tell: Arc<dyn Fn(String) + Send + Sync>,
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
pub struct Showing {
    id: u64,
    inbox: Arc<Inbox>,
    speech: RefCell<Speech>,
}

/// What a page has said, as far as it counts for what it may still say. It is read and
/// bounded here, on the thread of its connection, so that no page fills the inbox.
#[derive(Debug)]
struct Speech {
    bytes: usize,
    has_greeted: bool,
    /// Whether it has sent what cannot be read, which is logged once.
    was_unreadable: bool,
    /// How many names it has said.
    names: usize,
    share: Option<Share>,
}

impl Live {
    /// Live editing of the pages of `site`.
    pub fn new(site: Arc<Site>, options: Options) -> Self {
        let names = Budget::new(MAX_NAMES_BYTES);
        Self { site, options, inbox: OnceLock::new(), names, count: AtomicU64::new(0) }
    }

    /// Follows a page that has opened a connection with `request`, and tells `listener`
    /// what becomes of it.
    pub fn open(&self, request: &Request<'_>, listener: impl Listener) -> Showing {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        let inbox = Arc::clone(self.inbox.get_or_init(|| self.start()));
        inbox.put(id, [Word::Opened(Caller::new(request.headers, Box::new(listener)))]);
        let share = self.names.take(0);
        let speech =
            Speech { bytes: 0, has_greeted: false, was_unreadable: false, names: 0, share };
        Showing { id, inbox, speech: RefCell::new(speech) }
    }

    fn start(&self) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::default());
        let (site, options) = (Arc::clone(&self.site), self.options.clone());
        let of_thread = Arc::clone(&inbox);
        // It renders pages, too.
        let builder = thread::Builder::new().name("live".to_owned()).stack_size(RENDER_STACK_BYTES);
        let run = move || LiveThread::new(site, options, of_thread).run();
        if let Err(error) = builder.spawn(run) {
            inbox.end();
            (self.options.tell)(format!("warning: there is no live editing: {error}"));
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

impl Showing {
    /// Takes what the page says, up to more than a page has to say.
    pub fn receive(&self, text: &str) {
        self.inbox.put(self.id, self.speech.borrow_mut().words(text));
    }
}

impl Drop for Showing {
    fn drop(&mut self) {
        self.inbox.close(self.id);
    }
}

impl Speech {
    /// What counts of a text: the first hello, and then names, as long as they fit.
    fn words(&mut self, text: &str) -> Vec<Word> {
        if self.share.is_none() {
            return Vec::new();
        }
        self.bytes += text.len();
        if self.bytes > MAX_SAID_BYTES {
            return self.is_too_much().into_iter().collect();
        }
        match Said::parse(text) {
            Some(Said::Hello(hello)) if !self.has_greeted && is_target(&hello.page) => {
                self.has_greeted = true;
                vec![Word::Hello(Box::new(hello))]
            }
            Some(Said::Loaded { resources }) if self.has_greeted => {
                let of_page = resources.into_iter().filter(|target| is_of_page(target));
                of_page.map_while(|target| self.name(target)).collect()
            }
            None if !self.was_unreadable => {
                self.was_unreadable = true;
                vec![Word::Unreadable(text.chars().take(UNREADABLE_CHARS).collect())]
            }
            _ => Vec::new(),
        }
    }

    /// One name; where there is no room for it, that there is none, which is said once.
    fn name(&mut self, target: Box<str>) -> Option<Word> {
        let share = self.share.as_mut()?;
        self.names += 1;
        if self.names > MAX_OF_TAB
            || !share.grow_part(target.len() + BESIDE_NAME_BYTES, PARTS_OF_BUDGET)
        {
            return self.is_too_much();
        }
        Some(Word::Loaded(target))
    }

    /// Says that more is loaded than is followed, gives back what was taken of the
    /// names' memory, and says nothing more.
    fn is_too_much(&mut self) -> Option<Word> {
        self.share = None;
        self.has_greeted.then_some(Word::LoadedTooMuch)
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("site", &self.site).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Live editing: what changes on the disk, and who shows it.
//!
//! Knows no sockets: whoever shows a page is a way to send it texts.

mod checkout;
mod client;
mod follow;
mod message;
mod pages;
pub mod patch;
mod patience;
mod resources;
mod script;
mod tab;
pub mod watch;

use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Sender},
    },
    thread,
};

use crate::{
    http::request::Request,
    site::{RENDER_STACK_BYTES, Site},
};
use follow::{Event, Follower};
use tab::Caller;

pub use client::script;
pub use script::{SCRIPT_PATH, script_hash, snippet};

/// The path of the WebSocket.
pub const SOCKET_PATH: &str = "/_pagepool/live";

/// So many bytes a page says over one connection; the rest is not listened to.
const MAX_SAID_BYTES: usize = 4 << 20;

/// Tells the pages that browsers show when they have changed.
///
/// The thread that does begins with the first page, and ends with the value.
pub struct Live {
    site: Arc<Site>,
    options: Options,
    events: OnceLock<Sender<Event>>,
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

/// A page that a browser shows, until this is dropped.
#[derive(Debug)]
pub struct Showing {
    id: u64,
    events: Sender<Event>,
    said_bytes: Cell<usize>,
}

impl Live {
    /// Live editing of the pages of `site`.
    pub fn new(site: Arc<Site>, options: Options) -> Self {
        Self { site, options, events: OnceLock::new(), count: AtomicU64::new(0) }
    }

    /// Follows a page that has opened a connection with `request`, and says with
    /// `send` what becomes of it.
    pub fn open(&self, request: &Request<'_>, send: impl Fn(Arc<str>) + Send + 'static) -> Showing {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        let events = self.events.get_or_init(|| self.start()).clone();
        let opened = Event::Opened(id, Caller::new(request.headers, Box::new(send)));
        // It fails where the thread has ended, which then has said so itself.
        let _ = events.send(opened);
        Showing { id, events, said_bytes: Cell::default() }
    }

    fn start(&self) -> Sender<Event> {
        let (events, receiver) = mpsc::channel();
        let (site, options) = (Arc::clone(&self.site), self.options.clone());
        let of_thread = events.clone();
        // It renders pages, too.
        let builder = thread::Builder::new().name("live".to_owned()).stack_size(RENDER_STACK_BYTES);
        let run = move || Follower::new(site, options, of_thread).run(&receiver);
        if let Err(error) = builder.spawn(run) {
            (self.options.tell)(format!("warning: there is no live editing: {error}"));
        }
        events
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(events) = self.events.get() {
            let _ = events.send(Event::Over);
        }
    }
}

impl Showing {
    /// Takes what the page says, up to more than a page has to say.
    pub fn receive(&self, text: &str) {
        self.said_bytes.set(self.said_bytes.get() + text.len());
        if self.said_bytes.get() <= MAX_SAID_BYTES {
            let _ = self.events.send(Event::Said(self.id, text.to_owned()));
        }
    }
}

impl Drop for Showing {
    fn drop(&mut self) {
        let _ = self.events.send(Event::Closed(self.id));
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("site", &self.site).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

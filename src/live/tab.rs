//! One page that is open in a browser.

use std::{cell::OnceCell, collections::BTreeSet, fmt, rc::Rc, sync::Arc, time::SystemTime};

use super::{
    message::Message,
    patch::{Patch, Shown},
};
use crate::{
    http::headers::Headers,
    site::{Kind, Rendering, Site},
};

/// Fields of a handshake that no request for a page has, or has otherwise.
const FIELDS_OF_HANDSHAKE: [&str; 8] = [
    "accept",
    "cache-control",
    "connection",
    "content-length",
    "origin",
    "pragma",
    "transfer-encoding",
    "upgrade",
];

/// A way to a page, and what its browser sends with each request.
pub(super) struct Caller {
    send: Box<dyn Fn(Arc<str>) + Send>,
    /// The lines of its handshake that a request for a page has too.
    fields: Vec<u8>,
}

/// A connection with a page.
pub(super) struct Tab {
    pub(super) caller: Caller,
    /// What it shows, once it has said so.
    pub(super) view: Option<View>,
    /// The targets that it has loaded.
    pub(super) resources: BTreeSet<Box<str>>,
}

/// What a page shows.
pub(super) struct View {
    /// What the document is; `None` from when it was told to load again.
    pub(super) document: Option<Rc<Document>>,
    /// The newest that was made, which may be an error that lies over the document.
    pub(super) latest: Arc<Rendering>,
    /// When it began to load.
    pub(super) loaded: SystemTime,
    /// The head of a request for it.
    pub(super) head: Vec<u8>,
    /// Whether it has been told anything.
    pub(super) is_answered: bool,
}

/// A rendering with its tree, which may be made later.
pub(super) struct Document {
    pub(super) rendering: Arc<Rendering>,
    shown: OnceCell<Shown>,
}

/// What becomes of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It shows what it is.
    Stay,
    /// It is made into the next one, or loads it.
    Patch,
    /// It loads again.
    Reload,
    /// The next one, an error, is laid over it.
    Cover,
    /// The error that lies over it goes.
    Uncover,
}

impl Caller {
    pub(super) fn new(headers: Headers<'_>, send: Box<dyn Fn(Arc<str>) + Send>) -> Self {
        let mut fields = Vec::new();
        for (name, value) in headers.iter() {
            let lower = name.to_ascii_lowercase();
            if !lower.starts_with("sec-") && !FIELDS_OF_HANDSHAKE.contains(&&*lower) {
                fields.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
            }
        }
        Self { send, fields }
    }

    pub(super) fn send(&self, text: Arc<str>) {
        (self.send)(text);
    }

    pub(super) fn tell(&self, message: &Message<'_>) {
        self.send(message.text());
    }

    /// The head of a request that a browser would send for `page`, as far as it is
    /// known: what it accepts is not.
    pub(super) fn head_for(&self, page: &str) -> Vec<u8> {
        let start = format!("GET {page} HTTP/1.1\r\n");
        let end = b"Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n\r\n";
        [start.as_bytes(), &self.fields, end].concat()
    }
}

impl Tab {
    pub(super) fn new(caller: Caller) -> Self {
        Self { caller, view: None, resources: BTreeSet::new() }
    }
}

impl View {
    /// The head of the request that makes the newest rendering anew: its own, where
    /// that counts.
    pub(super) fn head(&self) -> &[u8] {
        self.latest.head().unwrap_or(&self.head)
    }

    /// What becomes of the page when `next` is what there is.
    pub(super) fn step_to(&self, next: &Rendering) -> Step {
        let Some(document) = &self.document else {
            return if next.version() == self.latest.version() { Step::Stay } else { Step::Reload };
        };
        let shown = &document.rendering;
        match next.kind() {
            _ if next.version() == self.latest.version() => Step::Stay,
            Kind::Error if shown.kind() == Kind::Page => Step::Cover,
            _ if next.version() == shown.version() => Step::Uncover,
            kind if kind != shown.kind() || kind == Kind::Other => Step::Reload,
            // It was not made for a request that is known in full, and now looks at it.
            _ if shown.head().is_none() && next.head().is_some() => Step::Reload,
            _ => Step::Patch,
        }
    }
}

impl Document {
    pub(super) fn new(rendering: Arc<Rendering>) -> Self {
        Self { rendering, shown: OnceCell::new() }
    }

    /// Makes the tree now that the next save is compared with.
    pub(super) fn prepare(&self, site: &Site) {
        if self.rendering.is_utf8() {
            self.shown.get_or_init(|| Shown::new(site.markup(&self.rendering)));
        }
    }

    /// Goes on to `next`, and gives what makes it of this one. `None` where only
    /// loading it does.
    pub(super) fn advance(self, next: &Arc<Rendering>, site: &Site) -> Option<(Patch, Self)> {
        if !self.rendering.is_utf8() || !next.is_utf8() {
            return None;
        }
        self.prepare(site);
        let mut shown = self.shown.into_inner()?;
        let patch = shown.advance(site.markup(next))?;
        Some((patch, Self { rendering: Arc::clone(next), shown: shown.into() }))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

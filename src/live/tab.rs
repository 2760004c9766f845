//! One page that is open in a browser.

use std::{cell::OnceCell, collections::BTreeSet, fmt, rc::Rc, sync::Arc, time::SystemTime};

use super::{
    Listener, PARTS_OF_BUDGET,
    message::Message,
    patch::{Patch, Shown},
};
use crate::{
    budget::{Budget, Share},
    http::{headers::Headers, request_head::RequestHead},
    site::{Dependencies, Kind, Site, Snapshot},
};

/// What is followed exactly may take so many bytes: documents, each counted as its text
/// and as this at least, and the heads of requests for them. So there are no more than
/// 512 documents. The tree of a document takes 30 to 90 times its text.
pub(super) const MAX_EXACT_BYTES: usize = 8 << 20;
/// The documents of one file may have one part in so many of what all others leave: a
/// page that looks at its request has as many as there are requests.
const PARTS_OF_FILE: usize = 2;
const MIN_DOCUMENT_BYTES: usize = 16 << 10;

/// Fields of a handshake that no request for a page has, or has otherwise.
const FIELDS_OF_HANDSHAKE: [&str; 9] = [
    "accept",
    "cache-control",
    "connection",
    "content-length",
    "host",
    "origin",
    "pragma",
    "transfer-encoding",
    "upgrade",
];

/// A way to a page, and what its browser sends with each request.
pub(super) struct Caller {
    listener: Box<dyn Listener>,
    /// A request with those fields of its handshake that one for a page has too.
    request: RequestHead,
}

/// A connection with a page.
pub(super) struct Tab {
    pub(super) caller: Caller,
    pub(super) view: View,
    /// The targets that it has loaded.
    pub(super) resources: BTreeSet<Box<str>>,
    /// Whether it has loaded more than that. Then it loads again whatever changes.
    pub(super) is_loose: bool,
    /// How many resources were followed for it first.
    pub(super) new_resources: usize,
}

/// How a tab is followed.
pub(super) enum View {
    /// Not at all: it has not said what it shows, or nothing can be made of that.
    None,
    /// Change by change.
    Exact(Exact),
    /// It loads again when one of these changes, and hears of nothing else. Either it has
    /// been told to load again, or there are too many to follow all exactly.
    Loose { inputs: Dependencies, since: SystemTime, is_told: bool },
}

/// What a page shows.
pub(super) struct Exact {
    /// What the document is; `None` only while it is made into the next one.
    pub(super) document: Option<Rc<Document>>,
    /// The newest that was made, which may be an error that lies over the document.
    pub(super) latest: Arc<Snapshot>,
    /// When it began to load.
    pub(super) loaded: SystemTime,
    /// Its path and query.
    pub(super) page: Box<str>,
    /// Whether it has been told anything.
    pub(super) is_answered: bool,
    /// Of the memory for what is followed exactly, what the head takes.
    pub(super) _share: Share,
}

/// A rendering with its tree, which may be made later.
pub(super) struct Document {
    pub(super) rendering: Arc<Snapshot>,
    shown: OnceCell<Shown>,
    share: Share,
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
    pub(super) fn new(headers: Headers<'_>, listener: Box<dyn Listener>) -> Self {
        let host = headers.get_str("Host").unwrap_or_default();
        let mut request = RequestHead::get("/", host);
        for (name, value) in headers.iter() {
            let lower = name.to_ascii_lowercase();
            if !lower.starts_with("sec-") && !FIELDS_OF_HANDSHAKE.contains(&&*lower) {
                request = request.with(name, value);
            }
        }
        Self { listener, request }
    }

    /// Tells something, if there is room for it.
    pub(super) fn send(&self, text: Arc<str>) -> bool {
        self.listener.send(text)
    }

    /// Tells where the page goes, which makes all moot that it has not heard yet.
    pub(super) fn send_away(&self, message: &Message<'_>) {
        self.listener.replace(message.text());
    }

    /// What a head for `page` takes, in bytes.
    pub(super) fn head_bytes(&self, page: &str) -> usize {
        self.request.byte_len() + page.len()
    }

    /// Forgets the fields, where no more requests are made with them.
    pub(super) fn forget_fields(&mut self) {
        self.request = RequestHead::get("/", "");
    }

    /// The head of a request that a browser would send for `page`, as far as it is
    /// known: what it accepts is not.
    pub(super) fn head_for(&self, page: &str) -> RequestHead {
        let head = self.request.for_target(page).with("Accept", "text/html");
        head.with("Sec-Fetch-Mode", "navigate")
    }
}

impl Tab {
    pub(super) fn new(caller: Caller) -> Self {
        Self {
            caller,
            view: View::None,
            resources: BTreeSet::new(),
            is_loose: false,
            new_resources: 0,
        }
    }

    /// What it shows, where it is followed exactly.
    pub(super) fn exact(&self) -> Option<&Exact> {
        if let View::Exact(exact) = &self.view { Some(exact) } else { None }
    }

    pub(super) fn exact_mut(&mut self) -> Option<&mut Exact> {
        if let View::Exact(exact) = &mut self.view { Some(exact) } else { None }
    }

    /// The head of the request that makes the newest rendering anew: its own, where
    /// that counts.
    pub(super) fn head(&self) -> Option<RequestHead> {
        let exact = self.exact()?;
        let own = exact.latest.head().cloned();
        Some(own.unwrap_or_else(|| self.caller.head_for(&exact.page)))
    }

    /// The names behind what it shows.
    pub(super) fn inputs(&self) -> Option<&Dependencies> {
        match &self.view {
            View::None => None,
            View::Exact(exact) => Some(exact.latest.inputs()),
            View::Loose { inputs, .. } => Some(inputs),
        }
    }
}

impl Exact {
    /// What becomes of the page when `next` is what there is.
    pub(super) fn step_to(&self, next: &Snapshot) -> Step {
        if next.version() == self.latest.version() {
            return Step::Stay;
        }
        let Some(document) = &self.document else { return Step::Reload };
        let shown = &document.rendering;
        match next.kind() {
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
    /// A document, if there is room for one more besides the others of its file, which
    /// take `of_file` bytes of the budget.
    pub(super) fn new(
        rendering: Arc<Snapshot>,
        of_file: usize,
        budget: &Arc<Budget>,
    ) -> Option<Self> {
        let bytes = rendering.bytes().len() + rendering.head().map_or(0, RequestHead::byte_len);
        let bytes = bytes.max(MIN_DOCUMENT_BYTES);
        if of_file + bytes > (budget.left() + of_file) / PARTS_OF_FILE {
            return None;
        }
        let share = budget.take_part(bytes, PARTS_OF_BUDGET)?;
        Some(Self { rendering, shown: OnceCell::new(), share })
    }

    /// What it takes of the budget, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.share.bytes()
    }

    /// Makes the tree now that the next save is compared with.
    pub(super) fn prepare(&self, site: &Site) {
        if self.rendering.is_utf8() {
            self.shown.get_or_init(|| Shown::new(site.markup(&self.rendering)));
        }
    }

    /// Goes on to `next`, and gives what makes it of this one. `None` where only
    /// loading it does.
    pub(super) fn advance(self, next: &Arc<Snapshot>, site: &Site) -> Option<(Patch, Self)> {
        if !self.rendering.is_utf8() || !next.is_utf8() {
            return None;
        }
        self.prepare(site);
        let mut shown = self.shown.into_inner()?;
        let patch = shown.advance(site.markup(next))?;
        Some((patch, Self { rendering: Arc::clone(next), shown: shown.into(), share: self.share }))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

/// Whether it can be the target of a request.
pub(super) fn is_target(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

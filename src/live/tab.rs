//! One page that is open in a browser: how it is followed, and what it is sent.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    Listener, Patching, baseline::Baseline, check::Followed, fetches::Fetch, file_set::FileSet,
    message::Message, users::Use,
};
use crate::{
    budget::Share,
    http::{headers::Headers, request_head::RequestHead},
    site::{Dependencies, Kind, Snapshot},
};

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

/// The time of a request is that of the turn in which it was read, which may have begun before.
const CLOCK_SLACK: Duration = Duration::from_secs(1);

/// All tabs, by the numbers of their connections.
pub(super) type Tabs = BTreeMap<u64, Tab>;

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
    /// The files that it has loaded, by their targets.
    pub(super) resources: HashMap<Arc<str>, Loaded>,
    /// When its document began to load files.
    pub(super) opened: SystemTime,
    /// What its browser has in front of the server's paths.
    pub(super) base: Box<str>,
    /// In whose names its documents fetch, besides those of its files.
    pub(super) names: HashSet<Arc<str>>,
    /// How many of them were followed for it first.
    pub(super) new_resources: usize,
    /// Whether it has loaded more than that, so that it reloads whatever changes.
    pub(super) reloads_on_any_change: bool,
}

/// A file that a tab is said to have loaded.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its path and query.
    pub(super) target: Arc<str>,
    /// Whether it was fetched where the page's script has no way to: by a worker, a module,
    /// a document without the script.
    pub(super) is_hidden: bool,
    /// Whether a shared worker has fetched it, which may be older than the page.
    pub(super) is_shared: bool,
    /// Whether a frame of the page itself shows it, which follows itself if it is a page.
    pub(super) is_for_frame: bool,
}

/// A file that a tab has loaded, and that is followed for it.
pub(super) struct Loaded {
    pub(super) is_hidden: bool,
    pub(super) is_shared: bool,
    pub(super) is_style: bool,
    pub(super) _use: Use,
}

/// How a tab is followed.
///
/// `Unknown` becomes `Exact` or `Coarse` with its hello, and both become `Leaving` with a
/// message to reload or navigate. The page that is loaded then is another tab.
pub(super) enum View {
    /// Not at all: it has sent no hello yet, or one of no use.
    Unknown,
    /// Change by change.
    Exact(Exact),
    /// It reloads when one of these files changes: there are too many pages to follow all
    /// exactly, or it shows an error under which nothing is known.
    Coarse(FileSet),
    /// It was sent a message to reload or to navigate. Until it has, it gets nothing but
    /// another message to reload when one of these files changes.
    Leaving(FileSet),
}

/// What a page shows.
pub(super) struct Exact {
    /// What its document is; `None` only while that is advanced.
    pub(super) baseline: Option<Rc<Baseline>>,
    /// The newest that was made, which may be an error shown over the document.
    pub(super) latest: Arc<Snapshot>,
    /// When it began to load.
    pub(super) loaded: SystemTime,
    /// Its path and query.
    pub(super) page: Box<str>,
    /// Whether it was sent anything.
    pub(super) is_answered: bool,
    /// Of the memory for what is followed exactly, what the head takes.
    pub(super) _share: Share,
}

/// What becomes of a page when there is a newer snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transition {
    /// It shows that already.
    Stay,
    /// It is patched.
    Patch,
    /// It is loaded again.
    Reload,
    /// The snapshot is an error, shown over the page.
    ShowOverlay,
    /// The overlay goes; the page below is current.
    HideOverlay,
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

    /// Sends a text, if there is room for it.
    fn send(&self, text: Arc<str>) -> bool {
        self.listener.send(text)
    }

    /// Sends a message in place of all that the page has not taken.
    pub(super) fn replace(&self, message: &Message<'_>) {
        self.listener.replace(message.text());
    }

    /// What a head for `page` takes, in bytes.
    pub(super) fn head_bytes(&self, page: &str) -> usize {
        self.request.byte_len() + page.len()
    }

    /// Forgets the fields, where no more requests are made with them.
    fn forget_fields(&mut self) {
        self.request = RequestHead::get("/", "");
    }

    /// The head of a request that a browser would send for `page`.
    pub(super) fn head_for(&self, page: &str) -> RequestHead {
        self.request.for_target(page).as_navigation()
    }
}

impl Tab {
    pub(super) fn new(caller: Caller) -> Self {
        Self {
            caller,
            view: View::Unknown,
            resources: HashMap::new(),
            opened: SystemTime::UNIX_EPOCH,
            base: Box::default(),
            names: HashSet::new(),
            new_resources: 0,
            reloads_on_any_change: false,
        }
    }

    /// What it shows, where it is followed exactly.
    pub(super) fn exact(&self) -> Option<&Exact> {
        if let View::Exact(exact) = &self.view { Some(exact) } else { None }
    }

    pub(super) fn exact_mut(&mut self) -> Option<&mut Exact> {
        if let View::Exact(exact) = &mut self.view { Some(exact) } else { None }
    }

    /// What becomes of a fetch in the name of `referrer` if that is the tab's, and was made
    /// since it was loaded. `None` where there is nothing new in it.
    pub(super) fn part(&self, referrer: &str, fetch: &Fetch) -> Option<Part> {
        self.exact()?;
        let below = referrer.strip_prefix(&*self.base).filter(|below| below.starts_with('/'));
        let referrer = below.unwrap_or(referrer);
        let (is_hidden, by_shared) = match self.resources.get(referrer) {
            _ if self.names.contains(referrer) => (!referrer.starts_with('/'), false),
            Some(from) => (from.is_hidden || !from.is_style, from.is_shared),
            None => return None,
        };
        let is_shared = by_shared || fetch.is_shared;
        let known = self.resources.get(&fetch.target);
        let is_known =
            known.is_some_and(|known| known.is_hidden >= is_hidden && known.is_shared >= is_shared);
        let is_its_own = is_shared || fetch.at + CLOCK_SLACK >= self.opened;
        let is_for_frame = fetch.is_for_frame && !is_hidden;
        let target = Arc::clone(&fetch.target);
        (is_its_own && !is_known).then_some(Part { target, is_hidden, is_shared, is_for_frame })
    }

    /// The head of the request that makes the newest snapshot again: its own, where
    /// that counts.
    pub(super) fn head(&self) -> Option<RequestHead> {
        let exact = self.exact()?;
        let own = exact.latest.head().cloned();
        Some(own.unwrap_or_else(|| self.caller.head_for(&exact.page)))
    }

    /// The names behind what it shows.
    pub(super) fn dependencies(&self) -> Option<&Dependencies> {
        match &self.view {
            View::Unknown => None,
            View::Exact(exact) => Some(exact.latest.dependencies()),
            View::Coarse(files) | View::Leaving(files) => Some(files.dependencies()),
        }
    }

    /// From now on it only reloads, when one of these files changes.
    pub(super) fn follow_coarsely(&mut self, dependencies: Dependencies) {
        self.release();
        self.view = View::Coarse(FileSet::new(dependencies).with_events());
    }

    /// It has loaded more files than are followed: it reloads after any event, and when
    /// anything changes that is followed.
    pub(super) fn reload_on_any_change(&mut self) {
        self.reloads_on_any_change = matches!(self.view, View::Exact(_) | View::Coarse(_));
        self.resources.clear();
        self.names.clear();
    }

    /// Sends a message after all others.
    pub(super) fn send(&mut self, message: &Message<'_>) {
        self.send_text(message.text());
    }

    /// Sends a text after all others. A page that has not read what was sent before, so
    /// that there is no room for more, reloads: that is the newest state, and the message
    /// is short. The texts that wait depend on each other, patches above all, and are all
    /// dropped.
    pub(super) fn send_text(&mut self, text: Arc<str>) {
        if !self.caller.send(text) {
            return self.reload();
        }
        if let Some(exact) = self.exact_mut() {
            exact.is_answered = true;
        }
    }

    /// Confirms that the page is up to date, if it was sent nothing yet.
    pub(super) fn confirm(&mut self) {
        if self.exact().is_some_and(|exact| !exact.is_answered) {
            self.send(&Message::Current);
        }
    }

    /// Shows an error over the page.
    pub(super) fn show_overlay(&mut self, error: &Snapshot) {
        let html = String::from_utf8_lossy(error.bytes());
        self.send(&Message::Error { html: &html });
    }

    /// Reloads the page.
    pub(super) fn reload(&mut self) {
        let newest = self.exact().and_then(Exact::newest_document).cloned();
        self.leave(&Message::Reload { to: newest.as_deref().map(Snapshot::version) });
    }

    /// Reloads the page, of which no more than `files` is known.
    pub(super) fn reload_with(&mut self, files: FileSet) {
        self.view = View::Leaving(files);
        self.reload();
    }

    /// Sends the page elsewhere, with one message in place of all that waits.
    pub(super) fn leave(&mut self, message: &Message<'_>) {
        let Some(dependencies) = self.dependencies().cloned() else { return };
        self.caller.replace(message);
        self.reloads_on_any_change = false;
        self.release();
        self.view = View::Leaving(FileSet::new(dependencies));
    }

    /// Gives back what only a page needs that is followed exactly.
    fn release(&mut self) {
        self.caller.forget_fields();
        self.resources.clear();
        self.names.clear();
    }
}

impl Part {
    /// What the page itself says it has loaded.
    pub(super) fn of_page(target: Arc<str>) -> Self {
        Self { target, is_hidden: false, is_shared: false, is_for_frame: false }
    }
}

impl Exact {
    /// What a fresh load would show, or what the page shows under an error.
    fn newest_document(&self) -> Option<&Arc<Snapshot>> {
        match (self.latest.kind(), &self.baseline) {
            (Kind::Error, Some(baseline)) => Some(&baseline.snapshot),
            (Kind::Error, None) => None,
            _ => Some(&self.latest),
        }
    }

    /// What becomes of the page when `next` is the newest snapshot.
    pub(super) fn transition_to(&self, next: &Snapshot, patching: Patching) -> Transition {
        if next.version() == self.latest.version() {
            return Transition::Stay;
        }
        let Some(baseline) = &self.baseline else { return Transition::Reload };
        let shown = &baseline.snapshot;
        match next.kind() {
            Kind::Error if shown.kind().is_page() => Transition::ShowOverlay,
            _ if next.version() == shown.version() => Transition::HideOverlay,
            kind if kind != shown.kind() || kind == Kind::Other => Transition::Reload,
            // It was not made for a request that is known in full, and now reads it.
            _ if shown.head().is_none() && next.head().is_some() => Transition::Reload,
            _ if patching == Patching::Never => Transition::Reload,
            _ => Transition::Patch,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

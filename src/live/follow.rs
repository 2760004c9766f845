//! The thread that follows what is shown: what it waits for, and when it looks.

use std::{
    collections::{BTreeMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use super::{
    Options,
    checkout::Checkout,
    message::Said,
    patience::Patience,
    resources::Resources,
    tab::{Caller, Tab},
    watch::{Batch, Watcher},
};
use crate::site::Site;

/// How often the files are looked at while a page is open: some file systems tell
/// nobody of changes.
const INTERVAL: Duration = Duration::from_millis(100);
/// The same when the system has told of changes that are nobody's, as far as their
/// names say. A folder may have several.
const SOON: Duration = Duration::from_millis(20);
/// The same while something waits for its rest.
const LOOK_AGAIN: Duration = Duration::from_millis(4);

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Event {
    /// A page has opened a connection.
    Opened(u64, Caller),
    /// It says this.
    Said(u64, String),
    /// It is gone.
    Closed(u64),
    /// Something has changed on the disk.
    Woken,
    /// Nobody wants the thread any more.
    Over,
}

/// All that is shown, and what is known of it.
pub(super) struct Follower {
    pub(super) site: Arc<Site>,
    pub(super) options: Options,
    pub(super) tabs: BTreeMap<u64, Tab>,
    pub(super) resources: Resources,
    pub(super) patience: Patience,
    /// The errors that the person at the terminal knows, each by its beginning.
    pub(super) told: HashSet<String>,
    checkout: Checkout,
    events: Sender<Event>,
    watcher: Option<Watcher>,
    looked: Instant,
    /// When to look next; never while nothing is shown.
    next_look: Option<Instant>,
}

impl Follower {
    pub(super) fn new(site: Arc<Site>, options: Options, events: Sender<Event>) -> Self {
        Self {
            checkout: Checkout::of(site.folder()),
            site,
            options,
            tabs: BTreeMap::new(),
            resources: Resources::default(),
            patience: Patience::default(),
            told: HashSet::new(),
            events,
            watcher: None,
            looked: Instant::now(),
            next_look: None,
        }
    }

    /// Follows until nobody wants it any more.
    pub(super) fn run(mut self, events: &Receiver<Event>) {
        loop {
            let first = match self.next_look {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => events.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            if let Err(RecvTimeoutError::Disconnected) = first {
                return;
            }
            for event in first.into_iter().chain(events.try_iter()) {
                if let Event::Over = event {
                    return;
                }
                self.try_to(|this| this.take(event));
            }
            if self.next_look.is_some_and(|at| at <= Instant::now()) {
                self.try_to(Self::look);
            }
        }
    }

    /// Does something. Where that ends in a panic, which has been printed, all pages
    /// are loaded again, and followed from there.
    fn try_to(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            let ids: Vec<u64> = self.tabs.keys().copied().collect();
            ids.into_iter().for_each(|id| self.reload(id));
            self.tabs.clear();
            self.resources = Resources::default();
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Opened(id, caller) => self.open(id, caller),
            Event::Said(id, text) => match Said::parse(&text) {
                Some(Said::Hello { page, version, age }) => self.greet(id, &page, &version, age),
                Some(Said::Loaded { resources }) => self.add_resources(id, resources),
                None => {}
            },
            Event::Closed(id) => self.close(id),
            Event::Woken => self.wake(),
            Event::Over => {}
        }
    }

    fn open(&mut self, id: u64, caller: Caller) {
        self.tabs.insert(id, Tab::new(caller));
        if self.options.watches && self.watcher.is_none() {
            let events = self.events.clone();
            let wake = move || {
                // It fails where the thread has ended.
                let _ = events.send(Event::Woken);
            };
            self.watcher = Some(Watcher::start(self.site.folder(), wake));
        }
        self.look_within(INTERVAL);
    }

    fn close(&mut self, id: u64) {
        if let Some(tab) = self.tabs.remove(&id) {
            self.resources.release(&tab.resources);
        }
        if self.tabs.is_empty() {
            self.next_look = None;
        }
    }

    /// Looks at once, or a little later, if anything is shown.
    fn wake(&mut self) {
        let concerns_us = self.hear();
        if self.tabs.is_empty() {
            self.patience.has_run_out();
            return;
        }
        if concerns_us {
            self.look_within(Duration::ZERO);
        } else {
            self.look_within(SOON.saturating_sub(self.looked.elapsed()));
        }
    }

    /// Hears what the system tells, which says that there is something once until it
    /// is heard; and whether that concerns what is shown.
    fn hear(&mut self) -> bool {
        let Some(watcher) = &self.watcher else { return false };
        let batch = watcher.take();
        for warning in &batch.warnings {
            (self.options.tell)(format!("warning: {warning}"));
        }
        self.patience.note(&batch);
        self.concerns(&batch)
    }

    /// Whether a name of the batch, or of a folder on the way to it, is looked up for
    /// anything that is shown.
    fn concerns(&self, batch: &Batch) -> bool {
        let told: HashSet<&Path> = batch.names.iter().map(|name| name.as_path()).collect();
        let is_told = |name: &str| Path::new(name).ancestors().any(|name| told.contains(name));
        let views = self.tabs.values().filter_map(|tab| tab.view.as_ref());
        let of_pages = views.map(|view| view.latest.inputs());
        batch.is_incomplete
            || of_pages.chain(self.resources.inputs()).any(|inputs| inputs.names().any(is_told))
    }

    fn look_within(&mut self, time: Duration) {
        let at = Instant::now() + time;
        self.next_look = Some(self.next_look.map_or(at, |next| next.min(at)));
    }

    /// Looks at all files behind what is shown, and tells of what has changed.
    fn look(&mut self) {
        self.hear();
        self.looked = Instant::now();
        self.next_look = None;
        if self.checkout.is_under_way(self.looked) {
            return self.look_within(LOOK_AGAIN);
        }
        let site = Arc::clone(&self.site);
        let look = site.look();
        self.look_at_pages(&look);
        self.look_at_resources(&look);
        let is_done = self.patience.has_run_out();
        self.look_within(if is_done { INTERVAL } else { LOOK_AGAIN });
    }
}

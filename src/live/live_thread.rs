//! The thread that follows what is shown: what it waits for, and when it looks.

use std::{
    collections::{BTreeMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Options,
    git_lock::GitLock,
    inbox::{Event, Inbox, Word},
    message::Message,
    resources::Resources,
    tab::{Caller, MAX_EXACT_BYTES, Tab, View},
    turns::{Allowance, Turns},
    watch::{Batch, Watcher},
    write_settling::WriteSettling,
};
use crate::{
    budget::Budget,
    site::{Look, Site},
};

/// How often the files are looked at while a page is open: some file systems tell
/// nobody of changes.
const INTERVAL: Duration = Duration::from_millis(100);
/// The same when the system has told of changes that are nobody's, as far as their
/// names say. A folder may have several.
const SOON: Duration = Duration::from_millis(20);
/// The same while something waits for its rest.
const LOOK_AGAIN: Duration = Duration::from_millis(4);
/// How long tabs are heard before a look goes on that has not come to its end.
const HEARING: Duration = Duration::from_millis(20);
/// So many names may be looked at in an interval; for twice as many it is twice as long,
/// and what the system tells of is looked at alone, at once. A look at so many takes
/// about 2 ms.
const NAMES_AN_INTERVAL: usize = 1000;

/// All that is shown, and what is known of it.
pub(super) struct LiveThread {
    pub(super) site: Arc<Site>,
    pub(super) options: Options,
    pub(super) tabs: BTreeMap<u64, Tab>,
    pub(super) resources: Resources,
    pub(super) settling: WriteSettling,
    pub(super) turns: Turns,
    /// The time for renderings that hellos ask for.
    pub(super) hello_time: Allowance,
    /// The errors that the person at the terminal knows, each by its beginning.
    pub(super) told: HashSet<String>,
    /// The memory for what is followed exactly.
    pub(super) exact: Arc<Budget>,
    pub(super) inbox: Arc<Inbox>,
    git_lock: GitLock,
    watcher: Option<Watcher>,
    /// Whether anything at all has changed since the last look.
    pub(super) has_news: bool,
    /// When all files were looked at last.
    looked: Instant,
    /// When to look at all of them next.
    next_full: Instant,
    /// When to look next; never while nothing is shown.
    next_look: Option<Instant>,
}

impl LiveThread {
    pub(super) fn new(site: Arc<Site>, options: Options, inbox: Arc<Inbox>) -> Self {
        Self {
            git_lock: GitLock::of(site.folder()),
            site,
            options,
            tabs: BTreeMap::new(),
            resources: Resources::default(),
            settling: WriteSettling::default(),
            turns: Turns::default(),
            hello_time: Allowance::default(),
            told: HashSet::new(),
            exact: Budget::new(MAX_EXACT_BYTES),
            inbox,
            watcher: None,
            has_news: false,
            looked: Instant::now(),
            next_full: Instant::now(),
            next_look: None,
        }
    }

    /// Follows until nobody wants it any more.
    pub(super) fn run(mut self) {
        loop {
            match self.inbox.next(self.next_look) {
                Event::Said(id, word) => self.take(id, word),
                Event::Closed(id) => self.close(id),
                Event::Woken => self.try_to(Self::wake),
                Event::Due => self.try_to(Self::look),
                Event::Over => return,
            }
        }
    }

    /// Does something. Where that ends in a panic, which has been printed, all pages
    /// are loaded again, and followed from there.
    fn try_to(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            let tabs = std::mem::take(&mut self.tabs);
            tabs.into_values().for_each(|tab| tab.caller.send_away(&Message::Reload));
            self.resources = Resources::default();
            self.turns = Turns::default();
            self.next_look = None;
        }
    }

    /// Takes what a tab says. Where that ends in a panic, it loads again alone.
    fn take(&mut self, id: u64, word: Word) {
        let act = AssertUnwindSafe(|| match word {
            Word::Opened(caller) => self.open(id, caller),
            Word::Hello(hello) => self.greet(id, &hello),
            Word::Loaded(target) => self.add_resource(id, target),
            Word::LoadedTooMuch => self.loosen(id),
            Word::Unreadable(start) => self.warn_of_unreadable(&start),
        });
        if catch_unwind(act).is_err() {
            if let Some(tab) = self.tabs.get(&id) {
                tab.caller.send_away(&Message::Reload);
            }
            self.close(id);
        }
    }

    /// Warns of a message of an open page that is not what the live script sends.
    fn warn_of_unreadable(&self, start: &str) {
        (self.options.tell)(format!(
            "warning: live editing cannot read a message of an open page, which begins with \
             {start:?}; a script of the page may have changed what it sends"
        ));
    }

    pub(super) fn open(&mut self, id: u64, caller: Caller) {
        self.tabs.insert(id, Tab::new(caller));
        if self.options.watches && self.watcher.is_none() {
            let inbox = Arc::clone(&self.inbox);
            self.watcher = Some(Watcher::start(self.site.folder(), move || inbox.wake()));
        }
        self.look_within(INTERVAL);
    }

    pub(super) fn close(&mut self, id: u64) {
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
            self.settling.has_run_out();
            return;
        }
        if concerns_us {
            return self.look_within(Duration::ZERO);
        }
        let at = self.looked + SOON * self.slowness();
        self.next_full = self.next_full.min(at);
        self.look_within(at.saturating_duration_since(Instant::now()));
    }

    /// Hears what the system tells, which says that there is something once until it
    /// is heard; and whether that concerns what is shown.
    fn hear(&mut self) -> bool {
        let Some(watcher) = &self.watcher else { return false };
        let batch = watcher.take();
        for warning in &batch.warnings {
            (self.options.tell)(format!("warning: {warning}"));
        }
        self.has_news |= batch.is_incomplete || !batch.names.is_empty();
        if batch.is_incomplete {
            self.next_full = Instant::now();
        }
        self.settling.note(&batch);
        self.concerns(&batch)
    }

    /// Whether a name of the batch, or of a folder on the way to it, is looked up for
    /// anything that is shown.
    fn concerns(&self, batch: &Batch) -> bool {
        let told: HashSet<&Path> = batch.names.iter().map(|name| name.as_path()).collect();
        let is_told = |name: &str| Path::new(name).ancestors().any(|name| told.contains(name));
        let mut inputs = self.tabs.values().filter_map(Tab::inputs).chain(self.resources.inputs());
        batch.is_incomplete || inputs.any(|inputs| inputs.names().any(is_told))
    }

    /// By how much the looks are slowed down for the number of names.
    fn slowness(&self) -> u32 {
        let inputs = self.tabs.values().filter_map(Tab::inputs).chain(self.resources.inputs());
        let names: usize = inputs.map(|inputs| inputs.names().count()).sum();
        u32::try_from(names / NAMES_AN_INTERVAL).unwrap_or(u32::MAX).max(1)
    }

    fn look_within(&mut self, time: Duration) {
        let at = Instant::now() + time;
        self.next_look = Some(self.next_look.map_or(at, |next| next.min(at)));
    }

    /// Looks at the files behind what is shown, and tells of what has changed: at all, or
    /// between two looks that take long, at what the system has told of.
    pub(super) fn look(&mut self) {
        self.hear();
        let now = Instant::now();
        self.next_look = None;
        if self.git_lock.is_under_way(now) {
            return self.look_within(LOOK_AGAIN);
        }
        let slowness = self.slowness();
        let is_full = slowness == 1 || self.next_full <= now;
        let site = Arc::clone(&self.site);
        let look = site.look();
        self.turns.begin();
        self.look_at_loose(&look, is_full);
        self.look_at_pages(&look, is_full);
        self.look_at_resources(&look, is_full);
        if is_full {
            self.looked = now;
            self.next_full = now + INTERVAL * slowness;
        }
        if self.turns.has_rest() {
            // What the system has told counts until then.
            let is_quiet = self.inbox.waiting() == 0;
            self.look_within(if is_quiet { Duration::ZERO } else { HEARING });
        } else if self.settling.has_run_out() {
            self.reload_loose();
            self.look_within(self.next_full.saturating_duration_since(Instant::now()));
        } else {
            self.look_within(LOOK_AGAIN);
        }
    }

    /// Looks at the tabs that load again whatever changes of their pages.
    fn look_at_loose(&mut self, look: &Look, is_full: bool) {
        let mut stale = Vec::new();
        for (id, tab) in &self.tabs {
            let View::Loose { inputs, since, is_told } = &tab.view else { continue };
            // Its stamps may not show what changed in the tick in which they were taken.
            let has_been_told_of = !is_told && self.settling.has_told_of_since(inputs, *since);
            if has_been_told_of || (is_full && !look.is_current(inputs)) {
                let is_half = self.settling.is_half_written(look, inputs);
                stale.push((*id, is_half, look.renew(inputs)));
            }
        }
        let now = Instant::now();
        for (id, is_half, inputs) in stale {
            let key = format!("tab {id}");
            if !(is_half && self.settling.may_wait(&key, now)) {
                self.settling.end(&key);
                self.follow_loosely(id, inputs);
                self.reload(id);
            }
        }
    }

    /// Loads those again that have loaded more than is followed, if anything has changed.
    fn reload_loose(&mut self) {
        if std::mem::take(&mut self.has_news) {
            let loose = self.tabs.iter().filter(|(_, tab)| tab.is_loose);
            let loose: Vec<u64> = loose.map(|(id, _)| *id).collect();
            loose.into_iter().for_each(|id| self.reload(id));
        }
    }
}

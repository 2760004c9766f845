//! The thread of live editing: handles messages of tabs and events of the file system, and
//! decides when the files are checked.

use std::{
    collections::HashSet,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    LiveOptions,
    check::{Check, Checker, Finding},
    fetches::{Fetches, NAMELESS, SHUT_IN},
    git_lock::GitLock,
    inbox::{Inbox, TabEvent, Task},
    message::Message,
    pages::{Pages, time_before},
    resources::Resources,
    tab::{Part, Tab, Tabs, View},
    turns::Turns,
    watch::{Batch, Watcher},
};
use crate::site::{Dependencies, Site};

/// How often the files are checked while a page is open: some file systems send no
/// events.
const INTERVAL: Duration = Duration::from_millis(100);
/// The same after events for names that no tab depends on. A folder may have several
/// names.
const SOON: Duration = Duration::from_millis(20);
/// The same while something waits for the rest of a save.
const CHECK_AGAIN: Duration = Duration::from_millis(4);
/// How long messages of tabs are handled before an unfinished check goes on.
const HANDLING: Duration = Duration::from_millis(20);
/// The most names for one interval; for twice as many it is twice as long, and
/// names that have events are checked alone, at once. A check of 1,000 takes about 1 ms.
const NAMES_AN_INTERVAL: usize = 250;

/// All that is followed, and when it is checked.
pub(super) struct LiveThread {
    pub(super) tabs: Tabs,
    pub(super) pages: Pages,
    pub(super) resources: Resources,
    pub(super) checker: Checker,
    options: LiveOptions,
    inbox: Arc<Inbox>,
    fetches: Arc<Fetches>,
    /// Up to where fetches have been looked at.
    seen_fetches: u64,
    git_lock: GitLock,
    /// The number of the folder that is watched.
    folder: u64,
    watcher: Option<Watcher>,
    /// When everything was checked last.
    last_full: Instant,
    /// When to check everything next.
    next_full: Instant,
    /// When to check next; never while no page is open.
    next_check: Option<Instant>,
}

impl LiveThread {
    pub(super) fn new(
        site: Arc<Site>,
        options: LiveOptions,
        inbox: Arc<Inbox>,
        fetches: Arc<Fetches>,
    ) -> Self {
        let folder = site.folder();
        Self {
            tabs: Tabs::new(),
            pages: Pages::new(Arc::clone(&options.print), options.patching),
            resources: Resources::default(),
            git_lock: GitLock::of(folder.path()),
            folder: folder.number(),
            checker: Checker::new(site),
            options,
            inbox,
            fetches,
            seen_fetches: 0,
            watcher: None,
            last_full: Instant::now(),
            next_full: Instant::now(),
            next_check: None,
        }
    }

    /// Runs until the inbox ends.
    pub(super) fn run(mut self) {
        loop {
            match self.inbox.next(self.next_check) {
                Task::Handle(id, event) => self.handle(id, event),
                Task::Close(id) => self.close(id),
                Task::TakeFetches => self.take_fetches(),
                Task::DrainEvents => self.try_to(Self::on_file_events),
                Task::Check => self.try_to(Self::check),
                Task::Stop => return,
            }
        }
    }

    /// Does something. If it panics, which has been printed, all pages reload, and are
    /// followed from there.
    fn try_to(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            let tabs = mem::take(&mut self.tabs);
            tabs.into_values().for_each(|tab| tab.caller.replace(&Message::Reload { to: None }));
            self.resources = Resources::default();
            self.checker.turns = Turns::default();
            self.next_check = None;
        }
    }

    /// Handles an event of a tab. If that panics, this tab reloads alone.
    fn handle(&mut self, id: u64, event: TabEvent) {
        if catch_unwind(AssertUnwindSafe(|| self.on_tab_event(id, event))).is_err() {
            if let Some(tab) = self.tabs.get(&id) {
                tab.caller.replace(&Message::Reload { to: None });
            }
            self.close(id);
        }
    }

    pub(super) fn on_tab_event(&mut self, id: u64, event: TabEvent) {
        match event {
            TabEvent::Opened(caller) => self.open(id, Tab::new(caller)),
            TabEvent::Hello(hello) => {
                let check = &mut self.checker.check_one();
                self.pages.on_hello(&mut self.tabs, id, &hello, check);
                let opened = time_before(SystemTime::now(), hello.open_for);
                if let Some(tab) = self.tabs.get_mut(&id)
                    && let Some(loaded) = tab.exact().map(|exact| exact.loaded)
                {
                    tab.opened = opened.map_or(loaded, |opened| opened.min(loaded));
                    tab.base = hello.base;
                }
                self.name(id, &hello.page.into());
                self.name(id, &NAMELESS.into());
            }
            TabEvent::Loaded(target) => self.add(id, &Part::of_page(target)),
            TabEvent::Address(target) => self.name(id, &target),
            TabEvent::ShutIn(target) => {
                self.name(id, &SHUT_IN.into());
                if !target.is_empty() {
                    self.add(id, &Part { is_hidden: true, ..Part::of_page(target) });
                }
            }
            TabEvent::Fetched(part) => self.add(id, &part),
            TabEvent::LoadedTooMuch => {
                self.tabs.get_mut(&id).into_iter().for_each(Tab::reload_on_any_change);
            }
            TabEvent::Unreadable(start) => self.warn_of_unreadable(&start),
        }
    }

    /// Follows what a tab has loaded, and what that has fetched.
    fn add(&mut self, id: u64, part: &Part) {
        if self.resources.add(&mut self.tabs, id, part, &mut self.checker.check_one()) {
            self.follow_fetches(id, &part.target);
        }
    }

    /// Follows what was fetched in this name of a tab.
    fn name(&mut self, id: u64, referrer: &Arc<str>) {
        let is_followed = |tab: &&mut Tab| tab.exact().is_some() && !tab.reloads_on_any_change;
        let tab = self.tabs.get_mut(&id).filter(is_followed);
        if tab.is_some_and(|tab| tab.names.insert(Arc::clone(referrer))) {
            self.follow_fetches(id, referrer);
        }
    }

    /// Each has a turn of its own.
    fn follow_fetches(&self, id: u64, referrer: &str) {
        let Some(tab) = self.tabs.get(&id) else { return };
        let is_path = referrer.starts_with('/');
        let referrer =
            &*if is_path { tab.base.to_string() + referrer } else { referrer.to_owned() };
        let fetches = self.fetches.of(referrer);
        let parts = fetches.iter().filter_map(|fetch| tab.part(referrer, fetch));
        self.inbox.put(id, parts.map(TabEvent::Fetched));
    }

    /// Follows what was fetched since this was last called.
    fn take_fetches(&mut self) {
        for (referrer, fetch) in self.fetches.since(&mut self.seen_fetches) {
            for (id, tab) in &self.tabs {
                self.inbox.put(*id, tab.part(&referrer, &fetch).map(TabEvent::Fetched));
            }
        }
    }

    /// Warns of a message of an open page that is not what the live script sends.
    fn warn_of_unreadable(&self, start: &str) {
        (self.options.print)(format!(
            "warning: live editing cannot read a message of an open page, which begins with \
             {start:?}; a script of the page may have changed what it sends"
        ));
    }

    fn open(&mut self, id: u64, tab: Tab) {
        self.tabs.insert(id, tab);
        if self.options.watches && self.watcher.is_none() {
            let inbox = Arc::clone(&self.inbox);
            let place = self.checker.site.place();
            self.watcher = Some(Watcher::start(place, move || inbox.on_file_events()));
        }
        self.check_within(INTERVAL);
    }

    pub(super) fn close(&mut self, id: u64) {
        drop(self.tabs.remove(&id));
        self.resources.forget_unused();
        if self.tabs.is_empty() {
            self.next_check = None;
        }
    }

    /// Checks at once, or a little later, if any page is open.
    fn on_file_events(&mut self) {
        let concerns_tabs = self.drain_events();
        if self.tabs.is_empty() {
            self.checker.settling.has_run_out();
            return;
        }
        if concerns_tabs {
            return self.check_within(Duration::ZERO);
        }
        let at = self.last_full + SOON * self.slowness();
        self.next_full = self.next_full.min(at);
        self.check_within(at.saturating_duration_since(Instant::now()));
    }

    /// Takes the events that have come since this was last called, and returns whether they
    /// concern what tabs show. The watcher calls once for all events until then.
    fn drain_events(&mut self) -> bool {
        let Some(watcher) = &self.watcher else { return false };
        let batch = watcher.take();
        for warning in &batch.warnings {
            (self.options.print)(format!("warning: {warning}"));
        }
        if batch.is_incomplete {
            self.next_full = Instant::now();
        }
        self.checker.note(&batch);
        self.concerns_tabs(&batch)
    }

    /// Whether a tab depends on a name of the batch, or on one below it.
    fn concerns_tabs(&self, batch: &Batch) -> bool {
        let notified: HashSet<&Path> = batch.names.iter().map(|name| name.as_path()).collect();
        let is_notified = |name: &Path| notified.contains(name);
        let is_about = |each: &Dependencies| each.is_about(is_notified, notified.iter().copied());
        batch.is_incomplete || self.dependencies().any(is_about)
    }

    /// By how much checks are slowed down for the number of names.
    fn slowness(&self) -> u32 {
        let names: usize = self.dependencies().map(Dependencies::count).sum();
        u32::try_from(names / NAMES_AN_INTERVAL).unwrap_or(u32::MAX).max(1)
    }

    /// The names behind all that is followed.
    fn dependencies(&self) -> impl Iterator<Item = &Dependencies> {
        let of_tabs = self.tabs.values().filter_map(Tab::dependencies);
        of_tabs.chain(self.resources.dependencies())
    }

    fn check_within(&mut self, time: Duration) {
        let at = Instant::now() + time;
        self.next_check = Some(self.next_check.map_or(at, |next| next.min(at)));
    }

    /// Checks the files behind everything that is followed, or, between two checks that
    /// take long, behind what has events; and sends the tabs what has changed.
    pub(super) fn check(&mut self) {
        self.drain_events();
        let now = Instant::now();
        self.next_check = None;
        self.follow_root(now);
        // Of a change that needs a restart no page tells.
        self.checker.site.follow_settings();
        if self.git_lock.is_under_way(now) {
            return self.check_within(CHECK_AGAIN);
        }
        let slowness = self.slowness();
        let is_full = slowness == 1 || self.next_full <= now;
        let mut check = self.checker.begin(is_full);
        check_file_sets(&mut self.tabs, &mut check);
        self.pages.check(&mut self.tabs, &mut check);
        self.resources.check(&mut self.tabs, &mut check);
        if is_full {
            self.last_full = now;
            self.next_full = now + INTERVAL * slowness;
        }
        if self.checker.turns.has_rest() {
            // The events count until the rest is done.
            let is_quiet = self.inbox.waiting() == 0;
            self.check_within(if is_quiet { Duration::ZERO } else { HANDLING });
        } else if self.checker.settling.has_run_out() {
            self.reload_on_any_change();
            self.check_within(self.next_full.saturating_duration_since(Instant::now()));
        } else {
            self.check_within(CHECK_AGAIN);
        }
    }

    /// Watches the folder that stands at the root's name, where that is another by now, and
    /// has everything checked. It takes one `stat`; a switch itself has no event, since the
    /// folder of the link may be a busy one.
    fn follow_root(&mut self, now: Instant) {
        let folder = self.checker.site.folder();
        if folder.number() == self.folder {
            return;
        }
        self.folder = folder.number();
        self.git_lock = GitLock::of(folder.path());
        self.next_full = now;
        self.watcher.iter().for_each(Watcher::watch_again);
    }

    /// If anything has changed, reloads the tabs that have loaded more than is followed.
    fn reload_on_any_change(&mut self) {
        if mem::take(&mut self.checker.has_news) {
            let tabs = self.tabs.values_mut().filter(|tab| tab.reloads_on_any_change);
            tabs.for_each(Tab::reload);
        }
    }
}

/// Checks the tabs that reload whatever changes of their files. It renders nothing, so
/// it needs no turns.
fn check_file_sets(tabs: &mut Tabs, check: &mut Check<'_>) {
    for (id, tab) in tabs {
        let (View::Coarse(files) | View::Leaving(files)) = &tab.view else { continue };
        let key = format!("tab {id}");
        if check.is_due(&key, files)
            && let Finding::Changed(next) =
                check.examine(&key, files, |check| Some(files.restamped(check)))
        {
            tab.reload_with(next);
        }
    }
}

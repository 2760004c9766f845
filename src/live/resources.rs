//! Files that open pages have loaded besides themselves: each known once for all tabs.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
    time::SystemTime,
};

use super::{
    PARTS_OF_BUDGET,
    check::{Check, Finding, Followed},
    file_set::FileSet,
    message::Message,
    tab::{Loaded, Part, Tab, Tabs},
    turns::Candidate,
    unseen::may_be_unseen,
    users::Users,
};
use crate::site::{Dependencies, Site, Subresource, SubresourceKind};

/// The most that are followed for all pages together, of which one page brings in at most
/// its part of what the others leave. A tab that has loaded one more reloads when anything
/// changes.
const MAX_USED: usize = 8192;
/// The most uses of them by all tabs together, of which one tab has at most its part.
const MAX_USES: usize = 128 << 10;
/// How often a resource is made to begin with, whose files change meanwhile each time.
const MAX_TRIES: usize = 4;
/// The most that are kept though no page uses them.
const MAX_UNUSED: usize = 1024;

/// The resources that are or were in use.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// By their targets.
    pub(super) known: HashMap<Box<str>, KnownResource>,
    /// How many of them are in use.
    used: Rc<Cell<usize>>,
}

#[derive(Debug)]
pub(super) struct KnownResource {
    resource: Subresource,
    /// From when on it has been known.
    pub(super) since: SystemTime,
    /// When it was last seen to have changed.
    pub(super) changed: Option<SystemTime>,
    /// The state of its files that may be half of a save, and when that was first seen.
    unsettled: Option<(Dependencies, SystemTime)>,
    /// The state of its files when its users were last sent away without making it again.
    notified: Option<FileSet>,
    users: Users,
}

/// What to send to which tabs: each path once to each tab, even if the tab has loaded it
/// under several queries.
type Changes = BTreeSet<(u64, SubresourceKind, Box<str>)>;

impl Resources {
    /// Follows what a tab has loaded. Says whether there is more to it than was known, so
    /// that what it has fetched counts anew.
    pub(super) fn add(
        &mut self,
        tabs: &mut Tabs,
        id: u64,
        part: &Part,
        check: &mut Check<'_>,
    ) -> bool {
        let target = Arc::clone(&part.target);
        let uses: usize = tabs.values().map(|tab| tab.resources.len()).sum();
        let Some(tab) = tabs.get_mut(&id).filter(|tab| !tab.reloads_on_any_change) else {
            return false;
        };
        let Some(loaded) = tab.exact().map(|exact| exact.loaded) else { return false };
        if let Some(known) = tab.resources.get_mut(&target) {
            let is_news =
                (part.is_hidden && !known.is_hidden) || (part.is_shared && !known.is_shared);
            known.is_hidden |= part.is_hidden;
            known.is_shared |= part.is_shared;
            return is_news;
        }
        let is_new = self.known.get(&*target).is_none_or(|known| known.users.are_none());
        let has_room_for_use = is_part(tab.resources.len(), uses, MAX_USES);
        if !has_room_for_use || (is_new && !self.has_room(tab.new_resources)) {
            tab.reload_on_any_change();
            return false;
        }
        let mut changes = Changes::new();
        if is_new {
            self.begin(&target, check);
        } else {
            self.examine(tabs, &target, check, &mut changes);
        }
        // A page in a frame reports itself.
        let is_followed = |known: &&KnownResource| !part.is_for_frame || !known.resource.is_page();
        let known = self.known.get(&*target).filter(is_followed);
        if let (Some(known), Some(tab)) = (known, tabs.get_mut(&id)) {
            let of_tab = Loaded::new(part, known);
            if known.has_changed_since(loaded, check.site) {
                changes.insert((id, of_tab.kind(known), path(&target).into()));
            }
            tab.resources.insert(target, of_tab);
            tab.new_resources += usize::from(is_new);
        }
        let is_news = known.is_some();
        send(tabs, &changes);
        is_news
    }

    /// Begins to follow a resource that no tab uses yet, or none any more.
    fn begin(&mut self, target: &str, check: &Check<'_>) {
        let old = self.known.get(target);
        // Nothing has checked it since its last user left.
        if old.is_some_and(|old| check.is_current(old.resource.dependencies())) {
            return;
        }
        // What is saved between the look at its stamp and the reading has the new bytes under the
        // old stamp: it is made again.
        let make = || check.site.resource(target, SystemTime::now());
        let is_still = |made: &Subresource| check.site.stat_cache().is_current(made.dependencies());
        let Some(mut resource) = make() else { return };
        for _ in 1..MAX_TRIES {
            if is_still(&resource) {
                break;
            }
            let Some(next) = make() else { return };
            resource = next;
        }
        // The users that come back have loaded the state of which they were notified.
        let notified = self.known.remove(target).filter(|old| {
            let files = old.notified.as_ref().map(Followed::dependencies);
            files.is_some_and(|files| files.are_same(resource.dependencies()))
        });
        // It may have changed while it was made: before this time, and after the load.
        let made = SystemTime::now();
        let (since, changed) = notified.map_or((made, None), |old| (old.since, old.changed));
        let users = Users::none(&self.used);
        let known =
            KnownResource { resource, since, changed, unsettled: None, notified: None, users };
        self.known.insert(target.into(), known);
    }

    /// Checks all that is in use.
    pub(super) fn check(&mut self, tabs: &mut Tabs, check: &mut Check<'_>) {
        let used = self.known.iter().filter(|(_, known)| !known.users.are_none());
        let stale = used.filter(|(target, KnownResource { resource, .. })| {
            check.is_due(target, resource) && !check.is_unchanged(resource)
        });
        let candidates =
            stale.map(|(target, known)| Candidate::new(target, known.resource.dependencies()));
        let candidates = candidates.collect();
        let mut changes = Changes::new();
        for candidate in check.order(candidates) {
            if check.takes(&candidate) {
                self.examine(tabs, &candidate.key, check, &mut changes);
            }
        }
        send(tabs, &changes);
    }

    /// Checks one, and adds the tabs that have loaded it where it has changed.
    ///
    /// Of a page that was rendered for its request, there are as many as there are
    /// requests: a change of its files counts for all of them, without a rendering of
    /// each. Its users reload, so what is known of it is made again with the next one.
    fn examine(&mut self, tabs: &Tabs, target: &str, check: &mut Check<'_>, changes: &mut Changes) {
        let Some(known) = self.known.get_mut(target) else { return };
        let resource = &known.resource;
        let is_for_request = resource.is_for_request() && resource.kind() == SubresourceKind::Other;
        // Frames of a page, say: each has its own answer, and each user reloads anyway.
        if is_for_request && !check.is_current(resource.dependencies()) {
            let files = FileSet::new(resource.dependencies().clone());
            let finding = check.examine(target, &files, |check| Some(files.restamped(check)));
            let Finding::Changed(next) = finding else { return };
            known.notified = Some(next);
        } else {
            let make = |check: &Check<'_>| check.site.resource(target, SystemTime::now());
            match check.examine(target, resource, make) {
                Finding::Current => return known.unsettled = None,
                Finding::Unsettled(next) => return known.note_unsettled(next),
                Finding::Same(next) => {
                    known.resource = next;
                    known.unsettled = None;
                    return;
                }
                Finding::Changed(next) => known.resource = next,
            }
        }
        // A tab that loads it later compares this with its own time of load. One may have been
        // loaded again by then, for what else the same save has changed.
        let changed = known.take_time_of_change(check.site);
        known.changed = Some(changed);
        let users = tabs.iter().filter_map(|(id, tab)| {
            let of_tab = tab.resources.get(target)?;
            let is_older = of_tab.is_shared || tab.exact()?.loaded <= changed;
            is_older.then(|| (*id, of_tab.kind(known), path(target).into()))
        });
        changes.extend(users);
    }

    /// Forgets what no tab uses, where that is much.
    pub(super) fn forget_unused(&mut self) {
        if self.known.len() - self.used.get() > MAX_UNUSED {
            self.known.retain(|_, known| !known.users.are_none());
        }
    }

    /// Whether there is room for one more of a tab that has brought in `own`.
    fn has_room(&self, own: usize) -> bool {
        is_part(own, self.used.get(), MAX_USED)
    }

    /// The names behind those that are in use.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = &Dependencies> {
        let used = self.known.values().filter(|known| !known.users.are_none());
        used.map(|known| known.resource.dependencies())
    }
}

impl Loaded {
    fn new(part: &Part, known: &KnownResource) -> Self {
        let Part { is_hidden, is_shared, .. } = *part;
        let is_style = known.resource.kind() == SubresourceKind::Style;
        Self { is_hidden, is_shared, is_style, _use: known.users.add() }
    }

    /// As what a change of the file is told to the tab: where its script cannot reach all
    /// uses, the page is loaded again.
    fn kind(&self, known: &KnownResource) -> SubresourceKind {
        if self.is_hidden { SubresourceKind::Other } else { known.resource.kind() }
    }
}

impl KnownResource {
    /// Notes what its files make while a save may go on.
    fn note_unsettled(&mut self, next: Option<Subresource>) {
        let Some(next) = next else { return };
        let is_known = |(files, _): &(Dependencies, _)| files.are_same(next.dependencies());
        if !self.unsettled.as_ref().is_some_and(is_known) {
            self.unsettled = Some((next.dependencies().clone(), SystemTime::now()));
        }
    }

    /// From when on its files have been as they are now, as far as is known.
    fn take_time_of_change(&mut self, site: &Site) -> SystemTime {
        let now = SystemTime::now();
        let is_still = |(files, since): &(Dependencies, _)| {
            files.are_same(self.resource.dependencies())
                && !site.may_have_changed(&self.resource, &(*since..now))
        };
        self.unsettled.take().filter(is_still).map_or(now, |(_, since)| since)
    }

    /// Whether it has changed since a page was loaded at `time`. In doubt it has.
    fn has_changed_since(&self, time: SystemTime, site: &Site) -> bool {
        if self.changed.is_some_and(|changed| changed > time) {
            return true;
        }
        // Before it was known, only the file system saw it change.
        self.since > time && site.may_have_changed(&self.resource, &(time..self.since))
    }
}

/// Sends tabs which of their files have changed, unless they are about to reload.
fn send(tabs: &mut Tabs, changes: &Changes) {
    for (id, kind, path) in changes {
        let Some(tab) = tabs.get_mut(id) else { continue };
        let Some(exact) = tab.exact() else { continue };
        let baseline = exact.baseline.as_ref();
        let is_unseen = baseline.is_some_and(|it| may_be_unseen(*kind, it.snapshot.bytes()));
        match kind {
            _ if is_unseen => tab.reload(),
            SubresourceKind::Style => tab.send(&Message::Style { path }),
            SubresourceKind::Image => tab.send(&Message::Image { path }),
            SubresourceKind::Font => tab.send(&Message::Font { path }),
            SubresourceKind::Other => Tab::reload(tab),
        }
    }
}

/// Whether one who has `own` of `max`, of which `used` are in use, may have one more: of
/// what the others leave, each has at most a part.
fn is_part(own: usize, used: usize, max: usize) -> bool {
    own < (max.saturating_sub(used) + own) / PARTS_OF_BUDGET
}

/// The path of a target.
fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

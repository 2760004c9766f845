//! Files that open pages have loaded besides themselves: each known once for all tabs.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
    time::SystemTime,
};

use super::{
    PARTS_OF_BUDGET,
    check::{Check, Finding, Followed},
    file_set::FileSet,
    message::Message,
    tab::{Tab, Tabs},
    turns::Candidate,
    users::Users,
};
use crate::site::{Dependencies, Site, Subresource, SubresourceKind};

/// The most that are followed for all pages together, of which one page brings in at most
/// its part of what the others leave. A tab that has loaded one more reloads when anything
/// changes.
const MAX_USED: usize = 8192;
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
    /// The state of its files when its users were last sent away without making it again.
    notified: Option<FileSet>,
    users: Users,
}

/// What to send to which tabs: each path once to each tab, even if the tab has loaded it
/// under several queries.
type Changes = BTreeSet<(u64, SubresourceKind, Box<str>)>;

impl Resources {
    /// Follows a file that a page has loaded.
    pub(super) fn add(
        &mut self,
        tabs: &mut Tabs,
        id: u64,
        target: Box<str>,
        check: &mut Check<'_>,
    ) {
        let Some(tab) = tabs.get_mut(&id).filter(|tab| !tab.reloads_on_any_change) else { return };
        let Some(loaded) = tab.exact().map(|exact| exact.loaded) else { return };
        if tab.resources.contains_key(&target) {
            return;
        }
        let is_new = self.known.get(&target).is_none_or(|known| known.users.are_none());
        if is_new && !self.has_room(tab.new_resources) {
            return tab.reload_on_any_change();
        }
        let mut changes = Changes::new();
        if is_new {
            self.begin(&target, check);
        } else {
            self.examine(tabs, &target, check, &mut changes);
        }
        let Some(known) = self.known.get(&target) else { return };
        if known.has_changed_since(loaded, check.site) {
            changes.insert((id, known.resource.kind(), path(&target).into()));
        }
        if let Some(tab) = tabs.get_mut(&id) {
            tab.resources.insert(target, known.users.add());
            tab.new_resources += usize::from(is_new);
        }
        send(tabs, &changes);
    }

    /// Begins to follow a resource that no tab uses yet, or none any more.
    fn begin(&mut self, target: &str, check: &Check<'_>) {
        let old = self.known.get(target);
        // Nothing has checked it since its last user left.
        if old.is_some_and(|old| check.is_current(old.resource.inputs())) {
            return;
        }
        let now = SystemTime::now();
        let Some(resource) = check.site.resource(target, now) else { return };
        // The users that come back have loaded the state of which they were notified.
        let notified = self.known.remove(target).filter(|old| {
            let files = old.notified.as_ref().map(Followed::dependencies);
            files.is_some_and(|files| files.are_same(resource.inputs()))
        });
        let (since, changed) = notified.map_or((now, None), |old| (old.since, old.changed));
        let users = Users::none(&self.used);
        let known = KnownResource { resource, since, changed, notified: None, users };
        self.known.insert(target.into(), known);
    }

    /// Checks all that is in use.
    pub(super) fn check(&mut self, tabs: &mut Tabs, check: &mut Check<'_>) {
        let used = self.known.iter().filter(|(_, known)| !known.users.are_none());
        let stale = used.filter(|(target, KnownResource { resource, .. })| {
            check.is_due(target, resource) && !check.is_unchanged(resource)
        });
        let candidates =
            stale.map(|(target, known)| Candidate::new(target, known.resource.inputs()));
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
        let now = SystemTime::now();
        let Some(known) = self.known.get_mut(target) else { return };
        let resource = &known.resource;
        let is_for_request = resource.is_for_request() && resource.kind() == SubresourceKind::Other;
        // Frames of a page, say: each has its own answer, and each user reloads anyway.
        if is_for_request && !check.is_current(resource.inputs()) {
            let files = FileSet::new(resource.inputs().clone());
            let finding = check.examine(target, &files, |check| Some(files.restamped(check)));
            let Finding::Changed(next) = finding else { return };
            known.notified = Some(next);
        } else {
            let make = |check: &Check<'_>| check.site.resource(target, now);
            match check.examine(target, resource, make) {
                Finding::Current | Finding::Unsettled => return,
                Finding::Same(next) => {
                    known.resource = next;
                    return;
                }
                Finding::Changed(next) => known.resource = next,
            }
        }
        // A tab that loads it later compares this with its own time of load.
        known.changed = Some(now);
        let kind = known.resource.kind();
        let users = tabs.iter().filter(|(_, tab)| tab.resources.contains_key(target));
        changes.extend(users.map(|(id, _)| (*id, kind, path(target).into())));
    }

    /// Forgets what no tab uses, where that is much.
    pub(super) fn forget_unused(&mut self) {
        if self.known.len() - self.used.get() > MAX_UNUSED {
            self.known.retain(|_, known| !known.users.are_none());
        }
    }

    /// Whether there is room for one more of a tab that has brought in `own`.
    fn has_room(&self, own: usize) -> bool {
        own < (MAX_USED.saturating_sub(self.used.get()) + own) / PARTS_OF_BUDGET
    }

    /// The names behind those that are in use.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = &Dependencies> {
        let used = self.known.values().filter(|known| !known.users.are_none());
        used.map(|known| known.resource.inputs())
    }
}

impl KnownResource {
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
        let Some(tab) = tabs.get_mut(id).filter(|tab| tab.exact().is_some()) else { continue };
        match kind {
            SubresourceKind::Style => tab.send(&Message::Style { path }),
            SubresourceKind::Image => tab.send(&Message::Image { path }),
            SubresourceKind::Font => tab.send(&Message::Font { path }),
            SubresourceKind::Other => Tab::reload(tab),
        }
    }
}

/// The path of a target.
fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

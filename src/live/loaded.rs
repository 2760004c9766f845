//! Following what open pages have loaded, and telling them when it changes.

use std::{
    collections::BTreeSet,
    mem,
    sync::Arc,
    time::{Instant, SystemTime},
};

use super::{
    live_thread::LiveThread,
    message::Message,
    resources::Known,
    tab::{Tab, View},
    turns::Waiting,
};
use crate::site::{Look, SubresourceKind};

/// Whom to tell of what: each tab once of each path, under however many queries it has
/// loaded it.
type Changed = BTreeSet<(u64, SubresourceKind, Box<str>)>;

impl LiveThread {
    /// Follows what a page says it has loaded.
    pub(super) fn add_resource(&mut self, id: u64, target: Box<str>) {
        let Some(tab) = self.tabs.get(&id).filter(|tab| !tab.is_loose) else { return };
        let Some(loaded) = tab.exact().map(|exact| exact.loaded) else { return };
        if tab.resources.contains(&target) {
            return;
        }
        let is_new = self.resources.known.get(&target).is_none_or(|known| known.users == 0);
        if is_new && !self.resources.has_room(tab.new_resources) {
            return self.loosen(id);
        }
        let mut changed = self.use_resource(&target);
        let Some(known) = self.resources.known.get(&target) else { return };
        if known.has_changed_since(loaded) {
            changed.insert((id, known.resource.kind(), path(&target).into()));
        }
        if let Some(tab) = self.tabs.get_mut(&id) {
            tab.resources.insert(target);
            tab.new_resources += usize::from(is_new);
        }
        self.tell_of_resources(&changed);
    }

    /// Follows no file alone of a tab that has loaded too many: it loads again when
    /// anything changes that the system tells of, or that is followed.
    pub(super) fn loosen(&mut self, id: u64) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.is_loose = matches!(tab.view, View::Exact(_) | View::Loose { is_told: false, .. });
        let resources = mem::take(&mut tab.resources);
        self.resources.release(&resources);
    }

    /// Follows one more user of a resource, and gives whom to tell of it.
    fn use_resource(&mut self, target: &str) -> Changed {
        let site = Arc::clone(&self.site);
        let look = site.look();
        if let Some(known) = self.resources.known.get_mut(target) {
            known.users += 1;
            if known.users > 1 {
                return self.renew(target, &look);
            }
            self.resources.used += 1;
            // Nobody has looked since the last tab had left.
            if look.is_current(known.resource.inputs()) {
                return Changed::new();
            }
        }
        if let Some(resource) = site.resource(target, SystemTime::now()) {
            let old = self.resources.known.remove(target);
            let is_new = old.is_none();
            // The users that come back have loaded what they were told of.
            let told = old.filter(|old| {
                old.told.as_ref().is_some_and(|told| told.are_same(resource.inputs()))
            });
            let (since, changed) = match told {
                Some(old) => (old.since, old.changed),
                None => (SystemTime::now(), None),
            };
            let known = Known { resource, since, changed, told: None, users: 1 };
            self.resources.known.insert(target.into(), known);
            if is_new {
                self.resources.used += 1;
            }
        }
        Changed::new()
    }

    /// Looks at all that is in use.
    pub(super) fn look_at_resources(&mut self, look: &Look, is_full: bool) {
        let used = self.resources.known.iter().filter(|(_, known)| known.users > 0);
        let stale = used.filter(|(target, known)| {
            let inputs = known.resource.inputs();
            (is_full || self.is_awaited(target, inputs))
                && (inputs.is_uncertain() || !look.is_current(inputs))
        });
        let waiting = stale.map(|(target, known)| {
            let file = known.resource.inputs().file().map(|(name, _)| name.into());
            Waiting { key: target.clone(), file }
        });
        let waiting = waiting.collect();
        let mut changed = Changed::new();
        for group in self.turns.order(waiting) {
            if self.turns.take(&group) {
                changed.append(&mut self.renew(&group.key, look));
            }
        }
        self.tell_of_resources(&changed);
    }

    /// Looks at one, as `renew_by_rendering` does. Of a page that was rendered for its
    /// request, there are as many as there are requests, and a change of its files counts
    /// as one of all of them, without a rendering of each. Who has loaded it loads again, so
    /// what is known of it is renewed with the next user.
    fn renew(&mut self, target: &str, look: &Look) -> Changed {
        let known = self.resources.known.get_mut(target);
        let is_for_request = |known: &&mut Known| {
            known.resource.is_for_request() && known.resource.kind() == SubresourceKind::Other
        };
        let Some(known) = known.filter(is_for_request) else {
            return self.renew_by_rendering(target, look);
        };
        let (inputs, now) = (known.resource.inputs(), Instant::now());
        if look.is_current(inputs) {
            return self.renew_by_rendering(target, look);
        }
        let next = look.renew(inputs);
        let may_wait = self.settling.is_half_written(look, inputs)
            && self.settling.may_wait(target, now)
            || next.has_less_than(inputs)
                && self.settling.may_wait_for_rest(target, now, &next, inputs);
        if may_wait {
            return Changed::new();
        }
        self.settling.end(target);
        known.changed = Some(SystemTime::now());
        known.told = Some(next);
        self.has_news = true;
        self.users_of(target, SubresourceKind::Other)
    }

    /// Whom to tell that a resource has changed: those who have loaded it.
    fn users_of(&self, target: &str, kind: SubresourceKind) -> Changed {
        let has_loaded = self.tabs.iter().filter(|(_, tab)| tab.resources.contains(target));
        has_loaded.map(|(id, _)| (*id, kind, path(target).into())).collect()
    }

    /// Looks at one, and gives whom to tell if it has changed: those who have loaded it.
    fn renew_by_rendering(&mut self, target: &str, look: &Look) -> Changed {
        let nobody = Changed::new();
        let Some(known) = self.resources.known.get_mut(target) else { return nobody };
        let inputs = known.resource.inputs();
        if look.is_current(inputs) && !inputs.is_uncertain() {
            self.settling.end(target);
            return nobody;
        }
        let now = Instant::now();
        if self.settling.is_half_written(look, inputs) && self.settling.may_wait(target, now) {
            return nobody;
        }
        let wall = SystemTime::now();
        let Some(next) = self.site.resource(target, wall) else { return nobody };
        let is_news = !next.is_same(&known.resource);
        let is_whole = !next.inputs().has_less_than(inputs);
        let is_still = || self.site.look().is_current(next.inputs());
        if is_news
            && !(is_whole && is_still())
            && self.settling.may_wait_for_rest(target, now, next.inputs(), inputs)
        {
            return nobody;
        }
        self.settling.end(target);
        let kind = next.kind();
        known.resource = next;
        if !is_news {
            return nobody;
        }
        known.changed = Some(wall);
        self.has_news = true;
        self.users_of(target, kind)
    }

    /// Tells tabs which files have changed, unless they are about to load again.
    fn tell_of_resources(&mut self, changed: &Changed) {
        for (id, kind, path) in changed {
            if self.tabs.get(id).and_then(Tab::exact).is_none() {
                continue;
            }
            match kind {
                SubresourceKind::Style => self.tell(*id, &Message::Style { path }),
                SubresourceKind::Image => self.tell(*id, &Message::Image { path }),
                SubresourceKind::Font => self.tell(*id, &Message::Font { path }),
                SubresourceKind::Other => self.reload(*id),
            }
        }
    }
}

/// The path of a target.
fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

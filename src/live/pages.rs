//! Pages that are open: which have changed, and what each is told.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    follow::Follower,
    message::{Hello, Message},
    tab::{Document, Exact, Step, Tab, View},
};
use crate::site::{Dependencies, Kind, Look, Sent, Snapshot};

/// The longest that a page may have been open; older ones are taken for so old.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Where more tabs wait for their turn, a page is not rendered to see whether a tab that
/// shows an unknown version shows what there is. It loads again, which is right as well.
const MAX_WAITING: usize = 256;

impl Follower {
    /// Begins to follow what a page says it shows.
    pub(super) fn greet(&mut self, id: u64, hello: &Hello) {
        let Some(tab) = self.tabs.get(&id) else { return };
        let known = self.site.rendering(&hello.version);
        if known.is_none() && self.inbox.waiting() > MAX_WAITING {
            self.follow_loosely(id, Dependencies::default());
            return self.reload(id);
        }
        let now = SystemTime::now();
        let head = || tab.caller.head_for(&hello.page);
        let rendering = known.as_ref().map(|sent| Arc::clone(&sent.rendering));
        let Some(latest) = rendering.or_else(|| self.site.render(&head(), now)) else { return };
        self.note_errors(&latest);
        if latest.has_content_of(&hello.version) {
            let loaded = time_of_load(hello, known.as_ref(), now);
            self.show(id, hello, &latest, loaded);
            return;
        }
        self.follow_loosely(id, latest.inputs().clone());
        if latest.kind() == Kind::Error {
            // What it shows is better than nothing, until the error is fixed.
            self.cover(id, &latest);
        } else {
            // What it was made of is forgotten, with the server that had sent it.
            self.reload(id);
        }
    }

    /// Follows a tab exactly that shows `latest`, if there is room for that.
    fn show(&mut self, id: u64, hello: &Hello, latest: &Arc<Snapshot>, loaded: SystemTime) {
        let site = Arc::clone(&self.site);
        let look = site.look();
        let document = self.document(latest);
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        let share = self.exact.take(tab.caller.head_bytes(&hello.page));
        let (Some(document), Some(share)) = (document, share) else {
            self.follow_loosely(id, look.renew(latest.inputs()));
            if look.is_current(latest.inputs()) {
                self.tell(id, &Message::Current);
            } else {
                self.reload(id);
            }
            return;
        };
        let latest = Arc::clone(latest);
        let (document, page) = (Some(document), hello.page.clone());
        let exact = Exact { document, latest, loaded, page, is_answered: false, _share: share };
        tab.view = View::Exact(exact);
        self.look_at_group(&[id], &look);
        if let Some(document) = self.exact(id).and_then(|exact| exact.document.as_ref()) {
            document.prepare(&self.site);
        }
    }

    /// From now on, a tab hears of nothing but that it is to load again, when one of
    /// `inputs` changes.
    pub(super) fn follow_loosely(&mut self, id: u64, inputs: Dependencies) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.view = View::Loose { inputs, is_told: false };
        tab.caller.forget_fields();
        let resources = mem::take(&mut tab.resources);
        self.resources.release(&resources);
    }

    /// Looks at what is followed exactly, the tabs with the same rendering together.
    pub(super) fn look_at_pages(&mut self, look: &Look, is_full: bool) {
        let mut groups: BTreeMap<Box<str>, Vec<u64>> = BTreeMap::new();
        for (id, tab) in &self.tabs {
            if let Some(exact) = tab.exact() {
                groups.entry(exact.latest.version().into()).or_default().push(*id);
            }
        }
        for (version, ids) in &groups {
            let exact = ids.first().and_then(|id| self.exact(*id));
            let inputs = exact.map(|exact| exact.latest.inputs());
            let concerns =
                |inputs| self.patience.is_waiting(version) || self.patience.has_told_of(inputs);
            if is_full || inputs.is_some_and(concerns) {
                self.look_at_group(ids, look);
            }
        }
    }

    /// Looks at what some tabs show that have the same newest rendering. Where that ends
    /// in a panic, they are told to load what there is, and no more; all others go on.
    fn look_at_group(&mut self, ids: &[u64], look: &Look) {
        let looked = catch_unwind(AssertUnwindSafe(|| self.follow(ids, look)));
        for id in ids.iter().filter(|_| looked.is_err()) {
            self.reload(*id);
            if let Some(tab) = self.tabs.get_mut(id) {
                tab.view = View::None;
            }
        }
    }

    fn follow(&mut self, ids: &[u64], look: &Look) {
        let Some(tab) = ids.first().and_then(|id| self.tabs.get(id)) else { return };
        let (Some(exact), Some(head)) = (tab.exact(), tab.head()) else { return };
        let latest = Arc::clone(&exact.latest);
        let inputs = latest.inputs();
        if look.is_current(inputs) && !inputs.is_uncertain() {
            self.patience.end(latest.version());
            return self.answer(ids);
        }
        let now = Instant::now();
        let is_half = self.patience.is_half_written(look, inputs);
        if is_half && self.patience.may_wait(latest.version(), now) {
            return;
        }
        let Some(next) = self.site.render(&head, SystemTime::now()) else { return };
        let version = latest.version();
        let is_news = next.version() != version;
        // What has changed since it was opened may be half of what was written.
        let is_still = || self.site.look().is_current(next.inputs());
        if is_news
            && !(is_whole(&next, &latest) && is_still())
            && self.patience.may_wait_for_rest(version, now, next.inputs(), inputs)
        {
            return;
        }
        self.patience.end(version);
        self.has_news |= is_news;
        if latest.head().is_none() && next.head().is_some() {
            // It looks at its request by now, and each tab has one of its own.
            for id in ids {
                let head = self.tabs.get(id).and_then(Tab::head);
                let next = head.and_then(|head| self.site.render(&head, SystemTime::now()));
                if let Some(next) = next {
                    self.move_to(&[*id], &next);
                }
            }
        } else {
            self.move_to(ids, &next);
        }
    }

    /// Tells tabs, all with the same newest rendering, what the next one makes of them.
    fn move_to(&mut self, ids: &[u64], next: &Arc<Snapshot>) {
        let mut to_patch: Vec<(Rc<Document>, Vec<u64>)> = Vec::new();
        for id in ids {
            let Some(exact) = self.tabs.get_mut(id).and_then(Tab::exact_mut) else { continue };
            let step = exact.step_to(next);
            let before = mem::replace(&mut exact.latest, Arc::clone(next));
            match step {
                Step::Stay => {}
                Step::Patch => {
                    let document = exact.document.take();
                    document.into_iter().for_each(|document| add_to(&mut to_patch, document, *id));
                }
                Step::Reload => self.leave(*id, &before, next),
                Step::Cover => self.cover(*id, next),
                Step::Uncover => self.tell(*id, &Message::Fixed),
            }
        }
        to_patch.into_iter().for_each(|(document, ids)| self.patch(document, &ids, next));
        self.answer(ids);
        self.tell_error(next);
    }

    /// Makes `next` of a document in all tabs that show it.
    fn patch(&mut self, document: Rc<Document>, ids: &[u64], next: &Arc<Snapshot>) {
        let alone = Rc::try_unwrap(document).or_else(|shared| {
            // Another tab, for another request, goes on with it.
            Document::new(Arc::clone(&shared.rendering), &self.exact).ok_or(shared)
        });
        let advanced = alone.ok().and_then(|document| document.advance(next, &self.site));
        let Some((patch, document)) = advanced else {
            return ids.iter().for_each(|id| self.reload(*id));
        };
        let text = Message::Patch { to: next.version(), ops: &patch }.text();
        let document = Rc::new(document);
        for id in ids {
            if let Some(exact) = self.tabs.get_mut(id).and_then(Tab::exact_mut) {
                exact.document = Some(Rc::clone(&document));
                self.send(*id, Arc::clone(&text));
            }
        }
    }

    /// Sends a tab to where its page is now, or lets it load what is in its place.
    fn leave(&mut self, id: u64, before: &Snapshot, next: &Snapshot) {
        let may_be_renamed = before.kind() != Kind::Fallback && next.kind() != Kind::Page;
        let hints = self.patience.told();
        let now = SystemTime::now();
        match may_be_renamed.then(|| self.site.renamed(before, hints, now)).flatten() {
            Some(url) => self.send_away(id, &Message::Navigate { url: &url }),
            None => self.reload(id),
        }
    }

    /// Lays an error over a tab.
    fn cover(&mut self, id: u64, error: &Snapshot) {
        let html = String::from_utf8_lossy(error.bytes());
        self.tell(id, &Message::Error { html: &html });
    }

    /// Lets a tab load its page again. Until it has, it is told nothing else.
    pub(super) fn reload(&mut self, id: u64) {
        self.send_away(id, &Message::Reload);
    }

    /// Lets a tab go, with one message in place of all that it has not heard yet.
    fn send_away(&mut self, id: u64, message: &Message<'_>) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        let Some(inputs) = tab.inputs().cloned() else { return };
        tab.caller.send_away(message);
        tab.is_loose = false;
        self.follow_loosely(id, inputs);
        if let Some(Tab { view: View::Loose { is_told, .. }, .. }) = self.tabs.get_mut(&id) {
            *is_told = true;
        }
    }

    pub(super) fn tell(&mut self, id: u64, message: &Message<'_>) {
        self.send(id, message.text());
    }

    /// Sends a text to a tab. One that has not read what was sent before, so that there
    /// is no room for more, loads again: that is the newest there is, and it is short.
    /// The texts that wait depend on each other, patches above all, and are all dropped.
    fn send(&mut self, id: u64, text: Arc<str>) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        if !tab.caller.send(text) {
            return self.reload(id);
        }
        if let Some(exact) = tab.exact_mut() {
            exact.is_answered = true;
        }
    }

    /// Says to those that have heard nothing yet that they show what there is.
    fn answer(&mut self, ids: &[u64]) {
        for id in ids {
            if self.exact(*id).is_some_and(|exact| !exact.is_answered) {
                self.tell(*id, &Message::Current);
            }
        }
    }

    /// The rendering with its tree, which other tabs may have made; if there is room.
    fn document(&self, rendering: &Arc<Snapshot>) -> Option<Rc<Document>> {
        let exact = self.tabs.values().filter_map(Tab::exact);
        let mut documents = exact.filter_map(|exact| exact.document.as_ref());
        let same = documents.find(|document| document.rendering.version() == rendering.version());
        same.map(Rc::clone)
            .or_else(|| Document::new(Arc::clone(rendering), &self.exact).map(Rc::new))
    }

    fn exact(&self, id: u64) -> Option<&Exact> {
        self.tabs.get(&id)?.exact()
    }

    /// Tells the person at the terminal of an error, once for all pages that have it.
    fn tell_error(&mut self, next: &Snapshot) {
        if self.note_errors(next)
            && let Some(message) = next.message()
        {
            (self.options.tell)(message.to_owned());
        }
    }

    /// Forgets the errors that nobody has any more, and says whether `next` has one
    /// that was not known.
    fn note_errors(&mut self, next: &Snapshot) -> bool {
        let exact = self.tabs.values().filter_map(Tab::exact);
        let current = exact.filter_map(|exact| beginning_of_error(&exact.latest));
        let current: HashSet<&str> = current.collect();
        self.told.retain(|told| current.contains(told.as_str()));
        beginning_of_error(next).is_some_and(|error| self.told.insert(error.to_owned()))
    }
}

/// Adds a tab to those that show the same document.
fn add_to(groups: &mut Vec<(Rc<Document>, Vec<u64>)>, document: Rc<Document>, id: u64) {
    match groups.iter_mut().find(|(other, _)| Rc::ptr_eq(other, &document)) {
        Some((_, ids)) => ids.push(id),
        None => groups.push((document, vec![id])),
    }
}

/// What the error is, and where: two lines, without the chain of includes, in which
/// the pages differ that have it in common.
fn beginning_of_error(rendering: &Snapshot) -> Option<&str> {
    let message = rendering.message().filter(|_| rendering.kind() == Kind::Error)?;
    let mut ends = message.match_indices('\n').map(|(at, _)| at);
    message.get(..ends.nth(1).unwrap_or(message.len()))
}

/// Whether `next` was made of files that are all there and whole, as far as one can
/// tell: an editor may be in the middle of saving.
fn is_whole(next: &Snapshot, latest: &Snapshot) -> bool {
    next.kind() == Kind::Page && !next.inputs().has_less_than(latest.inputs())
}

/// When a page began to load, in doubt long ago.
fn time_of_load(hello: &Hello, known: Option<&Sent>, now: SystemTime) -> SystemTime {
    let age = hello.age.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
    let begun = age.and_then(|age| now.checked_sub(age.min(MAX_AGE)));
    // The clock of a computer that sleeps may stand still.
    let loaded = begun.into_iter().chain(known.and_then(|sent| sent.at)).min();
    loaded.unwrap_or(SystemTime::UNIX_EPOCH)
}

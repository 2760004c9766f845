//! Pages that are open: which have changed, and what each is told.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Instant, SystemTime},
};

use super::{
    live_thread::LiveThread,
    message::Message,
    tab::{Document, Exact, Step, Tab, View},
    turns::Waiting,
};
use crate::site::{Dependencies, Kind, Look, Snapshot};

impl LiveThread {
    /// From now on, a tab hears of nothing but that it is to load again, when one of
    /// `inputs` changes.
    pub(super) fn follow_loosely(&mut self, id: u64, inputs: Dependencies) {
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.view = View::Loose { inputs, since: SystemTime::now(), is_told: false };
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
        let mut waiting = Vec::new();
        for (version, ids) in &groups {
            let exact = ids.first().and_then(|id| self.exact(*id));
            let Some(inputs) = exact.map(|exact| exact.latest.inputs()) else { continue };
            if !is_full && !self.is_awaited(version, inputs) {
                continue;
            }
            if look.is_current(inputs) && !inputs.is_uncertain() {
                // It costs no rendering.
                self.look_at_group(ids, look);
                continue;
            }
            let file = inputs.file().map(|(name, _)| name.into());
            waiting.push(Waiting { key: version.clone(), file });
        }
        for group in self.turns.order(waiting) {
            if let Some(ids) = groups.get(&group.key).filter(|_| self.turns.take(&group)) {
                self.look_at_group(ids, look);
            }
        }
    }

    /// Whether something is looked at between two full looks.
    pub(super) fn is_awaited(&self, key: &str, inputs: &Dependencies) -> bool {
        self.turns.is_passed_over(key)
            || self.settling.is_waiting(key)
            || self.settling.has_told_of(inputs)
    }

    /// Looks at what some tabs show that have the same newest rendering. Where that ends
    /// in a panic, they are told to load what there is, and no more; all others go on.
    pub(super) fn look_at_group(&mut self, ids: &[u64], look: &Look) {
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
            self.settling.end(latest.version());
            return self.answer(ids);
        }
        let now = Instant::now();
        let is_half = self.settling.is_half_written(look, inputs);
        if is_half && self.settling.may_wait(latest.version(), now) {
            return;
        }
        let Some(next) = self.site.render(&head, SystemTime::now()) else { return };
        let version = latest.version();
        let is_news = next.version() != version;
        // What has changed since it was opened may be half of what was written.
        let is_still = || self.site.look().is_current(next.inputs());
        if is_news
            && !(is_whole(&next, &latest) && is_still())
            && self.settling.may_wait_for_rest(version, now, next.inputs(), inputs)
        {
            return;
        }
        self.settling.end(version);
        self.has_news |= is_news;
        if latest.head().is_none() && next.head().is_some() {
            // It looks at its request by now, and each tab has one of its own.
            for (n, id) in ids.iter().enumerate() {
                if n > 0 && !self.turns.has_time() {
                    return self.turns.pass_over(version);
                }
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
        let mut place = None;
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
                Step::Reload => {
                    let place = place.get_or_insert_with(|| self.place_now(&before, next));
                    self.leave(*id, place.as_deref());
                }
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
            self.new_document(&shared.rendering).ok_or(shared)
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

    /// Where a page is now that has another name. Looking for it takes a look at all files.
    fn place_now(&self, before: &Snapshot, next: &Snapshot) -> Option<String> {
        let may_be_renamed = before.kind() != Kind::Fallback && next.kind() != Kind::Page;
        let hints = self.settling.told();
        may_be_renamed.then(|| self.site.renamed(before, hints, SystemTime::now())).flatten()
    }

    /// Sends a tab to where its page is now, or lets it load what is in its place.
    fn leave(&mut self, id: u64, place: Option<&str>) {
        match place {
            Some(url) => self.send_away(id, &Message::Navigate { url }),
            None => self.reload(id),
        }
    }

    /// Lays an error over a tab.
    pub(super) fn cover(&mut self, id: u64, error: &Snapshot) {
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
    pub(super) fn document(&self, rendering: &Arc<Snapshot>) -> Option<Rc<Document>> {
        let exact = self.tabs.values().filter_map(Tab::exact);
        let mut documents = exact.filter_map(|exact| exact.document.as_ref());
        let same = documents.find(|document| document.rendering.version() == rendering.version());
        same.map(Rc::clone).or_else(|| self.new_document(rendering).map(Rc::new))
    }

    /// A document of its own, if there is room besides the others of its file.
    fn new_document(&self, rendering: &Arc<Snapshot>) -> Option<Document> {
        let file =
            |rendering: &Snapshot| rendering.inputs().file().map(|(name, _)| name.to_owned());
        let own = file(rendering);
        let exact = self.tabs.values().filter_map(Tab::exact);
        let documents = exact.filter_map(|exact| exact.document.as_ref());
        let same = documents.filter(|document| file(&document.rendering) == own);
        let same: HashMap<*const Document, usize> =
            same.map(|document| (Rc::as_ptr(document), document.bytes())).collect();
        Document::new(Arc::clone(rendering), same.values().sum(), &self.exact)
    }

    pub(super) fn exact(&self, id: u64) -> Option<&Exact> {
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
    pub(super) fn note_errors(&mut self, next: &Snapshot) -> bool {
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

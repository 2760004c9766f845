//! Pages that are open: which have changed, and what each is told.

use std::{
    collections::BTreeMap,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    follow::Follower,
    message::Message,
    tab::{Document, Step, View},
};
use crate::site::{Kind, Look, Rendering};

/// The longest that a page may have been open; older ones are taken for so old.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

impl Follower {
    /// Begins to follow what a page says it shows.
    pub(super) fn greet(&mut self, id: u64, page: &str, version: &str, age: Option<f64>) {
        let Some(tab) = self.tabs.get(&id).filter(|_| is_target(page)) else { return };
        let head = tab.caller.head_for(page);
        let known = self.site.rendering(version);
        let now = SystemTime::now();
        let Some(latest) = known
            .as_ref()
            .map(|sent| Arc::clone(&sent.rendering))
            .or_else(|| self.site.render(&head, now))
        else {
            return;
        };
        let age = age.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
        let begun = age.and_then(|age| now.checked_sub(age.min(MAX_AGE)));
        // The clock of a computer that sleeps may stand still.
        let loaded = begun.into_iter().chain(known.and_then(|sent| sent.at)).min();
        let loaded = loaded.unwrap_or(SystemTime::UNIX_EPOCH);
        let is_shown = latest.has_content_of(version);
        let document = is_shown.then(|| self.document(&latest));
        self.note_errors(&latest);
        let view = View { document, latest: Arc::clone(&latest), loaded, head, is_answered: false };
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        tab.view = Some(view);
        if is_shown {
            let site = Arc::clone(&self.site);
            self.look_at_group(&[id], &site.look());
            if let Some(document) = self.view(id).and_then(|view| view.document.as_ref()) {
                document.prepare(&self.site);
            }
        } else if latest.kind() == Kind::Error {
            // What it shows is better than nothing, until the error is fixed.
            self.cover(id, &latest);
        } else {
            // What it was made of is forgotten, with the server that had sent it.
            self.reload(id);
        }
    }

    /// Looks at all that is shown, the tabs with the same rendering together.
    pub(super) fn look_at_pages(&mut self, look: &Look) {
        let mut groups: BTreeMap<Box<str>, Vec<u64>> = BTreeMap::new();
        for (id, tab) in &self.tabs {
            if let Some(view) = &tab.view {
                groups.entry(view.latest.version().into()).or_default().push(*id);
            }
        }
        for ids in groups.values() {
            self.look_at_group(ids, look);
        }
    }

    /// Looks at what some tabs show that have the same newest rendering. Where that ends
    /// in a panic, they are told to load what there is, and no more; all others go on.
    fn look_at_group(&mut self, ids: &[u64], look: &Look) {
        let looked = catch_unwind(AssertUnwindSafe(|| self.follow(ids, look)));
        for id in ids.iter().filter(|_| looked.is_err()) {
            self.reload(*id);
            if let Some(tab) = self.tabs.get_mut(id) {
                tab.view = None;
            }
        }
    }

    fn follow(&mut self, ids: &[u64], look: &Look) {
        let Some(view) = ids.first().and_then(|id| self.view(*id)) else { return };
        let (latest, head) = (Arc::clone(&view.latest), view.head().to_vec());
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
        if latest.head().is_none() && next.head().is_some() {
            // It looks at its request by now, and each tab has one of its own.
            for id in ids {
                let head = self.view(*id).map(|view| view.head().to_vec()).unwrap_or_default();
                if let Some(next) = self.site.render(&head, SystemTime::now()) {
                    self.move_to(&[*id], &next);
                }
            }
        } else {
            self.move_to(ids, &next);
        }
    }

    /// Tells tabs, all with the same newest rendering, what the next one makes of them.
    fn move_to(&mut self, ids: &[u64], next: &Arc<Rendering>) {
        let mut to_patch: Vec<(Rc<Document>, Vec<u64>)> = Vec::new();
        for id in ids {
            let Some(tab) = self.tabs.get_mut(id) else { continue };
            let Some(view) = &mut tab.view else { continue };
            let step = view.step_to(next);
            let before = mem::replace(&mut view.latest, Arc::clone(next));
            match step {
                Step::Stay => {}
                Step::Patch => {
                    let document = view.document.take();
                    document.into_iter().for_each(|document| add_to(&mut to_patch, document, *id));
                }
                Step::Reload => self.leave(*id, &before, next),
                Step::Cover => self.cover(*id, next),
                Step::Uncover => {
                    view.is_answered = true;
                    tab.caller.tell(&Message::Fixed);
                }
            }
        }
        to_patch.into_iter().for_each(|(document, ids)| self.patch(document, &ids, next));
        self.answer(ids);
        self.tell_error(next);
    }

    /// Makes `next` of a document in all tabs that show it.
    fn patch(&mut self, document: Rc<Document>, ids: &[u64], next: &Arc<Rendering>) {
        let alone = Rc::try_unwrap(document);
        // Another tab, for another request, goes on with it.
        let document = alone.unwrap_or_else(|shared| Document::new(Arc::clone(&shared.rendering)));
        let Some((patch, document)) = document.advance(next, &self.site) else {
            return ids.iter().for_each(|id| self.reload(*id));
        };
        let text = Message::Patch { to: next.version(), ops: &patch }.text();
        let document = Rc::new(document);
        for id in ids {
            if let Some(tab) = self.tabs.get_mut(id)
                && let Some(view) = &mut tab.view
            {
                tab.caller.send(Arc::clone(&text));
                (view.document, view.is_answered) = (Some(Rc::clone(&document)), true);
            }
        }
    }

    /// Sends a tab to where its page is now, or lets it load what is in its place.
    fn leave(&mut self, id: u64, before: &Rendering, next: &Rendering) {
        let may_be_renamed = before.kind() != Kind::Fallback && next.kind() != Kind::Page;
        let hints = self.patience.told();
        let now = SystemTime::now();
        let url = may_be_renamed.then(|| self.site.renamed(before, hints, now)).flatten();
        match (url, self.tabs.get_mut(&id)) {
            (Some(url), Some(tab)) => {
                tab.caller.tell(&Message::Navigate { url: &url });
                if let Some(view) = &mut tab.view {
                    (view.document, view.is_answered) = (None, true);
                }
            }
            _ => self.reload(id),
        }
    }

    /// Lays an error over a tab.
    fn cover(&mut self, id: u64, error: &Rendering) {
        if let Some(tab) = self.tabs.get_mut(&id)
            && let Some(view) = &mut tab.view
        {
            let html = String::from_utf8_lossy(error.bytes());
            tab.caller.tell(&Message::Error { html: &html });
            view.is_answered = true;
        }
    }

    /// Lets a tab load its page again. Until it has, it is told nothing else.
    pub(super) fn reload(&mut self, id: u64) {
        if let Some(tab) = self.tabs.get_mut(&id)
            && let Some(view) = &mut tab.view
        {
            tab.caller.tell(&Message::Reload);
            (view.document, view.is_answered) = (None, true);
        }
    }

    /// Says to those that have heard nothing yet that they show what there is.
    fn answer(&mut self, ids: &[u64]) {
        for id in ids {
            if let Some(tab) = self.tabs.get_mut(id)
                && let Some(view) = tab.view.as_mut().filter(|view| !view.is_answered)
            {
                tab.caller.tell(&Message::Current);
                view.is_answered = true;
            }
        }
    }

    /// The rendering with its tree, which other tabs may have made.
    fn document(&self, rendering: &Arc<Rendering>) -> Rc<Document> {
        let views = self.tabs.values().filter_map(|tab| tab.view.as_ref());
        let mut documents = views.filter_map(|view| view.document.as_ref());
        let same = documents.find(|document| document.rendering.version() == rendering.version());
        same.map_or_else(|| Rc::new(Document::new(Arc::clone(rendering))), Rc::clone)
    }

    fn view(&self, id: u64) -> Option<&View> {
        self.tabs.get(&id)?.view.as_ref()
    }

    /// Tells the person at the terminal of an error, once for all pages that have it.
    fn tell_error(&mut self, next: &Rendering) {
        if self.note_errors(next)
            && let Some(message) = next.message()
        {
            (self.options.tell)(message.to_owned());
        }
    }

    /// Forgets the errors that nobody has any more, and says whether `next` has one
    /// that was not known.
    fn note_errors(&mut self, next: &Rendering) -> bool {
        let views = self.tabs.values().filter_map(|tab| tab.view.as_ref());
        let current = views.filter_map(|view| beginning_of_error(&view.latest));
        let current: Vec<&str> = current.collect();
        self.told.retain(|told| current.contains(&told.as_str()));
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
fn beginning_of_error(rendering: &Rendering) -> Option<&str> {
    let message = rendering.message().filter(|_| rendering.kind() == Kind::Error)?;
    let mut ends = message.match_indices('\n').map(|(at, _)| at);
    message.get(..ends.nth(1).unwrap_or(message.len()))
}

/// Whether `next` was made of files that are all there and whole, as far as one can
/// tell: an editor may be in the middle of saving.
fn is_whole(next: &Rendering, latest: &Rendering) -> bool {
    next.kind() == Kind::Page && !next.inputs().has_less_than(latest.inputs())
}

/// Whether it can be the target of a request.
pub(super) fn is_target(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

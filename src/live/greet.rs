//! What a page says that it shows, and how it is followed from there.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    PARTS_OF_BUDGET,
    live_thread::LiveThread,
    message::{Hello, Message},
    tab::{Exact, View},
};
use crate::site::{Dependencies, Kind, Sent, Snapshot};

/// The longest that a page may have been open; older ones are taken for so old.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

impl LiveThread {
    /// Begins to follow what a page says it shows. Where hellos have taken their time, no
    /// page is rendered to see whether a tab shows what there is. It loads again, which is
    /// right as well.
    pub(super) fn greet(&mut self, id: u64, hello: &Hello) {
        let Some(tab) = self.tabs.get(&id) else { return };
        let known = self.site.rendering(&hello.version);
        if known.is_none() && !self.hello_time.has_left() {
            self.follow_loosely(id, Dependencies::default());
            return self.reload(id);
        }
        let now = SystemTime::now();
        let head = || tab.caller.head_for(&hello.page);
        let rendering = known.as_ref().map(|sent| Arc::clone(&sent.rendering));
        let begun = Instant::now();
        let Some(latest) = rendering.or_else(|| self.site.render(&head(), now)) else { return };
        if known.is_none() {
            self.hello_time.spend_since(begun);
        }
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
        let is_current = look.is_current(latest.inputs());
        if !is_current && !self.hello_time.has_left() {
            self.follow_loosely(id, look.renew(latest.inputs()));
            return self.reload(id);
        }
        let document = self.document(latest);
        let Some(tab) = self.tabs.get_mut(&id) else { return };
        let head_bytes = tab.caller.head_bytes(&hello.page);
        let share = self.exact.take_part(head_bytes, PARTS_OF_BUDGET);
        let (Some(document), Some(share)) = (document, share) else {
            self.follow_loosely(id, look.renew(latest.inputs()));
            if is_current {
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
        let begun = Instant::now();
        self.look_at_group(&[id], &look);
        if !is_current {
            self.hello_time.spend_since(begun);
        }
        if let Some(document) = self.exact(id).and_then(|exact| exact.document.as_ref()) {
            document.prepare(&self.site);
        }
    }
}

/// When a page began to load, in doubt long ago.
fn time_of_load(hello: &Hello, known: Option<&Sent>, now: SystemTime) -> SystemTime {
    let age = hello.age.and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
    let begun = age.and_then(|age| now.checked_sub(age.min(MAX_AGE)));
    // The clock of a computer that sleeps may stand still.
    let loaded = begun.into_iter().chain(known.and_then(|sent| sent.at)).min();
    loaded.unwrap_or(SystemTime::UNIX_EPOCH)
}

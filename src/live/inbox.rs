//! The queue of the live thread: events of tabs and of the file system, in their order.
//!
//! Each tab with events in the queue has one turn a round, and before each turn the thread
//! may do what is due. So a tab that sends much delays itself alone.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    message::Hello,
    tab::{Caller, Part},
};

/// The most fetches of one tab that wait: past that, it has loaded too much.
const MAX_FETCHED: usize = 1024;

/// What the thread does next.
#[derive(Debug)]
pub(super) enum Task {
    /// Handles an event of a tab.
    Handle(u64, TabEvent),
    /// Forgets a tab, of which an event has been handled, since it is gone.
    Close(u64),
    /// Takes the events of the file system.
    DrainEvents,
    /// Looks at what was fetched.
    TakeFetches,
    /// Checks the files: it is time.
    Check,
    /// Ends the thread.
    Stop,
}

/// What a tab sends in one turn.
#[derive(Debug)]
pub(super) enum TabEvent {
    /// It has opened a connection.
    Opened(Caller),
    /// Its hello: what it shows; once, before all that follows.
    Hello(Box<Hello>),
    /// It has loaded this, a path and query.
    Loaded(Arc<str>),
    /// A script has given it this address, a path and query.
    Address(Arc<str>),
    /// It has a frame that is shut in, with this path and query, or none of its own.
    ShutIn(Arc<str>),
    /// What it has loaded has fetched this. It comes from the thread itself.
    Fetched(Part),
    /// It has loaded more than is followed. Its events of that kind count no longer.
    LoadedTooMuch,
    /// It has sent a message that cannot be read, which begins like this.
    Unreadable(Box<str>),
}

/// The queues of all tabs. [`super::page_input`] bounds what is put in.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    contents: Mutex<InboxContents>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct InboxContents {
    /// The events of each tab that has any.
    events: HashMap<u64, VecDeque<TabEvent>>,
    /// These tabs, each once, in the order of their turns.
    turns: VecDeque<u64>,
    closed: Vec<u64>,
    has_file_events: bool,
    has_fetches: bool,
    has_ended: bool,
    /// Whether a turn comes before all else.
    owes_turn: bool,
}

impl Inbox {
    /// Adds events of a tab.
    pub(super) fn put(&self, id: u64, events: impl IntoIterator<Item = TabEvent>) {
        let mut contents = self.contents();
        if contents.has_ended {
            return;
        }
        let mut events = events.into_iter().peekable();
        if events.peek().is_none() {
            return;
        }
        let queue = contents.events.entry(id).or_default();
        let is_first = queue.is_empty();
        for mut event in events {
            if matches!(event, TabEvent::Fetched(_)) && queue.len() >= MAX_FETCHED {
                event = TabEvent::LoadedTooMuch;
            }
            if matches!(event, TabEvent::LoadedTooMuch) {
                let is_name =
                    |event: &TabEvent| matches!(event, TabEvent::Loaded(_) | TabEvent::Fetched(_));
                queue.retain(|event| !is_name(event));
            }
            queue.push_back(event);
        }
        if is_first {
            contents.turns.push_back(id);
        }
        drop(contents);
        self.changed.notify_one();
    }

    /// Drops the events of a tab, which sends no more.
    pub(super) fn close(&self, id: u64) {
        let mut contents = self.contents();
        let queue = contents.events.remove(&id);
        if queue.is_some() {
            contents.turns.retain(|other| *other != id);
        }
        // The thread does not know a tab that it has not opened.
        let is_unknown =
            queue.is_some_and(|queue| matches!(queue.front(), Some(TabEvent::Opened(_)) | None));
        if !is_unknown && !contents.has_ended {
            contents.closed.push(id);
        }
        drop(contents);
        self.changed.notify_one();
    }

    /// Notes that there are events of the file system.
    pub(super) fn on_file_events(&self) {
        self.contents().has_file_events = true;
        self.changed.notify_one();
    }

    /// Notes that something was fetched.
    pub(super) fn on_fetches(&self) {
        self.contents().has_fetches = true;
        self.changed.notify_one();
    }

    /// Ends the thread, and drops all events, those to come as well.
    pub(super) fn end(&self) {
        *self.contents() = InboxContents { has_ended: true, ..InboxContents::default() };
        self.changed.notify_one();
    }

    /// How many tabs wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.contents().turns.len()
    }

    /// Waits for the next task, at `due` at the latest, when a check is due.
    pub(super) fn next(&self, due: Option<Instant>) -> Task {
        let mut contents = self.contents();
        loop {
            if let Some(task) = contents.next(due) {
                return task;
            }
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            contents = match left {
                None => self.changed.wait(contents).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let waited = self.changed.wait_timeout(contents, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn contents(&self) -> MutexGuard<'_, InboxContents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InboxContents {
    fn next(&mut self, due: Option<Instant>) -> Option<Task> {
        if self.has_ended {
            return Some(Task::Stop);
        }
        if let Some(id) = self.closed.pop() {
            return Some(Task::Close(id));
        }
        // One turn comes between, where there is something to do without end.
        if !mem::take(&mut self.owes_turn) || self.turns.is_empty() {
            self.owes_turn = true;
            if due.is_some_and(|due| due <= Instant::now()) {
                return Some(Task::Check);
            }
            if mem::take(&mut self.has_file_events) {
                return Some(Task::DrainEvents);
            }
            if mem::take(&mut self.has_fetches) {
                return Some(Task::TakeFetches);
            }
            self.owes_turn = false;
        }
        self.turn()
    }

    /// The next event of the tab that has waited longest.
    fn turn(&mut self) -> Option<Task> {
        let id = self.turns.pop_front()?;
        let queue = self.events.get_mut(&id)?;
        let event = queue.pop_front()?;
        if queue.is_empty() {
            self.events.remove(&id);
        } else {
            self.turns.push_back(id);
        }
        Some(Task::Handle(id, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(names: &[&str]) -> Vec<TabEvent> {
        names.iter().map(|name| TabEvent::Loaded((*name).into())).collect()
    }

    /// The tasks that need no waiting; events as `tab:name`.
    fn tasks(inbox: &Inbox) -> Vec<String> {
        let now = Instant::now();
        let mut tasks = Vec::new();
        loop {
            match inbox.next(Some(now)) {
                Task::Check if inbox.waiting() == 0 => return tasks,
                Task::Check => {}
                Task::Handle(id, TabEvent::Loaded(name)) => tasks.push(format!("{id}:{name}")),
                task => tasks.push(format!("{task:?}")),
            }
        }
    }

    #[test]
    fn each_tab_has_one_turn_a_round() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b", "c", "d"]));
        inbox.put(2, loaded(&["e"]));
        inbox.put(3, loaded(&["f", "g"]));
        inbox.put(1, loaded(&["h"]));
        assert_eq!(inbox.waiting(), 3);
        assert_eq!(tasks(&inbox), ["1:a", "2:e", "3:f", "1:b", "3:g", "1:c", "1:d", "1:h"]);
    }

    #[test]
    fn what_is_due_comes_between_any_two_turns_and_keeps_no_turn_back() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b", "c"]));
        let now = Instant::now();
        for _ in 0..3 {
            assert!(matches!(inbox.next(Some(now)), Task::Check));
            assert!(matches!(inbox.next(Some(now)), Task::Handle(1, _)));
        }
        inbox.put(1, loaded(&["a"]));
        inbox.on_file_events();
        inbox.on_file_events();
        assert!(matches!(inbox.next(None), Task::DrainEvents));
        assert!(matches!(inbox.next(None), Task::Handle(1, _)));
    }

    #[test]
    fn the_events_of_a_closed_tab_are_dropped() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b"]));
        inbox.put(2, loaded(&["c"]));
        inbox.close(1);
        assert_eq!(tasks(&inbox), ["Close(1)", "2:c"]);
        // One that the thread has not opened leaves no trace, and one with an empty queue does.
        inbox.put(3, [TabEvent::LoadedTooMuch]);
        inbox.contents().events.get_mut(&3).unwrap().clear();
        inbox.close(3);
        inbox.close(4);
        assert_eq!(tasks(&inbox), ["Close(4)"]);
    }

    #[test]
    fn too_much_takes_the_place_of_all_that_was_loaded() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b"]).into_iter().chain([TabEvent::LoadedTooMuch]));
        assert_eq!(tasks(&inbox), ["Handle(1, LoadedTooMuch)"]);
    }

    #[test]
    fn the_end_comes_first_and_drops_all_events() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a"]));
        inbox.end();
        inbox.put(1, loaded(&["b"]));
        inbox.close(1);
        assert_eq!(inbox.waiting(), 0);
        assert!(matches!(inbox.next(None), Task::Stop));
    }
}

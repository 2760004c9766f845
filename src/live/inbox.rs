//! What the thread of live editing is told, and in which order it hears it.
//!
//! Each tab with something to say has one turn a round, and before each turn the thread
//! may do what is due. So a tab that says much waits for itself alone.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{message::Hello, tab::Caller};

/// What the thread is to do next.
#[derive(Debug)]
pub(super) enum Event {
    /// A tab says this.
    Said(u64, Word),
    /// A tab that has been heard of is gone.
    Closed(u64),
    /// Something has changed on the disk.
    Woken,
    /// It is time to look.
    Due,
    /// Nobody wants the thread any more.
    Over,
}

/// What a tab says in one turn.
#[derive(Debug)]
pub(super) enum Word {
    /// It has opened a connection.
    Opened(Caller),
    /// What it shows; said once, before all that follows.
    Hello(Box<Hello>),
    /// It has loaded this, a path and query.
    Loaded(Box<str>),
    /// It has loaded more than is followed; what it has said of that counts no longer.
    LoadedTooMuch,
    /// It has sent a message that cannot be read, which begins like this.
    Unreadable(Box<str>),
}

/// The queues of all tabs. How much is in them is for those to bound who put it there.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    contents: Mutex<Contents>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct Contents {
    /// What each tab says that says something.
    words: HashMap<u64, VecDeque<Word>>,
    /// These tabs, each once, in the order of their turns.
    turns: VecDeque<u64>,
    closed: Vec<u64>,
    is_woken: bool,
    is_over: bool,
    /// Whether a turn comes before all else.
    owes_turn: bool,
}

impl Inbox {
    /// Adds to what a tab says.
    pub(super) fn put(&self, id: u64, words: impl IntoIterator<Item = Word>) {
        let mut contents = self.contents();
        if contents.is_over {
            return;
        }
        let mut words = words.into_iter().peekable();
        if words.peek().is_none() {
            return;
        }
        let said = contents.words.entry(id).or_default();
        let is_first = said.is_empty();
        for word in words {
            if matches!(word, Word::LoadedTooMuch) {
                said.retain(|word| !matches!(word, Word::Loaded(_)));
            }
            said.push_back(word);
        }
        if is_first {
            contents.turns.push_back(id);
        }
        drop(contents);
        self.news.notify_one();
    }

    /// Drops what a tab has said and nobody has heard. It says nothing more.
    pub(super) fn close(&self, id: u64) {
        let mut contents = self.contents();
        let said = contents.words.remove(&id);
        if said.is_some() {
            contents.turns.retain(|other| *other != id);
        }
        // Nobody knows of one that was not heard at all.
        let is_unknown =
            said.is_some_and(|said| matches!(said.front(), Some(Word::Opened(_)) | None));
        if !is_unknown && !contents.is_over {
            contents.closed.push(id);
        }
        drop(contents);
        self.news.notify_one();
    }

    /// Says that something has changed on the disk.
    pub(super) fn wake(&self) {
        self.contents().is_woken = true;
        self.news.notify_one();
    }

    /// Ends the thread, and drops what it has not heard, and all that is still said.
    pub(super) fn end(&self) {
        *self.contents() = Contents { is_over: true, ..Contents::default() };
        self.news.notify_one();
    }

    /// How many tabs wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.contents().turns.len()
    }

    /// Waits for what comes next, until it is time to look at `due`.
    pub(super) fn next(&self, due: Option<Instant>) -> Event {
        let mut contents = self.contents();
        loop {
            if let Some(event) = contents.next(due) {
                return event;
            }
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            contents = match left {
                None => self.news.wait(contents).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    let waited = self.news.wait_timeout(contents, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn next(&mut self, due: Option<Instant>) -> Option<Event> {
        if self.is_over {
            return Some(Event::Over);
        }
        if let Some(id) = self.closed.pop() {
            return Some(Event::Closed(id));
        }
        // One turn comes between, where there is something to do without end.
        if !mem::take(&mut self.owes_turn) || self.turns.is_empty() {
            self.owes_turn = true;
            if due.is_some_and(|due| due <= Instant::now()) {
                return Some(Event::Due);
            }
            if mem::take(&mut self.is_woken) {
                return Some(Event::Woken);
            }
            self.owes_turn = false;
        }
        self.turn()
    }

    /// The next word of the tab that has waited longest.
    fn turn(&mut self) -> Option<Event> {
        let id = self.turns.pop_front()?;
        let said = self.words.get_mut(&id)?;
        let word = said.pop_front()?;
        if said.is_empty() {
            self.words.remove(&id);
        } else {
            self.turns.push_back(id);
        }
        Some(Event::Said(id, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(names: &[&str]) -> Vec<Word> {
        names.iter().map(|name| Word::Loaded((*name).into())).collect()
    }

    /// What is heard without waiting, as `tab:word`.
    fn heard(inbox: &Inbox) -> Vec<String> {
        let now = Instant::now();
        let mut heard = Vec::new();
        loop {
            match inbox.next(Some(now)) {
                Event::Due if inbox.waiting() == 0 => return heard,
                Event::Due => {}
                Event::Said(id, Word::Loaded(name)) => heard.push(format!("{id}:{name}")),
                event => heard.push(format!("{event:?}")),
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
        assert_eq!(heard(&inbox), ["1:a", "2:e", "3:f", "1:b", "3:g", "1:c", "1:d", "1:h"]);
    }

    #[test]
    fn what_is_due_comes_between_any_two_turns_and_keeps_no_turn_back() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b", "c"]));
        let now = Instant::now();
        for _ in 0..3 {
            assert!(matches!(inbox.next(Some(now)), Event::Due));
            assert!(matches!(inbox.next(Some(now)), Event::Said(1, _)));
        }
        inbox.put(1, loaded(&["a"]));
        inbox.wake();
        inbox.wake();
        assert!(matches!(inbox.next(None), Event::Woken));
        assert!(matches!(inbox.next(None), Event::Said(1, _)));
    }

    #[test]
    fn the_words_of_a_closed_tab_are_dropped() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b"]));
        inbox.put(2, loaded(&["c"]));
        inbox.close(1);
        assert_eq!(heard(&inbox), ["Closed(1)", "2:c"]);
        // One that nobody has heard of leaves no trace, and one that said nothing does.
        inbox.put(3, [Word::LoadedTooMuch]);
        inbox.contents().words.get_mut(&3).unwrap().clear();
        inbox.close(3);
        inbox.close(4);
        assert_eq!(heard(&inbox), ["Closed(4)"]);
    }

    #[test]
    fn too_much_takes_the_place_of_all_that_was_loaded() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a", "b"]).into_iter().chain([Word::LoadedTooMuch]));
        assert_eq!(heard(&inbox), ["Said(1, LoadedTooMuch)"]);
    }

    #[test]
    fn the_end_comes_first_and_takes_all_words_along() {
        let inbox = Inbox::default();
        inbox.put(1, loaded(&["a"]));
        inbox.end();
        inbox.put(1, loaded(&["b"]));
        inbox.close(1);
        assert_eq!(inbox.waiting(), 0);
        assert!(matches!(inbox.next(None), Event::Over));
    }
}

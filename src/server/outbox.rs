//! The queue of texts to be sent on a WebSocket, and how it wakes the connection's worker.
//!
//! A client that does not read costs no more than one that does: the queue is bounded, and
//! refuses what does not fit, so that the sender can send something shorter.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::handoff::Handoff;
use crate::budget::{Budget, Share};

/// The most that may wait for one client, in bytes, each text counted with its place in the
/// queue.
const MAX_WAITING_BYTES: usize = 16 * 1024;
const PLACE_BYTES: usize = 48;
/// The longest text. One that goes beyond the limit above waits alone or behind what fits.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// Sends texts to one client; from any thread, and never waits. Once the connection has
/// ended, texts are dropped.
#[derive(Clone, Debug)]
pub struct Outbox {
    mailbox: Arc<Mailbox>,
}

impl Outbox {
    pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// Sends `text` as one message, after those sent before. `false` if it is not sent,
    /// since too much waits: 16 KiB, or one text that is longer, which may have 1 MiB while
    /// all such texts together have 32 MiB.
    #[must_use]
    pub fn send(&self, text: impl Into<Arc<str>>) -> bool {
        self.mailbox.put(text.into())
    }

    /// Sends `text` in place of all that still waits.
    pub fn replace(&self, text: impl Into<Arc<str>>) {
        self.mailbox.replace(text.into());
    }
}

/// A text, with its share of the memory that long ones may take.
#[derive(Debug)]
pub(super) struct Letter {
    text: Arc<str>,
    _share: Option<Share>,
}

impl Letter {
    /// Its length in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The bytes from `start` on; none beyond the end.
    pub(super) fn rest(&self, start: usize) -> &[u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.into(), _share: None }
    }
}

/// The queue between the outboxes of a connection and its worker.
pub(super) struct Mailbox {
    contents: Mutex<Contents>,
    handoff: Arc<Handoff>,
    worker: usize,
    key: usize,
}

/// What a mailbox holds; nothing ever again once it is closed.
#[derive(Debug, Default)]
struct Contents {
    letters: VecDeque<Letter>,
    bytes: usize,
    is_closed: bool,
}

impl Mailbox {
    /// The mailbox of the connection that `worker` has under `key`.
    pub(super) fn new(handoff: Arc<Handoff>, worker: usize, key: usize) -> Self {
        Self { contents: Mutex::default(), handoff, worker, key }
    }

    /// Takes the text that has waited longest.
    pub(super) fn take(&self) -> Option<Letter> {
        let mut contents = self.contents();
        let letter = contents.letters.pop_front()?;
        contents.bytes -= letter.len() + PLACE_BYTES;
        if contents.letters.is_empty() {
            // A silent connection holds no memory for past texts.
            contents.letters = VecDeque::new();
        }
        Some(letter)
    }

    /// Drops all texts, and those sent later.
    pub(super) fn close(&self) {
        *self.contents() = Contents { is_closed: true, ..Contents::default() };
    }

    fn put(&self, text: Arc<str>) -> bool {
        let contents = self.contents();
        if contents.is_closed {
            return true;
        }
        let Some(letter) = contents.fit(text, &self.handoff.long_texts) else { return false };
        self.add(contents, letter);
        true
    }

    fn replace(&self, text: Arc<str>) {
        let mut contents = self.contents();
        if contents.is_closed {
            return;
        }
        let has_mail = !contents.letters.is_empty();
        *contents = Contents::default();
        let letter = Letter { text, _share: None };
        if has_mail {
            // The worker has been woken already.
            contents.push(letter);
        } else {
            self.add(contents, letter);
        }
    }

    /// Puts a letter behind the others. The first one wakes the worker, which takes them
    /// all.
    fn add(&self, mut contents: MutexGuard<'_, Contents>, letter: Letter) {
        let is_first = contents.letters.is_empty();
        contents.push(letter);
        drop(contents);
        if is_first {
            self.handoff.announce_mail(self.worker, self.key);
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// The text as a letter, if there is room for it.
    fn fit(&self, text: Arc<str>, long_texts: &Arc<Budget>) -> Option<Letter> {
        let len = text.len();
        if self.bytes + len + PLACE_BYTES <= MAX_WAITING_BYTES {
            return Some(Letter { text, _share: None });
        }
        let may_be_long = self.bytes <= MAX_WAITING_BYTES && len <= MAX_TEXT_BYTES;
        let share = may_be_long.then(|| long_texts.take(len)).flatten()?;
        Some(Letter { text, _share: Some(share) })
    }

    fn push(&mut self, letter: Letter) {
        self.bytes += letter.len() + PLACE_BYTES;
        self.letters.push_back(letter);
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").field("worker", &self.worker).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use mio::{Poll, Token, Waker};

    use super::{super::handoff::MAX_LONG_TEXTS_BYTES, *};

    fn handoff() -> Arc<Handoff> {
        let poll = Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), Token(0)).unwrap();
        Arc::new(Handoff::new(vec![waker], 10))
    }

    fn mailbox(handoff: &Arc<Handoff>) -> (Arc<Mailbox>, Outbox) {
        let mailbox = Arc::new(Mailbox::new(Arc::clone(handoff), 0, 7));
        (Arc::clone(&mailbox), Outbox::new(mailbox))
    }

    fn taken(mailbox: &Mailbox) -> Vec<String> {
        let letters = std::iter::from_fn(|| mailbox.take());
        letters.map(|letter| letter.text.to_string()).collect()
    }

    #[test]
    fn texts_come_out_in_order_and_are_announced_once() {
        let handoff = handoff();
        let (mailbox, outbox) = mailbox(&handoff);
        assert!(handoff.take_mail(0).is_empty());
        assert!(outbox.send("a") && outbox.clone().send("b".to_owned()));
        assert_eq!(handoff.take_mail(0), [7]);
        assert_eq!(taken(&mailbox), ["a", "b"]);
        assert!(outbox.send("c"));
        assert_eq!(handoff.take_mail(0), [7]);
    }

    #[test]
    fn what_does_not_fit_is_refused_until_there_is_room() {
        let handoff = handoff();
        let (mailbox, outbox) = mailbox(&handoff);
        for text in ["", "x", &"x".repeat(1000), &"x".repeat(MAX_WAITING_BYTES)] {
            let sent = (0..1000).take_while(|_| outbox.send(text)).count();
            assert!((1..=MAX_WAITING_BYTES / PLACE_BYTES + 1).contains(&sent), "{sent}");
            assert!(mailbox.contents().bytes <= MAX_WAITING_BYTES + text.len() + PLACE_BYTES);
            assert!(!outbox.send(text));
            assert_eq!(taken(&mailbox).len(), sent);
            assert_eq!(mailbox.contents().letters.capacity(), 0);
        }
    }

    #[test]
    fn one_long_text_waits_behind_what_fits_and_is_not_too_long() {
        let handoff = handoff();
        let (mailbox, outbox) = mailbox(&handoff);
        let long: Arc<str> = "x".repeat(MAX_TEXT_BYTES).into();
        assert!(!outbox.send(format!("{long}x")) && outbox.send("short"));
        assert!(outbox.send(Arc::clone(&long)) && !outbox.send(long) && !outbox.send("short"));
        assert_eq!(taken(&mailbox).len(), 2);
    }

    #[test]
    fn long_texts_of_all_clients_have_one_bound() {
        let handoff = handoff();
        let long: Arc<str> = "x".repeat(MAX_TEXT_BYTES).into();
        let mut clients: Vec<_> = (0..40).map(|_| mailbox(&handoff)).collect();
        let sent = clients.iter().filter(|(_, outbox)| outbox.send(Arc::clone(&long))).count();
        assert_eq!(sent, MAX_LONG_TEXTS_BYTES / MAX_TEXT_BYTES);
        // A short one always has room.
        assert!(clients.last().unwrap().1.send("short"));
        // One that is on its way out counts, and one that is out no longer does.
        let on_its_way = clients[0].0.take();
        assert!(on_its_way.is_some() && !clients[0].1.send(Arc::clone(&long)));
        drop(on_its_way);
        assert!(clients[0].1.send(Arc::clone(&long)));
        clients.truncate(1);
        clients[0].0.close();
    }

    #[test]
    fn a_text_may_take_the_place_of_all_that_wait() {
        let handoff = handoff();
        let (mailbox, outbox) = mailbox(&handoff);
        outbox.replace("a");
        assert_eq!(handoff.take_mail(0), [7]);
        while outbox.send("x".repeat(100)) {}
        outbox.replace("b");
        assert!(handoff.take_mail(0).is_empty(), "it has been announced");
        assert!(outbox.send("c"));
        assert_eq!(taken(&mailbox), ["b", "c"]);
    }

    #[test]
    fn what_is_sent_after_the_end_goes_nowhere() {
        let handoff = handoff();
        let (mailbox, outbox) = mailbox(&handoff);
        assert!(outbox.send("a"));
        handoff.take_mail(0);
        mailbox.close();
        outbox.replace("b");
        assert!(outbox.send("x".repeat(2 * MAX_TEXT_BYTES)));
        assert!(mailbox.take().is_none() && handoff.take_mail(0).is_empty());
    }
}

//! What waits to be said on a WebSocket, and how its worker learns of it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::handoff::Handoff;

/// What may wait for a client that does not read: so many texts, or so many bytes
/// of them. A single text may be longer, or a client could never get it at all.
const MAX_TEXTS: usize = 1024;
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Sends texts to one client; from any thread, and never waits. Once the
/// connection has ended, what is sent goes nowhere.
#[derive(Clone, Debug)]
pub struct Outbox {
    mailbox: Arc<Mailbox>,
}

impl Outbox {
    pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }

    /// Sends `text` as one message, after those sent before. A client that leaves
    /// too much unread loses its connection.
    pub fn send(&self, text: impl Into<Arc<str>>) {
        self.mailbox.put(text.into());
    }
}

/// The queue between the outboxes of a connection and its worker.
pub(super) struct Mailbox {
    contents: Mutex<Contents>,
    handoff: Arc<Handoff>,
    worker: usize,
    key: usize,
}

/// What a mailbox holds; nothing ever again once it is overfull or closed.
#[derive(Debug)]
enum Contents {
    Open { texts: VecDeque<Arc<str>>, bytes: usize },
    Overfull,
    Closed,
}

/// The client does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overfull;

impl Mailbox {
    /// The mailbox of the connection that `worker` has under `key`.
    pub(super) fn new(handoff: Arc<Handoff>, worker: usize, key: usize) -> Self {
        let contents = Contents::Open { texts: VecDeque::new(), bytes: 0 };
        Self { contents: Mutex::new(contents), handoff, worker, key }
    }

    /// Takes the text that has waited longest, if `may_take`.
    pub(super) fn take_if(&self, may_take: bool) -> Result<Option<Arc<str>>, Overfull> {
        match &mut *self.contents() {
            Contents::Open { texts, bytes } if may_take => {
                let text = texts.pop_front();
                *bytes -= text.as_ref().map_or(0, |text| text.len());
                Ok(text)
            }
            Contents::Open { .. } | Contents::Closed => Ok(None),
            Contents::Overfull => Err(Overfull),
        }
    }

    /// Drops what is there and whatever is still sent.
    pub(super) fn close(&self) {
        *self.contents() = Contents::Closed;
    }

    fn put(&self, text: Arc<str>) {
        let mut contents = self.contents();
        let Contents::Open { texts, bytes } = &mut *contents else { return };
        // Whoever put the first one has let the worker know, and it takes them all.
        let is_first = texts.is_empty();
        let is_too_much = texts.len() >= MAX_TEXTS || *bytes + text.len() > MAX_BYTES;
        if is_too_much && !is_first {
            *contents = Contents::Overfull;
        } else {
            *bytes += text.len();
            texts.push_back(text);
        }
        let is_news = is_first || matches!(*contents, Contents::Overfull);
        drop(contents);
        if is_news {
            self.handoff.announce_mail(self.worker, self.key);
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
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

    use super::*;

    fn mailbox() -> (Arc<Mailbox>, Arc<Handoff>) {
        let poll = Poll::new().unwrap();
        let waker = Waker::new(poll.registry(), Token(0)).unwrap();
        let handoff = Arc::new(Handoff::new(vec![waker], 10).1);
        (Arc::new(Mailbox::new(handoff.clone(), 0, 7)), handoff)
    }

    #[test]
    fn texts_come_out_in_order_and_are_announced_once() {
        let (mailbox, handoff) = mailbox();
        let outbox = Outbox::new(mailbox.clone());
        assert!(handoff.take_mail(0).is_empty());
        outbox.send("a");
        outbox.clone().send("b".to_owned());
        assert_eq!(handoff.take_mail(0), [7]);
        assert_eq!(mailbox.take_if(false), Ok(None));
        for text in ["a", "b"] {
            assert_eq!(mailbox.take_if(true).unwrap().as_deref(), Some(text));
        }
        assert_eq!(mailbox.take_if(true), Ok(None));
        outbox.send("c");
        assert_eq!(handoff.take_mail(0), [7]);
    }

    #[test]
    fn one_text_always_fits_and_more_only_up_to_the_limits() {
        let large: Arc<str> = "x".repeat(MAX_BYTES + 1).into();
        for (first, then, fits) in [(large, 0, true), ("".into(), MAX_TEXTS - 1, true)] {
            let (mailbox, handoff) = mailbox();
            let outbox = Outbox::new(mailbox.clone());
            outbox.send(first);
            (0..then).for_each(|_| outbox.send(""));
            assert_eq!(mailbox.take_if(false).is_ok(), fits);
            handoff.take_mail(0);
            outbox.send("y");
            assert_eq!(mailbox.take_if(false), Err(Overfull));
            assert_eq!(handoff.take_mail(0), [7]);
        }
    }

    #[test]
    fn what_is_sent_after_the_end_goes_nowhere() {
        let (mailbox, handoff) = mailbox();
        let outbox = Outbox::new(mailbox.clone());
        outbox.send("a");
        handoff.take_mail(0);
        mailbox.close();
        outbox.send("b");
        assert_eq!(mailbox.take_if(true), Ok(None));
        assert!(handoff.take_mail(0).is_empty());
    }
}

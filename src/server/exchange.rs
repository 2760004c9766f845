//! What became of one request, and the way it takes to the access log.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
    vec,
};

use crossbeam_channel::{Receiver, Sender};

use crate::http::{StatusCode, response::Note};

/// One request and what was sent for it. Texts from the client are as received:
/// whoever prints them escapes them.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The client's address.
    pub peer: IpAddr,
    /// When the worker was told of its last bytes.
    pub received: SystemTime,
    /// From when the worker was told of the request's last bytes until the last of
    /// the answer was handed to the system.
    pub duration: Duration,
    /// The first line of the request as `method target version`; empty where no
    /// request could be read.
    pub request_line: String,
    /// The head as received, where heads are to be printed.
    pub head: Option<Vec<u8>>,
    /// The field `Referer`.
    pub referer: Option<String>,
    /// The field `User-Agent`.
    pub user_agent: Option<String>,
    /// Bytes of the body sent, without the head.
    pub body_bytes: u64,
    /// The status sent.
    pub status: StatusCode,
    /// What the response says to the person at the terminal.
    pub note: Arc<Note>,
}

/// What is written down.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request that has been answered, or broken off. Boxed, since what waits
    /// in the channel is mostly nothing.
    Exchange(Box<Exchange>),
    /// A warning of the server's own.
    Message(String),
}

/// The serving end of a channel to whoever writes events down. Workers gather what
/// a round brings, since each hand-over may wake the other side.
#[derive(Clone, Debug)]
pub struct EventSender {
    sender: Sender<Vec<Event>>,
    counts: Arc<Counts>,
}

/// The writing end; it sees the end of the channel when all senders are gone.
#[derive(Debug)]
pub struct EventReceiver {
    receiver: Receiver<Vec<Event>>,
    /// What is left of the batch that came last.
    batch: vec::IntoIter<Event>,
    counts: Arc<Counts>,
}

/// What both ends know, in events.
#[derive(Debug)]
struct Counts {
    capacity: usize,
    waiting: AtomicUsize,
    lost: AtomicUsize,
}

/// Makes a channel that holds up to `capacity` events. What comes while it is
/// full is counted and lost, because a request must never wait for its log line.
pub fn event_channel(capacity: usize) -> (EventSender, EventReceiver) {
    // Bounded by the count of events, which a count of batches would tell nothing of.
    let (sender, receiver) = crossbeam_channel::unbounded();
    let (waiting, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let counts = Arc::new(Counts { capacity, waiting, lost });
    let batch = Vec::new().into_iter();
    (EventSender { sender, counts: Arc::clone(&counts) }, EventReceiver { receiver, batch, counts })
}

impl EventSender {
    /// Hands `event` over, and never blocks. Without a receiver it goes nowhere.
    pub fn send(&self, event: Event) {
        self.send_all(vec![event]);
    }

    /// Hands all of `events` over, or none of them.
    pub fn send_all(&self, events: Vec<Event>) {
        let Counts { capacity, waiting, lost } = &*self.counts;
        let len = events.len();
        if waiting.fetch_add(len, Ordering::Relaxed) + len > *capacity {
            waiting.fetch_sub(len, Ordering::Relaxed);
            lost.fetch_add(len, Ordering::Relaxed);
        } else {
            // It fails where there is no receiver any more.
            let _ = self.sender.send(events);
        }
    }
}

impl EventReceiver {
    /// The next event; `None` when all senders are gone and all is read.
    pub fn wait(&mut self) -> Option<Event> {
        if self.batch.len() == 0 {
            let batch = self.receiver.recv().ok()?;
            self.begin(batch);
        }
        self.batch.next()
    }

    /// The next event, where one is there already.
    pub fn poll(&mut self) -> Option<Event> {
        if self.batch.len() == 0 {
            let batch = self.receiver.try_recv().ok()?;
            self.begin(batch);
        }
        self.batch.next()
    }

    /// How many were lost since this was asked last.
    pub fn take_lost(&self) -> usize {
        self.counts.lost.swap(0, Ordering::Relaxed)
    }

    fn begin(&mut self, batch: Vec<Event>) {
        self.counts.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        self.batch = batch.into_iter();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        Event::Message(text.to_owned())
    }

    #[test]
    fn counts_what_a_full_channel_loses() {
        let (sender, mut receiver) = event_channel(2);
        for text in ["a", "b", "c", "d", "e"] {
            sender.send(event(text));
        }
        assert_eq!((receiver.take_lost(), receiver.take_lost()), (3, 0));
        let mut read = || receiver.poll().map(|event| format!("{event:?}"));
        assert_eq!(
            (read(), read()),
            (Some("Message(\"a\")".into()), Some("Message(\"b\")".into()))
        );
        assert_eq!(read(), None);
    }

    #[test]
    fn ends_with_its_last_sender_and_outlives_its_receiver() {
        let (sender, mut receiver) = event_channel(2);
        sender.clone().send(event("a"));
        drop(sender);
        assert!(receiver.wait().is_some());
        assert!(receiver.wait().is_none());

        let (sender, receiver) = event_channel(1);
        drop(receiver);
        sender.send(event("a"));
        sender.send(event("b"));
    }
}

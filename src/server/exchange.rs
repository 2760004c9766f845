//! An exchange: the outcome of one request, and its way to the access log.

use std::{
    mem,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
    vec,
};

use crossbeam_channel::{Receiver, Sender};

use crate::http::{StatusCode, response::Note};

/// One request and what was sent for it. Texts from the client are as received:
/// the code that prints them escapes them.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The client's address.
    pub peer: IpAddr,
    /// When the worker was notified of its last bytes.
    pub received: SystemTime,
    /// From when the worker was notified of the request's last bytes until the last of
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
    /// The message of the response for the terminal.
    pub note: Arc<Note>,
}

/// An event for the log.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request that has been answered, or broken off. Boxed, since what waits
    /// in the channel is mostly nothing.
    Exchange(Box<Exchange>),
    /// A warning of the server's own.
    Message(String),
    /// The server has started.
    Started {
        /// The banner.
        text: String,
        /// What a terminal shows below it: lines that are written as they are.
        picture: String,
    },
}

/// The serving end of a channel to the log. Workers gather what
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

/// How many events did not find room in the channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Exchanges.
    pub exchanges: usize,
    /// Those of them whose head was to be printed.
    pub heads: usize,
    /// Messages, those of exchanges too.
    pub messages: usize,
}

/// What both ends know.
#[derive(Debug)]
struct Counts {
    capacity_bytes: usize,
    waiting_bytes: AtomicUsize,
    lost: Mutex<Lost>,
}

/// Makes a channel that holds events of `capacity_bytes`, or one batch where that has more.
/// What comes while it is full is counted and lost, because a request must never wait for
/// its log line.
pub fn event_channel(capacity_bytes: usize) -> (EventSender, EventReceiver) {
    // Bounded by the bytes of events, of which their count tells nothing: clients choose
    // how long they are.
    let (sender, receiver) = crossbeam_channel::unbounded();
    let (waiting_bytes, lost) = (AtomicUsize::new(0), Mutex::default());
    let counts = Arc::new(Counts { capacity_bytes, waiting_bytes, lost });
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
        let Counts { capacity_bytes, waiting_bytes, lost } = &*self.counts;
        let len = bytes(&events);
        let before = waiting_bytes.fetch_add(len, Ordering::Relaxed);
        if before > 0 && before + len > *capacity_bytes {
            waiting_bytes.fetch_sub(len, Ordering::Relaxed);
            locked(lost).add(&events);
        } else {
            // It fails where there is no receiver any more.
            let _ = self.sender.send(events);
        }
    }
}

impl Event {
    /// The memory that it takes, and some more.
    pub(crate) fn bytes(&self) -> usize {
        let of_heap = match self {
            Self::Exchange(exchange) => exchange.bytes(),
            Self::Message(text) => text.len(),
            Self::Started { text, picture } => text.len() + picture.len(),
        };
        size_of::<Self>() + of_heap
    }
}

impl Exchange {
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let Note { source, message, .. } = &*self.note;
        size_of::<Self>()
            + self.request_line.len()
            + self.head.as_ref().map_or(0, Vec::len)
            + [&self.referer, &self.user_agent, source, message].map(text).iter().sum::<usize>()
    }
}

impl Lost {
    fn add(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Exchange(exchange) => {
                    self.exchanges += 1;
                    self.heads += usize::from(exchange.head.is_some());
                    self.messages += usize::from(exchange.note.message.is_some());
                }
                Event::Message(_) | Event::Started { .. } => self.messages += 1,
            }
        }
    }
}

fn bytes(events: &[Event]) -> usize {
    events.iter().map(Event::bytes).sum()
}

/// Counts are whole at any time, so one that was left by a panic is as good.
fn locked(lost: &Mutex<Lost>) -> MutexGuard<'_, Lost> {
    lost.lock().unwrap_or_else(PoisonError::into_inner)
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
    pub fn take_lost(&self) -> Lost {
        mem::take(&mut *locked(&self.counts.lost))
    }

    fn begin(&mut self, batch: Vec<Event>) {
        self.counts.waiting_bytes.fetch_sub(bytes(&batch), Ordering::Relaxed);
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
        let (sender, mut receiver) = event_channel(2 * event("a").bytes());
        for text in ["a", "b", "c", "d", "e"] {
            sender.send(event(text));
        }
        let lost = Lost { messages: 3, ..Lost::default() };
        assert_eq!((receiver.take_lost(), receiver.take_lost()), (lost, Lost::default()));
        let mut read = || receiver.poll().map(|event| format!("{event:?}"));
        assert_eq!(
            (read(), read()),
            (Some("Message(\"a\")".into()), Some("Message(\"b\")".into()))
        );
        assert_eq!(read(), None);
    }

    #[test]
    fn holds_no_more_than_its_bytes_however_long_events_are() {
        let (sender, mut receiver) = event_channel(10_000);
        // One batch always finds room, or it would never be written.
        let long = "a".repeat(20_000);
        (0..3).for_each(|_| sender.send(event(&long)));
        assert_eq!(receiver.take_lost().messages, 2);
        assert!(receiver.poll().is_some() && receiver.poll().is_none());
        for _ in 0..1000 {
            sender.send(event(&"a".repeat(100)));
        }
        let lost = receiver.take_lost().messages;
        let kept = std::iter::from_fn(|| receiver.poll()).count();
        assert_eq!(kept + lost, 1000);
        assert!(kept > 50 && kept <= 100, "{kept}");
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

//! What became of one request, and the way it takes to the access log.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::http::prepared::Prepared;

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
    /// What was sent, with what it says to the person at the terminal.
    pub response: Arc<Prepared>,
}

impl Exchange {
    /// The status sent.
    pub fn status(&self) -> u16 {
        self.response.status.as_u16()
    }
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

/// The serving end of a channel to whoever writes events down.
#[derive(Clone, Debug)]
pub struct EventSender {
    sender: Sender<Event>,
    lost: Arc<AtomicU64>,
}

/// The writing end; it sees the end of the channel when all senders are gone.
#[derive(Debug)]
pub struct EventReceiver {
    receiver: Receiver<Event>,
    lost: Arc<AtomicU64>,
}

/// Makes a channel that holds up to `capacity` events. What comes while it is
/// full is counted and lost, because a request must never wait for its log line.
pub fn event_channel(capacity: usize) -> (EventSender, EventReceiver) {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    let lost = Arc::new(AtomicU64::new(0));
    (EventSender { sender, lost: Arc::clone(&lost) }, EventReceiver { receiver, lost })
}

impl EventSender {
    /// Hands `event` over, and never blocks. Without a receiver it goes nowhere.
    pub fn send(&self, event: Event) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(event) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl EventReceiver {
    /// The next event; `None` when all senders are gone and all is read.
    pub fn wait(&self) -> Option<Event> {
        self.receiver.recv().ok()
    }

    /// The next event, where one is there already.
    pub fn poll(&self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }

    /// How many were lost since this was asked last.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
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
        let (sender, receiver) = event_channel(2);
        for text in ["a", "b", "c", "d", "e"] {
            sender.send(event(text));
        }
        assert_eq!((receiver.take_lost(), receiver.take_lost()), (3, 0));
        let read = || receiver.poll().map(|event| format!("{event:?}"));
        assert_eq!(
            (read(), read()),
            (Some("Message(\"a\")".into()), Some("Message(\"b\")".into()))
        );
        assert_eq!(read(), None);
    }

    #[test]
    fn ends_with_its_last_sender_and_outlives_its_receiver() {
        let (sender, receiver) = event_channel(2);
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

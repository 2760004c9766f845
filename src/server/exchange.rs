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

use crate::http::response::Note;

/// One request and what was sent for it. Texts from the client are as received:
/// whoever prints them escapes them.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The client's address.
    pub peer: IpAddr,
    /// When the head was whole.
    pub received: SystemTime,
    /// From the whole head to the last byte that was handed to the system.
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
    /// The status sent.
    pub status: u16,
    /// Bytes of the body sent, without the head.
    pub body_bytes: u64,
    /// What the response says to the person at the terminal.
    pub note: Note,
}

/// The serving end of a channel to whoever writes exchanges down.
#[derive(Clone, Debug)]
pub struct ExchangeSender {
    sender: Sender<Exchange>,
    lost: Arc<AtomicU64>,
}

/// The writing end; it sees the end of the channel when all senders are gone.
#[derive(Debug)]
pub struct ExchangeReceiver {
    receiver: Receiver<Exchange>,
    lost: Arc<AtomicU64>,
}

/// Makes a channel that holds up to `capacity` exchanges. What comes while it is
/// full is counted and lost, because a request must never wait for its log line.
pub fn exchange_channel(capacity: usize) -> (ExchangeSender, ExchangeReceiver) {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    let lost = Arc::new(AtomicU64::new(0));
    (ExchangeSender { sender, lost: Arc::clone(&lost) }, ExchangeReceiver { receiver, lost })
}

impl ExchangeSender {
    /// Hands `exchange` over, and never blocks. Without a receiver it goes nowhere.
    pub fn record(&self, exchange: Exchange) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(exchange) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl ExchangeReceiver {
    /// The next exchange; `None` when all senders are gone and all is read.
    pub fn wait(&self) -> Option<Exchange> {
        self.receiver.recv().ok()
    }

    /// The next exchange, where one is there already.
    pub fn poll(&self) -> Option<Exchange> {
        self.receiver.try_recv().ok()
    }

    /// How many were lost since this was asked last.
    pub fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::UNIX_EPOCH};

    use super::*;

    fn exchange(status: u16) -> Exchange {
        Exchange {
            peer: Ipv4Addr::LOCALHOST.into(),
            received: UNIX_EPOCH,
            duration: Duration::ZERO,
            request_line: String::new(),
            head: None,
            referer: None,
            user_agent: None,
            status,
            body_bytes: 0,
            note: Note::default(),
        }
    }

    #[test]
    fn counts_what_a_full_channel_loses() {
        let (sender, receiver) = exchange_channel(2);
        for status in 200..205 {
            sender.record(exchange(status));
        }
        assert_eq!((receiver.take_lost(), receiver.take_lost()), (3, 0));
        let read = || receiver.poll().map(|exchange| exchange.status);
        assert_eq!((read(), read(), read()), (Some(200), Some(201), None));
    }

    #[test]
    fn ends_with_its_last_sender_and_outlives_its_receiver() {
        let (sender, receiver) = exchange_channel(2);
        sender.clone().record(exchange(200));
        drop(sender);
        assert!(receiver.wait().is_some());
        assert!(receiver.wait().is_none());

        let (sender, receiver) = exchange_channel(1);
        drop(receiver);
        sender.record(exchange(200));
        sender.record(exchange(200));
    }
}

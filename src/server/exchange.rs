//! What became of one request, for the access log.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use crossbeam_channel::Sender;

use crate::http::response::{Note, Response};

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

/// Something for the access log to print.
#[derive(Debug)]
pub enum Event {
    /// A request that has been answered, or broken off.
    Exchange(Exchange),
    /// A warning of the server itself.
    Message(String),
}

/// The server's end of the access log. It never waits: where the log cannot keep
/// up, since its terminal is blocked, events are lost and counted.
#[derive(Clone, Debug)]
pub struct Exchanges {
    sender: Sender<Event>,
    lost: Arc<AtomicU64>,
    is_quiet: bool,
}

impl Exchanges {
    /// Sends to `sender`; if quiet, only those that have something to report.
    pub fn new(sender: Sender<Event>, is_quiet: bool) -> Self {
        Self { sender, lost: Arc::default(), is_quiet }
    }

    /// How many events were lost, ever.
    pub fn lost(&self) -> Arc<AtomicU64> {
        self.lost.clone()
    }

    /// Whether an exchange with this response is to be recorded.
    pub(super) fn wants(&self, response: &Response) -> bool {
        !self.is_quiet || response.note.message.is_some()
    }

    pub(super) fn record(&self, exchange: Exchange) {
        self.send(Event::Exchange(exchange));
    }

    pub(super) fn tell(&self, message: String) {
        self.send(Event::Message(message));
    }

    fn send(&self, event: Event) {
        if self.sender.try_send(event).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

//! What became of one request, for the access log.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

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

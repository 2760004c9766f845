//! Live editing: what changes on the disk, and who shows it.
//!
//! Knows no sockets: whoever shows a page is a way to send it texts.

pub mod client;
pub mod patch;
pub mod watch;

//! Live editing: a saved file shows in the browser at once. Knows no sockets.

pub mod client;
pub mod patch;

//! Threads and sockets: who accepts, who serves, and when a connection ends.
//!
//! Knows no pages: what a request gets is for the [`Handler`] to say.

mod exchange;

pub use exchange::{Exchange, ExchangeReceiver, ExchangeSender, exchange_channel};

use crate::http::{StatusCode, request::Request, response::Response};

/// What the server asks for each answer. It cannot fail: whatever goes wrong is
/// a response too.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request whose body has been read to its end.
    fn handle(&self, request: &Request<'_>) -> Response;

    /// Answers what could not be read as a request, or not be handled; `reason`
    /// is one sentence without a full stop.
    fn refuse(&self, status: StatusCode, reason: &str) -> Response;
}

//! HTTP/1.1 as values: bytes in, a [`Request`](request::Request) out; a
//! [`Response`](response::Response) in, bytes out.
//!
//! Knows no sockets, no threads, no clock and no file names. What time it is,
//! and which bytes have arrived, the caller says. A response may carry an open
//! file as its body, which this module never opens itself.

pub mod answer;
pub mod body;
pub mod conditional;
pub mod date;
pub mod decision;
pub mod encoding;
pub mod error;
pub mod etag;
pub mod form;
pub(crate) mod grammar;
pub mod headers;
pub mod host;
pub mod media_type;
pub mod memory;
pub mod multipart;
pub mod prepared;
pub mod range;
pub mod request;
pub mod request_body;
pub mod request_head;
pub mod response;
pub mod target;
pub mod url_path;
pub mod websocket;

// The one door of the crate `http`, whose name this module has taken.
pub use ::http::{HeaderName, HeaderValue, Method, StatusCode};

//! HTTP/1.1 as values: bytes in, a [`Request`](request::Request) out; a
//! [`Response`](response::Response) in, bytes out.
//!
//! Knows no sockets, no threads, no clock and no file names. The caller passes the time and
//! the bytes that have arrived. A response may carry an open
//! file as its body, which this module never opens itself.

pub mod answer;
pub mod base_path;
pub mod body;
pub mod conditional;
pub mod date;
pub mod decision;
pub mod encoding;
pub mod error;
pub mod error_form;
pub mod etag;
mod foreign_protocol;
pub mod form;
pub(crate) mod grammar;
pub mod headers;
pub mod host;
pub mod media_type;
pub mod memory;
pub mod multipart;
pub mod prepared;
pub mod purpose;
pub mod range;
pub mod request;
pub mod request_body;
pub mod request_head;
pub mod response;
pub mod target;
pub mod url_path;
pub mod websocket;

// The only module that imports the crate `http`, whose name it has taken.
pub use ::http::{HeaderName, HeaderValue, Method, StatusCode};

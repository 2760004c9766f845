//! One representation of what a path stands for, and how it answers a request:
//! in full, in part, or not at all because the client has it.
//!
//! Knows neither files nor templates: pages and assets both come here last.

use std::borrow::Cow;

use crate::http::{
    Method, StatusCode,
    body::{Body, Part, Source},
    conditional::{self, Outcome, Validators},
    date::HttpDate,
    encoding::Coding,
    etag::EntityTag,
    multipart::Multipart,
    range::{self, ContentRange, RangeSet},
    request::Request,
    response::Response,
};

use super::fallback::{status_page, wants_html};

/// Bytes of one type in one coding, with what tells them from others.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) content_type: Cow<'static, str>,
    pub(super) coding: Coding,
    /// Whether another client might get another coding.
    pub(super) varies: bool,
    pub(super) body: Body,
    /// A hash of the bytes, or of what decides them.
    pub(super) hash: u128,
    pub(super) last_modified: Option<HttpDate>,
    pub(super) cache_control: &'static str,
}

impl Representation {
    /// Answers a GET or a HEAD at the time `now`: preconditions first, then ranges
    /// (RFC 9110, 13.2.2 and 14.2).
    pub(super) fn answer(self, request: &Request<'_>, now: HttpDate) -> Response {
        let etag = EntityTag::from_hash(self.hash, self.coding);
        let validators = Validators { etag: Some(&etag), last_modified: self.last_modified };
        let headers = request.headers;
        let response = match conditional::evaluate(&request.method, headers, &validators, now) {
            Outcome::PreconditionFailed => {
                return status_page(StatusCode::PRECONDITION_FAILED, None, wants_html(headers));
            }
            Outcome::NotModified => Response::empty(StatusCode::NOT_MODIFIED),
            Outcome::Proceed
                if is_ranged(request) && conditional::if_range(headers, &validators, now) =>
            {
                match range::parse(headers, self.body.len()) {
                    RangeSet::Whole => self.whole(),
                    RangeSet::Single(range) => self.single(range),
                    RangeSet::Multiple(ranges) => self.multiple(ranges),
                    RangeSet::Unsatisfiable => return self.unsatisfiable(wants_html(headers)),
                }
            }
            Outcome::Proceed => self.whole(),
        };
        self.describe(response, &etag)
    }

    /// The fields that a 304 repeats too (RFC 9110, 15.4.5).
    fn describe(&self, mut response: Response, etag: &EntityTag<'_>) -> Response {
        response.set("ETag", etag.to_string());
        response.set("Cache-Control", self.cache_control);
        if let Some(date) = self.last_modified {
            response.set("Last-Modified", date.to_string());
        }
        if self.varies {
            response.set("Vary", "Accept-Encoding");
        }
        response
    }

    fn whole(&self) -> Response {
        let mut response =
            Response::new(StatusCode::OK, self.content_type.clone(), self.body.clone());
        response.set("Accept-Ranges", "bytes");
        if let Some(token) = self.coding.token() {
            response.set("Content-Encoding", token);
        }
        response
    }

    fn single(&self, range: std::ops::Range<u64>) -> Response {
        let body = self.body.slice(range.clone());
        let content_range = ContentRange::Satisfied { range, len: self.body.len() };
        Response::new(StatusCode::PARTIAL_CONTENT, self.content_type.clone(), body)
            .with("Accept-Ranges", "bytes")
            .with("Content-Range", content_range.to_string())
    }

    fn multiple(&self, ranges: Vec<std::ops::Range<u64>>) -> Response {
        let multipart = Multipart::new(self.hash, &self.content_type, ranges, self.body.len());
        let text = |text: &str| {
            let bytes = text.as_bytes();
            Part { range: 0..bytes.len() as u64, source: Source::Bytes(bytes.into()) }
        };
        let mut parts = Vec::new();
        for part in multipart.parts() {
            parts.push(text(&part.head));
            parts.extend(self.body.slice(part.range.clone()).parts().cloned());
        }
        parts.push(text(multipart.end()));
        let body = parts.into_iter().collect();
        Response::new(StatusCode::PARTIAL_CONTENT, multipart.content_type(), body)
            .with("Accept-Ranges", "bytes")
    }

    /// RFC 9110, 15.5.17: says how long the representation is.
    fn unsatisfiable(&self, wants_html: bool) -> Response {
        let content_range = ContentRange::Unsatisfied { len: self.body.len() };
        status_page(StatusCode::RANGE_NOT_SATISFIABLE, None, wants_html)
            .with("Content-Range", content_range.to_string())
            .with("Accept-Ranges", "bytes")
    }
}

/// Whether the request is for parts. With any method but GET the field MUST be
/// ignored (RFC 9110, 14.2). Parts are taken of the bytes as they are: whoever
/// asks for some of a coded form could not decode them.
pub(super) fn is_ranged(request: &Request<'_>) -> bool {
    request.method == Method::GET && request.headers.get("range").is_some()
}

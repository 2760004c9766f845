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
pub(super) struct Representation<'a> {
    pub(super) content_type: &'a Cow<'static, str>,
    pub(super) coding: Coding,
    /// The fields by which another client might get other bytes.
    pub(super) vary: Option<&'static str>,
    pub(super) body: &'a Body,
    /// A hash of the bytes, or of what decides them.
    pub(super) hash: u128,
    /// Made of the hash.
    pub(super) etag: &'a EntityTag<'a>,
    pub(super) last_modified: Option<HttpDate>,
    pub(super) cache_control: &'static str,
}

/// What a representation says to a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// All of it, the same to all who ask.
    Whole,
    /// That the client has it, the same to all too.
    NotModified,
    /// Something for this request alone.
    Special(Response),
}

impl Representation<'_> {
    /// Decides the answer to a GET or a HEAD at the time `now`: preconditions first,
    /// then ranges (RFC 9110, 13.2.2 and 14.2).
    pub(super) fn answer(&self, request: &Request<'_>, now: HttpDate) -> Answer {
        let validators = Validators { etag: Some(self.etag), last_modified: self.last_modified };
        let headers = request.headers;
        match conditional::evaluate(&request.method, headers, &validators, now) {
            Outcome::PreconditionFailed => {
                let status = StatusCode::PRECONDITION_FAILED;
                Answer::Special(status_page(status, None, wants_html(headers)))
            }
            Outcome::NotModified => Answer::NotModified,
            Outcome::Proceed
                if is_ranged(request) && conditional::if_range(headers, &validators, now) =>
            {
                match range::parse(headers, self.body.len()) {
                    RangeSet::Whole => Answer::Whole,
                    RangeSet::Single(range) => Answer::Special(self.single(range)),
                    RangeSet::Multiple(ranges) => Answer::Special(self.multiple(ranges)),
                    RangeSet::Unsatisfiable => {
                        Answer::Special(self.unsatisfiable(wants_html(headers)))
                    }
                }
            }
            Outcome::Proceed => Answer::Whole,
        }
    }

    /// The answer as a response.
    pub(super) fn respond(&self, answer: Answer) -> Response {
        match answer {
            Answer::Whole => self.whole(),
            Answer::NotModified => self.not_modified(),
            Answer::Special(response) => response,
        }
    }

    /// The fields that a 304 repeats too (RFC 9110, 15.4.5).
    fn describe(&self, mut response: Response) -> Response {
        response.set("ETag", self.etag.to_string());
        response.set("Cache-Control", self.cache_control);
        if let Some(date) = self.last_modified {
            response.set("Last-Modified", date.to_string());
        }
        if let Some(vary) = self.vary {
            response.set("Vary", vary);
        }
        response
    }

    fn not_modified(&self) -> Response {
        self.describe(Response::empty(StatusCode::NOT_MODIFIED))
    }

    fn whole(&self) -> Response {
        let mut response =
            Response::new(StatusCode::OK, self.content_type.clone(), self.body.clone());
        response.set("Accept-Ranges", "bytes");
        if let Some(token) = self.coding.token() {
            response.set("Content-Encoding", token);
        }
        self.describe(response)
    }

    fn single(&self, range: std::ops::Range<u64>) -> Response {
        let body = self.body.slice(range.clone());
        let content_range = ContentRange::Satisfied { range, len: self.body.len() };
        let response = Response::new(StatusCode::PARTIAL_CONTENT, self.content_type.clone(), body)
            .with("Accept-Ranges", "bytes")
            .with("Content-Range", content_range.to_string());
        self.describe(response)
    }

    fn multiple(&self, ranges: Vec<std::ops::Range<u64>>) -> Response {
        let multipart = Multipart::new(self.hash, self.content_type, ranges, self.body.len());
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
        let content_type = multipart.content_type();
        let response = Response::new(StatusCode::PARTIAL_CONTENT, content_type, body);
        self.describe(response.with("Accept-Ranges", "bytes"))
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

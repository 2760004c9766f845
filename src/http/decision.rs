//! The decision for a GET or HEAD of a representation: all of it, parts of it, 304, 412 or
//! 416.

use std::ops::Range;

use super::{
    Method,
    conditional::{self, Outcome, Validators},
    date::HttpDate,
    range::{self, RangeSet},
    request::Request,
};

/// What a request gets of the selected representation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 200 with all of it.
    Whole,
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
    /// 206 with this part.
    Part(Range<u64>),
    /// 206 with these parts; see [`RangeSet::Multiple`].
    Parts(Vec<Range<u64>>),
    /// 416.
    Unsatisfiable,
}

impl Decision {
    /// Decides the answer to `request` at the time `now`: preconditions first, then
    /// ranges (RFC 9110, 13.2.2 and 14.2). `len` is the length of the representation
    /// in bytes, of which parts may be asked for; `None` where it is coded, since a
    /// client that asks for parts of a coded form could not decode them.
    pub fn on(
        request: &Request<'_>,
        validators: &Validators<'_>,
        len: Option<u64>,
        now: HttpDate,
    ) -> Self {
        let headers = request.headers;
        match conditional::evaluate(&request.method, headers, validators, now) {
            Outcome::PreconditionFailed => return Self::PreconditionFailed,
            Outcome::NotModified => return Self::NotModified,
            Outcome::Proceed => {}
        }
        let Some(len) = len.filter(|_| is_ranged(request)) else { return Self::Whole };
        if !conditional::if_range(headers, validators, now) {
            return Self::Whole;
        }
        match range::parse(headers, len) {
            RangeSet::Whole => Self::Whole,
            RangeSet::Single(range) => Self::Part(range),
            RangeSet::Multiple(ranges) => Self::Parts(ranges),
            RangeSet::Unsatisfiable => Self::Unsatisfiable,
        }
    }
}

/// Whether the request is for parts. With any method but GET the field MUST be
/// ignored (RFC 9110, 14.2).
pub fn is_ranged(request: &Request<'_>) -> bool {
    request.method == Method::GET && request.headers.get("range").is_some()
}

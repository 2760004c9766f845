//! Bytes that are ready to be sent: a rendered page or a small asset, with the
//! coded forms that clients have asked for.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use xxhash_rust::xxh3::xxh3_128;

use crate::http::{
    StatusCode,
    body::Body,
    date::HttpDate,
    encoding::{Coding, negotiate},
    request::Request,
    response::{Note, Response},
};

use super::{
    compress::{Effort, compress},
    representation::{Representation, is_ranged},
};

/// What is shorter is not worth compressing: the head would outweigh it.
const MIN_COMPRESSED_BYTES: usize = 256;

/// Bytes in memory, and what is said of them.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) content_type: Cow<'static, str>,
    identity: Hashed,
    /// The coded forms in the order of [`Coding::COMPRESSED`], each made when it is first asked for; `None` where it
    /// would not be smaller.
    coded: [OnceLock<Option<Hashed>>; Coding::COMPRESSED.len()],
    is_compressible: bool,
    pub(super) effort: Effort,
    pub(super) modified: Option<SystemTime>,
    pub(super) cache_control: &'static str,
    pub(super) note: Note,
}

/// Bytes with what tells them apart: of a coded form too it is the bytes as they are
/// sent that count, since somebody may put another one beside the same file.
#[derive(Clone, Debug)]
struct Hashed {
    bytes: Arc<[u8]>,
    hash: u128,
}

impl From<Vec<u8>> for Hashed {
    fn from(bytes: Vec<u8>) -> Self {
        Self { hash: hash(&bytes), bytes: bytes.into() }
    }
}

/// What tells contents apart; two that differ have the same one by no chance that
/// counts, though somebody who wants to can find such a pair.
pub(super) fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

impl Finished {
    /// Bytes without a date, to be sent once, with nothing said about keeping them.
    pub(super) fn new(content_type: Cow<'static, str>, bytes: Vec<u8>, is_text: bool) -> Self {
        Self {
            is_compressible: is_text && bytes.len() > MIN_COMPRESSED_BYTES,
            content_type,
            identity: bytes.into(),
            coded: Default::default(),
            effort: Effort::Once,
            modified: None,
            cache_control: "no-cache",
            note: Note::default(),
        }
    }

    /// Puts a form in place that somebody has compressed ahead.
    pub(super) fn set_coded(&mut self, coding: Coding, bytes: Vec<u8>) {
        if let Some(idx) = Coding::COMPRESSED.iter().position(|&other| other == coding) {
            self.coded[idx] = OnceLock::from(Some(bytes.into()));
        }
    }

    /// What it takes of memory, in bytes: the plain form, and as much again for
    /// the coded ones.
    pub(super) fn weight(&self) -> u64 {
        2 * self.identity.bytes.len() as u64 + 1024
    }

    /// Answers a GET or a HEAD.
    pub(super) fn answer(&self, request: &Request<'_>, now: HttpDate) -> Response {
        let (coding, Hashed { bytes, hash }) = self.select(request);
        let representation = Representation {
            content_type: self.content_type.clone(),
            coding,
            varies: self.is_compressible || self.available().next().is_some(),
            body: Body::bytes(bytes),
            hash,
            last_modified: self.modified.and_then(|time| HttpDate::of_last_modification(time, now)),
            cache_control: self.cache_control,
        };
        let mut response = representation.answer(request, now);
        response.note.clone_from(&self.note);
        response
    }

    /// The plain bytes with another status, which no precondition or range is for
    /// (RFC 9110, 13.2.1).
    pub(super) fn plain_response(&self, status: StatusCode) -> Response {
        let body = Body::bytes(Arc::clone(&self.identity.bytes));
        let mut response = Response::new(status, self.content_type.clone(), body);
        response.note.clone_from(&self.note);
        response
    }

    fn select(&self, request: &Request<'_>) -> (Coding, Hashed) {
        let identity = || (Coding::Identity, self.identity.clone());
        if is_ranged(request) || request.headers.get("accept-encoding").is_none() {
            return identity();
        }
        let mut available = [Coding::Identity; Coding::COMPRESSED.len()];
        for (slot, coding) in available.iter_mut().zip(self.available()) {
            *slot = coding;
        }
        let coding = negotiate(request.headers, &available);
        self.coded(coding).map_or_else(identity, |coded| (coding, coded))
    }

    /// The codings that there are or can be.
    fn available(&self) -> impl Iterator<Item = Coding> {
        let is_there = |coded: &OnceLock<Option<_>>| match coded.get() {
            Some(coded) => coded.is_some(),
            None => self.is_compressible,
        };
        Coding::COMPRESSED
            .into_iter()
            .zip(&self.coded)
            .filter(move |(_, coded)| is_there(coded))
            .map(|(coding, _)| coding)
    }

    fn coded(&self, coding: Coding) -> Option<Hashed> {
        let idx = Coding::COMPRESSED.iter().position(|&other| other == coding)?;
        let make = || compress(&self.identity.bytes, coding, self.effort).map(Hashed::from);
        self.coded[idx].get_or_init(make).clone()
    }
}

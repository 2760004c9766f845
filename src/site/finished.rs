//! Bytes that are ready to be sent: a rendered page or a small asset, with the
//! coded forms that clients have asked for.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use xxhash_rust::xxh3::xxh3_128;

use crate::http::{
    StatusCode,
    body::Body,
    date::HttpDate,
    encoding::{Coding, negotiate},
    etag::EntityTag,
    prepared::Prepared,
    request::Request,
    response::{Note, Response},
};

use super::{
    Asked,
    compress::{Effort, MAX_COMPRESSED_BYTES, compress},
    representation::{Answer, Representation, is_ranged},
    snippet,
};

/// What is shorter is not worth compressing: the head would outweigh it.
const MIN_COMPRESSED_BYTES: usize = 256;

/// Bytes in memory, and what is said of them.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) content_type: Cow<'static, str>,
    bytes: Arc<[u8]>,
    identity: Form,
    /// The coded forms in the order of [`Coding::COMPRESSED`], each made when it is
    /// first asked for; `None` where it would not be smaller.
    coded: [OnceLock<Option<Form>>; Coding::COMPRESSED.len()],
    /// The bytes of those that were not made of `bytes`.
    found_bytes: u64,
    is_compressible: bool,
    pub(super) effort: Effort,
    pub(super) last_modified: Option<HttpDate>,
    pub(super) cache_control: &'static str,
    pub(super) note: Note,
    /// Whether browsers get it with the snippet in it where they show it.
    pub(super) varies_by_mode: bool,
}

/// The bytes in one coding, with the answers that are the same to all who ask for
/// it, each prepared when it is first given.
#[derive(Debug)]
struct Form {
    body: Body,
    /// Of the bytes as they are sent, since somebody may put another coded form
    /// beside the same file.
    hash: u128,
    etag: EntityTag<'static>,
    coding: Coding,
    whole: OnceLock<Arc<Prepared>>,
    not_modified: OnceLock<Arc<Prepared>>,
}

impl Form {
    fn new(bytes: Arc<[u8]>, coding: Coding) -> Self {
        let hash = hash(&bytes);
        Self {
            body: Body::bytes(bytes),
            hash,
            etag: EntityTag::from_hash(hash, coding),
            coding,
            whole: OnceLock::new(),
            not_modified: OnceLock::new(),
        }
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
        let bytes: Arc<[u8]> = bytes.into();
        Self {
            is_compressible: is_text
                && bytes.len() > MIN_COMPRESSED_BYTES
                && bytes.len() as u64 <= MAX_COMPRESSED_BYTES,
            content_type,
            identity: Form::new(Arc::clone(&bytes), Coding::Identity),
            bytes,
            coded: Default::default(),
            found_bytes: 0,
            effort: Effort::Once,
            last_modified: None,
            cache_control: "no-cache",
            note: Note::default(),
            varies_by_mode: false,
        }
    }

    /// Other bytes of which the same is said.
    pub(super) fn with_bytes(&self, bytes: Vec<u8>) -> Self {
        let is_text = self.is_compressible || self.bytes.len() <= MIN_COMPRESSED_BYTES;
        Self {
            effort: self.effort,
            last_modified: self.last_modified,
            cache_control: self.cache_control,
            note: self.note.clone(),
            varies_by_mode: self.varies_by_mode,
            ..Self::new(self.content_type.clone(), bytes, is_text)
        }
    }

    /// The hash of the plain bytes.
    pub(super) fn hash(&self) -> u128 {
        self.identity.hash
    }

    /// The plain bytes.
    pub(super) fn bytes(&self) -> Arc<[u8]> {
        Arc::clone(&self.bytes)
    }

    /// Puts a form in place that somebody has compressed ahead.
    pub(super) fn set_coded(&mut self, coding: Coding, bytes: Vec<u8>) {
        if let Some(idx) = Coding::COMPRESSED.iter().position(|&other| other == coding) {
            self.found_bytes += bytes.len() as u64;
            self.coded[idx] = OnceLock::from(Some(Form::new(bytes.into(), coding)));
        }
    }

    /// What it takes of memory, in bytes: the plain form, as much again for the coded
    /// ones that are made of it, those that were found, and all that is said of them.
    pub(super) fn weight(&self) -> u64 {
        2 * self.bytes.len() as u64 + self.found_bytes + 4096
    }

    /// Answers a GET or a HEAD.
    pub(super) fn answer(&self, asked: Asked<'_>) -> Arc<Prepared> {
        let form = self.select(asked.request);
        let representation = self.represent(form);
        let prepare = |answer| {
            let mut response = representation.respond(answer);
            response.note.clone_from(&self.note);
            asked.prepare(response)
        };
        let kept = match representation.answer(asked.request, HttpDate::at(asked.now)) {
            Answer::Whole => form.whole.get_or_init(|| prepare(Answer::Whole)),
            Answer::NotModified => form.not_modified.get_or_init(|| prepare(Answer::NotModified)),
            special => return prepare(special),
        };
        Arc::clone(kept)
    }

    /// The plain bytes with another status, which no precondition or range is for
    /// (RFC 9110, 13.2.1).
    pub(super) fn plain_response(&self, status: StatusCode) -> Response {
        let body = self.identity.body.clone();
        let mut response = Response::new(status, self.content_type.clone(), body);
        response.note.clone_from(&self.note);
        response
    }

    fn represent<'a>(&'a self, form: &'a Form) -> Representation<'a> {
        Representation {
            content_type: &self.content_type,
            coding: form.coding,
            vary: match (
                self.is_compressible || self.available().next().is_some(),
                self.varies_by_mode,
            ) {
                (true, true) => Some("Accept-Encoding, Sec-Fetch-Mode, Accept"),
                (true, false) => Some("Accept-Encoding"),
                (false, true) => Some(snippet::VARY),
                (false, false) => None,
            },
            body: &form.body,
            hash: form.hash,
            etag: &form.etag,
            last_modified: self.last_modified,
            cache_control: self.cache_control,
        }
    }

    fn select(&self, request: &Request<'_>) -> &Form {
        if is_ranged(request) || request.headers.get("accept-encoding").is_none() {
            return &self.identity;
        }
        let mut available = [Coding::Identity; Coding::COMPRESSED.len()];
        for (slot, coding) in available.iter_mut().zip(self.available()) {
            *slot = coding;
        }
        let coding = negotiate(request.headers, &available);
        self.coded(coding).unwrap_or(&self.identity)
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

    fn coded(&self, coding: Coding) -> Option<&Form> {
        let idx = Coding::COMPRESSED.iter().position(|&other| other == coding)?;
        let make = || {
            let coded = compress(&self.bytes, coding, self.effort)?;
            Some(Form::new(coded.into(), coding))
        };
        self.coded[idx].get_or_init(make).as_ref()
    }
}

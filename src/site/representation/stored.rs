//! A representation that is ready to be sent: a rendered page, or an asset, with the
//! coded forms that were found beside it or made of it.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::http::{
    Method, StatusCode,
    answer::Answer,
    body::Body,
    conditional::Validators,
    date::HttpDate,
    decision::{Decision, is_ranged},
    encoding::{Coding, negotiate},
    memory::Bytes,
    prepared::Prepared,
    request::Request,
    response::{Note, Response},
};

use crate::site::{
    files::folder::OpenFile,
    representation::{
        compress::{Effort, MAX_COMPRESSED_BYTES},
        variant::{Content, Variant},
    },
    request_context::RequestContext,
};

/// What is shorter is not worth compressing: the head would outweigh it.
const MIN_COMPRESSED_BYTES: u64 = 256;

/// Why a representation gives no answer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Its file has changed since it was made.
    Changed,
    /// 412.
    PreconditionFailed,
    /// 416.
    Unsatisfiable,
}

/// The content of a page or asset in one state, in each coding, with its note for the terminal.
#[derive(Debug)]
pub(crate) struct StoredRepresentation {
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) plain: Variant,
    /// In the order of [`Effort::codings`].
    pub(crate) coded: [Variant; Coding::COMPRESSED.len()],
    is_compressible: bool,
    pub(crate) effort: Effort,
    pub(crate) last_modified: Option<HttpDate>,
    pub(crate) cache_control: &'static str,
    /// Whether its URL may name a version of it.
    pub(crate) may_have_version: bool,
    /// The hash of the file, where that is not the one of the content.
    pub(crate) file_hash: Option<u128>,
    pub(crate) note: Note,
    /// Whether browsers get it with the snippet in it where they show it.
    pub(crate) varies_by_mode: bool,
    /// Whether it answers in place of all that is missing: each path may get fields of its
    /// own, and only those who want a page get it.
    pub(crate) is_for_many_paths: bool,
    /// Whether it answers later requests as well, so that work on it pays.
    is_kept: AtomicBool,
}

impl StoredRepresentation {
    /// Bytes without a date and without `Cache-Control`.
    pub(crate) fn new(
        content_type: Cow<'static, str>,
        bytes: Vec<u8>,
        is_text: bool,
        effort: Effort,
    ) -> Self {
        let plain = Variant::in_memory(bytes.into(), Coding::Identity);
        Self::of(content_type, plain, is_text, effort)
    }

    /// A file that is not held in memory.
    pub(crate) fn of_file(content_type: Cow<'static, str>, file: &OpenFile, is_text: bool) -> Self {
        let plain = Variant::in_file(file, Coding::Identity);
        Self::of(content_type, plain, is_text, Effort::Kept)
    }

    fn of(content_type: Cow<'static, str>, plain: Variant, is_text: bool, effort: Effort) -> Self {
        let len = plain.content().map_or(0, Content::len);
        Self {
            content_type,
            plain,
            coded: effort.codings().map(Variant::to_be_made),
            is_compressible: is_text && len > MIN_COMPRESSED_BYTES && len <= MAX_COMPRESSED_BYTES,
            effort,
            last_modified: None,
            cache_control: "no-cache",
            may_have_version: false,
            file_hash: None,
            note: Note::default(),
            varies_by_mode: false,
            is_for_many_paths: false,
            is_kept: AtomicBool::new(false),
        }
    }

    /// Other bytes with the same fields.
    pub(crate) fn with_bytes(&self, bytes: Vec<u8>) -> Self {
        Self { is_kept: AtomicBool::new(self.is_kept()), ..self.like(bytes, self.effort) }
    }

    /// The same for this request alone.
    pub(crate) fn for_one(&self, bytes: Vec<u8>) -> Self {
        self.like(bytes, Effort::Once)
    }

    fn like(&self, bytes: Vec<u8>, effort: Effort) -> Self {
        let is_text = self.is_compressible || self.len() <= MIN_COMPRESSED_BYTES;
        Self {
            last_modified: self.last_modified,
            cache_control: self.cache_control,
            note: self.note.clone(),
            varies_by_mode: self.varies_by_mode,
            is_for_many_paths: self.is_for_many_paths,
            ..Self::new(self.content_type.clone(), bytes, is_text, effort)
        }
    }

    /// Whether coded forms are made of it. A large file is read for them, which pays only
    /// where they are kept.
    fn may_be_coded(&self) -> bool {
        self.is_compressible && (self.bytes().is_some() || self.is_kept())
    }

    /// The length without a coding, in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.plain.content().map_or(0, Content::len)
    }

    /// The bytes without a coding, where they are in memory.
    pub(crate) fn bytes(&self) -> Option<Bytes> {
        match self.plain.content()? {
            Content::Memory(bytes) => Some(bytes.clone()),
            Content::File(_) => None,
        }
    }

    /// Tells this content from any other: its hash, or of a file that of its state.
    pub(crate) fn state(&self) -> u128 {
        match self.plain.content() {
            Some(Content::File(file)) => file.state(),
            _ => self.plain.hash().unwrap_or_default(),
        }
    }

    /// Puts a coded form in place that was found beside the content.
    pub(crate) fn set_found(&mut self, variant: Variant) {
        let place = self.coded.iter_mut().find(|coded| coded.coding == variant.coding);
        if let Some(place) = place {
            *place = variant;
        }
    }

    /// Notes that this answers later requests as well.
    pub(crate) fn set_kept(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    /// Whether clients get it in codings of their choice.
    pub(crate) fn varies_by_coding(&self) -> bool {
        self.is_compressible || self.available().next().is_some()
    }

    /// Whether this answers later requests as well.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::Relaxed)
    }

    /// What it takes of memory, in bytes: the plain form, an estimate for the three coded ones
    /// that may be made of it, those that were found, and their fields.
    pub(crate) fn weight(&self) -> u64 {
        let in_memory = |variant: &Variant| match variant.content() {
            Some(Content::Memory(bytes)) => bytes.len() as u64,
            Some(Content::File(_)) | None => 0,
        };
        // Of a file as much as it is long: the longest that is coded has to find room.
        let lengths = if self.bytes().is_some() { 2 } else { 1 };
        let made = if self.is_compressible { lengths * self.len() } else { 0 };
        let found: u64 = self.coded.iter().filter(|coded| coded.is_found).map(in_memory).sum();
        in_memory(&self.plain) + made + found + 4096
    }

    /// Answers a GET or a HEAD. `opened` is the file without a coding, where it has just
    /// been opened.
    ///
    /// # Errors
    /// Where the answer is for others to make.
    pub(crate) fn answer(
        self: &Arc<Self>,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Result<Answer, Unanswered> {
        let variant = self.select(asked.request);
        let response = match self.decide(variant, asked) {
            Decision::Whole => {
                return self.whole(variant, asked, opened).ok_or(Unanswered::Changed);
            }
            Decision::NotModified => return Ok(self.not_modified(variant, asked).into()),
            Decision::PreconditionFailed => return Err(Unanswered::PreconditionFailed),
            Decision::Part(range) => self.part(&self.open_for_parts(asked, opened)?, range),
            Decision::Parts(ranges) => self.parts(&self.open_for_parts(asked, opened)?, ranges),
            Decision::Unsatisfiable => return Err(Unanswered::Unsatisfiable),
        };
        Ok(self.prepare(response, asked).into())
    }

    fn decide(&self, variant: &Variant, asked: RequestContext<'_>) -> Decision {
        let etag = self.etag(variant);
        let validators = Validators { etag, last_modified: self.last_modified };
        let len = (variant.coding == Coding::Identity).then(|| self.len());
        Decision::on(asked.request, &validators, len, HttpDate::at(asked.now))
    }

    /// The form in the coding that the client likes best.
    fn select(&self, request: &Request<'_>) -> &Variant {
        if is_ranged(request) || request.headers.get("accept-encoding").is_none() {
            return &self.plain;
        }
        let mut available = [Coding::Identity; Coding::COMPRESSED.len()];
        for (slot, variant) in available.iter_mut().zip(self.available()) {
            *slot = variant.coding;
        }
        let wanted = negotiate(request.headers, &available);
        self.coded.iter().find(|variant| variant.coding == wanted).unwrap_or(&self.plain)
    }

    /// The coded forms that there are or can be.
    fn available(&self) -> impl Iterator<Item = &Variant> {
        let can_be = |variant: &&Variant| {
            variant.content().is_some() || (variant.is_unmade() && self.may_be_coded())
        };
        self.coded.iter().filter(can_be)
    }

    /// All of it, in the coding of `variant`, or as it is where that has no such form.
    pub(crate) fn whole(
        self: &Arc<Self>,
        variant: &Variant,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        match variant.content() {
            Some(Content::Memory(bytes)) => {
                Some(self.whole_in_memory(variant, bytes, asked).into())
            }
            Some(Content::File(file)) if variant.coding == Coding::Identity => {
                let file = opened.or_else(|| file.open(asked.folder))?;
                Some(self.whole_in_file(variant, file, asked).into())
            }
            Some(Content::File(file)) => match file.open(asked.folder) {
                Some(file) => Some(self.whole_in_file(variant, file, asked).into()),
                None => self.whole(&self.plain, asked, opened),
            },
            None if !variant.is_unmade() => self.whole(&self.plain, asked, opened),
            None if asked.request.method == Method::HEAD => {
                let mut response = self.complete(variant, Body::empty());
                response.omits_length = true;
                Some(self.prepare(response, asked).into())
            }
            None => self.whole_to_be_coded(variant, asked, opened),
        }
    }

    fn whole_in_memory(
        &self,
        variant: &Variant,
        bytes: &Bytes,
        asked: RequestContext<'_>,
    ) -> Arc<Prepared> {
        let names_version = self.names_version(asked);
        if let Some(whole) = variant.whole.get().filter(|_| !names_version) {
            return Arc::clone(whole);
        }
        let whole = self.prepare(self.complete(variant, Body::bytes(bytes.clone())), asked);
        // There may have been no memory for it, which is no lasting answer.
        if whole.status == StatusCode::OK && !self.is_for_many_paths && !names_version {
            let _ = variant.whole.set(Arc::clone(&whole));
        }
        whole
    }

    fn whole_in_file(
        self: &Arc<Self>,
        variant: &Variant,
        file: OpenFile,
        asked: RequestContext<'_>,
    ) -> Arc<Prepared> {
        let body = file.into_body();
        self.hash_later(variant, &body, asked.background);
        self.prepare(self.complete(variant, body), asked)
    }

    /// The plain form, of which a client may ask for parts alone: a player of videos does.
    fn open_for_parts(
        self: &Arc<Self>,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Result<Body, Unanswered> {
        let plain = self.open_plain(asked, opened).ok_or(Unanswered::Changed)?;
        self.hash_later(&self.plain, &plain, asked.background);
        Ok(plain)
    }

    /// The file or the bytes without a coding. `None` where the file has changed.
    pub(crate) fn open_plain(
        &self,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Body> {
        match self.plain.content()? {
            Content::Memory(bytes) => Some(Body::bytes(bytes.clone())),
            Content::File(file) => Some(opened.or_else(|| file.open(asked.folder))?.into_body()),
        }
    }

    /// All of it as an answer with another status, which no precondition or range is for
    /// (RFC 9110, 13.2.1).
    pub(crate) fn with_status(
        &self,
        status: StatusCode,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Response> {
        let body = self.open_plain(asked, opened)?;
        let mut response = Response::new(status, self.content_type.clone(), body);
        response.note.clone_from(&self.note);
        Some(response)
    }
}

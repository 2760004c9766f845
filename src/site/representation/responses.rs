//! The responses of a stored representation: in full, in part, or not at all because
//! the client has it.

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use crate::http::{
    StatusCode,
    body::{Body, Part, Source},
    etag::EntityTag,
    form,
    multipart::Multipart,
    prepared::Prepared,
    purpose,
    range::ContentRange,
    response::Response,
};

use crate::site::{
    representation::{
        cache_control, hash::version, stored::StoredRepresentation, variant::Variant,
    },
    request_context::RequestContext,
};

static VARY_BY_BOTH: LazyLock<String> =
    LazyLock::new(|| format!("Accept-Encoding, {}", purpose::VARY));

impl StoredRepresentation {
    /// Prepares a response of this representation, with its fields and its note.
    pub(crate) fn prepare(
        &self,
        mut response: Response,
        asked: RequestContext<'_>,
    ) -> Arc<Prepared> {
        if let Some(cache_control) = self.cache_control_of_version(asked)
            // An error has another.
            && response.get("Cache-Control") == Some(self.cache_control)
        {
            response.set("Cache-Control", cache_control);
        }
        self.prepare_for_all(response, asked)
    }

    /// The same for all who ask for its path, whatever version they name.
    pub(crate) fn prepare_for_all(
        &self,
        mut response: Response,
        asked: RequestContext<'_>,
    ) -> Arc<Prepared> {
        response.note.clone_from(&self.note);
        asked.prepare(response)
    }

    /// Whether the URL names a version, which its answer depends on.
    pub(crate) fn names_version(&self, asked: RequestContext<'_>) -> bool {
        self.may_have_version && version_named(asked).is_some()
    }

    fn cache_control_of_version(&self, asked: RequestContext<'_>) -> Option<&'static str> {
        let named = version_named(asked).filter(|_| self.may_have_version)?;
        let hash = self.file_hash.or_else(|| self.plain.hash());
        Some(cache_control::of_version(hash.is_some_and(|hash| version(hash) == named)))
    }

    /// 200 with all of one form, whose bytes are `body`.
    pub(crate) fn complete(&self, variant: &Variant, body: Body) -> Response {
        let mut response = Response::new(StatusCode::OK, self.content_type.clone(), body);
        response.set("Accept-Ranges", "bytes");
        if let Some(token) = variant.coding.token() {
            response.set("Content-Encoding", token);
        }
        self.describe(variant, response)
    }

    /// 304, prepared once for all, where its fields will stay as they are.
    pub(crate) fn not_modified(
        &self,
        variant: &Variant,
        asked: RequestContext<'_>,
    ) -> Arc<Prepared> {
        let make = || {
            let response = self.describe(variant, Response::empty(StatusCode::NOT_MODIFIED));
            self.prepare(response, asked)
        };
        match self.etag(variant) {
            Some(_) if !self.is_for_many_paths && !self.names_version(asked) => {
                Arc::clone(variant.not_modified.get_or_init(make))
            }
            _ => make(),
        }
    }

    /// 206 with one range of the plain form, whose bytes are `plain`.
    pub(crate) fn part(&self, plain: &Body, range: Range<u64>) -> Response {
        let body = plain.slice(range.clone());
        let content_range = ContentRange::Satisfied { range, len: plain.len() };
        self.partial(self.content_type.clone(), body)
            .with("Content-Range", content_range.to_string())
    }

    /// 206 with several.
    pub(crate) fn parts(&self, plain: &Body, ranges: Vec<Range<u64>>) -> Response {
        let multipart = Multipart::new(self.state(), &self.content_type, ranges, plain.len());
        let text = |text: &str| {
            let bytes = text.as_bytes();
            Part { range: 0..bytes.len() as u64, source: Source::Bytes(bytes.to_vec().into()) }
        };
        let mut parts = Vec::new();
        for part in multipart.parts() {
            parts.push(text(&part.head));
            parts.extend(plain.slice(part.range.clone()).parts().cloned());
        }
        parts.push(text(multipart.end()));
        self.partial(multipart.content_type(), parts.into_iter().collect())
    }

    /// RFC 9110, 15.5.17: a 416 says how long the representation is.
    pub(crate) fn unsatisfiable(&self, page: Response) -> Response {
        let content_range = ContentRange::Unsatisfied { len: self.len() };
        page.with("Content-Range", content_range.to_string()).with("Accept-Ranges", "bytes")
    }

    fn partial(
        &self,
        content_type: impl Into<std::borrow::Cow<'static, str>>,
        body: Body,
    ) -> Response {
        let response = Response::new(StatusCode::PARTIAL_CONTENT, content_type, body);
        self.describe(&self.plain, response.with("Accept-Ranges", "bytes"))
    }

    /// The entity tag of a form; `None` until the file behind it has been hashed.
    pub(crate) fn etag<'a>(&'a self, variant: &'a Variant) -> Option<&'a EntityTag<'static>> {
        match variant.is_found {
            true => variant.etag(),
            // What is made of the same content by the same program is the same.
            false => self.plain.hash().map(|hash| variant.etag_from(hash)),
        }
    }

    /// The fields that a 304 repeats too (RFC 9110, 15.4.5).
    fn describe(&self, variant: &Variant, mut response: Response) -> Response {
        if let Some(etag) = self.etag(variant) {
            response.set("ETag", etag.field_value());
        }
        response.set("Cache-Control", self.cache_control);
        if let Some(date) = self.last_modified {
            response.set("Last-Modified", date.to_string());
        }
        if let Some(vary) = self.vary() {
            response.set("Vary", vary);
        }
        response
    }

    /// The fields by which another client might get other bytes.
    fn vary(&self) -> Option<&'static str> {
        match (self.varies_by_coding(), self.varies_by_mode || self.is_for_many_paths) {
            (true, true) => Some(&VARY_BY_BOTH),
            (true, false) => Some("Accept-Encoding"),
            (false, true) => Some(purpose::VARY),
            (false, false) => None,
        }
    }
}

/// The value of `v` in the URL.
fn version_named(asked: RequestContext<'_>) -> Option<String> {
    let mut pairs = form::pairs(asked.request.target.query()?);
    pairs.find(|(name, _)| name == "v").map(|(_, version)| version)
}

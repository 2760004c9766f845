//! Files that can hold no script, in a tab by themselves: shown in a frame of a page that
//! holds one, so that they are followed like the frames of any other page.

use std::time::SystemTime;

use crate::{
    http::{
        StatusCode, answer::Answer, media_type::MediaType, request::Request, response::Response,
        url_path::UrlPath,
    },
    site::{
        Site,
        request_context::RequestContext,
        resolution::{Kind, Resolution},
        respond::Found,
    },
};

/// The page around the file, whose URL is its own.
const PAGE: &str = include_str!("alone.html");

/// What browsers show by themselves; all else they may save.
const SHOWN: [&str; 13] = [
    "application/json",
    "application/xhtml+xml",
    "application/xml",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/webp",
    "text/css",
    "text/javascript",
    "text/plain",
    "text/xml",
];

/// Header rules with these are meant for the file, and hold it back or keep it.
const FIELDS_FOR_FILE: [&str; 4] =
    ["Cache-Control", "Content-Disposition", "Content-Security-Policy", "X-Frame-Options"];

impl Site {
    /// The page around the file, where a request that is followed is for a tab, and for
    /// such a file.
    pub(crate) fn respond_around(&self, request: &Request<'_>, now: SystemTime) -> Option<Answer> {
        let path = is_for_tab(request).then(|| UrlPath::parse(request.target.path()))?;
        let path = path.as_ref()?;
        // The name alone decides for nearly all requests, without a look at the root.
        let folder = &self.root.last_if_checked_by_path(now);
        let asked = self.context(request, folder, true, now);
        if !is_shown(&self.sent_type(&self.type_of_path(Some(path)), asked)) {
            return None;
        }
        let folder = &self.root.current(now);
        let asked = RequestContext { path: Some(path), folder, ..asked };
        let page = self.around(&self.resolve(asked), asked)?;
        Some(self.answer(Found::Own(page), asked))
    }

    /// What a browser shows: what answers the request, or the page around it.
    pub(crate) fn shown(&self, asked: RequestContext<'_>) -> Resolution {
        let made = self.resolve(asked);
        self.around(&made, asked).unwrap_or(made)
    }

    fn around(&self, made: &Resolution, asked: RequestContext<'_>) -> Option<Resolution> {
        let stored = made.content.stored()?;
        let is_alone = made.kind == Kind::Page
            && self.snippet.is_some()
            && is_for_tab(asked.request)
            && is_shown(&self.sent_type(&stored.content_type, asked))
            && !self.preparation.adds(asked.request.target.path(), &FIELDS_FOR_FILE);
        is_alone.then(|| {
            let response = Response::html(StatusCode::OK, PAGE).with("Cache-Control", "no-store");
            Resolution::once(response, Kind::Page, made.dependencies.clone())
        })
    }
}

fn is_for_tab(request: &Request<'_>) -> bool {
    request.headers.get("Sec-Fetch-Dest") == Some(b"document")
}

fn is_shown(content_type: &str) -> bool {
    let content_type = MediaType::read(content_type);
    SHOWN.iter().any(|shown| content_type.is(shown))
}

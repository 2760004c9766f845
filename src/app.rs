//! The application: the checks that every request passes, the endpoints of live editing, and
//! then the site.

use std::{sync::Arc, time::SystemTime};

use crate::{
    cors,
    hosts::Hosts,
    http::{
        Method, StatusCode, answer::Answer, base_path::Place, body::Body, error::Refusal,
        error_form::ErrorForm, memory::Memory, request::Request, response::Response,
        url_path::UrlPath, websocket,
    },
    live::{self, Endpoint, Listener, Live, OpenPage},
    refusals::Refusals,
    rules::{HeaderRules, RedirectRules},
    server::{Handler, Outbox, Session},
    site::{self, Preparation, Site, redirect_page},
};

/// The site behind the checks that hold for every request.
#[derive(Debug)]
pub struct App {
    site: Arc<Site>,
    live: Option<Live>,
    hosts: Hosts,
    redirects: RedirectRules,
    refusals: Refusals,
    /// Whether websites may ask ahead for what they read.
    allows_cors: bool,
}

impl App {
    /// The site, answering under `hosts`, with no redirects.
    pub fn new(site: impl Into<Arc<Site>>, hosts: Hosts, is_production: bool) -> Self {
        let (redirects, refusals) = (RedirectRules::default(), Refusals::new(is_production));
        let (site, live, allows_cors) = (site.into(), None, false);
        Self { site, live, hosts, redirects, refusals, allows_cors }
    }

    /// The same with live editing.
    #[must_use]
    pub fn with_live(self, live: Live) -> Self {
        Self { live: Some(live), ..self }
    }

    /// The same with these redirects.
    #[must_use]
    pub fn with_redirects(self, redirects: RedirectRules) -> Self {
        Self { redirects, ..self }
    }

    /// The same, which tells websites that they may read it, where that is so.
    #[must_use]
    pub fn with_cors(self, allows_cors: bool) -> Self {
        Self { allows_cors, ..self }
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Answers a request that has no place in the site, whatever its path.
    fn refuse_request(&self, request: &Request<'_>) -> Option<Response> {
        // That of a tunnel is where it leads to.
        let host = request.host.filter(|_| request.method != Method::CONNECT);
        match host.filter(|&host| !self.hosts.allow(host)) {
            Some(host) => Some(self.refusals.host(host, request)),
            None => {
                let preflight = self.allows_cors.then(|| cors::preflight(request)).flatten();
                preflight.or_else(|| self.refusals.method(request))
            }
        }
    }

    /// Answers a request whose path is one of the site.
    fn answer(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        let intercepted = self
            .refuse_request(request)
            .or_else(|| self.endpoint(request))
            .or_else(|| self.redirect(request));
        match intercepted {
            Some(response) => {
                let error_form = ErrorForm::of(request.headers);
                let preparation = self.site.preparation();
                preparation.prepare(request.target.path(), error_form, response).into()
            }
            None => {
                if let Some(live) = &self.live {
                    live.note(request, now);
                }
                self.site.respond(request, now)
            }
        }
    }

    /// Answers a request for a path that is none of the site, because it is served below
    /// one of its own.
    fn answer_outside(&self, request: &Request<'_>, is_above: bool) -> Answer {
        let base_path = self.site.base_path();
        let mut response = self.refuse_request(request).unwrap_or_else(|| match is_above {
            true => site::redirect(base_path.with("/"), request.target.query()),
            false => self.refusals.outside(base_path, request),
        });
        ErrorForm::of(request.headers).apply(&mut response);
        self.site.preparation().finish_refusal(None, response).into()
    }

    /// The answer of live editing, where the request is for it.
    fn endpoint(&self, request: &Request<'_>) -> Option<Response> {
        self.live.as_ref()?;
        let mut response = match Endpoint::at(request.target.path())? {
            Endpoint::Script => script(request),
            Endpoint::Socket => match websocket::accept(request) {
                Ok(response) => response,
                Err(error) => return Some(self.refusals.handshake(error, request)),
            },
        };
        response.note.is_internal = true;
        Some(response)
    }

    /// The answer of the first redirect rule for the path, if there is one.
    fn redirect(&self, request: &Request<'_>) -> Option<Response> {
        if self.redirects.is_empty() {
            return None;
        }
        let path = UrlPath::parse(request.target.path())?;
        let (status, location) = self.redirects.find(path.as_str(), request.target.query())?;
        Some(redirect_page(status, self.site.base_path().with(&location)))
    }
}

/// Sets the fields that every answer has, those for other origins where they are allowed,
/// then applies the header rules for its path, and keeps the bodies of all within `memory`. Without a readable path, the rules for every
/// path apply.
pub fn preparation(headers: HeaderRules, allows_cors: bool, memory: Memory) -> Preparation {
    Preparation::new(memory, move |encoded, response| {
        response.set("X-Content-Type-Options", "nosniff");
        if allows_cors {
            cors::allow(response);
        }
        if headers.is_empty() {
            return;
        }
        let path = encoded.and_then(UrlPath::parse);
        match path.as_ref().map(UrlPath::as_str).or(encoded) {
            Some(path) => headers.apply(path, response),
            None => headers.apply_without_path(response),
        }
    })
}

impl Handler for App {
    fn handle(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        if self.site.base_path().is_root() {
            return self.answer(request, now);
        }
        match self.site.base_path().place(request) {
            Place::Inside(request) => self.answer(&request, now),
            Place::Above => self.answer_outside(request, true),
            Place::Outside => self.answer_outside(request, false),
        }
    }

    fn refuse(&self, refusal: Refusal, request: Option<&Request<'_>>) -> Response {
        let response = request.and_then(|request| self.refuse_request(request));
        let response = response.unwrap_or_else(|| self.refusals.unread(refusal));
        let place = request.map(|request| self.site.base_path().place(request));
        let path = match &place {
            Some(Place::Inside(request)) => Some(request.target.path()),
            _ => None,
        };
        self.site.preparation().finish_refusal(path, response)
    }

    fn open_session(&self, request: &Request<'_>, outbox: Outbox) -> Option<Box<dyn Session>> {
        let live = self.live.as_ref()?;
        Some(Box::new(live.open(request, outbox)))
    }
}

impl Listener for Outbox {
    fn send(&self, text: Arc<str>) -> bool {
        Self::send(self, text)
    }

    fn replace(&self, text: Arc<str>) {
        Self::replace(self, text);
    }
}

impl Session for OpenPage {
    fn receive(&mut self, text: &str) {
        Self::receive(self, text);
    }
}

/// The script of live editing. Under the name of its own bytes browsers keep it.
fn script(request: &Request<'_>) -> Response {
    let is_itself = request.target.query() == Some(live::script_hash());
    let cache_control = if is_itself { "public, max-age=31536000, immutable" } else { "no-cache" };
    let body = Body::bytes(live::SCRIPT.as_bytes().to_vec().into());
    Response::new(StatusCode::OK, "text/javascript; charset=utf-8", body)
        .with("Cache-Control", cache_control)
}

//! The application: the checks that every request passes, the endpoints of live editing, and
//! then the site.

use std::{sync::Arc, time::SystemTime};

use crate::{
    hosts::Hosts,
    http::{
        Method, StatusCode,
        answer::Answer,
        body::Body,
        host::Host,
        memory::Memory,
        request::Request,
        response::Response,
        url_path::UrlPath,
        websocket::{self, HandshakeError},
    },
    live::{self, Listener, Live, OpenPage},
    rules::{HeaderRules, RedirectRules},
    server::{Handler, Outbox, Session},
    site::{Preparation, Site, redirect_page, status_page},
};

const ALLOW: &str = "GET, HEAD, OPTIONS";

/// The site behind the checks that hold for every request.
#[derive(Debug)]
pub struct App {
    site: Arc<Site>,
    live: Option<Live>,
    hosts: Hosts,
    redirects: RedirectRules,
    /// Whether clients see details.
    is_production: bool,
}

impl App {
    /// The site, answering under `hosts`, with no redirects.
    pub fn new(site: impl Into<Arc<Site>>, hosts: Hosts, is_production: bool) -> Self {
        let redirects = RedirectRules::default();
        Self { site: site.into(), live: None, hosts, redirects, is_production }
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

    /// The site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Answers what is not for the site to answer.
    fn intercept(&self, request: &Request<'_>) -> Option<Response> {
        if let Some(host) = request.host.filter(|&host| !self.hosts.allow(host)) {
            return Some(self.refuse_host(host, request.headers.wants_html()));
        }
        match request.method {
            Method::GET | Method::HEAD => self.endpoint(request).or_else(|| self.redirect(request)),
            Method::OPTIONS => {
                let text = "text/plain; charset=utf-8";
                Some(Response::new(StatusCode::OK, text, Body::empty()).with("Allow", ALLOW))
            }
            _ => Some(self.refuse_method(request)),
        }
    }

    /// The answer of live editing, where the request is for it.
    fn endpoint(&self, request: &Request<'_>) -> Option<Response> {
        self.live.as_ref()?;
        let mut response = match request.target.path() {
            live::SCRIPT_PATH => script(request),
            live::SOCKET_PATH => match websocket::accept(request) {
                Ok(response) => response,
                Err(error) => return Some(self.refuse_handshake(error, request)),
            },
            _ => return None,
        };
        response.note.is_internal = true;
        Some(response)
    }

    fn refuse_handshake(&self, error: HandshakeError<'_>, request: &Request<'_>) -> Response {
        let (status, reason) = (error.status(), error.to_string());
        error.complete(self.status(status, &reason, request.headers.wants_html()))
    }

    /// The answer of the first redirect rule for the path, if there is one.
    fn redirect(&self, request: &Request<'_>) -> Option<Response> {
        if self.redirects.is_empty() {
            return None;
        }
        let path = UrlPath::parse(request.target.path())?;
        let (status, location) = self.redirects.find(path.as_str(), request.target.query())?;
        Some(redirect_page(status, location))
    }

    /// RFC 9110, 15.5.20: the request was for another server.
    fn refuse_host(&self, host: Host<'_>, wants_html: bool) -> Response {
        let name = host.name();
        let allowed = if is_plain(name) { name } else { "NAME" };
        let reason = format!(
            "this server does not answer to the name `{name}`, because a website could lead a \
             name of its own here and read what is served (DNS rebinding); if the name is yours, \
             start the server with `--allowed-host {allowed}` or add it to `allowed_hosts`"
        );
        let mut response = self.status(StatusCode::MISDIRECTED_REQUEST, &reason, wants_html);
        response.note.message = Some(format!("warning: {reason}"));
        response
    }

    /// RFC 9110, 9.1: 405 for a method that the server knows, 501 for any other.
    fn refuse_method(&self, request: &Request<'_>) -> Response {
        let method = &request.method;
        let wants_html = request.headers.wants_html();
        let known = [
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::TRACE,
            Method::CONNECT,
        ];
        if !known.contains(method) {
            let reason = format!("this server does not know the method `{method}`");
            return self.status(StatusCode::NOT_IMPLEMENTED, &reason, wants_html);
        }
        let reason = format!("files take no `{method}`; they can be read with GET and HEAD");
        self.status(StatusCode::METHOD_NOT_ALLOWED, &reason, wants_html).with("Allow", ALLOW)
    }

    fn status(&self, status: StatusCode, reason: &str, wants_html: bool) -> Response {
        status_page(status, (!self.is_production).then_some(reason), wants_html)
    }
}

/// Sets the fields that every answer has, then applies the header rules for its path, and
/// keeps the bodies of all within `memory`. Without a readable path, the rules for every
/// path apply.
pub fn preparation(headers: HeaderRules, memory: Memory) -> Preparation {
    Preparation::new(memory, move |encoded, response| {
        response.set("X-Content-Type-Options", "nosniff");
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
        match self.intercept(request) {
            Some(response) => {
                self.site.preparation().prepare(request.target.path(), response).into()
            }
            None => self.site.respond(request, now),
        }
    }

    fn refuse(&self, status: StatusCode, reason: &str) -> Response {
        self.site.preparation().finish_refusal(self.status(status, reason, false))
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

/// Whether `name` means nothing but itself in a shell and in `allowed_hosts`: the client
/// chose it, and a person may copy it from the terminal.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_is_offered_for_copying() {
        for name in ["my.test", "a_b-1.example", "xn--caf-dma.example."] {
            assert!(is_plain(name), "{name}");
        }
        for name in
            ["*", ".com", "*.com", "--production", "a;b", "$HOME", "a&b", "a'b", "a(b)", "%41"]
        {
            assert!(!is_plain(name), "{name}");
        }
    }
}

//! What a request gets: the checks that come before any page, the endpoints of live
//! editing, then the site.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use crate::{
    http::{
        Method, StatusCode,
        body::Body,
        host::Host,
        prepared::Prepared,
        request::Request,
        response::Response,
        url_path::UrlPath,
        websocket::{self, HandshakeError},
    },
    live::{self, Listener, Live, Showing},
    rules::{HeaderRules, RedirectRules},
    server::{Handler, Outbox, Session},
    site::{Site, status_page, wants_html},
};

const ALLOW: &str = "GET, HEAD, OPTIONS";

/// The site behind the checks that hold for every request.
#[derive(Debug)]
pub struct App {
    site: Arc<Site>,
    live: Option<Live>,
    hosts: Hosts,
    headers: HeaderRules,
    redirects: RedirectRules,
    /// Whether clients are told details.
    is_production: bool,
}

/// Which `Host` a request may name.
///
/// A page on the network can make a browser ask this machine under a name of its
/// own (DNS rebinding) and then read the answer. So where only this machine can
/// connect, only names that always mean this machine are answered.
#[derive(Clone, Debug)]
pub enum Hosts {
    /// Any: the server is open to the network as it is.
    Any,
    /// `localhost`, names below it, addresses, and these.
    LocalAnd(Vec<String>),
}

impl Hosts {
    /// The rule for a server that listens on `addresses`.
    pub fn new(addresses: &[IpAddr], allowed: Vec<String>) -> Self {
        let is_local = addresses.iter().all(IpAddr::is_loopback);
        if !is_local || allowed.iter().any(|name| name == "*") {
            return Self::Any;
        }
        Self::LocalAnd(allowed)
    }

    fn allow(&self, host: Host<'_>) -> bool {
        let Self::LocalAnd(allowed) = self else { return true };
        let name = host.name_without_dot();
        // `localhost` itself and names below it (RFC 6761, 6.3).
        let mut labels = name.as_bytes().rsplit(|&byte| byte == b'.');
        let is_localhost =
            labels.next().is_some_and(|label| label.eq_ignore_ascii_case(b"localhost"));
        is_localhost
            || host.is_address()
            || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    }
}

impl App {
    /// The site, answering under `hosts`, with no rules.
    pub fn new(site: impl Into<Arc<Site>>, hosts: Hosts, is_production: bool) -> Self {
        let (headers, redirects) = (HeaderRules::default(), RedirectRules::default());
        Self { site: site.into(), live: None, hosts, headers, redirects, is_production }
    }

    /// The same with live editing.
    #[must_use]
    pub fn with_live(self, live: Live) -> Self {
        Self { live: Some(live), ..self }
    }

    /// The same with these rules.
    #[must_use]
    pub fn with_rules(self, headers: HeaderRules, redirects: RedirectRules) -> Self {
        Self { headers, redirects, ..self }
    }

    /// The site.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Answers what is not for the site to answer.
    fn intercept(&self, request: &Request<'_>) -> Option<Response> {
        if let Some(host) = request.host.filter(|&host| !self.hosts.allow(host)) {
            return Some(self.refuse_host(host, wants_html(request.headers)));
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
        error.complete(self.status(status, &reason, wants_html(request.headers)))
    }

    /// The answer of the first redirect rule for the path, if there is one.
    fn redirect(&self, request: &Request<'_>) -> Option<Response> {
        if self.redirects.is_empty() {
            return None;
        }
        let path = UrlPath::parse(request.target.path())?;
        self.redirects.find(path.as_str(), request.target.query())
    }

    /// Sets what all answers have alike, and lets the header rules for the path have
    /// the last word.
    fn finish(&self, request: &Request<'_>, response: &mut Response) {
        response.set("X-Content-Type-Options", "nosniff");
        if self.headers.is_empty() {
            return;
        }
        let encoded = request.target.path();
        match UrlPath::parse(encoded) {
            Some(path) => self.headers.apply(path.as_str(), response),
            None => self.headers.apply(encoded, response),
        }
    }

    /// RFC 9110, 15.5.20: the request was for somebody else.
    fn refuse_host(&self, host: Host<'_>, wants_html: bool) -> Response {
        let name = host.name();
        let reason = format!(
            "this server answers to local names only, and the request was for `{name}`; to allow \
             that name, start it with `--allowed-host {name}` or add it to `allowed_hosts`"
        );
        let mut response = self.status(StatusCode::MISDIRECTED_REQUEST, &reason, wants_html);
        response.note.message = Some(format!("warning: {reason}"));
        response
    }

    /// RFC 9110, 9.1: 405 for a method that the server knows, 501 for any other.
    fn refuse_method(&self, request: &Request<'_>) -> Response {
        let method = &request.method;
        let wants_html = wants_html(request.headers);
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

impl Handler for App {
    fn handle(&self, request: &Request<'_>, now: SystemTime) -> Arc<Prepared> {
        let finish = |response: &mut Response| self.finish(request, response);
        let Some(mut response) = self.intercept(request) else {
            return self.site.respond(request, now, &finish);
        };
        finish(&mut response);
        response.into()
    }

    fn refuse(&self, status: StatusCode, reason: &str) -> Response {
        self.status(status, reason, false).with("X-Content-Type-Options", "nosniff")
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

impl Session for Showing {
    fn receive(&mut self, text: &str) {
        Self::receive(self, text);
    }
}

/// The script of live editing. Under the name of its own bytes it is kept for ever.
fn script(request: &Request<'_>) -> Response {
    let is_itself = request.target.query() == Some(live::script_hash());
    let cache_control = if is_itself { "public, max-age=31536000, immutable" } else { "no-cache" };
    let body = Body::bytes(live::script().as_bytes().into());
    Response::new(StatusCode::OK, "text/javascript; charset=utf-8", body)
        .with("Cache-Control", cache_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(hosts: &Hosts, authority: &str) -> bool {
        hosts.allow(Host::parse(authority).unwrap())
    }

    #[test]
    fn on_loopback_only_local_and_allowed_names_are_answered() {
        let hosts = Hosts::new(&["127.0.0.1".parse().unwrap()], vec!["My.test".to_owned()]);
        for name in [
            "localhost",
            "LOCALHOST:80",
            "localhost.",
            "a.localhost:1",
            "127.0.0.1",
            "[::1]:8889",
            "192.168.1.2",
            "my.test:80",
        ] {
            assert!(allows(&hosts, name), "{name}");
        }
        for name in [
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "my.test.example",
            "127.0.0.1.example",
        ] {
            assert!(!allows(&hosts, name), "{name}");
        }
    }

    #[test]
    fn an_open_server_or_a_star_allows_any_name() {
        let open = Hosts::new(&["0.0.0.0".parse().unwrap()], Vec::new());
        let star = Hosts::new(&["::1".parse().unwrap()], vec!["*".to_owned()]);
        assert!(allows(&open, "example.com") && allows(&star, "example.com"));
    }
}

//! Requests that get no answer of the site: what the client gets, and what is said at the
//! terminal, once each, of reasons that a client does not show.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use crate::{
    http::{
        Method, StatusCode, base_path::BasePath, error::Refusal, form::SentContent, host::Host,
        request::Request, response::Response, websocket::HandshakeError,
    },
    site::{not_allowed_page, status_page},
};

const ALLOW: &str = "GET, HEAD, OPTIONS";

/// How many different texts are said: clients choose the names in them.
const MAX_SAID: usize = 100;

/// Writes the answers.
#[derive(Debug)]
pub(crate) struct Refusals {
    /// Whether clients see no reasons.
    is_production: bool,
    /// The hashes of what has been said at the terminal.
    said: Mutex<HashSet<u64>>,
}

impl Refusals {
    pub(crate) fn new(is_production: bool) -> Self {
        Self { is_production, said: Mutex::default() }
    }

    /// Answers what could not be read as a request, or not be handled.
    pub(crate) fn unread(&self, Refusal { status, reason, is_for_owner }: Refusal) -> Response {
        let response = self.status(status, reason, false);
        if is_for_owner { self.say(reason, response) } else { response }
    }

    /// RFC 9110, 15.5.20: the request was for another server.
    pub(crate) fn host(&self, host: Host<'_>, request: &Request<'_>) -> Response {
        let name = host.name();
        let allowed = if is_plain(name) { name } else { "NAME" };
        let or_proxy = match request.target.host() {
            Some(_) => " (or take this server out of the proxy settings of the client)",
            None => "",
        };
        let reason = format!(
            "this server does not answer to the name `{name}`, because a website could lead a \
             name of its own here and read what is served (DNS rebinding); if the name is yours, \
             start the server with `--allowed-host {allowed}` or add it to `allowed_hosts`{or_proxy}"
        );
        let status = StatusCode::MISDIRECTED_REQUEST;
        self.say(&reason, self.status(status, &reason, request.headers.wants_html()))
    }

    /// RFC 9110, 9.1: 405 for a method that the server knows, 501 for any other. `None`
    /// for those that read.
    pub(crate) fn method(&self, request: &Request<'_>) -> Option<Response> {
        let wants_html = request.headers.wants_html();
        let not_allowed = StatusCode::METHOD_NOT_ALLOWED;
        Some(match request.method {
            Method::GET | Method::HEAD => return None,
            Method::OPTIONS => Response::text(StatusCode::OK, "").with("Allow", ALLOW),
            Method::CONNECT => {
                let reason = "a client takes this server for a proxy: take it out of the proxy \
                              settings of the browser or the system";
                let response = self.status(not_allowed, reason, wants_html).with("Allow", ALLOW);
                self.say(reason, response)
            }
            Method::POST | Method::PUT | Method::DELETE | Method::PATCH | Method::TRACE => {
                self.not_allowed(request).with("Allow", ALLOW)
            }
            ref method => {
                let reason = format!("this server does not know the method `{method}`");
                self.status(StatusCode::NOT_IMPLEMENTED, &reason, wants_html)
            }
        })
    }

    /// The answer to a form or a script that files do not take; in development it shows what
    /// was sent.
    fn not_allowed(&self, request: &Request<'_>) -> Response {
        let method = &request.method;
        let wants_html = request.headers.wants_html();
        if wants_html && !self.is_production {
            return not_allowed_page(method, &SentContent::of(request));
        }
        let reason = format!(
            "files take no `{method}`; they can be read with GET and HEAD, and a form service, or \
             a backend behind a proxy, can take it"
        );
        self.status(StatusCode::METHOD_NOT_ALLOWED, &reason, wants_html)
    }

    /// Refuses a WebSocket. Browsers show the page that asks for one no reason, and it asks
    /// again: the log has a line of the first attempt.
    pub(crate) fn handshake(&self, error: HandshakeError<'_>, request: &Request<'_>) -> Response {
        let (status, reason) = (error.status(), error.to_string());
        let response = self.status(status, &reason, request.headers.wants_html());
        let mut response = error.complete(response);
        if request.headers.get("sec-websocket-key").is_some() {
            response = self.say(&reason, response);
            response.note.is_internal = response.note.message.is_none();
        }
        response
    }

    /// Answers a path that is not below the one at which the site is served.
    pub(crate) fn outside(&self, base_path: &BasePath, request: &Request<'_>) -> Response {
        let (root, path) = (base_path.with("/"), request.target.path());
        let inside = base_path.with(path);
        let reason = format!(
            "the site is at `{root}`, as `base_path` says: `{path}` would be `{inside}` there"
        );
        self.status(StatusCode::NOT_FOUND, &reason, request.headers.wants_html())
    }

    fn status(&self, status: StatusCode, reason: &str, wants_html: bool) -> Response {
        status_page(status, (!self.is_production).then_some(reason), wants_html)
    }

    /// The response, which says `reason` at the terminal unless it has been said.
    fn say(&self, reason: &str, mut response: Response) -> Response {
        let mut hasher = DefaultHasher::new();
        reason.hash(&mut hasher);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < MAX_SAID && said.insert(hasher.finish()) {
            response.note.message = Some(format!("warning: {reason}"));
        }
        response
    }
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
    use crate::http::error::RequestError;

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

    #[test]
    fn each_reason_is_said_once_and_not_more_than_a_hundred() {
        let refusals = Refusals::new(true);
        let tls = || refusals.unread(RequestError::Tls.into()).note.message;
        assert!(tls().is_some_and(|line| line.contains("https://") && !line.contains('\n')));
        assert_eq!(tls(), None);
        assert_eq!(refusals.unread(RequestError::MethodSyntax.into()).note.message, None);
        let say = |n: usize| refusals.say(&n.to_string(), Response::text(StatusCode::OK, ""));
        let said = (0..1000).filter(|n| say(*n).note.message.is_some()).count();
        assert_eq!(said, MAX_SAID - 1);
    }
}

//! The answer to what has been read, whether it is a request or not.

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Event, Exchange, Handler, turn::Turn, websocket::WebSocketSession};
use crate::http::{
    Method, StatusCode,
    answer::{Answer, Promise},
    error::Refusal,
    prepared::{Persistence, Prepared},
    request::{Request, Version},
};

/// A response, with all that decides how it is sent. `R` is [`Arc<Prepared>`], or
/// [`Answer`] where that may still be in the making.
#[derive(Debug)]
pub(super) struct Reply<R = Arc<Prepared>> {
    pub(super) response: R,
    pub(super) sends_body: bool,
    pub(super) persistence: Persistence,
    /// Whether this was the last request, by the client's own header.
    pub(super) is_last: bool,
    /// The session that takes over the connection after a 101.
    pub(super) session: Option<WebSocketSession>,
    pub(super) exchange: Option<(Box<Exchange>, Instant)>,
}

impl Reply<Answer> {
    /// The handler's answer. A panic in it is answered too, and stays here.
    pub(super) fn to(request: &Request<'_>, head: &[u8], turn: &Turn<'_>, peer: IpAddr) -> Self {
        let handler = &*turn.shared.handler;
        let (response, session) = catch_unwind(AssertUnwindSafe(|| answer(request, turn)))
            .unwrap_or_else(|_| failure(handler, "the server failed in handling this request"));
        // What is answered instead has the same status and note.
        let known = match &response {
            Answer::Ready(response) => response,
            Answer::Later(promise) => promise.instead(),
        };
        let persistence = match request.version {
            // The 101 has its own field `Connection`.
            _ if session.is_some() => Persistence::KeepAlive,
            _ if !request.allows_keep_alive || turn.is_stopping => Persistence::Close,
            Version::Http10 => Persistence::KeepAliveSaid,
            Version::Http11 => Persistence::KeepAlive,
        };
        let exchange = turn.shared.records(known).then(|| {
            let text =
                |name| request.headers.get(name).map(|value| String::from_utf8_lossy(value).into());
            let mut exchange = turn.exchange(known, head, peer);
            exchange.referer = text("referer");
            exchange.user_agent = text("user-agent");
            (Box::new(exchange), turn.now)
        });
        let sends_body = request.method != Method::HEAD;
        let is_last = !request.allows_keep_alive;
        Self { response, sends_body, persistence, is_last, session, exchange }
    }
}

impl<R> Reply<R> {
    /// The same with another response.
    pub(super) fn with<S>(self, response: S) -> Reply<S> {
        let Self { sends_body, persistence, is_last, session, exchange, .. } = self;
        Reply { response, sends_body, persistence, is_last, session, exchange }
    }

    /// The response and the rest.
    pub(super) fn split(self) -> (R, Reply<()>) {
        let Self { response, sends_body, persistence, is_last, session, exchange } = self;
        (response, Reply { response: (), sends_body, persistence, is_last, session, exchange })
    }
}

impl Reply<Promise> {
    /// Accounts for a reply that is not sent.
    pub(super) fn record(self, events: &mut Vec<Event>) {
        if let Some((mut exchange, began)) = self.exchange {
            exchange.duration = began.elapsed();
            events.push(Event::Exchange(exchange));
        }
    }
}

impl Reply {
    /// The answer to what is no request, or to one whose body is not read, after which the
    /// connection ends.
    pub(super) fn refusal(
        refusal: Refusal,
        request: Option<&Request<'_>>,
        turn: &Turn<'_>,
        peer: IpAddr,
    ) -> Self {
        let input = turn.workspace.input.bytes();
        let mut response = turn.shared.handler.refuse(refusal, request);
        // Any client that is refused for want of room may come again, whatever the handler is.
        if refusal.status == StatusCode::SERVICE_UNAVAILABLE
            && response.get("Retry-After").is_none()
        {
            response.set("Retry-After", "1");
        }
        let response = Arc::new(Prepared::from(response));
        let exchange = turn
            .shared
            .records(&response)
            .then(|| (Box::new(turn.exchange(&response, input, peer)), turn.now));
        // Even a broken HEAD must not get a body (RFC 9110, 9.3.2).
        let sends_body = !input.trim_ascii_start().starts_with(b"HEAD ");
        let persistence = Persistence::Close;
        Self { response, sends_body, persistence, is_last: false, session: None, exchange }
    }
}

/// The handler's answer and, if that is a 101, the session that follows.
fn answer(request: &Request<'_>, turn: &Turn<'_>) -> (Answer, Option<WebSocketSession>) {
    let handler = &*turn.shared.handler;
    let answer = handler.handle(request, turn.wall);
    match &answer {
        Answer::Ready(response) if response.status == StatusCode::SWITCHING_PROTOCOLS => {}
        _ => return (answer, None),
    }
    match WebSocketSession::open(handler, request, turn) {
        Some(session) => (answer, Some(session)),
        None => failure(handler, "the server accepted a WebSocket and has no session for it"),
    }
}

fn failure(handler: &dyn Handler, reason: &'static str) -> (Answer, Option<WebSocketSession>) {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let response = handler.refuse(Refusal { status, reason, is_for_owner: false }, None);
    (Arc::<Prepared>::from(response).into(), None)
}

impl Turn<'_> {
    fn exchange(&self, response: &Arc<Prepared>, head: &[u8], peer: IpAddr) -> Exchange {
        let line = head.trim_ascii_start().split(|&byte| matches!(byte, b'\r' | b'\n')).next();
        // What is no text is another protocol, and no line.
        let line = line.filter(|line| line.first().is_some_and(u8::is_ascii_graphic));
        Exchange {
            peer,
            received: self.wall,
            duration: Duration::ZERO,
            request_line: String::from_utf8_lossy(line.unwrap_or_default()).into(),
            head: self.shared.options.keeps_heads.then(|| head.to_vec()),
            referer: None,
            user_agent: None,
            body_bytes: 0,
            status: response.status,
            note: Arc::clone(&response.note),
        }
    }
}

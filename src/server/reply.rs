//! The answer to what has been read, whether it is a request or not.

use std::{
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Exchange, turn::Turn, websocket::Talk};
use crate::http::{
    Method, StatusCode,
    prepared::{Persistence, Prepared},
    request::{Request, Version},
};

/// A response with all that decides how it is sent.
pub(super) struct Reply {
    pub(super) response: Arc<Prepared>,
    pub(super) sends_body: bool,
    pub(super) persistence: Persistence,
    /// Whether the client has said that this was its last request.
    pub(super) is_last: bool,
    /// Who goes on with the connection after a 101.
    pub(super) talk: Option<Talk>,
    pub(super) exchange: Option<(Box<Exchange>, Instant)>,
}

impl Reply {
    /// The handler's answer. A panic in it is answered too, and stays here.
    pub(super) fn to(request: &Request<'_>, head: &[u8], turn: &Turn<'_>, peer: IpAddr) -> Self {
        let handler = &*turn.shared.handler;
        let (response, talk) = catch_unwind(AssertUnwindSafe(|| answer(request, turn)))
            .unwrap_or_else(|_| {
                let reason = "the server failed in handling this request";
                (handler.refuse(StatusCode::INTERNAL_SERVER_ERROR, reason).into(), None)
            });
        let persistence = match request.version {
            // What becomes of the connection, the 101 says itself.
            _ if talk.is_some() => Persistence::KeepAlive,
            _ if !request.allows_keep_alive || turn.is_stopping => Persistence::Close,
            Version::Http10 => Persistence::KeepAliveSaid,
            Version::Http11 => Persistence::KeepAlive,
        };
        let exchange = turn.shared.records(&response).then(|| {
            let text =
                |name| request.headers.get(name).map(|value| String::from_utf8_lossy(value).into());
            let mut exchange = turn.exchange(&response, head, peer);
            exchange.referer = text("referer");
            exchange.user_agent = text("user-agent");
            (Box::new(exchange), turn.now)
        });
        let sends_body = request.method != Method::HEAD;
        let is_last = !request.allows_keep_alive;
        Self { response, sends_body, persistence, is_last, talk, exchange }
    }

    /// The answer to what is no request, after which the connection ends.
    pub(super) fn refusal(status: StatusCode, reason: &str, turn: &Turn<'_>, peer: IpAddr) -> Self {
        let input = turn.workspace.input.bytes();
        let mut response = turn.shared.handler.refuse(status, reason);
        if status == StatusCode::SERVICE_UNAVAILABLE {
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
        Self { response, sends_body, persistence, is_last: false, talk: None, exchange }
    }
}

/// The handler's answer and, where that is 101, who talks on.
fn answer(request: &Request<'_>, turn: &Turn<'_>) -> (Arc<Prepared>, Option<Talk>) {
    let handler = &*turn.shared.handler;
    let response = handler.handle(request, turn.wall);
    if response.status != StatusCode::SWITCHING_PROTOCOLS {
        return (response, None);
    }
    match Talk::open(handler, request, turn) {
        Some(talk) => (response, Some(talk)),
        None => {
            let reason = "the server agreed to talk and has nobody who does";
            (handler.refuse(StatusCode::INTERNAL_SERVER_ERROR, reason).into(), None)
        }
    }
}

impl Turn<'_> {
    fn exchange(&self, response: &Arc<Prepared>, head: &[u8], peer: IpAddr) -> Exchange {
        let line = head.trim_ascii_start().split(|&byte| matches!(byte, b'\r' | b'\n')).next();
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

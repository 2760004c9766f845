//! The connection driven by hand, over a stream that follows a script.

use std::{collections::VecDeque, io::Write, sync::Arc, time::SystemTime};

use super::*;
use crate::{
    http::{
        StatusCode,
        answer::Answer,
        body::Body,
        request::{Limits, Request},
        response::Response,
    },
    server::{Event, Handler, input::Input, scripted::Bench, turn::Workspace},
};

/// Says the method and the path back; `/panic` panics, `/file` is a file.
struct Echo;

impl Handler for Echo {
    fn handle(&self, request: &Request<'_>, _now: SystemTime) -> Answer {
        let response = match request.target.path() {
            "/panic" => panic!("as the test wants"),
            "/parts" => {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(b"0123456789").unwrap();
                let body = Body::file(Arc::new(file), 10);
                let parts = (0..10).flat_map(|part| {
                    let bytes = Body::bytes(b"a".repeat(1000).into());
                    [bytes, body.slice(part..part + 1)]
                        .map(|body| body.parts().cloned().collect::<Vec<_>>())
                });
                Response::new(StatusCode::OK, "text/plain", parts.flatten().collect())
            }
            "/file" => {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(&vec![b'f'; 200_000]).unwrap();
                let body = Body::file(Arc::new(file), 200_000);
                Response::new(StatusCode::OK, "text/plain", body)
            }
            "/much" => {
                let file = tempfile::tempfile().unwrap();
                file.set_len(600_000).unwrap();
                let body = Body::file(Arc::new(file), 600_000);
                Response::new(StatusCode::OK, "text/plain", body)
            }
            "/short" => {
                let body = Body::file(Arc::new(tempfile::tempfile().unwrap()), 10);
                Response::new(StatusCode::OK, "text/plain", body)
            }
            "/content" => {
                let content = request.content.unwrap();
                let text = String::from_utf8_lossy(content.start);
                Response::text(StatusCode::OK, format!("{text} of {}", content.len))
            }
            "/arrived" => Response::text(StatusCode::OK, request.arrived_by.is_some().to_string()),
            path => Response::text(StatusCode::OK, format!("{} {path}", request.method)),
        };
        response.into()
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(Arc::new(Echo))
    }

    /// With buffers that are small, and none for the first bytes of a file.
    fn with(handler: Arc<dyn Handler>) -> Self {
        let limits = Limits {
            max_target_bytes: 100,
            max_head_bytes: 1000,
            max_header_fields: 20,
            max_body_bytes: 1000,
        };
        let workspace = Workspace {
            input: Input::new(2000),
            front: Vec::new(),
            chunk: Vec::new(),
            events: Vec::new(),
        };
        Self::open(handler, limits, workspace)
    }

    /// The client sends these.
    fn arrive(&self, bytes: impl AsRef<[u8]>) {
        self.client.sent.borrow_mut().extend(bytes.as_ref());
    }

    /// The client sends no more.
    fn end(&self) {
        self.client.has_ended.set(true);
    }

    fn drive(&mut self) -> Next {
        self.turn(Connection::drive)
    }

    /// Drives until the connection is no longer ready. Progress is that of all its turns.
    fn settle(&mut self) -> Next {
        let mut has_progressed = false;
        loop {
            match self.drive() {
                Next::Again(waiting) => has_progressed |= waiting.has_progressed,
                Next::Wait(waiting) => {
                    has_progressed |= waiting.has_progressed;
                    return Next::Wait(Waiting { has_progressed, ..waiting });
                }
                Next::Close => return Next::Close,
            }
        }
    }

    /// Sends `bytes` in pieces of `size`, with a pause after each.
    fn send(&mut self, bytes: &(impl AsRef<[u8]> + ?Sized), size: usize) -> Next {
        let mut next = self.settle();
        for chunk in bytes.as_ref().chunks(size) {
            self.arrive(chunk);
            next = self.settle();
        }
        next
    }

    fn written(&self) -> String {
        String::from_utf8(self.client.received.borrow().clone()).unwrap()
    }

    /// Status and body of each response, in order.
    fn answers(&self) -> Vec<String> {
        let written = self.written();
        written
            .split("HTTP/1.1 ")
            .filter(|answer| answer.starts_with(|c: char| c.is_ascii_digit()))
            .map(|answer| {
                let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                format!("{} {body}", &head[..3])
            })
            .collect()
    }
}

const IDLE: Next = Next::Wait(Waiting { deadline: Deadline::Idle, has_progressed: true });

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")
}

#[test]
fn a_response_leaves_in_one_write_and_leaves_no_buffer() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(&get("/a"), 1000), IDLE);
    assert_eq!(bench.answers(), ["200 GET /a"]);
    assert_eq!(bench.client.writes.get(), 1);
    assert_eq!(bench.connection.leftover.capacity(), 0);
}

#[test]
fn answers_do_not_depend_on_how_the_bytes_were_split() {
    let requests = format!(
        "{}POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc\
         PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: t\r\n\r\n\
         \r\n{}HEAD /e HTTP/1.1\r\nHost: h\r\n\r\n{}",
        get("/a"),
        get("/d"),
        get("/f")
    );
    for size in [1, 2, 3, 7, 50, 2000] {
        let mut bench = Bench::new();
        assert_eq!(bench.send(&requests, size), IDLE);
        let expected =
            ["200 GET /a", "200 POST /b", "200 PUT /c", "200 GET /d", "200 ", "200 GET /f"];
        assert_eq!(bench.answers(), expected, "in pieces of {size}");
    }
}

#[test]
fn a_hundred_pipelined_requests_are_answered_in_order() {
    let paths: Vec<String> = (0..100).map(|n| format!("/{n}")).collect();
    let requests: String = paths.iter().map(|path| get(path)).collect();
    let mut bench = Bench::new();
    assert_eq!(bench.send(&requests, requests.len()), IDLE);
    let expected: Vec<String> = paths.iter().map(|path| format!("200 GET {path}")).collect();
    assert_eq!(bench.answers(), expected);
}

/// What follows in the same turn may have come after what the system has reported.
#[test]
fn only_the_first_request_of_a_turn_is_known_to_have_arrived() {
    let post = "POST /arrived HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";
    let expecting = post.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let one = get("/arrived");
    for (parts, expected) in [
        (&[&*one.repeat(3)][..], &["200 true", "200 false", "200 false"][..]),
        (&[&one, &one], &["200 true", "200 true"]),
        (&[&one[..20], &one[20..]], &["200 true"]),
        (&[post, &format!("abc{one}")], &["200 false", "200 false"]),
        (&[post, "abc", &one], &["200 false", "200 true"]),
        (&[&expecting, &format!("abc{one}")], &["100 ", "200 false", "200 false"]),
    ] {
        let mut bench = Bench::new();
        for part in parts {
            bench.arrive(part);
            bench.settle();
        }
        assert_eq!(bench.answers(), expected, "{parts:?}");
    }
}

#[test]
fn one_connection_does_not_keep_the_turn() {
    let mut bench = Bench::new();
    bench.arrive(get("/").repeat(50));
    let next = bench.drive();
    assert!(matches!(next, Next::Again(Waiting { has_progressed: true, .. })), "{next:?}");
}

#[test]
fn a_slow_reader_gets_every_byte_of_a_file() {
    let mut bench = Bench::new();
    bench.client.window.set(10);
    bench.arrive(get("/file"));
    let stalled = Next::Wait(Waiting { deadline: Deadline::Stall, has_progressed: true });
    for window in [1, 7, 1000, 70_000, 130_000] {
        assert_eq!(bench.settle(), stalled);
        bench.client.window.set(window);
    }
    assert_eq!(bench.settle(), IDLE);
    let written = bench.written();
    assert_eq!(written.split_once("\r\n\r\n").unwrap().1, "f".repeat(200_000));
    let Event::Exchange(exchange) = bench.workspace.events.remove(0) else { panic!() };
    assert_eq!(
        (exchange.body_bytes, exchange.request_line.as_str()),
        (200_000, "GET /file HTTP/1.1")
    );
}

#[test]
fn a_large_file_gives_way_to_others_after_each_piece() {
    let mut bench = Bench::new();
    bench.client.at_once.set(70_000);
    bench.arrive(get("/file"));
    let again = Next::Again(Waiting { deadline: Deadline::Stall, has_progressed: true });
    assert_eq!([bench.drive(), bench.drive()], [again; 2]);
    assert_eq!(bench.drive(), IDLE);
}

#[test]
fn short_parts_go_out_in_one_write() {
    let mut bench = Bench::new();
    let expected: String = (0..10).map(|part| "a".repeat(1000) + &part.to_string()).collect();
    bench.arrive(get("/parts"));
    assert_eq!((bench.drive(), bench.client.writes.get()), (IDLE, 1));
    assert_eq!(bench.written().split_once("\r\n\r\n").unwrap().1, expected);
}

#[test]
fn a_short_answer_may_break_off_at_any_byte() {
    let mut bench = Bench::new();
    bench.send(&get("/a"), 1000);
    let whole = bench.written();
    for window in 0..whole.len() {
        let mut bench = Bench::new();
        bench.client.window.set(window);
        bench.send(&get("/a"), 1000);
        bench.client.window.set(usize::MAX);
        assert_eq!((bench.settle(), bench.written()), (IDLE, whole.clone()), "{window}");
    }
}

#[test]
fn a_file_that_has_shrunk_closes_the_connection_short() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(&get("/short"), 1000), Next::Close);
    assert_eq!(bench.written(), "");
}

#[test]
fn without_progress_the_deadline_goes_on() {
    let mut bench = Bench::new();
    bench.client.window.set(10);
    bench.send(&get("/file"), 1000);
    let stalled = Next::Wait(Waiting { deadline: Deadline::Stall, has_progressed: false });
    assert_eq!(bench.drive(), stalled);

    let mut bench = Bench::new();
    let head = Waiting { deadline: Deadline::Head, has_progressed: false };
    assert_eq!(bench.send("GET / HT", 1), Next::Wait(head));
}

#[test]
fn a_late_head_or_body_gets_408_and_a_late_reader_nothing() {
    for (sent, deadline) in [
        ("GET / HT", Deadline::Head),
        ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", Deadline::Stall),
    ] {
        let mut bench = Bench::new();
        bench.send(sent, 1000);
        let next = bench.turn(|connection, turn| connection.expire(turn, deadline));
        assert!(matches!(next, Next::Wait(Waiting { deadline: Deadline::Linger, .. })), "{next:?}");
        assert_eq!(bench.answers(), ["408 the request did not arrive in time"]);
    }
    let mut bench = Bench::new();
    let next = bench.turn(|connection, turn| connection.expire(turn, Deadline::Idle));
    assert_eq!((next, bench.written().as_str()), (Next::Close, ""));
}

#[test]
fn after_a_refusal_the_rest_is_dropped_until_the_client_ends() {
    let mut bench = Bench::new();
    bench.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 10);
    assert_eq!(bench.answers().len(), 1);
    assert!(
        bench.written().starts_with("HTTP/1.1 400 ")
            && bench.written().contains("Connection: close\r\n")
    );
    assert!(bench.client.is_shut.get());
    bench.end();
    assert_eq!(bench.settle(), Next::Close);
}

#[test]
fn a_request_that_is_cut_off_is_not_answered() {
    let post = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n";
    for cut_off in ["GET / HTTP/1.1\r\nHost: h\r\n", post] {
        let mut bench = Bench::new();
        bench.send(cut_off, 1000);
        bench.end();
        assert_eq!(bench.settle(), Next::Close);
        assert_eq!(bench.written(), "");
    }
}

#[test]
fn an_end_that_came_with_the_request_is_seen_without_another_event() {
    let mut bench = Bench::new();
    bench.arrive(get("/"));
    bench.end();
    bench.connection.is_read_closed = true;
    assert_eq!(bench.drive(), Next::Close);
    assert_eq!(bench.answers(), ["200 GET /"]);
}

#[test]
fn says_100_only_to_a_client_that_holds_its_body_back() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    let mut bench = Bench::new();
    bench.send(head, 1000);
    assert_eq!(bench.written(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(bench.send("abc", 1), IDLE);
    assert_eq!(bench.answers(), ["100 ", "200 POST /"]);

    let mut bench = Bench::new();
    assert_eq!(bench.send(&format!("{head}abc"), 1000), IDLE);
    assert_eq!(bench.answers(), ["200 POST /"]);
}

#[test]
fn a_body_over_the_limit_is_refused_before_or_while_it_comes() {
    for body in [
        "Content-Length: 1001\r\n\r\n",
        "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3E9\r\n",
    ] {
        let mut bench = Bench::new();
        bench.send(&format!("POST / HTTP/1.1\r\nHost: h\r\n{body}"), 1000);
        assert!(bench.written().starts_with("HTTP/1.1 413 "), "{body:?}");
    }
}

#[test]
fn a_panic_is_answered_and_the_connection_goes_on() {
    let mut bench = Bench::new();
    assert_eq!(bench.send(&format!("{}{}", get("/panic"), get("/a")), 1000), IDLE);
    assert_eq!(bench.answers()[1], "200 GET /a");
    assert!(bench.answers()[0].starts_with("500 "));
}

#[test]
fn persistence_follows_the_version_and_the_fields() {
    for (request, field, stays) in [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "", true),
        ("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "Connection: close\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", "Connection: close\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: keep-alive\r\n", true),
    ] {
        let mut bench = Bench::new();
        assert_eq!(bench.send(request, 1000) == IDLE, stays, "{request:?}");
        assert_eq!(bench.written().contains("Connection: "), !field.is_empty());
        assert!(bench.written().contains(field), "{request:?}");
    }
}

#[test]
fn closes_at_once_only_where_nothing_more_can_come() {
    let last = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let mut bench = Bench::new();
    assert_eq!(bench.send(last, 1000), Next::Close);

    for (bytes, window) in [(format!("{last}{}", get("/b")), usize::MAX), (last.to_owned(), 10)] {
        let mut bench = Bench::new();
        bench.client.window.set(window);
        bench.send(&bytes, 1000);
        bench.client.window.set(usize::MAX);
        let next = bench.settle();
        assert!(matches!(next, Next::Wait(Waiting { deadline: Deadline::Linger, .. })), "{next:?}");
        assert_eq!(bench.answers(), ["200 GET /a"]);
    }
}

#[test]
fn a_stopping_server_says_close() {
    let mut bench = Bench::new();
    bench.is_stopping = true;
    bench.send(&get("/"), 1000);
    assert!(bench.client.is_shut.get());
    assert!(bench.written().contains("Connection: close\r\n"));
}

#[test]
fn a_large_file_gets_a_bounded_buffer_beside_other_connections() {
    for (path, is_alone, is_bounded) in
        [("/much", true, false), ("/much", false, true), ("/file", false, false)]
    {
        let mut bench = Bench::new();
        bench.is_alone = is_alone;
        bench.send(&get(path), 1000);
        assert_eq!(bench.client.is_bounded.get(), is_bounded, "{path} {is_alone}");
    }
}

#[test]
fn a_broken_head_request_gets_no_body() {
    let mut bench = Bench::new();
    bench.send("HEAD / HTTP/1.1\r\n\r\n", 1000);
    assert!(bench.written().starts_with("HTTP/1.1 400 ") && bench.written().ends_with("\r\n\r\n"));
}

mod promise_tests;
mod websocket_tests;

#[test]
fn the_beginning_of_a_body_reaches_the_handler() {
    let chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
    let known = "Content-Length: 12\r\n\r\nhello, world";
    for body in [chunked, known] {
        let request = format!("POST /content HTTP/1.1\r\nHost: h\r\n{body}");
        let next = "GET /content HTTP/1.1\r\nHost: h\r\n\r\n";
        for piece in [1, 3, 1000] {
            let mut bench = Bench::new();
            bench.send(&format!("{request}{next}"), piece);
            assert_eq!(bench.answers(), ["200 hello, w of 12", "200  of 0"]);
        }
    }
}

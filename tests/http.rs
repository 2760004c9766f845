//! HTTP/1.1 as raw bytes, over a real socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{path::Path, sync::Arc, time::Duration};

use common::{Answer, TestServer, app, app_with, field, folder, options};
use pagepool::{
    app,
    http::{memory::Memory, request::Limits},
    rules::{HeaderRule, HeaderRules},
    server::Options,
};
use tempfile::TempDir;

/// The sample of these tests: a page, an asset, and a large file.
fn start() -> (TempDir, TestServer) {
    let big = "0123456789abcdef".repeat(64 * 1024);
    let folder = folder(&[
        ("index.html", "<h1>home</h1>"),
        ("about.html", "about {{ request.query.name | default('nobody') }}"),
        ("style.css", "body {}"),
        ("big.txt", &big),
    ]);
    let server = TestServer::start(app(folder.path()), options());
    (folder, server)
}

/// Status line and body of each answer in `received`.
fn statuses(received: &str) -> Vec<u16> {
    received
        .split("HTTP/1.1 ")
        .filter(|answer| answer.contains("\r\nDate: "))
        .map(|answer| answer[..3].parse().unwrap())
        .collect()
}

/// Sends `bytes` whole, in two pieces and byte by byte; the statuses must agree.
fn statuses_of(server: &TestServer, bytes: &str) -> Vec<u16> {
    let whole = statuses(&server.exchange(bytes));
    let middle = bytes.len() / 2;
    for pieces in [vec![&bytes[..middle], &bytes[middle..]], bytes.split("").collect()] {
        let mut client = server.connect();
        for piece in pieces {
            // The server may have refused already and closed.
            if client.try_send(piece).is_err() {
                break;
            }
        }
        client.end();
        assert_eq!(statuses(&client.rest()), whole, "{bytes:?} in pieces");
    }
    whole
}

const HOST: &str = "Host: localhost\r\n";

#[test]
fn every_answer_has_the_common_fields() {
    let (_folder, server) = start();
    for request in [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
    ] {
        let received = server.exchange(request);
        let (head, body) = received.split_once("\r\n\r\n").unwrap();
        assert_eq!(field(head, "Server"), Some("pagepool"), "{request:?}");
        assert!(field(head, "Date").is_some_and(|date| date.ends_with(" GMT")), "{request:?}");
        assert_eq!(field(head, "X-Content-Type-Options"), Some("nosniff"), "{request:?}");
        assert!(field(head, "Content-Type").is_some(), "{request:?}");
        assert_eq!(field(head, "Content-Length").unwrap(), body.len().to_string(), "{request:?}");
    }
}

#[test]
fn head_has_the_fields_of_get_and_no_body() {
    let (_folder, server) = start();
    let without_date = |answer: &str| -> Vec<String> {
        let head = answer.split("\r\n\r\n").next().unwrap();
        head.lines().filter(|line| !line.starts_with("Date: ")).map(str::to_owned).collect()
    };
    for path in ["/", "/style.css", "/big.txt", "/nothing", "/index"] {
        let get = server.exchange(format!("GET {path} HTTP/1.1\r\n{HOST}\r\n"));
        let head = server.exchange(format!("HEAD {path} HTTP/1.1\r\n{HOST}\r\n"));
        assert_eq!(without_date(&head), without_date(&get), "{path}");
        assert!(head.ends_with("\r\n\r\n") && !get.ends_with("\r\n\r\n"), "{path}");
    }
}

#[test]
fn methods_that_files_do_not_take_are_told_apart() {
    let (_folder, server) = start();
    for (method, target, status, allow) in [
        ("OPTIONS", "/", 200, true),
        ("OPTIONS", "*", 200, true),
        ("OPTIONS", "/nothing", 200, true),
        ("POST", "/", 405, true),
        ("PUT", "/x", 405, true),
        ("DELETE", "/", 405, true),
        ("PATCH", "/", 405, true),
        ("TRACE", "/", 405, true),
        ("CONNECT", "localhost:80", 405, true),
        ("BREW", "/", 501, false),
        ("get", "/", 501, false),
    ] {
        let received = server.exchange(format!("{method} {target} HTTP/1.1\r\n{HOST}\r\n"));
        assert_eq!(statuses(&received), [status], "{method}");
        let allowed = field(&received, "Allow");
        assert_eq!(allowed, allow.then_some("GET, HEAD, OPTIONS"), "{method}");
    }
}

#[test]
fn malformed_requests_are_refused_however_they_are_split() {
    let (_folder, server) = start();
    let (long, wide) = ("a".repeat(9000), "b".repeat(17_000));
    let many = "A: b\r\n".repeat(101);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(), 400),
        (
            format!(
                "GET / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            ),
            400,
        ),
        (format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 1x\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}A: b\r\n c\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}A : b\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}A: b\rc\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\n{HOST}A: b\0c\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\n{HOST}\r\n"), 400),
        (format!("GET /%zz HTTP/1.1\r\n{HOST}\r\n"), 400),
        (format!("GET /a#b HTTP/1.1\r\n{HOST}\r\n"), 400),
        (
            format!(
                "POST / HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"
            ),
            400,
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
        ("GET / HTTP/3.0\r\n\r\n".to_owned(), 505),
        (format!("GET /{long} HTTP/1.1\r\n{HOST}\r\n"), 414),
        (format!("GET / HTTP/1.1\r\n{HOST}A: {wide}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{HOST}{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 1048577\r\n\r\n"), 413),
    ] {
        let shown: String = request.chars().take(80).collect();
        assert_eq!(statuses_of(&server, &request), [status], "{shown:?}");
    }
}

#[test]
fn bodies_are_read_past_to_the_next_request() {
    let (_folder, server) = start();
    let next = format!("GET / HTTP/1.1\r\n{HOST}\r\n");
    for (body, status) in [
        ("Content-Length: 5\r\n\r\nhello".to_owned(), 405),
        (
            "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: t\r\n\r\n"
                .to_owned(),
            405,
        ),
        (format!("Content-Length: 40\r\n\r\nGET /smuggled HTTP/1.1\r\n{}", "x".repeat(16)), 405),
    ] {
        let requests = format!("POST / HTTP/1.1\r\n{HOST}{body}{next}");
        assert_eq!(statuses_of(&server, &requests), [status, 200], "{body:?}");
    }
    let large = "x".repeat(1024 * 1024);
    let request = format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 1048576\r\n\r\n{large}{next}");
    assert_eq!(statuses(&server.exchange(request)), [200, 200]);
}

#[test]
fn the_answer_to_an_upload_that_is_too_large_is_not_lost() {
    let (_folder, server) = start();
    let large = "x".repeat(4 * 1024 * 1024);
    let mut client = server.connect();
    client.send(format!("GET / HTTP/1.1\r\n{HOST}Content-Length: 4194304\r\n\r\n"));
    // The server answers at once, and goes on reading while the client sends.
    let _ = client.try_send(&large[..1024 * 1024]);
    assert_eq!(client.answer().status, 413);
}

#[test]
fn an_answer_that_closes_is_whole_whatever_the_client_still_sends() {
    let (folder, server) = start();
    std::fs::write(folder.path().join("long.txt"), vec![b'x'; 6 << 20]).unwrap();
    for more in ["\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut client = server.connect();
        client.send(format!("GET /long.txt HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"));
        client.head();
        client.send(more);
        assert_eq!(client.count_rest(), 6 << 20);
    }
}

#[test]
fn a_hundred_requests_in_one_segment_are_answered_in_order() {
    let (_folder, server) = start();
    let requests: String =
        (0..100).map(|n| format!("GET /about?name=n{n} HTTP/1.1\r\n{HOST}\r\n")).collect();
    let mut client = server.connect();
    client.send(&requests);
    for n in 0..100 {
        assert_eq!(client.answer().text(), format!("about n{n}"));
    }
    let mut client = server.connect();
    for byte in requests.as_bytes()[..requests.len() / 20].chunks(1) {
        client.send(byte);
    }
    for n in 0..4 {
        assert_eq!(client.answer().text(), format!("about n{n}"));
    }
}

#[test]
fn http_1_0_closes_unless_asked_to_stay() {
    let (_folder, server) = start();
    let mut client = server.connect();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(client.answer().field("Connection"), Some("keep-alive"));
    client.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(client.answer().field("Connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn connection_close_is_honoured() {
    let (_folder, server) = start();
    let mut client = server.connect();
    client.send(format!("GET / HTTP/1.1\r\n{HOST}Connection: x\r\nConnection: y, close\r\n\r\n"));
    assert_eq!(client.answer().field("Connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn a_client_that_holds_its_body_back_is_told_to_go_on() {
    let (_folder, server) = start();
    let mut client = server.connect();
    client
        .send(format!("GET / HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    assert_eq!(client.answer().status, 100);
    client.send("ok");
    assert_eq!(client.answer().status, 200);
}

#[test]
fn absolute_targets_are_served_under_their_own_host() {
    let (_folder, server) = start();
    let get = |target: &str, host: &str| {
        let mut client = server.connect();
        client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        client.answer()
    };
    assert_eq!(get("http://localhost/about?name=x", "localhost").text(), "about x");
    assert_eq!(get("http://localhost", "example.com").text(), "<h1>home</h1>");
    assert_eq!(get("http://example.com/", "localhost").status, 421);
    let refused: Answer = get("/", "example.com");
    assert!(refused.text().contains("--allowed-host example.com"), "{}", refused.text());
}

#[test]
fn a_slow_reader_of_a_large_file_holds_up_nobody() {
    let folder = folder(&[("index.html", "home")]);
    let file = std::fs::File::create(folder.path().join("huge.bin")).unwrap();
    file.set_len(2 << 30).unwrap();
    let server = TestServer::start(app(folder.path()), common::single_worker());
    let mut slow: Vec<_> = (0..16).map(|_| server.connect()).collect();
    for client in &mut slow {
        client.send(format!("GET /huge.bin HTTP/1.1\r\n{HOST}\r\n"));
    }
    let mut client = server.connect();
    for _ in 0..100 {
        assert_eq!(client.get("/").text(), "home");
    }
    assert!(memory_of_this_process() < 512 << 20);
}

/// Resident bytes.
fn memory_of_this_process() -> u64 {
    let Ok(status) = std::fs::read_to_string(Path::new("/proc/self/status")) else { return 0 };
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_file_goes_on_as_soon_as_its_reader_does() {
    let (folder, server) = start();
    let file = std::fs::File::create(folder.path().join("huge.bin")).unwrap();
    file.set_len(64 << 20).unwrap();
    // More than the socket takes at once: what follows waits for room in it.
    assert_eq!(server.get("/huge.bin").body.len(), 64 << 20);
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_ends_the_answer_short() {
    let (folder, server) = start();
    let path = folder.path().join("growing.bin");
    std::fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let mut client = server.connect();
    client.send(format!("GET /growing.bin HTTP/1.1\r\n{HOST}\r\n"));
    // The head has come, the rest waits for this client to read.
    let head = client.head();
    assert_eq!(field(&head, "Content-Length"), Some("67108864"));
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    assert!(client.count_rest() < 64 << 20);
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn a_file_replaced_while_it_is_sent_is_sent_as_it_was() {
    let (folder, server) = start();
    let expected = std::fs::read(folder.path().join("big.txt")).unwrap();
    let mut client = server.connect();
    client.send(format!("GET /big.txt HTTP/1.1\r\n{HOST}\r\n"));
    let _ = client.head();
    std::fs::write(folder.path().join("new"), "new").unwrap();
    std::fs::rename(folder.path().join("new"), folder.path().join("big.txt")).unwrap();
    assert_eq!(client.take(expected.len()), expected);
    assert_eq!(server.get("/big.txt").text(), "new");
}

#[test]
fn an_edit_is_seen_by_the_very_next_request() {
    let folder = folder(&[
        ("_layout.html", "<{% block body %}{% endblock %}>"),
        ("index.html", "{% extends '_layout.html' %}{% block body %}0{% endblock %}"),
    ]);
    let server = TestServer::start(app(folder.path()), options());
    let mut client = server.connect();
    for round in 0..500 {
        let page = format!(
            "{{% extends '_layout.html' %}}{{% block body %}}{}{{% endblock %}}",
            round % 10
        );
        std::fs::write(folder.path().join("index.html"), page).unwrap();
        assert_eq!(client.get("/").text(), format!("<{}>", round % 10));
        let bracket = if round % 2 == 0 { "[" } else { "(" };
        std::fs::write(
            folder.path().join("new"),
            format!("{bracket}{{% block body %}}{{% endblock %}}>"),
        )
        .unwrap();
        std::fs::rename(folder.path().join("new"), folder.path().join("_layout.html")).unwrap();
        assert_eq!(client.get("/").text(), format!("{bracket}{}>", round % 10));
        std::fs::write(folder.path().join("_layout.html"), "<{% block body %}{% endblock %}>")
            .unwrap();
    }
    std::fs::remove_file(folder.path().join("index.html")).unwrap();
    assert!(client.get("/").text().contains("The server got a request with path /"));
}

#[test]
fn keeps_serving_after_a_template_error() {
    let folder = folder(&[("index.html", "fine"), ("broken.html", "a\n{{ sitle }}\n")]);
    let server = TestServer::start(app(folder.path()), options());
    let mut client = server.connect();
    let broken = client.get("/broken");
    assert_eq!(
        (broken.status, broken.field("Content-Type")),
        (500, Some("text/plain; charset=utf-8"))
    );
    assert!(broken.text().contains("broken.html:2:4"), "{}", broken.text());
    assert_eq!(client.get("/").text(), "fine");
    client.send(format!("GET /broken HTTP/1.1\r\n{HOST}Accept: text/html\r\n\r\n"));
    assert_eq!(client.answer().field("Content-Type"), Some("text/html; charset=utf-8"));
}

#[test]
fn two_servers_in_one_process_do_not_meet() {
    let (one, other) = (folder(&[("index.html", "one")]), folder(&[("index.html", "other")]));
    let servers = [&one, &other].map(|folder| TestServer::start(app(folder.path()), options()));
    assert_eq!(servers[0].get("/").text(), "one");
    assert_eq!(servers[1].get("/").text(), "other");
    drop(Arc::new(servers));
}

#[test]
fn rules_for_every_path_hold_for_every_answer() {
    let rule = |path: &str, name: &str| HeaderRule {
        path: path.to_owned(),
        set: [(name.to_owned(), "yes".to_owned())].into(),
        ..HeaderRule::default()
    };
    let rules = HeaderRules::new(&[rule("/**", "X-All"), rule("/a/**", "X-Own")]).unwrap();
    let folder = folder(&[("index.html", "home")]);
    let app = app_with(folder.path(), app::preparation(rules, false, Memory::unbounded()));
    let limits = Limits { max_target_bytes: 100, max_header_fields: 2, ..options().limits };
    let server = TestServer::start(app.clone(), Options { limits, ..options() });
    let long = "x".repeat(100);
    for (request, status, has_own) in [
        (format!("GET /a/b HTTP/1.1\r\n{HOST}\r\n"), 200, true),
        (format!("OPTIONS /a/b HTTP/1.1\r\n{HOST}\r\n"), 200, true),
        (format!("OPTIONS * HTTP/1.1\r\n{HOST}\r\n"), 200, false),
        (format!("POST /a/b HTTP/1.1\r\n{HOST}\r\n"), 405, true),
        (format!("BREW /a/b HTTP/1.1\r\n{HOST}\r\n"), 501, true),
        (format!("CONNECT localhost:80 HTTP/1.1\r\n{HOST}\r\n"), 405, false),
        ("GET /a/b HTTP/1.1\r\nHost: example.com\r\n\r\n".to_owned(), 421, true),
        (format!("POST /a/b HTTP/1.1\r\n{HOST}Content-Length: 99999999\r\n\r\n"), 405, true),
        (format!("GET /a/b HTTP/1.1\r\n{HOST}Content-Length: 99999999\r\n\r\n"), 413, true),
        // What follows has no path that counts.
        ("nonsense\r\n\r\n".to_owned(), 400, false),
        ("GET /a/b HTTP/1.1\r\n\r\n".to_owned(), 400, false),
        (format!("GET /a/b HTTP/1.1\r\n{HOST}Content-Length: x\r\n\r\n"), 400, false),
        (format!("GET /a/{long} HTTP/1.1\r\n{HOST}\r\n"), 414, false),
        (format!("GET /a/b HTTP/1.1\r\n{HOST}A: b\r\nC: d\r\n\r\n"), 431, false),
        ("GET /a/b HTTP/3.0\r\n\r\n".to_owned(), 505, false),
    ] {
        let answer = server.exchange(&request);
        assert_eq!(statuses(&answer), [status], "{request:?}");
        assert_eq!(field(&answer, "X-All"), Some("yes"), "{request:?}");
        assert_eq!(field(&answer, "X-Own"), has_own.then_some("yes"), "{request:?}");
        assert_eq!(field(&answer, "X-Content-Type-Options"), Some("nosniff"), "{request:?}");
    }
    let late = Options { head_timeout: Duration::from_millis(50), ..options() };
    let late = TestServer::start(app.clone(), late);
    let mut client = late.connect();
    client.send("GET /a/b HTTP/1.1\r\n");
    let late = client.answer();
    let full = TestServer::start(app, Options { threads: 1, max_connections: 1, ..options() });
    let mut busy = full.connect();
    busy.send(format!("GET / HTTP/1.1\r\n{HOST}\r\nGET /"));
    assert_eq!(busy.answer().status, 200);
    // The acceptor may see for a moment longer that it was idle before.
    let refused = (0..1000).map(|_| full.get("/a/b")).find(|answer| answer.status == 503);
    for (answer, status) in [(late, 408), (refused.unwrap(), 503)] {
        assert_eq!((answer.status, answer.field("X-All")), (status, Some("yes")));
        assert_eq!(answer.field("X-Own"), None);
    }
}

#[test]
fn the_line_end_of_an_included_file_is_not_in_the_page() {
    let root = folder(&[
        ("a.html", "<a href=\"{% include \"_url.html\" %}\">a</a>\n"),
        ("b.html", "<a href=\"{{ \"_url.txt\" | inline }}\">{% include \"_b.md\" %}</a>\n"),
        ("_url.txt", "/about\r\n"),
        ("_b.md", "*b*\n"),
        ("_url.html", "/about\n"),
        ("robots.txt", "User-agent: *\n"),
    ]);
    let server = TestServer::start(app(root.path()), options());
    assert_eq!(server.get("/a").text(), "<a href=\"/about\">a</a>\n");
    assert_eq!(server.get("/b").text(), "<a href=\"/about\"><p><em>b</em></p></a>\n");
    assert_eq!(server.get("/robots.txt").text(), "User-agent: *\n");
}

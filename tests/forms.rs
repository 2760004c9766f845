//! Forms that are sent to files, and requests of other origins, over a real socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;

use common::{Answer, TestServer, app, folder, options};
use pagepool::{
    app::{self, App},
    hosts::Hosts,
    http::memory::Memory,
    rules::HeaderRules,
    server::Options,
    site::{Fallback, Site, SiteOptions},
};
use tempfile::TempDir;

const HTML: &str = "Accept: text/html\r\n";
const FORM: &str = "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n";

/// A site without pages.
fn start() -> (TempDir, TestServer) {
    let folder = folder(&[]);
    let server = TestServer::start(app(folder.path()), options());
    (folder, server)
}

fn ask(server: &TestServer, method: &str, fields: &str, body: &str) -> Answer {
    let len = body.len();
    let mut client = server.connect();
    client.send(format!(
        "{method} /contact HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len}\r\n{fields}\r\n{body}"
    ));
    client.answer()
}

#[test]
fn the_page_shows_the_fields_of_a_form_and_what_can_take_them() {
    let (_folder, server) = start();
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer =
            ask(&server, method, FORM, "name=Ada+L.&text=%3Cscript%3E%0D%0A%22b%22&empty=");
        assert_eq!((answer.status, answer.field("Allow")), (405, Some("GET, HEAD, OPTIONS")));
        assert_eq!(answer.field("Cache-Control"), Some("no-store"));
        for part in [
            &format!("Files take no <code>{method}</code>")[..],
            "<code>application/x-www-form-urlencoded</code>, 49 bytes",
            "<dt>name</dt><dd>Ada L.</dd>",
            "<dt>text</dt><dd>&lt;script&gt;\r\n&quot;b&quot;</dd>",
            "<dt>empty</dt><dd></dd>",
            "form service",
            "proxy",
        ] {
            assert!(answer.text().contains(part), "{part} in {}", answer.text());
        }
        assert!(!answer.text().contains("<script") && !answer.text().contains("There is more"));
    }
}

#[test]
fn of_other_content_it_shows_the_type_and_the_length() {
    let (_folder, server) = start();
    for (content_type, body, expected) in [
        (
            "multipart/form-data; boundary=x",
            "--x\r\nsecret",
            "<code>multipart/form-data</code>, 11 bytes",
        ),
        ("application/json", "{}", "<code>application/json</code>, 2 bytes"),
        ("<b>", "x", "<code>&lt;b&gt;</code>, 1 byte<"),
        ("application/x-www-form-urlencoded", "", "No fields"),
    ] {
        let fields = format!("{HTML}Content-Type: {content_type}\r\n");
        let answer = ask(&server, "POST", &fields, body);
        assert!(answer.text().contains(expected), "{expected} in {}", answer.text());
        assert!(!answer.text().contains("secret"));
    }
}

#[test]
fn a_large_form_makes_no_large_page() {
    let (_folder, server) = start();
    for body in ["a=b&".repeat(100_000), format!("a={}", "<".repeat(900_000))] {
        let answer = ask(&server, "POST", FORM, &body);
        assert_eq!(answer.status, 405);
        assert!(answer.text().contains("There is more"));
        assert!(answer.body.len() < 20_000, "{}", answer.body.len());
    }
}

/// Asks with the head of a body that is larger than any that is read, in each way to say so.
fn ask_too_large(server: &TestServer, method: &str, fields: &str) -> Vec<Answer> {
    let ways = [
        ("Content-Length: 5000000\r\n", ""),
        ("Content-Length: 5000000\r\nExpect: 100-continue\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "1\r\nx\r\nFFFFFF\r\n"),
    ];
    let ask = |(framing, body)| {
        let mut client = server.connect();
        client.send(format!(
            "{method} /contact HTTP/1.1\r\nHost: localhost\r\n{framing}{fields}\r\n{body}"
        ));
        let answer = client.answer();
        assert_eq!(answer.field("Connection"), Some("close"), "{framing}");
        assert!(client.is_closed(), "{framing}");
        answer
    };
    ways.into_iter().map(ask).collect()
}

#[test]
fn a_form_that_is_too_large_to_be_read_gets_the_same_page() {
    let (_folder, server) = start();
    for (content_type, fields) in [
        ("application/x-www-form-urlencoded", FORM.to_owned()),
        ("multipart/form-data", format!("{HTML}Content-Type: multipart/form-data; boundary=x\r\n")),
    ] {
        for answer in ask_too_large(&server, "POST", &fields) {
            assert_eq!((answer.status, answer.field("Allow")), (405, Some("GET, HEAD, OPTIONS")));
            assert_eq!(answer.field("Cache-Control"), Some("no-store"));
            let large = format!("<code>{content_type}</code>, too large to be shown");
            for part in ["Files take no <code>POST</code>", &large, "not been read", "form service"]
            {
                assert!(answer.text().contains(part), "{part} in {}", answer.text());
            }
            assert!(!answer.text().contains("byte") && !answer.text().contains("No fields"));
        }
    }
    for answer in ask_too_large(&server, "GET", HTML) {
        assert_eq!(answer.status, 413);
    }
}

#[test]
fn a_form_may_wait_for_100_continue_and_come_in_chunks() {
    let (_folder, server) = start();
    let mut client = server.connect();
    let head = "POST /contact HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
    client.send(format!("{head}{FORM}Transfer-Encoding: chunked\r\n\r\n"));
    assert_eq!(client.head(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("3\r\na=b\r\n");
    client.send("4\r\n&c=d\r\n0\r\n\r\n");
    let answer = client.answer();
    assert!(answer.text().contains("<dt>a</dt><dd>b</dd>\n<dt>c</dt><dd>d</dd>"));
    assert_eq!(client.get("/contact").status, 200);
}

/// A site that its visitors see, and that others may read.
fn production(allows_cors: bool) -> (TempDir, TestServer) {
    let folder = folder(&[("page.html", "page")]);
    let preparation = app::preparation(HeaderRules::default(), allows_cors, Memory::unbounded());
    let options = SiteOptions {
        preparation,
        production: true,
        fallback: Fallback::NotFound,
        ..SiteOptions::default()
    };
    let site = Site::open(folder.path(), options).unwrap();
    let hosts = Hosts::development(&[], &[]);
    let app = App::new(site, hosts, true).with_cors(allows_cors);
    let options = Options { kept_body_bytes: 0, ..common::options() };
    let server = TestServer::start(Arc::new(app), options);
    (folder, server)
}

#[test]
fn production_says_405_and_shows_nothing() {
    let (_folder, server) = production(false);
    let answer = ask(&server, "POST", FORM, "name=Ada");
    assert_eq!(answer.status, 405);
    assert!(answer.text().contains("<h1>405 Method Not Allowed</h1>"));
    assert!(!answer.text().contains("Ada") && !answer.text().contains("form"));
    for too_large in ask_too_large(&server, "POST", FORM) {
        assert_eq!((too_large.status, too_large.text()), (405, answer.text()));
    }
}

#[test]
fn a_program_gets_a_line_of_text() {
    let (_folder, server) = start();
    let answer = ask(&server, "POST", "", "name=Ada");
    assert!(answer.text().starts_with("405 Method Not Allowed: files take no `POST`; they can be"));
    assert_eq!(answer.text().lines().count(), 1);
}

const PREFLIGHT: &str = "Origin: http://other.example\r\nAccess-Control-Request-Method: GET\r\n\
                         Access-Control-Request-Headers: x-y, authorization\r\n";

#[test]
fn other_origins_read_every_answer_where_they_may() {
    let (_folder, server) = production(true);
    let origin = "Origin: http://other.example\r\n";
    for (method, path, fields, status) in [
        ("GET", "/page", origin, 200),
        ("GET", "/page", "", 200),
        ("GET", "/missing", origin, 404),
        ("GET", "/page/", origin, 301),
        ("POST", "/page", origin, 405),
        ("OPTIONS", "/page", origin, 200),
        ("OPTIONS", "/page", PREFLIGHT, 200),
        ("GET", "/page", "Range: bytes=9-\r\n", 416),
        ("GET", "/page", "If-None-Match: *\r\n", 304),
    ] {
        let mut client = server.connect();
        client.send(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
        let answer = client.answer();
        assert_eq!(answer.field("Access-Control-Allow-Origin"), Some("*"), "{method} {path}");
        assert_eq!(answer.field("Access-Control-Expose-Headers"), Some("*"));
        let is_preflight = fields == PREFLIGHT;
        let allowed = answer.field("Access-Control-Allow-Headers");
        assert_eq!(allowed, is_preflight.then_some("*, Authorization"), "{method} {path}");
        let methods = answer.field("Access-Control-Allow-Methods");
        assert_eq!(methods, is_preflight.then_some("GET, HEAD"));
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

#[test]
fn other_origins_read_nothing_unless_they_may() {
    let (_folder, server) = production(false);
    for (method, fields) in [("GET", "Origin: http://other.example\r\n"), ("OPTIONS", PREFLIGHT)] {
        let answer = ask(&server, method, fields, "");
        assert!(!answer.head.contains("Access-Control"), "{}", answer.head);
    }
}

//! Validators, preconditions, ranges and codings (RFC 9110), over a real socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use common::{Answer, TestServer, app, folder, options};
use tempfile::TempDir;

const TEXT: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A site with a page, a page that reads its request, and assets small and large.
fn start() -> (TempDir, TestServer) {
    let large = TEXT.repeat(60_000);
    let page = format!("<h1>A page</h1>{}", "<p>Some more text.</p>".repeat(50));
    let folder = folder(&[
        ("page.html", &page),
        ("own.html", "{{ request.query.name }}"),
        ("small.txt", TEXT),
        ("style.css", &"body { color: red }\n".repeat(40)),
        ("empty.txt", ""),
        ("large.txt", &large),
    ]);
    let server = TestServer::start(app(folder.path()), options());
    // Then it is kept, and may be coded.
    settled_etag(&server, "/large.txt");
    (folder, server)
}

fn ask(server: &TestServer, method: &str, path: &str, fields: &str) -> Answer {
    let mut client = server.connect();
    client.send(format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n"
    ));
    if method == "HEAD" { client.head_only() } else { client.answer() }
}

fn get(server: &TestServer, path: &str, fields: &str) -> Answer {
    ask(server, "GET", path, fields)
}

fn etag(answer: &Answer) -> String {
    answer.field("ETag").unwrap().to_owned()
}

/// A large file has no tag before it has been hashed, which begins once the clock's tick
/// is over in which it was changed.
fn settled_etag(server: &TestServer, path: &str) -> String {
    let answers = std::iter::repeat_with(|| get(server, path, ""));
    answers.take(100_000).find_map(|answer| answer.field("ETag").map(str::to_owned)).unwrap()
}

/// The answer to a HEAD that knows its length. What is not kept yet, since its file has
/// just changed, is not coded for a HEAD alone.
fn head_with_length(server: &TestServer, path: &str, fields: &str) -> Answer {
    let answers = std::iter::repeat_with(|| {
        get(server, path, fields);
        ask(server, "HEAD", path, fields)
    });
    answers.take(100_000).find(|answer| answer.field("Content-Length").is_some()).unwrap()
}

const PATHS: [&str; 4] = ["/page", "/own?name=x", "/small.txt", "/large.txt"];

#[test]
fn what_is_unchanged_is_not_sent_again() {
    let (_folder, server) = start();
    for path in PATHS {
        let tag = settled_etag(&server, path);
        let whole = get(&server, path, "");
        assert!(tag.starts_with('"'), "strong: {tag}");
        for fields in [
            format!("If-None-Match: {tag}\r\n"),
            format!("If-None-Match: W/{tag}\r\n"),
            format!("If-None-Match: \"x,y\", {tag}\r\n"),
            format!("If-None-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"),
            "If-None-Match: *\r\n".to_owned(),
            // The tag counts, and the date beside it does not.
            format!("If-None-Match: {tag}\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = ask(&server, method, path, &fields);
                assert_eq!(answer.status, 304, "{path} {fields}");
                assert_eq!(answer.field("ETag"), Some(tag.as_str()));
                assert_eq!(answer.field("Cache-Control"), whole.field("Cache-Control"));
                assert_eq!(answer.field("Vary"), whole.field("Vary"));
                assert!(answer.field("Date").is_some());
                assert_eq!(answer.field("Content-Length"), None);
                assert_eq!(answer.field("Content-Type"), None);
                assert!(answer.body.is_empty());
            }
        }
        let other = get(
            &server,
            path,
            "If-None-Match: \"x\"\r\nIf-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT\r\n",
        );
        assert_eq!((other.status, other.body), (200, whole.body));
    }
}

#[test]
fn a_state_that_is_not_there_fails_the_precondition() {
    let (_folder, server) = start();
    for path in PATHS {
        let tag = settled_etag(&server, path);
        for (fields, status) in [
            (format!("If-Match: {tag}\r\n"), 200),
            (format!("If-Match: \"x\", {tag}\r\n"), 200),
            ("If-Match: *\r\n".to_owned(), 200),
            ("If-Match: \"x\"\r\n".to_owned(), 412),
            (format!("If-Match: W/{tag}\r\n"), 412),
            (format!("If-Match: {tag}\r\nIf-None-Match: {tag}\r\n"), 304),
            (format!("If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"), 412),
        ] {
            assert_eq!(get(&server, path, &fields).status, status, "{path} {fields}");
        }
    }
}

#[test]
fn dates_are_those_of_the_file_and_never_after_the_answer() {
    let (folder, server) = start();
    let set = |name: &str, time: SystemTime| {
        let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
        file.set_modified(time).unwrap();
    };
    let then = UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (name, path) in
        [("page.html", "/page"), ("small.txt", "/small.txt"), ("large.txt", "/large.txt")]
    {
        set(name, then);
        let answer = get(&server, path, "");
        assert_eq!(answer.field("Last-Modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        for (field, date, status) in [
            ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 304),
            ("If-Modified-Since", "Sunday, 06-Nov-94 08:49:38 GMT", 304),
            ("If-Modified-Since", "Sun Nov  6 08:49:36 1994", 200),
            ("If-Modified-Since", "yesterday", 200),
            ("If-Modified-Since", "Fri, 31 Dec 2100 00:00:00 GMT", 200),
            ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 200),
            ("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", 412),
            ("If-Unmodified-Since", "yesterday", 200),
        ] {
            assert_eq!(
                get(&server, path, &format!("{field}: {date}\r\n")).status,
                status,
                "{path} {field}: {date}"
            );
        }
        set(name, SystemTime::now() + Duration::from_secs(3600));
        let future = get(&server, path, "");
        assert_eq!(future.field("Last-Modified"), future.field("Date"), "{path}");
    }
    assert_eq!(get(&server, "/own?name=x", "").field("Last-Modified"), None);
}

#[test]
fn a_tag_changes_with_every_edit() {
    let (folder, server) = start();
    for (name, path) in
        [("page.html", "/page"), ("small.txt", "/small.txt"), ("large.txt", "/large.txt")]
    {
        let len = fs::metadata(folder.path().join(name)).unwrap().len();
        let mut tags = std::collections::HashSet::new();
        for round in 0..20_u8 {
            // The same size, and mostly the same tick of the clock.
            fs::write(folder.path().join(name), vec![b'a' + round; usize::try_from(len).unwrap()])
                .unwrap();
            let tag = get(&server, path, "").field("ETag").map(str::to_owned);
            // Only what is read whole has one at once.
            assert!(tag.is_some() || name == "large.txt");
            let tag = tag.unwrap_or_else(|| settled_etag(&server, path));
            assert!(tags.insert(tag), "{path}, round {round}");
        }
    }
}

#[test]
fn errors_and_redirects_have_no_preconditions() {
    let folder = folder(&[("docs/index.html", "docs"), ("broken.html", "{{ nope }}")]);
    let server = TestServer::start(app(folder.path()), options());
    for (path, status) in [("/docs", 301), ("/broken", 500), ("/nothing", 200)] {
        for fields in ["If-Match: \"x\"\r\n", "If-None-Match: *\r\n", "Range: bytes=0-1\r\n"] {
            assert_eq!(get(&server, path, fields).status, status, "{path} {fields}");
        }
    }
    assert_eq!(ask(&server, "OPTIONS", "/docs/", "If-Match: \"x\"\r\n").status, 200);
}

#[test]
fn ranges_of_pages_and_assets() {
    let (_folder, server) = start();
    for (range, status, content_range, body) in [
        ("bytes=0-4", 206, Some("bytes 0-4/36"), "01234"),
        ("bytes=10-", 206, Some("bytes 10-35/36"), "abcdefghijklmnopqrstuvwxyz"),
        ("bytes=-3", 206, Some("bytes 33-35/36"), "xyz"),
        ("bytes=-500", 206, Some("bytes 0-35/36"), TEXT),
        ("BYTES=35-99", 206, Some("bytes 35-35/36"), "z"),
        ("bytes=36-", 416, Some("bytes */36"), ""),
        ("bytes=-0", 416, Some("bytes */36"), ""),
        ("bytes=4-3", 200, None, TEXT),
        ("bytes=a-b", 200, None, TEXT),
        ("lines=0-1", 200, None, TEXT),
        ("bytes=", 200, None, TEXT),
    ] {
        let answer = get(&server, "/small.txt", &format!("Range: {range}\r\n"));
        assert_eq!(
            (answer.status, answer.field("Content-Range")),
            (status, content_range),
            "{range}"
        );
        if status != 416 {
            assert_eq!(answer.text(), body, "{range}");
            assert_eq!(answer.field("Accept-Ranges"), Some("bytes"));
            assert!(answer.field("ETag").is_some());
        }
    }
    assert_eq!(get(&server, "/empty.txt", "Range: bytes=0-\r\n").status, 416);
    let page = get(&server, "/page", "");
    let part = get(&server, "/page", "Range: bytes=4-9\r\n");
    assert_eq!((part.status, part.body.as_slice()), (206, &page.body[4..10]));
    let large = get(&server, "/large.txt", "Range: bytes=2159990-\r\nAccept-Encoding: gzip\r\n");
    assert_eq!((large.status, large.text()), (206, "qrstuvwxyz"));
    let head = ask(&server, "HEAD", "/small.txt", "Range: bytes=0-4\r\n");
    assert_eq!((head.status, head.field("Content-Length")), (200, Some("36")));
}

#[test]
fn several_ranges_come_as_parts() {
    let (_folder, server) = start();
    for path in ["/small.txt", "/large.txt"] {
        let answer = get(&server, path, "Range: bytes=10-12, 0-1,-1\r\n");
        let len = get(&server, path, "").body.len();
        assert_eq!((answer.status, answer.field("Content-Range")), (206, None));
        let boundary = answer
            .field("Content-Type")
            .unwrap()
            .strip_prefix("multipart/byteranges; boundary=")
            .unwrap();
        let part = |range: &str, bytes: &str| {
            format!(
                "--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes {range}/{len}\r\n\r\n{bytes}\r\n"
            )
        };
        let last = format!("{0}-{0}", len - 1);
        let expected = format!(
            "{}{}{}--{boundary}--\r\n",
            part("10-12", "abc"),
            part("0-1", "01"),
            part(&last, "z")
        );
        assert_eq!(answer.text(), expected);
    }
    let overlapping = get(&server, "/small.txt", "Range: bytes=0-5,3-8\r\n");
    assert_eq!((overlapping.status, overlapping.text()), (206, "012345678"));
    let many: String = (0..40).map(|n| format!("{n}-{n},")).collect();
    assert_eq!(get(&server, "/large.txt", &format!("Range: bytes={many}\r\n")).status, 200);
}

#[test]
fn a_range_of_another_state_is_not_sent() {
    let (folder, server) = start();
    let then = UNIX_EPOCH + Duration::from_secs(784_111_777);
    fs::File::options()
        .write(true)
        .open(folder.path().join("small.txt"))
        .unwrap()
        .set_modified(then)
        .unwrap();
    let tag = etag(&get(&server, "/small.txt", ""));
    for (if_range, status) in [
        (tag.clone(), 206),
        (format!("W/{tag}"), 200),
        ("\"x\"".to_owned(), 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT".to_owned(), 206),
        ("Sun, 06 Nov 1994 08:49:38 GMT".to_owned(), 200),
        ("nonsense".to_owned(), 200),
    ] {
        let fields = format!("Range: bytes=0-1\r\nIf-Range: {if_range}\r\n");
        assert_eq!(get(&server, "/small.txt", &fields).status, status, "{if_range}");
    }
}

#[test]
fn each_coding_has_its_own_tag_and_length() {
    let (_folder, server) = start();
    for path in ["/page", "/style.css"] {
        let plain = get(&server, path, "");
        assert_eq!(plain.field("Vary"), Some("Accept-Encoding"));
        let mut tags = vec![etag(&plain)];
        for coding in ["gzip", "zstd", "br"] {
            let fields = format!("Accept-Encoding: {coding}\r\n");
            let coded = get(&server, path, &fields);
            assert_eq!((coded.status, coded.field("Content-Encoding")), (200, Some(coding)));
            assert_eq!(coded.field("Vary"), Some("Accept-Encoding"));
            assert!(coded.body.len() < plain.body.len() / 2);
            let head = head_with_length(&server, path, &fields);
            assert_eq!(head.field("Content-Length").unwrap(), coded.body.len().to_string());
            let fields = format!("{fields}If-None-Match: {}\r\n", etag(&coded));
            let unchanged = get(&server, path, &fields);
            assert_eq!((unchanged.status, unchanged.field("Vary")), (304, Some("Accept-Encoding")));
            tags.push(etag(&coded));
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4);
    }
}

#[test]
fn a_large_text_is_compressed_too() {
    let (_folder, server) = start();
    let plain = get(&server, "/large.txt", "");
    assert_eq!(plain.field("Vary"), Some("Accept-Encoding"));
    for coding in ["gzip", "zstd", "br"] {
        let fields = format!("Accept-Encoding: {coding}\r\n");
        let coded = get(&server, "/large.txt", &fields);
        assert_eq!(coded.field("Content-Encoding"), Some(coding));
        assert!(coded.body.len() < plain.body.len() / 10);
        let head = ask(&server, "HEAD", "/large.txt", &fields);
        assert_eq!(head.field("Content-Length"), coded.field("Content-Length"));
    }
}

#[test]
fn the_client_chooses_the_coding() {
    let (_folder, server) = start();
    for (accept, coding) in [
        ("gzip, zstd, br", Some("br")),
        ("gzip;q=1, br;q=0.5", Some("gzip")),
        ("br;q=0, *;q=1", Some("zstd")),
        ("*", Some("br")),
        ("identity;q=0, gzip", Some("gzip")),
        ("identity;q=0, *;q=0", None),
        ("deflate", None),
        ("", None),
        ("identity", None),
        ("GZIP", Some("gzip")),
    ] {
        let answer = get(&server, "/page", &format!("Accept-Encoding: {accept}\r\n"));
        assert_eq!((answer.status, answer.field("Content-Encoding")), (200, coding), "{accept}");
    }
    let short = get(&server, "/small.txt", "Accept-Encoding: br\r\n");
    assert_eq!((short.field("Content-Encoding"), short.field("Vary")), (None, None));
    let own = get(&server, "/own?name=".to_owned().as_str(), "Accept-Encoding: br\r\n");
    assert_eq!(own.status, 200);
}

#[test]
fn a_compressed_file_beside_its_own_is_used_unless_it_is_older() {
    let folder = folder(&[("app.bin", "plain"), ("app.bin.br", "br!"), ("app.bin.gz", "gzip")]);
    let server = TestServer::start(app(folder.path()), options());
    let coded = |accept: &str| {
        let answer = get(&server, "/app.bin", &format!("Accept-Encoding: {accept}\r\n"));
        assert_eq!(answer.field("Content-Type"), Some("application/octet-stream"));
        assert_eq!(answer.field("Vary"), Some("Accept-Encoding"));
        (answer.field("Content-Encoding").map(str::to_owned), answer.text().to_owned())
    };
    assert_eq!(coded("gzip, br"), (Some("br".to_owned()), "br!".to_owned()));
    assert_eq!(coded("gzip"), (Some("gzip".to_owned()), "gzip".to_owned()));
    assert_eq!(coded("zstd"), (None, "plain".to_owned()));
    let old = fs::File::options().write(true).open(folder.path().join("app.bin.br")).unwrap();
    old.set_modified(UNIX_EPOCH + Duration::from_secs(1000)).unwrap();
    assert_eq!(coded("gzip, br"), (Some("gzip".to_owned()), "gzip".to_owned()));
    fs::write(folder.path().join("app.bin.zst"), "zstd").unwrap();
    assert_eq!(coded("zstd"), (Some("zstd".to_owned()), "zstd".to_owned()));
    fs::remove_file(folder.path().join("app.bin.zst")).unwrap();
    assert_eq!(coded("zstd"), (None, "plain".to_owned()));
}

#[test]
fn another_compressed_file_has_another_tag() {
    let folder = folder(&[("app.bin", "plain"), ("app.bin.br", "one")]);
    let server = TestServer::start(app(folder.path()), options());
    let tag = || etag(&get(&server, "/app.bin", "Accept-Encoding: br\r\n"));
    let first = tag();
    fs::write(folder.path().join("app.bin.br"), "two").unwrap();
    assert_ne!(tag(), first);
}

#[test]
fn a_page_that_looks_at_its_request_is_made_for_each() {
    let (_folder, server) = start();
    assert_eq!(get(&server, "/own?name=a", "").text(), "a");
    assert_eq!(get(&server, "/own?name=b", "").text(), "b");
    assert_ne!(etag(&get(&server, "/own?name=a", "")), etag(&get(&server, "/own?name=b", "")));
}

#[test]
fn a_kept_page_goes_when_a_name_that_came_after_it_appears() {
    let folder =
        folder(&[("about.html", "page {% include ['_a.html', '_b.html'] %}"), ("_b.html", "b")]);
    let server = TestServer::start(app(folder.path()), options());
    let mut client = server.connect();
    for _ in 0..50 {
        assert_eq!(client.get("/about").text(), "page b");
        fs::write(folder.path().join("_a.html"), "a").unwrap();
        assert_eq!(client.get("/about").text(), "page a");
        fs::write(folder.path().join("about"), "file").unwrap();
        assert_eq!(client.get("/about").text(), "file");
        fs::remove_file(folder.path().join("about")).unwrap();
        fs::create_dir(folder.path().join("about")).unwrap();
        assert_eq!(client.get("/about").text(), "page a");
        fs::remove_dir(folder.path().join("about")).unwrap();
        fs::remove_file(folder.path().join("_a.html")).unwrap();
    }
}

#[test]
fn an_error_is_a_comment_to_what_wants_a_style_or_a_script() {
    let folder = folder(&[("style.css", TEXT), ("broken.html", "{{ nope }}")]);
    let server = TestServer::start(app(folder.path()), options());
    for (request, status) in [
        ("GET /missing HTTP/1.1\r\nHost: localhost", "404 Not Found"),
        ("GET /broken HTTP/1.1\r\nHost: localhost", "500 Internal Server Error"),
        (
            "GET /style.css HTTP/1.1\r\nHost: localhost\r\nIf-Match: \"x\"",
            "412 Precondition Failed",
        ),
        (
            "GET /style.css HTTP/1.1\r\nHost: localhost\r\nRange: bytes=99-",
            "416 Range Not Satisfiable",
        ),
        ("POST /style.css HTTP/1.1\r\nHost: localhost", "405 Method Not Allowed"),
        ("BREW /style.css HTTP/1.1\r\nHost: localhost", "501 Not Implemented"),
        ("GET /style.css HTTP/1.1\r\nHost: foreign.example", "421 Misdirected Request"),
    ] {
        for (dest, content_type) in [
            ("style", Some("text/css; charset=utf-8")),
            ("script", Some("text/javascript; charset=utf-8")),
            ("worker", Some("text/javascript; charset=utf-8")),
            ("image", None),
            ("empty", None),
        ] {
            let mut client = server.connect();
            client.send(format!(
                "{request}\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: {dest}\r\n\r\n"
            ));
            let answer = client.answer();
            assert!(answer.head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{request}");
            let is_comment = answer.text() == format!("/* {status} */\n");
            assert_eq!(is_comment, content_type.is_some(), "{request} {dest}: {}", answer.text());
            let is_type = answer.field("Content-Type") == content_type;
            assert_eq!(is_type, content_type.is_some(), "{request} {dest}");
            assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
        }
    }
}

//! What the steps of an answer cost, each by itself, without sockets and threads.
//!
//! `cargo bench --bench micro`, or with a part of a name behind `--`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use divan::{Bencher, black_box};
use pagepool::{
    http::{
        date::DateField,
        encoding::{self, Coding},
        prepared::Persistence,
        range,
        request::{self, FieldSlots, Limits, Request},
    },
    live::patch::Shown,
    site::{Site, SiteOptions},
};
use tempfile::TempDir;

/// As wrk sends it.
const SHORT_HEAD: &str = "GET /small HTTP/1.1\r\nHost: localhost:8889\r\n\r\n";

/// As a browser sends it.
const BROWSER_HEAD: &str = "GET /small?from=menu HTTP/1.1\r\nHost: localhost:8889\r\n\
    Connection: keep-alive\r\nCache-Control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"142\"\r\n\
    sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/142.0.0.0 Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n\
    Cookie: session=5f2b1c7d9e8a4f60\r\n\r\n";

const LIMITS: Limits = Limits {
    max_target_bytes: 8 * 1024,
    max_head_bytes: 16 * 1024,
    max_header_fields: 100,
    max_body_bytes: 1024 * 1024,
};

/// Room for every page here.
const ROOM_BYTES: u64 = 64 << 20;

fn main() {
    divan::main();
}

/// A folder with a page of each kind.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("small.html", &text(900));
    write("medium.html", &text(11_000));
    write("_piece.html", "<nav>A piece of all pages</nav>");
    write(
        "rendered.html",
        &format!("{{% include '_piece.html' %}}<p>{{{{ request.path }}}}</p>{}", text(800)),
    );
    folder
}

/// Words that do not repeat as a whole, since that would be too easy to compress.
fn text(len: usize) -> String {
    let words = ["lanes", "ropes", "water", "depth", "relay", "crawl", "clock", "pool"];
    let mut text = String::new();
    let mut number = 1_u64;
    while text.len() < len {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.push_str(words[(number >> 61) as usize]);
        text.push_str(if number.is_multiple_of(11) { "\n" } else { " " });
    }
    text.truncate(len);
    text
}

fn open_site(root: &Path, production: bool, cache_max_bytes: u64) -> Site {
    let options = SiteOptions { production, cache_max_bytes, ..SiteOptions::default() };
    Site::open(root, options).unwrap()
}

fn head(path: &str, field: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost:8889\r\n{field}\r\n\r\n")
}

fn bench_parse(bencher: Bencher<'_, '_>, head: &str) {
    bencher.bench_local(|| {
        let mut slots = FieldSlots::default();
        let (request, len) =
            request::parse(black_box(head.as_bytes()), &mut slots, &LIMITS).unwrap().unwrap();
        black_box(&request);
        len
    });
}

/// Gives `bench` the request that `head` is.
fn with_request(head: &str, bench: impl FnOnce(&Request<'_>)) {
    let mut slots = FieldSlots::default();
    let (request, _) = request::parse(head.as_bytes(), &mut slots, &LIMITS).unwrap().unwrap();
    bench(&request);
}

/// Answers until the files are older than a tick of the clock that stamps them: what
/// was made of a younger one is not kept.
fn warm(site: &Site, request: &Request<'_>, now: SystemTime) {
    let end = Instant::now() + Duration::from_millis(50);
    while Instant::now() < end {
        assert!(site.respond(request, now).at_once().status.is_success());
    }
}

fn bench_answer(bencher: Bencher<'_, '_>, head: &str, production: bool, cache_max_bytes: u64) {
    let folder = folder();
    let site = open_site(folder.path(), production, cache_max_bytes);
    // Seconds after a folder was changed, its stamp tells of all names that it lacks.
    let now = SystemTime::now() + Duration::from_secs(10);
    with_request(head, |request| {
        warm(&site, request, now);
        bencher.bench_local(|| site.respond(black_box(request), now).at_once());
    });
}

/// A head, out of the bytes of a connection.
#[divan::bench]
fn parse_head_of_wrk(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, SHORT_HEAD);
}

#[divan::bench]
fn parse_head_of_a_browser(bencher: Bencher<'_, '_>) {
    bench_parse(bencher, BROWSER_HEAD);
}

/// From the request to the response, of which everything is kept.
#[divan::bench]
fn hit_checked_by_stat(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, SHORT_HEAD, false, ROOM_BYTES);
}

#[divan::bench]
fn hit_production(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, SHORT_HEAD, true, ROOM_BYTES);
}

#[divan::bench]
fn hit_production_for_a_browser(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, BROWSER_HEAD, true, ROOM_BYTES);
}

#[divan::bench]
fn hit_production_in_part(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, &head("/medium", "Range: bytes=5000-5999"), true, ROOM_BYTES);
}

/// The way through the routing table, to an answer that takes next to no work.
#[divan::bench]
fn route_to_a_redirect(bencher: Bencher<'_, '_>) {
    let folder = folder();
    let site = open_site(folder.path(), true, ROOM_BYTES);
    let now = SystemTime::now();
    with_request(&head("/small/", "Accept: */*"), |request| {
        assert!(site.respond(request, now).at_once().status.is_redirection());
        bencher.bench_local(|| site.respond(black_box(request), now).at_once());
    });
}

/// A page that reads its request, with a piece included.
#[divan::bench]
fn render_checked_by_stat(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, &head("/rendered", "Accept: */*"), false, ROOM_BYTES);
}

#[divan::bench]
fn render_production(bencher: Bencher<'_, '_>) {
    bench_answer(bencher, &head("/rendered", "Accept: */*"), true, ROOM_BYTES);
}

/// A page of 11 kB where nothing is kept: read, rendered, hashed, and compressed.
/// What the coding costs is the difference from `identity`.
#[divan::bench(args = ["identity", "gzip", "zstd", "br"])]
fn encode(bencher: Bencher<'_, '_>, coding: &str) {
    let head = head("/medium", &format!("Accept-Encoding: {coding}"));
    bench_answer(bencher, &head, false, 0);
}

#[divan::bench]
fn negotiate_coding(bencher: Bencher<'_, '_>) {
    with_request(BROWSER_HEAD, |request| {
        bencher
            .bench_local(|| encoding::negotiate(black_box(request.headers), &Coding::COMPRESSED));
    });
}

/// What a `Range` asks for.
#[divan::bench(args = ["bytes=5000-5999", "bytes=0-99,200-299,-100"])]
fn parse_range(bencher: Bencher<'_, '_>, value: &str) {
    with_request(&head("/medium", &format!("Range: {value}")), |request| {
        bencher.bench_local(|| range::parse(black_box(request.headers), 11_000));
    });
}

/// The bytes of a head, out of a response.
#[divan::bench]
fn write_head(bencher: Bencher<'_, '_>) {
    let folder = folder();
    let site = open_site(folder.path(), true, ROOM_BYTES);
    let now = SystemTime::now();
    with_request(SHORT_HEAD, |request| {
        let response = site.respond(black_box(request), now).at_once();
        let date = DateField::new(now);
        let mut out = Vec::with_capacity(1024);
        bencher.bench_local(|| {
            out.clear();
            black_box(&response).write_head(&mut out, &date, Persistence::KeepAlive);
            out.len()
        });
    });
}

/// A save that adds two elements to a page of 100 kB: parsed, compared, written as
/// markup, and parsed back. Parsing is nearly all of it.
#[divan::bench]
fn patch_of_a_save(bencher: Bencher) {
    let section = |number: usize| {
        let text = text(200);
        format!("<section id=s{number}><h2>{number}</h2><p class=\"a b\">{text}</p></section>\n")
    };
    let page = |sections: usize| (0..sections).map(section).collect::<String>().into_bytes();
    let (old, new) = (page(400), page(402));
    bencher
        .with_inputs(|| (Shown::new(old.clone()), new.clone()))
        .bench_values(|(mut shown, new)| shown.advance(new).unwrap());
}

/// A save that adds 100 kB of elements to a page: much of it is markup that is written.
#[divan::bench]
fn patch_of_much_markup(bencher: Bencher) {
    let item =
        |number: usize| format!("<li class=x title=\"{number} > 1\">A &amp; <b>b</b></li>\n");
    let page =
        |items: usize| ["<ul>\n", &(0..items).map(item).collect::<String>(), "</ul>"].concat();
    let (old, new) = (page(1).into_bytes(), page(2_000).into_bytes());
    bencher
        .with_inputs(|| (Shown::new(old.clone()), new.clone()))
        .bench_values(|(mut shown, new)| shown.advance(new).unwrap());
}

//! Files that frames and workers of pages have fetched.

use super::*;

const NOTHING: &[(&str, &str)] = &[];

/// A page that is open, and files beside it.
fn open_beside(files: &[(&str, &str)]) -> (Pages, Page) {
    let pages = Pages::new(&[&[("a.html", "<p>a"), ("b.html", "<p>b")], files].concat());
    pages.rest();
    let page = pages.open("/a");
    (pages, page)
}

impl Pages {
    /// Notes that `target` was asked for at `at`.
    fn fetch_at(&self, at: SystemTime, target: &str, fields: &str) {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        with_request(&head, |request| self.live.note(request, at));
    }

    /// Notes that `from`, a target, has asked for `target`.
    fn fetch(&self, from: &str, target: &str, destination: &str) {
        self.fetch_at(SystemTime::now(), target, &fields_of(from, destination));
    }
}

fn fields_of(from: &str, destination: &str) -> String {
    let is_frame = matches!(destination, "iframe" | "object" | "document");
    let mode = if is_frame { "navigate" } else { "no-cors" };
    format!(
        "Referer: http://localhost{from}\r\nSec-Fetch-Dest: {destination}\r\n\
         Sec-Fetch-Mode: {mode}\r\n"
    )
}

#[test]
fn what_workers_fetch_counts_for_the_pages_that_have_them() {
    for (from, target, destination) in [
        ("/a", "/w.js", "worker"),
        ("/a", "/w.js", "sharedworker"),
        ("/a", "/tone.js", "audioworklet"),
        ("/w.js", "/part.js", "script"),
        ("/w.js", "/data.txt", "empty"),
        ("/w.js", "/inner.js", "worker"),
        ("/inner.js", "/deep.txt", "empty"),
    ] {
        for is_open in [false, true] {
            let files = [target, "/w.js", "/inner.js"].map(|name| (&name[1..], "one"));
            let pages =
                Pages::new(&[&[("a.html", "<p>a"), ("b.html", "<p>b")], &files[..]].concat());
            pages.rest();
            let version = pages.navigate("/a", "");
            let connect = || pages.connect("/a", "", &version);
            let page = is_open.then(connect);
            for (from, target) in [("/a", "/w.js"), ("/w.js", "/inner.js"), (from, target)] {
                pages.fetch(from, target, destination);
            }
            let page = page.unwrap_or_else(connect);
            page.receives("current");
            let other = pages.open("/b");
            pages.settle(&[&page]);
            pages.write(&target[1..], "two");
            page.receives("reload");
            pages.settle(&[&page, &other]);
        }
    }
}

#[test]
fn a_page_in_a_frame_follows_itself_and_other_documents_are_followed_for_it() {
    let files = [("i.svg", "<svg/>"), ("i.txt", "one"), ("i.css", "p {}"), ("in.html", "<p>one")];
    let (pages, page) = open_beside(&files);
    for name in ["/i.svg", "/i.txt", "/in", "/gone.svg"] {
        pages.fetch("/a", name, "iframe");
    }
    pages.settle(&[&page]);
    pages.write("in.html", "<p>two");
    pages.write("gone.svg", "<svg/>");
    pages.settle(&[&page]);
    pages.write("i.svg", "<svg></svg>");
    assert_eq!(page.message(), json!({ "type": "image", "path": "/i.svg" }));
    pages.fetch("/i.svg", "/i.css", "style");
    pages.settle(&[&page]);
    // No script of the page has a way to it.
    pages.write("i.css", "i {}");
    page.receives("reload");
}

#[test]
fn a_sheet_is_swapped_unless_something_else_has_fetched_it() {
    for (from, message) in [("/a", "style"), ("/o.css", "style"), ("/w.js", "reload")] {
        let (pages, page) = open_beside(&[("s.css", "p {}"), ("o.css", "p {}"), ("w.js", "one")]);
        page.send(&json!({ "resources": ["/s.css", "/o.css"] }));
        pages.fetch("/a", "/w.js", "worker");
        pages.fetch(from, "/s.css?pagepool=1", "style");
        pages.settle(&[&page]);
        pages.write("s.css", "i {}");
        page.receives(message);
    }
}

#[test]
fn what_is_shut_in_counts_for_the_pages_that_say_so() {
    let files = [("in.html", "<p>one"), ("in.css", "p {}"), ("deep.html", "<p>one")];
    for (frame, name, counts) in [
        ("/in", "in.html", true),
        ("/in", "in.css", true),
        ("/in", "deep.html", true),
        ("", "in.css", true),
        ("", "in.html", false),
    ] {
        let (pages, page) = open_beside(&files);
        let other = pages.open("/b");
        pages.fetch("/a", "/in", "iframe");
        page.send(&json!({ "shut_in": frame }));
        for target in ["/in.css", "/deep"] {
            let fields = "Origin: null\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";
            pages.fetch_at(SystemTime::now(), target, fields);
        }
        pages.settle(&[&page, &other]);
        pages.write(name, "two");
        if counts {
            page.receives("reload");
        }
        pages.settle(&[&page, &other]);
    }
}

#[test]
fn what_was_fetched_for_an_earlier_page_does_not_count() {
    let (pages, page) = open_beside(&[("w.js", "one"), ("s.js", "one"), ("part.js", "one")]);
    let before = SystemTime::now() - Duration::from_secs(60);
    pages.fetch_at(before, "/w.js", &fields_of("/a", "worker"));
    pages.settle(&[&page]);
    pages.write("w.js", "two");
    pages.settle(&[&page]);
    // A shared worker may be older than the page.
    pages.fetch_at(before, "/s.js", &fields_of("/a", "sharedworker"));
    pages.fetch_at(before, "/part.js", &fields_of("/s.js", "script"));
    pages.settle(&[&page]);
    pages.write("part.js", "two");
    page.receives("reload");
}

#[test]
fn a_page_that_scripts_have_moved_fetches_under_its_new_name() {
    let (pages, page) = open_beside(&[("w.js", "one")]);
    pages.fetch("/moved", "/w.js", "worker");
    pages.settle(&[&page]);
    page.send(&json!({ "address": "/moved" }));
    pages.settle(&[&page]);
    pages.write("w.js", "two");
    page.receives("reload");
}

#[test]
fn a_flood_of_fetches_costs_a_tab_its_list_alone() {
    let (pages, page) = open_beside(NOTHING);
    let other = pages.open("/b");
    for n in 0..20_000 {
        pages.fetch("/a", &format!("/{n}"), "empty");
    }
    pages.settle(&[&other]);
    pages.write("a.html", "<p>c");
    while !matches!(page.message()["type"].as_str(), Some("patch" | "reload")) {}
    pages.write("b.html", "<p>c");
    other.catches_up(&pages);
}

#[test]
fn what_scripts_may_have_made_of_an_image_loads_the_page_again() {
    let files = [("a.html", "<script>a()</script><p>a"), ("i.png", "one"), ("s.css", "p {}")];
    let pages = Pages::new(&files);
    pages.rest();
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/i.png", "/s.css"] }));
    pages.settle(&[&page]);
    pages.write("s.css", "i {}");
    page.receives("style");
    pages.write("i.png", "two");
    page.receives("reload");
}

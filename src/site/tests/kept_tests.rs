//! Answers that are kept: which requests share one.

use std::time::Duration;

use super::*;
use crate::{
    http::body::Source,
    site::files::{stamp::FileStamp, system::LOOKS},
};

#[test]
fn a_page_without_tags_that_is_no_utf_8_is_read_once() {
    let pages = Pages::with(&[], |options| options.cache_max_bytes = 64 << 20);
    pages.write("latin.html", b"<p>caf\xe9");
    let ask = || pages.answer("GET", "/latin", "").at_once();
    let kept = std::iter::repeat_with(|| (ask(), ask())).take(1_000_000);
    let (kept, _) = kept.into_iter().find(|(one, two)| Arc::ptr_eq(one, two)).unwrap();
    assert!(kept.note.message.as_ref().unwrap().contains("is not UTF-8"));
}

#[test]
fn the_page_for_what_is_missing_is_made_once_for_all_paths() {
    let pages = Pages::with(&[("404.html", "{{ 'Nothing here' }}")], |options| {
        options.cache_max_bytes = 64 << 20;
    });
    let place_of_body = |target: &str| {
        let answer = pages.answer("GET", target, "").at_once();
        assert_eq!((answer.status.as_u16(), answer.get("Cache-Control")), (404, Some("no-store")));
        match answer.body.at(0) {
            Some((Source::Bytes(bytes), _)) => bytes.as_ptr(),
            _ => panic!("it is in memory"),
        }
    };
    let is_kept = || place_of_body("/a") == place_of_body("/b");
    assert!(std::iter::repeat_with(is_kept).take(1_000_000).any(|is_kept| is_kept));
    pages.write("404.html", "Changed");
    let answer = pages.answer("GET", "/a", "").at_once();
    assert_eq!(answer.body.read().unwrap(), b"Changed");
}

#[test]
fn a_page_is_kept_under_one_of_its_spellings() {
    let pages = Pages::with(&[("about.html", "<p>About")], |options| {
        options.cache_max_bytes = 64 << 20;
    });
    let ask = |target: &str| pages.answer("GET", target, "").at_once();
    let kept = std::iter::repeat_with(|| (ask("/about"), ask("/about")))
        .find(|(one, other)| Arc::ptr_eq(one, other));
    let (kept, _) = kept.unwrap();
    for target in ["/%61bout", "//about", "/./about", "/a/../about", "/%61%62%6f%75%74?x"] {
        assert!(Arc::ptr_eq(&kept, &ask(target)), "{target}");
    }
}

#[test]
fn a_name_that_comes_after_a_long_rest_shows_at_once() {
    type Case = (&'static str, &'static [&'static str], &'static str, &'static str);
    let cases: [Case; 5] = [
        ("/style.css", &["style.css.br", "style.css.gz"], "a {}", "coded"),
        ("/blog/post", &["blog/post.md"], "<p>Post", "blog/post.md"),
        ("/blog/post", &["blog/2026-03-01-post.md"], "<p>Post", "2026-03-01-post.md"),
        ("/include", &["_a/_b.html"], "<p>-", "<p>-coded"),
        ("/blog/markdown", &["blog/_layout.html"], "Text", "coded"),
    ];
    for (target, come, before, after) in cases {
        let files = [
            ("style.css", "a {}"),
            ("blog/post.html", "<p>Post"),
            ("blog/markdown.md", "Text"),
            ("include.html", "<p>-{% include ['_a/_a.html', '_a/_b.html'] ignore missing %}"),
        ];
        let pages = Pages::with(&files, |options| options.cache_max_bytes = 64 << 20);
        let coding = if target.ends_with(".css") { "Accept-Encoding: br, gzip\r\n" } else { "" };
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{coding}\r\n");
        let later = || {
            let respond = |asked: RequestContext<'_>| {
                let rest = std::time::Duration::from_secs(60);
                pages.site.respond(asked.request, asked.now + rest).at_once()
            };
            pages.ask_with(&head, respond)
        };
        let mut answers = std::iter::repeat_with(|| (later(), later())).take(1_000_000);
        let kept = answers.find(|(one, two)| Arc::ptr_eq(&one.response, &two.response)).unwrap().0;
        assert!(kept.body.contains(before) && !kept.body.contains("coded"), "{target}");
        assert!(Arc::ptr_eq(&kept.response, &later().response));
        for name in come {
            FileStamp::await_later(&pages.path("blog"));
            FileStamp::await_later(&pages.path(""));
            pages.write(name, "coded{% block content %}{% endblock %}");
        }
        let body = later().body;
        assert!(body.contains(after), "{target}, {come:?}: {body}");
    }
}

#[test]
fn what_is_kept_costs_few_looks_at_the_folder() {
    let files = [
        ("small.html", "<p>Small"),
        ("blog/post.html", "<p>Post"),
        ("style.css", "a {}"),
        ("_nav.html", "<nav>"),
        ("_layout.html", "{% include '_nav.html' %}{% block content %}{% endblock %}"),
        ("query.html", "{% include '_nav.html' %}{{ request.path }}"),
        ("blog/query.html", "{% include '_nav.html' %}{{ request.path }}"),
        (
            "blog/many.html",
            "{% extends '_layout.html' %}{% block content %}{{ request.path }}{% endblock %}",
        ),
        ("post.md", "---\nlayout: _layout.html\n---\n{{ request.path }}"),
    ];
    let rests = Duration::from_secs(60);
    for (target, in_development) in [
        // The folder, which tells that nothing else is the page, and the file.
        ("/small", 2),
        ("/small.html", 2),
        ("/blog/post", 2),
        // Its compressed forms are told by the folder, too.
        ("/style.css", 2),
        ("/query", 3),
        ("/blog/query", 3),
        // Too many for whole paths: the root, the folder, and three files.
        ("/blog/many", 5),
        ("/post", 4),
    ] {
        for (is_production, expected) in [(false, in_development), (true, 0)] {
            let pages = Pages::with(&files, |options| {
                options.production = is_production;
                options.cache_max_bytes = 64 << 20;
            });
            let now = SystemTime::now() + rests;
            let looks = || {
                let before = LOOKS.get();
                let head = RequestHead::get(target, "localhost");
                let answer = head.with_request(|request| pages.site.respond(request, now));
                assert_eq!(answer.unwrap().at_once().status.as_u16(), 200, "{target}");
                LOOKS.get() - before
            };
            // From when the files have settled.
            let few = std::iter::repeat_with(looks).take(20_000).find(|looks| *looks <= expected);
            assert_eq!([few, Some(looks())], [Some(expected); 2], "{target}, {is_production}");
        }
    }
}

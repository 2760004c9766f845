//! The page that `fallback` names, in place of what is missing.

use super::*;
use crate::http::url_path::UrlPath;

const NAVIGATE: &str = "Sec-Fetch-Mode: navigate";
const HTML: &str = "Accept: text/html";

fn page(name: &str) -> Fallback {
    Fallback::Page(UrlPath::of_name(name, false).unwrap())
}

fn pages(files: &[(&str, &str)]) -> Pages {
    Pages::with(files, |options| options.fallback = page("app/index.html"))
}

#[test]
fn the_page_answers_navigations_to_paths_without_a_file() {
    for production in [false, true] {
        let files =
            [("app/index.html", "the app"), ("about.html", "about"), ("docs/index.html", "")];
        let pages = Pages::with(&files, |options| {
            (options.fallback, options.production) = (page("app/index.html"), production);
        });
        for (target, field, expected) in [
            ("/users/7", NAVIGATE, "the app"),
            ("/users/7", HTML, "the app"),
            ("/", NAVIGATE, "the app"),
            ("/a%2Fb/%00", NAVIGATE, "the app"),
            ("//elsewhere.example/x", NAVIGATE, "the app"),
            ("/a/../../b", NAVIGATE, "the app"),
            // As if it were not there.
            ("/.git/config", NAVIGATE, "the app"),
            ("/_layout", NAVIGATE, "the app"),
            // No assets: what follows the dot is no type, or that of a page.
            ("/users/ada.lovelace", NAVIGATE, "the app"),
            ("/users/ada@lovelace.org", NAVIGATE, "the app"),
            ("/sites/example.com", NAVIGATE, "the app"),
            ("/v1.2", NAVIGATE, "the app"),
            ("/old.html", NAVIGATE, "the app"),
            ("/photo.png/", NAVIGATE, "the app"),
            ("/users/7?file=a.png", NAVIGATE, "the app"),
            ("/about", NAVIGATE, "about"),
            ("/missing.png", NAVIGATE, "404"),
            ("/assets/APP.JS", HTML, "404"),
            ("/a%2Fb.css", HTML, "404"),
            ("/api/users", "Sec-Fetch-Mode: cors", "404"),
            ("/users/7", "Sec-Fetch-Mode: no-cors", "404"),
            ("/api/users", "Accept: application/json", "404"),
            ("/api/users", "X: y", "404"),
            ("/docs", NAVIGATE, "301"),
        ] {
            let answer = pages.get_with(target, field);
            let found = match answer.status() {
                200 => answer.body.clone(),
                status => status.to_string(),
            };
            assert_eq!(found, expected, "{target} {field} {production}");
        }
        assert!(pages.get_with("/x", NAVIGATE).field("Vary").contains("Sec-Fetch-Mode"));
        assert_eq!(pages.get_with("/x", NAVIGATE).field("Cache-Control"), "no-cache");
    }
}

#[test]
fn the_page_comes_before_404_html_which_answers_all_else() {
    let pages = pages(&[("app/index.html", "the app"), ("404.html", "lost")]);
    for (field, status, body) in [(NAVIGATE, 200, "the app"), ("X: y", 404, "lost")] {
        let answer = pages.get_with("/x", field);
        assert_eq!((answer.status(), answer.body.as_str()), (status, body));
    }
    fs::remove_file(pages.path("app/index.html")).unwrap();
    let answer = pages.get_with("/x", NAVIGATE);
    assert_eq!((answer.status(), answer.body.as_str()), (404, "lost"));
}

#[test]
fn the_page_may_be_a_template_that_reads_its_request() {
    let pages = pages(&[("app/index.html", "{{ request.path }} {{ page.file }}")]);
    for path in ["/a", "/b/c"] {
        let answer = pages.get_with(path, NAVIGATE);
        assert_eq!((answer.status(), answer.body), (200, format!("{path} app/index.html")));
        assert!(answer.response.get("Vary").is_some_and(|vary| vary.contains("Accept")));
    }
    pages.write("app/index.html", "{{ nope }}");
    assert_eq!(pages.get_with("/a", NAVIGATE).status(), 500);
    pages.write("app/index.html", "whole");
    assert_eq!(pages.get_with("/a", NAVIGATE).body, "whole");
}

#[test]
fn a_page_that_comes_or_goes_is_seen_at_once() {
    let pages = pages(&[]);
    for _ in 0..3 {
        let answer = pages.get_with("/x", HTML);
        assert_eq!(answer.status(), 404);
        assert!(answer.body.contains("/app/index.html"), "{}", answer.body);
        pages.write("app/index.html", "the app");
        assert_eq!(pages.get_with("/x", HTML).body, "the app");
        pages.write("x.html", "x");
        assert_eq!(pages.get_with("/x", HTML).body, "x");
        fs::remove_file(pages.path("x.html")).unwrap();
        assert_eq!(pages.get_with("/x", HTML).body, "the app");
        fs::remove_file(pages.path("app/index.html")).unwrap();
    }
}

#[test]
fn all_paths_share_one_representation_in_the_cache() {
    let text = "<p>the app</p>".repeat(2000);
    let pages = pages(&[("app/index.html", &text)]);
    let ask = |n: usize| {
        pages.get_with(&format!("/users/{n}"), &format!("{NAVIGATE}\r\nAccept-Encoding: gzip"))
    };
    // It is kept once a change of the file would be sure to show.
    let weights = std::iter::repeat_with(|| {
        ask(0);
        pages.site.cache.weight()
    });
    let weight = weights.into_iter().find(|weight| *weight > 0).unwrap();
    let tag = ask(0).field("ETag").to_owned();
    for n in 0..500 {
        let answer = ask(n);
        assert_eq!(answer.status(), 200);
        assert_eq!((answer.field("Content-Encoding"), answer.field("ETag")), ("gzip", &*tag));
    }
    assert_eq!(pages.site.cache.weight(), weight);
    let head = format!("{NAVIGATE}\r\nAccept-Encoding: gzip\r\nIf-None-Match: {tag}");
    assert_eq!(pages.get_with("/users/1", &head).status(), 304);
    assert_eq!(pages.get_with("/users/2", &head).status(), 304);
}

#[test]
fn each_path_has_the_fields_of_its_own_rules() {
    let text = "<p>the app</p>".repeat(100);
    let pages = Pages::with(&[("app/index.html", &text)], |options| {
        options.fallback = page("app/index.html");
        let finish = |path: Option<&str>, response: &mut http::response::Response| {
            response.set("X-Path", path.unwrap_or_default().to_owned());
        };
        options.preparation = Preparation::new(http::memory::Memory::unbounded(), finish);
    });
    for path in ["/a", "/b", "/a"] {
        for fields in ["", "\r\nAccept-Encoding: br", "\r\nIf-None-Match: *"] {
            let answer = pages.get_with(path, &format!("{NAVIGATE}{fields}"));
            assert_eq!(answer.field("X-Path"), path, "{fields}");
        }
    }
}

#[test]
fn a_page_that_cannot_be_served_is_reported_at_the_start() {
    for (name, files, expected) in [
        ("index.html", &[("index.html", "")][..], ""),
        ("index.html", &[], "there is no file"),
        ("_app.html", &[("_app.html", "")], "answers no request"),
    ] {
        let pages = Pages::with(files, |options| options.fallback = page(name));
        let warning = pages.site.fallback_warning().unwrap_or_default();
        assert!(warning.contains(expected) && warning.is_empty() == expected.is_empty());
        if !warning.is_empty() {
            assert_eq!(pages.get_with("/x", NAVIGATE).status(), 404);
        }
    }
    assert_eq!(Pages::new(&[]).site.fallback_warning(), None);
}

//! Pages as a browser shows them, with the snippet of live editing.

use super::*;
use crate::http::{memory::Memory, purpose, response::Response};

const NAVIGATE: &str = "Sec-Fetch-Mode: navigate\r\nAccept: text/html";

/// Pages whose navigations get `{version}` put in.
fn pages_with_snippet(files: &[(&str, &str)]) -> Pages {
    Pages::with(files, |options| {
        options.snippet = Some(Snippet::new("{{version}}"));
        options.exclude = vec!["as-it-is.html".to_owned()];
    })
}

#[test]
fn whatever_a_browser_shows_as_a_page_has_the_snippet() {
    let large = format!("<p>{}", "x".repeat(1 << 20));
    let pages = pages_with_snippet(&[
        ("a.html", "<!doctype html>a"),
        ("request.html", "{{ request.method }}"),
        ("broken.html", "{{ nobody }}"),
        ("as-it-is.html", "{{ nobody }}"),
        ("latin.html", ""),
        ("wide.html", ""),
        ("folder/index.html", ""),
        ("large.html", &large),
        ("a.txt", "text"),
        ("a.svg", "<svg/>"),
    ]);
    pages.write("latin.html", b"caf\xe9");
    pages.write("wide.html", b"\xff\xfe<\0");
    let large_as_it_is = fs::File::create(pages.path("as-it-is-too.html")).unwrap();
    large_as_it_is.set_len(17 << 20).unwrap();
    for (target, status, has_snippet) in [
        ("/a", 200, true),
        ("/request?x", 200, true),
        ("/broken", 500, true),
        ("/as-it-is", 200, true),
        ("/latin", 200, true),
        ("/nothing", 200, true),
        ("/large", 200, true),
        ("/wide", 200, false),
        ("/as-it-is-too", 200, false),
        ("/folder", 301, false),
        ("/a.txt", 200, false),
        ("/a.svg", 200, false),
    ] {
        let shown = pages.get_with(target, NAVIGATE);
        let plain = pages.get_with(target, "Sec-Fetch-Mode: cors\r\nAccept: text/html");
        assert_eq!(shown.status(), status, "{target}");
        let version = shown.body.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let rendering = version.and_then(|(version, _)| pages.site.rendering(version));
        assert_eq!(rendering.is_some(), has_snippet, "{target}");
        if let Some(Sent { rendering, .. }) = rendering {
            let markup = pages.site.markup(&rendering);
            assert_eq!(String::from_utf8_lossy(&markup), shown.body, "{target}");
            assert!(shown.field("Vary").ends_with(purpose::VARY), "{target}");
            assert_eq!(shown.field("Vary"), plain.field("Vary"), "{target}");
            if target != "/nothing" {
                assert_eq!(*rendering.bytes().to_vec(), *plain.response.body.read().unwrap());
            }
        }
    }
    pages.write("404.html", "nobody");
    assert!(pages.get_with("/nothing", NAVIGATE).body.ends_with("}nobody"));
    fs::remove_file(pages.path("404.html")).unwrap();
    fs::rename(pages.path("as-it-is-too.html"), pages.path("404.html")).unwrap();
    let answer = pages.get_with("/nothing", &format!("{NAVIGATE}\r\nAccept-Encoding: gzip"));
    assert_eq!((answer.status(), answer.response.body.len()), (404, 17 << 20));
}

#[test]
fn a_rendering_is_made_again_for_the_same_request() {
    let pages = pages_with_snippet(&[("a.html", "{{ request.query.q }}{{ request.cookies.c }}")]);
    let version = |answer: &Answer| {
        answer.body.split_once('{').unwrap().1.split_once('}').unwrap().0.to_owned()
    };
    let field = format!("{NAVIGATE}\r\nCookie: c=2");
    let first = version(&pages.get_with("/a?q=1", &field));
    let rendering = pages.site.rendering(&first).unwrap().rendering;
    assert_eq!(**rendering.bytes(), *b"12");
    let again = pages.site.render(rendering.head().unwrap(), SystemTime::now()).unwrap();
    assert_eq!(again.version(), first);
    // The content is the same, and the request is not.
    let other = version(&pages.get_with("/a?q=1&r", &field));
    assert!(other != first && rendering.has_content_of(&other));
    assert!(pages.site.render(&RequestHead::get("nowhere", "h"), SystemTime::now()).is_none());
}

#[test]
fn a_rendering_is_current_until_a_name_stands_for_something_else() {
    let files =
        [("a.html", "{% include ['x.html', 'y.html'] %}"), ("y.html", "y"), ("_c/d.html", "d")];
    type Change = fn(&Pages);
    let changes: [(&str, Change); 7] = [
        ("/a", |pages| pages.write("a.html", "other")),
        ("/a", |pages| pages.write("x.html", "")),
        ("/a", |pages| fs::remove_file(pages.path("y.html")).unwrap()),
        ("/a", |pages| fs::create_dir(pages.path("a")).unwrap()),
        ("/b", |pages| pages.write("b/index.html", "")),
        ("/b", |pages| pages.write("404.html", "")),
        ("/b", |pages| pages.write("[id].html", "")),
    ];
    for (target, change) in changes {
        let pages = pages_with_snippet(&files);
        let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{NAVIGATE}\r\n\r\n");
        let rendering = pages.site.render(&RequestHead::of_text(head), SystemTime::now()).unwrap();
        // A file of a name such as `[id].html` may answer for one that is missing, and any page
        // may have its path as an alias.
        let is_missing = target == "/b";
        pages.write(if is_missing { "_c/unrelated.html" } else { "unrelated.html" }, "");
        let is_current = || pages.site.stat_cache().is_current(rendering.dependencies());
        assert!(is_current());
        change(&pages);
        assert!(!is_current(), "{target}");
    }
}

#[test]
fn a_file_that_holds_no_script_is_framed_in_a_tab_of_its_own() {
    let files = ["a.svg", "a.xhtml", "a.xml", "a.txt", "a.js", "a.css", "a.json", "a.png", "a.csv"];
    let files = files.map(|name| (name, "<svg/>"));
    let pages = pages_with_snippet(&[&files[..], &[("a.html", "<p>a")]].concat());
    let in_tab = format!("{NAVIGATE}\r\nSec-Fetch-Dest: document");
    for (name, is_framed) in files.map(|(name, _)| (name, name != "a.csv")) {
        for (fields, is_for_tab) in [
            (&*in_tab, true),
            (&format!("{NAVIGATE}\r\nSec-Fetch-Dest: iframe"), false),
            (NAVIGATE, false),
            ("Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image", false),
            ("Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: empty", false),
        ] {
            let answer = pages.get_with(&format!("/{name}"), fields);
            let has_frame = answer.body.contains("<iframe>");
            assert_eq!(has_frame, is_framed && is_for_tab, "{name} {fields}");
            if !has_frame {
                assert_eq!(answer.body, "<svg/>", "{name} {fields}");
                continue;
            }
            let version = answer.body.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            assert!(pages.site.rendering(version.unwrap().0).is_some(), "{name}");
        }
    }
    assert!(!pages.get_with("/a.html", &in_tab).body.contains("<iframe>"));
    assert!(!pages.get_with("/missing.svg", &in_tab).body.contains("<iframe>"));
    let pages = Pages::new(&[("a.svg", "<svg/>")]);
    assert_eq!(pages.get_with("/a.svg", &in_tab).body, "<svg/>");
}

#[test]
fn a_file_with_header_rules_against_frames_is_not_framed() {
    for field in ["Content-Disposition", "Content-Security-Policy", "X-Frame-Options"] {
        let pages = Pages::with(&[("a.svg", "<svg/>")], |options| {
            options.snippet = Some(Snippet::new("{{version}}"));
            options.preparation =
                Preparation::new(Memory::unbounded(), move |_, response| response.set(field, "x"));
        });
        let answer = pages.get_with("/a.svg", &format!("{NAVIGATE}\r\nSec-Fetch-Dest: document"));
        assert_eq!(answer.body, "<svg/>", "{field}");
    }
}

#[test]
fn what_is_sent_as_xml_holds_no_script() {
    for (content_type, has_script, is_framed) in [
        ("text/html", true, false),
        ("text/html; charset=koi8-r", true, false),
        ("application/xml", false, true),
        ("text/xml; charset=utf-8", false, true),
        ("application/rss+xml", false, false),
        ("application/atom+xml; charset=utf-8", false, false),
        ("image/svg+xml", false, true),
        ("application/xhtml+xml", false, true),
        ("text/plain", false, true),
    ] {
        for source in ["<feed/>", "<feed>{{ request.method }}</feed>"] {
            let pages = Pages::with(&[("feed.html", source), ("other.html", source)], |options| {
                options.snippet = Some(Snippet::new("{{version}}"));
                let give_type = move |path: Option<&str>, response: &mut Response| {
                    let may_change = response.get("Cache-Control") != Some("no-store");
                    if path == Some("/feed") && may_change {
                        response.set("Content-Type", content_type);
                    }
                };
                options.preparation = Preparation::new(Memory::unbounded(), give_type);
            });
            for fields in [NAVIGATE, &format!("{NAVIGATE}\r\nSec-Fetch-Dest: iframe")] {
                for _ in 0..2 {
                    let answer = pages.get_with("/feed", fields);
                    assert_eq!(answer.field("Content-Type"), content_type);
                    assert_eq!(answer.body.contains('{'), has_script, "{content_type} {source}");
                }
                assert!(pages.get_with("/other", fields).body.contains('{'));
            }
            let in_tab =
                pages.get_with("/feed", &format!("{NAVIGATE}\r\nSec-Fetch-Dest: document"));
            assert_eq!(in_tab.body.contains("<iframe>"), is_framed, "{content_type} {source}");
            let part = pages.get_with("/feed", "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty");
            assert!(!part.body.contains('{'), "{content_type} {source}");
        }
    }
    // What another encoding makes of UTF-16 stays whole.
    let pages = Pages::with(&[], |options| {
        options.snippet = Some(Snippet::new("{{version}}"));
        let give_type = |_: Option<&str>, response: &mut Response| {
            response.set("Content-Type", "text/html");
        };
        options.preparation = Preparation::new(Memory::unbounded(), give_type);
    });
    pages.write("wide.html", b"\xff\xfe<\0p\0>\0");
    assert_eq!(pages.get_with("/wide", NAVIGATE).response.body.len(), 8);
}

//! Drafts and pages of the future: who gets them, and from when on.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;
use crate::dates::Zone;

/// 2026-11-27 at 12:00 in UTC.
const NOON: u64 = 1_795_780_800;
const HOUR: u64 = 3600;

const LIST: &str = "{% for page in pages('blog/') %}{{ page.url }} {% endfor %}";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Development,
    Production,
    Build,
    WithDrafts,
}

use Mode::{Build, Development, Production, WithDrafts};

impl Pages {
    /// What answers `target` at `secs` after 1970 began.
    fn at(&self, target: &str, secs: u64) -> Answer {
        self.at_with(target, "", secs)
    }

    fn at_with(&self, target: &str, fields: &str, secs: u64) -> Answer {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        self.ask_with(&head, |asked| {
            self.site.respond(asked.request, UNIX_EPOCH + Duration::from_secs(secs)).at_once()
        })
    }
}

fn pages_in(mode: Mode, zone: &str, files: &[(&str, &str)]) -> Pages {
    let timezone = Zone::named(zone).unwrap();
    let settings = SiteSettings { timezone, ..SiteSettings::default() };
    Pages::with(files, |options| {
        options.settings = Settings::fixed(settings);
        options.production = mode != Development;
        options.is_static = mode == Build;
        options.drafts = matches!(mode, Development | WithDrafts);
        options.fallback = Fallback::NotFound;
    })
}

/// Keys of front matter in a zone, whether the page is public at noon, and its mark if not.
const KEYS: [(&str, &str, bool, &str); 16] = [
    ("UTC", "title: x", true, ""),
    ("UTC", "draft: false", true, ""),
    ("UTC", "draft: true", false, "draft"),
    ("UTC", "draft: true\ndate: 2020-01-01", false, "draft"),
    ("UTC", "date: 2026-11-27", true, ""),
    // It has begun on the Line Islands, two hours ago.
    ("UTC", "date: 2026-11-28", true, ""),
    ("America/Los_Angeles", "date: 2026-11-28", true, ""),
    ("UTC", "date: 2026-11-29", false, "public from 2026-11-29"),
    ("Pacific/Kiritimati", "date: 2026-11-29", false, "public from 2026-11-29"),
    ("UTC", "date: 2026-11-27 12:00:00", true, ""),
    ("UTC", "date: 2026-11-27 12:00:01", false, "public from 2026-11-27T12:00:01Z"),
    ("Asia/Tokyo", "date: 2026-11-27 20:00:00", true, ""),
    ("America/New_York", "date: 2026-11-27 08:00", false, "public from 2026-11-27T08:00:00-05:00"),
    ("UTC", "date: 2026-11-27T14:00:00+02:00", true, ""),
    ("UTC", "date: 2026-11-27T14:00:00+01:00", false, "public from 2026-11-27T13:00:00Z"),
    ("UTC", "updated: 2030-01-01", true, ""),
];

/// A site whose folder `0` holds pages with the first of the keys, and so on.
fn site_of_keys(mode: Mode, zone: &str, text: &str) -> Pages {
    let pages = pages_in(
        mode,
        zone,
        &[("list.html", "{% for page in pages() %}{{ page.url }} {% endfor %}")],
    );
    for (number, (_, key, _, _)) in KEYS.iter().enumerate() {
        for (name, each) in [("a", ""), ("index", ""), ("[id]", "each: \"[7]\"\nkey:\n")] {
            let name = format!("{number}/{name}.html");
            pages.write(&name, format!("---\n{each}{key}\n---\n{text}"));
        }
    }
    pages
}

#[test]
fn visitors_get_no_page_that_is_not_public() {
    let zones = ["UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Tokyo"];
    for (mode, text) in [
        (Development, "text"),
        (Development, "{{ request.path }}"),
        (Production, "text"),
        (Production, "{{ request.path }}"),
        (Production, "{{ now().year }}"),
        (Build, "text"),
        (WithDrafts, "text"),
    ] {
        for zone in zones {
            let pages = site_of_keys(mode, zone, text);
            let listed = pages.at("/list", NOON).body;
            let keys = KEYS.iter().enumerate().filter(|(_, (of, ..))| *of == zone);
            for (number, (_, key, is_public, mark)) in keys {
                let is_shown = *is_public || matches!(mode, Development | WithDrafts);
                for (target, file) in [("a", "a"), ("", "index"), ("7", "[id]")] {
                    let case = format!("{key} {target} {text} {mode:?}");
                    let target = format!("/{number}/{target}");
                    let (status, source) = match (is_shown, *mark) {
                        (true, "") => (200, format!("{number}/{file}.html")),
                        (true, mark) => (200, format!("{number}/{file}.html ({mark})")),
                        (false, _) => (404, String::new()),
                    };
                    for _ in 0..2 {
                        let answer = pages.at(&target, NOON);
                        assert_eq!(
                            (answer.status(), answer.source()),
                            (status, &*source),
                            "{case}"
                        );
                    }
                    let is_listed = listed.split(' ').any(|url| url == target);
                    assert_eq!(is_listed, is_shown && file != "[id]", "{case}");
                }
            }
        }
    }
}

#[test]
fn all_that_leads_to_a_page_that_is_not_public_is_404() {
    for mode in [Production, Build] {
        let pages = pages_in(
            mode,
            "UTC",
            &[
                ("a/index.html", "---\ndraft: true\n---\n"),
                ("b.html", "---\ndate: 2030-01-01\n---\n{{ request.path }}"),
                ("404.html", "---\ndraft: true\n---\nsecret"),
                ("c.html", "{{ page.prev or '' }}|{{ page.next or '' }}"),
                ("d.html", "---\ndraft: true\n---\n"),
            ],
        );
        for target in
            ["/a", "/a/", "/a/index", "/a/index.html", "/b", "/b/", "/b.html", "/404", "/x"]
        {
            let answer = pages.at(target, NOON);
            assert_eq!(answer.status(), 404, "{target}");
            assert!(!answer.body.contains("secret"), "{target}");
        }
        assert_eq!(pages.at("/c", NOON).body, "|");
        let found = pages.site.public_files(SystemTime::now(), 2);
        let names: Vec<&str> = found.files.iter().map(|file| &*file.name).collect();
        assert_eq!(names, ["c.html"]);
        assert_eq!(found.unpublished.len(), 4);
    }
}

#[test]
fn what_is_kept_changes_when_the_time_comes() {
    let post = "---\ndate: 2026-11-27 13:00\n---\npost";
    let later = "---\ndate: 2026-11-27 15:00\n---\nlater";
    let by_request = format!("{LIST}{{% if request.query.x %}}{{% endif %}}");
    let files = [
        ("blog/a.html", post),
        ("blog/b.html", later),
        ("blog/c.html", "---\ndate: 2026-11-27 10:00\n---\n"),
        ("list.html", LIST),
        ("by-request.html", &by_request),
    ];
    let pages = pages_in(Production, "UTC", &files);
    for (secs, urls, statuses) in [
        (NOON, "/blog/c ", (404, 404)),
        (NOON + HOUR - 1, "/blog/c ", (404, 404)),
        (NOON + HOUR, "/blog/a /blog/c ", (200, 404)),
        (NOON + 3 * HOUR - 1, "/blog/a /blog/c ", (200, 404)),
        (NOON + 3 * HOUR, "/blog/a /blog/b /blog/c ", (200, 200)),
    ] {
        for _ in 0..3 {
            for target in ["/list", "/by-request"] {
                assert_eq!(pages.at(target, secs).body, urls, "{target} at {secs}");
            }
            let found = (pages.at("/blog/a", secs).status(), pages.at("/blog/b", secs).status());
            assert_eq!(found, statuses, "{secs}");
        }
    }
    let pages = pages_in(Development, "UTC", &files);
    for (secs, source) in [
        (NOON, "blog/a.html (public from 2026-11-27T13:00:00Z)"),
        (NOON + HOUR - 1, "blog/a.html (public from 2026-11-27T13:00:00Z)"),
        (NOON + HOUR, "blog/a.html"),
    ] {
        assert_eq!(pages.at("/blog/a", secs).source(), source);
        assert_eq!(pages.at("/list", secs).body, "/blog/a /blog/b /blog/c ");
    }
}

#[test]
fn what_stands_in_for_a_hidden_page_makes_way_for_it() {
    let later = "---\ndate: 2036-01-01 13:00\n---\nlater";
    let draft = "---\ndraft: true\n---\ndraft";
    let rows = "---\neach: \"['x']\"\n---\nrow";
    let list =
        "{% for page in pages('r/', each=true) %}{{ page.url }}={{ page.file }} {% endfor %}";
    // 2036-01-01 at 13:00, after all files were written.
    let from = 2_082_805_200;
    for (hidden, text, stand_in, instead, target, answers) in [
        ("a.html", later, "a.md", "now", "/a", ["a.md", "a.html"]),
        ("2036-01-01-a.md", later, "a/index.md", "now", "/a", ["-> /a/", "2036-01-01-a.md"]),
        ("r/x.html", later, "r/[id].html", rows, "/r/x", ["r/[id].html", "r/x.html"]),
        (
            "r/[id].y.html",
            "---\ndate: 2036-01-01 13:00\neach: \"['x']\"\n---\n",
            "r/[id].html",
            "---\neach: \"['x.y']\"\n---\nrow",
            "/r/x.y",
            ["r/[id].html", "r/[id].y.html"],
        ),
        ("r/x.html", later, "r/[id].html", rows, "/list", ["/r/x=r/[id].html ", "/r/x=r/x.html "]),
    ] {
        let files = [(hidden, text), (stand_in, instead), ("list.html", list)];
        let pages = pages_in(Production, "UTC", &files);
        let ask = |secs| {
            let answer = pages.at(target, secs);
            match answer.status() {
                200 if target == "/list" => answer.body,
                200 => answer.source().to_owned(),
                301 => format!("-> {}", answer.field("Location")),
                status => status.to_string(),
            }
        };
        let is_kept = || {
            let one = pages.at(target, from - 1).response;
            Arc::ptr_eq(&one, &pages.at(target, from - 1).response)
        };
        if !answers[0].starts_with("-> ") {
            assert!(std::iter::repeat_with(is_kept).take(1_000_000).any(|kept| kept), "{hidden}");
        }
        assert_eq!([ask(from - 1), ask(from)], answers, "{hidden}");
        if target != "/list" && !hidden.contains('[') && !hidden.contains("2036") {
            // The same where it is a draft no more, when that is looked for.
            pages.write(hidden, draft);
            assert_eq!(ask(from + 10), answers[0], "{hidden}");
            pages.write(hidden, "public");
            assert_eq!(ask(from + 20), answers[1], "{hidden}");
        }
    }
}

#[test]
fn a_client_learns_that_a_list_has_changed_by_itself() {
    let pages = pages_in(
        Production,
        "UTC",
        &[("blog/a.html", "---\ndate: 2036-01-01 13:00\n---\npost"), ("list.html", LIST)],
    );
    // 2036-01-01 at 13:00, after all files were written.
    let from = 2_082_805_200;
    let before = pages.at("/list", from - 1);
    let modified = before.field("Last-Modified").to_owned();
    let tag = before.field("ETag").to_owned();
    let fields =
        [format!("If-Modified-Since: {modified}\r\n"), format!("If-None-Match: {tag}\r\n")];
    for field in &fields {
        assert_eq!(pages.at_with("/list", field, from - 1).status(), 304, "{field}");
    }
    for field in &fields {
        let answer = pages.at_with("/list", field, from);
        assert_eq!((answer.status(), &*answer.body), (200, "/blog/a "), "{field}");
    }
}

#[test]
fn a_page_that_becomes_a_draft_is_gone_at_once() {
    let pages = pages_in(Production, "UTC", &[("blog/a.html", "x"), ("list.html", LIST)]);
    assert_eq!(
        (pages.at("/blog/a", NOON).status(), &*pages.at("/list", NOON).body),
        (200, "/blog/a ")
    );
    pages.write("blog/a.html", "---\ndraft: true\n---\nx");
    assert_eq!(
        (pages.at("/blog/a", NOON + 5).status(), &*pages.at("/list", NOON + 5).body),
        (404, "")
    );
    pages.write("blog/a.html", "xy");
    assert_eq!(
        (pages.at("/blog/a", NOON + 9).status(), &*pages.at("/list", NOON + 9).body),
        (200, "/blog/a ")
    );
}

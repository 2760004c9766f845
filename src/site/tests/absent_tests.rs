//! Mishaps at one moment of a request: a file is away, as while it is saved by a program that
//! removes the old one first, or while a release is switched; or the system fails.

use std::os::unix::fs::symlink;

use super::*;
use crate::site::files::system::{
    MISHAP,
    tests::{Mishap, MishapKind},
};

const FILES: &[(&str, &str)] = &[
    ("_base.html", "<main>{% block body %}{% endblock %}</main>"),
    ("_part.html", "part"),
    ("_data/team.csv", "id,name\n1,Ann\n2,Bo\n"),
    (
        "404.html",
        "none{% for p in pages('blog') %}{{ p.title }}{% endfor %}{% for p in data.team %}{{ p.name }}{% endfor %}",
    ),
    ("page.html", "page {% include '_part.html' %}"),
    ("optional.html", "page {% include '_part.html' ignore missing %}"),
    ("query.html", "{% include '_part.html' %}{{ request.query.n }}"),
    ("derived.html", "{% extends '_base.html' %}{% block body %}text{% endblock %}"),
    (
        "fronted.html",
        "---\nlayout: _base.html\ntitle: T\n---\n{% block body %}{{ page.title }}{% endblock %}",
    ),
    ("text.md", "---\ntitle: T\n---\n# A\n\n[b](page.html) {% include '_part.html' %}\n"),
    ("draft.html", "---\ndraft: true\n---\nsecret"),
    ("draft.md", "---\ndraft: true\n---\nsecret"),
    ("later.md", "---\ndate: 2999-01-01\n---\nsecret"),
    ("blog/2026-03-01-a.md", "---\ntitle: A\n---\ntext a"),
    ("blog/b.html", "<title>B</title>text b"),
    ("blog/c.md", "---\ndraft: true\n---\nsecret"),
    (
        "list.html",
        "{% for p in pages('blog') %}{{ p.title }} {{ p.summary }} {{ p.content }}{% endfor %}",
    ),
    ("data.html", "{% for p in data.team %}{{ p.name }}{% endfor %}"),
    ("team/[id].html", "---\neach: data.team\n---\n{{ item.name }}"),
    ("moved.html", "---\naliases: [/old, /elsewhere]\n---\nmoved"),
    ("deep/moved.html", "---\naliases: /past\n---\nmoved"),
    ("feed.xml.jinja", "<feed>{% for p in pages('blog') %}{{ p.url }}{% endfor %}</feed>"),
    ("assets.html", "{{ 'style.css'|versioned }} {{ 'style.css'|inline }}{% include 'text.md' %}"),
    ("style.css", "a { color: red }"),
    ("style.css.br", "coded"),
    ("docs/index.html", "docs"),
    ("plain.html", "plain"),
    ("photo.png", "\u{1}"),
];

const TARGETS: &[&str] = &[
    "/page",
    "/optional",
    "/query?n=1",
    "/derived",
    "/fronted",
    "/text",
    "/draft",
    "/later",
    "/blog/a",
    "/blog/b",
    "/blog/c",
    "/list",
    "/data",
    "/team/1",
    "/team/2",
    "/team/3",
    "/old",
    "/elsewhere",
    "/feed.xml",
    "/assets",
    "/style.css",
    "/docs",
    "/docs/",
    "/docs/index.html",
    "/plain",
    "/plain.html",
    "/photo.png",
    "/none",
    "/moved",
];

/// What a client sees of an answer.
type Told = (u16, String, String);

/// A site that a mishap may meet.
struct Troubled {
    pages: Pages,
    production: bool,
    /// Whether the same was answered before.
    is_known: bool,
}

impl Troubled {
    /// All of them.
    fn all() -> impl Iterator<Item = Self> {
        let ways = [(false, false), (false, true), (true, false), (true, true)];
        ways.into_iter().map(|(production, is_known)| Self {
            pages: Pages::new(FILES),
            production,
            is_known,
        })
    }

    fn open(&mut self) {
        let production = self.production;
        let (fuel, drafts) = (FUEL, !production);
        let options = SiteOptions { fuel, production, drafts, ..SiteOptions::default() };
        self.pages.site = Site::open(self.pages.folder.path(), options).unwrap();
    }

    /// What answers `target` when nothing happens.
    fn untroubled(&mut self, target: &str) -> Told {
        self.open();
        self.get(target)
    }

    /// What answers `target` when this happens at one of the times that something is asked
    /// for, and what answers it then. `None` after the last of these times.
    fn answers(&mut self, target: &str, at: usize, kind: &MishapKind) -> Option<[Told; 2]> {
        self.open();
        if self.is_known {
            self.get(target);
        }
        MISHAP.set(Some(Mishap { asked: 0, at, kind: kind.clone() }));
        let first = self.get(target);
        let happened = MISHAP.take().is_some_and(|mishap| mishap.asked >= at);
        happened.then(|| [first, self.get(target)])
    }

    fn get(&self, target: &str) -> Told {
        let answer = self.pages.get(target);
        let body = answer.body.replace(self.pages.folder.path().to_str().unwrap(), "");
        (answer.status(), answer.field("Location").to_owned(), body)
    }

    /// Has this happen at each moment of a request, and compares what answers it. Gives how
    /// many moments there were.
    fn miss_nothing(&mut self, target: &str, kind: &MishapKind) -> usize {
        let expected = self.untroubled(target);
        for at in 1.. {
            let Some([first, next]) = self.answers(target, at, kind) else { return at - 1 };
            let what = format!("{target} at {at}, {} {}", self.production, self.is_known);
            assert_eq!(first, expected, "{what}");
            assert_eq!(next, expected, "after {what}");
        }
        0
    }
}

#[test]
fn what_is_away_for_a_moment_is_not_missed() {
    for mut site in Troubled::all() {
        let moments: usize =
            TARGETS.iter().map(|target| site.miss_nothing(target, &MishapKind::ItIsAway)).sum();
        assert!(site.is_known || moments > 500, "{moments}");
    }
}

#[test]
fn a_file_that_is_away_while_its_folder_is_listed_is_not_missed() {
    for mut site in Troubled::all().filter(|site| !site.is_known) {
        for (file, targets) in [
            ("blog/2026-03-01-a.md", &["/blog/a", "/list", "/none"][..]),
            ("team/[id].html", &["/team/1", "/team/3"]),
            ("moved.html", &["/old", "/moved"]),
            ("deep/moved.html", &["/past"]),
            ("_data/team.csv", &["/data", "/team/1", "/none"]),
            ("draft.md", &["/draft"]),
        ] {
            let kind = MishapKind::IsAway(site.pages.path(file));
            for target in targets {
                assert!(site.miss_nothing(target, &kind) > 2, "{target}");
            }
        }
    }
}

/// The stamps of what a link leads to tell nothing of a folder on the way.
#[test]
fn what_a_link_leads_to_is_not_missed_while_a_folder_on_the_way_is_away() {
    for mut site in Troubled::all() {
        for (name, text) in [
            ("up/blog/a.md", "---\ntitle: A\n---\ntext"),
            ("up/blog/2026-03-01-b.md", "---\ntitle: B\n---\ntext"),
            ("up/parts/_part.html", "part"),
            ("up/people.csv", "id,name\n1,Ann\n"),
            ("posts.html", "{% for p in pages('linked') %}{{ p.title }}{% endfor %}"),
            ("asked.html", "{% include 'parts/_part.html' ignore missing %}{{ request.query.n }}"),
            ("people/[id].html", "---\neach: data.people | default([])\n---\n{{ item.name }}"),
        ] {
            site.pages.write(name, text);
        }
        for (to, link) in
            [("up/blog", "linked"), ("up/parts", "parts"), ("../up/people.csv", "_data/people.csv")]
        {
            symlink(to, site.pages.path(link)).unwrap();
        }
        let kind = MishapKind::IsAway(site.pages.path("up"));
        for target in ["/posts", "/linked/a", "/linked/b", "/asked?n=1", "/people/1"] {
            assert!(site.miss_nothing(target, &kind) > 0 || site.is_known, "{target}");
        }
    }
}

#[test]
fn what_is_away_for_a_moment_is_not_missed_in_an_open_page() {
    for mut site in Troubled::all().filter(|site| !site.production && !site.is_known) {
        for target in ["/page", "/list", "/data", "/derived", "/text", "/team/1", "/blog/a"] {
            let head = RequestHead::get(target, "h").as_navigation();
            let mut shown = |at| {
                site.open();
                MISHAP.set(Some(Mishap { asked: 0, at, kind: MishapKind::ItIsAway }));
                let shown = site.pages.site.render(&head, SystemTime::now()).unwrap();
                (shown.bytes().to_vec(), MISHAP.take().unwrap().asked)
            };
            let (expected, asked) = shown(0);
            for at in 1..=asked {
                assert!(shown(at).0 == expected, "{target} at {at}");
            }
        }
    }
}

/// Whatever cannot be had then: visitors get no draft, and the next answer is whole.
#[test]
fn nothing_is_kept_of_an_answer_that_lacked_a_descriptor() {
    for mut site in Troubled::all() {
        for target in TARGETS {
            let expected = site.untroubled(target);
            for at in 1.. {
                let Some([first, next]) = site.answers(target, at, &MishapKind::CannotOpen) else {
                    break;
                };
                let what = format!("{target} at {at}, {} {}", site.production, site.is_known);
                assert!(!site.production || !first.2.contains("secret"), "{what} {first:?}");
                // It is there, and only cannot be read.
                let is_page = matches!(*target, "/plain" | "/page" | "/derived");
                assert!(!is_page || first.0 != 404, "{what} {first:?}");
                assert_eq!(next, expected, "after {what}");
            }
        }
    }
}

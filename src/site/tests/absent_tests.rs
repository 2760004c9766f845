//! Files that are away for one moment of a request, as while they are saved by a program that
//! removes the old one first, or while a release is switched.

use super::*;
use crate::site::files::system::{ASKED, AWAY_AT};

const FILES: &[(&str, &str)] = &[
    ("_base.html", "<main>{% block body %}{% endblock %}</main>"),
    ("_part.html", "part"),
    ("_data/team.csv", "id,name\n1,Ann\n2,Bo\n"),
    ("404.html", "none"),
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

/// What answers `target`, and how often names were asked for; at one of these times the name is
/// away. Where it `is_known`, the same was answered before.
fn answer(
    pages: &mut Pages,
    target: &str,
    away: Option<usize>,
    is_known: bool,
    production: bool,
) -> ((u16, String, String), usize) {
    let options = SiteOptions { fuel: FUEL, production, ..SiteOptions::default() };
    pages.site = Site::open(pages.folder.path(), options).unwrap();
    if is_known {
        pages.get(target);
    }
    ASKED.set(0);
    AWAY_AT.set(away);
    let answer = pages.get(target);
    AWAY_AT.set(None);
    let body = answer.body.replace(pages.folder.path().to_str().unwrap(), "");
    let told = (answer.status(), answer.field("Location").to_owned(), body);
    (told, ASKED.get())
}

#[test]
fn what_is_away_for_a_moment_is_not_missed() {
    let (mut pages, mut moments) = (Pages::new(FILES), 0);
    for production in [false, true] {
        for target in TARGETS {
            for is_known in [false, true] {
                let mut answer =
                    |away: Option<usize>| answer(&mut pages, target, away, is_known, production);
                let (expected, asked) = answer(None);
                for away in 1..=asked {
                    let (found, _) = answer(Some(away));
                    assert_eq!(found, expected, "{target}, {away} of {asked}, {production}");
                }
                moments += asked;
            }
        }
    }
    assert!(moments > 1_000, "{moments}");
}

//! Pages whose front matter names a layout.

use super::*;

const POST: &str = "<title>{{ page.title }}</title>{% block content %}none{% endblock %}.";

#[test]
fn the_body_of_a_page_is_the_content_of_its_layout() {
    for (layout, name, text, expected) in [
        (
            "_post.html",
            "a.html",
            "---\nlayout: _post.html\ntitle: T & U\n---\n<p>x\n",
            "<title>T &amp; U</title><p>x.\n",
        ),
        (
            "_post.html",
            "a.html",
            "+++\nlayout = '/_post.html'\n+++\n{{ 1 + 1 }}",
            "<title>A</title>2.",
        ),
        (
            "docs/_post.html",
            "docs/a.html",
            "---\nlayout: ./_post.html\n---\nx",
            "<title>A</title>x.",
        ),
        ("_post.html", "docs/a.html", "---\nlayout: ../_post.html\n---\nx", "<title>A</title>x."),
        ("_post.html", "a.html", "---\nlayout: _post.html\n---\n", "<title>A</title>."),
        (
            "_post.html",
            "a.html",
            "---\nlayout: _post.html\n---\n<b>{{ '<' }}</b>",
            "<title>A</title><b>&lt;</b>.",
        ),
        ("_post.html", "a.html", "---\nlayout: false\n---\nx", "x"),
        ("_post.html", "a.html", "---\nlayout:\n---\nx", "x"),
    ] {
        let pages = Pages::new(&[(layout, POST), (name, text)]);
        let answer = pages.get(&format!("/{}", name.strip_suffix(".html").unwrap()));
        assert_eq!((answer.status(), answer.body.as_str()), (200, expected), "{text}");
    }
}

#[test]
fn front_matter_reaches_the_layout_and_what_the_body_sets_does_not() {
    let pages = Pages::new(&[
        (
            "_base.html",
            "<i>{{ hero is defined }} {{ page.hero }} {{ page.nope is defined }}</i>{% block content %}{% endblock %}",
        ),
        (
            "_post.html",
            "{% extends '_base.html' %}{% block content %}<b>{{ super() }}</b>{% endblock %}",
        ),
        ("_post2.html", "{% extends './_base.html' %}"),
        (
            "a.html",
            "---\nlayout: _post2.html\nhero: H\n---\n{% set hero = 1 %}{% macro m() %}M{% endmacro %}{{ m() }}{{ hero }}",
        ),
    ]);
    assert_eq!(pages.get("/a").body, "<i>False H False</i>M1");
    assert_eq!(pages.get("/a").source(), "a.html + _post2.html, _base.html");
}

#[test]
fn keys_are_known_in_the_page() {
    let text = |expression: &str| {
        let head = "---\ntitle: T\ntags: a\ndate: 2026-11-27\nhero: {src: x}\nmy-key: 1\n---\n";
        Pages::new(&[("a.html", &format!("{head}{expression}"))]).get("/a").body
    };
    for (expression, expected) in [
        ("{{ page.title }} {{ page.tags | join }} {{ page.date }}", "T a 2026-11-27"),
        ("{{ page.hero.src }} {{ page['my-key'] }}", "x 1"),
        ("{% if page.nope %}yes{% else %}no{% endif %}", "no"),
        ("{% if page.updated %}yes{% else %}no{% endif %}", "no"),
        (
            "{{ page.description }}|{{ page.draft }}|{{ page.aliases }}|{{ page.order }}",
            "|False|[]|None",
        ),
        ("{{ page.date | date('%d.%m.%Y') }}", "27.11.2026"),
    ] {
        assert_eq!(text(expression), expected, "{expression}");
    }
    for (expression, message, help) in [
        ("{{ page.heroo }}", "`page.heroo` is undefined", "did you mean `page.hero`?"),
        ("{{ page.tag }}", "`page.tag` is undefined", "did you mean `page.tags`?"),
        ("{{ page.updated | date('%Y') }}", "", "front matter"),
    ] {
        let body = text(expression);
        assert!(body.contains(message) && body.contains(help), "{expression}: {body}");
        assert!(body.contains(" --> a.html:8:"), "{expression}: {body}");
    }
}

#[test]
fn a_page_and_a_layout_that_do_not_fit_are_a_report() {
    let files = [
        ("_post.html", POST),
        ("_page.html", "<p>{% block main %}{% endblock %}"),
        ("_deep.html", "{% extends '_page.html' %}"),
        ("_broken.html", "<p>\n{{ nope }}{% block content %}{% endblock %}"),
        ("_syntax.html", "{% if %}{% block content %}{% endblock %}"),
        ("_kids.html", "---\nlayout: _post.html\n---\n"),
        ("_lost.html", "{% extends '_gone.html' %}"),
        ("_latin.html", "placeholder"),
    ];
    for (text, message, place, help) in [
        (
            "layout: _pots.html\n---\nx",
            "`_pots.html` does not exist",
            "a.html:2:9",
            "did you mean `_post.html`?",
        ),
        (
            "layout: _page.html\n---\nx",
            "`_page.html` has no block `content`",
            "a.html:2:9",
            "{% block content %}",
        ),
        (
            "layout: _deep.html\n---\nx",
            "`_deep.html` has no block `content`",
            "a.html:2:9",
            "{% block content %}",
        ),
        (
            "layout: _post.html\n---\n{% extends '_page.html' %}",
            "and not both",
            "a.html:2:9",
            "leave out `layout`",
        ),
        (
            "layout: _post.html\n---\n{% extends '_page.html' %}",
            "and not both",
            "a.html:4:1",
            "leave out `layout`",
        ),
        (
            "layout: _post.html\n---\n\n<p>{% block title %}x{% endblock %}",
            "has no blocks",
            "a.html:5:4",
            "{% extends",
        ),
        ("layout: _broken.html\n---\nx", "`nope` is undefined", "_broken.html:2:4", "default"),
        ("layout: _syntax.html\n---\nx", "syntax error", "_syntax.html:1:", ""),
        (
            "layout: _kids.html\n---\nx",
            "`_kids.html` is the content of a layout",
            "_kids.html:2:9",
            "{% extends",
        ),
        (
            "layout: a.html\n---\nx",
            "`a.html` is the content of a layout",
            "a.html:2:9",
            "{% extends",
        ),
        ("layout: _lost.html\n---\nx", "`_gone.html` does not exist", "_lost.html:1:", ""),
        ("layout: ../x.html\n---\nx", "leads out of the folder", "a.html:2:9", "move the file"),
        ("layout: _latin.html\n---\nx", "is not UTF-8", "a.html:2:9", "UTF-8"),
        ("layout: _post.html\n---\n{{ nope }}", "`nope` is undefined", "a.html:4:4", "default"),
        ("layout: true\n---\nx", "is the name of a file", "a.html:2:9", "`false` for none"),
        ("url: /x\n---\nx", "`url` cannot be set", "a.html:2:1", "rename the file"),
    ] {
        let pages = Pages::new(&files);
        pages.write("_latin.html", b"{{ 1 }}caf\xe9");
        pages.write("a.html", format!("---\n{text}"));
        let answer = pages.get("/a");
        assert_eq!(answer.status(), 500, "{text}");
        for part in [message, &format!("--> {place}"), help] {
            assert!(answer.body.contains(part), "{text}: {part}: {}", answer.body);
        }
        // The layout that it was before.
        pages.write("a.html", "---\nlayout: _post.html\n---\nx");
        assert_eq!(pages.get("/a").body, "<title>A</title>x.");
    }
}

#[test]
fn a_layout_whose_parent_is_computed_is_taken_at_its_word() {
    let pages = Pages::new(&[
        ("_post.html", "{% extends page.base %}"),
        ("_base.html", "<b>{% block content %}{% endblock %}</b>"),
        ("a.html", "---\nlayout: _post.html\nbase: _base.html\n---\nx"),
    ]);
    assert_eq!(pages.get("/a").body, "<b>x</b>");
}

#[test]
fn a_page_in_a_layout_may_read_the_request() {
    let pages = Pages::new(&[
        ("_post.html", POST),
        ("a.html", "---\nlayout: _post.html\n---\n{{ request.query.q }}"),
    ]);
    for q in ["1", "2", "3"] {
        assert_eq!(pages.get(&format!("/a?q={q}")).body, format!("<title>A</title>{q}."));
    }
    pages.write("_post.html", "<b>{% block content %}{% endblock %}</b>");
    assert_eq!(pages.get("/a?q=4").body, "<b>4</b>");
    pages.write("a.html", "---\nlayout: false\n---\n{{ request.query.q }}");
    assert_eq!(pages.get("/a?q=5").body, "5");
}

//! Names in templates: other templates, the request and the site's values.

use super::*;

#[test]
fn a_file_without_tags_is_served_byte_for_byte() {
    let text = "<!doctype html>\r\n<p>{ a } % # é\n\n";
    let pages = Pages::new(&[("a.html", text)]);
    let answer = pages.get("/a");
    assert_eq!(answer.body, text);
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    assert_eq!(answer.field("Cache-Control"), "no-cache");
}

#[test]
fn a_byte_order_mark_is_dropped() {
    let pages =
        Pages::new(&[("a.html", "\u{feff}a{% include '_b.html' %}"), ("_b.html", "\u{feff}b")]);
    assert_eq!(pages.get("/a").body, "ab");
}

#[test]
fn layouts_includes_and_imports_are_found() {
    let pages = Pages::new(&[
        ("_layout.html", "<{% block body %}{% endblock %}>{% include './_nav.html' %}"),
        ("_nav.html", "nav"),
        ("_macros.html", "{% macro hi(name) %}hi {{ name }}{% endmacro %}"),
        ("docs/_part.html", "part {% include '../_nav.html' %}"),
        (
            "docs/a.html",
            "{% extends '_layout.html' %}{% block body %}{% import '/_macros.html' as m %}\
             {{ m.hi('<b>') }} {% include ['none.html', './_part.html'] %} \
             {% include 'docs/_part.html' %}{% endblock %}",
        ),
    ]);
    let answer = pages.get("/docs/a");
    assert_eq!(answer.body, "<hi &lt;b&gt; part nav part nav>nav");
    assert_eq!(
        answer.source(),
        "docs/a.html + _layout.html, _macros.html, docs/_part.html, _nav.html"
    );
}

#[test]
fn a_part_of_a_page_ends_without_its_last_line_end() {
    for end in ["\n", "\r\n"] {
        let files = [
            ("_url.html", "/about"),
            ("_macros.html", "{% macro hi() %}hi{% endmacro %}"),
            ("_layout.html", "<{% block a %}{% endblock %}>"),
            ("_tag.txt", "{{ 1 }}"),
        ];
        let files = files.map(|(name, text)| (name, format!("{text}{end}")));
        let pages = Pages::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        for (source, expected) in [
            ("<a href=\"{% include '_url.html' %}\">@", "<a href=\"/about\">@"),
            ("{% include '_tag.txt' %}{% include '_tag.txt' %}", "11"),
            ("{% import '_macros.html' as m %}[{{ m }}]{{ m.hi() }}@", "[]hi@"),
            ("{% extends '_layout.html' %}{% block a %}b{% endblock %}@", "<b>@"),
            // A page's own stays, unless a tag takes it.
            ("<p>@", "<p>@"),
            ("<p>@@", "<p>@@"),
            ("{{ 1 }}@", "1@"),
            ("{{ 1 }}@@", "1@@"),
            ("{{ 1 -}}@", "1"),
            ("{% include '_url.html' %}@", "/about@"),
        ] {
            pages.write("a.html", source.replace('@', end));
            // Compiled, and as it is kept.
            for _ in 0..2 {
                let answer = pages.get("/a?again");
                assert_eq!(answer.body, expected.replace('@', end), "{source} with {end:?}");
            }
        }
        // One that is both.
        pages.write("part.html", format!("{{{{ request.method }}}}{end}"));
        pages.write("a.html", format!("({{% include 'part.html' %}}){end}"));
        for _ in 0..2 {
            assert_eq!(pages.get("/part").body, format!("GET{end}"));
            assert_eq!(pages.get("/a").body, format!("(GET){end}"));
        }
    }
}

#[test]
fn templates_never_leave_the_root() {
    let pages = Pages::new(&[("x", "")]);
    for name in ["../x.html", "./../x.html", "docs/../../x.html", "/../x.html"] {
        pages.write("a.html", format!("{{% include '{name}' ignore missing %}}"));
        let answer = pages.get("/a");
        assert_eq!(answer.status(), 500, "{name}");
        assert!(answer.body.contains("leads out of the folder of pages"), "{}", answer.body);
        assert!(answer.body.contains("--> a.html:1:"), "{}", answer.body);
    }
}

#[test]
fn templates_see_the_request() {
    let pages = Pages::new(&[]);
    let head = "GET /p%20q?name=a+b&name=c%26&x=%3Cb%3E&flag HTTP/1.1\r\nHost: h:1\r\n\
                User-Agent: test\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1; b = 2=3\r\ncookie: a=9\r\n\r\n";
    for (expression, expected) in [
        ("request.method", "GET"),
        ("request.path", "/p q"),
        ("request.target", "/p%20q?name=a+b&amp;name=c%26&amp;x=%3Cb%3E&amp;flag"),
        ("request.query.name", "a b"),
        ("request.query.x", "&lt;b&gt;"),
        ("request.query.flag ~ '.'", "."),
        ("request.query.none | default('-')", "-"),
        ("request.query_all.name | join('|')", "a b|c&amp;"),
        ("request.query_all | length", "3"),
        ("request.headers['User-Agent']", "test"),
        ("request.headers['user-agent']", "test"),
        ("request.headers.host", "h:1"),
        ("request.headers['X-a']", "1, 2"),
        ("'x-A' in request.headers", "True"),
        ("request.headers | list | join(' ')", "host user-agent x-a cookie"),
        ("request.headers | items | length", "4"),
        ("request.cookies.a", "1"),
        ("request.cookies.b", "2=3"),
        ("request.host", "h:1"),
        ("request | list | length", "8"),
        ("page.url", "/p q"),
        ("page.file", "p q.html"),
        ("page.url is startingwith('/p')", "True"),
        ("page.url.startswith('/p')", "True"),
        ("site | length", "0"),
    ] {
        pages.write("p q.html", format!("{{{{ {expression} }}}}"));
        let answer = pages.ask(head);
        assert_eq!(answer.body, expected, "{expression}");
    }
    pages.write("old.html", "[{{ request.host }}]");
    assert_eq!(pages.ask("GET /old HTTP/1.0\r\n\r\n").body, "[]");
}

#[test]
fn templates_see_the_site() {
    #[derive(serde::Serialize)]
    struct Table {
        title: &'static str,
        tags: [&'static str; 2],
    }
    let table = Table { title: "A & B", tags: ["x", "y"] };
    let pages = Pages::with(&[("a.html", "{{ site.title }} {{ site.tags | join }}")], |options| {
        options.settings = settings_of(SiteValues::new(&table));
    });
    assert_eq!(pages.get("/a").body, "A &amp; B xy");
}

#[test]
fn a_page_knows_its_title_and_description() {
    let pages = Pages::new(&[
        ("_layout.html", "<title>{{ page.title }}</title>[{{ page.description }}]"),
        ("contact-us.html", "{% extends '_layout.html' %}"),
        ("b.html", "{% extends '_layout.html' %}{% block title %}A &amp; B{% endblock %}"),
        (
            "c.html",
            "<title>C</title><meta name=description content=d>{{ page.title }} {{ page.description }}",
        ),
    ]);
    for (target, part) in [
        ("/contact-us", "<title>Contact us</title>[]"),
        ("/b", "<title>A &amp; B</title>"),
        ("/c", ">C d"),
    ] {
        assert!(pages.get(target).body.contains(part), "{target}: {}", pages.get(target).body);
    }
    pages.write("b.html", "{% extends '_layout.html' %}{% block title %}New{% endblock %}");
    assert!(pages.get("/b").body.contains("<title>New</title>"));
}

//! The report of a template error: its place, its excerpt and its chain of includes.

use std::collections::BTreeMap;

use super::*;

#[test]
fn reports_an_undefined_name_in_an_include() {
    let pages = Pages::with(
        &[
            ("index.html", "<h1>\n{% include '_nav.html' %}\n"),
            ("_nav.html", "<nav>\n\t<b>{{ site.titel }}</b>\n</nav>\n"),
        ],
        |options| {
            options.settings = settings_of(SiteValues::new(&BTreeMap::from([("title", "x")])));
        },
    );
    let answer = pages.get("/");
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.field("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(answer.field("Cache-Control"), "no-store");
    assert_eq!(
        answer.body,
        "error: `site.titel` is undefined\n\
         \x20--> _nav.html:2:8\n\
         \x20 |\n\
         1 | <nav>\n\
         2 |     <b>{{ site.titel }}</b>\n\
         \x20 |           ^^^^^^^^^^\n\
         3 | </nav>\n\
         \x20 |\n\
         included from index.html:2\n\
         help: did you mean `site.title`?\n"
    );
    assert_eq!(answer.message(), answer.body);
    assert_eq!(answer.source(), "index.html + _nav.html");
}

#[test]
fn a_report_is_a_page_for_a_browser() {
    let pages = Pages::new(&[("a.html", "<b>\n<i title=\"{{ nope }}\">\n"), ("_nav.html", "")]);
    let answer = pages.get_with("/a", "Accept: application/xml;q=0.9, text/html;q=0.8");
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    let (_, body) = answer.body.split_once("<body>").unwrap();
    assert_eq!(
        body,
        "\n<h1><code>nope</code> is undefined</h1>\n<p><code>a.html:2:14</code></p>\n<pre>\
         <span><i>1</i>&lt;b&gt;</span>\
         <span class=\"marked\"><i>2</i>&lt;i title=&quot;{{ <mark>nope</mark> }}&quot;&gt;</span></pre>\n\
         <p class=\"help\">write <code>{{ nope | default(&quot;&quot;) }}</code> if it may be missing, \
         or put <code>{% raw %}</code> … <code>{% endraw %}</code> around braces of another tool</p>\n</body>\n</html>"
    );
    assert!(answer.message().starts_with("error: `nope` is undefined\n --> a.html:2:14\n"));
}

#[test]
fn production_keeps_the_report_to_the_terminal() {
    let pages = Pages::with(&[("a.html", "{{ nope }}")], |options| options.production = true);
    let answer = pages.get("/a");
    assert_eq!((answer.status(), answer.body.as_str()), (500, "500 Internal Server Error\n"));
    assert!(answer.message().contains("--> a.html:1:4"));
    assert!(!pages.get_with("/a", "Accept: text/html").body.contains("nope"));
}

#[test]
fn a_report_leads_into_the_editor() {
    let pages = Pages::with(&[("a b.html", "<p>\n{{ nobody }}")], |options| {
        options.editor = Some("edit:{file}?{line},{column}".to_owned());
    });
    let body = pages.get_with("/a%20b", "Accept: text/html").body;
    let folder = pages.folder.path().canonicalize().unwrap();
    let link = format!("<a href=\"edit:{}/a%20b.html?2,4\">", folder.display());
    assert!(body.contains(&link), "{body}");
    let pages = Pages::new(&[("a.html", "{{ nobody }}")]);
    assert!(!pages.get_with("/a", "Accept: text/html").body.contains("<a "));
}

#[test]
fn a_report_marks_the_name_that_is_not_known() {
    let pages = Pages::new(&[("_deep.html", "{% macro f(a) %}{{ a.b.c }}{% endmacro %}")]);
    for (source, place, marked) in [
        ("{{ request.headres.host }}", "a.html:1:12", "           ^^^^^^^"),
        ("{{ reqest.path }}", "a.html:1:4", "   ^^^^^^"),
        ("{{ reqest['a'] }}", "a.html:1:4", "   ^^^^^^"),
        ("{{ page.fiel }}", "a.html:1:4", "   ^^^^^^^^^"),
        ("{{ page.fiel.fiel }}", "a.html:1:9", "        ^^^^"),
        ("{{ 1 + nope }}", "a.html:1:8", "       ^^^^"),
        ("{{ nope\n | upper\n}}", "a.html:1:4", "   ^^^^"),
        ("{{ [1][2] }}", "a.html:1:4", "   ^^^^^^"),
        ("日本 {{ nope }}", "a.html:1:7", "        ^^^^"),
        ("{{ '日本' + nope }}", "a.html:1:11", "            ^^^^"),
        ("e\u{301} {{ nope }}", "a.html:1:7", "     ^^^^"),
        (
            "{% from '_deep.html' import f %}{{ f({}) }}",
            "_deep.html:1:22",
            "                     ^",
        ),
    ] {
        pages.write("a.html", source);
        let body = pages.get("/a").body;
        let lines: Vec<&str> = body.lines().collect();
        assert_eq!(lines[1], format!(" --> {place}"), "{body}");
        assert_eq!(lines[4], format!("  | {marked}"), "{body}");
    }
}

#[test]
fn where_only_the_line_is_known_it_is_marked_whole() {
    let pages = Pages::new(&[("a.html", "<p>\n  {% block a %}{{ self.a() }}{% endblock %}\n</p>")]);
    let body = with_render_stack(|| pages.get("/a").body);
    assert!(
        body.starts_with(
            "error: recursion limit exceeded\n\
             \x20--> a.html:2\n\
             \x20 |\n\
             1 | <p>\n\
             2 |   {% block a %}{{ self.a() }}{% endblock %}\n\
             \x20 |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n\
             3 | </p>\n"
        ),
        "{body}"
    );
}

#[test]
fn a_report_shows_the_chain_of_includes() {
    let pages = Pages::new(&[
        ("index.html", "{% extends '_layout.html' %}"),
        ("_layout.html", "\n{% include 'a.html' %}"),
        ("a.html", "\n\n{% include 'b.html' %}"),
        ("b.html", "{{ x"),
    ]);
    let chain = |target: &str| {
        let body = pages.get(target).body;
        let (_, chain) = body.rsplit_once(" |\n").unwrap();
        chain.lines().filter(|line| !line.starts_with("help")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(chain("/"), "used by a.html, included from _layout.html:2, used by index.html");
    pages.write("b.html", "{{ x }}");
    assert_eq!(
        chain("/"),
        "included from a.html:3, included from _layout.html:2, used by index.html"
    );
    pages.write("b.html", "{% include 'a.html' %}");
    let circle = chain("/");
    assert!(circle.contains("included from a.html:3, included from b.html:1, "), "{circle}");
    assert!(circle.ends_with(" steps more"), "{circle}");
}

#[test]
fn reports_an_inheritance_that_goes_in_a_circle() {
    let pages =
        Pages::new(&[("a.html", "{% extends 'b.html' %}"), ("b.html", "{% extends 'a.html' %}")]);
    let body = pages.get("/a").body;
    assert!(body.starts_with("error: cycle in template inheritance"), "{body}");
}

#[test]
fn a_report_stays_readable() {
    let long = format!("{}{{{{ nope }}}}{}", "x".repeat(500), "y".repeat(500));
    let pages = Pages::new(&[("a.html", &format!("{long}\n\u{1b}[31m\u{202e}\n"))]);
    let body = pages.get("/a").body;
    let shown: Vec<&str> = body.lines().skip(3).take(3).collect();
    assert_eq!(
        shown,
        [
            format!("1 | …{}{{{{ nope }}}}{}…", "x".repeat(37), "y".repeat(73)),
            format!("  | {}^^^^", " ".repeat(41)),
            "2 | \\x1b[31m\\u{202e}".to_owned(),
        ]
    );
    assert!(body.contains("--> a.html:1:504\n"));
}

//! Pages with front matter.

use super::*;

#[test]
fn a_page_is_served_without_its_front_matter() {
    for (text, expected) in [
        ("---\ntitle: x\n---\n<p>plain</p>\n", "<p>plain</p>\n"),
        ("\u{feff}---\r\ntitle: x\r\n---\r\n<p>plain</p>\r\n", "<p>plain</p>\r\n"),
        ("+++\ntitle = 'x'\n+++\n\n<p>{{ 1 + 1 }}</p>", "<p>2</p>"),
        ("---\ntitle: '#}{{ nope }}'\n---\n<p>{{ 1 + 1 }}", "<p>2"),
        ("---\ntitle: only\n---\n", ""),
        ("---\ntitle: {{ nope }}", "---\ntitle: {{ nope }}"),
        ("---\n<p>no front matter</p>\n", "---\n<p>no front matter</p>\n"),
    ] {
        let pages = Pages::new(&[("a.html", text)]);
        let answer = pages.get("/a");
        if expected == text && text.contains("{{") {
            assert_eq!(answer.status(), 500, "{text}");
            continue;
        }
        assert_eq!((answer.status(), answer.body.as_str()), (200, expected), "{text}");
    }
}

#[test]
fn a_large_page_without_tags_is_sent_without_it_too() {
    let text = format!("---\ntitle: secret\n---\n{}", "<p>text\n".repeat(200_000));
    let pages = Pages::new(&[("a.html", &text)]);
    let answer = pages.get("/a");
    assert_eq!(answer.status(), 200);
    assert!(answer.body.starts_with("<p>text\n"));
    assert!(answer.body.len() > 1 << 20);
}

#[test]
fn files_that_are_no_templates_keep_theirs() {
    let text = "---\ntitle: x\n---\n{{ y }}";
    let pages = Pages::with(&[("a.html", text), ("b.txt", text)], |options| {
        options.exclude = vec!["a.html".to_owned()];
    });
    assert_eq!(pages.get("/a").body, text);
    assert_eq!(pages.get("/b.txt").body, text);
}

#[test]
fn layouts_and_included_pages_show_none_either() {
    let pages = Pages::new(&[
        (
            "a.html",
            "---\nx: 1\n---\n{% extends '_l.html' %}{% block b %}B{% include 'c.html' %}{% endblock %}",
        ),
        ("_l.html", "---\nx: 1\n---\n<b>{% block b %}{% endblock %}</b>"),
        ("c.html", "+++\nx = 1\n+++\nC"),
    ]);
    assert_eq!(pages.get("/a").body, "<b>BC</b>");
}

#[test]
fn errors_after_it_are_at_their_place_in_the_file() {
    let pages = Pages::new(&[("a.html", "---\r\ntitle: é\r\n---\r\n<p>{{ nope }}\r\n")]);
    let answer = pages.get("/a");
    assert!(
        answer.body.contains(
            " --> a.html:4:7\n  |\n2 | title: é\n3 | ---\n4 | <p>{{ nope }}\n  |       ^^^^\n"
        ),
        "{}",
        answer.body
    );
}

#[test]
fn malformed_front_matter_is_a_report_wherever_the_file_is_used() {
    let pages = Pages::new(&[
        ("a.html", "---\ntitle: x\na: 1\na: 2\n---\n<p>"),
        ("b.html", "<p>\n{% include 'a.html' %}"),
        ("c.html", "---\ntitle: x\n<p>"),
    ]);
    let report = "error: `a` is there twice\n --> a.html:4:1\n";
    for (path, expected) in [
        ("/a", &[report, "help: leave one of them out"] as &[_]),
        ("/b", &[report, " --> b.html:2:4\n", "\nhelp: leave one of them out"]),
        ("/c", &["error: a line `---` opens front matter, and none closes it\n --> c.html:1:1\n"]),
    ] {
        let answer = pages.get(path);
        assert_eq!(answer.status(), 500);
        for part in expected {
            assert!(answer.body.contains(part), "{path}: {}", answer.body);
        }
    }
    pages.write("a.html", "---\ntitle: x\n---\n<p>");
    assert_eq!(pages.get("/b").body, "<p>\n<p>");
}

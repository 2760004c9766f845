//! Sites that are served below a path.

use super::*;
use crate::http::base_path::BasePath;

fn below(base_path: &str, files: &[(&str, &str)]) -> Pages {
    Pages::with(files, |options| {
        options.base_path = BasePath::parse(base_path).unwrap();
        options.exclude = vec!["raw/**".to_owned()];
    })
}

#[test]
fn urls_from_the_root_get_the_base_path_once() {
    let files = [
        ("_layout.html", "<a href=/><img srcset='/a 1x, b 2x'>{% block main %}{% endblock %}"),
        (
            "page.html",
            "{% extends '_layout.html' %}{% block main %}<a href='{{ page.url }}'>{% endblock %}",
        ),
        ("plain.html", "<a href=/a><script src=/b></script><script>c = '/d'</script>"),
        ("raw/a.html", "<a href=/{{a}}>"),
        ("404.html", "<a href=/>"),
        ("a.css", "@import '/b.css'; c { d: url(/e) url(f) url(//g) }"),
        ("a.js", "import '/b.js'"),
    ];
    let pages = below("/docs/site", &files);
    for (target, expected) in [
        (
            "/page",
            "<a href=/docs/site/><img srcset='/docs/site/a 1x, b 2x'><a href='/docs/site/page'>",
        ),
        (
            "/plain",
            "<a href=/docs/site/a><script src=/docs/site/b></script><script>c = '/d'</script>",
        ),
        ("/raw/a", "<a href=/docs/site/{{a}}>"),
        ("/missing", "<a href=/docs/site/>"),
        ("/a.css", "@import '/docs/site/b.css'; c { d: url(/docs/site/e) url(f) url(//g) }"),
        ("/a.js", "import '/b.js'"),
    ] {
        let answer = pages.get(target);
        assert_eq!((&*answer.body, answer.message()), (expected, ""), "{target}");
    }
    let pages = below("/", &files);
    assert_eq!(pages.get("/plain").body, files[2].1);
    assert_eq!(pages.get("/a.css").body, files[5].1);
}

#[test]
fn a_url_that_has_the_base_path_already_is_named() {
    let html = "<a href=/docs/a><a href=/docs><a href=/docs?b><a href=/docs#c><a href=/docsd>";
    let pages = below("/docs", &[("a.html", html), ("b.css", "a { b: url(/docs/c) }")]);
    let answer = pages.get("/a");
    assert_eq!(answer.body, html.replace("/docsd", "/docs/docsd"));
    assert_eq!(
        answer.message(),
        "warning: `a.html` holds `/docs/a`, `/docs`, `/docs?b` and others with the base path in \
         it, sent as it is: write `/a`, since the base path is put before it"
    );
    let answer = pages.get("/b.css");
    assert_eq!(answer.body, "a { b: url(/docs/c) }");
    assert!(answer.message().contains("`b.css` holds `/docs/c`"), "{}", answer.message());
}

#[test]
fn a_coded_form_beside_a_stylesheet_has_the_wrong_urls() {
    let pages = below("/docs", &[("a.css", "a { b: url(/c) }"), ("a.css.br", "coded")]);
    let answer = pages.get_with("/a.css", "Accept-Encoding: br");
    assert_eq!(answer.body, "a { b: url(/docs/c) }");
}

#[test]
fn what_is_no_text_is_sent_as_it_is() {
    let pages = below("/docs", &[]);
    fs::write(pages.path("a.css"), b"a { b: url(/c); d: '\xff' }").unwrap();
    let answer = pages.get("/a.css");
    assert_eq!(answer.body.len(), "a { b: url(/c); d: '\u{fffd}' }".len());
}

//! Templates of text: `feed.xml.jinja` and its like.

use super::*;
use crate::http::base_path::BasePath;

#[test]
fn a_template_of_text_is_served_as_what_its_name_says() {
    let value = "{{ '<a> & \"b\"' }}";
    let escaped = "&lt;a&gt; &amp; &quot;b&quot;";
    let plain = "<a> & \"b\"";
    for (name, target, content_type, expected) in [
        ("feed.xml.jinja", "/feed.xml", "text/xml; charset=utf-8", escaped),
        ("a.rss.jinja", "/a.rss", "application/rss+xml; charset=utf-8", escaped),
        ("i.svg.jinja", "/i.svg", "image/svg+xml; charset=utf-8", escaped),
        ("x/data.json.jinja", "/x/data.json", "application/json; charset=utf-8", plain),
        ("robots.txt.jinja", "/robots.txt", "text/plain; charset=utf-8", plain),
        ("s.css.jinja", "/s.css", "text/css; charset=utf-8", plain),
        ("s.js.jinja", "/s.js", "text/javascript; charset=utf-8", plain),
        ("s.unheard-of.jinja", "/s.unheard-of", "", escaped),
        (
            "site.webmanifest.jinja",
            "/site.webmanifest",
            "application/manifest+json; charset=utf-8",
            plain,
        ),
    ] {
        let pages = Pages::new(&[(name, value)]);
        for _ in 0..2 {
            let answer = pages.get(target);
            assert_eq!((answer.status(), &*answer.body), (200, expected), "{name}");
            let actual = answer.field("Content-Type");
            assert!(content_type.is_empty() || actual == content_type, "{name}: {actual}");
            assert_eq!(answer.field("Cache-Control"), "no-cache", "{name}");
        }
        assert_eq!(route(&pages, &format!("/{name}")), format!("-> {target}"));
        assert_eq!(pages.site.naming.path_of(name).unwrap().as_str(), target);
    }
}

#[test]
fn what_it_uses_is_escaped_by_its_own_name() {
    let pages = Pages::new(&[
        (
            "a.txt.jinja",
            "---\ntitle: A & B\n---\n{{ page.title }} {{ page.url }} {% include '_b.html' %} {% include '_c.txt.jinja' %}",
        ),
        ("_b.html", "{{ '<' }}"),
        ("_c.txt.jinja", "{{ '<' }}"),
        ("d.html", "{% include '_e.txt' %}"),
        ("_e.txt", "{{ '<' }}"),
    ]);
    assert_eq!(pages.get("/a.txt").body, "A & B /a.txt &lt; <");
    assert_eq!(pages.get("/d").body, "&lt;");
}

#[test]
fn other_names_are_no_templates_of_text() {
    let files = [
        ("x.html.jinja", "{{ 1 }}"),
        ("macros.jinja", "{{ 1 }}"),
        (".jinja", "{{ 1 }}"),
        ("_p.xml.jinja", "{{ 1 }}"),
        ("vendor/a.xml.jinja", "{{ 1 }}"),
    ];
    let pages = Pages::with(&files, |options| options.exclude = vec!["vendor/**".to_owned()]);
    for (target, expected) in [
        ("/x.html.jinja", "x.html.jinja"),
        ("/x", "echo"),
        ("/macros.jinja", "macros.jinja"),
        ("/macros", "echo"),
        ("/_p.xml", "echo"),
        ("/_p.xml.jinja", "echo"),
        ("/vendor/a.xml", "echo"),
        ("/vendor/a.xml.jinja", "vendor/a.xml.jinja"),
        ("/feed.xml.jinja", "echo"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
    let pages = Pages::with(&[("feed.xml.jinja", "{{ 1 }}")], |options| options.is_plain = true);
    assert_eq!(route(&pages, "/feed.xml"), "echo");
    assert_eq!(pages.get("/feed.xml.jinja").body, "{{ 1 }}");
}

#[test]
fn two_files_for_one_text_are_an_error_that_names_both() {
    for production in [false, true] {
        let pages =
            Pages::with(&[("feed.xml", "<old/>")], |options| options.production = production);
        assert_eq!(pages.get("/feed.xml").body, "<old/>");
        pages.write("feed.xml.jinja", "<new/>");
        if production {
            // A change of the file has it looked at.
            pages.write("feed.xml", "<old />");
            while pages.get("/feed.xml").status() == 200 {}
        }
        for _ in 0..2 {
            let answer = pages.get("/feed.xml");
            assert_eq!(answer.status(), 500);
            let message = "error: `feed.xml` and `feed.xml.jinja` both make `/feed.xml`\n\
                           --> feed.xml\n--> feed.xml.jinja\nhelp: rename one of them";
            assert!(answer.message().starts_with(message), "{}", answer.message());
            assert_eq!(answer.body.contains("feed.xml.jinja"), !production);
        }
        fs::remove_file(pages.path("feed.xml")).unwrap();
        while pages.get("/feed.xml").status() != 200 {}
        assert_eq!(pages.get("/feed.xml").body, "<new/>");
        fs::remove_file(pages.path("feed.xml.jinja")).unwrap();
        while pages.get("/feed.xml").body == "<new/>" {}
        assert_eq!(route(&pages, "/feed.xml"), "echo");
    }
}

#[test]
fn an_error_in_one_shows_as_a_page_in_a_browser_and_a_feed_has_no_script() {
    let pages = Pages::with(&[("feed.xml.jinja", "<a>{{ nope }}</a>")], |options| {
        options.snippet = Some(Snippet::new("<script>"));
    });
    let navigation = "Sec-Fetch-Mode: navigate\r\nAccept: text/html";
    let answer = pages.get_followed("/feed.xml", navigation);
    assert_eq!((answer.status(), answer.field("Content-Type")), (500, "text/html; charset=utf-8"));
    assert!(answer.body.contains("<script>") && answer.body.contains("feed.xml.jinja:1:7"));
    pages.write("feed.xml.jinja", "<a>{{ 1 }}</a>");
    let answer = pages.get_followed("/feed.xml", navigation);
    assert_eq!((answer.status(), &*answer.body), (200, "<a>1</a>"));
}

impl Pages {
    /// What a browser gets that asks with these fields.
    fn get_followed(&self, target: &str, fields: &str) -> Answer {
        let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n");
        let response =
            self.with_request(&head, |asked| self.site.respond(asked.request, asked.now).at_once());
        let bytes = response.body.read().unwrap();
        Answer { body: String::from_utf8_lossy(&bytes).into_owned(), response }
    }
}

#[test]
fn absolute_urls_are_those_of_the_site() {
    for (base_path, value, expected) in [
        ("/", "'/'", "https://example.com/"),
        ("/", "page.url", "https://example.com/blog/feed.xml"),
        ("/", "'/a b/ü?x=1&y#z'", "https://example.com/a%20b/%C3%BC?x=1&y#z"),
        ("/", "'/a%20b'", "https://example.com/a%20b"),
        ("/", "'cat.jpg'", "https://example.com/blog/cat.jpg"),
        ("/", "'../img/cat.jpg?v=1'", "https://example.com/img/cat.jpg?v=1"),
        ("/", "'./'", "https://example.com/blog/"),
        ("/", "'../../..'", "https://example.com/"),
        ("/", "'https://other.example/x'", "https://other.example/x"),
        ("/", "'mailto:a@b.example'", "mailto:a@b.example"),
        ("/", "'//cdn.example/x'", "https://cdn.example/x"),
        ("/docs/", "'/a'", "https://example.com/docs/a"),
        ("/docs/", "page.url", "https://example.com/docs/blog/feed.xml"),
    ] {
        let page = format!("{{{{ {value} | absolute }}}}");
        let pages = Pages::with(
            &[("blog/feed.txt.jinja", &page.replace("feed.xml", "feed.txt"))],
            |options| {
                let url = Some("https://example.com".to_owned());
                options.settings = Settings::fixed(SiteSettings { url, ..SiteSettings::default() });
                options.base_path = BasePath::parse(base_path).unwrap();
            },
        );
        let expected = expected.replace("feed.xml", "feed.txt");
        assert_eq!(pages.get("/blog/feed.txt").body, expected, "{value}");
    }
    let pages = Pages::new(&[("feed.xml.jinja", "<a>\n{{ '/x' | absolute }}")]);
    let report = pages.get("/feed.xml").body;
    assert!(
        report.contains("`absolute` needs the URL of the site\n --> feed.xml.jinja:2:"),
        "{report}"
    );
    assert!(
        report.contains("help: set `url = \"https://example.com\"` in `config.toml`"),
        "{report}"
    );
}

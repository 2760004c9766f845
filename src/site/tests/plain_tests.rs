//! Sites without templates, and names with `_` that are served all the same.

use super::*;

const NAVIGATE: &str = "Sec-Fetch-Mode: navigate\r\nAccept: text/html";

fn plain(files: &[(&str, &str)], change: impl FnOnce(&mut SiteOptions)) -> Pages {
    Pages::with(files, |options| {
        options.is_plain = true;
        change(options);
    })
}

#[test]
fn a_plain_site_has_the_same_paths_and_no_templates() {
    let pages = plain(
        &[
            ("index.html", "{% extends '_none.html' %}"),
            ("about.html", "{{ 2 + 3 }}"),
            ("docs/index.html", "{#"),
            ("both.html", "page"),
            ("both/index.html", "folder"),
            ("_static/_a.css", "a{{b}}"),
            ("_next/x.html", "{%"),
            ("_layout.html", "layout"),
            (".well-known/x", "x"),
            (".env", "secret"),
            ("a/.b/c", "secret"),
        ],
        |_| {},
    );
    for (target, expected) in [
        ("/", "index.html"),
        ("/about", "about.html"),
        ("/about.html", "about.html"),
        ("/about/", "-> /about"),
        ("/docs/?q", "docs/index.html"),
        ("/docs?q", "-> /docs/?q"),
        ("/both", "both.html"),
        ("/both/", "both/index.html"),
        ("/_static/_a.css", "_static/_a.css"),
        ("/_next/x", "_next/x.html"),
        ("/_layout", "_layout.html"),
        ("/.well-known/x", ".well-known/x"),
        ("/.env", "echo"),
        ("/a/.b/c", "echo"),
        ("/nothing", "echo"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
        if let Ok(bytes) = fs::read(pages.path(expected)) {
            let answer = pages.get(target);
            assert_eq!(answer.response.body.read().unwrap(), bytes, "{target}");
            assert_eq!(answer.message(), "", "{target}");
        }
    }
}

#[test]
fn the_404_page_of_a_plain_site_is_sent_as_it_is() {
    let pages = plain(&[("404.html", "{{ nope }}")], |_| {});
    let answer = pages.get("/nothing");
    assert_eq!((answer.status(), &*answer.body), (404, "{{ nope }}"));
    assert_eq!(answer.field("Cache-Control"), "no-store");
    assert_eq!(pages.get("/404").status(), 200);
}

/// Pages in encodings, each with its type.
fn encoded_pages() -> [(Vec<u8>, &'static str); 7] {
    let utf_16: Vec<u8> = "\u{feff}<p>{{ a }}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let late = [&b" ".repeat(2 << 20)[..], b"{{ caf\xc3\xa9 }}"].concat();
    let declared = [b"<meta charset=iso-8859-1>".to_vec(), b"\xe9".repeat(2 << 20)].concat();
    [
        (b"\xef\xbb\xbf<p>{{ a }}".to_vec(), "text/html; charset=utf-8"),
        (b"\xef\xbb\xbf<p>".to_vec(), "text/html; charset=utf-8"),
        (utf_16, "text/html; charset=utf-16le"),
        (b"caf\xe9 {{ a }}".to_vec(), "text/html"),
        (b"<meta charset=koi8-r>\xe9".to_vec(), "text/html; charset=koi8-r"),
        (late, "text/html; charset=utf-8"),
        (declared, "text/html; charset=iso-8859-1"),
    ]
}

#[test]
fn bytes_and_encodings_of_a_plain_site_are_those_on_the_disk() {
    for is_edited in [false, true] {
        let pages = plain(&[], |options| {
            options.production = !is_edited;
            options.snippet = is_edited.then(|| Snippet::new("<!--{version}-->"));
        });
        for (n, (bytes, content_type)) in encoded_pages().iter().enumerate() {
            pages.write(&format!("{n}.html"), bytes);
            let answer = pages.get(&format!("/{n}"));
            assert!(answer.response.body.read().unwrap() == *bytes, "{n}");
            assert_eq!(answer.field("Content-Type"), *content_type, "{n}");
            assert_eq!(answer.message(), "", "{n}");
            // What a browser shows has the script, but for UTF-16, and differs in nothing else.
            let shown = pages.get_with(&format!("/{n}"), NAVIGATE).response.body.read().unwrap();
            let has_script = is_edited && !content_type.contains("utf-16");
            let script = b"<!--".len() + 32 + b"-->".len();
            assert_eq!(shown.len() - bytes.len(), if has_script { script } else { 0 }, "{n}");
        }
    }
}

#[test]
fn a_byte_order_mark_stays_in_a_page_without_tags() {
    let pages = Pages::new(&[
        ("a.html", "\u{feff}<p>a"),
        ("b.html", "\u{feff}{% include 'a.html' %}"),
        ("404.html", "\u{feff}no"),
    ]);
    for (target, expected) in [("/a", "\u{feff}<p>a"), ("/b", "<p>a"), ("/c", "\u{feff}no")] {
        let answer = pages.get(target);
        assert_eq!(answer.body, expected, "{target}");
        assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    }
}

#[test]
fn a_page_of_a_plain_site_may_stand_there_in_compressed_form() {
    let pages = plain(&[("about.html", "{{ plain }}")], |options| options.production = true);
    pages.write("about.html.br", "coded");
    let answer = pages.get_with("/about", "Accept-Encoding: br");
    assert_eq!((&*answer.body, answer.field("Content-Encoding")), ("coded", "br"));
    assert_eq!(pages.get("/about").body, "{{ plain }}");
    assert_eq!(pages.get("/about.html.br").body, "coded");
}

#[test]
fn browsers_ask_for_pages_each_time_and_keep_other_files() {
    let files =
        [("a.html", "a"), ("b.htm", "b"), ("c.xhtml", "c"), ("_d.css", ""), ("e.3f9a2c1b.js", "")];
    let pages = plain(&files, |options| options.production = true);
    for (target, kept) in [
        ("/a", "no-cache"),
        ("/a.html", "no-cache"),
        ("/b.htm", "no-cache"),
        ("/c.xhtml", "no-cache"),
        ("/_d.css", "public, max-age=3600"),
        ("/e.3f9a2c1b.js", "public, max-age=31536000, immutable"),
    ] {
        assert_eq!(pages.get(target).field("Cache-Control"), kept, "{target}");
    }
}

#[test]
fn public_names_are_served_and_pages_among_them_are_templates() {
    let pages = Pages::with(
        &[
            ("_static/a.css", "{{ 1 }}"),
            ("_static/a.html", "{{ 1 }}"),
            ("_static/.b", "secret"),
            ("_layout.html", "secret"),
        ],
        |options| options.public = vec!["_static/**".to_owned()],
    );
    for (target, body) in [("/_static/a.css", "{{ 1 }}"), ("/_static/a", "1")] {
        assert_eq!(pages.get(target).body, body, "{target}");
    }
    for target in ["/_static/.b", "/_layout", "/_layout.html"] {
        assert!(pages.get(target).echoes(target), "{target}");
    }
    // They are suggested like others.
    assert!(pages.get("/_static/b.css").body.contains(r#"<a href="/_static/a.css">"#));
    let notes = pages.site.survey().notes;
    assert_eq!(
        notes,
        ["warning: `public` makes `_static/a.html` a page that visitors get, rendered like any \
          other; name fewer files in it to keep templates private"]
    );
}

#[test]
fn a_site_that_a_tool_has_built_is_told_from_one_of_templates() {
    let built = |files: &[&str], change: fn(&mut SiteOptions)| {
        let files: Vec<(&str, &str)> = files.iter().map(|name| (*name, "")).collect();
        let mut notes = Pages::with(&files, change).site.survey().notes;
        let note = notes.pop().unwrap_or_default();
        let missed = note.split_once("and `").and_then(|(_, rest)| rest.split_once("` is not"));
        missed.map(|(missed, _)| missed.to_owned())
    };
    for (files, missed) in [
        (&["index.html", "_static/a.css"][..], Some("_static")),
        (&["index.html", "_next/static/a.js"], Some("_next")),
        (&["index.html", "_nuxt/a.woff2", "_not-found.html"], Some("_nuxt")),
        (&["index.html", "_astro/a.webp"], Some("_astro")),
        (&["index.html", "assets/_plugin.js"], Some("assets/_plugin.js")),
        (&["index.html", "_modules/_a.html", "_images/a.svg"], Some("_images")),
        (&["index.html", "_static/a.css", "_layout.html"], None),
        (&["index.html", "_static/a.css", "blog/_post.html"], None),
        (&["about.html", "_static/a.css"], None),
        (&["docs/index.html", "_static/a.css"], None),
        (&["index.html", "_data/a.json", "_posts/a.txt", "_sass/a.scss"], None),
        (&["index.html", "static/a.css", ".next/_a.css"], None),
    ] {
        assert_eq!(built(files, |_| {}).as_deref(), missed, "{files:?}");
        assert_eq!(built(files, |options| options.is_plain = true), None, "{files:?}");
    }
    let files = ["index.html", "_static/a.css"];
    assert_eq!(built(&files, |options| options.public = vec!["_static".to_owned()]), None);
}

#[test]
fn a_report_names_plain_first_where_the_site_has_no_templates_of_its_own() {
    const PLAIN: &str = "help: `--plain` serves every file as it is; with templates, ";
    for (source, help) in [
        ("{{ a ? b : c }}", Some("braces of another tool go between")),
        ("{{ message }}", Some("write `{{ message | default(\"\") }}` if it may be missing")),
        ("{{ 1 | currency }}", Some("the template language has none of this name")),
        ("{% liquid %}", Some("braces of another tool go between")),
        ("{{ request.pth }}", None),
        ("{{ 1 // 0 }}", None),
    ] {
        let pages = Pages::new(&[("a.html", source)]);
        let last = |pages: &Pages| pages.get("/a").message().lines().last().unwrap().to_owned();
        let alone = last(&pages);
        let starts = help.map(|help| alone.starts_with(&format!("{PLAIN}{help}")));
        assert!(starts.unwrap_or(!alone.starts_with(PLAIN)), "{source}: {alone}");
        pages.write("b/_nav.html", "");
        let among_templates = last(&pages);
        assert!(!among_templates.contains("--plain"), "{source}: {among_templates}");
        let rest = alone.strip_prefix(PLAIN).map(|rest| format!("help: {rest}"));
        assert_eq!(among_templates, rest.unwrap_or(alone), "{source}");
    }
    let pages = Pages::new(&[("_nav.html", "")]);
    pages.write("a.html", b"caf\xe9 {{ a }}");
    assert!(!pages.get("/a").message().contains("--plain"));
    fs::remove_file(pages.path("_nav.html")).unwrap();
    assert!(pages.get("/a").message().contains(&format!("{PLAIN}save the file as UTF-8")));
}

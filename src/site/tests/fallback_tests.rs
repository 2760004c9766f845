//! Paths that no file answers: the echo page, and pages for 404.

use std::os::unix::fs::symlink;

use super::*;

#[test]
fn echoes_the_path() {
    let pages = Pages::new(&[]);
    let answer = pages.get("/foo/bar?x=%3C");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.field("Cache-Control"), "no-store");
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    for part in [
        "<title>A test page</title>",
        "<h1>Testing</h1>",
        "<p>The server got a request with path /foo/bar?x=%3C</p>",
    ] {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
}

#[test]
fn the_echo_page_escapes_the_target() {
    let pages = Pages::new(&[]);
    let answer = pages.get("/<script>alert('1')</script>?\"&");
    assert!(answer.echoes("/&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;?&quot;&amp;"));
    assert!(!answer.body.contains("<script"));
}

#[test]
fn the_echo_page_says_what_would_make_a_page() {
    let pages = Pages::new(&[("about us.html", ""), ("docs/Intro.html", ""), ("index.html", "")]);
    let folder = pages.folder.path().display();
    let body = pages.get("/about%20u").body;
    for name in ["about u", "about u.html", "about u/index.html"] {
        assert!(body.contains(&format!("<li><code>{folder}/{name}</code></li>")), "{body}");
    }
    assert!(body.contains(r#"<li><a href="/about%20us">/about us</a></li>"#), "{body}");
    let body = pages.get("/docs/intro").body;
    assert!(
        body.contains(r#"There is <a href="/docs/Intro">/docs/Intro</a>: letter case"#),
        "{body}"
    );
    pages.write("guide/index.html", "");
    let body = pages.get("/gide").body;
    assert!(body.contains(r#"<li><a href="/guide/">/guide/</a></li>"#), "{body}");
    pages.write("Blog/index.html", "");
    let body = pages.get("/blog").body;
    assert!(body.contains(r#"There is <a href="/Blog/">/Blog/</a>"#), "{body}");
    pages.write("style.css", "");
    let body = pages.get("/style.css/").body;
    assert!(body.contains(r#"<li><a href="/style.css">"#), "{body}");
    assert!(!body.contains("letter case"), "{body}");
    let body = pages.get("/.git").body;
    assert!(body.contains("are never served"), "{body}");
    let body = pages.get("/%00").body;
    assert!(body.contains("No file can have such a name"), "{body}");
}

#[test]
fn the_echo_page_says_that_a_file_is_private_and_both_ways_out() {
    let pages = Pages::new(&[("_static/a.css", ""), ("_layout.html", ""), ("b/_c/index.html", "")]);
    let folder = pages.folder.path().display();
    for (target, file, glob) in [
        ("/_static/a.css", Some("_static/a.css"), "_static/**"),
        ("/_layout", Some("_layout.html"), "_layout.html"),
        ("/b/_c/", Some("b/_c/index.html"), "b/_c/**"),
        ("/b/_c", Some("b/_c/index.html"), "b/_c/**"),
        ("/_static/b.css", None, "_static/**"),
    ] {
        let body = pages.get(target).body;
        let said = file.map(|file| format!("<p><code>{folder}/{file}</code> is there, but it is"));
        assert_eq!(body.contains("is there"), file.is_some(), "{body}");
        assert!(body.contains(&said.unwrap_or_default()), "{body}");
        assert!(body.contains(&format!("<code>public = [\"{glob}\"]</code>")), "{body}");
        assert!(body.contains("<code>--plain</code>"), "{body}");
        let it = if file.is_some() { "it" } else { "such names" };
        assert!(body.contains(&format!("<li>To serve {it} as well, write")), "{body}");
        // And both ways lead there.
        for (is_plain, public) in [(true, vec![]), (false, vec![glob.to_owned()])] {
            let options = SiteOptions { is_plain, public, ..SiteOptions::default() };
            let site = Site::open(pages.folder.path(), options).unwrap();
            let head = RequestHead::get(target, "h");
            let status = site.with_request(&head, SystemTime::now(), |asked| {
                let answer = site.respond(asked.request, asked.now).at_once();
                (answer.status.as_u16(), answer.get("Cache-Control") == Some("no-store"))
            });
            let expected = match (file, target) {
                (None, _) => (200, true),
                (_, "/b/_c") => (301, false),
                _ => (200, false),
            };
            assert_eq!(status, Some(expected), "{target} {is_plain}");
        }
    }
    for (target, options) in [
        ("/.env", SiteOptions::default()),
        ("/_static/.env", SiteOptions::default()),
        ("/.env", SiteOptions { is_plain: true, ..SiteOptions::default() }),
    ] {
        pages.write(&target[1..], "secret");
        let site = Site::open(pages.folder.path(), options).unwrap();
        let body = site.with_request(&RequestHead::get(target, "h"), SystemTime::now(), |asked| {
            site.respond(asked.request, asked.now).at_once().body.read().unwrap()
        });
        let body = String::from_utf8(body.unwrap()).unwrap();
        assert!(body.contains("never served") && !body.contains("public"), "{body}");
    }
}

#[test]
fn the_echo_page_says_what_exactly_is_in_the_way() {
    const INDEX: &str = "only <code>index.html</code> answers for its folder";
    const EXTENSION: &str = "only <code>.html</code> may be left out of a path";
    const FORM: &str = "in another normal form of Unicode";
    const CASE: &str = ": letter case counts. Its file is";
    const NO_INDEX: &str = "without an <code>index.html</code>.";
    let pages = Pages::new(&[
        ("docs.html", ""),
        ("docs/a.html", ""),
        ("old/index.htm", ""),
        ("upper/Index.HTML", ""),
        ("page.htm", ""),
        ("a/guide.php", ""),
        ("na\u{ef}ve.html", ""),
        ("e\u{301}t\u{e9}/b.html", ""),
        ("\u{fb01}n.html", ""),
        ("_private/a.css", ""),
        ("app.js", ""),
        ("style.css", ""),
        ("both.css", ""),
        ("both.txt", ""),
        ("whole/index.html", ""),
    ]);
    for (target, link, said) in [
        ("/docs/index", "/docs", NO_INDEX),
        ("/docs/index.html", "/docs", NO_INDEX),
        ("/", "", NO_INDEX),
        ("/old/", "", NO_INDEX),
        ("/a", "", NO_INDEX),
        ("/old/", "/old/index.htm", INDEX),
        ("/old", "/old/index.htm", INDEX),
        ("/old/index.html", "/old/index.htm", INDEX),
        ("/upper/", "/upper/Index.HTML", INDEX),
        ("/page", "/page.htm", EXTENSION),
        ("/page.html", "/page.htm", EXTENSION),
        ("/a/guide", "/a/guide.php", EXTENSION),
        ("/style", "/style.css", EXTENSION),
        ("/app", "/app.js", EXTENSION),
        ("/both", "/both.txt", EXTENSION),
        ("/WHOLE/INDEX", "whole/index.html</code>", CASE),
        ("/whole/Index.html", "whole/index.html</code>", CASE),
        ("/whole/INDEX.HTML", "<a href=\"/whole/\">/whole/</a>", CASE),
        ("/nai%CC%88ve", "/na%C3%AFve", FORM),
        ("/nai%CC%88ve.html", "/na%C3%AFve", FORM),
        ("/%C3%A9te%CC%81/b", "/e%CC%81t%C3%A9/b", FORM),
        ("/Nai%CC%88VE", "/na%C3%AFve", FORM),
        ("/fin", "/%EF%AC%81n", FORM),
    ] {
        let body = pages.get(target).body;
        let said_of = |line: &str| line.contains(said) && line.contains(link);
        assert!(body.lines().any(said_of), "{target}: {body}");
    }
    for target in ["/ap", "/nothing", "/_private/", "/docs/b", "/whole/index.html/"] {
        let body = pages.get(target).body;
        for said in [INDEX, EXTENSION, FORM, CASE, NO_INDEX] {
            assert!(!body.contains(said), "{target}: {body}");
        }
    }
}

#[test]
fn the_echo_page_keeps_to_itself_in_production() {
    let pages = Pages::with(&[("about.html", "")], |options| options.production = true);
    let body = pages.get("/abut").body;
    assert!(body.contains("path /abut</p>"));
    assert!(!body.contains("about") && !body.contains("<hr>"), "{body}");
}

#[test]
fn a_missing_part_of_a_page_is_missing() {
    let pages = Pages::new(&[]);
    for (field, status) in [
        ("Sec-Fetch-Mode: navigate", 200),
        ("Sec-Fetch-Mode: no-cors", 404),
        ("Sec-Fetch-Mode: cors", 404),
        ("X: y", 200),
    ] {
        let answer = pages.get_with("/a.png", field);
        assert_eq!(answer.status(), status, "{field}");
        assert!(answer.echoes("/a.png"));
    }
}

#[test]
fn only_who_reads_the_echo_page_is_advised() {
    let pages = Pages::new(&[("about.html", "")]);
    for (field, is_advised) in [
        ("Sec-Fetch-Mode: navigate", true),
        ("X: y", true),
        ("Sec-Fetch-Mode: no-cors", false),
        ("Sec-Fetch-Mode: cors", false),
    ] {
        let body = pages.get_with("/abuot", field).body;
        assert_eq!(body.contains("/about</a>"), is_advised, "{field}");
        assert_eq!(body.contains("abuot.html"), is_advised, "{field}");
    }
}

#[test]
fn a_link_out_of_the_root_is_no_file_to_write() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.html"), "secret").unwrap();
    let pages = Pages::new(&[]);
    symlink(outside.path().join("secret.html"), pages.path("out.html")).unwrap();
    let body = pages.get("/out").body;
    assert!(body.contains("/out/index.html</code>"), "{body}");
    assert!(!body.contains("/out.html"), "{body}");
}

#[test]
fn the_fallback_may_be_not_found() {
    let pages = Pages::with(&[], |options| options.fallback = Fallback::NotFound);
    let answer = pages.get("/a");
    assert_eq!((answer.status(), answer.body.as_str()), (404, "404 Not Found\n"));
    let answer = pages.get_with("/a", "Accept: text/html");
    assert_eq!(answer.status(), 404);
    assert!(answer.body.contains("<h1>404 Not Found</h1>"), "{}", answer.body);
}

#[test]
fn a_404_page_takes_the_place_of_either_fallback() {
    for fallback in [Fallback::Echo, Fallback::NotFound] {
        let pages =
            Pages::with(&[("404.html", "no {{ request.path }} {{ page.file }}")], |options| {
                options.fallback = fallback;
            });
        let answer = pages.get("/a/b");
        assert_eq!((answer.status(), answer.body.as_str()), (404, "no /a/b 404.html"));
        assert_eq!(answer.field("Cache-Control"), "no-store");
        assert_eq!(answer.source(), "404.html");
        assert_eq!(pages.get("/404").status(), 200);
        pages.write("404.html", b"caf\xe9");
        let answer = pages.get("/a/b");
        assert_eq!((answer.status(), answer.field("Cache-Control")), (404, "no-store"));
        pages.write("404.html", "{{ nope }}");
        assert_eq!(pages.get("/a/b").status(), 500);
    }
}

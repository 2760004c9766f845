//! Files that pages name: `versioned`, `inline` and `image(…)`.

use super::*;
use crate::http::base_path::BasePath;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A GIF of 3 by 2 pixels, as far as its size goes.
const GIF: &str = "GIF89a\u{3}\0\u{2}\0\0\0\0;";

#[test]
fn a_version_is_kept_for_ever_while_it_fits() {
    for base_path in ["/", "/base/"] {
        let pages = Pages::with(
            &[("a.html", "{{ 'style.css' | versioned }}"), ("style.css", "a { b: url(/c.png) }")],
            |options| {
                options.production = true;
                options.base_path = BasePath::parse(base_path).unwrap();
            },
        );
        let url = pages.get("/a").body;
        assert!(url.starts_with("/style.css?v="), "{url}");
        for (target, expected) in [
            (&*url, FOR_EVER),
            ("/style.css", "public, max-age=3600"),
            ("/style.css?v=0", "no-cache"),
            ("/style.css?x=0", "public, max-age=3600"),
            (&*url, FOR_EVER),
        ] {
            let answer = pages.get(target);
            assert_eq!((answer.status(), answer.field("Cache-Control")), (200, expected));
            assert!(answer.body.starts_with("a {"), "{target}");
            let tag = format!("If-None-Match: {}", answer.field("ETag"));
            let again = pages.get_with(target, &tag);
            assert_eq!((again.status(), again.field("Cache-Control")), (304, expected), "{target}");
        }
        pages.write("style.css", "a { c: url(/d.png) }");
        // Kept answers are looked after again once an interval is over.
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        let get = |target: &str| {
            let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
            pages.ask_with(&head, |asked| pages.site.respond(asked.request, later).at_once())
        };
        let newer = get("/a").body;
        assert_ne!(newer, url);
        assert_eq!(get(&url).field("Cache-Control"), "no-cache");
        assert_eq!(get(&newer).field("Cache-Control"), FOR_EVER);
    }
}

#[test]
fn a_page_follows_the_files_that_it_names() {
    for page in
        ["{{ 'x.svg' | versioned }}", "{{ 'x.svg' | inline }}", "{{ image('x.svg', alt='') }}"]
    {
        let pages = Pages::new(&[("a.html", page), ("x.svg", "<svg width='1' height='2'/>")]);
        let before = pages.get("/a").body;
        pages.write("x.svg", "<svg width='3' height='2'/>");
        let after = pages.get("/a").body;
        assert_ne!(before, after, "{page}");
        pages.write("x.svg", "<svg width='1' height='2'/>");
        assert_eq!(pages.get("/a").body, before, "{page}");
        fs::remove_file(pages.path("x.svg")).unwrap();
        assert_eq!(pages.get("/a").status(), 500, "{page}");
    }
}

#[test]
fn files_are_put_in_by_their_names() {
    let pages = Pages::new(&[
        ("blog/_logo.svg", "\u{feff}<svg viewBox='0 0 2 1'/>"),
        ("blog/cat & dog.gif", GIF),
        ("top.gif", GIF),
    ]);
    for (page, expected) in [
        ("{{ './_logo.svg' | inline }}", "<svg viewBox='0 0 2 1'/>"),
        ("{{ 'blog/_logo.svg' | inline }}", "<svg viewBox='0 0 2 1'/>"),
        ("{{ '/blog/../blog/_logo.svg' | inline }}", "<svg viewBox='0 0 2 1'/>"),
        (
            "{{ image('../top.gif', alt='A \"cat\"', class='a b') }}",
            "<img src=\"/top.gif\" width=\"3\" height=\"2\" alt=\"A &quot;cat&quot;\" class=\"a b\">",
        ),
        (
            "{{ image('./cat & dog.gif', alt='', data_x=1, hidden=true, id=none) }}",
            "<img src=\"/blog/cat%20&amp;%20dog.gif\" width=\"3\" height=\"2\" alt=\"\" data-x=\"1\" \
             hidden>",
        ),
    ] {
        pages.write("blog/a.html", page);
        assert_eq!(pages.get("/blog/a").body, expected, "{page}");
    }
    for (sizes, expected) in [
        ("width=300", "height=\"200\" alt=\"\" width=\"300\""),
        ("height='20'", "width=\"30\" alt=\"\" height=\"20\""),
        ("width=1, height=1", "width=\"1\" height=\"1\""),
    ] {
        pages.write("a.html", format!("{{{{ image('top.gif', alt='', {sizes}) }}}}"));
        let body = pages.get("/a").body;
        assert!(body.contains(expected), "{body}");
        assert_eq!(body.matches("width").count(), 1, "{body}");
    }
}

#[test]
fn what_cannot_be_shown_is_reported_with_the_way_out() {
    let pages = Pages::new(&[
        ("style.css", ""),
        ("photos/cat.gif", GIF),
        ("blog/near.css", ""),
        ("_private.css", ""),
        (".env", "secret"),
        ("_part.html", "{{ x }}"),
        ("text.png", "no image"),
    ]);
    pages.write("large.txt", "x".repeat((1 << 20) + 1));
    pages.write("bytes.bin", [0xff, 0xfe]);
    for (page, message, help) in [
        ("{{ 'stile.css' | versioned }}", "there is no file `stile.css`", "mean `style.css`?"),
        ("{{ 'near.css' | inline }}", "there is no file `near.css`", "mean `./near.css`?"),
        ("{{ image('cat.gif', alt='') }}", "no file `cat.gif`", "mean `photos/cat.gif`?"),
        ("{{ 'nothing.alike' | inline }}", "there is no file", "from the folder of pages"),
        ("{{ '.env' | inline }}", "there is no file `.env`", "begin with a dot"),
        ("{{ '../../x.css' | inline }}", "leads out of the folder of pages", ""),
        ("{{ '_private.css' | versioned }}", "browsers do not get `_private.css`", "`inline`"),
        ("{{ '_part.html' | inline }}", "is a template", "include"),
        ("{{ '_part.html' | versioned }}", "is a page", "by its path"),
        ("{{ 'large.txt' | inline }}", "1 MiB", "versioned"),
        ("{{ 'bytes.bin' | inline }}", "no text in UTF-8", "image("),
        ("{{ image('photos/cat.gif') }}", "cannot see it", "alt="),
        ("{{ image('text.png', alt='') }}", "no image", "<img>"),
        ("{{ image('photos/cat.gif', alt='', src='x') }}", "`src`", "leave `src` out"),
        ("{{ image('photos/cat.gif', alt=[1]) }}", "takes text", "join"),
        ("{{ nope | inline }}", "undefined", ""),
        ("{{ 'style.css' | version }}", "unknown filter", "mean `versioned`?"),
    ] {
        pages.write("blog/a.html", format!("<p>\n {page}"));
        let body = pages.get("/blog/a").body;
        assert!(body.contains(message) && body.contains("blog/a.html:2:"), "{page}: {body}");
        assert!(body.split_once("help: ").is_some_and(|(_, last)| last.contains(help)), "{body}");
        assert!(!body.contains("secret"), "{body}");
    }
}

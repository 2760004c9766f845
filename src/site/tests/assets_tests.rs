//! Files that are served as they are.

use super::*;

#[test]
fn asset_and_page_types() {
    let pages = Pages::new(&[("a.css", "{{ x }}"), ("b.svg", "<svg/>"), ("c.bin", "\0")]);
    for (target, content_type, body) in [
        ("/a.css", "text/css; charset=utf-8", "{{ x }}"),
        ("/b.svg", "image/svg+xml; charset=utf-8", "<svg/>"),
        ("/c.bin", "application/octet-stream", "\0"),
    ] {
        let answer = pages.get(target);
        assert_eq!(answer.field("Content-Type"), content_type);
        assert_eq!(answer.field("Cache-Control"), "no-cache");
        assert_eq!(answer.body, body);
    }
}

#[test]
fn a_type_of_the_configuration_counts_more_than_what_html_declares() {
    for (types, expected) in [
        (&[][..], "text/html; charset=koi8-r"),
        (&["text/html; charset=utf-8"][..], "text/html; charset=utf-8"),
    ] {
        let pages = Pages::with(&[("a.htm", "<meta charset=koi8-r>")], |options| {
            options.types = types.iter().map(|value| ("htm".into(), (*value).into())).collect();
        });
        assert_eq!(pages.get("/a.htm").field("Content-Type"), expected);
    }
}

#[test]
fn excluded_pages_are_served_as_they_are() {
    let pages = Pages::with(
        &[("vendor/a/b.html", "{{ x }}"), ("top.html", "{{ y }}"), ("a/top.html", "{{ 1 }}")],
        |options| options.exclude = vec!["vendor/**".to_owned(), "*.html".to_owned()],
    );
    for (target, body) in [("/vendor/a/b", "{{ x }}"), ("/top", "{{ y }}"), ("/a/top", "1")] {
        let answer = pages.get(target);
        assert_eq!(answer.body, body, "{target}");
        assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
        assert_eq!(answer.message(), "");
    }
}

#[test]
fn a_page_in_compressed_form_is_not_there() {
    let pages = Pages::with(&[("vendor/a.html", "{{ x }}")], |options| {
        options.production = true;
        options.fallback = Fallback::NotFound;
        options.exclude = vec!["vendor/**".to_owned()];
    });
    for extension in ["br", "gz", "zst"] {
        for name in ["a.html", "alone.html", "vendor/a.html", "a.css", "folder.html"] {
            pages.write(&format!("{name}.{extension}"), "coded");
        }
        // Which is kept now.
        assert_eq!(pages.get(&format!("/a.html.{extension}")).status(), 200);
    }
    pages.write("a.html", "{{ secret }}");
    fs::create_dir(pages.path("folder.html")).unwrap();
    let later = SystemTime::now() + std::time::Duration::from_secs(2);
    for extension in ["br", "gz", "zst"] {
        for (name, status) in [
            ("a.html", 404),
            ("alone.html", 200),
            ("vendor/a.html", 200),
            ("a.css", 200),
            ("folder.html", 200),
        ] {
            let head = format!("GET /{name}.{extension} HTTP/1.1\r\nHost: h\r\n\r\n");
            let answer =
                pages.ask_with(&head, |asked| pages.site.respond(asked.request, later).at_once());
            assert_eq!(answer.status(), status, "{name}.{extension}");
        }
    }
}

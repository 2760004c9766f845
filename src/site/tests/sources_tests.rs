//! Pages that are no template: not UTF-8, or too large.

use super::*;
use crate::http::{StatusCode, response::Response};

/// Text in UTF-16, low bytes first, behind a mark or not.
fn utf_16(text: &str, has_mark: bool) -> Vec<u8> {
    let mark = has_mark.then_some(0xfeff);
    mark.into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_page_without_tags_that_is_not_utf_8_is_served_with_a_warning() {
    let pages = Pages::new(&[]);
    for (text, content_type, place) in [
        (&b"<p>caf\xe9</p>"[..], "text/html", "line 1, column 7"),
        (b"a\n\xc3\xa9b\xff{a} { {", "text/html", "line 2, column 3"),
        (&utf_16("<p>a</p>", true), "text/html; charset=utf-16le", "line 1, column 1"),
    ] {
        pages.write("a.html", text);
        let answer = pages.get("/a");
        let body = String::from_utf8_lossy(text);
        assert_eq!((answer.status(), &*answer.body), (200, &*body));
        assert_eq!(answer.field("Content-Type"), content_type);
        assert_eq!(
            answer.message(),
            format!(
                "warning: `a.html` is not UTF-8 ({place}): it is served as it is, and not as a \
                 template; save it as UTF-8, or name it in `templates.exclude`"
            )
        );
    }
}

#[test]
fn a_page_with_tags_that_is_not_utf_8_is_an_error() {
    let sources = [
        (b"caf\xe9 {{ secret }}".to_vec(), "1:4"),
        (b"<p>\n\xc3\xa9 \xff{# secret #}".to_vec(), "2:3"),
        (b"\xff{% set a = 'secret' %}".to_vec(), "1:1"),
        // Beyond the first of its bytes.
        ([b"\xff".repeat(2_000_000), b"{{ secret }}".to_vec()].concat(), "1:1"),
        (utf_16("{{ secret }}", true), "1:1"),
        // This is UTF-8 by its bytes, and UTF-16 to a reader.
        (utf_16("<p>{{ secret }}</p>", false), "1:2"),
        (utf_16("<p>{{ secret }}</p>", false)[1..].to_vec(), "1:1"),
    ];
    for is_production in [false, true] {
        for (n, (source, place)) in sources.iter().enumerate() {
            let pages = Pages::with(
                &[
                    ("_nav.html", ""),
                    ("user.html", "{% include 'a.html' %}"),
                    ("maybe.html", "{% include 'a.html' ignore missing %}"),
                ],
                |options| options.production = is_production,
            );
            pages.write("a.html", source);
            pages.write("404.html", source);
            for (target, field, file) in [
                ("/a", "X: y", "a.html"),
                ("/a.html", "Range: bytes=0-9", "a.html"),
                ("/a", "Accept: text/html\r\nAccept-Encoding: gzip, br", "a.html"),
                ("/user", "X: y", "user.html"),
                ("/maybe", "X: y", "maybe.html"),
                ("/nowhere", "X: y", "404.html"),
            ] {
                let answer = pages.get_with(target, field);
                assert_eq!(answer.status(), 500, "{n} {target}");
                assert!(!answer.body.replace('\0', "").contains("secret"), "{n} {target}");
                assert_eq!(answer.field("Cache-Control"), "no-store");
                let message = answer.message();
                assert!(message.contains(" is not UTF-8 (line "), "{message}");
                assert!(message.ends_with(
                    "help: save the file as UTF-8, or name it in `templates.exclude`\n"
                ));
                if file != "user.html" && file != "maybe.html" {
                    assert!(message.contains(&format!("--> {file}:{place}\n")), "{n} {message}");
                }
                assert_eq!(is_production, !answer.body.contains("UTF-8"), "{}", answer.body);
            }
            // And when it is mended, it is there; in production within a second.
            pages.write("a.html", "{{ 1 }}");
            let wait = cache::interval(is_production);
            let mended = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
                pages.site.respond(asked.request, asked.now + wait).at_once()
            });
            assert_eq!(mended.body, "1");
        }
        let excluded = Pages::with(&[], |options| {
            options.production = is_production;
            options.exclude = vec!["a.html".to_owned()];
        });
        excluded.write("a.html", &sources[0].0);
        assert_eq!(excluded.get("/a").status(), 200);
    }
}

/// What a request for `target` gets: its status, length and message. The body, which
/// may be long, is not read.
fn outcome(pages: &Pages, target: &str) -> (u16, u64, String) {
    let mut outcome = None;
    pages.ask_with(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"), |asked| {
        let response = pages.site.respond(asked.request, asked.now).at_once();
        let message = response.note.message.clone().unwrap_or_default();
        outcome = Some((response.status.as_u16(), response.body.len(), message));
        Response::empty(StatusCode::OK).into()
    });
    outcome.unwrap()
}

#[test]
fn a_huge_page_is_served_if_it_holds_no_tags_and_never_compiled() {
    use std::os::unix::fs::FileExt;
    let pages = Pages::new(&[("a.html", "")]);
    let file = fs::File::options().write(true).open(pages.path("a.html")).unwrap();
    const MIB: u64 = 1024 * 1024;
    // Holes, in which nothing stands.
    for (len, tag_at, status) in [
        (16 * MIB + 1, None, 200),
        (32 * MIB, None, 200),
        (32 * MIB, Some(0), 500),
        // The first piece ends within it.
        (32 * MIB, Some(64 * 1024 + 3), 500),
        (32 * MIB, Some(20 * MIB - 1), 500),
        (32 * MIB, Some(32 * MIB - 2), 500),
        (32 * MIB + 1, None, 500),
        (2048 * MIB, None, 500),
    ] {
        file.set_len(0).unwrap();
        file.set_len(len).unwrap();
        if let Some(at) = tag_at {
            file.write_all_at(b"{%", at).unwrap();
        }
        let (rendered, _) = pages.render("a.html");
        assert!(rendered.unwrap_err().to_string().contains("larger than a template may be"));
        for _ in 0..2 {
            let (found, sent, message) = outcome(&pages, "/a");
            assert_eq!((found, sent == len), (status, status == 200), "{len} {tag_at:?}");
            let start = if status == 200 { "warning: " } else { "error: " };
            assert!(message.starts_with(start), "{message}");
            assert!(message.contains("make it smaller, or name it in `templates.exclude`"));
        }
    }
}

#[test]
fn a_large_page_is_searched_once_for_each_state() {
    use std::os::unix::fs::FileExt;
    let pages = Pages::new(&[("a.html", "")]);
    let file = fs::File::options().write(true).open(pages.path("a.html")).unwrap();
    file.set_len(17 * 1024 * 1024).unwrap();
    let start = std::time::Instant::now();
    while pages.site.searched.states() == 0 {
        assert_eq!(outcome(&pages, "/a").0, 200);
        assert!(start.elapsed().as_secs() < 30, "it never settles");
    }
    assert_eq!(outcome(&pages, "/a").0, 200);
    assert_eq!(pages.site.searched.states(), 1);
    file.write_all_at(b"{{", 9_999_999).unwrap();
    assert_eq!(outcome(&pages, "/a").0, 500);
}

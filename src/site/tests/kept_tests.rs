//! Answers that are kept: which requests share one.

use super::*;
use crate::http::body::Source;

#[test]
fn a_page_without_tags_that_is_no_utf_8_is_read_once() {
    let pages = Pages::with(&[], |options| options.cache_max_bytes = 64 << 20);
    pages.write("latin.html", b"<p>caf\xe9");
    let ask = || pages.answer("GET", "/latin", "").at_once();
    let kept = std::iter::repeat_with(|| (ask(), ask())).take(1_000_000);
    let (kept, _) = kept.into_iter().find(|(one, two)| Arc::ptr_eq(one, two)).unwrap();
    assert!(kept.note.message.as_ref().unwrap().contains("is not UTF-8"));
}

#[test]
fn the_page_for_what_is_missing_is_made_once_for_all_paths() {
    let pages = Pages::with(&[("404.html", "{{ 'Nothing here' }}")], |options| {
        options.cache_max_bytes = 64 << 20;
    });
    let place_of_body = |target: &str| {
        let answer = pages.answer("GET", target, "").at_once();
        assert_eq!((answer.status.as_u16(), answer.get("Cache-Control")), (404, Some("no-store")));
        match answer.body.at(0) {
            Some((Source::Bytes(bytes), _)) => bytes.as_ptr(),
            _ => panic!("it is in memory"),
        }
    };
    let is_kept = || place_of_body("/a") == place_of_body("/b");
    assert!(std::iter::repeat_with(is_kept).take(1_000_000).any(|is_kept| is_kept));
    pages.write("404.html", "Changed");
    let answer = pages.answer("GET", "/a", "").at_once();
    assert_eq!(answer.body.read().unwrap(), b"Changed");
}

#[test]
fn a_page_is_kept_under_one_of_its_spellings() {
    let pages = Pages::with(&[("about.html", "<p>About")], |options| {
        options.cache_max_bytes = 64 << 20;
    });
    let ask = |target: &str| pages.answer("GET", target, "").at_once();
    let kept = std::iter::repeat_with(|| (ask("/about"), ask("/about")))
        .find(|(one, other)| Arc::ptr_eq(one, other));
    let (kept, _) = kept.unwrap();
    for target in ["/%61bout", "//about", "/./about", "/a/../about", "/%61%62%6f%75%74?x"] {
        assert!(Arc::ptr_eq(&kept, &ask(target)), "{target}");
    }
}

//! Pages for which there is no memory.

use super::*;
use crate::{
    http::memory::{Bytes, Memory},
    site::templates::recorder::RENDERS,
};

#[test]
fn pages_are_refused_where_there_is_no_memory_for_them_and_small_ones_last() {
    let memory = Memory::new(800_000);
    let page = |len: usize| format!("{{{{ request.query.name }}}}{}", "x".repeat(len));
    let pages =
        Pages::with(&[("large.html", &page(50_000)), ("small.html", &page(500))], |options| {
            options.preparation = Preparation::new(memory.clone(), |_, _| {});
            options.cache_max_bytes = 0;
        });
    let ask = |target: &str| pages.answer("GET", target, "").at_once();
    let mut held = Vec::new();
    let refusal = loop {
        let answer = ask("/large?name=x");
        if answer.status.as_u16() != 200 {
            break answer;
        }
        held.push(answer);
    };
    assert_eq!((refusal.status.as_u16(), refusal.get("Retry-After")), (503, Some("1")));
    assert!(refusal.note.message.as_ref().unwrap().contains("`response_memory_bytes`"));
    assert!(memory.free_bytes() > 0 && held.len() > 5);
    assert_eq!(ask("/small?name=x").status.as_u16(), 200);
    assert_eq!(ask("/nothing").status.as_u16(), 200);
    drop(held);
    drop(refusal);
    assert_eq!(ask("/large?name=x").status.as_u16(), 200);
    assert_eq!(memory.free_bytes(), 800_000);
}

#[test]
fn a_page_that_is_made_for_each_request_is_not_made_where_it_would_not_fit() {
    let memory = Memory::new(800_000);
    let pages = Pages::with(&[], |options| {
        options.preparation = Preparation::new(memory.clone(), |_, _| {});
        options.cache_max_bytes = 64 << 20;
    });
    pages.write("page.html", "{{ 'x' * request.query.n|int }}");
    let ask = |n: usize| {
        let before = RENDERS.get();
        let answer = pages.answer("GET", &format!("/page?n={n}"), "").at_once();
        (answer.status.as_u16(), RENDERS.get() - before)
    };
    assert_eq!([ask(50_000), ask(90_000)], [(200, 1); 2]);
    let others = Bytes::from(vec![b'x'; 90_000]);
    let more: Vec<Bytes> = (0..8).map(|_| vec![b'x'; 45_000].into()).collect();
    assert!(memory.hold(&others) && more.iter().all(|bytes| memory.hold(bytes)));
    // From when its file has settled, it is known what it came to.
    assert!(std::iter::repeat_with(|| ask(50_000)).take(20_000).any(|asked| asked == (503, 0)));
    assert_eq!([ask(90_000), ask(10)], [(503, 0); 2]);
    drop(more);
    assert_eq!([ask(10), ask(90_000)], [(200, 1), (503, 1)]);
    drop(others);
    assert_eq!(ask(90_000), (200, 1));
}

#[test]
fn a_kept_page_that_was_refused_once_is_sent_when_there_is_memory() {
    let memory = Memory::new(7_500);
    let pages = Pages::with(&[("page.html", &"x".repeat(900))], |options| {
        options.preparation = Preparation::new(memory.clone(), |_, _| {});
        options.cache_max_bytes = 64 << 20;
    });
    let ask = || pages.answer("GET", "/page", "").at_once();
    let kept = std::iter::repeat_with(|| (ask(), ask())).find(|(one, two)| Arc::ptr_eq(one, two));
    assert_eq!(kept.unwrap().0.status.as_u16(), 200);
    let other = Bytes::from(vec![b'x'; 800]);
    pages.write("page.html", "y".repeat(900));
    assert!(memory.hold(&other));
    let refusals = std::iter::repeat_with(|| ask().status.as_u16()).take(100);
    assert!(refusals.into_iter().all(|status| status == 503));
    drop(other);
    assert_eq!(ask().status.as_u16(), 200);
}

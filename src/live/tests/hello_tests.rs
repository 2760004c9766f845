//! The answers to a page that says which version it shows.

use super::*;
use crate::live::turns::Allowance;

#[test]
fn a_page_that_comes_back_is_told_what_it_missed() {
    let pages = Pages::new(&[("a.html", "<p>one")]);
    let version = pages.navigate("/a", "");
    pages.write("a.html", "<p>two");
    let page = pages.connect("/a", "", &version);
    page.catches_up(&pages);
    drop(page);
    pages.write("a.html", "<p>one");
    let page = pages.connect("/a", "", &version);
    page.receives("current");
}

#[test]
fn after_a_restart_only_what_has_changed_is_loaded_again() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>{{ request.path }}")]);
    let (a, b) = (pages.navigate("/a", ""), pages.navigate("/b?c", ""));
    let restarted = Pages::of(pages.folder, true);
    restarted.connect("/a", "", &a).receives("current");
    restarted.connect("/b?c", "", &b).receives("current");
    restarted.write("a.html", "<p>b");
    let page = Pages::of(restarted.folder, true);
    page.connect("/a", "", &a).receives("reload");
    page.connect("/a", "", &page.navigate("/a", "")).receives("current");
}

#[test]
fn a_page_that_was_patched_and_comes_back_has_missed_nothing() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let page = pages.open("/a");
    pages.write("a.html", "<p>b");
    let version = page.receives("patch")["to"].as_str().unwrap().to_owned();
    let page = pages.connect("/a", "", &version);
    page.receives("current");
    let page = pages.connect_silently("/a", "", &version);
    page.send(&json!({ "page": "/a", "version": version, "age": 1.0 }));
    page.receives("current");
    page.send(&json!({ "resources": ["/s.css"] }));
    pages.settle(&[&page]);
}

#[test]
fn an_age_tells_when_a_page_was_loaded() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "one")]);
    let version = pages.navigate("/a", "");
    for (age, is_told) in [(json!(60_000.0), true), (json!(-1e300), false), (json!(null), false)] {
        pages.settle(&[]);
        // As another one has been sent since, nobody else could tell.
        pages.navigate("/a", "");
        let page = pages.connect_silently("/a", "", &version);
        page.send(&json!({ "page": "/a", "version": version, "age": age }));
        page.receives("current");
        page.send(&json!({ "resources": ["/s.css"] }));
        if is_told {
            page.receives("style");
        }
        pages.settle(&[&page]);
    }
}

#[test]
fn a_second_hello_is_passed_over() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let page = pages.open("/a");
    let other = pages.navigate("/b", "");
    for version in [&page.version, &other, "unknown"] {
        page.send(&json!({ "page": "/b", "version": version }));
    }
    pages.write("b.html", "<p>c");
    pages.settle(&[&page]);
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
    // One that is none leaves room for the first.
    let page = pages.connect_silently("/a", "", &pages.navigate("/a", ""));
    page.send(&json!({ "page": "a", "version": "" }));
    page.send(&json!({ "page": page.target, "version": page.version }));
    page.receives("current");
}

#[test]
fn a_thousand_hellos_of_one_tab_cost_one() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}"), ("b.html", "<p>b")]);
    let page = pages.connect_silently("/a", "", "unknown");
    for n in 0..1000 {
        page.send(&json!({ "page": format!("/a?n={n}"), "version": "unknown" }));
    }
    page.receives("reload");
    pages.settle(&[&page]);
}

#[test]
fn many_hellos_with_unknown_versions_are_no_renderings() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}")]);
    let page = |n| pages.connect_silently(&format!("/a?n={n}"), "", "unknown");
    let open: Vec<Page> = (0..2000).map(page).collect();
    for page in &open {
        page.send(&json!({ "page": page.target, "version": "unknown" }));
    }
    open.iter().for_each(|page| assert_eq!(page.message(), json!({ "type": "reload" })));
}

#[test]
fn hellos_with_old_and_unknown_versions_render_for_a_bounded_time() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let (unknown, old) = (pages.navigate("/a", "") + "-0", pages.navigate("/b", ""));
    pages.write("b.html", "<p>c");
    pages.rest();
    for (target, version, kind) in [("/a", unknown, "current"), ("/b", old, "patch")] {
        let mut thread = live_thread(&pages);
        thread.pages.hello_time =
            Allowance::new(Duration::from_nanos(1), Duration::from_secs(1 << 20));
        let pages: Vec<_> = (0..9).map(|n| open_in(&mut thread, n, target, &version)).collect();
        let told: Vec<String> = pages.iter().flat_map(|page| kinds(page).pop()).collect();
        let (first, rest) = told.split_first().unwrap();
        assert_eq!(first, kind);
        assert!(rest.len() == 8 && rest.iter().all(|kind| kind == "reload"), "{told:?}");
    }
}

#[test]
fn a_message_that_cannot_be_read_is_logged_once_for_each_page() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.connect_silently("/a", "", &pages.navigate("/a", ""));
    // As old versions of prototype.js have it.
    page.send(&json!({ "resources": "[\"/a.css\"]" }));
    page.send(&json!("x".repeat(10_000)));
    page.send(&json!({ "page": page.target, "version": page.version }));
    page.receives("current");
    let warnings: Vec<String> = pages.printed.try_iter().collect();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(
        warning.contains("live editing cannot read") && warning.contains("/a.css"),
        "{warning}"
    );
}

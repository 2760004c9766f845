//! Files that pages have loaded.

use std::{collections::BTreeSet, os::unix::fs::FileExt as _};

use super::*;
use crate::live::page_input::MAX_LOADED;

#[test]
fn what_a_page_has_loaded_is_told_by_its_kind() {
    let files = ["s.css", "i.png", "f.woff2", "x.js"].map(|name| (name, "one"));
    let pages = Pages::new(&[&files[..], &[("a.html", "<p>a"), ("b.html", "<p>b")]].concat());
    pages.rest();
    let (page, other) = (pages.open("/a"), pages.open("/b"));
    page.send(&json!({ "resources": ["/s.css?v=1", "/i.png", "/f.woff2", "/x.js", "/late.svg"] }));
    pages.settle(&[&page]);
    for (name, message) in [
        ("s.css", json!({ "type": "style", "path": "/s.css" })),
        ("i.png", json!({ "type": "image", "path": "/i.png" })),
        ("f.woff2", json!({ "type": "font", "path": "/f.woff2" })),
        ("late.svg", json!({ "type": "image", "path": "/late.svg" })),
        ("x.js", json!({ "type": "reload" })),
    ] {
        pages.write(name, "two");
        let told = page.message();
        let is_named = told["to"].as_str().is_some_and(|to| !to.is_empty());
        assert_eq!(is_named, name == "x.js", "{told}");
        assert!(message.as_object().unwrap().iter().all(|(key, value)| told[key] == *value));
    }
    // It is about to load all of it again.
    pages.write("s.css", "three");
    pages.settle(&[&page, &other]);
}

#[test]
fn what_changed_while_the_page_was_loading_is_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "one"), ("x.js", "one")]);
    let settled = pages.open("/a");
    let page = pages.open("/a");
    pages.write("s.css", "two");
    page.send(&json!({ "resources": ["/s.css"] }));
    page.receives("style");
    // From now on it is known when it changes.
    pages.settle(&[&settled]);
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/s.css"] }));
    pages.settle(&[&page]);
}

#[test]
fn what_changes_at_the_moment_from_which_it_is_followed_is_told() {
    const LEN: usize = 1 << 17;
    let text = " ".repeat(LEN);
    let names: Vec<String> = (0..200).map(|n| format!("{n}.css")).collect();
    let styles = names.iter().map(|name| (name.as_str(), text.as_str()));
    let pages = Pages::new(&styles.chain([("a.html", "<p>a")]).collect::<Vec<_>>());
    pages.rest();
    let mut thread = live_thread(&pages);
    let page = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    assert_eq!(kinds(&page), ["current"]);
    for (n, name) in names.iter().enumerate() {
        let file = fs::OpenOptions::new().write(true).open(pages.path(name)).unwrap();
        load_while(&mut thread, &format!("/{name}"), n * 20, || {
            file.write_all_at(b"\n", LEN as u64 - 1).unwrap();
        });
    }
    check_until_settled(&mut thread);
    let told: BTreeSet<String> = page.try_iter().map(|text| path(&text)).collect();
    let untold: Vec<_> = names.iter().filter(|name| !told.contains(&format!("/{name}"))).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[test]
fn what_changes_beside_a_file_at_that_moment_is_not_told() {
    let names: Vec<String> = (0..200).map(|n| format!("{n}/page.html")).collect();
    let others = names.iter().map(|name| (name.as_str(), ""));
    let pages = Pages::new(&others.chain([("a.html", "<p>a")]).collect::<Vec<_>>());
    pages.rest();
    let mut thread = live_thread(&pages);
    let page = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    for n in 0..names.len() {
        // What is missing depends on its folder.
        let other = pages.path(&format!("{n}/other.html"));
        load_while(&mut thread, &format!("/{n}/icon.ico"), n * 20, || write(&other, "new"));
    }
    thread.check();
    assert_eq!(kinds(&page), ["current"]);
}

/// Says that a page has loaded `target`, while another thread acts a little `later`.
fn load_while(thread: &mut LiveThread, target: &str, later: usize, act: impl FnOnce() + Send) {
    let has_begun = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !has_begun.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
            // At another moment each time.
            (0..later).for_each(|_| std::hint::spin_loop());
            act();
        });
        has_begun.store(true, Ordering::SeqCst);
        load(thread, 0, target);
    });
}

/// The path in a message.
fn path(message: &str) -> String {
    let message: Value = serde_json::from_str(message).unwrap();
    message["path"].as_str().unwrap().to_owned()
}

#[test]
fn what_changed_before_the_page_was_loaded_is_not_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("x.js", "one")]);
    pages.rest();
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/x.js"] }));
    pages.settle(&[&page]);
    drop(page);
    pages.write("x.js", "two");
    pages.rest();
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/x.js"] }));
    pages.settle(&[&page]);
    pages.write("x.js", "three");
    page.receives("reload");
}

#[test]
fn what_was_seen_to_go_before_the_page_was_loaded_is_not_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let older = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    load(&mut thread, 0, "/s.css");
    fs::remove_file(pages.path("s.css")).unwrap();
    // It may come again at once, and is waited for.
    thread.check();
    let newer = open_in(&mut thread, 1, "/a", &pages.navigate("/a", ""));
    load(&mut thread, 1, "/s.css");
    check_until_settled(&mut thread);
    assert_eq!(kinds(&older), ["current", "style"]);
    assert_eq!(kinds(&newer), ["current"]);
}

#[test]
fn what_was_written_on_after_the_page_was_loaded_is_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let older = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    load(&mut thread, 0, "/s.css");
    pages.write("s.css", "");
    pages.rest();
    thread.check();
    let newer = open_in(&mut thread, 1, "/a", &pages.navigate("/a", ""));
    load(&mut thread, 1, "/s.css");
    pages.write("s.css", "q {}");
    check_until_settled(&mut thread);
    assert_eq!(kinds(&older), ["current", "style"]);
    assert_eq!(kinds(&newer), ["current", "style"]);
}

fn check_until_settled(thread: &mut LiveThread) {
    thread.check();
    while thread.checker.turns.has_rest() || thread.checker.settling.is_anything_waiting() {
        thread.check();
    }
}

#[test]
fn a_file_is_told_once_under_however_many_queries() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("i.svg", "<svg/>")]);
    pages.rest();
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/i.svg", "/i.svg?1", "/i.svg?2", "/_pagepool/live.js"] }));
    pages.settle(&[&page]);
    pages.write("i.svg", "<svg></svg>");
    page.receives("image");
    pages.settle(&[&page]);
}

#[test]
fn a_tab_that_has_loaded_too_much_loads_again_whatever_changes() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let (page, other) = (pages.open("/a"), pages.open("/a"));
    for n in 0..=MAX_LOADED / 100 {
        let names: Vec<String> = (0..100).map(|i| format!("/s.css?{n}-{i}")).collect();
        page.send(&json!({ "resources": names }));
    }
    other.send(&json!({ "resources": ["/s.css"] }));
    // Its words are heard once the other tab is told, since each has its turn.
    while !pages.is_handled() {}
    pages.write("elsewhere.txt", "new");
    page.receives("reload");
    pages.write("s.css", "q {}");
    other.receives("style");
    // It has been told, and is about to load again.
    pages.settle(&[&page, &other]);
    let page = pages.open("/a");
    pages.settle(&[&page]);
}

#[test]
fn a_save_is_told_however_many_names_are_followed() {
    for watches in [true, false] {
        let pages = Pages::with(&[("a.html", "<p>0"), ("s.css", "p {}"), ("t.css", "")], watches);
        pages.rest();
        let (page, other) = (pages.open("/a"), pages.open("/a"));
        for n in 0..10 {
            let names: Vec<String> = (0..100).map(|i| format!("/s.css?{n}-{i}")).collect();
            page.send(&json!({ "resources": names }));
        }
        other.send(&json!({ "resources": ["/t.css"] }));
        while !pages.is_handled() {}
        for n in 1..=3 {
            pages.write("a.html", &format!("<p>{n}"));
            page.catches_up(&pages);
            other.catches_up(&pages);
        }
        pages.write("t.css", "p {}");
        other.receives("style");
        pages.write("s.css", "q {}");
        page.receives("style");
    }
}

#[test]
fn pages_that_were_rendered_for_a_request_and_loaded_by_a_page_are_not_rendered_to_compare_them() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", "<p>{{ request.query.n }}")]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let page = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    for n in 0..20 {
        load(&mut thread, 0, &format!("/dynamic?n={n}"));
    }
    // Its rendering is the same, which one would see who made it.
    pages.write("dynamic.html", "<p>{{ request.query.n }}{# note #}");
    pages.rest();
    thread.check();
    assert_eq!(kinds(&page), ["current", "reload"]);
    thread.check();
    assert!(kinds(&page).is_empty() && !thread.checker.turns.has_rest());
    // Who loads it again, as told, is not told again.
    let known = thread.resources.known.iter().find(|(_, known)| known.changed.is_some());
    let (target, known) = known.unwrap();
    let (target, told) = (target.clone(), (known.since, known.changed));
    thread.close(0);
    let _page = open_in(&mut thread, 1, "/a", &pages.navigate("/a", ""));
    load(&mut thread, 1, &target);
    let known = &thread.resources.known[&target];
    assert_eq!((known.since, known.changed), told);
}

#[test]
fn a_tab_that_loads_much_leaves_room_for_others() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let mut thread = live_thread(&pages);
    let version = pages.navigate("/a", "");
    let mut left = 8192;
    for id in 0..9 {
        let _page = open_in(&mut thread, id, "/a", &version);
        let room = left / PARTS_OF_BUDGET;
        assert!(room > 300);
        for n in 0..room {
            load(&mut thread, id, &format!("/{id}-{n}"));
        }
        assert_eq!(thread.tabs[&id].resources.len(), room);
        left -= room;
    }
    load(&mut thread, 8, "/8-more");
    assert!(thread.tabs[&8].reloads_on_any_change);
}

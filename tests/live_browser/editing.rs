//! Each way to save, and each file that a page is made of.

use std::{fs, path::Path};

use serde_json::json;
use walkdir::WalkDir;

use crate::{READY, Site, apart, assert_patched, assert_told, common::chromium::Tab, shows};

const LAYOUT: &str = "<!doctype html><title>L</title><header>head 1</header>\
    <main>{% block main %}{% endblock %}</main>{% include '_footer.html' %}";

#[test]
#[ignore = "needs chromium"]
fn each_way_to_save_is_shown_without_a_load() {
    let site = Site::new(&[("index.html", "<!doctype html><p>first</p>")]);
    let tab = site.open("/");
    site.save("index.html", "<!doctype html><p>in place</p>");
    tab.wait_for(&shows("in place"));
    site.replace("index.html", "<!doctype html><p>by a rename</p>");
    tab.wait_for(&shows("by a rename"));
    site.save_beside_backup("index.html", "<!doctype html><p>beside a backup</p>");
    tab.wait_for(&shows("beside a backup"));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_save_is_one_update() {
    let site = Site::new(&[("index.html", "<!doctype html><p>first</p>")]);
    let tab = site.open("/");
    for (count, text) in (1..).zip(["one", "two", "three", "four"]) {
        let page = format!("<!doctype html><p>{text}</p>");
        site.save_in_turn(count, "index.html", &page);
        tab.wait_for(&shows(text));
        assert_patched(&tab, count);
    }
}

#[test]
#[ignore = "needs chromium"]
fn layouts_includes_and_pages_are_shown() {
    let page = "{% extends '_layout.html' %}{% block main %}main 1{% endblock %}";
    let files = [("_layout.html", LAYOUT), ("_footer.html", "foot 1"), ("a.html", page)];
    let site = Site::new(&files);
    let tab = site.open("/a");
    tab.wait_for(&format!("{} && {}", shows("head 1"), shows("foot 1")));
    site.save("_layout.html", LAYOUT.replace("head 1", "head 2"));
    tab.wait_for(&shows("head 2"));
    site.replace("_footer.html", "foot 2");
    tab.wait_for(&shows("foot 2"));
    site.save("a.html", page.replace("main 1", "main 2"));
    tab.wait_for(&shows("main 2"));
    assert_patched(&tab, 3);
}

#[test]
#[ignore = "needs chromium"]
fn an_edit_elsewhere_leaves_a_tab_alone() {
    let site = Site::new(&[("a.html", "<p>a 1"), ("b.html", "<p>b 1")]);
    let [a, b] = ["/a", "/b"].map(|target| site.open(target));
    [&a, &b].into_iter().for_each(Tab::record_messages);
    site.save("b.html", "<p>b 2");
    b.wait_for(&shows("b 2"));
    site.save("c.html", "<p>new");
    for backup in ["a.html~", ".a.html.swp", "#a.html#", "4913", "a.html.new"] {
        site.save(backup, "<p>backup");
    }
    site.replace("b.html", "<p>b 3");
    b.wait_for(&shows("b 3"));
    // What was wrongly sent would have come before this.
    site.save("a.html", "<p>a 2");
    a.wait_for(&shows("a 2"));
    assert_told(&a, &["patch"]);
    assert_told(&b, &["patch", "patch"]);
}

#[test]
#[ignore = "needs chromium"]
fn a_save_without_a_difference_sends_nothing() {
    let part = "{# one #}<p>{{ text }} 1";
    let page = |name: &str| format!("{{% set text = '{name}' %}}{{% include '_part.html' %}}");
    let site = Site::new(&[("_part.html", part), ("a.html", &page("a")), ("b.html", &page("b"))]);
    let [a, b] = ["/a", "/b"].map(|target| site.open(target));
    [&a, &b].into_iter().for_each(Tab::record_messages);
    site.save("_part.html", "{# two #}<p>{{ text }} 1");
    site.save("a.html", page("a"));
    site.save("b.html", page("b") + "<p>b 2");
    b.wait_for(&shows("b 2"));
    site.save("a.html", page("a") + "<p>a 2");
    a.wait_for(&shows("a 2"));
    [&a, &b].into_iter().for_each(|tab| assert_told(tab, &["patch"]));
}

#[test]
#[ignore = "needs chromium"]
fn a_burst_of_saves_ends_on_the_last() {
    let page = |count: u64| format!("<!doctype html><p>save {count}.</p><p class=n{count}>same");
    let site = Site::new(&[("index.html", &page(0))]);
    let tab = site.open("/");
    for count in 1..=20 {
        site.save_in_turn(count, "index.html", &page(count));
        apart(10);
    }
    tab.wait_for(&format!("{} && document.querySelector('.n20')", shows("save 20.")));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_second_save_is_seen_while_the_page_loads_again() {
    let page = |count: u32| format!("<!doctype html><script>count = {count}</script><p>{count}");
    let site = Site::new(&[("index.html", &page(0))]);
    let tab = site.open("/");
    for (turn, pause) in (1..).zip([15, 25, 40, 60, 80, 100, 130, 160, 200, 240, 280]) {
        // What a script has done cannot be taken back, so the page loads again.
        site.save("index.html", page(2 * turn - 1));
        apart(pause);
        site.replace("index.html", &page(2 * turn));
        tab.wait_for(&format!("count == {} && {READY}", 2 * turn));
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_second_save_is_seen_right_after_the_first() {
    let page = |count: u32| format!("<!doctype html><p>save {count}.");
    let site = Site::new(&[("index.html", &page(0))]);
    let tab = site.open("/");
    for (turn, pause) in (1..).zip([0, 1, 2, 5, 15, 60, 130, 280]) {
        site.save("index.html", page(2 * turn - 1));
        apart(pause);
        site.save("index.html", page(2 * turn));
        tab.wait_for(&shows(&format!("save {}.", 2 * turn)));
    }
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_save_between_page_and_connection_is_seen() {
    let slow = "<!doctype html><p>first</p><script>history.replaceState(1, '')</script>";
    let site = Site::new(&[("index.html", slow)]);
    for count in 0..10 {
        let text = format!("save {count}.");
        let tab = site.profile.open(&site.url("/"));
        site.save("index.html", slow.replace("first", &text));
        tab.wait_for(&shows(&text));
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_file_caught_half_written_is_not_shown() {
    let page = "<!doctype html><p>{% if true %}whole 1{% endif %}</p>";
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    tab.evaluate(
        "seen = new Set();
         new MutationObserver(() => seen.add(document.documentElement.innerText.trim()))
             .observe(document, { subtree: true, childList: true, characterData: true })",
    );
    site.save("index.html", "");
    apart(5);
    site.save("index.html", "<!doctype html><p>{% if true %}whole");
    apart(5);
    site.save("index.html", page.replace("whole 1", "whole 2"));
    tab.wait_for(&shows("whole 2"));
    assert_eq!(tab.evaluate("[...seen]"), json!(["whole 2"]));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn the_sample_site_does_what_its_first_page_says() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
    let site = Site::new(&[]);
    for entry in WalkDir::new(&pages).min_depth(1) {
        let entry = entry.expect("the folder can be read");
        let name = entry.path().strip_prefix(&pages).expect("it is inside");
        let copy = site.folder.path("pages").join(name);
        if entry.file_type().is_dir() {
            fs::create_dir(copy).expect("it is not there yet");
        } else {
            fs::copy(entry.path(), copy).expect("it can be copied");
        }
    }
    let edit = |name: &str, old: &str, new: &str| {
        let text = fs::read_to_string(site.path(name)).expect("it is there");
        assert!(text.contains(old), "{name} has no {old}");
        site.save(name, text.replace(old, new));
    };
    let tab = site.open("/");
    edit("index.html", "<h1>Testing</h1>", "<h1>Edited</h1>");
    tab.wait_for(&shows("Edited"));
    edit("_layout.html", "</footer>", "Below all pages</footer>");
    tab.wait_for(&shows("Below all pages"));
    assert_patched(&tab, 2);
    edit("style.css", "body {", "body { outline: 3px solid;");
    tab.wait_for("getComputedStyle(document.body).outlineWidth == '3px'");
    assert_eq!(tab.loads(), 1);
}

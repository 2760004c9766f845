//! Live editing of a site that is served below a path.

use std::fs;

use serde_json::json;

use crate::{READY, Site, assert_patched, shows};

const BASE: &str = "/repo/";

#[test]
#[ignore = "needs chromium"]
fn pages_below_a_path_are_edited_live() {
    let page =
        "<!doctype html><link rel=stylesheet href=/style.css><p>One <a href=/other>Other</a>";
    let files = [
        ("index.html", page),
        ("style.css", "p { color: rgb(1, 1, 1) }"),
        ("other.html", "<!doctype html><p>Other"),
    ];
    let site = Site::configured("base_path = \"/repo/\"", &files);
    let tab = site.open(BASE);
    let color = "getComputedStyle(document.querySelector('p')).color";
    assert_eq!(tab.evaluate(color), "rgb(1, 1, 1)");
    site.save("index.html", page.replace("One", "Two"));
    tab.wait_for(&shows("Two"));
    assert_patched(&tab, 1);
    let href = "document.querySelector('a').pathname";
    assert_eq!(tab.evaluate(href), "/repo/other");
    site.save("index.html", page.replace("One", "Two").replace("/other", "/others"));
    tab.wait_for(&format!("{href} == '/repo/others'"));
    assert_patched(&tab, 2);
    site.save("style.css", "p { color: rgb(2, 2, 2); background: url(/a.png) }");
    tab.wait_for(&format!("{color} == 'rgb(2, 2, 2)'"));
    assert_eq!(tab.evaluate("[pagepool.swaps, Number(sessionStorage.loads)]"), json!([1, 1]));
    site.save("index.html", "{{ nope }}");
    tab.wait_for("document.querySelector('dialog')");
    site.save("index.html", page.replace("One", "Three"));
    tab.wait_for(&shows("Three"));
    // A page that is gone, and comes back.
    fs::remove_file(site.path("index.html")).expect("it is there");
    tab.wait_for(&shows("The server got a request with path /repo/"));
    site.save("index.html", page);
    tab.wait_for(&format!("{READY} && {}", shows("One")));
    assert_eq!(tab.evaluate("location.pathname"), BASE);
}

//! `--plain`: a site that a tool has built, shown and followed as it is.

use serde_json::json;

use crate::{Site, assert_patched, shows};

const PAGE: &str = "<!doctype html><link rel=stylesheet href=/_static/style.css>
    <p>{{ 2 + 3 }} {% raw %} {# One #} <a href=_next>Next</a>";
const COLOUR: &str = "getComputedStyle(document.querySelector('p')).color";

#[test]
#[ignore = "needs chromium"]
fn a_built_site_is_shown_and_followed_as_it_is() {
    let files = [
        ("index.html", PAGE),
        ("_next.html", "<!doctype html><p>{{ next }}"),
        ("404.html", "<!doctype html><p>{{ missing }} of mine"),
        ("_static/style.css", "p { color: rgb(1, 1, 1) }"),
    ];
    let site = Site::with(&["--plain"], &files);
    let tab = site.open("/");
    tab.wait_for(&shows("{{ 2 + 3 }} {% raw %} {# One #} Next"));
    assert_eq!(tab.evaluate(COLOUR), "rgb(1, 1, 1)");
    site.save("index.html", PAGE.replace("One", "Two"));
    tab.wait_for(&shows("{{ 2 + 3 }} {% raw %} {# Two #} Next"));
    assert_patched(&tab, 1);
    // A brace that a template would refuse is a text like any other.
    site.save("index.html", PAGE.replace("One", "Three {{"));
    tab.wait_for(&shows("{{ 2 + 3 }} {% raw %} {# Three {{ #} Next"));
    assert_patched(&tab, 2);
    site.save("_static/style.css", "p { color: rgb(2, 2, 2) }");
    tab.wait_for(&format!("{COLOUR} == 'rgb(2, 2, 2)'"));
    assert_eq!(tab.evaluate("[pagepool.swaps, Number(sessionStorage.loads)]"), json!([1, 1]));

    let private = site.open("/_next");
    private.wait_for(&shows("{{ next }}"));
    site.save("_next.html", "<!doctype html><p>{{ after }}");
    private.wait_for(&shows("{{ after }}"));

    let missing = site.open("/nowhere");
    missing.wait_for(&shows("{{ missing }} of mine"));
    site.save("404.html", "<!doctype html><p>{{ missing }} of ours");
    missing.wait_for(&shows("{{ missing }} of ours"));
}

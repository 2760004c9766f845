//! The page that `fallback` names, open under the path of nothing.

use std::fs;

use crate::{Site, shows};

const APP: &str = "<!doctype html><title>App</title><p id=text>One</p>
    <script>document.title = 'Route ' + location.pathname</script>";

#[test]
#[ignore = "needs chromium"]
fn the_page_is_followed_like_any_other_and_makes_way_for_a_file() {
    let site = Site::with(&["--fallback", "/app.html"], &[("app.html", APP)]);
    let tab = site.open("/users/7");
    tab.wait_for("document.title == 'Route /users/7'");
    assert_eq!(tab.evaluate("fetch('/users/7').then(answer => answer.status)"), 404);
    site.save("app.html", APP.replace("One", "Two"));
    tab.wait_for(&shows("Two"));
    site.save("app.html", APP.replace("One", "{{ nope }}"));
    tab.wait_for("document.querySelector('dialog')");
    assert_eq!(tab.evaluate("document.getElementById('text').textContent"), "Two");
    site.save("app.html", APP.replace("One", "Three"));
    tab.wait_for(&shows("Three"));
    fs::create_dir(site.path("users")).expect("there is none");
    site.save("users/7.html", "<!doctype html><p>A file");
    tab.wait_for(&shows("A file"));
    fs::remove_file(site.path("users/7.html")).expect("it is there");
    tab.wait_for(&shows("Three"));
    fs::remove_file(site.path("app.html")).expect("it is there");
    tab.wait_for(&shows("404 Not Found"));
    site.save("app.html", APP);
    tab.wait_for(&shows("One"));
    assert_eq!(tab.evaluate("location.pathname"), "/users/7");
}

#[test]
#[ignore = "needs chromium"]
fn below_a_base_path_every_route_is_the_application() {
    let site = Site::configured(
        "base_path = \"/repo/\"\nfallback = \"/app.html\"",
        &[("app.html", &APP.replace("<p", "<script src=/app.js></script><p")), ("app.js", "n = 1")],
    );
    let tab = site.open("/repo/users/7");
    tab.wait_for("document.title == 'Route /repo/users/7' && n == 1");
    let status =
        |target: &str| tab.evaluate(&format!("fetch('{target}').then(answer => answer.status)"));
    assert_eq!([status("/repo/users/7"), status("/repo/app.js")], [404, 200]);
    site.save("app.html", APP.replace("One", "Two"));
    tab.wait_for(&shows("Two"));
    assert_eq!(tab.evaluate("location.pathname"), "/repo/users/7");
    // Beside the base path nothing is the application's.
    let beside = site.profile.open(&site.url("/users/7"));
    beside.wait_for(&shows("404"));
}

//! Many tabs, many pages, and servers that come and go.

use crate::{READY, Site, assert_patched, shows};

#[test]
#[ignore = "needs chromium"]
fn twenty_tabs_are_updated_and_one_more_opens_at_once() {
    let site = Site::new(&[("index.html", "<!doctype html><p>page 1")]);
    let first = site.open("/");
    let more = (1..20).map(|_| site.profile.open_in_front(&site.url("/")));
    let tabs: Vec<_> = [first].into_iter().chain(more).collect();
    tabs.iter().for_each(|tab| drop(tab.wait_for(READY)));
    site.save("index.html", "<!doctype html><p>page 2");
    for tab in &tabs {
        tab.wait_for(&shows("page 2"));
        assert_patched(tab, 1);
    }
    // A browser has six ordinary connections to a server, and none of them is taken.
    let one_more = site.open("/");
    assert_eq!(one_more.evaluate(&shows("page 2")), true);
    site.save("index.html", "<!doctype html><p>page 3");
    tabs.iter().chain([&one_more]).for_each(|tab| drop(tab.wait_for(&shows("page 3"))));
}

#[test]
#[ignore = "needs chromium"]
fn a_tab_comes_back_by_itself_when_the_server_does() {
    let site = Site::new(&[("index.html", "<!doctype html><p>page 1")]);
    let tab = site.open("/");
    let site = site.stop();
    tab.wait_for("!pagepool.connected");
    let site = site.serve_again();
    tab.wait_for("pagepool.connected");
    // It shows what there is, so nothing is to be done.
    site.save("index.html", "<!doctype html><p>page 2");
    tab.wait_for(&shows("page 2"));
    let loads_before = tab.loads();
    assert!(loads_before <= 2, "{loads_before} loads");
    let site = site.stop();
    tab.wait_for("!pagepool.connected");
    std::fs::write(site.folder.path("pages/index.html"), "<!doctype html><p>page 3")
        .expect("the file is written");
    let site = site.serve_again();
    tab.wait_for(&format!("{} && {READY}", shows("page 3")));
    site.save("index.html", "<!doctype html><p>page 4");
    tab.wait_for(&shows("page 4"));
    assert_eq!(tab.loads(), loads_before + 1);
}

#[test]
#[ignore = "needs chromium"]
fn saves_are_seen_without_events() {
    let page = "<!doctype html><link rel=stylesheet href=/style.css><p>page 1";
    let files = [("index.html", page), ("style.css", "p { color: red }")];
    let site = Site::configured("[live]\nwatch = false\n", &files);
    let tab = site.open("/");
    site.save("index.html", page.replace("page 1", "page 2"));
    tab.wait_for(&shows("page 2"));
    site.replace("index.html", &page.replace("page 1", "page 3"));
    tab.wait_for(&shows("page 3"));
    assert_patched(&tab, 2);
    site.save("style.css", "p { color: blue }");
    tab.wait_for("getComputedStyle(document.querySelector('p')).color == 'rgb(0, 0, 255)'");
    let missing = site.open("/missing");
    site.save("missing.html", "<p>appeared");
    missing.wait_for(&shows("appeared"));
}

#[test]
#[ignore = "needs chromium"]
fn ten_thousand_pages_are_no_hindrance() {
    let site = Site::new(&[("index.html", "<!doctype html><p>page 1")]);
    for count in 0..10_000 {
        site.folder.write(&format!("pages/{}/{count}.html", count / 500), "<p>one of many");
    }
    let tabs = ["/", "/3/1777"].map(|target| site.open(target));
    site.save("index.html", "<!doctype html><p>page 2");
    tabs[0].wait_for(&shows("page 2"));
    site.save("3/1777.html", "<p>one of its own");
    tabs[1].wait_for(&shows("one of its own"));
    tabs.iter().for_each(|tab| assert_patched(tab, 1));
}

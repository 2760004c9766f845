//! An error in a template, over the page that is open.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{READY, Site, assert_patched, common::chromium::Tab, shows};

const PAGE: &str = "<!doctype html><title>t</title><input id=name><p>text 1</p>\n\
    {% include '_part.html' %}\n";
const PART: &str = "<p>part 1</p>\n";
const BROKEN_PART: &str = "<p>part 2</p>\n<b>{{ site.titel }}</b>\n";

/// The document of the report in the overlay.
const REPORT: &str = "document.querySelector('dialog[open] iframe').contentDocument";

const NO_REPORT: &str = "!document.querySelector('dialog')";

fn site() -> Site {
    Site::new(&[("index.html", PAGE), ("_part.html", PART)])
}

/// Waits for a report that says `text`.
fn wait_for_report(tab: &Tab, text: &str) {
    tab.wait_for(&format!("{REPORT}.body.innerText.includes({})", json!(text)));
}

#[test]
#[ignore = "needs chromium"]
fn an_error_lies_over_the_page_and_goes_away_with_the_fix() {
    let mut site = site();
    let tab = site.open("/");
    tab.evaluate("kept = document.getElementById('name'), kept.focus()");
    tab.type_text("typed");
    site.save("_part.html", BROKEN_PART);
    wait_for_report(&tab, "site.titel is undefined");
    let report = format!(
        "(page => [
            page.title,
            page.querySelector('mark').textContent,
            page.querySelector('.marked i').textContent,
            page.querySelector('li').textContent,
            page.querySelector('.help').textContent,
        ])({REPORT})"
    );
    let expected = json!([
        "Error in _part.html:2:7",
        "site.titel",
        "2",
        "included from index.html:2",
        "did you mean site.title?"
    ]);
    assert_eq!(tab.evaluate(&report), expected);
    // The last good page is still there.
    assert_eq!(tab.evaluate(&shows("part 1")), true);
    // The terminal says the same, once.
    let line = site.server.stderr.wait_for(|line| line.contains("_part.html:2:7"));
    site.save("_part.html", PART.replace("part 1", "part 3"));
    tab.wait_for(&format!("{NO_REPORT} && {}", shows("part 3")));
    let state = "[kept.isConnected, kept.value, document.activeElement === kept]";
    assert_eq!(tab.evaluate(state), json!([true, "typed", true]));
    assert_patched(&tab, 1);
    site.server.signal(Signal::TERM);
    let rest = site.server.wait().stderr;
    assert!(!rest.contains("_part.html:2:7"), "{line}\n{rest}");
}

#[test]
#[ignore = "needs chromium"]
fn a_fix_that_brings_back_what_was_there_takes_the_error_away() {
    let site = site();
    let tab = site.open("/");
    for _ in 0..2 {
        site.save("_part.html", BROKEN_PART);
        wait_for_report(&tab, "site.titel is undefined");
        site.save("_part.html", PART);
        tab.wait_for(NO_REPORT);
    }
    assert_patched(&tab, 0);
}

#[test]
#[ignore = "needs chromium"]
fn an_error_makes_way_for_the_next() {
    let site = site();
    let tab = site.open("/");
    site.save("_part.html", BROKEN_PART);
    wait_for_report(&tab, "site.titel is undefined");
    site.save("_part.html", "{% if %}");
    wait_for_report(&tab, "_part.html:1");
    tab.wait_for(&format!("!{REPORT}.body.innerText.includes('titel')"));
    std::fs::remove_file(site.path("_part.html")).expect("it was there");
    wait_for_report(&tab, "index.html:2");
    site.save("_part.html", PART.replace("part 1", "part 2"));
    tab.wait_for(&format!("{NO_REPORT} && {}", shows("part 2")));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn an_error_can_be_hidden_to_look_at_the_page() {
    let site = site();
    let tab = site.open("/");
    site.save("_part.html", BROKEN_PART);
    wait_for_report(&tab, "site.titel is undefined");
    tab.evaluate("document.querySelector('dialog button').click()");
    tab.wait_for(NO_REPORT);
    site.save("_part.html", PART.replace("part 1", "part 2"));
    tab.wait_for(&shows("part 2"));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn an_error_can_be_read_in_light_and_dark() {
    let site = site();
    let tab = site.open("/");
    site.save("_part.html", BROKEN_PART);
    wait_for_report(&tab, "site.titel is undefined");
    let colours = ["light", "dark"].map(|scheme| {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        tab.call("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
        tab.screenshot(scheme);
        tab.evaluate(&format!(
            "(page => [page.querySelector('h1'), page.documentElement]
                .map(node => page.defaultView.getComputedStyle(node).color))({REPORT})"
        ))
    });
    let Value::Array(light) = &colours[0] else { panic!("{colours:?}") };
    let Value::Array(dark) = &colours[1] else { panic!("{colours:?}") };
    assert!(light.iter().zip(dark).all(|(light, dark)| light != dark), "{colours:?}");
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_was_broken_when_it_was_opened_appears_with_the_fix() {
    let site = Site::new(&[("index.html", PAGE), ("_part.html", BROKEN_PART)]);
    let tab = site.open("/");
    assert_eq!(tab.evaluate("document.title"), "Error in _part.html:2:7");
    site.save("_part.html", "{{ site.titl }}");
    tab.wait_for(&format!("document.title == 'Error in _part.html:1:4' && {READY}"));
    site.save("_part.html", PART);
    tab.wait_for(&format!("document.title == 't' && {} && {READY}", shows("part 1")));
    site.save("_part.html", PART.replace("part 1", "part 2"));
    tab.wait_for(&shows("part 2"));
    assert_eq!(tab.evaluate("pagepool.patches"), 1);
}

#[test]
#[ignore = "needs chromium"]
fn an_error_leads_to_its_place_in_the_editor() {
    for (editor, link) in [
        ("vscode", "vscode://file{file}:2:7"),
        ("edit://open?file={file}&at={line}-{column}", "edit://open?file={file}&at=2-7"),
    ] {
        let config = format!("editor = \"{editor}\"\n");
        let site = Site::configured(&config, &[("index.html", PAGE), ("_part.html", PART)]);
        let tab = site.open("/");
        site.save("_part.html", BROKEN_PART);
        wait_for_report(&tab, "Open in editor");
        let file = site.path("_part.html").canonicalize().expect("it is there");
        let link = link.replace("{file}", file.to_str().expect("it is UTF-8"));
        let href = format!("{REPORT}.querySelector('a').getAttribute('href')");
        assert_eq!(tab.evaluate(&href), link);
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_report_goes_with_an_error_that_was_undone_while_the_server_was_away() {
    let site = site();
    let tab = site.open("/");
    site.save("_part.html", BROKEN_PART);
    wait_for_report(&tab, "site.titel is undefined");
    let stopped = site.stop();
    stopped.save("_part.html", PART);
    let _site = stopped.serve_again();
    tab.wait_for(&format!("pagepool.connected && {NO_REPORT} && {}", shows("part 1")));
}

#[test]
#[ignore = "needs chromium"]
fn the_page_stays_below_an_error_that_comes_with_the_server() {
    let site = site();
    let tab = site.open("/");
    tab.evaluate("kept = document.querySelector('p'), 0");
    let stopped = site.stop();
    stopped.save("_part.html", BROKEN_PART);
    let site = stopped.serve_again();
    wait_for_report(&tab, "site.titel is undefined");
    assert_eq!(tab.evaluate("kept.isConnected"), true);
    site.save("_part.html", PART.replace("part 1", "part 3"));
    tab.wait_for(&format!("{NO_REPORT} && {}", shows("part 3")));
}

//! Which documents are edited live, whatever they look like.

use serde_json::json;

use crate::{Site, assert_patched, shows};

/// Asserts that a page is shown as it is without live editing, and is edited live.
fn assert_edited(page: &str, mode: &str) {
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    assert_eq!(tab.evaluate("document.compatMode"), mode, "{page}");
    // There is nothing in it that is not in the file.
    let parsed = format!("new DOMParser().parseFromString({}, 'text/html')", json!(page));
    let shown = tab.evaluate("document.documentElement.outerHTML");
    assert_eq!(shown, tab.evaluate(&format!("{parsed}.documentElement.outerHTML")));
    site.save("index.html", page.replace("text 1", "text 2"));
    tab.wait_for(&shows("text 2"));
    assert_patched(&tab, 1);
}

const STANDARD: &str = "CSS1Compat";
const QUIRKS: &str = "BackCompat";

#[test]
#[ignore = "needs chromium"]
fn a_page_needs_no_tags() {
    assert_edited("text 1", QUIRKS);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_needs_no_body() {
    assert_edited("<!doctype html>\n<p>text 1", STANDARD);
    assert_edited("<!doctype html><title>t</title>text 1", STANDARD);
    assert_edited("<h1>text 1</h1>", QUIRKS);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_may_be_written_out_in_full() {
    let page = "<!-- c -->\n<!DOCTYPE html>\n<!-- d --><html lang=\"en\" title='>'>\n<head>\n\
        <meta charset=\"utf-8\"><title>t</title>\n</head>\n<body>\n<p>text 1</p>\n</body>\n</html>\n";
    assert_edited(page, STANDARD);
    let old = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2//EN\"><body bgcolor=white>text 1";
    assert_edited(old, QUIRKS);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_may_leave_elements_and_comments_open() {
    assert_edited("<!doctype html><p>text 1<textarea>open", STANDARD);
    assert_edited("<!doctype html><p>text 1<!-- open", STANDARD);
    assert_edited("<!doctype html><p>text 1<script>open = '</body>'", STANDARD);
}

#[test]
#[ignore = "needs chromium"]
fn an_empty_page_is_edited() {
    let site = Site::new(&[("index.html", "")]);
    let tab = site.open("/");
    site.save("index.html", "words");
    tab.wait_for(&shows("words"));
}

#[test]
#[ignore = "needs chromium"]
fn a_fragment_fetched_by_a_script_is_as_it_is_on_the_disk() {
    let part = "<!doctype html><p>part</p>";
    let site = Site::new(&[("index.html", "<!doctype html><p>page"), ("part.html", part)]);
    let tab = site.open("/");
    let fetched = tab.evaluate("fetch('/part').then(answer => answer.text())");
    assert_eq!(fetched, part);
    let asked = "new Promise(done => {
        const request = new XMLHttpRequest();
        request.onload = () => done(request.responseText);
        request.open('GET', '/part');
        request.setRequestHeader('Accept', 'text/html');
        request.send();
    })";
    assert_eq!(tab.evaluate(asked), part);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_in_a_frame_is_edited_for_itself() {
    let outer = "<!doctype html><p>outer 1</p><iframe src=/inner></iframe>";
    let site = Site::new(&[("index.html", outer), ("inner.html", "<p>inner 1")]);
    let tab = site.open("/");
    tab.evaluate("inner = () => document.querySelector('iframe').contentWindow");
    tab.wait_for("inner().pagepool.connected");
    tab.evaluate("inner().mark = 1");
    site.save("inner.html", "<p>inner 2");
    tab.wait_for("inner().document.body.innerText.includes('inner 2')");
    site.save("index.html", outer.replace("outer 1", "outer 2"));
    tab.wait_for(&shows("outer 2"));
    assert_eq!(tab.evaluate("[inner().mark, inner().pagepool.patches]"), json!([1, 1]));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_in_a_frame_loads_again_by_itself() {
    let outer = "<!doctype html><p>outer</p><iframe src=/inner></iframe>";
    let inner = "<!doctype html><script src=/inner.js></script>";
    let site = Site::new(&[("index.html", outer), ("inner.html", inner), ("inner.js", "part = 1")]);
    let tab = site.open("/");
    tab.evaluate("mark = 1, inner = () => document.querySelector('iframe').contentWindow");
    tab.wait_for("inner().part == 1 && inner().pagepool.connected");
    site.save("inner.js", "part = 2");
    tab.wait_for("inner().part == 2 && inner().pagepool.connected");
    assert_eq!(tab.evaluate("mark"), 1);
}

#[test]
#[ignore = "needs chromium"]
fn the_script_leaves_one_global() {
    let site = Site::new(&[("index.html", "<!doctype html><p>text"), ("plain.txt", "text")]);
    let names = "Object.getOwnPropertyNames(window)";
    let live = site.open("/");
    let plain = site.profile.open(&site.url("/plain.txt")).evaluate(names);
    let ours = live.evaluate(&format!("{names}.filter(name => !{plain}.includes(name))"));
    assert_eq!(ours, json!(["pagepool"]));
}

#[test]
#[ignore = "needs chromium"]
fn a_policy_that_allows_the_sites_own_scripts_allows_live_editing() {
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'";
    let page = format!(
        "<!doctype html><meta http-equiv=Content-Security-Policy content=\"{policy}\"><p>text 1"
    );
    let site = Site::new(&[("index.html", &page)]);
    let tab = site.open("/");
    site.save("index.html", page.replace("text 1", "text 2"));
    tab.wait_for(&shows("text 2"));
    assert_patched(&tab, 1);
}

/// The configuration that sets a Content-Security-Policy.
fn policy_rule(policy: &str) -> String {
    format!("[[headers]]\npath = \"/**\"\nset = {{ Content-Security-Policy = \"{policy}\" }}\n")
}

#[test]
#[ignore = "needs chromium"]
fn a_policy_in_the_head_of_the_answer_is_kept() {
    let rule = policy_rule("default-src 'self'");
    let site = Site::configured(&rule, &[("index.html", "<p>text 1")]);
    let tab = site.open("/");
    site.save("index.html", "<p>text 2");
    tab.wait_for(&shows("text 2"));
    let inline = "document.body.append(Object.assign(document.createElement('script'),
        { textContent: 'ran = 1' })), window.ran ?? 'forbidden'";
    assert_eq!(tab.evaluate(inline), "forbidden");
}

#[test]
#[ignore = "needs chromium"]
fn a_policy_that_forbids_live_editing_is_named_in_the_console() {
    // Where our script may not run, the browser says so itself.
    for (policy, beginning, words) in [
        ("script-src 'self'; connect-src 'none'", "pagepool needs", "connect-src"),
        ("script-src 'none'", "", "script-src"),
    ] {
        let site = Site::configured(&policy_rule(policy), &[("index.html", "<p>text")]);
        let tab = site.profile.open(&site.url("/"));
        tab.wait_for_console(|line| {
            line.starts_with(beginning) && line.contains("_pagepool/live") && line.contains(words)
        });
    }
}

#[test]
#[ignore = "needs chromium"]
fn an_error_shows_under_a_policy_that_forbids_all_but_live_editing() {
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'";
    let site = Site::configured(&policy_rule(policy), &[("index.html", "<p>text 1")]);
    let tab = site.open("/");
    site.save("index.html", "<p>{{ site.titel }}");
    tab.wait_for(
        "document.querySelector('dialog[open] iframe').contentDocument.body.innerText
            .includes('site.titel is undefined')",
    );
    site.save("index.html", "<p>text 2");
    tab.wait_for(&format!("!document.querySelector('dialog') && {}", shows("text 2")));
}

#[test]
#[ignore = "needs chromium"]
fn nothing_is_edited_where_it_is_switched_off() {
    for flag in ["--production", "--no-reload"] {
        let page = "<!doctype html><p>text 1";
        let site = Site::with(&[flag], &[("index.html", page)]);
        let tab = site.profile.open(&site.url("/"));
        tab.wait_for("document.readyState == 'complete'");
        let script = "performance.getEntriesByType('resource').map(entry => entry.name)
            .filter(name => name.includes('_pagepool'))";
        let found = tab.evaluate(&format!("[typeof pagepool, {script}]"));
        assert_eq!(found, json!(["undefined", []]), "{flag}");
        let status = tab.evaluate("fetch('/_pagepool/live.js').then(answer => answer.status)");
        assert_eq!(status, 404, "{flag}");
    }
}

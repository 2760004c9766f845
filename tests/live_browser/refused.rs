//! Pages that get no WebSocket: they stop asking, and say so.

use serde_json::json;

use crate::{Site, common::chromium::Tab, shows};

/// Counts the sockets and the timers that wait. Under another name than `/live` the server
/// refuses each socket, as a proxy does that knows none.
const COUNT: &str = "asked = 0; timers = new Set();
    const { setTimeout: set, clearTimeout: clear, WebSocket: Usual } = window;
    window.setTimeout = (work, delay, ...rest) => {
        // That with which a test waits.
        if (delay > 10_000) return set(work, delay, ...rest);
        const timer = set(() => { timers.delete(timer); work(...rest) }, delay / 100);
        timers.add(timer);
        return timer;
    };
    window.clearTimeout = timer => { timers.delete(timer); clear(timer) };
    window.WebSocket = class extends Usual {
        constructor(url) {
            super(url.replace('/live', window.name));
            asked++;
        }
    };";

/// A tab that counts, and whose sockets ask for `/_pagepool` and `path`.
fn tab_that_counts(site: &Site, path: &str) -> Tab {
    let tab = site.profile.open("about:blank");
    let source = format!("window.name = '{path}'; {COUNT}");
    tab.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }));
    tab
}

/// Waits until nothing is left that might ask again by itself; gives how often it has asked.
fn wait_until_silent(tab: &Tab, line: &str) -> serde_json::Value {
    tab.wait_for_console(|found| found.contains(line));
    tab.wait_for("!timers.size && { asked }")["asked"].take()
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_is_always_refused_stops_asking_until_a_person_returns() {
    let site = Site::new(&[("index.html", "<!doctype html><p>One")]);
    let tab = tab_that_counts(&site, "/refused");
    tab.go(&site.url("/"));
    let line = "pagepool gets no WebSocket";
    assert_eq!(wait_until_silent(&tab, line), 3);
    assert_eq!(tab.console().iter().filter(|found| found.contains(line)).count(), 1);
    // A person who comes back may have a server that is another by now.
    tab.evaluate("window.name = '/live'; dispatchEvent(new Event('visibilitychange'))");
    tab.wait_for("pagepool.connected");
    site.save("index.html", "<!doctype html><p>Two");
    tab.wait_for(&shows("Two"));
}

#[test]
#[ignore = "needs chromium"]
fn a_page_whose_policy_forbids_the_websocket_asks_once() {
    for policy in ["connect-src 'none'", "default-src 'none'; script-src 'self' 'unsafe-inline'"] {
        let rule = format!(
            "[[headers]]\npath = \"/**\"\nset = {{ Content-Security-Policy = \"{policy}\" }}\n"
        );
        let site = Site::configured(&rule, &[("index.html", "<!doctype html><p>One")]);
        let tab = tab_that_counts(&site, "/live");
        tab.go(&site.url("/"));
        assert_eq!(wait_until_silent(&tab, "pagepool needs"), 1, "{policy}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_page_in_a_sandboxed_frame_does_not_ask() {
    let frame = "<iframe sandbox=allow-scripts src=/inner></iframe>";
    let heard = "heard = 0; onmessage = () => heard++";
    // A browser opens one WebSocket of a host after the other.
    let next = "onpageshow = () => {
        const next = new WebSocket(location.origin.replace('http', 'ws') + '/next');
        next.onclose = () => parent.postMessage(0, '*');
    }";
    let mut site = Site::new(&[
        ("index.html", &format!("<!doctype html><script>{heard}</script>{frame}{frame}")),
        ("inner.html", &format!("<!doctype html><p>Inner<script>{next}</script>")),
    ]);
    let tab = site.open("/");
    tab.wait_for("heard == 2");
    let mut lines = Vec::new();
    while lines.iter().filter(|line: &&String| line.contains("GET  /next")).count() < 2 {
        lines.extend(site.server.stdout.take(1));
    }
    assert!(!lines.iter().any(|line| line.contains("/_pagepool/live") && line.contains("403")));
}

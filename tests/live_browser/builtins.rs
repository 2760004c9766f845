//! Pages whose scripts replace what the browser gives to all scripts.

use serde_json::json;

use crate::{READY, Site, assert_patched, shows};

/// Each replacement, by what it is, as a script that runs before all others of the page.
const REPLACEMENTS: &[(&str, &str)] = &[
    (
        "the JSON of old versions of prototype.js",
        "Array.prototype.toJSON = function () { return '[' + this.map(String).join(', ') + ']' };
         String.prototype.toJSON = Number.prototype.toJSON = function () { return `'${this}'` };",
    ),
    ("a toJSON for everything", "Object.prototype.toJSON = () => { throw 'toJSON' };"),
    (
        "every method of arrays but those without a double",
        "const kept = new Set(['constructor', 'push']);
         for (const name of Object.getOwnPropertyNames(Array.prototype)) {
             if (kept.has(name) || typeof Array.prototype[name] != 'function') continue;
             Array.prototype[name] = () => { throw name };
         }
         Array.from = Array.of = Array.isArray = () => { throw 'Array' };",
    ),
    (
        "connections that a test suite mocks",
        "WebSocket = class { constructor() { this.readyState = 0 } };
         fetch = XMLHttpRequest = EventSource = () => { throw 'offline' };",
    ),
    ("another JSON", "JSON = { parse: () => ({}), stringify: () => '{}' };"),
    ("a changed JSON", "JSON.parse = () => ({}); JSON.stringify = () => '{}';"),
    (
        "classes with another meaning",
        "URL = '/'; Set = []; Range = PerformanceObserver = function () {};",
    ),
    (
        "functions of classes",
        "Promise.all = Object.keys = Object.setPrototypeOf = Object.assign = Object.hasOwn =
             URL.parse = () => { throw 'changed' };
         performance.now = () => 'now';",
    ),
    (
        "variables of the same names",
        "let URL = '/', Range = 1, history = [], performance = null, console = undefined;
         const WebSocket = null, JSON = {};
         function scrollTo() {}
         function addEventListener() {}
         function setTimeout() {}
         function clearTimeout() {}",
    ),
];

#[test]
#[ignore = "needs chromium"]
fn a_page_that_replaces_builtins_is_edited_as_any_other() {
    for (what, script) in REPLACEMENTS {
        let page = format!(
            "<!doctype html><script>{script}</script><link rel=stylesheet href=/style.css>\
             <script src=/app.js></script><input id=field><p>text 1</p>\
             <div style='height: 4000px'></div>"
        );
        let files =
            [("index.html", &*page), ("style.css", "p { color: red }"), ("app.js", "part = 1")];
        let site = Site::new(&files);
        let tab = site.open("/");
        site.save("index.html", page.replace("text 1", "text 2"));
        tab.wait_for(&shows("text 2"));
        site.save("style.css", "p { color: blue }");
        tab.wait_for("getComputedStyle(document.querySelector('p')).color == 'rgb(0, 0, 255)'");
        let counts = "[pagepool.patches, pagepool.swaps, Number(sessionStorage.loads)]";
        assert_eq!(tab.evaluate(counts), json!([1, 1, 1]), "{what}");
        tab.evaluate("field.focus()");
        tab.type_text("typed");
        tab.evaluate("scrollBy(0, 777)");
        site.save("app.js", "part = 2");
        tab.wait_for(&format!("part == 2 && {READY} && scrollY == 777 && field.value == 'typed'"));
        assert_eq!(tab.loads(), 2, "{what}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_form_whose_fields_are_named_like_properties_is_patched() {
    let page = |text: &str| {
        format!(
            "<!doctype html><p>{text}</p><form id=a><input name=id><input name=data>\
             <p>{text}</p></form><form id=b><input name=id></form>"
        )
    };
    let site = Site::new(&[("index.html", &page("text 1"))]);
    let tab = site.open("/");
    site.save("index.html", page("text 2").replace("<form id=b><input name=id></form>", "end"));
    tab.wait_for(&format!("{} && {}", shows("text 2"), shows("end")));
    assert_patched(&tab, 1);
}

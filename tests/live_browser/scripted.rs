//! Pages with scripts: what of a save is made in place, and what the page hears of it.

use serde_json::json;

use crate::{READY, Site, assert_patched, shows};

/// Counts its clicks, and has changed much of itself, but not the texts that are edited.
const PAGE: &str = r#"<!doctype html>
<title>Title 1</title>
<body>
<p id="p" class="a" style="color: red">Text 1</p>
<ul><li>Item 1</li><li>Item 1</li></ul>
<h2>Heading 1</h2>
<x-plain>Plain 1</x-plain>
<button>Button 1</button>
<script>
  clicks = 0;
  document.querySelector("button").onclick = () => clicks++;
  document.body.prepend(document.createElement("aside"));
  document.body.append("made by a script");
  document.head.append(document.createElement("script"));
  document.currentScript.remove();
</script>
"#;

#[test]
#[ignore = "needs chromium"]
fn texts_classes_and_styles_change_in_place_beside_what_scripts_made() {
    let site = Site::new(&[("index.html", PAGE)]);
    let tab = site.open("/");
    tab.evaluate("kept = [...document.querySelectorAll('*')]");
    let edited = PAGE
        .replace("Title 1", "Title 2")
        .replace("Text 1", "Text 2")
        .replace("class=\"a\"", "class=\"a b\"")
        .replace("color: red", "color: blue")
        .replace("<li>Item 1</li></ul>", "<li>Item 2</li></ul>")
        .replace("Heading 1", "Heading 2")
        .replace("Plain 1", "Plain 2")
        .replace("Button 1", "Button 2");
    site.save("index.html", edited);
    tab.wait_for(&shows("Button 2"));
    let state = "(document.querySelector('button').click(), [clicks, document.title, p.className,
        p.style.color, document.querySelector('ul').textContent,
        [...document.querySelectorAll('*')].every(node => kept.includes(node))])";
    let expected = json!([1, "Title 2", "a b", "blue", "Item 1Item 2", true]);
    assert_eq!(tab.evaluate(state), expected);
    assert_patched(&tab, 1);
}

/// Scripts after which an edit cannot be made in place, and the edit.
const CHANGED: &[(&str, &str, &str, &str)] = &[
    ("items in another order", "list.append(list.firstChild)", "one</li>", "two</li>"),
    ("an element anew", "list.innerHTML = list.innerHTML", "one</li>", "two</li>"),
    ("a copy", "document.title = heading.textContent.trim()", "Heading", "Title"),
    ("a copy in an attribute", "list.title = heading.textContent", "Heading", "Title"),
    ("a link in a heading", "heading.append(document.createElement('a'))", "Heading", "Title"),
    ("an id", "heading.id = 'other'", "Heading", "Title"),
    ("another class", "heading.className = 'big'", "class=a", "class=b"),
    ("another style", "heading.style.margin = '1px'", "color: red", "color: blue"),
    (
        "a behavior",
        "customElements.define('x-a', class extends HTMLElement {})",
        "custom",
        "changed",
    ),
    ("nothing, but an attribute changes", "", "title=a", "title=b"),
    ("nothing, but a comment changes", "", "<!-- c -->", "<!-- d -->"),
    ("nothing, but an element comes", "", "<h2", "<hr><h2"),
    ("nothing, but an element goes", "", "<i>i</i>", ""),
];

#[test]
#[ignore = "needs chromium"]
fn all_else_loads_a_page_with_scripts_again() {
    for (what, script, old, new) in CHANGED {
        let page = format!(
            "<!doctype html><ul id=list><li>one</li><li>one</li></ul><!-- c --><i>i</i>\
             <h2 id=heading title=a class=a style='color: red'>Heading</h2><x-a>custom</x-a>\
             <script>{script}</script>"
        );
        let site = Site::new(&[("index.html", &page)]);
        let tab = site.open("/");
        site.save("index.html", page.replacen(old, new, 1));
        tab.wait_for(&format!("sessionStorage.loads == 2 && {READY}"));
        assert_eq!(tab.evaluate("pagepool.patches"), 0, "{what}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn scripts_in_a_frame_of_the_same_site_count() {
    let page = "<!doctype html><p>Text 1</p><iframe src=/inner></iframe>";
    let inner = "<!doctype html><script>parent.document.body.append('made')</script>";
    let site = Site::new(&[("index.html", page), ("inner.html", inner)]);
    let tab = site.open("/");
    site.save("index.html", page.replace("Text 1", "Text 2"));
    tab.wait_for(&shows("Text 2"));
    assert_patched(&tab, 1);
    site.save("index.html", page.replace("Text 1", "Text 2").replace("<p>", "<hr><p>"));
    tab.wait_for(&format!(
        "sessionStorage.loads >= 2 && {READY} && !!document.querySelector('hr')"
    ));
}

#[test]
#[ignore = "needs chromium"]
fn a_page_hears_which_nodes_came_and_went() {
    let page = "<!doctype html><p>one</p><p>two</p><script>heard = [];
        document.addEventListener('pagepool:patch', ({ detail }) => heard.push([
            detail.added.map(node => node.localName), detail.removed.map(node => node.localName)]))
        </script>";
    let site = Site::configured("[live]\npatch = \"always\"\n", &[("index.html", page)]);
    let tab = site.open("/");
    site.save("index.html", page.replace("<p>one</p>", "<hr><b>three</b>"));
    tab.wait_for(&shows("three"));
    assert_eq!(tab.evaluate("heard"), json!([[["hr", "b"], ["p"]]]));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_handles_a_reload_itself_is_edited_on() {
    let page = "<!doctype html><p>one</p><script>count = 1; handled = 0;
        document.addEventListener('pagepool:reload', event => {
            event.preventDefault(); handled++ })</script><script src=/app.js></script>";
    let site = Site::new(&[("index.html", page), ("app.js", "part = 1")]);
    let tab = site.open("/");
    let changed = page.replace("count = 1", "count = 2");
    site.save("index.html", &changed);
    tab.wait_for("handled == 1 && pagepool.connected");
    site.save("index.html", changed.replace("one", "two"));
    tab.wait_for(&shows("two"));
    site.save("app.js", "part = 2");
    tab.wait_for("handled == 2 && pagepool.connected");
    site.save("index.html", changed.replace("one", "three"));
    tab.wait_for(&shows("three"));
    assert_eq!(tab.evaluate("[count, part]"), json!([1, 1]));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_loads_again_is_not_asked_where_a_person_goes_meanwhile() {
    let page = "<!doctype html><p>one</p><script>part = 1</script>";
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    let note_listeners = "{ const { getEventListeners: of } = { getEventListeners };
        onpagehide = () => sessionStorage.listening = Object.keys(of(window)) }";
    let params = json!({ "expression": note_listeners, "includeCommandLineAPI": true });
    assert!(tab.call("Runtime.evaluate", &params).get("exceptionDetails").is_none());
    site.save("index.html", page.replace("part = 1", "part = 2"));
    tab.wait_for("part == 2");
    let listening = tab.evaluate("sessionStorage.listening");
    let listening = listening.as_str().unwrap();
    assert!(listening.contains("pagehide") && !listening.contains("beforeunload"), "{listening}");
}

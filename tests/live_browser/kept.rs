//! What a person has done in a page, and its scripts, stays.

use serde_json::json;

use crate::{READY, Site, assert_patched, shows};

/// For pages whose scripts can cope with patches.
const ALWAYS: &str = "[live]\npatch = \"always\"\n";

const FORM: &str = r#"<!doctype html>
<title>Form</title>
<h1>Heading 1</h1>
<form><input id="name" value="given"><textarea id="words"></textarea>
<select id="choice"><option>one<option>two</select><input type="checkbox" id="box"></form>
<details id="more"><summary>More</summary>Text 1</details>
<button id="button">Button</button>
<div style="height: 4000px" id="tall">Tall</div>
<p id="end">End 1</p>
"#;

#[test]
#[ignore = "needs chromium"]
fn scroll_typed_text_focus_and_open_details_stay() {
    let site = Site::new(&[("index.html", FORM)]);
    let tab = site.open("/");
    tab.evaluate("name_ = document.getElementById('name'), name_.select()");
    tab.type_text("typed");
    tab.evaluate("words.focus()");
    tab.type_text("more words");
    tab.evaluate(
        "words.setSelectionRange(2, 4), choice.selectedIndex = 1, box.checked = true,
         more.open = true, scrollTo(0, 1234)",
    );
    let top = "tall.getBoundingClientRect().top";
    let top_before = tab.evaluate(top);
    let edited = FORM.replace(" 1<", " 2<").replace("value=\"given\"", "value=\"new\"");
    site.save("index.html", edited.replace("<h1>", "<p>A paragraph more</p><h1>"));
    tab.wait_for(&shows("Heading 2"));
    let state = "[name_.value, words.value, words.selectionStart, words.selectionEnd,
        choice.value, box.checked, more.open, document.activeElement.id]";
    let expected = json!(["typed", "more words", 2, 4, "two", true, true, "words"]);
    assert_eq!(tab.evaluate(state), expected);
    // What was in sight is where it was, whatever has come above it.
    assert_eq!(tab.evaluate(top), top_before);
    assert_eq!(tab.evaluate("scrollY > 1234"), true);
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn elements_keep_their_identity_and_listeners() {
    let site = Site::new(&[("index.html", FORM)]);
    let tab = site.open("/");
    tab.evaluate(
        "kept = [...document.querySelectorAll('*')], clicks = 0,
         button.addEventListener('click', () => clicks++), button.hidden_ = 'property'",
    );
    let edited = FORM.replace(">Button<", " class=\"big\">Press<");
    site.save("index.html", edited.replace("<form>", "<p>New</p>\n<form>"));
    tab.wait_for(&shows("Press"));
    tab.evaluate("button.click()");
    let state = "[clicks, button.hidden_, button.className,
        [...document.querySelectorAll('*')].filter(node => !kept.includes(node)).length,
        kept.filter(node => !node.isConnected).length]";
    assert_eq!(tab.evaluate(state), json!([1, "property", "big", 1, 0]));
    assert_patched(&tab, 1);
}

/// Ten seconds of silence, uncompressed.
pub(crate) fn wave() -> Vec<u8> {
    let data_len = 10 * 8_000_u32;
    let mut wave = Vec::from(*b"RIFF");
    wave.extend((36 + data_len).to_le_bytes());
    // PCM, one channel, 8,000 samples of one byte a second
    wave.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wave.extend([8_000_u32, 8_000].map(u32::to_le_bytes).concat());
    wave.extend(b"\x01\0\x08\0data");
    wave.extend(data_len.to_le_bytes());
    wave.resize(44 + data_len as usize, 128);
    wave
}

#[test]
#[ignore = "needs chromium"]
fn a_video_plays_on() {
    let page = "<!doctype html><p>Text 1</p><video src=/tone.wav autoplay muted loop></video>";
    let site = Site::new(&[("index.html", page)]);
    site.save("tone.wav", wave());
    let tab = site.open("/");
    tab.evaluate("video = document.querySelector('video'), stops = []");
    tab.wait_for("video.currentTime > 0 && !video.paused");
    tab.evaluate(
        "['pause', 'emptied', 'loadstart', 'abort', 'seeking']
            .forEach(name => video.addEventListener(name, () => stops.push(name)))",
    );
    site.save("index.html", page.replace("Text 1", "Text 2").replace("<video", "<hr><video"));
    tab.wait_for(&shows("Text 2"));
    let time = tab.evaluate("video.currentTime");
    tab.wait_for(&format!("video.currentTime > {time}"));
    assert_eq!(tab.evaluate("[stops, video.isConnected, video.paused]"), json!([[], true, false]));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_patch_is_exact_around_what_scripts_have_made() {
    let page = r#"<!doctype html>
<body class="plain">
<nav><a href="/one">One</a></nav>
<ul id="list"><li>Item 1</li><li>Item 2</li></ul>
<p>Text 1</p>
<script>
  document.body.classList.add("ready");
  document.body.prepend(document.createElement("aside"));
  document.body.append("made by a script");
  document.querySelector("nav").append(document.createElement("b"));
  list.dataset.made = "1";
</script>
"#;
    let site = Site::configured(ALWAYS, &[("index.html", page)]);
    let tab = site.open("/");
    let edited = page
        .replace("Text 1", "Text <i>2</i>")
        .replace("class=\"plain\"", "class=\"plain wide\"")
        .replace("href=\"/one\"", "href=\"/two\"")
        .replace("<li>Item 2</li>", "<li>Item 2</li><li>Item 3</li>");
    site.save("index.html", edited);
    tab.wait_for(&shows("Text 2"));
    let state = "[document.body.className, document.querySelector('nav').innerHTML,
        document.querySelector('ul').innerHTML, document.body.firstChild.localName,
        document.body.lastChild.data.trim(), list.dataset.made]";
    let expected = json!([
        "plain ready wide",
        "<a href=\"/two\">One</a><b></b>",
        "<li>Item 1</li><li>Item 2</li><li>Item 3</li>",
        "aside",
        "made by a script",
        "1"
    ]);
    assert_eq!(tab.evaluate(state), expected);
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_loads_again_where_a_script_has_changed_the_place() {
    let page = "<!doctype html><p id=text>Text 1</p><div style='height: 4000px'></div>\
        <input id=name><script>if (!sessionStorage.was) text.textContent = 'mine';\
        sessionStorage.was = 1</script>";
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    tab.evaluate("document.getElementById('name').focus()");
    tab.type_text("typed");
    tab.evaluate("scrollTo(0, 777)");
    site.save("index.html", page.replace("Text 1", "Text 2"));
    tab.wait_for(&format!("{} && {READY}", shows("Text 2")));
    assert_eq!(tab.loads(), 2);
    tab.wait_for("scrollY == 777 && document.getElementById('name').value == 'typed'");
    assert_eq!(tab.evaluate("document.activeElement.id"), "name");
}

#[test]
#[ignore = "needs chromium"]
fn a_changed_script_loads_the_page_again_with_its_scroll_and_text() {
    let page = "<!doctype html><script>count = 1</script><script src=/app.js></script>\
        <input id=name><div style='height: 4000px'></div>";
    let site = Site::new(&[("index.html", page), ("app.js", "part = 1")]);
    let tab = site.open("/");
    tab.evaluate("document.getElementById('name').focus()");
    tab.type_text("typed");
    tab.evaluate("scrollTo(0, 999)");
    let kept = "scrollY == 999 && document.getElementById('name').value == 'typed'";
    site.save("index.html", page.replace("count = 1", "count = 2"));
    tab.wait_for(&format!("count == 2 && {READY} && {kept}"));
    assert_eq!(tab.loads(), 2);
    site.save("app.js", "part = 2");
    tab.wait_for(&format!("part == 2 && {READY} && {kept}"));
    assert_eq!(tab.loads(), 3);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_the_back_button_brings_is_made_new() {
    let page = "<!doctype html><p>a 1</p><a href=/b>b</a>";
    let site = Site::new(&[("a.html", page), ("b.html", "<!doctype html><p>b 1")]);
    let tab = site.open("/a");
    tab.evaluate("addEventListener('pageshow', event => { brought = event.persisted })");
    tab.evaluate("mark = 1, void setTimeout(() => document.querySelector('a').click())");
    tab.wait_for(&format!("location.pathname == '/b' && {READY}"));
    site.save("a.html", page.replace("a 1", "a 2"));
    tab.evaluate("void setTimeout(() => history.back())");
    tab.wait_for(&format!("location.pathname == '/a' && {}", shows("a 2")));
    // It came out of the browser's memory, as it does without live editing.
    assert_eq!(tab.evaluate("[brought, mark]"), json!([true, 1]));
    site.save("a.html", page.replace("a 1", "a 3"));
    tab.wait_for(&shows("a 3"));
    assert_eq!(tab.loads(), 2);
}

#[test]
#[ignore = "needs chromium"]
fn what_was_typed_stays_in_its_field_when_the_page_loads_again() {
    let page = "<!doctype html><script>count = 1</script><input type=file>
        <input name=a value=given><input name=b value=given><textarea name=c>given</textarea>";
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    tab.evaluate("document.querySelector('[name=a]').select()");
    tab.type_text("typed");
    tab.evaluate("document.querySelector('textarea').select()");
    tab.type_text("more\nlines");
    let edited = page.replace("count = 1", "count = 2").replace("given", "new");
    site.save("index.html", edited);
    tab.wait_for(&format!("count == 2 && {READY}"));
    let values = "[...document.querySelectorAll('[name]')].map(field => field.value)";
    assert_eq!(tab.evaluate(values), json!(["typed", "new", "more\nlines"]));
    assert_eq!(tab.loads(), 2);
}

#[test]
#[ignore = "needs chromium"]
fn what_is_new_comes_into_its_element_wherever_a_script_has_moved_it() {
    let page = |more: &str| {
        format!(
            "<!doctype html><body><section id=a><p>one</section><section id=b><p>two{more}</section>\
             <script>document.body.prepend(document.getElementById('b'))</script>"
        )
    };
    let site = Site::configured(ALWAYS, &[("index.html", &page(""))]);
    let tab = site.open("/");
    site.save("index.html", page("<p>three"));
    tab.wait_for(&shows("three"));
    let texts = "['a', 'b'].map(id => document.getElementById(id).textContent)";
    assert_eq!(tab.evaluate(texts), json!(["one", "twothree"]));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_its_script_has_moved_on_loads_again_where_it_is() {
    let page = "<!doctype html><script>count = 1</script><div style='height: 4000px'></div>";
    let site = Site::new(&[("index.html", page)]);
    let tab = site.open("/");
    tab.evaluate("history.pushState(null, '', '/?step=2'), scrollTo(0, 999)");
    site.save("index.html", page.replace("count = 1", "count = 2"));
    tab.wait_for(&format!("count == 2 && {READY} && scrollY == 999"));
    assert_eq!(tab.evaluate("location.search"), "?step=2");
    assert_eq!(tab.loads(), 2);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_out_of_a_service_workers_store_does_not_load_for_ever() {
    let page = "<!doctype html><script>count = 1; navigation.addEventListener('navigate', () =>
        sessionStorage.left = Number(sessionStorage.left ?? 0) + 1)</script><p>text</p>";
    // It answers with the first page that it has seen, whatever is there now.
    let worker = "addEventListener('activate', event => event.waitUntil(clients.claim()));
        addEventListener('fetch', event => event.request.mode == 'navigate' &&
            event.respondWith(caches.open('store').then(async store => {
                const found = await store.match('/') ?? await fetch(event.request);
                await store.put('/', found.clone());
                return found;
            })))";
    let site = Site::new(&[("index.html", page), ("worker.js", worker)]);
    let tab = site.open("/");
    tab.evaluate("void navigator.serviceWorker.register('/worker.js')");
    tab.wait_for("navigator.serviceWorker.controller?.state == 'activated'");
    tab.evaluate("void setTimeout(() => location.reload())");
    tab.wait_for(&format!("sessionStorage.loads == 2 && {READY}"));
    tab.record_messages();
    for count in 2..5_u64 {
        site.save("index.html", page.replace("count = 1", &format!("count = {count}")));
        tab.wait_for(&format!("sessionStorage.loads == {} && {READY}", count + 1));
        // One told the page to reload, and one the page that came out of the store again.
        let told = tab.wait_for_messages(2 * (count as usize - 1));
        assert!(told.iter().all(|message| message["type"] == "reload"), "{told:?}");
        // That one has been handled by now, and has not begun to load anything.
        let state = "[count, Number(sessionStorage.loads), Number(sessionStorage.left)]";
        assert_eq!(tab.evaluate(state), json!([1, count + 1, count]));
    }
}

//! Folders with pages open, and what each page is told, without sockets.

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    http::request::{self, FieldSlots, Limits},
    site::SiteOptions,
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of pages with somebody who follows them.
struct Pages {
    folder: TempDir,
    site: Arc<Site>,
    live: Live,
    told: Receiver<String>,
}

/// A page that is open.
struct Page {
    showing: Showing,
    messages: Receiver<Arc<str>>,
    target: String,
    version: String,
}

impl Pages {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, true)
    }

    fn with(files: &[(&str, &str)], watches: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(&folder.path().join(name), text);
        }
        Self::of(folder, watches)
    }

    fn of(folder: TempDir, watches: bool) -> Self {
        let options = SiteOptions { snippet: Some(snippet()), ..SiteOptions::default() };
        let site = Arc::new(Site::open(folder.path(), options).unwrap());
        let (sender, told) = channel();
        let tell = Arc::new(move |text| {
            // The test may have seen enough.
            let _ = sender.send(text);
        });
        let live = Live::new(Arc::clone(&site), Options { watches, tell });
        Self { folder, site, live, told }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    /// The version in what a browser gets that navigates to `target`.
    fn navigate(&self, target: &str, fields: &str) -> String {
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}Accept: text/html\r\n\r\n"
        );
        let body = with_request(&head, |request| {
            let response = self.site.respond(request, SystemTime::now()).at_once();
            response.body.read().unwrap()
        });
        let body = String::from_utf8(body).unwrap();
        let version = body.split_once("data-version=\"").map(|(_, rest)| rest.split_once('"'));
        version.flatten().unwrap_or_else(|| panic!("no version in {body:?}")).0.to_owned()
    }

    /// A page that a browser has just loaded, and that shows what there is.
    fn open(&self, target: &str) -> Page {
        self.open_with(target, "")
    }

    fn open_with(&self, target: &str, fields: &str) -> Page {
        let version = self.navigate(target, fields);
        let page = self.connect(target, fields, &version);
        assert_eq!(page.hear(), json!({ "type": "current" }));
        page
    }

    /// A page that says it shows this version.
    fn connect(&self, target: &str, fields: &str, version: &str) -> Page {
        let (sender, messages) = channel();
        let head = format!("GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let send = move |text| {
            let _ = sender.send(text);
        };
        let showing = with_request(&head, |request| self.live.open(request, send));
        let (target, version) = (target.to_owned(), version.to_owned());
        let page = Page { showing, messages, target, version };
        page.say(&json!({ "page": page.target, "version": page.version }));
        page
    }

    /// Waits until no file was written just now: what is written in the tick of the
    /// clock in which a page is loaded may have been loaded before or after.
    fn rest(&self) {
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(50) {
            self.settle(&[]);
        }
    }

    /// Waits until everything has been looked at again, by which time whoever was to
    /// be told has been.
    fn settle(&self, among: &[&Page]) {
        let name = "_settle.html";
        self.write(name, "0");
        self.write("settle.html", "{% include \"_settle.html\" %}");
        for n in 1..3 {
            let page = self.open("/settle");
            self.write(name, &n.to_string());
            assert_eq!(page.hear()["type"], "patch");
        }
        for page in among {
            assert_eq!(page.messages.try_recv(), Err(TryRecvError::Empty), "{}", page.target);
        }
    }
}

impl Page {
    fn say(&self, message: &Value) {
        self.showing.receive(&message.to_string());
    }

    fn hear(&self) -> Value {
        let text = self.messages.recv_timeout(PATIENCE);
        let text = text.unwrap_or_else(|_| panic!("{} was told nothing", self.target));
        serde_json::from_str(&text).unwrap()
    }

    fn hears(&self, kind: &str) -> Value {
        let message = self.hear();
        assert_eq!(message["type"], kind, "{message}");
        message
    }

    /// Waits for a patch to what is there now.
    fn catches_up(&self, pages: &Pages) {
        while self.hears("patch")["to"] != *pages.navigate(&self.target, "") {}
    }
}

fn write(path: &std::path::Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn with_request<T>(head: &str, work: impl FnOnce(&Request<'_>) -> T) -> T {
    let limits = Limits::of_head(head.len());
    let mut slots = FieldSlots::default();
    work(&request::parse(head.as_bytes(), &mut slots, &limits).unwrap().unwrap().0)
}

#[test]
fn a_save_is_told_to_those_who_show_it() {
    for watches in [true, false] {
        let pages = Pages::with(&[("a.html", "<p>one"), ("b.html", "<p>two")], watches);
        let (a, same, b) = (pages.open("/a"), pages.open("/a"), pages.open("/b"));
        pages.write("a.html", "<p>three");
        let message = a.hears("patch");
        assert_eq!(message["to"], *pages.navigate("/a", ""));
        assert_eq!(message["ops"][0]["old"], "one");
        assert_eq!(message["ops"][0]["new"], "three");
        assert_eq!(same.hear(), message);
        pages.settle(&[&a, &same, &b]);
    }
}

#[test]
fn whatever_a_page_is_made_of_counts() {
    let pages = Pages::new(&[
        ("_layout.html", "<title>{% block title %}{% endblock %}</title>"),
        ("_note.html", "<p>note"),
        (
            "a.html",
            "{% extends '_layout.html' %}{% block title %}{% include 'x.html' ignore missing %}{% include '_note.html' %}{% endblock %}",
        ),
    ]);
    let page = pages.open("/a");
    for (name, text) in [
        ("_layout.html", "<title>{% block title %}{% endblock %}</title><p>more"),
        ("_note.html", "<p>other"),
        ("x.html", "<p>new"),
        ("a.html", "{% extends '_layout.html' %}"),
    ] {
        pages.write(name, text);
        page.catches_up(&pages);
    }
    let next = pages.path("next");
    fs::write(&next, "<p>renamed over").unwrap();
    fs::rename(next, pages.path("a.html")).unwrap();
    page.catches_up(&pages);
    pages.settle(&[&page]);
}

#[test]
fn what_changes_nothing_is_not_told() {
    let pages = Pages::new(&[("a.html", "<p>{# one #}a"), ("style.css", "p {}"), ("b.html", "")]);
    pages.rest();
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/style.css"] }));
    pages.settle(&[&page]);
    pages.write("a.html", "<p>{# two #}a");
    pages.write("a.html", "<p>{# two #}a");
    pages.write("style.css", "p {}");
    pages.write("b.html", "<p>b");
    pages.write("other.css", "p {}");
    pages.settle(&[&page]);
}

#[test]
fn many_saves_end_on_the_last() {
    let pages = Pages::new(&[("a.html", "<p>0")]);
    let page = pages.open("/a");
    for n in 1..=50 {
        pages.write("a.html", &format!("<p>{n}"));
    }
    page.catches_up(&pages);
    pages.settle(&[&page]);
}

#[test]
fn a_checkout_is_told_once() {
    let pages = Pages::new(&[
        ("_layout.html", "<p>one{% block b %}{% endblock %}"),
        ("a.html", "{% extends '_layout.html' %}{% block b %}<p>one{% endblock %}"),
        ("b.html", "<p>"),
    ]);
    pages.write(".git/index.lock", "");
    let page = pages.open("/a");
    pages.write("a.html", "{% extends '_layout.html' %}{% block b %}<p>two{% endblock %}");
    // Somebody looks in between.
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(150) {
        pages.open("/b");
    }
    pages.write("_layout.html", "<p>two{% block b %}{% endblock %}");
    fs::remove_file(pages.path(".git/index.lock")).unwrap();
    assert_eq!(page.hears("patch")["ops"].as_array().unwrap().len(), 2);
    pages.settle(&[&page]);
}

#[test]
fn a_script_that_changes_is_loaded_with_its_page() {
    let pages = Pages::new(&[("a.html", "<p>a<script>1</script>")]);
    let page = pages.open("/a");
    pages.write("a.html", "<p>a<script>2</script>");
    page.hears("reload");
    // It has not done so; and is told again when it is worth it.
    pages.settle(&[&page]);
    pages.write("a.html", "<p>a<script>3</script>");
    page.hears("reload");
}

#[test]
fn an_error_is_shown_over_the_page_until_it_is_fixed() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "{% include 'a.html' %}")]);
    let (a, b) = (pages.open("/a"), pages.open("/b"));
    pages.write("a.html", "<p>{{ nobody }}");
    for page in [&a, &b] {
        let html = page.hears("error")["html"].as_str().unwrap().to_owned();
        assert!(html.contains("a.html:1:7") && !html.contains("<script"), "{html}");
    }
    let told = pages.told.recv_timeout(PATIENCE).unwrap();
    assert!(told.starts_with("error: `nobody` is undefined\n --> a.html:1:7\n"), "{told}");
    pages.write("a.html", "<p>a");
    assert_eq!((a.hear(), b.hear()), (json!({ "type": "fixed" }), json!({ "type": "fixed" })));

    pages.write("a.html", "<p>{{ nobody }}");
    a.hears("error");
    b.hears("error");
    pages.write("a.html", "<p>{{ nobody_else }}");
    a.hears("error");
    b.hears("error");
    pages.write("a.html", "<p>b");
    a.catches_up(&pages);
    b.catches_up(&pages);
    // Each error once, though two pages have it.
    assert_eq!(pages.told.try_iter().count(), 2);
    pages.settle(&[&a, &b]);
}

#[test]
fn an_error_that_was_loaded_goes_away_with_the_fix() {
    let pages = Pages::new(&[("a.html", "<p>{% include 'b.html' %}")]);
    let page = pages.open("/a");
    pages.write("a.html", "<p>\n{% include 'b.html' %}");
    page.catches_up(&pages);
    // The first one was told with the request for it.
    assert!(pages.told.recv_timeout(PATIENCE).unwrap().contains("a.html:2"));
    pages.write("b.html", "b");
    page.hears("reload");
}

#[test]
fn a_missing_page_appears() {
    let pages = Pages::new(&[]);
    let page = pages.open("/a/b");
    pages.write("a/b/index.html", "<p>b");
    page.hears("reload");
    let page = pages.open("/c");
    pages.write("404.html", "<p>not here");
    page.hears("reload");
}

#[test]
fn a_deleted_page_is_loaded_again_and_a_renamed_one_followed() {
    for watches in [true, false] {
        let pages = Pages::with(
            &[("a.html", "<p>a"), ("b.html", "<p>{{ page.url }}"), ("c/d.html", "<p>d")],
            watches,
        );
        let (a, b, d) = (pages.open("/a"), pages.open("/b"), pages.open("/c/d"));
        fs::remove_file(pages.path("a.html")).unwrap();
        a.hears("reload");
        fs::rename(pages.path("b.html"), pages.path("a b.html")).unwrap();
        assert_eq!(b.hear(), json!({ "type": "navigate", "url": "/a%20b" }));
        fs::rename(pages.path("c"), pages.path("e")).unwrap();
        assert_eq!(d.hear(), json!({ "type": "navigate", "url": "/e/d" }));
        // As another file of the same content.
        let d = pages.open("/e/d");
        pages.write("f.html", "<p>d");
        fs::remove_file(pages.path("e/d.html")).unwrap();
        assert_eq!(d.hear(), json!({ "type": "navigate", "url": "/f" }));
    }
}

#[test]
fn a_page_that_is_gone_for_a_moment_stays() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("empty.html", "")]);
    let (page, empty) = (pages.open("/a"), pages.open("/empty"));
    for n in 0..10 {
        // As editors save that keep the old file.
        fs::rename(pages.path("a.html"), pages.path("a.html~")).unwrap();
        pages.write("a.html", "");
        pages.write("a.html", "<p>{% if");
        pages.write("a.html", &format!("<p>{n}"));
        page.catches_up(&pages);
    }
    pages.settle(&[&page, &empty]);
    pages.write("a.html", "");
    page.catches_up(&pages);
}

#[test]
fn a_file_that_is_being_written_waits_for_its_rest() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let (page, other) = (pages.open("/a"), pages.open("/b"));
    // It waits no longer than it may, which a busy machine can take.
    let is_whole_at_once = (0..20).any(|n| {
        let mut file = fs::File::create(pages.path("a.html")).unwrap();
        file.write_all(b"<p>one half").unwrap();
        // Everything is looked at in between, after the first of two looks at the latest.
        for text in ["one", "two"] {
            pages.write("b.html", &format!("<p>{text} {n}"));
            other.catches_up(&pages);
        }
        file.write_all(format!(" and {n}").as_bytes()).unwrap();
        drop(file);
        let first = page.hears("patch");
        let is_whole = first["to"] == *pages.navigate("/a", "");
        if !is_whole {
            page.catches_up(&pages);
        }
        is_whole
    });
    assert!(is_whole_at_once);
}

#[test]
fn a_page_that_comes_back_is_told_what_it_missed() {
    let pages = Pages::new(&[("a.html", "<p>one")]);
    let version = pages.navigate("/a", "");
    pages.write("a.html", "<p>two");
    let page = pages.connect("/a", "", &version);
    page.catches_up(&pages);
    drop(page);
    pages.write("a.html", "<p>one");
    let page = pages.connect("/a", "", &version);
    page.hears("current");
}

#[test]
fn after_a_restart_only_what_has_changed_is_loaded_again() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>{{ request.path }}")]);
    let (a, b) = (pages.navigate("/a", ""), pages.navigate("/b?c", ""));
    let restarted = Pages::of(pages.folder, true);
    restarted.connect("/a", "", &a).hears("current");
    restarted.connect("/b?c", "", &b).hears("current");
    restarted.write("a.html", "<p>b");
    let page = Pages::of(restarted.folder, true);
    page.connect("/a", "", &a).hears("reload");
    page.connect("/a", "", &page.navigate("/a", "")).hears("current");
}

#[test]
fn each_request_is_rendered_for_itself_where_the_page_looks_at_it() {
    let source = "<p>{{ request.query.q }}<p>{{ request.cookies.who }}";
    let pages = Pages::new(&[("a.html", source)]);
    let one = pages.open_with("/a?q=1", "Cookie: who=Ada\r\n");
    let two = pages.open_with("/a?q=2", "Cookie: who=Bo\r\n");
    pages.write("a.html", &format!("{source}<p>{{{{ request.query.q }}}}"));
    for (page, query) in [(&one, "1"), (&two, "2")] {
        assert_eq!(page.hears("patch")["ops"][0]["html"], format!("<p>{query}</p>"));
    }
}

#[test]
fn a_page_that_begins_to_look_at_its_request_is_loaded_again() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let (one, two) = (pages.open("/a?q=1"), pages.open("/a"));
    pages.write("a.html", "<p>{{ request.query.q }}");
    one.hears("reload");
    // Its request has none.
    two.hears("error");
}

#[test]
fn what_a_page_has_loaded_is_told_by_its_kind() {
    let files = ["s.css", "i.png", "f.woff2", "x.js"].map(|name| (name, "one"));
    let pages = Pages::new(&[&files[..], &[("a.html", "<p>a"), ("b.html", "<p>b")]].concat());
    pages.rest();
    let (page, other) = (pages.open("/a"), pages.open("/b"));
    page.say(&json!({ "resources": ["/s.css?v=1", "/i.png", "/f.woff2", "/x.js", "/late.svg"] }));
    pages.settle(&[&page]);
    for (name, message) in [
        ("s.css", json!({ "type": "style", "path": "/s.css" })),
        ("i.png", json!({ "type": "image", "path": "/i.png" })),
        ("f.woff2", json!({ "type": "font", "path": "/f.woff2" })),
        ("late.svg", json!({ "type": "image", "path": "/late.svg" })),
        ("x.js", json!({ "type": "reload" })),
    ] {
        pages.write(name, "two");
        assert_eq!(page.hear(), message);
    }
    // It is about to load all of it again.
    pages.write("s.css", "three");
    pages.settle(&[&page, &other]);
}

#[test]
fn what_changed_while_the_page_was_loading_is_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "one"), ("x.js", "one")]);
    let settled = pages.open("/a");
    let page = pages.open("/a");
    pages.write("s.css", "two");
    page.say(&json!({ "resources": ["/s.css"] }));
    page.hears("style");
    // From now on it is known when it changes.
    pages.settle(&[&settled]);
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/s.css"] }));
    pages.settle(&[&page]);
}

#[test]
fn what_changed_before_the_page_was_loaded_is_not_told() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("x.js", "one")]);
    pages.rest();
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/x.js"] }));
    pages.settle(&[&page]);
    drop(page);
    pages.write("x.js", "two");
    pages.rest();
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/x.js"] }));
    pages.settle(&[&page]);
    pages.write("x.js", "three");
    page.hears("reload");
}

#[test]
fn an_age_tells_when_a_page_was_loaded() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "one")]);
    let version = pages.navigate("/a", "");
    for (age, is_told) in [(json!(60_000.0), true), (json!(-1e300), false), (json!(null), false)] {
        pages.settle(&[]);
        // As another one has been sent since, nobody else could tell.
        pages.navigate("/a", "");
        let page = pages.connect("/a", "", &version);
        page.hears("current");
        page.say(&json!({ "page": "/a", "version": version, "age": age }));
        page.hears("current");
        page.say(&json!({ "resources": ["/s.css"] }));
        if is_told {
            page.hears("style");
        }
        pages.settle(&[&page]);
    }
}

#[test]
fn linked_folders_and_new_ones_are_followed() {
    let pages = Pages::new(&[("real/a.html", "<p>a")]);
    symlink(pages.path("real"), pages.path("link")).unwrap();
    let page = pages.open("/link/a");
    pages.write("real/a.html", "<p>b");
    page.catches_up(&pages);
    fs::rename(pages.path("real"), pages.path("other")).unwrap();
    assert_eq!(page.hears("navigate")["url"], "/other/a");
}

#[test]
fn a_root_that_comes_back_is_followed() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    fs::remove_dir_all(pages.folder.path()).unwrap();
    page.hears("reload");
    let page = pages.open("/a");
    pages.write("a.html", "<p>a");
    page.hears("reload");
    let page = pages.open("/a");
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
}

#[test]
fn a_file_is_told_once_under_however_many_queries() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("i.svg", "<svg/>")]);
    pages.rest();
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/i.svg", "/i.svg?1", "/i.svg?2", "/_pagepool/live.js"] }));
    pages.settle(&[&page]);
    pages.write("i.svg", "<svg></svg>");
    page.hears("image");
    pages.settle(&[&page]);
}

#[test]
fn a_page_that_was_patched_and_comes_back_has_missed_nothing() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let page = pages.open("/a");
    pages.write("a.html", "<p>b");
    let version = page.hears("patch")["to"].as_str().unwrap().to_owned();
    let page = pages.connect("/a", "", &version);
    page.hears("current");
    page.showing.receive(&json!({ "page": "/a", "version": version, "age": 1.0 }).to_string());
    page.hears("current");
    page.say(&json!({ "resources": ["/s.css"] }));
    pages.settle(&[&page]);
}

#[test]
fn what_is_shown_stays_below_an_error_that_was_there_first() {
    let pages = Pages::new(&[("a.html", "{{")]);
    let page = pages.connect("/a", "", "of another server");
    assert!(page.hears("error")["html"].as_str().unwrap().contains("a.html"));
    pages.write("a.html", "<p>a");
    page.hears("reload");
}

#[test]
fn nonsense_is_passed_over() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    for text in
        ["", "{", "[]", r#"{"page":"a","version":""}"#, r#"{"page":"/ b\r\n","version":""}"#]
    {
        page.showing.receive(text);
    }
    page.say(&json!({ "resources": ["", "x", "/ ", "//", "/%zz", "/a\r\n"] }));
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
}

#[test]
fn its_thread_ends_with_it() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    let Pages { live, site, .. } = pages;
    drop(live);
    // Nobody else has a way to it.
    while page.messages.recv_timeout(PATIENCE).is_ok() {}
    assert_eq!(page.messages.try_recv(), Err(TryRecvError::Disconnected));
    drop(site);
}

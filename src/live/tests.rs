//! Folders with pages open, and what each page is told, without sockets.

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::{
        atomic::AtomicBool,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    inbox::Event,
    turns::{Allowance, Turns},
    *,
};
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
    /// Whether there is room for what it is told.
    has_room: Arc<AtomicBool>,
}

/// Takes what a page is told.
struct TestListener {
    sender: Sender<Arc<str>>,
    has_room: Arc<AtomicBool>,
}

impl Listener for TestListener {
    fn send(&self, text: Arc<str>) -> bool {
        let has_room = self.has_room.load(Ordering::SeqCst);
        if has_room {
            self.replace(text);
        }
        has_room
    }

    fn replace(&self, text: Arc<str>) {
        // The test may have seen enough.
        let _ = self.sender.send(text);
    }
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
        let page = self.connect_silently(target, fields, version);
        page.say(&json!({ "page": page.target, "version": page.version }));
        page
    }

    /// A page that has opened a connection, and says nothing yet.
    fn connect_silently(&self, target: &str, fields: &str, version: &str) -> Page {
        let (sender, messages) = channel();
        let head = format!("GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let has_room = Arc::new(AtomicBool::new(true));
        let listener = TestListener { sender, has_room: Arc::clone(&has_room) };
        let showing = with_request(&head, |request| self.live.open(request, listener));
        let (target, version) = (target.to_owned(), version.to_owned());
        Page { showing, messages, target, version, has_room }
    }

    /// Waits until no file was written just now: what is written in the tick of the
    /// clock in which a page is loaded may have been loaded before or after.
    fn rest(&self) {
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(50) {
            self.settle(&[]);
        }
    }

    /// Whether all that tabs have said has been heard.
    fn is_heard(&self) -> bool {
        std::thread::yield_now();
        self.live.inbox.get().is_none_or(|inbox| inbox.waiting() == 0)
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
        let page = pages.connect_silently("/a", "", &version);
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
    let page = pages.connect_silently("/a", "", &version);
    page.say(&json!({ "page": "/a", "version": version, "age": 1.0 }));
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

#[test]
fn a_second_hello_is_passed_over() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let page = pages.open("/a");
    let other = pages.navigate("/b", "");
    for version in [&page.version, &other, "unknown"] {
        page.say(&json!({ "page": "/b", "version": version }));
    }
    pages.write("b.html", "<p>c");
    pages.settle(&[&page]);
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
    // One that is none leaves room for the first.
    let page = pages.connect_silently("/a", "", &pages.navigate("/a", ""));
    page.say(&json!({ "page": "a", "version": "" }));
    page.say(&json!({ "page": page.target, "version": page.version }));
    page.hears("current");
}

#[test]
fn a_thousand_hellos_of_one_tab_cost_one() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}"), ("b.html", "<p>b")]);
    let page = pages.connect_silently("/a", "", "unknown");
    for n in 0..1000 {
        page.say(&json!({ "page": format!("/a?n={n}"), "version": "unknown" }));
    }
    page.hears("reload");
    pages.settle(&[&page]);
}

#[test]
fn what_a_closed_tab_has_said_is_dropped() {
    let inbox = Arc::new(Inbox::default());
    let showing = |id| {
        let share = Budget::new(MAX_NAMES_BYTES).take(0);
        let speech =
            Speech { bytes: 0, has_greeted: false, was_unreadable: false, names: 0, share };
        Showing { id, inbox: Arc::clone(&inbox), speech: RefCell::new(speech) }
    };
    let (closed, open) = (showing(1), showing(2));
    for showing in [&closed, &open] {
        showing.receive(&json!({ "page": "/a", "version": "v" }).to_string());
        showing.receive(&json!({ "resources": ["/s.css", "/i.png"] }).to_string());
    }
    drop(closed);
    assert_eq!(inbox.waiting(), 1);
    assert!(matches!(inbox.next(None), Event::Closed(1)));
    assert!(matches!(inbox.next(None), Event::Said(2, Word::Hello(_))));
}

#[test]
fn a_message_that_cannot_be_read_is_logged_once_for_each_page() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.connect_silently("/a", "", &pages.navigate("/a", ""));
    // As old versions of prototype.js have it.
    page.say(&json!({ "resources": "[\"/a.css\"]" }));
    page.say(&json!("x".repeat(10_000)));
    page.say(&json!({ "page": page.target, "version": page.version }));
    page.hears("current");
    let warnings: Vec<String> = pages.told.try_iter().collect();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(
        warning.contains("live editing cannot read") && warning.contains("/a.css"),
        "{warning}"
    );
}

/// What a speech comes to in words.
fn words(texts: &[Value], budget: &Arc<Budget>) -> (Vec<Word>, Speech) {
    let share = budget.take(0);
    let mut speech =
        Speech { bytes: 0, has_greeted: false, was_unreadable: false, names: 0, share };
    let words = texts.iter().flat_map(|text| speech.words(&text.to_string())).collect();
    (words, speech)
}

#[test]
fn a_page_says_no_more_than_is_followed() {
    let hello = json!({ "page": "/", "version": "v" });
    let names = |from: usize, to: usize| {
        let names: Vec<String> = (from..to).map(|n| format!("/{n}")).collect();
        json!({ "resources": names })
    };
    let budget = Budget::new(MAX_NAMES_BYTES);
    let is_too_much = |words: &[Word]| {
        let count = words.iter().filter(|word| matches!(word, Word::LoadedTooMuch)).count();
        assert!(count <= 1 && words.len() <= MAX_OF_TAB + 2);
        count == 1
    };
    let one_too_many = [hello.clone(), names(0, MAX_OF_TAB), names(0, 9), names(9, 99)];
    assert!(!is_too_much(&words(&one_too_many[..2], &budget).0));
    assert!(is_too_much(&words(&one_too_many, &budget).0));
    // Names before a hello are nobody's, and so are texts that are too many.
    assert!(words(&[names(0, 10)], &budget).0.is_empty());
    let long = "x".repeat(15_000);
    let chatter = vec![json!({ "resources": [long] }); 300];
    assert!(is_too_much(&words(&[&[hello.clone()][..], &chatter].concat(), &budget).0));
    assert!(words(&chatter, &budget).0.is_empty());
    // All pages together have a bound, which comes back with each that closes.
    let long_names = |n| json!({ "resources": [format!("/{n}{}", "x".repeat(10_000))] });
    let texts: Vec<Value> =
        std::iter::once(hello.clone()).chain((0..300).map(long_names)).collect();
    assert!(is_too_much(&words(&texts, &budget).0));
    // One takes a part of what the others leave, and the next one finds room.
    let most = &texts[..90];
    let mut pages = Vec::new();
    loop {
        let (words, speech) = words(most, &budget);
        if is_too_much(&words) {
            break;
        }
        pages.push(speech);
        assert!(pages.len() < 9);
    }
    assert!(!pages.is_empty() && !is_too_much(&words(&texts[..40], &budget).0));
    drop(pages);
    assert!(!is_too_much(&words(most, &budget).0));
}

#[test]
fn a_tab_that_has_loaded_too_much_loads_again_whatever_changes() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let (page, other) = (pages.open("/a"), pages.open("/a"));
    for n in 0..=MAX_OF_TAB / 100 {
        let names: Vec<String> = (0..100).map(|i| format!("/s.css?{n}-{i}")).collect();
        page.say(&json!({ "resources": names }));
    }
    other.say(&json!({ "resources": ["/s.css"] }));
    // Its words are heard once the other tab is told, since each has its turn.
    while !pages.is_heard() {}
    pages.write("elsewhere.txt", "new");
    page.hears("reload");
    pages.write("s.css", "q {}");
    other.hears("style");
    // It has been told, and is about to load again.
    pages.settle(&[&page, &other]);
    let page = pages.open("/a");
    pages.settle(&[&page]);
}

#[test]
fn a_tab_for_which_there_is_no_room_loads_again() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let page = pages.open("/a");
    page.has_room.store(false, Ordering::SeqCst);
    pages.write("a.html", "<p>b");
    page.hears("reload");
    page.has_room.store(true, Ordering::SeqCst);
    // What it has not got, later messages would build upon.
    pages.settle(&[&page]);
    let page = pages.open("/a");
    page.say(&json!({ "resources": ["/s.css"] }));
    page.has_room.store(false, Ordering::SeqCst);
    pages.settle(&[]);
    pages.write("s.css", "q {}");
    page.hears("reload");
    // As the newest state, a page that was renamed goes ahead of all else.
    let page = pages.open("/a");
    page.has_room.store(false, Ordering::SeqCst);
    fs::rename(pages.path("a.html"), pages.path("b.html")).unwrap();
    assert_eq!(page.hear(), json!({ "type": "navigate", "url": "/b" }));
}

#[test]
fn more_pages_than_are_followed_exactly_load_again_when_they_change() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}"), ("s.css", "p {}")]);
    let open: Vec<Page> = (0..600).map(|n| pages.open(&format!("/a?n={n}"))).collect();
    pages.write("a.html", "<p>{{ request.query.n }}!");
    let heard: Vec<Value> = open.iter().map(Page::hear).collect();
    let count = |kind: &str| heard.iter().filter(|message| message["type"] == kind).count();
    let (patched, reloaded) = (count("patch"), count("reload"));
    assert!((250..=256).contains(&patched) && patched + reloaded == 600, "{patched} {reloaded}");
    // With them, their room is free again.
    drop(open);
    let page = pages.open("/a?n=1");
    pages.write("a.html", "<p>{{ request.query.n }}?");
    page.hears("patch");
}

#[test]
fn many_hellos_with_unknown_versions_are_no_renderings() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}")]);
    let page = |n| pages.connect_silently(&format!("/a?n={n}"), "", "unknown");
    let open: Vec<Page> = (0..2000).map(page).collect();
    for page in &open {
        page.say(&json!({ "page": page.target, "version": "unknown" }));
    }
    open.iter().for_each(|page| assert_eq!(page.hear(), json!({ "type": "reload" })));
}

#[test]
fn a_save_is_told_while_tabs_talk_without_end() {
    let pages = Pages::new(&[("a.html", "<p>0")]);
    let page = pages.open("/a");
    let talkers: Vec<Page> = (0..40).map(|_| pages.open("/a")).collect();
    for (n, talker) in talkers.iter().enumerate() {
        for k in 0..10 {
            let names: Vec<String> = (0..100).map(|i| format!("/missing-{n}-{k}-{i}")).collect();
            talker.say(&json!({ "resources": names }));
        }
    }
    let inbox = pages.live.inbox.get().unwrap();
    for n in 1..=3 {
        pages.write("a.html", &format!("<p>{n}"));
        page.catches_up(&pages);
    }
    assert!(inbox.waiting() > 0, "they still have something to say");
}

#[test]
fn tabs_that_come_and_go_leave_nothing_behind() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let version = pages.navigate("/a", "");
    for _ in 0..2000 {
        let page = pages.connect("/a", "", &version);
        page.say(&json!({ "resources": ["/s.css", "/missing"] }));
    }
    let page = pages.open("/a");
    while !pages.is_heard() {}
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
    assert!(pages.live.names.take(MAX_NAMES_BYTES).is_some());
}

#[test]
fn a_save_is_told_however_many_names_are_followed() {
    for watches in [true, false] {
        let pages = Pages::with(&[("a.html", "<p>0"), ("s.css", "p {}"), ("t.css", "")], watches);
        pages.rest();
        let (page, other) = (pages.open("/a"), pages.open("/a"));
        for n in 0..10 {
            let names: Vec<String> = (0..100).map(|i| format!("/s.css?{n}-{i}")).collect();
            page.say(&json!({ "resources": names }));
        }
        other.say(&json!({ "resources": ["/t.css"] }));
        while !pages.is_heard() {}
        for n in 1..=3 {
            pages.write("a.html", &format!("<p>{n}"));
            page.catches_up(&pages);
            other.catches_up(&pages);
        }
        pages.write("t.css", "p {}");
        other.hears("style");
        pages.write("s.css", "q {}");
        page.hears("style");
    }
}

/// A thread of live editing that the test is.
fn follower(pages: &Pages) -> LiveThread {
    let tell = Arc::new(|_| {});
    let options = Options { watches: false, tell };
    let mut follower = LiveThread::new(Arc::clone(&pages.site), options, Arc::default());
    follower.turns = Turns::new(Duration::ZERO);
    follower
}

/// A page that `follower` follows, as one with this version.
fn greet(follower: &mut LiveThread, id: u64, target: &str, version: &str) -> Receiver<Arc<str>> {
    let (sender, messages) = channel();
    let listener = TestListener { sender, has_room: Arc::new(AtomicBool::new(true)) };
    let head = "GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let caller = with_request(head, |request| Caller::new(request.headers, Box::new(listener)));
    follower.open(id, caller);
    let hello = json!({ "page": target, "version": version });
    let Some(Said::Hello(hello)) = Said::parse(&hello.to_string()) else { panic!("no hello") };
    follower.greet(id, &hello);
    messages
}

/// What a page has been told since, by its kinds.
fn kinds(messages: &Receiver<Arc<str>>) -> Vec<String> {
    let kind = |text: Arc<str>| {
        let message: Value = serde_json::from_str(&text).unwrap();
        message["type"].as_str().unwrap().to_owned()
    };
    messages.try_iter().map(kind).collect()
}

#[test]
fn a_look_ends_after_its_time_and_goes_on_with_what_it_has_passed_over() {
    let dynamic = "<p>{{ request.query.n }}";
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", dynamic), ("s.css", "p {}")]);
    pages.rest();
    let mut follower = follower(&pages);
    let mut open = |n: u64, target: &str| {
        let version = pages.navigate(target, "");
        let messages = greet(&mut follower, n, target, &version);
        assert_eq!(kinds(&messages), ["current"]);
        messages
    };
    let many: Vec<_> = (0..20).map(|n| open(n, &format!("/dynamic?n={n}"))).collect();
    let page = open(20, "/a");
    follower.add_resource(20, "/s.css".into());
    pages.write("dynamic.html", &format!("{dynamic}!"));
    pages.write("s.css", "q {}");
    pages.write("a.html", "<p>b");
    pages.rest();
    let mut told = Vec::new();
    for _ in 0..1000 {
        follower.look();
        let now: Vec<_> = many.iter().flat_map(kinds).chain(kinds(&page)).collect();
        assert!(now.len() <= 2, "one page and one resource: {now:?}");
        told.extend(now);
        if !follower.turns.has_rest() {
            break;
        }
    }
    let count = |kind: &str| told.iter().filter(|told| *told == kind).count();
    assert_eq!((count("patch"), count("style"), told.len()), (21, 1, 22));
}

#[test]
fn a_page_is_told_between_many_of_one_file() {
    let dynamic = "<p>{{ request.query.n }}";
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", dynamic)]);
    pages.rest();
    let mut follower = follower(&pages);
    let mut open = |n: u64, target: &str| {
        let version = pages.navigate(target, "");
        greet(&mut follower, n, target, &version)
    };
    let many: Vec<_> = (0..20).map(|n| open(n, &format!("/dynamic?n={n}"))).collect();
    let page = open(20, "/a");
    pages.write("dynamic.html", &format!("{dynamic}!"));
    pages.write("a.html", "<p>b");
    pages.rest();
    let patched = |messages: &Receiver<Arc<str>>| kinds(messages).contains(&"patch".to_owned());
    let mut count = 0;
    while !patched(&page) {
        assert!(count <= 2, "{count}");
        follower.look();
        count += many.iter().filter(|messages| patched(messages)).count();
    }
    assert!(count <= 2, "{count}");
}

#[test]
fn pages_that_were_rendered_for_a_request_and_loaded_by_a_page_are_not_rendered_to_compare_them() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", "<p>{{ request.query.n }}")]);
    pages.rest();
    let mut follower = follower(&pages);
    let page = greet(&mut follower, 0, "/a", &pages.navigate("/a", ""));
    for n in 0..20 {
        follower.add_resource(0, format!("/dynamic?n={n}").into());
    }
    // Its rendering is the same, which one would see who made it.
    pages.write("dynamic.html", "<p>{{ request.query.n }}{# note #}");
    pages.rest();
    follower.look();
    assert_eq!(kinds(&page), ["current", "reload"]);
    follower.look();
    assert!(kinds(&page).is_empty() && !follower.turns.has_rest());
    // Who loads it again, as told, is not told again.
    let known = follower.resources.known.iter().find(|(_, known)| known.changed.is_some());
    let (target, known) = known.unwrap();
    let (target, told) = (target.clone(), (known.since, known.changed));
    follower.close(0);
    let _page = greet(&mut follower, 1, "/a", &pages.navigate("/a", ""));
    follower.add_resource(1, target.clone());
    let known = &follower.resources.known[&target];
    assert_eq!((known.since, known.changed), told);
}

#[test]
fn hellos_with_old_and_unknown_versions_render_for_a_bounded_time() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let (unknown, old) = (pages.navigate("/a", "") + "-0", pages.navigate("/b", ""));
    pages.write("b.html", "<p>c");
    pages.rest();
    for (target, version, kind) in [("/a", unknown, "current"), ("/b", old, "patch")] {
        let mut follower = follower(&pages);
        follower.hello_time = Allowance::new(Duration::from_nanos(1), Duration::from_secs(1 << 20));
        let pages: Vec<_> = (0..9).map(|n| greet(&mut follower, n, target, &version)).collect();
        let told: Vec<String> = pages.iter().flat_map(|page| kinds(page).pop()).collect();
        let (first, rest) = told.split_first().unwrap();
        assert_eq!(first, kind);
        assert!(rest.len() == 8 && rest.iter().all(|kind| kind == "reload"), "{told:?}");
    }
}

#[test]
fn a_tab_that_loads_much_leaves_room_for_others() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let mut follower = follower(&pages);
    let version = pages.navigate("/a", "");
    let mut left = 8192;
    for id in 0..9 {
        let _page = greet(&mut follower, id, "/a", &version);
        let room = left / PARTS_OF_BUDGET;
        assert!(room > 300);
        for n in 0..room {
            follower.add_resource(id, format!("/{id}-{n}").into());
        }
        assert_eq!(follower.tabs[&id].resources.len(), room);
        left -= room;
    }
    follower.add_resource(8, "/8-more".into());
    assert!(follower.tabs[&8].is_loose);
}

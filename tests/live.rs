//! Live editing over sockets, as a browser sees it that only listens.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use common::{Answer, Client, TestServer, folder, options};
use pagepool::{
    app::App,
    hosts::Hosts,
    http::{base_path::BasePath, purpose::VARY},
    live::{self, Live, LiveOptions, Patching},
    server::Event,
    site::{Reloaded, Settings, Site, SiteOptions, SiteSettings, SiteValues},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket, protocol::Role};

const NAVIGATION: &str = "Host: localhost\r\nSec-Fetch-Mode: navigate\r\nAccept: text/html\r\n";

/// A folder that is served with live editing.
struct Editing {
    server: TestServer,
    folder: TempDir,
}

/// A page that is open, as the server sees it.
struct Tab(WebSocket<Client>);

impl Editing {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::of(folder(files), true)
    }

    /// The folder, in a server that knows nothing of one before it.
    fn of(folder: TempDir, watches: bool) -> Self {
        Self::at(folder, ".", "/", watches)
    }

    /// The folder, served below a path.
    fn below(base_path: &str, folder: TempDir, watches: bool) -> Self {
        Self::at(folder, ".", base_path, watches)
    }

    /// The same, where the site is at `root` in the folder.
    fn at(folder: TempDir, root: &str, base_path: &str, watches: bool) -> Self {
        let base_path = BasePath::parse(base_path).unwrap();
        Self::with(folder, root, SiteOptions { base_path, ..SiteOptions::default() }, watches)
    }

    /// The same with any options.
    fn with(folder: TempDir, root: &str, options_of_site: SiteOptions, watches: bool) -> Self {
        let options_of_site = SiteOptions { snippet: Some(live::snippet()), ..options_of_site };
        let root = folder.path().join(root);
        let site = Arc::new(Site::open(&root, options_of_site).unwrap());
        let print = Arc::new(|_| {});
        let live =
            Live::new(Arc::clone(&site), LiveOptions { watches, patching: Patching::Auto, print });
        let hosts = Hosts::development(&[], &[]);
        let app = App::new(site, hosts, false).with_live(live);
        Self { server: TestServer::start(Arc::new(app), options()), folder }
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.folder.path().join(name), text);
    }

    fn ask(&self, target: &str, fields: &str) -> Answer {
        let mut client = self.server.connect();
        client.send(format!("GET {target} HTTP/1.1\r\n{fields}\r\n"));
        client.answer()
    }

    /// What a browser gets that navigates to `target`, and its version.
    fn navigate(&self, target: &str) -> (String, String) {
        let page = self.ask(target, NAVIGATION).text().to_owned();
        let version = page.split_once("data-version=\"").unwrap().1.split_once('"').unwrap().0;
        let version = version.to_owned();
        (page, version)
    }

    fn open(&self, target: &str) -> Tab {
        let (_, version) = self.navigate(target);
        let mut tab = self.connect(target, &version);
        assert_eq!(tab.hear(), json!({ "type": "current" }));
        tab
    }

    fn connect(&self, target: &str, version: &str) -> Tab {
        self.connect_by("/_pagepool/live", target, version)
    }

    fn connect_by(&self, socket: &str, target: &str, version: &str) -> Tab {
        let mut client = self.server.connect();
        client.send(format!(
            "GET {socket} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: http://localhost\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ));
        assert!(client.head().starts_with("HTTP/1.1 101 "));
        let mut tab = Tab(WebSocket::from_raw_socket(client, Role::Client, None));
        tab.say(&json!({ "page": target, "version": version }));
        tab
    }
}

impl Tab {
    fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    fn hear(&mut self) -> Value {
        loop {
            // The server asks those for a sign of life that say nothing for long.
            if let Message::Text(text) = self.0.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Waits for the patch to what is there now, over those to what was there before.
    fn catches_up(&mut self, editing: &Editing, target: &str) {
        loop {
            let message = self.hear();
            assert_eq!(message["type"], "patch", "{message}");
            if message["to"] == *editing.navigate(target).1 {
                return;
            }
        }
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_navigation_gets_the_script_and_nobody_else_does() {
    let files = [
        ("a.html", "<!doctype html><html><head><title>a"),
        ("b.html", "{{ nobody }}"),
        ("c.html", "<p>{{ request.path }}"),
        ("style.css", "p {}"),
    ];
    let editing = Editing::new(&files);
    let start = "<script src=\"_pagepool/live.js?";
    let (page, version) = editing.navigate("/a");
    assert!(page.starts_with(&format!("<!doctype html><html><head>{start}")), "{page}");
    let end = format!("\" data-page=\"/a\" data-version=\"{version}\"></script><title>a");
    assert!(page.ends_with(&end), "{page}");
    for (target, status) in [("/b", 500), ("/c", 200), ("/echo", 200)] {
        let answer = editing.ask(target, NAVIGATION);
        assert_eq!((answer.status, answer.text().matches(start).count()), (status, 1), "{target}");
        assert!(answer.field("Vary").unwrap().contains("Sec-Fetch-Mode"));
    }
    for fields in [
        "Host: localhost\r\n",
        "Host: localhost\r\nAccept: */*\r\n",
        "Host: localhost\r\nAccept: text/html\r\nSec-Fetch-Mode: cors\r\n",
        "Host: localhost\r\nAccept: text/html\r\nSec-Fetch-Mode: no-cors\r\n",
    ] {
        for target in ["/a", "/b", "/c", "/echo", "/style.css"] {
            assert!(!editing.ask(target, fields).text().contains(start), "{target} {fields}");
        }
        assert_eq!(editing.ask("/a", fields).text(), files[0].1);
    }
    assert!(!editing.ask("/style.css", NAVIGATION).text().contains(start));
    assert!(editing.ask("/a", "Host: localhost\r\nAccept: text/html\r\n").text().contains(start));
}

/// The text of a file as the title of the site.
fn settings_in(path: &Path) -> SiteSettings {
    let title = fs::read_to_string(path).unwrap();
    let values = SiteValues::new(&json!({ "title": title }));
    SiteSettings { values, ..SiteSettings::default() }
}

#[test]
fn an_edited_configuration_reaches_the_tabs_that_show_it() {
    for watches in [true, false] {
        let files = [("pages/a.html", "<p>{{ site.title }}"), ("pages/b.html", "<p>{{ 1 }}")];
        let folder = folder(&files);
        let path = folder.path().join("config.toml");
        write(&path, "first");
        let load = {
            let path = path.clone();
            move || Reloaded { settings: Some(settings_in(&path)), message: None }
        };
        let settings = Settings::of_file(&path, settings_in(&path), load, |_| {});
        let options = SiteOptions { settings, ..SiteOptions::default() };
        let editing = Editing::with(folder, "pages", options, watches);
        let (mut tab, mut other) = (editing.open("/a"), editing.open("/b"));
        editing.write("config.toml", "second");
        tab.catches_up(&editing, "/a");
        assert!(editing.navigate("/a").0.ends_with("<p>second"));
        editing.write("pages/b.html", "<p>{{ 2 }}");
        other.catches_up(&editing, "/b");
    }
}

/// What Chromium and Firefox send to a site that they reach by neither HTTPS nor a local name.
#[test]
fn a_phone_gets_the_script_in_pages_and_parts_as_they_are() {
    let editing = Editing::new(&[("part.html", "<p>part")]);
    let document = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let navigation = format!("{document}\r\nUpgrade-Insecure-Requests: 1");
    let referer = "Referer: http://192.168.1.2/";
    let upgradable = format!("Upgrade-Insecure-Requests: 1\r\n{document}\r\n{referer}");
    for (fields, is_page) in [
        (&*navigation, true),
        (&*upgradable, true),
        (&*format!("Accept: image/avif,image/*,*/*;q=0.8\r\n{referer}"), false),
        (&*format!("Accept: */*\r\n{referer}"), false),
        (&*format!("Accept: application/json\r\n{referer}"), false),
        (&*format!("Accept: text/html, */*; q=0.01\r\n{referer}"), false),
        (&*format!("Accept: text/html\r\n{referer}"), false),
        (&*format!("{document}\r\n{referer}\r\nSec-Purpose: prefetch"), false),
        (referer, false),
        // Of a page whose policy keeps the referrer back.
        ("Accept: text/html", false),
        ("Accept: */*", false),
    ] {
        let fields =
            format!("Host: 192.168.1.2\r\nUser-Agent: Mozilla/5.0 (Linux)\r\n{fields}\r\n");
        let (missing, part) = (editing.ask("/missing", &fields), editing.ask("/part", &fields));
        assert_eq!(missing.status, if is_page { 200 } else { 404 }, "{fields}");
        assert_eq!(missing.text().contains("live.js"), is_page, "{fields}");
        assert_eq!(part.text() != "<p>part", is_page, "{fields}");
    }
}

#[test]
fn a_file_to_be_saved_is_as_it_is_and_a_page_by_a_service_worker_is_live() {
    let editing = Editing::new(&[("a.html", "<p>a")]);
    for (fields, is_page, status) in [
        ("Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: empty\r\n", false, 404),
        (
            "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: empty\r\n\
             Upgrade-Insecure-Requests: 1\r\n",
            true,
            200,
        ),
        ("Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", true, 200),
        // What an `object` shows is a page of its own; what is missing shows its content.
        ("Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: object\r\n", true, 404),
    ] {
        let fields = format!("Host: localhost\r\n{fields}");
        assert_eq!(editing.ask("/a", &fields).text() != "<p>a", is_page, "{fields}");
        assert_eq!(editing.ask("/b", &fields).status, status, "{fields}");
    }
}

#[test]
fn a_page_finds_the_script_by_its_own_depth_and_in_every_folder() {
    let editing = Editing::new(&[("a/b/c.html", "<p>c"), ("a/index.html", "<p>a")]);
    for (target, up) in
        [("/a/", "../"), ("/a/b/c", "../../"), ("/none/such/", "../../"), ("/echo", "")]
    {
        let (page, _) = editing.navigate(target);
        let expected = format!(" src=\"{up}_pagepool/live.js?{}\"", live::script_hash());
        assert!(page.contains(&expected), "{page}");
        assert!(page.contains(&format!(" data-page=\"{target}\"")), "{page}");
    }
    assert_eq!(editing.server.get("/a/b/_pagepool/live.js").text(), live::SCRIPT);
    let (_, version) = editing.navigate("/a/b/c");
    let mut tab = editing.connect_by("/x/_pagepool/live", "/a/b/c", &version);
    assert_eq!(tab.hear(), json!({ "type": "current" }));
}

#[test]
fn below_a_path_all_is_as_it_is_at_the_root() {
    let files = [
        ("index.html", "<p>{{ page.url }} {{ request.path }} {{ request.target }}"),
        ("a/index.html", "<p>one"),
    ];
    let editing = Editing::below("/docs/site/", folder(&files), true);
    let plain = "Host: localhost\r\n";
    assert_eq!(editing.ask("/docs/site/?q", plain).text(), "<p>/ / /?q");
    for (target, location) in [
        ("/", "/docs/site/"),
        ("/docs/site", "/docs/site/"),
        ("/docs/site?a=b", "/docs/site/?a=b"),
        ("/docs/site/a?b", "/docs/site/a/?b"),
    ] {
        let answer = editing.ask(target, plain);
        assert_eq!((answer.status, answer.field("Location")), (301, Some(location)), "{target}");
        assert!(answer.text().contains(&format!("href=\"{location}\"")), "{target}");
    }
    for target in ["/a/", "/docs/", "/docs/sites/", "/_pagepool/live.js", "/_pagepool/live"] {
        let answer = editing.ask(target, plain);
        assert_eq!(answer.status, 404, "{target}");
        let help = format!("`{target}` would be `/docs/site{target}` there");
        assert!(answer.text().contains(&help), "{}", answer.text());
    }
    let echo = editing.ask("/docs/site/ab", plain);
    assert!(echo.text().contains("request with path /docs/site/ab</p>"), "{}", echo.text());
    assert!(echo.text().contains("href=\"/docs/site/a/\""), "{}", echo.text());
    let (page, version) = editing.navigate("/docs/site/a/");
    assert!(page.contains("src=\"../_pagepool/live.js?") && page.contains("data-page=\"/a/\""));
    let socket = "/docs/site/_pagepool/live";
    assert_eq!(editing.server.get("/docs/site/_pagepool/live.js").text(), live::SCRIPT);
    let mut tab = editing.connect_by(socket, "/a/", &version);
    assert_eq!(tab.hear(), json!({ "type": "current" }));
    editing.write("a/index.html", "<p>two");
    tab.catches_up(&editing, "/docs/site/a/");
    // A page that reads its request is made again for the same one.
    let (_, version) = editing.navigate("/docs/site/?q");
    let mut tab = editing.connect_by(socket, "/?q", &version);
    assert_eq!(tab.hear(), json!({ "type": "current" }));
    editing.write("index.html", "<p>{{ request.target }} {{ page.url }}");
    tab.catches_up(&editing, "/docs/site/?q");
}

#[test]
fn both_forms_of_a_page_are_kept_apart() {
    let editing = Editing::new(&[("a.html", &"<p>a".repeat(200))]);
    for _ in 0..2 {
        let (shown, plain) =
            (editing.ask("/a", NAVIGATION), editing.ask("/a", "Host: localhost\r\n"));
        assert_ne!(shown.field("ETag"), plain.field("ETag"));
        let vary = format!("Accept-Encoding, {VARY}");
        let varies = [&shown, &plain].map(|answer| answer.field("Vary") == Some(&vary));
        assert_eq!(varies, [true; 2]);
        let etag = shown.field("ETag").unwrap();
        let again = editing.ask("/a", &format!("{NAVIGATION}If-None-Match: {etag}\r\n"));
        assert_eq!(again.status, 304);
        let other = editing.ask("/a", &format!("Host: localhost\r\nIf-None-Match: {etag}\r\n"));
        assert_eq!(other.status, 200);
    }
}

#[test]
fn a_head_says_what_its_get_would() {
    let editing = Editing::new(&[("a.html", "<p>a")]);
    let length = |client: &mut Client| {
        let head = client.head();
        common::field(&head, "Content-Length").unwrap().parse::<usize>().unwrap()
    };
    let mut client = editing.server.connect();
    client.send(format!("HEAD /a HTTP/1.1\r\n{NAVIGATION}\r\n"));
    assert_eq!(length(&mut client), editing.navigate("/a").0.len());
    client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(length(&mut client), "<p>a".len());
}

#[test]
fn the_script_is_kept_for_ever_under_its_own_name() {
    let editing = Editing::new(&[("a.html", "<p>a")]);
    let (page, _) = editing.navigate("/a");
    let url = page.split_once("src=\"").unwrap().1.split_once('"').unwrap().0;
    let answer = editing.server.get(&format!("/{url}"));
    assert_eq!(answer.field("Content-Type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(answer.field("Cache-Control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(answer.text(), live::SCRIPT);
    let other = editing.server.get("/_pagepool/live.js?of-another-server");
    assert_eq!(other.field("Cache-Control"), Some("no-cache"));
}

#[test]
fn the_log_is_of_the_pages_alone() {
    let editing = Editing::new(&[("a.html", "<p>a")]);
    let _tab = editing.open("/a");
    // On one connection, so that the one would be written down before the other.
    let mut client = editing.server.connect();
    client.get("/_pagepool/live.js");
    client.get("/end");
    let mut lines: Vec<String> = std::iter::repeat_with(|| editing.server.event())
        .map(|event| match event {
            Event::Exchange(exchange) => exchange.request_line,
            Event::Message(message) | Event::Started { text: message, .. } => message,
        })
        .take(2)
        .collect();
    // Workers hand their lines over each when it has some.
    lines.sort();
    assert_eq!(lines, ["GET /a HTTP/1.1", "GET /end HTTP/1.1"]);
}

#[test]
fn without_live_editing_there_is_no_trace_of_it() {
    let folder = folder(&[("a.html", "<p>a")]);
    let server = TestServer::start(common::app(folder.path()), options());
    let mut client = server.connect();
    client.send(format!("GET /a HTTP/1.1\r\n{NAVIGATION}\r\n"));
    assert_eq!(client.answer().text(), "<p>a");
    for path in ["/_pagepool/live.js", "/_pagepool/live"] {
        assert!(server.get(path).text().contains(&format!("request with path {path}")));
    }
}

#[test]
fn pages_of_other_sites_cannot_listen() {
    let editing = Editing::new(&[]);
    let answer = editing.ask(
        "/_pagepool/live",
        "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Origin: http://evil.example\r\n",
    );
    assert_eq!(answer.status, 403);
    assert_eq!(editing.server.get("/_pagepool/live").status, 426);
}

#[test]
fn a_save_arrives_whatever_way_it_is_made() {
    for watches in [true, false] {
        let files = [("_layout.html", "{% block b %}{% endblock %}"), ("_i.html", "i")];
        let page =
            ("a.html", "{% extends '_layout.html' %}{% block b %}<p>{% include '_i.html' %}");
        let editing = Editing::of(folder(&[&files[..], &[page]].concat()), watches);
        editing.write("a.html", &format!("{}{{% endblock %}}", page.1));
        let mut tab = editing.open("/a");
        editing.write("a.html", &format!("{}<p>more{{% endblock %}}", page.1));
        tab.catches_up(&editing, "/a");
        editing.write("_layout.html", "<h1>a</h1>{% block b %}{% endblock %}");
        tab.catches_up(&editing, "/a");
        editing.write("_i.html", "j");
        tab.catches_up(&editing, "/a");
        let next = editing.folder.path().join(".a.html.swp");
        write(&next, "<p>renamed");
        fs::rename(next, editing.folder.path().join("a.html")).unwrap();
        tab.catches_up(&editing, "/a");
    }
}

#[test]
fn twenty_tabs_hear_of_what_they_show_and_of_nothing_else() {
    let files: Vec<(String, String)> =
        (0..20).map(|n| (format!("{n}.html"), format!("<p>{n}"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let editing = Editing::new(&files);
    let mut tabs: Vec<Tab> = (0..20).map(|n| editing.open(&format!("/{n}"))).collect();
    for (n, tab) in tabs.iter_mut().enumerate() {
        editing.write(&format!("{n}.html"), "<p>new");
        // A message for another page would come before the one for its own.
        tab.catches_up(&editing, &format!("/{n}"));
    }
    editing.write("19.html", "<p>newer");
    tabs[19].catches_up(&editing, "/19");
}

#[test]
fn errors_come_and_go_and_so_do_pages() {
    let editing = Editing::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let (mut a, mut b, mut c) = (editing.open("/a"), editing.open("/b"), editing.open("/c"));
    editing.write("a.html", "{{ nobody }}");
    assert!(a.hear()["html"].as_str().unwrap().contains("a.html:1:4"));
    editing.write("a.html", "<p>a");
    assert_eq!(a.hear(), json!({ "type": "fixed" }));
    let path = |name: &str| editing.folder.path().join(name);
    fs::rename(path("b.html"), path("c.html")).unwrap();
    assert_eq!(b.hear(), json!({ "type": "navigate", "url": "/c" }));
    assert_eq!(c.hear()["type"], "reload");
    fs::remove_file(path("a.html")).unwrap();
    assert_eq!(a.hear()["type"], "reload");
}

#[test]
fn a_server_that_was_started_again_knows_what_it_would_send() {
    let editing = Editing::new(&[("a.html", "<p>a")]);
    let (_, version) = editing.navigate("/a");
    let Editing { server, folder } = editing;
    drop(server);
    let editing = Editing::of(folder, true);
    assert_eq!(editing.connect("/a", &version).hear(), json!({ "type": "current" }));
    let Editing { server, folder } = editing;
    drop(server);
    write(&folder.path().join("a.html"), "<p>b");
    let editing = Editing::of(folder, true);
    assert_eq!(editing.connect("/a", &version).hear()["type"], "reload");
    editing.open("/a");
}

#[test]
fn ten_thousand_pages_are_no_burden() {
    let editing = Editing::new(&[("a.html", "<p>0")]);
    for n in 0..10_000 {
        editing.write(&format!("{}/{n}.html", n / 100), "<p>");
    }
    let mut tab = editing.open("/a");
    for n in 1..10 {
        editing.write("a.html", &format!("<p>{n}"));
        tab.catches_up(&editing, "/a");
    }
    fs::remove_dir_all(editing.folder.path()).unwrap();
    assert_eq!(tab.hear()["type"], "reload");
    let mut tab = editing.open("/a");
    editing.write("a.html", "<p>back");
    assert_eq!(tab.hear()["type"], "reload");
}

#[test]
fn a_tab_that_does_not_read_gets_the_newest_state_and_not_all_before() {
    let text = |n: usize| format!("<p>{n} {}", "x".repeat(200_000));
    let editing = Editing::new(&[("a.html", &text(0))]);
    let (mut reader, mut sleeper) = (editing.open("/a"), editing.open("/a"));
    // 16 MB of patches, of which the sockets hold a few.
    for n in 1..=40 {
        editing.write("a.html", &text(n));
        reader.catches_up(&editing, "/a");
    }
    let messages = std::iter::repeat_with(|| sleeper.hear());
    let patches = messages.take_while(|message| message["type"] == "patch").count();
    assert!(patches < 39, "{patches}");
    // That was the reload, and nothing comes after it until the page changes again.
    editing.write("a.html", "<p>");
    assert_eq!(sleeper.hear()["type"], "reload");
}

#[test]
fn tabs_that_talk_without_end_delay_nobody() {
    let editing = Editing::new(&[("a.html", "<p>0"), ("b.html", "<p>{{ request.query.n }}")]);
    let mut tab = editing.open("/a");
    let mut talkers: Vec<Tab> = (0..20).map(|_| editing.connect("/b?n", "unknown")).collect();
    let mut said = 0;
    for round in 1..=10 {
        for (n, talker) in talkers.iter_mut().enumerate() {
            for _ in 0..20 {
                let names: Vec<String> = (said..said + 20).map(|k| format!("/{n}/{k}")).collect();
                talker.say(&json!({ "resources": names }));
                talker.say(&json!({ "page": format!("/b?n={said}"), "version": "unknown" }));
                said += 20;
            }
        }
        editing.write("a.html", &format!("<p>{round}"));
        tab.catches_up(&editing, "/a");
    }
    // A tab that comes now is heard as well.
    editing.open("/b?n=new");
    for talker in &mut talkers {
        assert_eq!(talker.hear()["type"], "reload");
    }
}

#[test]
fn sockets_that_open_and_close_without_end_delay_nobody() {
    let editing = Editing::new(&[("a.html", "<p>0")]);
    let mut tab = editing.open("/a");
    let (_, version) = editing.navigate("/a");
    for n in 1..=10 {
        (0..50).for_each(|_| drop(editing.connect("/a", &version)));
        editing.write("a.html", &format!("<p>{n}"));
        tab.catches_up(&editing, "/a");
    }
}

/// Ends the threads of a test, even if it fails.
struct SetWhenDropped<'a>(&'a AtomicBool);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Makes a release whose page includes a piece and names its style, and switches to it.
fn release(folder: &Path, n: usize) {
    let path = folder.join(n.to_string());
    let page =
        format!("<link rel=stylesheet href=style-{n}.css><p>{n}{{% include '_part.html' %}}");
    write(&path.join("a.html"), &page);
    write(&path.join("_part.html"), &format!("<p>{n}"));
    write(&path.join("style.css"), &format!("p {{ order: {n} }}"));
    write(&path.join(format!("style-{n}.css")), "");
    std::os::unix::fs::symlink(n.to_string(), folder.join("new")).unwrap();
    fs::rename(folder.join("new"), folder.join("link")).unwrap();
}

/// The release that a page is wholly of.
fn release_of(page: &str) -> usize {
    let n: usize = page.split_once("<p>").unwrap().1.split_once("<p>").unwrap().0.parse().unwrap();
    let whole = format!("<link rel=stylesheet href=style-{n}.css><p>{n}<p>{n}");
    assert!(page.ends_with(&whole), "{page}");
    n
}

/// Waits for a reload. The style of the page, which goes and comes with it, may be sent first.
fn hear_reload(tab: &mut Tab) {
    let mut messages = std::iter::repeat_with(|| tab.hear());
    let message = messages.find(|message| message["type"] != "style").unwrap();
    assert_eq!(message["type"], "reload");
}

#[test]
fn a_switched_root_is_followed_by_the_next_request_and_in_open_tabs() {
    const RELEASES: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    release(folder.path(), 0);
    let editing = Editing::at(folder, "link", "/", true);
    let mut tab = editing.open("/a");
    tab.say(&json!({ "resources": ["/style.css"] }));
    let (is_over, server) = (&AtomicBool::new(false), &editing.server);
    std::thread::scope(|scope| {
        for fields in [NAVIGATION, "Host: localhost\r\n"] {
            scope.spawn(move || {
                let (mut client, mut newest) = (server.connect(), 0);
                while !is_over.load(Ordering::SeqCst) {
                    client.send(format!("GET /a HTTP/1.1\r\n{fields}\r\n"));
                    let n = release_of(client.answer().text());
                    assert!(n >= newest, "{n} after {newest}");
                    newest = n;
                }
            });
        }
        let _end = SetWhenDropped(is_over);
        for n in 1..=RELEASES {
            release(editing.folder.path(), n);
            for (target, text) in [("/a", "<p>"), ("/style.css", "order: ")] {
                let answer = editing.ask(target, "Host: localhost\r\n");
                assert!(answer.text().contains(&format!("{text}{n}")), "{}", answer.text());
            }
            fs::remove_dir_all(editing.folder.path().join((n - 1).to_string())).unwrap();
            // The page and its style, in any order, and any that were missed between.
            let (version, mut waits) = (editing.navigate("/a").1, [true, true]);
            while waits != [false, false] {
                let message = tab.hear();
                match message["type"].as_str().unwrap() {
                    "patch" => waits[0] &= message["to"] != version,
                    "style" => waits[1] = false,
                    _ => panic!("{message}"),
                }
            }
        }
    });
    // The root itself is gone for a while, with all that it leads to.
    fs::remove_file(editing.folder.path().join("link")).unwrap();
    fs::remove_dir_all(editing.folder.path().join(RELEASES.to_string())).unwrap();
    hear_reload(&mut tab);
    let mut tab = editing.open("/a");
    release(editing.folder.path(), RELEASES + 1);
    hear_reload(&mut tab);
    let mut tab = editing.open("/a");
    editing.write("link/_part.html", "<p>saved");
    tab.catches_up(&editing, "/a");
}

//! Folders of pages, asked through `Site::respond` alone.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::{Arc, Weak},
    time::SystemTime,
};

use tempfile::TempDir;

use super::*;
use crate::{
    http::{self, StatusCode, prepared::Prepared, response::Response},
    site::{
        files::folder::Unreadable,
        templates::{context, limits, recorder},
    },
};

mod limits_tests;

const FUEL: u64 = 100_000;

/// A folder of pages, gone with the value.
pub(super) struct Pages {
    folder: TempDir,
    pub(super) site: Site,
}

/// A response, read to its end.
struct Answer {
    response: Arc<Prepared>,
    body: String,
}

impl Pages {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, |_| {})
    }

    pub(super) fn with(files: &[(&str, &str)], change: impl FnOnce(&mut SiteOptions)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut options =
            SiteOptions { fuel: FUEL, cache_max_bytes: 1 << 20, ..SiteOptions::default() };
        change(&mut options);
        let site = Site::open(folder.path(), options).unwrap();
        let pages = Self { folder, site };
        for (name, text) in files {
            pages.write(name, text);
        }
        pages
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Renders a file without a request.
    fn render(
        &self,
        name: &str,
    ) -> (Result<String, minijinja::Error>, crate::site::templates::recorder::Recording) {
        let folder = self.site.root.check();
        self.site.templates.render(&folder, name, minijinja::context! {}, None)
    }

    fn get(&self, target: &str) -> Answer {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn get_with(&self, target: &str, field: &str) -> Answer {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"))
    }

    fn ask(&self, head: &str) -> Answer {
        self.ask_with(head, |asked| self.site.respond(asked.request, asked.now).at_once())
    }

    /// What answers a request with this method and these fields, as it is at first.
    pub(super) fn answer(&self, method: &str, target: &str, fields: &str) -> http::answer::Answer {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let respond = |asked: RequestContext<'_>| self.site.respond(asked.request, asked.now);
        self.site.with_request(head.as_bytes(), SystemTime::now(), respond).unwrap()
    }

    fn ask_with(
        &self,
        head: &str,
        respond: impl FnOnce(RequestContext<'_>) -> Arc<Prepared>,
    ) -> Answer {
        let plainly = |asked: RequestContext<'_>| {
            respond(RequestContext { path: None, is_followed: false, ..asked })
        };
        let response = self.site.with_request(head.as_bytes(), SystemTime::now(), plainly).unwrap();
        let bytes = response.body.read().unwrap();
        Answer { body: String::from_utf8_lossy(&bytes).into_owned(), response }
    }
}

impl Answer {
    fn status(&self) -> u16 {
        self.response.status.as_u16()
    }

    fn field(&self, name: &str) -> &str {
        self.response.get(name).unwrap_or_default()
    }

    fn source(&self) -> &str {
        self.response.note.source.as_deref().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.response.note.message.as_deref().unwrap_or_default()
    }

    /// Whether it is the path-echo page for `target`.
    fn echoes(&self, target: &str) -> bool {
        self.body.contains(&format!("The server got a request with path {target}</p>"))
    }
}

/// What answers `target`: a file's name, `-> /where`, or `echo`.
fn route(pages: &Pages, target: &str) -> String {
    let answer = pages.get(target);
    match answer.status() {
        301 => format!("-> {}", answer.field("Location")),
        200 if answer.echoes(target) => "echo".to_owned(),
        200 => answer.source().to_owned(),
        status => status.to_string(),
    }
}

#[test]
fn routes_as_the_table_says() {
    let files = [
        "index.html",
        "about.html",
        "style.css",
        "docs/index.html",
        "both.html",
        "both/index.html",
        "deep/er/page.html",
        "_layout.html",
        "a/_b/c.html",
        ".env",
        ".well-known/security.txt",
        "a b#%[+.html",
        "café.html",
        "plain",
        "plain.html",
        "line\nbreak.html",
        "v1.2.html",
        "empty/.keep",
    ];
    let pages = Pages::new(&files.map(|name| (name, name)));
    for (target, expected) in [
        ("/", "index.html"),
        ("/?x", "index.html"),
        ("/index", "index.html"),
        ("/index.html", "index.html"),
        ("/about", "about.html"),
        ("/about.html", "about.html"),
        ("/about?a=b", "about.html"),
        ("/style.css", "style.css"),
        ("/docs/", "docs/index.html"),
        ("/docs", "-> /docs/"),
        ("/docs?a=1&b=%20", "-> /docs/?a=1&b=%20"),
        ("/docs?", "-> /docs/?"),
        ("//docs", "-> /docs/"),
        ("/about/", "-> /about"),
        ("/about/?q", "-> /about?q"),
        ("/about.html/", "echo"),
        ("/style.css/", "echo"),
        ("/both", "both.html"),
        ("/both/", "both/index.html"),
        ("/deep", "echo"),
        ("/deep/", "echo"),
        ("/deep/er/page", "deep/er/page.html"),
        ("/deep/er/page/", "-> /deep/er/page"),
        ("/deep/./x/../er/page", "deep/er/page.html"),
        ("/_layout", "echo"),
        ("/_layout.html", "echo"),
        ("/%5flayout", "echo"),
        ("/a/_b/c", "echo"),
        ("/.env", "echo"),
        ("/%2eenv", "echo"),
        ("/.well-known/security.txt", ".well-known/security.txt"),
        ("/a%20b%23%25%5B+", "a b#%[+.html"),
        ("/a%20b%23%25%5B%2B/", "-> /a%20b%23%25%5B+"),
        ("/a+b%23%25%5B+", "echo"),
        ("/caf%C3%A9", "café.html"),
        ("/line%0Abreak", "line\nbreak.html"),
        ("/line%0Abreak/", "-> /line%0Abreak"),
        ("/plain", "plain"),
        ("/plain/", "-> /plain"),
        ("/v1.2", "v1.2.html"),
        ("/About", "echo"),
        ("/STYLE.css", "echo"),
        ("/empty/", "echo"),
        ("/nothing", "echo"),
        ("/%2e%2e/%2e%2e/etc/passwd", "echo"),
        ("/%00", "echo"),
        ("/about%00", "echo"),
        ("/%ff", "echo"),
        ("/..%2fabout", "echo"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
}

#[test]
fn over_long_names_are_not_there() {
    let pages = Pages::new(&[]);
    for len in [250, 255, 256, 5000] {
        let target = format!("/{}", "a".repeat(len));
        assert_eq!(route(&pages, &target), "echo");
        assert_eq!(route(&pages, &format!("{target}/b")), "echo");
    }
    assert_eq!(route(&pages, &format!("/{}", "a/".repeat(3000))), "echo");
}

#[test]
fn follows_links_inside_the_root_only() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.html"), "secret").unwrap();
    let pages = Pages::new(&[
        ("real.html", "real"),
        ("folder/index.html", "index"),
        ("uses.html", "{% include 'out.html' %}"),
        ("fallen.html", "page"),
    ]);
    for (link, to) in [
        ("in.html", PathBuf::from("real.html")),
        ("Real.html", PathBuf::from("real.html")),
        ("alias", PathBuf::from("folder")),
        ("absolute.html", pages.path("real.html")),
        ("up.html", PathBuf::from("folder/../real.html")),
        ("out.html", outside.path().join("secret.html")),
        ("outer", outside.path().to_owned()),
        ("fallen", outside.path().join("secret.html")),
        ("dangling.html", PathBuf::from("nowhere")),
        ("loop.html", PathBuf::from("loop.html")),
    ] {
        symlink(to, pages.path(link)).unwrap();
    }
    for (target, expected) in [
        ("/in", "in.html"),
        ("/Real", "Real.html"),
        ("/alias/", "alias/index.html"),
        ("/alias", "-> /alias/"),
        ("/absolute", "absolute.html"),
        ("/up", "up.html"),
        ("/out", "echo"),
        ("/out.html", "echo"),
        ("/outer/secret", "echo"),
        ("/outer/secret.html", "echo"),
        ("/fallen", "fallen.html"),
        ("/dangling", "echo"),
        ("/loop", "echo"),
        ("/uses", "500"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
    assert!(pages.get("/uses").body.starts_with("error: `out.html` leads out of the folder"));
}

#[test]
fn a_page_that_becomes_a_link_out_of_the_root_is_gone() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("a.html"), "secret").unwrap();
    let pages = Pages::new(&[("a.html", "page")]);
    assert_eq!(pages.get("/a").body, "page");
    fs::remove_file(pages.path("a.html")).unwrap();
    symlink(outside.path().join("a.html"), pages.path("a.html")).unwrap();
    assert_eq!(route(&pages, "/a"), "echo");
}

#[test]
fn what_is_no_regular_file_is_not_there() {
    let pages = Pages::new(&[("_x", "")]);
    let made = std::process::Command::new("mkfifo")
        .args([pages.path("pipe"), pages.path("pipe.html")])
        .status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(pages.path("socket")).unwrap();
    symlink("/dev/null", pages.path("null")).unwrap();
    fs::create_dir(pages.path("folder.html")).unwrap();
    for target in ["/pipe", "/pipe.html", "/socket", "/null", "/folder", "/folder.html"] {
        assert_eq!(route(&pages, target), "echo", "{target}");
    }
}

#[test]
fn a_file_that_cannot_be_read_has_a_status_of_its_own() {
    let pages = Pages::new(&[]);
    for (errno, status, retry) in [
        (rustix::io::Errno::ACCESS, 403, ""),
        (rustix::io::Errno::MFILE, 503, "1"),
        (rustix::io::Errno::NFILE, 503, "1"),
        (rustix::io::Errno::IO, 500, ""),
    ] {
        let answer = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
            let unreadable = Unreadable { name: "a.html".to_owned(), source: errno.into() };
            let made = pages.site.unreadable(&unreadable, Dependencies::default(), asked);
            pages.site.answer(made, asked).at_once()
        });
        assert_eq!((answer.status(), answer.field("Retry-After")), (status, retry), "{errno}");
        assert!(answer.message().starts_with("`a.html` cannot be read: "));
        assert!(answer.body.contains(answer.message()));
        assert_eq!(answer.field("Cache-Control"), "no-store");
    }
}

#[test]
fn a_file_without_tags_is_served_byte_for_byte() {
    let text = "<!doctype html>\r\n<p>{ a } % # é\n\n";
    let pages = Pages::new(&[("a.html", text)]);
    let answer = pages.get("/a");
    assert_eq!(answer.body, text);
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    assert_eq!(answer.field("Cache-Control"), "no-cache");
}

#[test]
fn layouts_includes_and_imports_are_found() {
    let pages = Pages::new(&[
        ("_layout.html", "<{% block body %}{% endblock %}>{% include './_nav.html' %}"),
        ("_nav.html", "nav"),
        ("_macros.html", "{% macro hi(name) %}hi {{ name }}{% endmacro %}"),
        ("docs/_part.html", "part {% include '../_nav.html' %}"),
        (
            "docs/a.html",
            "{% extends '_layout.html' %}{% block body %}{% import '/_macros.html' as m %}\
             {{ m.hi('<b>') }} {% include ['none.html', './_part.html'] %} \
             {% include 'docs/_part.html' %}{% endblock %}",
        ),
    ]);
    let answer = pages.get("/docs/a");
    assert_eq!(answer.body, "<hi &lt;b&gt; part nav part nav>nav");
    assert_eq!(
        answer.source(),
        "docs/a.html + _layout.html, _macros.html, docs/_part.html, _nav.html"
    );
}

#[test]
fn templates_never_leave_the_root() {
    let pages = Pages::new(&[("x", "")]);
    for name in ["../x.html", "./../x.html", "docs/../../x.html", "/../x.html"] {
        pages.write("a.html", format!("{{% include '{name}' ignore missing %}}"));
        let answer = pages.get("/a");
        assert_eq!(answer.status(), 500, "{name}");
        assert!(answer.body.contains("leads out of the folder of pages"), "{}", answer.body);
        assert!(answer.body.contains("--> a.html:1:"), "{}", answer.body);
    }
}

#[test]
fn templates_see_the_request() {
    let pages = Pages::new(&[]);
    let head = "GET /p%20q?name=a+b&name=c%26&x=%3Cb%3E&flag HTTP/1.1\r\nHost: h:1\r\n\
                User-Agent: test\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1; b = 2=3\r\ncookie: a=9\r\n\r\n";
    for (expression, expected) in [
        ("request.method", "GET"),
        ("request.path", "/p q"),
        ("request.target", "/p%20q?name=a+b&amp;name=c%26&amp;x=%3Cb%3E&amp;flag"),
        ("request.query.name", "a b"),
        ("request.query.x", "&lt;b&gt;"),
        ("request.query.flag ~ '.'", "."),
        ("request.query.none | default('-')", "-"),
        ("request.query_all.name | join('|')", "a b|c&amp;"),
        ("request.query_all | length", "3"),
        ("request.headers['User-Agent']", "test"),
        ("request.headers['user-agent']", "test"),
        ("request.headers.host", "h:1"),
        ("request.headers['X-a']", "1, 2"),
        ("'x-A' in request.headers", "True"),
        ("request.headers | list | join(' ')", "host user-agent x-a cookie"),
        ("request.headers | items | length", "4"),
        ("request.cookies.a", "1"),
        ("request.cookies.b", "2=3"),
        ("request.host", "h:1"),
        ("request | list | length", "8"),
        ("page.url", "/p q"),
        ("page.file", "p q.html"),
        ("site | length", "0"),
    ] {
        pages.write("p q.html", format!("{{{{ {expression} }}}}"));
        let answer = pages.ask(head);
        assert_eq!(answer.body, expected, "{expression}");
    }
    pages.write("old.html", "[{{ request.host }}]");
    assert_eq!(pages.ask("GET /old HTTP/1.0\r\n\r\n").body, "[]");
}

#[test]
fn a_page_has_one_url_whatever_it_was_asked_for_by() {
    let pages = Pages::new(&[("a/index.html", "{{ page.url }}"), ("b.html", "{{ page.url }}")]);
    for (asked, url) in [("/a/", "/a/"), ("/a/index", "/a/"), ("/b", "/b"), ("/b.html", "/b")] {
        assert_eq!(pages.get(asked).body, url, "{asked}");
    }
}

#[test]
fn templates_see_the_site() {
    #[derive(serde::Serialize)]
    struct Table {
        title: &'static str,
        tags: [&'static str; 2],
    }
    let table = Table { title: "A & B", tags: ["x", "y"] };
    let pages = Pages::with(&[("a.html", "{{ site.title }} {{ site.tags | join }}")], |options| {
        options.site = SiteValues::new(&table);
    });
    assert_eq!(pages.get("/a").body, "A &amp; B xy");
}

#[test]
fn every_edit_is_seen_at_once() {
    let pages = Pages::new(&[
        ("page.html", "{% extends '_layout.html' %}{% block b %}0{% endblock %}"),
        ("_layout.html", "0{% block b %}{% endblock %}{% include request.query.part %}"),
        ("_part.html", "0"),
    ]);
    let body = || pages.get("/page?part=_part.html").body;
    for round in 0..1000 {
        // One digit each, so that the size stays the same.
        let digit = (b'0' + (round % 10) as u8) as char;
        pages.write("_part.html", format!("{digit}"));
        assert_eq!(body().chars().last(), Some(digit), "in place, round {round}");

        pages.write(
            "new",
            format!("{{% extends '_layout.html' %}}{{% block b %}}{digit}{{% endblock %}}"),
        );
        fs::rename(pages.path("new"), pages.path("page.html")).unwrap();
        assert_eq!(body().chars().nth(1), Some(digit), "renamed over, round {round}");

        let layout = "{% block b %}{% endblock %}{% include request.query.part %}";
        pages.write("_layout.html", format!("{digit}{layout}"));
        assert_eq!(body(), format!("{digit}{digit}{digit}"), "layout, round {round}");
    }
}

/// How many templates are held of those that were loaded: each holds its name.
fn held(names: &[Weak<str>]) -> usize {
    names.iter().filter(|name| name.strong_count() > 0).count()
}

#[test]
fn a_template_that_was_replaced_is_let_go() {
    let pages = Pages::new(&[]);
    let mut names = Vec::new();
    for round in 0..1000 {
        pages.write("new", format!("{{{{ {round} }}}}"));
        fs::rename(pages.path("new"), pages.path("page.html")).unwrap();
        let (rendered, reads) = pages.render("page.html");
        assert_eq!((rendered.unwrap(), reads.loads), (round.to_string(), 1));
        names.push(Arc::downgrade(&reads.files[0].name));
    }
    let held = held(&names);
    assert!((1..10).contains(&held), "{held} templates are held");
}

#[test]
fn a_file_comes_and_goes_at_once() {
    let pages = Pages::new(&[("user.html", "{% include '_part.html' ignore missing %}.")]);
    for round in 0..1000 {
        assert_eq!(route(&pages, "/page"), "echo", "round {round}");
        pages.write("page.html", "page");
        assert_eq!(route(&pages, "/page"), "page.html", "round {round}");
        fs::remove_file(pages.path("page.html")).unwrap();

        assert_eq!(pages.get("/user").body, ".", "round {round}");
        pages.write("_part.html", "part");
        assert_eq!(pages.get("/user").body, "part.", "round {round}");
        fs::remove_file(pages.path("_part.html")).unwrap();
    }
}

#[test]
fn a_file_is_read_again_once_it_has_changed_and_not_before() {
    let pages = Pages::new(&[("a.html", "old")]);
    let render = || {
        let (rendered, reads) = pages.render("a.html");
        (rendered.unwrap(), reads.loads)
    };
    let start = std::time::Instant::now();
    while render() != ("old".to_owned(), 0) {
        assert!(start.elapsed().as_secs() < 30, "it never settles");
    }
    pages.write("a.html", "new");
    assert_eq!(render(), ("new".to_owned(), 1));
}

#[test]
fn a_file_that_was_changed_just_now_is_read_again() {
    let pages = Pages::new(&[]);
    // A machine that stands still for longer than a tick between the write and
    // the render proves nothing, hence the many tries.
    let is_read_twice = (0..100).any(|_| {
        pages.write("a.html", "x");
        let loads = || pages.render("a.html").1.loads;
        (loads(), loads()) == (1, 1)
    });
    assert!(is_read_twice);
}

#[test]
fn a_page_that_goes_away_while_it_is_answered_is_not_there() {
    let pages = Pages::new(&[("a.html", "{{ 1 }}")]);
    let file = pages.site.root.check().open_file("a.html").unwrap().into_file().unwrap();
    fs::remove_file(pages.path("a.html")).unwrap();
    let answer = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
        let made = pages.site.make_of(file, Dependencies::default(), asked);
        pages.site.answer(made, asked).at_once()
    });
    assert!(answer.echoes("/a"));
}

/// On a thread of its own, as a test's has less stack than is asked for.
fn with_render_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(RENDER_STACK_BYTES);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

#[test]
fn a_template_without_end_ends_in_a_report() {
    let pages = Pages::new(&[
        ("_b.html", "{% extends '_c.html' %}"),
        ("_c.html", "{% block x %}{% include 'a.html' %}{% endblock %}"),
    ]);
    let parentheses = format!("{{{{ {}1 }}}}", "(".repeat(5000));
    let ifs = "{% if 1 %}".repeat(5000);
    with_render_stack(|| {
        for source in [
            "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
            "{% macro a() %}{% include 'a.html' %}{% endmacro %}{{ a() }}",
            "{% macro a() %}{{ caller() }}{% call a() %}{{ a() }}{% endcall %}{% endmacro %}{{ a() }}",
            "{% block a %}{{ self.a() }}{% endblock %}",
            "{% block a %}{% for x in [1] %}{{ self.a() }}{% endfor %}{% endblock %}",
            "{% include '_b.html' %}",
            "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
            "{% set x = 'a' * 1000000000 %}",
            &parentheses,
            &ifs,
        ] {
            pages.write("a.html", source);
            assert_eq!(pages.get("/a").status(), 500, "{source:.80}");
        }
    });
}

#[test]
fn a_value_without_end_ends_in_a_report() {
    let pages = Pages::new(&[]);
    let circle = "{% set ns = namespace() %}{% set ns.a = ns %}";
    let deep = "{% set ns = namespace(a=[]) %}\
                {% for n in range(500) %}{% set ns.a = [ns.a] %}{% endfor %}";
    let wide = "{% set ns = namespace(a=[]) %}\
                {% for n in range(90) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}";
    for (source, message) in [
        (circle, "a value contains itself, or others more than 100 deep"),
        (deep, "a value contains itself, or others more than 100 deep"),
        (wide, "this page does more work than `templates.fuel` allows"),
    ] {
        for printed in [
            "ns",
            "[1, ns.a]",
            "{'a': {'b': ns}}",
            "ns | string",
            "ns | tojson",
            "ns | pprint",
            "ns | escape",
            "ns | e",
            "[ns] | join",
            "[1, 2] | join(ns)",
            "[ns] | map('string') | join",
            "ns | upper",
            "ns | lower",
            "ns | title",
            "ns | capitalize",
            "ns | trim",
            "ns | safe",
            "'%s' | format(ns)",
            "{'a': ns} | urlencode",
            "debug(ns)",
            "debug()",
        ] {
            pages.write("a.html", format!("{source}{{{{ {printed} }}}}"));
            let body = pages.get("/a").body;
            assert!(body.starts_with(&format!("error: {message}\n")), "{printed}: {body:.200}");
        }
    }
}

#[test]
fn more_code_than_can_be_compiled_ends_in_a_report() {
    let pages = Pages::new(&[("user.html", "\n{% include 'a.html' %}")]);
    for link in ["|e", "~1", ".a", " and 1", " }}{% elif 0 %}{{ 1"] {
        let chain = link.repeat(1_000_000 / link.len());
        pages.write("a.html", format!("{{{{ a{chain} }}}}"));
        assert_eq!(
            pages.get("/a").body,
            "error: the tags of `a.html` hold more than a template may (32 KiB in one, 256 KiB in all)\n\
             --> a.html\n\
             help: move parts of it into files of their own and `{% include %}` these, or name it \
             in `templates.exclude`\n",
            "{link}"
        );
    }
    assert!(pages.get("/user").body.contains("--> user.html:2:4\n"));
    let text = "text without tags, { or }".repeat(40_000);
    pages.write("a.html", format!("{{{{ 1 }}}}{text}"));
    assert_eq!(pages.get("/a").body.len(), 1 + text.len());
}

#[test]
fn allows_values_a_hundred_deep() {
    let pages = Pages::new(&[]);
    let (half, nested) = ("[".repeat(50), format!("{}1{}", "[".repeat(100), "]".repeat(100)));
    let other_half = "]".repeat(50);
    for printed in ["x", "x | tojson", "x | string", "x | safe"] {
        let set = |value| format!("{{% set x = {half}{value}{other_half} %}}");
        pages.write("a.html", format!("{}{}{{{{ {printed} }}}}", set("1"), set("x")));
        assert_eq!(pages.get("/a").body, nested, "{printed}");
    }
    for (source, printed) in [
        (
            "{{ {'a': [1, '<']} | tojson(indent=2) }}",
            "{\n  \"a\": [\n    1,\n    \"\\u003c\"\n  ]\n}",
        ),
        ("{{ [1, '<'] | join('&') }}", "1&amp;&lt;"),
        ("{{ [{'a': 1}, {'a': 2}] | join('-', attribute='a') }}", "1-2"),
        ("{{ {'a': 'b c'} | urlencode }}", "a=b%20c"),
        ("{{ '<' | e }}{{ '<' | escape }}{{ 1 | string | length }}", "&lt;&lt;1"),
        ("{{ debug(1, 'a') | length }}", "19"),
        ("{{ 'a <' | upper }}{{ 'A' | lower }}{{ 'a b' | title }}", "A &lt;aA B"),
        ("{{ 'ab' | capitalize }}{{ ' a ' | trim }}{{ '<' | safe }}", "Aba<"),
        ("{{ '%s-%d' | format('a', 2) }}", "a-2"),
        ("{{ 'a' | pprint }}", "&#39;a&#39;"),
    ] {
        pages.write("a.html", source);
        assert_eq!(pages.get("/a").body, printed, "{source}");
    }
}

#[test]
fn allows_includes_fourteen_deep() {
    let source =
        "{% if part.n %}{% set part = {'n': part.n - 1} %}{% include '_p.html' %}{% endif %}x";
    let pages = Pages::new(&[
        ("a.html", "{% set part = {'n': 13} %}{% include '_p.html' %}"),
        ("_p.html", source),
    ]);
    with_render_stack(|| assert_eq!(pages.get("/a").body, "x".repeat(14)));
}

#[test]
fn a_crawl_does_not_hold_every_page() {
    let pages = Pages::new(&[]);
    let mut names = Vec::new();
    for number in 0..4200 {
        pages.write("a.html", "");
        let name = format!("{number}.html");
        fs::rename(pages.path("a.html"), pages.path(&name)).unwrap();
        let (rendered, reads) = pages.render(&name);
        rendered.unwrap();
        names.push(Arc::downgrade(&reads.files[0].name));
    }
    let held = held(&names);
    assert!((1..200).contains(&held), "{held} templates are held");
}

#[test]
fn a_page_is_made_from_one_state_of_each_file() {
    let pages = Pages::new(&[
        ("page.html", "{% for n in range(500) %}{% include '_part.html' %}{% endfor %}"),
        ("_part.html", "x"),
    ]);
    let (rendered, reads) = pages.render("page.html");
    assert_eq!(rendered.unwrap(), "x".repeat(500));
    assert_eq!(reads.loads, 2);
}

#[test]
fn asset_and_page_types() {
    let pages = Pages::new(&[("a.css", "{{ x }}"), ("b.svg", "<svg/>"), ("c.bin", "\0")]);
    for (target, content_type, body) in [
        ("/a.css", "text/css; charset=utf-8", "{{ x }}"),
        ("/b.svg", "image/svg+xml; charset=utf-8", "<svg/>"),
        ("/c.bin", "application/octet-stream", "\0"),
    ] {
        let answer = pages.get(target);
        assert_eq!(answer.field("Content-Type"), content_type);
        assert_eq!(answer.field("Cache-Control"), "no-cache");
        assert_eq!(answer.body, body);
    }
}

#[test]
fn excluded_pages_are_served_as_they_are() {
    let pages = Pages::with(
        &[("vendor/a/b.html", "{{ x }}"), ("top.html", "{{ y }}"), ("a/top.html", "{{ 1 }}")],
        |options| options.exclude = vec!["vendor/**".to_owned(), "*.html".to_owned()],
    );
    for (target, body) in [("/vendor/a/b", "{{ x }}"), ("/top", "{{ y }}"), ("/a/top", "1")] {
        let answer = pages.get(target);
        assert_eq!(answer.body, body, "{target}");
        assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
        assert_eq!(answer.message(), "");
    }
}

/// Text in UTF-16, low bytes first, behind a mark or not.
fn utf_16(text: &str, has_mark: bool) -> Vec<u8> {
    let mark = has_mark.then_some(0xfeff);
    mark.into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_page_without_tags_that_is_not_utf_8_is_served_with_a_warning() {
    let pages = Pages::new(&[]);
    for (text, content_type, place) in [
        (&b"<p>caf\xe9</p>"[..], "text/html", "line 1, column 7"),
        (b"a\n\xc3\xa9b\xff{a} { {", "text/html", "line 2, column 3"),
        (&utf_16("<p>a</p>", true), "text/html; charset=utf-16le", "line 1, column 1"),
    ] {
        pages.write("a.html", text);
        let answer = pages.get("/a");
        let body = String::from_utf8_lossy(text);
        assert_eq!((answer.status(), &*answer.body), (200, &*body));
        assert_eq!(answer.field("Content-Type"), content_type);
        assert_eq!(
            answer.message(),
            format!(
                "warning: `a.html` is not UTF-8 ({place}): it is served as it is, and not as a \
                 template; save it as UTF-8, or name it in `templates.exclude`"
            )
        );
    }
}

#[test]
fn a_page_with_tags_that_is_not_utf_8_is_an_error() {
    let sources = [
        (b"caf\xe9 {{ secret }}".to_vec(), "1:4"),
        (b"<p>\n\xc3\xa9 \xff{# secret #}".to_vec(), "2:3"),
        (b"\xff{% set a = 'secret' %}".to_vec(), "1:1"),
        // Beyond the first of its bytes.
        ([b"\xff".repeat(2_000_000), b"{{ secret }}".to_vec()].concat(), "1:1"),
        (utf_16("{{ secret }}", true), "1:1"),
        // This is UTF-8 by its bytes, and UTF-16 to a reader.
        (utf_16("<p>{{ secret }}</p>", false), "1:2"),
        (utf_16("<p>{{ secret }}</p>", false)[1..].to_vec(), "1:1"),
    ];
    for is_production in [false, true] {
        for (n, (source, place)) in sources.iter().enumerate() {
            let pages = Pages::with(
                &[
                    ("user.html", "{% include 'a.html' %}"),
                    ("maybe.html", "{% include 'a.html' ignore missing %}"),
                ],
                |options| options.production = is_production,
            );
            pages.write("a.html", source);
            pages.write("404.html", source);
            for (target, field, file) in [
                ("/a", "X: y", "a.html"),
                ("/a.html", "Range: bytes=0-9", "a.html"),
                ("/a", "Accept: text/html\r\nAccept-Encoding: gzip, br", "a.html"),
                ("/user", "X: y", "user.html"),
                ("/maybe", "X: y", "maybe.html"),
                ("/nowhere", "X: y", "404.html"),
            ] {
                let answer = pages.get_with(target, field);
                assert_eq!(answer.status(), 500, "{n} {target}");
                assert!(!answer.body.replace('\0', "").contains("secret"), "{n} {target}");
                assert_eq!(answer.field("Cache-Control"), "no-store");
                let message = answer.message();
                assert!(message.contains(" is not UTF-8 (line "), "{message}");
                assert!(message.ends_with(
                    "help: save the file as UTF-8, or name it in `templates.exclude`\n"
                ));
                if file != "user.html" && file != "maybe.html" {
                    assert!(message.contains(&format!("--> {file}:{place}\n")), "{n} {message}");
                }
                assert_eq!(is_production, !answer.body.contains("UTF-8"), "{}", answer.body);
            }
            // And when it is mended, it is there; in production within a second.
            pages.write("a.html", "{{ 1 }}");
            let wait = cache::interval(is_production);
            let mended = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
                pages.site.respond(asked.request, asked.now + wait).at_once()
            });
            assert_eq!(mended.body, "1");
        }
        let excluded = Pages::with(&[], |options| {
            options.production = is_production;
            options.exclude = vec!["a.html".to_owned()];
        });
        excluded.write("a.html", &sources[0].0);
        assert_eq!(excluded.get("/a").status(), 200);
    }
}

/// What a request for `target` gets: its status, length and message. The body, which
/// may be long, is not read.
fn outcome(pages: &Pages, target: &str) -> (u16, u64, String) {
    let mut outcome = None;
    pages.ask_with(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"), |asked| {
        let response = pages.site.respond(asked.request, asked.now).at_once();
        let message = response.note.message.clone().unwrap_or_default();
        outcome = Some((response.status.as_u16(), response.body.len(), message));
        Response::empty(StatusCode::OK).into()
    });
    outcome.unwrap()
}

#[test]
fn a_huge_page_is_served_if_it_holds_no_tags_and_never_compiled() {
    use std::os::unix::fs::FileExt;
    let pages = Pages::new(&[("a.html", "")]);
    let file = fs::File::options().write(true).open(pages.path("a.html")).unwrap();
    const MIB: u64 = 1024 * 1024;
    // Holes, in which nothing stands.
    for (len, tag_at, status) in [
        (16 * MIB + 1, None, 200),
        (32 * MIB, None, 200),
        (32 * MIB, Some(0), 500),
        // The first piece ends within it.
        (32 * MIB, Some(64 * 1024 + 3), 500),
        (32 * MIB, Some(20 * MIB - 1), 500),
        (32 * MIB, Some(32 * MIB - 2), 500),
        (32 * MIB + 1, None, 500),
        (2048 * MIB, None, 500),
    ] {
        file.set_len(0).unwrap();
        file.set_len(len).unwrap();
        if let Some(at) = tag_at {
            file.write_all_at(b"{%", at).unwrap();
        }
        let (rendered, _) = pages.render("a.html");
        assert!(rendered.unwrap_err().to_string().contains("larger than a template may be"));
        for _ in 0..2 {
            let (found, sent, message) = outcome(&pages, "/a");
            assert_eq!((found, sent == len), (status, status == 200), "{len} {tag_at:?}");
            let start = if status == 200 { "warning: " } else { "error: " };
            assert!(message.starts_with(start), "{message}");
            assert!(message.contains("make it smaller, or name it in `templates.exclude`"));
        }
    }
}

#[test]
fn a_large_page_is_searched_once_for_each_state() {
    use std::os::unix::fs::FileExt;
    let pages = Pages::new(&[("a.html", "")]);
    let file = fs::File::options().write(true).open(pages.path("a.html")).unwrap();
    file.set_len(17 * 1024 * 1024).unwrap();
    let start = std::time::Instant::now();
    while pages.site.searched.states() == 0 {
        assert_eq!(outcome(&pages, "/a").0, 200);
        assert!(start.elapsed().as_secs() < 30, "it never settles");
    }
    assert_eq!(outcome(&pages, "/a").0, 200);
    assert_eq!(pages.site.searched.states(), 1);
    file.write_all_at(b"{{", 9_999_999).unwrap();
    assert_eq!(outcome(&pages, "/a").0, 500);
}

#[test]
fn a_page_in_compressed_form_is_not_there() {
    let pages = Pages::with(&[("vendor/a.html", "{{ x }}")], |options| {
        options.production = true;
        options.fallback = Fallback::NotFound;
        options.exclude = vec!["vendor/**".to_owned()];
    });
    for extension in ["br", "gz", "zst"] {
        for name in ["a.html", "alone.html", "vendor/a.html", "a.css", "folder.html"] {
            pages.write(&format!("{name}.{extension}"), "coded");
        }
        // Which is kept now.
        assert_eq!(pages.get(&format!("/a.html.{extension}")).status(), 200);
    }
    pages.write("a.html", "{{ secret }}");
    fs::create_dir(pages.path("folder.html")).unwrap();
    let later = SystemTime::now() + std::time::Duration::from_secs(2);
    for extension in ["br", "gz", "zst"] {
        for (name, status) in [
            ("a.html", 404),
            ("alone.html", 200),
            ("vendor/a.html", 200),
            ("a.css", 200),
            ("folder.html", 200),
        ] {
            let head = format!("GET /{name}.{extension} HTTP/1.1\r\nHost: h\r\n\r\n");
            let answer =
                pages.ask_with(&head, |asked| pages.site.respond(asked.request, later).at_once());
            assert_eq!(answer.status(), status, "{name}.{extension}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_dropped() {
    let pages =
        Pages::new(&[("a.html", "\u{feff}a{% include '_b.html' %}"), ("_b.html", "\u{feff}b")]);
    assert_eq!(pages.get("/a").body, "ab");
}

#[test]
fn echoes_the_path() {
    let pages = Pages::new(&[]);
    let answer = pages.get("/foo/bar?x=%3C");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.field("Cache-Control"), "no-store");
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    for part in [
        "<title>A test page</title>",
        "<h1>Testing</h1>",
        "<p>The server got a request with path /foo/bar?x=%3C</p>",
    ] {
        assert!(answer.body.contains(part), "{part} in {}", answer.body);
    }
}

#[test]
fn the_echo_page_escapes_the_target() {
    let pages = Pages::new(&[]);
    let answer = pages.get("/<script>alert('1')</script>?\"&");
    assert!(answer.echoes("/&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;?&quot;&amp;"));
    assert!(!answer.body.contains("<script"));
}

#[test]
fn the_echo_page_says_what_would_make_a_page() {
    let pages = Pages::new(&[("about us.html", ""), ("docs/Intro.html", ""), ("index.html", "")]);
    let folder = pages.folder.path().display();
    let body = pages.get("/about%20u").body;
    for name in ["about u", "about u.html", "about u/index.html"] {
        assert!(body.contains(&format!("<li><code>{folder}/{name}</code></li>")), "{body}");
    }
    assert!(body.contains(r#"<li><a href="/about%20us">/about us</a></li>"#), "{body}");
    let body = pages.get("/docs/intro").body;
    assert!(
        body.contains(r#"There is <a href="/docs/Intro">/docs/Intro</a>: letter case"#),
        "{body}"
    );
    pages.write("guide/index.html", "");
    let body = pages.get("/gide").body;
    assert!(body.contains(r#"<li><a href="/guide/">/guide/</a></li>"#), "{body}");
    pages.write("Blog/index.html", "");
    let body = pages.get("/blog").body;
    assert!(body.contains(r#"There is <a href="/Blog/">/Blog/</a>"#), "{body}");
    pages.write("style.css", "");
    let body = pages.get("/style.css/").body;
    assert!(body.contains(r#"<li><a href="/style.css">"#), "{body}");
    assert!(!body.contains("letter case"), "{body}");
    let body = pages.get("/_layout").body;
    assert!(body.contains("are never served"), "{body}");
    let body = pages.get("/%00").body;
    assert!(body.contains("No file can have such a name"), "{body}");
}

#[test]
fn the_echo_page_keeps_to_itself_in_production() {
    let pages = Pages::with(&[("about.html", "")], |options| options.production = true);
    let body = pages.get("/abut").body;
    assert!(body.contains("path /abut</p>"));
    assert!(!body.contains("about") && !body.contains("<hr>"), "{body}");
}

#[test]
fn a_missing_part_of_a_page_is_missing() {
    let pages = Pages::new(&[]);
    for (field, status) in [
        ("Sec-Fetch-Mode: navigate", 200),
        ("Sec-Fetch-Mode: no-cors", 404),
        ("Sec-Fetch-Mode: cors", 404),
        ("X: y", 200),
    ] {
        let answer = pages.get_with("/a.png", field);
        assert_eq!(answer.status(), status, "{field}");
        assert!(answer.echoes("/a.png"));
    }
}

#[test]
fn only_who_reads_the_echo_page_is_advised() {
    let pages = Pages::new(&[("about.html", "")]);
    for (field, is_advised) in [
        ("Sec-Fetch-Mode: navigate", true),
        ("X: y", true),
        ("Sec-Fetch-Mode: no-cors", false),
        ("Sec-Fetch-Mode: cors", false),
    ] {
        let body = pages.get_with("/abuot", field).body;
        assert_eq!(body.contains("/about</a>"), is_advised, "{field}");
        assert_eq!(body.contains("abuot.html"), is_advised, "{field}");
    }
}

#[test]
fn a_link_out_of_the_root_is_no_file_to_write() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.html"), "secret").unwrap();
    let pages = Pages::new(&[]);
    symlink(outside.path().join("secret.html"), pages.path("out.html")).unwrap();
    let body = pages.get("/out").body;
    assert!(body.contains("/out/index.html</code>"), "{body}");
    assert!(!body.contains("/out.html"), "{body}");
}

#[test]
fn the_fallback_may_be_not_found() {
    let pages = Pages::with(&[], |options| options.fallback = Fallback::NotFound);
    let answer = pages.get("/a");
    assert_eq!((answer.status(), answer.body.as_str()), (404, "404 Not Found\n"));
    let answer = pages.get_with("/a", "Accept: text/html");
    assert_eq!(answer.status(), 404);
    assert!(answer.body.contains("<h1>404 Not Found</h1>"), "{}", answer.body);
}

#[test]
fn a_404_page_takes_the_place_of_either_fallback() {
    for fallback in [Fallback::Echo, Fallback::NotFound] {
        let pages =
            Pages::with(&[("404.html", "no {{ request.path }} {{ page.file }}")], |options| {
                options.fallback = fallback;
            });
        let answer = pages.get("/a/b");
        assert_eq!((answer.status(), answer.body.as_str()), (404, "no /a/b 404.html"));
        assert_eq!(answer.field("Cache-Control"), "no-store");
        assert_eq!(answer.source(), "404.html");
        assert_eq!(pages.get("/404").status(), 200);
        pages.write("404.html", b"caf\xe9");
        let answer = pages.get("/a/b");
        assert_eq!((answer.status(), answer.field("Cache-Control")), (404, "no-store"));
        pages.write("404.html", "{{ nope }}");
        assert_eq!(pages.get("/a/b").status(), 500);
    }
}

#[test]
fn reports_an_undefined_name_in_an_include() {
    let pages = Pages::with(
        &[
            ("index.html", "<h1>\n{% include '_nav.html' %}\n"),
            ("_nav.html", "<nav>\n\t<b>{{ site.titel }}</b>\n</nav>\n"),
        ],
        |options| {
            options.site = SiteValues::new(&BTreeMap::from([("title", "x")]));
        },
    );
    let answer = pages.get("/");
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.field("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(answer.field("Cache-Control"), "no-store");
    assert_eq!(
        answer.body,
        "error: `site.titel` is undefined\n\
         \x20--> _nav.html:2:8\n\
         \x20 |\n\
         1 | <nav>\n\
         2 |     <b>{{ site.titel }}</b>\n\
         \x20 |           ^^^^^^^^^^\n\
         3 | </nav>\n\
         \x20 |\n\
         included from index.html:2\n\
         help: did you mean `site.title`?\n"
    );
    assert_eq!(answer.message(), answer.body);
    assert_eq!(answer.source(), "index.html + _nav.html");
}

#[test]
fn a_report_is_a_page_for_a_browser() {
    let pages = Pages::new(&[("a.html", "<b>\n<i title=\"{{ nope }}\">\n")]);
    let answer = pages.get_with("/a", "Accept: application/xml;q=0.9, text/html;q=0.8");
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.field("Content-Type"), "text/html; charset=utf-8");
    let (_, body) = answer.body.split_once("<body>").unwrap();
    assert_eq!(
        body,
        "\n<h1><code>nope</code> is undefined</h1>\n<p><code>a.html:2:14</code></p>\n<pre>\
         <span><i>1</i>&lt;b&gt;</span>\
         <span class=\"marked\"><i>2</i>&lt;i title=&quot;{{ <mark>nope</mark> }}&quot;&gt;</span></pre>\n\
         <p class=\"help\">write <code>{{ nope | default(&quot;&quot;) }}</code> if it may be missing, \
         or put <code>{% raw %}</code> … <code>{% endraw %}</code> around braces of another tool</p>\n</body>\n</html>"
    );
    assert!(answer.message().starts_with("error: `nope` is undefined\n --> a.html:2:14\n"));
}

#[test]
fn production_keeps_the_report_to_the_terminal() {
    let pages = Pages::with(&[("a.html", "{{ nope }}")], |options| options.production = true);
    let answer = pages.get("/a");
    assert_eq!((answer.status(), answer.body.as_str()), (500, "500 Internal Server Error\n"));
    assert!(answer.message().contains("--> a.html:1:4"));
    assert!(!pages.get_with("/a", "Accept: text/html").body.contains("nope"));
}

/// Asks for `target` until something is kept under `key`, whose files have settled then.
fn wait_until_kept(pages: &Pages, target: &str, key: &str) {
    let start = std::time::Instant::now();
    let is_kept = || {
        pages.get(target);
        let now = SystemTime::now();
        pages.site.cache.get(key, &pages.site.root.current(now), now).is_some()
    };
    while !is_kept() {
        assert!(start.elapsed().as_secs() < 30, "`{key}` is never kept");
    }
}

/// The answer, and how many renders it took.
fn counted(pages: &Pages, target: &str) -> (Answer, usize) {
    let before = recorder::RENDERS.get();
    let answer = pages.get(target);
    (answer, recorder::RENDERS.get() - before)
}

#[test]
fn a_failure_that_is_the_same_for_all_is_found_once_for_each_state() {
    for production in [false, true] {
        for (source, fixed) in [
            ("{{ nope }}", "{{ 1 }}"),
            ("{% if %}", "{{ 1 }}"),
            ("{% include 'b.html' %}", "{{ 1 }}"),
            ("{{ 'a' * 9000000000 }}", "{{ 1 }}"),
            ("{{ \u{0} }}", "1"),
        ] {
            let files = [("a.html", source), ("b.html", "\n{{ nope }}")];
            let pages = Pages::with(&files, |options| options.production = production);
            let first = pages.get("/a");
            wait_until_kept(&pages, "/a", "/a");
            let (again, renders) = counted(&pages, "/a?x=1");
            assert_eq!((again.status(), renders), (500, 0), "{source}");
            assert_eq!((&again.body, again.message()), (&first.body, first.message()), "{source}");
            assert_eq!(again.field("Cache-Control"), "no-store");
            assert_eq!(again.source(), first.source());
            let html = pages.get_with("/a", "Accept: text/html");
            assert_eq!(html.field("Content-Type"), "text/html; charset=utf-8");
            assert_eq!(html.body.contains("class=\"help\""), !production, "{source}");
            if !production {
                pages.write("a.html", fixed);
                assert_eq!(pages.get("/a").body, "1", "{source}");
            }
        }
    }
}

#[test]
fn a_failure_shows_an_edit_of_each_of_its_files_at_once() {
    let pages = Pages::new(&[("a.html", "{% include '_b.html' %}"), ("_b.html", "{{ nope }}")]);
    wait_until_kept(&pages, "/a", "/a");
    pages.write("_b.html", "\n{{ nope }}");
    assert!(pages.get("/a").body.contains("--> _b.html:2:4"));
    wait_until_kept(&pages, "/a", "/a");
    pages.write("_b.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
    // The help names files that it was not made from.
    pages.write("a.html", "{% include '_bc.html' %}");
    for _ in 0..100 {
        assert!(pages.get("/a").body.contains("_b.html"), "{}", pages.get("/a").body);
    }
    pages.write("_bd.html", "");
    fs::remove_file(pages.path("_b.html")).unwrap();
    assert!(pages.get("/a").body.contains("_bd.html"), "{}", pages.get("/a").body);
    pages.write("_bc.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
}

#[test]
fn a_failure_at_the_deadline_is_not_kept() {
    let pages = Pages::with(&[("a.html", "{% for n in range(100) %}{% endfor %}")], |options| {
        options.render_timeout = std::time::Duration::ZERO;
    });
    // That the page is otherwise kept, the tests above show.
    for _ in 0..20 {
        let (answer, renders) = counted(&pages, "/a");
        assert_eq!((answer.status(), renders), (500, 1));
    }
    let reads = pages.render("a.html").1;
    assert!(reads.is_late);
}

#[test]
fn a_page_that_fails_for_one_request_is_rendered_once_for_it() {
    let page =
        "{{ [0] * (request.query.n | int) }}{% include request.query.part | default('b.html') %}";
    let pages = Pages::new(&[("a.html", page), ("b.html", ""), ("404.html", page)]);
    pages.write("bad.html", b"{{ \xff }}");
    for (path, key, status) in [("/a", "/a", 200), ("/none", "404.html", 404)] {
        wait_until_kept(&pages, &format!("{path}?n=1"), key);
        for (query, error) in [
            ("n=1000000", "more work than"),
            ("n=1000001", "a number in text is larger"),
            ("part=x.html", "x.html"),
            ("part=bad.html", "UTF-8"),
        ] {
            let (answer, renders) =
                counted(&pages, &format!("{path}?n=1&{query}").replace("n=1&n", "n"));
            assert_eq!((answer.status(), renders), (500, 1), "{path}?{query}");
            assert!(answer.body.contains(error), "{path}?{query}: {}", answer.body);
        }
        let (answer, renders) = counted(&pages, &format!("{path}?n=2"));
        assert_eq!((answer.status(), renders, &*answer.body), (status, 1, "[0, 0]"));
    }
    // A page whose first visitor had it fail is kept as well.
    let pages = Pages::new(&[("a.html", page), ("b.html", "")]);
    wait_until_kept(&pages, "/a?n=1000001", "/a");
    assert_eq!(pages.get("/a?n=2").body, "[0, 0]");
}

#[test]
fn a_404_page_is_kept_whatever_path_it_answers() {
    let pages = Pages::new(&[("404.html", "no {{ request.path }}")]);
    wait_until_kept(&pages, "/x", "404.html");
    let (answer, renders) = counted(&pages, "/y");
    assert_eq!((answer.status(), &*answer.body, renders), (404, "no /y", 1));
    assert_eq!(answer.field("Cache-Control"), "no-store");
    pages.write("404.html", "{{ nope }}");
    assert_eq!(pages.get("/z").status(), 500);
    wait_until_kept(&pages, "/x", "404.html");
    let (answer, renders) = counted(&pages, "/y");
    assert_eq!((answer.status(), renders), (500, 0));
    assert!(answer.body.contains("--> 404.html:1:4"), "{}", answer.body);
    pages.write("404.html", "gone");
    assert_eq!(pages.get("/y").body, "gone");
    fs::remove_file(pages.path("404.html")).unwrap();
    assert!(pages.get("/y").echoes("/y"));
}

#[test]
fn other_pages_keep_working_and_a_fixed_one_works_again() {
    let pages = Pages::new(&[("a.html", "{{"), ("b.html", "b")]);
    assert_eq!(pages.get("/a").status(), 500);
    assert_eq!(pages.get("/b").body, "b");
    pages.write("a.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
}

#[test]
fn each_report_says_what_to_do() {
    let files = [("_nav.html", ""), ("_macros.html", "{% macro greet() %}{% endmacro %}")];
    let pages = Pages::new(&files);
    let raw = "help: braces of another tool go between `{% raw %}` and `{% endraw %}`, or the \
               whole file into `templates.exclude = [\"a.html\"]`";
    for (source, first, last) in [
        ("{{ reqest.path }}", "error: `reqest` is undefined", "help: did you mean `request`?"),
        ("{{ page.fiel }}", "error: `page.fiel` is undefined", "help: did you mean `page.file`?"),
        (
            "{{ request.query.nme }}",
            "error: `request.query.nme` is undefined",
            "help: did you mean `request.query.name`?",
        ),
        (
            "{% set colour = 1 %}{{ color }}",
            "error: `color` is undefined",
            "help: did you mean `colour`?",
        ),
        (
            "{% for item in [1] %}{{ itme }}{% endfor %}",
            "error: `itme` is undefined",
            "help: did you mean `item`?",
        ),
        (
            "{{ [1][5] }}",
            "error: `(...)[5]` is undefined",
            "help: write `| default(\"\")` after it if it may be missing",
        ),
        ("{{ 'a' | uper }}", "error: unknown filter: `uper`", "help: did you mean `upper`?"),
        (
            "{% if 1 is evn %}{% endif %}",
            "error: unknown test: `evn`",
            "help: did you mean `even`?",
        ),
        ("{{ rnge(3) }}", "error: unknown function: `rnge`", "help: did you mean `range`?"),
        (
            "{% from '_macros.html' import greet %}{{ gret() }}",
            "error: unknown function: `gret`",
            "help: did you mean `greet`?",
        ),
        (
            "{% include '_nva.html' %}",
            "error: `_nva.html` does not exist",
            "help: did you mean `_nav.html`?",
        ),
        (
            "{% extends './_nva.html' %}",
            "error: `_nva.html` does not exist",
            "help: did you mean `_nav.html`?",
        ),
        (
            "{% include 'a\0' %}",
            "error: `a␀` does not exist",
            "help: names start at the folder of pages; write `./name` for a file beside this one",
        ),
        (
            "{% include 'zzz/yyy.html' %}",
            "error: `zzz/yyy.html` does not exist",
            "help: names start at the folder of pages; write `./name` for a file beside this one",
        ),
        (
            "{{ 'a'.upper() }}",
            "error: string has no method named upper",
            "help: values have filters in place of methods: `{{ name | upper }}`, not \
             `{{ name.upper() }}`",
        ),
        (
            "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
            "error: this page does more work than `templates.fuel` allows",
            "help: look for a loop that runs too long, or raise `templates.fuel`",
        ),
        (
            "{% include 'a.html' %}",
            "error: a file includes itself",
            "help: an included file may not include the one that includes it, unless an \
             `{% if %}` ends that",
        ),
        (
            "{% endblok %}",
            "error: syntax error: unknown statement endblok",
            "help: did you mean `{% endblock %}`?",
        ),
        (
            "{% endif %}",
            "error: syntax error: unknown statement endif",
            "help: `{% endif %}` stands here without the tag that it belongs to",
        ),
        (
            "{% if 1 %}\n",
            "error: syntax error: unexpected end of input, expected end of block",
            "help: each `{% if %}`, `{% for %}`, `{% block %}` and `{% macro %}` needs its end \
             tag, such as `{% endif %}`",
        ),
        ("{{ .Title }}", "error: syntax error: unexpected `.`", raw),
        (
            "{% %}",
            "error: syntax error: unknown end of block, expected statement",
            "help: `{%` needs the name of a statement, such as `{% if … %}`; text that holds it goes between `{% raw %}` and `{% endraw %}`",
        ),
        (
            "{{ a = 1 }}",
            "error: syntax error: unexpected `=`",
            "help: `{% set name = 1 %}` gives a name its value, and `==` compares",
        ),
        (
            "{{ \"abc }}",
            "error: syntax error: unexpected end of string",
            &raw.replace("help: ", "help: the text lacks its closing quote; "),
        ),
        (
            "a {{ b",
            "error: syntax error: unexpected end of input",
            "help: `{{` begins a tag here that nothing ends: close it with `}}`",
        ),
        (
            "{% if 1 %}{% for x in",
            "error: syntax error: unexpected end of input",
            "help: `{%` begins a tag here that nothing ends: close it with `%}`",
        ),
        (
            "{% raw %}{{ x",
            "error: syntax error: unexpected end of raw block",
            "help: `{% raw %}` needs its end tag `{% endraw %}`",
        ),
        (
            "{% block a %}{% endblock %}{% block a %}{% endblock %}",
            "error: syntax error: block 'a' defined twice",
            "help: give each `{% block %}` of a file a name of its own; `{{ self.name() }}` shows one again",
        ),
        (
            "{{ ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1",
            "error: syntax error: template exceeds",
            "help: give a part of it a name with `{% set %}`, or move it into a file of its own and `{% include %}` that",
        ),
        (
            "{{ 1 + 'a' }}",
            "error: tried to use + operator",
            "help: numbers go with numbers: `| int` makes one of text, and `~` joins values as text",
        ),
        (
            "{{ 1() }}",
            "error: value of type number is not callable",
            "help: only functions and macros take parentheses: write the name alone to show its value",
        ),
        (
            "{{ super() }}",
            "error: cannot super outside of block",
            "help: `super()` shows what the layout has in a block: it belongs into a `{% block %}`",
        ),
        (
            "{% block a %}{{ super() }}{% endblock %}",
            "error: no parent block exists",
            "help: `super()` shows what the layout has in a block: no layout of this page has this block",
        ),
        (
            "{{ 'a' | int }}",
            "error: invalid float literal",
            "help: `| int(0)` and `| float(0)` give 0 for text that is no number",
        ),
        (
            "{{ '' | float }}",
            "error: ",
            "help: `| int(0)` and `| float(0)` give 0 for text that is no number",
        ),
        (
            "{% for x in 3 %}{% endfor %}",
            "error: number is not iterable",
            "help: a loop goes through a list or a map; to count, write `{% for n in range(3) %}`",
        ),
        (
            "{{ 'a' | upper(1, 2) }}",
            "error: too many arguments",
            "help: leave out what it does not take",
        ),
        (
            "{{ 'a' | replace }}",
            "error: missing argument",
            "help: add what it lacks between its parentheses",
        ),
        (
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "error: recursion limit exceeded",
            "help: what calls itself needs an `{% if %}` around the call that ends it",
        ),
        (
            "{% block a %}{{ self.a() }}{% endblock %}",
            "error: recursion limit exceeded",
            "help: what calls itself needs an `{% if %}` around the call that ends it",
        ),
        (
            "{% extends 'a.html' %}",
            "error: cycle in template inheritance",
            "help: a layout may extend neither itself nor what extends it",
        ),
        (
            "{{ range(1000000) }}",
            "error: range has too many elements",
            "help: a range holds at most 100,000 numbers",
        ),
        (
            "{{ 1 // 0 }}",
            "error: unable to calculate 1 // 0",
            "help: look for a division by zero, or a number that grows too large",
        ),
        (
            "{{ 1 % 0 }}",
            "error: ",
            "help: look for a division by zero, or a number that grows too large",
        ),
        (
            "{{ loop.index }}",
            "error: `loop` is undefined",
            "help: `loop` is known between `{% for … %}` and its `{% endfor %}` alone",
        ),
        (
            "{{ loop([1]) }}",
            "error: unknown function: `loop`",
            "help: `loop` is known between `{% for … %}` and its `{% endfor %}` alone",
        ),
        (
            "{% import '_macros.html' as m %}{{ m.great() }}",
            "error: map has no method named great",
            "help: the file imported as `m` has no macro of this name",
        ),
        (
            "{% set m = {} %}{{ m.great() }}",
            "error: map has no method named great",
            "help: values have filters in place of methods: `{{ name | upper }}`, not `{{ name.upper() }}`",
        ),
        (
            "{% set request.a = 1 %}",
            "error: can only assign to namespaces",
            "help: only a namespace takes a value for a part: `{% set ns = namespace(count=0) %}`",
        ),
        (
            "{% for a, b in [[1]] %}{% endfor %}",
            "error: ",
            "help: name as many as each of the values has parts",
        ),
        ("{{ 'a' | round }}", "error: ", "help: `{{ debug(name) }}` shows what a name stands for"),
        ("{{#if a}}x{{/if}}", "error: syntax error: unexpected character", raw),
        ("{{ price | currency: 'EUR' }}", "error: syntax error: unexpected `:`", raw),
        ("{{ a ? b : c }}", "error: syntax error: unexpected character", raw),
        ("{{ a && b }}", "error: syntax error: unexpected character", raw),
        ("{{{ html }}}", "error: syntax error: unexpected `}`", raw),
        ("<div style={{color: 'red'}}>", "error: syntax error: unexpected `:`", raw),
        ("{% liquid %}", "error: syntax error: unknown statement liquid", raw),
        ("{#each items as item}", "error: syntax error: unexpected end of comment", raw),
    ] {
        pages.write("a.html", source);
        let answer = with_render_stack(|| pages.get("/a?name=x"));
        assert_eq!(answer.status(), 500, "{source}");
        let mut lines = answer.body.lines();
        assert!(lines.next().unwrap().starts_with(first), "{source}\n{}", answer.body);
        assert_eq!(lines.next_back(), Some(last), "{source}\n{}", answer.body);
        assert!(answer.body.contains("--> a.html:"), "{source}\n{}", answer.body);
    }
}

#[test]
fn a_report_marks_the_name_that_is_not_known() {
    let pages = Pages::new(&[("_deep.html", "{% macro f(a) %}{{ a.b.c }}{% endmacro %}")]);
    for (source, place, marked) in [
        ("{{ request.headres.host }}", "a.html:1:12", "           ^^^^^^^"),
        ("{{ reqest.path }}", "a.html:1:4", "   ^^^^^^"),
        ("{{ reqest['a'] }}", "a.html:1:4", "   ^^^^^^"),
        ("{{ page.fiel }}", "a.html:1:4", "   ^^^^^^^^^"),
        ("{{ page.fiel.fiel }}", "a.html:1:9", "        ^^^^"),
        ("{{ 1 + nope }}", "a.html:1:8", "       ^^^^"),
        ("{{ nope\n | upper\n}}", "a.html:1:4", "   ^^^^"),
        ("{{ [1][2] }}", "a.html:1:4", "   ^^^^^^"),
        ("日本 {{ nope }}", "a.html:1:7", "        ^^^^"),
        ("{{ '日本' + nope }}", "a.html:1:11", "            ^^^^"),
        ("e\u{301} {{ nope }}", "a.html:1:7", "     ^^^^"),
        (
            "{% from '_deep.html' import f %}{{ f({}) }}",
            "_deep.html:1:22",
            "                     ^",
        ),
    ] {
        pages.write("a.html", source);
        let body = pages.get("/a").body;
        let lines: Vec<&str> = body.lines().collect();
        assert_eq!(lines[1], format!(" --> {place}"), "{body}");
        assert_eq!(lines[4], format!("  | {marked}"), "{body}");
    }
}

#[test]
fn where_only_the_line_is_known_it_is_marked_whole() {
    let pages = Pages::new(&[("a.html", "<p>\n  {% block a %}{{ self.a() }}{% endblock %}\n</p>")]);
    let body = with_render_stack(|| pages.get("/a").body);
    assert!(
        body.starts_with(
            "error: recursion limit exceeded\n\
             \x20--> a.html:2\n\
             \x20 |\n\
             1 | <p>\n\
             2 |   {% block a %}{{ self.a() }}{% endblock %}\n\
             \x20 |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n\
             3 | </p>\n"
        ),
        "{body}"
    );
}

#[test]
fn a_report_shows_the_chain_of_includes() {
    let pages = Pages::new(&[
        ("index.html", "{% extends '_layout.html' %}"),
        ("_layout.html", "\n{% include 'a.html' %}"),
        ("a.html", "\n\n{% include 'b.html' %}"),
        ("b.html", "{{ x"),
    ]);
    let chain = |target: &str| {
        let body = pages.get(target).body;
        let (_, chain) = body.rsplit_once(" |\n").unwrap();
        chain.lines().filter(|line| !line.starts_with("help")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(chain("/"), "used by a.html, included from _layout.html:2, used by index.html");
    pages.write("b.html", "{{ x }}");
    assert_eq!(
        chain("/"),
        "included from a.html:3, included from _layout.html:2, used by index.html"
    );
    pages.write("b.html", "{% include 'a.html' %}");
    let circle = chain("/");
    assert!(circle.contains("included from a.html:3, included from b.html:1, "), "{circle}");
    assert!(circle.ends_with(" steps more"), "{circle}");
}

#[test]
fn reports_an_inheritance_that_goes_in_a_circle() {
    let pages =
        Pages::new(&[("a.html", "{% extends 'b.html' %}"), ("b.html", "{% extends 'a.html' %}")]);
    let body = pages.get("/a").body;
    assert!(body.starts_with("error: cycle in template inheritance"), "{body}");
}

#[test]
fn a_report_stays_readable() {
    let long = format!("{}{{{{ nope }}}}{}", "x".repeat(500), "y".repeat(500));
    let pages = Pages::new(&[("a.html", &format!("{long}\n\u{1b}[31m\u{202e}\n"))]);
    let body = pages.get("/a").body;
    let shown: Vec<&str> = body.lines().skip(3).take(3).collect();
    assert_eq!(
        shown,
        [
            format!("1 | …{}{{{{ nope }}}}{}…", "x".repeat(37), "y".repeat(73)),
            format!("  | {}^^^^", " ".repeat(41)),
            "2 | ␛[31m\u{fffd}".to_owned(),
        ]
    );
    assert!(body.contains("--> a.html:1:504\n"));
}

const NAVIGATE: &str = "Sec-Fetch-Mode: navigate\r\nAccept: text/html";

/// Pages whose navigations get `{version}` put in.
fn pages_with_snippet(files: &[(&str, &str)]) -> Pages {
    Pages::with(files, |options| {
        options.snippet = Some(Snippet::new("{", "}"));
        options.exclude = vec!["as-it-is.html".to_owned()];
    })
}

#[test]
fn whatever_a_browser_shows_as_a_page_has_the_snippet() {
    let large = format!("<p>{}", "x".repeat(1 << 20));
    let pages = pages_with_snippet(&[
        ("a.html", "<!doctype html>a"),
        ("request.html", "{{ request.method }}"),
        ("broken.html", "{{ nobody }}"),
        ("as-it-is.html", "{{ nobody }}"),
        ("latin.html", ""),
        ("wide.html", ""),
        ("folder/index.html", ""),
        ("large.html", &large),
        ("a.txt", "text"),
        ("a.svg", "<svg/>"),
    ]);
    pages.write("latin.html", b"caf\xe9");
    pages.write("wide.html", b"\xff\xfe<\0");
    let large_as_it_is = fs::File::create(pages.path("as-it-is-too.html")).unwrap();
    large_as_it_is.set_len(17 << 20).unwrap();
    for (target, status, has_snippet) in [
        ("/a", 200, true),
        ("/request?x", 200, true),
        ("/broken", 500, true),
        ("/as-it-is", 200, true),
        ("/latin", 200, true),
        ("/nothing", 200, true),
        ("/large", 200, true),
        ("/wide", 200, false),
        ("/as-it-is-too", 200, false),
        ("/folder", 301, false),
        ("/a.txt", 200, false),
        ("/a.svg", 200, false),
    ] {
        let shown = pages.get_with(target, NAVIGATE);
        let plain = pages.get_with(target, "Sec-Fetch-Mode: cors\r\nAccept: text/html");
        assert_eq!(shown.status(), status, "{target}");
        let version = shown.body.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let rendering = version.and_then(|(version, _)| pages.site.rendering(version));
        assert_eq!(rendering.is_some(), has_snippet, "{target}");
        if let Some(Sent { rendering, .. }) = rendering {
            let markup = pages.site.markup(&rendering);
            assert_eq!(String::from_utf8_lossy(&markup), shown.body, "{target}");
            assert!(shown.field("Vary").ends_with("Sec-Fetch-Mode, Accept"), "{target}");
            assert_eq!(shown.field("Vary"), plain.field("Vary"), "{target}");
            if target != "/nothing" {
                assert_eq!(*rendering.bytes().to_vec(), *plain.response.body.read().unwrap());
            }
        }
    }
    pages.write("404.html", "nobody");
    assert!(pages.get_with("/nothing", NAVIGATE).body.ends_with("}nobody"));
    fs::remove_file(pages.path("404.html")).unwrap();
    fs::rename(pages.path("as-it-is-too.html"), pages.path("404.html")).unwrap();
    let answer = pages.get_with("/nothing", &format!("{NAVIGATE}\r\nAccept-Encoding: gzip"));
    assert_eq!((answer.status(), answer.response.body.len()), (404, 17 << 20));
}

#[test]
fn a_rendering_is_made_again_for_the_same_request() {
    let pages = pages_with_snippet(&[("a.html", "{{ request.query.q }}{{ request.cookies.c }}")]);
    let version = |answer: &Answer| {
        answer.body.split_once('{').unwrap().1.split_once('}').unwrap().0.to_owned()
    };
    let field = format!("{NAVIGATE}\r\nCookie: c=2");
    let first = version(&pages.get_with("/a?q=1", &field));
    let rendering = pages.site.rendering(&first).unwrap().rendering;
    assert_eq!(**rendering.bytes(), *b"12");
    let again = pages.site.render(rendering.head().unwrap(), SystemTime::now()).unwrap();
    assert_eq!(again.version(), first);
    // The content is the same, and the request is not.
    let other = version(&pages.get_with("/a?q=1&r", &field));
    assert!(other != first && rendering.has_content_of(&other));
    assert!(pages.site.render(b"GET / HTTP/1.1\r\n", SystemTime::now()).is_none());
}

#[test]
fn a_rendering_is_current_until_a_name_stands_for_something_else() {
    let files = [("a.html", "{% include ['x.html', 'y.html'] %}"), ("y.html", "y")];
    type Change = fn(&Pages);
    let changes: [(&str, Change); 6] = [
        ("/a", |pages| pages.write("a.html", "other")),
        ("/a", |pages| pages.write("x.html", "")),
        ("/a", |pages| fs::remove_file(pages.path("y.html")).unwrap()),
        ("/a", |pages| fs::create_dir(pages.path("a")).unwrap()),
        ("/b", |pages| pages.write("b/index.html", "")),
        ("/b", |pages| pages.write("404.html", "")),
    ];
    for (target, change) in changes {
        let pages = pages_with_snippet(&files);
        let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{NAVIGATE}\r\n\r\n");
        let rendering = pages.site.render(head.as_bytes(), SystemTime::now()).unwrap();
        pages.write("unrelated.html", "");
        let is_current = || pages.site.look().is_current(rendering.inputs());
        assert!(is_current());
        change(&pages);
        assert!(!is_current(), "{target}");
    }
}

#[test]
fn a_report_leads_into_the_editor() {
    let pages = Pages::with(&[("a b.html", "<p>\n{{ nobody }}")], |options| {
        options.editor = Some("edit:{file}?{line},{column}".to_owned());
    });
    let body = pages.get_with("/a%20b", "Accept: text/html").body;
    let folder = pages.folder.path().canonicalize().unwrap();
    let link = format!("<a href=\"edit:{}/a%20b.html?2,4\">", folder.display());
    assert!(body.contains(&link), "{body}");
    let pages = Pages::new(&[("a.html", "{{ nobody }}")]);
    assert!(!pages.get_with("/a", "Accept: text/html").body.contains("<a "));
}

#[test]
fn counts_pages() {
    let files = [
        "index.html",
        "a/b.html",
        "_c.html",
        "a/_d/e.html",
        ".f.html",
        "g.css",
        ".well-known/h.html",
    ];
    let pages = Pages::new(&files.map(|name| (name, "")));
    assert_eq!(pages.site.count_pages(), (3, true));
    (0..5000).for_each(|n| pages.write(&format!("many/{n}.html"), ""));
    let (count, is_all) = pages.site.count_pages();
    assert!(count > 4000 && !is_all, "{count}");
}

#[test]
fn a_root_that_cannot_be_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let open = |root: &Path, exclude: &[&str]| {
        let exclude = exclude.iter().map(|glob| (*glob).to_owned()).collect();
        let options = SiteOptions { exclude, ..SiteOptions::default() };
        Site::open(root, options).err().map(|error| error.to_string())
    };
    assert_eq!(open(folder.path(), &["a/**"]), None);
    assert_eq!(
        open(Path::new("no-such"), &[]).unwrap(),
        "`no-such` does not exist: create it, or name another folder with --root"
    );
    assert_eq!(
        open(&file, &[]).unwrap(),
        format!(
            "`{}` is not a folder: name the folder that holds your pages with --root",
            file.display()
        )
    );
    let error = open(folder.path(), &["a["]).unwrap();
    assert!(error.starts_with("`templates.exclude` holds a pattern"), "{error}");
}

#[test]
fn threads_render_at_once_and_none_sees_an_older_file() {
    let pages = Pages::new(&[("a.html", "0"), ("b.html", "{% include 'a.html' %}")]);
    let written = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let at_least = written.load(std::sync::atomic::Ordering::SeqCst);
                    let seen: usize = pages.get("/b").body.parse().unwrap();
                    assert!(seen >= at_least, "{seen} after {at_least}");
                }
            });
        }
        for number in 1..200 {
            pages.write("_new", number.to_string());
            fs::rename(pages.path("_new"), pages.path("a.html")).unwrap();
            written.store(number, std::sync::atomic::Ordering::SeqCst);
        }
    });
}

/// Two releases of a site, and a root that is a link to one of them.
struct Releases {
    folder: TempDir,
    site: Site,
}

impl Releases {
    fn new(change: impl FnOnce(&mut SiteOptions)) -> Self {
        let folder = TempDir::new().unwrap();
        for release in ["a", "b"] {
            let write = |name: &str, text: &str| {
                let path = folder.path().join(release).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text.replace('X', release)).unwrap();
            };
            write("kept.html", "X{% include '_part.html' %}");
            write("rendered.html", "X{% include '_part.html' %}{{ request.query.n }}");
            write("late.html", "X{% include '_part.html' %}{{ request.query.n }}");
            write("_part.html", "X");
            write("plain.html", "X");
            write("style.css", "X");
            write(&format!("only-{release}.html"), "X");
            write("docs/index.html", "X");
            symlink(
                folder.path().join("root/plain.html"),
                folder.path().join(release).join("link.html"),
            )
            .unwrap();
        }
        symlink("a", folder.path().join("root")).unwrap();
        let mut options = SiteOptions { fuel: FUEL, ..SiteOptions::default() };
        change(&mut options);
        let site = Site::open(&folder.path().join("root"), options).unwrap();
        Self { folder, site }
    }

    /// As `ln -s new tmp; mv -T tmp root` does.
    fn switch_to(&self, release: &str) {
        symlink(release, self.folder.path().join("tmp")).unwrap();
        fs::rename(self.folder.path().join("tmp"), self.folder.path().join("root")).unwrap();
    }

    fn get(&self, target: &str, now: SystemTime) -> Answer {
        let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
        let respond = |asked: RequestContext<'_>| self.site.respond(asked.request, now).at_once();
        let response = self.site.with_request(head.as_bytes(), now, respond).unwrap();
        let body = String::from_utf8(response.body.read().unwrap()).unwrap();
        Answer { response, body }
    }

    /// What a file of each kind holds, as one text.
    fn all(&self, now: SystemTime) -> String {
        let targets = ["/kept", "/rendered?n=.", "/plain", "/style.css", "/docs/", "/link"];
        targets.map(|target| self.get(target, now).body).join(" ")
    }

    /// Waits until answers are kept.
    fn settle(&self, now: impl Fn() -> SystemTime) {
        let start = std::time::Instant::now();
        let is_kept = |target| {
            let folder = self.site.root.check();
            self.site.cache.get(target, &folder, now()).is_some()
        };
        while !["/kept", "/rendered", "/plain", "/style.css"].into_iter().all(is_kept) {
            self.all(now());
            assert!(start.elapsed().as_secs() < 30, "it never settles");
        }
    }
}

#[test]
fn a_switched_root_is_followed_by_the_very_next_request() {
    let releases = Releases::new(|_| {});
    releases.settle(SystemTime::now);
    for release in ["b", "a", "b"] {
        releases.switch_to(release);
        let now = SystemTime::now();
        assert_eq!(releases.all(now), "XX XX. X X X X".replace('X', release));
        for (name, other) in [("a", "b"), ("b", "a")] {
            let answer = releases.get(&format!("/only-{name}"), now);
            assert_eq!(answer.body == release, name == release, "{}", answer.body);
            let is_advised = answer.body.contains(&format!("/only-{other}</a>"));
            assert_eq!(is_advised, name != release, "{}", answer.body);
        }
        assert_eq!(releases.site.count_pages(), (6, true));
    }
}

#[test]
fn a_root_that_is_removed_and_made_again_is_followed() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root");
    let write = |text: &str| {
        fs::create_dir(&root).unwrap();
        fs::write(root.join("a.html"), text).unwrap();
    };
    write("first");
    let site = Site::open(&root, SiteOptions::default()).unwrap();
    let get = || {
        let head = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
        let respond = |asked: RequestContext<'_>| site.respond(asked.request, asked.now).at_once();
        let response = site.with_request(head, SystemTime::now(), respond).unwrap();
        String::from_utf8(response.body.read().unwrap()).unwrap()
    };
    assert_eq!(get(), "first");
    for text in ["second", "third!"] {
        fs::remove_dir_all(&root).unwrap();
        assert!(get().contains("The server got a request with path /a</p>"));
        write(text);
        assert_eq!(get(), text);
    }
    // As a folder, as a link, and as a link to a file, which cannot be served.
    let moved = folder.path().join("moved");
    fs::rename(&root, &moved).unwrap();
    assert_eq!(get(), "third!");
    symlink(moved.join("a.html"), &root).unwrap();
    assert_eq!(get(), "third!");
    fs::remove_file(&root).unwrap();
    write("fourth");
    assert_eq!(get(), "fourth");
}

#[test]
fn production_follows_a_switched_root_within_a_second() {
    let releases = Releases::new(|options| options.production = true);
    let start = SystemTime::now() + std::time::Duration::from_secs(60);
    let at = |ms: u64| start + std::time::Duration::from_millis(ms);
    releases.settle(|| at(0));
    releases.switch_to("b");
    // Another thread may be first to see it; what is kept of each path has its own clock.
    for (ms, release) in [(1, "a"), (998, "a"), (1_001, "b"), (1_500, "b")] {
        // An absolute link leads into the new one at once, which is none of the old one's.
        let expected = "XX XX. X X X".replace('X', release);
        assert!(releases.all(at(ms)).starts_with(&expected), "{ms}");
    }
    // What is kept of the other root is not used for the rest of its own second.
    for (target, body) in [("/only-b", "b"), ("/late?n=.", "bb.")] {
        assert_eq!(releases.get(target, at(1_990)).body, body);
    }
    releases.switch_to("a");
    assert_eq!(releases.get("/late?n=.", at(2_010)).body, "aa.");
    assert_ne!(releases.get("/only-b", at(2_010)).body, "b");
}

#[test]
fn no_answer_mixes_two_roots() {
    let releases = Releases::new(|_| {});
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let ordering = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        let switching = scope.spawn(|| {
            let mut switches = 0;
            while !is_over.load(ordering) {
                releases.switch_to(if switches % 2 == 0 { "b" } else { "a" });
                switches += 1;
            }
            switches
        });
        let seen: Vec<String> = (0..3_000)
            .flat_map(|_| ["/kept", "/rendered?n="])
            .map(|target| releases.get(target, SystemTime::now()).body)
            .collect();
        is_over.store(true, ordering);
        assert!(seen.iter().all(|body| body == "aa" || body == "bb"), "{:?}", seen.iter().max());
        assert!(seen.iter().any(|body| body == "aa") && switching.join().unwrap() > 1);
    });
}

#[test]
fn an_open_page_is_seen_to_be_of_another_root() {
    let releases = Releases::new(|options| options.snippet = Some(Snippet::new("{", "}")));
    let head = b"GET /kept HTTP/1.1\r\nHost: h\r\nSec-Fetch-Mode: navigate\r\n\r\n";
    let rendering = releases.site.render(head, SystemTime::now()).unwrap();
    let look = releases.site.look();
    assert!(look.is_current(rendering.inputs()));
    releases.switch_to("b");
    // One look stays in one folder.
    assert!(look.is_current(rendering.inputs()));
    assert!(!releases.site.look().is_current(rendering.inputs()));
    let next = releases.site.render(head, SystemTime::now()).unwrap();
    assert_eq!(&**next.bytes(), b"bb");
}

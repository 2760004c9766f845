//! The output, served by several servers, beside what the site itself answers.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use super::{
    Built, build,
    common::program::{Folder, PATIENCE},
    names,
};

/// A site with every feature that an output has to carry.
const SITE: &[(&str, &str)] = &[
    ("pages/index.html", "<h1>Home</h1><a href=\"/about\">About</a>\n"),
    (
        "pages/about.html",
        "{% extends '_layout.html' %}{% block body %}{{ page.url }}{% endblock %}",
    ),
    ("pages/_layout.html", "<main>{% block body %}{% endblock %} {{ page.file }}</main>"),
    ("pages/docs/index.html", "docs"),
    ("pages/docs/intro.html", "intro"),
    ("pages/docs/v1.2.html", "dots"),
    ("pages/now.html", "---\naliases: [/was, '/2019/é b', /was.php, /blog/over]\n---\nnow"),
    ("pages/both.html", "both, the page"),
    ("pages/both/index.html", "both, the folder"),
    ("pages/folder/only/x.txt", "x"),
    ("pages/é ü/a b#c%41.html", "names"),
    ("pages/é ü/q?.txt", "names"),
    ("pages/404.html", "nothing here"),
    ("pages/style.css", "h1 { color: teal }\n"),
    ("pages/app.js", "f()\n"),
    ("pages/data.json", "{}\n"),
    ("pages/notes.md2", "# notes\n"),
    ("pages/LICENSE", "free\n"),
    ("pages/x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ("pages/empty.txt", ""),
    ("pages/.well-known/security.txt", "Contact: x\n"),
    ("pages/.well-known/plain", "x"),
    ("pages/vendor/raw.html", "{{ not a template }}"),
    ("pages/_private/x.html", "private"),
    ("pages/.hidden", "hidden"),
    (
        "config.toml",
        r#"
        templates.exclude = ["vendor/**"]
        types = { md2 = "text/markdown; charset=utf-8" }
        [[redirects]]
        from = "/old"
        to = "/about"
        [[redirects]]
        from = "/moved/:year/:name"
        to = "/docs/:name?year=:year#top"
        status = 302
        [[redirects]]
        from = "/blog/**"
        to = "/docs/:splat"
        status = 308
        [[redirects]]
        from = "/ä b"
        to = "/é ü/x y"
        status = 307
        [[redirects]]
        from = "/out/**"
        to = "https://example.com/:splat"
        [[headers]]
        path = "/**"
        set = { X-Frame-Options = "DENY", X-One = "all \"quoted\"" }
        [[headers]]
        path = "/docs/**"
        set = { X-One = "docs" }
        add = { X-Two = ["a", "b"] }
        [[headers]]
        path = "**/*.css"
        set = { Cache-Control = "public, max-age=60" }
        [[headers]]
        path = "/about"
        remove = ["X-One"]
        "#,
    ),
];

/// Fields that are compared; others differ from server to server.
const FIELDS: [&str; 4] = ["x-frame-options", "x-one", "x-two", "location"];

#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: String,
    content_type: Option<String>,
    fields: Vec<(String, String)>,
    /// Of what is no redirect.
    body: String,
}

/// Asks as a browser does.
fn ask(port: u16, target: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let mut content_type = None;
    let mut fields = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "content-type" => content_type = Some(value.to_owned()),
            name if FIELDS.contains(&name) => fields.push((name.to_owned(), value.to_owned())),
            _ => {}
        }
    }
    // Lines of one name are one list (RFC 9110, 5.3).
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, value) in fields {
        match joined.last_mut() {
            Some((last, values)) if *last == name => *values += &format!(", {value}"),
            _ => joined.push((name, value)),
        }
    }
    let fields = joined;
    if status.starts_with('3') {
        return Answer { status, content_type: None, fields, body: String::new() };
    }
    let body = String::from_utf8(bytes[end + 4..].to_vec()).unwrap();
    Answer { status, content_type, fields, body }
}

/// Every path that tells something about how a site is routed.
fn targets(folder: &Folder) -> BTreeSet<String> {
    let encoded = |name: &str| {
        let escape = |byte: u8| match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        name.bytes().map(escape).collect::<String>()
    };
    let mut targets = BTreeSet::new();
    for name in names(&folder.path("pages")) {
        let file = encoded(&name);
        let bare = file.strip_suffix(".html").unwrap_or(&file);
        for form in [file.as_str(), bare, bare.trim_end_matches("index")] {
            let form = form.trim_matches('/');
            targets.extend(["", "/", "?a=b&c", "/?a=b"].map(|end| format!("/{form}{end}")));
        }
        if let Some((parent, _)) = file.rsplit_once('/') {
            targets.extend(["", "/"].map(|end| format!("/{parent}{end}")));
        }
    }
    let more = [
        "/old?x=1",
        "/old/",
        "/moved/2024/intro",
        "/moved/2024/a%20b?x=1",
        "/moved/2024",
        "/blog",
        "/blog/",
        "/blog/intro?a=b",
        "/blog/a/b%20c",
        "/blogs",
        "/%C3%A4%20b",
        "/out/a?b=c",
        "/out",
        "/was",
        "/was/?x=1",
        "/was.php?x=1&y",
        "/2019/%C3%A9%20b?x",
        "/2019/%C3%A9%20b/",
        // A rule comes first.
        "/blog/over",
        "/nothing",
        "/nothing/",
        "/docs/nothing",
        "/404",
        "/.pagepool-build",
        "/style.css/",
        "/docs/intro.html/",
    ];
    targets.extend(more.map(str::to_owned));
    // A host shortens these, or does not: no link has them.
    targets.into_iter().filter(|target| !target.contains("//")).collect()
}

/// Asks the site and another server for everything, and names all differences.
fn compare(folder: &Folder, port: u16, prefix: &str, is_known: impl Fn(&str, &Answer) -> bool) {
    let mut args = vec!["--production"];
    args.extend(if prefix.is_empty() { vec![] } else { vec!["--config", "base.toml"] });
    let site = folder.serve(&args);
    let mut differences = String::new();
    for target in targets(folder) {
        let target = format!("{prefix}{target}");
        let (expected, found) = (ask(site.port, &target), ask(port, &target));
        if expected != found && !is_known(&target, &expected) {
            differences += &format!("{target}\n  {expected:?}\n  {found:?}\n");
        }
    }
    assert_eq!(differences, "");
}

/// Whether a page of `port` at `target`, or behind a slash there, sends browsers on to where
/// they are expected to be sent.
fn sends_on(port: u16, target: &str, expected: &Answer) -> bool {
    let (_, to) = expected.fields.iter().find(|(name, _)| name == "location").unwrap();
    let (path, _) = target.split_once('?').unwrap_or((target, ""));
    let page = ask(port, &format!("{}/", path.trim_end_matches('/')));
    let to = to.split('?').next().unwrap();
    page.body.contains(&format!("content=\"0; url={to}\""))
}

fn site() -> Folder {
    Folder::new(SITE)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that is started for a test, and ends with it.
struct Foreign(Child);

impl Foreign {
    fn start(command: &mut Command, port: u16) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut foreign = Self(child);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(foreign.0.try_wait().unwrap().is_none(), "it has ended at once");
            std::thread::yield_now();
        }
        foreign
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The part of the output of a build after `title`, up to the next one.
fn instructions<'a>(built: &'a Built, title: &str) -> &'a str {
    let (_, text) = built.stdout.split_once(title).unwrap();
    text.split("\n# Caddy").next().unwrap()
}

fn assert_built(built: &Built) {
    assert_eq!(built.code, Some(0), "{built:?}");
    let guess = "without an extension, hosts guess the media type: `.well-known/plain`, `LICENSE`";
    assert_eq!(built.stderr, format!("warning: {guess}\n"), "{built:?}");
}

/// Builds for a server of files and runs nginx on it.
fn nginx(folder: &Folder, args: &[&str]) -> (Foreign, u16) {
    let built = build(folder, &[&["--for", "plain", "--out", "out"], args].concat());
    assert_built(&built);
    let port = free_port();
    let snippet = instructions(&built, "# nginx, in `server { … }`\n");
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path temporary;"));
    let settings = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\n\
         access_log off; {}\nserver {{\nlisten 127.0.0.1:{port};\n{snippet}}}\n}}\n",
        temporary.join(" ")
    );
    folder.write("nginx/nginx.conf", &settings);
    let prefix = folder.path("nginx");
    let mut command =
        folder.command("nginx", &["-p", prefix.to_str().unwrap(), "-c", "nginx.conf"]);
    (Foreign::start(&mut command, port), port)
}

fn caddy(folder: &Folder, args: &[&str]) -> (Foreign, u16) {
    let built = build(folder, &[&["--for", "plain", "--out", "out"], args].concat());
    assert_built(&built);
    let port = free_port();
    let snippet = instructions(&built, "# Caddy, in a Caddyfile\n");
    let snippet = snippet.replace("example.com {", &format!("http://localhost:{port} {{"));
    folder.write("Caddyfile", &format!("{{\n\tadmin off\n\tauto_https off\n}}\n{snippet}"));
    let mut command = folder.command("caddy", &["run", "--config", "Caddyfile"]);
    command.env("HOME", folder.path(""));
    (Foreign::start(&mut command, port), port)
}

/// What the server refuses to look for in a file's place, and others find.
fn is_below_file(target: &str, _: &Answer) -> bool {
    target.starts_with("/style.css/") || target.contains(".html/")
}

#[test]
fn this_server_answers_from_the_output_as_from_the_source() {
    let folder = site();
    assert_built(&build(&folder, &[]));
    let config = fs::read_to_string(folder.path("config.toml")).unwrap();
    folder.write("served.toml", &config.replace("[\"vendor/**\"]", "[\"**\"]"));
    let served = folder.serve(&["--root", "dist", "--config", "served.toml", "--production"]);
    // A server without rules for aliases has pages for them.
    let is_alias = |target: &str, expected: &Answer| {
        expected.status == "301" && sends_on(served.port, target, expected)
    };
    compare(&folder, served.port, "", is_alias);
}

#[test]
#[ignore = "needs nginx"]
fn nginx_answers_from_the_output_as_the_server_does() {
    let folder = site();
    let (_nginx, port) = nginx(&folder, &[]);
    compare(&folder, port, "", is_below_file);
}

#[test]
#[ignore = "needs Caddy"]
fn caddy_answers_from_the_output_as_the_server_does() {
    let folder = site();
    let (_caddy, port) = caddy(&folder, &[]);
    compare(&folder, port, "", is_below_file);
}

#[test]
#[ignore = "needs nginx and Caddy"]
fn both_answer_below_a_path() {
    let folder = site();
    let config = fs::read_to_string(folder.path("config.toml")).unwrap();
    folder.write("base.toml", &format!("base_path = \"/repo/\"\n{config}"));
    let (_nginx, port) = nginx(&folder, &["--base-path", "/repo/"]);
    compare(&folder, port, "/repo", is_below_file);
    let (_caddy, port) = caddy(&folder, &["--base-path", "/repo/"]);
    compare(&folder, port, "/repo", is_below_file);
}

#[test]
fn compares_what_it_has_written() {
    let folder = site();
    // All of a build has one time, and the same at random.
    folder.write("pages/clock.html", "{{ now() }} {{ range(100000) | random }}");
    assert_built(&build(&folder, &["--verify"]));
    let built = build(&folder, &["--verify", "--layout", "folders"]);
    let both = "error: `both.html` and `both/index.html` are both written as `both/index.html`";
    assert!(built.stderr.contains(both), "{built:?}");
    fs::remove_file(folder.path("pages/both.html")).unwrap();
    assert_built(&build(&folder, &["--verify", "--layout", "folders"]));
    assert!(folder.path("dist/about/index.html").is_file());
}

#[test]
fn compressed_forms_stand_beside_text_and_are_made_once() {
    let text = "<p>a text that is long enough to be worth it</p>\n".repeat(20);
    let folder = Folder::new(&[
        ("pages/index.html", &text),
        ("pages/own.css", &text),
        ("pages/own.css.gz", "mine"),
        ("pages/short.txt", "short"),
        ("pages/photo.png", &text),
    ]);
    let out = folder.path("dist");
    let expected = [
        ".pagepool-build",
        "404.html",
        "404.html.br",
        "404.html.gz",
        "index.html",
        "index.html.br",
        "index.html.gz",
        "own.css",
        "own.css.br",
        "own.css.gz",
        "photo.png",
        "short.txt",
    ];
    let expected: Vec<_> =
        expected.into_iter().filter(|name| !name.starts_with("404.html.")).collect();
    for _ in 0..2 {
        build(&folder, &["--compress"]).assert_good();
        assert_eq!(names(&out), expected);
        assert_eq!(fs::read(out.join("own.css.gz")).unwrap(), b"mine");
    }
    // No form is older than its file, whichever thread wrote it first.
    let modified = |name: &str| fs::metadata(out.join(name)).unwrap().modified().unwrap();
    assert_eq!(modified("own.css.gz"), modified("own.css"));
    let served = folder.serve(&["--root", "dist", "--production"]);
    let answer = served
        .connect()
        .ask_last("GET /own.css HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n");
    assert!(answer.contains("Content-Encoding: gzip") && answer.ends_with("mine"), "{answer}");
    build(&folder, &[]).assert_good();
    assert!(!out.join("index.html.br").exists());
}

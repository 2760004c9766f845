//! The output, served by several servers, beside what the site itself answers.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    Built, build,
    common::program::{Folder, PATIENCE},
    files, names,
    sites::{self, Rules, Site},
};

/// Fields that are compared; others differ from server to server.
const FIELDS: [&str; 4] = ["x-frame-options", "x-one", "x-two", "location"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) content_type: Option<String>,
    pub(super) fields: Vec<(String, String)>,
    /// Of what is no redirect.
    pub(super) body: String,
}

impl Answer {
    /// Where it sends clients.
    pub(super) fn location(&self) -> Option<&str> {
        let location = self.fields.iter().find(|(name, _)| name == "location");
        location.map(|(_, to)| to.as_str())
    }
}

/// Sends a request with more `fields`, each with its line end. Returns the status; the fields of
/// the answer with their names in lower case; and what follows the head.
pub(super) fn exchange(
    port: u16,
    target: &str,
    fields: &str,
) -> (String, Vec<(String, String)>, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head =
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.trim_end().lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        (name.to_ascii_lowercase(), value.to_owned())
    };
    (status, lines.map(field).collect(), body)
}

/// Asks as a browser does.
pub(super) fn ask(port: u16, target: &str) -> Answer {
    let (status, all, body) = exchange(port, target, "Accept: text/html\r\n");
    let mut content_type = None;
    let mut fields = Vec::new();
    for (name, value) in all {
        match name.as_str() {
            "content-type" => content_type = Some(value),
            name if FIELDS.contains(&name) => fields.push((name.to_owned(), value)),
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
    let body = String::from_utf8(body).unwrap();
    Answer { status, content_type, fields, body }
}

/// Every path that tells something about how a site is routed.
pub(super) fn targets(folder: &Folder, dist: &Path) -> BTreeSet<String> {
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
    // Pages of data are in the output alone; those for aliases stand at names of their own.
    let is_alias = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("content=\"0; url=");
    let mut built = files(dist);
    built.retain(|name, bytes| name.ends_with(".html") && !is_alias(bytes));
    let pages = names(&folder.path("pages"));
    let all: BTreeSet<String> = pages.iter().cloned().chain(built.into_keys()).collect();
    for name in all.iter().filter(|name| !name.contains('[')) {
        let file = encoded(name);
        let page = [".html", ".md", ".jinja"].into_iter().find_map(|end| file.strip_suffix(end));
        let bare = page.unwrap_or(&file);
        // What is another file there has another name, which is no address of the site.
        let is_same = pages.contains(name) && !name.ends_with(".md") && !name.ends_with(".jinja");
        let form = if is_same { file.as_str() } else { bare };
        for form in [form, bare, bare.trim_end_matches("index")] {
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
        "/moved/2024/gone",
        "/was.html",
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
fn compare(site: &Site, port: u16, prefix: &str, is_known: impl Fn(&str, &Answer) -> bool) {
    let folder = &site.folder;
    let mut args = vec!["--production"];
    args.extend(if prefix.is_empty() { vec![] } else { vec!["--config", "base.toml"] });
    let server = folder.serve(&args);
    let mut differences = String::new();
    for target in targets(folder, &folder.path("out")) {
        if !site.answers(&target) {
            continue;
        }
        let target = format!("{prefix}{target}");
        let (expected, mut found) = (ask(server.port, &target), ask(port, &target));
        if expected.status == "404" && !site.has_not_found {
            // The page that the build writes names no path.
            found.body.clone_from(&expected.body);
        }
        if expected != found && !is_known(&target, &expected) {
            differences += &format!("{target}\n  {expected:?}\n  {found:?}\n");
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Whether a page of `port` at `target`, or behind a slash there, sends browsers on to where
/// they are expected to be sent.
fn sends_on(port: u16, target: &str, expected: &Answer) -> bool {
    let to = expected.location().unwrap();
    let (path, _) = target.split_once('?').unwrap_or((target, ""));
    let to = format!("content=\"0; url={}\"", to.split('?').next().unwrap());
    [path, &format!("{}/", path.trim_end_matches('/'))]
        .iter()
        .any(|page| ask(port, page).body.contains(&to))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that is started for a test, and ends with it.
pub(super) struct Foreign(Child);

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

fn assert_built(built: &Built, site: &Site) {
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), site.warning), "{built:?}");
}

/// Builds for a server of files and runs nginx on it.
pub(super) fn nginx(site: &Site, args: &[&str]) -> (Foreign, u16) {
    let folder = &site.folder;
    let built = build(folder, &[&["--for", "plain", "--out", "out"], args].concat());
    assert_built(&built, site);
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

pub(super) fn caddy(site: &Site, args: &[&str]) -> (Foreign, u16) {
    let folder = &site.folder;
    let built = build(folder, &[&["--for", "plain", "--out", "out"], args].concat());
    assert_built(&built, site);
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
    for site in sites::all(Rules::All) {
        let folder = &site.folder;
        assert_built(&build(folder, &["--out", "out"]), &site);
        let served = folder.serve(&["--root", "out", "--plain", "--production"]);
        // A server without rules for aliases has pages for them.
        let is_alias = |target: &str, expected: &Answer| {
            expected.status == "301" && sends_on(served.port, target, expected)
        };
        compare(&site, served.port, "", is_alias);
    }
}

#[test]
#[ignore = "needs nginx"]
fn nginx_answers_from_the_output_as_the_server_does() {
    for site in sites::all(Rules::All) {
        let (_nginx, port) = nginx(&site, &[]);
        compare(&site, port, "", is_below_file);
    }
}

#[test]
#[ignore = "needs Caddy"]
fn caddy_answers_from_the_output_as_the_server_does() {
    for site in sites::all(Rules::All) {
        let (_caddy, port) = caddy(&site, &[]);
        compare(&site, port, "", is_below_file);
    }
}

#[test]
#[ignore = "needs nginx and Caddy"]
fn both_answer_below_a_path() {
    for site in sites::all(Rules::All) {
        let config = fs::read_to_string(site.folder.path("config.toml")).unwrap_or_default();
        site.folder.write("base.toml", &format!("base_path = \"/repo/\"\n{config}"));
        let (_nginx, port) = nginx(&site, &["--base-path", "/repo/"]);
        compare(&site, port, "/repo", is_below_file);
        let (_caddy, port) = caddy(&site, &["--base-path", "/repo/"]);
        compare(&site, port, "/repo", is_below_file);
    }
}

#[test]
fn compares_what_it_has_written() {
    let site = sites::with_every_feature(Rules::All);
    let folder = &site.folder;
    // All of a build has one time, and the same at random.
    folder.write("pages/clock.html", "{{ now() }} {{ range(100000) | random }}");
    assert_built(&build(folder, &["--verify"]), &site);
    let built = build(folder, &["--verify", "--layout", "folders"]);
    let both = "error: `both.html` and `both/index.html` are both written as `both/index.html`";
    assert!(built.stderr.contains(both), "{built:?}");
    fs::remove_file(folder.path("pages/both.html")).unwrap();
    assert_built(&build(folder, &["--verify", "--layout", "folders"]), &site);
    assert!(folder.path("dist/about/index.html").is_file());
}

#[test]
fn links_to_names_of_files_lead_to_pages_in_folders() {
    let links = "<a href=/a.html></a><a href=/sub/m.html#x></a><a href=/index.html></a>";
    let folder = Folder::new(&[
        ("pages/index.html", &format!("{links}<a href=a.html></a><a href=/no.html></a>")),
        ("pages/a.html", &format!("{links}<a href=sub/m.html></a>")),
        ("pages/sub/m.md", "# M\n\n[a](/a.html) [a](../a.html)\n"),
        ("pages/404.html", links),
        ("pages/no.html", "---\nbuild: false\n---\n"),
    ]);
    let folders = "<a href=/a/></a><a href=/sub/m/#x></a><a href=/index.html></a>";
    build(&folder, &["--layout", "folders", "--verify"]).assert_good();
    let read = |name: &str| fs::read_to_string(folder.path("dist").join(name)).unwrap();
    assert_eq!(read("index.html"), format!("{folders}<a href=a/></a><a href=/no.html></a>"));
    assert_eq!(read("a/index.html"), format!("{folders}<a href=../sub/m/></a>"));
    assert!(read("sub/m/index.html").contains("<a href=\"/a/\">a</a> <a href=\"/a\">a</a>"));
    assert_eq!(read("404.html"), folders);
    build(&folder, &["--layout", "folders", "--verify", "--base-path", "/r/"]).assert_good();
    assert_eq!(read("404.html"), folders.replace("href=/", "href=/r/"));
}

#[test]
fn a_page_answers_under_the_name_of_its_file_in_a_build() {
    for (config, base, has_drafts) in [
        ("", "", false),
        ("drafts = true", "", true),
        ("drafts = true\nbase_path = '/r/'", "/r", true),
    ] {
        let folder = Folder::new(&[
            ("config.toml", config),
            ("pages/index.html", "{{ 1 + 1 }}"),
            ("pages/a.md", "# A\n\n[Home](/)\n"),
            ("pages/sub/2026-03-01-b.md", "b {{ page.url }}\n"),
            ("pages/draft.md", "---\ndraft: true\n---\ndraft {{ page.url }}\n"),
            ("pages/later.md", "---\ndate: 2999-01-01\n---\nlater\n"),
        ]);
        build(&folder, &["--verify"]).assert_good();
        let server = folder.serve(&["--production"]);
        for (page, is_public) in
            [("/a", true), ("/sub/b", true), ("/draft", has_drafts), ("/later", has_drafts)]
        {
            let file = format!("{page}.html");
            let built = fs::read_to_string(folder.path("dist").join(&file[1..])).ok();
            assert_eq!(built.is_some(), is_public, "{config} {file}");
            for path in [page, &file] {
                let answer = ask(server.port, &format!("{base}{path}"));
                let status = if is_public { "200" } else { "404" };
                assert_eq!(answer.status, status, "{config} {path}");
                assert!(built.iter().all(|built| *built == answer.body), "{config} {path}");
            }
            assert!(base.is_empty() || ask(server.port, &file).status == "404", "{file}");
        }
    }
}

#[test]
fn without_templates_markdown_has_no_other_name() {
    let folder = Folder::new(&[("pages/a.md", "# A\n"), ("pages/b.html", "b")]);
    let server = folder.serve(&["--production", "--plain"]);
    for (path, expected) in
        [("/a.html", "404"), ("/a", "404"), ("/a.md", "200"), ("/b", "200"), ("/b.html", "200")]
    {
        assert_eq!(ask(server.port, path).status, expected, "{path}");
    }
    assert_eq!(ask(server.port, "/a.md").body, "# A\n");
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

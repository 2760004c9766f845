//! Small models of how hosts route, each written from the host's documentation; every route
//! of the output is asked through them.

use std::collections::{BTreeMap, BTreeSet};

use pagepool::urls;
use percent_encoding::percent_decode_str;

use super::{
    Built, build,
    common::program::Folder,
    equal::{Answer as Asked, ask, targets},
    files,
    sites::{self, Rules, Site},
};

const SITE: &[(&str, &str)] = &[
    ("pages/index.html", "home"),
    ("pages/about.html", "<a href=docs/intro>x</a>"),
    ("pages/moved.html", "---\naliases: [/was, /was.php, /was.html, /2019/é b]\n---\nmoved"),
    ("pages/docs/index.html", "docs"),
    ("pages/docs/intro.html", "intro"),
    ("pages/docs/v1.2.html", "dots"),
    ("pages/é/a b.html", "names"),
    ("pages/style.css", "h1 {}"),
    ("pages/notes.md2", "notes"),
    ("pages/404.html", "nothing here"),
];

const REDIRECTS: &str = r#"
    types = { md2 = "text/markdown; charset=utf-8" }
    [[redirects]]
    from = "/old"
    to = "/about"
    [[redirects]]
    from = "/docs/intro"
    to = "/é/a b"
    status = 302
    "#;

const PATTERNS: &str = r#"
    [[redirects]]
    from = "/moved/:year/:name"
    to = "/docs/:name"
    status = 302
    [[redirects]]
    from = "/moved/2024/gone"
    to = "/never"
    [[redirects]]
    from = "/blog/**"
    to = "/docs/:splat"
    [[headers]]
    path = "/**"
    set = { X-One = "all" }
    [[headers]]
    path = "/docs/**"
    set = { X-Two = "docs" }
    [[headers]]
    path = "**/*.css"
    set = { X-Three = "css" }
    "#;

/// What a host answers: a status, and a file or where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Content(u16, String),
    Redirect(u16, String),
}

/// How a host answers a path.
type Model = fn(&Uploaded, &str) -> Answer;

/// The files of an output, as a host has them.
struct Uploaded(BTreeMap<String, String>);

impl Uploaded {
    fn new(folder: &Folder) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let files = files(&folder.path("dist")).into_iter();
        Self(files.map(|(name, bytes)| (name, text(bytes))).collect())
    }

    fn get(&self, name: &str) -> Option<Answer> {
        self.0.contains_key(name).then(|| Answer::Content(200, name.to_owned()))
    }

    fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn has_folder(&self, name: &str) -> bool {
        self.0.keys().any(|file| file.starts_with(&format!("{name}/")))
    }

    fn not_found(&self) -> Answer {
        Answer::Content(404, "404.html".to_owned())
    }
}

/// One line of `_redirects`: splats and placeholders as `rules-engine.ts` of Cloudflare's
/// workers-sdk has them, and docs.netlify.com/manage/routing/redirects/redirect-options.
fn redirect_of(line: &str, path: &str) -> Option<(u16, String)> {
    let [from, to, status] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let mut captured = Vec::new();
    let mut rest = path.split('/');
    let mut segments = from.split('/');
    loop {
        match (segments.next(), rest.next()) {
            (None, None) => break,
            // Not the folder itself.
            (Some("*"), Some(part)) => {
                let parts: Vec<&str> = [part].into_iter().chain(rest).collect();
                captured.push((":splat".to_owned(), parts.join("/")));
                break;
            }
            (Some(name), Some(part)) if name.starts_with(':') && !part.is_empty() => {
                captured.push((name.to_owned(), part.to_owned()));
            }
            (Some(text), Some(part)) if text == part => {}
            _ => return None,
        }
    }
    let to = captured.iter().fold(to.to_owned(), |to, (name, part)| to.replace(name, part));
    Some((status.trim_end_matches('!').parse().unwrap(), to))
}

fn redirected(uploaded: &Uploaded, path: &str) -> Option<Answer> {
    let lines = uploaded.0.get("_redirects")?.lines();
    let (status, to) = lines.into_iter().find_map(|line| redirect_of(line, path))?;
    Some(Answer::Redirect(status, to))
}

/// The fields of `_headers` for a path: all blocks that match.
fn fields(uploaded: &Uploaded, path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_for_path = false;
    for line in uploaded.0.get("_headers").map_or("", String::as_str).lines() {
        match line.strip_prefix("  ") {
            None => {
                let (before, after) = line.split_once('*').unwrap_or((line, "\0"));
                is_for_path = line == path
                    || (path.starts_with(before) && path.ends_with(after) && after != "\0");
            }
            Some(field) if is_for_path => match field.strip_prefix("! ") {
                Some(name) => found.retain(|field| !field.starts_with(&format!("{name}:"))),
                None => found.push(field.to_owned()),
            },
            Some(_) => {}
        }
    }
    found
}

/// developers.cloudflare.com/pages/configuration/serving-pages, and `html_handling:
/// auto-trailing-slash` of Workers.
fn cloudflare(uploaded: &Uploaded, path: &str) -> Answer {
    if let Some(answer) = redirected(uploaded, path) {
        return answer;
    }
    let name = decoded(path);
    let bare = name.trim_end_matches('/');
    let index =
        if bare.is_empty() { "index.html".to_owned() } else { format!("{bare}/index.html") };
    if let Some(page) = path.strip_suffix("/index.html").or(path.strip_suffix("/index")) {
        return Answer::Redirect(307, format!("{page}/"));
    }
    if let Some(page) = path.strip_suffix(".html") {
        return Answer::Redirect(307, page.to_owned());
    }
    let found = if path.ends_with('/') {
        let page = uploaded.get(&format!("{bare}.html"));
        uploaded.get(&index).or(page.map(|_| Answer::Redirect(307, slashless(path))))
    } else {
        let folder = uploaded.get(&index).map(|_| Answer::Redirect(307, format!("{path}/")));
        uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))).or(folder)
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.netlify.com/manage/routing/redirects: rules with `!` first, then files; pretty URLs.
fn netlify(uploaded: &Uploaded, path: &str) -> Answer {
    if let Some(answer) = redirected(uploaded, path) {
        return answer;
    }
    let name = decoded(path);
    let bare = name.trim_end_matches('/');
    let page = uploaded.get(&format!("{bare}.html"));
    let index =
        if bare.is_empty() { "index.html".to_owned() } else { format!("{bare}/index.html") };
    let found = match path.ends_with('/') {
        true if page.is_some() => Some(Answer::Redirect(301, slashless(path))),
        true => uploaded.get(&index),
        false => {
            let folder = uploaded.get(&index).map(|_| Answer::Redirect(301, format!("{path}/")));
            uploaded.get(&name).or(page).or(folder)
        }
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.github.com/en/pages; what its nginx does: a file, a page without its extension, and
/// a folder behind its slash alone.
fn github(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false => {
            let is_folder = uploaded.has_folder(&name);
            let folder = is_folder.then(|| Answer::Redirect(301, format!("{path}/")));
            uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))).or(folder)
        }
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.gitlab.com/user/project/pages: files win over `_redirects`; a folder of the name
/// hides the page beside it.
fn gitlab(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false if uploaded.has_folder(&name) => {
            let index = uploaded.get(&format!("{name}/index.html"));
            index.map(|_| Answer::Redirect(302, format!("{path}/")))
        }
        false => uploaded.get(&name).or(uploaded.get(&format!("{name}.html"))),
    };
    let found = found.or_else(|| redirected(uploaded, path));
    found.unwrap_or_else(|| uploaded.not_found())
}

/// docs.aws.amazon.com/AmazonS3/latest/userguide/IndexDocumentSupport.html: an object, or a
/// folder with an index document, with a redirect to its slash.
fn s3(uploaded: &Uploaded, path: &str) -> Answer {
    let name = decoded(path);
    let found = match path.ends_with('/') {
        true => uploaded.get(&format!("{name}index.html")),
        false => {
            let index = uploaded.get(&format!("{name}/index.html"));
            uploaded.get(&name).or(index.map(|_| Answer::Redirect(302, format!("{path}/"))))
        }
    };
    found.unwrap_or_else(|| uploaded.not_found())
}

fn decoded(path: &str) -> String {
    percent_decode_str(path.trim_start_matches('/')).decode_utf8().unwrap().into_owned()
}

fn slashless(path: &str) -> String {
    path.trim_end_matches('/').to_owned()
}

/// Where a browser ends.
#[derive(Debug, PartialEq, Eq)]
enum Visit {
    /// At a status, and a file or the bytes of one.
    Content(u16, String),
    /// On another host.
    Away(String),
}

/// What a browser follows is a redirect, or a page that sends it on. With the last path.
fn visit(host: Model, uploaded: &Uploaded, path: &str) -> (Visit, String) {
    let mut path = path.to_owned();
    for _ in 0..6 {
        let to = match host(uploaded, &path) {
            Answer::Redirect(_, to) => to,
            Answer::Content(status, file) => match sent_on(&uploaded.text(&file)) {
                Some(to) => to,
                None => return (Visit::Content(status, file), path),
            },
        };
        if !to.starts_with('/') {
            return (Visit::Away(to), path);
        }
        path = to.split(['?', '#']).next().unwrap().to_owned();
    }
    panic!("{path} never ends");
}

/// Where a page sends browsers on to.
fn sent_on(page: &str) -> Option<String> {
    let (_, to) = page.split_once("content=\"0; url=")?;
    Some(to.split('"').next().unwrap().to_owned())
}

/// What the server answers, by the path; `/é/a b` as `/%C3%A9/a%20b`.
const EXPECTED: &[(&str, u16, &str)] = &[
    ("/", 200, "home"),
    ("/about", 200, "<a href=docs/intro>x</a>"),
    ("/docs", 200, "docs"),
    ("/docs/", 200, "docs"),
    ("/docs/v1.2", 200, "dots"),
    ("/%C3%A9/a%20b", 200, "names"),
    ("/style.css", 200, "h1 {}"),
    ("/notes.md2", 200, "notes"),
    ("/nothing", 404, "nothing here"),
    ("/docs/nothing", 404, "nothing here"),
    ("/old", 200, "<a href=docs/intro>x</a>"),
    ("/was", 200, "moved"),
    ("/was/", 200, "moved"),
    ("/was.php", 200, "moved"),
    ("/was.html", 200, "moved"),
    ("/2019/%C3%A9%20b", 200, "moved"),
];

const EXPECTED_OF_PATTERNS: &[(&str, u16, &str)] = &[
    ("/moved/2024/v1.2", 200, "dots"),
    ("/moved/2024/gone", 404, "nothing here"),
    ("/blog", 200, "docs"),
    ("/blog/v1.2", 200, "dots"),
    ("/blog/nothing", 404, "nothing here"),
];

fn build_for(host: &str, rules: &str) -> (Folder, Built) {
    let folder = Folder::new(SITE);
    folder.write("config.toml", rules);
    let built = build(&folder, &["--for", host]);
    (folder, built)
}

fn assert_answers(host: Model, uploaded: &Uploaded, expected: &[(&str, u16, &str)]) {
    for (path, status, text) in expected {
        let (Visit::Content(found, file), _) = visit(host, uploaded, path) else {
            panic!("{path}")
        };
        // Below its own folder, a page leads up again.
        let body = uploaded.text(&file).replace("<a href=../docs", "<a href=docs");
        assert_eq!((found, body.as_str()), (*status, *text), "{path}");
    }
}

#[test]
fn hosts_with_redirects_answer_as_the_server_does() {
    let rules = format!("{REDIRECTS}{PATTERNS}");
    for (host, model) in [("cloudflare", cloudflare as Model), ("netlify", netlify)] {
        let (folder, built) = build_for(host, &rules);
        built.assert_good();
        let uploaded = Uploaded::new(&folder);
        assert_answers(model, &uploaded, EXPECTED);
        assert_answers(model, &uploaded, EXPECTED_OF_PATTERNS);
        let file = Visit::Content(200, "é/a b.html".to_owned());
        assert_eq!(visit(model, &uploaded, "/docs/intro").0, file, "{host}");
        for (path, status, to) in [
            ("/old", 301, "/about"),
            ("/docs/intro", 302, "/%C3%A9/a%20b"),
            ("/moved/2024/gone", 302, "/docs/gone"),
            ("/blog", 301, "/docs/"),
            ("/was", 301, "/moved"),
            ("/2019/%C3%A9%20b/", 301, "/moved"),
        ] {
            assert_eq!(model(&uploaded, path), Answer::Redirect(status, to.to_owned()), "{host}");
        }
        for (path, expected) in [
            ("/about", &["X-One: all"][..]),
            ("/docs/", &["X-One: all", "X-Two: docs"]),
            ("/style.css", &["X-One: all", "X-Three: css"]),
            ("/notes.md2", &["X-One: all", "Content-Type: text/markdown; charset=utf-8"]),
        ] {
            assert_eq!(fields(&uploaded, path), expected, "{host} {path}");
        }
    }
}

#[test]
fn gitlab_answers_as_the_server_does_but_where_a_file_wins() {
    let (folder, built) = build_for("gitlab", &format!("{REDIRECTS}{PATTERNS}"));
    assert_eq!(built.code, Some(0), "{built:?}");
    for warning in [
        "rule 2 of `[[redirects]]`: GitLab Pages answers with `docs/intro.html`, since files win",
        "GitLab Pages cannot change header fields: rule 1 of `[[headers]]`, rule 2 of",
        "GitLab Pages takes no `[types]`, of the extensions `md2`",
    ] {
        assert!(built.stderr.contains(&format!("warning: {warning}")), "{built:?}");
    }
    let uploaded = Uploaded::new(&folder);
    assert_answers(gitlab, &uploaded, EXPECTED);
    assert_answers(gitlab, &uploaded, EXPECTED_OF_PATTERNS);
}

#[test]
fn hosts_without_redirects_send_browsers_on() {
    let rules = REDIRECTS.split("[[redirects]]\n    from = \"/docs").next().unwrap();
    for (host, model) in [("github", github as Model), ("s3", s3)] {
        let (folder, built) = build_for(host, rules);
        assert_eq!(built.code, Some(0), "{built:?}");
        assert_answers(model, &Uploaded::new(&folder), EXPECTED);
        assert!(built.stderr.contains("takes no `[types]`, of the extensions `md2`"), "{built:?}");

        let (_, built) = build_for(host, &format!("{REDIRECTS}{PATTERNS}"));
        assert_eq!(built.code, Some(1), "{built:?}");
        for error in [
            "error: rule 2 of `[[redirects]]` cannot be said to ",
            "`docs/intro.html` stands there",
            "error: rule 5 of `[[redirects]]` cannot be said to ",
            "it is from more than one path",
        ] {
            assert!(built.stderr.contains(error), "{error}: {built:?}");
        }
    }
}

#[test]
fn what_no_host_can_be_told_is_an_error_that_names_rule_and_host() {
    let rules = "[[redirects]]\nfrom = \"/a/*.php\"\nto = \"/a\"\n";
    for (host, shown) in [
        ("plain", "nginx and Caddy"),
        ("cloudflare", "Cloudflare"),
        ("netlify", "Netlify"),
        ("github", "GitHub Pages"),
        ("gitlab", "GitLab Pages"),
        ("vercel", "Vercel"),
        ("s3", "S3"),
    ] {
        let (_, built) = build_for(host, rules);
        assert_eq!(built.code, Some(1), "{built:?}");
        let error = format!(
            "error: rule 1 of `[[redirects]]` cannot be said to {shown}: `/a/*.php` has `*.php`, for \
             which no host has a word"
        );
        assert!(built.stderr.contains(&error), "{built:?}");
    }
}

#[test]
fn vercel_gets_its_settings() {
    let (folder, built) = build_for("vercel", &format!("{REDIRECTS}{PATTERNS}"));
    built.assert_good();
    let text = std::fs::read_to_string(folder.path("dist/vercel.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(settings["cleanUrls"], true);
    assert_eq!(settings["trailingSlash"], serde_json::Value::Null);
    let entry = |from: &str, to: &str, status: u16| serde_json::json!({ "source": from, "destination": to, "statusCode": status });
    assert_eq!(settings["redirects"][0], entry("/old", "/about", 301));
    assert_eq!(settings["redirects"][2], entry("/moved/:year/:name", "/docs/:name", 302));
    assert_eq!(settings["redirects"][4], entry("/blog/:splat*", "/docs/:splat*", 301));
    let sources = settings["headers"].as_array().unwrap().iter();
    let sources: Vec<&str> = sources.map(|header| header["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["/(.*)", "/docs/(.*)", "/(.*)\\.css", "/(.*)\\.md2"]);
    assert_eq!(std::fs::read(folder.path("dist/.vercelignore")).unwrap(), b".pagepool-build\n");
}

#[test]
fn github_is_told_of_what_it_drops() {
    let folder = Folder::new(&[("pages/index.html", "x"), ("pages/.well-known/x.txt", "x")]);
    let built = build(&folder, &["--for", "github"]);
    assert!(built.stderr.contains("leaves out what begins with a dot"), "{built:?}");
    assert_eq!(std::fs::read(folder.path("dist/.nojekyll")).unwrap(), b"");
}

#[test]
fn what_is_more_than_a_host_takes_is_told() {
    let rule = |from: &str| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"/about\"\n");
    let rules = |count: usize| (0..count).map(|n| rule(&format!("/o/{n}"))).collect::<String>();
    let long = |len: usize| rule(&format!("/{}", "a".repeat(len - 1)));
    for (host, rules, code, line) in [
        ("cloudflare", rules(2_000), 0, ""),
        ("cloudflare", rules(2_001), 1, "error: Cloudflare takes 2000 redirects from one path"),
        ("cloudflare", long(1_001), 1, "error: rule 1 of `[[redirects]]` is longer than 1000"),
        ("gitlab", rules(1_001), 0, "warning: GitLab Pages reads 1000 redirects"),
        ("vercel", rules(2_048), 0, ""),
        ("vercel", rules(2_049), 1, "error: Vercel takes 2048 redirects, and there are 2049"),
        ("vercel", long(4_096), 0, ""),
        ("vercel", long(4_097), 1, "error: rule 1 of `[[redirects]]` has a path of more than 4096"),
        (
            "vercel",
            rule("/.well-known/a"),
            0,
            "warning: rule 1 of `[[redirects]]`: Vercel redirects",
        ),
    ] {
        let folder = Folder::new(&[("pages/index.html", "x"), ("config.toml", &rules)]);
        let built = build(&folder, &["--for", host]);
        assert_eq!(built.code, Some(code), "{host}, {line}: {}", built.stderr);
        assert!(
            built.stderr.lines().any(|found| found.starts_with(line)) || line.is_empty(),
            "{host}, {line}: {}",
            built.stderr
        );
        assert!(!line.is_empty() || built.stderr.is_empty(), "{host}: {}", built.stderr);
    }
}

/// A host of the table: what its model cannot answer as the server does, by the path and the
/// server's answer. Each of these is told by a warning, or documented at the host.
struct Host {
    name: &'static str,
    model: Model,
    rules: Rules,
    is_known: fn(&str, &Asked) -> bool,
}

const HOSTS: [Host; 5] = [
    Host { name: "cloudflare", model: cloudflare, rules: Rules::All, is_known: |_, _| false },
    Host {
        name: "netlify",
        model: netlify,
        rules: Rules::All,
        // A page hides the folder beside it.
        is_known: |path, _| path.starts_with("/both/"),
    },
    Host {
        name: "github",
        model: github,
        rules: Rules::Fixed,
        is_known: |path, expected| {
            is_behind_slash(path, expected) || path.starts_with("/.well-known/")
        },
    },
    Host {
        name: "gitlab",
        model: gitlab,
        rules: Rules::All,
        // A folder hides the page beside it.
        is_known: |path, expected| is_behind_slash(path, expected) || path == "/both",
    },
    Host {
        name: "s3",
        model: s3,
        rules: Rules::Fixed,
        // Every page is the index of a folder, and no file of its name; but the one for what is
        // not there. That of a rule is one, too, and answers behind a slash.
        is_known: |path, _| {
            let page = path.trim_end_matches('/');
            page.ends_with(".html") || page.ends_with("/index") || page == "/404" || path == "/old/"
        },
    },
];

/// A page behind a slash, from which the server leads away.
fn is_behind_slash(path: &str, expected: &Asked) -> bool {
    path.ends_with('/') && expected.location() == Some(&slashless(path))
}

/// Where a browser ends at the server, whose first answer is `first`. With the last path.
fn visit_server(port: u16, path: &str, first: &Asked) -> (Visit, String) {
    let (mut path, mut answer) = (path.to_owned(), first.clone());
    for _ in 0..6 {
        match answer.location() {
            None => return (Visit::Content(answer.status.parse().unwrap(), answer.body), path),
            Some(to) if !to.starts_with('/') => return (Visit::Away(to.to_owned()), path),
            Some(to) => path = to.split('#').next().unwrap().to_owned(),
        }
        answer = ask(port, &path);
    }
    panic!("{path} never ends");
}

/// Where the relative links of a page lead that is shown at `path`.
fn led_to(page: &str, path: &str) -> Vec<String> {
    let references = urls::in_html(page).into_iter();
    let relative = references.filter(|it| urls::Form::of(&it.url) == urls::Form::Relative);
    let absolute = |url: &str| {
        let path = urls::resolve(urls::split(path).0, urls::split(url).0);
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    };
    relative.map(|it| absolute(&it.url)).collect()
}

/// What differs between the server's answer at `path` and that of a host.
fn difference(
    host: &Host,
    site: &Site,
    uploaded: &Uploaded,
    port: u16,
    path: &str,
) -> Option<String> {
    let first = ask(port, path);
    if (host.is_known)(path, &first) {
        return None;
    }
    let (expected, expected_at) = visit_server(port, path, &first);
    let (found, found_at) = visit(host.model, uploaded, path);
    let is_same = match (&expected, &found) {
        (Visit::Content(404, _), Visit::Content(404, _)) if !site.has_not_found => true,
        (Visit::Content(status, bytes), Visit::Content(found, file)) => {
            // What is one folder further down leads up again, to the same.
            let text = uploaded.text(file);
            let levelled = |text: &str| text.replace("../", "");
            let is_led =
                !file.ends_with(".html") || led_to(bytes, &expected_at) == led_to(&text, &found_at);
            status == found && levelled(bytes) == levelled(&text) && is_led
        }
        (expected, found) => expected == found,
    };
    // A rule of the host is one of the site, and the same.
    let is_same_rule = match redirected(uploaded, path) {
        Some(Answer::Redirect(status, to)) if host.name != "gitlab" => {
            let is_status = first.status == status.to_string()
                || host.name == "netlify"
                    && matches!((first.status.as_str(), status), ("308", 301) | ("307", 302));
            is_status && first.location() == Some(&to)
        }
        _ => true,
    };
    let is_same_type = match &found {
        Visit::Content(200, file) if first.status == "200" => {
            let told = fields(uploaded, path).into_iter();
            let mut told =
                told.filter_map(|field| field.strip_prefix("Content-Type: ").map(str::to_owned));
            let guess = mime_guess::from_path(file).first_raw().map(str::to_owned);
            let essence = |value: &str| value.split(';').next().unwrap().to_owned();
            let expected = first.content_type.as_deref().map(essence);
            // Where a name implies no type, a warning has said so.
            told.next_back().or(guess).is_none_or(|found| Some(essence(&found)) == expected)
        }
        _ => true,
    };
    // Others have not all the words that the rules for fields need, and say so.
    let has_same_fields = host.name != "cloudflare" || first.status != "200" || {
        let told = fields(uploaded, path).into_iter().map(|field| field.to_lowercase());
        let told: BTreeSet<String> = told.filter(|field| field.starts_with("x-")).collect();
        let field = |(name, value): &(String, String)| format!("{name}: {value}").to_lowercase();
        told == first.fields.iter().map(field).collect()
    };
    let is_equal = is_same && is_same_rule && is_same_type && has_same_fields;
    (!is_equal).then(|| format!("{path}\n  {first:?}\n  {expected:?}\n  {found:?}\n"))
}

#[test]
fn every_host_answers_every_route_of_every_site_as_the_server_does() {
    let mut differences = String::new();
    for host in &HOSTS {
        for site in sites::all(host.rules) {
            let folder = &site.folder;
            if host.name == "s3" && folder.path("pages/both.html").exists() {
                // Both would be one file.
                std::fs::remove_file(folder.path("pages/both.html")).unwrap();
            }
            let built = build(folder, &["--for", host.name]);
            assert_eq!(built.code, Some(0), "{built:?}");
            let mut uploaded = Uploaded::new(folder);
            uploaded.0.remove(".pagepool-build");
            let server = folder.serve(&["--production"]);
            for path in targets(folder, &folder.path("dist")) {
                if path.contains('?') || !site.answers(&path) || is_below_file(&path) {
                    continue;
                }
                if let Some(text) = difference(host, &site, &uploaded, server.port, &path) {
                    differences += &format!("{} {text}", host.name);
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// What the server refuses to look for in a file's place.
fn is_below_file(path: &str) -> bool {
    path.starts_with("/style.css/") || path.contains(".html/")
}

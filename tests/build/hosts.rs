//! What hosts get besides content, and what they cannot be told.

use std::fs;

use super::{
    Built, build,
    common::program::Folder,
    models::{Uploaded, fields},
};

const SITE: &[(&str, &str)] = &[
    ("pages/index.html", "home"),
    ("pages/about.html", "<a href=docs/intro>x</a>"),
    ("pages/docs/index.html", "docs"),
    ("pages/docs/intro.html", "intro"),
    ("pages/é/a b.html", "names"),
    ("pages/style.css", "h1 {}"),
    ("pages/notes.md2", "notes"),
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

fn build_for(host: &str, rules: &str) -> (Folder, Built) {
    let folder = Folder::new(SITE);
    folder.write("config.toml", rules);
    let built = build(&folder, &["--for", host]);
    (folder, built)
}

#[test]
fn fields_are_in_the_words_of_the_host() {
    for host in ["cloudflare", "netlify"] {
        let (folder, built) = build_for(host, &format!("{REDIRECTS}{PATTERNS}"));
        built.assert_good();
        let uploaded = Uploaded::new(&folder);
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
fn gitlab_is_told_where_a_file_wins_and_what_it_cannot() {
    let (_, built) = build_for("gitlab", &format!("{REDIRECTS}{PATTERNS}"));
    assert_eq!(built.code, Some(0), "{built:?}");
    for warning in [
        "rule 2 of `[[redirects]]`: GitLab Pages answers with `docs/intro.html`, since files win",
        "GitLab Pages cannot change header fields: rule 1 of `[[headers]]`, rule 2 of",
        "GitLab Pages takes no `[types]`, of the extensions `md2`",
    ] {
        assert!(built.stderr.contains(&format!("warning: {warning}")), "{built:?}");
    }
}

#[test]
fn hosts_without_redirects_refuse_what_no_page_can_do() {
    for host in ["github", "s3"] {
        let (_, built) = build_for(host, &format!("{REDIRECTS}{PATTERNS}"));
        assert_eq!(built.code, Some(1), "{built:?}");
        for problem in [
            "takes no `[types]`, of the extensions `md2`",
            "error: `docs/intro.html` and the page for rule 2 of `[[redirects]]` on ",
            " are both written as `docs/intro",
            "error: rule 4 of `[[redirects]]` cannot be said to ",
            "it is from more than one path",
        ] {
            assert!(built.stderr.contains(problem), "{problem}: {built:?}");
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
    let text = fs::read_to_string(folder.path("dist/vercel.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(settings["cleanUrls"], true);
    assert_eq!(settings["trailingSlash"], serde_json::Value::Null);
    let entry = |from: &str, to: &str, status: u16| serde_json::json!({ "source": from, "destination": to, "statusCode": status });
    assert_eq!(settings["redirects"][0], entry("/old", "/about", 301));
    assert_eq!(settings["redirects"][2], entry("/moved/:year/:name", "/docs/:name", 302));
    assert_eq!(settings["redirects"][3], entry("/blog", "/docs/", 301));
    assert_eq!(settings["redirects"][4], entry("/blog/:splat(.*)", "/docs/:splat", 301));
    let sources = settings["headers"].as_array().unwrap().iter();
    let sources: Vec<&str> = sources.map(|header| header["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["/(.*)", "/docs/(.*)", "/(.*)\\.css", "/(.*)\\.md2"]);
    assert_eq!(fs::read(folder.path("dist/.vercelignore")).unwrap(), b".pagepool-*\n");
}

#[test]
fn s3_is_told_of_pages_that_it_does_not_find() {
    let folder = Folder::new(&[
        ("pages/index.html", ""),
        ("pages/about.html", ""),
        ("pages/docs/index.html", ""),
        ("pages/docs/a.md", ""),
        ("pages/404.html", ""),
    ]);
    let built = build(&folder, &["--for", "s3", "--layout", "files"]);
    let warning = "warning: S3 finds pages as `index.html` of a folder alone, and answers `/about`, \
                   `/docs/a` with a 404: leave `--layout files` out\n";
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), warning), "{built:?}");
    build(&folder, &["--for", "s3"]).assert_good();
    build(&folder, &["--layout", "files"]).assert_good();
}

#[test]
fn github_is_told_of_what_it_drops() {
    let folder = Folder::new(&[("pages/index.html", "x"), ("pages/.well-known/x.txt", "x")]);
    let built = build(&folder, &["--for", "github"]);
    assert!(built.stderr.contains("leaves out what begins with a dot"), "{built:?}");
    assert_eq!(fs::read(folder.path("dist/.nojekyll")).unwrap(), b"");
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

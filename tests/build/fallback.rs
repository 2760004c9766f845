//! The page that `fallback` names, in builds for each host: files before it, and it before the
//! page for what is not there.

use std::fs;

use super::{
    build,
    common::program::Folder,
    equal::ask,
    models::{Model, Uploaded, Visit, cloudflare, github, gitlab, netlify, s3, visit},
    vercel::vercel,
};

pub(super) const FILES: &[(&str, &str)] = &[
    ("pages/index.html", "the home page"),
    ("pages/app.html", "{{ 'the application' }}"),
    ("pages/about.html", "about, the page"),
    ("pages/docs/index.html", "docs, the folder"),
    ("pages/docs/a.md", "# a\n"),
    ("pages/style.css", "p { color: teal }"),
    ("pages/old.html", "---\naliases: /was\n---\nold"),
];

/// A host, and how it answers what is missing.
struct Host {
    name: &'static str,
    model: Model,
    /// With `/index.html`, and with another page.
    statuses: [u16; 2],
    /// What a build says of that, where it is no 200.
    warning: &'static str,
}

const HOSTS: [Host; 6] = [
    Host {
        name: "cloudflare",
        model: cloudflare,
        statuses: [200, 404],
        warning: "Cloudflare answers what is missing with",
    },
    Host { name: "netlify", model: netlify, statuses: [200, 200], warning: "" },
    Host { name: "gitlab", model: gitlab, statuses: [200, 200], warning: "" },
    Host { name: "vercel", model: vercel, statuses: [200, 200], warning: "" },
    Host {
        name: "github",
        model: github,
        statuses: [404, 404],
        warning: "GitHub Pages answers what is missing with",
    },
    Host {
        name: "s3",
        model: s3,
        statuses: [404, 404],
        warning: "S3 answers what is missing with",
    },
];

/// Paths with something there: each host answers as the server does.
pub(super) const THERE: [&str; 8] =
    ["/", "/app", "/about", "/docs", "/docs/", "/docs/a", "/style.css", "/was"];

/// Paths of the application, and of nothing; of the last ones, the server says that there is no
/// such file, and hosts do not tell them apart.
pub(super) const MISSING: [(&str, bool); 6] = [
    ("/users/7", true),
    ("/users/7/", true),
    ("/docs/none", true),
    ("/a%20b/%C3%A9", true),
    ("/none.css", false),
    ("/docs/none.png", false),
];

#[test]
fn every_host_answers_what_is_missing_with_the_page_and_nothing_else() {
    for host in &HOSTS {
        for (page, status) in ["index", "app"].into_iter().zip(host.statuses) {
            let folder = Folder::new(FILES);
            folder.write("config.toml", &format!("fallback = '/{page}.html'"));
            let built = build(&folder, &["--for", host.name]);
            assert_eq!(built.code, Some(0), "{built:?}");
            let warns = !built.stderr.is_empty() && built.stderr.contains(host.warning);
            assert_eq!(warns, status == 404, "{} {page}: {built:?}", host.name);
            let uploaded = Uploaded::new(&folder);
            let server = folder.serve(&["--production"]);
            let expected = ask(server.port, if page == "index" { "/" } else { "/app" }).body;
            for path in THERE {
                let (found, _) = visit(host.model, &uploaded, path);
                let first = ask(server.port, path);
                let answer = match first.location() {
                    Some(to) => ask(server.port, to),
                    None => first,
                };
                let Visit::Content(200, file) = found else { panic!("{} {path}", host.name) };
                assert_eq!(uploaded.text(&file), answer.body, "{} {page} {path}", host.name);
            }
            for (path, is_answered) in MISSING {
                let answer = ask(server.port, path);
                let is_page = answer.status == "200" && answer.body == expected;
                assert_eq!(is_page, is_answered, "{path} {answer:?}");
                let found = (host.model)(&uploaded, path);
                let super::models::Answer::Content(found, file) = found else {
                    panic!("{} {page} {path} {found:?}", host.name)
                };
                assert_eq!(found, status, "{} {page} {path}", host.name);
                assert_eq!(uploaded.text(&file), expected, "{} {page} {path}", host.name);
            }
        }
    }
}

/// The file of the page in the output is another in folders, and where it is Markdown.
#[test]
fn the_rule_names_the_file_that_is_written() {
    for (page, args, file, path) in [
        ("/app.html", &[][..], "app.html", "/app"),
        ("/app.html", &["--layout", "folders"], "app/index.html", "/app/"),
        ("/docs/a.md", &[], "docs/a.html", "/docs/a"),
        ("/docs/index.html", &[], "docs/index.html", "/docs/"),
    ] {
        let folder = Folder::new(FILES);
        folder.write("config.toml", &format!("fallback = '{page}'"));
        for (host, model) in [("netlify", netlify as Model), ("gitlab", gitlab), ("vercel", vercel)]
        {
            let built = build(&folder, &[&["--for", host], args].concat());
            assert_eq!(built.code, Some(0), "{built:?}");
            let uploaded = Uploaded::new(&folder);
            let (found, _) = visit(model, &uploaded, "/none");
            assert_eq!(found, Visit::Content(200, file.to_owned()), "{host} {page} {args:?}");
            let (page, _) = visit(model, &uploaded, path);
            assert_eq!(page, Visit::Content(200, file.to_owned()), "{host} {path} {args:?}");
        }
    }
}

/// A project of GitLab has its rules below its own path.
#[test]
fn the_rule_of_gitlab_is_below_the_base_path() {
    let folder = Folder::new(FILES);
    folder.write("config.toml", "fallback = '/app.html'");
    build(&folder, &["--for", "gitlab", "--base-path", "/repo/"]).assert_good();
    let rules = fs::read_to_string(folder.path("dist/_redirects")).unwrap();
    let last = rules.lines().last();
    assert_eq!(last, Some("/repo/* /repo/app.html 200"), "{rules}");
}

#[test]
fn a_page_that_is_not_written_is_an_error() {
    for (page, text) in [
        ("/gone.html", ""),
        ("/_app.html", "private"),
        ("/app.html", "---\nbuild: false\n---\n"),
        ("/app.html", "---\ndraft: true\n---\n"),
    ] {
        let folder = Folder::new(&[("pages/index.html", "home")]);
        if !text.is_empty() {
            folder.write(&format!("pages{page}"), text);
        }
        folder.write("config.toml", &format!("fallback = '{page}'"));
        for host in ["plain", "netlify", "s3"] {
            let built = build(&folder, &["--for", host]);
            let error = format!(
                "error: `fallback` names `{page}`, which is not written: name a page of the site, or \
                 leave it out\nerror: one error; `dist` is as it was\n"
            );
            assert_eq!((built.code, built.stderr), (Some(1), error), "{host} {text}");
            assert!(!folder.path("dist").exists());
        }
    }
}

/// A host with one page for what is missing answers with the site's own.
#[test]
fn the_sites_own_page_for_what_is_missing_wins_where_there_is_one_place() {
    for (host, text) in [
        ("github", "GitHub Pages answers what is missing with `404.html`, not with"),
        ("s3", "S3 answers what is missing with `404.html`, not with"),
    ] {
        let folder = Folder::new(FILES);
        folder.write("pages/404.html", "nothing here");
        folder.write("config.toml", "fallback = '/app.html'");
        let built = build(&folder, &["--for", host]);
        let warning =
            format!("warning: {text} the page that `fallback` names: leave one of them out");
        assert!(built.stderr.lines().any(|line| line == warning), "{built:?}");
        assert_eq!(fs::read(folder.path("dist/404.html")).unwrap(), b"nothing here");
    }
    let folder = Folder::new(FILES);
    folder.write("pages/404.html", "nothing here");
    for page in ["index", "app"] {
        folder.write("config.toml", &format!("fallback = '/{page}.html'"));
        let built = build(&folder, &["--for", "cloudflare"]);
        assert_eq!(built.code, Some(1), "{built:?}");
        assert!(built.stderr.contains("answers with `404.html` in place of the page"), "{built:?}");
    }
}

/// Where the host knows the page for what is missing alone, it gets what the page's own path has.
#[test]
fn the_page_for_what_is_missing_is_the_page_itself_whatever_makes_it() {
    for page in ["app.md", "app.html", "docs/index.html"] {
        let folder = Folder::new(FILES);
        folder.write(&format!("pages/{page}"), "The application\n");
        folder.write("config.toml", &format!("fallback = '/{page}'"));
        if page == "app.md" {
            std::fs::remove_file(folder.path("pages/app.html")).unwrap();
        }
        assert_eq!(build(&folder, &["--for", "github"]).code, Some(0));
        let text = |name: &str| std::fs::read_to_string(folder.path("dist").join(name)).unwrap();
        assert!(text("404.html").contains("The application"), "{page}: {}", text("404.html"));
        assert_eq!(text("404.html"), text(&page.replace(".md", ".html")), "{page}");
    }
}

//! Every route of every site, asked of the server and of a model of each host.

use std::{collections::BTreeSet, fs};

use pagepool::urls;

use super::{
    build,
    equal::{Answer as Asked, ask, targets},
    models::{
        Answer, Model, Uploaded, Visit, cloudflare, fields, github, gitlab, netlify, redirected,
        s3, slashless, visit,
    },
    sites::{self, Rules, Site},
    vercel::{vercel, vercel_fields},
};

/// A host of the table: what its model cannot answer as the server does, by the path and the
/// server's answer. Each of these is told by a warning, or documented at the host.
struct Host {
    name: &'static str,
    model: Model,
    rules: Rules,
    is_known: fn(&str, &Asked) -> bool,
}

const HOSTS: [Host; 6] = [
    Host {
        name: "cloudflare",
        model: cloudflare,
        rules: Rules::All,
        // The name of a page leads to its path, from which a rule leads on.
        is_known: |path, _| path == "/static.html",
    },
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
        is_known: |path, expected| {
            // And a file the rule from its path, as a warning says.
            is_behind_slash(path, expected) || path == "/both" || path == "/static"
        },
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
    Host {
        name: "vercel",
        model: vercel,
        rules: Rules::All,
        // It answers with and without a slash at the end, and a page hides the folder beside it.
        // The name of a page leads to its path, from which a rule leads on.
        is_known: |path, expected| {
            let is_both = path.starts_with("/both/");
            is_behind_slash(path, expected) || is_both || path == "/static.html"
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

/// The fields that a host was told of for a path.
fn told_fields(host: &Host, uploaded: &Uploaded, path: &str) -> Vec<String> {
    if host.name == "vercel" { vercel_fields(uploaded, path) } else { fields(uploaded, path) }
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
            let told = told_fields(host, uploaded, path).into_iter();
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
    let has_all_words = matches!(host.name, "cloudflare" | "vercel");
    let has_same_fields = !has_all_words || first.status != "200" || {
        let told = told_fields(host, uploaded, path).into_iter().map(|field| field.to_lowercase());
        let told: BTreeSet<String> = told.filter(|field| field.starts_with("x-")).collect();
        let field = |(name, value): &(String, String)| format!("{name}: {value}").to_lowercase();
        let expected: BTreeSet<String> = first.fields.iter().map(field).collect();
        // A warning says what cannot be taken away.
        told == expected || host.name == "vercel" && told.is_superset(&expected)
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
                fs::remove_file(folder.path("pages/both.html")).unwrap();
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

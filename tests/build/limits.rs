//! What hosts take no more of, and all that a build says of what they cannot do.

use std::fs::{self, File};

use super::{build, common::program::Folder, names};

const PAGES: &[(&str, &str)] = &[("pages/index.html", "home"), ("pages/about.html", "about")];

/// Builds with this configuration, and gives the exit code with all that was said.
fn said(host: &str, files: &[(&str, &str)], config: &str) -> (Option<i32>, String) {
    let folder = Folder::new(PAGES);
    files.iter().for_each(|(name, text)| folder.write(name, text));
    folder.write("config.toml", config);
    let built = build(&folder, &["--for", host]);
    (built.code, built.stderr)
}

/// The rules for each of `count` numbers.
fn rules(count: usize, rule: impl Fn(usize) -> String) -> String {
    (0..count).map(rule).collect()
}

fn redirect(from: &str, to: &str) -> String {
    format!("[[redirects]]\nfrom = '{from}'\nto = '{to}'\n")
}

fn header(path: &str, value: &str) -> String {
    format!("[[headers]]\npath = '{path}'\nset = {{ X-A = '{value}' }}\n")
}

#[test]
fn cloudflare_takes_so_many_rules_of_such_lengths() {
    let patterns = |count| rules(count, |n| redirect(&format!("/o/{n}/:x"), "/about"));
    // Each of them is one of a path and one of a pattern.
    let folders = |count| rules(count, |n| redirect(&format!("/o/{n}/**"), "/about"));
    let fixed = |count| rules(count, |n| redirect(&format!("/o/{n}"), "/about"));
    let headers = |count| rules(count, |n| header(&format!("/h/{n}"), "x"));
    // What stands in the line besides: two spaces and the status.
    let long = |len: usize| redirect(&format!("/{}", "a".repeat(len - 12)), "/about");
    let field = |len: usize| header("/about", &"v".repeat(len - "X-A: ".len()));
    for (config, problem) in [
        (patterns(100), ""),
        (patterns(101), "Cloudflare takes 100 redirects from patterns, and there are 101"),
        (folders(100), ""),
        (folders(101), "Cloudflare takes 100 redirects from patterns, and there are 101"),
        (fixed(2_000) + &patterns(100), ""),
        (fixed(2_001), "Cloudflare takes 2000 redirects from one path, and there are 2001"),
        (headers(100), ""),
        (headers(101), "Cloudflare takes 100 rules for header fields, and there are 101"),
        (long(1_000), ""),
        (
            long(1_001),
            "rule 1 of `[[redirects]]` is longer than 1000 characters, which is all that Cloudflare \
             takes",
        ),
        (field(2_000), ""),
        (
            field(2_001),
            "the path or a field of `/about` is longer than 2000 characters, which is all that Cloudflare takes",
        ),
    ] {
        let expected = match problem {
            "" => (Some(0), String::new()),
            problem => {
                let end = "error: one error; `dist` is as it was";
                (Some(1), format!("error: {problem}\n{end}\n"))
            }
        };
        assert_eq!(said("cloudflare", &[], &config), expected, "{problem}");
    }
}

#[test]
fn cloudflare_takes_files_of_such_a_size() {
    let folder = Folder::new(PAGES);
    let film = File::create(folder.path("pages/film.mp4")).unwrap();
    film.set_len(25 * 1024 * 1024).unwrap();
    build(&folder, &["--for", "cloudflare"]).assert_good();
    film.set_len(25 * 1024 * 1024 + 1).unwrap();
    let built = build(&folder, &["--for", "cloudflare"]);
    let warning = "warning: Cloudflare takes files of up to 25 MiB: `film.mp4`\n";
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), warning));
    build(&folder, &["--for", "netlify"]).assert_good();
}

#[test]
fn cloudflare_answers_with_the_nearest_page_for_what_is_missing() {
    let inner = [("pages/docs/404.html", "not in docs"), ("pages/404.html", "nowhere")];
    let warning = "warning: Cloudflare answers with the nearest `404.html`, as the server does \
                   not: `docs/404.html`\n";
    assert_eq!(said("cloudflare", &inner, ""), (Some(0), warning.to_owned()));
    assert_eq!(said("netlify", &inner, ""), (Some(0), String::new()));
}

/// The list of what the build has made is for the next build, and for nobody else.
#[test]
fn the_list_is_not_uploaded_where_a_host_can_be_told() {
    for (host, ignore) in [
        ("cloudflare", Some(".assetsignore")),
        ("vercel", Some(".vercelignore")),
        ("netlify", None),
        ("gitlab", None),
        ("s3", None),
        ("plain", None),
    ] {
        let folder = Folder::new(PAGES);
        let built = build(&folder, &["--for", host]);
        built.assert_good();
        let names = names(&folder.path("dist"));
        let found: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| name.ends_with("ignore")).collect();
        assert_eq!(found, ignore.into_iter().collect::<Vec<_>>(), "{host}");
        if let Some(ignore) = ignore {
            let text = fs::read_to_string(folder.path("dist").join(ignore)).unwrap();
            assert_eq!(text, ".pagepool-*\n", "{host}");
        }
        let is_said = built.stdout.contains("--exclude '.pagepool-*'");
        assert_eq!(is_said, host == "s3", "{host}");
    }
}

const STATUSES: &str = "
    [[redirects]]
    from = '/a'
    to = '/about'
    status = 307
    [[redirects]]
    from = '/b'
    to = '/about'
    status = 308
    [[redirects]]
    from = '/c'
    to = '/about'
    status = 302
    ";

const FIELDS: &str = "
    types = { md2 = 'text/markdown' }
    [[headers]]
    path = '/**'
    set = { X-A = 'one', X-B = 'one' }
    [[headers]]
    path = '/about'
    set = { X-A = 'two' }
    [[headers]]
    path = '/docs/**'
    set = { X-C = 'three' }
    remove = ['X-B', 'X-D']
    ";

#[test]
fn each_host_is_said_what_it_cannot_be_told() {
    for (host, config, warnings) in [
        (
            "netlify",
            STATUSES,
            &[
                "rule 1 of `[[redirects]]` becomes 302: Netlify has no redirects with 307",
                "rule 2 of `[[redirects]]` becomes 301: Netlify has no redirects with 308",
            ][..],
        ),
        (
            "gitlab",
            STATUSES,
            &[
                "rule 1 of `[[redirects]]` becomes 302: GitLab Pages has no redirects with 307",
                "rule 2 of `[[redirects]]` becomes 301: GitLab Pages has no redirects with 308",
            ],
        ),
        ("cloudflare", STATUSES, &[]),
        ("vercel", STATUSES, &[]),
        (
            "netlify",
            FIELDS,
            &[
                "rule 3 of `[[headers]]`: Netlify cannot take `X-B, X-D` away",
                "Netlify joins both values of `X-A` for `/about` with a comma: rule 1 of \
               `[[headers]]` and rule 2 of `[[headers]]`",
            ],
        ),
        ("vercel", FIELDS, &["rule 3 of `[[headers]]`: Vercel cannot take `X-B, X-D` away"]),
        ("cloudflare", FIELDS, &[]),
        (
            "github",
            FIELDS,
            &[
                "GitHub Pages cannot change header fields: rule 1 of `[[headers]]`, rule 2 of \
               `[[headers]]`, rule 3 of `[[headers]]`",
                "GitHub Pages takes no `[types]`, of the extensions `md2`",
            ],
        ),
        (
            "gitlab",
            FIELDS,
            &[
                "GitLab Pages cannot change header fields: rule 1 of `[[headers]]`, rule 2 of \
               `[[headers]]`, rule 3 of `[[headers]]`",
                "GitLab Pages takes no `[types]`, of the extensions `md2`",
            ],
        ),
        (
            "s3",
            FIELDS,
            &[
                "S3 cannot change header fields: rule 1 of `[[headers]]`, rule 2 of `[[headers]]`, \
               rule 3 of `[[headers]]`",
                "S3 takes no `[types]`, of the extensions `md2`",
            ],
        ),
        ("plain", FIELDS, &[]),
    ] {
        let files =
            [("pages/docs/a.html", "a"), ("pages/docs/index.html", ""), ("pages/n.md2", "n")];
        let expected: String =
            warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
        assert_eq!(said(host, &files, config), (Some(0), expected), "{host}");
    }
}

#[test]
fn gitlab_is_said_to_find_no_page_beside_a_folder_of_its_name() {
    let warning = "warning: GitLab Pages does not find `docs.md` beside the folder of that name: \
                   make it the `index.html` of that folder\n";
    let page = ("pages/docs.md", "docs");
    // An index in it does not help, and any file is enough.
    for other in ["pages/docs/a.html", "pages/docs/a/b.css", "pages/docs/index.md"] {
        let files = [page, (other, "")];
        assert_eq!(said("gitlab", &files, ""), (Some(0), warning.to_owned()), "{other}");
        assert_eq!(said("cloudflare", &files, ""), (Some(0), String::new()), "{other}");
    }
    assert_eq!(said("gitlab", &[page, ("pages/docs2/a.css", "")], ""), (Some(0), String::new()));
}

//! The sites whose output is compared with what the server answers, on every host.

use std::{fs, path::Path};

use walkdir::WalkDir;

use super::common::program::{Folder, Program, SERVER};

/// A site in a folder, and what is known of its output.
pub(super) struct Site {
    pub(super) folder: Folder,
    /// The pages that only a server answers, from the root.
    left_out: &'static [&'static str],
    /// Whether it has a page of its own for what is not there.
    pub(super) has_not_found: bool,
    /// All that a build says against it.
    pub(super) warning: &'static str,
}

/// The rules that a site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    All,
    /// Those that every host has words for: from one path, without a file, to another.
    Fixed,
}

impl Site {
    /// Whether a target is answered by the output as by the server.
    pub(super) fn answers(&self, target: &str) -> bool {
        // Hosts want a page for what is not there, and it has this path.
        let is_for_hosts = !self.has_not_found && target.starts_with("/404");
        !is_for_hosts && !self.left_out.iter().any(|page| target.starts_with(page))
    }
}

/// A site against which a build says nothing.
pub(super) fn of(folder: Folder) -> Site {
    Site { folder, left_out: &[], has_not_found: false, warning: "" }
}

/// All of them.
pub(super) fn all(rules: Rules) -> [Site; 3] {
    [with_every_feature(rules), sample(), new_blog()]
}

/// The sample site, with the guide.
fn sample() -> Site {
    let folder = Folder::new(&[]);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
    for entry in WalkDir::new(&sample) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&sample).unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            folder.write(&format!("pages/{}", name.display()), &text);
        }
    }
    Site { folder, left_out: &["/request"], has_not_found: false, warning: "" }
}

fn new_blog() -> Site {
    let folder = Folder::new(&[]);
    let made = Program::start(&folder, folder.command(SERVER, &["new", "--blog", "."])).wait();
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    Site { folder, left_out: &[], has_not_found: true, warning: "" }
}

/// A site with every feature that an output has to carry.
pub(super) fn with_every_feature(rules: Rules) -> Site {
    let folder = Folder::new(FILES);
    let rules = if rules == Rules::All { PATTERNS } else { "" };
    folder.write("config.toml", &format!("{SETTINGS}{rules}"));
    Site {
        folder,
        left_out: &["/search", "/draft", "/future"],
        has_not_found: true,
        warning: "warning: without an extension, hosts guess the media type: \
                  `.well-known/plain`, `LICENSE`\n",
    }
}

const FILES: &[(&str, &str)] = &[
    ("pages/index.html", "<h1>Home</h1><a href=\"/about\">About</a>\n"),
    (
        "pages/about.html",
        "{% extends '_layout.html' %}{% block body %}{{ page.url }}{% endblock %}",
    ),
    ("pages/_layout.html", "<main>{% block body %}{% endblock %} {{ page.file }}</main>"),
    ("pages/docs/index.html", "docs, <a href=intro>first</a>"),
    ("pages/docs/intro.html", "intro, <a href=v1.2>next</a>, <img src='../x.svg'>"),
    ("pages/docs/v1.2.html", "dots"),
    (
        "pages/now.html",
        "---\naliases: [/was, '/2019/é b', /was.php, /was.html, /blog/over]\n---\nnow",
    ),
    ("pages/both.html", "both, the page"),
    ("pages/both/index.html", "both, the folder"),
    ("pages/folder/only/x.txt", "x"),
    ("pages/é ü/a b#c%41.html", "names"),
    ("pages/é ü/q?.txt", "names"),
    ("pages/404.html", "nothing here, <a href=/>home</a>"),
    ("pages/style.css", "h1 { color: teal; background: url(x.svg) }\n"),
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
    // Pages of Markdown, in a layout, with a date; text and pages out of lists and of data.
    ("pages/_post.html", "<title>{{ page.title }}</title>{% block content %}{% endblock %}"),
    (
        "pages/posts/one.md",
        "---\nlayout: _post.html\ndate: 2026-01-05\n---\n# One\n\n[two](two.md)\n",
    ),
    (
        "pages/posts/two.md",
        "---\nlayout: _post.html\ntags: [b c]\n---\n# Two\n\n[up](../about.html)\n",
    ),
    ("pages/posts.txt.jinja", "{% for p in pages('posts') %}{{ p.url }}\n{% endfor %}"),
    ("pages/feed.xml.jinja", "<feed>{{ pages('posts') | length }}</feed>"),
    ("pages/_data/people.yaml", "- { id: ada, name: Ada }\n- { id: 'b ö', name: Bö }\n"),
    (
        "pages/people/[id].html",
        "---\neach: data.people\nkey: id\nas: person\n---\n{{ person.name }}",
    ),
    ("pages/search.html", "---\nbuild: false\n---\n{{ request.query.q }}"),
    ("pages/draft.md", "---\ndraft: true\n---\ndraft"),
    ("pages/future.md", "---\ndate: 2999-01-01\n---\nfuture"),
    ("pages/static.html", "---\nbuild: static\n---\n{{ request.query.q | default('none') }}"),
];

const SETTINGS: &str = r#"
    templates.exclude = ["vendor/**"]
    types = { md2 = "text/markdown; charset=utf-8" }
    [[redirects]]
    from = "/old"
    to = "/about"
    "#;

const PATTERNS: &str = r#"
    [[redirects]]
    from = "/moved/:year/:name"
    to = "/docs/:name?year=:year#top"
    status = 302
    # It never comes to this one.
    [[redirects]]
    from = "/moved/2024/gone"
    to = "/never"
    # In place of a file.
    [[redirects]]
    from = "/static"
    to = "/docs/v1.2"
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
    "#;

//! Lists of pages, on sites of plain pages.

use std::{fs, os::unix::fs::symlink};

use super::*;

const URLS: &str = "{% for page in pages(FOLDER) %}{{ page.url }} {% endfor %}";

/// What `template`, the page `/list`, makes of these files.
fn list(pages: &Pages, template: &str) -> String {
    pages.write("list.html", template);
    pages.get("/list").body
}

/// The URLs of the pages that `pages(arguments)` lists.
fn urls(pages: &Pages, arguments: &str) -> String {
    list(pages, &URLS.replace("FOLDER", arguments)).trim_end().to_owned()
}

/// The message and the help of the error that `template` ends in.
fn error(pages: &Pages, template: &str) -> String {
    pages.write("list.html", template);
    let answer = pages.get("/list");
    let message = answer.message().to_owned();
    let lines = message.lines().filter(|line| line.starts_with("error:") || line.contains("help:"));
    let lines: Vec<&str> = lines.map(str::trim).collect();
    lines.join(" | ")
}

fn site() -> Pages {
    Pages::new(&[
        ("index.html", "<title>Home</title>"),
        ("about.html", "<title>About</title><meta name=description content='Who we are'>"),
        ("404.html", "<title>Not found</title>"),
        ("_layout.html", "<title>Layout</title>"),
        ("style.css", "p {}"),
        ("blog/index.html", "<h1>Blog</h1>"),
        ("blog/b.html", "<title>Banana</title>"),
        ("blog/a.html", "<title>cherry</title>"),
        ("blog/c.html", "<title>Apple</title>"),
        ("blog/_draft.html", ""),
        ("blog/[id].html", ""),
        ("blog/deep/d.html", ""),
        ("blog/.hidden/e.html", ""),
        (".well-known/f.html", ""),
    ])
}

#[test]
fn a_list_holds_the_public_pages_of_a_folder_in_the_order_of_their_paths() {
    let pages = site();
    for (arguments, expected) in [
        ("", "/ /.well-known/f /about /blog/ /blog/a /blog/b /blog/c /blog/deep/d /list"),
        ("'/'", "/ /.well-known/f /about /blog/ /blog/a /blog/b /blog/c /blog/deep/d /list"),
        ("'./'", "/ /.well-known/f /about /blog/ /blog/a /blog/b /blog/c /blog/deep/d /list"),
        ("'blog/'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'/blog/'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'./blog'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog/deep/..'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog/', deep=false", "/blog/ /blog/a /blog/b /blog/c"),
        ("'blog/', deep=true", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("deep=false", "/ /about /list"),
        ("none, deep=false", "/ /about /list"),
        ("'blog/', limit=2", "/blog/ /blog/a"),
        ("'blog/', limit=0", ""),
        ("'blog/', limit=none, tag=none, sort=none, deep=false", "/blog/ /blog/a /blog/b /blog/c"),
        ("'blog/', limit=100", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog/', sort='title'", "/blog/c /blog/b /blog/ /blog/a /blog/deep/d"),
        ("'blog/', sort='-title'", "/blog/deep/d /blog/a /blog/ /blog/b /blog/c"),
        ("'blog/', sort='-url', limit=2", "/blog/deep/d /blog/c"),
        ("'blog/', sort='file'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        // No page has one: the order is that of the paths in both directions.
        ("'blog/', sort='-date'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog/', sort='order'", "/blog/ /blog/a /blog/b /blog/c /blog/deep/d"),
        ("'blog/', tag='x'", ""),
    ] {
        assert_eq!(urls(&pages, arguments), expected, "{arguments}");
    }
    assert_eq!(
        list(
            &pages,
            "{% for p in pages(limit=3) %}{{ p.title }}|{{ p.description }}|{{ p.file }};{% endfor %}"
        ),
        "Home||index.html;F||.well-known/f.html;About|Who we are|about.html;"
    );
    assert_eq!(list(&pages, "{{ tags() }}{{ tags('blog/') | length }}"), "[]0");
}

#[test]
fn a_relative_folder_is_that_of_the_file_that_names_it() {
    let pages = Pages::new(&[
        ("docs/_list.html", "{% for p in pages('./') %}{{ p.url }} {% endfor %}"),
        ("docs/a.html", "{% include './_list.html' %}"),
        (
            "docs/deep/b.html",
            "{% include 'docs/_list.html' %}{% for p in pages('.') %}{{ p.url }} {% endfor %}",
        ),
        ("docs/deep/c.html", "{% for p in pages('../') %}{{ p.url }} {% endfor %}"),
    ]);
    assert_eq!(pages.get("/docs/a").body, "/docs/a /docs/deep/b /docs/deep/c ");
    assert_eq!(
        pages.get("/docs/deep/b").body,
        "/docs/a /docs/deep/b /docs/deep/c /docs/deep/b /docs/deep/c "
    );
    assert_eq!(pages.get("/docs/deep/c").body, "/docs/a /docs/deep/b /docs/deep/c ");
}

#[test]
fn a_macro_and_a_layout_list_pages_too() {
    let pages = Pages::new(&[
        ("_layout.html", "{% import '_menu.html' as menu %}{{ menu.of('docs/') }}"),
        (
            "_menu.html",
            "{% macro of(folder) %}{% for p in pages(folder) %}{{ p.title }} {% endfor %}{% endmacro %}",
        ),
        ("docs/a.html", "{% extends '_layout.html' %}{% block title %}One{% endblock %}"),
        ("docs/b.html", "{% extends '_layout.html' %}{% block title %}Two{% endblock %}"),
    ]);
    assert_eq!(pages.get("/docs/a").body, "One Two ");
}

#[test]
fn wrong_arguments_are_explained() {
    let pages = site();
    for (call, expected) in [
        ("pages('blgo/')", "error: there is no folder `blgo` | help: did you mean `blog/`?"),
        (
            "pages('blog/depe')",
            "error: there is no folder `blog/depe` | help: did you mean `blog/deep/`?",
        ),
        (
            "pages('xyzzy')",
            "error: there is no folder `xyzzy` | help: folders are named from the folder of pages: `pages(\"blog/\")`",
        ),
        ("pages('about.html')", "error: `about.html` is a file, and no folder of pages | help: "),
        ("pages('../')", "error: `../` leads out of the folder of pages | help: "),
        ("pages('blog/../../')", "error: `blog/../../` leads out of the folder of pages | help: "),
        ("pages('_parts')", "error: `_parts` is private: its pages have no address | help: "),
        (
            "pages('blog/.hidden')",
            "error: `blog/.hidden` is private: its pages have no address | help: ",
        ),
        (
            "pages(5)",
            "error: a folder is named by text, and not by 5 | help: write `pages(\"blog/\")`",
        ),
        (
            "pages('blog/', sort='titel')",
            "error: no page has a `titel` to sort by | help: did you mean `title`?",
        ),
        (
            "pages('blog/', sort='xyzzy')",
            "error: no page has a `xyzzy` to sort by | help: there is ",
        ),
        ("pages('blog/', sort='-')", "error: `sort` is '-', and not the name of a key | help: "),
        ("pages('blog/', sort='')", "error: `sort` is '', and not the name of a key | help: "),
        ("pages('blog/', sort=1)", "error: `sort` is 1, and not the name of a key | help: "),
        (
            "pages('blog/', limit=-1)",
            "error: `limit` is -1, and not how many pages to list | help: write a whole number",
        ),
        (
            "pages('blog/', limit=1.5)",
            "error: `limit` is 1.5, and not how many pages to list | help: write a whole number",
        ),
        (
            "pages('blog/', limit='5')",
            "error: `limit` is '5', and not how many pages to list | help: `| int(default=10)`",
        ),
        (
            "pages('blog/', limit=[])",
            "error: `limit` is a list, and not how many pages to list | help: ",
        ),
        (
            "pages('blog/', tag=[0] * 100000000)",
            "error: `tag` is a list, and not the name of a tag | help: ",
        ),
        ("pages([0] * 100000000)", "error: a folder is named by text, and not by a list | help: "),
        ("pages('blog/', tags='x')", "error: `pages` takes no `tags` | help: did you mean `tag`?"),
        (
            "pages('blog/', xyzzy='x')",
            "error: `pages` takes no `xyzzy` | help: there is `deep`, `each`, `limit`, `sort`, `tag`",
        ),
        ("pages('blog/', 'x')", "error: too many arguments"),
        ("page('blog/')", "error: "),
        ("pagse('blog/')", "error: unknown function: `pagse` | help: did you mean `pages`?"),
    ] {
        let shown = error(&pages, &format!("{{{{ {call} }}}}"));
        assert!(shown.starts_with(expected), "{call}: {shown}");
    }
    // A folder that comes makes it right.
    assert!(error(&pages, "{% for p in pages('new/') %}{{ p.url }}{% endfor %}").contains("new"));
    pages.write("new/x.html", "");
    assert_eq!(pages.get("/list").body, "/new/x");
}

#[test]
fn every_change_shows_in_the_next_list() {
    for is_in_production in [false, true] {
        let pages = Pages::with(&[("blog/b.html", "<title>B</title>")], |options| {
            options.production = is_in_production;
        });
        let template = "{% for p in pages('blog/') %}{{ p.url }}={{ p.title }} {% endfor %}";
        pages.write("list.html", template);
        let mut second = 0;
        let mut shown = || {
            // Production looks once per second.
            second += 2;
            let now = SystemTime::now() + std::time::Duration::from_secs(second);
            let head = "GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n";
            pages.ask_with(head, |asked| pages.site.respond(asked.request, now).at_once()).body
        };
        assert_eq!(shown(), "/blog/b=B ");
        pages.write("blog/a.html", "<title>A</title>");
        assert_eq!(shown(), "/blog/a=A /blog/b=B ");
        pages.write("blog/b.html", "<title>C</title>");
        assert_eq!(shown(), "/blog/a=A /blog/b=C ");
        fs::rename(pages.path("blog/a.html"), pages.path("blog/d.html")).unwrap();
        assert_eq!(shown(), "/blog/b=C /blog/d=A ");
        pages.write("blog/deep/e.html", "");
        assert_eq!(shown(), "/blog/b=C /blog/d=A /blog/deep/e=E ");
        pages.write("blog/deep/f.html", "");
        assert_eq!(shown(), "/blog/b=C /blog/d=A /blog/deep/e=E /blog/deep/f=F ");
        fs::rename(pages.path("blog/deep"), pages.path("blog/_deep")).unwrap();
        assert_eq!(shown(), "/blog/b=C /blog/d=A ");
        fs::remove_file(pages.path("blog/b.html")).unwrap();
        assert_eq!(shown(), "/blog/d=A ");
        // Another folder in its place.
        fs::rename(pages.path("blog"), pages.path("old")).unwrap();
        pages.write("blog/g.html", "");
        assert_eq!(shown(), "/blog/g=G ");
        fs::remove_dir_all(pages.path("blog")).unwrap();
        assert!(!shown().contains("=G"));
    }
}

#[test]
fn links_that_stay_in_the_root_are_listed() {
    let pages = Pages::new(&[
        // As Kubernetes mounts a ConfigMap.
        ("blog/..2026/a.html", "<title>A</title>"),
        ("blog/..2027/a.html", "<title>New</title>"),
        ("real/deep/b.html", ""),
    ]);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.html"), "<title>Secret</title>").unwrap();
    let link = |to: &str, name: &str| symlink(to, pages.path(name)).unwrap();
    link("..2026", "blog/..data");
    link("..data/a.html", "blog/a.html");
    link("../real/deep", "blog/folder");
    link("..", "blog/circle");
    link(".", "blog/self");
    link("nowhere.html", "blog/dangling.html");
    symlink(outside.path().join("secret.html"), pages.path("blog/out.html")).unwrap();
    symlink(outside.path(), pages.path("blog/out")).unwrap();
    let template = "{% for p in pages('blog/') %}{{ p.url }}={{ p.title }} {% endfor %}";
    assert_eq!(list(&pages, template), "/blog/a=A /blog/folder/b=B ");
    // A release is switched.
    symlink("..2027", pages.path("blog/..new")).unwrap();
    fs::rename(pages.path("blog/..new"), pages.path("blog/..data")).unwrap();
    assert_eq!(pages.get("/list").body, "/blog/a=New /blog/folder/b=B ");
    pages.write("real/deep/c.html", "");
    assert_eq!(pages.get("/list").body, "/blog/a=New /blog/folder/b=B /blog/folder/c=C ");
    pages.write("blog/nowhere.html", "<title>There</title>");
    assert!(pages.get("/list").body.contains("/blog/dangling=There "));
    assert_eq!(pages.site.survey().pages, 8);
}

#[test]
fn a_page_knows_those_before_and_after_it_in_its_folder() {
    let step =
        "{{ page.prev.title if page.prev else '-' }} {{ page.next.title if page.next else '-' }}";
    let pages = Pages::new(&[
        ("blog/a.html", step),
        ("blog/b.html", step),
        ("blog/c.html", step),
        ("blog/deep/x.html", step),
        ("_private/y.html", ""),
    ]);
    let shown = |target: &str| pages.get(target).body;
    assert_eq!(shown("/blog/a"), "- B");
    assert_eq!(shown("/blog/b"), "A C");
    assert_eq!(shown("/blog/c"), "B -");
    assert_eq!(shown("/blog/deep/x"), "- -");
    pages.write("blog/bb.html", "<title>New</title>");
    assert_eq!(shown("/blog/b"), "A New");
    assert_eq!(shown("/blog/c"), "New -");
    fs::remove_file(pages.path("blog/a.html")).unwrap();
    assert_eq!(shown("/blog/b"), "- New");
    let all = "{% for p in pages('blog/', deep=false) %}{{ p.next.url | default('-') if p.next else '.' }} {% endfor %}";
    assert_eq!(list(&pages, all), "/blog/bb /blog/c . ");
}

#[test]
fn the_content_of_a_page_is_rendered_when_it_is_asked_for() {
    let pages = Pages::new(&[
        ("_layout.html", "<nav>n</nav><main>{% block content %}{% endblock %}</main>"),
        ("_old.html", "<body><main><p>{% block main %}{% endblock %}</main>"),
        ("_own.html", "<body><main>{% block text %}{% endblock %}</main></body>"),
        (
            "a.html",
            "{% extends '_layout.html' %}{% block content %}<p>{{ page.title }}</p>{% endblock %}",
        ),
        ("b.html", "{% extends '_old.html' %}{% block main %}<i>b</i>{% endblock %}"),
        ("c.html", "{% extends '_own.html' %}{% block text %}<p>c</p>{% endblock %}"),
        ("d.html", "<!doctype html><title>d</title><body><p>d</p><!-- more --><p>e</p></body>"),
        ("e.html", "<p>{{ request.query.x | default('none') }}</p>"),
    ]);
    let show = |what: &str, file: &str| {
        let template = format!(
            "{{% for p in pages() %}}{{% if p.file == '{file}' %}}{{{{ p.{what} }}}}{{% endif %}}{{% endfor %}}"
        );
        list(&pages, &template)
    };
    for (file, content, summary) in [
        ("a.html", "<p>A</p>", "<p>A</p>"),
        ("b.html", "<i>b</i>", ""),
        ("c.html", "<p>c</p>", "<p>c</p>"),
        ("d.html", "<p>d</p><!-- more --><p>e</p>", "<p>d</p>"),
        ("e.html", "<p>none</p>", "<p>none</p>"),
    ] {
        assert_eq!(
            (&*show("content", file), &*show("summary", file)),
            (content, summary),
            "{file}"
        );
    }
    // What it is made of shows at once, and so does what it reads of the request.
    show("content", "a.html");
    assert_eq!(pages.get("/list").body, "<p>A</p>");
    pages.write(
        "_layout.html",
        "<main>{% block content %}{% endblock %}</main>{% block title %}T{% endblock %}",
    );
    pages.write(
        "a.html",
        "{% extends '_layout.html' %}{% block content %}<p>new {{ page.url }}</p>{% endblock %}",
    );
    assert_eq!(pages.get("/list").body, "<p>new /a</p>");
    show("content", "e.html");
    assert_eq!(pages.get("/list?x=1").body, "<p>1</p>");
    assert_eq!(pages.get("/list?x=2").body, "<p>2</p>");
}

#[test]
fn the_content_of_a_page_that_is_no_template_is_its_text() {
    let pages = Pages::with(&[("a.html", "<main>{{ x }}</main>")], |options| {
        options.exclude = vec!["a.html".to_owned()];
    });
    let template =
        "{% for p in pages() %}{% if p.file == 'a.html' %}{{ p.content }}{% endif %}{% endfor %}";
    assert_eq!(list(&pages, template), "{{ x }}");
    pages.write("a.html", "<main>{% y %}</main>");
    assert_eq!(pages.get("/list").body, "{% y %}");
}

#[test]
fn a_content_that_holds_itself_is_an_error_with_its_path() {
    let all = "{% for p in pages(FOLDER) %}{{ p.content }}{% endfor %}";
    let pages = Pages::new(&[
        ("blog/index.html", &all.replace("FOLDER", "'blog/'")),
        ("x/a.html", &all.replace("FOLDER", "'y/'")),
        ("y/b.html", &all.replace("FOLDER", "'z/'")),
        ("z/c.html", &all.replace("FOLDER", "'y/'")),
        (
            "good/index.html",
            "{% for p in pages('./') %}{% if p.url != page.url %}{{ p.content }}{% endif %}{% endfor %}",
        ),
        ("good/a.html", "<p>a</p>"),
    ]);
    let answer = pages.get("/blog/");
    assert_eq!(answer.status(), 500);
    let path = "the content of `blog/index.html` holds itself: blog/index.html -> blog/index.html";
    assert!(answer.message().contains(path), "{}", answer.message());
    assert!(answer.message().contains("help: leave the page out"), "{}", answer.message());
    assert!(answer.message().contains("--> blog/index.html:1:"), "{}", answer.message());
    let message = pages.get("/x/a").message().to_owned();
    assert!(message.contains("holds itself: y/b.html -> z/c.html -> y/b.html"), "{message}");
    assert_eq!(pages.get("/good/").body, "<p>a</p>");
}

#[test]
fn an_error_in_a_content_names_its_file() {
    let pages = Pages::new(&[("blog/a.html", "<p>\n{{ titel }}</p>")]);
    pages.write("list.html", "{% for p in pages('blog/') %}{{ p.content }}{% endfor %}");
    let answer = pages.get("/list");
    assert_eq!(answer.status(), 500);
    assert!(answer.message().contains("--> blog/a.html:2:"), "{}", answer.message());
    pages.write("blog/a.html", "<p>good</p>");
    assert_eq!(pages.get("/list").body, "<p>good</p>");
}

#[test]
fn contents_are_bounded_in_fuel_time_and_depth() {
    let heavy = "{% for n in range(3000) %}{{ n }}{% endfor %}";
    let pages = Pages::new(&[]);
    for number in 0..20 {
        pages.write(&format!("heavy/{number:02}.html"), heavy);
    }
    let all = "{% for p in pages('heavy/', limit=LIMIT) %}{{ p.content | length }} {% endfor %}";
    assert!(list(&pages, &all.replace("LIMIT", "2")).starts_with("10890 10890"));
    let shown = error(&pages, &all.replace("LIMIT", "20"));
    assert!(shown.contains("templates.fuel"), "{shown}");
    for depth in 0..10 {
        let next =
            format!("{{% for p in pages('d{}/') %}}{{{{ p.content }}}}{{% endfor %}}", depth + 1);
        pages.write(&format!("d{depth}/a.html"), next);
    }
    pages.write("d10/a.html", "end");
    with_render_stack(|| {
        assert!(pages.get("/d0/a").message().contains("contents hold others more than 4 deep"));
        assert_eq!(pages.get("/d6/a").body, "end");
    });
}

#[test]
fn an_unrelated_file_changes_no_list() {
    let pages = Pages::new(&[("blog/a.html", ""), ("style.css", "")]);
    pages.write("list.html", URLS.replace("FOLDER", "'blog/'"));
    let renders = || crate::site::templates::recorder::RENDERS.get();
    // Until all is kept.
    while {
        let before = renders();
        pages.get("/list");
        renders() != before
    } {}
    let before = renders();
    pages.write("style.css", "p {}");
    pages.write("other.html", "");
    pages.write("sub/other.html", "");
    pages.get("/list");
    assert_eq!(renders(), before);
    pages.write("blog/b.html", "");
    assert_eq!(pages.get("/list").body, "/blog/a /blog/b ");
    assert_eq!(renders(), before + 1);
}

#[test]
fn every_page_of_a_folder_shares_what_was_looked_up() {
    let pages = Pages::new(&[("a/x.html", "{{ page.next.url if page.next }}")]);
    for number in 0..50 {
        pages.write(&format!("a/{number:02}.html"), "{{ page.next.url if page.next }}");
    }
    let mut listings = std::collections::HashSet::new();
    while {
        pages.get("/a/00");
        let render = |target: &str| {
            let head = RequestHead::get(target, "localhost");
            pages.site.render(&head, SystemTime::now()).unwrap()
        };
        let kept = [render("/a/00"), render("/a/01"), render("/a/x")];
        listings.clear();
        for snapshot in &kept {
            let listed =
                files::listing::Listed { folder: "a".into(), is_deep: false, has_rows: false };
            let listing = snapshot.dependencies().listing(&listed).unwrap();
            listings.insert(Arc::as_ptr(listing));
        }
        kept.iter().any(|snapshot| snapshot.dependencies().is_uncertain())
    } {}
    assert_eq!(listings.len(), 1);
}

#[test]
fn pages_are_listed_by_what_their_front_matter_says() {
    let pages = Pages::new(&[
        ("blog/a.html", "---\ntitle: First\ntags: [x, y]\ndate: 2026-01-02\nmood: good\n---\n"),
        ("blog/b.html", "---\ntitle: Second\ntags: x\ndate: 2026-03-04\n---\n"),
        ("blog/c.html", "---\norder: 2\n---\n<title>Third</title>"),
        ("blog/d.html", "---\norder: 1.5\nmood: bad\n---\n"),
        ("blog/e.html", ""),
    ]);
    for (arguments, expected) in [
        ("'blog/'", "/blog/d /blog/c /blog/a /blog/b /blog/e"),
        ("'blog/', tag='x'", "/blog/a /blog/b"),
        ("'blog/', tag='y'", "/blog/a"),
        ("'blog/', tag='z'", ""),
        ("'blog/', sort='date'", "/blog/a /blog/b /blog/c /blog/d /blog/e"),
        ("'blog/', sort='-date'", "/blog/b /blog/a /blog/c /blog/d /blog/e"),
        ("'blog/', sort='-order', limit=2", "/blog/c /blog/d"),
        ("'blog/', sort='mood'", "/blog/d /blog/a /blog/b /blog/c /blog/e"),
        ("'blog/', tag='x', sort='-date', limit=1", "/blog/b"),
    ] {
        assert_eq!(urls(&pages, arguments), expected, "{arguments}");
    }
    let shown = error(&pages, "{{ pages('blog/', sort='mod') }}");
    assert!(shown.ends_with("help: did you mean `mood`?"), "{shown}");
    let tags = "{% for tag in tags('blog/') %}{{ tag }}={{ tag.count }}:{{ tag.pages[0].title }} {% endfor %}";
    assert_eq!(list(&pages, tags), "x=2:First y=1:First ");
    let pair = "{% for p in pages('blog/') if p.order %}{{ p.next.title }} {% endfor %}";
    assert_eq!(list(&pages, pair), "Third First ");
}

#[test]
fn a_page_with_malformed_front_matter_is_listed_in_development_alone() {
    for (is_in_production, titles) in [(false, "A Broken page C "), (true, "A C ")] {
        let pages = Pages::with(&[], |options| options.production = is_in_production);
        pages.write("blog/a.html", "<title>A</title>");
        pages.write("blog/broken-page.html", "---\ntitle: [\n---\n<title>Other</title>");
        pages.write("blog/c.html", "<title>C</title>{{ page.prev.title }}");
        pages.write("list.html", "{% for p in pages('blog/') %}{{ p.title }} {% endfor %}");
        let answer = pages.get("/list");
        assert_eq!(answer.body, titles);
        let warning = "warning: `blog/broken-page.html` is listed by the name of its file, since";
        assert_eq!(
            answer.message().starts_with(warning),
            !is_in_production,
            "{}",
            answer.message()
        );
        let before_it = if is_in_production { "A" } else { "Broken page" };
        assert!(pages.get("/blog/c").body.ends_with(before_it));
        assert_eq!(pages.get("/blog/broken-page").status(), 500);
    }
}

#[test]
fn a_list_was_modified_when_the_last_of_its_pages_was() {
    let pages = Pages::new(&[("blog/a.html", "")]);
    pages.write("list.html", URLS.replace("FOLDER", "'blog/'"));
    let modified = |seconds: u64| std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    let set = |name: &str, seconds: u64| {
        fs::File::open(pages.path(name)).unwrap().set_modified(modified(seconds)).unwrap();
    };
    set("list.html", 1_000_000_000);
    set("blog", 1_000_000_000);
    set("blog/a.html", 1_700_000_000);
    assert_eq!(pages.get("/list").field("Last-Modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
}

/// The second of two requests that arrived together trusts the look of the first. By then the page
/// is another, and a list has read its new title.
#[test]
fn a_page_has_the_title_of_its_own_state_though_its_check_is_shared() {
    let page = |word: &str| {
        format!("<title>{word}</title>{word} {{{{ page.title }}}} {{{{ request.query.q }}}}")
    };
    let pages = Pages::new(&[
        ("a.html", &page("old")),
        ("list.html", "{% for p in pages('') %}{{ p.title }}{% endfor %}{{ request.query.q }}"),
    ]);
    let get = |target: &str, arrived_by| {
        let head = RequestHead::get(target, "h");
        let answer = head.with_request(|request| {
            let request = http::request::Request { arrived_by, ..request.clone() };
            pages.site.respond(&request, SystemTime::now()).at_once()
        });
        String::from_utf8(answer.unwrap().body.read().unwrap()).unwrap()
    };
    let is_kept = || {
        get("/a?q=1", None);
        let folder = pages.site.root.check();
        pages.site.cache.get("/a", &folder, SystemTime::now(), None).is_some()
    };
    while !is_kept() {}
    let arrived = Some(std::time::Instant::now());
    assert_eq!(get("/a?q=1", arrived), "<title>old</title>old old 1");
    pages.write("a.html", page("new"));
    let is_described = || {
        let folder = pages.site.root.check();
        let described = pages.site.metadata.get("a.html", folder.stamp("a.html"), &folder);
        described.unwrap().file.is_settled
    };
    while !get("/list?q=1", None).contains("new") || !is_described() {}
    let second = get("/a?q=2", arrived);
    let states = ["old", "new"].map(|word| format!("<title>{word}</title>{word} {word} 2"));
    assert!(states.contains(&second), "{second}");
}

//! Aliases: old paths of pages.

use super::*;

fn page(aliases: &str) -> String {
    format!("---\naliases: {aliases}\n---\nx")
}

#[test]
fn an_alias_leads_to_its_page() {
    let pages = Pages::new(&[
        ("about.html", &page("[/old, '/über uns', /shop/, /team.html, /a%20b]")),
        ("docs/index.html", &page("/manual")),
    ]);
    for (target, expected) in [
        ("/old", "-> /about"),
        ("/old/", "-> /about"),
        ("/old?q=1", "-> /about?q=1"),
        ("/%C3%BCber%20uns", "-> /about"),
        ("/shop", "-> /about"),
        ("/shop/", "-> /about"),
        ("/team.html", "-> /about"),
        ("/a%20b", "-> /about"),
        ("/manual", "-> /docs/"),
        ("/Old", "echo"),
        ("/old/x", "echo"),
        ("/team", "echo"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
    let image = "Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors";
    assert_eq!(pages.get_with("/old", image).status(), 404);
}

#[test]
fn files_and_rows_come_before_aliases() {
    let pages = Pages::new(&[
        ("about.html", &page("[/old, /row, /other]")),
        ("[id].html", "---\neach: data.d\n---\n{{ item }}"),
        ("_data/d.yaml", "[row]"),
    ]);
    assert_eq!(route(&pages, "/old"), "-> /about");
    assert_eq!(pages.get("/row").body, "row");
    assert_eq!(route(&pages, "/other"), "-> /about");
    assert_eq!(pages.get("/nope").status(), 404);
    pages.write("old.html", "file");
    assert_eq!(pages.get("/old").body, "file");
}

#[test]
fn aliases_follow_their_pages() {
    let pages = Pages::new(&[("a.html", &page("/old"))]);
    assert_eq!(route(&pages, "/old"), "-> /a");
    for round in 0..50 {
        pages.write("a.html", page(&format!("/old{}", round % 10)));
        assert_eq!(route(&pages, &format!("/old{}", round % 10)), "-> /a");
        assert_eq!(route(&pages, &format!("/old{}", (round + 1) % 10)), "echo");
    }
    pages.write("a.html", "---\naliases: [x\n---\n");
    assert_eq!(route(&pages, "/old9"), "echo");
    pages.write("new/b.html", page("/old9"));
    assert_eq!(route(&pages, "/old9"), "-> /new/b");
    fs::rename(pages.path("new/b.html"), pages.path("new/c.html")).unwrap();
    assert_eq!(route(&pages, "/old9"), "-> /new/c");
    fs::remove_file(pages.path("new/c.html")).unwrap();
    assert_eq!(route(&pages, "/old9"), "echo");
}

#[test]
fn two_pages_with_one_alias_are_an_error_that_names_both() {
    let pages = Pages::new(&[("a.html", &page("[/x, /old]")), ("b.html", &page("/old/"))]);
    let answer = pages.get("/old");
    assert_eq!(answer.status(), 500);
    for part in [
        "`a.html` and `b.html` have the same alias `/old`",
        " --> a.html:2:15",
        " --> b.html:2:10",
        "help: leave it out of one of them",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert_eq!(route(&pages, "/x"), "-> /a");
    pages.write("b.html", "");
    assert_eq!(route(&pages, "/old"), "-> /a");
}

#[test]
fn an_alias_that_is_the_path_of_a_file_or_a_row_is_a_warning_in_development() {
    for (text, production, expected) in [
        (
            page("[/b, /c, /old]"),
            false,
            "warning: `a.html` has the alias `/b`, which is the path of `b.html`: leave it out\nwarning: `a.html` has the alias `/c`, which is the path of `c/index.html`: leave it out",
        ),
        (
            format!("{}{{{{ 1 }}}}", page("/style.css")),
            false,
            "warning: `a.html` has the alias `/style.css`, which is the path of `style.css`: leave it out",
        ),
        (
            page("[/row, /other]"),
            false,
            "warning: `a.html` has the alias `/row`, which is the path of `[id].html`: leave it out",
        ),
        (page("[/a, /old]"), false, ""),
        (page("/b"), true, ""),
    ] {
        let files = [
            ("a.html", text.as_str()),
            ("b.html", ""),
            ("c/index.html", ""),
            ("style.css", ""),
            ("[id].html", "---\neach: data.d\n---\n{{ item }}"),
            ("_data/d.yaml", "[row]"),
        ];
        let pages = Pages::with(&files, |options| options.production = production);
        let answer = pages.get("/a");
        assert_eq!((answer.status(), answer.message()), (200, expected), "{text}");
    }
}

#[test]
fn a_site_tells_all_its_aliases() {
    let pages = Pages::new(&[
        ("a.html", &page("[/old, /b, /twice]")),
        ("b.html", &page("[/twice, /first]")),
    ]);
    let (aliases, problems) = pages
        .with_request("GET / HTTP/1.1\r\nHost: h\r\n\r\n", |asked| pages.site.all_aliases(asked));
    let aliases: Vec<_> = aliases
        .iter()
        .map(|alias| (alias.path.as_str(), &*alias.file, alias.target.as_str()))
        .collect();
    assert_eq!(aliases, [("/first", "b.html", "/b"), ("/old", "a.html", "/a")]);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].message.contains("`/b`, which is the path of `b.html`"), "{problems:?}");
    assert!(problems[0].message.contains("have the same alias `/twice`"), "{problems:?}");
}

#[test]
fn an_alias_of_a_draft_tells_nothing_of_it() {
    let draft = "---\ndraft: true\naliases: /old\n---\nx";
    for (production, expected) in [(true, 404), (false, 301)] {
        let pages = Pages::with(&[("a.html", draft), ("b.html", &page("/older"))], |options| {
            options.production = production;
            options.drafts = !production;
            options.fallback = Fallback::NotFound;
        });
        assert_eq!(pages.get("/old").status(), expected);
        assert_eq!(pages.get("/older").status(), 301);
    }
}

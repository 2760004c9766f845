//! Two files, aliases or rows for one URL: an error that names both, or a winner.

use super::*;

/// What answers a path.
#[derive(Clone, Copy, Debug)]
enum Is {
    /// The page or the file that is called so.
    File(&'static str),
    /// A redirect to this path.
    Redirect(&'static str),
    /// The report that names both.
    Error(&'static str, &'static str),
    /// Nothing, for visitors.
    Hidden,
}

use Is::{Error, File, Hidden, Redirect};

const ROWS: &str = "---\neach: \"['x', 'y']\"\n---\nrow";
const OLD: &str = "---\naliases: [/old]\n---\n";
const DRAFT: &str = "---\ndraft: true\n---\n";
const LATER: &str = "---\ndate: 2999-01-01\n---\n";
const HIDDEN_ROWS: &str = "---\neach: \"['x', 'y']\"\ndraft: true\n---\nrow";
const ROWS_OF_DRAFTS: &str = "---\neach: \"[{'id': 'x', 'draft': true}]\"\n---\nrow";

struct Case {
    files: &'static [(&'static str, &'static str)],
    target: &'static str,
    /// In development.
    is: Is,
    /// In production, if it is something else there.
    in_production: Option<Is>,
    in_build: Option<Is>,
    /// What a check and a build say of it beside what the page itself does: names in one line.
    conflict: &'static [&'static str],
}

const fn case(
    files: &'static [(&'static str, &'static str)],
    target: &'static str,
    is: Is,
) -> Case {
    Case { files, target, is, in_production: None, in_build: None, conflict: &[] }
}

impl Case {
    const fn in_production(self, is: Is) -> Self {
        Self { in_production: Some(is), ..self }
    }

    /// In production and in a build, where one of the two is hidden.
    const fn for_visitors(self, is: Is) -> Self {
        Self { in_production: Some(is), in_build: Some(is), ..self }
    }

    const fn conflict(self, conflict: &'static [&'static str]) -> Self {
        Self { conflict, ..self }
    }
}

/// In files of a site, whatever their order.
const CASES: &[Case] = &[
    // Two files of one page.
    case(&[("a.html", ""), ("a.md", "")], "/a", Error("a.html", "a.md"))
        .in_production(File("a.html")),
    case(&[("a.html", ""), ("a.md", "")], "/a/", Redirect("/a")),
    case(&[("a.html", ""), ("a.md", "")], "/a.md", Redirect("/a")),
    case(&[("index.html", ""), ("index.md", "")], "/", Error("index.html", "index.md"))
        .in_production(File("index.html")),
    case(&[("a/index.html", ""), ("a/index.md", "")], "/a/", Error("a/index.html", "a/index.md"))
        .in_production(File("a/index.html")),
    case(&[("a/index.html", ""), ("a/index.md", "")], "/a", Redirect("/a/")),
    // A page and an index of a folder of its name have URLs of their own.
    case(&[("a.html", ""), ("a/index.html", "")], "/a", File("a.html")),
    case(&[("a.html", ""), ("a/index.html", "")], "/a/", File("a/index.html")),
    case(&[("a.md", ""), ("a/index.md", "")], "/a", File("a.md")),
    case(&[("a.md", ""), ("a/index.md", "")], "/a/", File("a/index.md")),
    case(&[("a.md", ""), ("a/index.html", "")], "/a", File("a.md")),
    case(&[("a.html", ""), ("a.md", ""), ("a/index.md", "")], "/a/", File("a/index.md")),
    // A file of the very name of the path.
    case(&[("a", "x"), ("a.html", "")], "/a", File("a")),
    case(&[("a", "x"), ("a.md", "")], "/a", File("a")),
    case(&[("a", "x"), ("2026-01-01-a.md", "")], "/a", File("a")),
    // Texts.
    case(
        &[("feed.xml", "<a/>"), ("feed.xml.jinja", "<b/>")],
        "/feed.xml",
        Error("feed.xml", "feed.xml.jinja"),
    ),
    case(&[("feed.xml", ""), ("feed.xml.jinja", "")], "/feed.xml.jinja", Redirect("/feed.xml")),
    case(&[("feed.xml", "<a/>"), ("feed.xml.html", "")], "/feed.xml", File("feed.xml")),
    case(&[("feed.xml.jinja", "<a/>"), ("feed.xml.html", "")], "/feed.xml", File("feed.xml.jinja")),
    // Days.
    case(&[("a.html", ""), ("2026-01-01-a.md", "")], "/a", Error("a.html", "2026-01-01-a.md"))
        .in_production(File("a.html")),
    case(&[("a.md", ""), ("2026-01-01-a.md", "")], "/a", Error("a.md", "2026-01-01-a.md"))
        .in_production(File("a.md")),
    case(
        &[("2026-01-02-a.md", ""), ("2026-01-01-a.html", "")],
        "/a",
        Error("2026-01-01-a.html", "2026-01-02-a.md"),
    )
    .in_production(File("2026-01-01-a.html")),
    case(&[("2026-01-01-a.md", ""), ("a/index.md", "")], "/a", File("2026-01-01-a.md")),
    case(&[("2026-01-01-a.md", ""), ("a/index.md", "")], "/a/", File("a/index.md")),
    case(&[("2026-01-01-a.md", ""), ("b/2026-01-01-a.md", "")], "/a", File("2026-01-01-a.md")),
    // What visitors do not get claims no URL but where its authors see it.
    case(&[("a.html", DRAFT), ("a.md", "")], "/a", Error("a.html", "a.md"))
        .for_visitors(File("a.md")),
    case(&[("a.html", LATER), ("a.md", "")], "/a", Error("a.html", "a.md"))
        .for_visitors(File("a.md")),
    case(&[("a.html", ""), ("a.md", DRAFT)], "/a", Error("a.html", "a.md"))
        .for_visitors(File("a.html")),
    case(&[("a.html", DRAFT), ("a.md", LATER)], "/a", Error("a.html", "a.md")).for_visitors(Hidden),
    case(&[("a.html", DRAFT), ("a.md", "")], "/a/", Redirect("/a")),
    case(&[("a.html", ""), ("a.md", DRAFT)], "/a.md", Redirect("/a")).for_visitors(Hidden),
    case(&[("index.html", DRAFT), ("index.md", "")], "/", Error("index.html", "index.md"))
        .for_visitors(File("index.md")),
    case(
        &[("a/index.html", LATER), ("a/index.md", "")],
        "/a/",
        Error("a/index.html", "a/index.md"),
    )
    .for_visitors(File("a/index.md")),
    case(&[("a.html", DRAFT), ("a/index.html", "")], "/a", File("a.html (draft)"))
        .for_visitors(Redirect("/a/")),
    case(&[("a.html", ""), ("a/index.html", DRAFT)], "/a/", File("a/index.html (draft)"))
        .for_visitors(Redirect("/a")),
    case(&[("a.html", DRAFT), ("2026-01-01-a.md", "")], "/a", Error("a.html", "2026-01-01-a.md"))
        .for_visitors(File("2026-01-01-a.md")),
    case(&[("a.html", ""), ("2999-01-01-a.md", "")], "/a", Error("a.html", "2999-01-01-a.md"))
        .for_visitors(File("a.html")),
    case(
        &[("2026-01-01-a.md", ""), ("2999-01-01-a.md", "")],
        "/a",
        Error("2026-01-01-a.md", "2999-01-01-a.md"),
    )
    .for_visitors(File("2026-01-01-a.md")),
    case(
        &[("2026-01-01-a.md", DRAFT), ("2026-01-02-a.md", "")],
        "/a",
        Error("2026-01-01-a.md", "2026-01-02-a.md"),
    )
    .for_visitors(File("2026-01-02-a.md")),
    case(
        &[("feed.xml", "<a/>"), ("feed.xml.jinja", DRAFT)],
        "/feed.xml",
        Error("feed.xml", "feed.xml.jinja"),
    )
    .for_visitors(File("feed.xml")),
    case(
        &[("feed.xml.jinja", DRAFT), ("feed.xml.html", "")],
        "/feed.xml",
        File("feed.xml.jinja (draft)"),
    )
    .for_visitors(File("feed.xml.html")),
    // A page that is left to servers is there for their visitors.
    case(&[("a.html", "---\nbuild: false\n---\n"), ("a.md", "")], "/a", Error("a.html", "a.md"))
        .in_production(File("a.html")),
    // Files come before rows, and rows that several files have are an error.
    case(&[("p/[id].html", ROWS), ("p/x.html", "")], "/p/x", File("p/x.html")),
    case(&[("p/[id].html", ROWS), ("p/x.md", "")], "/p/x", File("p/x.md")),
    case(&[("p/[id].html", ROWS), ("p/2026-01-01-x.md", "")], "/p/x", File("p/2026-01-01-x.md")),
    case(&[("p/[id].html", ROWS), ("p/x", "x")], "/p/x", File("p/x")),
    case(&[("p/[id].html", ROWS), ("p/x/index.html", "")], "/p/x", Redirect("/p/x/")),
    case(&[("p/[id].html", ROWS), ("p/x.html", DRAFT)], "/p/x", File("p/x.html (draft)"))
        .for_visitors(File("p/[id].html")),
    case(&[("p/[id].html", ROWS), ("p/x.html", "---\nbuild: false\n---\n")], "/p/x", {
        File("p/x.html")
    }),
    case(&[("p/[id].html", ROWS), ("p/x/index.html", DRAFT)], "/p/x", Redirect("/p/x/"))
        .for_visitors(File("p/[id].html")),
    case(
        &[("p/[id].html", ROWS), ("p/2999-01-01-x.md", "")],
        "/p/x",
        File("p/2999-01-01-x.md (public from 2999-01-01)"),
    )
    .for_visitors(File("p/[id].html")),
    case(
        &[("p/[id].html", HIDDEN_ROWS), ("p/[key].html", ROWS)],
        "/p/x",
        Error("p/[id].html", "p/[key].html"),
    )
    .for_visitors(File("p/[key].html")),
    case(
        &[("p/[id].html", ROWS), ("p/[id].md", HIDDEN_ROWS)],
        "/p/x",
        Error("p/[id].html", "p/[id].md"),
    )
    .for_visitors(File("p/[id].html")),
    case(
        &[("p/[id].html", "---\neach: \"['x.y']\"\n---\n"), ("p/[id].y.html", HIDDEN_ROWS)],
        "/p/x.y",
        File("p/[id].y.html (draft)"),
    )
    .for_visitors(File("p/[id].html")),
    case(
        &[("p/[id].html", ROWS), ("p/[key].html", ROWS)],
        "/p/x",
        Error("p/[id].html", "p/[key].html"),
    ),
    case(&[("p/[id].html", ROWS), ("p/[id].md", ROWS)], "/p/x", Error("p/[id].html", "p/[id].md")),
    case(&[("p/[id].html", ROWS), ("p/index.html", "")], "/p/", File("p/index.html")),
    // Old paths come last.
    case(&[("a.html", OLD), ("old.html", "")], "/old", File("old.html")).conflict(&[
        "`a.html`",
        "`/old`",
        "`old.html`",
    ]),
    case(&[("a.html", OLD), ("old.md", "")], "/old", File("old.md"))
        .conflict(&["`a.html`", "`/old`", "`old.md`"]),
    case(&[("a.html", OLD), ("old", "x")], "/old", File("old"))
        .conflict(&["`a.html`", "`/old`", "`old`"]),
    case(&[("a.html", OLD), ("2026-01-01-old.md", "")], "/old", File("2026-01-01-old.md"))
        .conflict(&["`a.html`", "`/old`", "`2026-01-01-old.md`"]),
    case(&[("a.html", OLD), ("old/index.html", "")], "/old", Redirect("/old/")).conflict(&[
        "`a.html`",
        "`/old`",
        "`old/index.html`",
    ]),
    case(&[("a.html", OLD), ("b.md", OLD)], "/old", Error("a.html", "b.md"))
        .conflict(&["`a.html` and `b.md`", "`/old`"]),
    case(
        &[("a.html", OLD), ("b.md", "---\naliases: /old/\n---\n")],
        "/old",
        Error("a.html", "b.md"),
    )
    .conflict(&["`a.html` and `b.md`", "`/old`"]),
    case(
        &[("a.html", "---\naliases: /p/x\n---\n"), ("p/[id].html", ROWS)],
        "/p/x",
        File("p/[id].html"),
    )
    .conflict(&["`a.html`", "`/p/x`", "`p/[id].html`"]),
    // The alias of a page that is there leads to it where the other is hidden.
    case(&[("a.html", OLD), ("old.html", DRAFT)], "/old", File("old.html (draft)"))
        .for_visitors(Redirect("/a")),
    case(
        &[("a.html", OLD), ("2999-01-01-old.md", "")],
        "/old",
        File("2999-01-01-old.md (public from 2999-01-01)"),
    )
    .for_visitors(Redirect("/a")),
    case(&[("a.html", OLD), ("old/index.html", LATER)], "/old", Redirect("/old/"))
        .for_visitors(Redirect("/a")),
    case(
        &[("a.html", OLD), ("b.md", "---\naliases: /old\ndraft: true\n---\n")],
        "/old",
        Error("a.html", "b.md"),
    )
    .for_visitors(Redirect("/a")),
    case(
        &[("a.html", "---\naliases: /p/x\n---\n"), ("p/[id].html", HIDDEN_ROWS)],
        "/p/x",
        File("p/[id].html (draft)"),
    )
    .for_visitors(Redirect("/a")),
    case(
        &[("a.html", "---\naliases: /p/x\n---\n"), ("p/[id].html", ROWS_OF_DRAFTS)],
        "/p/x",
        File("p/[id].html"),
    )
    .for_visitors(Redirect("/a")),
    case(&[("a.html", "---\naliases: [/a, /a/]\n---\n")], "/a", File("a.html")),
    case(&[("a.html", "---\naliases: [/b, /b/]\n---\n")], "/b", Redirect("/a")),
    case(&[("a.html", "---\naliases: /b\n---\n"), ("b/x.html", "")], "/b", Redirect("/a")),
    case(
        &[("a.html", "---\naliases: /feed.xml\n---\n"), ("feed.xml.jinja", "<a/>")],
        "/feed.xml",
        File("feed.xml.jinja"),
    )
    .conflict(&["`a.html`", "`/feed.xml`", "`feed.xml.jinja`"]),
];

fn assert_is(pages: &Pages, target: &str, is: Is, case: &str) {
    let answer = pages.get(target);
    let (status, message) = (answer.status(), answer.message());
    match is {
        File(name) => assert_eq!((status, answer.source()), (200, name), "{case}: {message}"),
        Redirect(path) => assert_eq!((status, answer.field("Location")), (301, path), "{case}"),
        Hidden => assert_eq!(status, 404, "{case}"),
        Error(one, other) => {
            assert_eq!(status, 500, "{case}");
            for name in [one, other] {
                assert!(message.contains(&format!("`{name}`")), "{case}: {name}: {message}");
            }
        }
    }
}

#[test]
fn two_that_claim_one_url_are_an_error_that_names_both_or_one_wins() {
    for (number, Case { files, target, is, in_production, in_build, conflict }) in
        CASES.iter().enumerate()
    {
        let case = format!(
            "{number}: {:?} {target}",
            files.iter().map(|(name, _)| name).collect::<Vec<_>>()
        );
        let mut reversed = files.to_vec();
        reversed.reverse();
        for files in [files, &*reversed] {
            assert_is(&Pages::new(files), target, *is, &case);
            let production = Pages::with(files, |options| {
                options.production = true;
                options.drafts = false;
                options.fallback = Fallback::NotFound;
            });
            assert_is(
                &production,
                target,
                in_production.unwrap_or(*is),
                &format!("{case} production"),
            );
        }
        // What a build and a check go through.
        let fixed = Pages::with(files, |options| {
            options.production = true;
            options.drafts = false;
            options.is_static = true;
            options.fallback = Fallback::NotFound;
        });
        let is = in_build.unwrap_or(*is);
        assert_is(&fixed, target, is, &format!("{case} build"));
        let found = fixed.site.public_files(SystemTime::now(), 1);
        let conflicts = found.conflicts.iter().map(|conflict| conflict.message.as_str());
        let conflicts = conflicts.collect::<Vec<_>>().join("\n");
        assert_eq!(found.conflicts.len(), usize::from(!conflict.is_empty()), "{case}: {conflicts}");
        for part in *conflict {
            assert!(conflicts.contains(part), "{case}: {part}: {conflicts}");
        }
        // A path with content is that of one file, unless that is an error.
        let path = target.trim_end_matches('/');
        let claims = found.files.iter().filter(|it| it.path.as_str().trim_end_matches('/') == path);
        let of_row = claims.clone().filter(|it| it.name.contains('['));
        let others = claims.count() - of_row.clone().count();
        assert!(of_row.count() == 0 || others == 0 || matches!(is, Error(..)), "{case}");
    }
}

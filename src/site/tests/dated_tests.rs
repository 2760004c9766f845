//! Pages with a day before the name of their file: `2026-03-01-hello.md` is `/hello`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

const LIST: &str = "{% for page in pages('blog/') %}{{ page.url }} {{ page.date }} {{ page.title }}\
                    ;{% endfor %}";

/// What `/list` shows of the blog.
fn listed(pages: &Pages) -> Vec<String> {
    pages.get("/list").body.split_terminator(';').map(str::to_owned).collect()
}

#[test]
fn the_day_is_no_part_of_the_url() {
    let pages = Pages::new(
        &[
            "2026-03-01-hello.md",
            "blog/2026-03-02-my-post.html",
            "blog/2026-03-03-two.md",
            "blog/two/index.html",
            "blog/2026-03-04.md",
            "blog/2026-03-05-.md",
            "blog/2026-03-06-index.md",
            "blog/2026-03-06-404.md",
            "blog/2026-03-06-_x.md",
            "blog/2026-03-06-[id].md",
            "blog/2026-3-7-short.md",
            "2026-03-08-folder/index.md",
            "blog/2026-03-09-2026-03-10-both.md",
            "blog/2026-03-11-sheet.css",
            "blog/2026-03-12-feed.xml.jinja",
            "_private/2026-03-13-x.md",
            "blog/2026-03-14-a b#é.md",
        ]
        .map(|name| (name, "")),
    );
    for (target, expected) in [
        ("/hello", "2026-03-01-hello.md"),
        ("/hello?q", "2026-03-01-hello.md"),
        ("/hello/", "-> /hello"),
        ("/2026-03-01-hello", "-> /hello"),
        ("/2026-03-01-hello?a=b", "-> /hello?a=b"),
        ("/2026-03-01-hello/", "-> /hello"),
        ("/2026-03-01-hello.md", "-> /hello"),
        ("/hello.md", "echo"),
        ("/2026-03-02-hello", "echo"),
        ("/blog/my-post", "blog/2026-03-02-my-post.html"),
        ("/blog/2026-03-02-my-post", "-> /blog/my-post"),
        ("/blog/2026-03-02-my-post.html", "-> /blog/my-post"),
        ("/blog/my-post.html", "blog/2026-03-02-my-post.html"),
        ("/blog/two.html", "blog/2026-03-03-two.md"),
        ("/blog/2026-03-03-two.html", "-> /blog/two"),
        ("/blog/2026-03-06-404.html", "blog/2026-03-06-404.md"),
        ("/blog/404.html", "echo"),
        ("/blog/two", "blog/2026-03-03-two.md"),
        ("/blog/two/", "blog/two/index.html"),
        ("/blog/2026-03-04", "blog/2026-03-04.md"),
        ("/blog/2026-03-05-", "blog/2026-03-05-.md"),
        ("/blog/2026-03-06-index", "blog/2026-03-06-index.md"),
        ("/blog/", "echo"),
        ("/blog/2026-03-06-404", "blog/2026-03-06-404.md"),
        ("/blog/404", "echo"),
        ("/blog/2026-03-06-_x", "blog/2026-03-06-_x.md"),
        ("/blog/_x", "echo"),
        ("/blog/2026-03-06-%5Bid%5D", "blog/2026-03-06-[id].md"),
        ("/blog/2026-3-7-short", "blog/2026-3-7-short.md"),
        ("/blog/short", "echo"),
        ("/2026-03-08-folder/", "2026-03-08-folder/index.md"),
        ("/folder/", "echo"),
        ("/blog/2026-03-10-both", "blog/2026-03-09-2026-03-10-both.md"),
        ("/blog/both", "echo"),
        ("/blog/2026-03-11-sheet.css", "blog/2026-03-11-sheet.css"),
        ("/blog/sheet.css", "echo"),
        ("/blog/2026-03-12-feed.xml", "blog/2026-03-12-feed.xml.jinja"),
        ("/_private/x", "echo"),
        ("/blog/a%20b%23%C3%A9", "blog/2026-03-14-a b#é.md"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
}

#[test]
fn a_name_has_no_day_where_pages_are_no_templates() {
    let file = ("2026-03-01-hello.html", "x");
    let plain = Pages::with(&[file], |options| options.is_plain = true);
    let excluded = Pages::with(&[file], |options| options.exclude = vec!["*.html".into()]);
    for pages in [plain, excluded] {
        assert_eq!(pages.get("/2026-03-01-hello").status(), 200);
        assert!(pages.get("/hello").echoes("/hello"));
    }
}

#[test]
fn the_day_is_the_date_unless_the_front_matter_has_one() {
    let pages = Pages::new(&[
        ("list.html", LIST),
        ("blog/2026-03-02-b.md", "{{ page.date }} {{ page.url }} {{ page.file }}"),
        ("blog/2026-03-01-c.html", "---\ntitle: C\ndate: 2020-01-01\n---\n"),
        ("blog/2026-03-03-a.md", "---\ntitle: A\n---\n"),
        ("blog/z.md", "---\ndate: 2026-03-04\n---\n"),
        ("by-date.html", "{% for p in pages('blog/', sort='-date') %}{{ p.url }} {% endfor %}"),
        ("by-url.html", "{% for p in pages('blog/', sort='url') %}{{ p.url }} {% endfor %}"),
    ]);
    assert!(pages.get("/blog/b").body.contains("2026-03-02 /blog/b blog/2026-03-02-b.md"));
    let expected = [
        "/blog/c 2020-01-01 C",
        "/blog/b 2026-03-02 B",
        "/blog/a 2026-03-03 A",
        "/blog/z 2026-03-04 Z",
    ];
    assert_eq!(listed(&pages), expected);
    assert_eq!(pages.get("/by-date").body, "/blog/z /blog/a /blog/b /blog/c ");
    assert_eq!(pages.get("/by-url").body, "/blog/a /blog/b /blog/c /blog/z ");
}

#[test]
fn pages_before_and_after_are_in_the_order_of_their_days() {
    let text = "{{ page.prev.url or '' }}|{{ page.next.url or '' }}";
    let pages = Pages::new(&[
        ("blog/2026-03-02-a.html", text),
        ("blog/2026-03-01-b.html", text),
        ("blog/2026-03-03-c.html", text),
    ]);
    for (target, around) in
        [("/blog/b", "|/blog/a"), ("/blog/a", "/blog/b|/blog/c"), ("/blog/c", "/blog/a|")]
    {
        assert_eq!(pages.get(target).body, around, "{target}");
    }
}

#[test]
fn a_day_to_come_schedules_the_page() {
    let files = [("list.html", LIST), ("blog/2030-03-02-b.md", "")];
    // 2030-03-01 at 10:00: the 2nd begins on the Line Islands.
    let begins = UNIX_EPOCH + Duration::from_secs(1_898_589_600);
    let statuses = |pages: &Pages, before: u64| {
        ["/blog/b", "/blog/2030-03-02-b", "/list"].map(|target| {
            let head = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let answer = pages.ask_with(&head, |asked| {
                pages.site.respond(asked.request, begins - Duration::from_secs(before)).at_once()
            });
            (answer.status(), answer.body.contains("/blog/b "), answer.source().to_owned())
        })
    };
    let production = Pages::with(&files, |options| {
        options.production = true;
        options.drafts = false;
        options.fallback = Fallback::NotFound;
    });
    let found =
        |pages: &Pages, before| statuses(pages, before).map(|(status, listed, _)| (status, listed));
    assert_eq!(found(&production, 1), [(404, false), (404, false), (200, false)]);
    assert_eq!(found(&production, 0), [(200, false), (301, false), (200, true)]);
    let development = Pages::new(&files);
    assert_eq!(found(&development, 1), [(200, false), (301, false), (200, true)]);
    assert_eq!(statuses(&development, 1)[0].2, "blog/2030-03-02-b.md (public from 2030-03-02)");
    assert_eq!(statuses(&development, 0)[0].2, "blog/2030-03-02-b.md");
}

#[test]
fn a_day_of_no_calendar_is_an_error_that_says_what_to_write() {
    let files = [
        ("list.html", LIST),
        ("blog/2026-02-30-a.md", "text"),
        ("blog/2026-13-01-b.html", "---\ntitle: B\n---\n{{ 1 }}"),
        ("blog/2026-02-31-c.md", "---\ndate: 2026-02-28\n---\nfine"),
    ];
    let pages = Pages::new(&files);
    for (target, file, help) in [
        ("/blog/a", "blog/2026-02-30-a.md", "February 2026 has 28 days"),
        ("/blog/b", "blog/2026-13-01-b.html", "months are 01 to 12"),
    ] {
        for _ in 0..2 {
            let answer = pages.get(target);
            assert_eq!(answer.status(), 500, "{target}");
            for part in [file, help, "put a `date` into its front matter"] {
                assert!(answer.message().contains(part), "{part}: {}", answer.message());
            }
        }
    }
    assert!(pages.get("/blog/c").body.contains("fine"));
    assert_eq!(listed(&pages).len(), 3);
    assert!(pages.get("/list").message().contains("`blog/2026-02-30-a.md` is listed by"));
    let production = Pages::with(&files, |options| options.production = true);
    assert_eq!(listed(&production), ["/blog/c 2026-02-28 C"]);
    assert_eq!(production.get("/blog/a").status(), 500);
    // The name or the front matter mends it.
    fs::rename(pages.path("blog/2026-02-30-a.md"), pages.path("blog/2026-02-28-a.md")).unwrap();
    pages.write("blog/2026-13-01-b.html", "---\ndate: 2026-01-01\n---\n");
    for target in ["/blog/a", "/blog/b"] {
        assert_eq!(pages.get(target).status(), 200, "{target}");
    }
}

#[test]
fn files_for_one_url_are_an_error_that_names_both_as_soon_as_the_second_comes() {
    let pairs = [
        ("blog/a.html", "blog/2026-03-01-a.md"),
        ("blog/a.md", "blog/2026-03-01-a.html"),
        ("blog/2026-03-01-a.md", "blog/2026-03-01-a.html"),
        ("blog/2026-03-01-a.md", "blog/2026-03-02-a.md"),
        ("2026-03-01-a.md", "a.md"),
    ];
    for (one, other) in pairs.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
        for is_kept in [false, true] {
            let pages = Pages::with(&[(one, "text")], |options| options.cache_max_bytes = 64 << 20);
            let target = if one.contains('/') { "/blog/a" } else { "/a" };
            assert_eq!(pages.get(target).source(), one);
            let ask = || pages.answer("GET", target, "").at_once();
            while is_kept && !Arc::ptr_eq(&ask(), &ask()) {}
            pages.write(other, "text");
            let answer = pages.get(target);
            assert_eq!(answer.status(), 500, "{one} {other}");
            let message = answer.message();
            for part in [one, other, &format!("both make `{target}`")] {
                assert!(message.contains(part), "{message}");
            }
            fs::remove_file(pages.path(one)).unwrap();
            assert_eq!(pages.get(target).source(), other);
            assert_eq!(pages.get(target).source(), other);
            // Each of them has its own aliases, and no other page gets that path.
            fs::rename(pages.path(other), pages.path(&other.replace("a.", "b."))).unwrap();
            assert!(pages.get(target).echoes(target));
        }
    }
}

#[test]
fn in_production_the_file_without_a_day_comes_first_and_then_the_first_day() {
    let files = ["2026-03-02-a.md", "2026-03-01-a.md", "a.html"];
    let pages = Pages::with(&files.map(|name| (name, name)), |options| options.production = true);
    assert_eq!(pages.get("/a").source(), "a.html");
    let pages = Pages::with(&files.map(|name| (name, name))[..2], |options| {
        options.production = true;
    });
    assert_eq!(pages.get("/a").source(), "2026-03-01-a.md");
}

#[test]
fn links_from_file_to_file_lead_to_the_page() {
    let pages = Pages::new(&[
        ("blog/2026-03-01-a.md", ""),
        (
            "blog/x.md",
            "[1](2026-03-01-a.md#h) [2](/blog/2026-03-01-a.md) [3](a) [4](./a?q) [5](b) [6](a.md)",
        ),
    ]);
    let answer = pages.get("/blog/x");
    for link in [
        "<a href=\"/blog/a#h\">1",
        "<a href=\"/blog/a\">2",
        "<a href=\"/blog/a\">3",
        "<a href=\"/blog/a?q\">4",
        "<a href=\"b\">5",
    ] {
        assert!(answer.body.contains(link), "{link}: {}", answer.body);
    }
    assert!(answer.message().contains("the link `a.md` leads to nothing"), "{}", answer.message());
    assert_eq!(answer.message().matches("leads to nothing").count(), 1);
}

#[test]
fn other_pages_and_old_paths_give_way_to_it() {
    let pages = Pages::new(&[
        ("blog/2026-03-01-a.md", "---\naliases: [/old, /blog/2026-03-01-a]\n---\n"),
        ("blog/b.md", "---\naliases: [/blog/a]\n---\n"),
        ("blog/[id].html", "---\neach: data.d\n---\nrow"),
        ("_data/d.csv", "id\na\nc\n"),
    ]);
    assert_eq!(pages.get("/blog/a").source(), "blog/2026-03-01-a.md");
    assert_eq!(route(&pages, "/old"), "-> /blog/a");
    assert_eq!(pages.get("/blog/c").body, "row");
    let message = pages.get("/blog/b").message().to_owned();
    assert!(message.contains("which is the path of `blog/2026-03-01-a.md`"), "{message}");
    let found = pages.site.public_files(SystemTime::now(), 2);
    let of_a: Vec<&str> =
        found.files.iter().filter(|it| it.path.as_str() == "/blog/a").map(|it| &*it.name).collect();
    assert_eq!(of_a, ["blog/2026-03-01-a.md"]);
}

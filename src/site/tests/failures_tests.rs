//! Failures that are kept, and those that are found again for each request.

use super::*;
use crate::site::templates::recorder;

/// Asks for `target` until something is kept under `key`, whose files have settled then.
fn wait_until_kept(pages: &Pages, target: &str, key: &str) {
    let start = std::time::Instant::now();
    let is_kept = || {
        pages.get(target);
        let now = SystemTime::now();
        pages.site.cache.get(key, &pages.site.root.current(now), now, None).is_some()
    };
    while !is_kept() {
        assert!(start.elapsed().as_secs() < 30, "`{key}` is never kept");
    }
}

/// The answer, and how many renders it took.
fn counted(pages: &Pages, target: &str) -> (Answer, usize) {
    let before = recorder::RENDERS.get();
    let answer = pages.get(target);
    (answer, recorder::RENDERS.get() - before)
}

#[test]
fn a_failure_that_is_the_same_for_all_is_found_once_for_each_state() {
    for production in [false, true] {
        for (source, fixed) in [
            ("{{ nope }}", "{{ 1 }}"),
            ("{% if %}", "{{ 1 }}"),
            ("{% include 'b.html' %}", "{{ 1 }}"),
            ("{{ 'a' * 9000000000 }}", "{{ 1 }}"),
            ("{{ \u{0} }}", "1"),
        ] {
            let files = [("a.html", source), ("b.html", "\n{{ nope }}")];
            let pages = Pages::with(&files, |options| options.production = production);
            let first = pages.get("/a");
            wait_until_kept(&pages, "/a", "/a");
            let (again, renders) = counted(&pages, "/a?x=1");
            assert_eq!((again.status(), renders), (500, 0), "{source}");
            assert_eq!((&again.body, again.message()), (&first.body, first.message()), "{source}");
            assert_eq!(again.field("Cache-Control"), "no-store");
            assert_eq!(again.source(), first.source());
            let html = pages.get_with("/a", "Accept: text/html");
            assert_eq!(html.field("Content-Type"), "text/html; charset=utf-8");
            assert_eq!(html.body.contains("class=\"help\""), !production, "{source}");
            if !production {
                pages.write("a.html", fixed);
                assert_eq!(pages.get("/a").body, "1", "{source}");
            }
        }
    }
}

#[test]
fn a_failure_shows_an_edit_of_each_of_its_files_at_once() {
    let pages = Pages::new(&[("a.html", "{% include '_b.html' %}"), ("_b.html", "{{ nope }}")]);
    wait_until_kept(&pages, "/a", "/a");
    pages.write("_b.html", "\n{{ nope }}");
    assert!(pages.get("/a").body.contains("--> _b.html:2:4"));
    wait_until_kept(&pages, "/a", "/a");
    pages.write("_b.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
    // The help names files that it was not made from.
    pages.write("a.html", "{% include '_bc.html' %}");
    for _ in 0..100 {
        assert!(pages.get("/a").body.contains("_b.html"), "{}", pages.get("/a").body);
    }
    pages.write("_bd.html", "");
    fs::remove_file(pages.path("_b.html")).unwrap();
    assert!(pages.get("/a").body.contains("_bd.html"), "{}", pages.get("/a").body);
    pages.write("_bc.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
}

#[test]
fn a_failure_at_the_deadline_is_not_kept() {
    let pages = Pages::with(&[("a.html", "{% for n in range(100) %}{% endfor %}")], |options| {
        options.render_timeout = std::time::Duration::ZERO;
    });
    // That the page is otherwise kept, the tests above show.
    for _ in 0..20 {
        let (answer, renders) = counted(&pages, "/a");
        assert_eq!((answer.status(), renders), (500, 1));
    }
    let reads = pages.render("a.html").1;
    assert!(reads.is_late);
}

#[test]
fn a_page_that_fails_for_one_request_is_rendered_once_for_it() {
    let page =
        "{{ [0] * (request.query.n | int) }}{% include request.query.part | default('b.html') %}";
    let pages = Pages::new(&[("a.html", page), ("b.html", ""), ("404.html", page)]);
    pages.write("bad.html", b"{{ \xff }}");
    for (path, key, status) in [("/a", "/a", 200), ("/none", "404.html", 404)] {
        wait_until_kept(&pages, &format!("{path}?n=1"), key);
        for (query, error) in [
            ("n=1000000", "more work than"),
            ("n=1000001", "a number in text is larger"),
            ("part=x.html", "x.html"),
            ("part=bad.html", "UTF-8"),
        ] {
            let (answer, renders) =
                counted(&pages, &format!("{path}?n=1&{query}").replace("n=1&n", "n"));
            assert_eq!((answer.status(), renders), (500, 1), "{path}?{query}");
            assert!(answer.body.contains(error), "{path}?{query}: {}", answer.body);
        }
        let (answer, renders) = counted(&pages, &format!("{path}?n=2"));
        assert_eq!((answer.status(), renders, &*answer.body), (status, 1, "[0, 0]"));
    }
    // A page whose first visitor had it fail is kept as well.
    let pages = Pages::new(&[("a.html", page), ("b.html", "")]);
    wait_until_kept(&pages, "/a?n=1000001", "/a");
    assert_eq!(pages.get("/a?n=2").body, "[0, 0]");
}

#[test]
fn a_404_page_is_kept_whatever_path_it_answers() {
    let pages = Pages::new(&[("404.html", "no {{ request.path }}")]);
    wait_until_kept(&pages, "/x", "404.html");
    let (answer, renders) = counted(&pages, "/y");
    assert_eq!((answer.status(), &*answer.body, renders), (404, "no /y", 1));
    assert_eq!(answer.field("Cache-Control"), "no-store");
    pages.write("404.html", "{{ nope }}");
    assert_eq!(pages.get("/z").status(), 500);
    wait_until_kept(&pages, "/x", "404.html");
    let (answer, renders) = counted(&pages, "/y");
    assert_eq!((answer.status(), renders), (500, 0));
    assert!(answer.body.contains("--> 404.html:1:4"), "{}", answer.body);
    pages.write("404.html", "gone");
    assert_eq!(pages.get("/y").body, "gone");
    fs::remove_file(pages.path("404.html")).unwrap();
    assert!(pages.get("/y").echoes("/y"));
}

#[test]
fn other_pages_keep_working_and_a_fixed_one_works_again() {
    let pages = Pages::new(&[("a.html", "{{"), ("b.html", "b")]);
    assert_eq!(pages.get("/a").status(), 500);
    assert_eq!(pages.get("/b").body, "b");
    pages.write("a.html", "ok");
    assert_eq!(pages.get("/a").body, "ok");
}

#[test]
fn a_report_depends_on_the_names_that_it_suggests() {
    let pages = Pages::new(&[("b.html", "{% include 'docs/abuot.html' %}"), ("docs/a.html", "")]);
    let head = RequestHead::get("/b", "localhost").as_navigation();
    let report = pages.site.render(&head, SystemTime::now()).unwrap();
    assert!(pages.site.stat_cache().is_current(report.dependencies()));
    pages.write("docs/about.html", "");
    // In the same tick of the clock, its stamp says that it may have changed.
    let is_current = pages.site.stat_cache().is_current(report.dependencies());
    assert!(!is_current || report.dependencies().is_uncertain());
}

#[test]
fn a_report_that_suggests_names_is_kept() {
    let pages = Pages::new(&[("a.html", "{% include '_bc.html' %}"), ("_b.html", "")]);
    wait_until_kept(&pages, "/a", "/a");
    let (report, renders) = counted(&pages, "/a");
    assert_eq!((report.status(), renders), (500, 0));
    pages.write("_bcd.html", "");
    let (report, renders) = counted(&pages, "/a");
    assert_eq!((report.status(), renders), (500, 1));
}

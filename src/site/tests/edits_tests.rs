//! Files that change between two requests, or during one.

use std::sync::Weak;

use super::*;

#[test]
fn every_edit_is_seen_at_once() {
    let pages = Pages::new(&[
        ("page.html", "{% extends '_layout.html' %}{% block b %}0{% endblock %}"),
        ("_layout.html", "0{% block b %}{% endblock %}{% include request.query.part %}"),
        ("_part.html", "0"),
    ]);
    let body = || pages.get("/page?part=_part.html").body;
    for round in 0..1000 {
        // One digit each, so that the size stays the same.
        let digit = (b'0' + (round % 10) as u8) as char;
        pages.write("_part.html", format!("{digit}"));
        assert_eq!(body().chars().last(), Some(digit), "in place, round {round}");

        pages.write(
            "new",
            format!("{{% extends '_layout.html' %}}{{% block b %}}{digit}{{% endblock %}}"),
        );
        fs::rename(pages.path("new"), pages.path("page.html")).unwrap();
        assert_eq!(body().chars().nth(1), Some(digit), "renamed over, round {round}");

        let layout = "{% block b %}{% endblock %}{% include request.query.part %}";
        pages.write("_layout.html", format!("{digit}{layout}"));
        assert_eq!(body(), format!("{digit}{digit}{digit}"), "layout, round {round}");
    }
}

/// How many templates are held of those that were loaded: each holds its name.
fn held(names: &[Weak<str>]) -> usize {
    names.iter().filter(|name| name.strong_count() > 0).count()
}

#[test]
fn a_template_that_was_replaced_is_let_go() {
    let pages = Pages::new(&[]);
    let mut names = Vec::new();
    for round in 0..1000 {
        pages.write("new", format!("{{{{ {round} }}}}"));
        fs::rename(pages.path("new"), pages.path("page.html")).unwrap();
        let (rendered, reads) = pages.render("page.html");
        assert_eq!((rendered.unwrap(), reads.loads), (round.to_string(), 1));
        names.push(Arc::downgrade(reads.dependencies.used().next().unwrap().0));
    }
    let held = held(&names);
    assert!((1..10).contains(&held), "{held} templates are held");
}

#[test]
fn a_crawl_does_not_hold_every_page() {
    let pages = Pages::new(&[]);
    let mut names = Vec::new();
    for number in 0..4200 {
        pages.write("a.html", "");
        let name = format!("{number}.html");
        fs::rename(pages.path("a.html"), pages.path(&name)).unwrap();
        let (rendered, reads) = pages.render(&name);
        rendered.unwrap();
        names.push(Arc::downgrade(reads.dependencies.used().next().unwrap().0));
    }
    let held = held(&names);
    assert!((1..200).contains(&held), "{held} templates are held");
}

#[test]
fn a_file_comes_and_goes_at_once() {
    let pages = Pages::new(&[("user.html", "{% include '_part.html' ignore missing %}.")]);
    for round in 0..1000 {
        assert_eq!(route(&pages, "/page"), "echo", "round {round}");
        pages.write("page.html", "page");
        assert_eq!(route(&pages, "/page"), "page.html", "round {round}");
        fs::remove_file(pages.path("page.html")).unwrap();

        assert_eq!(pages.get("/user").body, ".", "round {round}");
        pages.write("_part.html", "part");
        assert_eq!(pages.get("/user").body, "part.", "round {round}");
        fs::remove_file(pages.path("_part.html")).unwrap();
    }
}

#[test]
fn a_file_is_read_again_once_it_has_changed_and_not_before() {
    let pages = Pages::new(&[("a.html", "old")]);
    let render = || {
        let (rendered, reads) = pages.render("a.html");
        (rendered.unwrap(), reads.loads)
    };
    let start = std::time::Instant::now();
    while render() != ("old".to_owned(), 0) {
        assert!(start.elapsed().as_secs() < 30, "it never settles");
    }
    pages.write("a.html", "new");
    assert_eq!(render(), ("new".to_owned(), 1));
}

#[test]
fn a_file_that_was_changed_just_now_is_read_again() {
    let pages = Pages::new(&[]);
    // A machine that stands still for longer than a tick between the write and
    // the render proves nothing, hence the many tries.
    let is_read_twice = (0..100).any(|_| {
        pages.write("a.html", "x");
        let loads = || pages.render("a.html").1.loads;
        (loads(), loads()) == (1, 1)
    });
    assert!(is_read_twice);
}

#[test]
fn a_page_that_goes_away_while_it_is_answered_is_not_there() {
    let pages = Pages::new(&[("a.html", "{{ 1 }}")]);
    let file = pages.site.root.check().open_file("a.html").unwrap().into_file().unwrap();
    fs::remove_file(pages.path("a.html")).unwrap();
    let answer = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
        let made = pages.site.make_of(file, Dependencies::default(), asked);
        let found = pages.site.keep(&asked.key(), made, asked);
        pages.site.answer(found, asked).at_once()
    });
    assert!(answer.echoes("/a"));
}

#[test]
fn a_page_is_made_from_one_state_of_each_file() {
    let pages = Pages::new(&[
        ("page.html", "{% for n in range(500) %}{% include '_part.html' %}{% endfor %}"),
        ("_part.html", "x"),
    ]);
    let (rendered, reads) = pages.render("page.html");
    assert_eq!(rendered.unwrap(), "x".repeat(500));
    assert_eq!(reads.loads, 2);
}

#[test]
fn threads_render_at_once_and_none_sees_an_older_file() {
    let pages = Pages::new(&[("a.html", "0"), ("b.html", "{% include 'a.html' %}")]);
    let written = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let at_least = written.load(std::sync::atomic::Ordering::SeqCst);
                    let seen: usize = pages.get("/b").body.parse().unwrap();
                    assert!(seen >= at_least, "{seen} after {at_least}");
                }
            });
        }
        for number in 1..200 {
            pages.write("_new", number.to_string());
            fs::rename(pages.path("_new"), pages.path("a.html")).unwrap();
            written.store(number, std::sync::atomic::Ordering::SeqCst);
        }
    });
}

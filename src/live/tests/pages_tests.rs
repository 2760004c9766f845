//! The messages that open pages get when their files change.

use super::*;

#[test]
fn a_save_is_told_to_those_who_show_it() {
    for watches in [true, false] {
        let pages = Pages::with(&[("a.html", "<p>one"), ("b.html", "<p>two")], watches);
        let (a, same, b) = (pages.open("/a"), pages.open("/a"), pages.open("/b"));
        pages.write("a.html", "<p>three");
        let message = a.receives("patch");
        assert_eq!(message["to"], *pages.navigate("/a", ""));
        assert_eq!(message["ops"][0]["old"], "one");
        assert_eq!(message["ops"][0]["new"], "three");
        assert_eq!(same.message(), message);
        pages.settle(&[&a, &same, &b]);
    }
}

#[test]
fn whatever_a_page_is_made_of_counts() {
    let pages = Pages::new(&[
        ("_layout.html", "<title>{% block title %}{% endblock %}</title>"),
        ("_note.html", "<p>note"),
        (
            "a.html",
            "{% extends '_layout.html' %}{% block title %}{% include 'x.html' ignore missing %}{% include '_note.html' %}{% endblock %}",
        ),
    ]);
    let page = pages.open("/a");
    for (name, text) in [
        ("_layout.html", "<title>{% block title %}{% endblock %}</title><p>more"),
        ("_note.html", "<p>other"),
        ("x.html", "<p>new"),
        ("a.html", "{% extends '_layout.html' %}"),
    ] {
        pages.write(name, text);
        page.catches_up(&pages);
    }
    let next = pages.path("next");
    fs::write(&next, "<p>renamed over").unwrap();
    fs::rename(next, pages.path("a.html")).unwrap();
    page.catches_up(&pages);
    pages.settle(&[&page]);
}

#[test]
fn what_changes_nothing_is_not_told() {
    let pages = Pages::new(&[("a.html", "<p>{# one #}a"), ("style.css", "p {}"), ("b.html", "")]);
    pages.rest();
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/style.css"] }));
    pages.settle(&[&page]);
    pages.write("a.html", "<p>{# two #}a");
    pages.write("a.html", "<p>{# two #}a");
    pages.write("style.css", "p {}");
    pages.write("b.html", "<p>b");
    pages.write("other.css", "p {}");
    pages.settle(&[&page]);
}

#[test]
fn many_saves_end_on_the_last() {
    let pages = Pages::new(&[("a.html", "<p>0")]);
    let page = pages.open("/a");
    for n in 1..=50 {
        if n % 2 == 0 {
            pages.write("a.html", &format!("<p>{n}"));
        } else {
            pages.write("next", &format!("<p>{n}"));
            fs::rename(pages.path("next"), pages.path("a.html")).unwrap();
        }
        // Some saves come one after the other, and some when the one before is shown.
        if n % 5 == 0 {
            page.catches_up(&pages);
        }
    }
    pages.settle(&[&page]);
}

#[test]
fn a_script_that_changes_is_loaded_with_its_page() {
    let pages = Pages::new(&[("a.html", "<p>a<script>1</script>")]);
    let page = pages.open("/a");
    pages.write("a.html", "<p>a<script>2</script>");
    page.receives("reload");
    // It has not done so; and is told again when it is worth it.
    pages.settle(&[&page]);
    pages.write("a.html", "<p>a<script>3</script>");
    page.receives("reload");
}

#[test]
fn a_page_is_told_what_its_patch_may_be_made_over() {
    for (patching, page, over) in [
        (Patching::Auto, "<p>one", "markup"),
        (Patching::Auto, "<script type=text/plain>a</script><p>one", "markup"),
        (Patching::Auto, "<script>a</script><p>one", "scripts"),
        (Patching::Auto, "<p onclick=a()>one", "scripts"),
        (Patching::Always, "<script>a</script><p>one", "anything"),
    ] {
        let pages = Pages::patching(patching, &[("a.html", page)]);
        let open = pages.open("/a");
        pages.write("a.html", &page.replace("one", "two"));
        assert_eq!(open.receives("patch")["over"], over, "{page}");
    }
}

#[test]
fn a_page_that_is_never_patched_is_loaded_again() {
    let pages = Pages::patching(Patching::Never, &[("a.html", "<p>one")]);
    let page = pages.open("/a");
    pages.write("a.html", "<p>two");
    let told = page.receives("reload");
    // So that a page that stays can be followed from there.
    assert_eq!(told["to"], pages.navigate("/a", ""));
}

#[test]
fn a_class_that_a_script_names_is_loaded_with_its_page() {
    let page = "<script>find('.card')</script><p class=note onclick=\"pick('list')\">a";
    let pages = Pages::new(&[("a.html", page)]);
    for (class, kind) in [
        ("card", "reload"),
        ("list", "reload"),
        ("find", "reload"),
        ("note car", "patch"),
        ("note cards", "patch"),
    ] {
        let open = pages.open("/a");
        pages.write("a.html", &page.replace("class=note", &format!("class='{class}'")));
        open.receives(kind);
        drop(open);
        pages.write("a.html", page);
    }
}

#[test]
fn an_error_is_shown_over_the_page_until_it_is_fixed() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "{% include 'a.html' %}")]);
    let (a, b) = (pages.open("/a"), pages.open("/b"));
    pages.write("a.html", "<p>{{ nobody }}");
    for page in [&a, &b] {
        let html = page.receives("error")["html"].as_str().unwrap().to_owned();
        assert!(html.contains("a.html:1:7") && !html.contains("<script"), "{html}");
    }
    let told = pages.printed.recv_timeout(PATIENCE).unwrap();
    assert!(told.starts_with("error: `nobody` is undefined\n --> a.html:1:7\n"), "{told}");
    pages.write("a.html", "<p>a");
    assert_eq!(
        (a.message(), b.message()),
        (json!({ "type": "fixed" }), json!({ "type": "fixed" }))
    );

    pages.write("a.html", "<p>{{ nobody }}");
    a.receives("error");
    b.receives("error");
    pages.write("a.html", "<p>{{ nobody_else }}");
    a.receives("error");
    b.receives("error");
    pages.write("a.html", "<p>b");
    a.catches_up(&pages);
    b.catches_up(&pages);
    // Each error once, though two pages have it.
    assert_eq!(pages.printed.try_iter().count(), 2);
    pages.settle(&[&a, &b]);
}

#[test]
fn an_error_that_was_loaded_goes_away_with_the_fix() {
    let pages = Pages::new(&[("a.html", "<p>{% include 'b.html' %}")]);
    let page = pages.open("/a");
    pages.write("a.html", "<p>\n{% include 'b.html' %}");
    page.catches_up(&pages);
    // The first one was told with the request for it.
    assert!(pages.printed.recv_timeout(PATIENCE).unwrap().contains("a.html:2"));
    pages.write("b.html", "b");
    page.receives("reload");
}

#[test]
fn what_is_shown_stays_below_an_error_that_was_there_first() {
    let pages = Pages::new(&[("a.html", "{{")]);
    let page = pages.connect("/a", "", "of another server");
    assert!(page.receives("error")["html"].as_str().unwrap().contains("a.html"));
    pages.write("a.html", "<p>a");
    page.receives("reload");
}

#[test]
fn a_missing_page_appears() {
    let pages = Pages::new(&[]);
    let page = pages.open("/a/b");
    pages.write("a/b/index.html", "<p>b");
    page.receives("reload");
    let page = pages.open("/c");
    pages.write("404.html", "<p>not here");
    page.receives("reload");
}

#[test]
fn a_deleted_page_is_loaded_again_and_a_renamed_one_followed() {
    for watches in [true, false] {
        let pages = Pages::with(
            &[("a.html", "<p>a"), ("b.html", "<p>{{ page.url }}"), ("c/d.html", "<p>d")],
            watches,
        );
        let (a, b, d) = (pages.open("/a"), pages.open("/b"), pages.open("/c/d"));
        fs::remove_file(pages.path("a.html")).unwrap();
        a.receives("reload");
        fs::rename(pages.path("b.html"), pages.path("a b.html")).unwrap();
        assert_eq!(b.message(), json!({ "type": "navigate", "url": "/a%20b" }));
        fs::rename(pages.path("c"), pages.path("e")).unwrap();
        assert_eq!(d.message(), json!({ "type": "navigate", "url": "/e/d" }));
        // As another file of the same content.
        let d = pages.open("/e/d");
        pages.write("f.html", "<p>d");
        fs::remove_file(pages.path("e/d.html")).unwrap();
        assert_eq!(d.message(), json!({ "type": "navigate", "url": "/f" }));
    }
}

#[test]
fn a_file_with_a_day_for_the_same_page_is_an_error_in_open_tabs_until_it_goes() {
    for watches in [true, false] {
        let pages = Pages::with(&[("a.html", "<p>a"), ("blog/2026-03-01-b.html", "<p>b")], watches);
        pages.rest();
        for (target, rival) in [("/a", "2026-03-01-a.md"), ("/blog/b", "blog/2026-03-02-b.html")] {
            let page = pages.open(target);
            pages.write(rival, "x");
            let told = page.receives("error")["html"].as_str().unwrap().to_owned();
            assert!(told.contains(rival) && told.contains("both make"), "{told}");
            fs::remove_file(pages.path(rival)).unwrap();
            page.receives("fixed");
            pages.settle(&[&page]);
        }
        // A page that gets a day, or another one, is where it was.
        let page = pages.open("/blog/b");
        for names in ["2026-03-01-b.html b.html", "b.html 2026-03-05-b.html"] {
            let (old, new) = names.split_once(' ').unwrap();
            fs::rename(pages.path(&format!("blog/{old}")), pages.path(&format!("blog/{new}")))
                .unwrap();
            pages.settle(&[&page]);
        }
        pages.write("blog/2026-03-05-b.html", "<p>c");
        page.receives("patch");
    }
}

#[test]
fn each_request_is_rendered_for_itself_where_the_page_reads_it() {
    let source = "<p>{{ request.query.q }}<p>{{ request.cookies.who }}";
    let pages = Pages::new(&[("a.html", source)]);
    let one = pages.open_with("/a?q=1", "Cookie: who=Ada\r\n");
    let two = pages.open_with("/a?q=2", "Cookie: who=Bo\r\n");
    pages.write("a.html", &format!("{source}<p>{{{{ request.query.q }}}}"));
    for (page, query) in [(&one, "1"), (&two, "2")] {
        assert_eq!(page.receives("patch")["ops"][0]["html"], format!("<p>{query}</p>"));
    }
}

#[test]
fn a_page_that_begins_to_read_its_request_is_loaded_again() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let (one, two) = (pages.open("/a?q=1"), pages.open("/a"));
    pages.write("a.html", "<p>{{ request.query.q }}");
    one.receives("reload");
    // Its request has none.
    two.receives("error");
}

#[test]
fn linked_folders_and_new_ones_are_followed() {
    let pages = Pages::new(&[("real/a.html", "<p>a")]);
    symlink(pages.path("real"), pages.path("link")).unwrap();
    let page = pages.open("/link/a");
    pages.write("real/a.html", "<p>b");
    page.catches_up(&pages);
    fs::rename(pages.path("real"), pages.path("other")).unwrap();
    assert_eq!(page.receives("navigate")["url"], "/other/a");
}

#[test]
fn a_root_that_comes_back_is_followed() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    fs::remove_dir_all(pages.folder.path()).unwrap();
    page.receives("reload");
    let page = pages.open("/a");
    pages.write("a.html", "<p>a");
    page.receives("reload");
    let page = pages.open("/a");
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
}

#[test]
fn more_pages_than_are_followed_exactly_load_again_when_they_change() {
    let pages = Pages::new(&[("a.html", "<p>{{ request.query.n }}"), ("s.css", "p {}")]);
    let open: Vec<Page> = (0..600).map(|n| pages.open(&format!("/a?n={n}"))).collect();
    pages.write("a.html", "<p>{{ request.query.n }}!");
    let heard: Vec<Value> = open.iter().map(Page::message).collect();
    let count = |kind: &str| heard.iter().filter(|message| message["type"] == kind).count();
    let (patched, reloaded) = (count("patch"), count("reload"));
    assert!((250..=256).contains(&patched) && patched + reloaded == 600, "{patched} {reloaded}");
    // With them, their room is free again.
    drop(open);
    let page = pages.open("/a?n=1");
    pages.write("a.html", "<p>{{ request.query.n }}?");
    page.receives("patch");
}

//! One check: the changes that count, and those that do not count yet.

use super::*;
use crate::live::{
    check::{Checker, Finding},
    file_set::FileSet,
    watch::Batch,
    write_settling::REST,
};
use crate::site::Snapshot;
use std::time::Instant;

#[test]
fn a_page_that_is_gone_for_a_moment_stays() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("empty.html", "")]);
    let (page, empty) = (pages.open("/a"), pages.open("/empty"));
    for n in 0..10 {
        // As editors save that keep the old file.
        fs::rename(pages.path("a.html"), pages.path("a.html~")).unwrap();
        pages.write("a.html", "");
        pages.write("a.html", "<p>{% if");
        pages.write("a.html", &format!("<p>{n}"));
        page.catches_up(&pages);
    }
    pages.settle(&[&page, &empty]);
    pages.write("a.html", "");
    page.catches_up(&pages);
}

#[test]
fn a_file_that_is_being_written_waits_for_its_rest() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("b.html", "<p>b")]);
    let (page, other) = (pages.open("/a"), pages.open("/b"));
    // It waits no longer than it may, which a busy machine can take.
    let is_whole_at_once = (0..20).any(|n| {
        let mut file = fs::File::create(pages.path("a.html")).unwrap();
        file.write_all(b"<p>one half").unwrap();
        // Everything is checked in between, after the first of two checks at the latest.
        for text in ["one", "two"] {
            pages.write("b.html", &format!("<p>{text} {n}"));
            other.catches_up(&pages);
        }
        file.write_all(format!(" and {n}").as_bytes()).unwrap();
        drop(file);
        let first = page.receives("patch");
        let is_whole = first["to"] == *pages.navigate("/a", "");
        if !is_whole {
            page.catches_up(&pages);
        }
        is_whole
    });
    assert!(is_whole_at_once);
}

#[test]
fn a_checkout_is_told_once() {
    let pages = Pages::new(&[
        ("_layout.html", "<p>one{% block b %}{% endblock %}"),
        ("a.html", "{% extends '_layout.html' %}{% block b %}<p>one{% endblock %}"),
        (".git/HEAD", ""),
    ]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let page = open_in(&mut thread, 0, "/a", &pages.navigate("/a", ""));
    assert_eq!(kinds(&page), ["current"]);
    pages.write("a.html", "{% extends '_layout.html' %}{% block b %}<p>two{% endblock %}");
    pages.rest();
    pages.write(".git/index.lock", "");
    thread.check();
    assert!(kinds(&page).is_empty());
    pages.write("_layout.html", "<p>two{% block b %}{% endblock %}");
    fs::remove_file(pages.path(".git/index.lock")).unwrap();
    pages.rest();
    thread.check();
    let message: Value = serde_json::from_str(&page.try_recv().unwrap()).unwrap();
    assert_eq!(message["ops"].as_array().unwrap().len(), 2, "{message}");
    thread.check();
    assert!(kinds(&page).is_empty());
}

#[test]
fn a_check_ends_after_its_time_and_goes_on_with_what_it_has_passed_over() {
    let dynamic = "<p>{{ request.query.n }}";
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", dynamic), ("s.css", "p {}")]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let mut open = |n: u64, target: &str| {
        let version = pages.navigate(target, "");
        let messages = open_in(&mut thread, n, target, &version);
        assert_eq!(kinds(&messages), ["current"]);
        messages
    };
    let many: Vec<_> = (0..20).map(|n| open(n, &format!("/dynamic?n={n}"))).collect();
    let page = open(20, "/a");
    load(&mut thread, 20, "/s.css");
    pages.write("dynamic.html", &format!("{dynamic}!"));
    pages.write("s.css", "q {}");
    pages.write("a.html", "<p>b");
    pages.rest();
    let mut told = Vec::new();
    for _ in 0..1000 {
        thread.check();
        let now: Vec<_> = many.iter().flat_map(kinds).chain(kinds(&page)).collect();
        assert!(now.len() <= 2, "one page and one resource: {now:?}");
        told.extend(now);
        if !thread.checker.turns.has_rest() {
            break;
        }
    }
    let count = |kind: &str| told.iter().filter(|told| *told == kind).count();
    assert_eq!((count("patch"), count("style"), told.len()), (21, 1, 22));
}

#[test]
fn a_page_is_told_between_many_of_one_file() {
    let dynamic = "<p>{{ request.query.n }}";
    let pages = Pages::new(&[("a.html", "<p>a"), ("dynamic.html", dynamic)]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let mut open = |n: u64, target: &str| {
        let version = pages.navigate(target, "");
        open_in(&mut thread, n, target, &version)
    };
    let many: Vec<_> = (0..20).map(|n| open(n, &format!("/dynamic?n={n}"))).collect();
    let page = open(20, "/a");
    pages.write("dynamic.html", &format!("{dynamic}!"));
    pages.write("a.html", "<p>b");
    pages.rest();
    let patched = |messages: &Receiver<Arc<str>>| kinds(messages).contains(&"patch".to_owned());
    let mut count = 0;
    while !patched(&page) {
        assert!(count <= 2, "{count}");
        thread.check();
        count += many.iter().filter(|messages| patched(messages)).count();
    }
    assert!(count <= 2, "{count}");
}

/// The page that is rendered.
fn render(pages: &Pages) -> Arc<Snapshot> {
    pages.site.render(&RequestHead::get("/a", "localhost"), SystemTime::now()).unwrap()
}

/// What a check finds out, in a word.
fn word<T>(finding: &Finding<T>) -> &'static str {
    match finding {
        Finding::Current => "current",
        Finding::Unsettled(_) => "unsettled",
        Finding::Same(_) => "same",
        Finding::Changed(_) => "changed",
    }
}

#[test]
fn pages_files_and_lists_of_files_are_checked_in_one_way() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    for (text, is_whole, expected) in [
        (None, true, ["current"; 3]),
        (Some("<p>{# note #}a"), true, ["same", "same", "changed"]),
        (Some("<p>b"), true, ["changed"; 3]),
        (Some("<p>{# note #}a"), false, ["unsettled"; 3]),
        (Some("<p>b"), false, ["unsettled"; 3]),
        (Some(""), true, ["unsettled"; 3]),
        // Half of a tag is an error, for which a page waits alone.
        (Some("<p>{% if"), true, ["unsettled", "changed", "changed"]),
    ] {
        // A file is being written for 20 ms at most, which a busy machine may take.
        let found = std::iter::repeat_with(|| find(&pages, text, is_whole));
        let (found, _) = found.into_iter().find(|(_, time)| is_whole || *time < REST).unwrap();
        assert_eq!(found, expected, "{text:?}");
    }
}

/// What checks find of a page, a file and a list of files that are all one file, after a save
/// of `text` that an event says is whole, or that is not; and how long that took.
fn find(pages: &Pages, text: Option<&str>, is_whole: bool) -> ([&'static str; 3], Duration) {
    let site = &pages.site;
    let render = || render(pages);
    let resource = || site.resource("/a", SystemTime::now()).unwrap();
    pages.write("a.html", "<p>a");
    pages.rest();
    let (page, file) = (render(), resource());
    let files = FileSet::new(page.dependencies().clone());
    let mut checker = Checker::new(Arc::clone(site));
    let begun = Instant::now();
    text.into_iter().for_each(|text| pages.write("a.html", text));
    if is_whole {
        checker.note(&Batch { names: vec!["a.html".into()], ..Batch::default() });
    }
    let mut check = checker.check_one();
    let found = [
        word(&check.examine("page", &page, |_| Some(render()))),
        word(&check.examine("file", &file, |_| Some(resource()))),
        word(&check.examine("files", &files, |check| Some(files.restamped(check)))),
    ];
    let waits = ["page", "file", "files"].map(|key| checker.settling.is_waiting(key));
    assert_eq!(waits, found.map(|found| found == "unsettled"), "{text:?}");
    (found, begun.elapsed())
}

#[test]
fn a_list_of_files_heeds_events_that_leave_no_other_trace() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    pages.rest();
    let page = render(&pages);
    for (files, expected) in [
        (FileSet::new(page.dependencies().clone()), "current"),
        (FileSet::new(page.dependencies().clone()).with_events(), "changed"),
    ] {
        let mut checker = Checker::new(Arc::clone(&pages.site));
        let find = |checker: &mut Checker| {
            word(&checker.check_one().examine("", &files, |check| Some(files.restamped(check))))
        };
        assert_eq!(find(&mut checker), "current");
        checker.note(&Batch { names: vec!["a.html".into()], ..Batch::default() });
        assert_eq!(find(&mut checker), expected);
    }
}

//! Tabs that come, go, send much and read nothing.

use super::*;
use crate::live::inbox::Task;

#[test]
fn nonsense_is_passed_over() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    for text in
        ["", "{", "[]", r#"{"page":"a","version":""}"#, r#"{"page":"/ b\r\n","version":""}"#]
    {
        page.open.receive(text);
    }
    page.send(&json!({ "resources": ["", "x", "/ ", "//", "/%zz", "/a\r\n"] }));
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
}

#[test]
fn its_thread_ends_with_it() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let page = pages.open("/a");
    let Pages { live, site, .. } = pages;
    drop(live);
    // Nobody else has a way to it.
    while page.messages.recv_timeout(PATIENCE).is_ok() {}
    assert_eq!(page.messages.try_recv(), Err(TryRecvError::Disconnected));
    drop(site);
}

#[test]
fn what_a_closed_tab_has_sent_is_dropped() {
    let (inbox, budget) = (Arc::new(Inbox::default()), budget_of_names());
    let open = |id| {
        let input = RefCell::new(PageInput::new(&budget));
        OpenPage { id, inbox: Arc::clone(&inbox), input }
    };
    let (closed, open) = (open(1), open(2));
    for page in [&closed, &open] {
        page.receive(&json!({ "page": "/a", "version": "v" }).to_string());
        page.receive(&json!({ "resources": ["/s.css", "/i.png"] }).to_string());
    }
    drop(closed);
    assert_eq!(inbox.waiting(), 1);
    assert!(matches!(inbox.next(None), Task::Close(1)));
    assert!(matches!(inbox.next(None), Task::Handle(2, TabEvent::Hello(_))));
}

#[test]
fn a_tab_for_which_there_is_no_room_loads_again() {
    let pages = Pages::new(&[("a.html", "<p>a"), ("s.css", "p {}")]);
    pages.rest();
    let page = pages.open("/a");
    page.has_room.store(false, Ordering::SeqCst);
    pages.write("a.html", "<p>b");
    page.receives("reload");
    page.has_room.store(true, Ordering::SeqCst);
    // What it has not got, later messages would build upon.
    pages.settle(&[&page]);
    let page = pages.open("/a");
    page.send(&json!({ "resources": ["/s.css"] }));
    page.has_room.store(false, Ordering::SeqCst);
    pages.settle(&[]);
    pages.write("s.css", "q {}");
    page.receives("reload");
    // As the newest state, a page that was renamed goes ahead of all else.
    let page = pages.open("/a");
    page.has_room.store(false, Ordering::SeqCst);
    fs::rename(pages.path("a.html"), pages.path("b.html")).unwrap();
    assert_eq!(page.message(), json!({ "type": "navigate", "url": "/b" }));
}

#[test]
fn a_save_is_told_while_tabs_talk_without_end() {
    let pages = Pages::new(&[("a.html", "<p>0")]);
    let page = pages.open("/a");
    let talkers: Vec<Page> = (0..40).map(|_| pages.open("/a")).collect();
    for (n, talker) in talkers.iter().enumerate() {
        for k in 0..10 {
            let names: Vec<String> = (0..100).map(|i| format!("/missing-{n}-{k}-{i}")).collect();
            talker.send(&json!({ "resources": names }));
        }
    }
    let inbox = pages.live.inbox.get().unwrap();
    for n in 1..=3 {
        pages.write("a.html", &format!("<p>{n}"));
        page.catches_up(&pages);
    }
    assert!(inbox.waiting() > 0, "they still have something to say");
}

#[test]
fn tabs_that_come_and_go_leave_nothing_behind() {
    let pages = Pages::new(&[("a.html", "<p>a")]);
    let version = pages.navigate("/a", "");
    for _ in 0..2000 {
        let page = pages.connect("/a", "", &version);
        page.send(&json!({ "resources": ["/s.css", "/missing"] }));
    }
    let page = pages.open("/a");
    while !pages.is_handled() {}
    pages.write("a.html", "<p>b");
    page.catches_up(&pages);
    assert!(pages.live.names.take(budget_of_names().left()).is_some());
}

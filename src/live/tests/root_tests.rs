//! Open pages of a site whose root is switched, or a link below it.

use super::*;
use crate::live::inbox::Task;

/// Where the site is, the link that is switched, and the path of a release, but for its
/// name, with the way from there to its pages.
const LAYOUTS: [(&str, &str, [&str; 2]); 3] = [
    ("link", "link", ["release-", ""]),
    ("link/pages", "link", ["release-", "pages/"]),
    // The files are links as well, as Kubernetes has it.
    ("root", "root/..data", ["root/..", ""]),
];
const FILES: [(&str, &str); 3] = [
    ("page.html", "<link rel=stylesheet href=style.css><p>X{% include '_part.html' %}"),
    ("_part.html", "<p>X"),
    ("style.css", "X {}"),
];

/// Two releases, `a` and `b`, of which the first is served.
fn releases((root, link, [prefix, below]): (&str, &str, [&str; 2]), watches: bool) -> Pages {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for release in ["a", "b"] {
        for (name, text) in FILES {
            write(&path(&format!("{prefix}{release}/{below}{name}")), &text.replace('X', release));
        }
    }
    if link.starts_with("root/") {
        for (name, _) in FILES {
            symlink(format!("..data/{name}"), path("root").join(name)).unwrap();
        }
    }
    let [first, _] = targets(prefix);
    symlink(first, path(link)).unwrap();
    Pages::at(folder, root, watches)
}

/// What the link holds for each release.
fn targets(prefix: &str) -> [String; 2] {
    let name = prefix.rsplit('/').next().unwrap();
    ["a", "b"].map(|release| format!("{name}{release}"))
}

fn switch(pages: &Pages, link: &str, target: &str) {
    let link = pages.outer(link);
    let new = link.with_file_name("new");
    symlink(target, &new).unwrap();
    fs::rename(new, link).unwrap();
}

impl Pages {
    /// A path from the folder that the site is in.
    fn outer(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

#[test]
fn open_pages_follow_a_switch_and_saves_after_it() {
    for watches in [true, false] {
        for layout in LAYOUTS {
            let (_, link, [prefix, below]) = layout;
            let pages = releases(layout, watches);
            pages.rest();
            let page = pages.open("/page");
            page.send(&json!({ "resources": ["/style.css"] }));
            pages.settle(&[&page]);
            let [a, b] = targets(prefix);
            for target in [&b, &a, &b] {
                switch(&pages, link, target);
                let mut kinds = [page.message(), page.message()];
                kinds.sort_by_key(|message| message["type"].to_string());
                assert_eq!(kinds[0]["to"], pages.navigate("/page", ""), "{kinds:?} {layout:?}");
                assert_eq!(kinds[1], json!({ "type": "style", "path": "/style.css" }));
            }
            // What is no longer served is not followed.
            fs::write(pages.outer(&format!("{prefix}a/{below}page.html")), "<p>old").unwrap();
            fs::remove_dir_all(pages.outer(&format!("{prefix}a"))).unwrap();
            pages.write("_part.html", "<p>saved");
            page.catches_up(&pages);
        }
    }
}

#[test]
fn a_link_that_leads_nowhere_for_a_while_changes_nothing() {
    let pages = releases(LAYOUTS[0], true);
    let page = pages.open("/page");
    let version = pages.navigate("/page", "");
    let link = pages.outer("link");
    for put in [
        |_: &std::path::Path| {},
        |link: &std::path::Path| fs::write(link, "a file").unwrap(),
        |link: &std::path::Path| symlink("no-such", link).unwrap(),
    ] {
        fs::remove_file(&link).unwrap();
        put(&link);
        // A tab that comes meanwhile shows the same.
        assert_eq!(pages.open("/page").version, version);
        let _ = fs::remove_file(&link);
        symlink("release-a", &link).unwrap();
    }
    switch(&pages, "link", "release-b");
    assert_eq!(page.receives("patch")["to"], pages.navigate("/page", ""));
}

#[test]
fn a_root_in_whose_place_another_is_put_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("site/pages/a.html", "<p>old"), ("new/pages/a.html", "<p>new")] {
        write(&folder.path().join(name), text);
    }
    let pages = Pages::at(folder, "site/pages", true);
    let page = pages.open("/a");
    // The folder above it goes, and the one that is watched is told nothing.
    fs::rename(pages.outer("site"), pages.outer("old")).unwrap();
    fs::rename(pages.outer("new"), pages.outer("site")).unwrap();
    page.catches_up(&pages);
    fs::write(pages.outer("old/pages/a.html"), "<p>older").unwrap();
    pages.write("a.html", "<p>newer");
    page.catches_up(&pages);
}

#[test]
fn the_folder_that_a_switch_leads_to_is_watched_from_then_on() {
    for layout in &LAYOUTS[..2] {
        let (_, link, [prefix, _]) = *layout;
        let pages = releases(*layout, false);
        let options = LiveOptions { watches: true, ..quiet() };
        let inbox = Arc::new(Inbox::default());
        let mut thread =
            LiveThread::new(Arc::clone(&pages.site), options, Arc::clone(&inbox), Arc::default());
        let version = pages.navigate("/page", "");
        let _messages = open_in(&mut thread, 1, "/page", &version);
        let has_events = || {
            let deadline = std::time::Instant::now() + PATIENCE;
            matches!(inbox.next(Some(deadline)), Task::DrainEvents)
        };
        assert!(has_events());
        thread.check();
        switch(&pages, link, &targets(prefix)[1]);
        thread.check();
        assert!(has_events(), "it was not watched again");
        thread.check();
        pages.write("page.html", "<p>saved");
        assert!(has_events());
    }
}

#[test]
fn what_a_page_has_loaded_before_a_switch_and_names_after_it_is_told() {
    for layout in LAYOUTS {
        let (_, link, [prefix, _]) = layout;
        let pages = releases(layout, true);
        pages.rest();
        let page = pages.open("/page");
        switch(&pages, link, &targets(prefix)[1]);
        page.catches_up(&pages);
        page.send(&json!({ "resources": ["/style.css"] }));
        assert_eq!(page.message(), json!({ "type": "style", "path": "/style.css" }));
        drop(page);
        pages.rest();
        let page = pages.open("/page");
        page.send(&json!({ "resources": ["/style.css"] }));
        pages.settle(&[&page]);
    }
}

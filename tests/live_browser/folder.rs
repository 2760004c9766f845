//! Files and folders that come, go and move.

use std::{fs, os::unix::fs::symlink, process::Command};

use crate::{READY, Site, assert_patched, shows};

const ECHO: &str = "The server got a request with path";

#[test]
#[ignore = "needs chromium"]
fn a_missing_page_appears_with_its_file() {
    let site = Site::new(&[("index.html", "<p>home")]);
    let tab = site.open("/new");
    assert_eq!(tab.evaluate(&shows(ECHO)), true);
    site.save("new.html", "<!doctype html><p>new page");
    tab.wait_for(&format!("{} && {READY}", shows("new page")));
    let deep = site.open("/a/b/c");
    fs::create_dir_all(site.path("a/b")).expect("they are new");
    site.replace("a/b/c.html", "<!doctype html><p>deep page");
    deep.wait_for(&format!("{} && {READY}", shows("deep page")));
    assert!(tab.loads() <= 2 && deep.loads() <= 2, "one update is enough");
}

#[test]
#[ignore = "needs chromium"]
fn a_deleted_page_turns_into_the_echo_page_and_back() {
    let site = Site::new(&[("a.html", "<!doctype html><p>page")]);
    let tab = site.open("/a");
    for _ in 0..2 {
        fs::remove_file(site.path("a.html")).expect("it is there");
        tab.wait_for(&format!("{} && {READY}", shows(ECHO)));
        site.save("a.html", "<!doctype html><p>page");
        tab.wait_for(&format!("{} && {READY}", shows("page")));
    }
    assert!(tab.loads() <= 5, "one update is enough");
}

#[test]
#[ignore = "needs chromium"]
fn a_renamed_page_takes_its_tab_along() {
    let site = Site::new(&[("old.html", "<!doctype html><p>page 1")]);
    let tab = site.open("/old");
    fs::rename(site.path("old.html"), site.path("new.html")).expect("it is there");
    tab.wait_for(&format!("location.pathname == '/new' && {READY}"));
    assert_eq!(tab.evaluate(&shows("page 1")), true);
    site.save("new.html", "<!doctype html><p>page 2");
    tab.wait_for(&shows("page 2"));
    assert_eq!(tab.loads(), 2);
}

#[test]
#[ignore = "needs chromium"]
fn the_page_of_another_file_comes_into_sight() {
    let site = Site::new(&[("docs/index.html", "<!doctype html><p>folder")]);
    let tab = site.open("/docs/");
    site.save("404.html", "<!doctype html><p>missing");
    let missing = site.open("/nothing/here");
    missing.wait_for(&shows("missing"));
    site.save("404.html", "<!doctype html><p>not found");
    missing.wait_for(&shows("not found"));
    fs::remove_dir_all(site.path("docs")).expect("it is there");
    tab.wait_for(&format!("{} && {READY}", shows("not found")));
}

#[test]
#[ignore = "needs chromium"]
fn the_root_deleted_and_made_again_is_followed() {
    let site = Site::new(&[("index.html", "<!doctype html><p>page 1")]);
    let tab = site.open("/");
    for count in 2..5 {
        fs::remove_dir_all(site.path("")).expect("it is there");
        if count < 4 {
            tab.wait_for(&format!("{} && {READY}", shows(ECHO)));
        }
        fs::create_dir(site.path("")).expect("it has gone");
        site.save("index.html", format!("<!doctype html><p>page {count}"));
        tab.wait_for(&format!("{} && {READY}", shows(&format!("page {count}"))));
    }
    site.save("index.html", "<!doctype html><p>page 5");
    tab.wait_for(&shows("page 5"));
}

#[test]
#[ignore = "needs chromium"]
fn the_root_moved_away_and_replaced_is_followed() {
    let site = Site::new(&[("index.html", "<!doctype html><p>page 1")]);
    let tab = site.open("/");
    site.folder.write("next/index.html", "<!doctype html><p>page 2");
    fs::rename(site.path(""), site.folder.path("before")).expect("it is there");
    fs::rename(site.folder.path("next"), site.folder.path("pages")).expect("it is there");
    tab.wait_for(&format!("{} && {READY}", shows("page 2")));
    site.save("index.html", "<!doctype html><p>page 3");
    tab.wait_for(&shows("page 3"));
}

#[test]
#[ignore = "needs chromium"]
fn a_folder_moved_in_is_shown_and_followed() {
    let site = Site::new(&[("index.html", "<p>home")]);
    let tab = site.open("/docs/page7");
    for count in 0..100 {
        let name = format!("away/docs/page{count}.html");
        site.folder.write(&name, &format!("<!doctype html><p>page {count}."));
    }
    fs::rename(site.folder.path("away/docs"), site.path("docs")).expect("it is there");
    tab.wait_for(&format!("{} && {READY}", shows("page 7.")));
    site.save("docs/page7.html", "<!doctype html><p>page 7, edited.");
    tab.wait_for(&shows("page 7, edited."));
    assert!(tab.loads() <= 2, "one update is enough");
}

#[test]
#[ignore = "needs chromium"]
fn a_folder_behind_a_link_is_followed() {
    let site = Site::new(&[("real/page.html", "<!doctype html><p>page 1")]);
    symlink("real", site.path("linked")).expect("the name is free");
    let tab = site.open("/linked/page");
    site.save("real/page.html", "<!doctype html><p>page 2");
    tab.wait_for(&shows("page 2"));
    site.replace("real/page.html", "<!doctype html><p>page 3");
    tab.wait_for(&shows("page 3"));
    assert_patched(&tab, 2);
}

#[test]
#[ignore = "needs chromium"]
fn a_root_that_is_a_link_is_followed_to_where_it_leads() {
    let site = Site::new(&[("real/index.html", "<!doctype html><p>page 1")]);
    symlink("pages/real", site.folder.path("link")).expect("the name is free");
    let server = site.folder.serve(&["--root", "link"]);
    let site = Site { server, ..site };
    let tab = site.open("/");
    site.save("real/index.html", "<!doctype html><p>page 2");
    tab.wait_for(&shows("page 2"));
    assert_patched(&tab, 1);
}

#[test]
#[ignore = "needs chromium"]
fn another_branch_is_one_update() {
    let page = "{% extends '_layout.html' %}{% block main %}main one{% endblock %}";
    let layout = "<!doctype html><p>head one</p>{% block main %}{% endblock %}\
        {% include '_foot.html' %}";
    let files = [("_layout.html", layout), ("_foot.html", "foot one"), ("index.html", page)];
    let site = Site::new(&files);
    let git = |args: &[&str]| {
        let names =
            ["-c", "user.name=A", "-c", "user.email=a@localhost", "-c", "commit.gpgsign=no"];
        let mut command = Command::new("git");
        command.args(names).args(args).current_dir(site.folder.path("."));
        let output = command.output().expect("there is git");
        assert!(output.status.success(), "{args:?}: {output:?}");
    };
    git(&["init", "-q", "-b", "one"]);
    git(&["add", "pages"]);
    git(&["commit", "-q", "-m", "one"]);
    git(&["checkout", "-q", "-b", "two"]);
    for (name, text) in files {
        site.save(name, text.replace("one", "two"));
    }
    for count in 0..50 {
        site.save(&format!("more{count}.html"), "<p>more");
    }
    git(&["add", "pages"]);
    git(&["commit", "-q", "-m", "two"]);
    git(&["checkout", "-q", "one"]);
    let tab = site.open("/");
    let all = |name: &str| {
        ["head", "main", "foot"].map(|part| shows(&format!("{part} {name}"))).join(" && ")
    };
    tab.wait_for(&all("one"));
    for (updates, branch) in (1..).zip(["two", "one", "two"]) {
        git(&["checkout", "-q", branch]);
        tab.wait_for(&all(branch));
        assert_patched(&tab, updates);
    }
}

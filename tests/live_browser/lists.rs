//! Lists of pages in open tabs, which follow the pages that they list.

use crate::{READY, Site, assert_patched};

const LIST: &str = "<!doctype html><ul>{% for post in pages('blog/') %}\
                    <li><a href='{{ post.url }}'>{{ post.title }}</a>{% endfor %}</ul>";

/// Whether the list shows these titles.
fn lists(titles: &str) -> String {
    format!(
        "[...document.querySelectorAll('li')].map(li => li.textContent.trim()).join() == '{titles}'"
    )
}

fn site() -> Site {
    Site::new(&[
        ("index.html", LIST),
        ("blog/a.html", "<title>A</title><p>{{ page.next.title if page.next else 'last' }}"),
        ("blog/b.html", "<title>B</title>"),
        ("other.html", "<title>Other</title>"),
    ])
}

#[test]
#[ignore = "needs chromium"]
fn a_list_follows_what_becomes_of_its_pages() {
    let site = site();
    let tab = site.open("/");
    tab.wait_for(&format!("{} && {READY}", lists("A,B")));
    site.save("blog/b.html", "<title>Berry</title>");
    tab.wait_for(&lists("A,Berry"));
    site.save("blog/c.html", "<title>C</title>");
    tab.wait_for(&lists("A,Berry,C"));
    site.replace("blog/c.html", "<title>Cherry</title>");
    tab.wait_for(&lists("A,Berry,Cherry"));
    std::fs::rename(site.path("blog/a.html"), site.path("blog/d.html")).expect("it is renamed");
    tab.wait_for(&lists("Berry,Cherry,A"));
    std::fs::remove_file(site.path("blog/b.html")).expect("it is removed");
    tab.wait_for(&lists("Cherry,A"));
    std::fs::create_dir(site.path("blog/deep")).expect("a folder is made");
    site.save("blog/deep/e.html", "<h1>Deep</h1>");
    tab.wait_for(&lists("Cherry,A,Deep"));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_follows_its_neighbours_and_an_unrelated_save_reloads_nothing() {
    let site = site();
    let tabs = [site.open("/"), site.open("/blog/a")];
    tabs[0].wait_for(&format!("{} && {READY}", lists("A,B")));
    tabs[1].wait_for(&format!("document.querySelector('p').textContent == 'B' && {READY}"));
    site.save("other.html", "<title>New</title>");
    site.save("style.css", "p { color: red }");
    site.save("new.html", "<title>New</title>");
    site.save("blog/b.html", "<title>Next</title>");
    tabs[1].wait_for("document.querySelector('p').textContent == 'Next'");
    tabs[0].wait_for(&lists("A,Next"));
    tabs.iter().for_each(|tab| assert_patched(tab, 1));
}

#[test]
#[ignore = "needs chromium"]
fn a_list_follows_without_events() {
    let site = Site::configured(
        "[live]\nwatch = false\n",
        &[("index.html", LIST), ("blog/a.html", "<title>A</title>")],
    );
    let tab = site.open("/");
    tab.wait_for(&format!("{} && {READY}", lists("A")));
    site.save("blog/b.html", "<title>B</title>");
    tab.wait_for(&lists("A,B"));
    site.save("blog/b.html", "<title>C</title>");
    tab.wait_for(&lists("A,C"));
}

#[test]
#[ignore = "needs chromium"]
fn a_list_of_thousands_follows_one_of_them() {
    let site = Site::new(&[("index.html", LIST)]);
    for number in 0..3000 {
        site.folder
            .write(&format!("pages/blog/{number:04}.html"), &format!("<title>{number}</title>"));
    }
    let tab = site.open("/");
    tab.wait_for(READY);
    let shows = |place: usize, title: &str| {
        format!("document.querySelectorAll('li')[{place}]?.textContent == '{title}'")
    };
    site.save("blog/1777.html", "<title>Edited</title>");
    tab.wait_for(&shows(1777, "Edited"));
    site.save("blog/17770.html", "<title>Added</title>");
    tab.wait_for(&shows(1778, "Added"));
    assert_eq!(tab.loads(), 1);
}

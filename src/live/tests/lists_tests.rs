//! Lists in open pages, which follow the pages that they list.

use super::*;

const LIST: &str = "{% for p in pages('blog/') %}<p>{{ p.url }} {{ p.title }}{% endfor %}";

#[test]
fn a_list_catches_up_with_whatever_becomes_of_its_pages() {
    for watches in [true, false] {
        let files = [
            ("list.html", LIST),
            ("blog/a.html", "<title>A</title>"),
            ("blog/b.html", "<p>{{ page.prev.title if page.prev else 'first' }}"),
        ];
        let pages = Pages::with(&files, watches);
        let (list, neighbour) = (pages.open("/list"), pages.open("/blog/b"));
        // With whether the page after it has another neighbour then.
        let edits: [(&dyn Fn(), bool); 6] = [
            (&|| pages.write("blog/a.html", "<title>New</title>"), true),
            (&|| pages.write("blog/aa.html", "<title>Added</title>"), true),
            (&|| fs::rename(pages.path("blog/a.html"), pages.path("blog/c.html")).unwrap(), false),
            (&|| fs::remove_file(pages.path("blog/aa.html")).unwrap(), true),
            (
                &|| {
                    fs::create_dir(pages.path("blog/deep")).unwrap();
                    pages.write("blog/deep/d.html", "");
                },
                false,
            ),
            (&|| fs::rename(pages.path("blog/deep"), pages.path("blog/other")).unwrap(), false),
        ];
        for (edit, is_next_to_it) in edits {
            edit();
            list.catches_up(&pages);
            if is_next_to_it {
                neighbour.catches_up(&pages);
            }
        }
    }
}

#[test]
fn an_unrelated_save_is_no_news_for_a_list() {
    let pages = Pages::new(&[("list.html", LIST), ("blog/a.html", "<title>A</title>")]);
    pages.rest();
    let mut thread = live_thread(&pages);
    let page = open_in(&mut thread, 0, "/list", &pages.navigate("/list", ""));
    assert_eq!(kinds(&page), ["current"]);
    pages.write("other.html", "<title>Other</title>");
    pages.write("blog/style.css", "p {}");
    pages.write("blog/_draft.html", "<title>Draft</title>");
    pages.write("blog/a.html", "<title>A</title><p>Only its text.");
    pages.rest();
    thread.check();
    assert!(kinds(&page).is_empty());
    pages.write("blog/a.html", "<title>B</title>");
    pages.rest();
    thread.check();
    assert_eq!(kinds(&page), ["patch"]);
}

//! What authors keep beside a page, such as its front matter and data: an open tab follows all
//! of it.

use crate::{READY, Site, assert_patched, common::chromium::Tab, shows};

const LAYOUT: &str = "<!doctype html><title>{{ page.title }}</title>\
                      <main>{% block content %}{% endblock %}</main>";

/// A list of posts: the drafts among them are marked, and left out of the second list.
const LIST: &str = "<!doctype html><ul>{% for post in pages('blog/') %}\
                    <li>{{ post.title }}{{ '*' if post.draft }}{% endfor %}</ul>\
                    <ol>{% for post in pages('blog/') if not post.draft %}\
                    <li>{{ post.title }}{% endfor %}</ol>";

const NEIGHBOURS: &str = "---\ntitle: B\n---\nfrom {{ page.prev.title if page.prev else 'none' }} \
                          to {{ page.next.title if page.next else 'none' }}";

/// Whether the elements that `selector` names show these texts.
fn texts(selector: &str, texts: &str) -> String {
    format!(
        "[...document.querySelectorAll('{selector}')].map(node => node.textContent.trim()).join() \
         == '{texts}'"
    )
}

/// A post in Markdown.
fn post(front_matter: &str, text: &str) -> String {
    format!("---\n{front_matter}\n---\n\n{text}\n")
}

fn blog() -> Site {
    Site::new(&[
        ("_layout.html", LAYOUT),
        ("index.html", LIST),
        ("blog/a.md", &post("title: A", "The first text")),
        ("blog/b.md", NEIGHBOURS),
        ("blog/c.md", &post("title: C", "The last text")),
        ("other.html", "<title>Other</title>"),
    ])
}

/// Saves what no page here shows, in all the ways in which it could be taken for something.
fn save_unrelated(site: &Site) {
    site.save("other.html", "<title>Another</title>");
    site.save("other.md.txt", "text");
    site.save("_unused.html", "<p>unused");
    site.folder.write("pages/_data/unused.toml", "a = 1\n");
    site.folder.write("pages/notes/new.md", "# New\n");
}

/// Opens a page, which has to show `condition` at first.
fn open(site: &Site, target: &str, condition: &str) -> Tab {
    let tab = site.open(target);
    tab.wait_for(&format!("{READY} && {condition}"));
    tab
}

#[test]
#[ignore = "needs chromium"]
fn a_page_of_markdown_follows_its_text_and_its_layout() {
    let site = blog();
    let tab = open(&site, "/blog/a", &texts("main p", "The first text"));
    save_unrelated(&site);
    site.save("blog/a.md", post("title: A", "The *edited* text\n\n- one\n- two"));
    tab.wait_for(&format!("{} && {}", texts("main p", "The edited text"), texts("li", "one,two")));
    site.replace("blog/a.md", &post("title: A", "{% for n in [1, 2] %}\n- {{ n }}\n{% endfor %}"));
    tab.wait_for(&texts("main li", "1,2"));
    site.save("_layout.html", LAYOUT.replace("<main>", "<h1>{{ page.title }}</h1><main>"));
    tab.wait_for(&texts("h1", "A"));
    assert_patched(&tab, 3);
}

#[test]
#[ignore = "needs chromium"]
fn a_title_in_front_matter_reaches_the_list_and_the_neighbours_in_other_tabs() {
    let site = blog();
    let list = open(&site, "/", &texts("ul li", "A,B,C"));
    let neighbour = open(&site, "/blog/b", &shows("from A to C"));
    let own = open(&site, "/blog/c", "document.title == 'C'");
    save_unrelated(&site);
    site.save("blog/c.md", post("title: Cherry", "The last text"));
    own.wait_for("document.title == 'Cherry'");
    list.wait_for(&texts("ul li", "A,B,Cherry"));
    neighbour.wait_for(&shows("from A to Cherry"));
    [&list, &neighbour, &own].into_iter().for_each(|tab| assert_patched(tab, 1));
    // Their order is by `order`, where pages have it.
    site.replace("blog/c.md", &post("title: Cherry\norder: 1", "The last text"));
    list.wait_for(&texts("ul li", "Cherry,A,B"));
    neighbour.wait_for(&shows("from A to none"));
    site.save("blog/a.md", post("title: Apple", "The first text"));
    list.wait_for(&texts("ul li", "Cherry,Apple,B"));
    neighbour.wait_for(&shows("from Apple to none"));
    [&list, &neighbour].into_iter().for_each(|tab| assert_patched(tab, 3));
    // Nothing of it is on that page.
    assert_patched(&own, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_without_front_matter_gets_one_and_loses_it() {
    let site = Site::new(&[("index.html", LIST), ("blog/a.html", "<title>A</title><p>text")]);
    let list = open(&site, "/", &texts("ul li", "A"));
    let own = open(&site, "/blog/a", &shows("text"));
    site.save("blog/a.html", "---\ntitle: Apple\n---\n<title>A</title><p>text");
    list.wait_for(&texts("ul li", "Apple"));
    site.save("blog/a.html", "<title>A</title><p>changed");
    own.wait_for(&shows("changed"));
    list.wait_for(&texts("ul li", "A"));
    assert_patched(&list, 2);
    assert_patched(&own, 1);
}

#[test]
#[ignore = "needs chromium"]
fn broken_front_matter_shows_over_its_page_and_leaves_its_title() {
    let site = blog();
    let list = open(&site, "/", &texts("ul li", "A,B,C"));
    let own = open(&site, "/blog/a", &shows("The first text"));
    site.save("blog/a.md", post("title: Apple", "The first text"));
    list.wait_for(&texts("ul li", "Apple,B,C"));
    site.save("blog/a.md", post("title: [A", "The first text"));
    own.wait_for(
        "document.querySelector('dialog[open] iframe')?.contentDocument.body?.innerText\
                  .includes('blog/a.md')",
    );
    // It stands there under the name of its file.
    list.wait_for(&texts("ul li", "A,B,C"));
    site.save("blog/a.md", post("title: Apricot", "Mended"));
    own.wait_for(&shows("Mended"));
    list.wait_for(&texts("ul li", "Apricot,B,C"));
    assert_eq!([list.loads(), own.loads()], [1, 1]);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_follows_its_data() {
    let page = "<!doctype html><ul>{% for person in data.team.people %}\
                <li>{{ person.name }}{% endfor %}</ul>";
    let site = Site::new(&[
        ("team.html", page),
        ("plain.html", "<!doctype html><p>plain"),
        ("_data/team.toml", "[[people]]\nname = 'Ada'\n"),
        ("_data/rest.toml", "a = 1\n"),
    ]);
    let tab = open(&site, "/team", &texts("li", "Ada"));
    let plain = open(&site, "/plain", &shows("plain"));
    save_unrelated(&site);
    site.save("_data/rest.toml", "a = 2\n");
    site.save("_data/team.toml", "[[people]]\nname = 'Ada'\n[[people]]\nname = 'Bob'\n");
    tab.wait_for(&texts("li", "Ada,Bob"));
    site.replace("_data/team.toml", "[[people]]\nname = 'Bea'\n");
    tab.wait_for(&texts("li", "Bea"));
    assert_patched(&tab, 2);
    site.save("plain.html", "<!doctype html><p>changed");
    plain.wait_for(&shows("changed"));
    assert_patched(&plain, 1);
}

#[test]
#[ignore = "needs chromium"]
fn data_may_come_go_and_change_its_notation() {
    let site = Site::new(&[
        ("index.html", "<!doctype html><p>{{ data.site.name if data.site else 'none' }}"),
        ("_data/site.toml", "name = 'toml'\n"),
    ]);
    let tab = open(&site, "/", &texts("p", "toml"));
    std::fs::remove_file(site.path("_data/site.toml")).expect("it is removed");
    tab.wait_for(&texts("p", "none"));
    site.save("_data/site.yaml", "name: yaml\n");
    tab.wait_for(&texts("p", "yaml"));
    site.folder.write("pages/_data/site/name.json", "\"folder\"");
    std::fs::remove_file(site.path("_data/site.yaml")).expect("it is removed");
    tab.wait_for(&texts("p", "folder"));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_draft_leaves_the_lists_of_what_is_public() {
    let site = blog();
    let list = open(&site, "/", &texts("ol li", "A,B,C"));
    let own = open(&site, "/blog/a", &shows("The first text"));
    save_unrelated(&site);
    site.save("blog/a.md", post("title: A\ndraft: true", "The first text"));
    list.wait_for(&format!("{} && {}", texts("ul li", "A*,B,C"), texts("ol li", "B,C")));
    site.replace("blog/c.md", &post("title: C\ndraft: true", "The last text"));
    list.wait_for(&format!("{} && {}", texts("ul li", "A*,B,C*"), texts("ol li", "B")));
    site.save("blog/a.md", post("title: A\ndraft: false", "Out now"));
    list.wait_for(&format!("{} && {}", texts("ul li", "A,B,C*"), texts("ol li", "A,B")));
    own.wait_for(&shows("Out now"));
    assert_patched(&list, 3);
    assert_patched(&own, 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_row_of_data_makes_a_page_a_list_and_a_waiting_tab() {
    let row = "---\neach: data.team\nkey: id\nas: person\n---\n<!doctype html>\
               <title>{{ person.name }}</title><p>{{ person.name }}";
    let list = "<!doctype html><ul>{% for person in data.team %}\
                <li><a href='/team/{{ person.id }}'>{{ person.name }}</a>{% endfor %}</ul>";
    let site = Site::new(&[
        ("index.html", list),
        ("team/[id].html", row),
        ("_data/team.json", r#"[{"id": "ada", "name": "Ada"}]"#),
    ]);
    let list = open(&site, "/", &texts("li", "Ada"));
    let ada = open(&site, "/team/ada", &texts("p", "Ada"));
    let bob = site.open("/team/bob");
    save_unrelated(&site);
    site.save("_data/team.json", r#"[{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}]"#);
    list.wait_for(&texts("li", "Ada,Bob"));
    bob.wait_for(&texts("p", "Bob"));
    site.save(
        "_data/team.json",
        r#"[{"id": "ada", "name": "Ada L"}, {"id": "bob", "name": "Bob"}]"#,
    );
    ada.wait_for(&texts("p", "Ada L"));
    // The first edit changed nothing on this page.
    assert_patched(&ada, 1);
    site.save("_data/team.json", r#"[{"id": "bob", "name": "Bo"}]"#);
    bob.wait_for(&texts("p", "Bo"));
    list.wait_for(&texts("li", "Bo"));
    assert_eq!(list.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_list_of_rows_follows_their_data() {
    let row = "---\neach: data.team\nkey: id\nas: person\ntitle: Person\n---\n{{ person.name }}";
    let list = "<!doctype html><ul>{% for page in pages('team/', each=true) %}\
                <li>{{ page.url }}{% endfor %}</ul>";
    let site = Site::new(&[
        ("index.html", list),
        ("plain.html", "<!doctype html><p>plain"),
        ("team/[id].html", row),
        ("_data/team.json", r#"[{"id": "ada", "name": "Ada"}]"#),
    ]);
    let list = open(&site, "/", &texts("li", "/team/ada"));
    let plain = open(&site, "/plain", &shows("plain"));
    save_unrelated(&site);
    site.save("_data/team.json", r#"[{"id": "ada", "name": "Ada"}, {"id": "bob", "name": "Bob"}]"#);
    list.wait_for(&texts("li", "/team/ada,/team/bob"));
    site.replace("_data/team.json", r#"[{"id": "bob", "name": "Bob"}]"#);
    list.wait_for(&texts("li", "/team/bob"));
    // A file comes before the row of its name, and leaves it its place again.
    site.save("team/bob.html", "<!doctype html><title>Bob</title>");
    site.save("_data/team.json", r#"[{"id": "bob", "name": "Bob"}, {"id": "cy", "name": "Cy"}]"#);
    list.wait_for(&texts("li", "/team/bob,/team/cy"));
    site.save("team/[id].html", row.replace("data.team", "data.team[1:]"));
    std::fs::remove_file(site.path("team/bob.html")).expect("it is removed");
    list.wait_for(&texts("li", "/team/cy"));
    assert_eq!(list.loads(), 1);
    assert_patched(&plain, 0);
}

#[test]
#[ignore = "needs chromium"]
fn an_include_of_an_include_is_followed() {
    let site = Site::new(&[
        ("index.html", "<!doctype html>{% include 'parts/_outer.html' %}"),
        ("text.md", "{% include 'parts/_outer.html' %}"),
        ("parts/_outer.html", "<div>{% include './_inner.html' %}</div>"),
        ("parts/_inner.html", "<p>{% include '/_deep.md' %}</p>"),
        ("_deep.md", "deep *one*"),
    ]);
    let tabs = ["/", "/text"].map(|target| open(&site, target, &shows("deep one")));
    save_unrelated(&site);
    site.save("_deep.md", "deep *two*");
    let wait_for = |condition: &str| tabs.iter().for_each(|tab| _ = tab.wait_for(condition));
    wait_for(&shows("deep two"));
    site.replace("parts/_inner.html", "<b>inner {% include '/_deep.md' %}</b>");
    wait_for("document.querySelector('div b')");
    site.save("parts/_outer.html", "<i>{% include './_inner.html' %}</i>");
    wait_for("document.querySelector('i b')");
    tabs.iter().for_each(|tab| assert_patched(tab, 3));
}

#[test]
#[ignore = "needs chromium"]
fn content_of_other_pages_is_followed() {
    let feed = "<!doctype html>{% for post in pages('blog/') %}<article>{{ post.content }}\
                </article>{% endfor %}";
    let site = Site::new(&[
        ("index.html", feed),
        ("blog/a.md", "{% include './_part.html' %}"),
        ("blog/_part.html", "<p>part"),
        ("blog/b.md", "{{ data.word }}"),
        ("_data/word.json", "\"word\""),
    ]);
    let tab = open(&site, "/", &texts("article", "part,word"));
    save_unrelated(&site);
    site.save("blog/_part.html", "<p>piece");
    tab.wait_for(&texts("article", "piece,word"));
    site.save("_data/word.json", "\"words\"");
    tab.wait_for(&texts("article", "piece,words"));
    assert_patched(&tab, 2);
}

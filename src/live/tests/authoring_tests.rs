//! Open pages follow their front matter, their layout, and the data that they are made of.

use super::*;

const LAYOUT: &str = "<title>{{ page.title }}</title>{% block content %}{% endblock %}";

#[test]
fn an_open_page_follows_its_front_matter_and_layout() {
    for watches in [true, false] {
        let files = [
            ("_l.html", LAYOUT),
            ("_m.html", "<h1>{{ page.title }}</h1>{% block content %}{% endblock %}"),
            ("a.html", "---\nlayout: _l.html\ntitle: One\n---\n<p>text"),
        ];
        let pages = Pages::with(&files, watches);
        let page = pages.open("/a");
        for (name, text) in [
            ("a.html", "---\nlayout: _l.html\ntitle: Two\n---\n<p>text"),
            ("_l.html", "<title>{{ page.title }}!</title>{% block content %}{% endblock %}"),
            ("a.html", "---\nlayout: _m.html\ntitle: Two\n---\n<p>text"),
            ("_m.html", "<h2>{{ page.title }}</h2>{% block content %}{% endblock %}"),
            ("a.html", "---\nlayout: false\n---\n<p>text"),
            ("a.html", "---\nlayout: _l.html\n---\n<p>text"),
        ] {
            pages.write(name, text);
            page.catches_up(&pages);
        }
        // A comment in the front matter shows nowhere.
        pages.write("a.html", "---\n# note\nlayout: _l.html\n---\n<p>text");
        pages.settle(&[&page]);
    }
}

#[test]
fn malformed_front_matter_is_told_over_the_page_until_it_is_mended() {
    let pages = Pages::new(&[("_l.html", LAYOUT), ("a.html", "---\ntitle: One\n---\n<p>text")]);
    let page = pages.open("/a");
    for text in [
        "---\ntitle: One: two\n---\n<p>text",
        "---\nlayout: _gone.html\n---\n<p>text",
        "---\npermalink: /x\n---\n<p>text",
    ] {
        pages.write("a.html", text);
        let told = page.receives("error");
        assert!(told["html"].as_str().unwrap().contains("a.html:2:"), "{told}");
    }
    pages.write("a.html", "---\ntitle: One\n---\n<p>mended");
    page.catches_up(&pages);
    pages.settle(&[&page]);
}

#[test]
fn an_open_page_of_a_row_follows_its_data() {
    let files = [
        ("p/[id].html", "---\neach: data.d\n---\n<p>{{ item.name }}"),
        ("_data/d.csv", "id,name\na,One\nb,Other\n"),
    ];
    let pages = Pages::new(&files);
    let (page, missing) = (pages.open("/p/a"), pages.open("/p/c"));
    pages.write("_data/d.csv", "id,name\na,Two\nb,Other\n");
    page.catches_up(&pages);
    pages.write("_data/d.csv", "id,name\na,Two\nb,Changed\n");
    pages.settle(&[&page]);
    pages.write("p/[id].html", "---\neach: data.d\nas: p\n---\n<p>{{ p.name }}!");
    page.catches_up(&pages);
    // A row that comes is shown where its page was missing.
    pages.write("_data/d.csv", "id,name\na,Two\nc,New\n");
    missing.receives("reload");
    pages.write("_data/d.csv", "id,name\nc,New\n");
    page.receives("reload");
}

#[test]
fn a_page_that_is_missing_follows_what_may_stand_for_it() {
    let pages = Pages::new(&[("p/a.html", ""), ("_data/d.yaml", "- id: x")]);
    let page = pages.open("/p/x");
    pages.write("p/b.html", "");
    pages.settle(&[&page]);
    pages.write("p/[id].html", "---\neach: data.d\n---\n<p>{{ item.id }}");
    page.receives("reload");
}

//! Pages from data: files such as `[id].html`.

use super::*;

const PRODUCT: &str = "---\neach: data.products\nkey: id\nas: product\n---\n\
                       {{ product.name }} {{ params.id }} {{ page.url }}";
const PRODUCTS: &str = "id,name\na1,Chair\nb 2,Table\nü,Lamp\n";

fn shop() -> Pages {
    Pages::new(&[("products/[id].html", PRODUCT), ("_data/products.csv", PRODUCTS)])
}

#[test]
fn each_row_is_a_page() {
    let pages = shop();
    for (target, expected) in [
        ("/products/a1", "Chair a1 /products/a1"),
        ("/products/b%202", "Table b 2 /products/b 2"),
        ("/products/%C3%BC", "Lamp ü /products/ü"),
        ("//products/./a1", "Chair a1 /products/a1"),
        // As a build names the file.
        ("/products/a1.html", "Chair a1 /products/a1"),
        ("/products/b%202.html?x", "Table b 2 /products/b 2"),
    ] {
        let answer = pages.get(target);
        assert_eq!((answer.status(), answer.body.as_str()), (200, expected), "{target}");
        assert_eq!(answer.source(), "products/[id].html + _data/products.csv");
    }
    assert_eq!(route(&pages, "/products/a1/?q=1"), "-> /products/a1?q=1");
    assert_eq!(pages.get("/products/a1?x").body, "Chair a1 /products/a1");
}

#[test]
fn a_file_of_markdown_stands_for_rows_as_well() {
    let text = "---\neach: data.products\nkey: id\n---\n# {{ item.name }}\n\n- {{ page.url }}\n";
    let pages = Pages::new(&[("products/[id].md", text), ("_data/products.csv", PRODUCTS)]);
    let body = pages.get("/products/a1").body;
    assert!(body.contains("<h1 id=\"chair\">Chair</h1>"), "{body}");
    assert!(body.contains("<li>/products/a1</li>"), "{body}");
    assert!(pages.get("/products/x").echoes("/products/x"));
    pages.write("products/[key].html", "---\neach: data.products\nkey: id\n---\n");
    let message = pages.get("/products/a1").message().to_owned();
    assert!(
        message.contains("`products/[id].md` and `products/[key].html`")
            || message.contains("`products/[key].html` and `products/[id].md`"),
        "{message}"
    );
}

#[test]
fn a_row_has_a_title_where_its_file_sets_none() {
    for (head, row, expected) in [
        ("", "{id: a, title: T, name: N, description: D}", "T|D"),
        ("", "{id: a, name: N}", "N|"),
        ("", "{id: a}", "a|"),
        ("title: Ours\n", "{id: a, title: T, description: D}", "Ours|D"),
        ("description: Ours\n", "{id: a, title: 7, description: D}", "7|Ours"),
    ] {
        let page = format!(
            "---\n{head}each: data.d\n---\n{{{{ page.title }}}}|{{{{ page.description }}}}"
        );
        let data = format!("- {row}");
        let pages = Pages::new(&[("[id].html", &page), ("_data/d.yaml", &data)]);
        assert_eq!(pages.get("/a").body, expected, "{head}{row}");
    }
}

#[test]
fn all_pages_of_a_site_hold_those_of_rows() {
    let pages = shop();
    pages.write("products/b 2.html", "literal");
    let paths = |pages: &Pages| {
        let found = pages.site.public_files(SystemTime::now(), 2);
        let paths = found.files.iter().map(|file| file.path.as_str().to_owned());
        (paths.collect::<Vec<_>>(), found.unreadable)
    };
    let expected = ["/products/a1", "/products/ü", "/products/b 2"].map(str::to_owned).to_vec();
    assert_eq!(paths(&pages), (expected, Vec::new()));
    pages.write("_data/products.csv", "id,name\na1,x\na1,y\n");
    let (known, unreadable) = paths(&pages);
    assert_eq!(known, ["/products/b 2"]);
    assert!(unreadable[0].contains("rows 1 and 2"), "{unreadable:?}");
}

#[test]
fn what_no_row_has_is_not_found_with_the_nearest() {
    let pages = shop();
    let answer = pages.get("/products/a2");
    assert_eq!(answer.status(), 404);
    assert!(answer.body.contains("No row of data.products has the id a2"), "{}", answer.body);
    assert!(answer.body.contains("<a href=\"/products/a1\">/products/a1</a>"), "{}", answer.body);
    for target in ["/products/[id]", "/products/%5Bid%5D", "/products/[id].html", "/products/a1/x"]
    {
        let answer = pages.get(target);
        assert!(!answer.body.contains("Chair"), "{target}");
        assert!(!answer.body.contains("each:"), "{target}");
    }
    assert_eq!(pages.get("/products/[id]").status(), 404);
    for target in ["/products/_a1", "/products/.a1", "/products/", "/products", "/a1"] {
        assert!(pages.get(target).echoes(target), "{target}");
    }
    pages.write("404.html", "own {{ request.path }}");
    let answer = pages.get("/products/a2");
    assert_eq!((answer.status(), answer.body.as_str()), (404, "own /products/a2"));
    let files = [("[id].html", PRODUCT), ("_data/products.csv", PRODUCTS)];
    let pages = Pages::with(&files, |options| options.fallback = Fallback::NotFound);
    let answer = pages.get("/a2");
    assert_eq!(answer.status(), 404);
    assert!(answer.body.contains("has the id a2"), "{}", answer.body);
    assert!(answer.body.contains("did you mean `/a1`?"), "{}", answer.body);
    let pages =
        Pages::with(&[("[id].html", PRODUCT), ("_data/products.csv", PRODUCTS)], |options| {
            options.production = true;
            options.fallback = Fallback::NotFound;
        });
    assert_eq!(pages.get("/a1").status(), 200);
    let answer = pages.get("/a2");
    assert_eq!(answer.status(), 404);
    assert!(!answer.body.contains("products"), "{}", answer.body);
}

#[test]
fn lists_of_many_kinds_have_rows() {
    for (head, data, target, expected) in [
        (
            "each: data.d",
            ("_data/d.yaml", "- {id: 1, n: One}\n- {id: 2.5, n: Two}"),
            "/p/2.5",
            "2.5 Two",
        ),
        ("each: data.d.items", ("_data/d.toml", "[[items]]\nid = 'x'\nn = 'X'"), "/p/x", "x X"),
        ("each: data.d", ("_data/d.json", "{\"x\": {\"n\": \"X\"}}"), "/p/x", "x X"),
        (
            "each: data.d\nkey: meta.slug",
            ("_data/d.yaml", "- {meta: {slug: s}, n: S}"),
            "/p/s",
            "s S",
        ),
        (
            "each: data.d | rejectattr('off')",
            ("_data/d.yaml", "- {id: a, off: true}\n- {id: b, off: false, n: B}"),
            "/p/b",
            "b B",
        ),
        ("each: \"['red', 'blue']\"", ("_data/x.yaml", ""), "/p/red", "red "),
        ("each: site.colours", ("_data/x.yaml", ""), "/p/green", "green "),
    ] {
        let page = format!("---\n{head}\n---\n{{{{ params.id }}}} {{{{ item.n | default('') }}}}");
        let pages = Pages::with(&[("p/[id].html", &page), data], |options| {
            let values = std::collections::BTreeMap::from([("colours", ["green"])]);
            options.settings = settings_of(SiteValues::new(&values));
        });
        let answer = pages.get(target);
        assert_eq!((answer.status(), answer.body.as_str()), (200, expected), "{head}");
    }
}

#[test]
fn a_literal_name_wins() {
    let pages = shop();
    pages.write("products/a1.html", "literal");
    assert_eq!(pages.get("/products/a1").body, "literal");
    assert_eq!(pages.get("/products/b%202").status(), 200);
    fs::remove_file(pages.path("products/a1.html")).unwrap();
    assert_eq!(pages.get("/products/a1").body, "Chair a1 /products/a1");
    pages.write("products/a1/index.html", "folder");
    assert_eq!(route(&pages, "/products/a1"), "-> /products/a1/");
}

#[test]
fn a_row_in_a_layout_reads_the_request() {
    let pages = shop();
    pages.write("_l.html", "<b>{{ product.name }}</b>{% block content %}{% endblock %}");
    pages.write(
        "products/[id].html",
        format!("{PRODUCT} {{{{ request.query.q }}}}")
            .replace("---\neach", "---\nlayout: _l.html\neach"),
    );
    for q in ["1", "2"] {
        let expected = format!("<b>Chair</b>Chair a1 /products/a1 {q}");
        assert_eq!(pages.get(&format!("/products/a1?q={q}")).body, expected);
    }
    pages.write("_data/products.csv", "id,name\na1,Stool\n");
    assert_eq!(pages.get("/products/a1?q=3").body, "<b>Stool</b>Stool a1 /products/a1 3");
    assert_eq!(pages.get("/products/%C3%BC?q=3").status(), 404);
}

#[test]
fn pages_follow_their_data() {
    let pages = shop();
    assert_eq!(pages.get("/products/c").status(), 404);
    for round in 0..50 {
        pages.write("_data/products.csv", format!("id,name\nc,Round {round}\n"));
        assert_eq!(pages.get("/products/c").body, format!("Round {round} c /products/c"));
        assert_eq!(pages.get("/products/a1").status(), 404);
    }
    pages.write("products/[id].html", "---\neach: data.products\nas: p\n---\n{{ p.name }}");
    assert_eq!(pages.get("/products/c").body, "Round 49");
    pages.write("products/[id].html", "---\ntitle: x\n---\nfor none");
    assert!(pages.get("/products/c").echoes("/products/c"));
    assert_eq!(pages.get("/products/[id]").body, "for none");
    fs::remove_file(pages.path("products/[id].html")).unwrap();
    assert!(pages.get("/products/c").echoes("/products/c"));
}

#[test]
fn drafts_of_the_data_show_in_development_alone() {
    let files = [
        ("[id].html", "---\neach: data.d\n---\n{{ item.id }}"),
        ("_data/d.yaml", "- id: a\n- {id: b, draft: true}"),
    ];
    for (production, status) in [(false, 200), (true, 404)] {
        let pages = Pages::with(&files, |options| {
            options.production = production;
            options.drafts = !production;
            options.fallback = Fallback::NotFound;
        });
        assert_eq!(pages.get("/b").status(), status);
    }
}

#[test]
fn lists_without_good_keys_are_a_report() {
    for (head, data, message, place, help) in [
        ("each: data.d", "- id: a\n- name: b", "row 2 of `data.d` has no `id`", "2:7", "`key`"),
        ("each: data.d\nkey: sku", "- id: a", "row 1 of `data.d` has no `sku`", "2:7", "`key`"),
        (
            "each: data.d",
            "- id: a\n- id: b\n- id: a",
            "rows 1 and 3 of `data.d` have the same `id`: `a`",
            "2:7",
            "of its own",
        ),
        (
            "each: data.d",
            "- id: 1\n- id: '1'",
            "rows 1 and 2 of `data.d` have the same `id`: `1`",
            "2:7",
            "of its own",
        ),
        ("each: data.d", "- id: a/b", "row 1 of `data.d` has the `id` `a/b`", "2:7", "no `/`"),
        ("each: data.d", "- id: _a", "row 1 of `data.d` has the `id` `_a`", "2:7", "`_`"),
        ("each: data.d", "- id: ..", "row 1 of `data.d` has the `id` `..`", "2:7", "`.`"),
        ("each: data.d", "- id: ''", "row 1 of `data.d` has no `id`", "2:7", "`key`"),
        ("each: data.d", "- id: [a]", "row 1 of `data.d` has no `id`", "2:7", "`key`"),
        (
            "each: data.d",
            "just text",
            "`each` is a list, and `data.d` is none",
            "2:7",
            "data.products",
        ),
        ("each: data.e", "- id: a", "`data.e` is undefined", "2:7", "data.d"),
        ("each: dat.d", "- id: a", "`dat` is undefined", "2:7", "`data`"),
        ("each: data.d |", "- id: a", "syntax error", "2:7", ""),
        ("each: data.d | nope", "- id: a", "unknown filter", "2:7", ""),
        (
            "each: request.query",
            "- id: a",
            "`request.query` reads the request",
            "2:7",
            "same for every request",
        ),
        ("each: range(200000)", "- id: a", "", "2:7", ""),
        ("each: data.d\nas: page", "- id: a", "`as` is a name of your own", "3:5", ""),
        ("each: data.d\nurl: x", "- id: a", "`url` cannot be set", "3:1", "rename"),
    ] {
        let page = format!("---\n{head}\n---\n{{{{ params.id }}}}");
        let pages = Pages::new(&[("p/[id].html", &page), ("_data/d.yaml", data)]);
        let answer = pages.get("/p/a");
        assert_eq!(answer.status(), 500, "{head} {data}");
        for part in [message, &format!("--> p/[id].html:{place}"), help] {
            assert!(answer.body.contains(part), "{head} {data}: {part}: {}", answer.body);
        }
        pages.write("p/[id].html", "---\neach: \"['a']\"\n---\nA");
        assert_eq!(pages.get("/p/a").body, "A");
    }
}

#[test]
fn an_error_in_the_data_is_at_its_place() {
    let pages = Pages::new(&[
        ("[id].html", "---\neach: data.d\n---\n{{ item.id }}"),
        ("_data/d.yaml", "- id: a\n\t- id: b"),
        ("other.html", "fine"),
    ]);
    let answer = pages.get("/a");
    assert_eq!(answer.status(), 500);
    assert!(answer.body.contains(" --> _data/d.yaml:2:"), "{}", answer.body);
    assert!(answer.body.contains(" --> [id].html:2:7"), "{}", answer.body);
    assert_eq!(pages.get("/other").body, "fine");
}

#[test]
fn two_files_for_the_same_pages_are_an_error_that_names_both() {
    let pages = shop();
    pages.write("products/[slug].html", PRODUCT);
    let answer = pages.get("/products/a1");
    assert_eq!(answer.status(), 500);
    let message = "`products/[id].html` and `products/[slug].html` stand for the same pages";
    assert!(answer.body.contains(message), "{}", answer.body);
    fs::remove_file(pages.path("products/[slug].html")).unwrap();
    assert_eq!(pages.get("/products/a1").status(), 200);
}

#[test]
fn many_rows_are_read_once() {
    use std::fmt::Write as _;
    let mut data = "id,name\n".to_owned();
    for row in 0..20_000 {
        writeln!(data, "p{row},Name {row}").unwrap();
    }
    let pages = Pages::with(&[("[id].html", PRODUCT), ("_data/products.csv", &data)], |options| {
        options.fuel = 1_000_000;
    });
    while pages.site.rows.files() == 0 {
        assert_eq!(pages.get("/p19999").body, "Name 19999 p19999 /p19999");
    }
    let rows = || pages.site.rows.get("[id].html", |_| true).unwrap().rows;
    let before = rows();
    for row in 0..100 {
        assert_eq!(pages.get(&format!("/p{row}")).status(), 200);
    }
    assert!(Arc::ptr_eq(&before, &rows()));
}

/// The pages that `pages(arguments)` lists, as the text `of` each.
fn listed(pages: &Pages, arguments: &str, of: &str) -> String {
    let list = format!("{{% for p in pages({arguments}) %}}{of} {{% endfor %}}");
    pages.write("list.html", list);
    let answer = pages.get("/list");
    assert_eq!(answer.status(), 200, "{arguments}: {}", answer.message());
    answer.body.trim_end().to_owned()
}

#[test]
fn a_list_that_asks_for_them_holds_the_pages_of_rows() {
    let pages = shop();
    for (name, text) in [
        ("products/zoo.html", "---\norder: 1\n---\n"),
        ("products/index.html", ""),
        ("products/b 2.md", "literal"),
        ("products/old/[id].html", "---\neach: \"['x', 'y']\"\ntags: t\ndate: 2020-01-01\n---\n"),
        ("products/old/y/index.html", ""),
        ("products/[name].html", "no rows"),
        ("products/_p/[id].html", PRODUCT),
    ] {
        pages.write(name, text);
    }
    for (arguments, expected) in [
        ("'products/'", "/products/zoo /products/ /products/b 2 /products/old/y/"),
        ("'products/', each=false", "/products/zoo /products/ /products/b 2 /products/old/y/"),
        (
            "'products/', each=true",
            "/products/zoo /products/ /products/a1 /products/b 2 /products/old/x /products/old/y/ \
             /products/ü",
        ),
        (
            "'products/', each=true, deep=false, sort='-url'",
            "/products/ü /products/zoo /products/b 2 /products/a1 /products/",
        ),
        ("'products/', each=true, tag='t'", "/products/old/x"),
        ("'products/', each=true, sort='-title', limit=2", "/products/zoo /products/old/y/"),
        ("'products/old', each=true, sort='date', limit=1", "/products/old/x"),
    ] {
        assert_eq!(listed(&pages, arguments, "{{ p.url }}"), expected, "{arguments}");
    }
    let of = "{{ p.title }}|{% if p.params %}{{ p.product.name }}|{{ p.params.id }}|{{ p.prev }}|\
              {{ p.next }}|{% endif %}{{ p.content }}|{{ p.file }}";
    assert_eq!(
        listed(&pages, "'products/', each=true, deep=false, sort='file'", of),
        "Products||products/index.html \
         Chair|Chair|a1|None|None|Chair a1 /products/a1|products/[id].html \
         B 2|<p>literal</p>\n|products/b 2.md Zoo||products/zoo.html \
         Lamp|Lamp|ü|None|None|Lamp ü /products/ü|products/[id].html"
    );
}

#[test]
fn a_list_of_rows_follows_their_data_and_their_file() {
    let pages = shop();
    let urls = || listed(&pages, "'products/', each=true", "{{ p.url }}:{{ p.title }}");
    let all = "/products/a1:Chair /products/b 2:Table /products/ü:Lamp";
    assert_eq!(urls(), all);
    let kept = || {
        let ask = || pages.answer("GET", "/list", "").at_once();
        std::iter::repeat_with(|| Arc::ptr_eq(&ask(), &ask())).take(1_000_000).any(|is| is)
    };
    let steps: [(&str, &str, &str); 6] = [
        (
            "_data/products.csv",
            "id,name\na1,Chair\nc3,Sofa\n",
            "/products/a1:Chair /products/c3:Sofa",
        ),
        ("_data/products.csv", "id,name\na1,Stool\n", "/products/a1:Stool"),
        ("products/[id].html", "---\neach: data.products\ntitle: T\n---\n", "/products/a1:T"),
        ("products/a1.html", "<title>Own</title>", "/products/a1:Own"),
        ("_data/products.csv", "id,name\nd4,Bed\n", "/products/a1:Own /products/d4:T"),
        ("products/[id].html", "<p>No rows", "/products/a1:Own"),
    ];
    for (name, text, expected) in steps {
        assert!(kept());
        pages.write(name, text);
        let answer = pages.get("/list").body;
        assert_eq!(answer.trim_end(), expected, "{name}");
    }
    let sources = shop();
    listed(&sources, "'products/', each=true", "");
    assert_eq!(sources.get("/list").source(), "list.html + _data/products.csv");
}

#[test]
fn drafts_among_rows_are_listed_where_they_are_pages() {
    let files = [
        ("a/[id].html", "---\neach: data.d\n---\n"),
        ("b/[id].html", "---\ndraft: true\neach: data.d\n---\n"),
        ("_data/d.yaml", "- id: x\n- id: y\n  draft: true\n"),
    ];
    let production = Pages::with(&files, |options| {
        options.production = true;
        options.drafts = false;
    });
    for (pages, expected) in [(production, "/a/x"), (Pages::new(&files), "/a/x /a/y /b/x /b/y")] {
        assert_eq!(
            listed(&pages, "each=true", "{% if p.params %}{{ p.url }}{% endif %}"),
            expected
        );
    }
}

#[test]
fn rows_that_cannot_be_listed_are_an_error_that_names_their_file() {
    for (files, expected) in [
        (
            &[("p/[id].html", "---\neach: data.d\n---\n"), ("_data/d.yaml", "- a: 1")][..],
            "the rows of `p/[id].html` cannot be listed: ",
        ),
        (
            &[("p/[id].html", "---\neach: pages('p/', each=true)\nkey: title\n---\n")],
            "the rows of `p/[id].html` are made of a list that holds them",
        ),
        (
            &[
                ("p/[id].html", "---\neach: pages('q/', each=true)\nkey: title\n---\n"),
                ("q/[id].html", "---\neach: pages('p/', each=true)\nkey: title\n---\n"),
            ],
            "are made of a list that holds them",
        ),
    ] {
        let pages = Pages::new(files);
        pages.write("list.html", "\n{{ pages('p/', each=true) | list }}");
        for target in ["/list", "/p/x"] {
            let answer = pages.get(target);
            assert_eq!(answer.status(), 500, "{target} {expected}");
            let message = answer.message();
            assert!(target != "/list" || message.contains(expected), "{message}");
            assert!(target != "/list" || message.contains("list.html:2:"), "{message}");
        }
    }
}

#[test]
fn rows_may_stand_in_a_list_that_a_page_of_rows_shows() {
    let page = "---\neach: data.d\n---\n{% for p in pages('p/', each=true) %}{{ p.url }} \
                {% endfor %}{{ item.id }}";
    let pages = Pages::new(&[("p/[id].html", page), ("_data/d.csv", "id\na\nb\n")]);
    assert_eq!(pages.get("/p/b").body, "/p/a /p/b b");
    let of_rows = "---\neach: pages('p/', each=true)\nkey: params.id\n---\n{{ item.title }}";
    pages.write("q/[id].html", of_rows);
    assert_eq!(pages.get("/q/a").body, "a");
}

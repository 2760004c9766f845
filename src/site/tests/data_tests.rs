//! `data`: the files of `_data/` in pages, and what is wrong with them.

use std::os::unix::fs::symlink;

use super::*;

const LOOP: &str = "{% for m in data.team %}{{ m.name }}:{{ m.role }} {% endfor %}";

/// What the page `a.html` shows, with these files beside it.
fn shown(page: &str, files: &[(&str, &str)]) -> String {
    let pages = Pages::new(files);
    pages.write("a.html", page);
    pages.get("/a").body
}

#[test]
fn each_notation_gives_the_same_values() {
    for (name, text) in [
        ("team.toml", "team = []\n[[list]]\nname = 'Ada'\nrole = 'x'\n"),
        ("team.yaml", "- name: Ada\n  role: x\n- {name: Bob, role: y}\n"),
        ("team.yml", "\u{feff}- name: Ada\r\n  role: x\r\n- {name: Bob, role: y}\r\n"),
        ("team.json", r#"[{"name": "Ada", "role": "x"}, {"name": "Bob", "role": "y"}]"#),
        ("team.csv", "\u{feff}name,role\r\nAda,x\r\nBob,y\r\n"),
    ] {
        let name = format!("_data/{name}");
        let (page, expected) = match name.ends_with("toml") {
            true => ("{{ data.team.list[0].name }}", "Ada"),
            false => (LOOP, "Ada:x Bob:y "),
        };
        assert_eq!(shown(page, &[(&name, text)]), expected, "{name}");
    }
}

#[test]
fn values_have_their_kinds_and_the_order_of_the_file() {
    for (name, text, expected) in [
        (
            "d.yaml",
            "z: 1\na: 2.5\nn:\nt: yes\nb: true\nd: 2026-11-05\n",
            "z=1 a=2.5 n=None t=yes b=True d=2026-11-05 ",
        ),
        (
            "d.toml",
            "z = 1\na = 2.5\nt = 'yes'\nb = true\nd = 2026-11-05\n",
            "z=1 a=2.5 t=yes b=True d=2026-11-05 ",
        ),
        (
            "d.json",
            r#"{"z": 1, "a": 2.5, "n": null, "b": true, "d": "2026-11-05"}"#,
            "z=1 a=2.5 n=None b=True d=2026-11-05 ",
        ),
    ] {
        let page = "{% for k, v in data.d | items %}{{ k }}={{ v is none and 'None' or v }} {% endfor %}\
                    {{ data.d.z + 1 }} {{ data.d.d | date('%d %B') }}";
        let shown = shown(page, &[(&format!("_data/{name}"), text)]);
        assert_eq!(shown, format!("{expected}2 05 November"), "{name}");
    }
}

#[test]
fn folders_hold_more_data() {
    let files = [
        ("_data/shop/fruit.json", "[\"apple\"]"),
        ("_data/shop/by-year/2026.toml", "a = 1"),
        ("_data/shop/note.txt", "no data"),
        ("_data/shop/.hidden.toml", "a = 1"),
        ("_data/shop/.toml", "a = 1"),
        ("_data/team-members.csv", "name\nAda\n"),
    ];
    for (page, expected) in [
        ("{{ data.shop.fruit[0] }}", "apple"),
        ("{{ data.shop['by-year']['2026'].a }}", "1"),
        ("{{ data['team-members'][0].name }}", "Ada"),
        ("{{ data | list | join(' ') }}", "shop team-members"),
        ("{% for k in data.shop %}{{ k }} {% endfor %}", "by-year fruit "),
        (
            "{% for k, v in data.shop | items %}{{ k }}={{ v | length }} {% endfor %}",
            "by-year=1 fruit=1 ",
        ),
        ("{{ data.shop | length }} {{ 'fruit' in data.shop }}", "2 True"),
        ("{{ data.shop is mapping }} {{ data.shop.note is defined }}", "True False"),
    ] {
        assert_eq!(shown(page, &files), expected, "{page}");
    }
    assert_eq!(shown("{{ data | length }}", &[]), "0");
}

#[test]
fn no_name_leads_out_of_the_data() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.toml"), "a = 'secret'").unwrap();
    let pages = Pages::new(&[
        ("a.html", "{{ data[request.query.n] is defined }}"),
        ("b.html", "{{ data.out.a }}"),
        ("c.html", "{{ data.folder | list }} {{ data.folder.secret }}"),
        ("d.html", "{{ data.inside.a }}"),
        ("config.toml", "a = 1"),
        ("_data/.env.toml", "a = 1"),
        ("_data/x/y.toml", "a = 'y'"),
    ]);
    symlink(outside.path().join("secret.toml"), pages.path("_data/out.toml")).unwrap();
    symlink(outside.path(), pages.path("_data/folder")).unwrap();
    symlink("x/y.toml", pages.path("_data/inside.toml")).unwrap();
    for name in ["../config", "x/y", "x/../x/y", ".env", "", ".", "..", "a%00", "x%2Fy", "x.y"] {
        let answer = pages.get(&format!("/a?n={name}"));
        assert_eq!((answer.status(), &*answer.body), (200, "False"), "{name}");
    }
    assert_eq!(pages.get("/a?n=x").body, "True");
    assert_eq!(pages.get("/d").body, "y");
    for target in ["/b", "/c"] {
        let answer = pages.get(target);
        assert!(answer.body.contains("leads out of the folder of pages"), "{}", answer.body);
        assert!(!answer.body.contains("'secret'"), "{}", answer.body);
    }
}

#[test]
fn what_is_wrong_in_a_file_is_reported_at_its_place() {
    for (name, text, expected) in [
        ("t.yaml", "a: 1\n\tb: 2\n", "_data/t.yaml:2:1\n"),
        ("t.yaml", "a: 1\na: 2\n", "_data/t.yaml:2:1\n"),
        ("t.toml", "a = 1\na = 2\n", "_data/t.toml:2:1\n"),
        ("t.toml", "d = 2026-02-30\n", "_data/t.toml:1:5\n"),
        ("t.json", "{\"é\": 1,}", "_data/t.json:1:9\n"),
        ("t.csv", "a,b\n1,2\n3\n", "_data/t.csv:3:1\n"),
        ("t.csv", "a,b\n1,\"2\n3,4\n", "_data/t.csv:2:3\n"),
    ] {
        let name = format!("_data/{name}");
        let report =
            shown("<p>\n{% include '_b.html' %}", &[(&name, text), ("_b.html", "{{ data.t }}")]);
        assert!(report.contains(expected), "{report}");
        let (places, rest) = report.split_once("included from a.html:2\nhelp: ").expect(&report);
        assert!(places.contains("--> _b.html:1:4\n") && rest.lines().count() == 1, "{report}");
    }
}

#[test]
fn what_cannot_be_data_is_reported_with_the_way_out() {
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        let before = format!("*a{}", n - 1);
        text + &format!("a{n}: &a{n} [{}]\n", [before.as_str(); 9].join(", "))
    });
    let large = "x,".repeat(5 << 20);
    for (files, expected) in [
        (
            &[("_data/t.toml", "a = 1"), ("_data/t.csv", "a\n1\n")][..],
            "`data.t` could be any of `_data/t.toml` and `_data/t.csv`",
        ),
        (
            &[("_data/t.toml", "a = 1"), ("_data/t/u.toml", "a = 1")],
            "`data.t` could be any of `_data/t.toml` and `_data/t/`",
        ),
        (
            &[("_data/t.yaml", "a: 1"), ("_data/t.yml", "a: 1")],
            "keep one of them, and give the others another name",
        ),
        (&[("_data/t.yaml", &bomb)], "aliases stand for more than"),
        (&[("_data/t.csv", &large)], "`_data/t.csv` is larger than a file of data may be (8 MiB)"),
        (
            &[],
            "help: `data.t` comes of a file `_data/t` that ends in `.toml`, `.yaml`, `.json` or `.csv`",
        ),
    ] {
        let report = shown("{{ data.t }}", files);
        assert!(report.contains(expected), "{report}");
    }
    for (name, expected) in [("team", "data.team"), ("te-m", "data[\"te-m\"]")] {
        let report = shown("{{ data.teem }}", &[(&format!("_data/{name}.toml"), "")]);
        assert!(report.contains(&format!("help: did you mean `{expected}`?")), "{report}");
    }
    let pages = Pages::new(&[("a.html", "{{ data.t }}")]);
    fs::create_dir(pages.path("_data")).unwrap();
    fs::write(pages.path("_data/t.csv"), b"name\nRen\xe9\n").unwrap();
    let report = pages.get("/a").body;
    for part in ["`_data/t.csv` is not UTF-8\n --> _data/t.csv:2:4\n", "help: save it as UTF-8"] {
        assert!(report.contains(part), "{report}");
    }
}

#[test]
fn each_edit_of_data_shows_at_once_where_it_is_used() {
    let pages = Pages::new(&[("a.html", LOOP), ("plain.html", "<p>{{ 1 }}")]);
    assert!(pages.get("/a").body.contains("`data.team` is undefined"));
    for (change, expected) in [
        (Change::Write("_data/team.csv", "name,role\nAda,x\n"), "Ada:x "),
        (Change::Write("_data/team.csv", "name,role\nBob,x\n"), "Bob:x "),
        (Change::Write("_data/team.json", "[]"), "could be any of"),
        (Change::Remove("_data/team.csv"), ""),
        (Change::Write("_data/team.json", "["), "--> _data/team.json:1:1"),
        (Change::Write("_data/team.json", "[{\"name\": 1, \"role\": 2}]"), "1:2 "),
        (Change::Remove("_data/team.json"), "`data.team` is undefined"),
        (Change::Write("_data/teem.json", "[]"), "did you mean `data.teem`?"),
    ] {
        match change {
            Change::Write(name, text) => pages.write(name, text),
            Change::Remove(name) => fs::remove_file(pages.path(name)).unwrap(),
        }
        for _ in 0..2 {
            let body = pages.get("/a").body;
            assert!(body == expected || (expected.len() > 6 && body.contains(expected)), "{body}");
        }
    }
    assert_eq!(pages.get("/plain").source(), "plain.html");
}

enum Change {
    Write(&'static str, &'static str),
    Remove(&'static str),
}

#[test]
fn a_page_depends_on_the_data_that_it_uses() {
    let pages = Pages::new(&[
        ("a.html", "{{ data.t.a }}{{ data.t.a }}"),
        ("_data/t.toml", "a = 1"),
        ("_data/u.toml", "a = 1"),
    ]);
    let made = pages.with_request("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
        pages.site.resolve(asked).dependencies
    });
    let names: Vec<&str> = made.names().collect();
    assert_eq!(names, ["a", "a.md", "\0a.html", "a.html", "_data", "_data/t.toml"]);
    assert_eq!(pages.get("/a").source(), "a.html + _data/t.toml");
}

#[test]
fn a_visitor_cannot_have_names_looked_up_without_end() {
    let page = "{% for n in range(50000) %}{{ data[request.query.n ~ n] is defined }}{% endfor %}";
    let pages = Pages::with(&[("a.html", page)], |options| options.fuel = 10_000_000);
    let report = pages.get(&format!("/a?n={}", "x".repeat(200))).body;
    assert!(report.contains("looks for more files than a page may"), "{report:.300}");
}

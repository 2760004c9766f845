//! The tree of keys: sections, free tables and names that are not known.

use super::*;

#[test]
fn an_unknown_key_gets_the_nearest_known_one() {
    for (key, nearest) in [
        ("Port", "port"),
        ("max_conections", "max_connections"),
        ("template.fuel", "templates"),
        // A section was forgotten.
        ("fuel", "templates.fuel"),
        ("feul", "templates.fuel"),
    ] {
        let error = load(&format!("{key} = 1"), &[]).unwrap_err();
        let help = format!("help: did you mean `{nearest}`?");
        assert!(error.ends_with(&help), "{key}: {error}");
    }
    for (name, nearest) in [
        ("PAGEPOOL_TEMPLATE__FUEL", "PAGEPOOL_TEMPLATES__FUEL"),
        // A section was invented.
        ("PAGEPOOL_SERVER__PORT", "PAGEPOOL_PORT"),
        ("PAGEPOOL_SERVER__TREADS", "PAGEPOOL_THREADS"),
    ] {
        let error = load("", &[(name, "1")]).unwrap_err();
        let help = format!("help: did you mean `{nearest}`?");
        assert!(error.ends_with(&help), "{name}: {error}");
    }
    for key in ["colour", "zz", "templates.nothing_like_it"] {
        let error = load(&format!("{key} = 1"), &[]).unwrap_err();
        assert!(error.ends_with("help: `config.example.toml` holds every key"), "{key}: {error}");
    }
}

#[test]
fn the_site_table_is_free_and_keeps_what_is_not_named() {
    let file = "site.author.name = 'Ann'\nsite.year = 2024\n[site.Menu]\nitems = [1, 2]";
    let environment = [("PAGEPOOL_SITE__AUTHOR__AGE", "40"), ("PAGEPOOL_SITE__NOTE", "a, b")];
    let author = site(&[("name", "Ann".into()), ("age", 40.into())]);
    let menu = site(&[("items", vec![1, 2].into())]);
    let expected = site(&[
        ("title", "A test page".into()),
        ("author", author.into()),
        ("year", 2024.into()),
        ("Menu", menu.into()),
        ("note", "a, b".into()),
    ]);
    assert_eq!(load(file, &environment).unwrap().site, expected);
}

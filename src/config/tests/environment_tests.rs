//! Variables: how each is read, and each complaint as it is printed.

use super::*;

#[test]
fn a_variable_is_read_as_what_its_key_takes() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let default = Config::default;
    let fuel = |fuel| TemplateSettings { fuel, ..TemplateSettings::default() };
    let exclude = |globs| TemplateSettings { exclude: names(globs), ..TemplateSettings::default() };
    for (name, value, expected) in [
        ("PAGEPOOL_PORT", "80", Config { port: Some(80), ..default() }),
        ("PAGEPOOL_MAX_CONNECTIONS", "1_000", Config { max_connections: 1000, ..default() }),
        ("PAGEPOOL_BASE_PATH", "/a/", Config { base_path: "/a/".into(), ..default() }),
        ("PAGEPOOL_OPEN", "true", Config { open: true, ..default() }),
        ("PAGEPOOL_ROOT", "site", Config { root: "site".into(), ..default() }),
        ("PAGEPOOL_ROOT", "\"my site\"", Config { root: "my site".into(), ..default() }),
        ("PAGEPOOL_ROOT", "2024", Config { root: "2024".into(), ..default() }),
        ("PAGEPOOL_FALLBACK", "echo", Config { fallback: FallbackSetting::Echo, ..default() }),
        (
            "PAGEPOOL_FALLBACK",
            "/index.html",
            Config { fallback: FallbackSetting::Page("/index.html".into()), ..default() },
        ),
        ("PAGEPOOL_ALLOWED_HOSTS", "[\"a\"]", Config { allowed_hosts: names(&["a"]), ..default() }),
        (
            "PAGEPOOL_ALLOWED_HOSTS",
            "a, b,",
            Config { allowed_hosts: names(&["a", "b"]), ..default() },
        ),
        ("PAGEPOOL_ALLOWED_HOSTS", "", default()),
        ("PAGEPOOL_TEMPLATES__FUEL", "5", Config { templates: fuel(5), ..default() }),
        ("PAGEPOOL_TEMPLATES", "{ fuel = 5 }", Config { templates: fuel(5), ..default() }),
        (
            "PAGEPOOL_TEMPLATES__EXCLUDE",
            "a/**",
            Config { templates: exclude(&["a/**"]), ..default() },
        ),
        // The title is text, so it stays as it is written.
        (
            "PAGEPOOL_SITE__TITLE",
            "1.10",
            Config { site: site(&[("title", "1.10".into())]), ..default() },
        ),
        (
            "PAGEPOOL_TYPES__MD",
            "text/markdown; charset=utf-8",
            Config {
                types: [("md".to_owned(), "text/markdown; charset=utf-8".to_owned())].into(),
                ..default()
            },
        ),
        ("PATH", "/bin", default()),
        ("MY_PAGEPOOL_PORT", "1", default()),
    ] {
        assert_eq!(load("", &[(name, value)]), Ok(expected), "{name}={value}");
    }
}

#[test]
fn a_complaint_about_a_variable_shows_it() {
    for (name, value, expected) in [
        (
            "PAGEPOOL_PROT",
            "80",
            "\
unknown variable `PAGEPOOL_PROT`
 --> the environment
  |
  | PAGEPOOL_PROT=80
  | ^^^^^^^^^^^^^
  |
help: did you mean `PAGEPOOL_PORT`?",
        ),
        (
            "PAGEPOOL_TEMPLATES_FUEL",
            "80",
            "\
unknown variable `PAGEPOOL_TEMPLATES_FUEL`
 --> the environment
  |
  | PAGEPOOL_TEMPLATES_FUEL=80
  | ^^^^^^^^^^^^^^^^^^^^^^^
  |
help: did you mean `PAGEPOOL_TEMPLATES__FUEL`?",
        ),
        (
            "PAGEPOOL_THREADS",
            "5000",
            "\
invalid value for `PAGEPOOL_THREADS`
 --> the environment
  |
  | PAGEPOOL_THREADS=5000
  |                  ^^^^
  |
help: `PAGEPOOL_THREADS` takes a whole number from 0 to 1024",
        ),
        (
            "PAGEPOOL_HEADERS",
            "[]",
            "\
`PAGEPOOL_HEADERS` cannot be a variable
 --> the environment
  |
  | PAGEPOOL_HEADERS=[]
  | ^^^^^^^^^^^^^^^^
  |
help: `headers` is a list of tables: the configuration file holds them, each under `[[headers]]`",
        ),
        (
            "PAGEPOOL_REDIRECTS__FROM",
            "/a",
            "\
`PAGEPOOL_REDIRECTS__FROM` cannot be a variable
 --> the environment
  |
  | PAGEPOOL_REDIRECTS__FROM=/a
  | ^^^^^^^^^^^^^^^^^^^^^^^^
  |
help: `redirects` is a list of tables: the configuration file holds them, each under `[[redirects]]`",
        ),
        (
            "PAGEPOOL_TYPES__MD",
            "markdown",
            "\
invalid value for `PAGEPOOL_TYPES__MD`
 --> the environment
  |
  | PAGEPOOL_TYPES__MD=markdown
  |                    ^^^^^^^^
  |
help: `PAGEPOOL_TYPES__MD` takes a media type, such as \"text/markdown; charset=utf-8\"",
        ),
        (
            "PAGEPOOL_LOG",
            "",
            "\
invalid value for `PAGEPOOL_LOG`
 --> the environment
  |
  | PAGEPOOL_LOG=
  |              ^
  |
help: `PAGEPOOL_LOG` takes \"text\", \"combined\" or \"json\"",
        ),
    ] {
        assert_eq!(load("", &[(name, value)]).unwrap_err(), expected);
    }
}

#[test]
fn variables_are_read_in_the_order_of_their_names() {
    let environment = [("PAGEPOOL_THREADS", "x"), ("PAGEPOOL_PORT", "x")];
    let error = load("", &environment).unwrap_err();
    assert!(error.starts_with("invalid value for `PAGEPOOL_PORT`"), "{error}");
}

#[test]
fn a_variable_cannot_bring_a_second_key() {
    assert!(load("", &[("PAGEPOOL_PORT", "80\nzoom = 1")]).is_err());
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStringExt;

    let root = OsString::from_vec(b"caf\xe9".to_vec());
    let directory = tempfile::tempdir().unwrap();
    let environment = [("PAGEPOOL_ROOT".into(), root)];
    let error = Config::load_in(directory.path(), None, environment, Vec::new()).unwrap_err();
    assert!(error.to_string().ends_with("help: `PAGEPOOL_ROOT` takes text in UTF-8"), "{error}");
}

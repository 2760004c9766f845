//! Each layer, their order, and each complaint as it is printed.

use std::fs;

use super::*;

/// What a file and an environment make.
fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    load_bytes(file.as_bytes(), environment, Vec::new())
}

fn load_bytes(
    file: &[u8],
    environment: &[(&str, &str)],
    flags: Vec<Flag>,
) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(DEFAULT_FILE), file).unwrap();
    let environment = environment.iter().map(|&(name, value)| (name.into(), value.into()));
    let loaded = Config::load_in(directory.path(), None, environment, flags);
    // The directory has another name each time.
    let prefix = format!("{}/", directory.path().display());
    loaded.map_err(|error| error.to_string().replace(&prefix, ""))
}

fn site(entries: &[(&str, toml::Value)]) -> toml::Table {
    entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

#[test]
fn the_example_holds_every_key_with_its_default() {
    let example = include_str!("../../config.example.toml");
    assert_eq!(load(example, &[]), Ok(Config::default()));
    let keys: toml::Table = toml::from_str(example).unwrap();
    assert_eq!(keys, toml::Table::try_from(Config::default()).unwrap());
    // Whoever copies the example has chosen no port by that.
    assert!(example.contains(&format!("\n#port = {DEFAULT_PORT}\n")));
}

#[test]
fn the_example_holds_valid_rules_behind_its_number_signs() {
    let example = include_str!("../../config.example.toml");
    let is_example = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let lines = example.lines();
    let uncommented: Vec<_> =
        lines.map(|line| if is_example(line) { &line[1..] } else { line }).collect();
    let config = load(&uncommented.join("\n"), &[]).unwrap();
    assert_eq!((config.types.len(), config.headers.len(), config.redirects.len()), (1, 2, 2));
    assert_eq!(config.redirects[0].status, 301);
}

#[test]
fn an_editor_is_a_known_one_or_a_pattern() {
    let editor = |editor: &str| load(&format!("editor = '{editor}'"), &[]);
    for (written, pattern) in [
        ("", None),
        ("vscode", Some("vscode://file{file}:{line}:{column}")),
        ("x+y-1.z:{file}#{line}", Some("x+y-1.z:{file}#{line}")),
    ] {
        assert_eq!(editor(written).unwrap().editor(), pattern);
    }
    for written in ["vim", "idea://open", "{file}", ":{file}", "javascript:{file}", "a b:{file}"] {
        let error = editor(written).unwrap_err();
        assert!(error.contains("help: `editor` takes \"vscode\", or a URL"), "{error}");
    }
}

#[test]
fn pages_follow_their_files_unless_told_otherwise_or_in_production() {
    assert!(Config::default().reloads());
    for file in ["reload = false", "production = true", "production = true\nreload = true"] {
        assert!(!load(file, &[]).unwrap().reloads(), "{file}");
    }
}

#[test]
fn no_file_is_the_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let loaded = Config::load_in(directory.path(), None, [], Vec::new());
    assert_eq!(loaded.unwrap(), Config::default());
}

#[test]
fn a_named_file_is_read_in_place_of_the_default_one() {
    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("named.toml");
    fs::write(&named, "port = 1").unwrap();
    fs::write(directory.path().join(DEFAULT_FILE), "port = 2\nquiet = true").unwrap();
    let loaded = Config::load_in(directory.path(), Some(&named), [], Vec::new());
    assert_eq!(loaded.unwrap(), Config { port: Some(1), ..Config::default() });
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_defaults() {
    let file = "port = 1\nhost = 'a'\nthreads = 1\nallowed_hosts = ['a']";
    let environment = [("PAGEPOOL_PORT", "2"), ("PAGEPOOL_HOST", "b")];
    let flags = vec![
        Flag::new("--port", "port", 3),
        Flag::new("--allowed-host", "allowed_hosts", vec!["b"]),
    ];
    let expected = Config {
        port: Some(3),
        host: "b".to_owned(),
        threads: 1,
        allowed_hosts: vec!["a".to_owned(), "b".to_owned()],
        ..Config::default()
    };
    assert_eq!(load_bytes(file.as_bytes(), &environment, flags), Ok(expected));
}

#[test]
fn reads_each_limit_of_the_allowed_range() {
    for file in [
        "port = 65535\nthreads = 1024\nmax_connections = 1\nshutdown_grace_secs = 0",
        "head_timeout_secs = 1\nidle_timeout_secs = 86400\nmax_header_fields = 128",
        "max_body_bytes = 0\ncache_max_bytes = 0\ntemplates.fuel = 1",
        "[[headers]]\npath = '/'\n[[redirects]]\nfrom = '/a'\nto = '/b'",
        "headers = []\nredirects = [{ to = '/b', from = '/a', status = 307 }]",
        "types = { '7z' = 'a/b', 'c++' = 'a/b; c=d' }",
        "host = '::'\nallowed_hosts = ['*', 'a.example', '127.0.0.1', '[::1]']",
        "[templates]\nexclude = ['vendor/**', '{a,b}/*.html', '']",
        "\u{feff}port = 1\r\n",
        "",
    ] {
        assert!(load(file, &[]).is_ok(), "{file}");
    }
}

#[test]
fn forbids_values_out_of_range() {
    for line in [
        "port = -1",
        "port = 65536",
        "port = 99999999999999999999",
        "port = 80.5",
        "threads = 1025",
        "max_connections = 0",
        "shutdown_grace_secs = 86401",
        "head_timeout_secs = 0",
        "idle_timeout_secs = 0",
        "stall_timeout_secs = 0",
        "max_target_bytes = 0",
        "max_head_bytes = 0",
        "max_header_fields = 0",
        "max_header_fields = 129",
        "max_body_bytes = 9223372036854775807",
        "cache_max_bytes = -1",
        "templates.fuel = 0",
        "templates.render_timeout_secs = 0",
        "types = 'a/b'",
        "types.md = 'markdown'",
        "types.md = 5",
        "types.a.b = 'a/b'",
        "headers = 'a'",
        "headers = [1]",
        "[headers]",
        "[redirects]\nfrom = '/a'\nto = '/b'",
        "headers = [{ path = 5 }]",
        "headers = [{ path = '/', set = ['A'] }]",
        "headers = [{ path = '/', set = { A = 1 } }]",
        "headers = [{ path = '/', add = { A = [1] } }]",
        "headers = [{ path = '/', remove = 'A' }]",
        "redirects = [{ from = '/a', to = '/b', status = '301' }]",
        "redirects = [{ from = '/a', to = '/b', status = 65837 }]",
        "templates.fuel = 9223372036854775807",
        "root = ''",
        "root = 5",
        "host = ''",
        "host = 'a b'",
        "host = 'localhost:80'",
        "open = 1",
        "fallback = 'Echo'",
        "log = 'xml'",
        "allowed_hosts = 'a'",
        "allowed_hosts = [1]",
        "allowed_hosts = ['']",
        "allowed_hosts = ['a:80']",
        "templates.exclude = 'a'",
        "templates = []",
        "site = 'a'",
        "[[site]]",
        "[port]",
    ] {
        let error = load(line, &[]).unwrap_err();
        assert!(error.starts_with("invalid value for `"), "{line}: {error}");
    }
}

#[test]
fn a_complaint_shows_the_place_and_the_way_out() {
    for (file, expected) in [
        (
            "prot = 80",
            "\
unknown key `prot`
 --> config.toml:1:1
  |
1 | prot = 80
  | ^^^^
  |
help: the nearest key is `port`",
        ),
        (
            "quiet = true\n\n  [templates]\r\n  fule = 1\r\n",
            "\
unknown key `templates.fule`
 --> config.toml:4:3
  |
4 |   fule = 1
  |   ^^^^
  |
help: the nearest key is `templates.fuel`",
        ),
        (
            "# \n# \n# \n# \n# \n# \n# \n# \n# \n[xyz.abc]\nfuel = 1",
            "\
unknown key `xyz`
  --> config.toml:10:2
   |
10 | [xyz.abc]
   |  ^^^
   |
help: `config.example.toml` holds every key",
        ),
        (
            "port = \"80\" # as text",
            "\
invalid value for `port`
 --> config.toml:1:8
  |
1 | port = \"80\" # as text
  |        ^^^^
  |
help: `port` takes a whole number from 0 to 65535",
        ),
        (
            "\u{feff}open = 1",
            "\
invalid value for `open`
 --> config.toml:1:8
  |
1 | open = 1
  |        ^
  |
help: `open` takes true or false",
        ),
        (
            "threads = 9999\nport = -1",
            "\
invalid value for `threads`
 --> config.toml:1:11
  |
1 | threads = 9999
  |           ^^^^
  |
help: `threads` takes a whole number from 0 to 1024",
        ),
        (
            "fallback = 'not_found'",
            "\
invalid value for `fallback`
 --> config.toml:1:12
  |
1 | fallback = 'not_found'
  |            ^^^^^^^^^^^
  |
help: `fallback` takes \"auto\", \"echo\" or \"not-found\"",
        ),
        (
            "[templates]\nexclude = [\n  'ok/**', 'é', 'c[', 'd',\n]",
            "\
invalid value for `templates.exclude`
 --> config.toml:3:17
  |
3 |   'ok/**', 'é', 'c[', 'd',
  |                 ^^^^
  |
help: `templates.exclude` takes globs, such as [\"vendor/**\"] \
             (unclosed character class; missing ']')",
        ),
        (
            "templates.exclude = ['日本', 'e\u{301}[', 'd']",
            "\
invalid value for `templates.exclude`
 --> config.toml:1:28
  |
1 | templates.exclude = ['日本', 'e\u{301}[', 'd']
  |                              ^^^^
  |
help: `templates.exclude` takes globs, such as [\"vendor/**\"] \
             (unclosed character class; missing ']')",
        ),
        (
            "templates = 5",
            "\
invalid value for `templates`
 --> config.toml:1:13
  |
1 | templates = 5
  |             ^
  |
help: `templates` takes a table",
        ),
        (
            "site.title = \"\u{202e}\"\nroot = site",
            "\
string values must be quoted, expected literal string
 --> config.toml:2:8
  |
2 | root = site
  |        ^^^^
  |
help: the file is TOML: `key = value`, with text in double quotes",
        ),
        (
            "root = \"a\x1b[2J\"",
            "\
invalid basic string, expected non-double-quote visible characters, `\\`
 --> config.toml:1:10
  |
1 | root = \"a\\x1b[2J\"
  |          ^^^^
  |
help: the file is TOML: `key = value`, with text in double quotes",
        ),
        (
            "open = true\n\topen = true",
            "\
duplicate key
 --> config.toml:2:2
  |
2 |     open = true
  |     ^^^^
  |
help: the file is TOML: `key = value`, with text in double quotes",
        ),
        (
            "port =",
            "\
string values must be quoted, expected literal string
 --> config.toml:1:7
  |
1 | port =
  |       ^
  |
help: the file is TOML: `key = value`, with text in double quotes",
        ),
    ] {
        assert_eq!(load(file, &[]).unwrap_err(), expected);
    }
}

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
        let help = format!("help: the nearest key is `{nearest}`");
        assert!(error.ends_with(&help), "{key}: {error}");
    }
    for (name, nearest) in [
        ("PAGEPOOL_TEMPLATE__FUEL", "PAGEPOOL_TEMPLATES__FUEL"),
        // A section was invented.
        ("PAGEPOOL_SERVER__PORT", "PAGEPOOL_PORT"),
        ("PAGEPOOL_SERVER__TREADS", "PAGEPOOL_THREADS"),
    ] {
        let error = load("", &[(name, "1")]).unwrap_err();
        let help = format!("help: the nearest variable is `{nearest}`");
        assert!(error.ends_with(&help), "{name}: {error}");
    }
    for key in ["colour", "zz", "templates.nothing_like_it"] {
        let error = load(&format!("{key} = 1"), &[]).unwrap_err();
        assert!(error.ends_with("help: `config.example.toml` holds every key"), "{key}: {error}");
    }
}

#[test]
fn a_complaint_about_a_rule_shows_its_part() {
    for (file, expected) in [
        (
            "[[headers]]\npath = '/'\n\n[[headers]]\npth = '/a'",
            "\
unknown key `headers.pth`
 --> config.toml:5:1
  |
5 | pth = '/a'
  | ^^^
  |
help: the nearest key is `headers.path`",
        ),
        (
            "[[redirect]]\nfrom = '/a'",
            "\
unknown key `redirect`
 --> config.toml:1:3
  |
1 | [[redirect]]
  |   ^^^^^^^^
  |
help: the nearest key is `redirects`",
        ),
        (
            "[[headers]]\nset = { A = 'b' }",
            "\
`headers.path` is missing
 --> config.toml:1:1
  |
1 | [[headers]]
  | ^^^^^^^^^^^
  |
help: `headers.path` takes a glob that begins with `/` or `**/`, such as \"/assets/**\"",
        ),
        (
            "[headers]\npath = '/'",
            "\
invalid value for `headers`
 --> config.toml:1:1
  |
1 | [headers]
  | ^^^^^^^^^
  |
help: `headers` takes tables, each under `[[headers]]`",
        ),
        (
            "[[headers]]\npath = '*.js'",
            "\
invalid value for `headers.path`
 --> config.toml:2:8
  |
2 | path = '*.js'
  |        ^^^^^^
  |
help: `headers.path` takes a glob that begins with `/` or `**/`, such as \"/assets/**\"",
        ),
        (
            "headers = [{ path = '/', set = { A = 'b', \"X Y\" = 'c' } }]",
            "\
invalid value for `headers.set`
 --> config.toml:1:43
  |
1 | headers = [{ path = '/', set = { A = 'b', \"X Y\" = 'c' } }]
  |                                           ^^^^^
  |
help: `headers.set` takes header names with their values, such as { X-Frame-Options = \"DENY\" }",
        ),
        (
            "[[headers]]\npath = '/'\n[headers.set]\nContent-Length = '5'",
            "\
invalid value for `headers.set`
 --> config.toml:4:1
  |
4 | Content-Length = '5'
  | ^^^^^^^^^^^^^^
  |
help: `headers.set` takes no `Content-Length`: the server counts the bytes that it sends",
        ),
        (
            "[[headers]]\npath = '/'\nset = { A = \"b\\r\\nC: d\" }",
            "\
invalid value for `headers.set`
 --> config.toml:3:13
  |
3 | set = { A = \"b\\r\\nC: d\" }
  |             ^^^^^^^^^^^
  |
help: `headers.set` takes values of ASCII text, without line ends or spaces around it",
        ),
        (
            "[[headers]]\npath = '/'\nremove = ['A', 'ETag']",
            "\
invalid value for `headers.remove`
 --> config.toml:3:16
  |
3 | remove = ['A', 'ETag']
  |                ^^^^^^
  |
help: `headers.remove` takes no `ETag`: the server makes it from the file, to compare it later",
        ),
        (
            "[[redirects]]\nfrom = '/a/:name'\nto = '/b/:nmae'",
            "\
invalid value for `redirects.to`
 --> config.toml:3:6
  |
3 | to = '/b/:nmae'
  |      ^^^^^^^^^^
  |
help: `redirects.to` takes names that are in `from` only, and `:nmae` is not in `/a/:name`",
        ),
        (
            "[[redirects]]\nfrom = '/a'\nto = '/a'",
            "\
invalid value for `redirects.to`
 --> config.toml:3:6
  |
3 | to = '/a'
  |      ^^^^
  |
help: `redirects.to` takes a path that `/a` does not match again",
        ),
        (
            "[[redirects]]\nfrom = '/x'\nto = '/a'\n[[redirects]]\nto = '/b'\nfrom = '/a'\n\
             [[redirects]]\nfrom = '/b'\nto = '/a?b'",
            "\
invalid value for `redirects.to`
 --> config.toml:5:6
  |
5 | to = '/b'
  |      ^^^^
  |
 --> config.toml:9:6
  |
9 | to = '/a?b'
  |      ^^^^^^
  |
help: `redirects.to` takes a path from which no rule leads back, and rules 2, 3 never end: `/a` -> `/b` -> `/a`",
        ),
        (
            "[[redirects]]\nfrom = '/a'\nto = '/b'\nstatus = 200",
            "\
invalid value for `redirects.status`
 --> config.toml:4:10
  |
4 | status = 200
  |          ^^^
  |
help: `redirects.status` takes 301, 302, 303, 307 or 308",
        ),
        (
            "[types]\nmd = 'markdown'",
            "\
invalid value for `types.md`
 --> config.toml:2:6
  |
2 | md = 'markdown'
  |      ^^^^^^^^^^
  |
help: `types.md` takes a media type, such as \"text/markdown; charset=utf-8\"",
        ),
        (
            "[types]\nMD = 'text/markdown'",
            "\
invalid key `types.MD`
 --> config.toml:2:1
  |
2 | MD = 'text/markdown'
  | ^^
  |
help: a key of `types` is a file extension without its dot, in lower case, such as `md`",
        ),
        (
            "[types]\n'.md' = 'text/markdown'",
            "\
invalid key `types..md`
 --> config.toml:2:1
  |
2 | '.md' = 'text/markdown'
  | ^^^^^
  |
help: a key of `types` is a file extension without its dot, in lower case, such as `md`",
        ),
    ] {
        assert_eq!(load(file, &[]).unwrap_err(), expected);
    }
}

#[test]
fn a_file_that_is_not_utf8_shows_where() {
    assert_eq!(
        load_bytes(b"# x\n# caf\xe9 = 1\n", &[], Vec::new()).unwrap_err(),
        "\
the file is not UTF-8
 --> config.toml:2:6
  |
2 | # caf\u{fffd} = 1
  |      ^
  |
help: save it as UTF-8 in the editor"
    );
}

#[test]
fn a_named_file_must_be_there_and_be_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.toml");
    for (path, expected) in [
        (
            missing.as_path(),
            "cannot read `DIR/missing.toml`: No such file or directory (os error 2)\nhelp: \
             `--config` takes a file that is there; without it, `./config.toml` is read if there is one",
        ),
        (
            directory.path(),
            "cannot read `DIR`: Is a directory (os error 21)\nhelp: \
             the configuration must be a file of text, such as `config.example.toml`",
        ),
    ] {
        let error = Config::load(Some(path), [], Vec::new()).unwrap_err().to_string();
        assert_eq!(error.replace(&directory.path().display().to_string(), "DIR"), expected);
    }
}

#[test]
fn a_variable_is_read_as_what_its_key_takes() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let default = Config::default;
    let fuel = |fuel| Templates { fuel, ..Templates::default() };
    let exclude = |globs| Templates { exclude: names(globs), ..Templates::default() };
    for (name, value, expected) in [
        ("PAGEPOOL_PORT", "80", Config { port: Some(80), ..default() }),
        ("PAGEPOOL_MAX_CONNECTIONS", "1_000", Config { max_connections: 1000, ..default() }),
        ("PAGEPOOL_OPEN", "true", Config { open: true, ..default() }),
        ("PAGEPOOL_ROOT", "site", Config { root: "site".into(), ..default() }),
        ("PAGEPOOL_ROOT", "\"my site\"", Config { root: "my site".into(), ..default() }),
        ("PAGEPOOL_ROOT", "2024", Config { root: "2024".into(), ..default() }),
        ("PAGEPOOL_FALLBACK", "echo", Config { fallback: FallbackSetting::Echo, ..default() }),
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
help: the nearest variable is `PAGEPOOL_PORT`",
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
help: the nearest variable is `PAGEPOOL_TEMPLATES__FUEL`",
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

#[test]
fn dates_of_the_site_are_text() {
    let file = "[site]\ntitle = 2024-02-01\ndays = [{ at = 10:30:00 }]";
    let day = site(&[("at", "10:30:00".into())]);
    let expected = site(&[("title", "2024-02-01".into()), ("days", vec![day].into())]);
    assert_eq!(load(file, &[]).unwrap().site, expected);
}

#[test]
fn the_default_port_is_a_choice_too_where_it_is_named() {
    let chosen = |file: &str, environment: &[(&str, &str)], flags| {
        let config = load_bytes(file.as_bytes(), environment, flags).unwrap();
        assert_eq!(config.port(), DEFAULT_PORT);
        config.is_port_chosen()
    };
    assert!(!chosen("", &[], Vec::new()));
    assert!(chosen("port = 8889", &[], Vec::new()));
    assert!(chosen("", &[("PAGEPOOL_PORT", "8889")], Vec::new()));
    assert!(chosen("", &[], vec![Flag::new("--port", "port", 8889)]));
}

#[test]
fn the_automatic_fallback_depends_on_production() {
    for (fallback, production, expected) in [
        (FallbackSetting::Auto, false, Fallback::Echo),
        (FallbackSetting::Auto, true, Fallback::NotFound),
        (FallbackSetting::Echo, true, Fallback::Echo),
        (FallbackSetting::NotFound, false, Fallback::NotFound),
    ] {
        let config = Config { fallback, production, ..Config::default() };
        assert_eq!(config.fallback(), expected);
    }
}

#[test]
fn threads_are_as_many_as_asked_for_or_as_processors() {
    assert_eq!(Config { threads: 3, ..Config::default() }.threads(), 3);
    assert_eq!(Config::default().threads(), num_cpus::get());
}

#[test]
fn forbids_redirects_that_come_back_by_the_servers_own_url() {
    let rule = |from: &str, to: &str| RedirectRule {
        from: from.to_owned(),
        to: to.to_owned(),
        ..RedirectRule::default()
    };
    for (host, port, to, is_refused) in [
        ("localhost", 8889, "http://localhost:8889/b", true),
        ("localhost", 8889, "http://LOCALHOST.:8889/b", true),
        ("localhost", 8889, "http://127.0.0.1:8889/b", true),
        ("localhost", 80, "http://localhost/b", true),
        ("::1", 80, "http://[::1]/b", true),
        ("My.test", 81, "http://my.test:81/b", true),
        // These may lead to another server, such as the proxy in front of this one.
        ("localhost", 8889, "http://localhost:8080/b", false),
        ("localhost", 8889, "https://localhost:8889/b", false),
        ("localhost", 0, "http://localhost:0/b", false),
        ("0.0.0.0", 8889, "http://localhost:8889/b", false),
        ("my.test", 81, "http://your.test:81/b", false),
    ] {
        let redirects = vec![rule("/a", to), rule("/b", "/a")];
        let port = Some(port);
        let config = Config { host: host.to_owned(), port, redirects, ..Config::default() };
        let refused = lists::check_own_urls(&config).err().map(|error| error.to_string());
        let expected = format!(
            "invalid value for `redirects.to`\n --> rule 1 of `[[redirects]]`\n  |\n  | to = {to:?}\n  \
             |      {}\n  |\n --> rule 2 of `[[redirects]]`\n  |\n  | to = \"/a\"\n  |      ^^^^\n  |\nhelp: \
             `redirects.to` takes a path from which no rule leads back, and rules 1, 2 never end: \
             `/a` -> `/b` -> `/a`",
            "^".repeat(to.len() + 2)
        );
        assert_eq!(refused, is_refused.then_some(expected), "{host} {port:?} {to}");
    }
}

#[test]
fn no_file_takes_long_to_check_or_overflows_the_stack() {
    let deep = format!("{}a{}", "{".repeat(40_000), "}".repeat(40_000));
    let nested = format!("{}a{}", "{".repeat(1000), "}".repeat(1000));
    let long = "a/".repeat(50_000);
    let names: String = (0..10_000).map(|n| format!("/:x{n}")).collect();
    let texts = "/{a,b}".repeat(30).replace("}/", "}");
    let redirect = |from: &str| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"/c\"\n");
    for (text, expected) in [
        (format!("[[headers]]\npath = \"/{deep}\"\n"), Some("(longer than 8192 bytes)")),
        (format!("[[headers]]\npath = \"/{nested}\"\n"), Some("(more than 100 braces within")),
        (format!("[templates]\nexclude = [\"{deep}\"]\n"), Some("(longer than 8192 bytes)")),
        (format!("[templates]\nexclude = [\"{nested}\"]\n"), Some("(more than 100 braces")),
        (redirect(&format!("/{long}")), Some("(longer than 8192 bytes)")),
        (redirect(&names), Some("(longer than 8192 bytes)")),
        (format!("[[redirects]]\nfrom = \"/\"\nto = \"/{long}\"\n"), Some("(longer than")),
        (format!("{} = 1\n", "x".repeat(300_000)), Some("holds every key")),
        (redirect(&texts), None),
        ((0..3000).map(|n| redirect(&format!("/a{n}/:x/b*.php"))).collect(), None),
    ] {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("config.toml"), &text).unwrap();
        let loaded = Config::load_in(folder.path(), None, [], Vec::new());
        let error = loaded.err().map(|error| error.to_string());
        let is_expected = match expected {
            Some(part) => error.as_ref().is_some_and(|error| error.contains(part)),
            None => error.is_none(),
        };
        assert!(is_expected, "{expected:?} {}", &text[..60]);
    }
}

//! The file: each complaint as it is printed, with its place.

use super::*;

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
help: did you mean `port`?",
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
help: did you mean `templates.fuel`?",
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
help: `fallback` takes \"auto\", \"echo\", \"not-found\", or the path of a page, such as \"/index.html\"",
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

//! Lists of tables: what each rule takes, and the places of what it refuses.

use super::*;

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
help: did you mean `headers.path`?",
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
help: did you mean `redirects`?",
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

//! The values that each key takes.

use super::*;

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
fn patches_are_made_by_one_of_three_rules() {
    for (file, patch) in [
        ("", Patch::Auto),
        ("live.patch = 'auto'", Patch::Auto),
        ("[live]\npatch = 'always'", Patch::Always),
        ("live.patch = 'never'", Patch::Never),
    ] {
        assert_eq!(load(file, &[]).unwrap().live.patch, patch, "{file}");
    }
    for value in ["true", "'Auto'", "''", "1"] {
        let error = load(&format!("live.patch = {value}"), &[]).unwrap_err();
        let help = "help: `live.patch` takes \"auto\", \"always\" or \"never\"";
        assert!(error.ends_with(help), "{error}");
    }
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
        "public = ['_static/**', '/_next/', 'a/_b.css', '.well-known/_c', '']",
        "base_path = '/docs/site/'",
        "base_path = '/~ada'",
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
        "base_path = 'docs'",
        "base_path = '/a b/'",
        "base_path = 'http://h/docs/'",
        "open = 1",
        "fallback = 'Echo'",
        "fallback = 'index.html'",
        "fallback = '/'",
        "fallback = '/docs/'",
        "fallback = '/../index.html'",
        "fallback = '//index.html'",
        "fallback = 404",
        "log = 'xml'",
        "allowed_hosts = 'a'",
        "allowed_hosts = [1]",
        "allowed_hosts = ['']",
        "allowed_hosts = ['a:80']",
        "templates.exclude = 'a'",
        "templates.enabled = 'no'",
        "public = '_a'",
        "public = ['_a[']",
        "public = ['.env']",
        "public = ['_a/.git/**']",
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
fn dates_of_the_site_are_text() {
    let file = "[site]\ntitle = 2024-02-01\ndays = [{ at = 10:30:00 }]";
    let day = site(&[("at", "10:30:00".into())]);
    let expected = site(&[("title", "2024-02-01".into()), ("days", vec![day].into())]);
    assert_eq!(load(file, &[]).unwrap().site, expected);
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

//! The files `_redirects` and `_headers` of a site that comes from a host: obeyed, and never
//! served.

use std::fs;

use super::{build, common::program::Folder};

const SITE: &[(&str, &str)] = &[
    ("pages/index.html", "home"),
    ("pages/new.html", "new"),
    (
        "pages/_redirects",
        "# from a host\n/old /new\n/blog/* /new?from=:splat 302!\n/* /index.html 200\n/own /never\n\
         /new /old\n",
    ),
    ("pages/_headers", "/*\n  X-One: one\n/new\n  X-Two: two\n  Content-Length: 3\n"),
    ("config.toml", "[[redirects]]\nfrom = '/own'\nto = '/'\n"),
];

#[test]
fn they_are_obeyed_after_the_configuration_and_never_served() {
    for args in [&["--production"][..], &["--plain"]] {
        let folder = Folder::new(SITE);
        let mut server = folder.serve(args);
        for warning in [
            "warning: left out: a rewrite, not a redirect",
            "warning: left out: `set` takes no `Content-Length`",
            "warning: line 6 of `_redirects` is left out: `to` takes a path from which no rule leads",
        ] {
            server.stderr.wait_for(|line| line.starts_with(warning));
        }
        for (target, status, location) in [
            ("/old?x=1", "301", "Location: /new?x=1"),
            ("/blog/a/b", "302", "Location: /new?from=a/b"),
            ("/own", "301", "Location: /\r"),
            ("/new", "200", "X-Two: two"),
            ("/", "200", "X-One: one"),
            ("/_redirects", "404", "X-One: one"),
            ("/_headers", "404", "X-One: one"),
        ] {
            let answer = server.connect().ask_last(&format!(
                "GET {target} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Mode: no-cors\r\n"
            ));
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {answer}");
            assert!(answer.contains(location), "{target}: {answer}");
        }
    }
}

#[test]
fn they_are_written_in_the_words_of_another_host() {
    let folder = Folder::new(SITE);
    let built = build(&folder, &["--for", "cloudflare"]);
    assert_eq!(built.code, Some(0), "{built:?}");
    let place = "warning: left out: a rewrite, not a redirect\n --> pages/_redirects:4:1\n";
    assert!(built.stderr.contains(place), "{built:?}");
    let text = |name: &str| fs::read_to_string(folder.path("dist").join(name)).unwrap();
    assert_eq!(
        text("_redirects"),
        "/own / 301\n/old /new 301\n/blog /new?from= 302\n/blog/* /new?from=:splat 302\n"
    );
    assert_eq!(text("_headers"), "/*\n  ! X-One\n  X-One: one\n/new\n  ! X-Two\n  X-Two: two\n");
}

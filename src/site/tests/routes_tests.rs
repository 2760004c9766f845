//! Routes: the file that answers a path, and what a folder of pages may lead out to.

use std::os::unix::fs::symlink;

use super::*;
use crate::site::files::folder::Unreadable;

#[test]
fn routes_as_the_table_says() {
    let files = [
        "index.html",
        "about.html",
        "style.css",
        "docs/index.html",
        "both.html",
        "both/index.html",
        "deep/er/page.html",
        "_layout.html",
        "a/_b/c.html",
        ".env",
        ".well-known/security.txt",
        "a b#%[+.html",
        "café.html",
        "plain",
        "plain.html",
        "line\nbreak.html",
        "v1.2.html",
        "empty/.keep",
    ];
    let pages = Pages::new(&files.map(|name| (name, name)));
    for (target, expected) in [
        ("/", "index.html"),
        ("/?x", "index.html"),
        ("/index", "index.html"),
        ("/index.html", "index.html"),
        ("/about", "about.html"),
        ("/about.html", "about.html"),
        ("/about?a=b", "about.html"),
        ("/style.css", "style.css"),
        ("/docs/", "docs/index.html"),
        ("/docs", "-> /docs/"),
        ("/docs?a=1&b=%20", "-> /docs/?a=1&b=%20"),
        ("/docs?", "-> /docs/?"),
        ("//docs", "-> /docs/"),
        ("/about/", "-> /about"),
        ("/about/?q", "-> /about?q"),
        ("/about.html/", "echo"),
        ("/style.css/", "echo"),
        ("/both", "both.html"),
        ("/both/", "both/index.html"),
        ("/deep", "echo"),
        ("/deep/", "echo"),
        ("/deep/er/page", "deep/er/page.html"),
        ("/deep/er/page/", "-> /deep/er/page"),
        ("/deep/./x/../er/page", "deep/er/page.html"),
        ("/_layout", "echo"),
        ("/_layout.html", "echo"),
        ("/%5flayout", "echo"),
        ("/a/_b/c", "echo"),
        ("/.env", "echo"),
        ("/%2eenv", "echo"),
        ("/.well-known/security.txt", ".well-known/security.txt"),
        ("/a%20b%23%25%5B+", "a b#%[+.html"),
        ("/a%20b%23%25%5B%2B/", "-> /a%20b%23%25%5B+"),
        ("/a+b%23%25%5B+", "echo"),
        ("/caf%C3%A9", "café.html"),
        ("/line%0Abreak", "line\nbreak.html"),
        ("/line%0Abreak/", "-> /line%0Abreak"),
        ("/plain", "plain"),
        ("/plain/", "-> /plain"),
        ("/v1.2", "v1.2.html"),
        ("/About", "echo"),
        ("/STYLE.css", "echo"),
        ("/empty/", "echo"),
        ("/nothing", "echo"),
        ("/%2e%2e/%2e%2e/etc/passwd", "echo"),
        ("/%00", "echo"),
        ("/about%00", "echo"),
        ("/%ff", "echo"),
        ("/..%2fabout", "echo"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
}

#[test]
fn over_long_names_are_not_there() {
    let pages = Pages::new(&[]);
    for len in [250, 255, 256, 5000] {
        let target = format!("/{}", "a".repeat(len));
        assert_eq!(route(&pages, &target), "echo");
        assert_eq!(route(&pages, &format!("{target}/b")), "echo");
    }
    assert_eq!(route(&pages, &format!("/{}", "a/".repeat(3000))), "echo");
}

#[test]
fn follows_links_inside_the_root_only() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.html"), "secret").unwrap();
    let pages = Pages::new(&[
        ("real.html", "real"),
        ("folder/index.html", "index"),
        ("uses.html", "{% include 'out.html' %}"),
        ("fallen.html", "page"),
    ]);
    for (link, to) in [
        ("in.html", PathBuf::from("real.html")),
        ("Real.html", PathBuf::from("real.html")),
        ("alias", PathBuf::from("folder")),
        ("absolute.html", pages.path("real.html")),
        ("up.html", PathBuf::from("folder/../real.html")),
        ("out.html", outside.path().join("secret.html")),
        ("outer", outside.path().to_owned()),
        ("fallen", outside.path().join("secret.html")),
        ("dangling.html", PathBuf::from("nowhere")),
        ("loop.html", PathBuf::from("loop.html")),
    ] {
        symlink(to, pages.path(link)).unwrap();
    }
    for (target, expected) in [
        ("/in", "in.html"),
        ("/Real", "Real.html"),
        ("/alias/", "alias/index.html"),
        ("/alias", "-> /alias/"),
        ("/absolute", "absolute.html"),
        ("/up", "up.html"),
        ("/out", "echo"),
        ("/out.html", "echo"),
        ("/outer/secret", "echo"),
        ("/outer/secret.html", "echo"),
        ("/fallen", "fallen.html"),
        ("/dangling", "echo"),
        ("/loop", "echo"),
        ("/uses", "500"),
    ] {
        assert_eq!(route(&pages, target), expected, "{target}");
    }
    assert!(pages.get("/uses").body.starts_with("error: `out.html` leads out of the folder"));
}

#[test]
fn a_page_that_becomes_a_link_out_of_the_root_is_gone() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("a.html"), "secret").unwrap();
    let pages = Pages::new(&[("a.html", "page")]);
    assert_eq!(pages.get("/a").body, "page");
    fs::remove_file(pages.path("a.html")).unwrap();
    symlink(outside.path().join("a.html"), pages.path("a.html")).unwrap();
    assert_eq!(route(&pages, "/a"), "echo");
}

#[test]
fn what_is_no_regular_file_is_not_there() {
    let pages = Pages::new(&[("_x", "")]);
    let made = std::process::Command::new("mkfifo")
        .args([pages.path("pipe"), pages.path("pipe.html")])
        .status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(pages.path("socket")).unwrap();
    symlink("/dev/null", pages.path("null")).unwrap();
    fs::create_dir(pages.path("folder.html")).unwrap();
    for target in ["/pipe", "/pipe.html", "/socket", "/null", "/folder", "/folder.html"] {
        assert_eq!(route(&pages, target), "echo", "{target}");
    }
}

#[test]
fn a_file_that_cannot_be_read_has_a_status_of_its_own() {
    let pages = Pages::new(&[]);
    for (errno, status, retry) in [
        (rustix::io::Errno::ACCESS, 403, ""),
        (rustix::io::Errno::MFILE, 503, "1"),
        (rustix::io::Errno::NFILE, 503, "1"),
        (rustix::io::Errno::IO, 500, ""),
    ] {
        let answer = pages.ask_with("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", |asked| {
            let unreadable = Unreadable { name: "a.html".to_owned(), source: errno.into() };
            let made = pages.site.unreadable(&unreadable, Dependencies::default(), asked);
            let found = pages.site.keep(&asked.key(), made, asked);
            pages.site.answer(found, asked).at_once()
        });
        assert_eq!((answer.status(), answer.field("Retry-After")), (status, retry), "{errno}");
        assert!(answer.message().starts_with("`a.html` cannot be read: "));
        assert!(answer.body.contains(answer.message()));
        assert_eq!(answer.field("Cache-Control"), "no-store");
    }
}

#[test]
fn a_page_has_one_url_whatever_it_was_asked_for_by() {
    let pages = Pages::new(&[("a/index.html", "{{ page.url }}"), ("b.html", "{{ page.url }}")]);
    for (asked, url) in [("/a/", "/a/"), ("/a/index", "/a/"), ("/b", "/b"), ("/b.html", "/b")] {
        assert_eq!(pages.get(asked).body, url, "{asked}");
    }
}

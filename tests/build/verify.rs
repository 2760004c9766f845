//! `--verify` where the output is no longer what was written.

use std::fs;

use super::{Built, command, common::program::Folder};

/// A page that takes a while to render, and with one thread to compare before all others.
const SLOW: &str =
    "{% for a in range(1000) %}{% for b in range(500) %}{% endfor %}{% endfor %}slow";

/// Builds, and changes the output as soon as it is written, while its first page is compared.
fn build_and_tamper(tamper: impl Fn(&Folder)) -> Built {
    // A machine that is busy enough may compare all before the output is seen here.
    for _ in 0..10 {
        let folder = Folder::new(&[
            ("pages/a.html", SLOW),
            ("pages/b.html", "{{ page.url }}"),
            ("pages/c/d.html", "{{ page.url }}"),
            ("pages/c/index.html", "{{ page.url }}"),
            ("pages/z.css", "p {}"),
            ("config.toml", "threads = 1\n[templates]\nfuel = 100000000\n"),
        ]);
        let mut child = command(&folder, &["--verify"]).spawn().unwrap();
        let list = folder.path("dist/.pagepool-build");
        while !list.exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        tamper(&folder);
        let built: Built = child.wait_with_output().unwrap().into();
        if built.code != Some(0) {
            return built;
        }
    }
    panic!("the output was compared before it could be changed, or nothing was found")
}

#[test]
fn each_route_that_differs_is_named() {
    let built = build_and_tamper(|folder| {
        let dist = folder.path("dist");
        fs::write(dist.join("b.html"), "/c").unwrap();
        fs::remove_file(dist.join("c/d.html")).unwrap();
        fs::remove_file(dist.join("z.css")).unwrap();
    });
    let expected = "error: `/b` has other bytes in the output\n\
                    error: `/c/d` has status 404 in the output\n\
                    error: `/z.css` has status 404 in the output\n\
                    error: `dist` is written, and 3 of its routes differ from the site\n";
    assert_eq!((built.code, built.stderr.as_str()), (Some(1), expected), "{built:?}");
    assert_eq!(built.stdout, "");
}

#[test]
fn a_source_that_changes_meanwhile_differs() {
    let built = build_and_tamper(|folder| folder.write("pages/b.html", "new, {{ page.url }}"));
    let expected = "error: `/b` has other bytes in the output\n\
                    error: `dist` is written, and one of its routes differs from the site\n";
    assert_eq!((built.code, built.stderr.as_str()), (Some(1), expected), "{built:?}");
}

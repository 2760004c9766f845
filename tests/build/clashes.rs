//! Names that cannot stand beside each other in the output: told before anything changes.

use std::fs;

use super::{build, common::program::Folder, files, names};

/// Asserts that a site with one more file or other settings is refused with `error` and leaves
/// the output, and that the next build of the site before goes well.
#[track_caller]
fn assert_refused(host: &str, name: &str, text: &str, error: &str) {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/style.css", "p {}"),
        ("pages/a.html", "a"),
        ("config.toml", ""),
    ]);
    let args = ["--for", host];
    assert_eq!(build(&folder, &args).code, Some(0));
    let output = || {
        let mut files = files(&folder.path("dist"));
        files.remove(".pagepool-build");
        files
    };
    let before = output();
    folder.write(name, text);
    let built = build(&folder, &args);
    assert_eq!(built.code, Some(1), "{built:?}");
    assert!(built.stderr.contains(error), "{error}: {built:?}");
    assert_eq!(output(), before, "{error}");
    fs::remove_file(folder.path(name)).unwrap();
    assert_eq!(build(&folder, &args).code, Some(0));
    assert_eq!(output(), before, "{error}");
}

/// The settings of redirects from these paths.
fn redirects(from: &[&str]) -> String {
    from.iter()
        .map(|from| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"https://b.example/\"\n"))
        .collect()
}

#[test]
fn a_file_and_a_folder_of_one_name() {
    let alias = |path: &str| format!("---\naliases: {path}\n---\n");
    for (host, name, text, error) in [
        (
            "plain",
            "pages/x.md",
            alias("/style.css/x"),
            "`style.css` would be a file, for `style.css`",
        ),
        (
            "plain",
            "pages/404.html/x.txt",
            String::new(),
            "for the page for what is not there, and a",
        ),
        (
            "s3",
            "pages/x.md",
            alias("/a/index.html/b"),
            "for the alias `/a/index.html/b` of `x.md` on",
        ),
        (
            "github",
            "config.toml",
            redirects(&["/style.css/b"]),
            "rule 1 of `[[redirects]]` on GitHub",
        ),
        (
            "github",
            "config.toml",
            redirects(&["/b", "/b.html/c"]),
            "`b.html` would be a file, for the",
        ),
    ] {
        assert_refused(host, name, &text, error);
    }
}

#[test]
fn two_files_of_one_name() {
    for (host, name, text, error) in [
        ("vercel", "pages/vercel.json", "{}", "`vercel.json` and the settings for Vercel are both"),
        ("github", "config.toml", &*redirects(&["/a"]), "`a.html` and the page for rule 1 of"),
        (
            "s3",
            "config.toml",
            &*redirects(&["/style.css", "/"]),
            "`index.html` and the page for rule",
        ),
        ("github", "config.toml", &*redirects(&["/.pagepool-build"]), "are the build's own"),
        ("github", "config.toml", &*redirects(&["/.pagepool-stage/1"]), "are the build's own"),
    ] {
        assert_refused(host, name, text, error);
    }
}

#[test]
fn a_compressed_form_gives_way_to_what_has_its_name() {
    let text = "p {}\n".repeat(100);
    let folder = Folder::new(&[
        ("pages/a.css", &text),
        ("pages/a.css.gz/x.txt", "x"),
        ("pages/a.html", "a"),
    ]);
    build(&folder, &["--compress"]).assert_good();
    let made = [".pagepool-build", "404.html", "a.css", "a.css.br", "a.css.gz/x.txt", "a.html"];
    assert_eq!(names(&folder.path("dist")), made);
    // Not to a page that stands for a redirect: that has an owner who is told.
    folder.write("pages/x.md", "---\naliases: /a.css.br/x\n---\n");
    let built = build(&folder, &["--compress"]);
    let error = "`a.css.br` would be a file, for the compressed form of `a.css`, and a folder";
    assert!(built.stderr.contains(error), "{built:?}");
}

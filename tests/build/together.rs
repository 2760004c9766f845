//! Builds of many pages, builds at the same time, and files that go meanwhile.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, symlink},
    process::Child,
};

use super::{
    Built, build, command,
    common::program::{Folder, SERVER},
    files, names,
};

const PAGES_OF_MANY: usize = 2_000;

#[test]
fn an_error_in_the_last_of_many_pages_leaves_the_output() {
    let folder = Folder::new(&[("pages/0000.html", "old"), ("pages/gone.html", "old")]);
    build(&folder, &[]).assert_good();
    let before = files(&folder.path("dist"));
    fs::remove_file(folder.path("pages/gone.html")).unwrap();
    for number in 0..PAGES_OF_MANY {
        folder.write(&format!("pages/{number:04}.html"), "{{ page.url }}");
    }
    for number in [3, 1_000, PAGES_OF_MANY - 2] {
        folder.write(&format!("pages/{number:04}.html"), "<p>\n{{ nothing }}");
    }
    let built = build(&folder, &[]);
    assert_eq!((built.code, built.stdout.as_str()), (Some(1), ""), "{built:?}");
    let places: Vec<&str> = built.stderr.lines().filter(|line| line.contains("-->")).collect();
    assert_eq!(places, [" --> 0003.html:2:4", " --> 1000.html:2:4", " --> 1998.html:2:4"]);
    assert!(built.stderr.ends_with("error: 3 errors; `dist` is as it was\n"), "{built:?}");
    assert_eq!(files(&folder.path("dist")), before);
    assert!(!folder.path("dist/.pagepool-stage").exists());
}

/// The files of an output, but for the list of what a build was made of.
fn content(folder: &Folder, out: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&folder.path(out));
    files.remove(".pagepool-build");
    files
}

fn ended(child: Child) -> Built {
    child.wait_with_output().unwrap().into()
}

#[test]
fn of_two_builds_at_the_same_time_one_is_told_and_the_output_is_whole() {
    let folder = Folder::new(&[]);
    for number in 0..60 {
        folder.write(&format!("pages/{number}.html"), "{{ page.url }} <a href=a>a</a>");
    }
    let layouts = ["files", "folders"];
    let alone = layouts.map(|layout| {
        build(&folder, &["--layout", layout, "--out", layout]).assert_good();
        content(&folder, layout)
    });
    let mut refused = 0;
    // Each of them may be done before the other one begins.
    for round in 0..100 {
        let children =
            layouts.map(|layout| command(&folder, &["--layout", layout]).spawn().unwrap());
        let built = children.map(ended);
        let good = built.iter().filter(|built| built.code == Some(0)).count();
        assert!(good >= 1, "{built:?}");
        for built in built.iter().filter(|built| built.code != Some(0)) {
            refused += 1;
            assert_eq!(
                (built.code, built.stderr.as_str()),
                (
                    Some(1),
                    "error: another build is writing `dist`: wait until it is done\n\
                     error: one error; `dist` is as it was\n"
                )
            );
        }
        let now = content(&folder, "dist");
        let of_good = built.iter().zip(&alone).filter(|(built, _)| built.code == Some(0));
        assert!(of_good.into_iter().any(|(_, alone)| now == *alone), "round {round}: {built:?}");
        assert!(!folder.path("dist/.pagepool-stage").exists());
        if refused >= 3 {
            return;
        }
    }
    panic!("no build has met another one");
}

#[test]
fn links_within_the_root_are_written_as_files() {
    let folder = Folder::new(&[
        ("pages/index.html", "{{ page.url }}"),
        ("pages/_shared/photo.bin", "bytes \u{1F980}"),
        ("pages/_shared/post.md", "# {{ page.url }}\n"),
        ("pages/docs/a.html", "{{ page.url }}"),
        ("pages/docs/b.txt", "b"),
    ]);
    for (link, target) in [
        ("photo.bin", "_shared/photo.bin"),
        ("post.md", "_shared/post.md"),
        ("manual", "docs"),
        ("again.bin", "photo.bin"),
    ] {
        symlink(target, folder.path("pages").join(link)).unwrap();
    }
    // What only its owner may read is public there, as it is here.
    let photo = folder.path("pages/_shared/photo.bin");
    fs::set_permissions(&photo, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    // Nor does it matter what its owner lets others read of new files.
    let script = format!("umask 077; exec {SERVER} build --verify");
    let built: Built = folder.command("sh", &["-c", &script]).output().unwrap().into();
    built.assert_good();
    let dist = folder.path("dist");
    let expected = [
        ".pagepool-build",
        "404.html",
        "again.bin",
        "docs/a.html",
        "docs/b.txt",
        "index.html",
        "manual/a.html",
        "manual/b.txt",
        "photo.bin",
        "post.html",
    ];
    assert_eq!(names(&dist), expected);
    for name in expected {
        let metadata = dist.join(name).symlink_metadata().unwrap();
        assert!(metadata.is_file(), "{name}");
        assert_eq!((metadata.mode() & 0o777, metadata.nlink()), (0o644, 1), "{name}");
    }
    for folder in ["", "docs", "manual"] {
        let metadata = dist.join(folder).symlink_metadata().unwrap();
        assert!(metadata.is_dir() && metadata.mode() & 0o777 == 0o755, "{folder}");
    }
    let read = |name: &str| fs::read(dist.join(name)).unwrap();
    for name in ["photo.bin", "again.bin"] {
        assert_eq!(read(name), fs::read(&photo).unwrap(), "{name}");
    }
    assert_eq!(
        (read("manual/a.html"), read("manual/b.txt")),
        (b"/manual/a".to_vec(), b"b".to_vec())
    );
    assert!(String::from_utf8(read("post.html")).unwrap().contains("<h1 id=\"post\">/post</h1>"));
}

/// Without it the output has no page that the site no longer has, and somebody may miss it.
#[test]
fn a_page_that_is_deleted_meanwhile_is_named() {
    let mut seen = false;
    for _ in 0..20 {
        let folder = Folder::new(&[("config.toml", "threads = 1")]);
        for number in 0..100 {
            folder.write(&format!("pages/{number:02}.html"), "{{ page.url }}");
        }
        let mut child = command(&folder, &[]).spawn().unwrap();
        let stage = folder.path("dist/.pagepool-stage");
        while !stage.join("3").exists() && child.try_wait().unwrap().is_none() {}
        fs::remove_file(folder.path("pages/99.html")).unwrap();
        let built = ended(child);
        assert_eq!(built.code, Some(0), "{built:?}");
        let warning = "warning: `99.html` was changed while the site was built: build it again\n";
        let is_written = folder.path("dist/99.html").exists();
        if built.stderr.is_empty() {
            // It was made before.
            assert!(is_written, "{built:?}");
            continue;
        }
        assert_eq!(built.stderr, warning);
        seen |= !is_written;
        // The next one has no memory of it.
        build(&folder, &[]).assert_good();
        assert!(!folder.path("dist/99.html").exists());
        if seen {
            return;
        }
    }
    panic!("the page was always made before it was deleted");
}

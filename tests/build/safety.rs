//! What a build never touches, and what an interrupted one leaves.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    build, command,
    common::program::{Folder, SERVER},
    files, names,
};

const PAGES: &[(&str, &str)] = &[
    ("pages/index.html", "<h1>Home</h1>\n"),
    ("pages/docs/index.html", "{% include \"_part.html\" %} of {{ page.url }}\n"),
    ("pages/_part.html", "Part"),
    ("pages/style.css", "h1 { color: teal }\n"),
    ("pages/.well-known/x.txt", "public"),
    ("pages/.env", "secret"),
];

#[test]
fn writes_what_is_public_and_deletes_what_is_gone_and_its_own() {
    let folder = Folder::new(PAGES);
    let built = build(&folder, &[]);
    built.assert_good();
    assert!(built.stdout.starts_with("2 pages, 5 files, "), "{built:?}");
    let out = folder.path("dist");
    let list = ".pagepool-build";
    assert_eq!(
        names(&out),
        [
            ".pagepool-build",
            ".well-known/x.txt",
            "404.html",
            "docs/index.html",
            "index.html",
            "style.css"
        ]
    );
    assert_eq!(fs::read(out.join("docs/index.html")).unwrap(), b"Part of /docs/\n");
    assert!(!fs::read_to_string(out.join(list)).unwrap().contains('_'));
    assert_eq!(names(folder.path("").as_path()).iter().filter(|n| n.contains("stage")).count(), 0);
    for (name, mode) in [("docs", 0o755), ("docs/index.html", 0o644), (".well-known/x.txt", 0o644)]
    {
        assert_eq!(out.join(name).metadata().unwrap().mode() & 0o777, mode, "{name}");
    }

    let identity = |name: &str| {
        let metadata = out.join(name).metadata().unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
    };
    let before = ["index.html", "style.css", list].map(identity);
    build(&folder, &[]).assert_good();
    assert_eq!(["index.html", "style.css", list].map(identity), before);

    folder.write("pages/index.html", "<h1>Hi!!</h1>\n");
    fs::remove_dir_all(folder.path("pages/docs")).unwrap();
    let built = build(&folder, &[]);
    built.assert_good();
    assert!(built.stdout.contains("(1 written, 1 deleted)"), "{built:?}");
    assert_eq!(names(&out), [list, ".well-known/x.txt", "404.html", "index.html", "style.css"]);
    assert!(!out.join("docs").exists());
    assert_eq!(identity("style.css"), before[1]);
    assert_eq!(fs::read(out.join("index.html")).unwrap(), b"<h1>Hi!!</h1>\n");
}

#[test]
fn a_file_becomes_a_folder_and_a_folder_a_file() {
    let folder = Folder::new(&[
        ("pages/index.html", "page"),
        ("pages/a.txt", "file"),
        ("pages/b.txt/c/d.txt", "file"),
        ("pages/b.txt/e.txt", "x"),
    ]);
    build(&folder, &[]).assert_good();
    fs::remove_file(folder.path("pages/a.txt")).unwrap();
    fs::remove_dir_all(folder.path("pages/b.txt")).unwrap();
    folder.write("pages/a.txt/x.txt", "x");
    folder.write("pages/b.txt", "b");
    build(&folder, &[]).assert_good();
    assert_eq!(
        names(&folder.path("dist")),
        [".pagepool-build", "404.html", "a.txt/x.txt", "b.txt", "index.html"]
    );
}

/// Each of these is refused, and nothing anywhere is another afterwards.
#[test]
fn refuses_an_output_that_is_not_its_own() {
    for (out, prepare, expected) in [
        ("pages", (|_| {}) as fn(&Folder), "is the folder of pages itself"),
        ("pages/dist", |_| {}, "lies in the folder of pages"),
        (".", |_| {}, "holds the folder of pages"),
        ("..", |_| {}, "holds the folder of pages"),
        ("/", |_| {}, "holds the folder of pages"),
        ("link", |f| symlink("pages/docs", f.path("link")).unwrap(), "lies in the folder of pages"),
        ("gone", |f| symlink("nowhere", f.path("gone")).unwrap(), "cannot be written"),
        ("file", |f| f.write("file", "mine"), "is no folder"),
        ("home", |f| f.write("home/.bashrc", "mine"), "no build has made: `.bashrc`: name"),
        ("dist", |f| f.write("dist/a/mine.txt", "mine"), "made: `a/mine.txt`: name another"),
        (
            "dist",
            |f| ["a", "b", "c", "d", "e"].iter().for_each(|n| f.write(&format!("dist/{n}"), "")),
            "made: `a`, `b`, `c` and 2 more",
        ),
        (
            "dist",
            |f| {
                build(f, &[]).assert_good();
                fs::remove_file(f.path("dist/index.html")).unwrap();
                symlink("/etc/passwd", f.path("dist/index.html")).unwrap();
            },
            "no build has made: `index.html`",
        ),
        (
            "dist",
            |f| {
                build(f, &[]).assert_good();
                fs::remove_dir_all(f.path("dist/docs")).unwrap();
                f.write("elsewhere/index.html", "mine");
                symlink("../elsewhere", f.path("dist/docs")).unwrap();
            },
            "no build has made: `docs`",
        ),
    ] {
        let folder = Folder::new(PAGES);
        prepare(&folder);
        let before = files(&folder.path(""));
        let built = build(&folder, &["--out", out]);
        assert_eq!(built.code, Some(1), "{out}: {built:?}");
        assert!(built.stderr.contains(expected), "{out}: {built:?}");
        assert_eq!(files(&folder.path("")), before, "{out}");
    }
}

#[test]
fn lets_a_worktree_be_and_what_is_kept() {
    let folder = Folder::new(PAGES);
    for name in [".git", "CNAME", "media/a/b.png", "x.zip"] {
        folder.write(&format!("dist/{name}"), "mine");
    }
    assert_eq!(build(&folder, &[]).code, Some(1));
    let keep = ["--keep", "media/**", "--keep", "*.zip"];
    build(&folder, &keep).assert_good();
    fs::remove_file(folder.path("pages/style.css")).unwrap();
    build(&folder, &keep).assert_good();
    for name in [".git", "CNAME", "media/a/b.png", "x.zip"] {
        assert_eq!(fs::read(folder.path("dist").join(name)).unwrap(), b"mine", "{name}");
    }
}

#[test]
fn a_name_that_is_kept_is_a_persons_or_a_builds() {
    let folder = Folder::new(PAGES);
    let mine = folder.path("dist/CNAME");
    folder.write("dist/CNAME", "mine");
    folder.write("pages/CNAME", "example.com\n");
    let built = build(&folder, &[]);
    assert!(built.stderr.contains("`CNAME` of the output was not made by a build"), "{built:?}");
    // One that is the same stays a person's.
    folder.write("dist/CNAME", "example.com\n");
    build(&folder, &[]).assert_good();
    fs::remove_file(folder.path("pages/CNAME")).unwrap();
    build(&folder, &[]).assert_good();
    assert_eq!(fs::read(&mine).unwrap(), b"example.com\n");

    // One that a build has made is its own.
    fs::remove_file(&mine).unwrap();
    for text in ["a.example\n", "b.example\n"] {
        folder.write("pages/CNAME", text);
        build(&folder, &["--keep", "*.css"]).assert_good();
        assert_eq!(fs::read(&mine).unwrap(), text.as_bytes());
    }
    fs::remove_file(folder.path("pages/CNAME")).unwrap();
    build(&folder, &[]).assert_good();
    assert!(!mine.exists());

    // What it says does not count.
    folder.write("dist/.nojekyll", "\n");
    assert_eq!(build(&folder, &["--for", "github"]).code, Some(0));
    build(&folder, &[]).assert_good();
    assert_eq!(fs::read(folder.path("dist/.nojekyll")).unwrap(), b"\n");
}

#[test]
fn what_is_kept_and_in_the_way_of_a_file_is_named_before_anything_changes() {
    for (there, new, error) in [
        (
            "dist/media",
            "pages/media/x.txt",
            "`media` of the output, which no build has made, is in",
        ),
        (
            "dist/media/a/b.png",
            "pages/media",
            "`media` of the output was not made by a build and is",
        ),
        (
            "dist/a.txt/media/b",
            "pages/a.txt",
            "`a.txt/media/b` of the output, which no build has m",
        ),
    ] {
        let folder = Folder::new(PAGES);
        folder.write(there, "mine");
        let build = || build(&folder, &["--keep", "media", "--keep", "**/media/*"]);
        build().assert_good();
        folder.write(new, "new");
        folder.write("pages/style.css", "new");
        let before = files(&folder.path("dist"));
        let built = build();
        assert_eq!(built.code, Some(1), "{built:?}");
        assert!(built.stderr.contains(error), "{error}: {built:?}");
        assert_eq!(files(&folder.path("dist")), before);
        fs::remove_file(folder.path(new)).unwrap();
        assert_eq!(build().code, Some(0));
        assert_eq!(fs::read(folder.path(there)).unwrap(), b"mine");
    }
}

/// A person makes a file where an interrupted build was about to put one.
#[test]
fn what_comes_into_the_place_of_a_file_meanwhile_is_not_overwritten() {
    let folder = Folder::new(PAGES);
    build(&folder, &[]).assert_good();
    folder.write("dist/.pagepool-stage/0", "new");
    let list = fs::read_to_string(folder.path("dist/.pagepool-build")).unwrap();
    folder.write("dist/.pagepool-stage/1", &format!("{list}moved.html\nnew.html\n"));
    let journal = "0 new.html\n7 moved.html\n1 .pagepool-build\n";
    folder.write("dist/.pagepool-stage/journal", journal);
    folder.write("dist/moved.html", "moved already");
    folder.write("dist/new.html", "mine");
    let built = build(&folder, &[]);
    assert!(built.stderr.contains("no build has made: `new.html`"), "{built:?}");
    assert_eq!(fs::read(folder.path("dist/new.html")).unwrap(), b"mine");
    fs::remove_file(folder.path("dist/new.html")).unwrap();
    build(&folder, &[]).assert_good();
    assert!(!folder.path("dist/new.html").exists() && !folder.path("dist/moved.html").exists());
}

/// As on a file system that does not tell upper from lower case, where both names are one file.
#[test]
fn a_page_that_is_renamed_in_its_case_alone_is_not_deleted() {
    let folder = Folder::new(PAGES);
    folder.write("pages/About.html", "about");
    build(&folder, &[]).assert_good();
    fs::rename(folder.path("pages/About.html"), folder.path("pages/about.html")).unwrap();
    let list = folder.path("dist/.pagepool-build");
    fs::hard_link(folder.path("dist/About.html"), folder.path("dist/about.html")).unwrap();
    let text = fs::read_to_string(&list).unwrap();
    let line = text.lines().find(|line| line.starts_with("About.html")).unwrap();
    fs::write(&list, format!("{text}{}\n", line.to_lowercase())).unwrap();
    build(&folder, &[]).assert_good();
    assert!(folder.path("dist/About.html").exists());
}

#[test]
fn an_empty_folder_is_in_no_ones_way() {
    let folder = Folder::new(PAGES);
    fs::create_dir_all(folder.path("dist/style.css/a/b")).unwrap();
    build(&folder, &[]).assert_good();
    assert!(folder.path("dist/style.css").is_file());
}

#[test]
fn nothing_is_left_of_an_output_that_is_refused_or_fails() {
    let folder = Folder::new(PAGES);
    let folders = |folder: &Folder| {
        let all = walkdir::WalkDir::new(folder.path("")).sort_by_file_name();
        all.into_iter().map(|entry| entry.unwrap().into_path()).collect::<Vec<_>>()
    };
    let before = folders(&folder);
    let built = build(&folder, &["--out", "pages/a/b/dist"]);
    assert!(built.stderr.contains("lies in the folder of pages"), "{built:?}");
    assert_eq!(folders(&folder), before);

    folder.write("pages/broken.html", "{{ nothing }}");
    let before = folders(&folder);
    for out in ["dist", "a/b/dist", "a/../dist"] {
        assert_eq!(build(&folder, &["--out", out]).code, Some(1));
        assert_eq!(folders(&folder), before, "{out}");
    }
    fs::remove_file(folder.path("pages/broken.html")).unwrap();
    build(&folder, &["--out", "a/b/dist"]).assert_good();
    assert!(folder.path("a/b/dist/index.html").is_file());
    assert_eq!(folder.path("a/b/dist").metadata().unwrap().mode() & 0o777, 0o755);
}

#[test]
fn a_stage_that_leads_elsewhere_is_refused() {
    let folder = Folder::new(PAGES);
    folder.write("elsewhere/1", "mine");
    fs::create_dir(folder.path("dist")).unwrap();
    symlink("../elsewhere", folder.path("dist/.pagepool-stage")).unwrap();
    assert_eq!(build(&folder, &[]).code, Some(1));
    assert_eq!(names(&folder.path("elsewhere")), ["1"]);
}

#[test]
#[ignore = "mounts a file system"]
fn another_file_system_in_the_output_is_refused_before_anything_changes() {
    let folder = Folder::new(PAGES);
    fs::create_dir_all(folder.path("dist/docs")).unwrap();
    // The second is a part of the same file system.
    for mount in ["mount -t tmpfs tmpfs dist/docs", "mount --bind docs dist/docs"] {
        fs::create_dir_all(folder.path("docs")).unwrap();
        let script = format!("{mount}; \"$0\" build || ls -A dist dist/docs");
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", &script, SERVER]).current_dir(folder.path(""));
        let built: super::Built = command.output().unwrap().into();
        assert_eq!(built.stdout, "dist:\ndocs\n\ndist/docs:\n", "{built:?}");
        assert!(built.stderr.contains("it is a mount of its own: build into that"), "{built:?}");
    }
}

/// The disk of the output has room for the first build, and not for the second.
#[test]
#[ignore = "mounts a file system"]
fn a_full_disk_leaves_the_last_output() {
    let folder = Folder::new(PAGES);
    fs::create_dir(folder.path("dist")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=256k,nr_inodes=${INODES:-100} tmpfs dist
        "$0" build && cp -r dist before
        head -c "$SIZE" /dev/zero >pages/big.bin
        for at in $(seq "$FOLDERS"); do mkdir pages/$at; echo new >pages/$at/a.html; done
        echo new >pages/style.css
        "$0" build && exit 9
        diff -r before dist || exit 8
        rm -rf pages/big.bin pages/[0-9]*
        "$0" build && cmp pages/style.css dist/style.css
    "#;
    for (size, folders, inodes) in [("300000", "0", "100"), ("10", "60", "100"), ("10", "9", "30")]
    {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec", script, SERVER]).current_dir(folder.path(""));
        command.envs([("SIZE", size), ("FOLDERS", folders), ("INODES", inodes)]);
        let built: super::Built = command.output().unwrap().into();
        assert_eq!(built.code, Some(0), "{built:?}");
        assert!(built.stderr.contains("No space left on device"), "{built:?}");
        fs::remove_dir_all(folder.path("before")).unwrap();
    }
}

#[test]
fn writes_through_a_link_that_is_the_output_itself() {
    let folder = Folder::new(PAGES);
    fs::create_dir(folder.path("www")).unwrap();
    symlink("www", folder.path("dist")).unwrap();
    build(&folder, &[]).assert_good();
    assert!(folder.path("www/index.html").is_file());
    assert!(folder.path("dist").is_symlink());
}

#[test]
fn a_second_build_at_the_same_time_is_refused() {
    let folder = Folder::new(PAGES);
    fs::create_dir_all(folder.path("dist/.pagepool-stage")).unwrap();
    let lock = fs::File::create(folder.path("dist/.pagepool-stage/lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(1));
    assert!(built.stderr.contains("another build is writing `dist`"), "{built:?}");
    drop(lock);
    build(&folder, &[]).assert_good();
    assert!(!folder.path("dist/.pagepool-stage").exists());
}

#[test]
fn what_a_person_put_into_the_stage_stays() {
    let folder = Folder::new(PAGES);
    folder.write("dist/.pagepool-stage/notes.txt", "mine");
    build(&folder, &[]).assert_good();
    assert_eq!(names(&folder.path("dist/.pagepool-stage")), ["notes.txt"]);
}

#[test]
fn a_read_only_file_is_replaced_and_a_read_only_folder_refused() {
    let folder = Folder::new(PAGES);
    build(&folder, &[]).assert_good();
    let style = folder.path("dist/style.css");
    fs::set_permissions(&style, Permissions::from_mode(0o444)).unwrap();
    folder.write("pages/style.css", "h2 {}\n");
    build(&folder, &[]).assert_good();
    assert_eq!(fs::read(&style).unwrap(), b"h2 {}\n");

    // Root may write anywhere.
    if rustix::process::geteuid().is_root() {
        return;
    }
    let docs = folder.path("dist/docs");
    fs::set_permissions(&docs, Permissions::from_mode(0o555)).unwrap();
    folder.write("pages/index.html", "new");
    folder.write("pages/docs/index.html", "new");
    let before = files(&folder.path("dist"));
    let built = build(&folder, &[]);
    fs::set_permissions(&docs, Permissions::from_mode(0o755)).unwrap();
    assert_eq!(built.code, Some(1), "{built:?}");
    assert_eq!(files(&folder.path("dist")), before);
}

const PAGES_OF_MANY: usize = 150;

/// Pages enough that a build takes a while, whose bytes tell which `state` they are of.
fn many_pages(folder: &Folder, state: &str) {
    for number in 0..PAGES_OF_MANY {
        folder.write(&format!("pages/{}/{number}.html", number % 7), &format!("{state} {number}"));
    }
}

/// A moment of a build, as it shows in the folders.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So many files are in the stage.
    Staged(usize),
    /// The journal stands.
    Committed,
    /// So many files are left in the stage of the moves.
    Left(usize),
}

impl Moment {
    fn is_here(self, stage: &Path) -> bool {
        let count = || fs::read_dir(stage).map_or(0, Iterator::count);
        let is_committed = || stage.join("journal").exists();
        match self {
            Self::Staged(wanted) => count() >= wanted,
            Self::Committed => is_committed(),
            Self::Left(wanted) => is_committed() && count() <= wanted,
        }
    }
}

/// The files of the output, without those that wait in its stage.
fn output(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&folder.path("dist"));
    files.retain(|name, _| !name.starts_with(".pagepool-stage/"));
    files
}

/// Starts a build and sends it `signal` at `moment`, if that can still be seen.
fn interrupt(folder: &Folder, moment: Moment, signal: Signal) -> ExitStatus {
    let mut command = command(folder, &[]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let stage = folder.path("dist/.pagepool-stage");
    while child.try_wait().unwrap().is_none() {
        if moment.is_here(&stage) {
            let _ = kill_process(Pid::from_child(&child), signal);
            break;
        }
    }
    child.wait().unwrap()
}

#[test]
fn killed_at_any_moment_it_leaves_one_output_whole() {
    let folder = Folder::new(&[]);
    many_pages(&folder, "0");
    build(&folder, &[]).assert_good();
    let mut before = files(&folder.path("dist"));
    let staged = [0, 1, 3, 20, 80, 140, 151].map(Moment::Staged);
    let left = [150, 140, 100, 50, 10, 3].map(Moment::Left);
    let moments = staged.into_iter().chain([Moment::Committed; 2]).chain(left);
    let mut committed = 0;
    for (round, moment) in moments.enumerate() {
        let state = format!("{}", round + 1);
        many_pages(&folder, &state);
        interrupt(&folder, moment, Signal::KILL);
        if !folder.path("dist/.pagepool-stage/journal").exists() {
            let now = output(&folder);
            let is_new = now.values().any(|bytes| bytes.starts_with(state.as_bytes()));
            assert!(is_new || now == before, "{moment:?}");
        } else {
            committed += 1;
        }
        // A build that comes to nothing: all that it does is to finish the last one.
        folder.write("pages/broken.html", "{{ nothing }}");
        assert_eq!(build(&folder, &[]).code, Some(1));
        fs::remove_file(folder.path("pages/broken.html")).unwrap();
        let now = files(&folder.path("dist"));
        assert_eq!(now.len(), PAGES_OF_MANY + 2, "{moment:?}");
        let numbered = now.iter().filter(|(name, _)| name.contains('/'));
        let is_new = numbered.clone().all(|(_, bytes)| bytes.starts_with(state.as_bytes()));
        assert!(is_new || now == before, "{moment:?}");
        assert!(!folder.path("dist/.pagepool-stage").exists(), "{moment:?}");
        before = now;
    }
    assert!(committed > 0, "no build was killed while it moved files");
}

#[test]
fn stopped_by_a_signal_it_leaves_the_last_output_and_nothing_else() {
    let folder = Folder::new(&[]);
    many_pages(&folder, "old");
    build(&folder, &[]).assert_good();
    let before = files(&folder.path("dist"));
    many_pages(&folder, "new");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let status = interrupt(&folder, Moment::Staged(20), signal);
        assert_eq!(status.code(), Some(code));
        assert_eq!(files(&folder.path("dist")), before);
        assert!(!folder.path("dist/.pagepool-stage").exists());
    }
}

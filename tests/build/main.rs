//! `server build` from outside: what it writes, and what it never touches.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../common"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod common {
    pub(crate) mod program;
}

mod check;
mod clashes;
mod equal;
mod failures;
mod fallback;
mod hosts;
mod limits;
mod models;
mod rules;
mod safety;
mod servers;
mod sites;
mod table;
mod terminal;
mod together;
mod unchanged;
mod vercel;
mod verify;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use common::program::{Folder, SERVER};

/// What a build has come to, as a person sees it.
#[derive(Debug)]
struct Built {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Built {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Built {
    /// Asserts that it went well and says nothing against it.
    fn assert_good(&self) {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
    }
}

/// Runs `server build` with more arguments.
fn build(folder: &Folder, args: &[&str]) -> Built {
    command(folder, args).output().unwrap().into()
}

fn command(folder: &Folder, args: &[&str]) -> Command {
    folder.command(SERVER, &[&["build"], args].concat())
}

/// Every file below a folder, with its bytes; a link with where it leads.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        let path = entry.path();
        match path.symlink_metadata().unwrap() {
            kind if kind.is_dir() => collect(&path, &format!("{name}/"), files),
            kind if kind.is_symlink() => {
                let target = fs::read_link(&path).unwrap();
                files.insert(name, target.to_str().unwrap().into());
            }
            _ => drop(files.insert(name, fs::read(&path).unwrap())),
        }
    }
}

/// Builds 200 pages that include `_part.html`, of the text "old", which becomes `new` meanwhile.
fn build_while_a_part_changes(new: &str) -> (Folder, Built) {
    let folder = Folder::new(&[("pages/_part.html", "old")]);
    for number in 0..200 {
        folder.write(&format!("pages/{number}.html"), "{% include '_part.html' %}");
    }
    let mut child = command(&folder, &[]).spawn().unwrap();
    let stage = folder.path("dist/.pagepool-stage");
    while !stage.join("3").exists() && child.try_wait().unwrap().is_none() {}
    folder.write("pages/_part.html", new);
    let built = child.wait_with_output().unwrap().into();
    (folder, built)
}

/// The names of every file below a folder.
fn names(folder: &Path) -> Vec<String> {
    files(folder).into_keys().collect()
}

#[test]
fn a_day_before_the_name_of_a_file_is_the_date_and_no_part_of_the_url() {
    let folder = Folder::new(&[
        ("pages/blog/2026-03-01-hello.md", "Hello, {{ page.date }}\n"),
        ("pages/blog/2026-03-02-hi.html", "<p>Hi"),
        ("pages/blog/3000-01-01-later.html", "<p>Later"),
        ("pages/index.html", "{% for p in pages('blog/') %}{{ p.url }} {% endfor %}"),
    ]);
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(0), "{built:?}");
    assert!(built.stdout.contains("3000-01-01-later.html"), "{built:?}");
    let dist = folder.path("dist");
    let made = [".pagepool-build", "404.html", "blog/hello.html", "blog/hi.html", "index.html"];
    assert_eq!(names(&dist), made);
    assert_eq!(fs::read_to_string(dist.join("index.html")).unwrap(), "/blog/hello /blog/hi ");
    let hello = fs::read_to_string(dist.join("blog/hello.html")).unwrap();
    assert!(hello.contains("Hello, 2026-03-01"), "{hello}");
    fs::write(folder.path("pages/blog/2026-03-03-hello.md"), "").unwrap();
    let built = build(&folder, &[]);
    assert_eq!(built.code, Some(1), "{built:?}");
    for part in ["2026-03-01-hello.md", "2026-03-03-hello.md"] {
        assert!(built.stderr.contains(part), "{part}: {built:?}");
    }
}

#[test]
fn one_page_is_no_pages() {
    let folder = Folder::new(&[("pages/404.html", "gone")]);
    let built = build(&folder, &[]);
    assert!(built.stdout.starts_with("0 pages, 1 file, "), "{built:?}");
    folder.write("pages/a.html", "a");
    let built = build(&folder, &[]);
    assert!(built.stdout.starts_with("1 page, 2 files, "), "{built:?}");
}

#[test]
fn a_printed_command_takes_a_folder_with_spaces_for_one_word() {
    let folder = Folder::new(&[("pages/index.html", "a")]);
    let built = build(&folder, &["--for", "s3", "--out", "the site"]);
    let out = folder.path("the site").canonicalize().unwrap();
    let command = format!("aws s3 sync '{}' s3://BUCKET", out.display());
    assert!(built.stdout.contains(&command), "{built:?}");
}

#[test]
fn what_is_random_is_the_same_in_each_build() {
    let random = "{{ range(10000) | random }} {{ lipsum(1) }}\n";
    let folder = Folder::new(&[("pages/a.html", random), ("pages/b.html", random)]);
    build(&folder, &[]).assert_good();
    let first = files(&folder.path("dist"));
    assert_ne!(
        std::fs::read(folder.path("dist/a.html")).unwrap(),
        std::fs::read(folder.path("dist/b.html")).unwrap()
    );
    fs::remove_dir_all(folder.path("dist")).unwrap();
    build(&folder, &[]).assert_good();
    assert_eq!(files(&folder.path("dist")), first);
    // Each page has a seed of its own.
    folder.write("pages/aa.html", random);
    build(&folder, &[]).assert_good();
    let with_another = files(&folder.path("dist"));
    for page in ["a.html", "b.html"] {
        assert_eq!(with_another.get(page), first.get(page), "{page}");
    }
    assert_ne!(with_another.get("aa.html"), first.get("a.html"));
}

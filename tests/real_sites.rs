//! Sites that other people made: packages of npm and documentation packages of Debian, fetched
//! by name, of which every file is compared with what the server sends.
//!
//! `cargo test --test real_sites -- --ignored`. Needs the network, `npm`, and `apt-get` with a
//! list of packages (`apt-get update`); fails where they are missing, and skips nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use common::{Answer, Client, TestServer, options, preparation};
use globset::GlobBuilder;
use pagepool::{
    app::App,
    background::Background,
    hosts::Hosts,
    http::url_path::UrlPath,
    site::{Site, SiteOptions, Snippet},
};
use tempfile::TempDir;
use walkdir::WalkDir;

/// With templates of AngularJS, demonstrations, and one that is loaded by a script.
const NPM: [&str; 5] = [
    "angular-ui-bootstrap@2.5.6",
    "impress.js@1.1.0",
    "jstree@3.3.16",
    "reveal.js@4.6.1",
    "swagger-ui-dist@5.17.14",
];

/// Made by Doxygen, by hand in Latin-1, and by Sphinx about a template engine.
const DEBIAN: [&str; 3] = ["libclipper-doc", "libxml2-doc", "python-cheetah-doc"];

/// How the answer to a file differs in a site with templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// Its name, or that of a folder, begins with `_`.
    Private,
    /// Braces of its own are taken for those of a template: an error whose help names
    /// `--plain` first.
    Braces,
}

/// The files that are not sent as they are in a site with templates: of a package, by a glob.
const DIFFERENCES: [(&str, &str, Difference); 7] = [
    ("angular-ui-bootstrap@2.5.6", "package/src/*/docs/demo.html", Difference::Braces),
    ("angular-ui-bootstrap@2.5.6", "package/template/*/*.html", Difference::Braces),
    ("libclipper-doc", "**/html/_formulas.tex", Difference::Private),
    ("python-cheetah-doc", "**/html/_sources/**", Difference::Private),
    ("python-cheetah-doc", "**/html/_static/**", Difference::Private),
    ("python-cheetah-doc", "**/html/dev_guide/*.html", Difference::Braces),
    ("python-cheetah-doc", "**/html/users_guide/*.html", Difference::Braces),
];

/// Stands for the script of live editing.
const SCRIPT: &str = "<!-- the script of live editing -->";

/// The folder of a package, for as long as the test needs it.
struct Package {
    name: String,
    folder: PathBuf,
}

/// Runs a program that fetches something.
fn fetch(command: &mut Command, what: &str) {
    let said = "needs the network: the registry of npm and the archive of Debian";
    let output = command.output().unwrap_or_else(|error| panic!("{what} {said}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what} {said}:\n{stderr}");
}

fn unpack(command: &mut Command, archive: &Path) {
    let status = command.status().expect("the program is there");
    assert!(status.success(), "{} is an archive", archive.display());
}

/// The only file in `folder` whose name begins like this.
fn archive(folder: &Path, start: &str) -> PathBuf {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(start);
    entries.find(is_it).unwrap_or_else(|| panic!("`{start}` was not fetched"))
}

fn npm_packages(folder: &Path) -> impl Iterator<Item = Package> {
    let mut pack = Command::new("npm");
    fetch(pack.args(["pack", "--silent"]).args(NPM).current_dir(folder), "npm pack");
    NPM.into_iter().map(move |name| {
        let archive = archive(folder, &format!("{}.tgz", name.replace('@', "-")));
        let folder = folder.join(name);
        fs::create_dir(&folder).unwrap();
        unpack(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&folder), &archive);
        Package { name: name.to_owned(), folder }
    })
}

fn debian_packages(folder: &Path) -> impl Iterator<Item = Package> {
    let mut download = Command::new("apt-get");
    fetch(download.args(["download", "-q"]).args(DEBIAN).current_dir(folder), "apt-get download");
    DEBIAN.into_iter().map(move |name| {
        let archive = archive(folder, &format!("{name}_"));
        let folder = folder.join(name);
        unpack(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&folder), &archive);
        Package { name: name.to_owned(), folder }
    })
}

fn packages(folder: &TempDir) -> Vec<Package> {
    npm_packages(folder.path()).chain(debian_packages(folder.path())).collect()
}

impl Package {
    /// Compares each file with what `is_sent` finds to be sent for it, by each of its paths;
    /// gives the names for which that is something else.
    fn differing(&self, server: &TestServer, fields: &str, is_sent: IsSent) -> BTreeSet<String> {
        let mut client = server.connect();
        let mut differing = BTreeSet::new();
        let names = files(&self.folder);
        assert!(names.len() > 20, "{} has {} files", self.name, names.len());
        for name in names {
            let bytes = fs::read(self.folder.join(&name)).unwrap();
            for path in paths(&name) {
                let answer = get(&mut client, &path, fields);
                let is_as_it_is = answer.status == 200 && is_sent(&answer, &bytes);
                // What begins with a dot is never sent.
                if name.split('/').any(|segment| segment.starts_with('.')) {
                    assert!(!is_as_it_is && answer.text().contains("are never served"), "{name}");
                } else if !is_as_it_is {
                    differing.insert(name.clone());
                }
            }
        }
        differing
    }
}

/// Whether an answer is what is expected of a file with these bytes.
type IsSent = fn(&Answer, &[u8]) -> bool;

fn is_whole(answer: &Answer, bytes: &[u8]) -> bool {
    answer.body == bytes
}

/// Whether that holds but for the script of live editing in pages.
fn is_whole_but_for_script(answer: &Answer, bytes: &[u8]) -> bool {
    let content_type = answer.field("Content-Type").unwrap_or_default();
    if !content_type.starts_with("text/html") {
        return is_whole(answer, bytes);
    }
    let at = answer.body.windows(SCRIPT.len()).position(|part| part == SCRIPT.as_bytes());
    let Some(at) = at else { return false };
    [&answer.body[..at], &answer.body[at + SCRIPT.len()..]].concat() == bytes
}

/// A server of the folder.
fn serve(root: &Path, change: impl FnOnce(&mut SiteOptions)) -> TestServer {
    let mut site_options = SiteOptions {
        preparation: preparation(),
        background: Some(Background::start().unwrap()),
        ..SiteOptions::default()
    };
    change(&mut site_options);
    let site = Site::open(root, site_options).unwrap();
    let app = App::new(site, Hosts::development(&[], &[]), false);
    TestServer::start(Arc::new(app), options())
}

/// The names of all files, from the folder. Links to other packages lead out of it.
fn files(folder: &Path) -> Vec<String> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    files.map(|entry| name(entry.path())).collect()
}

/// The paths by which a file is known: its name, and that of the page.
fn paths(name: &str) -> Vec<String> {
    let path = |name: &str, is_folder| UrlPath::of_name(name, is_folder).unwrap().encoded();
    let mut paths = vec![path(name, false)];
    if let Some(page) = name.strip_suffix(".html") {
        paths.push(match page.strip_suffix("/index") {
            Some(folder) => path(folder, true),
            None => path(page, false),
        });
    }
    paths
}

fn get(client: &mut Client, path: &str, fields: &str) -> Answer {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    client.answer()
}

#[test]
#[ignore = "needs the network"]
fn real_sites_are_sent_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    for package in packages(&folder) {
        let (name, root) = (&package.name, &package.folder);
        let plain = serve(root, |options| options.is_plain = true);
        let differing = package.differing(&plain, "", is_whole);
        assert!(differing.is_empty(), "{name} with --plain: {differing:?}");

        let live = serve(root, |options| {
            options.is_plain = true;
            options.snippet = Some(Snippet::new(SCRIPT));
        });
        let navigation = "Sec-Fetch-Mode: navigate\r\nAccept: text/html\r\n";
        let differing = package.differing(&live, navigation, is_whole_but_for_script);
        assert!(differing.is_empty(), "{name} with live editing: {differing:?}");
        let differing = package.differing(&live, "", is_whole);
        assert!(differing.is_empty(), "{name} with live editing, for programs: {differing:?}");

        let differing = package.differing(&serve(root, |_| {}), "", is_whole);
        check_differences(&package, &differing);
    }
}

/// Compares the files of a package that differ in a site with templates with those that are
/// known to, and looks at the answer for each.
fn check_differences(package: &Package, differing: &BTreeSet<String>) {
    let (name, root) = (&package.name, &package.folder);
    let known = DIFFERENCES.into_iter().filter(|(of, _, _)| of == name);
    let known: Vec<_> = known.map(|(_, glob, difference)| (glob, difference)).collect();
    let is_met = |name: &String, glob: &str| {
        let glob = GlobBuilder::new(glob).literal_separator(true).build().unwrap();
        glob.compile_matcher().is_match(name)
    };
    for (glob, _) in &known {
        assert!(differing.iter().any(|file| is_met(file, glob)), "{name}: none like {glob}");
    }
    let templates = serve(root, |_| {});
    let freeing = known.iter().filter(|(_, difference)| *difference == Difference::Private);
    let public: Vec<String> = freeing.map(|(glob, _)| (*glob).to_owned()).collect();
    let freed = serve(root, |options| options.public = public);
    for file in differing {
        let path = paths(file).remove(0);
        // Markdown is a page of its own name there.
        if file.ends_with(".md") {
            assert_eq!(templates.get(&path).status, 301, "{name}: {file}");
            continue;
        }
        let difference = known.iter().find(|(glob, _)| is_met(file, glob));
        let (_, difference) = difference.unwrap_or_else(|| panic!("{name}: {file} differs"));
        let (status, said) = match difference {
            Difference::Private => (200, "is there, but it is private"),
            Difference::Braces => (500, "help: `--plain` serves every file as it is"),
        };
        let answer = templates.get(&path);
        assert!(answer.status == status && answer.text().contains(said), "{name}: {file}");
        if *difference == Difference::Private {
            let bytes = fs::read(root.join(file)).unwrap();
            assert!(is_whole(&freed.get(&path), &bytes), "{name}: {file} by `public`");
        }
    }
}

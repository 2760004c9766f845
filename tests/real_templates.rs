//! Templates that other people wrote for Jinja: those of ten packages of PyPI, fetched by
//! name. Each parses, or ends in a report whose help names a way out.
//!
//! `cargo test --test real_templates -- --ignored --nocapture` shows the shares. Needs the
//! network, `pip` and `python3`; fails where they are missing, and skips nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use common::{TestServer, app, options};
use tempfile::TempDir;
use walkdir::WalkDir;

const PACKAGES: [&str; 10] = [
    "datasette==0.65.5",
    "flask-admin==2.2.1",
    "flask-appbuilder==5.3.0",
    "flask-security-too==5.9.2",
    "jupyterhub==6.1.1",
    "mkdocs==1.6.1",
    "mkdocs-material==9.8.1",
    "nbconvert==7.17.2",
    "pelican==4.12.0",
    "sphinx==9.2.0",
];

/// The endings of files that hold templates.
const ENDINGS: [&str; 6] = [".html", ".htm", ".xml", ".j2", ".jinja", ".jinja2"];

/// Of 100 templates, those that have to parse; 94 did in November 2026. Of the other 23 of
/// 407, 18 are translated by `trans`, 3 have blocks in macros, and 2 are of LaTeX.
const MIN_PARSED_PERCENT: usize = 94;

/// What became of a template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Rendered,
    /// It was parsed, and lacks what its application gives it.
    Parsed,
    Unread,
}

/// Fetches the packages and unpacks each into a folder of its own below `folder`.
fn fetch(folder: &Path) {
    let mut pip = Command::new("pip");
    pip.args(["download", "--quiet", "--no-deps", "--only-binary=:all:"]);
    pip.args(["--python-version", "3.13", "--dest"]).arg(folder).args(PACKAGES);
    let status = pip.status().expect("`pip` is there");
    assert!(status.success(), "the packages come from PyPI, over the network");
    for wheel in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let out = wheel.with_extension("");
        let mut unzip = Command::new("python3");
        unzip.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&out);
        assert!(unzip.status().is_ok_and(|status| status.success()), "{}", wheel.display());
        fs::remove_file(wheel).unwrap();
    }
}

/// The files that hold tags, and lie where a package keeps its templates.
fn templates(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter();
    files.map(|entry| entry.unwrap().into_path()).filter(|path| {
        let name = path.to_str().unwrap();
        let is_named = ENDINGS.iter().any(|ending| name.ends_with(ending));
        let is_kept = ["template", "theme"].iter().any(|part| name.contains(part));
        is_named && is_kept && path.is_file() && {
            let text = fs::read_to_string(path).unwrap_or_default();
            ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag))
        }
    })
}

fn outcome(report: &str) -> Outcome {
    match report.lines().next() {
        Some(first) if first.starts_with("error: syntax error") => Outcome::Unread,
        Some(first) if first.contains("hold more than a template may") => Outcome::Unread,
        _ => Outcome::Parsed,
    }
}

#[test]
#[ignore = "fetches packages; run by .ci/run"]
fn templates_parse_or_say_what_to_write() {
    let packages = TempDir::new().unwrap();
    fetch(packages.path());
    let root = TempDir::new().unwrap();
    fs::write(root.path().join("_own.html"), "").unwrap();
    let server = TestServer::start(app(root.path()), options());
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut helps: BTreeMap<String, usize> = BTreeMap::new();
    let mut without_way_out: Vec<String> = Vec::new();
    for path in templates(packages.path()) {
        fs::copy(&path, root.path().join("a.html")).unwrap();
        let answer = server.get("/a");
        let report = answer.text();
        if answer.status == 200 {
            *counts.entry(Outcome::Rendered).or_default() += 1;
            continue;
        }
        let help = report.lines().next_back().and_then(|line| line.strip_prefix("help: "));
        let help = help.unwrap_or_else(|| panic!("{}: {report}", path.display()));
        let has_way_out = help.contains('`') || help.contains("leave it out");
        if !has_way_out || !report.contains("--> ") {
            without_way_out.push(format!("{}: {report}", path.display()));
        }
        *counts.entry(outcome(report)).or_default() += 1;
        let first = report.lines().next().unwrap_or_default();
        *helps.entry(format!("{first} ~ {help}")).or_default() += 1;
    }
    let count = |outcome| counts.get(&outcome).copied().unwrap_or(0);
    let all: usize = counts.values().sum();
    let parsed = count(Outcome::Rendered) + count(Outcome::Parsed);
    println!("{all} templates: {} render without their application", count(Outcome::Rendered));
    println!("{parsed} parse, {:.1} %", parsed as f64 * 100.0 / all as f64);
    let mut helps: Vec<(String, usize)> = helps.into_iter().collect();
    helps.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (help, count) in helps {
        println!("{count:4} {help}");
    }
    assert!(without_way_out.is_empty(), "{}", without_way_out.join("\n"));
    assert!(all > 300, "{all}");
    assert!(parsed * 100 >= all * MIN_PARSED_PERCENT, "{parsed} of {all}");
}

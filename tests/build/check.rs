//! What `server check` says beside a build: notes are no errors, and rules of a host that are left
//! out have a place.

use super::{
    Built, build,
    common::program::{Folder, SERVER},
};

fn check(folder: &Folder, format: &str) -> Built {
    folder.command(SERVER, &["check", "--format", format]).output().unwrap().into()
}

#[test]
fn notes_and_warnings_alone_are_no_failure() {
    let folder = Folder::new(&[
        ("pages/index.html", "<p>home"),
        ("pages/lonely.html", "<p>nobody links here"),
        ("pages/_unused.html", "x"),
    ]);
    for format in ["text", "json", "github"] {
        let checked = check(&folder, format);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        let all = checked.stdout + &checked.stderr;
        assert!(all.contains("no page uses this private file"), "{all}");
        assert!(all.contains("no page links to this one"), "{all}");
        assert!(all.ends_with("0 errors, 0 warnings, 2 notes in 2 pages and 0 links\n"), "{all}");
    }
    folder.write("pages/lonely.html", "<p id=a><p id=a>");
    let checked = check(&folder, "text");
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stdout.ends_with("1 error, 0 warnings, 2 notes in 2 pages and 0 links\n"));
}

#[test]
fn a_rule_of_a_host_that_is_left_out_is_a_warning_at_its_line() {
    let folder = Folder::new(&[
        ("pages/index.html", "home"),
        ("pages/_redirects", "# from a host\n/old / 301\n/app/* /index.html 200\n"),
        ("pages/_headers", "/*\n  X-One: one\n  Content-Length: 3\n"),
    ]);
    let checked = check(&folder, "json");
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let findings: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let found: Vec<String> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            let (severity, code, file) = (text("severity"), text("code"), text("file"));
            format!("{severity} {code} {file}:{}", finding["line"])
        })
        .collect();
    let expected =
        ["warning left-out-rule pages/_headers:3", "warning left-out-rule pages/_redirects:3"];
    assert_eq!(found, expected);
    let checked = check(&folder, "text");
    assert!(
        checked
            .stdout
            .contains("warning: left out: a rewrite, not a redirect\n --> pages/_redirects:3:1\n")
    );
    assert!(checked.stdout.ends_with("0 errors, 2 warnings, 0 notes in 1 page and 0 links\n"));
    let checked = check(&folder, "github");
    let line =
        "::warning file=pages/_redirects,line=3,col=1,title=left-out-rule::left out: a rewrite";
    assert!(checked.stdout.lines().any(|found| found.starts_with(line)), "{checked:?}");
    // A build says the same.
    let built = build(&folder, &[]);
    assert!(
        built
            .stderr
            .contains("warning: left out: a rewrite, not a redirect\n --> pages/_redirects:3:1\n")
    );
}

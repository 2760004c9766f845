//! What a build shows on a terminal, by a pseudo-terminal of `script`, in a pipe, and with
//! `--quiet`.

use std::fs;

use super::{
    Built, build,
    common::program::{Folder, SERVER},
    names,
};

/// Of what the progress bar is made, as long as nothing is done.
const BAR: char = '░';

fn pages(count: usize) -> Folder {
    let folder = Folder::new(&[]);
    for number in 0..count {
        folder.write(&format!("pages/{number}.html"), "{{ page.url }}");
    }
    folder
}

/// All that a terminal gets from `server build` with these arguments and redirections.
fn on_terminal(folder: &Folder, args: &str) -> Built {
    let line = format!("stty rows 40 cols 80; exec {SERVER} build {args}");
    let mut command = folder.command("script", &["-qec", &line, "/dev/null"]);
    command.envs([("TERM", "xterm"), ("LANG", "C.UTF-8")]);
    command.output().unwrap().into()
}

#[test]
fn a_terminal_shows_how_many_pages_are_done() {
    let folder = pages(40);
    let built = on_terminal(&folder, "");
    assert_eq!(built.code, Some(0), "{built:?}");
    assert!(built.stdout.contains(BAR) && built.stdout.contains("/40 "), "{built:?}");
    // It is gone at the end, and the summary stands in its place.
    let (_, end) = built.stdout.rsplit_once(BAR).unwrap();
    let (_, shown) = end.rsplit_once("\x1b[2K").unwrap();
    assert!(shown.trim_start().starts_with("40 pages, 41 files, "), "{built:?}");
    assert_eq!(shown.trim().lines().count(), 1, "{built:?}");
    // What goes on to a program is the summary alone.
    let built = on_terminal(&folder, "> summary");
    assert!(built.stdout.contains(BAR) && !built.stdout.contains("pages"), "{built:?}");
    let summary = fs::read_to_string(folder.path("summary")).unwrap();
    assert!(summary.starts_with("40 pages (40 reused), 41 files, "), "{summary}");
}

#[test]
fn an_error_on_a_terminal_stands_below_no_bar() {
    let folder = pages(40);
    folder.write("pages/broken.html", "{{ nothing }}");
    let built = on_terminal(&folder, "");
    assert_eq!(built.code, Some(1), "{built:?}");
    let (_, end) = built.stdout.rsplit_once(BAR).unwrap();
    let (_, shown) = end.rsplit_once("\x1b[2K").unwrap();
    assert!(shown.trim_start().starts_with("error: "), "{built:?}");
    assert!(shown.contains("--> broken.html:1:4"), "{built:?}");
}

#[test]
fn no_bar_is_shown_to_programs_nor_with_quiet() {
    let folder = pages(40);
    let built = build(&folder, &[]);
    built.assert_good();
    assert_eq!(built.stdout.lines().count(), 1, "{built:?}");
    assert!(built.stdout.starts_with("40 pages, 41 files, "), "{built:?}");
    let built = on_terminal(&folder, "2> errors");
    assert!(!built.stdout.contains(BAR) && built.stdout.starts_with("40 pages"), "{built:?}");
    assert_eq!(fs::read(folder.path("errors")).unwrap(), b"");
    let built = on_terminal(&folder, "--quiet");
    assert_eq!((built.code, built.stdout.as_str()), (Some(0), ""), "{built:?}");
}

/// The instructions for a host, too, are left out: nobody reads them.
#[test]
fn quiet_builds_print_warnings_and_errors_alone() {
    let folder = Folder::new(&[("pages/index.html", "home"), ("pages/LICENSE", "free")]);
    let warning =
        "warning: without an extension, hosts guess the media type: `LICENSE`\n".to_owned();
    for args in [&["--quiet"][..], &["--quiet", "--for", "s3"], &["--quiet", "--for", "plain"]] {
        let built = build(&folder, args);
        assert_eq!((built.code, &built.stdout, &built.stderr), (Some(0), &String::new(), &warning));
        assert!(names(&folder.path("dist")).contains(&"index.html".to_owned()));
        fs::remove_dir_all(folder.path("dist")).unwrap();
    }
    // Without it they are printed.
    let built = build(&folder, &["--for", "s3"]);
    assert!(built.stdout.contains("aws s3 sync"), "{built:?}");
    folder.write("pages/broken.html", "{{ nothing }}");
    let built = build(&folder, &["--quiet"]);
    assert_eq!((built.code, built.stdout.as_str()), (Some(1), ""), "{built:?}");
    assert!(built.stderr.starts_with(&warning), "{built:?}");
    assert!(built.stderr.contains("--> broken.html:1:4"), "{built:?}");
    assert!(built.stderr.ends_with("error: one error; `dist` is as it was\n"), "{built:?}");
}

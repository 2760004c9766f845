//! `server new`: sites to begin from, as they are written.

mod common {
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
}

use common::program::{Ended, Folder, SERVER};

fn run(folder: &Folder, args: &[&str]) -> Ended {
    folder.start(args).wait()
}

#[test]
fn a_new_site_has_no_fault_and_can_be_built() {
    for (flags, pages) in [(&[][..], 3), (&["--blog"], 9)] {
        let folder = Folder::new(&[]);
        let made = run(&folder, &[&["new", "."], flags].concat());
        assert_eq!((made.code, &*made.stderr), (Some(0), ""), "{flags:?}");
        let checked = run(&folder, &["check"]);
        assert_eq!(checked.code, Some(0), "{flags:?}: {}", checked.stdout);
        let begin = format!("0 errors, 0 warnings, 0 notes in {pages} pages");
        assert!(checked.stdout.starts_with(&begin), "{flags:?}: {}", checked.stdout);
        let built = run(&folder, &["build", "--verify"]);
        assert_eq!((built.code, &*built.stderr), (Some(0), ""), "{flags:?}");
    }
}

#[test]
fn a_folder_that_holds_anything_is_refused() {
    let folder = Folder::new(&[("site/mine.txt", "mine")]);
    let refused = run(&folder, &["new", "site"]);
    assert_eq!(refused.code, Some(1));
    assert_eq!(
        refused.stderr,
        "error: `site` holds `mine.txt` already: name a folder that is not there yet, or an empty \
         one\n"
    );
    assert_eq!(std::fs::read_dir(folder.path("site")).unwrap().count(), 1);
}

#[test]
fn a_file_is_refused_as_one() {
    let folder = Folder::new(&[("site", "mine")]);
    std::os::unix::fs::symlink("nowhere", folder.path("link")).unwrap();
    for name in ["site", "link"] {
        let refused = run(&folder, &["new", name]);
        let message = format!(
            "error: `{name}` is no folder: name one that is not there yet, or an empty one\n"
        );
        assert_eq!((refused.code, refused.stderr), (Some(1), message));
    }
}

#[test]
fn what_is_said_to_do_next_works() {
    for flags in [&[][..], &["--blog"]] {
        let folder = Folder::new(&[]);
        let made = run(&folder, &[&["new", "my site"], flags].concat());
        let (_, commands) = made.stdout.split_once(":\n\n").unwrap();
        let (enter, serve) = commands.trim().split_once('\n').unwrap();
        assert_eq!((enter, serve.trim()), ("cd 'my site'", "server --open"));
        let script = format!("{enter} && exec {SERVER} check");
        let checked = folder.command("sh", &["-c", &script]).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
    }
    let help = run(&Folder::new(&[]), &["help", "new"]).stdout;
    assert!(help.contains("  cd my-site && server --open "), "{help}");
}

#[test]
fn the_settings_beside_do_not_matter() {
    let folder = Folder::new(&[("config.toml", "prot = 80")]);
    assert_eq!(run(&folder, &["new", "site"]).code, Some(0));
    let script = run(&folder, &["completions", "bash"]);
    assert!(script.code == Some(0) && script.stdout.contains("complete "), "{}", script.stdout);
}

#[test]
fn a_folder_without_pages_is_one_clear_line_that_offers_a_new_site() {
    let folder = Folder::new(&[("notes.txt", "mine")]);
    for command in [&[][..], &["--port", "0"], &["check"], &["build"]] {
        let refused = run(&folder, command);
        let message = "error: `pages` does not exist: name another folder with --root, or make a \
                       site with `server new my-site`\n";
        assert_eq!((refused.code, refused.stderr.as_str()), (Some(1), message), "{command:?}");
        assert_eq!(refused.stdout, "", "{command:?}");
        let names: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().collect();
        assert_eq!(names.len(), 1, "{command:?}: {names:?}");
    }
    // What it offers works.
    assert_eq!(run(&folder, &["new", "my-site"]).code, Some(0));
    assert_eq!(run(&folder, &["check", "--root", "my-site/pages"]).code, Some(0));
}

#[test]
fn a_shell_that_is_not_known_is_refused_with_those_that_are() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&folder, &["completions", shell]);
        assert_eq!((script.code, &*script.stderr), (Some(0), ""), "{shell}");
        // It knows the commands of this program and their flags.
        for word in ["server", "build", "base-path"] {
            assert!(script.stdout.contains(word), "{shell} {word}");
        }
    }
    let refused = run(&folder, &["completions", "tcsh"]);
    assert_eq!((refused.code, &*refused.stdout), (Some(2), ""));
    let line = "error: invalid value 'tcsh' for '<SHELL>'\n";
    assert!(refused.stderr.starts_with(line), "{}", refused.stderr);
    assert!(refused.stderr.contains("bash, elvish, fish, powershell, zsh"), "{}", refused.stderr);
    assert_eq!(run(&folder, &["completions"]).code, Some(2));
}

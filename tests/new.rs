//! `server new`: sites to begin from, as they are written.

mod common {
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
}

use common::program::{Ended, Folder};

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
fn the_settings_beside_do_not_matter() {
    let folder = Folder::new(&[("config.toml", "prot = 80")]);
    assert_eq!(run(&folder, &["new", "site"]).code, Some(0));
    let script = run(&folder, &["completions", "bash"]);
    assert!(script.code == Some(0) && script.stdout.contains("complete "), "{}", script.stdout);
}

//! The promise of live editing as one table: after every save, a tab shows what a
//! fresh load of the same page shows in the same browser. All rows are tried; those
//! that fail are named at the end.
//!
//! `LIVE_ROWS` tries only the rows with this in their names, `LIVE_PATIENCE_MS` waits
//! so long for a row that fails.

mod builtins;
mod elements;
mod frames;
mod hosts;
mod kept;
mod places;
mod proxy;
mod run;
mod scripts;

use std::env;

use run::run_all;

use crate::common::{chromium, firefox};

/// A row: a folder before, edits, and what is looked at after each of them.
#[derive(Clone, Copy)]
struct Row {
    /// Which promise it is about.
    kind: Kind,
    name: &'static str,
    /// The configuration of the server.
    config: &'static str,
    /// The files before, by their paths from the root.
    files: &'static [(&'static str, &'static str)],
    /// Links, and where they lead. Where there are any, all paths go from beside the root.
    links: &'static [(&'static str, &'static str)],
    /// How the browser gets at the server.
    way: Way,
    /// What is opened.
    target: &'static str,
    /// Whether the page has a live script, so that it tells its version.
    is_live: bool,
    /// Holds once the page is whole.
    ready: &'static str,
    /// What a person does in the page before the edits.
    acts: &'static str,
    /// What that person then types.
    types: &'static str,
    edits: &'static [Edit],
    /// After each edit it has the same value in the tab as after a fresh load.
    probe: &'static str,
    /// Holds in the tab in the end, whatever a fresh load has.
    holds: &'static str,
    /// Has the same value in the tab before the edits and in the end.
    keeps: &'static str,
    how: How,
    /// Whether a script makes the same of the last edit as before it: only the version and
    /// what `holds` tell then that it has come.
    is_made_alike: bool,
    /// How often the page asks whether to leave it.
    questions: usize,
    /// What a line at the terminal says in the end, whatever the case of its letters.
    terminal: &'static str,
    /// A browser that lacks what the row is about, and what that is.
    lacks: Option<(&'static str, &'static str)>,
    /// Why it does not hold yet, where it does not: it is not tried then.
    open: &'static str,
}

/// A row that says nothing of its own.
const ROW: Row = Row {
    kind: Kind::Scripts,
    name: "",
    config: "",
    files: &[],
    links: &[],
    way: Way::Localhost,
    target: "/",
    is_live: true,
    ready: "true",
    acts: "0",
    types: "",
    edits: &[],
    probe: BODY,
    holds: "true",
    keeps: "0",
    how: How::Any,
    is_made_alike: false,
    questions: 0,
    terminal: "",
    lacks: None,
    open: "",
};

/// What is inside the body, but for the queries by which files are asked for again.
const BODY: &str = r"document.body.innerHTML.replace(/[?&]pagepool=\d+/g, '')";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Patches over what scripts did.
    Scripts,
    /// A file used in several places.
    Places,
    /// A file that the page's own timeline does not name.
    Frames,
    /// What acts only when an element is made.
    Made,
    /// "Leave site?" answered with no.
    Leaving,
    /// Builtins that a page has changed.
    Builtins,
    /// No `Sec-Fetch-*`.
    Phone,
    /// Below a path.
    Below,
    /// A switched root.
    Root,
    /// Reasons at the terminal.
    Terminal,
    /// Kept over a reload.
    Kept,
}

/// How the browser gets at the server.
#[derive(Clone, Copy)]
enum Way {
    /// By a local name.
    Localhost,
    /// By a name that is no local one, over plain HTTP.
    Phone,
    /// Through a proxy that serves it below this path, and takes that away.
    Stripped(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Edit {
    /// In a file, the first text becomes the second.
    Replace(&'static str, &'static str, &'static str),
    /// A file gets this text, or comes with it.
    Save(&'static str, &'static str),
    Remove(&'static str),
    /// A link leads there from now on, without a moment between.
    Link(&'static str, &'static str),
    /// The root goes, and comes again with this page.
    Remake(&'static str),
    /// Somebody asks for `https` where `http` is.
    TlsHello,
}

/// How the tab gets there.
#[derive(Clone, Copy)]
enum How {
    /// By at most one load an edit.
    Any,
    /// Nothing is loaded again.
    InPlace,
    /// The page is loaded again so often.
    Reloads(u64),
}

/// Stands for the bytes of ten seconds of silence.
const SILENCE: &str = "\0silence";

fn rows() -> Vec<Row> {
    let all = [
        scripts::ROWS,
        builtins::ROWS,
        places::ROWS,
        frames::ROWS,
        elements::ROWS,
        hosts::ROWS,
        kept::ROWS,
        kept::LEAVING,
    ];
    let wanted = env::var("LIVE_ROWS").unwrap_or_default();
    let rows = all.into_iter().flatten().copied();
    rows.filter(|row| format!("{:?} {}", row.kind, row.name).contains(&wanted)).collect()
}

#[test]
#[ignore = "needs chromium"]
fn every_tab_shows_what_a_fresh_load_shows_in_chromium() {
    run_all::<chromium::Profile>(&rows());
}

#[test]
#[ignore = "needs firefox-esr"]
fn every_tab_shows_what_a_fresh_load_shows_in_firefox() {
    run_all::<firefox::Profile>(&rows());
}

#[test]
fn rows_have_names_of_their_own_and_leave_no_kind_out() {
    let rows = rows();
    let mut names: Vec<_> = rows.iter().map(|row| (row.kind, row.name)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len());
    let mut kinds: Vec<_> = names.into_iter().map(|(kind, _)| kind).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 11, "{kinds:?}");
    assert!(rows.len() >= 80, "{} rows", rows.len());
}

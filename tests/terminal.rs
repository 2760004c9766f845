//! The start on a terminal, by a pseudo-terminal of `script`: the QR code for a phone.

mod common {
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
}

use common::program::{Folder, Program, SERVER, port_in};

const BLOCKS: [char; 3] = ['█', '▀', '▄'];

/// What stands between the banner and the line of the first request, on a terminal of this
/// size; and whether the banner has a URL for others.
fn below_banner(size: &str, variables: &[(&str, &str)], flags: &str) -> (Vec<String>, bool) {
    let folder = Folder::new(&[("pages/index.html", "home")]);
    let line = format!("stty {size}; exec {SERVER} --port 0 {flags}");
    let mut command = folder.command("script", &["-qec", &line, "/dev/null"]);
    command.envs([("TERM", "xterm"), ("LANG", "C.UTF-8")]).envs(variables.iter().copied());
    let mut program = Program::start(&folder, command);
    let started = program.stdout.wait_for(|line| line.starts_with("Server started on port "));
    program.port = port_in(started.trim_end());
    let mut has_url = false;
    loop {
        let line = program.stdout.take(1).remove(0);
        has_url |= line.starts_with("  Network  http://");
        if line.starts_with("  Stop") {
            break;
        }
    }
    program.get("/");
    let mut lines = Vec::new();
    loop {
        let line = program.stdout.take(1).remove(0);
        if line.contains("GET") {
            return (lines, has_url);
        }
        lines.push(line.trim_end().to_owned());
    }
}

#[test]
fn a_terminal_shows_a_qr_code_where_others_can_reach_the_site() {
    let (lines, has_url) = below_banner("rows 40 cols 80", &[("NO_COLOR", "1")], "--host 0.0.0.0");
    // A machine without a network has no URL for others.
    assert_eq!(!lines.is_empty(), has_url, "{lines:#?}");
    assert!(lines.iter().all(|line| line.chars().all(|c| c == ' ' || BLOCKS.contains(&c))));
    let (coloured, _) = below_banner("rows 40 cols 80", &[], "--host 0.0.0.0");
    assert_eq!(coloured.len(), lines.len());
    assert!(coloured.iter().all(|line| line.starts_with("\x1b[") && line.ends_with("\x1b[0m")));
}

#[test]
fn no_other_start_shows_one() {
    for (size, variables, flags) in [
        ("rows 40 cols 80", &[][..], ""),
        ("rows 12 cols 80", &[], "--host 0.0.0.0"),
        ("rows 40 cols 30", &[], "--host 0.0.0.0"),
        ("rows 40 cols 80", &[("TERM", "dumb")], "--host 0.0.0.0"),
        ("rows 40 cols 80", &[("LC_ALL", "C")], "--host 0.0.0.0"),
    ] {
        let (lines, _) = below_banner(size, variables, flags);
        assert_eq!(lines, Vec::<String>::new(), "{size} {variables:?} {flags}");
    }
    // A log for programs, and a pipe.
    let folder = Folder::new(&[("pages/index.html", "home")]);
    for flags in [&["--host", "0.0.0.0"][..], &["--host", "0.0.0.0", "--log", "json"]] {
        let mut command = folder.command(SERVER, &[&["--port", "0"], flags].concat());
        command.envs([("TERM", "xterm"), ("LANG", "C.UTF-8")]);
        let program = Program::start(&folder, command);
        program.signal(rustix::process::Signal::TERM);
        let ended = program.wait();
        assert!(!(ended.stdout + &ended.stderr).contains(BLOCKS), "{flags:?}");
    }
}

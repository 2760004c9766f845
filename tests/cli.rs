//! The program `server` from outside: what it says, how it ends, and that what
//! happens at its terminal never reaches those whom it serves.

mod common {
    pub(crate) mod program;
}

use std::{
    fs::{self, File},
    io::BufRead,
    net::TcpListener,
    process::Command,
};

use common::program::{Connection, Folder, Program, SERVER, port_in};
use rustix::process::Signal;
use serde_json::Value;

/// Two pages, one of them from two files.
const PAGES: &[(&str, &str)] = &[
    ("pages/index.html", "<h1>Home</h1>\n"),
    ("pages/about.html", "{% include \"_name.html\" %} of {{ site.title }}\n"),
    ("pages/_name.html", "About"),
    ("pages/style.css", "h1 { color: teal }\n"),
    ("pages/broken.html", "<p>\n{{ site.titel }}\n"),
];

/// More than the socket buffers between two programs hold.
const STUCK_BYTES: u64 = 64 << 20;

fn pages() -> Folder {
    Folder::new(PAGES)
}

/// Starts a server whose standard output is for programs to read.
fn serve_for_programs(folder: &Folder, format: &str) -> Program {
    let mut server = folder.start(&["--port", "0", "--log", format]);
    let line = server.stderr.wait_for(|line| line.starts_with("Server started"));
    server.port = port_in(&line);
    server
}

/// Opens a connection on which a response has begun and cannot go on, because
/// nobody reads it.
fn begin_stuck_response(folder: &Folder, server: &Program) -> Connection {
    // Opened without truncating, which would cut off those who are served from it.
    let file = File::options().create(true).append(true).open(folder.path("pages/large.bin"));
    let file = file.expect("a file of the test's own");
    file.set_len(STUCK_BYTES).expect("a file without data takes no room");
    let mut stuck = server.connect();
    stuck.send(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let head = stuck.receive_head();
    assert!(head.contains(&format!("Content-Length: {STUCK_BYTES}\r\n")), "{head}");
    stuck
}

/// Opens a connection that stays open after an answer.
fn keep_alive(server: &Program) -> Connection {
    let mut connection = server.connect();
    connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(connection.receive().starts_with("HTTP/1.1 200 "));
    connection
}

#[test]
fn says_where_the_site_is_and_how_to_stop() {
    let mut server = pages().serve(&["--threads", "2"]);
    assert_eq!(
        server.stdout.take(4),
        [
            &format!("  Site     http://localhost:{}", server.port),
            "  Folder   pages (3 pages)",
            "  Workers  2 threads",
            "  Stop     Ctrl-C",
        ]
    );
}

#[test]
fn a_site_that_a_tool_has_built_is_served_as_it_is_with_plain() {
    let files = [
        ("pages/index.html", "<p>{{ message }}</p>\n"),
        ("pages/_static/style.css", "p { color: teal }\n"),
        ("templates.toml", "public = ['_static/**']\n[templates]\nexclude = ['*.html']\n"),
        ("plain.toml", "templates.enabled = false\n"),
    ];
    let folder = Folder::new(&files);
    let mut server = folder.serve(&[]);
    let note = server.stderr.wait_for(|_| true);
    assert!(
        note.starts_with("note: this looks like a site that a tool has built, and `_static` is")
    );
    assert!(note.contains("`--plain`"), "{note}");
    assert!(server.get("/").starts_with("HTTP/1.1 500 "));
    assert!(server.get("/_static/style.css").contains("path /_static/style.css</p>"));
    for args in [&["--plain"][..], &["--config", "plain.toml"], &["--config", "templates.toml"]] {
        let server = folder.serve(args);
        for (target, (_, content)) in ["/", "/_static/style.css"].into_iter().zip(files) {
            let answer = server.get(target);
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(content), "{answer}");
        }
        server.signal(Signal::INT);
        assert_eq!(server.wait().stderr, "", "{args:?}");
    }
}

#[test]
fn the_default_port_moves_on_where_it_is_taken() {
    // Where this fails, another program has taken it, which is as good.
    let _taken = TcpListener::bind("127.0.0.1:8889");
    let mut server = pages().start(&[]);
    assert_eq!(server.stdout.take(1), ["Port 8889 is in use; taking the next free one"]);
    server.port = port_in(&server.stdout.wait_for(|_| true));
    assert!((8890..=8899).contains(&server.port), "{}", server.port);
    assert!(server.get("/").starts_with("HTTP/1.1 200 "));
    // A chosen port does not move on.
    let folder = pages();
    let mut with_variable = folder.command(SERVER, &[]);
    with_variable.env("PAGEPOOL_PORT", "8889");
    folder.write("port.toml", "port = 8889\n");
    for chosen in [
        folder.start(&["--port", "8889"]),
        folder.start(&["--config", "port.toml"]),
        Program::start(&folder, with_variable),
    ] {
        let ended = chosen.wait();
        assert_eq!(ended.code, Some(1), "{}", ended.stdout);
        assert!(ended.stderr.starts_with("error: port 8889 is already in use"), "{}", ended.stderr);
    }
}

#[test]
fn a_chosen_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for production in [&[][..], &["--production"]] {
        let ended = pages().start(&[&["--port", &port.to_string()], production].concat()).wait();
        assert_eq!(ended.code, Some(1));
        assert_eq!(
            ended.stderr,
            format!(
                "error: port {port} is already in use; choose another with `--port`, or let the \
                 system choose with `--port 0`\n"
            )
        );
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_root_that_is_no_folder_is_one_clear_line() {
    for (root, line) in [
        (
            "missing",
            "error: `missing` does not exist: name another folder with --root, or make a site with `server new my-site`\n",
        ),
        (
            "pages/index.html",
            "error: `pages/index.html` is not a folder: name the folder that holds your pages \
             with --root\n",
        ),
        (
            "\x1b[2J",
            "error: `\\x1b[2J` does not exist: name another folder with --root, or make a site with `server new my-site`\n",
        ),
    ] {
        let ended = pages().start(&["--root", root]).wait();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), line));
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_relative_root_is_followed_where_the_working_folder_is_switched() {
    let folder = Folder::new(&[("1/pages/a.html", "one"), ("2/pages/a.html", "two!")]);
    let switch_to = |release: &str| {
        std::os::unix::fs::symlink(release, folder.path("new")).expect("a link");
        fs::rename(folder.path("new"), folder.path("current")).expect("it is switched");
    };
    for (args, from_shell) in
        [(&["--port", "0"][..], true), (&["--port", "0", "--root", "."], false)]
    {
        switch_to("1");
        let place = folder.path(if from_shell { "current" } else { "1/pages" });
        let mut command = folder.command(SERVER, args);
        command.current_dir(&place);
        if from_shell {
            command.env("PWD", &place);
        }
        let server = Program::serve(&folder, command);
        assert!(server.get("/a").ends_with("one"));
        if from_shell {
            switch_to("2");
        } else {
            // The working folder goes, and another is put in its place.
            fs::rename(folder.path("1"), folder.path("old")).expect("it is renamed");
            assert!(server.get("/a").ends_with("one"));
            fs::rename(folder.path("2"), folder.path("1")).expect("it is renamed");
        }
        assert!(server.get("/a").ends_with("two!"), "{}", server.get("/a"));
    }
}

#[test]
fn a_root_that_cannot_be_read_is_one_clear_line() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root reads every folder");
        return;
    }
    let folder = pages();
    fs::set_permissions(folder.path("pages"), fs::Permissions::from_mode(0o000)).unwrap();
    let ended = folder.start(&[]).wait();
    fs::set_permissions(folder.path("pages"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("error: `pages` cannot be read ("), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1);
}

#[test]
fn a_bad_configuration_names_its_place_and_the_nearest_key() {
    let folder = pages();
    folder.write("config.toml", "threads = 2\nprot = 80\n");
    for args in [&[][..], &["--check-config"], &["--config", "config.toml"]] {
        let ended = folder.start(args).wait();
        assert_eq!(ended.code, Some(2), "{args:?}");
        assert_eq!(
            ended.stderr,
            "error: unknown key `prot`\n\
             \x20--> config.toml:2:1\n\
             \x20 |\n\
             2 | prot = 80\n\
             \x20 | ^^^^\n\
             \x20 |\n\
             help: did you mean `port`?\n"
        );
    }
}

#[test]
fn redirects_in_a_circle_are_refused_with_the_line_of_each() {
    let folder = pages();
    folder.write(
        "config.toml",
        "[[redirects]]\nfrom = \"/a\"\nto = \"/b/x\"\n\n[[redirects]]\nfrom = \"/b/:n\"\nto = \"/a\"\n",
    );
    for args in [&[][..], &["--check-config"]] {
        let ended = folder.start(args).wait();
        assert_eq!(ended.code, Some(2), "{args:?}");
        assert!(ended.stderr.contains("--> config.toml:3:6\n"), "{}", ended.stderr);
        assert!(ended.stderr.contains("--> config.toml:7:6\n"), "{}", ended.stderr);
        let way = "rules 1, 2 never end: `/a` -> `/b/x` -> `/a`\n";
        assert!(ended.stderr.ends_with(way), "{}", ended.stderr);
    }
}

#[test]
fn forbids_what_no_setting_takes() {
    for (args, part) in [
        (&["--prot", "80"][..], "a similar argument exists: '--port'"),
        (&["--threads", "1025"], "`--threads` takes"),
        (&["--config", "missing.toml"], "cannot read `missing.toml`"),
    ] {
        let ended = pages().start(args).wait();
        assert_eq!(ended.code, Some(2), "{args:?}");
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[test]
fn a_flag_wins_over_the_environment_over_the_file() {
    let folder = pages();
    folder.write("config.toml", "threads = 3\nquiet = true\n[site]\ntitle = \"File\"\n");
    for (variable, flags, workers) in [
        (None, &[][..], "  Workers  3 threads"),
        (Some("4"), &[], "  Workers  4 threads"),
        (Some("4"), &["--threads", "1"], "  Workers  1 thread"),
    ] {
        let mut command = folder.command(SERVER, &[&["--port", "0"], flags].concat());
        if let Some(threads) = variable {
            command.env("PAGEPOOL_THREADS", threads);
        }
        let mut server = Program::serve(&folder, command);
        assert_eq!(server.stdout.wait_for(|line| line.starts_with("  Workers")), workers);
        assert!(server.get("/about").ends_with("About of File\n"));
    }
}

#[test]
fn an_edited_configuration_shows_in_pages_without_a_restart() {
    let folder = pages();
    let write = |text: &str| folder.write("config.toml", text);
    write("quiet = true\n[site]\ntitle = \"First\"\nnote = \"x\"\n");
    let mut command = folder.command(SERVER, &["--port", "0", "--threads", "2"]);
    command.env("PAGEPOOL_SITE__NOTE", "of the environment");
    let mut server = Program::serve(&folder, command);
    folder.write("pages/note.html", "{{ site.note }} {{ '2026-07-01 12:00' | rfc3339 }}\n");
    assert!(server.get("/about").ends_with("About of First\n"));
    write("quiet = true\ntimezone = \"Asia/Tokyo\"\n[site]\ntitle = \"Second\"\n");
    assert!(server.get("/about").ends_with("About of Second\n"));
    let note = "of the environment 2026-07-01T12:00:00+09:00\n";
    assert!(server.get("/note").replace("&#x2b;", "+").ends_with(note));
    for (text, title, message) in [
        ("[site]\ntitle = \"Third\n", "Second", "error: invalid basic string"),
        (
            "editor = \"vscode\"\nquiet = true\n[live]\nwatch = false\n[site]\ntitle = \"Third\"\n",
            "Third",
            "restart needed: `editor`, `live.watch` have changed in `config.toml`",
        ),
    ] {
        write(text);
        let patience = std::time::Duration::from_millis(50);
        // A file that is malformed at first may be half of a save.
        let is_said = (0..100).any(|_| {
            assert!(server.get("/about").ends_with(&format!("About of {title}\n")));
            server.stderr.try_wait_for(|line| line.starts_with(message), patience).is_ok()
        });
        assert!(is_said, "{message}");
    }
    fs::remove_file(folder.path("config.toml")).unwrap();
    assert!(server.get("/about").ends_with("About of Third\n"));
    server.stderr.wait_for(|line| line.starts_with("warning: `config.toml` is gone"));
}

#[test]
fn the_example_configuration_is_valid() {
    let folder = pages();
    folder.write("config.toml", include_str!("../config.example.toml"));
    let ended = folder.start(&["--check-config"]).wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "the configuration is valid\n"));
}

#[test]
fn checking_the_configuration_starts_nothing() {
    let ended = Folder::new(&[]).start(&["--check-config", "--root", "missing"]).wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn explains_itself() {
    let help = pages().start(&["--help"]).wait();
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("server --root site --open"), "{}", help.stdout);
    let version = pages().start(&["--version"]).wait();
    assert_eq!(version.code, Some(0));
    assert_eq!(version.stdout, concat!("pagepool ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_signal_ends_it_though_a_connection_is_open() {
    for signal in [Signal::INT, Signal::TERM] {
        let server = pages().serve(&[]);
        let mut idle = keep_alive(&server);
        server.signal(signal);
        assert_eq!(idle.receive_rest(), b"");
        let ended = server.wait();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn what_was_begun_is_finished_before_the_end() {
    let folder = pages();
    for signal in [Signal::TERM, Signal::HUP, Signal::XCPU] {
        let server = Program::serve(&folder, with_hangups(&folder, &[]));
        let mut idle = keep_alive(&server);
        let mut stuck = begin_stuck_response(&folder, &server);
        server.signal(signal);
        // The end of the idle one tells that the signal has arrived.
        assert_eq!(idle.receive_rest(), b"");
        // A terminal that closes sends the signal twice.
        (0..2).filter(|_| signal == Signal::HUP).for_each(|_| server.signal(signal));
        assert_eq!(stuck.receive_rest().len() as u64, STUCK_BYTES);
        let ended = server.wait();
        assert_eq!(ended.code, Some(0), "{signal:?}");
        assert!(ended.stdout.contains("GET  /large.bin                   200  67.1 MB"));
    }
}

/// Starts the server with SIGHUP as it is in a terminal, even where these tests run
/// under `nohup`.
fn with_hangups(folder: &Folder, args: &[&str]) -> Command {
    let as_in_a_terminal = ["--default-signal=HUP", SERVER, "--port", "0"];
    folder.command("env", &[&as_in_a_terminal, args].concat())
}

#[test]
fn signals_are_handled_from_the_start() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let folder = pages();
        let pipe = folder.path("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("`mkfifo` is there").success());
        let command = with_hangups(&folder, &["--config", "pipe"]);
        let mut program = Program::start(&folder, command);
        // It opens once the program reads its settings, and holds it there.
        let held = fs::File::options().write(true).open(&pipe).expect("the other end is open");
        for (meaningless, name) in [(Signal::USR1, "SIGUSR1"), (Signal::ALARM, "SIGALRM")] {
            program.signal(meaningless);
            program.stderr.wait_for(|line| line.contains(name));
        }
        program.signal(signal);
        assert_eq!(program.wait().code, Some(code), "{signal:?}");
        drop(held);
    }
}

#[test]
fn nohup_keeps_it_when_the_terminal_closes() {
    let folder = pages();
    let nohup = "trap '' HUP; exec \"$0\" --port 0";
    let server = Program::serve(&folder, folder.command("sh", &["-c", nohup, SERVER]));
    let mut idle = keep_alive(&server);
    // Signals arrive in the order of their numbers, so this one before the next.
    server.signal(Signal::HUP);
    let mut server = server;
    server.signal(Signal::USR1);
    server.stderr.wait_for(|line| line.contains("SIGUSR1"));
    idle.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(idle.receive().starts_with("HTTP/1.1 200 "));
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code, Some(0));
}

#[test]
fn signals_without_a_meaning_are_ignored_and_said_so() {
    let mut server = pages().serve(&[]);
    let mut open = keep_alive(&server);
    for signal in [Signal::USR1, Signal::USR2, Signal::ALARM, Signal::VTALARM, Signal::PROF] {
        server.signal(signal);
        let line = server.stderr.wait_for(|_| true);
        assert!(line.ends_with(" has no meaning here and is ignored; SIGTERM ends the server"));
        open.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(open.receive().starts_with("HTTP/1.1 200 "));
    }
    // Those that no line is for.
    for signal in [Signal::XFSZ, Signal::PIPE, Signal::WINCH, Signal::CHILD, Signal::URG] {
        server.signal(signal);
    }
    server.signal(Signal::USR1);
    let line = server.stderr.wait_for(|_| true);
    assert!(line.starts_with("warning: SIGUSR1 "), "{line}");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code, Some(0));
}

#[test]
fn after_a_hangup_another_signal_ends_it_at_once() {
    let folder = pages();
    folder.write("config.toml", "shutdown_grace_secs = 3600\nstall_timeout_secs = 3600\n");
    let server = Program::serve(&folder, with_hangups(&folder, &[]));
    let mut idle = keep_alive(&server);
    let _stuck = begin_stuck_response(&folder, &server);
    server.signal(Signal::HUP);
    assert_eq!(idle.receive_rest(), b"");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code, Some(143));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let folder = pages();
        // Were the grace waited for, the test would lose its patience.
        folder.write("config.toml", "shutdown_grace_secs = 3600\nstall_timeout_secs = 3600\n");
        let server = folder.serve(&[]);
        let mut idle = keep_alive(&server);
        let _stuck = begin_stuck_response(&folder, &server);
        server.signal(signal);
        assert_eq!(idle.receive_rest(), b"");
        server.signal(signal);
        assert_eq!(server.wait().code, Some(code));
    }
}

#[test]
fn a_stuck_response_is_given_up_when_the_grace_is_over() {
    let folder = pages();
    folder.write("config.toml", "shutdown_grace_secs = 1\nstall_timeout_secs = 3600\n");
    let server = folder.serve(&[]);
    let _stuck = begin_stuck_response(&folder, &server);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code, Some(0));
}

#[test]
fn each_request_is_a_line_for_people() {
    let mut server = pages().serve(&[]);
    server.get("/about?x=1");
    let line = server.stdout.wait_for(|line| line.contains("/about"));
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1..6], ["GET", "/about?x=1", "200", "21", "B"]);
    // Two words are its duration.
    assert_eq!(words[8..], ["about.html", "+", "_name.html"]);
}

#[test]
fn each_request_is_a_line_for_apache_tools() {
    let mut server = serve_for_programs(&pages(), "combined");
    server.connect().ask_last(
        "GET / HTTP/1.1\r\nHost: localhost\r\nReferer: http://a/\r\nUser-Agent: a \"b\"\r\n",
    );
    let line = server.stdout.wait_for(|_| true);
    assert!(line.starts_with("127.0.0.1 - - ["), "{line}");
    let end = r#" +0000] "GET / HTTP/1.1" 200 14 "http://a/" "a \"b\"""#;
    assert!(line.ends_with(end), "{line}");
}

#[test]
fn each_request_is_a_json_object_and_nothing_else_is_on_stdout() {
    let mut server = serve_for_programs(&pages(), "json");
    for (target, source) in
        [("/about", "about.html + _name.html".into()), ("/no\"thing", Value::Null)]
    {
        server.get(target);
        let line = server.stdout.wait_for(|_| true);
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&object["target"], &object["source"]), (&target.into(), &source));
        assert_eq!(object["status"], 200);
    }
}

#[test]
fn quiet_leaves_out_the_lines_and_keeps_the_errors() {
    let mut server = pages().serve(&["--quiet"]);
    server.get("/");
    server.get("/broken");
    server.stderr.wait_for(|line| line.contains("--> broken.html:2:4"));
    server.signal(Signal::TERM);
    let ended = server.wait();
    assert!(ended.stdout.ends_with("  Stop     Ctrl-C\n"), "{}", ended.stdout);
}

#[test]
fn a_template_error_is_told_in_the_terminal_and_to_the_client_alike() {
    let mut server = pages().serve(&[]);
    let answer = server.get("/broken");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
    assert!(body.contains("--> broken.html:2:4"), "{body}");
    assert!(body.contains("help: did you mean `site.title`?"), "{body}");
    let report = server.stderr.take(body.lines().count());
    assert_eq!(report, body.lines().collect::<Vec<_>>());
}

#[test]
fn prints_heads_as_they_were_received() {
    let mut server = pages().serve(&["--print-requests", "--quiet"]);
    server.connect().ask_last("GET /?a HTTP/1.1\r\nhOsT:  localhost\r\nX: caf\u{e9}\tb\r\n");
    server.stdout.wait_for(|line| line.contains("Stop"));
    assert_eq!(
        server.stdout.take(5),
        ["GET /?a HTTP/1.1", "hOsT:  localhost", "X: caf\u{e9}\\tb", "Connection: close", ""]
    );
}

#[test]
fn no_request_acts_on_the_terminal() {
    // One worker writes down what it does in order.
    let mut server = pages().serve(&["--print-requests", "--threads", "1"]);
    for (bytes, shown) in [
        ("GET /\x1b[2J HTTP/1.1\r\n\r\n", "GET /\\x1b[2J HTTP/1.1"),
        ("GET / HTTP/1.1\r\nHost: a\x07\u{9b}2J\r\n\r\n", "Host: a\\x07\\u{9b}2J"),
    ] {
        let mut connection = server.connect();
        connection.send(bytes.as_bytes());
        assert!(connection.receive_head().starts_with("HTTP/1.1 400 "));
        server.stdout.wait_for(|line| line == shown);
    }
    server.signal(Signal::TERM);
    let ended = server.wait();
    let said = ended.stdout + &ended.stderr;
    assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
}

/// What is answered where a client does not show why, is said at the terminal: the bytes, the
/// status, and words of the line.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03", "400", "with http:// in place of https://"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", "HTTP/2"),
    ("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", "400", "`proxy_protocol off`"),
    ("\x05\x01\0", "400", "SOCKS"),
    ("CONNECT a.test:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", "405", "proxy settings"),
    ("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "421", "`--allowed-host a.test`"),
    ("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", "421", "`--allowed-host b.test`"),
];

#[test]
fn a_reason_that_nobody_sees_is_said_once_at_the_terminal() {
    let mut server = pages().serve(&["--threads", "1"]);
    let long = "x".repeat(20_000);
    let cookies = format!("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a={long}");
    let head = format!("GET / HTTP/1.1\r\nHost: localhost\r\nA: {long}");
    let target = format!("GET /{long}");
    let body = "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n";
    let socket = |fields: &str| {
        format!(
            "GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    };
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket";
    let foreign = socket(&format!("{upgrade}\r\nOrigin: http://a.test"));
    let sandboxed = socket(&format!("{upgrade}\r\nOrigin: null"));
    let stripped = socket("Connection: close");
    let more = [
        (&*cookies, "431", "delete its cookies"),
        (&head, "431", "`max_head_bytes`"),
        (&target, "414", "`max_target_bytes`"),
        (body, "413", "`max_body_bytes`"),
        (&foreign, "403", "compared with `Origin`"),
        (&sandboxed, "403", "`allow-same-origin`"),
        (&stripped, "426", "a proxy in between must pass on"),
    ];
    let all = UNSEEN.iter().copied().chain(more);
    for (bytes, status, words) in all {
        for _ in 0..3 {
            let mut connection = server.connect();
            connection.send(bytes.as_bytes());
            let answer = connection.receive_head();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{bytes:.40?}: {answer}");
        }
        let line = server.stderr.wait_for(|_| true);
        assert!(line.starts_with("warning: ") && line.contains(words), "{bytes:.40?}: {line}");
    }
    server.signal(Signal::TERM);
    let ended = server.wait();
    // None came twice, and what is no text is none of a request's line either.
    assert_eq!(ended.stderr, "");
    assert!(!ended.stdout.contains("\\x16"), "{}", ended.stdout);
}

#[test]
fn the_address_of_a_site_below_a_path_is_said_whole() {
    let folder = pages();
    folder.write(
        "config.toml",
        "base_path = \"/docs\"\n[[redirects]]\nfrom = \"/old\"\nto = \"/about\"\n",
    );
    let mut server = folder.serve(&[]);
    let url = format!("http://localhost:{}/docs/", server.port);
    server.stdout.wait_for(|line| line.ends_with(&url));
    assert!(server.get("/docs/about").starts_with("HTTP/1.1 200 "));
    assert!(server.get("/docs/old").contains("\r\nLocation: /docs/about\r\n"));
}

#[test]
fn a_blocked_terminal_stalls_nothing() {
    let (server, unread) = Program::serve_unread(&pages());
    // More lines than pipe and channel hold together.
    let mut connection = server.connect();
    for _ in 0..200 {
        connection.send(&b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100));
        for _ in 0..100 {
            assert!(connection.receive().starts_with("HTTP/1.1 200 "));
        }
    }
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code, Some(0));
    drop(unread);
}

#[test]
fn lines_that_a_blocked_terminal_costs_are_counted() {
    let (server, unread) = Program::serve_unread(&pages());
    let mut connection = server.connect();
    for _ in 0..200 {
        connection.send(&b"GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100));
        (0..100).for_each(|_| drop(connection.receive()));
    }
    let lost = unread.lines().map_while(Result::ok).find(|line| line.contains(MISSING)).unwrap();
    assert!(lost.ends_with(" are missing: the output was blocked"), "{lost}");
    assert!(lost.split(' ').nth(1).unwrap().parse::<u32>().unwrap() > 1000, "{lost}");
}

/// What the log says where lines could not be written.
const MISSING: &str = " lines of the access log are missing: ";

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_nothing_and_is_told_at_the_end() {
    let folder = pages();
    for (format, redirect) in [("json", ">/dev/full"), ("text", "2>/dev/full")] {
        let to_full = format!("exec \"$0\" --port 0 --log {format} {redirect}");
        let mut server = Program::start(&folder, folder.command("sh", &["-c", &to_full, SERVER]));
        let said = if format == "text" { &mut server.stdout } else { &mut server.stderr };
        server.port = port_in(&said.wait_for(|line| line.starts_with("Server started")));
        for _ in 0..3 {
            assert!(server.get("/").starts_with("HTTP/1.1 200 "));
            assert!(server.get("/broken").starts_with("HTTP/1.1 500 "));
        }
        server.signal(Signal::TERM);
        let ended = server.wait();
        assert_eq!(ended.code, Some(0));
        let told = "warning: 6 lines of the access log are missing: No space left on device";
        assert_eq!(ended.stderr.contains(told), format == "json", "{}", ended.stderr);
    }
    let checked = Program::start(
        &folder,
        folder.command("sh", &["-c", "exec \"$0\" --check-config >/dev/full", SERVER]),
    );
    assert_eq!(checked.wait().code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_goes_on_when_there_is_room_again() {
    use rustix::process::{Resource, Rlimit, prlimit};
    const REQUESTS: usize = 200;
    let is_warning = |line: &str| line.starts_with("warning: ") && line.contains(MISSING);
    for format in ["json", "combined"] {
        let folder = pages();
        folder.write("pages/wrong.html", "{{ site.titel }}");
        // In place of a disk that is full, a limit on the size of files.
        let limited =
            format!("ulimit -S -f 8; exec \"$0\" --port 0 --threads 1 --log {format} >>access.log");
        let mut server = Program::start(&folder, folder.command("sh", &["-c", &limited, SERVER]));
        server.port = port_in(&server.stderr.wait_for(|line| line.starts_with("Server started")));
        (0..REQUESTS).for_each(|_| drop(server.get("/")));
        // The report follows what its worker has logged before.
        server.get("/broken");
        server.stderr.wait_for(|line| line.contains("broken.html:2:4"));
        let none = Rlimit { current: None, maximum: None };
        prlimit(Some(server.pid()), Resource::Fsize, none).unwrap();
        server.get("/wrong");
        let told = (format == "combined").then(|| server.stderr.wait_for(is_warning));
        server.stderr.wait_for(|line| line.contains("wrong.html:1:4"));
        server.signal(Signal::TERM);
        let ended = server.wait();
        assert_eq!(ended.code, Some(0));

        let log = fs::read_to_string(folder.path("access.log")).unwrap();
        assert!(log.ends_with('\n'));
        let mut lines: Vec<&str> = log.lines().collect();
        let missing = match format {
            "json" => {
                let objects = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
                let notices: Vec<_> =
                    objects.filter_map(|object| object["missing_lines"].as_u64()).collect();
                assert_eq!(notices.len(), 1);
                lines.pop();
                notices[0] as usize
            }
            _ => {
                assert!(lines.iter().all(|line| line.starts_with("127.0.0.1 - - [")), "{log}");
                told.unwrap().split(' ').nth(1).unwrap().parse().unwrap()
            }
        };
        assert!(missing > 10 && missing < REQUESTS, "{missing}");
        assert_eq!(lines.len() + missing, REQUESTS + 2);
    }
}

#[test]
fn a_reader_that_leaves_does_not_end_it() {
    let (server, stdout) = Program::serve_unread(&pages());
    drop(stdout);
    for _ in 0..3 {
        assert!(server.get("/").starts_with("HTTP/1.1 200 "));
    }
    server.signal(Signal::TERM);
    let ended = server.wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn production_gives_no_details() {
    let mut server = pages().serve(&["--production"]);
    let broken = server.get("/broken");
    assert!(broken.starts_with("HTTP/1.1 500 "), "{broken}");
    assert!(broken.ends_with("\r\n\r\n500 Internal Server Error\n"), "{broken}");
    server.stderr.wait_for(|line| line.contains("--> broken.html:2:4"));
    let missing = server.get("/missing");
    assert!(missing.starts_with("HTTP/1.1 404 "), "{missing}");
    assert!(missing.ends_with("\r\n\r\n404 Not Found\n"), "{missing}");
}

#[test]
fn another_host_is_refused_with_the_setting_that_allows_it() {
    let server = pages().serve(&[]);
    let refused = server.connect().ask_last("GET / HTTP/1.1\r\nHost: my.test\r\n");
    assert!(refused.starts_with("HTTP/1.1 421 "), "{refused}");
    assert!(refused.contains("`--allowed-host my.test`"), "{refused}");
}

#[test]
fn an_allowed_host_is_answered() {
    for allowed in ["my.test", "*"] {
        let server = pages().serve(&["--allowed-host", "other.test", "--allowed-host", allowed]);
        let answer = server.connect().ask_last("GET / HTTP/1.1\r\nHost: my.test:80\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

/// The status of a request for the home page under `host`.
fn status_for(server: &Program, host: &str) -> String {
    let answer = server.connect().ask_last(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n"));
    answer.split(' ').nth(1).expect("a status").to_owned()
}

#[test]
fn an_open_server_answers_no_name_of_somebody_else() {
    let server = pages().serve(&["--host", "0.0.0.0", "--allowed-host", ".my.test"]);
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let label = name.split('.').next().unwrap().to_uppercase();
    for host in
        ["localhost", "127.0.0.1", "192.168.1.2:8889", "a.local", "a.my.test", &name, &label]
    {
        assert_eq!(status_for(&server, host), "200", "{host}");
    }
    let absolute = server.connect().ask_last("GET http://a.test/ HTTP/1.1\r\nHost: localhost\r\n");
    assert!(absolute.starts_with("HTTP/1.1 421 "), "{absolute}");
    assert!(absolute.contains("`--allowed-host a.test`"), "{absolute}");
    assert_eq!(status_for(&server, "a.test"), "421");
}

#[test]
fn a_rebound_page_reaches_no_live_socket() {
    let server = pages().serve(&["--host", "0.0.0.0"]);
    let handshake = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (host, origin, status) in [
        ("a.test", "http://a.test", "421"),
        ("localhost", "http://a.test", "403"),
        ("localhost", "http://localhost", "101"),
        ("192.168.1.2", "http://192.168.1.2", "101"),
    ] {
        let mut socket = server.connect();
        let head = format!(
            "GET /_pagepool/live HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n\
             Connection: Upgrade\r\n{handshake}\r\n"
        );
        socket.send(head.as_bytes());
        let answer = socket.receive_head();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host} {origin}: {answer}");
    }
}

#[test]
fn an_open_production_server_answers_any_name_until_one_is_allowed() {
    let open = ["--production", "--host", "0.0.0.0"];
    let server = pages().serve(&open);
    assert_eq!(status_for(&server, "a.test"), "200");
    let server = pages().serve(&[&open[..], &["--allowed-host", "my.test"]].concat());
    for (host, status) in [("my.test", "200"), ("localhost", "200"), ("a.test", "421")] {
        assert_eq!(status_for(&server, host), status, "{host}");
    }
}

/// What curl prints, which is on most machines; `None` where it is not.
fn curl(args: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["--silent", "--show-error"]).args(args).output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no curl");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("the test asks for text"))
}

#[test]
fn curl_gets_pages_assets_redirects_and_the_echo_page() {
    let folder = pages();
    folder.write("pages/docs/index.html", "{{ request.query.q }}");
    let server = folder.serve(&[]);
    let url = |target: &str| format!("http://localhost:{}{target}", server.port);
    for (args, expected) in [
        (&[&*url("/")][..], "<h1>Home</h1>\n"),
        (&["--http1.0", &url("/style.css")], "h1 { color: teal }\n"),
        (&["--location", &url("/docs?q=caf%C3%A9+au+lait")], "café au lait"),
        (&["--data", "a=b", "--write-out", "%{http_code}", "--output", "-", &url("/")], "405"),
        (&["--head", "--write-out", "%header{content-type}", &url("/style.css")], "text/css"),
        (
            &["--path-as-is", &url("/no/<such>?page")],
            "The server got a request with path /no/&lt;such&gt;?page",
        ),
        (
            &[&*url("/"), &url("/about"), "--write-out", " %{num_connects}"],
            "About of A test page\n 0",
        ),
    ] {
        let Some(printed) = curl(args) else { return };
        assert!(printed.contains(expected), "{args:?}: {printed}");
    }
}

/// Clock ticks of processor time that the process has used; 100 are a second.
#[cfg(target_os = "linux")]
fn processor_ticks(server: &Program) -> u64 {
    let pid = server.pid().as_raw_nonzero();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    let (_, after_name) = stat.rsplit_once(')').expect("a name");
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn too_few_descriptors_pause_it_and_never_let_it_spin() {
    let folder = pages();
    folder.write("config.toml", "threads = 2\nstall_timeout_secs = 3\n");
    let limited = "ulimit -n 32; exec \"$0\" --port 0";
    let command = folder.command("sh", &["-c", limited, SERVER]);
    let mut server = Program::serve(&folder, command);
    server.stderr.wait_for(|line| line.starts_with("warning: the system allows 16 "));

    // Five that are surely in the midst of an answer, with a file each, leave no
    // room for as many connections as the server would take.
    let mut clients: Vec<Connection> =
        (0..5).map(|_| begin_stuck_response(&folder, &server)).collect();
    clients.extend((0..100).map(|_| server.connect()));
    server.stderr.wait_for(|line| line.starts_with("warning: cannot accept connections: "));
    let before = processor_ticks(&server);
    // Three seconds later the first one is given up.
    server.stdout.wait_for(|line| line.contains("/large.bin"));
    let spent = processor_ticks(&server) - before;
    assert!(spent < 50, "{spent} ticks in 3 seconds");

    drop(clients);
    // Some are told to come again, as long as those who left are not all gone.
    let mut answers = (0..100).map(|_| server.get("/"));
    assert!(answers.any(|answer| answer.starts_with("HTTP/1.1 200 ")));
}

#[test]
fn rules_change_headers_redirect_paths_and_name_types() {
    let folder = pages();
    folder.write("pages/notes.gmi", "# Notes\n");
    folder.write("pages/app.3f9a2c1b.js", "let x;\n");
    folder.write("pages/own.html", "{{ request.path }}\n");
    folder.write(
        "config.toml",
        "production = true\n\
         [[headers]]\npath = \"/**\"\nset = { Content-Security-Policy = \"default-src 'self'\" }\n\
         [[headers]]\npath = \"/notes.gmi\"\nset = { Cache-Control = \"no-store\" }\n\
         [[redirects]]\nfrom = \"/old/:name\"\nto = \"/:name\"\nstatus = 308\n\
         [types]\ngmi = \"text/gemini; charset=utf-8\"\n",
    );
    let server = folder.serve(&[]);
    for (path, lines) in [
        ("/about", &["HTTP/1.1 200 OK", "Cache-Control: no-cache"][..]),
        ("/own", &["HTTP/1.1 200 OK", "Cache-Control: private, no-cache"]),
        ("/style.css", &["Cache-Control: public, max-age=3600"]),
        ("/app.3f9a2c1b.js", &["Cache-Control: public, max-age=31536000, immutable"]),
        ("/notes.gmi", &["Content-Type: text/gemini; charset=utf-8", "Cache-Control: no-store"]),
        ("/old/about?x=1", &["HTTP/1.1 308 Permanent Redirect", "Location: /about?x=1"]),
        ("/nothing", &["HTTP/1.1 404 Not Found", "Cache-Control: no-store"]),
    ] {
        let answer = server.get(path);
        for line in lines.iter().chain(&["Content-Security-Policy: default-src 'self'"]) {
            assert!(answer.lines().any(|found| found == *line), "{path}: {line} in {answer}");
        }
    }
}

#[test]
fn a_check_says_once_how_much_it_has_found() {
    for (link, code, summary) in [
        ("/none", 1, "1 error, 0 warnings, 0 notes in 1 page and 1 link\n"),
        ("/", 0, "0 errors, 0 warnings, 0 notes in 1 page and 1 link\n"),
    ] {
        let folder = Folder::new(&[("pages/index.html", &format!("<a href={link}>"))]);
        for format in ["text", "json", "github"] {
            let ended = folder.start(&["check", "--format", format]).wait();
            assert_eq!(ended.code, Some(code), "{link} {format}");
            let (people, programs) = match format {
                "text" => (&ended.stdout, &ended.stderr),
                _ => (&ended.stderr, &ended.stdout),
            };
            assert!(people.ends_with(summary), "{link} {format}: {people}");
            assert!(!programs.contains(" error"), "{link} {format}: {programs}");
            assert_eq!(people.matches("1 error").count(), usize::from(code == 1), "{people}");
        }
    }
}

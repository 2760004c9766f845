//! The thread with outputs in memory.

use std::{
    io::Write,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::UNIX_EPOCH,
};

use super::*;
use crate::{
    http::{StatusCode, response::Note},
    server::Exchange,
};

/// One output that both streams may share, as on a terminal.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that is full for a number of writes and then has room.
struct FullFor(usize, Memory);

impl Write for FullFor {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Err(io::ErrorKind::StorageFull.into())
            }
            None => self.1.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output whose reader is gone.
struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An output that blocks at each write until it is released.
struct Blocked {
    begun: Sender<()>,
    go_on: Receiver<()>,
    memory: Memory,
}

impl Write for Blocked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.send(()).unwrap();
        self.go_on.recv().unwrap();
        self.memory.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn exchange(target: &str, message: Option<&str>) -> Event {
    let note = Note { message: message.map(str::to_owned), ..Note::default() };
    Event::Exchange(Box::new(Exchange {
        peer: Ipv4Addr::LOCALHOST.into(),
        received: UNIX_EPOCH,
        duration: Duration::ZERO,
        request_line: format!("GET {target} HTTP/1.1"),
        head: None,
        referer: None,
        user_agent: None,
        body_bytes: 0,
        status: StatusCode::OK,
        note: note.into(),
    }))
}

fn start(
    format: Format,
    is_quiet: bool,
    lines: impl Write + Send + 'static,
    messages: impl Write + Send + 'static,
) -> (AccessLog, EventSender) {
    let formatter = Formatter::new(format, false, TimeZone::UTC);
    let (lines, messages) = (Output::new(Box::new(lines)), Output::new(Box::new(messages)));
    super::start(CAPACITY_BYTES, move || Writer::new(formatter, is_quiet, lines, messages)).unwrap()
}

/// What both streams show of `exchanges`: targets of lines, and messages whole.
fn shown(is_quiet: bool, exchanges: Vec<Event>) -> Vec<String> {
    let memory = Memory::default();
    let (log, sender) = start(Format::Combined, is_quiet, memory.clone(), memory.clone());
    exchanges.into_iter().for_each(|exchange| sender.send(exchange));
    drop(sender);
    log.finish(Duration::from_secs(60));
    let target = |line: &str| match line.split_once("GET ") {
        Some((_, rest)) => rest.split(' ').next().unwrap().to_owned(),
        None => line.to_owned(),
    };
    memory.text().lines().map(target).collect()
}

#[test]
fn writes_all_lines_in_order_before_it_ends() {
    let targets: Vec<String> = (0..3000).map(|n| format!("/{n}")).collect();
    let exchanges = targets.iter().map(|target| exchange(target, None)).collect();
    assert_eq!(shown(false, exchanges), targets);
}

#[test]
fn a_message_follows_its_line_and_is_not_repeated() {
    let messages =
        [("/a", None), ("/b", Some("one\n")), ("/c", Some("one\n")), ("/d", Some("two"))];
    let exchanges = || messages.map(|(target, message)| exchange(target, message)).to_vec();
    assert_eq!(shown(false, exchanges()), ["/a", "/b", "one", "/c", "/d", "two"]);
    assert_eq!(shown(true, exchanges()), ["one", "two"]);
}

#[test]
fn a_message_cannot_move_the_terminal() {
    let message = "a.html:1:2\n\t\x1b[2Jx";
    assert_eq!(shown(true, vec![exchange("/", Some(message))]), ["a.html:1:2", "\t\\x1b[2Jx"]);
}

#[test]
fn a_closed_pipe_ends_its_lines_and_nothing_else() {
    let memory = Memory::default();
    let (log, sender) = start(Format::Combined, false, ClosedPipe, memory.clone());
    sender.send(exchange("/a", Some("one")));
    sender.send(exchange("/b", Some("two")));
    drop(sender);
    log.finish(Duration::from_secs(60));
    assert_eq!(memory.text(), "one\ntwo\n");
}

/// A line for which there is no room in the output, and the notices of it in the log and
/// beside it.
fn shown_after_a_full_disk(format: Format) -> (String, String) {
    let (lines, messages) = (Memory::default(), Memory::default());
    let (log, sender) = start(format, false, FullFor(3, lines.clone()), messages.clone());
    // A message has the lines before it written, so each of these is tried by itself.
    for (target, message) in [
        ("/lost", "one"),
        ("/lost", "two"),
        ("/lost", "three"),
        ("/kept", "four"),
        ("/kept", "five"),
    ] {
        sender.send(exchange(target, Some(message)));
    }
    drop(sender);
    log.finish(Duration::from_secs(60));
    assert_eq!(lines.text().matches("/kept").count(), 2, "{}", lines.text());
    assert!(!lines.text().contains("/lost"));
    (lines.text(), messages.text())
}

#[test]
fn a_full_disk_silences_no_log_and_says_once_what_is_missing() {
    let (lines, messages) = shown_after_a_full_disk(Format::Text);
    let notice = lines.lines().next().unwrap();
    assert!(notice.ends_with(" 3 lines of the access log are missing: no storage space"));
    assert_eq!((lines.lines().count(), &*messages), (3, "one\ntwo\nthree\nfour\nfive\n"));

    let (lines, messages) = shown_after_a_full_disk(Format::Json);
    assert!(lines.starts_with(r#"{"time":""#));
    assert!(lines.contains(r#"Z","missing_lines":3,"reason":"no storage space"}"#), "{lines}");
    assert_eq!((lines.lines().count(), &*messages), (3, "one\ntwo\nthree\nfour\nfive\n"));

    let (lines, messages) = shown_after_a_full_disk(Format::Combined);
    assert!(lines.lines().all(|line| line.starts_with("127.0.0.1 - - [")), "{lines}");
    assert_eq!(
        (lines.lines().count(), &*messages),
        (
            2,
            "one\ntwo\nthree\nwarning: 3 lines of the access log are missing: no storage space\n\
             four\nfive\n"
        )
    );
}

#[test]
fn messages_that_found_no_room_are_counted_and_not_taken_for_said() {
    let messages = Memory::default();
    let (log, sender) = start(Format::Text, true, Memory::default(), FullFor(1, messages.clone()));
    sender.send(Event::Message("same".to_owned()));
    sender.send(Event::Message("same".to_owned()));
    drop(sender);
    log.finish(Duration::from_secs(60));
    assert_eq!(messages.text(), "warning: 1 message is missing: no storage space\nsame\n");
}

#[test]
fn what_was_never_said_of_the_log_is_said_beside_it_at_the_end() {
    let messages = Memory::default();
    let full = FullFor(usize::MAX, Memory::default());
    let (log, sender) = start(Format::Text, false, full, messages.clone());
    sender.send(exchange("/a", None));
    drop(sender);
    log.finish(Duration::from_secs(60));
    let said = "warning: 1 line of the access log is missing: no storage space\n";
    assert_eq!(messages.text(), said);
}

#[test]
fn a_count_of_missing_lines_outlives_a_full_disk_of_both_streams() {
    let (lines, messages) = (Memory::default(), Memory::default());
    // A line that is lost, one that is taken, and a notice that finds no room beside it.
    let (log, sender) =
        start(Format::Combined, false, FullFor(1, lines.clone()), FullFor(2, messages.clone()));
    for (target, message) in [("/lost", "one"), ("/kept", "two"), ("/kept", "three")] {
        sender.send(exchange(target, Some(message)));
    }
    drop(sender);
    log.finish(Duration::from_secs(60));
    assert_eq!(lines.text().matches("/kept").count(), 2, "{}", lines.text());
    let said = "1 line of the access log is missing: no storage space\n";
    assert_eq!(messages.text().matches(said).count(), 1, "{}", messages.text());
}

#[test]
fn the_start_is_said_where_no_program_reads() {
    for (format, is_line) in
        [(Format::Text, true), (Format::Combined, false), (Format::Json, false)]
    {
        let (lines, messages) = (Memory::default(), Memory::default());
        let (log, sender) = start(format, true, lines.clone(), messages.clone());
        let picture = "\x1b[1m#\x1b[0m\n".to_owned();
        sender.send(Event::Started { text: "a\n  b\n".to_owned(), picture: picture.clone() });
        drop(sender);
        log.finish(Duration::from_secs(60));
        let (said, silent) = if is_line { (lines, messages) } else { (messages, lines) };
        let expected = "a\n  b\n".to_owned() + if is_line { &picture } else { "" };
        assert_eq!((said.text(), silent.text()), (expected, String::new()));
    }
}

#[test]
fn a_blocked_output_loses_lines_and_says_how_many() {
    let memory = Memory::default();
    let (begun, has_begun) = crossbeam_channel::unbounded();
    let (go_on, may_go_on) = crossbeam_channel::unbounded();
    let blocked = Blocked { begun, go_on: may_go_on, memory: memory.clone() };
    let formatter = Formatter::new(Format::Combined, false, TimeZone::UTC);
    let (lines, messages) = (Output::new(Box::new(blocked)), Output::new(Box::new(memory.clone())));
    let room = 2 * exchange("/kept", None).bytes();
    let writer = Writer::new(formatter, false, lines, messages);
    let (log, sender) = super::start(room, move || writer).unwrap();

    sender.send(exchange("/wait", None));
    has_begun.recv().unwrap();
    for target in ["/kept", "/kept", "/lost", "/lost", "/lost"] {
        sender.send(exchange(target, None));
    }
    // The first write, and that of the two lines that were kept.
    go_on.send(()).unwrap();
    go_on.send(()).unwrap();
    drop(sender);
    log.finish(Duration::from_secs(60));

    let text = memory.text();
    assert!(
        text.contains("\nwarning: 3 lines of the access log are missing: the output was blocked\n")
    );
    assert_eq!(text.matches("/kept").count(), 2);
    assert!(!text.contains("GET /lost"));
}

#[test]
fn the_end_does_not_wait_for_a_blocked_output() {
    let (begun, has_begun) = crossbeam_channel::unbounded();
    let (_go_on, may_go_on) = crossbeam_channel::unbounded();
    let blocked = Blocked { begun, go_on: may_go_on, memory: Memory::default() };
    let (log, sender) = start(Format::Combined, false, blocked, io::sink());
    sender.send(exchange("/", None));
    drop(sender);
    has_begun.recv().unwrap();
    log.finish(Duration::ZERO);
}

//! The thread with outputs in memory.

use std::{
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

/// An output that blocks at each write until it is told to go on.
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
    is_quiet: bool,
    capacity: usize,
    lines: Output,
    messages: Output,
) -> (AccessLog, EventSender) {
    let formatter = Formatter::new(Format::Combined, false, TimeZone::UTC);
    Writer::new(formatter, is_quiet, lines, messages).start(capacity).unwrap()
}

/// What both streams show of `exchanges`: targets of lines, and messages whole.
fn shown(is_quiet: bool, exchanges: Vec<Event>) -> Vec<String> {
    let memory = Memory::default();
    let outputs = (Box::new(memory.clone()), Box::new(memory.clone()));
    let (log, sender) = start(is_quiet, CAPACITY, outputs.0, outputs.1);
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
    let outputs = (Box::new(ClosedPipe), Box::new(memory.clone()));
    let (log, sender) = start(false, CAPACITY, outputs.0, outputs.1);
    sender.send(exchange("/a", Some("one")));
    sender.send(exchange("/b", Some("two")));
    drop(sender);
    log.finish(Duration::from_secs(60));
    assert_eq!(memory.text(), "one\ntwo\n");
}

#[test]
fn a_blocked_output_loses_lines_and_says_how_many() {
    let memory = Memory::default();
    let (begun, has_begun) = crossbeam_channel::unbounded();
    let (go_on, may_go_on) = crossbeam_channel::unbounded();
    let blocked = Blocked { begun, go_on: may_go_on, memory: memory.clone() };
    let (log, sender) = start(false, 2, Box::new(blocked), Box::new(memory.clone()));

    sender.send(exchange("/written", None));
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
    assert!(text.contains("\n3 lines of the access log are lost: the output was blocked\n"));
    assert_eq!(text.matches("/kept").count(), 2);
    assert!(!text.contains("GET /lost"));
}

#[test]
fn the_end_does_not_wait_for_a_blocked_output() {
    let (begun, has_begun) = crossbeam_channel::unbounded();
    let (_go_on, may_go_on) = crossbeam_channel::unbounded();
    let blocked = Blocked { begun, go_on: may_go_on, memory: Memory::default() };
    let (log, sender) = start(false, 2, Box::new(blocked), Box::new(io::sink()));
    sender.send(exchange("/", None));
    drop(sender);
    has_begun.recv().unwrap();
    log.finish(Duration::ZERO);
}

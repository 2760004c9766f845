//! A connection that goes on as a WebSocket, driven by hand.

use super::*;
use crate::server::scripted::SessionHandler;

/// Says back what it hears.
fn talker() -> Arc<SessionHandler> {
    Arc::new(SessionHandler::new(|outbox, text| {
        assert_ne!(text, "panic", "as the test wants");
        // What does not fit is for the client to do without.
        let _ = outbox.send(text);
    }))
}

const SILENT: Next = Next::Wait(Waiting { deadline: Deadline::Silence, has_progressed: false });
const HEARD: Next = Next::Wait(Waiting { deadline: Deadline::Silence, has_progressed: true });

/// A frame of a client whose mask changes nothing.
fn frame(first_byte: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let head = [first_byte, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
    [&head, payload].concat()
}

fn text(payload: &str) -> Vec<u8> {
    frame(0x81, payload)
}

/// A short frame of the server.
fn said(first_byte: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [&[first_byte, u8::try_from(payload.len()).unwrap()], payload].concat()
}

fn talking() -> Bench {
    let mut bench = Bench::with(talker());
    bench.send(&get("/"), 1000);
    bench
}

/// What the server has said after its 101.
fn frames(bench: &Bench) -> Vec<u8> {
    let written = bench.client.received.borrow();
    let head = written.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    written[head + 4..].to_vec()
}

fn expire(bench: &mut Bench, deadline: Deadline) -> Next {
    bench.turn(|connection, turn| connection.expire(turn, deadline))
}

#[test]
fn a_101_says_no_length_and_is_written_down() {
    let mut bench = Bench::with(talker());
    assert_eq!(bench.send(&get("/"), 1000), HEARD);
    let head = bench.written();
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{head}");
    assert!(
        head.contains("\r\nConnection: Upgrade\r\n") && !head.contains("Content-Length"),
        "{head}"
    );
    let Event::Exchange(exchange) = bench.workspace.events.remove(0) else { panic!() };
    assert_eq!((exchange.status.as_u16(), exchange.body_bytes), (101, 0));
}

#[test]
fn a_101_with_nobody_who_talks_is_a_500() {
    let mut bench = Bench::with(talker());
    assert_eq!(bench.send(&get("/nobody"), 1000), IDLE);
    assert!(bench.answers()[0].starts_with("500 "));
}

#[test]
fn texts_do_not_depend_on_how_the_bytes_were_split() {
    let talk = [
        get("/").into_bytes(),
        text("one"),
        frame(0x01, "t"),
        frame(0x89, "ping"),
        frame(0x80, "wo"),
        text(""),
    ]
    .concat();
    let expected = [said(0x81, "one"), said(0x8A, "ping"), said(0x81, "two"), said(0x81, "")];
    for size in [1, 2, 3, 7, 50, 2000] {
        let mut bench = Bench::with(talker());
        assert_eq!(bench.send(&talk, size), HEARD);
        assert_eq!(frames(&bench), expected.concat(), "in pieces of {size}");
    }
}

#[test]
fn what_comes_with_the_handshake_waits_for_a_101_that_is_held_up() {
    let mut bench = Bench::with(talker());
    bench.client.window.set(10);
    bench.send(&[get("/").into_bytes(), text("one")].concat(), 1000);
    bench.client.window.set(usize::MAX);
    assert_eq!(bench.settle(), HEARD);
    assert_eq!(frames(&bench), said(0x81, "one"));
}

#[test]
fn a_slow_reader_gets_every_byte_of_a_text() {
    let mut bench = talking();
    let long = "x".repeat(125);
    bench.client.window.set(0);
    bench.send(&[text(&long), text("then")].concat(), 1000);
    for window in [1, 7, 100] {
        bench.client.window.set(window);
        assert_eq!(bench.settle(), HEARD);
    }
    bench.client.window.set(usize::MAX);
    assert_eq!(bench.settle(), HEARD);
    assert_eq!(bench.settle(), SILENT);
    assert_eq!(frames(&bench), [said(0x81, &long), said(0x81, "then")].concat());
}

/// Sends a ping again and again, and says how many it took until the connection closed.
fn pings_until_closed(bench: &mut Bench, ping: &[u8], max: usize) -> usize {
    let is_last = |_: &usize| {
        bench.arrive(ping);
        bench.settle() == Next::Close
    };
    (1..max).find(is_last).expect("it closes")
}

#[test]
fn answers_to_a_client_that_does_not_read_wait_up_to_16_kb_and_then_it_is_lost() {
    for (name, before, frame_of_client, answer_bytes) in [
        ("pings", vec![], frame(0x89, "x".repeat(125)), 127),
        ("empty pings", vec![], frame(0x89, ""), 2),
        ("pings in a message", frame(0x01, "in "), frame(0x89, "four"), 6),
        ("pings behind a text", text("on its way"), frame(0x89, "x".repeat(125)), 127),
    ] {
        let mut bench = talking();
        bench.client.window.set(0);
        bench.send(&before, 1000);
        let fit = 16 * 1024 / answer_bytes;
        let answered = pings_until_closed(&mut bench, &frame_of_client, 2 * fit);
        assert!(answered == fit || answered == fit + 1, "{name}: {answered} of {fit}");
    }
}

#[test]
fn pings_that_are_read_late_are_all_answered() {
    let mut bench = talking();
    bench.client.window.set(0);
    let pings: Vec<u8> = (0..1000).flat_map(|n| frame(0x89, format!("{n:04}"))).collect();
    bench.send(&pings, 100_000);
    bench.client.window.set(usize::MAX);
    assert_eq!(bench.settle(), HEARD);
    let pongs: Vec<u8> = (0..1000).flat_map(|n| said(0x8A, format!("{n:04}"))).collect();
    assert_eq!(frames(&bench), pongs);
}

#[test]
fn a_client_that_talks_and_does_not_read_is_given_up() {
    let mut bench = talking();
    bench.client.window.set(0);
    bench.send(&text("a"), 1000);
    for _ in 0..10 {
        // What it says is heard, and no sign that it reads.
        assert_eq!(bench.send(&text("a").repeat(1000), 10_000), SILENT);
    }
    assert_eq!(expire(&mut bench, Deadline::Silence), SILENT);
    assert_eq!(bench.send(&[text("a"), frame(0x8A, "")].concat(), 1000), SILENT);
    assert_eq!(expire(&mut bench, Deadline::Silence), Next::Close);
}

#[test]
fn a_client_that_reads_a_little_at_a_time_is_not_given_up() {
    let mut bench = talking();
    bench.client.window.set(0);
    bench.send(&text(&"x".repeat(100)), 1000);
    for _ in 0..10 {
        assert_eq!(expire(&mut bench, Deadline::Silence), SILENT);
        bench.client.window.set(3);
        assert_eq!(bench.settle(), HEARD);
    }
}

#[test]
fn half_a_message_is_no_sign_of_life() {
    for bytes in [&text("a whole one")[..9], &frame(0x01, "fragment"), &[0x81]] {
        let mut bench = talking();
        assert_eq!(bench.send(bytes, 1), SILENT);
        assert_eq!(expire(&mut bench, Deadline::Silence), SILENT);
        assert_eq!(bench.send(&[0x81], 1), SILENT);
        assert_eq!(expire(&mut bench, Deadline::Silence), Next::Close);
    }
}

#[test]
fn fragments_that_never_end_give_the_turn_back_and_are_refused() {
    for fragment in [frame(0x00, ""), frame(0x00, "x"), frame(0x00, "x".repeat(125))] {
        let mut bench = talking();
        bench.send(&frame(0x01, "begin"), 1000);
        bench.arrive(fragment.repeat(1_000_000 / fragment.len()));
        let before = unread(&bench);
        assert!(matches!(bench.drive(), Next::Again(_) | Next::Wait(_)));
        assert!(before - unread(&bench) <= 32 * 4096, "in one turn");
        let next = bench.settle();
        assert!(matches!(next, Next::Wait(Waiting { deadline: Deadline::Linger, .. })), "{next:?}");
        let frames = frames(&bench);
        assert_eq!((frames[0], &frames[2..4]), (0x88, &1009_u16.to_be_bytes()[..]));
    }
    // Pongs between them change nothing.
    let mut bench = talking();
    bench.send(&frame(0x01, "begin"), 1000);
    let pair = [frame(0x00, ""), frame(0x8A, "x".repeat(100))].concat();
    bench.send(&pair.repeat(20_000), 10_000);
    assert!(frames(&bench).starts_with(&[0x88]));
}

#[test]
fn a_client_that_is_silent_between_pongs_is_not_refused() {
    let mut bench = talking();
    for _ in 0..50_000 {
        bench.send(&frame(0x8A, ""), 1000);
    }
    assert!(frames(&bench).is_empty());
}

/// The bytes that the server has not read.
fn unread(bench: &Bench) -> usize {
    bench.client.sent.borrow().len()
}

#[test]
fn a_close_that_is_read_slowly_ends_by_its_deadline() {
    let mut bench = talking();
    bench.client.window.set(0);
    bench.send(&[text(&"x".repeat(100)), frame(0x88, [0x03, 0xE9])].concat(), 1000);
    for _ in 0..10 {
        bench.client.window.set(1);
        let lingering = Waiting { deadline: Deadline::Linger, has_progressed: false };
        assert_eq!(bench.settle(), Next::Wait(lingering));
    }
    assert_eq!(expire(&mut bench, Deadline::Linger), Next::Close);
}

#[test]
fn a_talk_that_never_pauses_does_not_keep_the_turn() {
    let mut bench = talking();
    bench.arrive(text("a").repeat(50));
    let next = bench.drive();
    assert!(matches!(next, Next::Again(Waiting { has_progressed: true, .. })), "{next:?}");
}

#[test]
fn a_silent_client_is_asked_once_and_then_given_up() {
    let mut bench = talking();
    assert_eq!(expire(&mut bench, Deadline::Silence), SILENT);
    assert_eq!(frames(&bench), said(0x89, ""));
    assert_eq!(bench.send(&frame(0x8A, ""), 1000), HEARD);
    assert_eq!(expire(&mut bench, Deadline::Silence), SILENT);
    assert_eq!(expire(&mut bench, Deadline::Silence), Next::Close);
}

#[test]
fn says_why_it_ends_and_drops_what_still_comes() {
    for (sent, code) in [
        (frame(0x82, "binary"), 1003),
        (frame(0x83, "reserved"), 1002),
        (frame(0xC1, "compressed"), 1002),
        (vec![0x81, 1, b'u'], 1002),
        (vec![0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
        (vec![0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, 0, 0], 1009),
        (text("panic"), 1011),
    ] {
        let mut bench = talking();
        let next = bench.send(&[sent, text("more")].concat(), 1000);
        assert!(matches!(next, Next::Wait(Waiting { deadline: Deadline::Linger, .. })), "{next:?}");
        let frames = frames(&bench);
        assert_eq!(frames[0], 0x88);
        assert_eq!(u16::from_be_bytes([frames[2], frames[3]]), code);
        assert_eq!(frames.len(), usize::from(frames[1]) + 2, "{code}");
        assert!(bench.client.is_shut.get());
        bench.end();
        assert_eq!(bench.settle(), Next::Close);
    }
}

#[test]
fn a_close_frame_that_is_held_up_goes_out_later_or_is_given_up() {
    for comes_out in [true, false] {
        let mut bench = talking();
        bench.client.window.set(0);
        bench.send(&frame(0x88, [0x03, 0xE9]), 1000);
        assert_eq!(
            bench.settle(),
            Next::Wait(Waiting { deadline: Deadline::Linger, has_progressed: false })
        );
        if comes_out {
            bench.client.window.set(usize::MAX);
            bench.settle();
            assert!(bench.client.is_shut.get() && frames(&bench).starts_with(&[0x88]));
        } else {
            assert_eq!(expire(&mut bench, Deadline::Linger), Next::Close);
        }
    }
}

#[test]
fn a_stopping_server_goes_away() {
    let mut bench = talking();
    bench.is_stopping = true;
    bench.settle();
    assert_eq!(frames(&bench), said(0x88, b"\x03\xE9the server stops"));
    assert!(bench.client.is_shut.get());
}

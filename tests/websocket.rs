//! WebSockets: sessions that live in the pool beside ordinary connections.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    io::Write,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, SystemTime},
};

use common::{Client, PATIENCE, TestServer, options, single_worker};
use pagepool::{
    http::{StatusCode, answer, error::Refusal, request::Request, response::Response, websocket},
    server::{Event, Handler, Options, Outbox, Session},
};
use tungstenite::{
    Error, Message, WebSocket,
    protocol::{CloseFrame, Role, frame::coding::CloseCode},
};

/// `/talk` opens a session; all else is said back as a page.
struct ListeningHandler {
    happened: Mutex<Sender<Happened>>,
}

/// What the test is told of.
enum Happened {
    Opened(Outbox),
    Dropped,
}

/// Says back what it hears.
struct EchoSession {
    outbox: Outbox,
    happened: Sender<Happened>,
}

impl Handler for ListeningHandler {
    fn handle(&self, request: &Request<'_>, _now: SystemTime) -> answer::Answer {
        if request.target.path() != "/talk" {
            return Response::text(StatusCode::OK, request.target.path()).into();
        }
        let refuse = |error: websocket::HandshakeError<'_>| {
            error.complete(Response::text(error.status(), error.to_string()))
        };
        websocket::accept(request).unwrap_or_else(refuse).into()
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }

    fn open_session(&self, _request: &Request<'_>, outbox: Outbox) -> Option<Box<dyn Session>> {
        let happened = self.happened.lock().unwrap().clone();
        // The test may have seen enough.
        let _ = happened.send(Happened::Opened(outbox.clone()));
        Some(Box::new(EchoSession { outbox, happened }))
    }
}

impl Session for EchoSession {
    fn receive(&mut self, text: &str) {
        // What does not fit is for the client to do without.
        let _ = self.outbox.send(text);
    }
}

impl Drop for EchoSession {
    fn drop(&mut self) {
        let _ = self.happened.send(Happened::Dropped);
    }
}

/// A server with the end at which the test is told what happens.
struct Talks {
    server: TestServer,
    happened: Receiver<Happened>,
}

/// A client that has shaken hands, and the server's outbox to it.
struct Talking {
    socket: WebSocket<Client>,
    outbox: Outbox,
}

const HANDSHAKE: &str = "GET /talk HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

impl Talks {
    fn start(options: Options) -> Self {
        let (sender, happened) = mpsc::channel();
        let handler = Arc::new(ListeningHandler { happened: Mutex::new(sender) });
        Self { server: TestServer::start(handler, options), happened }
    }

    /// A client that has read its 101, and nothing more.
    fn shake_hands(&self) -> (Client, Outbox) {
        let mut client = self.server.connect();
        client.send(HANDSHAKE);
        let head = client.head();
        assert!(head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        match self.happened.recv_timeout(PATIENCE).unwrap() {
            Happened::Opened(outbox) => (client, outbox),
            Happened::Dropped => panic!("a session has ended"),
        }
    }

    fn talk(&self) -> Talking {
        let (client, outbox) = self.shake_hands();
        let socket = WebSocket::from_raw_socket(client, Role::Client, None);
        Talking { socket, outbox }
    }

    fn wait_for_drop(&self) {
        let happened = self.happened.recv_timeout(PATIENCE).unwrap();
        assert!(matches!(happened, Happened::Dropped));
    }
}

impl Talking {
    fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    fn hear(&mut self) -> String {
        self.socket.read().unwrap().into_text().unwrap().to_string()
    }

    /// The code with which the server ends the talk, and then closes.
    fn end(mut self) -> u16 {
        let Message::Close(Some(frame)) = self.socket.read().unwrap() else { panic!() };
        let end = self.socket.read();
        assert!(matches!(end, Err(Error::ConnectionClosed)), "{end:?}");
        frame.code.into()
    }
}

/// A frame of a client whose mask changes nothing.
fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let head = [first_byte, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
    [&head, payload].concat()
}

fn send(outbox: &Outbox, text: &Arc<str>) {
    assert!(outbox.send(Arc::clone(text)), "there is room");
}

#[test]
fn what_is_said_is_heard() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    let long = "long ".repeat(3000);
    for text in ["hello", "", "grüß dich", &long] {
        client.say(text);
        assert_eq!(client.hear(), text);
    }
}

#[test]
fn frames_may_come_byte_by_byte_and_in_fragments() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    let bytes = [frame(0x01, b"in "), frame(0x00, "stückch\u{65}".as_bytes()), frame(0x80, b"n")];
    for byte in bytes.concat() {
        client.socket.get_mut().write_all(&[byte]).unwrap();
    }
    assert_eq!(client.hear(), "in stückchen");
}

#[test]
fn frames_that_come_with_the_handshake_are_heard() {
    let talks = Talks::start(options());
    let mut client = talks.server.connect();
    client.send([HANDSHAKE.as_bytes(), &frame(0x81, b"early")].concat());
    client.head();
    assert_eq!(client.take(7), b"\x81\x05early");
}

#[test]
fn a_ping_is_answered_between_the_fragments_of_a_text() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    let bytes = [frame(0x01, b"a"), frame(0x89, b"there?"), frame(0x80, b"b")];
    client.socket.get_mut().send(bytes.concat());
    assert_eq!(client.socket.read().unwrap(), Message::Pong("there?".into()));
    assert_eq!(client.hear(), "ab");
}

#[test]
fn a_client_that_closes_is_answered_and_its_session_dropped() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    let reason = CloseFrame { code: CloseCode::Normal, reason: "bye".into() };
    client.socket.close(Some(reason)).unwrap();
    assert_eq!(client.end(), 1000);
    talks.wait_for_drop();
}

#[test]
fn whoever_breaks_the_protocol_is_told_how() {
    let talks = Talks::start(options());
    let too_large = [&[0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, 0, 0], [b'x'; 9].as_slice()];
    for (sent, code) in [
        (vec![0x81, 2, b'h', b'i'], 1002),
        (frame(0x81, b"\xC3\x28"), 1007),
        (too_large.concat(), 1009),
    ] {
        let mut client = talks.talk();
        client.socket.get_mut().send(sent);
        assert_eq!(client.end(), code);
        talks.wait_for_drop();
    }
}

#[test]
fn a_text_as_long_as_allowed_is_heard_and_a_longer_one_refused() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    let half = "x".repeat(8 * 1024);
    client.say(&half.repeat(2));
    assert_eq!(client.hear().len(), 16 * 1024);
    client.say(&format!("{}x", half.repeat(2)));
    assert_eq!(client.end(), 1009);
}

#[test]
fn a_hundred_sessions_leave_the_workers_free() {
    let talks = Talks::start(options());
    let mut clients: Vec<Talking> = (0..100).map(|_| talks.talk()).collect();
    assert_eq!(talks.server.get("/page").text(), "/page");
    for (n, client) in clients.iter_mut().enumerate() {
        client.say(&n.to_string());
        assert_eq!(client.hear(), n.to_string());
    }
}

#[test]
fn what_another_thread_sends_arrives_at_once_and_in_order() {
    let talks = Talks::start(options());
    let mut clients = [talks.talk(), talks.talk(), talks.talk()];
    let outboxes = clients.each_ref().map(|client| client.outbox.clone());
    let (ask, asked) = mpsc::channel::<usize>();
    let sender = thread::spawn(move || {
        for n in asked {
            let text: Arc<str> = n.to_string().into();
            outboxes.iter().for_each(|outbox| send(outbox, &text));
        }
    });
    // One by one, so that each must wake its worker; and then in a heap.
    for n in 0..500 {
        ask.send(n).unwrap();
        for client in &mut clients {
            assert_eq!(client.hear(), n.to_string());
        }
    }
    (500..700).for_each(|n| ask.send(n).unwrap());
    for client in &mut clients {
        for n in 500..700 {
            assert_eq!(client.hear(), n.to_string());
        }
    }
    drop(ask);
    sender.join().unwrap();
}

#[test]
fn a_client_that_pings_and_does_not_read_is_dropped() {
    let talks = Talks::start(single_worker());
    for ping in [frame(0x89, &[b'x'; 125]), frame(0x89, b""), frame(0x89, b"four")] {
        let (mut client, _outbox) = talks.shake_hands();
        // Far more than the sockets hold; it fails where the connection is closed.
        let pings = ping.repeat(64 * 1024 / ping.len());
        let is_closed = (0..4096).any(|_| client.try_send(&pings).is_err());
        assert!(is_closed, "after 256 MiB");
        talks.wait_for_drop();
        assert_eq!(talks.server.get("/page").status, 200);
    }
}

#[test]
fn texts_for_a_client_that_does_not_read_are_refused_and_one_takes_their_place() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    // Far more than the sockets and the outbox hold.
    let text: Arc<str> = "x".repeat(64 * 1024).into();
    let sent = (0..4096).take_while(|_| client.outbox.send(text.clone())).count();
    assert!(sent < 4096);
    client.outbox.replace("the newest");
    let heard = std::iter::repeat_with(|| client.hear()).take_while(|heard| heard != "the newest");
    assert!(heard.count() <= sent);
}

#[test]
fn a_flood_of_texts_and_fragments_leaves_its_worker_to_others() {
    let talks = Talks::start(single_worker());
    let flood = |bytes: Vec<u8>| {
        let (mut client, _outbox) = talks.shake_hands();
        let (stop, stopped) = mpsc::channel::<()>();
        let flood = thread::spawn(move || {
            let is_over = || stopped.try_recv() != Err(mpsc::TryRecvError::Empty);
            while !is_over() && client.try_send(&bytes).is_ok() {}
        });
        (stop, flood)
    };
    let fragments = [frame(0x01, b""), frame(0x00, b"").repeat(5000), frame(0x80, b"")].concat();
    let floods = [flood(frame(0x81, b"text").repeat(1000)), flood(fragments)];
    let mut client = talks.talk();
    for n in 0..20 {
        client.say(&n.to_string());
        assert_eq!(client.hear(), n.to_string());
        assert_eq!(talks.server.get("/page").status, 200);
    }
    for (stop, flood) in floods {
        drop(stop);
        flood.join().unwrap();
    }
}

#[test]
fn a_client_that_reads_gets_a_long_text() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    for _ in 0..64 {
        send(&client.outbox, &"x".repeat(60 * 1024).into());
        assert_eq!(client.hear().len(), 60 * 1024);
    }
    send(&client.outbox, &"x".repeat(1024 * 1024).into());
    assert_eq!(client.hear().len(), 1024 * 1024);
}

#[test]
fn a_client_that_vanishes_takes_its_session_along() {
    let talks = Talks::start(options());
    let (client, _outbox) = talks.shake_hands();
    drop(client);
    talks.wait_for_drop();
    let mut client = talks.talk();
    client.socket.get_mut().end();
    talks.wait_for_drop();
}

#[test]
fn what_is_sent_after_the_end_reaches_nobody() {
    let talks = Talks::start(single_worker());
    let gone = talks.talk();
    let outbox = gone.outbox.clone();
    drop(gone);
    talks.wait_for_drop();
    // The next one has its place in the worker.
    let mut client = talks.talk();
    send(&outbox, &"for the one that is gone".into());
    send(&client.outbox, &"for the one that is here".into());
    assert_eq!(client.hear(), "for the one that is here");
    let mut plain = talks.server.connect();
    send(&outbox, &"for the one that is gone".into());
    assert_eq!(plain.get("/page").text(), "/page");
}

#[test]
fn a_session_outlives_the_idle_deadline() {
    let soon = Duration::from_millis(50);
    let talks = Talks::start(Options { idle_timeout: soon, head_timeout: soon, ..options() });
    let mut client = talks.talk();
    // Long enough for it to be asked for a sign of life, and given up.
    for _ in 0..3 {
        assert!(talks.server.connect().is_closed());
    }
    client.say("still here");
    assert_eq!(client.hear(), "still here");
}

#[test]
fn at_the_cap_a_session_does_not_make_way() {
    let talks = Talks::start(Options { max_connections: 2, ..single_worker() });
    let mut client = talks.talk();
    let mut idle = talks.server.connect();
    assert_eq!(idle.get("/page").status, 200);
    // The worker says that one is idle at the end of its round, and hears this in a later one.
    client.say("here");
    assert_eq!(client.hear(), "here");
    assert_eq!(talks.server.get("/page").status, 200);
    assert!(idle.is_closed());
    client.say("still here");
    assert_eq!(client.hear(), "still here");
}

#[test]
fn ended_sessions_give_their_room_back() {
    // One more than are open at once, since a session is dropped before its place is free.
    let talks = Talks::start(Options { max_connections: 3, ..single_worker() });
    for _ in 0..10 {
        let (client, _outbox) = talks.shake_hands();
        drop(client);
        talks.wait_for_drop();
    }
    let mut first = talks.server.connect();
    let mut second = talks.server.connect();
    assert_eq!((first.get("/a").status, second.get("/b").status), (200, 200));
    assert_eq!(first.get("/a").status, 200);
}

#[test]
fn a_stop_says_going_away_and_ends() {
    let mut talks = Talks::start(options());
    let clients: Vec<Talking> = (0..10).map(|_| talks.talk()).collect();
    talks.server.stop();
    for client in clients {
        assert_eq!(client.end(), 1001);
        talks.wait_for_drop();
    }
    talks.server.join();
}

#[test]
fn a_stop_does_not_wait_for_a_client_that_does_not_answer() {
    let mut talks = Talks::start(options());
    let (mut client, _outbox) = talks.shake_hands();
    talks.server.stop();
    talks.server.join();
    talks.wait_for_drop();
    assert_eq!(client.take(4), b"\x88\x12\x03\xE9");
}

#[test]
fn a_page_of_another_site_is_refused() {
    let talks = Talks::start(options());
    let mut client = talks.server.connect();
    for (fields, status) in [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Origin: http://localhost", 101),
    ] {
        let head = HANDSHAKE.replace("\r\n\r\n", &format!("\r\n{fields}\r\n\r\n"));
        client.send(head);
        assert_eq!(client.answer().status, status, "{fields}");
    }
    let answer = talks.server.get("/talk");
    assert_eq!((answer.status, answer.field("Sec-WebSocket-Version")), (426, Some("13")));
}

#[test]
fn the_handshake_is_written_down_when_it_is_out() {
    let talks = Talks::start(options());
    let _talking = talks.talk();
    let Event::Exchange(exchange) = talks.server.event() else { panic!() };
    assert_eq!(
        (exchange.status.as_u16(), exchange.request_line.as_str(), exchange.body_bytes),
        (101, "GET /talk HTTP/1.1", 0)
    );
}

#[test]
fn a_session_hears_a_client_that_does_not_read() {
    let talks = Talks::start(options());
    let mut client = talks.talk();
    // Too much for the sockets.
    let long: Arc<str> = "x".repeat(1024 * 1024).into();
    let sent = (0..64).take_while(|_| client.outbox.send(long.clone())).count();
    (0..100).for_each(|n| client.say(&n.to_string()));
    (0..sent).for_each(|_| assert_eq!(client.hear().len(), long.len()));
    (0..100).for_each(|n| assert_eq!(client.hear(), n.to_string()));
}

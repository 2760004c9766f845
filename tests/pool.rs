//! The pool: who gets a connection, how many fit, and how it all ends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use common::{Client, TestServer, options};
use pagepool::{
    http::{StatusCode, answer, error::Refusal, request::Request, response::Response},
    server::{self, Event, Handler, Options},
};

/// Says which thread answers; can be held, and can panic.
#[derive(Default)]
struct Threads {
    /// Where set, `/held` says here that it has begun, and waits for its leave.
    gate: Option<Mutex<Gate>>,
}

struct Gate {
    begun: mpsc::Sender<()>,
    leave: mpsc::Receiver<()>,
}

impl Handler for Threads {
    fn handle(&self, request: &Request<'_>, _now: SystemTime) -> answer::Answer {
        match request.target.path() {
            "/panic" => panic!("as the test wants"),
            "/held" => {
                let gate = self.gate.as_ref().unwrap().lock().unwrap();
                gate.begun.send(()).unwrap();
                gate.leave.recv().unwrap();
            }
            _ => {}
        }
        Response::text(StatusCode::OK, thread::current().name().unwrap_or_default()).into()
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }
}

fn start(options: Options) -> TestServer {
    TestServer::start(Arc::new(Threads::default()), options)
}

/// A server whose `/held` waits, with the ends to watch and to release it.
fn start_held(options: Options) -> (TestServer, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (begun, has_begun) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel();
    let gate = Some(Mutex::new(Gate { begun, leave: may_leave }));
    (TestServer::start(Arc::new(Threads { gate }), options), has_begun, leave)
}

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn workers_have_names() {
    let name = start(Options { threads: 1, ..options() }).get("/").text().to_owned();
    assert_eq!(name, "worker-0");
}

#[test]
fn sixty_four_connections_spread_over_two_workers() {
    for _ in 0..5 {
        let server = start(options());
        let mut clients: Vec<Client> = (0..64).map(|_| server.connect()).collect();
        let mut shares: HashMap<String, usize> = HashMap::new();
        for client in &mut clients {
            *shares.entry(client.get("/").text().to_owned()).or_default() += 1;
        }
        let largest = shares.values().max().unwrap();
        assert!(*largest * 100 <= 64 * 60, "{shares:?}");
    }
}

#[test]
fn connections_that_are_busy_from_the_start_spread_too() {
    let server = start(options());
    let clients: Vec<Client> = (0..64).map(|_| server.connect()).collect();
    let work = |mut client: Client| {
        thread::spawn(move || {
            (0..50).for_each(|_| assert_eq!(client.get("/").status, 200));
            client
        })
    };
    let threads: Vec<_> = clients.into_iter().map(work).collect();
    // All stay open: where one ends, those that are still busy make up for it.
    let mut clients: Vec<Client> =
        threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let mut shares: HashMap<String, usize> = HashMap::new();
    for client in &mut clients {
        *shares.entry(client.get("/").text().to_owned()).or_default() += 1;
    }
    let largest = shares.values().max().unwrap();
    assert!(*largest * 100 <= 64 * 60, "{shares:?}");
}

/// Works for a while on each request, and says which thread it was and what it was asked for.
struct Working;

impl Handler for Working {
    fn handle(&self, request: &Request<'_>, _now: SystemTime) -> answer::Answer {
        let path = request.target.path();
        let began = Instant::now();
        while path != "/" && began.elapsed() < Duration::from_micros(300) {}
        let worker = thread::current().name().unwrap_or_default().to_owned();
        Response::text(StatusCode::OK, format!("{worker} {path}")).into()
    }

    fn refuse(&self, refusal: Refusal, _request: Option<&Request<'_>>) -> Response {
        Response::text(refusal.status, refusal.reason)
    }
}

/// A server with six connections on one worker, while the other has none.
fn six_together(options: &Options) -> (TestServer, Vec<Client>) {
    let begin = || {
        let server = TestServer::start(Arc::new(Working), options.clone());
        let mut clients: Vec<Client> = (0..6).map(|_| server.connect()).collect();
        let workers: HashSet<_> =
            clients.iter_mut().map(|client| client.get("/").text().to_owned()).collect();
        (workers.len() == 1).then_some((server, clients))
    };
    // A worker that is kept from running for long does not get all of them.
    (0..100).find_map(|_| begin()).unwrap()
}

/// Sends two requests at once, and again, until one of the connections that do so has been
/// passed on from one worker to the other.
fn ask_until(has_moved: &AtomicBool, number: usize, client: &mut Client) {
    let mut workers = HashSet::new();
    for turn in 0..1000 {
        let paths = [format!("/{number}/{turn}/a"), format!("/{number}/{turn}/b")];
        client.send(paths.each_ref().map(|path| GET.replace("/ ", &format!("{path} "))).concat());
        for path in paths {
            let answer = client.answer();
            let (worker, asked) = answer.text().split_once(' ').unwrap();
            assert_eq!(asked, path);
            workers.insert(worker.to_owned());
        }
        if workers.len() > 1 {
            has_moved.store(true, Ordering::SeqCst);
        }
        if has_moved.load(Ordering::SeqCst) {
            return;
        }
    }
}

/// Six connections that were busy on one worker until some of them were passed on to the other.
fn passed_on(options: &Options) -> (TestServer, Vec<Client>) {
    let begin = || {
        let (server, mut clients) = six_together(options);
        let has_moved = AtomicBool::new(false);
        thread::scope(|scope| {
            for (number, client) in clients.iter_mut().enumerate() {
                let has_moved = &has_moved;
                scope.spawn(move || ask_until(has_moved, number, client));
            }
        });
        has_moved.into_inner().then_some((server, clients))
    };
    // The other worker takes none while the system keeps it from running.
    (0..20).find_map(|_| begin()).expect("some connections move")
}

#[test]
fn a_worker_with_long_rounds_passes_connections_on() {
    let (server, mut clients) = passed_on(&options());
    // Half a head, too, stays what it is.
    for client in &mut clients {
        client.send("GET /half HTTP/1.1\r\n");
    }
    assert_eq!(server.get("/").status, 200);
    for client in &mut clients {
        client.send("Host: h\r\n\r\n");
        assert!(client.answer().text().ends_with(" /half"));
    }
}

#[test]
fn a_connection_that_was_passed_on_has_its_deadlines() {
    let soon = Duration::from_millis(200);
    let (_server, mut clients) =
        passed_on(&Options { idle_timeout: soon, head_timeout: soon, ..options() });
    clients[0].send("GET / HT");
    assert_eq!(clients[0].answer().status, 408);
    assert!(clients.iter_mut().all(Client::is_closed));
}

#[test]
fn a_connection_that_was_passed_on_makes_way_at_the_cap() {
    let (server, clients) = passed_on(&Options { max_connections: 6, ..options() });
    // Each newcomer stays open, and the next would get a 503 if no other were idle.
    let mut open = clients;
    for _ in 0..6 {
        let mut newcomer = server.connect();
        assert_eq!(newcomer.get("/").status, 200);
        open.push(newcomer);
    }
}

#[test]
fn a_stop_closes_connections_that_were_passed_on() {
    let (mut server, mut clients) = passed_on(&options());
    server.stop();
    server.join();
    assert!(clients.iter_mut().all(Client::is_closed));
}

#[test]
fn ten_thousand_idle_connections_leave_the_only_worker_free() {
    // Both ends are in this process. As many as the system allows, where that is fewer.
    let wanted = 10_000;
    let pairs = server::raise_limit(2 * wanted + 1000) / 2 - 500;
    let server = start(Options { threads: 1, ..options() });
    let mut idle: Vec<Client> = Vec::new();
    for _ in 0..wanted.min(pairs) {
        let mut client = server.connect();
        assert_eq!(client.get("/").status, 200);
        idle.push(client);
    }
    assert_eq!(server.get("/").text(), "worker-0");
    assert_eq!(idle.first_mut().unwrap().get("/").status, 200);
    assert_eq!(idle.last_mut().unwrap().get("/").status, 200);
}

#[test]
fn silent_connections_starve_nobody() {
    let server = start(Options { threads: 1, ..options() });
    let _silent: Vec<Client> = (0..50).map(|_| server.connect()).collect();
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn at_the_cap_the_longest_idle_makes_way() {
    let server = start(Options { threads: 1, max_connections: 3, ..options() });
    let mut first = server.connect();
    let mut second = server.connect();
    let mut third = server.connect();
    for client in [&mut first, &mut second, &mut third] {
        assert_eq!(client.get("/").status, 200);
    }
    // Now the second has been idle longest.
    assert_eq!(first.get("/").status, 200);
    assert_eq!(server.get("/").status, 200);
    assert!(second.is_closed());
    assert_eq!(first.get("/").status, 200);
    assert_eq!(third.get("/").status, 200);
}

#[test]
fn at_the_cap_with_nobody_idle_the_newcomer_gets_503() {
    let server = start(Options { threads: 1, max_connections: 2, ..options() });
    let mut busy = [server.connect(), server.connect()];
    for client in &mut busy {
        // The half of a second request comes with the first, so it has been read.
        client.send(format!("{GET}GET /"));
        assert_eq!(client.answer().status, 200);
    }
    // The acceptor may see for a moment longer that they were idle before.
    let mut answers = (0..1000).map(|_| server.get("/"));
    let answer = answers.find(|answer| answer.status == 503).unwrap();
    assert_eq!(answer.field("Retry-After"), Some("1"));
    assert_eq!(answer.field("Connection"), Some("close"));
    busy[0].send(" HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(busy[0].answer().status, 200);
}

#[test]
fn a_panic_is_answered_with_500_and_harms_nobody_else() {
    let server = start(Options { threads: 1, ..options() });
    let mut other = server.connect();
    other.send("GET /");
    let mut client = server.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/panic").status, 500);
    }
    assert_eq!(client.get("/").text(), "worker-0");
    other.send(" HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(other.answer().text(), "worker-0");
}

#[test]
fn a_worker_that_is_busy_does_not_hold_up_the_other() {
    let (server, has_begun, leave) = start_held(options());
    let mut held = server.connect();
    held.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    has_begun.recv().unwrap();
    // They stay open: the other worker soon holds far more than the busy one.
    let mut others: Vec<Client> = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect();
        assert_eq!(client.get("/").status, 200);
        others.push(client);
    }
    leave.send(()).unwrap();
    assert_eq!(held.answer().status, 200);
}

#[test]
fn a_stop_closes_idle_connections_and_ends() {
    let mut server = start(options());
    let mut silent = server.connect();
    let mut idle = server.connect();
    assert_eq!(idle.get("/").status, 200);
    server.stop();
    server.join();
    assert!(idle.is_closed() && silent.is_closed());
}

#[test]
fn a_stop_lets_what_was_begun_finish() {
    let (mut server, has_begun, leave) = start_held(Options { threads: 1, ..options() });
    let mut half = server.connect();
    half.send("GET / HT");
    // Once this is answered the worker has seen the half.
    assert_eq!(server.get("/").status, 200);
    let mut held = server.connect();
    held.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    has_begun.recv().unwrap();
    server.stop();
    leave.send(()).unwrap();
    let answer = held.answer();
    assert_eq!((answer.status, answer.field("Connection")), (200, None));
    assert!(held.is_closed());
    half.send("TP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(half.answer().field("Connection"), Some("close"));
    server.join();
}

#[test]
fn a_stop_does_not_wait_longer_than_the_grace() {
    let mut server = start(Options { shutdown_grace: Duration::from_millis(50), ..options() });
    let mut half = server.connect();
    half.send("GET / HT");
    assert_eq!(server.get("/").status, 200);
    server.stop();
    server.join();
    assert!(half.is_closed());
}

#[test]
fn a_stop_does_not_wait_for_a_handler_that_never_ends() {
    let grace = Duration::from_millis(50);
    let (mut server, has_begun, leave) = start_held(Options { shutdown_grace: grace, ..options() });
    let mut held = server.connect();
    held.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    has_begun.recv().unwrap();
    server.stop();
    server.join();
    leave.send(()).unwrap();
}

#[test]
fn an_empty_line_after_a_request_begins_none() {
    let mut server = start(Options { threads: 1, ..options() });
    let mut client = server.connect();
    client.send(format!("{GET}\r\n"));
    assert_eq!(client.answer().status, 200);
    server.stop();
    server.join();
    assert!(client.is_closed());
}

#[test]
fn deadlines_end_what_waits_too_long() {
    let soon = Duration::from_millis(50);
    let server =
        start(Options { head_timeout: soon, stall_timeout: soon, idle_timeout: soon, ..options() });
    let mut silent = server.connect();
    let mut head = server.connect();
    head.send("GET / HTTP/1.1\r\n");
    let mut body = server.connect();
    body.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    assert!(silent.is_closed());
    assert_eq!(head.answer().status, 408);
    assert_eq!(body.answer().status, 408);
    assert!(head.is_closed() && body.is_closed());
}

#[test]
fn each_answer_is_written_down_once() {
    let server = start(Options { threads: 1, ..options() });
    let mut client = server.connect();
    client.send(format!("{GET}{GET}"));
    client.answer();
    client.answer();
    client.send("nonsense\r\n\r\n");
    assert_eq!(client.answer().status, 400);
    let statuses: Vec<u16> = (0..3)
        .map(|_| match server.event() {
            Event::Exchange(exchange) => exchange.status.as_u16(),
            Event::Message(message) | Event::Started { text: message, .. } => panic!("{message}"),
        })
        .collect();
    assert_eq!(statuses, [200, 200, 400]);
}

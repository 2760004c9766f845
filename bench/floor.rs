//! The floor: what an answer costs where nothing is done for it. Two threads, each
//! with an epoll of its own, answer whatever they receive with the same bytes: one
//! recv and one send a request, nothing parsed.
//!
//! `cargo bench --bench floor -- PORT FILE`: the file holds the whole response.
//! `bench/compare.py` records it from the server that is measured beside this one.

use std::{
    env, fs,
    io::{ErrorKind, Read, Write},
    net::TcpListener,
    os::fd::AsRawFd,
    sync::{Arc, Mutex},
    thread,
};

use mio::{Events, Interest, Poll, Registry, Token, net::TcpStream};

/// As many as the servers beside it have workers.
const THREADS: usize = 2;

/// Connections that the acceptor has handed over, and their thread has not seen yet.
type Inbox = Arc<Mutex<Vec<TcpStream>>>;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let [port, file] = arguments.as_slice() else {
        // As one of all benchmarks of `cargo bench` it has nothing to do.
        println!("floor: a server for bench/compare.py; usage: floor PORT FILE");
        return;
    };
    let port = port.parse().expect("a port below 65536");
    let response = fs::read(file).expect("a file with the response");
    accept(&TcpListener::bind(("127.0.0.1", port)).expect("a free port"), &response.into());
}

/// Deals connections out to the threads in turn, so that each has as many.
fn accept(listener: &TcpListener, response: &Arc<[u8]>) {
    let threads: Vec<_> = (0..THREADS).map(|_| start(Arc::clone(response))).collect();
    for (stream, (registry, inbox)) in listener.incoming().zip(threads.iter().cycle()) {
        let Ok(stream) = stream else { continue };
        stream.set_nonblocking(true).expect("a socket can be non-blocking");
        stream.set_nodelay(true).expect("a socket can send at once");
        hand_over(TcpStream::from_std(stream), registry, inbox);
    }
}

fn start(response: Arc<[u8]>) -> (Registry, Inbox) {
    let poll = Poll::new().expect("an epoll");
    let registry = poll.registry().try_clone().expect("a descriptor");
    let inbox = Inbox::default();
    let own = Arc::clone(&inbox);
    thread::spawn(move || serve(poll, &own, &response));
    (registry, inbox)
}

/// The token is the descriptor, which no other connection has as long as it is open.
fn hand_over(mut stream: TcpStream, registry: &Registry, inbox: &Inbox) {
    let token = token(&stream);
    // Held until the connection is in the inbox: its first event may come before.
    let mut inbox = inbox.lock().expect("nobody panics with the lock");
    // mio registers edge-triggered: the kernel does not queue an answered socket again.
    registry.register(&mut stream, token, Interest::READABLE).expect("room in the epoll");
    inbox.push(stream);
}

fn token(stream: &TcpStream) -> Token {
    Token(usize::try_from(stream.as_raw_fd()).expect("an open descriptor is not negative"))
}

fn serve(mut poll: Poll, inbox: &Inbox, response: &[u8]) {
    let mut events = Events::with_capacity(1024);
    let mut received = [0; 4096];
    // By token. The lock is taken for connections that are new to this thread alone.
    let mut connections: Vec<Option<TcpStream>> = Vec::new();
    loop {
        poll.poll(&mut events, None).expect("an epoll can be waited for");
        for event in &events {
            let key = event.token().0;
            if connections.get(key).is_none_or(Option::is_none) {
                take_all(inbox, &mut connections);
            }
            let Some(slot) = connections.get_mut(key) else { continue };
            if slot.as_mut().is_some_and(|stream| !answer(stream, &mut received, response)) {
                *slot = None;
            }
        }
    }
}

fn take_all(inbox: &Inbox, connections: &mut Vec<Option<TcpStream>>) {
    for stream in inbox.lock().expect("nobody panics with the lock").drain(..) {
        let Token(key) = token(&stream);
        if key >= connections.len() {
            connections.resize_with(key + 1, || None);
        }
        connections[key] = Some(stream);
    }
}

/// Whether the connection goes on. A request comes in one piece, and a response that
/// does not fit the socket's buffer is an error: this is a floor for small answers.
fn answer(stream: &mut TcpStream, received: &mut [u8], response: &[u8]) -> bool {
    match stream.read(received) {
        Ok(0) => false,
        Ok(_) => stream.write(response).is_ok_and(|sent| sent == response.len()),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

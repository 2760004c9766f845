//! The floor: what answering a request costs before anything is done for it. Each of
//! two threads waits on an epoll of its own, and answers whatever it receives with the
//! same bytes: one recv, one send, nothing parsed.
//!
//! `cargo bench --bench floor -- PORT BODY_BYTES`

use std::{
    env,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use mio::{Events, Interest, Poll, Registry, Token};

/// Connections by token; a slot is taken by the acceptor and freed by its thread.
type Slots = Arc<Mutex<Vec<Option<mio::net::TcpStream>>>>;

fn main() {
    let mut numbers = env::args().filter_map(|arg| arg.parse::<usize>().ok());
    let port = u16::try_from(numbers.next().expect("a port")).expect("a port below 65536");
    let body = "x".repeat(numbers.next().unwrap_or(900));
    let response: Arc<[u8]> = format!(
        "HTTP/1.1 200 OK\r\nServer: floor\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
    .into();
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let threads: Vec<(Registry, Slots)> = (0..2).map(|_| start(Arc::clone(&response))).collect();
    for (count, stream) in listener.incoming().enumerate() {
        let (registry, slots) = &threads[count % threads.len()];
        if let Ok(stream) = stream {
            add(registry, slots, stream);
        }
    }
}

fn start(response: Arc<[u8]>) -> (Registry, Slots) {
    let poll = Poll::new().expect("an epoll");
    let registry = poll.registry().try_clone().expect("a descriptor");
    let slots = Slots::default();
    let own = Arc::clone(&slots);
    thread::spawn(move || serve(poll, &own, &response));
    (registry, slots)
}

fn add(registry: &Registry, slots: &Slots, stream: TcpStream) {
    stream.set_nonblocking(true).expect("a socket can be non-blocking");
    stream.set_nodelay(true).expect("a socket can send at once");
    let mut slots = slots.lock().expect("nobody panics with the lock");
    let key = slots.iter().position(Option::is_none).unwrap_or(slots.len());
    if key == slots.len() {
        slots.push(None);
    }
    let mut stream = mio::net::TcpStream::from_std(stream);
    registry.register(&mut stream, Token(key), Interest::READABLE).expect("room in the epoll");
    slots[key] = Some(stream);
}

fn serve(mut poll: Poll, slots: &Slots, response: &[u8]) {
    let mut events = Events::with_capacity(256);
    let mut received = [0; 4096];
    // The thread's own copies: the lock is taken for new connections alone.
    let mut own: Vec<Option<mio::net::TcpStream>> = Vec::new();
    loop {
        poll.poll(&mut events, None).expect("an epoll can be waited for");
        for event in &events {
            let key = event.token().0;
            if own.get(key).is_none_or(Option::is_none) {
                let mut slots = slots.lock().expect("nobody panics with the lock");
                own.resize_with(slots.len(), || None);
                own[key] = slots[key].take();
            }
            let Some(stream) = own[key].as_mut() else { continue };
            match stream.read(&mut received) {
                Ok(1..) => drop(stream.write(response)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => own[key] = None,
            }
        }
    }
}

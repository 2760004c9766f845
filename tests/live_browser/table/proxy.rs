//! A proxy as code servers have it: a site below a path, which the site is not told.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

/// Takes connections until the test ends; gives its port. What lies outside of
/// `prefix` is somebody else's.
pub(super) fn start(prefix: &'static str, server: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Either side may go at any time.
            thread::spawn(move || drop(forward(&client, prefix, server)));
        }
    });
    port
}

/// One request, or one WebSocket, a connection.
fn forward(mut client: &TcpStream, prefix: &str, server: u16) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let (method, rest) = head.split_once(' ').unwrap_or_default();
    let Some(inner) = rest.strip_prefix(prefix).filter(|rest| rest.starts_with('/')) else {
        let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return client.write_all(answer.as_bytes());
    };
    let head = format!("{method} {}", inner.replace("Connection: keep-alive", "Connection: close"));
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    upstream.write_all(head.as_bytes())?;
    let mut up = upstream.try_clone()?;
    thread::spawn(move || {
        let _ = io::copy(&mut reader, &mut up);
        let _ = up.shutdown(Shutdown::Write);
    });
    let copied = io::copy(&mut upstream, &mut client);
    let _ = client.shutdown(Shutdown::Both);
    copied.map(drop)
}

//! A server in the test's own process, and clients that speak raw bytes.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use pagepool::{
    app::{self, App},
    background::Background,
    hosts::Hosts,
    http::{memory::Memory, request::Limits},
    rules::HeaderRules,
    server::{self, Event, EventReceiver, Handler, Options, Port, Server, event_channel},
    site::{Preparation, Site, SiteOptions},
};
use tempfile::TempDir;

/// How long a client waits before it calls a missing answer a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Options for tests: deadlines far away, two workers.
pub fn options() -> Options {
    let minute = Duration::from_secs(60);
    Options {
        threads: 2,
        stack_bytes: pagepool::site::RENDER_STACK_BYTES,
        max_connections: 10_240,
        shutdown_grace: minute,
        head_timeout: minute,
        idle_timeout: minute,
        stall_timeout: minute,
        limits: Limits {
            max_target_bytes: 8 * 1024,
            max_head_bytes: 16 * 1024,
            max_header_fields: 100,
            max_body_bytes: 1024 * 1024,
        },
        kept_body_bytes: 16 * 1024,
        keeps_heads: false,
        is_quiet: false,
    }
}

/// The same with a single worker.
pub fn single_worker() -> Options {
    Options { threads: 1, ..options() }
}

/// A running server on a port of its own; stopped and joined when dropped.
pub struct TestServer {
    server: Option<Server>,
    address: SocketAddr,
    events: Mutex<EventReceiver>,
}

impl TestServer {
    pub fn start(handler: Arc<dyn Handler>, options: Options) -> Self {
        let (sender, events) = event_channel(100 << 20);
        let listeners = server::bind("127.0.0.1", Port::Exactly(0)).unwrap();
        let address = listeners[0].local_addr().unwrap();
        let server = Server::start(listeners, handler, options, sender).unwrap();
        Self { server: Some(server), address, events: Mutex::new(events) }
    }

    /// A client with a connection of its own.
    pub fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { stream, received: Vec::new() }
    }

    /// Sends `bytes` on a connection of their own, ends the sending side, and
    /// gives all that comes back.
    pub fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut client = self.connect();
        client.send(bytes);
        client.end();
        client.rest()
    }

    /// GETs `path` on a connection of its own.
    pub fn get(&self, path: &str) -> Answer {
        let mut client = self.connect();
        client.get(path)
    }

    /// The next event that the server writes down.
    pub fn event(&self) -> Event {
        self.events.lock().unwrap().wait().unwrap()
    }

    /// Tells it to stop, without waiting.
    pub fn stop(&self) {
        self.server.as_ref().unwrap().stopper().stop();
    }

    /// Waits until all its threads have ended.
    pub fn join(&mut self) {
        if let Some(server) = self.server.take() {
            server.join();
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.stop();
            self.join();
        }
    }
}

/// A raw connection.
pub struct Client {
    stream: TcpStream,
    /// Received beyond the last answer.
    received: Vec<u8>,
}

/// One response, read to the end that its length says.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Client {
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends, unless the server has closed.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Ends the sending side.
    pub fn end(&mut self) {
        // The server may have closed already.
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }

    /// All that comes until the server closes.
    pub fn rest(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.received);
        self.stream.read_to_end(&mut rest).unwrap();
        String::from_utf8(rest).unwrap()
    }

    /// Whether the server closes without another byte; waits for it to do either.
    pub fn is_closed(&mut self) -> bool {
        let read = self.stream.read(&mut [0]);
        let is_reset = |error: &std::io::Error| error.kind() == ErrorKind::ConnectionReset;
        self.received.is_empty() && (matches!(read, Ok(0)) || read.is_err_and(|e| is_reset(&e)))
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.answer()
    }

    /// Reads one response with its body.
    pub fn answer(&mut self) -> Answer {
        let head = self.head();
        let status = head[9..12].parse().unwrap();
        let length = field(&head, "Content-Length").map_or(0, |value| value.parse().unwrap());
        let body = self.take(length);
        Answer { status, head, body }
    }

    /// Reads so many bytes to where there is room for them.
    pub fn read_exact(&mut self, bytes: &mut [u8]) {
        assert!(self.received.is_empty(), "all answers have been read");
        self.stream.read_exact(bytes).unwrap();
    }

    /// Reads one response to a HEAD.
    pub fn head_only(&mut self) -> Answer {
        let head = self.head();
        Answer { status: head[9..12].parse().unwrap(), body: self.rest().into_bytes(), head }
    }

    /// Reads one head with its blank line.
    pub fn head(&mut self) -> String {
        let end = loop {
            let end = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.receive(),
            }
        };
        String::from_utf8(self.received.drain(..end).collect()).unwrap()
    }

    /// Reads so many bytes.
    pub fn take(&mut self, len: usize) -> Vec<u8> {
        while self.received.len() < len {
            self.receive();
        }
        self.received.drain(..len).collect()
    }

    /// Counts the bytes that come until the server closes, or resets.
    pub fn count_rest(&mut self) -> usize {
        let mut rest = std::mem::take(&mut self.received);
        let _ = self.stream.read_to_end(&mut rest);
        rest.len()
    }

    fn receive(&mut self) {
        let mut buf = [0; 16 * 1024];
        let len = self.stream.read(&mut buf).unwrap();
        assert!(
            len > 0,
            "closed in the middle of a response: {:?}",
            String::from_utf8_lossy(&self.received)
        );
        self.received.extend_from_slice(&buf[..len]);
    }
}

/// What has come beyond the last answer, then what comes.
impl Read for Client {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.received.is_empty() {
            return self.stream.read(buf);
        }
        let len = self.received.as_slice().read(buf)?;
        self.received.drain(..len);
        Ok(len)
    }
}

impl Write for Client {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.stream.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

/// The value of the field `name` in a head.
pub fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// A temporary folder with these files.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What the application adds to each answer, without rules or bounds.
pub fn preparation() -> Preparation {
    app::preparation(HeaderRules::default(), false, Memory::unbounded())
}

/// The whole application over `root`, in development mode.
pub fn app(root: &Path) -> Arc<App> {
    app_with(root, preparation())
}

/// The same with another preparation.
pub fn app_with(root: &Path, preparation: Preparation) -> Arc<App> {
    let options = SiteOptions {
        preparation,
        background: Some(Background::start().unwrap()),
        ..SiteOptions::default()
    };
    let site = Site::open(root, options).unwrap();
    let hosts = Hosts::development(&[], &[]);
    Arc::new(App::new(site, hosts, false))
}

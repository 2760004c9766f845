//! The program `server` as a person starts it: in a folder, with flags, read by
//! its lines and ended with the test.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    rc::Rc,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine; only a failure waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program under test.
pub(crate) const SERVER: &str = env!("CARGO_BIN_EXE_server");

const STARTED: &str = "Server started on port ";

/// A folder to start servers in, gone with the last value and server that has it.
#[derive(Clone)]
pub(crate) struct Folder(Rc<TempDir>);

impl Folder {
    /// A folder with these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(Rc::new(TempDir::new().expect("a folder for the test")));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// An empty folder in memory, where the system has such a place: on a busy disk a
    /// file that is saved may stay empty for half a second.
    #[allow(dead_code, reason = "only the tests of live editing need it")]
    pub(crate) fn in_memory() -> Self {
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        Self(Rc::new(folder.expect("a folder for the test")))
    }

    /// Writes a file and the folders that it lies in.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let parent = path.parent().expect("a file has a folder");
        fs::create_dir_all(parent).expect("a folder for the file");
        fs::write(path, text).expect("the file is written");
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A program, to be started here: with no setting from the environment, and
    /// all that it prints to be read.
    pub(crate) fn command(&self, program: &str, args: &[&str]) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.args(args).current_dir(self.0.path());
        command.env_clear().env("PATH", path).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the server, whatever becomes of it.
    pub(crate) fn start(&self, args: &[&str]) -> Program {
        Program::start(self, self.command(SERVER, args))
    }

    /// Starts the server on a port that the system chooses, and waits for it.
    pub(crate) fn serve(&self, args: &[&str]) -> Program {
        Program::serve(self, self.command(SERVER, &[&["--port", "0"], args].concat()))
    }
}

/// A running server. Ends, by force if need be, with the value.
pub(crate) struct Program {
    child: Child,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
    /// Where it listens; 0 until it has said so.
    pub(crate) port: u16,
    /// What it serves stays while it runs.
    _folder: Folder,
}

/// How a server ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// Starts a command of `folder`, whatever becomes of it.
    pub(crate) fn start(folder: &Folder, mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let stdout = Lines::read(child.stdout.take().expect("it is piped"));
        let stderr = Lines::read(child.stderr.take().expect("it is piped"));
        Self { child, stdout, stderr, port: 0, _folder: folder.clone() }
    }

    /// The same, and waits until it says its port.
    pub(crate) fn serve(folder: &Folder, command: Command) -> Self {
        let mut program = Self::start(folder, command);
        program.port = port_in(&program.stdout.wait_for(|line| line.starts_with(STARTED)));
        program
    }

    /// The same, with the standard output left for the caller to read or to close.
    pub(crate) fn serve_unread(folder: &Folder) -> (Self, BufReader<ChildStdout>) {
        let mut command = folder.command(SERVER, &["--port", "0"]);
        let mut child = command.spawn().expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let stderr = Lines::read(child.stderr.take().expect("it is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says its port");
        let port = port_in(line.trim_end());
        let unread = Lines::read(std::io::empty());
        (Self { child, stdout: unread, stderr, port, _folder: folder.clone() }, stdout)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it is still there");
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(mut self) -> Ended {
        // The streams end with the process, so waiting for it then takes no time.
        let (stdout, stderr) = (self.stdout.rest(), self.stderr.rest());
        let status = self.child.wait().expect("it is our child");
        Ended { code: status.code(), stdout, stderr }
    }

    /// Opens a connection to it.
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.port)
    }

    /// Gets `target` on a connection of its own.
    pub(crate) fn get(&self, target: &str) -> String {
        self.connect().ask_last(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in the line that says it.
pub(crate) fn port_in(line: &str) -> u16 {
    let port = line.strip_prefix(STARTED).and_then(|port| port.parse().ok());
    port.unwrap_or_else(|| panic!("no port in {line:?}"))
}

/// The lines of a stream, read as they come, so that its writer never blocks.
pub(crate) struct Lines {
    receiver: Receiver<String>,
    seen: Vec<String>,
}

impl Lines {
    fn read(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
                if sender.send(text).is_err() {
                    return;
                }
                line.clear();
            }
        });
        Self { receiver, seen: Vec::new() }
    }

    /// Waits for a line and gives it.
    pub(crate) fn wait_for(&mut self, is_wanted: impl Fn(&str) -> bool) -> String {
        loop {
            match self.receiver.recv_timeout(PATIENCE) {
                Ok(line) if is_wanted(&line) => {
                    self.seen.push(line.clone());
                    return line;
                }
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("{error}; the lines were {:#?}", self.seen),
            }
        }
    }

    /// Waits so long for a line and gives it; or all lines until then.
    #[allow(dead_code, reason = "only the tests of live editing need it")]
    pub(crate) fn try_wait_for(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
        patience: Duration,
    ) -> Result<String, Vec<String>> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.receiver.recv_timeout(left) {
                Ok(line) if is_wanted(&line) => return Ok(line),
                Ok(line) => self.seen.push(line),
                Err(_) => return Err(std::mem::take(&mut self.seen)),
            }
        }
    }

    /// Waits for the next `count` lines.
    pub(crate) fn take(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.wait_for(|_| true)).collect()
    }

    /// Waits for the end of the stream; gives what was not taken yet.
    fn rest(&mut self) -> String {
        let mut text = String::new();
        loop {
            match self.receiver.recv_timeout(PATIENCE) {
                Ok(line) => text += &(line + "\n"),
                Err(RecvTimeoutError::Disconnected) => return text,
                Err(RecvTimeoutError::Timeout) => panic!("the program goes on; it said {text}"),
            }
        }
    }
}

/// A client that speaks raw bytes.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time is given");
        Self(BufReader::new(stream))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).expect("the server takes it");
    }

    /// Reads one response whose body has a length, and gives its head.
    pub(crate) fn receive(&mut self) -> String {
        let head = self.receive_head();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let length = length.and_then(|length| length.parse().ok()).expect("a length");
        let len = std::io::copy(&mut self.0.by_ref().take(length), &mut std::io::sink());
        assert_eq!(len.expect("a body"), length);
        head
    }

    /// Reads the head of a response.
    pub(crate) fn receive_head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let len = self.0.read_line(&mut head).expect("a head");
            assert!(len > 0, "the connection ended after {head:?}");
        }
        head
    }

    /// Reads until the server closes.
    pub(crate) fn receive_rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).expect("an end");
        bytes
    }

    /// Sends the lines of a head as the last request, and gives the whole answer.
    pub(crate) fn ask_last(mut self, lines: &str) -> String {
        self.send(format!("{lines}Connection: close\r\n\r\n").as_bytes());
        String::from_utf8(self.receive_rest()).expect("text")
    }
}

//! Folders with open pages, and what each page is sent, without sockets.

mod authoring_tests;
mod check_tests;
mod fetches_tests;
mod hello_tests;
mod lists_tests;
mod live_thread_tests;
mod pages_tests;
mod resources_tests;
mod root_tests;

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::PathBuf,
    sync::{
        atomic::AtomicBool,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{message::PageMessage, turns::Turns, *};
use crate::{http::request_head::RequestHead, site::SiteOptions};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of pages with live editing.
struct Pages {
    folder: TempDir,
    root: PathBuf,
    site: Arc<Site>,
    live: Live,
    printed: Receiver<String>,
}

/// A page that is open.
struct Page {
    open: OpenPage,
    messages: Receiver<Arc<str>>,
    target: String,
    version: String,
    /// Whether there is room for what it is sent.
    has_room: Arc<AtomicBool>,
}

/// Takes what a page is sent.
struct TestListener {
    sender: Sender<Arc<str>>,
    has_room: Arc<AtomicBool>,
}

impl Listener for TestListener {
    fn send(&self, text: Arc<str>) -> bool {
        let has_room = self.has_room.load(Ordering::SeqCst);
        if has_room {
            self.replace(text);
        }
        has_room
    }

    fn replace(&self, text: Arc<str>) {
        // The test may have seen enough.
        let _ = self.sender.send(text);
    }
}

impl Pages {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, true)
    }

    fn with(files: &[(&str, &str)], watches: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(&folder.path().join(name), text);
        }
        Self::of(folder, watches)
    }

    /// The same, with changes made in place where `patching` says so.
    fn patching(patching: Patching, files: &[(&str, &str)]) -> Self {
        let Self { folder, root, site, printed, .. } = Self::new(files);
        let live = Live::new(Arc::clone(&site), LiveOptions { patching, ..quiet() });
        Self { folder, root, site, live, printed }
    }

    fn of(folder: TempDir, watches: bool) -> Self {
        Self::at(folder, ".", watches)
    }

    /// The site is at `root` in the folder.
    fn at(folder: TempDir, root: &str, watches: bool) -> Self {
        let options = SiteOptions { snippet: Some(snippet()), ..SiteOptions::default() };
        let root = folder.path().join(root);
        let site = Arc::new(Site::open(&root, options).unwrap());
        let (sender, printed) = channel();
        let print = Arc::new(move |text| {
            // The test may have seen enough.
            let _ = sender.send(text);
        });
        let live = Live::new(Arc::clone(&site), LiveOptions { watches, print, ..quiet() });
        Self { folder, root, site, live, printed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    /// The version in what a browser gets that navigates to `target`.
    fn navigate(&self, target: &str, fields: &str) -> String {
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}Accept: text/html\r\n\r\n"
        );
        let body = with_request(&head, |request| {
            let response = self.site.respond(request, SystemTime::now()).at_once();
            response.body.read().unwrap()
        });
        let body = String::from_utf8(body).unwrap();
        let version = body.split_once("data-version=\"").map(|(_, rest)| rest.split_once('"'));
        version.flatten().unwrap_or_else(|| panic!("no version in {body:?}")).0.to_owned()
    }

    /// A page that a browser has just loaded, and that shows what there is.
    fn open(&self, target: &str) -> Page {
        self.open_with(target, "")
    }

    fn open_with(&self, target: &str, fields: &str) -> Page {
        let version = self.navigate(target, fields);
        let page = self.connect(target, fields, &version);
        assert_eq!(page.message(), json!({ "type": "current" }));
        page
    }

    /// A page that says it shows this version.
    fn connect(&self, target: &str, fields: &str, version: &str) -> Page {
        let page = self.connect_silently(target, fields, version);
        page.send(&json!({ "page": page.target, "version": page.version }));
        page
    }

    /// A page that has opened a connection, and says nothing yet.
    fn connect_silently(&self, target: &str, fields: &str, version: &str) -> Page {
        let (sender, messages) = channel();
        let head = format!("GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let has_room = Arc::new(AtomicBool::new(true));
        let listener = TestListener { sender, has_room: Arc::clone(&has_room) };
        let open = with_request(&head, |request| self.live.open(request, listener));
        let (target, version) = (target.to_owned(), version.to_owned());
        Page { open, messages, target, version, has_room }
    }

    /// Waits until no file was written just now: what is written in the tick of the
    /// clock in which a page is loaded may have been loaded before or after.
    fn rest(&self) {
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(50) {
            self.settle(&[]);
        }
    }

    /// Whether all that tabs have sent has been handled.
    fn is_handled(&self) -> bool {
        std::thread::yield_now();
        self.live.inbox.get().is_none_or(|inbox| inbox.waiting() == 0)
    }

    /// Waits until everything has been checked again; by then, all messages to `among` have
    /// been sent, of which there are none.
    fn settle(&self, among: &[&Page]) {
        let name = "_settle.html";
        self.write(name, "0");
        self.write("settle.html", "{% include \"_settle.html\" %}");
        for n in 1..3 {
            let page = self.open("/settle");
            self.write(name, &n.to_string());
            assert_eq!(page.message()["type"], "patch");
        }
        for page in among {
            assert_eq!(page.messages.try_recv(), Err(TryRecvError::Empty), "{}", page.target);
        }
    }
}

impl Page {
    fn send(&self, message: &Value) {
        self.open.receive(&message.to_string());
    }

    fn message(&self) -> Value {
        let text = self.messages.recv_timeout(PATIENCE);
        let text = text.unwrap_or_else(|_| panic!("{} was sent nothing", self.target));
        serde_json::from_str(&text).unwrap()
    }

    fn receives(&self, kind: &str) -> Value {
        let message = self.message();
        assert_eq!(message["type"], kind, "{message}");
        message
    }

    /// Waits for a patch to what is there now.
    fn catches_up(&self, pages: &Pages) {
        while self.receives("patch")["to"] != *pages.navigate(&self.target, "") {}
    }
}

/// Live editing by checks alone, which prints nothing.
fn quiet() -> LiveOptions {
    LiveOptions { watches: false, patching: Patching::Auto, print: Arc::new(|_| {}) }
}

fn write(path: &std::path::Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn with_request<T>(head: &str, work: impl FnOnce(&Request<'_>) -> T) -> T {
    RequestHead::of_text(head).with_request(work).unwrap()
}

/// A live thread that the test runs itself, and that checks one candidate at a time.
fn live_thread(pages: &Pages) -> LiveThread {
    let mut thread =
        LiveThread::new(Arc::clone(&pages.site), quiet(), Arc::default(), Arc::default());
    thread.checker.turns = Turns::new(Duration::ZERO);
    thread
}

/// A page that `thread` follows, with this version.
fn open_in(thread: &mut LiveThread, id: u64, target: &str, version: &str) -> Receiver<Arc<str>> {
    let (sender, messages) = channel();
    let listener = TestListener { sender, has_room: Arc::new(AtomicBool::new(true)) };
    let head = "GET /_pagepool/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let caller = with_request(head, |request| Caller::new(request.headers, Box::new(listener)));
    thread.on_tab_event(id, TabEvent::Opened(caller));
    let hello = json!({ "page": target, "version": version });
    let Some(PageMessage::Hello(hello)) = PageMessage::parse(&hello.to_string()) else {
        panic!("no hello")
    };
    thread.on_tab_event(id, TabEvent::Hello(Box::new(hello)));
    messages
}

/// Says that a page has loaded `target`.
fn load(thread: &mut LiveThread, id: u64, target: &str) {
    thread.on_tab_event(id, TabEvent::Loaded(target.into()));
}

/// The kinds of the messages that a page has been sent since.
fn kinds(messages: &Receiver<Arc<str>>) -> Vec<String> {
    let kind = |text: Arc<str>| {
        let message: Value = serde_json::from_str(&text).unwrap();
        message["type"].as_str().unwrap().to_owned()
    };
    messages.try_iter().map(kind).collect()
}

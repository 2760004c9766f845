//! A headless Firefox and its tabs, driven through WebDriver BiDi, a WebSocket. It ends
//! with the test whatever becomes of that.

use std::{
    cell::RefCell,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    iter,
    net::TcpStream,
    os::unix::process::CommandExt,
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex, Weak, mpsc::Receiver},
    thread,
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket, protocol::Role};

use super::{
    browser::{Browser, ON_NEW_DOCUMENT, PATIENCE, Page},
    replies::{Replies, lock, shared},
};

/// The shell waits for the end of its input, which comes with the end of the test.
const WATCHED: &str = r#"firefox-esr "$@" & cat >/dev/null; kill -KILL 0"#;

/// Pages may ask before they are left, media may play, nothing is looked up outside;
/// and a name as a phone sees it: to the browser, it is no local one.
const PREFERENCES: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.disable_beforeunload", false);
user_pref("dom.require_user_interaction_for_beforeunload", false);
user_pref("dom.security.https_first", false);
user_pref("media.autoplay.default", 0);
user_pref("media.volume_scale", "0.0");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.dns.localDomains", "phone.test");
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
"#;

const LISTENS: &str = "WebDriver BiDi listening on ws://";

/// A browser that runs. It has as many profiles as there are tests that use it.
struct Firefox {
    child: Child,
    socket: Mutex<WebSocket<TcpStream>>,
    replies: Arc<Replies>,
    _folder: TempDir,
}

impl Firefox {
    /// The browser that other tests use at this moment, or a new one.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Firefox>> = Mutex::new(Weak::new());
        shared(&SHARED, Self::start)
    }

    fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the browser");
        fs::write(folder.path().join("user.js"), PREFERENCES).expect("its preferences are kept");
        let stdout = File::create(folder.path().join("stdout")).expect("a file for its words");
        let mut command = Command::new("sh");
        command.args(["-c", WATCHED, "sh", "--headless", "--no-remote"]);
        command.args(["--remote-debugging-port", "0", "--profile"]).arg(folder.path());
        command.env("HOME", folder.path()).process_group(0);
        command.stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let mut child = command.spawn().expect("there is a shell");
        let address = address(child.stderr.take().expect("it is piped"));
        let stream = connect(&address);
        let incoming = stream.try_clone().expect("a socket can be shared");
        let replies = Arc::new(Replies::default());
        let all = Arc::clone(&replies);
        thread::spawn(move || hand_out(incoming, &all));
        let socket = Mutex::new(WebSocket::from_raw_socket(stream, Role::Client, None));
        let browser = Self { child, socket, replies, _folder: folder };
        browser.begin();
        browser
    }

    /// Begins the session. Whoever is asked whether to leave a page stays.
    fn begin(&self) {
        let prompts = json!({ "default": "dismiss", "beforeUnload": "dismiss" });
        let always = json!({ "unhandledPromptBehavior": prompts });
        let call = |method: &str, params: Value| {
            self.call(method, &params).unwrap_or_else(|error| panic!("{method}: {error}"))
        };
        call("session.new", json!({ "capabilities": { "alwaysMatch": always } }));
        call("session.subscribe", json!({ "events": [QUESTION] }));
        let script = format!("() => {{ {ON_NEW_DOCUMENT} }}");
        call("script.addPreloadScript", json!({ "functionDeclaration": script }));
    }

    /// Asks for something; gives what it answers, or what it has against it.
    fn call(&self, method: &str, params: &Value) -> Result<Value, String> {
        let (id, answer) = self.replies.call();
        let message = json!({ "id": id, "method": method, "params": params }).to_string();
        lock(&self.socket).send(Message::text(message)).expect("the browser listens");
        let answer = answer.recv_timeout(PATIENCE);
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"));
        match answer["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", answer["message"])),
            None => Ok(answer["result"].take()),
        }
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Where the browser listens, which it says first of all that matters. What it says
/// later is read, so that it never waits.
fn address(stderr: ChildStderr) -> String {
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix(LISTENS).map(str::to_owned));
    thread::spawn(move || lines.for_each(drop));
    address.expect("the browser starts")
}

/// Opens the WebSocket of a browser that has no session yet.
fn connect(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the browser listens");
    stream.set_nodelay(true).expect("it is a TCP socket");
    let key = "AAAAAAAAAAAAAAAAAAAAAA==";
    let head = format!(
        "GET /session HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("the browser reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the browser answers");
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    stream
}

/// Hands out what the browser says until it ends.
fn hand_out(incoming: TcpStream, replies: &Replies) {
    let mut socket = WebSocket::from_raw_socket(incoming, Role::Client, None);
    while let Ok(message) = socket.read() {
        let Ok(text) = message.to_text() else { continue };
        let Ok(said) = serde_json::from_str::<Value>(text) else { continue };
        let context = said["params"]["context"].as_str().map(str::to_owned);
        replies.hand_out(said, context.as_deref());
    }
    replies.end();
}

/// The event that a page asks something.
const QUESTION: &str = "browsingContext.userPromptOpened";

/// A profile of one's own, with nothing in its cache; its tabs close with it.
pub(crate) struct Profile {
    browser: Arc<Firefox>,
    id: String,
}

impl Browser for Profile {
    type Page = Tab;
    const NAME: &'static str = "Firefox";

    fn new() -> Self {
        let browser = Firefox::shared();
        let made = browser.call("browser.createUserContext", &json!({})).expect("a profile");
        let id = text_of(&made, "userContext");
        Self { browser, id }
    }

    fn open(&self, url: &str) -> Tab {
        let new = json!({ "type": "window", "userContext": self.id });
        let made = self.browser.call("browsingContext.create", &new).expect("a tab");
        let context = text_of(&made, "context");
        let events = self.browser.replies.events_of(&context);
        let tab = Tab {
            browser: Arc::clone(&self.browser),
            context,
            events,
            happened: RefCell::default(),
        };
        tab.go(url);
        tab
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // A browser that has ended has no tabs.
        let _ = self.browser.call("browser.removeUserContext", &json!({ "userContext": self.id }));
    }
}

/// A tab of the browser.
pub(crate) struct Tab {
    browser: Arc<Firefox>,
    context: String,
    events: Receiver<Value>,
    /// The events until now.
    happened: RefCell<Vec<Value>>,
}

impl Tab {
    fn call(&self, method: &str, mut params: Value) -> Result<Value, String> {
        params["context"] = json!(self.context);
        self.browser.call(method, &params)
    }
}

impl Page for Tab {
    fn go(&self, url: &str) {
        // A page that loads itself again at this moment may win at first.
        let go = || {
            let params = json!({ "url": url, "wait": "interactive" });
            self.call("browsingContext.navigate", params).err()
        };
        let mut answers = iter::repeat_with(go).take(5);
        let is_aborted = |error: &str| error.contains("ABORTED");
        let answer = answers.find(|error| !error.as_deref().is_some_and(is_aborted));
        assert_eq!(answer, Some(None), "{url}");
    }

    fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true,
                             "userActivation": true, "target": { "context": self.context },
                             "serializationOptions": { "maxObjectDepth": 8 } });
        let answer = self.browser.call("script.evaluate", &params)?;
        match answer["type"].as_str() {
            Some("success") => Ok(plain(&answer["result"])),
            _ => Err(answer["exceptionDetails"]["text"].to_string()),
        }
    }

    fn type_text(&self, text: &str) {
        let keys = text.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let source = json!({ "type": "key", "id": "keys", "actions": keys.collect::<Vec<_>>() });
        let typed = self.call("input.performActions", json!({ "actions": [source] }));
        typed.unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    fn questions(&self) -> usize {
        self.happened.borrow_mut().extend(self.events.try_iter());
        self.happened.borrow().iter().filter(|event| event["method"] == QUESTION).count()
    }
}

/// A value as JSON has it, from the form in which BiDi sends it.
fn plain(remote: &Value) -> Value {
    let value = &remote["value"];
    match remote["type"].as_str() {
        Some("array") => value.as_array().into_iter().flatten().map(plain).collect(),
        Some("object") => {
            let pairs = value.as_array().into_iter().flatten();
            let fields = pairs.filter_map(|pair| Some((pair[0].as_str()?, plain(&pair[1]))));
            Value::Object(
                fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
            )
        }
        _ => value.clone(),
    }
}

fn text_of(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no `{name}` in {value}")).to_owned()
}

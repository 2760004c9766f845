//! A headless Chromium and its tabs, driven through the DevTools protocol over a
//! pipe, so that it ends with the test whatever becomes of that.

use std::{
    cell::{Ref, RefCell},
    collections::HashSet,
    fmt::Display,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    iter,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, Weak, mpsc::Receiver},
    thread,
    time::Instant,
};

use data_encoding::BASE64;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    browser::{self, ON_NEW_DOCUMENT, PATIENCE, Page},
    replies::{Replies, lock, shared},
};

/// The shell puts the pipes where Chromium looks for them.
const PIPED: &str = r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    // A name as a phone sees it: to the browser, it is no local one.
    "--host-resolver-rules=MAP phone.test 127.0.0.1",
    "--remote-debugging-pipe",
];

/// A browser that runs. It has as many profiles as there are tests that use it.
struct Browser {
    child: Child,
    stdin: Arc<Mutex<ChildStdin>>,
    replies: Arc<Replies>,
    folder: TempDir,
}

impl Browser {
    /// The browser that other tests use at this moment, or a new one.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Browser>> = Mutex::new(Weak::new());
        shared(&SHARED, Self::start)
    }

    fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the browser");
        let stderr = File::create(folder.path().join("stderr")).expect("a file for its words");
        let mut command = Command::new("sh");
        command.args(["-c", PIPED, "sh"]).args(FLAGS);
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        command.env("HOME", folder.path()).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut child = command.spawn().expect("there is a shell");
        let stdin = Arc::new(Mutex::new(child.stdin.take().expect("it is piped")));
        let stdout = child.stdout.take().expect("it is piped");
        let replies = Arc::new(Replies::default());
        let (to, all) = (Arc::clone(&stdin), Arc::clone(&replies));
        thread::spawn(move || hand_out(stdout, &to, &all));
        Self { child, stdin, replies, folder }
    }

    /// Asks for something of the browser, or of a tab where a session is named.
    /// Gives what it answers, or what it has against it.
    fn call(&self, session: Option<&str>, method: &str, params: &Value) -> Result<Value, String> {
        let fail = |error: &dyn Display| -> ! {
            panic!("{method} {params}: {error}; the browser said {}", self.words())
        };
        let answer = self.send(session, method, params).unwrap_or_else(|error| fail(&error));
        let mut answer = answer.recv_timeout(PATIENCE).unwrap_or_else(|error| fail(&error));
        match answer["error"]["message"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["result"].take()),
        }
    }

    /// The same without waiting: the answer comes later, and never once the browser
    /// has ended.
    fn send(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> io::Result<Receiver<Value>> {
        let (id, answer) = self.replies.call();
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        write!(lock(&self.stdin), "{message}\0")?;
        Ok(answer)
    }

    /// What it has printed.
    fn words(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Hands out what the browser says until it ends. Where a page asks whether to leave
/// it, nothing is answered in that tab until somebody has decided: it stays.
fn hand_out(stdout: impl Read, stdin: &Mutex<ChildStdin>, replies: &Replies) {
    let mut stdout = BufReader::new(stdout);
    let mut message = Vec::new();
    while stdout.read_until(b'\0', &mut message).is_ok_and(|len| len > 0) {
        message.pop();
        let value: Value = serde_json::from_slice(&message).expect("the browser speaks JSON");
        message.clear();
        let session = value["sessionId"].as_str().map(str::to_owned);
        if value["method"] == QUESTION {
            let stay = json!({ "id": replies.call().0, "sessionId": session,
                               "method": "Page.handleJavaScriptDialog",
                               "params": { "accept": false } });
            // A browser that has ended asks nothing.
            let _ = write!(lock(stdin), "{stay}\0");
        }
        replies.hand_out(value, session.as_deref());
    }
    replies.end();
}

/// The event that a page asks something.
const QUESTION: &str = "Page.javascriptDialogOpening";

/// A profile of one's own, with nothing in its cache; its tabs close with it.
pub(crate) struct Profile {
    browser: Arc<Browser>,
    id: String,
}

impl Profile {
    pub(crate) fn new() -> Self {
        let browser = Browser::shared();
        let made = browser.call(None, "Target.createBrowserContext", &json!({}));
        let id = text_of(&made.expect("a profile"), "browserContextId");
        Self { browser, id }
    }

    /// Opens a page in a window of its own, so that it is in sight.
    pub(crate) fn open(&self, url: &str) -> Tab {
        self.tab(url, true)
    }

    /// Opens a page in one more tab of a window that is open already, in front of
    /// the others.
    pub(crate) fn open_in_front(&self, url: &str) -> Tab {
        self.tab(url, false)
    }

    fn tab(&self, url: &str, is_window: bool) -> Tab {
        let new = json!({ "url": "about:blank", "browserContextId": self.id,
                          "newWindow": is_window });
        let made = self.browser.call(None, "Target.createTarget", &new);
        let target = json!({ "targetId": text_of(&made.expect("a tab"), "targetId"),
                             "flatten": true });
        let attached = self.browser.call(None, "Target.attachToTarget", &target);
        let session = text_of(&attached.expect("the tab is there"), "sessionId");
        let events = self.browser.replies.events_of(&session);
        let happened = RefCell::new(Vec::new());
        let tab = Tab { browser: Arc::clone(&self.browser), session, events, happened };
        for domain in ["Page", "Runtime", "Log"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": ON_NEW_DOCUMENT }));
        tab.go(url);
        tab
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let id = json!({ "browserContextId": self.id });
        // A browser that has ended has no tabs.
        let _ = self.browser.send(None, "Target.disposeBrowserContext", &id);
    }
}

/// A tab of the browser.
pub(crate) struct Tab {
    browser: Arc<Browser>,
    session: String,
    events: Receiver<Value>,
    /// The events until now.
    happened: RefCell<Vec<Value>>,
}

impl Tab {
    /// Asks for something that the browser does not refuse.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let answer = self.browser.call(Some(&self.session), method, params);
        answer.unwrap_or_else(|error| panic!("{method} {params}: {error}"))
    }

    /// Goes to a page; gives when the browser has begun to show it.
    pub(crate) fn go(&self, url: &str) {
        // A page that loads itself again at this moment may win at first.
        let go = || self.call("Page.navigate", &json!({ "url": url }))["errorText"].take();
        let mut answers = iter::repeat_with(go).take(5);
        let is_aborted = |error: &Value| error == "net::ERR_ABORTED";
        let answer = answers.find(|error| !is_aborted(error));
        assert_eq!(answer, Some(Value::Null), "{url}");
    }

    /// What an expression gives in the page; a promise's value where it is one.
    pub(crate) fn evaluate(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_evaluate(expression) {
                Ok(value) => return value,
                // The page was about to make way for the next.
                Err(error) => assert!(Instant::now() < deadline, "{expression}: {error}"),
            }
        }
    }

    /// Waits until an expression holds in the page that the tab shows then, and
    /// gives its value. The page itself looks, whenever its document changes and
    /// every few milliseconds.
    pub(crate) fn wait_for(&self, expression: &str) -> Value {
        let look = format!(
            "new Promise((done, fail) => {{
                const end = (finish, value) => {{
                    observer.disconnect();
                    clearInterval(timer);
                    clearTimeout(bound);
                    finish(value);
                }};
                const look = () => {{
                    let value;
                    try {{ value = {expression}; }} catch {{}}
                    if (value) end(done, {{ value }});
                }};
                const observer = new MutationObserver(look);
                observer.observe(document, {{
                    subtree: true, childList: true, attributes: true, characterData: true,
                }});
                const timer = setInterval(look, 8);
                const bound = setTimeout(end, 20_000, done, {{}});
                look();
            }})"
        );
        let mut found = self.evaluate(&look);
        if found.get("value").is_none() {
            self.fail(expression);
        }
        found["value"].take()
    }

    /// Says all that there is to say about a page in which something never holds.
    fn fail(&self, expression: &str) -> ! {
        let picture = self.screenshot("failure");
        let page = self.evaluate("location.href + '\\n' + document.documentElement?.outerHTML");
        let page = page.as_str().unwrap_or_default();
        let live = self.evaluate("window.pagepool");
        let console = self.console().join("\n");
        let picture = picture.display();
        panic!("never: {expression}\n{page}\n{live}\nconsole: {console}\npicture: {picture}");
    }

    /// An error where the page goes away meanwhile.
    fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let params = json!({ "expression": expression, "awaitPromise": true,
                             "returnByValue": true, "userGesture": true });
        let session = Some(self.session.as_str());
        let mut answer = self.browser.call(session, "Runtime.evaluate", &params)?;
        let thrown = &answer["exceptionDetails"];
        assert_eq!(*thrown, Value::Null, "{expression}: {thrown}");
        Ok(answer["result"]["value"].take())
    }

    /// How often the tab has loaded a page, the first time included.
    pub(crate) fn loads(&self) -> u64 {
        let loads = self.evaluate("Number(sessionStorage.loads)");
        loads.as_u64().expect("it is counted")
    }

    /// What the page and the browser have written to the console until now.
    pub(crate) fn console(&self) -> Vec<String> {
        self.happened().iter().filter_map(console_line).collect()
    }

    /// Waits for a line of the console.
    pub(crate) fn wait_for_console(&self, is_wanted: impl Fn(&str) -> bool) {
        while !self.console().iter().any(|line| is_wanted(line)) {
            let event = self.events.recv_timeout(PATIENCE);
            let event = event.unwrap_or_else(|error| panic!("{error}: {:#?}", self.console()));
            self.happened.borrow_mut().push(event);
        }
    }

    /// Takes down from now on what comes over WebSockets, and what is asked for.
    pub(crate) fn record_messages(&self) {
        self.call("Network.enable", &json!({}));
    }

    /// Waits until all that was asked for since `record_messages` has come or failed, and gives
    /// the URLs.
    #[allow(dead_code, reason = "only the tests of built sites need it")]
    pub(crate) fn wait_for_requests(&self) -> Vec<String> {
        loop {
            let (urls, is_over) = requests(&self.happened());
            if is_over {
                return urls;
            }
            let event = self.events.recv_timeout(PATIENCE);
            self.happened.borrow_mut().push(event.unwrap_or_else(|e| panic!("{e}: {urls:?}")));
        }
    }

    /// What has come over WebSockets, but for the word that a page is current: one that was
    /// connected before `record_messages` may get it later.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let happened = self.happened();
        let messages = happened.iter().filter_map(message);
        messages.filter(|message| message["type"] != "current").collect()
    }

    /// Waits until `count` messages have come over WebSockets, and gives all until then.
    pub(crate) fn wait_for_messages(&self, count: usize) -> Vec<Value> {
        while self.messages().len() < count {
            let event = self.events.recv_timeout(PATIENCE);
            let event = event.unwrap_or_else(|error| panic!("{error}: {:#?}", self.messages()));
            self.happened.borrow_mut().push(event);
        }
        self.messages()
    }

    /// All that has happened in the tab until now.
    fn happened(&self) -> Ref<'_, Vec<Value>> {
        self.happened.borrow_mut().extend(self.events.try_iter());
        self.happened.borrow()
    }

    /// Types a text where the focus is.
    pub(crate) fn type_text(&self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Takes a picture of what is in sight; gives the file, which stays.
    pub(crate) fn screenshot(&self, name: &str) -> PathBuf {
        let thread = thread::current();
        let test = thread.name().unwrap_or("test").replace("::", "-");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{name}.png"));
        let picture = self.call("Page.captureScreenshot", &json!({}));
        let picture = BASE64.decode(text_of(&picture, "data").as_bytes()).expect("base 64");
        fs::write(&path, picture).expect("the picture is written");
        path
    }
}

impl browser::Browser for Profile {
    type Page = Tab;
    const NAME: &'static str = "Chromium";

    fn new() -> Self {
        Self::new()
    }

    fn open(&self, url: &str) -> Tab {
        self.open(url)
    }
}

impl Page for Tab {
    fn go(&self, url: &str) {
        self.go(url);
    }

    fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        self.try_evaluate(expression)
    }

    fn type_text(&self, text: &str) {
        self.type_text(text);
    }

    fn questions(&self) -> usize {
        self.happened().iter().filter(|event| event["method"] == QUESTION).count()
    }
}

/// The line that an event has written to the console, if it has.
fn console_line(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.consoleAPICalled" => {
            let words = params["args"].as_array()?.iter().map(|word| {
                let text = word["value"].as_str().or_else(|| word["description"].as_str());
                text.map_or_else(|| word["value"].to_string(), str::to_owned)
            });
            Some(words.collect::<Vec<_>>().join(" "))
        }
        "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
        "Log.entryAdded" => params["entry"]["text"].as_str().map(str::to_owned),
        _ => None,
    }
}

/// The URLs that were asked for, and whether all have come or failed.
fn requests(events: &[Value]) -> (Vec<String>, bool) {
    let (mut urls, mut open) = (Vec::new(), HashSet::new());
    for event in events {
        let params = &event["params"];
        let id = params["requestId"].as_str();
        match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                urls.push(text_of(&params["request"], "url"));
                open.extend(id);
            }
            "Network.webSocketCreated" => urls.push(text_of(params, "url")),
            "Network.loadingFinished" | "Network.loadingFailed" => {
                open.remove(id.unwrap_or_default());
            }
            _ => {}
        }
    }
    (urls, open.is_empty())
}

/// The message that an event is about that has come over a WebSocket.
fn message(event: &Value) -> Option<Value> {
    if event["method"] != "Network.webSocketFrameReceived" {
        return None;
    }
    serde_json::from_str(event["params"]["response"]["payloadData"].as_str()?).ok()
}

fn text_of(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no `{name}` in {value}")).to_owned()
}

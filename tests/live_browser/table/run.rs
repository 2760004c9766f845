//! Tries the rows of the table in a browser.

use std::{
    any::Any,
    collections::BTreeSet,
    env, fs,
    io::Write,
    iter,
    net::TcpStream,
    os::unix::fs::symlink,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Edit, How, Row, SILENCE, Way, proxy};
use crate::{
    common::{
        browser::{Browser, PATIENCE, Page},
        program::{Folder, Program, SERVER},
    },
    kept::wave,
};

/// Most of a row's time is waiting for the one or the other.
const ROWS_AT_ONCE: usize = 4;

/// Tries all rows; names those that fail at the end. A row that fails beside others is tried
/// once more by itself: only then does it have the processor that a person's browser has.
pub(super) fn run_all<B: Browser>(rows: &[Row]) {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..ROWS_AT_ONCE {
            scope.spawn(|| {
                let mut tabs = None;
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let start = Instant::now();
                    let failure = try_row::<B>(row, &mut tabs);
                    let took = start.elapsed().as_millis();
                    let Some(why) = failure else {
                        println!("holds {took:>6} ms {:?}: {}", row.kind, row.name);
                        continue;
                    };
                    println!("fails {took:>6} ms {:?}: {}\n    {why}", row.kind, row.name);
                    failed.lock().expect("no row panics").push(row);
                }
            });
        }
    });
    let mut failures: Vec<String> = Vec::new();
    for row in failed.into_inner().expect("no row panics") {
        let why = try_row::<B>(row, &mut None);
        println!(
            "{} {:?}: {}",
            if why.is_some() { "FAILS" } else { "holds by itself" },
            row.kind,
            row.name
        );
        failures.extend(why.map(|why| format!("{:?}: {}\n    {why}", row.kind, row.name)));
    }
    failures.sort();
    let (count, all, name) = (failures.len(), rows.len(), B::NAME);
    println!("{name}: {} of {all} rows hold, in {:.1?}", all - count, start.elapsed());
    assert!(count == 0, "{count} of {all} rows fail in {name}:\n{}", failures.join("\n"));
}

/// The tab that is edited live, and the one in which pages are loaded afresh.
struct Tabs<B: Browser> {
    live: B::Page,
    fresh: B::Page,
    _profiles: [B; 2],
}

impl<B: Browser> Tabs<B> {
    fn new() -> Self {
        let profiles = [B::new(), B::new()];
        let [live, fresh] = [&profiles[0], &profiles[1]].map(|profile| profile.open(BLANK));
        Self { live, fresh, _profiles: profiles }
    }
}

const BLANK: &str = "about:blank";

/// What is wrong with a row, if anything is.
fn try_row<B: Browser>(row: &Row, tabs: &mut Option<Tabs<B>>) -> Option<String> {
    if row.lacks.is_some_and(|(browser, _)| browser == B::NAME) || !row.open.is_empty() {
        return None;
    }
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let trial = Trial::new(row);
        // Whatever a row that panics has left in its tabs is gone with them, and so are
        // pages that do not want to be left.
        let used = tabs.take().unwrap_or_else(Tabs::new);
        let tried = trial.run(&used);
        if row.questions == 0 {
            used.live.go(BLANK);
            *tabs = Some(used);
        }
        tried
    }));
    attempt.unwrap_or_else(|panic| Err(text_of(&*panic))).err()
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").chars().take(600).collect()
}

/// A row with the folder and the server that it is tried on.
struct Trial<'a> {
    row: &'a Row,
    folder: Folder,
    server: Program,
    url: String,
    patience: Duration,
}

impl<'a> Trial<'a> {
    fn new(row: &'a Row) -> Self {
        let folder = Folder::in_memory();
        folder.write("config.toml", row.config);
        for (name, text) in row.files {
            write(&folder, &path(row, &folder, name), text);
        }
        for (name, to) in row.links {
            symlink(to, folder.path(name)).expect("the name is free");
        }
        let command = || folder.command(SERVER, &["--port", "0"]);
        let serve = || Program::serve(&folder, command());
        let server = first_at_its_port(serve, |server| server.port);
        let url = match row.way {
            Way::Localhost => format!("http://localhost:{}", server.port),
            Way::Phone => format!("http://phone.test:{}", server.port),
            Way::Stripped(prefix) => {
                let start = || proxy::start(prefix, server.port);
                format!("http://localhost:{}{prefix}", first_at_its_port(start, |port| *port))
            }
        } + row.target;
        let millis = env::var("LIVE_PATIENCE_MS").ok().and_then(|text| text.parse().ok());
        let patience = millis.map_or(PATIENCE / 4, Duration::from_millis);
        Self { row, folder, server, url, patience }
    }

    fn run<B: Browser>(mut self, tabs: &Tabs<B>) -> Result<(), String> {
        let row = self.row;
        let live = &tabs.live;
        let asked = live.questions();
        live.go(&self.url);
        self.wait(live, &self.ready(), "it is whole")?;
        live.evaluate(row.acts);
        if !row.types.is_empty() {
            live.type_text(row.types);
        }
        let keeps = live.evaluate(row.keeps);
        let mut shown = live.wait_for_value(row.probe, &Value::Null, Duration::ZERO);
        for (at, edit) in row.edits.iter().enumerate() {
            let before = shown;
            self.edit(edit);
            shown = self.compare(tabs, at, edit)?;
            // At the terminal or in the question, not in the page.
            let is_seen = row.questions > 0 || !row.terminal.is_empty() || shown != before;
            if at + 1 == row.edits.len() && is_seen == row.is_made_alike {
                return Err("the probe does not see the last edit".to_owned());
            }
            if at == 0 && row.questions > 0 {
                wait_for_question(live, asked, self.patience)?;
            }
        }
        if row.edits.is_empty() {
            self.compare(tabs, 0, &"no edit")?;
        }
        self.wait(live, row.holds, "")?;
        self.wait_for(live, row.keeps, &keeps, "it is kept")?;
        self.check_loads(live)?;
        let questions = live.questions() - asked;
        if questions != row.questions {
            return Err(format!("it asks {questions} times whether to leave"));
        }
        self.wait_for_line()
    }

    /// Holds once the page is whole and has its connection.
    fn ready(&self) -> String {
        let live = if self.row.is_live { "pagepool.connected" } else { "true" };
        format!("document.readyState == 'complete' && {live} && !!({})", self.row.ready)
    }

    /// Compares the tab with a fresh load, once it is one of the same version.
    fn compare<B: Browser>(
        &self,
        Tabs { live, fresh, .. }: &Tabs<B>,
        at: usize,
        edit: &dyn std::fmt::Debug,
    ) -> Result<Value, String> {
        fresh.go(&self.url);
        let whole = format!(
            "location.href != '{BLANK}' && document.readyState == 'complete' && !!({})",
            self.row.ready
        );
        let version = if self.row.is_live && self.row.questions == 0 {
            "window.pagepool?.version ?? ''"
        } else {
            "''"
        };
        let probe = format!("(async () => [await ({}), {version}])()", self.row.probe);
        // The fresh page is live too, and may load itself again for the same edit, even after
        // it was seen to be whole.
        let whole_probe = format!("({whole}) && {probe}");
        let deadline = Instant::now() + self.patience;
        let wanted = loop {
            self.wait(fresh, &whole, "a fresh load is whole")?;
            let value = fresh.wait_for_value(&whole_probe, &Value::Null, Duration::ZERO);
            if value.is_array() || Instant::now() > deadline {
                break value;
            }
        };
        // From here on, there is one tab again; this one does not ask.
        fresh.evaluate("globalThis.onbeforeunload = null");
        fresh.go(BLANK);
        if !wanted.is_array() {
            return Err(format!("after a fresh load: {probe}\n    is {wanted}"));
        }
        self.wait_for(live, &probe, &wanted, &format!("edit {}, {edit:?}", at + 1))?;
        Ok(wanted[0].clone())
    }

    fn check_loads(&self, live: &impl Page) -> Result<(), String> {
        let loads = live.loads();
        let (is_right, wanted) = match self.row.how {
            How::Any => (loads <= 1 + self.row.edits.len() as u64, "an edit loads it once at most"),
            How::InPlace => (loads == 1, "nothing is loaded again"),
            How::Reloads(count) => (loads == 1 + count, "so often it is loaded again"),
        };
        is_right.then_some(()).ok_or_else(|| format!("{loads} loads; {wanted}"))
    }

    fn wait(&self, page: &impl Page, holds: &str, what: &str) -> Result<(), String> {
        self.wait_for(page, &format!("!!({holds})"), &Value::Bool(true), what)
    }

    fn wait_for(
        &self,
        page: &impl Page,
        expression: &str,
        wanted: &Value,
        what: &str,
    ) -> Result<(), String> {
        let value = page.wait_for_value(expression, wanted, self.patience);
        if value == *wanted {
            return Ok(());
        }
        Err(format!("{what}: {expression}\n    is {value}\n    not {wanted}"))
    }

    fn edit(&self, edit: &Edit) {
        let at = |name: &str| path(self.row, &self.folder, name);
        match *edit {
            Edit::Replace(name, old, new) => {
                let text = fs::read_to_string(at(name)).expect("it is there");
                assert!(text.contains(old), "{name} has no {old}");
                write(&self.folder, &at(name), &text.replacen(old, new, 1));
            }
            Edit::Save(name, text) => write(&self.folder, &at(name), text),
            Edit::Remove(name) => fs::remove_file(at(name)).expect("it is there"),
            Edit::Link(name, to) => {
                let new = self.folder.path("new-link");
                symlink(to, &new).expect("the name is free");
                fs::rename(new, at(name)).expect("it takes the place");
            }
            Edit::Remake(page) => {
                fs::remove_dir_all(self.folder.path("pages")).expect("it is there");
                write(&self.folder, &self.folder.path("pages/index.html"), page);
            }
            Edit::TlsHello => {
                // A client's hello up to its random bytes (RFC 8446, 4.1.2).
                let hello =
                    [&b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03"[..], &[7; 155]].concat();
                let stream = TcpStream::connect(("127.0.0.1", self.server.port));
                stream.expect("it listens").write_all(&hello).expect("it reads");
            }
        }
    }

    fn wait_for_line(&mut self) -> Result<(), String> {
        let wanted = self.row.terminal;
        if wanted.is_empty() {
            return Ok(());
        }
        let is_wanted = |line: &str| line.to_lowercase().contains(wanted);
        let Program { stdout, stderr, .. } = &mut self.server;
        let Err(errors) = stderr.try_wait_for(is_wanted, self.patience) else { return Ok(()) };
        let Err(lines) = stdout.try_wait_for(is_wanted, Duration::ZERO) else { return Ok(()) };
        Err(format!("no line says {wanted:?}: {errors:#?} {lines:#?}"))
    }
}

fn wait_for_question(page: &impl Page, asked: usize, patience: Duration) -> Result<(), String> {
    let deadline = Instant::now() + patience;
    while page.questions() == asked {
        if Instant::now() > deadline {
            return Err("it never asks whether to leave".to_owned());
        }
        // The events come with the answers.
        page.wait_for_value("1", &Value::from(1), Duration::ZERO);
    }
    Ok(())
}

/// Starts something anew until it has a port that none has had: rows share tabs, and a tab keeps
/// what was stored at a port, above all how often it was loaded there. The system gives a port
/// again that has become free.
fn first_at_its_port<T>(start: impl FnMut() -> T, port: impl Fn(&T) -> u16) -> T {
    static KNOWN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let is_first = |started: &T| KNOWN.lock().expect("no one panics").insert(port(started));
    iter::repeat_with(start).find(is_first).expect("there is always one more")
}

/// Where a file of a row lies.
fn path(row: &Row, folder: &Folder, name: &str) -> PathBuf {
    folder.path(if row.links.is_empty() { "pages" } else { "" }).join(name)
}

/// A new file takes the place of the old one: one that is written anew is empty for as
/// long as a busy machine likes.
fn write(folder: &Folder, path: &Path, text: &str) {
    let parent = path.parent().expect("a file has a folder");
    fs::create_dir_all(parent).expect("a folder for the file");
    let bytes = if text == SILENCE { wave() } else { text.as_bytes().to_vec() };
    let new = folder.path("new-file");
    fs::write(&new, bytes).expect("the new file is written");
    fs::rename(new, path).expect("it takes the place");
}

#[test]
fn no_two_rows_have_the_same_port() {
    // The system chooses none of these.
    let mut ports = [1, 1, 2, 1, 2, 3].into_iter();
    let mut next = || first_at_its_port(|| ports.next().expect("one more"), |port| *port);
    assert_eq!([next(), next(), next()], [1, 2, 3]);
}

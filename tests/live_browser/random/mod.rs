//! Pages put together at random, with and without scripts, and edited at random: after
//! every save, the tab has the document that a fresh load has.
//!
//! `LIVE_ROUNDS` sets how many edits are made, `LIVE_SEED` where they begin.

mod pages;

use std::{env, fs, sync::Mutex, thread, time::Duration};

use pages::{Page as Source, Random};
use serde_json::Value;

use crate::common::{
    browser::{Browser, PATIENCE, Page},
    chromium, firefox,
    program::{Folder, Program},
};

const ROUNDS: u64 = 500;
const SEED: u64 = 20_261_127;
/// Each has a server and tabs of its own.
const WORKERS: u64 = 2;
/// Edits to a page before the next one comes.
const EDITS: u64 = 5;
/// Failures of which everything is said.
const SHOWN: usize = 5;

/// The document as a text: names, attributes in the order of their names, texts, what
/// fields hold, what templates and shadow roots hold.
const DOCUMENT: &str = r"(() => {
    const lines = [];
    const held = node => {
        const { localName, type, value, checked, open, muted, selectedIndex } = node;
        if (localName == 'input') return ` (${type} ${value} ${checked})`;
        if (localName == 'textarea') return ` (${value})`;
        if (localName == 'select') return ` (${selectedIndex})`;
        if (localName == 'details' || localName == 'dialog') return ` (${open})`;
        if (localName == 'video' || localName == 'audio') return ` (${muted})`;
        return '';
    };
    const write = (node, depth) => {
        const indent = ' '.repeat(depth);
        if (node.nodeType == 1) {
            const attributes = [...node.attributes].map(({ name, value }) => `${name}=${value}`);
            const space = node.namespaceURI.split('/').pop();
            lines.push(`${indent}<${space}:${node.localName} ${attributes.sort().join(' ')}>${held(node)}`);
        } else if (node.nodeType == 10) lines.push(`${indent}doctype ${node.name}`);
        else if (node.nodeType == 8) lines.push(`${indent}comment ${node.data}`);
        let text = '';
        const end = () => { if (text) lines.push(`${indent} text ${text}`); text = ''; };
        const nodes = [...node.childNodes, ...(node.content?.childNodes ?? []),
            ...(node.shadowRoot?.childNodes ?? [])];
        for (const child of nodes) {
            if (child.nodeType == 3) text += child.data;
            else { end(); write(child, depth + 1); }
        }
        end();
    };
    write(document, 0);
    return document.compatMode + lines.join('\n');
})()";

/// What listeners do, as far as it is seen in the document. A click on a button in a link
/// would have the tab leave at some moment.
const CLICK_ALL: &str = "addEventListener('click', event => event.preventDefault());
    document.querySelectorAll('button').forEach(button => button.click())";

#[test]
#[ignore = "needs chromium"]
fn random_edits_are_shown_as_a_fresh_load_shows_them_in_chromium() {
    edit_at_random::<chromium::Profile>();
}

#[test]
#[ignore = "needs firefox-esr"]
fn random_edits_are_shown_as_a_fresh_load_shows_them_in_firefox() {
    edit_at_random::<firefox::Profile>();
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn edit_at_random<B: Browser>() {
    let (rounds, seed) = (setting("LIVE_ROUNDS", ROUNDS), setting("LIVE_SEED", SEED));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let failures = &failures;
            scope.spawn(move || Rounds::<B>::new(seed + worker).run(rounds / WORKERS, failures));
        }
    });
    let failures = failures.into_inner().expect("nobody has panicked");
    let count = failures.len();
    let shown = failures.into_iter().take(SHOWN).collect::<Vec<_>>().join("\n\n");
    assert!(count == 0, "{count} of {rounds} edits from seed {seed} in {}:\n{shown}", B::NAME);
    println!("{}: {rounds} edits from seed {seed}", B::NAME);
}

/// One folder with one page, edited again and again.
struct Rounds<B: Browser> {
    seed: u64,
    random: Random,
    folder: Folder,
    url: String,
    live: B::Page,
    fresh: B::Page,
    _profiles: [B; 2],
    _server: Program,
}

impl<B: Browser> Rounds<B> {
    fn new(seed: u64) -> Self {
        let folder = Folder::in_memory();
        folder.write("config.toml", "");
        folder.write("pages/index.html", "");
        folder.write("pages/blank.txt", "");
        let server = folder.serve(&[]);
        let url = format!("http://localhost:{}/", server.port);
        let profiles = [B::new(), B::new()];
        let [live, fresh] = [&profiles[0], &profiles[1]].map(|profile| profile.open("about:blank"));
        let random = Random::new(seed);
        Self { seed, random, folder, url, live, fresh, _profiles: profiles, _server: server }
    }

    fn run(mut self, rounds: u64, failures: &Mutex<Vec<String>>) {
        let mut page = Source::default();
        for round in 0..rounds {
            if round % EDITS == 0 {
                page = Source::random(&mut self.random, round / EDITS % 2 == 1);
                self.live.go(&self.blank());
                self.save(&page.text());
                self.open();
            }
            let before = page.text();
            while page.text() == before {
                page.edit(&mut self.random);
            }
            self.save(&page.text());
            if let Err(difference) = self.compare((round + 1) % EDITS == 0) {
                let seed = self.seed;
                let text = format!(
                    "seed {seed}, edit {round}:\n{difference}\nbefore: {before}\nafter: {}",
                    page.text()
                );
                failures.lock().expect("nobody has panicked").push(text);
                self.open();
            }
        }
    }

    /// Where no page is edited live; of the same site, as another would take a new process.
    fn blank(&self) -> String {
        format!("{}blank.txt", self.url)
    }

    fn save(&self, text: &str) {
        // Never empty for as long as a busy machine likes.
        self.folder.write("new-file", text);
        let page = self.folder.path("pages/index.html");
        fs::rename(self.folder.path("new-file"), page).expect("it takes the place");
    }

    /// Loads the page in the tab that is edited live.
    fn open(&self) {
        self.live.go(&self.url);
        let whole = "document.readyState == 'complete' && pagepool.connected";
        self.live.wait_for_value(whole, &Value::Bool(true), PATIENCE);
    }

    /// Compares the tab with a fresh load; after the last edit to a page also what its
    /// listeners do, which a later edit would find in the page.
    fn compare(&self, is_last: bool) -> Result<(), String> {
        let Self { live, fresh, .. } = self;
        fresh.go(&self.url);
        fresh.wait_for_value("document.readyState", &"complete".into(), PATIENCE);
        let version = fresh.evaluate("pagepool.version");
        let mut wanted = vec![fresh.evaluate(DOCUMENT)];
        if is_last {
            fresh.evaluate(CLICK_ALL);
            wanted.push(fresh.evaluate(DOCUMENT));
        }
        fresh.go(&self.blank());
        let shown = "document.readyState == 'complete' && pagepool.version";
        let found = live.wait_for_value(shown, &version, Duration::from_secs(10));
        if found != version {
            return Err(format!("it stays at version {found}, not {version}"));
        }
        for (at, wanted) in wanted.iter().enumerate() {
            if at == 1 {
                live.evaluate(CLICK_ALL);
            }
            // What a handler does may come a moment later.
            let found = live.wait_for_value(DOCUMENT, wanted, Duration::from_secs(3));
            if found != *wanted {
                let after = ["after the edit", "after clicks"][at];
                return Err(format!("{after}: {}", difference(&found, wanted)));
            }
        }
        Ok(())
    }
}

/// The first lines that differ.
fn difference(found: &Value, wanted: &Value) -> String {
    let [found, wanted] = [found, wanted].map(|text| text.as_str().unwrap_or_default());
    let same = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
    let [found, wanted] = [found, wanted].map(|text| text.lines().nth(same).unwrap_or("the end"));
    format!("line {same} is\n{found}\nnot\n{wanted}")
}

//! Whatever a template does with a visitor's values by the filters, tests and functions
//! of the language, it ends soon after its deadline, and takes no more memory than its
//! fuel pays for.
//!
//! The template is made of what an author would write of each, not of loops in loops and
//! operators alone, which are the author's own limits.

#![no_main]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use libfuzzer_sys::fuzz_target;
use pagepool::{
    http::request_head::RequestHead,
    site::{RENDER_STACK_BYTES, Site, SiteOptions},
};
use rustix::time::{ClockId, clock_gettime};

const FUEL: u64 = 100_000;
const RENDER_TIMEOUT: Duration = Duration::from_secs(1);

/// The processor's time for one input, with the sanitizer's part, and one guarded step
/// after the deadline.
const MAX_TIME: Duration = Duration::from_secs(4);

/// 64 bytes a step, thrice, and what does not grow with the fuel.
const MAX_BYTES: usize = 24 << 20;

/// Counts the bytes that are allocated.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: each call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        HIGHEST.fetch_max(held, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The words of the language, as its engine gives account of them.
struct Words {
    filters: Vec<String>,
    tests: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let account = format!("{:?}", minijinja::Environment::new());
    let list = |kind: &str| {
        let (_, list) = account.split_once(&format!("{kind}: [")).expect("a list of names");
        let (list, _) = list.split_once(']').expect("its end");
        list.split(", ").map(|name| name.trim_matches('"').to_owned()).collect()
    };
    Words { filters: list("filters"), tests: list("tests") }
});

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("pagepool-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder to write pages in");
    folder
});

/// What the bytes of an input choose.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn next(&mut self, count: usize) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first) % count
    }

    fn of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.next(choices.len())]
    }

    fn number(&mut self) -> &'static str {
        self.of(&["n", "m", "1", "0", "-1", "100", "x", "n | float", "m * 2", "(a | length)"])
    }

    fn value(&mut self) -> String {
        match self.next(16) {
            0 => "a".into(),
            1 => "b".into(),
            2 => self.number().into(),
            3 => format!("([a] * {})", self.number()),
            4 => format!("(a * {})", self.number()),
            5 => format!("range({})", self.number()),
            6 => format!("range({}, {}, {})", self.number(), self.number(), self.number()),
            7 => "{'k': a, b: n}".into(),
            8 => "[a, b, n]".into(),
            9 => "[[n, a], [m, b]]".into(),
            10 => "request.query".into(),
            11 => "request".into(),
            12 => "x".into(),
            13 => format!("([[a, n]] * {})", self.number()),
            14 => format!("a[{}:{}]", self.number(), self.number()),
            _ => "namespace(k=a, l=[b])".into(),
        }
    }

    fn args(&mut self) -> String {
        let names =
            ["", "", "", "attribute=", "indent=", "width=", "count=", "start=", "by=", "d="];
        let arg = |choices: &mut Self| {
            let name = choices.of(&names);
            let value = match choices.next(4) {
                0 => choices.number().into(),
                1 => format!(
                    "'{}'",
                    choices.of(&["k", "0", "value", "upper", "string", "%s", "", "list"])
                ),
                _ => choices.value(),
            };
            format!("{name}{value}")
        };
        (0..self.next(4)).map(|_| arg(self)).collect::<Vec<_>>().join(", ")
    }

    fn filtered(&mut self) -> String {
        let mut text = self.value();
        for _ in 0..self.next(4) {
            let filter = &WORDS.filters[self.next(WORDS.filters.len())];
            text = format!("{text} | {filter}({})", self.args());
        }
        text
    }

    fn test(&mut self) -> &'static str {
        let names = WORDS.tests.iter().filter(|name| name.starts_with(char::is_alphabetic));
        let names: Vec<&'static str> = names.map(String::as_str).collect();
        self.of(&names)
    }

    fn statement(&mut self) -> String {
        let value = self.filtered();
        match self.next(8) {
            0 => format!("{{% set x = {value} %}}"),
            1 => format!("{{% set x %}}{{{{ {value} }}}}{{% endset %}}"),
            2 => format!("{{% for x in {value} %}}{{{{ {} }}}}{{% endfor %}}", self.filtered()),
            3 => format!("{{% if {value} is {}({}) %}}y{{% endif %}}", self.test(), self.args()),
            4 => format!(
                "{{% set x = {value} | map('{}') %}}",
                self.of(&["upper", "tojson", "list", "int"])
            ),
            5 => format!("{{{{ debug({value}) }}}}"),
            _ => format!("{{{{ {value} }}}}"),
        }
    }
}

/// A template, and the query that it is asked with.
fn read(data: &[u8]) -> (String, String) {
    let mut choices = Choices(data);
    let number = |choices: &mut Choices<'_>| {
        choices.of(&[
            "1", "0", "3", "-5", "100", "1000", "30000", "1000000", "1000001", "4e9", "inf", "nan",
        ])
    };
    let text = |choices: &mut Choices<'_>| {
        let piece =
            choices.of(&["a", "%2C", "<", "'", "+", "%0A", "a%2C", "%25s", "%E2%80%A8", "5"]);
        // Both texts fit into a head, with nine bytes to a piece.
        piece.repeat([1, 10, 100, 800][choices.next(4)])
    };
    let query = format!(
        "n={}&m={}&a={}&b={}",
        number(&mut choices),
        number(&mut choices),
        text(&mut choices),
        text(&mut choices)
    );
    let mut template = "{% set a = request.query.a %}{% set b = request.query.b %}{% set x = a %}\
                        {% set n = request.query.n | int %}{% set m = request.query.m | float %}"
        .to_owned();
    for _ in 0..=choices.next(4) {
        template.push_str(&choices.statement());
    }
    (template, query)
}

/// Answers the request, and says the processor's time for it.
fn respond(site: &Site, head: &RequestHead) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let answered = head.with_request(|request| {
        let before = now();
        drop(site.respond(request, SystemTime::now()));
        now() - before
    });
    answered.expect("a query without a space")
}

fuzz_target!(|data: &[u8]| {
    let (template, query) = read(data);
    fs::write(FOLDER.join("a.html"), &template).expect("a page to write");
    let options = SiteOptions {
        production: true,
        fuel: FUEL,
        render_timeout: RENDER_TIMEOUT,
        ..SiteOptions::default()
    };
    let site = Site::open(&FOLDER, options).expect("a folder of pages");
    let head = RequestHead::get(&format!("/a?{query}"), "h");
    let before = HELD.load(Ordering::Relaxed);
    HIGHEST.store(before, Ordering::Relaxed);
    // The sanitizer's frames are wider than those that this stack is meant for.
    let stack = thread::Builder::new().stack_size(4 * RENDER_STACK_BYTES);
    let time = thread::scope(|scope| {
        let thread = stack.spawn_scoped(scope, || respond(&site, &head)).expect("a thread");
        thread.join().expect("a page without a panic")
    });
    let bytes = HIGHEST.load(Ordering::Relaxed) - before;
    assert!(bytes < MAX_BYTES, "{bytes} bytes for {template} of {query}");
    assert!(time < MAX_TIME, "{time:?} for {template} of {query}");
});

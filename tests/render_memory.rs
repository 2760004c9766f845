//! What one render takes of the heap at its highest, by a number out of the request.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs, thread,
    time::{Duration, SystemTime},
};

use dhat::{HeapStats, Profiler};
use pagepool::{
    http::request_head::RequestHead,
    site::{RENDER_STACK_BYTES, Site, SiteOptions},
};
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const FUEL: u64 = 100_000;

/// Bytes that the engine pays for with one step.
const BYTES_PER_STEP: usize = 64;

/// The most that a render may take at once, as a multiple of what its fuel pays for:
/// text is copied once when it is made.
const MAX_FACTOR: usize = 2;

/// For what does not grow with the fuel: the template, and what a visitor sent.
const OTHER_BYTES: usize = 1 << 20;

fn render(site: &Site, query: &str) {
    let head = RequestHead::get(&format!("/a?{query}"), "localhost");
    head.with_request(|request| drop(site.respond(request, SystemTime::now()))).unwrap();
}

/// Templates with `a`, a text of 5,000 commas, and `n`, each for what a visitor sent, and
/// numbers that are more than the fuel pays for, or just not.
const CASES: [(&str, &[u32]); 26] = [
    ("{{ a | reject([a] * n) | list }}", &[1_000_000, 300, 100]),
    ("{% include [a] * n ignore missing %}", &[1_000_000]),
    ("{{ a * n }}", &[1270, 300, 200, 100]),
    ("{% set x = a * n %}{{ x | length }}", &[1270]),
    ("{{ a * n | replace(',', '&') }}", &[200, 40]),
    ("{{ (a * n) | e }}", &[300, 200]),
    ("{{ (a * n) | split(',') | length }}", &[1000, 30, 18, 15]),
    ("{{ ([a] * n) | join }}", &[1_000_000, 300, 200]),
    ("{{ ([a] * n) | list | length }}", &[1_000_000, 70_000, 40_000]),
    ("{{ ([a] * n) | reverse | length }}", &[1_000_000, 70_000, 40_000]),
    ("{{ ([a] * n) | last | length }}", &[1_000_000, 90_000]),
    ("{{ ([a] * n) | sort | length }}", &[1_000_000, 10_000, 10]),
    ("{{ ([0] * n) | map('string') | list | length }}", &[1_000_000, 40_000, 20_000]),
    ("{{ ([a] * n) | tojson }}", &[1_000_000, 100, 30]),
    ("{{ ([0] * n) | tojson(indent=100) }}", &[1_000_000, 50_000, 3_000]),
    ("{{ [[[[0] * n]]] | pprint }}", &[1_000_000, 50_000, 3_000]),
    ("{{ [a] | batch(n, a) | length }}", &[1_000_000, 90_000, 30_000]),
    ("{{ [a] | slice(n) | length }}", &[1_000_000, 90_000, 30_000]),
    ("{% for x in range(n) %}{{ a }}{% endfor %}", &[100_000]),
    ("{% set x %}{% for x in range(n) %}{{ a }}{% endfor %}{% endset %}{{ x }}", &[100_000, 500]),
    (
        "{% macro m(t) %}{{ t }}{{ caller() }}{% endmacro %}\
         {% for x in range(n) %}{% call m(a) %}{{ a }}{% endcall %}{% endfor %}",
        &[100_000],
    ),
    (
        "{% filter upper %}{% for x in range(n) %}{{ a }}{% endfor %}{% endfilter %}",
        &[100_000, 500],
    ),
    (
        "{% set ns = namespace(x=a) %}{% for x in range(n) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        &[1000],
    ),
    (
        "{% set ns = namespace(x=[]) %}{% for x in range(n) %}{% set ns.x = [ns.x, a ~ x] %}{% endfor %}",
        &[100_000],
    ),
    (
        "{% set ns = namespace(x=[]) %}{% for x in range(n) %}\
         {% set ns.x = [ns.x, namespace(a=1)] %}{% endfor %}",
        &[100_000],
    ),
    (
        "{% set ns = namespace(x=[]) %}{% for x in range(n) %}{% set ns.x = [ns.x, {'a': x}] %}{% endfor %}",
        &[100_000],
    ),
];

/// The bytes that rendering takes of the heap at its highest.
fn bytes_for(source: &str, number: u32) -> usize {
    let _profiler = Profiler::builder().testing().build();
    let folder = TempDir::new().unwrap();
    let set = "{% set a = request.query.a %}{% set n = request.query.n | int %}";
    fs::write(folder.path().join("a.html"), format!("{set}{source}")).unwrap();
    let render_timeout = Duration::from_secs(600);
    let options = SiteOptions { fuel: FUEL, render_timeout, ..SiteOptions::default() };
    let site = Site::open(folder.path(), options).unwrap();
    let query = format!("n={number}&a={}", ",".repeat(5000));
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(RENDER_STACK_BYTES);
        thread.spawn_scoped(scope, || render(&site, &query)).unwrap().join().unwrap();
    });
    HeapStats::get().max_bytes
}

#[test]
fn no_number_of_a_visitor_takes_more_memory_than_fuel_pays_for() {
    for (source, numbers) in CASES {
        for &number in numbers {
            let bytes = bytes_for(source, number);
            let max = FUEL as usize * BYTES_PER_STEP * MAX_FACTOR + OTHER_BYTES;
            assert!(bytes < max, "{bytes} bytes for {source} with {number}, more than {max}");
        }
    }
}

//! What a request takes of the heap that the cache answers on a kept connection: nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestServer, app, folder, options};
use dhat::{HeapStats, Profiler};
use pagepool::server::Options;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// How often a request is sent whose allocations are counted.
const REQUESTS: usize = 50;
/// How often that is tried: what has just been written is not kept before the file
/// system's clock has ticked.
const TRIES: usize = 1000;

#[test]
fn a_hit_allocates_nothing() {
    let _profiler = Profiler::builder().testing().build();
    let folder = folder(&[("page.html", "<p>{{ page.url }}"), ("style.css", "p { margin: 0 }")]);
    let server = TestServer::start(app(folder.path()), Options { is_quiet: true, ..options() });
    let mut client = server.connect();
    let etag = client.get("/page").field("ETag").unwrap().to_owned();
    for (path, fields) in [
        ("/page", String::new()),
        ("/page?query=any", "Accept-Encoding: gzip, br\r\nAccept: text/html\r\n".to_owned()),
        ("/page", format!("If-None-Match: {etag}\r\n")),
        ("/style.css", String::new()),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        client.send(&request);
        let answer = client.answer();
        let mut bytes = vec![0; answer.head.len() + answer.body.len()];
        let mut counts = (0..TRIES).map(|_| {
            let before = HeapStats::get().total_blocks;
            for _ in 0..REQUESTS {
                client.send(&request);
                client.read_exact(&mut bytes);
            }
            HeapStats::get().total_blocks - before
        });
        assert!(counts.any(|count| count == 0), "{request}");
    }
}

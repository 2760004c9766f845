//! Clients that people use, against the program: curl, and Python's `http.client`.

mod common {
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
}

use std::{
    fs,
    process::{Command, Output},
};

use common::program::{Folder, Program};

/// Some bytes more than the default of `max_body_bytes`.
const TOO_MANY_BYTES: usize = 8_000_000;

/// A site with a page, its style, and a large text in which each line differs.
struct Site {
    folder: Folder,
    server: Program,
    lines: String,
}

impl Site {
    fn new() -> Self {
        let lines: String = (0..100_000).map(|number| format!("line {number:06}\n")).collect();
        let page = format!("<!doctype html>\n<h1>Home</h1>\n{}", "<p>text\n".repeat(100));
        let folder = Folder::new(&[
            ("pages/index.html", &page),
            ("pages/style.css", &"p { color: teal }\n".repeat(100)),
            ("pages/lines.txt", &lines),
        ]);
        let server = folder.serve(&["--fallback", "not-found"]);
        let site = Self { folder, server, lines };
        site.wait_for_tags();
        site
    }

    /// A large file has no entity tag until it has been hashed.
    fn wait_for_tags(&self) {
        while has("curl") && !self.curl(&["-I"], "/lines.txt").contains("\r\nETag: ") {}
    }

    /// Runs curl, and gives what it wrote.
    fn curl(&self, args: &[&str], target: &str) -> String {
        let output = self.run_curl(args, target);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {error}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn run_curl(&self, args: &[&str], target: &str) -> Output {
        let url = self.url(target);
        // It reads no settings of the user who runs the tests, and gives up in the end.
        let common = ["-q", "-sS", "--noproxy", "*", "--max-time", "60"];
        let args = [&common, args, &[&url]].concat();
        self.folder.command("curl", &args).output().expect("curl starts")
    }

    fn url(&self, target: &str) -> String {
        format!("http://localhost:{}{target}", self.server.port)
    }

    /// A file that curl wrote.
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path(name)).expect("curl wrote it")
    }

    /// Runs a function of the script, which makes its claims by itself.
    fn assert_python(&self, function: &str) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/http_client.py");
        let port = self.server.port.to_string();
        let mut command = self.folder.command("python3", &[script, function, &port]);
        let output = command.output().expect("python starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{function}: {error}");
    }
}

/// Whether a client is on this machine; prints a note where it is not.
fn has(program: &str) -> bool {
    let has = Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success());
    if !has {
        eprintln!("skipped: there is no {program}");
    }
    has
}

/// The head of what `curl -i` wrote, without the time of the answer, and the body.
fn split(answer: &str) -> (Vec<&str>, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.split("\r\n").filter(|line| !line.starts_with("Date: ")).collect(), body)
}

#[test]
fn curl_resumes_a_broken_download() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    for received in [1, 1000, site.lines.len() - 1] {
        site.folder.write("copy", &site.lines[..received]);
        let args = ["-C", "-", "-o", "copy", "-w", "%{http_code} %{size_download}"];
        let left = site.lines.len() - received;
        assert_eq!(site.curl(&args, "/lines.txt"), format!("206 {left}"));
        assert_eq!(site.text("copy"), site.lines);
    }
}

#[test]
fn curl_resumes_a_whole_download_without_a_byte_more() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    site.folder.write("copy", &site.lines);
    // Versions differ on whether this is a failure.
    let output = site.run_curl(&["-C", "-", "-o", "copy", "-w", "%{http_code}"], "/lines.txt");
    assert_eq!(output.stdout, b"416");
    assert_eq!(site.text("copy"), site.lines);
}

#[test]
fn curl_gets_the_ranges_that_it_asks_for() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let last = site.lines.len() - 5;
    for (range, bytes) in [
        ("0-4", &site.lines[..5]),
        ("500000-500019", &site.lines[500_000..500_020]),
        ("-5", &site.lines[last..]),
        (&format!("{last}-"), &site.lines[last..]),
    ] {
        let answer = site.curl(&["-i", "-r", range], "/lines.txt");
        let (head, body) = split(&answer);
        assert_eq!((head[0], body), ("HTTP/1.1 206 Partial Content", bytes), "{range}");
    }
    let parts = site.curl(&["-r", "0-10,24-34"], "/lines.txt");
    for part in
        ["bytes 0-10/1200000\r\n\r\nline 000000\r\n", "bytes 24-34/1200000\r\n\r\nline 000002\r\n"]
    {
        assert!(parts.contains(part), "{parts}");
    }
    let beyond = site.curl(&["-i", "-r", "1200000-"], "/lines.txt");
    assert!(beyond.contains("\r\nContent-Range: bytes */1200000\r\n"), "{beyond}");
}

#[test]
fn curl_decodes_each_coding() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let version = site.curl(&["--version"], "/");
    for (coding, library) in [("gzip", "libz"), ("br", "brotli"), ("zstd", "zstd")] {
        if !version.contains(library) {
            eprintln!("skipped: this curl is built without {library}");
            continue;
        }
        let accept = format!("Accept-Encoding: {coding}");
        for target in ["/", "/style.css"] {
            let plain = site.curl(&[], target);
            let args = ["-i", "--compressed", "-H", &accept, "-w", "%{size_download}"];
            let answer = site.curl(&args, target);
            let (head, body) = split(&answer);
            assert!(head.contains(&&*format!("Content-Encoding: {coding}")), "{head:?}");
            let size = body.strip_prefix(&plain).expect("it is the same text");
            let length = format!("Content-Length: {size}");
            assert!(head.contains(&&*length) && size.len() < plain.len(), "{head:?}");
        }
    }
}

#[test]
fn curl_is_not_sent_what_it_has() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    site.curl(&["-R", "-o", "copy", "--etag-save", "tag"], "/lines.txt");
    let status = ["-o", "again", "-w", "%{http_code} %{size_download}"];
    for (condition, answer) in [
        (["-z", "copy"], "304 0"),
        (["-z", "Sun, 06 Nov 1994 08:49:37 GMT"], "200 1200000"),
        (["-z", "-Sun, 06 Nov 1994 08:49:37 GMT"], "412"),
        (["--etag-compare", "tag"], "304 0"),
        (["-H", "If-None-Match: \"other\""], "200 1200000"),
    ] {
        let found = site.curl(&[&status[..], &condition].concat(), "/lines.txt");
        assert!(found.starts_with(answer), "{condition:?}: {found}");
    }
}

#[test]
fn curl_sees_the_same_head_without_a_body() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    for target in ["/", "/style.css", "/lines.txt", "/none"] {
        for coding in ["Accept-Encoding;", "Accept-Encoding: gzip"] {
            let whole = site.curl(&["-D", "-", "-o", "body", "-H", coding], target);
            let head = site.curl(&["-I", "-H", coding], target);
            assert_eq!(split(&head), split(&whole), "{target} {coding}");
        }
    }
}

#[test]
fn curl_asks_again_on_the_same_connection() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let page = site.url("/");
    let args = ["-w", " %{http_code} %{num_connects}\n"];
    let next = ["-o", "b", &page, "--next", "-sS", "-I", "-o", "c"];
    let found = site.curl(&[&args[..], &["-o", "a"], &next, &args].concat(), "/lines.txt");
    assert_eq!(found, " 200 1\n 200 0\n");
}

#[test]
fn curl_speaks_http_1_0() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let answer = site.curl(&["-i", "--http1.0"], "/lines.txt");
    let (head, body) = split(&answer);
    assert_eq!((head[0], body), ("HTTP/1.1 200 OK", &*site.lines));
    assert!(head.contains(&"Connection: close"), "{head:?}");
    let kept = site.curl(&["-i", "--http1.0", "-H", "Connection: keep-alive"], "/");
    assert!(kept.contains("\r\nConnection: keep-alive\r\n"), "{kept}");
}

#[test]
fn curl_reads_why_its_upload_was_refused() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    site.folder.write("small", "a=b");
    site.folder.write("large", &"x".repeat(TOO_MANY_BYTES));
    for (upload, status, text) in [
        (&["--data-binary", "@small"][..], "405", "POST"),
        (&["-T", "small"], "405", "PUT"),
        (&["-X", "DELETE"], "405", "DELETE"),
        // With these, curl waits for a 100 before it sends the body.
        (&["--data-binary", "@large"], "405", "POST"),
        (&["-X", "GET", "--data-binary", "@large"], "413", "max_body_bytes"),
        (&["-T", "large"], "405", "PUT"),
        (&["-T", "large", "-H", "Transfer-Encoding: chunked"], "405", "PUT"),
        // And with these it does not.
        (&["--data-binary", "@large", "-H", "Expect:"], "405", "POST"),
        (&["-X", "GET", "--data-binary", "@large", "-H", "Expect:"], "413", "max_body_bytes"),
        (&["-T", "large", "-H", "Expect:"], "405", "PUT"),
        (&["-T", "large", "-H", "Expect:", "-H", "Transfer-Encoding: chunked"], "405", "PUT"),
    ] {
        let answer = site.curl(&[&["-w", "%{http_code}"], upload].concat(), "/");
        assert!(answer.ends_with(status) && answer.contains(text), "{upload:?}: {answer}");
    }
}

#[test]
fn python_keeps_its_connection() {
    if has("python3") {
        Site::new().assert_python("keep_alive");
    }
}

#[test]
fn python_reads_pipelined_answers_in_order() {
    if has("python3") {
        Site::new().assert_python("pipeline");
    }
}

#[test]
fn python_goes_on_after_a_chunked_upload() {
    if has("python3") {
        Site::new().assert_python("chunked_upload");
    }
}

#[test]
fn python_reads_why_its_upload_was_refused() {
    if has("python3") {
        Site::new().assert_python("refused_upload");
    }
}

#[test]
fn python_sees_the_same_head_without_a_body() {
    if has("python3") {
        Site::new().assert_python("head");
    }
}

#[test]
fn python_is_not_sent_what_it_has() {
    if has("python3") {
        Site::new().assert_python("not_modified");
    }
}

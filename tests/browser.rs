//! The sample site and the server's own pages in a real browser.

mod common {
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
}

use std::{fs, path::Path};

use common::program::{Folder, Program};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;
use walkdir::WalkDir;

/// The pages of the sample site.
const PAGES: [&str; 14] = [
    "/",
    "/guide/",
    "/guide/routing",
    "/guide/templates",
    "/guide/lists",
    "/guide/front-matter",
    "/guide/markdown",
    "/guide/pages-from-data",
    "/guide/data",
    "/guide/feeds",
    "/guide/publishing",
    "/guide/coming-from",
    "/request",
    "/about",
];

/// A page that shows others in frames of a phone's width, checks each with
/// `request.query.script`, an expression over `page` and `style`, and says what
/// that gives.
const PROBE: &str = r#"<!doctype html>
{% for target in request.query_all.page %}
<iframe src="{{ target }}" width="360" height="640"></iframe>
{% endfor %}
<script>
  const look = frame => {
    const page = frame.contentDocument;
    const style = (selector, name) =>
      frame.contentWindow.getComputedStyle(page.querySelector(selector))[name];
    return {{ request.query.script | safe }};
  };
  addEventListener("load", () => {
    const found = [...document.querySelectorAll("iframe")].map(look);
    document.body.textContent = "probe:" + JSON.stringify(found);
  });
</script>
"#;

/// Puts off the end of loading, at which the browser prints the document, until
/// `done` is called with what to show.
const PUT_OFF_LOAD: &str = r#"<!doctype html>
<body>
<script>
  const open = document.body.appendChild(document.createElement("iframe")).contentDocument;
  open.open();
  const done = text => {
    document.body.append("probe:" + text);
    open.close();
  };
</script>
"#;

/// A page that goes to the middle of a recording.
const SEEKING: &str = r#"
<video src="/tone.wav" preload="metadata"></video>
<script>
  const video = document.querySelector("video");
  video.onloadedmetadata = () => video.currentTime = video.duration / 2;
  video.onseeked = () => done(`at ${video.currentTime} of ${video.duration}`);
  video.onerror = () => done(video.error.message);
</script>
"#;

/// A page that reloads another one in a frame.
const RELOADING: &str = r#"
<script>
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.onload = () => {
    frame.onload = () => done(frame.contentDocument.title);
    frame.contentWindow.location.reload();
  };
  frame.src = "/about";
</script>
"#;

/// A minute of silence, uncompressed: too much to be fetched ahead.
fn wave() -> Vec<u8> {
    let (bytes_per_second, data_len) = (176_400_u32, 60 * 176_400_u32);
    let mut wave = Vec::from(*b"RIFF");
    wave.extend((36 + data_len).to_le_bytes());
    // PCM, two channels, 44,100 samples of four bytes a second
    wave.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    wave.extend(44_100_u32.to_le_bytes());
    wave.extend(bytes_per_second.to_le_bytes());
    wave.extend(b"\x04\0\x10\0data");
    wave.extend(data_len.to_le_bytes());
    wave.resize(44 + data_len as usize, 0);
    wave
}

/// The sample site, with a few pages more, and the server that serves it.
struct Site {
    server: Program,
}

impl Site {
    fn new() -> Self {
        Self::with(&[])
    }

    /// The same with flags for the server.
    fn with(flags: &[&str]) -> Self {
        let folder = Folder::new(&[
            ("pages/probe.html", PROBE),
            ("pages/broken.html", "{% extends \"_layout.html\" %}\n{{ site.titel }}\n"),
            ("pages/nested.html", "{% include \"broken.html\" %}\n"),
            ("pages/image.html", "<!doctype html><img src=\"/missing.png\">"),
            ("pages/seeking.html", &format!("{PUT_OFF_LOAD}{SEEKING}")),
            ("pages/reloading.html", &format!("{PUT_OFF_LOAD}{RELOADING}")),
        ]);
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
        for entry in WalkDir::new(&sample) {
            let entry = entry.expect("the sample site can be read");
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(&sample).expect("it lies in it");
                let text = fs::read_to_string(entry.path()).expect("it is text");
                folder.write(&format!("pages/{}", name.display()), &text);
            }
        }
        fs::write(folder.path("pages/tone.wav"), wave()).expect("the file is written");
        Self { server: folder.serve(flags) }
    }

    /// The document that the browser makes of `target`, once loaded.
    fn dom(&self, target: &str) -> String {
        self.dom_with(target, &[])
    }

    fn dom_with(&self, target: &str, flags: &[&str]) -> String {
        let url = format!("http://localhost:{}{target}", self.server.port);
        let profile = TempDir::new().expect("a folder for the browser");
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        let mut args = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &profile_flag,
        ];
        args.extend(flags);
        args.extend(["--dump-dom", &url]);
        let folder = Folder::new(&[]);
        let mut command = folder.command("chromium", &args);
        command.env("HOME", folder.path(""));
        let ended = Program::start(&folder, command).wait();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    }

    /// What `script` gives of each page, on a phone.
    fn probe(&self, targets: &[&str], script: &str) -> Vec<Value> {
        self.probe_with(targets, script, &[])
    }

    fn probe_with(&self, targets: &[&str], script: &str, flags: &[&str]) -> Vec<Value> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pages: String = targets.iter().map(|page| format!("&page={}", encode(page))).collect();
        let dom = self.dom_with(&format!("/probe?script={}{pages}", encode(script)), flags);
        let found = dom.split_once("<body>probe:").and_then(|(_, rest)| rest.split_once("</body>"));
        let (found, _) = found.unwrap_or_else(|| panic!("no answer in {dom}"));
        let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        serde_json::from_str(&found).unwrap_or_else(|error| panic!("{error}: {found}"))
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_home_page_has_its_title_and_heading() {
    let dom = Site::new().dom("/");
    assert!(dom.contains("<title>A test page</title>"), "{dom}");
    assert!(dom.contains("<h1>Testing</h1>"), "{dom}");
}

#[test]
#[ignore = "needs chromium"]
fn the_navigation_marks_the_current_page() {
    let marked =
        "[...page.querySelectorAll('header [aria-current]')].map(link => link.textContent)";
    assert_eq!(
        Site::new().probe(&PAGES, marked),
        PAGES.map(|page| match page {
            "/" => json!(["Home"]),
            "/request" => json!(["Request"]),
            "/about" => json!(["About"]),
            _ => json!(["Guide"]),
        })
    );
}

#[test]
#[ignore = "needs chromium"]
fn stylesheet_and_icon_are_applied() {
    let weight = "style('header [aria-current]', 'fontWeight')";
    let other = "style('header nav a:not([aria-current])', 'fontWeight')";
    let icon = "page.querySelector('.brand img').naturalWidth";
    let found = Site::new().probe(&PAGES, &format!("[{weight} > {other}, {icon} > 0]"));
    assert_eq!(found, vec![json!([true, true]); PAGES.len()]);
}

#[test]
#[ignore = "needs chromium"]
fn colours_follow_those_of_the_system() {
    let site = Site::new();
    let targets = ["/", "/no/such/page", "/broken"];
    let [light, dark] = ["1", "0"].map(|scheme| {
        let flag = format!("--blink-settings=preferredColorScheme={scheme}");
        site.probe_with(&targets, "style('h1', 'color')", &[&flag])
    });
    assert!(light.iter().zip(&dark).all(|(light, dark)| light != dark), "{light:?} {dark:?}");
}

#[test]
#[ignore = "needs chromium"]
fn no_page_is_wider_than_a_phone() {
    let long = format!("/{}", "long".repeat(100));
    let targets = [&PAGES[..], &["/broken", &long]].concat();
    let widths = Site::new().probe(&targets, "page.documentElement.scrollWidth");
    for (target, width) in targets.iter().zip(widths) {
        assert!(width.as_u64().is_some_and(|width| width <= 360), "{target} is {width} wide");
    }
}

#[test]
#[ignore = "needs chromium"]
fn nothing_comes_from_the_network() {
    let urls = "frame.contentWindow.performance.getEntriesByType('resource').map(e => e.name)";
    let found = Site::new().probe(
        &PAGES,
        &format!("[{urls}.length > 1, {urls}.filter(url => !url.startsWith(location.origin))]"),
    );
    assert_eq!(found, vec![json!([true, []]); PAGES.len()]);
}

#[test]
#[ignore = "needs chromium"]
fn every_link_of_the_site_leads_to_a_page() {
    let mut site = Site::new();
    let links = "[...page.querySelectorAll('a')].map(link => link.getAttribute('href'))";
    let found = site.probe(&PAGES, links);
    let links = found.iter().flat_map(|links| links.as_array().unwrap());
    let mut links: Vec<&str> = links.map(|link| link.as_str().unwrap()).collect();
    links.sort_unstable();
    links.dedup();
    // The first is for the reader to make, the second shows the echo page.
    let for_readers = ["/hello", "/try/this/path"];
    links.retain(|link| link.starts_with('/') && !for_readers.contains(link));
    assert!(links.len() >= PAGES.len(), "{links:?}");
    for link in links {
        site.server.get(link);
        let start = format!("GET  {link} ");
        let line = site.server.stdout.wait_for(|line| line.contains(&start));
        // The browser has some of them already. The line ends in the file that
        // answered; the echo page has none.
        let is_there = line.contains(" 200 ") || line.contains(" 304 ");
        assert!(is_there && !line.ends_with("ms") && !line.ends_with("us"), "{line}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_link_to_no_page_is_answered_by_the_echo_page() {
    let site = Site::new();
    let links = site.probe(&["/"], "page.querySelector('main a[href^=\"/try/\"]').pathname");
    let dom = site.dom(links[0].as_str().unwrap());
    assert!(dom.contains("<title>A test page</title>"), "{dom}");
    assert!(dom.contains("<h1>Testing</h1>"), "{dom}");
    assert!(dom.contains("<p>The server got a request with path /try/this/path</p>"), "{dom}");
    assert!(dom.contains("<code>pages/try/this/path.html</code>"), "{dom}");
}

#[test]
#[ignore = "needs chromium"]
fn the_echo_page_runs_nothing_that_stands_in_the_path() {
    // Chromium leaves an apostrophe in a path as it is, and encodes the rest.
    let dom = Site::new().dom("/'><script>document.title='run'</script>?'&lt;b>");
    assert!(dom.contains("<title>A test page</title>"), "{dom}");
    assert!(!dom.contains("<script") && !dom.contains("<b>"), "{dom}");
}

#[test]
#[ignore = "needs chromium"]
fn a_missing_image_is_an_error_to_the_browser() {
    let mut site = Site::new();
    site.dom("/image");
    let line = site.server.stdout.wait_for(|line| line.contains("/missing.png"));
    assert!(line.contains(" 404 "), "{line}");
}

#[test]
#[ignore = "needs chromium"]
fn an_error_page_shows_the_place_and_what_to_do() {
    let found = Site::new().probe(
        &["/nested"],
        "[page.title,
          page.querySelector('h1').textContent,
          page.querySelector('mark').textContent,
          page.querySelector('.marked i').textContent,
          page.querySelector('li').textContent,
          page.querySelector('.help').textContent]",
    );
    let expected = json!([
        "Error in broken.html:2:4",
        "site.titel is undefined",
        "site.titel",
        "2",
        "included from nested.html:1",
        "did you mean site.title?"
    ]);
    assert_eq!(found, [expected]);
}

#[test]
#[ignore = "needs chromium"]
fn the_request_page_shows_what_the_browser_sent() {
    let found = Site::new().probe(
        &["/request?name=Ada+%26+Bob&lane=2&lane=4"],
        "[page.querySelector('#name').value,
          [...page.querySelectorAll('input:checked')].map(box => box.value),
          page.body.innerText.includes('HeadlessChrome')]",
    );
    assert_eq!(found, [json!(["Ada & Bob", ["2", "4"], true])]);
}

#[test]
#[ignore = "needs chromium"]
fn a_video_goes_to_its_middle_without_what_lies_before() {
    let mut site = Site::with(&["--print-requests"]);
    let dom = site.dom("/seeking");
    assert!(dom.contains("probe:at 30 of 60"), "{dom}");
    // An answer that is broken off has its line late, and one for a range that the
    // browser has already is a 304: so the order says nothing.
    let (mut parts, mut is_middle) = (0, false);
    while parts < 2 || !is_middle {
        let line = site.server.stdout.wait_for(|_| true);
        parts += usize::from(line.contains("GET  /tone.wav ") && line.contains(" 206 "));
        let range = line.strip_prefix("Range: bytes=").and_then(|range| range.split_once('-'));
        let start = range.and_then(|(start, _)| start.parse().ok());
        // The browser takes a little of what lies before the place, too.
        is_middle |= start.is_some_and(|start: usize| start > wave().len() / 3);
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_reload_brings_no_body_again() {
    let mut site = Site::new();
    let dom = site.dom("/reloading");
    assert!(dom.contains("probe:About"), "{dom}");
    let mut next = || site.server.stdout.wait_for(|line| line.contains("GET  /about "));
    let (first, again) = (next(), next());
    assert!(first.contains(" 200 ") && again.contains(" 304 "), "{first}\n{again}");
    let is_style = |line: &str| line.contains("GET  /style.css ") && line.contains(" 304 ");
    site.server.stdout.wait_for(is_style);
}

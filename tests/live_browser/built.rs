//! The output of a build, served below a path: it looks as it does at `/`, and asks for nothing
//! outside.

use std::{fs, path::Path};

use serde_json::Value;
use walkdir::WalkDir;

use crate::common::{
    chromium::{Profile, Tab},
    program::{Folder, Program, SERVER},
};

const BASE: &str = "/repo/";

/// Holds where a page has all that it asks for.
const WHOLE: &str = "document.readyState == 'complete' && document.fonts.status == 'loaded'";

/// The texts of a page and of the frames in it, and the box of each element.
const LAYOUT: &str = "(() => {
    const layout = page => [page.body.innerText, [...page.querySelectorAll('*')].map(element => {
        const { x, y, width, height } = element.getBoundingClientRect();
        const inner = element.contentDocument?.body ? layout(element.contentDocument) : [];
        return [element.localName, x, y, width, height, inner];
    })];
    return layout(document);
})()";

/// The images of a page that have not come.
const BROKEN: &str =
    "[...document.images].filter(image => !image.naturalWidth).map(image => image.outerHTML)";

/// The files of the sample site, with the guide.
fn sample_site() -> Folder {
    let folder = Folder::in_memory();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
    for entry in WalkDir::new(&sample) {
        let entry = entry.expect("the sample site can be read");
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&sample).expect("it lies in it");
            let text = fs::read_to_string(entry.path()).expect("it is text");
            folder.write(&format!("pages/{}", name.display()), &text);
        }
    }
    folder
}

fn new_blog() -> Folder {
    let folder = Folder::in_memory();
    run(&folder, &["new", "--blog", "."]);
    folder
}

/// A page with each kind of URL that asks for something, and what it asks for.
fn every_kind() -> Folder {
    let folder = Folder::in_memory();
    let square = "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'>\
        <g id='s'><path fill='red' d='M0 0h20v20z'/></g></svg>";
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        folder.write(&format!("pages/pictures/{name}.svg"), square);
    }
    folder.write("pages/index.html", KINDS);
    folder.write("pages/about.html", "<!doctype html><p>About <img src=/pictures/b.svg>");
    folder.write("pages/app.js", "document.body.append('module');");
    folder.write(
        "pages/sub/kinds.css",
        "@import '/sub/more.css';\n.c { background: url(/pictures/c.svg) }",
    );
    folder.write("pages/sub/more.css", ".d { background: image-set('/pictures/d.svg' 1x) }");
    folder.write(
        "pages/document.svg",
        "<?xml-stylesheet href='/sub/document.css'?>\n\
        <svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'>\
        <image href='/pictures/f.svg' width='10' height='10'/></svg>",
    );
    folder.write("pages/sub/document.css", "image { opacity: 0.5 }");
    folder
}

const KINDS: &str = "<!doctype html><title>Kinds</title>
<link rel=stylesheet href='/sub/kinds.css'>
<script type=module src=/app.js></script>
<style>.e { background: url('/pictures/e.svg') } i { display: block; height: 20px; width: 20px }</style>
<img src=/pictures/a.svg><img srcset='/pictures/b.svg 1x' alt=b>
<picture><source srcset='/pictures/g.svg, /pictures/a.svg 2x'><img src=/pictures/a.svg></picture>
<i class=c></i><i class=d></i><i class=e></i><i style=\"background: url('/pictures/a.svg')\"></i>
<svg width=20 height=20><use href='/pictures/a.svg#s'/></svg>
<iframe src=/about width=200 height=100></iframe>
<iframe srcdoc=\"<img src='/pictures/b.svg'>\" width=200 height=100></iframe>
<object data=/document.svg width=20 height=20></object>
<video poster=/pictures/a.svg width=20 height=20></video>
<a href=/about>About</a>
";

fn run(folder: &Folder, args: &[&str]) {
    let ended = Program::start(folder, folder.command(SERVER, args)).wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{args:?}");
}

/// Builds the site for `base` and serves what is written there.
fn serve_built(folder: &Folder, base: &str) -> Program {
    let root = format!("built{}", base.trim_end_matches('/').replace('/', "-"));
    run(folder, &["build", "--quiet", "--base-path", base, "--out", &format!("{root}{base}")]);
    folder.serve(&["--root", &root, "--plain", "--production"])
}

/// The paths of all pages that were built, from the root of the site.
fn pages(folder: &Folder) -> Vec<String> {
    let out = folder.path("built");
    let files = WalkDir::new(&out).sort_by_file_name().into_iter();
    let names = files.filter_map(|entry| {
        let path = entry.expect("the output can be read").into_path();
        let name = path.strip_prefix(&out).expect("it lies in it").to_str()?.to_owned();
        let page = name.strip_suffix(".html")?;
        Some(page.strip_suffix("index").unwrap_or(page).to_owned())
    });
    names.collect()
}

/// What a page looks like at `base`: its layout and its picture.
fn look(tab: &Tab, port: u16, base: &str, page: &str) -> (Value, Vec<u8>) {
    tab.go(&format!("http://localhost:{port}{base}{page}"));
    tab.wait_for(WHOLE);
    let outside = format!("http://localhost:{port}{base}");
    // Browsers ask for this by themselves, where a page names no icon.
    let is_asked_for = |url: &&String| url.starts_with("http") && !url.ends_with("/favicon.ico");
    let requests = tab.wait_for_requests();
    let mut asked_for = requests.iter().filter(is_asked_for);
    assert_eq!(asked_for.find(|url| !url.starts_with(&outside)), None, "{base}{page}");
    let failed = tab.failed_requests();
    // The page for what is not there says so, here too.
    let mut failed = failed.iter().filter(is_asked_for).filter(|url| !url.ends_with("/404"));
    assert_eq!(failed.next(), None, "{base}{page}");
    let console = tab.console();
    let mut console = console.iter().filter(|line| !line.ends_with("404 (Not Found)"));
    assert_eq!(console.next(), None, "{base}{page}");
    assert_eq!(tab.evaluate(BROKEN), serde_json::json!([]), "{base}{page}");
    let name = format!("{}{page}", base.trim_matches('/')).replace('/', "-");
    let picture = fs::read(tab.screenshot_of_all(&name)).expect("it was written");
    (tab.evaluate(LAYOUT), picture)
}

fn assert_same_below_a_path(folder: &Folder, expected_pages: usize) {
    let profile = Profile::new();
    let servers = [("/", serve_built(folder, "/")), (BASE, serve_built(folder, BASE))];
    let pages = pages(folder);
    assert!(pages.len() >= expected_pages, "{pages:?}");
    let looks = servers.map(|(base, server)| {
        let tab = profile.open("about:blank");
        tab.record_messages();
        pages.iter().map(|page| look(&tab, server.port, base, page)).collect::<Vec<_>>()
    });
    for ((page, at_root), below) in pages.iter().zip(&looks[0]).zip(&looks[1]) {
        assert_eq!(at_root.0, below.0, "{page}");
        assert!(at_root.1 == below.1, "{page} looks different: see the pictures");
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_sample_site_looks_the_same_below_a_path_and_asks_for_nothing_outside() {
    assert_same_below_a_path(&sample_site(), 14);
}

#[test]
#[ignore = "needs chromium"]
fn a_new_blog_looks_the_same_below_a_path_and_asks_for_nothing_outside() {
    assert_same_below_a_path(&new_blog(), 8);
}

#[test]
#[ignore = "needs chromium"]
fn every_kind_of_url_leads_below_the_path() {
    assert_same_below_a_path(&every_kind(), 3);
}

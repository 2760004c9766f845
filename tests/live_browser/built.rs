//! The output of a build, served below a path: it looks as it does at `/`, and asks for nothing
//! outside.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
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

/// Where the links and forms of a page lead on its own host.
const LINKS: &str = "[...document.querySelectorAll('[href]:not(svg *), form, button, [cite]')]
    .flatMap(it => [it.href, it.ping, it.action, it.formAction, it.cite])
    .filter(url => url).map(url => new URL(url, location).href)
    .filter(url => url.startsWith(location.origin))";

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

/// A site that asks for a file in each way, and all that it asks for.
fn every_kind() -> (Folder, BTreeSet<String>) {
    let folder = Folder::in_memory();
    let mut files = KINDS.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    for (idx, name) in PICTURES.iter().enumerate() {
        let picture = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'>\
            <path id='s' fill='hsl({} 80% 50%)' d='M0 0h20v20z'/></svg>",
            idx * 15,
        );
        files.push((format!("pictures/{name}.svg"), picture));
    }
    for (name, text) in &files {
        folder.write(&format!("pages/{name}"), text);
    }
    let names = files.into_iter().map(|(name, _)| name.trim_end_matches(".html").to_owned());
    (folder, names.chain(["404".to_owned()]).collect())
}

/// A site that asks for a file in each way that HTML, CSS and SVG have.
const KINDS: [(&str, &str); 10] = [
    (
        "kinds.html",
        r##"<!doctype html><html><head><title>Kinds</title>
<meta http-equiv=refresh content="3600; url=/frame">
<link rel=icon href="data:,"><link rel=stylesheet href='/sub/kinds.css'>
<link rel=preload as=image href=/pictures/preloaded.svg imagesrcset='/pictures/preloaded.svg 1x'>
<link rel=modulepreload href=/module.js>
<script src=/script.js></script><script type=module src = "&#47;module.js"></script>
<style>
@import url( /sub/imported.css );
i { display: inline-block; height: 20px; width: 20px }
.quoted { background: url('/pictures/quoted.svg') } .bare { background: URL(/pictures/bare.svg) }
</style></head>
<body background=/pictures/body.svg>
<p><img src=/pictures/bare-value.svg><img src=" /pictures/spaces.svg "><image src='/pictures/image.svg'>
<img srcset="data:image/svg+xml,%3Csvg/%3E 0.5x, /pictures/srcset.svg 1x" alt=srcset>
<picture><source srcset=/pictures/source.svg><img alt=source></picture>
<input type=image src=/pictures/input.svg alt=input>
<video poster=/pictures/poster.svg width=20 height=20></video>
<audio preload=auto><source src=/sound.wav></audio>
<table><tr><td background=/pictures/cell.svg>cell</table>
<p><i class=quoted></i><i class=bare></i><i class=linked></i><i class=imported></i><i class=more></i>
<i style="background: url(&quot;/pictures/style.svg&quot;)"></i>
<svg width=60 height=20><use href='/pictures/sprite.svg#s'/>
<image xlink:href=/pictures/svg-image.svg x=20 width=20 height=20 />
<filter id=f><feImage href=/pictures/filter.svg /></filter>
<rect x=40 width=20 height=20 filter=url(#f) /></svg>
<iframe src=/frame width=200 height=50></iframe>
<iframe srcdoc="<img src='/pictures/srcdoc.svg'>" width=200 height=50></iframe>
<object data=/document.svg width=20 height=20></object>
<embed src=/pictures/embed.svg width=20 height=20>
<p><a href=/frame ping=/frame>Frame</a><a href="/">Root</a><a href=sub/kinds.css>Relative</a>
<map><area href=/frame></map><q cite=/frame>q</q>
<form action=/frame><button formaction='/frame'>Send</button></form>
"##,
    ),
    ("frame.html", "<!doctype html><title>Frame</title><img src=/pictures/framed.svg>"),
    (
        "sub/kinds.css",
        "@import '/sub/more.css';\n.linked { background: url(/pictures/linked.svg) }",
    ),
    ("sub/more.css", ".more { background: image-set('/pictures/more.svg' 1x) }"),
    ("sub/imported.css", ".imported { background: url(../pictures/imported.svg) }"),
    (
        "document.svg",
        "<?xml-stylesheet href='/sub/document.css'?>\n\
        <svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'>\
        <image href='/pictures/document.svg' width='10' height='10'/></svg>",
    ),
    ("sub/document.css", "image { opacity: 0.5 }"),
    ("script.js", "document.title += ' and a script'"),
    ("module.js", "document.title += ' and a module'"),
    // A hundredth of a second of silence, nearly.
    (
        "sound.wav",
        "RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0@@@@@@@@",
    ),
];

/// The pictures that `KINDS` shows, each with a colour of its own.
const PICTURES: [&str; 23] = [
    "preloaded",
    "quoted",
    "bare",
    "body",
    "bare-value",
    "spaces",
    "image",
    "srcset",
    "source",
    "input",
    "poster",
    "cell",
    "style",
    "sprite",
    "svg-image",
    "filter",
    "srcdoc",
    "embed",
    "framed",
    "linked",
    "more",
    "imported",
    "document",
];

fn run(folder: &Folder, args: &[&str]) {
    let ended = Program::start(folder, folder.command(SERVER, args)).wait();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{args:?}");
}

/// Builds the site for `base` and serves what is written there.
fn serve_built(folder: &Folder, base: &str) -> Program {
    let root = format!("built{}", base.trim_end_matches('/').replace('/', "-"));
    run(folder, &["build", "--quiet", "--base-path", base, "--out", &format!("{root}{base}")]);
    // The host's own icon, which browsers ask for by themselves where a page names none.
    folder.write(&format!("{root}/favicon.ico"), "");
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

/// What a page is in a browser, with URLs from where its site begins.
struct Look {
    layout: Value,
    requests: BTreeSet<String>,
    links: BTreeSet<String>,
    picture: Vec<u8>,
}

/// Looks at a page of the site at `base`, out of which nothing may lead.
fn look(tab: &Tab, port: u16, base: &str, page: &str) -> Look {
    let origin = format!("http://localhost:{port}");
    let inside = |url: &str| {
        let path = url.strip_prefix(&origin).and_then(|path| path.strip_prefix(base));
        path.unwrap_or_else(|| panic!("{base}{page} leads to {url}")).to_owned()
    };
    let before = tab.wait_for_requests().len();
    tab.go(&format!("{origin}{base}{page}"));
    tab.wait_for(WHOLE);
    let requests = tab.wait_for_requests().into_iter().skip(before);
    let requests = requests.filter(|url| !url.starts_with("data:"));
    let requests = requests.filter(|url| *url != format!("{origin}/favicon.ico"));
    let mut requests: BTreeSet<_> = requests.map(|url| inside(&url)).collect();
    // An icon is asked for at any time, and kept for other pages.
    requests.remove("favicon.svg");
    let links = tab.evaluate(LINKS);
    let links = links.as_array().expect("a list").iter();
    let links = links.map(|url| inside(url.as_str().expect("a URL"))).collect();
    assert_eq!(tab.evaluate(BROKEN), json!([]), "{base}{page}");
    assert_eq!(tab.console(), [""; 0], "{base}{page}");
    let name = format!("{}{page}", base.trim_matches('/')).replace('/', "-");
    let picture = fs::read(tab.screenshot(&name)).expect("it was written");
    Look { layout: tab.evaluate(LAYOUT), requests, links, picture }
}

/// Asserts that all pages are the same at both places, and gives what they ask for.
fn assert_same_below_a_path(folder: &Folder, expected_pages: usize) -> BTreeSet<String> {
    let profile = Profile::new();
    let servers = [("/", serve_built(folder, "/")), (BASE, serve_built(folder, BASE))];
    let pages = pages(folder);
    assert!(pages.len() >= expected_pages, "{pages:?}");
    let tall = json!({ "width": 900, "height": 9000, "deviceScaleFactor": 1, "mobile": false });
    let looks = servers.map(|(base, server)| {
        let tab = profile.open("about:blank");
        tab.record_messages();
        // All of a page is in sight, so that its picture is taken at once.
        tab.call("Emulation.setDeviceMetricsOverride", &tall);
        pages.iter().map(|page| look(&tab, server.port, base, page)).collect::<Vec<_>>()
    });
    for ((page, at_root), below) in pages.iter().zip(&looks[0]).zip(&looks[1]) {
        assert_eq!(at_root.layout, below.layout, "{page}");
        assert_eq!(at_root.requests, below.requests, "{page}");
        assert_eq!(at_root.links, below.links, "{page}");
        assert!(at_root.picture == below.picture, "{page} looks different: see the pictures");
    }
    looks.into_iter().flatten().flat_map(|look| look.requests).collect()
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
    let (folder, files) = every_kind();
    assert_eq!(assert_same_below_a_path(&folder, 3), files);
}

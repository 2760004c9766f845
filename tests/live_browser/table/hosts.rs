//! How a browser gets at the server: by a name that is no local one, below a path, by a
//! root that is switched; and what is said at the terminal when it does not.

use super::{Edit, How, Kind, ROW, Row, Way};

const ONE: &str = "<!doctype html><link rel=stylesheet href=style.css><p id=p>one</p>";
const RED: (&str, &str) = ("style.css", "p { color: red }");
const TO_TWO: Edit = Edit::Replace("index.html", "one", "two");
const TO_BLUE: Edit = Edit::Replace("style.css", "red", "blue");
const SHOWN: &str = "[p.textContent, getComputedStyle(p).color]";

const PHONE: Row =
    Row { kind: Kind::Phone, config: "allowed_hosts = [\"phone.test\"]\n", way: Way::Phone, ..ROW };

const BELOW: Row = Row { kind: Kind::Below, way: Way::Stripped("/proxy/8889"), ..ROW };

const BASE: Row =
    Row { kind: Kind::Below, config: "base_path = \"/docs/site\"\n", target: "/docs/site/", ..ROW };

const SWITCHED: Row = Row { kind: Kind::Root, links: &[("pages", "one")], probe: SHOWN, ..ROW };

const TERMINAL: Row = Row { kind: Kind::Terminal, ..ROW };

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a text and a stylesheet change",
        files: &[("index.html", ONE), RED],
        edits: &[TO_TWO, TO_BLUE],
        probe: SHOWN,
        how: How::InPlace,
        ..PHONE
    },
    Row {
        name: "a missing image is 404",
        files: &[("index.html", "<!doctype html><img src=/missing.png>")],
        probe: "performance.getEntriesByType('resource').find(entry => /missing/.test(entry.name)).responseStatus",
        holds: "performance.getEntriesByType('resource').find(entry => /missing/.test(entry.name)).responseStatus == 404",
        ..PHONE
    },
    Row {
        name: "a missing script is 404",
        files: &[("index.html", "<!doctype html><p>text</p><script src=/missing.js></script>")],
        probe: "performance.getEntriesByType('resource').find(entry => /missing/.test(entry.name)).responseStatus",
        holds: "performance.getEntriesByType('resource').find(entry => /missing/.test(entry.name)).responseStatus == 404",
        ..PHONE
    },
    Row {
        name: "missing data is 404",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        probe: "fetch('/missing.json').then(answer => answer.status)",
        holds: "await fetch('/missing.json').then(answer => answer.status == 404)",
        ..PHONE
    },
    Row {
        name: "missing HTML that a script asks for is 404",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        probe: "fetch('/missing', { headers: { Accept: 'text/html' } }).then(answer => answer.status)",
        holds: "await fetch('/missing', { headers: { Accept: 'text/html' } }).then(answer => answer.status == 404)",
        ..PHONE
    },
    Row {
        name: "a part that a script fetches is as it is on the disk",
        files: &[("index.html", "<!doctype html><p>text</p>"), ("part.html", "<p>part</p>")],
        probe: "fetch('/part', { headers: { Accept: 'text/html, */*; q=0.01' } }).then(answer => answer.text())",
        holds: "await fetch('/part', { headers: { Accept: 'text/html, */*; q=0.01' } })
            .then(answer => answer.text()).then(text => text == '<p>part</p>')",
        ..PHONE
    },
    Row {
        name: "a page in a frame",
        files: &[
            ("index.html", "<!doctype html><p>text</p><iframe src=/inner></iframe>"),
            ("inner.html", "<!doctype html><p>one"),
        ],
        ready: "frames[0].pagepool.connected",
        edits: &[Edit::Replace("inner.html", "one", "two")],
        probe: "frames[0].document.body.textContent",
        how: How::InPlace,
        ..PHONE
    },
    Row {
        name: "a script changes",
        files: &[("index.html", "<!doctype html><p>text</p><script src=/a.js></script>"), ("a.js", "n = 1")],
        edits: &[Edit::Save("a.js", "n = 2")],
        probe: "n",
        how: How::Reloads(1),
        ..PHONE
    },
    Row {
        name: "a page that appears where there was none",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        target: "/later",
        edits: &[Edit::Save("later.html", "<!doctype html><p>one</p>")],
        ..PHONE
    },
    Row {
        name: "a text and a stylesheet change behind a proxy",
        files: &[("index.html", ONE), RED],
        target: "/",
        edits: &[TO_TWO, TO_BLUE],
        probe: SHOWN,
        how: How::InPlace,
        ..BELOW
    },
    Row {
        name: "a page in a folder behind a proxy",
        files: &[("docs/index.html", ONE), ("docs/style.css", RED.1)],
        target: "/docs/",
        edits: &[
            Edit::Replace("docs/index.html", "one", "two"),
            Edit::Replace("docs/style.css", "red", "blue"),
        ],
        probe: SHOWN,
        how: How::InPlace,
        ..BELOW
    },
    Row {
        name: "a page deep in folders behind a proxy",
        files: &[("a/b/c.html", "<!doctype html><p>one</p>")],
        target: "/a/b/c",
        edits: &[Edit::Replace("a/b/c.html", "one", "two")],
        how: How::InPlace,
        ..BELOW
    },
    Row {
        name: "a script changes behind a proxy",
        files: &[
            (
                "index.html",
                "<!doctype html><div style='height: 4000px'></div><script src=a.js></script>",
            ),
            ("a.js", "n = 1"),
        ],
        acts: "scrollTo(0, 999)",
        edits: &[Edit::Save("a.js", "n = 2")],
        probe: "n",
        keeps: "scrollY",
        how: How::Reloads(1),
        ..BELOW
    },
    Row {
        name: "an image changes behind a proxy",
        files: &[
            ("index.html", "<!doctype html><img id=i src=image.svg>"),
            ("image.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"),
        ],
        edits: &[Edit::Replace("image.svg", "width='10'", "width='20'")],
        probe: "i.naturalWidth",
        how: How::InPlace,
        ..BELOW
    },
    Row {
        name: "a text and a stylesheet change below the path of the site",
        files: &[("index.html", ONE), RED],
        edits: &[TO_TWO, TO_BLUE],
        probe: SHOWN,
        how: How::InPlace,
        ..BASE
    },
    Row {
        name: "a page of a folder below the path of the site, by a redirect",
        files: &[("index.html", ONE), ("a/index.html", "<!doctype html><p>one</p>")],
        target: "/docs/site/a",
        edits: &[Edit::Replace("a/index.html", "one", "two")],
        holds: "location.pathname == '/docs/site/a/'",
        ..BASE
    },
    Row {
        name: "a text changes of the release that comes",
        files: &[("one/index.html", ONE), ("one/style.css", RED.1), ("two/index.html", "<!doctype html><p id=p>two</p>")],
        edits: &[Edit::Link("pages", "two"), Edit::Link("pages", "one")],
        ..SWITCHED
    },
    Row {
        name: "a text changes of the release that has come",
        files: &[("one/index.html", ONE), ("two/index.html", ONE), ("two/style.css", RED.1)],
        edits: &[Edit::Link("pages", "two"), Edit::Replace("two/index.html", "one", "two")],
        ..SWITCHED
    },
    Row {
        name: "the stylesheet alone is another one in the release that comes",
        files: &[
            ("one/index.html", ONE),
            ("one/style.css", RED.1),
            ("two/index.html", ONE),
            ("two/style.css", "p { color: blue }"),
        ],
        edits: &[Edit::Link("pages", "two")],
        ..SWITCHED
    },
    Row {
        name: "the script alone is another one in the release that comes",
        files: &[
            ("one/index.html", "<!doctype html><script src=/a.js></script>"),
            ("one/a.js", "n = 1"),
            ("two/index.html", "<!doctype html><script src=/a.js></script>"),
            ("two/a.js", "n = 2"),
        ],
        edits: &[Edit::Link("pages", "two")],
        probe: "n",
        ..SWITCHED
    },
    Row {
        name: "a link on the way to the root is switched",
        config: "root = \"current/site\"\n",
        links: &[("current", "one")],
        files: &[
            ("one/site/index.html", ONE),
            ("one/site/style.css", RED.1),
            ("two/site/index.html", "<!doctype html><p id=p>two</p>"),
        ],
        edits: &[Edit::Link("current", "two")],
        ..SWITCHED
    },
    Row {
        name: "a link below the root is switched",
        links: &[("pages/current", "one")],
        files: &[
            ("pages/one/a.html", "<!doctype html><p id=p>one</p>"),
            ("pages/two/a.html", "<!doctype html><p id=p>two</p>"),
        ],
        target: "/current/a",
        edits: &[Edit::Link("pages/current", "two"), Edit::Replace("pages/two/a.html", "two", "three")],
        ..SWITCHED
    },
    Row {
        name: "the root goes and comes again",
        links: &[],
        files: &[("index.html", ONE), RED],
        edits: &[Edit::Remake("<!doctype html><p id=p>two</p>"), Edit::Replace("index.html", "two", "three")],
        ..SWITCHED
    },
    Row {
        name: "more cookies than a head may have",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        acts: "(() => {
            for (let at = 0; at < 12; at++) document.cookie = `jar${at}=${'x'.repeat(2000)}; max-age=60; path=/big`;
            return fetch('/big').then(answer => answer.status);
        })()",
        terminal: "cookie",
        ..TERMINAL
    },
    Row {
        name: "a greeting of TLS",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        edits: &[Edit::TlsHello],
        terminal: "https",
        ..TERMINAL
    },
    Row {
        name: "a WebSocket of another site",
        config: "allowed_hosts = [\"phone.test\"]\n",
        way: Way::Phone,
        files: &[("index.html", "<!doctype html><p>text</p>")],
        acts: "new Promise(done => {
            new WebSocket(`ws://localhost:${location.port}/_pagepool/live`).onerror = () => done(1)
        })",
        terminal: "origin",
        ..TERMINAL
    },
];

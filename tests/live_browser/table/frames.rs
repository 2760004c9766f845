//! Files that the page's own timeline does not name: those of its frames and workers,
//! and documents that hold no script.

use super::{Edit, How, Kind, ROW, Row, SILENCE};

const FRAMES: Row = Row { kind: Kind::Frames, ..ROW };

const SVG: &str =
    "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><text>one</text></svg>";
const TWO: Edit = Edit::Replace("a.svg", "one", "two");

/// A document that is no HTML, in a tab by itself.
const ALONE: Row = Row {
    is_live: false,
    probe: "document.documentElement.textContent.trim() + \
        (globalThis.frames[0]?.document.documentElement.textContent.trim() ?? '')",
    ..FRAMES
};

/// A page that shows what its worker says.
macro_rules! worker_page {
    ($start:literal) => {
        concat!(
            "<!doctype html><p id=p></p><script>w = ",
            $start,
            "; (w.port ?? w).onmessage = event => p.textContent = event.data</script>"
        )
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "an SVG in a frame",
        files: &[("index.html", "<!doctype html><p>text</p><iframe src=/a.svg></iframe>"), ("a.svg", SVG)],
        edits: &[TWO],
        probe: "frames[0].document.documentElement.textContent",
        ..FRAMES
    },
    Row {
        name: "a text in a frame",
        files: &[("index.html", "<!doctype html><p>text</p><iframe src=/a.txt></iframe>"), ("a.txt", "one")],
        edits: &[Edit::Save("a.txt", "two")],
        probe: "frames[0].document.documentElement.textContent",
        ..FRAMES
    },
    Row {
        name: "a JSON file in a frame",
        files: &[("index.html", "<!doctype html><p>text</p><iframe src=/a.json></iframe>"), ("a.json", "\"one\"")],
        edits: &[Edit::Save("a.json", "\"two\"")],
        probe: "/two/.test(frames[0].document.documentElement.textContent)",
        ..FRAMES
    },
    Row {
        name: "a stylesheet of a frame that is written in the page",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe srcdoc=\"<link rel=stylesheet href=/style.css><p>text\"></iframe>",
            ),
            ("style.css", "p { color: red }"),
        ],
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: FRAME_COLOUR,
        ..FRAMES
    },
    Row {
        name: "a stylesheet of the page and of a frame that is written in it",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p>text</p>
                 <iframe srcdoc=\"<link rel=stylesheet href=/style.css><p>text\"></iframe>",
            ),
            ("style.css", "p { color: red }"),
        ],
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: FRAME_COLOUR,
        ..FRAMES
    },
    Row {
        name: "a stylesheet of a frame that a script has written",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe></iframe><script>
                 const inner = document.querySelector('iframe').contentDocument;
                 inner.open(); inner.write('<link rel=stylesheet href=/style.css><p>text'); inner.close()</script>",
            ),
            ("style.css", "p { color: red }"),
        ],
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: FRAME_COLOUR,
        ..FRAMES
    },
    Row {
        name: "a stylesheet of an SVG in a frame",
        files: &[
            ("index.html", "<!doctype html><p>text</p><iframe src=/a.svg></iframe>"),
            (
                "a.svg",
                "<?xml-stylesheet href='/style.css'?><svg xmlns='http://www.w3.org/2000/svg'><text>one</text></svg>",
            ),
            ("style.css", "text { fill: red }"),
        ],
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: "getComputedStyle(frames[0].document.querySelector('text')).fill",
        ..FRAMES
    },
    Row {
        name: "a script of a page in a frame within a frame",
        files: &[
            ("index.html", "<!doctype html><p>text</p><iframe src=/middle></iframe>"),
            ("middle.html", "<!doctype html><iframe srcdoc='<script src=/inner.js></script>'></iframe>"),
            ("inner.js", "n = 1"),
        ],
        edits: &[Edit::Save("inner.js", "n = 2")],
        probe: "frames[0].frames[0].n",
        ..FRAMES
    },
    Row {
        name: "an SVG in an object",
        files: &[("index.html", "<!doctype html><p>text</p><object data=/a.svg></object>"), ("a.svg", SVG)],
        edits: &[TWO],
        probe: "document.querySelector('object').contentDocument.documentElement.textContent",
        ..FRAMES
    },
    Row {
        name: "an SVG in an embed",
        files: &[("index.html", "<!doctype html><p>text</p><embed src=/a.svg>"), ("a.svg", SVG)],
        edits: &[TWO],
        probe: "document.querySelector('embed').getSVGDocument().documentElement.textContent",
        ..FRAMES
    },
    Row {
        name: "a track of a medium",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><video src=/tone.wav muted><track default src=/a.vtt></video>",
            ),
            ("tone.wav", SILENCE),
            ("a.vtt", "WEBVTT\n\n00:00.000 --> 00:05.000\none\n"),
        ],
        ready: "document.querySelector('track').readyState == 2",
        edits: &[Edit::Replace("a.vtt", "one", "two")],
        probe: "[...document.querySelector('track').track.cues].map(cue => cue.text)",
        ..FRAMES
    },
    Row {
        name: "a script that a worker imports",
        files: &[
            ("index.html", worker_page!("new Worker('/w.js')")),
            ("w.js", "importScripts('/part.js'); postMessage(part)"),
            ("part.js", "part = 'one'"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("part.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "a module that a worker imports",
        files: &[
            ("index.html", worker_page!("new Worker('/w.js', { type: 'module' })")),
            ("w.js", "import part from '/part.js'; postMessage(part)"),
            ("part.js", "export default 'one'"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("part.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "data that a worker fetches",
        files: &[
            ("index.html", worker_page!("new Worker('/w.js')")),
            ("w.js", "fetch('/data.txt').then(answer => answer.text()).then(text => postMessage(text))"),
            ("data.txt", "one"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Save("data.txt", "two")],
        ..FRAMES
    },
    Row {
        name: "a script that a worker imports that was made of a blob",
        files: &[
            (
                "index.html",
                worker_page!("new Worker(URL.createObjectURL(new Blob(['importScripts(\"' + location.origin + '/part.js\"); postMessage(part)'])))"),
            ),
            ("part.js", "part = 'one'"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("part.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "a page in a frame that is shut in and runs no scripts, as its element is not told",
        files: &[
            ("index.html", "<!doctype html><p>text</p><iframe sandbox src=/inner></iframe>"),
            ("inner.html", "<!doctype html><p>one</p>"),
        ],
        edits: &[Edit::Replace("inner.html", "one", "two")],
        probe: "performance.timeOrigin > 0 && fetch('/inner').then(answer => answer.text())",
        holds: "performance.getEntriesByType('navigation')[0].type == 'reload'",
        how: How::Reloads(1),
        ..FRAMES
    },
    Row {
        name: "the script of a worker",
        files: &[
            ("index.html", worker_page!("new Worker('/w.js')")),
            ("w.js", "postMessage('one')"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("w.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "the script of a worker that a worker starts",
        files: &[
            ("index.html", worker_page!("new Worker('/w.js')")),
            ("w.js", "new Worker('/inner.js').onmessage = event => postMessage(event.data)"),
            ("inner.js", "postMessage('one')"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("inner.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "the script of a shared worker",
        files: &[
            ("index.html", worker_page!("new SharedWorker('/w.js')")),
            ("w.js", "onconnect = event => event.ports[0].postMessage('one')"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("w.js", "one", "two")],
        ..FRAMES
    },
    Row {
        name: "data that a shared worker fetches",
        files: &[
            ("index.html", worker_page!("new SharedWorker('/w.js')")),
            (
                "w.js",
                "onconnect = async event =>
                    event.ports[0].postMessage(await (await fetch('/data.txt')).text())",
            ),
            ("data.txt", "one"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Save("data.txt", "two")],
        ..FRAMES
    },
    Row {
        name: "the module of an audio worklet",
        files: &[
            (
                "index.html",
                "<!doctype html><p id=p></p><script>(async () => {
                    const context = new OfflineAudioContext(1, 128, 8000);
                    await context.audioWorklet.addModule('/tone.js');
                    new AudioWorkletNode(context, 'tone').connect(context.destination);
                    const buffer = await context.startRendering();
                    p.textContent = buffer.getChannelData(0)[100];
                 })()</script>",
            ),
            (
                "tone.js",
                "registerProcessor('tone', class extends AudioWorkletProcessor {
                    process(dependencies, outputs) { outputs[0][0].fill(0.25); return true }
                 })",
            ),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("tone.js", "0.25", "0.5")],
        ..FRAMES
    },
    Row { name: "an SVG in a tab", files: &[("a.svg", SVG)], target: "/a.svg", edits: &[TWO], ..ALONE },
    Row {
        name: "a text in a tab",
        files: &[("a.txt", "one")],
        target: "/a.txt",
        edits: &[Edit::Save("a.txt", "two")],
        ..ALONE
    },
    Row {
        name: "an XHTML file in a tab",
        files: &[("a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>one</p></body></html>")],
        target: "/a.xhtml",
        edits: &[Edit::Replace("a.xhtml", "one", "two")],
        ..ALONE
    },
    Row {
        name: "a script in a tab",
        files: &[("a.js", "one()")],
        target: "/a.js",
        edits: &[Edit::Save("a.js", "two()")],
        ..ALONE
    },
    Row {
        name: "the stylesheet of an XML file in a tab",
        files: &[
            ("a.svg", "<?xml-stylesheet href='/style.css'?><svg xmlns='http://www.w3.org/2000/svg'><text>one</text></svg>"),
            ("style.css", "text { fill: red }"),
        ],
        target: "/a.svg",
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: "getComputedStyle((globalThis.frames[0]?.document ?? document).querySelector('text')).fill",
        ..ALONE
    },
    Row {
        name: "a page in a frame that is shut in",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe sandbox=allow-scripts src=/inner></iframe><script>
                 said = ''; onmessage = event => said = event.data</script>",
            ),
            (
                "inner.html",
                "<!doctype html><p>one</p><script>
                 setInterval(() => parent.postMessage(document.querySelector('p').textContent, '*'), 8)</script>",
            ),
        ],
        ready: "globalThis.said",
        edits: &[Edit::Replace("inner.html", "one", "two")],
        probe: "said",
        ..FRAMES
    },
    Row {
        name: "a stylesheet of a page in a frame that is shut in",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe sandbox=allow-scripts src=/inner></iframe><script>
                 said = ''; onmessage = event => said = event.data</script>",
            ),
            (
                "inner.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p>one</p><script>
                 setInterval(() => parent.postMessage(getComputedStyle(document.querySelector('p')).color, '*'), 8)</script>",
            ),
            ("style.css", "p { color: red }"),
        ],
        ready: "globalThis.said",
        edits: &[Edit::Replace("style.css", "red", "blue")],
        probe: "said",
        ..FRAMES
    },
    Row {
        name: "a save that concerns no page, beside frames and workers",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe src=/a.svg></iframe><i id=p></i>
                 <script>new Worker('/w.js').onmessage = event => p.textContent = event.data</script>",
            ),
            ("a.svg", SVG),
            ("w.js", "importScripts('/part.js'); postMessage(part)"),
            ("part.js", "part = 'one'"),
            ("other.txt", "one"),
            ("other.js", "one"),
            ("other.css", "one"),
        ],
        ready: "p.textContent",
        edits: &[
            Edit::Save("other.txt", "two"),
            Edit::Save("other.js", "two"),
            Edit::Save("other.css", "two"),
            Edit::Replace("index.html", "text", "text 2"),
        ],
        how: How::InPlace,
        ..FRAMES
    },
];

const FRAME_COLOUR: &str = "getComputedStyle(frames[0].document.querySelector('p')).color";

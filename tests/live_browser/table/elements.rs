//! What acts only when an element is made, or when the page is.

use super::{Edit, How, Kind, ROW, Row, SILENCE};

const MADE: Row = Row { kind: Kind::Made, ..ROW };

const INNER: (&str, &str) = ("inner.html", "<!doctype html><p>inner<script>n = 1</script>");

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "muted of a video comes",
        files: &[("index.html", "<!doctype html><p>text</p><video src=/tone.wav></video>"), ("tone.wav", SILENCE)],
        edits: &[Edit::Replace("index.html", "<video", "<video muted")],
        probe: "document.querySelector('video').muted",
        ..MADE
    },
    Row {
        name: "muted of an audio goes",
        files: &[("index.html", "<!doctype html><p>text</p><audio muted src=/tone.wav></audio>"), ("tone.wav", SILENCE)],
        edits: &[Edit::Replace("index.html", "<audio muted", "<audio")],
        probe: "document.querySelector('audio').muted",
        ..MADE
    },
    Row {
        name: "autoplay of a video comes",
        files: &[
            ("index.html", "<!doctype html><p>text</p><video muted loop src=/tone.wav></video>"),
            ("tone.wav", SILENCE),
        ],
        ready: "document.querySelector('video').readyState == 4",
        edits: &[Edit::Replace("index.html", "<video", "<video autoplay")],
        probe: "document.querySelector('video').paused",
        ..MADE
    },
    Row {
        name: "autoplay of a video goes",
        files: &[
            ("index.html", "<!doctype html><p>text</p><video autoplay muted loop src=/tone.wav></video>"),
            ("tone.wav", SILENCE),
        ],
        ready: "document.querySelector('video').readyState == 4",
        edits: &[Edit::Replace("index.html", "<video autoplay", "<video")],
        probe: "document.querySelector('video').paused",
        ..MADE
    },
    Row {
        name: "the source within a medium changes",
        files: &[
            ("index.html", "<!doctype html><p>text</p><audio><source src=/tone.wav></audio>"),
            ("tone.wav", SILENCE),
            ("other.wav", SILENCE),
        ],
        ready: "document.querySelector('audio').currentSrc",
        edits: &[Edit::Replace("index.html", "tone.wav", "other.wav")],
        probe: "document.querySelector('audio').currentSrc.split('/').pop()",
        ..MADE
    },
    Row {
        name: "the track of a video becomes the default",
        files: &[
            ("index.html", "<!doctype html><p>text</p><video muted src=/tone.wav><track src=/a.vtt></video>"),
            ("tone.wav", SILENCE),
            ("a.vtt", "WEBVTT\n\n00:00.000 --> 00:05.000\none\n"),
        ],
        edits: &[Edit::Replace("index.html", "<track", "<track default")],
        probe: "document.querySelector('track').track.mode",
        ..MADE
    },
    Row {
        name: "sandbox of a frame comes",
        files: &[("index.html", "<!doctype html><p>text</p><iframe src=/inner></iframe>"), INNER],
        edits: &[Edit::Replace("index.html", "<iframe", "<iframe sandbox=allow-same-origin")],
        probe: "frames[0].n ?? 0",
        ..MADE
    },
    Row {
        name: "sandbox of a frame lets more",
        files: &[
            (
                "index.html",
                "<!doctype html><p>text</p><iframe sandbox=allow-same-origin srcdoc='<script>n = 1</script>'></iframe>",
            ),
        ],
        edits: &[Edit::Replace("index.html", "allow-same-origin", "'allow-same-origin allow-scripts'")],
        probe: "frames[0].n ?? 0",
        ..MADE
    },
    Row {
        name: "allow of a frame changes",
        files: &[("index.html", "<!doctype html><p>text</p><iframe src=/inner allow='fullscreen'></iframe>"), INNER],
        edits: &[Edit::Replace("index.html", "allow='fullscreen'", "allow=\"fullscreen 'none'\"")],
        probe: "frames[0].document.featurePolicy.allowsFeature('fullscreen')",
        lacks: Some(("Firefox", "document.featurePolicy")),
        ..MADE
    },
    Row {
        name: "the name of a frame changes",
        files: &[("index.html", "<!doctype html><p>text</p><iframe name=one src=/inner></iframe>"), INNER],
        edits: &[Edit::Replace("index.html", "name=one", "name=two")],
        probe: "frames[0].name",
        ..MADE
    },
    Row {
        name: "the document written in a frame changes",
        files: &[("index.html", "<!doctype html><p>text</p><iframe srcdoc='<p>one'></iframe>")],
        edits: &[Edit::Replace("index.html", "<p>one", "<p>two")],
        probe: "frames[0].document.body.textContent",
        how: How::InPlace,
        ..MADE
    },
    Row {
        name: "the width of a canvas that a script has drawn on",
        files: &[(
            "index.html",
            "<!doctype html><p>text</p><canvas id=c width=10 height=10></canvas><script>
             c.getContext('2d').fillRect(0, 0, c.width, c.height)</script>",
        )],
        edits: &[Edit::Replace("index.html", "width=10", "width=20")],
        probe: "[c.width, ...c.getContext('2d').getImageData(15, 5, 1, 1).data]",
        ..MADE
    },
    Row {
        name: "the height of a canvas that a script has drawn on",
        files: &[(
            "index.html",
            "<!doctype html><p>text</p><canvas id=c width=10 height=10></canvas><script>
             c.getContext('2d').fillRect(0, 0, 10, 10)</script>",
        )],
        edits: &[Edit::Replace("index.html", "height=10", "height=11")],
        probe: "[c.height, ...c.getContext('2d').getImageData(5, 5, 1, 1).data]",
        ..MADE
    },
    Row {
        name: "the type of a script becomes one that runs",
        files: &[("index.html", "<!doctype html><p>text</p><script type=text/plain>n = 1</script>")],
        edits: &[Edit::Replace("index.html", "type=text/plain", "type=text/javascript")],
        probe: "globalThis.n ?? 0",
        ..MADE
    },
    Row {
        name: "the type of a script becomes a module",
        files: &[(
            "index.html",
            "<!doctype html><p id=p>text</p><script type=text/javascript>p.title = typeof this</script>",
        )],
        edits: &[Edit::Replace("index.html", "text/javascript", "module")],
        probe: "p.title",
        ..MADE
    },
    Row {
        name: "the source of a script changes",
        files: &[
            ("index.html", "<!doctype html><p>text</p><script src=/a.js></script>"),
            ("a.js", "n = 1"),
            ("b.js", "n = 2"),
        ],
        edits: &[Edit::Replace("index.html", "a.js", "b.js")],
        probe: "n",
        ..MADE
    },
    Row {
        name: "the type of a field changes",
        files: &[("index.html", "<!doctype html><p>text</p><input id=i value=5>")],
        edits: &[
            Edit::Replace("index.html", "<input", "<input type=checkbox"),
            Edit::Replace("index.html", "type=checkbox", "type=range"),
        ],
        probe: "[i.type, i.value]",
        ..MADE
    },
    Row {
        name: "the type of a field that was written in changes",
        files: &[("index.html", "<!doctype html><p>text</p><input id=i value=a>")],
        acts: "i.value = 'typed'",
        edits: &[Edit::Replace("index.html", "<input", "<input type=number")],
        probe: "i.type",
        holds: "i.value != 'typed'",
        ..MADE
    },
    Row {
        name: "the value of a field that nobody has written in changes",
        files: &[("index.html", "<!doctype html><input id=i value=one><textarea id=a>one</textarea>")],
        edits: &[
            Edit::Replace("index.html", "value=one", "value=two"),
            Edit::Replace("index.html", ">one<", ">two<"),
        ],
        probe: "[i.value, a.value]",
        how: How::InPlace,
        ..MADE
    },
    Row {
        name: "a box that nobody has ticked becomes ticked",
        files: &[("index.html", "<!doctype html><input id=i type=checkbox><input id=j type=checkbox checked>")],
        edits: &[
            Edit::Replace("index.html", "type=checkbox>", "type=checkbox checked>"),
            Edit::Replace("index.html", "id=j type=checkbox checked", "id=j type=checkbox"),
        ],
        probe: "[i.checked, j.checked]",
        how: How::InPlace,
        ..MADE
    },
    Row {
        name: "another option becomes the default",
        files: &[("index.html", "<!doctype html><select id=s><option selected>a</option><option>b</option></select>")],
        edits: &[Edit::Replace("index.html", "<option selected>a</option><option>", "<option>a</option><option selected>")],
        probe: "s.value",
        ..MADE
    },
    Row {
        name: "a list of options takes one only",
        files: &[(
            "index.html",
            "<!doctype html><select id=s multiple><option selected>a</option><option selected>b</option></select>",
        )],
        edits: &[Edit::Replace("index.html", " multiple", "")],
        probe: "[...s.selectedOptions].map(option => option.text)",
        ..MADE
    },
    Row {
        name: "a field gets the focus",
        files: &[("index.html", "<!doctype html><p>text</p><input id=i>")],
        edits: &[Edit::Replace("index.html", "<input", "<input autofocus")],
        probe: "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => document.activeElement.id)",
        ..MADE
    },
    Row {
        name: "a button becomes one of another kind",
        files: &[(
            "index.html",
            "<!doctype html><button id=b>b</button><script>
             customElements.define('x-b', class extends HTMLButtonElement { get n() { return 1 } }, { extends: 'button' })</script>",
        )],
        edits: &[Edit::Replace("index.html", "<button", "<button is=x-b")],
        probe: "b.n ?? 0",
        ..MADE
    },
    Row {
        name: "the type of a style becomes one that counts",
        files: &[("index.html", "<!doctype html><style type=text/plain>p { color: red }</style><p id=p>text</p>")],
        edits: &[Edit::Replace("index.html", "text/plain", "text/css")],
        probe: "getComputedStyle(p).color",
        ..MADE
    },
    Row {
        name: "a policy in the page goes",
        files: &[
            (
                "index.html",
                "<!doctype html><meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img id=i src=/image.svg>",
            ),
            ("image.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"),
        ],
        edits: &[Edit::Replace("index.html", "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\">", "")],
        probe: "i.naturalWidth",
        ..MADE
    },
    Row {
        name: "the base of all references changes",
        files: &[
            ("index.html", "<!doctype html><base href=/a/><img id=i src=image.svg>"),
            ("a/image.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"),
            ("b/image.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'/>"),
        ],
        edits: &[Edit::Replace("index.html", "href=/a/", "href=/b/")],
        probe: "[i.naturalWidth, i.src.split('/').slice(-2).join('/')]",
        ..MADE
    },
    Row {
        name: "the doctype goes",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        edits: &[Edit::Replace("index.html", "<!doctype html>", "")],
        probe: "document.compatMode",
        ..MADE
    },
    Row {
        name: "the form of a field changes by its place",
        files: &[("index.html", "<!doctype html><form id=f></form><input id=i name=n>")],
        edits: &[
            Edit::Replace("index.html", "<input id=i", "<input form=f id=i"),
            Edit::Replace("index.html", " form=f", ""),
        ],
        probe: "i.form?.id ?? ''",
        how: How::InPlace,
        ..MADE
    },
    Row {
        name: "a dialog opens and details close",
        files: &[("index.html", "<!doctype html><dialog id=d>text</dialog><details id=e open>text</details>")],
        edits: &[
            Edit::Replace("index.html", "<dialog", "<dialog open"),
            Edit::Replace("index.html", " open>text</details>", ">text</details>"),
        ],
        probe: "[d.open, e.open]",
        ..MADE
    },
    Row {
        name: "attributes of a drawing keep the case of their names",
        files: &[("index.html", "<!doctype html><svg id=s viewBox='0 0 10 10' width=50></svg>")],
        edits: &[
            Edit::Replace("index.html", "0 0 10 10", "0 0 20 20"),
            Edit::Replace("index.html", "width=50", "width=50 preserveAspectRatio=none"),
        ],
        probe: "[s.viewBox.baseVal.width, s.outerHTML]",
        how: How::InPlace,
        ..MADE
    },
    Row {
        name: "an image that waits for its sight does not wait any more",
        files: &[
            (
                "index.html",
                "<!doctype html><div style='height: 30000px'></div><img id=i loading=lazy src=/image.svg>",
            ),
            ("image.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>"),
        ],
        edits: &[Edit::Replace("index.html", "loading=lazy", "loading=eager")],
        probe: "i.naturalWidth",
        ..MADE
    },
];

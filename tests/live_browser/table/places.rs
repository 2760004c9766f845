//! Files that a page uses in several places, of which the document names one.

use super::{Edit, How, Kind, ROW, Row};

const PLACES: Row = Row { kind: Kind::Places, ..ROW };

const SHEET: (&str, &str) = ("style.css", "p { color: red }");
const BLUE: &[Edit] = &[Edit::Replace("style.css", "red", "blue")];

/// The colours in the document and in the shadow root of `h`.
const COLOURS: &str = "[p, h.shadowRoot.querySelector('p')].map(p => getComputedStyle(p).color)";

/// The width of an image that is ten pixels wide and red.
const IMAGE: (&str, &str) = (
    "image.svg",
    "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='10' height='10' fill='red'/></svg>",
);
const BLUE_IMAGE: &[Edit] = &[Edit::Replace("image.svg", "red", "blue")];
const WIDE_IMAGE: &[Edit] = &[Edit::Replace("image.svg", "width='10'", "width='20'")];

/// The colour of the pixel in the corner of a canvas.
const PIXEL: &str =
    "[...document.querySelector('canvas').getContext('2d').getImageData(2, 2, 1, 1).data]";

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a stylesheet in the document and in a shadow root",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<link rel=stylesheet href=/style.css><p>text'</script>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet in a shadow root alone",
        files: &[
            (
                "index.html",
                "<!doctype html><p id=p>text</p><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<link rel=stylesheet href=/style.css><p>text'</script>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet in the document and in a shadow root that the file declares",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=h>
                 <template shadowrootmode=open><link rel=stylesheet href=/style.css><p>text</template></div>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a text in a shadow root that the file declares",
        files: &[(
            "index.html",
            "<!doctype html><div id=h><template shadowrootmode=open><p>one</p></template></div>",
        )],
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "<p>", "<hr><p>"),
        ],
        probe: "h.shadowRoot.innerHTML",
        ..PLACES
    },
    Row {
        name: "a shadow root that the file declares later",
        files: &[("index.html", "<!doctype html><div id=h><p>one</p></div>")],
        edits: &[Edit::Replace("index.html", "<p>one</p>", "<template shadowrootmode=open><p>two</p></template>")],
        probe: "(h.shadowRoot ?? h).innerHTML",
        ..PLACES
    },
    Row {
        name: "a stylesheet in the document and in a shadow root within another",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=o></div><script>
                 o.attachShadow({ mode: 'open' }).innerHTML = '<div></div>';
                 h = o.shadowRoot.firstChild;
                 h.attachShadow({ mode: 'open' }).innerHTML = '<style>@import \"/style.css\"</style><p>text'</script>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet in the document and in a shadow root that is closed",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=c></div><script>
                 h = { shadowRoot: c.attachShadow({ mode: 'closed' }) };
                 h.shadowRoot.innerHTML = '<link rel=stylesheet href=/style.css><p>text'</script>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet linked and imported as a module",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=h></div><script type=module>
                 import sheet from '/style.css' with { type: 'css' };
                 h.attachShadow({ mode: 'open' }).innerHTML = '<p>text';
                 h.shadowRoot.adoptedStyleSheets = [sheet]</script>",
            ),
            SHEET,
        ],
        ready: "h.shadowRoot",
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet imported as a module alone",
        files: &[
            (
                "index.html",
                "<!doctype html><p id=p>text</p><script type=module>
                 import sheet from '/style.css' with { type: 'css' };
                 document.adoptedStyleSheets = [sheet]; globalThis.whole = 1</script>",
            ),
            SHEET,
        ],
        ready: "globalThis.whole",
        edits: BLUE,
        probe: "getComputedStyle(p).color",
        ..PLACES
    },
    Row {
        name: "a stylesheet linked and made by a script from what it fetched",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<p>text';
                 fetch('/style.css').then(answer => answer.text()).then(text => {
                    const sheet = new CSSStyleSheet();
                    sheet.replaceSync(text);
                    h.shadowRoot.adoptedStyleSheets = [sheet];
                    whole = 1;
                 })</script>",
            ),
            SHEET,
        ],
        ready: "globalThis.whole",
        edits: BLUE,
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "a stylesheet linked and shown by a script that fetched it",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><pre id=s></pre><script>
                 fetch('/style.css').then(answer => answer.text()).then(text => s.textContent = text)</script>",
            ),
            SHEET,
        ],
        ready: "s.textContent",
        edits: BLUE,
        probe: "[getComputedStyle(p).color, s.textContent]",
        ..PLACES
    },
    Row {
        name: "a stylesheet that an imported one imports",
        files: &[
            ("index.html", "<!doctype html><link rel=stylesheet href=/outer.css><p id=p>text</p>"),
            ("outer.css", "@import '/parts/middle.css';"),
            ("parts/middle.css", "@import url(inner.css);"),
            ("parts/inner.css", "p { color: red }"),
        ],
        edits: &[Edit::Replace("parts/inner.css", "red", "blue")],
        probe: "getComputedStyle(p).color",
        ..PLACES
    },
    Row {
        name: "a stylesheet linked twice, once for another medium",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css media=print><link rel=stylesheet href=/style.css>
                 <p id=p>text</p>",
            ),
            SHEET,
        ],
        edits: BLUE,
        probe: "[getComputedStyle(p).color, ...[...document.styleSheets].map(sheet => sheet.cssRules[0].cssText)]",
        how: How::InPlace,
        ..PLACES
    },
    Row {
        name: "a stylesheet in the document and in a shadow root goes",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><p id=p>text</p><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<link rel=stylesheet href=/style.css><p>text'</script>",
            ),
            SHEET,
        ],
        edits: &[Edit::Remove("style.css")],
        probe: COLOURS,
        ..PLACES
    },
    Row {
        name: "an image in the document and on a canvas",
        files: &[
            (
                "index.html",
                "<!doctype html><img id=i src=/image.svg><canvas></canvas><script>
                 i.decode().then(() => { document.querySelector('canvas').getContext('2d').drawImage(i, 0, 0); whole = 1 })</script>",
            ),
            IMAGE,
        ],
        ready: "globalThis.whole",
        edits: BLUE_IMAGE,
        probe: PIXEL,
        ..PLACES
    },
    Row {
        name: "an image in the document and on a canvas by another element that never came in",
        files: &[
            (
                "index.html",
                "<!doctype html><img src=/image.svg><canvas></canvas><script>
                 i = new Image(); i.src = '/image.svg';
                 i.decode().then(() => { document.querySelector('canvas').getContext('2d').drawImage(i, 0, 0); whole = 1 })</script>",
            ),
            IMAGE,
        ],
        ready: "globalThis.whole",
        edits: BLUE_IMAGE,
        probe: PIXEL,
        ..PLACES
    },
    Row {
        name: "an image in the document and as a text that a script fetched",
        files: &[
            (
                "index.html",
                "<!doctype html><img src=/image.svg><p id=p></p><script>
                 fetch('/image.svg').then(answer => answer.text()).then(text => p.textContent = text)</script>",
            ),
            IMAGE,
        ],
        ready: "p.textContent",
        edits: BLUE_IMAGE,
        probe: "p.textContent",
        ..PLACES
    },
    Row {
        name: "an image in the document and in a shadow root",
        files: &[
            (
                "index.html",
                "<!doctype html><img id=i src=/image.svg><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<img src=/image.svg>'</script>",
            ),
            IMAGE,
        ],
        edits: WIDE_IMAGE,
        probe: "[i, h.shadowRoot.firstChild].map(image => image.naturalWidth)",
        ..PLACES
    },
    Row {
        name: "an image in the document and in a style of a shadow root",
        files: &[
            (
                "index.html",
                "<!doctype html><img id=i src=/image.svg><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<style>i { content: url(/image.svg) }</style><i></i>'</script>",
            ),
            IMAGE,
        ],
        ready: "i.naturalWidth",
        edits: WIDE_IMAGE,
        probe: "[i.naturalWidth, h.shadowRoot.lastChild.getBoundingClientRect().width]",
        ..PLACES
    },
    Row {
        name: "an image in the document and measured by a script",
        files: &[
            (
                "index.html",
                "<!doctype html><img id=i src=/image.svg><p id=p></p><script>
                 i.decode().then(() => p.textContent = i.naturalWidth)</script>",
            ),
            IMAGE,
        ],
        ready: "p.textContent",
        edits: WIDE_IMAGE,
        probe: "[i.naturalWidth, p.textContent]",
        ..PLACES
    },
    Row {
        name: "an image as an element and as the background of another",
        files: &[
            (
                "index.html",
                "<!doctype html><style>i { content: url(/image.svg) }</style><img id=i src=/image.svg><i id=j></i>",
            ),
            IMAGE,
        ],
        edits: WIDE_IMAGE,
        probe: "[i.naturalWidth, j.getBoundingClientRect().width]",
        how: How::InPlace,
        ..PLACES
    },
    Row {
        name: "a sprite that the document and a shadow root use",
        files: &[
            (
                "index.html",
                "<!doctype html><svg id=i width=50 height=50><use href=/sprite.svg#a /></svg><div id=h></div><script>
                 h.attachShadow({ mode: 'open' }).innerHTML = '<svg width=50 height=50><use href=/sprite.svg#a /></svg>'</script>",
            ),
            ("sprite.svg", "<svg xmlns='http://www.w3.org/2000/svg'><rect id='a' width='10' height='10'/></svg>"),
        ],
        ready: "i.getBBox().width",
        edits: &[Edit::Replace("sprite.svg", "width='10'", "width='20'")],
        probe: "[i, h.shadowRoot.firstChild].map(svg => svg.getBBox().width)",
        ..PLACES
    },
    Row {
        name: "data that two scripts have fetched, one under a query",
        files: &[
            (
                "index.html",
                "<!doctype html><p id=p></p><p id=q></p><script>
                 const show = (to, url) => fetch(url).then(answer => answer.text()).then(text => to.textContent = text);
                 show(p, '/data.txt'); show(q, '/data.txt?v=1')</script>",
            ),
            ("data.txt", "one"),
        ],
        ready: "p.textContent && q.textContent",
        edits: &[Edit::Save("data.txt", "two")],
        ..PLACES
    },
];

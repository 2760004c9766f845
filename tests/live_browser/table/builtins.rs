//! Pages whose scripts, or elements by their names, have changed what all scripts use.

use super::{BODY, Edit, How, Kind, ROW, Row};

const BUILTIN: Row =
    Row { kind: Kind::Builtins, probe: "[p.textContent, getComputedStyle(p).color]", ..ROW };

/// A page whose first script changes a builtin, with a text and a stylesheet to edit.
macro_rules! changed {
    ($script:literal) => {
        &[
            (
                "index.html",
                concat!(
                    "<!doctype html><script>",
                    $script,
                    "</script>",
                    "<link rel=stylesheet href=/style.css><p id=p>one</p>"
                ),
            ),
            ("style.css", "p { color: red }"),
        ]
    };
}

const TEXT_AND_SHEET: &[Edit] = &[
    Edit::Replace("index.html", "one", "two"),
    Edit::Replace("style.css", "red", "blue"),
    Edit::Replace("index.html", "two", "three"),
];

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "Array.prototype.toJSON, as prototype.js has it",
        files: changed!("Array.prototype.toJSON = function () { return '[' + this.join(', ') + ']' }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "String.prototype.toJSON, as prototype.js has it",
        files: changed!("String.prototype.toJSON = function () { return 'no' }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a WebSocket that a page has replaced",
        files: changed!("WebSocket = class { constructor() { throw new Error('mine') } }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a JSON that a page has replaced",
        files: changed!("JSON = { parse() { return {} }, stringify() { return '{}' } }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a fetch that a page has replaced",
        files: changed!("fetch = () => Promise.reject(new Error('mine'))"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "timers that do not run, as tests have them",
        files: changed!("setTimeout = setInterval = requestAnimationFrame = () => 0"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a Promise that a page has replaced",
        files: changed!("Promise = class { then() { return this } catch() { return this } }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "iterators of arrays that a page has broken",
        files: changed!("Array.prototype.find = Array.prototype.filter = function () { return [] }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "an addEventListener that a page has replaced",
        files: changed!("EventTarget.prototype.addEventListener = addEventListener = () => {}"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a URL that a page has replaced",
        files: changed!("URL = function () { return {} }"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "an enumerable method on all objects",
        files: changed!("Object.prototype.extend = function () {}; Array.prototype.last = function () {}"),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "a replaced JSON when the page is loaded again",
        files: &[(
            "index.html",
            "<!doctype html><script>JSON = { parse() { return {} }, stringify() { return '{}' } }; n = 1</script>
             <input id=i><div style='height: 4000px'></div><p id=p>one</p>",
        )],
        acts: "i.value = 'typed', scrollTo(0, 999)",
        edits: &[Edit::Replace("index.html", "n = 1", "n = 2")],
        probe: "n",
        keeps: "[scrollY, i.value]",
        ..BUILTIN
    },
    Row {
        name: "fields of a form that have the names of methods",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><form><input name=childNodes>
                 <input name=localName><input name=attributes><input name=querySelectorAll>
                 <input name=insertBefore><input name=getAttribute><p id=p>one</p></form>",
            ),
            ("style.css", "p { color: red }"),
        ],
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "images that have the names of what a document has",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><img name=querySelectorAll>
                 <img name=head><img name=createElement><img name=styleSheets><img name=baseURI><p id=p>one</p>",
            ),
            ("style.css", "p { color: red }"),
        ],
        edits: TEXT_AND_SHEET,
        probe: "(p => [p.textContent, getComputedStyle(p).color])(window.p)",
        ..BUILTIN
    },
    Row {
        name: "fields of a form that have the names of properties",
        files: &[
            (
                "index.html",
                "<!doctype html><form id=f class=a><input name=id><input name=nodeType><input name=parentNode>
                 <input name=children><input name=textContent><input name=classList><input name=nextSibling>
                 <input name=removeChild><input name=setAttribute><input name=matches><input name=hasAttribute>
                 <input name=removeAttribute><input name=shadowRoot><input name=isConnected><p>one</p></form>",
            ),
        ],
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "class=a", "class=b"),
            Edit::Replace("index.html", "<p>", "<p>before</p><p>"),
            Edit::Replace("index.html", "<p>before</p>", ""),
        ],
        probe: BODY,
        how: How::InPlace,
        ..BUILTIN
    },
    Row {
        name: "fields of a form that have the names of what is kept over a reload",
        files: &[(
            "index.html",
            "<!doctype html><style>#f { overflow: scroll; height: 50px }</style>
             <form id=f popover=manual tabindex=0><input name=scrollTop><input name=scrollLeft><input name=scrollTo>
             <input name=focus><input name=localName><input name=getAttribute><input name=hasAttribute>
             <input name=matches><input name=querySelectorAll><input name=showPopover><input name=shadowRoot>
             <div style='height: 999px'></div></form><input id=i><script>n = 1</script>",
        )],
        acts: "i.value = 'typed', HTMLElement.prototype.showPopover.call(f),
            Element.prototype.scrollTo.call(f, 0, 99), HTMLElement.prototype.focus.call(f)",
        edits: &[Edit::Replace("index.html", "n = 1", "n = 2")],
        probe: "n",
        keeps: "[i.value, document.activeElement.tagName,
            Object.getOwnPropertyDescriptor(Element.prototype, 'scrollTop').get.call(f),
            Element.prototype.matches.call(f, ':popover-open')]",
        ..BUILTIN
    },
    Row {
        name: "forms that have the names of what a document has, beside scripts",
        files: &[
            (
                "index.html",
                "<!doctype html><link rel=stylesheet href=/style.css><script>n = 1</script>
                 <form name=documentElement></form><form name=body></form><form name=activeElement></form>
                 <form name=scrollingElement></form><form name=scripts></form><form name=fonts></form>
                 <form name=hidden></form><form name=getElementById></form><form name=createEvent></form>
                 <form name=dispatchEvent></form><form name=defaultView></form><form name=addEventListener></form>
                 <form name=pagepool></form><input id=i><p id=p>one</p>",
            ),
            ("style.css", "p { color: red }"),
        ],
        acts: "i.value = 'typed'",
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("style.css", "red", "blue"),
            Edit::Replace("index.html", "n = 1", "n = 2"),
        ],
        probe: "[n, p.textContent, getComputedStyle(p).color]",
        keeps: "i.value",
        how: How::Reloads(1),
        ..BUILTIN
    },
    Row {
        name: "elements that have the names of what a window has",
        files: &[(
            "index.html",
            "<!doctype html><script>n = 1</script><form name=history></form><form id=navigator></form>
             <form name=sessionStorage></form><form id=scrollX></form><form id=scrollY></form><form id=scrollTo></form>
             <form name=performance></form><form id=fetch></form><form name=origin></form><form id=setTimeout></form>
             <form name=pagepool></form><form id=length></form><input id=i><div style='height: 4000px'></div>
             <p id=p>one</p>",
        )],
        acts: "i.value = 'typed', scrollTo(0, 999)",
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "n = 1", "n = 2"),
        ],
        probe: "[n, p.textContent]",
        keeps: "[scrollY, i.value]",
        how: How::Reloads(1),
        ..BUILTIN
    },
    Row {
        name: "variables that have the names of what the script uses",
        files: &[(
            "index.html",
            "<!doctype html><script>
             const history = 1, navigator = 2, performance = 4, HTMLInputElement = 5;
             let own = 6, dom = 7, Element = 8, String = 9; var scrollX = 10, scrollY = 11, length = 12;
             n = 1</script><input id=i><div style='height: 4000px'></div><p id=p>one</p>",
        )],
        acts: "i.value = 'typed', scrollTo(0, 999)",
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "n = 1", "n = 2"),
        ],
        probe: "[n, p.textContent]",
        keeps: "[document.scrollingElement.scrollTop, i.value]",
        ..BUILTIN
    },
    Row {
        name: "methods of nodes that a page has replaced",
        files: changed!(
            "Element.prototype.getAttribute = Element.prototype.hasAttribute = Element.prototype.matches =
             Document.prototype.querySelectorAll = Node.prototype.insertBefore = Element.prototype.remove =
             Node.prototype['clo' + 'neNode'] = Element.prototype.after = () => null"
        ),
        edits: TEXT_AND_SHEET,
        how: How::InPlace,
        ..BUILTIN
    },
    Row {
        name: "getters of nodes that a page has replaced",
        files: changed!(
            "const replace = (of, name) => Object.defineProperty(of, name, { get: () => null });
             replace(Node.prototype, 'childNodes'); replace(Node.prototype, 'nodeType');
             replace(Element.prototype, 'localName'); replace(Element.prototype, 'attributes');
             replace(Document.prototype, 'head'); replace(Document.prototype, 'styleSheets')"
        ),
        edits: TEXT_AND_SHEET,
        how: How::InPlace,
        ..BUILTIN
    },
    Row {
        name: "methods of arrays, maps, sets and promises that a page has replaced",
        files: changed!(
            "Array.prototype.push = Array.prototype.slice = Array.prototype.join = Map.prototype.get =
             Map.prototype.set = Set.prototype.add = Set.prototype.has = WeakMap.prototype.get =
             WeakMap.prototype.set = Promise.prototype.then = Promise.all = Promise.resolve = () => null"
        ),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "methods of what the page is told by that a page has replaced",
        files: changed!(
            "WebSocket.prototype.send = WebSocket.prototype.close = MutationObserver.prototype.observe =
             MutationObserver.prototype.takeRecords = Range.prototype.createContextualFragment =
             Document.prototype.dispatchEvent = EventTarget.prototype.dispatchEvent = () => []"
        ),
        edits: TEXT_AND_SHEET,
        ..BUILTIN
    },
    Row {
        name: "what the server cannot read is said at the terminal",
        files: &[("index.html", "<!doctype html><p id=p>one</p>")],
        acts: "new Promise(done => {
            const socket = new WebSocket('ws://' + location.host + '/_pagepool/live');
            socket.onopen = () => { socket.send('[rubbish'); done(1) };
            socket.onerror = () => done(0);
        })",
        edits: &[Edit::Replace("index.html", "one", "two")],
        terminal: "message",
        ..BUILTIN
    },
];

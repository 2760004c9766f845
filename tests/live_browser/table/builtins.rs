//! Pages whose scripts, or elements by their names, have changed what all scripts use.

use super::{Edit, Kind, ROW, Row};

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
        open: "named elements hide what the script uses of a form or a document",
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
        open: "named elements hide what the script uses of a form or a document",
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

//! Pages with scripts, and what those did.

use super::{Edit, How, Kind, ROW, Row};

const SCRIPTS: Row = Row { kind: Kind::Scripts, ..ROW };

/// How often a click on each button is heard.
const CLICKS: &str = "[...document.querySelectorAll('.b')].map(b => (hits = 0, b.click(), hits))";

/// A page with a script that leaves its elements as they are.
macro_rules! concat_page {
    ($body:literal) => {
        concat!(
            "<!doctype html>",
            $body,
            "<button class=b>b</button><script>hits = 0;
             document.querySelector('.b').onclick = () => hits++</script>"
        )
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "a third button beside two that have listeners",
        files: &[(
            "index.html",
            "<!doctype html><button class=b>1</button><button class=b>2</button><script>hits = 0;
             document.querySelectorAll('.b').forEach(b => b.onclick = () => hits++)</script>",
        )],
        edits: &[Edit::Replace("index.html", "2</button>", "2</button><button class=b>3</button>")],
        probe: CLICKS,
        ..SCRIPTS
    },
    Row {
        name: "a button comes beside others that a module of its own listens to",
        files: &[
            ("index.html", "<!doctype html><script type=module src=/app.js></script><button class=b>1</button>"),
            ("app.js", "globalThis.hits = 0; for (const b of document.querySelectorAll('.b')) b.onclick = () => hits++; globalThis.whole = 1"),
        ],
        ready: "globalThis.whole",
        edits: &[Edit::Replace("index.html", "<button", "<button class=b>0</button><button")],
        probe: CLICKS,
        ..SCRIPTS
    },
    Row {
        name: "an element with a listener gets another tag",
        is_made_alike: true,
        files: &[(
            "index.html",
            "<!doctype html><div id=w class=b>text</div><script>hits = 0; w.onclick = () => hits++</script>",
        )],
        edits: &[Edit::Replace("index.html", "<div id=w class=b>text</div>", "<section id=w class=b>text</section>")],
        probe: CLICKS,
        ..SCRIPTS
    },
    Row {
        name: "the handler of the load changes",
        files: &[("index.html", "<!doctype html><title>t</title><body onload=\"document.title = 'one'\">text")],
        edits: &[Edit::Replace("index.html", "'one'", "'two'")],
        probe: "document.title",
        ..SCRIPTS
    },
    Row {
        name: "an item comes into a list that a script has sorted",
        files: &[(
            "index.html",
            "<!doctype html><ul id=l><li>c</li><li>a</li></ul><script>
             l.append(...[...l.children].sort((a, b) => a.textContent < b.textContent ? -1 : 1))</script>",
        )],
        edits: &[Edit::Replace("index.html", "<li>c</li>", "<li>c</li><li>b</li>")],
        probe: "l.textContent.trim()",
        ..SCRIPTS
    },
    Row {
        name: "a custom element reads an attribute when it is connected",
        files: &[(
            "index.html",
            "<!doctype html><x-a n=1></x-a><script>customElements.define('x-a', class extends HTMLElement {
             connectedCallback() { this.textContent = this.getAttribute('n') } })</script>",
        )],
        edits: &[Edit::Replace("index.html", "n=1", "n=2")],
        ..SCRIPTS
    },
    Row {
        name: "a script reads a data attribute at load",
        files: &[("index.html", "<!doctype html><p id=p data-n=1>text<script>p.title = p.dataset.n</script>")],
        edits: &[Edit::Replace("index.html", "data-n=1", "data-n=2")],
        ..SCRIPTS
    },
    Row {
        name: "a container that a script fills gets content in the file",
        is_made_alike: true,
        files: &[("index.html", "<!doctype html><div id=app></div><script>app.innerHTML = '<b>made</b>'</script>")],
        edits: &[Edit::Replace("index.html", "<div id=app>", "<div id=app><p>Loading…</p>")],
        ..SCRIPTS
    },
    Row {
        name: "a text that a script fills in gets a text in the file",
        is_made_alike: true,
        files: &[("index.html", "<!doctype html><span id=t></span><script>t.textContent = '11ty'</script>")],
        edits: &[Edit::Replace("index.html", "<span id=t>", "<span id=t>x")],
        ..SCRIPTS
    },
    Row {
        name: "a container that a script fills loses its content in the file",
        is_made_alike: true,
        files: &[(
            "index.html",
            "<!doctype html><div id=app><p>Loading…</p></div><script>app.innerHTML = '<p>Loading…</p><b>made</b>'</script>",
        )],
        edits: &[Edit::Replace("index.html", "<p>Loading…</p></div>", "</div>")],
        ..SCRIPTS
    },
    Row {
        name: "an element that a script has moved goes",
        files: &[(
            "index.html",
            "<!doctype html><div id=a><i>i</i></div><div id=b><i>i</i></div><script>b.append(a.firstChild)</script>",
        )],
        edits: &[Edit::Replace("index.html", "<div id=a><i>i</i></div>", "<div id=a><u>u</u></div>")],
        ..SCRIPTS
    },
    Row {
        name: "a card comes that a script would have shown",
        files: &[(
            "index.html",
            "<!doctype html><div class=card>1</div><script>
             document.querySelectorAll('.card').forEach(card => card.classList.add('in'))</script>",
        )],
        edits: &[Edit::Replace("index.html", "<div class=card>1</div>", "<div class=card>1</div><div class=card>2</div>")],
        ..SCRIPTS
    },
    Row {
        name: "an element becomes one that a script would have shown",
        files: &[(
            "index.html",
            "<!doctype html><div class=card>1</div><div class=note>2</div><script>
             document.querySelectorAll('.card').forEach(card => card.title = 'in')</script>",
        )],
        edits: &[Edit::Replace("index.html", "class=note", "class=card")],
        ..SCRIPTS
    },
    Row {
        name: "a heading comes that a script would have listed",
        files: &[(
            "index.html",
            "<!doctype html><nav id=n></nav><h2>a</h2><script>
             n.innerHTML = [...document.querySelectorAll('h2')].map(h => `<a>${h.textContent}</a>`).join('')</script>",
        )],
        edits: &[Edit::Replace("index.html", "<h2>a</h2>", "<h2>a</h2><h2>b</h2>")],
        ..SCRIPTS
    },
    Row {
        name: "a heading changes that a script has listed",
        files: &[(
            "index.html",
            "<!doctype html><nav id=n></nav><h2>a</h2><script>
             n.innerHTML = [...document.querySelectorAll('h2')].map(h => `<a>${h.textContent}</a>`).join('')</script>",
        )],
        edits: &[Edit::Replace("index.html", "<h2>a</h2>", "<h2>b</h2>")],
        ..SCRIPTS
    },
    Row {
        name: "a template changes that a script has cloned",
        files: &[(
            "index.html",
            "<!doctype html><template id=t><li>one</li></template><ul id=u></ul>
             <script>u.append(t.content.cloneNode(true))</script>",
        )],
        edits: &[Edit::Replace("index.html", "one", "two")],
        ..SCRIPTS
    },
    Row {
        name: "data changes that a script has read",
        files: &[(
            "index.html",
            "<!doctype html><script type=application/json id=d>{\"n\":1}</script><p id=p></p>
             <script>p.textContent = JSON.parse(d.textContent).n</script>",
        )],
        edits: &[Edit::Replace("index.html", "\"n\":1", "\"n\":2")],
        ..SCRIPTS
    },
    Row {
        name: "an import map changes",
        files: &[
            (
                "index.html",
                "<!doctype html><script type=importmap>{\"imports\":{\"it\":\"/a.js\"}}</script><p id=p></p>
                 <script type=module>import it from 'it'; p.textContent = it</script>",
            ),
            ("a.js", "export default 'a'"),
            ("b.js", "export default 'b'"),
        ],
        ready: "p.textContent",
        edits: &[Edit::Replace("index.html", "/a.js", "/b.js")],
        ..SCRIPTS
    },
    Row {
        name: "a script has added to the title that changes",
        files: &[("index.html", "<!doctype html><title>one</title><p>text<script>document.title += ' (1)'</script>")],
        edits: &[Edit::Replace("index.html", "one", "two")],
        probe: "document.title",
        ..SCRIPTS
    },
    Row {
        name: "what a script has taken out changes",
        files: &[(
            "index.html",
            "<!doctype html><p class=off>one</p><p>text</p><script>document.querySelector('.off').remove()</script>",
        )],
        edits: &[
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "text", "text 2"),
        ],
        ..SCRIPTS
    },
    Row {
        name: "what a script has written anew changes",
        files: &[(
            "index.html",
            "<!doctype html><p id=p>one</p><script>p.outerHTML = '<p id=p>' + p.textContent.toUpperCase() + '</p>'</script>",
        )],
        edits: &[Edit::Replace("index.html", "one", "two")],
        ..SCRIPTS
    },
    Row {
        name: "an element comes before the script that counts them",
        files: &[(
            "index.html",
            "<!doctype html><i>1</i><output id=o></output><script>
             o.value = document.querySelectorAll('i').length</script>",
        )],
        edits: &[Edit::Replace("index.html", "<i>1</i>", "<i>1</i><i>2</i>")],
        ..SCRIPTS
    },
    Row {
        name: "an element comes into a page whose only script is a handler",
        files: &[(
            "index.html",
            "<!doctype html><body onload=\"document.querySelectorAll('i').forEach(i => i.textContent = 'made')\"><i></i>",
        )],
        edits: &[Edit::Replace("index.html", "<i></i>", "<i></i><i></i>")],
        ..SCRIPTS
    },
    Row {
        name: "the handler of a click changes",
        files: &[("index.html", "<!doctype html><p>text<button class=b onclick=\"hits = 1\">b</button>")],
        edits: &[Edit::Replace("index.html", "hits = 1", "hits = 2")],
        probe: CLICKS,
        ..SCRIPTS
    },
    Row {
        name: "an image comes whose handler puts another in its place",
        files: &[("index.html", "<!doctype html><p>text</p>")],
        edits: &[Edit::Replace("index.html", "<p>text</p>", "<p>text</p><img src=/none onerror=\"this.alt = 'none'\">")],
        probe: "document.images[0]?.alt ?? ''",
        ..SCRIPTS
    },
    Row {
        name: "a script comes into a page without any",
        files: &[("index.html", "<!doctype html><p id=p>text</p>")],
        edits: &[Edit::Replace("index.html", "</p>", "</p><script>p.textContent = 'made'</script>")],
        probe: "p.textContent",
        ..SCRIPTS
    },
    Row {
        name: "the only script goes",
        files: &[("index.html", "<!doctype html><p id=p>text</p><script>p.textContent = 'made'</script>")],
        edits: &[Edit::Replace("index.html", "<script>p.textContent = 'made'</script>", "")],
        ..SCRIPTS
    },
    Row {
        name: "two elements change places that a script has numbered",
        files: &[(
            "index.html",
            "<!doctype html><p>a</p><p>b</p><script>
             document.querySelectorAll('p').forEach((p, at) => p.id = 'n' + at)</script>",
        )],
        edits: &[Edit::Replace("index.html", "<p>a</p><p>b</p>", "<p>b</p><p>a</p>")],
        ..SCRIPTS
    },
    Row {
        name: "a text changes on a page with scripts",
        files: &[("index.html", concat_page!("<p id=p class=a style='color: red'>one</p>"))],
        acts: "mark = p.firstChild",
        edits: &[Edit::Replace("index.html", "one", "two")],
        holds: "mark === p.firstChild",
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "a class changes on a page with scripts",
        files: &[("index.html", concat_page!("<p id=p class=a style='color: red'>one</p>"))],
        edits: &[Edit::Replace("index.html", "class=a", "class='a c'")],
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "an inline style changes on a page with scripts",
        files: &[("index.html", concat_page!("<p id=p class=a style='color: red'>one</p>"))],
        edits: &[Edit::Replace("index.html", "red", "blue")],
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "the structure changes on a page without scripts",
        files: &[("index.html", "<!doctype html><ul id=u><li>one</li></ul><script type=text/plain>data</script>")],
        acts: "mark = u",
        edits: &[
            Edit::Replace("index.html", "<li>one</li>", "<li>zero</li><li title=t>one</li>"),
            Edit::Replace("index.html", "<ul id=u>", "<h1>heading</h1><ul id=u>"),
        ],
        holds: "mark === u",
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "patch = \"never\" loads a text again",
        config: "[live]\npatch = \"never\"\n",
        files: &[("index.html", "<!doctype html><p>one</p>")],
        edits: &[Edit::Replace("index.html", "one", "two")],
        how: How::Reloads(1),
        ..SCRIPTS
    },
    Row {
        name: "patch = \"always\" puts an element beside scripts",
        config: "[live]\npatch = \"always\"\n",
        files: &[("index.html", "<!doctype html><p>one</p><script>listens = 1</script>")],
        edits: &[Edit::Replace("index.html", "</p>", "</p><hr>")],
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "a page hears of a patch and what came with it",
        config: "[live]\npatch = \"always\"\n",
        files: &[(
            "index.html",
            "<!doctype html><p>one</p><script>heard = 0;
             document.addEventListener('pagepool:patch', () => heard++)</script>",
        )],
        edits: &[Edit::Replace("index.html", "</p>", "</p><hr>")],
        holds: "heard == 1",
        how: How::InPlace,
        ..SCRIPTS
    },
    Row {
        name: "a page handles a reload itself",
        is_live: false,
        files: &[(
            "index.html",
            "<!doctype html><p id=p data-n=1></p><script>
             fill = n => p.textContent = n; fill(p.dataset.n); mark = 0;
             addEventListener('pagepool:reload', event => { event.preventDefault(); mark = 1; fill(2) })</script>",
        )],
        ready: "globalThis.pagepool?.connected !== false",
        edits: &[Edit::Replace("index.html", "data-n=1", "data-n=2")],
        probe: "p.textContent",
        holds: "mark == 1",
        how: How::InPlace,
        ..SCRIPTS
    },
];

//! What a person has done in a page stays when it is loaded again; and one that the
//! person does not want to leave.

use super::{Edit, How, Kind, ROW, Row, SILENCE};

/// A page that is loaded again because its script changes.
const KEPT: Row = Row {
    kind: Kind::Kept,
    edits: &[Edit::Replace("index.html", "n = 1", "n = 2")],
    probe: "n",
    how: How::Reloads(1),
    ..ROW
};

/// A page whose script is replaced, with this in its body.
macro_rules! page {
    ($($body:literal),+) => {
        concat!("<!doctype html><script>n = 1</script>", $($body),+)
    };
}

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "boxes that were ticked and cleared",
        files: &[(
            "index.html",
            page!("<input type=checkbox id=a><input type=checkbox id=b checked>"),
        )],
        acts: "a.click(), b.click()",
        keeps: "[a.checked, b.checked]",
        ..KEPT
    },
    Row {
        name: "a box whose default changes in the file goes by the file",
        files: &[("index.html", page!("<input type=checkbox id=a><input type=checkbox id=b>"))],
        acts: "a.click(), a.click(), b.click()",
        edits: &[
            Edit::Replace("index.html", "n = 1", "n = 2"),
            Edit::Save(
                "index.html",
                page!("<input type=checkbox id=a checked><input type=checkbox id=b><!-- n -->"),
            ),
        ],
        probe: "[n, a.defaultChecked]",
        holds: "a.checked && b.checked",
        how: How::Any,
        ..KEPT
    },
    Row {
        name: "boxes that nobody has touched stay without a value",
        files: &[("index.html", page!("<input type=checkbox><input type=radio name=r><input>"))],
        probe: "[n, document.body.innerHTML]",
        ..KEPT
    },
    Row {
        name: "a radio button that was chosen",
        files: &[(
            "index.html",
            page!(
                "<input type=radio name=r id=a checked><input type=radio name=r id=b><input type=radio name=r id=c>"
            ),
        )],
        acts: "c.click()",
        keeps: "[a.checked, b.checked, c.checked]",
        ..KEPT
    },
    Row {
        name: "an option that was chosen",
        files: &[(
            "index.html",
            page!("<select id=s><option>a</option><option>b</option><option>c</option></select>"),
        )],
        acts: "s.selectedIndex = 2",
        keeps: "s.value",
        ..KEPT
    },
    Row {
        name: "an option that was chosen, after another has come before it",
        files: &[(
            "index.html",
            page!("<select id=s><option value=a>a</option><option value=c>c</option></select>"),
        )],
        acts: "s.value = 'c'",
        edits: &[Edit::Save(
            "index.html",
            "<!doctype html><script>n = 2</script>\
             <select id=s><option value=a>a</option><option value=b>b</option><option value=c>c</option></select>",
        )],
        keeps: "s.value",
        ..KEPT
    },
    Row {
        name: "several options that were chosen",
        files: &[(
            "index.html",
            page!(
                "<select id=s multiple><option>a</option><option selected>b</option><option>c</option></select>"
            ),
        )],
        acts: "[...s.options].forEach(option => option.selected = !option.selected)",
        keeps: "[...s.selectedOptions].map(option => option.text)",
        ..KEPT
    },
    Row {
        name: "details that were opened and closed",
        files: &[(
            "index.html",
            page!("<details id=a>text</details><details id=b open>text</details>"),
        )],
        acts: "a.open = true, b.open = false",
        keeps: "[a.open, b.open]",
        ..KEPT
    },
    Row {
        name: "details without an id that were opened",
        files: &[(
            "index.html",
            page!(
                "<details><summary>a</summary>a</details><details><summary>b</summary>b</details>"
            ),
        )],
        acts: "document.querySelectorAll('details')[1].open = true",
        keeps: "[...document.querySelectorAll('details')].map(details => details.open)",
        ..KEPT
    },
    Row {
        name: "a dialog that was opened",
        files: &[("index.html", page!("<dialog id=d><p>text</p></dialog>"))],
        acts: "d.showModal()",
        keeps: "[d.open, d.matches(':modal')]",
        ..KEPT
    },
    Row {
        name: "a popover that was opened",
        files: &[("index.html", page!("<div id=d popover>text</div>"))],
        acts: "d.showPopover()",
        keeps: "d.matches(':popover-open')",
        ..KEPT
    },
    Row {
        name: "the scroll of the page and of what scrolls within it",
        files: &[(
            "index.html",
            page!(
                "<div id=s style='height: 100px; width: 100px; overflow: auto'>",
                "<div style='height: 2000px; width: 2000px'></div></div>",
                "<div style='height: 4000px; width: 4000px'></div>"
            ),
        )],
        acts: "scrollTo(111, 999), s.scrollTo(123, 456)",
        keeps: "[scrollX, scrollY, s.scrollLeft, s.scrollTop]",
        ..KEPT
    },
    Row {
        name: "the scroll within an element without an id",
        files: &[(
            "index.html",
            page!(
                "<main style='height: 100px; overflow: auto'><div style='height: 2000px'></div></main>",
                "<pre style='width: 50px; overflow: auto'>a long line of a long text</pre>"
            ),
        )],
        acts: "document.querySelector('main').scrollTop = 456, document.querySelector('pre').scrollLeft = 20",
        keeps: "[document.querySelector('main').scrollTop, document.querySelector('pre').scrollLeft]",
        ..KEPT
    },
    Row {
        name: "the scroll of a long text in a field",
        files: &[(
            "index.html",
            page!("<textarea id=a rows=2>1\n2\n3\n4\n5\n6\n7\n8\n9</textarea>"),
        )],
        acts: "a.scrollTop = 40",
        keeps: "a.scrollTop",
        ..KEPT
    },
    Row {
        name: "the selection in a text field",
        files: &[("index.html", page!("<input id=i value='a long text'>"))],
        acts: "i.focus(), i.setSelectionRange(2, 6, 'backward')",
        keeps: "[document.activeElement.id, i.selectionStart, i.selectionEnd, i.selectionDirection]",
        ..KEPT
    },
    Row {
        name: "the caret in what was typed",
        files: &[("index.html", page!("<textarea id=i></textarea>"))],
        acts: "i.focus()",
        types: "some words",
        keeps: "[document.activeElement.id, i.value, i.selectionStart]",
        ..KEPT
    },
    Row {
        name: "the focus of a field without an id",
        files: &[("index.html", page!("<form><input name=a><input name=b></form>"))],
        acts: "document.querySelector('[name=b]').focus()",
        types: "typed",
        keeps: "[document.activeElement.name, document.activeElement.value]",
        ..KEPT
    },
    Row {
        name: "the focus of a link",
        files: &[("index.html", page!("<a href=/a>a</a><a href=/b>b</a>"))],
        acts: "document.links[1].focus()",
        keeps: "document.activeElement.textContent",
        ..KEPT
    },
    Row {
        name: "what was typed, after a field has come before it",
        files: &[("index.html", page!("<input name=b id=b><textarea name=c id=c></textarea>"))],
        acts: "b.value = 'one', c.value = 'two'",
        edits: &[Edit::Save(
            "index.html",
            "<!doctype html><script>n = 2</script><input name=a><input name=b id=b><textarea name=c id=c></textarea>",
        )],
        keeps: "[b.value, c.value]",
        ..KEPT
    },
    Row {
        name: "what was typed in fields with neither name nor id",
        files: &[("index.html", page!("<input><input>"))],
        acts: "document.querySelectorAll('input').forEach((field, at) => field.value = 'typed ' + at)",
        keeps: "[...document.querySelectorAll('input')].map(field => field.value)",
        ..KEPT
    },
    Row {
        name: "what was typed where the default changes in the file",
        files: &[("index.html", page!("<input id=a value=one><input id=b value=one>"))],
        acts: "b.value = 'typed'",
        edits: &[Edit::Save(
            "index.html",
            "<!doctype html><script>n = 2</script><input id=a value=two><input id=b value=one>",
        )],
        holds: "a.value == 'two'",
        keeps: "b.value",
        ..KEPT
    },
    Row {
        name: "fields that are not for text",
        files: &[(
            "index.html",
            page!("<input type=range id=a><input type=color id=b><input type=date id=c>"),
        )],
        acts: "a.value = 7, b.value = '#123456', c.value = '2026-11-27'",
        keeps: "[a.value, b.value, c.value]",
        ..KEPT
    },
    Row {
        name: "the position of a medium",
        files: &[
            ("index.html", page!("<audio id=a src=/tone.wav></audio>")),
            ("tone.wav", SILENCE),
        ],
        ready: "a.readyState == 4",
        acts: "new Promise(done => { a.onseeked = () => done(a.onseeked = null); a.currentTime = 4 })",
        keeps: "a.currentTime",
        ..KEPT
    },
    Row {
        name: "a medium that plays",
        files: &[
            ("index.html", page!("<audio id=a muted loop src=/tone.wav></audio>")),
            ("tone.wav", SILENCE),
        ],
        ready: "a.readyState == 4",
        acts: "a.play()",
        holds: "!a.paused && a.currentTime > 0",
        ..KEPT
    },
    Row {
        name: "what was typed in a field of a shadow root",
        files: &[(
            "index.html",
            page!("<div id=h><template shadowrootmode=open><input></template></div>"),
        )],
        acts: "h.shadowRoot.querySelector('input').value = 'typed'",
        keeps: "h.shadowRoot.querySelector('input').value",
        ..KEPT
    },
    Row {
        name: "a page that does not scroll by itself",
        files: &[("index.html", page!("<div style='height: 4000px'></div>"))],
        acts: "history.scrollRestoration = 'manual', scrollTo(0, 999)",
        holds: "history.scrollRestoration == 'manual'",
        keeps: "scrollY",
        ..KEPT
    },
];

/// A page that asks whether to leave it, whose script changes: the answer is no.
const LEAVES: Row = Row {
    kind: Kind::Leaving,
    acts: "1",
    probe: "p.textContent",
    questions: 1,
    how: How::InPlace,
    ..ROW
};

const ASKING: &str = "<!doctype html><script>n = 1; onbeforeunload = event => event.preventDefault()</script>\
    <link rel=stylesheet href=/style.css><input id=i><p id=p>one</p><div style='height: 4000px'></div>";
const ASKED: &[(&str, &str)] = &[("index.html", ASKING), ("style.css", "p { color: red }")];
const REFUSED: Edit = Edit::Replace("index.html", "n = 1", "n = 2");

pub(super) const LEAVING: &[Row] = &[
    Row {
        name: "a text changes afterwards",
        files: ASKED,
        edits: &[
            REFUSED,
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "two", "three"),
        ],
        ..LEAVES
    },
    Row {
        name: "a stylesheet changes afterwards",
        files: ASKED,
        edits: &[REFUSED, Edit::Replace("style.css", "red", "blue")],
        probe: "getComputedStyle(p).color",
        ..LEAVES
    },
    Row {
        name: "the script changes again, which is not asked again",
        files: ASKED,
        edits: &[
            REFUSED,
            Edit::Replace("index.html", "n = 2", "n = 3"),
            Edit::Replace("index.html", "one", "two"),
            Edit::Replace("index.html", "n = 3", "n = 4"),
            Edit::Replace("index.html", "two", "three"),
        ],
        ..LEAVES
    },
    Row {
        name: "the page's own scrolling is put back",
        files: ASKED,
        edits: &[REFUSED],
        holds: "history.scrollRestoration == 'auto'",
        ..LEAVES
    },
    Row {
        name: "scroll and typed text stay",
        files: ASKED,
        acts: "i.focus(), scrollTo(0, 999)",
        types: "typed",
        edits: &[REFUSED, Edit::Replace("index.html", "one", "two")],
        keeps: "[scrollY, i.value, document.activeElement.id]",
        ..LEAVES
    },
    Row {
        name: "a handler in an attribute asks",
        files: &[(
            "index.html",
            "<!doctype html><body onbeforeunload='event.preventDefault()'><script>n = 1</script><p id=p>one</p>",
        )],
        edits: &[REFUSED, Edit::Replace("index.html", "one", "two")],
        ..LEAVES
    },
];

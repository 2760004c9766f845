//! Snapshots compared, and what the operations make of the old one.

mod made_tests;
mod random_tests;

use std::{collections::BTreeMap, fmt::Write};

use crate::html::node::{Attribute, NodeId, NodeKind};

use super::{Op, Patch, PathStep, Shown, Signature, digest::DigestTree};

/// What makes the page `new` of the page `old`.
fn diff(old: &[u8], new: &[u8]) -> Option<Patch> {
    Patch::between(&DigestTree::parse(old), &DigestTree::parse(new))
}

/// A page as it is open, which operations change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Live {
    name: String,
    data: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Live>,
}

impl Live {
    fn open(rendering: &str) -> Self {
        let tree = DigestTree::parse(rendering.as_bytes());
        Self::of(&tree, tree.root())
    }

    fn of(tree: &DigestTree, id: NodeId) -> Self {
        let (data, attributes) = match &tree.node(id).kind {
            NodeKind::Text(data) | NodeKind::Comment(data) => (data.clone(), BTreeMap::new()),
            NodeKind::Element(element) => {
                let attributes = element.attributes.iter();
                let to_strings = |(name, attribute): (&String, &Attribute)| {
                    (name.clone(), attribute.value.clone())
                };
                (String::new(), attributes.map(to_strings).collect())
            }
            NodeKind::Document | NodeKind::Doctype { .. } => (String::new(), BTreeMap::new()),
        };
        let children = tree.node(id).children.iter().map(|id| Self::of(tree, *id)).collect();
        Self { name: super::name(tree, id).to_owned(), data, attributes, children }
    }

    /// Applies the last operation first, so that the others still find their nodes.
    fn apply(&mut self, old: &str, patch: &Patch) {
        let tree = DigestTree::parse(old.as_bytes());
        let before = self.clone();
        for op in patch.ops.iter().rev() {
            let (Op::Text { at, .. } | Op::Attr { at, .. } | Op::Nodes { at, .. }) = op;
            let parent = at.iter().fold(&before, |node, step| node.child(step));
            let node = at.iter().fold(&mut *self, |node, step| &mut node.children[step.0]);
            let id = at.iter().fold(tree.root(), |id, step| tree.node(id).children[step.0]);
            match op {
                Op::Text { old, new, .. } => {
                    assert_eq!(node.data, *old);
                    node.data.clone_from(new);
                }
                Op::Attr { name, old, new, .. } => {
                    assert_eq!(node.attributes.get(name), old.as_ref());
                    node.attributes.remove(name);
                    node.attributes.extend(new.iter().map(|new| (name.clone(), new.clone())));
                }
                Op::Nodes { after, remove, html, .. } => {
                    after.iter().for_each(|after| assert!(parent.child(after).name == after.2));
                    let start = after.as_ref().map_or(0, |after| after.0 + 1);
                    let (fragment, root) = tree.parse_fragment(html, id);
                    let removed = start..start + remove.len();
                    let added = Self::of(&fragment, root).children;
                    let removed: Vec<Live> = node.children.splice(removed, added).collect();
                    assert_eq!(removed.iter().map(Self::signature).collect::<Vec<_>>(), *remove);
                }
            }
        }
    }

    fn child(&self, step: &PathStep) -> &Self {
        let PathStep(idx, _, name, ordinal, count, id) = step;
        let same: Vec<usize> =
            (0..self.children.len()).filter(|idx| self.children[*idx].name == *name).collect();
        assert_eq!((same.get(*ordinal), same.len()), (Some(idx), *count));
        let child = &self.children[*idx];
        assert_eq!(child.attributes.get("id").map_or("", String::as_str), id);
        child
    }

    fn signature(&self) -> Signature {
        let id = self.attributes.get("id").cloned().unwrap_or_default();
        let known_by = if self.name.starts_with('#') { self.data.clone() } else { id };
        Signature(self.name.clone(), known_by)
    }
}

/// The operations in short: what, the indices of the path, and from what to what.
fn in_short(patch: &Patch) -> Vec<String> {
    let in_short = |op: &Op| {
        let (Op::Text { at, .. } | Op::Attr { at, .. } | Op::Nodes { at, .. }) = op;
        let mut text = String::new();
        for step in at {
            let _ = write!(text, "/{}", step.2);
            if step.4 > 1 {
                let _ = write!(text, "{}", step.3);
            }
        }
        let shown = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
        let change = match op {
            Op::Text { old, new, .. } => format!("{old:?} {new:?}"),
            Op::Attr { name, old, new, .. } => format!("{name} {} {}", shown(old), shown(new)),
            Op::Nodes { after, remove, html, .. } => {
                let after = after.as_ref().map_or(-1, |after| after.0 as isize);
                format!("after {after} remove {} {html}", remove.len())
            }
        };
        format!("{text} {change}").trim().to_owned()
    };
    patch.ops.iter().map(in_short).collect()
}

/// That each of `cases`, an old body, a new one and the operations, is so, and that
/// the operations make the new page of the old one.
#[track_caller]
fn assert_patches(cases: &[(&str, &str, &[&str])]) {
    for (old, new, expected) in cases {
        let patch = diff(old.as_bytes(), new.as_bytes());
        let patch = patch.unwrap_or_else(|| panic!("no patch from {old} to {new}"));
        assert_eq!(in_short(&patch), *expected, "from {old} to {new}");
        let mut live = Live::open(old);
        live.apply(old, &patch);
        assert_eq!(live, Live::open(new), "from {old} to {new}");
    }
}

#[test]
fn says_what_changed_and_no_more() {
    assert_patches(&[
        ("<p>a</p>", "<p>a</p>", &[]),
        ("<p>a</p>", "<p>a", &[]),
        ("<p a=1 b=2>", "<p b='2' a=1>", &[]),
        ("<p>a b c", "<p>a x c", &[r#"/html/body/p/#3 "a b c" "a x c""#]),
        ("<title>a</title>", "<title>&amp;</title>", &[r#"/html/head/title/#3 "a" "&""#]),
        ("<style>a{}</style>", "<style>b{}</style>", &[r#"/html/head/style/#3 "a{}" "b{}""#]),
        ("<!-- a --><p>", "<!-- b --><p>", &[r#"/#8 " a " " b ""#]),
        ("<p class='a b'>x", "<p class='a c'>x", &["/html/body/p class a b a c"]),
        ("<html lang=en><body>", "<body class=a>", &["/html lang en -", "/html/body class - a"]),
        ("<p>a", "<p>a<b>c</b>", &["/html/body/p after 0 remove 0 <b>c</b>"]),
        ("<pre>a", "<pre>\n\na", &[r#"/html/body/pre/#3 "a" "\na""#]),
        (
            "<div></div>",
            "<div><pre>\n\na</div>",
            &["/html/body/div after -1 remove 0 <pre>\n\na</pre>"],
        ),
        (
            "<link rel=stylesheet href=a>",
            "<link rel=stylesheet href=b>",
            &["/html/head/link href a b"],
        ),
        (
            "<svg><g/></svg>",
            "<svg><g/><use xlink:href='#a'/></svg>",
            &["/html/body/svg after 0 remove 0 <use xlink:href=\"#a\"></use>"],
        ),
    ]);
}

#[test]
fn keeps_the_nodes_around_an_edit() {
    let list = "<ul><li>a</li><li>b</li><li>c</li></ul>";
    assert_patches(&[
        (
            list,
            "<ul><li>new</li><li>a</li><li>b</li><li>c</li></ul>",
            &["/html/body/ul after -1 remove 0 <li>new</li>"],
        ),
        (list, "<ul><li>a</li><li>c</li></ul>", &["/html/body/ul after 0 remove 1"]),
        (
            list,
            "<ul><li>c</li><li>a</li><li>b</li></ul>",
            &["/html/body/ul after -1 remove 0 <li>c</li>", "/html/body/ul after 1 remove 1"],
        ),
        // a new item before one that is edited in the same save
        (
            "<ul><li>milk and bread</li></ul>",
            "<ul><li>call home</li><li>oat milk and bread</li></ul>",
            &[
                "/html/body/ul after -1 remove 0 <li>call home</li>",
                r#"/html/body/ul/li/#3 "milk and bread" "oat milk and bread""#,
            ],
        ),
        // several edits in one save
        (
            "<h1>a</h1><p>b</p><ul><li>c</li><li>d</li></ul><p>e</p>",
            "<h1>A</h1><p>b</p><ul><li>c</li><li>D</li></ul><p class=x>e</p>",
            &[
                r#"/html/body/h1/#3 "a" "A""#,
                r#"/html/body/ul/li1/#3 "d" "D""#,
                "/html/body/p1 class - x",
            ],
        ),
        // an id outweighs the order
        (
            "<div id=a><p>1</p></div><div id=b><p>2</p></div>",
            "<div id=b><p>3</p></div>",
            &["/html/body after -1 remove 1", r#"/html/body/div1/p/#3 "2" "3""#],
        ),
        ("<p>a<br>b", "<h2>a<br>b</h2>", &["/html/body after -1 remove 1 <h2>a<br>b</h2>"]),
    ]);
}

#[test]
fn sees_the_tree_that_a_browser_makes() {
    assert_patches(&[
        // implied elements, and text that leaves its table
        (
            "<table><tr><td>a",
            "<table><tr><td>a<tr><td>b",
            &["/html/body/table/tbody after 0 remove 0 <tr><td>b</td></tr>"],
        ),
        ("x<table>y<tr>", "x<table>z<tr>", &[r#"/html/body/#3 "xy" "xz""#]),
        ("<p><b>a<p>b", "<p><b>a<p>c", &[r#"/html/body/p1/b/#3 "b" "c""#]),
        (
            "<datalist><option>a",
            "<datalist><option>a<option>b",
            &["/html/body/datalist after 0 remove 0 <option>b</option>"],
        ),
        ("<p>a\r\nb", "<p>a\nb", &[]),
        ("\u{feff}<p>a", "<p>a", &[]),
        (
            "<noscript><p>a</noscript><p>b",
            "<noscript><p>a</noscript><p>c",
            &[r#"/html/body/p/#3 "b" "c""#],
        ),
    ]);
}

#[test]
fn leaves_the_live_script_out() {
    let page = |version: &str, text: &str| {
        let script = format!(
            "<script src=\"/_pagepool/live.js?1\" data-version=\"{version}\" async></script>"
        );
        format!("<!doctype html>{script}\n<p>{text}")
    };
    // The line end came after an element of the head, so that it is part of it.
    let patch = diff(page("1", "a").as_bytes(), page("2", "b").as_bytes()).unwrap();
    assert_eq!(in_short(&patch), [r#"/html/body/p/#3 "a" "b""#]);
    let tree = Live::open(&page("1", "a"));
    assert_eq!(tree.children[1].children[0].children[0].data, "\n");
    assert_eq!(tree.children[1].children[0].children.len(), 1);
}

#[test]
fn leaves_to_the_page_itself_what_acts_only_while_it_loads() {
    let cases = [
        ("<script>a</script>", "<script>b</script>"),
        ("<p>a", "<p>a<script>b</script>"),
        ("<p>a<script>b</script>", "<p>a"),
        ("<script src=a></script>", "<script src=a defer></script>"),
        ("<noscript>a</noscript>", "<noscript>b</noscript>"),
        ("<template><p>a</template>", "<template><p>b</template>"),
        ("<div><template><p>a</template></div>", "<div></div>"),
        ("<div><template shadowrootmode=open>a</template></div>", "<div>a</div>"),
        ("<base href=/a>", "<base href=/b>"),
        ("<meta http-equiv=refresh content=1>", "<meta http-equiv=refresh content=2>"),
        ("<meta name=a>", "<meta name=a http-equiv=refresh>"),
        ("<!doctype html><p>a", "<p>a"),
        ("<!doctype html>", "<!doctype html SYSTEM 'about:legacy-compat'>"),
        ("<body>", "<frameset>"),
    ];
    for (old, new) in cases {
        assert_eq!(diff(old.as_bytes(), new.as_bytes()), None, "from {old} to {new}");
        assert_eq!(diff(new.as_bytes(), old.as_bytes()), None, "from {new} to {old}");
    }
}

#[test]
fn edits_around_what_acts_only_while_the_page_loads() {
    assert_patches(&[
        ("<p>a<script>s</script>", "<p>b<script>s</script>", &[r#"/html/body/p/#3 "a" "b""#]),
        (
            "<script>s</script><p>a",
            "<script>s</script><h1>b</h1><p>a",
            &["/html/body after -1 remove 0 <h1>b</h1>"],
        ),
        ("<meta name=a content=b>", "<meta name=a content=c>", &["/html/head/meta content b c"]),
        (
            "<div><template shadowrootmode=open>s</template>a</div>",
            "<div><template shadowrootmode=open>s</template>b</div>",
            &[r#"/html/body/div/#3 "a" "b""#],
        ),
    ]);
}

#[test]
fn makes_anew_what_cannot_be_changed_in_place() {
    assert_patches(&[
        (
            "<video><source src=a></video>",
            "<video><source src=b></video>",
            &["/html/body after -1 remove 1 <video><source src=\"b\"></video>"],
        ),
        ("<video src=a></video>", "<video src=b></video>", &["/html/body/video src a b"]),
        ("<p>a", "<p @click=b>a", &["/html/body after -1 remove 1 <p @click=\"b\">a</p>"]),
        ("<p @click=a>a", "<p @click=b>a", &["/html/body/p @click a b"]),
        ("<p is=a-b>", "<p is=a-c>", &["/html/body after -1 remove 1 <p is=\"a-c\"></p>"]),
    ]);
}

#[test]
fn gives_up_on_pages_deeper_than_browsers_go() {
    let page = |depth: usize| "<div>".repeat(depth);
    assert!(diff(page(400).as_bytes(), page(401).as_bytes()).is_some());
    assert!(diff(page(600).as_bytes(), page(601).as_bytes()).is_none());
    assert!(diff(page(3_000).as_bytes(), b"").is_none());
}

#[test]
fn pairs_long_lists_by_their_order() {
    let list = |word: &str| {
        let item = |n: usize| format!("<li>{word} {n}</li>\n");
        format!("<ul>{}</ul>", (0..500).map(item).collect::<String>())
    };
    let (old, new) = (list("old"), list("new"));
    let patch = diff(old.as_bytes(), new.as_bytes()).unwrap();
    assert!(patch.ops.iter().all(|op| matches!(op, Op::Text { .. })));
    assert_eq!(patch.ops.len(), 500);
}

#[test]
fn serializes_for_the_live_script() {
    let patch = diff(b"<p id=a>x", b"<p id=a class=b>y<br>").unwrap();
    let json = serde_json::to_string(&patch).unwrap();
    let at = r#"[[0,1,"html",0,1,""],[1,2,"body",0,1,""],[0,1,"p",0,1,"a"]"#;
    let expected = [
        format!(r#"{{"op":"attr","at":{at}],"name":"class","old":null,"new":"b"}}"#),
        format!(
            r##"{{"op":"text","at":{at},[0,1,"#3",0,1,""]],"old":"x","new":"y","count":null}}"##
        ),
        format!(
            r##"{{"op":"nodes","at":{at}],"after":[0,1,"#3",0,1,""],"remove":[],"html":"<br>"}}"##
        ),
    ];
    assert_eq!(json, format!("[{}]", expected.join(",")));
}

#[test]
fn sees_a_change_of_text_without_parsing() {
    let page = |version: u32, text: &str| {
        let script = format!(
            "<script src=\"/_pagepool/live.js?1\" data-version=\"{version}\" async></script>"
        );
        format!("<!doctype html>{script}<p title=t>{text}</p><ul><li>b</ul>").into_bytes()
    };
    let cases = [
        ("one word", "two words", true),
        ("one word", "one", true),
        ("\n  one", "\n  two", true),
        ("one", "\n one", false),
        ("one", " ", false),
        ("one", "one &lt;", false),
        ("one", "one<br>", false),
        ("one<!-- one -->", "two<!-- one -->", false),
        ("one <i>one</i>", "two <i>one</i>", true),
        ("x <i>one</i>", "x <i title=one>one</i>", false),
        ("<script>one</script>", "<script>two</script>", false),
        ("<template>one</template>", "<template>two</template>", false),
        ("<style>one</style>", "<style>two</style>", true),
        // in a comment, beside a text that comes to the same
        ("o&#110;e<!-- >one< -->", "o&#110;e<!-- >two< -->", false),
        // in no text, but between angle brackets
        ("<!-- > one < --><i title='> one <'>", "<!-- > two < --><i title='> one <'>", false),
    ];
    for (old, new, is_quick) in cases {
        let mut shown = Shown::new(page(1, old));
        let expected = diff(&page(1, old), &page(2, new));
        assert_eq!(shown.text_patch(&page(2, new)).is_some(), is_quick, "from {old} to {new}");
        assert_eq!(Shown::new(page(1, old)).advance(page(2, new)), expected);
    }
}

#[test]
fn counts_how_often_the_page_has_a_text() {
    for (old, new, expected) in [
        ("<title>a b</title><p onclick=x>a b", "<title>a b</title><p onclick=x>c", Some(2)),
        (
            "<iframe></iframe><p> one </p><p>a one b<i>on</i>e",
            "<iframe></iframe><p> two </p><p>a one b<i>on</i>e",
            Some(3),
        ),
        (
            "<script>'one'</script><p>one<template>one</template><!-- one -->",
            "<script>'one'</script><p>two<template>one</template><!-- one -->",
            Some(2),
        ),
        (
            "<p title='one one' onclick=a()>one<i data-label=none class=one>",
            "<p title='one one' onclick=a()>two<i data-label=none class=one>",
            Some(3),
        ),
        ("<p>one", "<p>two", None),
    ] {
        let patch = diff(old.as_bytes(), new.as_bytes()).unwrap();
        let Some(Op::Text { count, .. }) = patch.ops.first() else { panic!("{patch:?}") };
        assert_eq!(*count, expected, "from {old} to {new}");
    }
}

#[test]
fn counts_no_template_that_has_become_a_shadow_tree() {
    let page = |text: &str| {
        format!("<div><template shadowrootmode=open>s</template>{text}</div>").into_bytes()
    };
    let patch = diff(&page("a"), &page("b")).unwrap();
    let Some(Op::Text { at, .. }) = patch.ops.first() else { panic!("no text: {patch:?}") };
    assert_eq!(at.last(), Some(&PathStep(0, 1, "#3".to_owned(), 0, 1, String::new())));
}

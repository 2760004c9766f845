//! Nodes as HTML text, which parsed gives the same nodes again.

use super::{
    node::{Element, Kind, NodeId},
    tree::Tree,
};

/// Elements that have no end tag.
const VOID: [&str; 18] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
];
/// Elements whose text is written as it is.
const RAW: [&str; 8] =
    ["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "xmp"];
/// Elements in which the parser drops a line end at the start.
const DROPS_LINE_END: [&str; 3] = ["listing", "pre", "textarea"];

/// The markup of some children of `parent` (HTML, 13.3).
pub(super) fn of_nodes(tree: &Tree, parent: NodeId, nodes: &[NodeId]) -> String {
    let mut markup = String::new();
    nodes.iter().for_each(|node| write_node(tree, *node, tree.element(parent), &mut markup));
    markup
}

fn write_node(tree: &Tree, id: NodeId, parent: Option<&Element>, markup: &mut String) {
    match &tree.node(id).kind {
        Kind::Text(data) if parent.is_some_and(|parent| is_one_of(&RAW, parent)) => {
            markup.push_str(data);
        }
        Kind::Text(data) => write_escaped(data, false, markup),
        Kind::Comment(data) => markup.extend(["<!--", data, "-->"]),
        Kind::Element(element) => write_element(tree, id, element, markup),
        // They are never put into a page that is open.
        Kind::Document | Kind::Doctype { .. } => {}
    }
}

fn write_element(tree: &Tree, id: NodeId, element: &Element, markup: &mut String) {
    let name = &*element.name.local;
    markup.extend(["<", name]);
    for (name, attribute) in &element.attributes {
        markup.extend([" ", name, "=\""]);
        write_escaped(&attribute.value, true, markup);
        markup.push('"');
    }
    markup.push('>');
    if is_one_of(&VOID, element) {
        return;
    }
    let children = &tree.node(id).children;
    if is_one_of(&DROPS_LINE_END, element) && begins_with_line_end(tree, children) {
        markup.push('\n');
    }
    children.iter().for_each(|child| write_node(tree, *child, Some(element), markup));
    markup.extend(["</", name, ">"]);
}

fn begins_with_line_end(tree: &Tree, children: &[NodeId]) -> bool {
    let first = children.first().map(|child| &tree.node(*child).kind);
    matches!(first, Some(Kind::Text(data)) if data.starts_with('\n'))
}

fn is_one_of(names: &[&str], element: &Element) -> bool {
    element.is_html() && names.contains(&&*element.name.local)
}

/// Browsers begin to write `<` and `>` in attributes escaped too; either is read.
fn write_escaped(text: &str, is_attribute: bool, markup: &mut String) {
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '"' if is_attribute => markup.push_str("&quot;"),
            '<' if !is_attribute => markup.push_str("&lt;"),
            '>' if !is_attribute => markup.push_str("&gt;"),
            c => markup.push(c),
        }
    }
}

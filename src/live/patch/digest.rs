//! The tree of a page with a digest of each subtree, by which equal ones are found.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    ops::Deref,
};

use super::scripts::{TEXT_ATTRIBUTES, handlers, has_name, runs_scripts};
use crate::{
    html::{
        node::{Element, NodeId, NodeKind},
        tree::Tree,
    },
    live::is_script_url,
};

/// Chromium and WebKit hang what lies deeper than 512 elements higher up.
const MAX_DEPTH: usize = 500;

/// Elements that show another page.
const FRAMES: [&str; 4] = ["embed", "frame", "iframe", "object"];

/// A page as a browser has it once its live script has left, or a part of one.
pub(super) struct DigestTree {
    tree: Tree,
    /// Of each node, in the order of the tree's nodes.
    digests: Vec<Digest>,
    is_shallow: bool,
    has_scripts: bool,
    has_frames: bool,
}

/// What is known of a node and all below it.
#[derive(Clone, Copy, Default)]
struct Digest {
    /// Equal hashes are equal subtrees.
    hash: u64,
    /// Whether any of it can neither come into an open page nor leave it.
    has_fixed: bool,
}

impl Deref for DigestTree {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl DigestTree {
    /// Parses `rendering`, and takes the element of the live script out, as the
    /// script does itself.
    pub(super) fn parse(rendering: &[u8]) -> Self {
        let mut tree = Tree::parse(rendering);
        let client = (0..tree.nodes().len()).find(|id| tree.element(*id).is_some_and(is_client));
        client.into_iter().for_each(|client| tree.remove(client));
        let elements = (0..tree.nodes().len()).filter_map(|id| tree.element(id));
        let elements: Vec<_> = elements.filter(|element| !is_client(element)).collect();
        let has_scripts = elements.iter().any(|element| runs_scripts(element));
        let has_frames = elements.iter().any(|element| FRAMES.contains(&&*element.name.local));
        Self { has_scripts, has_frames, ..Self::of(tree) }
    }

    /// See [`Tree::parse_fragment`].
    pub(super) fn parse_fragment(&self, markup: &str, context: NodeId) -> (Self, NodeId) {
        let (tree, root) = self.tree.parse_fragment(markup, context);
        (Self::of(tree), root)
    }

    fn of(tree: Tree) -> Self {
        let (order, depth) = tree.parents_first();
        let digests = vec![Digest::default(); tree.nodes().len()];
        let is_shallow = depth <= MAX_DEPTH;
        let mut tree = Self { tree, digests, is_shallow, has_scripts: false, has_frames: false };
        order.into_iter().rev().for_each(|id| tree.digest_node(id));
        tree
    }

    /// Equal hashes are equal subtrees.
    pub(super) fn hash(&self, id: NodeId) -> u64 {
        self.digests[id].hash
    }

    /// Whether the node or one below it can neither come into an open page nor leave it.
    pub(super) fn has_fixed(&self, id: NodeId) -> bool {
        self.digests[id].has_fixed
    }

    /// Whether scripts run in the page.
    pub(super) fn has_scripts(&self) -> bool {
        self.has_scripts
    }

    /// Whether it has frames, in which scripts may run.
    pub(super) fn has_frames(&self) -> bool {
        self.has_frames
    }

    /// Whether a script in the page or a handler has `word` in it.
    pub(super) fn names_in_scripts(&self, word: &str) -> bool {
        let has_word = |id: NodeId| {
            let Some(element) = self.element(id) else { return false };
            let text = |id: &NodeId| match &self.node(*id).kind {
                NodeKind::Text(data) => has_name(data, word),
                _ => false,
            };
            let is_script = &*element.name.local == "script";
            is_script && self.node(id).children.iter().any(text)
                || handlers(element).any(|code| has_name(code, word))
        };
        (0..self.nodes().len()).any(has_word)
    }

    /// All text of the page, as the `textContent` of its root element.
    pub(super) fn text_of_page(&self) -> String {
        let data = |id: NodeId| match &self.node(id).kind {
            NodeKind::Text(data) => &**data,
            _ => "",
        };
        self.in_order().map(data).collect()
    }

    /// The values of those attributes of the page that may hold a copy of a text.
    pub(super) fn texts_in_attributes(&self) -> Vec<&str> {
        let elements = self.in_order().filter_map(|id| self.element(id));
        let texts = elements.flat_map(|element| {
            TEXT_ATTRIBUTES.iter().filter_map(move |name| element.attribute(name))
        });
        texts.collect()
    }

    /// The nodes of the page, but not those in templates, as they follow on each other.
    fn in_order(&self) -> impl Iterator<Item = NodeId> {
        let mut open = vec![self.root()];
        std::iter::from_fn(move || {
            let id = open.pop()?;
            open.extend(self.node(id).children.iter().rev());
            Some(id)
        })
    }

    /// Whether browsers agree on the shape of the tree.
    pub(super) fn is_shallow(&self) -> bool {
        self.is_shallow
    }

    /// Makes `text` the data of a text.
    pub(super) fn set_text(&mut self, id: NodeId, text: &str) {
        self.tree.set_text(id, text);
        let changed: Vec<NodeId> = self.with_ancestors(id).collect();
        changed.into_iter().for_each(|id| self.digest_node(id));
    }

    /// The text that is `text`, if it is in no other text, comment or attribute, and
    /// neither in a script nor in a template.
    pub(super) fn find_only_text(&self, text: &str) -> Option<NodeId> {
        let mut holding = (0..self.nodes().len()).filter(|id| contains(&self.node(*id).kind, text));
        let (Some(only), None) = (holding.next(), holding.next()) else { return None };
        let is_it = matches!(&self.node(only).kind, NodeKind::Text(data) if data == text);
        let is_in_acting = |id: NodeId| self.element(id).is_some_and(acts_once);
        let is_shown = self.with_ancestors(only).last() == Some(self.root())
            && !self.with_ancestors(only).any(is_in_acting);
        (is_it && is_shown).then_some(only)
    }

    /// Sets the digest of a node, once those of its children are right.
    fn digest_node(&mut self, id: NodeId) {
        let node = self.node(id);
        let hidden = self.element(id).and_then(|element| element.hidden);
        let mut hasher = DefaultHasher::new();
        node.kind.hash(&mut hasher);
        node.children.len().hash(&mut hasher);
        for below in node.children.iter().chain(&hidden) {
            self.hash(*below).hash(&mut hasher);
        }
        let has_fixed =
            is_fixed(&node.kind) || node.children.iter().any(|child| self.has_fixed(*child));
        self.digests[id] = Digest { hash: hasher.finish(), has_fixed };
    }
}

/// Whether it has its effect once, while the page loads.
pub(super) fn acts_once(element: &Element) -> bool {
    match &*element.name.local {
        "script" | "noscript" | "template" | "base" => true,
        "meta" => is_meta_of_load(element),
        _ => false,
    }
}

/// Whether it says how the page is read (`http-equiv`, `charset`), or what stays when it
/// has gone (HTML, 4.2.5.1, "referrer").
fn is_meta_of_load(element: &Element) -> bool {
    let is_referrer = |name: &str| name.eq_ignore_ascii_case("referrer");
    element.attributes.contains_key("http-equiv")
        || element.attributes.contains_key("charset")
        || element.attribute("name").is_some_and(is_referrer)
}

fn is_fixed(kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Document | NodeKind::Doctype { .. } => true,
        NodeKind::Text(_) | NodeKind::Comment(_) => false,
        NodeKind::Element(element) => {
            let name = &*element.name.local;
            let is_frame = matches!(name, "html" | "head" | "body" | "frameset");
            let takes_focus = element.attributes.contains_key("autofocus");
            is_frame || takes_focus || acts_once(element) || element.hidden.is_some()
        }
    }
}

fn is_client(element: &Element) -> bool {
    &*element.name.local == "script" && element.attribute("src").is_some_and(is_script_url)
}

fn contains(kind: &NodeKind, text: &str) -> bool {
    match kind {
        NodeKind::Text(data) | NodeKind::Comment(data) => data.contains(text),
        NodeKind::Element(element) => {
            element.attributes.values().any(|attribute| attribute.value.contains(text))
        }
        NodeKind::Document | NodeKind::Doctype { .. } => false,
    }
}

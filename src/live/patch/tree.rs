//! A rendering as the browser's tree of nodes, each subtree with its digest.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use html5ever::{Namespace, QualName, interface::QuirksMode, local_name, ns};

use super::sink;
use crate::live::SCRIPT_PATH;

/// Chromium and WebKit hang what lies deeper than 512 elements higher up.
const MAX_DEPTH: usize = 500;

/// Where a node is in the tree that it belongs to.
pub(super) type NodeId = usize;

/// A page as a browser has it once it is parsed and its live script has left.
pub struct Tree {
    nodes: Vec<Node>,
    quirks: QuirksMode,
    is_shallow: bool,
}

/// A node of the tree.
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) parent: Option<NodeId>,
    pub(super) children: Vec<NodeId>,
    /// Of the node and all below it: equal digests are equal subtrees.
    pub(super) digest: u64,
    /// Whether it or a node below can neither come into an open page nor leave it.
    pub(super) has_fixed: bool,
}

/// What a node is.
#[derive(Hash)]
pub(super) enum Kind {
    Document,
    Doctype { name: String, public_id: String, system_id: String },
    Text(String),
    Comment(String),
    Element(Element),
}

/// The name and the attributes of an element, and what the tree does not show.
pub(super) struct Element {
    pub(super) name: QualName,
    pub(super) attributes: BTreeMap<String, Attribute>,
    /// The contents of a template, or the template that has become a shadow tree.
    pub(super) hidden: Option<NodeId>,
}

/// The value of an attribute.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Attribute {
    pub(super) value: String,
    pub(super) namespace: Namespace,
}

impl Tree {
    /// Parses `rendering` as a browser does that runs scripts.
    pub fn parse(rendering: &[u8]) -> Self {
        let (nodes, quirks) = sink::parse(rendering);
        let mut tree = Self::new(nodes, quirks);
        tree.take_out_client();
        tree.finish();
        tree
    }

    /// Parses `markup` as what is put into `context`, a node of this tree, and gives
    /// the tree with the node that has the parts as its children.
    pub(super) fn parse_fragment(&self, markup: &str, context: NodeId) -> (Self, NodeId) {
        let element =
            self.element(context).filter(|element| element.name.local != local_name!("html"));
        let is_form = |id: &NodeId| {
            let name = self.element(*id).map(|element| &element.name.local);
            name == Some(&local_name!("form"))
        };
        let is_in_form = self.with_ancestors(context).any(|id| is_form(&id));
        let (nodes, root) = sink::parse_fragment(markup, element, is_in_form, self.quirks);
        let mut tree = Self::new(nodes, self.quirks);
        tree.finish();
        (tree, root)
    }

    fn new(nodes: Vec<Node>, quirks: QuirksMode) -> Self {
        Self { nodes, quirks, is_shallow: true }
    }

    /// Whether browsers agree on the shape of the tree.
    pub(super) fn is_shallow(&self) -> bool {
        self.is_shallow
    }

    pub(super) fn root(&self) -> NodeId {
        sink::DOCUMENT
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    pub(super) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Makes `text` the data of a text.
    pub(super) fn set_text(&mut self, id: NodeId, text: &str) {
        self.nodes[id].kind = Kind::Text(text.to_owned());
        let changed: Vec<NodeId> = self.with_ancestors(id).collect();
        changed.into_iter().for_each(|id| self.finish_node(id));
    }

    /// The text that is `text`, if it is in no other text, comment or attribute, and
    /// neither in a script nor in a template.
    pub(super) fn find_only_text(&self, text: &str) -> Option<NodeId> {
        let mut holding = (0..self.nodes.len()).filter(|id| self.nodes[*id].kind.contains(text));
        let (Some(only), None) = (holding.next(), holding.next()) else { return None };
        let is_it = matches!(&self.nodes[only].kind, Kind::Text(data) if data == text);
        let acts_once = |id: NodeId| self.element(id).is_some_and(Element::acts_once);
        let is_shown = self.with_ancestors(only).last() == Some(self.root())
            && !self.with_ancestors(only).any(acts_once);
        (is_it && is_shown).then_some(only)
    }

    pub(super) fn with_ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |id| self.node(*id).parent)
    }

    /// What the script does with its own element. The text before and after it
    /// stays in two nodes, as it does in the browser.
    fn take_out_client(&mut self) {
        let is_client = |node: &Node| match &node.kind {
            Kind::Element(element) => element.is_client(),
            _ => false,
        };
        if let Some(client) = self.nodes.iter().position(is_client)
            && let Some(parent) = self.nodes[client].parent.take()
        {
            self.nodes[parent].children.retain(|child| *child != client);
        }
    }

    /// Sets the digest of each node, those of its children first.
    fn finish(&mut self) {
        let (order, depth) = self.parents_first();
        self.is_shallow = depth <= MAX_DEPTH;
        order.into_iter().rev().for_each(|id| self.finish_node(id));
    }

    /// Sets what a node says of all below it, once its children say so of themselves.
    fn finish_node(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        let hidden = self.element(id).and_then(|element| element.hidden);
        let mut hasher = DefaultHasher::new();
        node.kind.hash(&mut hasher);
        node.children.len().hash(&mut hasher);
        for below in node.children.iter().chain(&hidden) {
            self.nodes[*below].digest.hash(&mut hasher);
        }
        let has_fixed =
            node.is_fixed() || node.children.iter().any(|child| self.nodes[*child].has_fixed);
        let digest = hasher.finish();
        let node = &mut self.nodes[id];
        (node.digest, node.has_fixed) = (digest, has_fixed);
    }

    /// All nodes in an order in which parents precede their children, and the depth
    /// of the deepest. Without recursion, since pages may be of any depth.
    fn parents_first(&self) -> (Vec<NodeId>, usize) {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut open = vec![(self.root(), 0)];
        let mut deepest = 0;
        while let Some((id, depth)) = open.pop() {
            order.push(id);
            deepest = deepest.max(depth);
            let hidden = self.element(id).and_then(|element| element.hidden);
            open.extend(self.node(id).children.iter().chain(&hidden).map(|id| (*id, depth + 1)));
        }
        (order, deepest)
    }
}

impl Kind {
    fn contains(&self, text: &str) -> bool {
        match self {
            Self::Text(data) | Self::Comment(data) => data.contains(text),
            Self::Element(element) => {
                element.attributes.values().any(|attribute| attribute.value.contains(text))
            }
            Self::Document | Self::Doctype { .. } => false,
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, parent: None, children: Vec::new(), digest: 0, has_fixed: false }
    }

    fn is_fixed(&self) -> bool {
        match &self.kind {
            Kind::Document | Kind::Doctype { .. } => true,
            Kind::Text(_) | Kind::Comment(_) => false,
            Kind::Element(element) => element.is_fixed(),
        }
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(|attribute| attribute.value.as_str())
    }

    /// The `id`, where there is one.
    pub(super) fn id(&self) -> &str {
        self.attribute("id").unwrap_or_default()
    }

    fn is_client(&self) -> bool {
        self.name.local == local_name!("script")
            && self.attribute("src").is_some_and(|src| {
                let path = src.split('?').next().unwrap_or_default();
                path == SCRIPT_PATH
            })
    }

    /// Whether it has its effect once, while the page loads.
    pub(super) fn acts_once(&self) -> bool {
        match &*self.name.local {
            "script" | "noscript" | "template" | "base" => true,
            "meta" => self.attributes.contains_key("http-equiv"),
            _ => false,
        }
    }

    fn is_fixed(&self) -> bool {
        let is_frame = matches!(&*self.name.local, "html" | "head" | "body" | "frameset");
        is_frame || self.acts_once() || self.hidden.is_some()
    }

    pub(super) fn is_html(&self) -> bool {
        self.name.ns == ns!(html)
    }
}

impl Hash for Element {
    /// The digest of what is hidden follows with the children's.
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.name.ns, &self.name.local, &self.attributes, self.hidden.is_some()).hash(hasher);
    }
}

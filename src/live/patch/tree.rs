//! A rendering as the browser's tree of nodes, each subtree with its digest.

use std::hash::{DefaultHasher, Hash, Hasher};

use html5ever::{interface::QuirksMode, local_name};

use super::{
    node::{DOCUMENT, Element, Kind, Node, NodeId},
    sink,
};

/// Chromium and WebKit hang what lies deeper than 512 elements higher up.
const MAX_DEPTH: usize = 500;

/// A page as a browser has it once it is parsed and its live script has left.
pub struct Tree {
    nodes: Vec<Node>,
    quirks: QuirksMode,
    is_shallow: bool,
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
        DOCUMENT
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

//! A page as the browser's tree of nodes.

use html5ever::{interface::QuirksMode, local_name};

use super::{
    node::{DOCUMENT, Element, Node, NodeId, NodeKind},
    parser,
};

/// A page, or a part of one, as a browser has it once it is parsed.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    quirks: QuirksMode,
}

impl Tree {
    /// Parses `page` as a browser does that runs scripts.
    pub(crate) fn parse(page: &[u8]) -> Self {
        let (nodes, quirks) = parser::parse(page);
        Self { nodes, quirks }
    }

    /// Parses `markup` as what is put into `context`, a node of this tree, and gives
    /// the tree with the node that has the parts as its children.
    pub(crate) fn parse_fragment(&self, markup: &str, context: NodeId) -> (Self, NodeId) {
        let element =
            self.element(context).filter(|element| element.name.local != local_name!("html"));
        let is_form = |id: &NodeId| {
            let name = self.element(*id).map(|element| &element.name.local);
            name == Some(&local_name!("form"))
        };
        let is_in_form = self.with_ancestors(context).any(|id| is_form(&id));
        let (nodes, root) = parser::parse_fragment(markup, element, is_in_form, self.quirks);
        (Self { nodes, quirks: self.quirks }, root)
    }

    pub(crate) fn root(&self) -> NodeId {
        DOCUMENT
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// All nodes, those that have left the tree too.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn element(&self, id: NodeId) -> Option<&Element> {
        match &self.node(id).kind {
            NodeKind::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(crate) fn with_ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |id| self.node(*id).parent)
    }

    /// All nodes in an order in which parents precede their children, and the depth
    /// of the deepest. Without recursion, since pages may be of any depth.
    pub(crate) fn parents_first(&self) -> (Vec<NodeId>, usize) {
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

    /// Makes `text` the data of a text.
    pub(crate) fn set_text(&mut self, id: NodeId, text: &str) {
        self.nodes[id].kind = NodeKind::Text(text.to_owned());
    }

    /// Takes a node out. Texts before and after it stay two nodes, as in a browser.
    pub(crate) fn remove(&mut self, id: NodeId) {
        if let Some(parent) = self.nodes[id].parent.take() {
            self.nodes[parent].children.retain(|child| *child != id);
        }
    }
}

//! The nodes of a tree: what each is, and where it stands.

use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

use html5ever::{Namespace, QualName, ns};

/// Where a node is in the tree that it belongs to.
pub(crate) type NodeId = usize;

/// The document is the first node.
pub(super) const DOCUMENT: NodeId = 0;

/// A node of the tree.
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) parent: Option<NodeId>,
    pub(crate) children: Vec<NodeId>,
}

/// What a node is. Equal hashes are equal nodes, whatever is below them.
#[derive(Hash)]
pub(crate) enum NodeKind {
    Document,
    Doctype { name: String, public_id: String, system_id: String },
    Text(String),
    Comment(String),
    Element(Element),
}

/// The name and the attributes of an element, and what the tree does not show.
pub(crate) struct Element {
    pub(crate) name: QualName,
    /// By their names, with prefix.
    pub(crate) attributes: BTreeMap<String, Attribute>,
    /// The contents of a template, or the template that has become a shadow tree.
    pub(crate) hidden: Option<NodeId>,
}

/// The value of an attribute.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Attribute {
    pub(crate) value: String,
    pub(crate) namespace: Namespace,
}

impl Node {
    pub(super) fn new(kind: NodeKind) -> Self {
        Self { kind, parent: None, children: Vec::new() }
    }
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(|attribute| attribute.value.as_str())
    }

    /// The `id`, where there is one.
    pub(crate) fn id(&self) -> &str {
        self.attribute("id").unwrap_or_default()
    }

    /// Whether it is neither of SVG nor of MathML.
    pub(super) fn is_html(&self) -> bool {
        self.name.ns == ns!(html)
    }
}

impl Hash for Element {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.name.ns, &self.name.local, &self.attributes, self.hidden.is_some()).hash(hasher);
    }
}

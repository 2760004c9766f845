//! The nodes of a page: what each is, and what it acts upon.

use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
};

use html5ever::{Namespace, QualName, local_name, ns};

use crate::live::SCRIPT_PATH;

/// The document is the first node.
pub(super) const DOCUMENT: NodeId = 0;

/// Where a node is in the tree that it belongs to.
pub(super) type NodeId = usize;

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

impl Kind {
    pub(super) fn contains(&self, text: &str) -> bool {
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

    pub(super) fn is_fixed(&self) -> bool {
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

    pub(super) fn is_client(&self) -> bool {
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

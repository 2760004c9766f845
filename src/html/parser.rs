//! Nodes from HTML text, built by html5ever as the HTML standard requires of browsers.

use std::{borrow::Cow, cell::Cell, cell::RefCell, collections::BTreeMap};

use html5ever::{
    LocalName, Namespace, ParseOpts, QualName,
    driver::{parse_document, parse_fragment_for_element},
    interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink, create_element},
    local_name, ns,
    tendril::{StrTendril, TendrilSink},
    tree_builder::TreeBuilderOpts,
};

use super::node::{Attribute, DOCUMENT, Element, Node, NodeId, NodeKind};

/// The elements that may have a shadow tree, apart from those with a name of the
/// author's own (DOM, 4.8, "valid shadow host name").
const SHADOW_HOSTS: [&str; 18] = [
    "article",
    "aside",
    "blockquote",
    "body",
    "div",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "main",
    "nav",
    "p",
    "section",
    "span",
];

/// Parses a whole page, and gives its nodes, the document first.
pub(super) fn parse(page: &[u8]) -> (Vec<Node>, QuirksMode) {
    let sink = Sink::new(true);
    let sink = parse_document(sink, ParseOpts::default()).from_utf8().one(page);
    (sink.nodes.into_inner(), sink.quirks.get())
}

/// Parses what is put into an element such as `context`, or else into the body, and
/// gives the nodes, and the one that has the parts as its children.
pub(super) fn parse_fragment(
    markup: &str,
    context: Option<&Element>,
    is_in_form: bool,
    quirks: QuirksMode,
) -> (Vec<Node>, NodeId) {
    let sink = Sink::new(false);
    let html = |name: LocalName| QualName::new(None, ns!(html), name);
    let name = context.map_or_else(|| html(local_name!("body")), |context| context.name.clone());
    let context = create_element(&sink, name, Vec::new());
    let form = is_in_form.then(|| create_element(&sink, html(local_name!("form")), Vec::new()));
    let tree_builder = TreeBuilderOpts { quirks_mode: quirks, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    let parser = parse_fragment_for_element(sink, options, context, true, form);
    let nodes = parser.one(markup).nodes.into_inner();
    let root = nodes.first().and_then(|document| document.children.first());
    let root = *root.expect("the parser begins a fragment with its root");
    (nodes, root)
}

/// The nodes as far as they are known. The parser holds only shared references.
pub(super) struct Sink {
    nodes: RefCell<Vec<Node>>,
    quirks: Cell<QuirksMode>,
    allows_shadow: bool,
}

impl Sink {
    pub(super) fn new(allows_shadow: bool) -> Self {
        let nodes = RefCell::new(vec![Node::new(NodeKind::Document)]);
        Self { nodes, quirks: Cell::new(QuirksMode::NoQuirks), allows_shadow }
    }

    fn create(&self, kind: NodeKind) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node::new(kind));
        nodes.len() - 1
    }

    /// Adds `child` to `parent`, at `index` among its children. Text joins the text
    /// that it follows.
    fn insert(&self, parent: NodeId, index: usize, child: NodeOrText<NodeId>) {
        let child = match child {
            NodeOrText::AppendNode(child) => {
                self.detach(child);
                child
            }
            NodeOrText::AppendText(text) => match self.join(parent, index, &text) {
                true => return,
                false => self.create(NodeKind::Text(text.to_string())),
            },
        };
        let mut nodes = self.nodes.borrow_mut();
        nodes[parent].children.insert(index, child);
        nodes[child].parent = Some(parent);
    }

    fn join(&self, parent: NodeId, index: usize, text: &str) -> bool {
        let mut nodes = self.nodes.borrow_mut();
        let previous = index.checked_sub(1).map(|before| nodes[parent].children[before]);
        match previous.map(|previous| &mut nodes[previous].kind) {
            Some(NodeKind::Text(data)) => {
                data.push_str(text);
                true
            }
            _ => false,
        }
    }

    /// The parent of a node and its place there, which is mostly near the end.
    fn place_of(&self, id: NodeId) -> Option<(NodeId, usize)> {
        let nodes = self.nodes.borrow();
        let parent = nodes[id].parent?;
        let index = nodes[parent].children.iter().rposition(|child| *child == id)?;
        Some((parent, index))
    }

    fn detach(&self, id: NodeId) {
        if let Some((parent, index)) = self.place_of(id) {
            let mut nodes = self.nodes.borrow_mut();
            nodes[parent].children.remove(index);
            nodes[id].parent = None;
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Self;
    type ElemName<'a> = Name;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Name {
        match &self.nodes.borrow()[*target].kind {
            NodeKind::Element(element) => Name(element.name.ns.clone(), element.name.local.clone()),
            _ => Name(ns!(), LocalName::default()),
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<html5ever::Attribute>,
        flags: ElementFlags,
    ) -> NodeId {
        let hidden = flags.template.then(|| self.create(NodeKind::Document));
        let mut element = Element { name, attributes: BTreeMap::new(), hidden };
        element.add_missing(attributes);
        self.create(NodeKind::Element(element))
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.create(NodeKind::Comment(text.to_string()))
    }

    /// HTML has none; what looks like one is a comment already.
    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.create(NodeKind::Comment(format!("?{target} {data}")))
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let end = self.nodes.borrow()[*parent].children.len();
        self.insert(*parent, end, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.detach(*child);
        }
        if let Some((parent, index)) = self.place_of(*sibling) {
            self.insert(parent, index, child);
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.place_of(*element).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(
        &self,
        name: StrTendril,
        public_id: StrTendril,
        system_id: StrTendril,
    ) {
        let [name, public_id, system_id] = [name, public_id, system_id].map(|id| id.to_string());
        let doctype = self.create(NodeKind::Doctype { name, public_id, system_id });
        self.append(&DOCUMENT, NodeOrText::AppendNode(doctype));
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        match &self.nodes.borrow()[*target].kind {
            NodeKind::Element(Element { hidden: Some(contents), .. }) => *contents,
            _ => *target,
        }
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<html5ever::Attribute>) {
        if let NodeKind::Element(element) = &mut self.nodes.borrow_mut()[*target].kind {
            element.add_missing(attributes);
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut nodes = self.nodes.borrow_mut();
        let children = std::mem::take(&mut nodes[*node].children);
        for child in &children {
            nodes[*child].parent = Some(*new_parent);
        }
        nodes[*new_parent].children.extend(children);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        let nodes = self.nodes.borrow();
        let NodeKind::Element(element) = &nodes[*handle].kind else { return false };
        let is_annotation =
            element.name.expanded() == html5ever::expanded_name!(mathml "annotation-xml");
        let is_html = |encoding: &str| {
            let encoding = encoding.to_ascii_lowercase();
            encoding == "text/html" || encoding == "application/xhtml+xml"
        };
        is_annotation && element.attribute("encoding").is_some_and(is_html)
    }

    fn allow_declarative_shadow_roots(&self, _: &NodeId) -> bool {
        self.allows_shadow
    }

    fn attach_declarative_shadow(
        &self,
        host: &NodeId,
        template: &NodeId,
        _: &[html5ever::Attribute],
    ) -> bool {
        match &mut self.nodes.borrow_mut()[*host].kind {
            NodeKind::Element(element) if element.may_have_shadow() && element.hidden.is_none() => {
                element.hidden = Some(*template);
                true
            }
            _ => false,
        }
    }
}

impl Element {
    fn add_missing(&mut self, attributes: Vec<html5ever::Attribute>) {
        for attribute in attributes {
            let name = match &attribute.name.prefix {
                Some(prefix) => format!("{prefix}:{}", attribute.name.local),
                None => attribute.name.local.to_string(),
            };
            let value = attribute.value.to_string();
            let attribute = Attribute { value, namespace: attribute.name.ns };
            self.attributes.entry(name).or_insert(attribute);
        }
    }

    fn may_have_shadow(&self) -> bool {
        let name = &*self.name.local;
        self.is_html() && (SHADOW_HOSTS.contains(&name) || name.contains('-'))
    }
}

/// The name of an element. Copying one of the standard's own is as cheap as a number.
#[derive(Debug)]
pub(super) struct Name(Namespace, LocalName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0
    }

    fn local_name(&self) -> &LocalName {
        &self.1
    }
}

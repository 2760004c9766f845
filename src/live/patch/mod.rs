//! Patches: the changes from one snapshot of a page to the next, as operations that the
//! live script applies to the open page.
//!
//! Both snapshots are compared as the trees that a browser makes of them. Scripts of the
//! page may have changed the open one: an operation holds enough of the old snapshot for
//! the live script to find its nodes, and to see that they are still the same.

mod align;
mod digest;
mod made;
mod scripts;
mod shown;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::html::node::{Element, NodeId, NodeKind};

use align::Alignment;
use digest::{DigestTree, acts_once};

pub use shown::Shown;

/// So many texts and classes of one patch are looked for in the whole page.
const MAX_COUNTED: usize = 16;

/// The operations that make the new rendering of the old one. All of them name
/// nodes by where they are in the old one, whatever the order.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Patch {
    ops: Vec<Op>,
    /// Whether one of the two renderings has scripts.
    #[serde(skip)]
    has_scripts: bool,
    /// Whether a script names a class that comes or goes.
    #[serde(skip)]
    concerns_scripts: bool,
}

/// One change.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Op {
    /// The data of a text or a comment, and how often the page has that text, in texts and
    /// attributes, where that may matter to scripts.
    Text { at: Vec<PathStep>, old: String, new: String, count: Option<usize> },
    /// An attribute that came, changed or went.
    Attr { at: Vec<PathStep>, name: String, old: Option<String>, new: Option<String> },
    /// Of the children of `at`, `remove` leave, which follow on `after`, or else are
    /// the first. What `html` parses to takes their place.
    Nodes { at: Vec<PathStep>, after: Option<PathStep>, remove: Vec<Signature>, html: String },
}

/// The way from a node to one of its children: the index of the child, how many there
/// are; its name, its index among those of the same name, how many those are; its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct PathStep(usize, usize, String, usize, usize, String);

/// By what a node is known that leaves: its name, and its id or its data.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Signature(String, String);

impl Patch {
    /// What makes the rendering `new` of the rendering `old`. `None` where only loading
    /// the page again is exact.
    fn between(old: &DigestTree, new: &DigestTree) -> Option<Self> {
        if !old.is_shallow() || !new.is_shallow() {
            return None;
        }
        let mut comparison = PatchComparison { old, new, path: Vec::new(), ops: Vec::new() };
        comparison.compare(old.root(), new.root())?;
        Some(Self::of(comparison.ops, old, new.has_scripts()))
    }

    /// The operations on the page `old`.
    fn of(mut ops: Vec<Op>, old: &DigestTree, new_has_scripts: bool) -> Self {
        let texts = ops.iter_mut().filter_map(|op| match op {
            Op::Text { old, count, .. } => Some((&*old, count)),
            Op::Attr { .. } | Op::Nodes { .. } => None,
        });
        let mut texts = texts.take(MAX_COUNTED).peekable();
        let may_have_scripts = old.has_scripts() || old.has_frames();
        if may_have_scripts && texts.peek().is_some() {
            let (page, values) = (old.text_of_page(), old.texts_in_attributes());
            texts.for_each(|(text, count)| *count = Some(times(text, &page, &values)));
        }
        let has_scripts = old.has_scripts() || new_has_scripts;
        let concerns_scripts = has_scripts
            && changed_classes(&ops)
                .is_none_or(|names| names.iter().any(|name| old.names_in_scripts(name)));
        Self { ops, has_scripts, concerns_scripts }
    }

    /// Whether one of the two renderings has scripts.
    pub fn has_scripts(&self) -> bool {
        self.has_scripts
    }

    /// Whether a script that is written in the page names a class that comes or goes.
    pub fn concerns_scripts(&self) -> bool {
        self.concerns_scripts
    }
}

/// Two trees, and how far the comparison has come. Its functions give `None` where
/// no operation makes the difference.
struct PatchComparison<'a> {
    old: &'a DigestTree,
    new: &'a DigestTree,
    /// From the document to the current node.
    path: Vec<PathStep>,
    ops: Vec<Op>,
}

impl PatchComparison<'_> {
    fn compare(&mut self, old: NodeId, new: NodeId) -> Option<()> {
        if self.old.hash(old) == self.new.hash(new) {
            return Some(());
        }
        let (old_node, new_node) = (self.old.node(old), self.new.node(new));
        match (&old_node.kind, &new_node.kind) {
            (NodeKind::Text(old), NodeKind::Text(new))
            | (NodeKind::Comment(old), NodeKind::Comment(new)) => {
                let (at, old, new) = (self.path.clone(), old.clone(), new.clone());
                self.ops.push(Op::Text { at, old, new, count: None });
                return Some(());
            }
            (NodeKind::Element(old), NodeKind::Element(new)) => self.compare_elements(old, new)?,
            (NodeKind::Document, NodeKind::Document) => {}
            _ => return None,
        }
        self.compare_children(old, new)
    }

    fn compare_elements(&mut self, old: &Element, new: &Element) -> Option<()> {
        let hash = |tree: &DigestTree, hidden: Option<NodeId>| hidden.map(|id| tree.hash(id));
        let hides_same = hash(self.old, old.hidden) == hash(self.new, new.hidden);
        if acts_once(old) || acts_once(new) || !hides_same || made::loads_anew(old, new) {
            return None;
        }
        let added = new.attributes.keys().filter(|name| !old.attributes.contains_key(*name));
        for name in old.attributes.keys().chain(added) {
            let [old, new] = [old, new].map(|element| element.attribute(name).map(str::to_owned));
            if old != new {
                let (at, name) = (self.path.clone(), name.to_string());
                self.ops.push(Op::Attr { at, name, old, new });
            }
        }
        Some(())
    }

    fn compare_children(&mut self, old_parent: NodeId, new_parent: NodeId) -> Option<()> {
        let (old_tree, new_tree) = (self.old, self.new);
        let old = &old_tree.node(old_parent).children[..];
        let new = &new_tree.node(new_parent).children[..];
        let steps = Steps::to(old_tree, old);
        let pairs = Alignment::pairs((old_tree, old), (new_tree, new));
        let mut start = (0, 0);
        for (old_idx, new_idx) in pairs.into_iter().chain([(old.len(), new.len())]) {
            let (removed, added) = (&old[start.0..old_idx], &new[start.1..new_idx]);
            let after = start.0.checked_sub(1).map(|before| steps.step(before));
            self.replace(old_parent, after, removed, (new_parent, added))?;
            if let (Some(old), Some(new)) = (old.get(old_idx), new.get(new_idx))
                && old_tree.hash(*old) != new_tree.hash(*new)
            {
                self.path.push(steps.step(old_idx));
                self.compare(*old, *new)?;
                self.path.pop();
            }
            start = (old_idx + 1, new_idx + 1);
        }
        Some(())
    }

    /// Puts the nodes `added` in the place of `removed`, if they come out of their
    /// markup as they are in the new rendering. Not all that a page can have does.
    fn replace(
        &mut self,
        parent: NodeId,
        after: Option<PathStep>,
        removed: &[NodeId],
        (new_parent, added): (NodeId, &[NodeId]),
    ) -> Option<()> {
        if removed.is_empty() && added.is_empty() {
            return Some(());
        }
        let has_fixed =
            |tree: &DigestTree, nodes: &[NodeId]| nodes.iter().any(|id| tree.has_fixed(*id));
        let parent_name = self.old.element(parent).map(|element| &*element.name.local);
        let has_options = parent_name.is_some_and(|name| made::LISTS_OF_OPTIONS.contains(&name));
        if has_options || has_fixed(self.old, removed) || has_fixed(self.new, added) {
            return None;
        }
        let html = self.new.markup(new_parent, added);
        let (fragment, root) = self.old.parse_fragment(&html, parent);
        let parsed = fragment.node(root).children.iter().map(|id| fragment.hash(*id));
        if !parsed.eq(added.iter().map(|id| self.new.hash(*id))) {
            return None;
        }
        let remove = removed.iter().map(|id| Signature::of(self.old, *id)).collect();
        self.ops.push(Op::Nodes { at: self.path.clone(), after, remove, html });
        Some(())
    }
}

/// The classes that come or go; `None` where these are too many to look for.
fn changed_classes(ops: &[Op]) -> Option<BTreeSet<&str>> {
    let mut changed = BTreeSet::new();
    for op in ops {
        if let Op::Attr { name, old, new, .. } = op
            && name == "class"
        {
            let [old, new] = [old, new]
                .map(|list| list.as_deref().unwrap_or_default().split_ascii_whitespace().collect());
            changed.extend(BTreeSet::symmetric_difference(&old, &new));
        }
        if changed.len() > MAX_COUNTED {
            return None;
        }
    }
    Some(changed)
}

/// How often `text` is in `page`, and in how many of `values`: a script may have copied it.
/// White space around it may be lost in a copy.
fn times(text: &str, page: &str, values: &[&str]) -> usize {
    match text.trim_ascii() {
        "" => 0,
        text => {
            let in_values = values.iter().filter(|value| value.contains(text)).count();
            page.matches(text).count() + in_values
        }
    }
}

/// The way from the document to a node.
fn path_to(tree: &DigestTree, id: NodeId) -> Vec<PathStep> {
    let mut path: Vec<PathStep> = tree
        .with_ancestors(id)
        .filter_map(|id| {
            let siblings = &tree.node(tree.node(id).parent?).children;
            let idx = siblings.iter().position(|sibling| *sibling == id)?;
            Some(Steps::to(tree, siblings).step(idx))
        })
        .collect();
    path.reverse();
    path
}

/// The steps to each of a node's children.
struct Steps<'a> {
    tree: &'a DigestTree,
    children: &'a [NodeId],
    ordinals: Vec<usize>,
    counts: HashMap<&'a str, usize>,
}

impl<'a> Steps<'a> {
    fn to(tree: &'a DigestTree, children: &'a [NodeId]) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut ordinal = |id: &NodeId| {
            let count = counts.entry(name(tree, *id)).or_default();
            *count += 1;
            *count - 1
        };
        let ordinals = children.iter().map(&mut ordinal).collect();
        Self { tree, children, ordinals, counts }
    }

    fn step(&self, idx: usize) -> PathStep {
        let child = self.children[idx];
        let name = name(self.tree, child);
        let count = self.counts.get(name).copied().unwrap_or_default();
        let id = self.tree.element(child).map(Element::id).unwrap_or_default();
        let (name, id) = (name.to_owned(), id.to_owned());
        PathStep(idx, self.children.len(), name, self.ordinals[idx], count, id)
    }
}

impl Signature {
    fn of(tree: &DigestTree, id: NodeId) -> Self {
        let known_by = match &tree.node(id).kind {
            NodeKind::Text(data) | NodeKind::Comment(data) => data,
            NodeKind::Element(element) => element.id(),
            NodeKind::Document | NodeKind::Doctype { .. } => "",
        };
        Self(name(tree, id).to_owned(), known_by.to_owned())
    }
}

/// The name of an element, without a prefix; else `#` and the number of the DOM for
/// what it is (`nodeType`).
fn name(tree: &DigestTree, id: NodeId) -> &str {
    match &tree.node(id).kind {
        NodeKind::Element(element) => &element.name.local,
        NodeKind::Text(_) => "#3",
        NodeKind::Comment(_) => "#8",
        NodeKind::Document => "#9",
        NodeKind::Doctype { .. } => "#10",
    }
}

#[cfg(test)]
mod tests;

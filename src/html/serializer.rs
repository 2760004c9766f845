//! Nodes as HTML text (HTML, 13.3), written by html5ever.

use std::io;

use html5ever::{
    QualName,
    serialize::{Serialize, SerializeOpts, Serializer, TraversalScope, serialize},
};

use super::{
    node::{Attribute, Element, NodeId, NodeKind},
    tree::Tree,
};

/// Elements in which the parser drops a line end at the start.
const DROPS_LINE_END: [&str; 3] = ["listing", "pre", "textarea"];

impl Tree {
    /// The markup of some children of `parent`, without what is hidden in them:
    /// contents of templates and shadow trees.
    pub(crate) fn markup(&self, parent: NodeId, nodes: &[NodeId]) -> String {
        // By the name alone, a `style` of SVG would be taken for one of HTML.
        let parent = self.element(parent).filter(|parent| parent.is_html());
        let traversal_scope = TraversalScope::ChildrenOnly(parent.map(|it| it.name.clone()));
        let options = SerializeOpts { traversal_scope, ..SerializeOpts::default() };
        let mut markup = Vec::new();
        serialize(&mut markup, &Nodes { tree: self, nodes }, options)
            .expect("a vector takes all that is written");
        String::from_utf8(markup).expect("names and texts of nodes are UTF-8")
    }
}

/// Nodes of a tree that follow on each other.
struct Nodes<'a> {
    tree: &'a Tree,
    nodes: &'a [NodeId],
}

/// What is to be written of an element.
enum SerializerStep<'a> {
    Node(NodeId),
    End(&'a QualName),
}

impl Serialize for Nodes<'_> {
    /// Without recursion, since pages may be of any depth.
    fn serialize<S: Serializer>(&self, serializer: &mut S, _: TraversalScope) -> io::Result<()> {
        let mut steps: Vec<SerializerStep> = nodes_as_steps(self.nodes).collect();
        while let Some(step) = steps.pop() {
            match step {
                SerializerStep::End(name) => serializer.end_elem(name.clone())?,
                SerializerStep::Node(id) => match &self.tree.node(id).kind {
                    NodeKind::Document => {}
                    NodeKind::Doctype { name, .. } => serializer.write_doctype(name)?,
                    NodeKind::Text(data) => serializer.write_text(data)?,
                    NodeKind::Comment(data) => serializer.write_comment(data)?,
                    NodeKind::Element(element) => {
                        let children = &self.tree.node(id).children;
                        start(serializer, element)?;
                        if self.loses_line_end(element, children) {
                            serializer.write_text("\n")?;
                        }
                        steps.push(SerializerStep::End(&element.name));
                        steps.extend(nodes_as_steps(children));
                    }
                },
            }
        }
        Ok(())
    }
}

impl Nodes<'_> {
    /// Whether the first line end would be dropped. The standard's algorithm writes
    /// no second one, "for historical reasons".
    fn loses_line_end(&self, element: &Element, children: &[NodeId]) -> bool {
        let first = children.first().map(|child| &self.tree.node(*child).kind);
        element.is_html()
            && DROPS_LINE_END.contains(&&*element.name.local)
            && matches!(first, Some(NodeKind::Text(data)) if data.starts_with('\n'))
    }
}

/// The last node first, since steps are taken from the end.
fn nodes_as_steps<'a>(nodes: &[NodeId]) -> impl Iterator<Item = SerializerStep<'a>> {
    nodes.iter().rev().map(|id| SerializerStep::Node(*id))
}

fn start<S: Serializer>(serializer: &mut S, element: &Element) -> io::Result<()> {
    let qualified = |(name, attribute): (&String, &Attribute)| {
        // The serializer writes the prefix by the namespace.
        let local = match name.split_once(':') {
            Some((_, local)) if !attribute.namespace.is_empty() => local,
            _ => name,
        };
        QualName::new(None, attribute.namespace.clone(), local.into())
    };
    let names: Vec<QualName> = element.attributes.iter().map(qualified).collect();
    let values = element.attributes.values().map(|attribute| attribute.value.as_str());
    serializer.start_elem(element.name.clone(), names.iter().zip(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The markup of all in the body of `page`.
    fn body(page: &str) -> String {
        let tree = Tree::parse(page.as_bytes());
        let html = tree.node(tree.root()).children[0];
        let body = tree.node(html).children[1];
        tree.markup(body, &tree.node(body).children)
    }

    #[test]
    fn writes_what_parses_to_the_same_nodes() {
        for (page, expected) in [
            ("<p b=2 a='\"'>x &amp; y<br>", "<p a=\"&quot;\" b=\"2\">x &amp; y<br></p>"),
            ("<p title='<&lt;'>&nbsp;", "<p title=\"&lt;&lt;\">&nbsp;</p>"),
            ("<pre>\n\na</pre><pre>\na</pre>", "<pre>\n\na</pre><pre>a</pre>"),
            ("<textarea>\n\n</textarea>", "<textarea>\n\n</textarea>"),
            ("<i></i><style>a > b</style><!-- c -->", "<i></i><style>a > b</style><!-- c -->"),
            ("<svg><style>a &gt; b</style></svg>", "<svg><style>a &gt; b</style></svg>"),
            (
                "<svg viewbox=a><use xlink:href=b xml:lang=c /></svg>",
                "<svg viewBox=\"a\"><use xlink:href=\"b\" xml:lang=\"c\"></use></svg>",
            ),
        ] {
            assert_eq!(body(page), expected);
            assert_eq!(body(expected), expected);
        }
    }

    #[test]
    fn writes_text_by_the_element_that_it_is_in() {
        for (page, expected) in [
            ("<body><style>a > b</style>", "a > b"),
            ("<body><svg><style>a > b</style></svg>", "a &gt; b"),
        ] {
            let tree = Tree::parse(page.as_bytes());
            let is_style = |node: &&super::super::node::Node| match &node.kind {
                NodeKind::Element(element) => &*element.name.local == "style",
                _ => false,
            };
            let style = tree.nodes().iter().position(|node| is_style(&node)).unwrap();
            assert_eq!(tree.markup(style, &tree.node(style).children), expected);
        }
    }

    #[test]
    fn writes_pages_of_any_depth() {
        let markup = body(&"<span>".repeat(50_000));
        assert_eq!(markup.len(), 50_000 * "<span></span>".len());
    }
}

//! One text of Markdown as HTML: pulldown-cmark reads it and writes the HTML.

use pulldown_cmark::{Parser, html};

use crate::markdown::{
    events::Events,
    heading,
    options::options,
    shared::{Shared, refused},
    text::Text,
};

/// A file of Markdown as a page wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// All of it, as HTML.
    pub html: String,
    /// The table of contents, as nested lists; empty without headings.
    pub contents: String,
    /// The text of the first heading.
    pub title: Option<String>,
}

impl Text {
    /// Makes HTML of it.
    pub(super) fn convert(&self, shared: &mut Shared<'_>) -> Document {
        let parser = Parser::new_ext(&self.markdown, options(self.is_foreign));
        let mut events = Events::new(self, shared, parser.into_offset_iter());
        let mut written = String::with_capacity(self.markdown.len() * 3 / 2);
        html::push_html(&mut written, &mut events);
        let headings = events.headings;
        let mut html = String::with_capacity(written.len());
        self.pieces.write(&written, &mut html, |value| {
            shared.warnings.push(refused(&self.file, None, value));
        });
        let title = headings.first().map(|heading| heading.text.clone());
        Document { html, contents: heading::contents(&headings), title }
    }
}

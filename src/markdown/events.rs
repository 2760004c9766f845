//! The events of a text, from pulldown-cmark as it reads to pulldown-cmark as it writes: what
//! of the elements is ours.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
};

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CowStr, Event, OffsetIter, Tag, TagEnd, TextMergeWithOffset,
};

use crate::markdown::{
    footnotes::{Footnotes, Placed},
    heading::Heading,
    shared::Shared,
    text::Text,
};

/// The events of a text as they are written.
pub(super) struct Events<'a, 's, 'l> {
    pub(super) text: &'a Text,
    pub(super) shared: &'s mut Shared<'l>,
    read: TextMergeWithOffset<'a, OffsetIter<'a>>,
    /// The places of the addresses that links and images name, by these names in lower case.
    pub(super) definitions: HashMap<String, Range<usize>>,
    /// Events that come before the next that is read.
    pub(super) pending: VecDeque<Placed<'a>>,
    /// What is ready to be written.
    pub(super) ready: VecDeque<Event<'a>>,
    pub(super) headings: Vec<Heading>,
    footnotes: Footnotes<'a>,
    /// Elements that are open.
    pub(super) depth: usize,
    pub(super) is_in_code: bool,
    pub(super) links: usize,
    pub(super) images: usize,
    table: Table,
}

/// A table that is being written.
#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    is_head: bool,
    has_body: bool,
    column: usize,
}

impl<'a> Iterator for Events<'a, '_, '_> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.take() {
                Some((event, range)) => self.visit(event, range),
                None if self.footnotes.begin_next(&mut self.pending, &mut self.ready) => {}
                None => return None,
            }
        }
    }
}

impl<'a, 's, 'l> Events<'a, 's, 'l> {
    pub(super) fn new(text: &'a Text, shared: &'s mut Shared<'l>, read: OffsetIter<'a>) -> Self {
        let definitions = read.reference_definitions().iter();
        let definitions = definitions.map(|(name, it)| (name.to_lowercase(), it.span.clone()));
        Self {
            text,
            shared,
            definitions: definitions.collect(),
            read: TextMergeWithOffset::new(read),
            pending: VecDeque::new(),
            ready: VecDeque::new(),
            headings: Vec::new(),
            footnotes: Footnotes::default(),
            depth: 0,
            is_in_code: false,
            links: 0,
            images: 0,
            table: Table::default(),
        }
    }

    fn take(&mut self) -> Option<Placed<'a>> {
        self.pending.pop_front().or_else(|| self.read.next())
    }

    /// All events up to the end of an element, which begins `depth` deep and is left out.
    pub(super) fn take_element(&mut self) -> Vec<Placed<'a>> {
        let mut depth = 0;
        let mut taken = Vec::new();
        while let Some((event, range)) = self.take() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            taken.push((event, range));
        }
        taken
    }

    pub(super) fn html(&mut self, html: impl Into<CowStr<'a>>) {
        self.ready.push_back(Event::Html(html.into()));
    }

    fn visit(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(text, range),
            Event::Html(html) | Event::InlineHtml(html) if self.text.is_foreign => {
                self.ready.push_back(Event::Text(html));
            }
            Event::Code(text) if self.images > 0 => {
                self.ready.push_back(Event::Text(self.text.pieces.plain(&text).into()));
            }
            Event::FootnoteReference(name) if self.images == 0 => {
                let html = self.footnotes.refer(name, &mut self.shared.ids);
                self.ready.push_back(Event::InlineHtml(html.into()));
            }
            event => self.ready.push_back(event),
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        match tag {
            Tag::FootnoteDefinition(name) => {
                let definition = self.take_element();
                return self.footnotes.define(name, definition);
            }
            Tag::Heading { .. } => return self.heading(tag),
            Tag::Paragraph if self.text.pieces.hold_html() => return self.paragraph(range),
            _ => self.depth += 1,
        }
        match tag {
            Tag::BlockQuote(Some(kind)) => self.html(alert(kind)),
            Tag::Table(alignments) => {
                self.table = Table { alignments, ..Table::default() };
                self.html("<table>\n");
            }
            Tag::TableHead => {
                self.table.is_head = true;
                self.html("<thead>\n<tr>\n");
            }
            Tag::TableRow => {
                self.table.column = 0;
                self.html(if self.table.has_body { "<tr>\n" } else { "<tbody>\n<tr>\n" });
                self.table.has_body = true;
            }
            Tag::TableCell => self.start_cell(),
            Tag::Link { link_type, dest_url, title, id } => {
                self.links += 1;
                let range = self.place_of_address(&id, range);
                let dest_url = self.address(&dest_url, link_type, false, range);
                let title = self.plain(title);
                self.ready.push_back(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Tag::Image { link_type, dest_url, title, id } => {
                self.images += 1;
                let range = self.place_of_address(&id, range);
                let dest_url = self.address(&dest_url, link_type, true, range);
                let title = self.plain(title);
                self.ready.push_back(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            tag => {
                self.is_in_code |= matches!(tag, Tag::CodeBlock(_));
                self.ready.push_back(Event::Start(tag));
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        self.depth = self.depth.saturating_sub(1);
        match tag {
            TagEnd::BlockQuote(Some(_)) => return self.html("</div>\n"),
            TagEnd::Table if self.table.has_body => return self.html("</tbody>\n</table>\n"),
            TagEnd::Table => return self.html("</table>\n"),
            TagEnd::TableHead => {
                self.table.is_head = false;
                return self.html("</tr>\n</thead>\n");
            }
            TagEnd::TableRow => return self.html("</tr>\n"),
            TagEnd::TableCell if self.table.is_head => return self.html("</th>\n"),
            TagEnd::TableCell => return self.html("</td>\n"),
            TagEnd::Link => self.links -= 1,
            TagEnd::Image => self.images -= 1,
            TagEnd::CodeBlock => self.is_in_code = false,
            _ => {}
        }
        self.ready.push_back(Event::End(tag));
    }

    fn start_cell(&mut self) {
        let name = if self.table.is_head { "th" } else { "td" };
        let alignment = match self.table.alignments.get(self.table.column) {
            Some(Alignment::Left) => " align=\"left\"",
            Some(Alignment::Center) => " align=\"center\"",
            Some(Alignment::Right) => " align=\"right\"",
            Some(Alignment::None) | None => "",
        };
        self.table.column += 1;
        self.html(format!("<{name}{alignment}>"));
    }

    pub(super) fn start_paragraph(&mut self) {
        self.depth += 1;
        self.ready.push_back(Event::Start(Tag::Paragraph));
    }
}

/// The beginning of an alert, with its title.
fn alert(kind: BlockQuoteKind) -> String {
    let (class, title) = match kind {
        BlockQuoteKind::Note => ("note", "Note"),
        BlockQuoteKind::Tip => ("tip", "Tip"),
        BlockQuoteKind::Important => ("important", "Important"),
        BlockQuoteKind::Warning => ("warning", "Warning"),
        BlockQuoteKind::Caution => ("caution", "Caution"),
    };
    format!(
        "<div class=\"markdown-alert markdown-alert-{class}\">\n\
         <p class=\"markdown-alert-title\">{title}</p>\n"
    )
}

//! Paragraphs in which HTML stands, and headings, which get their ids.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::markdown::{
    events::Events,
    footnotes::Placed,
    heading::{self, Heading},
    pieces::Pieces,
};

impl<'a> Events<'a, '_, '_> {
    /// A paragraph in which HTML may stand that takes none: alone, or a block on lines of its
    /// own.
    pub(super) fn paragraph(&mut self, range: Range<usize>) {
        let mut lines = lines_of(self.take_element());
        let is_html = |pieces: &Pieces, line: &[Placed<'_>], blocks_only: bool| {
            let mut texts = String::new();
            line.iter().all(|(event, _)| match event {
                Event::Text(text) => {
                    texts.push_str(text);
                    true
                }
                Event::SoftBreak | Event::HardBreak => true,
                _ => false,
            }) && pieces.are_all_of(&texts, blocks_only)
        };
        let pieces = &self.text.pieces;
        let blocks_only = !lines.iter().all(|line| is_html(pieces, line, false));
        while !lines.is_empty() {
            let is_piece = is_html(pieces, &lines[0], blocks_only);
            let others =
                lines.iter().take_while(|line| is_html(pieces, line, blocks_only) == is_piece);
            let count = others.count();
            let mut taken: Vec<Placed<'a>> = lines.drain(..count).flatten().collect();
            taken.pop_if(|(event, _)| matches!(event, Event::SoftBreak | Event::HardBreak));
            if is_piece {
                let texts = taken.into_iter().map(|(event, _)| match event {
                    Event::Text(text) => text.trim().to_owned(),
                    _ => "\n".to_owned(),
                });
                let texts: String = texts.collect();
                self.html(texts + "\n");
            } else {
                self.start_paragraph();
                taken.push((Event::End(TagEnd::Paragraph), range.clone()));
                taken.extend(self.rest_of_paragraph(&mut lines, range.clone()));
                for placed in taken.into_iter().rev() {
                    self.pending.push_front(placed);
                }
                return;
            }
        }
    }

    /// The events of the lines after a part of a paragraph, as a paragraph of their own.
    fn rest_of_paragraph(
        &self,
        lines: &mut Vec<Vec<Placed<'a>>>,
        range: Range<usize>,
    ) -> Vec<Placed<'a>> {
        if lines.is_empty() {
            return Vec::new();
        }
        let mut rest = vec![(Event::Start(Tag::Paragraph), range.clone())];
        rest.extend(lines.drain(..).flatten());
        rest.push((Event::End(TagEnd::Paragraph), range));
        rest
    }

    pub(super) fn heading(&mut self, tag: Tag<'a>) {
        let Tag::Heading { level, id, classes, attrs } = tag else { return };
        let content = self.take_element();
        let mut text = String::new();
        for (event, _) in &content {
            match event {
                Event::Text(part) | Event::Code(part) => {
                    text.push_str(&self.text.pieces.plain(part));
                }
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        let text = text.trim().to_owned();
        let id = match id {
            Some(id) => self.shared.ids.of_id(&self.text.pieces.plain(&id)),
            None => self.shared.ids.of_text(&text),
        };
        let classes = classes.into_iter().map(|class| self.plain(class)).collect();
        let attrs = attrs.into_iter();
        let attrs = attrs.filter(|(name, _)| !self.text.pieces.are_in(name));
        let attrs =
            attrs.map(|(name, value)| (name, value.map(|value| self.plain(value)))).collect();
        let start = Tag::Heading { level, id: Some(id.clone().into()), classes, attrs };
        self.headings.push(Heading { level: heading::number(level), id, text });
        self.ready.push_back(Event::Start(start));
        self.depth += 1;
        self.pending.push_front((Event::End(TagEnd::Heading(level)), 0..0));
        for placed in content.into_iter().rev() {
            self.pending.push_front(placed);
        }
    }
}

/// The lines of a paragraph, each with its break at the end. One within an element ends none.
fn lines_of(events: Vec<Placed<'_>>) -> Vec<Vec<Placed<'_>>> {
    let mut lines = vec![Vec::new()];
    let mut depth = 0;
    for (event, range) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        let is_break = depth == 0 && matches!(event, Event::SoftBreak | Event::HardBreak);
        if let Some(line) = lines.last_mut() {
            line.push((event, range));
        }
        if is_break {
            lines.push(Vec::new());
        }
    }
    lines
}

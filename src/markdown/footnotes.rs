//! Footnotes: numbered by their first use, and gathered at the end of a text.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
};

use pulldown_cmark::{CowStr, Event, TagEnd};

use crate::markdown::heading::Ids;

/// An event with its place in the Markdown.
pub(super) type Placed<'a> = (Event<'a>, Range<usize>);

/// The footnotes of a text.
#[derive(Debug, Default)]
pub(super) struct Footnotes<'a> {
    definitions: HashMap<CowStr<'a>, Vec<Placed<'a>>>,
    /// Those that are used, in the order of their numbers.
    used: Vec<Used<'a>>,
    numbers: HashMap<CowStr<'a>, usize>,
    /// How many are written.
    written: usize,
    is_ended: bool,
}

#[derive(Debug)]
struct Used<'a> {
    name: CowStr<'a>,
    id: String,
    /// The ids of the places where it is used.
    references: Vec<String>,
}

impl<'a> Footnotes<'a> {
    pub(super) fn define(&mut self, name: CowStr<'a>, content: Vec<Placed<'a>>) {
        self.definitions.entry(name).or_insert(content);
    }

    /// The HTML for a use of a footnote.
    pub(super) fn refer(&mut self, name: CowStr<'a>, ids: &mut Ids) -> String {
        let next = self.used.len();
        let index = *self.numbers.entry(name.clone()).or_insert(next);
        let number = index + 1;
        if index == next {
            let id = ids.of_id(&format!("fn-{number}"));
            self.used.push(Used { name, id, references: Vec::new() });
        }
        let Some(used) = self.used.get_mut(index) else { return String::new() };
        let reference = ids.of_id(&format!("fnref-{number}"));
        let html = format!(
            "<sup class=\"footnote-ref\"><a href=\"#{}\" id=\"{reference}\">{number}</a></sup>",
            used.id
        );
        used.references.push(reference);
        html
    }

    /// Has the next footnote written, or the end of all. Returns whether there was one.
    pub(super) fn begin_next(
        &mut self,
        pending: &mut VecDeque<Placed<'a>>,
        ready: &mut VecDeque<Event<'a>>,
    ) -> bool {
        let Some(used) = self.used.get(self.written) else {
            if self.written > 0 && !self.is_ended {
                self.is_ended = true;
                ready.push_back(Event::Html("</ol>\n</section>\n".into()));
                return true;
            }
            return false;
        };
        if self.written == 0 {
            ready.push_back(Event::Html("<section class=\"footnotes\">\n<ol>\n".into()));
        }
        self.written += 1;
        ready.push_back(Event::Html(format!("<li id=\"{}\">\n", used.id).into()));
        let mut content = self.definitions.remove(&used.name).unwrap_or_default();
        let back: String = used.references.iter().map(|id| back(id)).collect();
        let end = content.pop_if(|(event, _)| *event == Event::End(TagEnd::Paragraph));
        content.push((Event::InlineHtml(back.into()), 0..0));
        content.extend(end);
        content.push((Event::Html("</li>\n".into()), 0..0));
        pending.extend(content);
        true
    }
}

/// The link back to where a footnote is used.
fn back(id: &str) -> String {
    format!(
        " <a href=\"#{id}\" class=\"footnote-backref\" aria-label=\"Back to the text\">\u{21a9}</a>"
    )
}

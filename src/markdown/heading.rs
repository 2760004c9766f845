//! Headings: their ids, the table of contents that they make, and a text's title.

use std::collections::HashMap;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::markdown::{marks, options::options, pieces::escaped};

/// The id of a heading without letters or digits.
const NAMELESS: &str = "section";

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// From 1 to 6.
    pub(super) level: u8,
    pub(super) id: String,
    /// Its text, not escaped.
    pub(super) text: String,
}

/// The ids of a page, none of them twice.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Each id, with the number that its next repetition tries.
    used: HashMap<String, usize>,
}

impl Ids {
    /// An id for a heading of this text: in lower case, with `-` for spaces and without
    /// punctuation, as GitHub has it.
    pub(super) fn of_text(&mut self, text: &str) -> String {
        let mut id = String::with_capacity(text.len());
        for c in text.trim().chars() {
            match c {
                ' ' | '\t' | '\n' => id.push('-'),
                '-' | '_' => id.push(c),
                c if c.is_alphanumeric() || is_combining(c) => id.extend(c.to_lowercase()),
                _ => {}
            }
        }
        if id.trim_matches('-').is_empty() { self.of_id(NAMELESS) } else { self.of_id(&id) }
    }

    /// This id, or the next free one: `a-1`.
    pub(super) fn of_id(&mut self, id: &str) -> String {
        let mut free = id.to_owned();
        while self.used.contains_key(&free) {
            let number = self.used.entry(id.to_owned()).or_insert(1);
            free = format!("{id}-{number}");
            *number += 1;
        }
        self.used.insert(free.clone(), 1);
        free
    }
}

/// Whether it belongs to the letter before, as vowel signs of many scripts do.
fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The table of contents as nested lists, without the heading that is the title of the whole:
/// the only one of its level at the start. Empty where nothing is left.
pub(super) fn contents(headings: &[Heading]) -> String {
    let headings = match headings.split_first() {
        Some((first, rest)) if rest.iter().all(|heading| heading.level > first.level) => rest,
        _ => headings,
    };
    let mut html = String::new();
    let mut open: Vec<u8> = Vec::new();
    for heading in headings {
        // One that skips a level is one of its list.
        while matches!(open[..], [.., above, _] if above >= heading.level) {
            open.pop();
            html.push_str("</li>\n</ul>\n");
        }
        match open.last_mut() {
            Some(level) if heading.level <= *level => {
                *level = heading.level;
                html.push_str("</li>\n");
            }
            _ => {
                html.push_str(if open.is_empty() { "<ul>\n" } else { "\n<ul>\n" });
                open.push(heading.level);
            }
        }
        let link =
            format!("<li><a href=\"#{}\">{}</a>", escaped(&heading.id), escaped(&heading.text));
        html.push_str(&link);
    }
    for _ in open {
        html.push_str("</li>\n</ul>\n");
    }
    html
}

/// The number of a level.
pub(super) fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The text of the first heading of Markdown. `None` without one, and where a mark stands in
/// it, for what is not known yet.
pub fn title(markdown: &str) -> Option<String> {
    let mut events = Parser::new_ext(markdown, options(false));
    events.find(|event| matches!(event, Event::Start(Tag::Heading { .. })))?;
    let mut title = String::new();
    for event in events.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))) {
        match event {
            Event::Text(text) | Event::Code(text) => title.push_str(&text),
            Event::SoftBreak | Event::HardBreak => title.push(' '),
            _ => {}
        }
    }
    let title = title.trim();
    (!title.is_empty() && !title.contains(marks::is_mark)).then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_the_text() {
        for (text, expected) in [
            ("Getting started", "getting-started"),
            ("Überblick & Ausblick", "überblick--ausblick"),
            ("  Hello, World!  ", "hello-world"),
            ("日本語 の 見出し", "日本語-の-見出し"),
            ("ПРИВЕТ мир", "привет-мир"),
            ("नमस्ते", "नमस्ते"),
            ("snake_case-and.dots v1.2", "snake_case-anddots-v12"),
            ("İstanbul", "i\u{307}stanbul"),
            ("!!!", "section"),
            ("", "section"),
            ("- -", "section"),
        ] {
            assert_eq!(Ids::default().of_text(text), expected, "{text}");
        }
    }

    #[test]
    fn no_id_is_there_twice() {
        let mut ids = Ids::default();
        let texts = ["a", "a", "a", "a 1", "a-1", "A", "b", "a 1"];
        let ids = texts.map(|text| ids.of_text(text));
        assert_eq!(ids, ["a", "a-1", "a-2", "a-1-1", "a-1-2", "a-3", "b", "a-1-3"]);
    }

    #[test]
    fn many_repetitions_are_quick() {
        let mut ids = Ids::default();
        let last = (0..100_000).map(|_| ids.of_text("a")).last();
        assert_eq!(last.as_deref(), Some("a-99999"));
    }

    fn contents_of(levels: &[u8]) -> String {
        let heading =
            |level: &u8| Heading { level: *level, id: format!("i{level}"), text: "<".into() };
        let headings: Vec<Heading> = levels.iter().map(heading).collect();
        let html = contents(&headings).replace('\n', "");
        html.replace("<a href=\"#i", "").replace("\">&lt;</a>", "")
    }

    #[test]
    fn contents_are_nested_lists() {
        for (levels, expected) in [
            (&[] as &[u8], ""),
            (&[1], ""),
            (&[1, 2, 2], "<ul><li>2</li><li>2</li></ul>"),
            (&[1, 1], "<ul><li>1</li><li>1</li></ul>"),
            (&[2, 3, 2], "<ul><li>2<ul><li>3</li></ul></li><li>2</li></ul>"),
            (&[1, 2, 4, 3, 2], "<ul><li>2<ul><li>4</li><li>3</li></ul></li><li>2</li></ul>"),
            (&[3, 2, 1], "<ul><li>3</li><li>2</li><li>1</li></ul>"),
            (
                &[2, 3, 4, 2, 2],
                "<ul><li>2<ul><li>3<ul><li>4</li></ul></li></ul></li><li>2</li><li>2</li></ul>",
            ),
        ] {
            assert_eq!(contents_of(levels), expected, "{levels:?}");
        }
    }

    #[test]
    fn the_first_heading_is_the_title() {
        for (markdown, expected) in [
            ("text\n\n## A *b* `c` &amp; d {#x}\n\n# e", Some("A b c & d")),
            ("A\n b\n===", Some("A b")),
            ("```\n# a\n```\n\n    # b\n", None),
            ("#\n\n# b", None),
            ("# a \u{fdd0}b", None),
            ("", None),
        ] {
            assert_eq!(title(markdown).as_deref(), expected, "{markdown}");
        }
    }
}

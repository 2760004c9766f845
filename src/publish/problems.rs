//! The problems of a build: all of them, for one report at its end.

use std::collections::HashMap;

use crate::wording::counted;

/// What is wrong, each as a text of one line or several without a line end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// What keeps the site from being written.
    pub errors: Vec<String>,
    /// What is written otherwise than its author may think.
    pub warnings: Vec<String>,
}

impl Problems {
    /// One error.
    pub(super) fn of_error(error: impl Into<String>) -> Self {
        Self { errors: vec![error.into()], warnings: Vec::new() }
    }

    /// Adds an error.
    pub(super) fn error(&mut self, error: impl Into<String>) {
        self.errors.push(error.into());
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}

/// Messages about pages, each once: that of a layout is the same for all pages in it, but for
/// the line that names the page.
#[derive(Debug, Default)]
pub(super) struct OfPages {
    /// Each with the line that is its page's own, and the number of pages.
    messages: Vec<(String, String, usize)>,
    numbers: HashMap<String, usize>,
}

impl OfPages {
    /// Adds the message of a page that the file `source` makes.
    pub(super) fn add(&mut self, source: &str, message: String) {
        let own = format!("used by {source}\n");
        let shared = message.replacen(&own, "\n", 1);
        let next = self.messages.len();
        let number = *self.numbers.entry(shared).or_insert(next);
        match self.messages.get_mut(number) {
            Some((.., count)) => *count += 1,
            None => self.messages.push((message, own, 1)),
        }
    }

    /// In the order in which they came.
    pub(super) fn into_texts(self) -> impl Iterator<Item = String> {
        self.messages.into_iter().map(|(message, own, count)| {
            if count == 1 {
                return message;
            }
            let more = counted(count - 1, "more page");
            message.replacen(&own, &format!("{} and {more}\n", own.trim_end()), 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_many_pages_stands_once() {
        let mut messages = OfPages::default();
        for (source, message) in [
            ("a.html", "x\nincluded from l.html:2, used by a.html\nhelp: y"),
            ("b.html", "own"),
            ("c.html", "x\nincluded from l.html:2, used by c.html\nhelp: y"),
            ("c.html", "z\nused by c.html\nhelp: y"),
            ("[id].html", "row"),
            ("d.html", "x\nincluded from l.html:2, used by d.html\nhelp: y"),
            ("[id].html", "row"),
            ("e.html", "z\nused by e.html\nhelp: y"),
        ] {
            messages.add(source, message.to_owned());
        }
        let texts: Vec<String> = messages.into_texts().collect();
        assert_eq!(
            texts,
            [
                "x\nincluded from l.html:2, used by a.html and 2 more pages\nhelp: y",
                "own",
                "z\nused by c.html and 1 more page\nhelp: y",
                "row",
            ]
        );
    }
}

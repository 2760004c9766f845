//! The code in a text of Markdown: spans, fences, and what is indented.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use crate::markdown::options::options;

/// The places of code in `markdown`, in bytes and in order.
pub fn places(markdown: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(markdown, options(false)).into_offset_iter();
    let mut places: Vec<Range<usize>> = Vec::new();
    for (event, range) in events {
        if matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_))) {
            places.push(range);
        }
    }
    // Footnotes are read last.
    places.sort_by_key(|range| range.start);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_code() {
        for (markdown, expected) in [
            ("a `b` ``c ` d`` `e", &["`b`", "``c ` d``"] as &[&str]),
            ("```x\na\n```\nb", &["```x\na\n```"]),
            ("~~~\na\n", &["~~~\na\n"]),
            ("- ```\n  a\n  ```\n- b", &["```\n  a\n  ```"]),
            ("a\n\n    b\n\n    c\n\nd", &["b\n\n    c\n"]),
            ("- a\n\n      b\n", &["b\n"]),
            ("\tb\n", &["b\n"]),
            ("> ```\n> a\n> ```\n", &["```\n> a\n> ```"]),
            ("<a title=\"`\">`", &[]),
            ("<pre>\n`a`\n</pre>", &[]),
            ("| a |\n|---|\n| `b` |", &["`b`"]),
            ("a\n    b", &[]),
        ] {
            let found: Vec<&str> =
                places(markdown).into_iter().map(|place| &markdown[place]).collect();
            assert_eq!(found, expected, "{markdown}");
        }
    }
}

//! A diagnostic on a terminal, in the form of the Rust compiler's:
//!
//! ```text
//! unknown key `prot`
//!  --> config.toml:3:1
//!   |
//! 3 | prot = 80
//!   | ^^^^
//!   |
//! help: did you mean `port`?
//! ```

use std::fmt;

use super::{Diagnostic, ExcerptLine, Place};
use crate::terminal::{columns, visible};

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", visible(&self.message))?;
        self.places.iter().try_for_each(|place| write_place(f, place))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{}", visible(note)))?;
        write!(f, "help: {}", visible(&self.help))
    }
}

fn write_place(f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
    let digits = |line: &ExcerptLine| line.number.map_or(1, |number| number.to_string().len());
    let width = place.excerpt.last().map_or(0, digits);
    writeln!(f, "{:width$}--> {}", "", visible(&place.location()))?;
    if !place.excerpt.is_empty() {
        writeln!(f, "{:width$} |", "")?;
        place.excerpt.iter().try_for_each(|line| write_line(f, line, width))?;
        writeln!(f, "{:width$} |", "")?;
    }
    Ok(())
}

fn write_line(f: &mut fmt::Formatter<'_>, line: &ExcerptLine, width: usize) -> fmt::Result {
    let ExcerptLine { number, before, marked, after, is_marked } = line;
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let text = format!("{number:>width$} | {before}{marked}{after}");
    writeln!(f, "{}", text.trim_end())?;
    if *is_marked {
        let (indent, len) = (columns(before), columns(marked).max(1));
        writeln!(f, "{:width$} | {:indent$}{:^<len$}", "", "", "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_are_under_the_columns_that_the_terminal_shows() {
        for (line, span, shown, carets) in [
            ("a = b", 4..5, "a = b", "    ^"),
            ("a =", 3..3, "a =", "   ^"),
            ("日本 = 語", 9..12, "日本 = 語", "       ^^"),
            ("e\u{301}\u{302} = f", 8..9, "e\u{301}\u{302} = f", "    ^"),
            ("e\u{301} = f", 1..3, "e\u{301} = f", "^"),
            ("\t日\t= f", 5..6, "    日    = f", "          ^"),
            ("a\x1b = b", 5..6, "a\\x1b = b", "        ^"),
            ("\u{202e}", 0..3, "\\u{202e}", "^^^^^^^^"),
        ] {
            let diagnostic = Diagnostic {
                message: "a\nb".to_owned(),
                places: vec![Place::in_line("here", line, span)],
                notes: vec!["note\t".to_owned()],
                help: "help".to_owned(),
            };
            let expected = format!(
                "a\\nb\n --> here\n  |\n  | {shown}\n  | {carets}\n  |\nnote\\t\nhelp: help"
            );
            assert_eq!(diagnostic.to_string(), expected);
        }
    }

    #[test]
    fn numbers_of_lines_share_a_column() {
        let text = "\n".repeat(8) + "nine\nten\n";
        let diagnostic = Diagnostic {
            message: "m".to_owned(),
            places: vec![Place::in_text("a", &text, 8..12, 1), Place::in_text("b", &text, 0..0, 0)],
            notes: Vec::new(),
            help: "h".to_owned(),
        };
        let expected = "m\n  --> a:9:1\n   |\n 8 |\n 9 | nine\n   | ^^^^\n10 | ten\n   |\n --> b:1:1\n  |\n1 |\n  | ^\n  |\nhelp: h";
        assert_eq!(diagnostic.to_string(), expected);
    }
}

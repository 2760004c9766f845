//! Paths in scripts, which no tool can rewrite for sure: found, to be reported.

use std::ops::Range;

/// What a path in a script may consist of, besides letters and digits.
const PATH_CHARS: &str = "/-_.~%@+?=&#";

/// The strings of a script that look like a path from the root, as bytes of it: a quote, a
/// slash, and nothing but what paths consist of up to the same quote.
pub fn paths_in_script(script: &str) -> Vec<Range<usize>> {
    let quotes = script.match_indices(['"', '\'', '`']);
    let path = |(at, quote): (usize, &str)| {
        let start = at + quote.len();
        let path = script.get(start..)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || PATH_CHARS.contains(c);
        let len = path.find(|c: char| !is_part(c))?;
        let mut segment = path.strip_prefix('/')?.chars();
        let is_path = segment.next().is_some_and(char::is_alphanumeric);
        (is_path && path[len..].starts_with(quote)).then(|| start..start + len)
    };
    quotes.filter_map(path).collect()
}

//! Paths in scripts, which no tool can rewrite for sure: found, to be reported.

use std::ops::Range;

use super::written::Written;
use crate::html::tokens::{StartTag, TagAttribute, TokenKind, Tokens};

/// What a path in a script may consist of, besides letters and digits.
const PATH_CHARS: &str = "/-_.~%@+?=&#";

/// The strings of a script that look like a path from the root, as bytes of it: a quote, a
/// slash, and nothing but what paths consist of up to the same quote, or a value put in.
pub fn paths_in_script(script: &str) -> Vec<Range<usize>> {
    let quotes = script.match_indices(['"', '\'', '`']);
    let path = |(at, quote): (usize, &str)| {
        let start = at + quote.len();
        let path = script.get(start..)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || PATH_CHARS.contains(c);
        let len = path.find(|c: char| !is_part(c))?;
        let mut segment = path.strip_prefix('/')?.chars();
        let is_path = segment.next().is_some_and(char::is_alphanumeric);
        let rest = &path[len..];
        let is_ended = rest.starts_with(quote) || (quote == "`" && rest.starts_with("${"));
        (is_path && is_ended).then(|| start..start + len)
    };
    quotes.filter_map(path).collect()
}

/// The same in the scripts of a page or an SVG: in elements, handlers, and links that are scripts.
pub fn paths_in_scripts_of(page: &str) -> Vec<Range<usize>> {
    let mut paths = Vec::new();
    let mut add = |script: Written<'_>| {
        paths.extend(paths_in_script(script.text).into_iter().map(|path| script.range(path)));
    };
    let whole = Written::literal(page, 0);
    let mut is_script = false;
    for token in Tokens::new(page) {
        match &token.kind {
            TokenKind::StartTag(tag) => {
                is_script = tag.name == "script" && may_ask(tag);
                for attribute in tag.attributes.iter().filter(|attribute| is_handler(attribute)) {
                    let range = attribute.value_range.clone();
                    whole.part(&attribute.value, range).into_iter().for_each(&mut add);
                }
                continue;
            }
            TokenKind::Text(_) if is_script => {
                let script = page.get(token.range.clone());
                let script = script.and_then(|script| whole.part(script, token.range.clone()));
                script.into_iter().for_each(&mut add);
            }
            _ => {}
        }
        is_script = false;
    }
    paths
}

/// Whether a `<script>` may ask for URLs: it is no block of data for other scripts (HTML, "The
/// script element").
fn may_ask(tag: &StartTag) -> bool {
    let stated = tag.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
    matches!(&*stated, "" | "module" | "importmap" | "speculationrules")
        || ["javascript", "ecmascript", "jscript"].iter().any(|name| stated.contains(name))
}

fn is_handler(attribute: &TagAttribute) -> bool {
    let is_script = || attribute.value.trim_start().to_ascii_lowercase().starts_with("javascript:");
    attribute.name.starts_with("on") || is_script()
}

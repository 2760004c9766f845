//! The templates that the guide and the README show: each parses.

use std::path::Path;

use minijinja::Environment;
use walkdir::WalkDir;

use super::*;
use crate::html::tokens::{Token, TokenKind, Tokens};

/// The texts of the elements `pre`, as a browser shows them. What stands between `raw` and
/// `endraw` is shown as it is.
fn snippets_of_html(html: &str) -> Vec<String> {
    let mut snippets = Vec::new();
    let mut snippet: Option<String> = None;
    for Token { kind, .. } in Tokens::new(html) {
        match kind {
            TokenKind::StartTag(tag) if tag.name == "pre" => snippet = Some(String::new()),
            TokenKind::EndTag(name) if name == "pre" => snippets.extend(snippet.take()),
            TokenKind::Text(text) => snippet.iter_mut().for_each(|all| all.push_str(&text)),
            _ => {}
        }
    }
    let shown = |text: String| text.replace("{% raw %}", "").replace("{% endraw %}", "");
    snippets.into_iter().map(shown).collect()
}

/// The texts between fences, whatever their language: what is no template has no tags.
fn snippets_of_markdown(markdown: &str) -> Vec<String> {
    let fenced = markdown.split("\n```").skip(1).step_by(2);
    fenced.filter_map(|fence| fence.split_once('\n')).map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn every_template_that_is_shown_parses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = WalkDir::new(root.join("pages")).into_iter().map(|entry| entry.unwrap());
    let files = pages.map(walkdir::DirEntry::into_path).chain([root.join("README.md")]);
    let mut count = 0;
    for file in files {
        let snippets = match file.extension().and_then(|extension| extension.to_str()) {
            Some("html") => snippets_of_html(&fs::read_to_string(&file).unwrap()),
            Some("md") => snippets_of_markdown(&fs::read_to_string(&file).unwrap()),
            _ => continue,
        };
        for snippet in snippets {
            let mut environment = Environment::new();
            let parsed = environment.add_template("snippet", &snippet);
            assert!(parsed.is_ok(), "{}: {parsed:?}\n{snippet}", file.display());
            count += usize::from(snippet.contains("{%") || snippet.contains("{{"));
        }
    }
    assert!(count > 20, "{count}");
}

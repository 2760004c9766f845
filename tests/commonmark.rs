//! The examples of CommonMark 0.31, each as a page, compared with what they are to become.
//!
//! `cargo test --test commonmark -- --ignored`. Needs the network and `npm`: the examples are
//! in the package `commonmark-spec`.

mod common;

use std::{fs, path::Path, process::Command};

use common::TestServer;
use pagepool::{
    html::tokens::{TokenKind, Tokens},
    markdown::{marks, resolve},
};
use tempfile::TempDir;

const PACKAGE: &str = "commonmark-spec@0.31.2";
const FENCE: &str = "````````````````````````````````";

/// Examples that show a bare address as text, which is a link here as on GitHub.
const BARE_ADDRESSES: [usize; 4] = [606, 608, 611, 612];

/// Examples that begin as front matter does.
const FRONT_MATTER: [usize; 2] = [96, 98];

/// An example with a link to a file of Markdown, which leads to its page here.
const MARKDOWN_LINKS: [usize; 1] = [484];

struct Example {
    number: usize,
    markdown: String,
    html: String,
}

fn examples(folder: &Path) -> Vec<Example> {
    let run = |command: &mut Command| {
        assert!(
            command.current_dir(folder).status().is_ok_and(|status| status.success()),
            "needs the network"
        );
    };
    run(Command::new("npm").args(["pack", "--silent", PACKAGE]));
    run(Command::new("sh").args(["-c", "tar xzf *.tgz"]));
    let spec = fs::read_to_string(folder.join("package/spec.txt"))
        .expect("the text of the standard has its form");
    let opening = format!("{FENCE} example\n");
    let parts = spec.split(&opening).skip(1).enumerate();
    let examples = parts.map(|(at, part)| {
        let (example, _) = part.split_once(FENCE).expect("the text of the standard has its form");
        let (markdown, html) =
            example.split_once(".\n").filter(|_| !example.starts_with(".\n")).map_or_else(
                || ("", example),
                |_| {
                    example.split_at(
                        example.find("\n.\n").expect("the text of the standard has its form") + 1,
                    )
                },
            );
        let html = html.strip_prefix(".\n").unwrap_or(html);
        let of = |text: &str| text.replace('\u{2192}', "\t");
        Example { number: at + 1, markdown: of(markdown), html: of(html) }
    });
    examples.collect()
}

/// HTML without differences that do not show, and without the ids of headings.
fn normalized(html: &str) -> String {
    const BLOCKS: [&str; 20] = [
        "blockquote",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut parts: Vec<(String, bool)> = Vec::new();
    let mut pre = 0;
    for token in Tokens::new(html) {
        match token.kind {
            TokenKind::StartTag(tag) => {
                pre += usize::from(tag.name == "pre");
                let is_heading = tag.name.len() == 2 && tag.name.starts_with('h');
                let mut text = html[token.range.clone()].replace(" />", ">").replace("/>", ">");
                if is_heading && text.contains(" id=") {
                    text = format!("<{}>", tag.name);
                }
                parts.push((text, BLOCKS.contains(&&*tag.name)));
            }
            TokenKind::EndTag(name) => {
                pre -= usize::from(name == "pre" && pre > 0);
                parts.push((format!("</{name}>"), BLOCKS.contains(&&*name)));
            }
            TokenKind::Text(text) if pre > 0 => parts.push((text, false)),
            TokenKind::Text(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let space = |is_space: bool| if is_space { " " } else { "" };
                let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
                let text = [
                    space(is_space(text.chars().next())),
                    &words.join(" "),
                    space(!words.is_empty() && is_space(text.chars().next_back())),
                ];
                parts.push((text.concat(), false));
            }
            _ => parts.push((html[token.range.clone()].to_owned(), false)),
        }
    }
    let mut normalized = String::new();
    for (at, (text, is_block)) in parts.iter().enumerate() {
        let is_after_block = at == 0 || parts[at - 1].1;
        let is_before_block = parts.get(at + 1).is_none_or(|next| next.1);
        let mut text = text.as_str();
        if !is_block && !text.starts_with('<') {
            text = if is_after_block { text.trim_start() } else { text };
            text = if is_before_block { text.trim_end() } else { text };
        }
        normalized.push_str(text);
    }
    normalized
}

#[test]
#[ignore = "needs the network: the registry of npm"]
fn the_examples_of_commonmark_are_pages() {
    let [fetched, folder] = [
        TempDir::new().expect("the text of the standard has its form"),
        TempDir::new().expect("the text of the standard has its form"),
    ];
    fs::write(folder.path().join("_layout.html"), "{% block content %}{% endblock %}")
        .expect("the text of the standard has its form");
    let server = TestServer::start(common::app(folder.path()), common::options());
    let examples = examples(fetched.path());
    assert!(examples.len() > 600);
    let mut failed = Vec::new();
    for Example { number, markdown, html } in &examples {
        fs::write(folder.path().join(format!("a{number}.md")), markdown)
            .expect("the text of the standard has its form");
        let answer = server.get(&format!("/a{number}"));
        let found = answer.text();
        if normalized(found) != normalized(html) {
            failed.push(*number);
            eprintln!("{number}: {markdown:?}\n  {found:?}\n  {html:?}");
        }
    }
    let of_pages = [&FRONT_MATTER[..], &MARKDOWN_LINKS].concat();
    assert_eq!(failed, [&of_pages[..], &BARE_ADDRESSES].concat());
    // What stands in no page is read as the standard has it.
    for Example { number, markdown, html } in &examples {
        if of_pages.contains(number) {
            let marked = format!("{}a.md{}{markdown}{}", marks::FILE, marks::NAMED, marks::END);
            assert_eq!(normalized(&resolve(&marked, &mut |_| None).html), normalized(html));
        }
    }
}

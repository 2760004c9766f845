//! The content of a page, and its summary, out of its HTML.

use crate::html::{
    blocks::ends_paragraph,
    tokens::{Token, TokenKind, Tokens},
};

/// What stands alone in a comment where the summary ends.
const MORE: &str = "more";

/// Elements of a page's head, which show nothing.
const HEAD: [&str; 10] =
    ["base", "head", "html", "link", "meta", "noscript", "script", "style", "template", "title"];

/// What is within `<main>`, else within `<body>`. Where the tags of the body are left out,
/// it begins behind the head. A piece of a page is content as a whole.
pub(crate) fn content_of(html: &str) -> &str {
    within(html, "main").or_else(|| within(html, "body")).unwrap_or_else(|| behind_head(html))
}

/// What stands before `<!-- more -->`, else the first paragraph, with its tags. Empty where
/// there is neither.
pub(crate) fn summary_of(content: &str) -> &str {
    let is_more = |token: &Token| match &token.kind {
        TokenKind::Comment { text, is_closed } => *is_closed && text.trim() == MORE,
        _ => false,
    };
    // Few pages have a comment, and most requests of a rendered one need no summary.
    let more = content.contains("<!--").then(|| Tokens::new(content).find(is_more));
    match more.flatten() {
        Some(more) => content[..more.range.start].trim(),
        None => first_paragraph(content),
    }
}

/// What is between the first tag `name` and the end tag that belongs to it.
fn within<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let mut start = None;
    let mut depth = 0_usize;
    for Token { range, kind } in Tokens::new(html) {
        match kind {
            TokenKind::StartTag(tag) if tag.name == name => {
                start.get_or_insert(range.end);
                depth += 1;
            }
            TokenKind::EndTag(end) if end == name && depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return html.get(start?..range.start);
                }
            }
            // The end tag may be left out.
            TokenKind::EndTag(end) if end == "html" && name == "body" => {
                return html.get(start?..range.start);
            }
            _ => {}
        }
    }
    html.get(start?..)
}

/// What follows the head of a page that has no `<body>` tag, up to the end of the page.
fn behind_head(html: &str) -> &str {
    let mut start = 0;
    let mut is_begun = false;
    // The element of the head whose content is passed over.
    let mut inside: Option<String> = None;
    for Token { range, kind } in Tokens::new(html) {
        match (&kind, &inside) {
            (TokenKind::EndTag(name), _) if name == "html" || name == "body" => {
                return html.get(start..range.start).unwrap_or_default();
            }
            _ if is_begun => {}
            (TokenKind::EndTag(name), Some(open)) => {
                if name == open {
                    inside = None;
                    start = range.end;
                }
            }
            (_, Some(_)) => {}
            (TokenKind::StartTag(tag), None) if HEAD.contains(&&*tag.name) => {
                let holds =
                    matches!(&*tag.name, "noscript" | "script" | "style" | "template" | "title");
                inside = holds.then(|| tag.name.clone());
                start = range.end;
            }
            (TokenKind::EndTag(name), None) if name == "head" => start = range.end,
            (TokenKind::Doctype { .. }, None) => start = range.end,
            (TokenKind::Text(text), None) if text.trim().is_empty() => {}
            (TokenKind::Comment { .. }, None) => {}
            _ => is_begun = true,
        }
    }
    html.get(start..).unwrap_or_default()
}

/// The first paragraph with its tags: its end tag may be left out.
fn first_paragraph(content: &str) -> &str {
    let mut start = None;
    for Token { range, kind } in Tokens::new(content) {
        match (kind, start) {
            (TokenKind::StartTag(tag), None) if tag.name == "p" => start = Some(range.start),
            (TokenKind::StartTag(tag), Some(start)) if ends_paragraph(&tag.name) => {
                return content[start..range.start].trim_end();
            }
            (TokenKind::EndTag(name), Some(start)) if name == "p" => {
                return &content[start..range.end];
            }
            (TokenKind::EndTag(name), Some(start)) if ends_paragraph(&name) => {
                return content[start..range.start].trim_end();
            }
            _ => {}
        }
    }
    start.map_or("", |start| content[start..].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_what_the_main_part_of_a_page_holds() {
        for (html, content) in [
            ("<body><nav>n</nav><main class=a><p>x</p></main>f</body>", "<p>x</p>"),
            ("<body><p>x</p></body></html>\n", "<p>x</p>"),
            ("<body class='a > b'>x", "x"),
            ("<body>x</html>", "x"),
            ("<!doctype html><html><head><title>t</title></head><p>x</p></html>", "<p>x</p>"),
            ("<!doctype html>\n<title>t</title>\n<link rel=x>\n<h1>H</h1>\n", "\n<h1>H</h1>\n"),
            ("<title>t</title><script>'<p>'</script>x<script>y</script>", "x<script>y</script>"),
            ("<style>p {}</style><!-- c --><p>x", "<!-- c --><p>x"),
            ("<p>A piece</p>", "<p>A piece</p>"),
            ("text <title>late</title>", "text <title>late</title>"),
            ("<!-- <main>no</main> --><main>yes</main>", "yes"),
            ("<script>'<main>'</script><main>yes</main>", "yes"),
            (
                "<main>a<template><main>b</main></template>c</main>d",
                "a<template><main>b</main></template>c",
            ),
            ("<main>never closed", "never closed"),
            ("<main></main>", ""),
            ("", ""),
        ] {
            assert_eq!(content_of(html), content, "{html}");
        }
    }

    #[test]
    fn a_summary_ends_where_it_says_or_is_the_first_paragraph() {
        for (content, summary) in [
            ("<p>a</p><p>b</p><!-- more --><p>c</p>", "<p>a</p><p>b</p>"),
            ("<p>a</p> <!--more--> <p>c</p>", "<p>a</p>"),
            ("<!-- more info --><p>a <b>b</b></p><p>c</p>", "<p>a <b>b</b></p>"),
            ("<h1>t</h1><div><p class=x>a</p></div>", "<p class=x>a</p>"),
            ("<p>a<p>b", "<p>a"),
            ("<p>a\n<ul><li>b</ul>", "<p>a"),
            ("<div><p>a</div>b", "<p>a"),
            ("<p>a", "<p>a"),
            ("text <pre>x</pre>", ""),
            ("<!-- <p>no</p> --><p>yes</p>", "<p>yes</p>"),
            ("", ""),
        ] {
            assert_eq!(summary_of(content), summary, "{content}");
        }
    }
}

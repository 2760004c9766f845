//! HTML of a value: of Markdown that a template prints, and of code.

use crate::markdown::{
    address,
    destination::Destination,
    heading::Ids,
    marks,
    pieces::escaped,
    resolve::{resolve, without_paragraph},
    shared::Shared,
    text::Text,
};

/// The HTML of Markdown in a value. Where it is not trusted, HTML in it is shown as it stands,
/// addresses are of few schemes, and headings have no attributes.
pub fn of_value(markdown: &str, is_trusted: bool, is_inline: bool) -> String {
    let html = if is_trusted {
        let marked = [marks::FILE, marks::NAMED].iter().collect::<String>() + markdown;
        resolve(&marked, &mut |_| None).html
    } else {
        let mut text = Text { is_foreign: true, ..Text::of_file("") };
        text.write(&marks::cleared(markdown));
        let links = &mut |destination: Destination<'_>| {
            (!address::is_allowed(destination.address)).then(|| "#".to_owned())
        };
        text.convert(&mut Shared { ids: Ids::default(), links, warnings: Vec::new() }).html
    };
    if is_inline { without_paragraph(html) } else { html }
}

/// A block of code.
pub fn code_block(code: &str, language: Option<&str>) -> String {
    let class = language.filter(|language| !language.is_empty());
    let class = class
        .map_or(String::new(), |language| format!(" class=\"language-{}\"", escaped(language)));
    let code = escaped(&marks::cleared(code));
    let line_end = if code.is_empty() || code.ends_with('\n') { "" } else { "\n" };
    format!("<pre><code{class}>{code}{line_end}</code></pre>\n")
}

//! Elements that stand in no paragraph.

/// Those that end a paragraph before them (HTML, 13.2.6.4.7), in order.
const ENDS_PARAGRAPH: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "table",
    "ul",
];

/// Whether a tag of this name, in lower case, ends the paragraph that is open.
pub(crate) fn ends_paragraph(name: &str) -> bool {
    ENDS_PARAGRAPH.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(ENDS_PARAGRAPH.is_sorted());
        assert!(ends_paragraph("h1") && ends_paragraph("ul") && !ends_paragraph("span"));
    }
}

//! Tells the elements of HTML from those of SVG and MathML, by the tags of a page alone.

/// Elements of SVG whose content is HTML.
const HOLD_HTML_IN_SVG: [&str; 3] = ["desc", "foreignobject", "title"];

/// Elements of MathML whose content is HTML.
const HOLD_HTML_IN_MATHML: [&str; 5] = ["mi", "mn", "mo", "ms", "mtext"];

/// Elements of HTML that end all SVG and MathML around them (HTML, 13.2.6.5).
const END_FOREIGN: [&str; 44] = [
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// The elements that are open, from an `svg` or `math` on. Near enough to what a tree
/// would say: exact where these are closed in order.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<(String, Language)>,
}

/// What the content of an element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Html,
    Svg,
    MathMl,
}

impl Nesting {
    fn language(&self) -> Language {
        self.open.last().map_or(Language::Html, |(_, language)| *language)
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.language() != Language::Html
    }

    /// Takes note of a start tag, and gives whether it is of SVG or MathML.
    pub(super) fn enter(&mut self, name: &str, is_self_closing: bool) -> bool {
        if self.is_foreign() && END_FOREIGN.contains(&name) {
            self.leave_foreign();
        }
        let own = match (self.language(), name) {
            (Language::Html, "svg") => Language::Svg,
            (Language::Html, "math") => Language::MathMl,
            (around, _) => around,
        };
        let content = match own {
            Language::Svg if HOLD_HTML_IN_SVG.contains(&name) => Language::Html,
            Language::MathMl if HOLD_HTML_IN_MATHML.contains(&name) => Language::Html,
            own => own,
        };
        let is_foreign = own != Language::Html;
        if !is_self_closing && (is_foreign || !self.open.is_empty()) {
            self.open.push((name.to_owned(), content));
        }
        is_foreign
    }

    /// Takes note of an end tag.
    pub(super) fn leave(&mut self, name: &str) {
        match self.open.iter().rposition(|(open, _)| open == name) {
            Some(at) => self.open.truncate(at),
            None if self.is_foreign() && END_FOREIGN.contains(&name) => self.leave_foreign(),
            None => {}
        }
    }

    fn leave_foreign(&mut self) {
        while self.is_foreign() {
            self.open.pop();
        }
    }
}

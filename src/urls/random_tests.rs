//! Pages and stylesheets put together at random: a text is put before their URLs, and nothing
//! else changes.
//!
//! The generator marks where the text belongs. What comes out is compared byte by byte, and
//! page by page as browsers read them, by the tree of html5ever.

use super::*;
use crate::html::{node::NodeKind, random_tests::Random, tree::Tree};

/// Stands where the text belongs; in no page.
const MARK: &str = "\u{e000}";
const PREFIX: &str = "/repo";
const ROUNDS: usize = 3_000;

/// URLs below the root, for which the text is; what is within them is left alone.
const OURS: [&str; 11] = [
    "/",
    "/a",
    "/a/b.html?c=/d#/e",
    "/a,b.png",
    "/é",
    "/a%20b",
    "/?url(/x)",
    "/&copy=1&lt",
    "\\a\\b",
    "/#'x'",
    "/repo-not",
];

/// Others.
const OTHERS: [&str; 12] = [
    "a/b",
    "./a",
    "../a/b",
    "",
    "#/a",
    "?/a",
    "//h/a",
    "/\\h/a",
    "https://h/a",
    "mailto:a@b/c",
    "data:image/png;base64,/9j/4AA=",
    "javascript:go('/a')",
];

/// What is no URL, and looks like one.
const DECOYS: [&str; 5] = ["/a", "url(/a)", "<a href=/b>", "@import '/c';", "\"/d\""];

/// Elements and their attributes that hold one URL.
const ALONE: [(&str, &str); 29] = [
    ("a", "href"),
    ("area", "href"),
    ("base", "href"),
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("input", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("audio", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("source", "src"),
    ("track", "src"),
    ("object", "data"),
    ("form", "action"),
    ("button", "formaction"),
    ("input", "formaction"),
    ("blockquote", "cite"),
    ("q", "cite"),
    ("del", "cite"),
    ("ins", "cite"),
    ("body", "background"),
    ("table", "background"),
    ("td", "background"),
    ("img", "longdesc"),
    ("iframe", "longdesc"),
    ("bgsound", "src"),
    ("image", "src"),
];

/// Attributes of elements that hold none.
const NEVER: [(&str, &str); 11] = [
    ("a", "title"),
    ("a", "data-href"),
    ("div", "href"),
    ("p", "src"),
    ("custom-a", "href"),
    ("img", "alt"),
    ("input", "value"),
    ("meta", "content"),
    ("div", "srcset"),
    ("option", "value"),
    ("button", "onclick"),
];

struct Generator(Random);

impl Generator {
    fn is(&mut self, one_of: usize) -> bool {
        self.0.below(one_of) == 0
    }

    /// A URL, with the mark before it where it is ours.
    fn url(&mut self) -> String {
        match self.is(2) {
            true => format!("{MARK}{}", self.0.pick(&OURS)),
            false => self.0.pick(&OTHERS).to_owned(),
        }
    }

    /// The same without what may not stand in the middle of a list or of CSS.
    fn plain_url(&mut self) -> String {
        loop {
            let url = self.url();
            if !url.is_empty() && !url.contains(['\\', '\'', '(', ' ']) {
                return url;
            }
        }
    }

    fn page(&mut self, nesting: usize) -> String {
        let mut page = self.0.pick(&["", "<!doctype html>", "<!DOCTYPE html>\r\n"]).to_owned();
        for _ in 0..1 + self.0.below(6) {
            page += &self.part(nesting);
            page += self.0.pick(&["", "\n", "text /a ", "&amp;", "é"]);
        }
        page
    }

    fn part(&mut self, nesting: usize) -> String {
        let decoy = self.0.pick(&DECOYS).to_owned();
        match self.0.below(12) {
            0 => format!("<style>{}</style>", self.sheet(3)),
            1 => format!("<!-- {decoy} -->"),
            2 => format!("<script>x = {decoy}</script>"),
            3 => format!("<textarea>{decoy}</textarea><title>{decoy}</title>"),
            4 => self.svg(),
            5 => format!("<template>{}</template>", self.element(nesting)),
            6 => format!("</p href=/a>{}", self.element(nesting)),
            _ => self.element(nesting),
        }
    }

    /// A start tag, with its end where the content would be no markup.
    fn element(&mut self, nesting: usize) -> String {
        let (name, attribute, value) = match self.0.below(10) {
            0 => {
                let never = NEVER[self.0.below(NEVER.len())];
                (never.0, never.1, self.0.pick(&DECOYS).to_owned())
            }
            1 => (self.0.pick(&["img", "source"]), "srcset", self.srcset()),
            2 => (self.0.pick(&["p", "div", "a"]), "style", self.declarations(3)),
            3 if nesting > 0 => ("iframe", "srcdoc", self.page(nesting - 1)),
            4 => ("a", "ping", format!("{}  {}", self.plain_url(), self.plain_url())),
            5 => return self.refresh(),
            _ => {
                let (name, attribute) = ALONE[self.0.below(ALONE.len())];
                let spaces = self.0.pick(&["", "", " ", "\n\t"]);
                (name, attribute, format!("{spaces}{}{spaces}", self.url()))
            }
        };
        let end = match name {
            "script" | "iframe" => format!("</{name}>"),
            _ => String::new(),
        };
        let (before, after) = (self.other_attribute(), self.other_attribute());
        let again = match self.is(8) {
            // The second of one name is none.
            true => format!(" {attribute}=/a"),
            false => after,
        };
        let (name, attribute) = (self.cased(name), self.cased(attribute));
        let written = self.written(&value);
        let close = self.0.pick(&[">", " >", "\n>", " />"]);
        format!("<{name}{before} {attribute}{written}{again}{close}{end}")
    }

    fn other_attribute(&mut self) -> String {
        self.0
            .pick(&[
                "",
                "",
                " class=c",
                " hidden",
                " title='/a'",
                " data-src=/b",
                " alt=\"<a href=/c>\"",
            ])
            .to_owned()
    }

    fn cased(&mut self, name: &str) -> String {
        match self.is(4) {
            true => name.to_uppercase(),
            false => name.to_owned(),
        }
    }

    fn refresh(&mut self) -> String {
        let url = self.plain_url();
        let content = match self.0.below(4) {
            0 => format!("0; url={url}"),
            1 => format!("5;URL = '{url}' /a"),
            2 => format!(" 3.5 , Url=\"{url}"),
            _ => format!("0;{url}"),
        };
        let written = self.written(&content);
        format!("<meta http-equiv={} content{written}>", self.0.pick(&["refresh", "Refresh"]))
    }

    fn srcset(&mut self) -> String {
        let descriptors = [" 1x", " 2x", " 100w 50h", " (a, /b)", "\n1x"];
        let candidate = |this: &mut Self| {
            let url = this.plain_url();
            let url = url.trim_end_matches(',').to_owned();
            url + this.0.pick(&descriptors)
        };
        let mut srcset = candidate(self);
        for _ in 0..self.0.below(3) {
            srcset += self.0.pick(&[", ", ",", " ,\n", ",, "]);
            srcset += &candidate(self);
        }
        srcset + self.0.pick(&["", ", ", ","])
    }

    fn svg(&mut self) -> String {
        let (href, css) = (self.url(), self.plain_url());
        let name = self.0.pick(&["a", "use", "image", "script", "feImage"]);
        let attribute = self.0.pick(&["href", "xlink:href"]);
        let (href, fill) = (self.written(&href), self.written(&format!("url({css})")));
        let inner = match self.is(2) {
            true => format!(
                "<foreignObject>{}</foreignObject>",
                self.0.pick(&["<p title=/a>", "<b>/a</b>"])
            ),
            false => format!("<style>{}</style>", self.sheet(1)),
        };
        let end = self.0.pick(&["", "</svg>"]);
        let end = if end.is_empty() { "</g></svg>" } else { end };
        format!(
            "<svg viewBox='0 0 1 1'><g><{name} {attribute}{href} ></{name}><rect fill{fill} />{inner}{end}"
        )
    }

    /// A stylesheet without `<` and `&`, which have a meaning in SVG.
    fn sheet(&mut self, nesting: usize) -> String {
        let mut sheet = String::new();
        for _ in 0..1 + self.0.below(3) {
            let url = self.plain_css_url();
            sheet += &match self.0.below(7) {
                0 => format!("@import \"{url}\" layer(x);"),
                1 => format!("@IMPORT/**/url( '{url}' ) print;"),
                2 => "@namespace \"/a\";@charset \"/b\";".to_owned(),
                3 => "/* url(/a) \" @import '/b' */".to_owned(),
                4 if nesting > 0 => {
                    format!("@media (min-width:1px){{{}}}", self.sheet(nesting - 1))
                }
                _ => format!("a[href=\"/a\"],b::after{{{}}}\n", self.declarations(nesting)),
            };
        }
        sheet
    }

    fn declarations(&mut self, nesting: usize) -> String {
        let mut css = String::new();
        for _ in 0..1 + self.0.below(3) {
            let (url, other) = (self.plain_css_url(), self.plain_css_url());
            css += &match self.0.below(11) {
                0 => format!("background:url({url}) no-repeat,URL( \"{other}\" );"),
                1 => format!("src: url('{url}') format('/a'), local('/b');"),
                2 => format!("background:image-set('{url}' 1x type(\"/a\"), url({other}) 2x);"),
                3 => "content:'/a' \"url(/b)\" attr(href);".to_owned(),
                4 => format!("--x:url({url});--y:'/a';"),
                5 => format!("c:u\\72l({url});"),
                6 => format!("c:url({MARK}\\/a\\ b);c:url({MARK}\\2f x);"),
                7 => format!("c:url(\"{MARK}/a\\\"b\");"),
                8 => "c:url(/a b);/* url(/c) */".to_owned(),
                9 if nesting > 0 => format!("i{{{}}}", self.declarations(nesting - 1)),
                _ => format!("c:src('{url}');"),
            };
        }
        css
    }

    fn plain_css_url(&mut self) -> String {
        loop {
            let url = self.plain_url();
            if !url.contains(['&', '"', ')']) {
                return url;
            }
        }
    }

    /// `=` and the value of an attribute, in one of the forms that it can have.
    fn written(&mut self, value: &str) -> String {
        let quote = *[Some('"'), Some('\''), None].get(self.0.below(3)).unwrap_or(&None);
        let mut written = String::new();
        for c in value.chars() {
            let is_special = match quote {
                Some(quote) => c == quote || c == '&',
                None => c.is_ascii_whitespace() || "\"'=<>`&".contains(c),
            };
            let is_free = c.to_string() == MARK || !is_special && !self.is(12);
            match (is_free, c) {
                (true, c) => written.push(c),
                (false, '&') => written += self.0.pick(&["&amp;", "&#38;", "&#x26;", "&AMP;"]),
                (false, '/') => written += self.0.pick(&["&sol;", "&#47;", "&#x2F;", "&#X2f;"]),
                (false, c) => written += &format!("&#{};", u32::from(c)),
            }
        }
        let spaces = self.0.pick(&["", "", " ", "\n"]);
        match quote {
            Some(quote) => format!("{spaces}={spaces}{quote}{written}{quote}"),
            // A tag that ends behind a value without quotes needs a space before `/`.
            None if written.replace(MARK, "").is_empty() => "=\"\"".to_owned(),
            None => format!("={written} "),
        }
    }
}

/// The text with the prefix before each URL that is ours, and what it should be.
fn rewritten(marked: &str, find: fn(&str) -> Vec<Reference>) -> (String, String, String) {
    let text = marked.replace(MARK, "");
    let ours =
        |reference: &Reference| (Form::of(&reference.url) == Form::RootRelative).then_some(PREFIX);
    let edited = insert(&text, &find(&text), ours).unwrap_or_else(|| text.clone());
    let expected = marked.replace(MARK, PREFIX);
    (text, edited, expected)
}

/// What a browser sees of a page: each node, with its attributes, a line each.
fn seen(page: &str) -> Vec<String> {
    let tree = Tree::parse(page.as_bytes());
    let (order, _) = tree.parents_first();
    let mut lines = Vec::new();
    for id in order {
        match &tree.node(id).kind {
            NodeKind::Element(element) => {
                lines.push(format!("{:?}", element.name));
                let attributes = element.attributes.iter();
                lines.extend(
                    attributes.map(|(name, attribute)| format!("{name}={}", attribute.value)),
                );
            }
            NodeKind::Text(text) => lines.push(text.clone()),
            NodeKind::Comment(text) => lines.push(format!("<!--{text}")),
            _ => lines.push("other".to_owned()),
        }
    }
    lines
}

#[test]
fn pages_at_random_change_where_they_should() {
    let mut generator = Generator(Random(0x5EED_0001));
    let mut changed = 0;
    for round in 0..ROUNDS {
        let marked = generator.page(2);
        let (page, edited, expected) = rewritten(&marked, in_html);
        assert_eq!(edited, expected, "round {round}: {page}");
        changed += usize::from(edited != page);
        // To browsers the prefix is all that has come.
        let (before, after) = (seen(&page), seen(&edited));
        let after: Vec<String> = after.iter().map(|line| line.replace(PREFIX, "")).collect();
        let before: Vec<String> = before.iter().map(|line| line.replace(PREFIX, "")).collect();
        assert_eq!(after, before, "round {round}: {page}");
    }
    assert!(changed > ROUNDS / 2, "{changed}");
}

#[test]
fn stylesheets_at_random_change_where_they_should() {
    let mut generator = Generator(Random(0x5EED_0002));
    for round in 0..ROUNDS {
        let marked = generator.sheet(3);
        let (css, edited, expected) = rewritten(&marked, in_css);
        assert_eq!(edited, expected, "round {round}: {css}");
    }
}

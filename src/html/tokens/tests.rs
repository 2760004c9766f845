//! Tokens of pages, and that they are those of a browser.

use std::cell::RefCell;

use html5ever::{
    tokenizer::{
        BufferQueue, Tag, TagKind, Token as BrowserToken, TokenSink, TokenSinkResult, Tokenizer,
        TokenizerOpts,
    },
    tree_builder::{TreeBuilder, TreeBuilderOpts},
};

use super::{StartTag, Token, TokenKind, Tokens};
use crate::html::{node::NodeId, parser::Sink, random_tests::Random};

/// The tokens in short: the text of each, and what it is.
fn in_short(page: &str) -> Vec<String> {
    let in_short = |token: Token| {
        let kind = match token.kind {
            TokenKind::StartTag(tag) => start_in_short(page, &tag),
            TokenKind::EndTag(name) => format!("end {name}"),
            TokenKind::Text(text) => format!("text {text:?}"),
            TokenKind::Comment { text, is_closed: true } => format!("comment {text:?}"),
            TokenKind::Comment { text, is_closed: false } => format!("open comment {text:?}"),
            TokenKind::Doctype { is_closed: true } => "doctype".to_owned(),
            TokenKind::Doctype { is_closed: false } => "open doctype".to_owned(),
        };
        format!("{} {kind}", &page[token.range])
    };
    Tokens::new(page).map(in_short).collect()
}

fn start_in_short(page: &str, tag: &StartTag) -> String {
    let foreign = if tag.is_foreign { "foreign " } else { "" };
    let mut text = format!("{foreign}start {}", &page[tag.name_range.clone()]);
    for attribute in &tag.attributes {
        let [name, value] = [&attribute.name_range, &attribute.value_range];
        text += &format!(" {}[{}]{:?}", &page[name.clone()], &page[value.clone()], attribute.value);
    }
    text
}

#[track_caller]
fn assert_tokens(cases: &[(&str, &[&str])]) {
    for (page, expected) in cases {
        assert_eq!(in_short(page), *expected, "{page}");
    }
}

#[test]
fn says_what_stands_where() {
    assert_tokens(&[
        ("", &[]),
        ("a &lt; b\r\n<br>", &["a &lt; b\r\n text \"a < b\\n\"", "<br> start br"]),
        (
            "<A HREF='x&amp;y' b=1 c d=\"\" é = é>",
            &["<A HREF='x&amp;y' b=1 c d=\"\" é = é> start A HREF[x&amp;y]\"x&y\" b[1]\"1\" \
               c[]\"\" d[]\"\" é[é]\"é\""],
        ),
        ("<a b=1 B=2 c=3 b=4>", &["<a b=1 B=2 c=3 b=4> start a b[1]\"1\" c[3]\"3\""]),
        ("<a href=x/y/>", &["<a href=x/y/> start a href[x/y/]\"x/y/\""]),
        ("<br/>", &["<br/> start br"]),
        ("</P a=b>x", &["</P a=b> end p", "x text \"x\""]),
        ("<!doctype html><!-- a -->", &["<!doctype html> doctype", "<!-- a --> comment \" a \""]),
        ("x<!-- a", &["x text \"x\"", "<!-- a open comment \" a\""]),
        (
            "<?x?><!y></ z>",
            &["<?x?> comment \"?x?\"", "<!y> comment \"y\"", "</ z> comment \" z\""],
        ),
        ("<!-->x", &["<!--> comment \"\"", "x text \"x\""]),
        ("<!--!>", &["<!--!> open comment \"!>\""]),
        ("<!-- a --!>", &["<!-- a --!> comment \" a \""]),
        ("<!doctype ", &["<!doctype  open doctype"]),
        ("a < b <p <a href=", &["a < b  text \"a < b \""]),
    ]);
}

#[test]
fn reads_raw_text_up_to_its_own_end() {
    assert_tokens(&[
        (
            "<title>A &amp; <b></title><b>",
            &[
                "<title> start title",
                "A &amp; <b> text \"A & <b>\"",
                "</title> end title",
                "<b> start b",
            ],
        ),
        (
            "<script>'<a href=x>&amp;'</Script >",
            &[
                "<script> start script",
                "'<a href=x>&amp;' text \"'<a href=x>&amp;'\"",
                "</Script > end script",
            ],
        ),
        (
            "<script><!--<script></script>--></script>x",
            &[
                "<script> start script",
                "<!--<script></script>--> text \"<!--<script></script>-->\"",
                "</script> end script",
                "x text \"x\"",
            ],
        ),
        ("<style></styles><!--", &["<style> start style", "</styles><!-- text \"</styles><!--\""]),
        ("<textarea/><p>", &["<textarea/> start textarea", "<p> text \"<p>\""]),
        (
            "<noscript><img src=x>",
            &["<noscript> start noscript", "<img src=x> start img src[x]\"x\""],
        ),
    ]);
}

#[test]
fn tells_svg_and_mathml_from_html() {
    let names = |page: &str| {
        let name = |token: Token| match token.kind {
            TokenKind::StartTag(tag) if tag.is_foreign => Some(format!("{}*", tag.name)),
            TokenKind::StartTag(tag) => Some(tag.name),
            _ => None,
        };
        Tokens::new(page).filter_map(name).collect::<Vec<_>>().join(" ")
    };
    for (page, expected) in [
        ("<svg><title><i></title><path></svg><i>", "svg* title* i path* i"),
        ("<svg/><title>", "svg* title"),
        ("<svg><script/><style/><a></svg><script><a>", "svg* script* style* a* script"),
        (
            "<svg><foreignObject><title><a></title></foreignObject><a>",
            "svg* foreignobject* title a*",
        ),
        ("<svg><g><svg></svg><a></svg><a>", "svg* g* svg* a* a"),
        ("<math><mi><b></mi><mrow></math><b>", "math* mi* b mrow* b"),
        // left open
        ("<svg><a><p><title><a>", "svg* a* p title"),
        ("<div><svg></div><title><a>", "div svg* title"),
        ("<svg><desc><p><i></svg><i>", "svg* desc* p i i"),
    ] {
        assert_eq!(names(page), expected, "{page}");
    }
    assert_tokens(&[(
        "<svg><![CDATA[<a>]]></svg><![CDATA[<a>]]>",
        &[
            "<svg> foreign start svg",
            "<![CDATA[<a> text \"<a>\"",
            "</svg> end svg",
            "<![CDATA[<a> comment \"[CDATA[<a\"",
            "]]> text \"]]>\"",
        ],
    )]);
}

#[test]
fn reads_other_encodings_than_utf_8() {
    let page = b"\xe9<a href='\xe9'>\xff</a>";
    let ranges: Vec<_> = Tokens::new(page).map(|token| token.range).collect();
    assert_eq!(ranges, [0..1, 1..13, 13..14, 14..18]);
}

/// A tag: whether it begins an element, its name, its attributes, and whether it closes
/// itself, where that counts.
#[derive(Debug, PartialEq)]
struct TagInShort(bool, String, Vec<(String, String)>, bool);

/// The tags that the parser takes out of a page, as it builds the tree.
struct Recorder {
    tree_builder: TreeBuilder<NodeId, Sink>,
    tags: RefCell<Vec<TagInShort>>,
}

impl TokenSink for Recorder {
    type Handle = NodeId;

    fn process_token(&self, token: BrowserToken, line: u64) -> TokenSinkResult<NodeId> {
        if let BrowserToken::TagToken(Tag { kind, name, self_closing, attrs, .. }) = &token {
            let is_start = *kind == TagKind::StartTag;
            let attributes = attrs.iter().filter(|_| is_start);
            let attributes =
                attributes.map(|it| (it.name.local.to_string(), it.value.to_string())).collect();
            let closes_itself = is_start && *self_closing;
            let tag = TagInShort(is_start, name.to_string(), attributes, closes_itself);
            self.tags.borrow_mut().push(tag);
        }
        self.tree_builder.process_token(token, line)
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.tree_builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

fn tags_of_the_parser(page: &str) -> Vec<TagInShort> {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let tree_builder = TreeBuilder::new(Sink::new(false), options);
    let recorder = Recorder { tree_builder, tags: RefCell::default() };
    let tokenizer = Tokenizer::new(recorder, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    // It stops behind each script, for it to run.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.tags.take()
}

fn tags(page: &str) -> Vec<TagInShort> {
    let tag = |token: Token| match token.kind {
        TokenKind::StartTag(tag) => {
            let attributes = tag.attributes.into_iter().map(|it| (it.name, it.value)).collect();
            Some(TagInShort(true, tag.name, attributes, tag.is_self_closing))
        }
        TokenKind::EndTag(name) => Some(TagInShort(false, name, Vec::new(), false)),
        _ => None,
    };
    Tokens::new(page).filter_map(tag).collect()
}

impl Random {
    /// Text of single characters and of what begins or ends something.
    fn soup(&mut self) -> String {
        let pieces = [
            "<",
            ">",
            "</",
            "/",
            "/>",
            "a",
            "p",
            "B",
            " ",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\u{c}",
            "=",
            "'",
            "\"",
            "\u{e9}",
            "\u{1f600}",
            "&amp;",
            "&",
            "&#65;",
            "&#x80;",
            "&notit;",
            "&not",
            "&not=",
            "<!--",
            "-->",
            "--!>",
            "-",
            "!",
            "<!doctype ",
            "<a href=",
            "<a b='c' ",
            "\0",
            "\u{feff}",
            "?",
            "<![CDATA[",
            "]]>",
            "<script>",
            "</script>",
            "<title>",
            "</title",
            "<textarea ",
            "</textarea>",
            "<style>",
            "</style >",
            "<xmp>",
            "</xmp/>",
            "<noscript>",
            "<iframe a>",
            "</iframe>",
            "<noembed>",
            "<noframes>",
            "<plaintext>",
            "<table>",
            "<td>",
            "<template>",
            "<head>",
            "<body>",
            "</body>",
            "</html>",
        ];
        (0..1 + self.below(24)).map(|_| self.pick(&pieces)).collect()
    }

    /// An element of SVG, MathML or HTML, with others in it, all of them closed.
    fn element(&mut self, names: &[&str], depth: usize) -> String {
        let name = self.pick(names);
        let within: &[&str] = match name {
            "title" if names.contains(&"mi") => &["mrow"],
            "svg" | "g" => &["g", "path", "style", "script", "title", "foreignObject", "svg"],
            "math" | "mrow" => &["mrow", "mi", "mtext", "title"],
            "title" | "foreignObject" | "mi" | "mtext" | "span" => &["svg", "math", "span"],
            _ => &[],
        };
        if self.below(4) == 0 && !within.is_empty() && name != "span" {
            return format!("<{name} a=b />");
        }
        let mut content = self.pick(&["", "x", "<!-- < -->", "&lt;"]).to_owned();
        if depth > 0 && !within.is_empty() {
            (0..self.below(4)).for_each(|_| content += &self.element(within, depth - 1));
        }
        format!("<{name}>{content}</{name}>")
    }
}

/// That ranges are in order, within the text and between characters, and that what
/// stands there is what the token says.
fn assert_ranges(page: &str) {
    let mut last_end = 0;
    for token in Tokens::new(page) {
        assert!(last_end <= token.range.start && token.range.start < token.range.end, "{page:?}");
        last_end = token.range.end;
        let raw = page.get(token.range.clone()).expect("the range of a token");
        let is_plain = |raw: &str| !raw.contains(['&', '\r', '\0']);
        match token.kind {
            TokenKind::StartTag(tag) => {
                assert!(raw.starts_with('<') && raw.ends_with('>'), "{raw:?} in {page:?}");
                let mut last_end = token.range.start;
                let names = std::iter::once((&tag.name, &tag.name_range, false));
                let parts = tag.attributes.iter().flat_map(|it| {
                    [(&it.name, &it.name_range, false), (&it.value, &it.value_range, true)]
                });
                for (text, range, is_value) in names.chain(parts) {
                    let raw = page.get(range.clone()).expect("the range of a part");
                    let is_same = *text == raw || !is_value && *text == raw.to_ascii_lowercase();
                    assert!(is_same || !is_plain(raw), "{text:?} for {raw:?} in {page:?}");
                    assert!(last_end <= range.start && range.end < token.range.end, "{page:?}");
                    last_end = range.end;
                }
            }
            TokenKind::EndTag(name) => {
                let begins = raw.to_ascii_lowercase().starts_with(&format!("</{name}"));
                assert!(begins && raw.ends_with('>') || !is_plain(raw), "{raw:?} in {page:?}");
            }
            TokenKind::Text(text) => {
                // `</>` is nothing at all.
                assert!(
                    text == raw || !is_plain(raw) || raw.contains("</>"),
                    "{raw:?} in {page:?}"
                );
            }
            TokenKind::Comment { text, .. } => {
                assert!(
                    raw.starts_with('<') && (raw.contains(&text) || !is_plain(raw)),
                    "{page:?}"
                );
            }
            TokenKind::Doctype { .. } => assert!(raw.starts_with("<!"), "{page:?}"),
        }
    }
    assert!(last_end <= page.len(), "{page:?}");
}

#[test]
fn agrees_with_the_parser_on_any_text() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..10_000 {
        let page = random.soup();
        assert_ranges(&page);
        assert_eq!(tags(&page), tags_of_the_parser(&page), "{page:?}");
    }
}

#[test]
fn keeps_ranges_in_order_whatever_the_bytes() {
    let mut random = Random(0x6a09_e667_f3bc_c908);
    for _ in 0..5_000 {
        let mut page = random.soup().into_bytes();
        for _ in 0..random.below(6) {
            let at = random.below(page.len());
            page[at] = u8::try_from(random.below(256)).unwrap();
        }
        let mut last_end = 0;
        for token in Tokens::new(&page) {
            assert!(last_end <= token.range.start && token.range.start < token.range.end);
            last_end = token.range.end;
        }
        assert!(last_end <= page.len());
    }
}

#[test]
fn agrees_with_the_parser_on_svg_and_mathml() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..3_000 {
        let page = random.element(&["svg", "math"], 5) + "<title><a></title><a>";
        assert_ranges(&page);
        assert_eq!(tags(&page), tags_of_the_parser(&page), "{page:?}");
    }
}

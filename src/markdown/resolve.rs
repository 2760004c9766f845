//! From the output of a template, with its marks, to HTML: a stack of what is open, from one
//! mark to the next.

use crate::markdown::{
    address,
    destination::Links,
    document::Document,
    heading::Ids,
    marks,
    pieces::{Piece, unescaped},
    shared::{Shared, Warning},
    text::Text,
};

/// What came of a text with marks.
#[derive(Debug, Default)]
pub struct Resolved {
    /// All of it.
    pub html: String,
    /// The first file of Markdown in it that stands in nothing else: a page's own.
    pub document: Option<Document>,
    /// What its author should know.
    pub warnings: Vec<Warning>,
}

/// What has begun and not ended yet.
enum Frame {
    Html(String),
    Text {
        text: Text,
        is_file: bool,
    },
    /// It goes on in the frame below.
    Part,
}

struct Resolver<'l> {
    frames: Vec<Frame>,
    document: Option<Document>,
    shared: Shared<'l>,
}

/// Makes HTML of what a template put out. Text outside of all marks is HTML already. `links`
/// is asked for the address of each link and image.
pub fn resolve<'l>(marked: &str, links: &'l mut Links<'l>) -> Resolved {
    let shared = Shared { ids: Ids::default(), links, warnings: Vec::new() };
    let root = Frame::Html(String::with_capacity(marked.len()));
    let mut resolver = Resolver { frames: vec![root], document: None, shared };
    let mut rest = marked;
    while let Some((at, mark)) = marks::next(rest, 0) {
        resolver.write(&rest[..at]);
        rest = resolver.visit(mark, &rest[at + marks::LEN..]);
    }
    resolver.write(rest);
    // What a filter has cut off the end of ends here.
    while resolver.frames.len() > 1 {
        resolver.end();
    }
    let Some(Frame::Html(mut html)) = resolver.frames.pop() else { return Resolved::default() };
    let mut document = resolver.document;
    let contents = document.as_ref().map_or("", |document| &document.contents).to_owned();
    fill_in(&mut html, &contents);
    if let Some(document) = &mut document {
        fill_in(&mut document.html, &contents);
    }
    Resolved { html, document, warnings: resolver.shared.warnings }
}

fn fill_in(html: &mut String, contents: &str) {
    if marks::next(html, 0).is_some() {
        *html = html.replace(marks::CONTENTS, contents);
    }
}

impl Resolver<'_> {
    /// Does what a mark says, of which `rest` follows, and returns what follows then.
    fn visit<'a>(&mut self, mark: char, rest: &'a str) -> &'a str {
        match mark {
            marks::VALUE => return self.value(rest),
            marks::HTML => self.frames.push(Frame::Html(String::new())),
            marks::FILE | marks::BODY | marks::PART => {
                let Some((name, rest)) = rest.split_once(marks::NAMED) else { return rest };
                self.begin(mark, name);
                // The end of the line that it begins on is none of its own.
                let after = rest.trim_start_matches([' ', '\t']);
                let after = after.strip_prefix('\r').unwrap_or(after).strip_prefix('\n');
                return after.filter(|_| mark != marks::FILE).unwrap_or(rest);
            }
            marks::END => self.end(),
            marks::LINE => {
                let Some((numbers, rest)) = rest.split_once(marks::NAMED) else { return rest };
                if let Some(Frame::Text { text, .. }) = self.top() {
                    text.begin_line(numbers);
                }
                return rest;
            }
            marks::CONTENTS => {
                let contents = marks::CONTENTS.to_string();
                match self.top() {
                    Some(Frame::Text { text, .. }) => text.add(Piece::Html(contents)),
                    _ => self.write(&contents),
                }
            }
            _ => {}
        }
        rest
    }

    /// What is written to.
    fn top(&mut self) -> Option<&mut Frame> {
        self.frames.iter_mut().rev().find(|frame| !matches!(frame, Frame::Part))
    }

    fn write(&mut self, written: &str) {
        match self.top() {
            Some(Frame::Html(html)) => html.push_str(written),
            Some(Frame::Text { text, .. }) => text.write(written),
            Some(Frame::Part) | None => {}
        }
    }

    /// Writes HTML that Markdown leaves alone.
    fn write_html(&mut self, html: String) {
        match self.top() {
            Some(Frame::Text { text, .. }) => text.add(Piece::Html(html)),
            _ => self.write(&html),
        }
    }

    fn begin(&mut self, mark: char, name: &str) {
        let is_own = mark == marks::PART
            && matches!(self.top(), Some(Frame::Text { text, .. }) if text.file == name);
        if is_own {
            return self.frames.push(Frame::Part);
        }
        let text = Text::of_file(name);
        self.frames.push(Frame::Text { text, is_file: mark == marks::FILE });
    }

    /// Ends what began last.
    fn end(&mut self) {
        // What the whole is written to does not end.
        if self.frames.len() < 2 {
            return;
        }
        match self.frames.pop() {
            Some(Frame::Html(html)) => self.write_html(html),
            Some(Frame::Text { text, is_file }) => self.end_text(&text, is_file),
            Some(Frame::Part) | None => {}
        }
    }

    fn end_text(&mut self, text: &Text, is_file: bool) {
        let mut document = text.convert(&mut self.shared);
        if is_file && self.frames.len() == 1 && self.document.is_none() {
            self.write(&document.html);
            self.document = Some(document);
            return;
        }
        // The body of a tag on one line is a part of a line.
        if !is_file && !text.markdown.contains('\n') {
            document.html = without_paragraph(document.html);
        }
        // As that of any other file that is included: the line goes on behind it.
        if is_file && document.html.ends_with('\n') {
            document.html.pop();
        }
        self.write_html(document.html);
    }

    /// A value, which ends at the next mark.
    fn value<'a>(&mut self, rest: &'a str) -> &'a str {
        let (end, mark) = marks::next(rest, 0).unwrap_or((rest.len(), marks::END));
        let (value, after) = rest.split_at(end);
        let after =
            if mark == marks::END { after.get(marks::LEN..).unwrap_or_default() } else { after };
        let Some(Frame::Text { text, .. }) = self.top() else {
            self.write(value);
            return after;
        };
        if !after.starts_with('>') || !begins_autolink(&text.markdown) {
            text.add(Piece::Value(value.to_owned()));
            return after;
        }
        text.markdown.pop();
        text.add(match address::is_like_one(&unescaped(value)) {
            true => Piece::Link(value.to_owned()),
            false => Piece::Value(format!("&lt;{value}&gt;")),
        });
        after.get(1..).unwrap_or_default()
    }
}

/// Whether `<` stands at the end of a text, and not as a part of a link.
fn begins_autolink(markdown: &str) -> bool {
    let before = markdown.strip_suffix('<').filter(|before| !before.ends_with('\\'));
    before.is_some_and(|before| {
        let before = before.trim_end_matches([' ', '\t', '\n']);
        !before.ends_with("](") && !before.ends_with("]:")
    })
}

/// HTML that is one paragraph, without its tags; any other as it is.
pub(super) fn without_paragraph(html: String) -> String {
    let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>\n"));
    match inner.filter(|inner| !inner.contains("<p>")) {
        Some(inner) => inner.to_owned(),
        None => html,
    }
}

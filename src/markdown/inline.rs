//! Text, links and images: which addresses they get.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use crate::markdown::{
    address::{self, Destination},
    autolink,
    events::Events,
    pieces::{Part, Piece, unescaped},
    shared::refused,
};

impl<'a> Events<'a, '_, '_> {
    /// Text, with links for the values between `<` and `>` in it.
    pub(super) fn text(&mut self, text: CowStr<'a>) {
        if self.images > 0 {
            return self.ready.push_back(Event::Text(self.plain(text)));
        }
        if self.is_in_code || self.links > 0 {
            return self.ready.push_back(Event::Text(text));
        }
        let source = self.text;
        if !source.pieces.are_in(&text) {
            return self.autolink(text);
        }
        let mut written = 0;
        for (range, part) in source.pieces.parts(&text) {
            let Part::Piece(Piece::Link(value)) = part else { continue };
            self.autolink(text[written..range.start].to_owned().into());
            let plain = unescaped(value);
            let mut address = address::of_text(&plain).into_owned();
            if !address::is_allowed(&address) {
                self.shared.warnings.push(refused(&source.file, None, &plain));
                address = "#".to_owned();
            }
            self.link(address, &text[range.clone()]);
            written = range.end;
        }
        self.autolink(text[written..].to_owned().into());
    }

    /// Text with its bare addresses as links.
    fn autolink(&mut self, text: CowStr<'a>) {
        let links = autolink::find(&text);
        let mut written = 0;
        for link in &links {
            let content = &text[link.range.clone()];
            let before = text[written..link.range.start].to_owned();
            let address = link.prefix.to_owned() + &self.text.pieces.plain(content);
            self.ready.push_back(Event::Text(before.into()));
            self.link(address, content);
            written = link.range.end;
        }
        let rest = if links.is_empty() { text } else { text[written..].to_owned().into() };
        self.ready.push_back(Event::Text(rest));
    }

    fn link(&mut self, address: String, content: &str) {
        self.ready.push_back(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: address.into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        self.ready.push_back(Event::Text(content.to_owned().into()));
        self.ready.push_back(Event::End(TagEnd::Link));
    }

    pub(super) fn plain(&self, text: CowStr<'a>) -> CowStr<'a> {
        if self.text.pieces.are_in(&text) { self.text.pieces.plain(&text).into() } else { text }
    }

    /// The address that a link or an image gets.
    pub(super) fn address(
        &mut self,
        written: &str,
        link_type: LinkType,
        is_image: bool,
        range: Range<usize>,
    ) -> CowStr<'a> {
        let plain = self.text.pieces.plain(written);
        if link_type == LinkType::Email {
            return plain.into();
        }
        let line = self.text.line_at(range.start);
        if self.text.pieces.are_in(written) && !address::is_allowed(&plain) {
            self.shared.warnings.push(refused(&self.text.file, line, &plain));
            return "#".into();
        }
        let destination = Destination { file: &self.text.file, line, address: &plain, is_image };
        let rewritten = (self.shared.links)(destination);
        rewritten.unwrap_or(plain).into()
    }
}

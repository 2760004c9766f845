//! Text, links and images: which addresses they get.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use crate::markdown::{
    address, autolink,
    destination::{Destination, Spot},
    events::Events,
    pieces::{Part, Piece, unescaped},
    shared::refused,
};

impl<'a> Events<'a, '_, '_> {
    /// Text, with links for the values between `<` and `>` in it.
    pub(super) fn text(&mut self, text: CowStr<'a>, range: Range<usize>) {
        if self.images > 0 {
            return self.ready.push_back(Event::Text(self.plain(text)));
        }
        if self.is_in_code || self.links > 0 {
            return self.ready.push_back(Event::Text(text));
        }
        let source = self.text;
        if !source.pieces.are_in(&text) {
            return self.autolink(text, range);
        }
        let mut written = 0;
        for (place, part) in source.pieces.parts(&text) {
            let Part::Piece(Piece::Link(value)) = part else { continue };
            let before = text[written..place.start].to_owned();
            self.autolink(before.into(), range.clone());
            let plain = unescaped(value);
            let mut address = address::of_text(&plain).into_owned();
            if !address::is_allowed(&address) {
                self.shared.warnings.push(refused(&source.file, None, &plain));
                address = "#".to_owned();
            }
            self.link(address, &text[place.clone()]);
            written = place.end;
        }
        self.autolink(text[written..].to_owned().into(), range);
    }

    /// Text with its bare addresses as links.
    fn autolink(&mut self, text: CowStr<'a>, range: Range<usize>) {
        let links = autolink::find(&text);
        let mut written = 0;
        for link in &links {
            let content = &text[link.range.clone()];
            let before = text[written..link.range.start].to_owned();
            let address = link.prefix.to_owned() + &self.text.pieces.plain(content);
            self.ready.push_back(Event::Text(before.into()));
            let spot = Spot::of_bare(self.text, range.clone(), &address);
            let file = &self.text.file;
            // It names a host, and stays as it is.
            (self.shared.links)(Destination { file, spot, address: &address, is_image: false });
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

    /// Where the address of a link or an image stands, which takes `range`: in the definition
    /// that it names as `id`, if it names one.
    pub(super) fn place_of_address(&self, id: &str, range: Range<usize>) -> Range<usize> {
        if id.is_empty() {
            return range;
        }
        self.definitions.get(&id.to_lowercase()).cloned().unwrap_or(range)
    }

    /// The address that a link or an image gets, which is written within `range`.
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
        if self.text.pieces.are_in(written) && !address::is_allowed(&plain) {
            let line = self.text.line_at(range.start);
            self.shared.warnings.push(refused(&self.text.file, line, &plain));
            return "#".into();
        }
        let spot = Spot::of_link(self.text, range);
        let destination = Destination { file: &self.text.file, spot, address: &plain, is_image };
        let rewritten = (self.shared.links)(destination);
        rewritten.unwrap_or(plain).into()
    }
}

//! Places of what stands on pages in the files that these are made of.

use std::{iter, ops::Range};

use super::member::Member;
use crate::{
    diagnostic::Place,
    site::{MarkdownLink, Site},
    urls::{self, Reference},
};

/// Lines shown around a place.
const LINES_AROUND: usize = 0;

/// What stands before the value of an attribute, or before an id of a heading in Markdown.
const BEFORE_VALUES: [&str; 4] = ["=\"", "='", "=", "{#"];

/// Finds where what stands on a page is written.
pub(super) struct Places<'a> {
    pub(super) site: &'a Site,
}

impl Places<'_> {
    /// The place of a URL.
    pub(super) fn of_url(&self, member: &Member<'_>, reference: &Reference) -> Place {
        if let Some(place) = self.known(member, &reference.range) {
            return place;
        }
        let (link, earlier) = markdown_link(member, reference);
        let of_markdown = || {
            let link = link?;
            let source = self.site.source_text(&link.file)?;
            let range = link.spot.find(&source, &link.address)?;
            Some(Place::in_text(&link.file, &source, range, LINES_AROUND))
        };
        of_markdown().unwrap_or_else(|| self.of_text(member, &reference.url, earlier))
    }

    /// The place of an id that stands on the page `earlier` times before.
    pub(super) fn of_id(
        &self,
        member: &Member<'_>,
        range: &Range<usize>,
        id: &str,
        earlier: usize,
    ) -> Place {
        self.known(member, range).unwrap_or_else(|| self.of_text(member, id, earlier))
    }

    /// The place of the bytes `range` of the page, where that is known.
    fn known(&self, member: &Member<'_>, range: &Range<usize>) -> Option<Place> {
        let place = member.inspected.place(range.clone())?;
        let source = self.site.source_text(&place.file);
        let source = source.filter(|source| source.get(place.range.clone()).is_some());
        Some(match source {
            Some(source) => Place::in_text(&place.file, &source, place.range, LINES_AROUND),
            None => Place::of_file(&place.file),
        })
    }

    /// The place in a file of the page that has the `text` once more than `earlier` times: as
    /// the value of an attribute, else wherever it is.
    fn of_text(&self, member: &Member<'_>, text: &str, earlier: usize) -> Place {
        let own = &member.file.name;
        if text.is_empty() {
            return Place::of_file(own);
        }
        let others = member.inspected.used.iter().filter(|file| *file != own);
        let files = iter::once(own).chain(others);
        let sources: Vec<(&String, String)> =
            files.filter_map(|file| Some((file, self.site.source_text(file)?))).collect();
        let find = |is_it: fn(&str, (usize, &str)) -> bool| {
            let places = sources.iter().flat_map(|(file, source)| {
                let places = source.match_indices(text).filter(|at| is_it(source, *at));
                places.map(move |(start, _)| (*file, source, start..start + text.len()))
            });
            // A loop may have put it out more than once.
            let (file, source, range) = places.take(earlier + 1).last()?;
            Some(Place::in_text(file, source, range, LINES_AROUND))
        };
        find(is_value).or_else(|| find(stands_alone)).unwrap_or_else(|| Place::of_file(own))
    }
}

/// The URL as its author wrote it: in Markdown, files may be named.
pub(super) fn written<'a>(member: &'a Member<'_>, reference: &'a Reference) -> &'a str {
    match markdown_link(member, reference) {
        (Some(link), _) => &link.address,
        (None, _) => &reference.url,
    }
}

/// The link in Markdown that a URL of the page comes of; and how many URLs like it come before
/// it, of those that come of no such link if it does not itself.
fn markdown_link<'a>(
    member: &'a Member<'_>,
    reference: &Reference,
) -> (Option<&'a MarkdownLink>, usize) {
    let is_same = |url: &str| urls::decode(url) == urls::decode(&reference.url);
    let references = member.outline.references.iter();
    let before = references.take_while(|other| other.range.start < reference.range.start);
    let earlier = before.filter(|other| is_same(&other.url)).count();
    let links: Vec<_> =
        member.inspected.markdown_links().iter().filter(|link| is_same(&link.url)).collect();
    match links.get(earlier) {
        Some(link) => (Some(link), earlier),
        None => (None, earlier - links.len()),
    }
}

fn is_value(source: &str, (start, text): (usize, &str)) -> bool {
    let (before, after) = (&source[..start], &source[start + text.len()..]);
    BEFORE_VALUES.iter().any(|value| before.ends_with(value)) && !after.starts_with(is_of_url)
}

fn is_of_url(c: char) -> bool {
    c.is_alphanumeric() || "/-_.~%#?&=".contains(c)
}

/// Whether a text that was found in another is not just the middle of a longer URL.
fn stands_alone(source: &str, (start, text): (usize, &str)) -> bool {
    let (before, after) = (&source[..start], &source[start + text.len()..]);
    !before.ends_with(is_of_url) && !after.starts_with(is_of_url)
}

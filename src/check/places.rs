//! Places of what stands on pages in the files that these are made of.

use std::{iter, ops::Range};

use super::member::Member;
use crate::{
    diagnostic::Place,
    site::{MarkdownLink, PublicFile, Site, SourcePlace},
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

/// Where a URL of a page comes from, without the text of the page.
#[derive(Debug)]
pub(super) struct Origin {
    url: String,
    source: Option<SourcePlace>,
    /// The link in Markdown that it comes of.
    link: Option<Box<MarkdownLink>>,
    /// How many URLs like it come before it; without those of Markdown, if it is of none.
    earlier: usize,
}

impl Origin {
    pub(super) fn of(member: &Member<'_>, reference: &Reference) -> Self {
        let (url, source) =
            (reference.url.clone(), member.inspected.place(reference.range.clone()));
        // Counting takes its time, and what is neither in Markdown nor looked for needs none.
        let is_found = source.is_some() && member.inspected.markdown_links().is_empty();
        let (link, earlier) = if is_found { (None, 0) } else { markdown_link(member, reference) };
        Self { url, source, link: link.cloned().map(Box::new), earlier }
    }

    /// The URL as its author wrote it: in Markdown, files may be named.
    pub(super) fn written(&self) -> &str {
        self.link.as_ref().map_or(&self.url, |link| &link.address)
    }
}

impl Places<'_> {
    /// The place of a URL on the page of `file`, for which the files `used` were used.
    pub(super) fn of_url(&self, origin: &Origin, file: &PublicFile, used: &[String]) -> Place {
        if let Some(place) = &origin.source {
            return self.known(place);
        }
        let of_markdown = || {
            let link = origin.link.as_ref()?;
            let source = self.site.source_text(&link.file)?;
            let range = link.spot.find(&source, &link.address)?;
            Some(Place::in_text(&link.file, &source, range, LINES_AROUND))
        };
        of_markdown().unwrap_or_else(|| self.of_text(file, used, &origin.url, origin.earlier))
    }

    /// The place of an id that stands on the page `earlier` times before.
    pub(super) fn of_id(
        &self,
        member: &Member<'_>,
        range: &Range<usize>,
        id: &str,
        earlier: usize,
    ) -> Place {
        match member.inspected.place(range.clone()) {
            Some(place) => self.known(&place),
            None => self.of_text(member.file, &member.inspected.used, id, earlier),
        }
    }

    /// A place that the page's text has told.
    fn known(&self, place: &SourcePlace) -> Place {
        let source = self.site.source_text(&place.file);
        let source = source.filter(|source| source.get(place.range.clone()).is_some());
        match source {
            Some(source) => Place::in_text(&place.file, &source, place.range.clone(), LINES_AROUND),
            None => Place::of_file(&place.file),
        }
    }

    /// The place in a file of the page that has the `text` once more than `earlier` times: as
    /// the value of an attribute, else wherever it is.
    fn of_text(&self, file: &PublicFile, used: &[String], text: &str, earlier: usize) -> Place {
        let own = &file.name;
        if text.is_empty() {
            return Place::of_file(own);
        }
        let others = used.iter().filter(|file| *file != own);
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

/// The link in Markdown that a URL of the page comes of; and how many URLs like it come before
/// it, of those that come of no such link if it does not itself.
fn markdown_link<'a>(
    member: &'a Member<'_>,
    reference: &Reference,
) -> (Option<&'a MarkdownLink>, usize) {
    let decoded = urls::decode(&reference.url);
    let is_same = |url: &str| url == reference.url || urls::decode(url) == decoded;
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

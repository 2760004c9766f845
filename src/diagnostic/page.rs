//! A diagnostic on a page: the values for a template of HTML, which escapes them.

use serde::Serialize;

use super::{Diagnostic, ExcerptLine, Place};
use crate::terminal::visible;

/// What a page shows of a diagnostic, without the characters that could reorder a line.
#[derive(Debug, Serialize)]
pub(crate) struct Page<'a> {
    message: String,
    places: Vec<PlaceOnPage<'a>>,
    notes: Vec<String>,
    help: String,
}

#[derive(Debug, Serialize)]
struct PlaceOnPage<'a> {
    /// `about.html:12:7`
    location: String,
    /// The URL that opens the place in an editor.
    link: Option<String>,
    excerpt: &'a [ExcerptLine],
}

impl Diagnostic {
    /// The values for its page; `link` makes the URL that opens a place in an editor.
    pub(crate) fn page(&self, link: impl Fn(&Place) -> Option<String>) -> Page<'_> {
        let shown = |text: &String| visible(text).to_string();
        let place = |place| PlaceOnPage {
            location: shown(&Place::location(place)),
            link: link(place),
            excerpt: &place.excerpt,
        };
        Page {
            message: shown(&self.message),
            places: self.places.iter().map(place).collect(),
            notes: self.notes.iter().map(shown).collect(),
            help: shown(&self.help),
        }
    }
}

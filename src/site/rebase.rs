//! The base path before the URLs of the pages and stylesheets that are sent, so that a site
//! is written the same wherever it is served.

use crate::{
    html::tokens::Token,
    http::{base_path::BasePath, media_type::MediaType},
    site::trace,
    urls::{self, Form, Reference},
};

/// How many URLs a warning names.
const MAX_NAMED: usize = 3;

const ROBOTS_PATH: &str = "/robots.txt";

/// What URLs are looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A page.
    Html,
    /// An image in SVG, or a page in XHTML.
    Xml,
    /// A stylesheet.
    Css,
    /// A feed, or the map of a site.
    Feed,
    /// What programs are told that visit the site, in `robots.txt`.
    Robots,
}

/// A text whose URLs lead below a base path.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rebased {
    /// `None` where nothing had to change.
    pub(crate) text: Option<String>,
    /// The URLs that began with the base path already, and stay.
    doubled: Vec<String>,
}

impl Language {
    /// The language of a text of this type, where its URLs may begin with a base path.
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        let media_type = MediaType::read(content_type);
        let is_one_of = |types: &[&str]| types.iter().any(|name| media_type.is(name));
        match () {
            () if is_one_of(&["text/html"]) => Some(Self::Html),
            () if is_one_of(&["application/xhtml+xml", "image/svg+xml"]) => Some(Self::Xml),
            () if is_one_of(&["text/css"]) => Some(Self::Css),
            () => None,
        }
    }

    /// The language of what `path` is served as, a text of this type, where it has URLs.
    pub(crate) fn of_file(content_type: &str, path: &str) -> Option<Self> {
        let media_type = MediaType::read(content_type);
        Self::of(content_type).or_else(|| match () {
            () if path == ROBOTS_PATH => Some(Self::Robots),
            () if media_type.is_xml() => Some(Self::Feed),
            () => None,
        })
    }

    /// The URLs of a text in it, in order.
    pub fn urls_in(self, text: &str) -> Vec<Reference> {
        self.urls_and_tokens_in(text, &mut |_| {})
    }

    /// The same; `see` gets each token of a page or an image.
    pub fn urls_and_tokens_in(self, text: &str, see: &mut dyn FnMut(&Token)) -> Vec<Reference> {
        match self {
            Self::Html => urls::in_html_seen(text, see),
            Self::Xml => urls::in_xml_seen(text, see),
            Self::Css => urls::in_css(text),
            Self::Feed => urls::in_feed(text),
            Self::Robots => urls::in_robots(text),
        }
    }
}

/// Puts the base path before all URLs of a text that begin at the root.
pub(crate) fn rebase(text: &str, language: Language, base_path: &BasePath) -> Rebased {
    let mut rebased = Rebased::default();
    // What is traced is what the sources say, in which its places are found.
    if base_path.is_root() || trace::is_on() {
        return rebased;
    }
    let references = language.urls_in(text);
    let prefix = base_path.prefix();
    let before = |reference: &Reference| {
        if Form::of(&reference.url) != Form::RootRelative {
            return None;
        }
        if base_path.is_before(&reference.url) {
            rebased.doubled.push(reference.url.clone());
            return None;
        }
        Some(prefix)
    };
    rebased.text = urls::insert(text, &references, before);
    rebased
}

impl Rebased {
    /// What to tell the author of `file`.
    pub(crate) fn warning(&self, file: &str, base_path: &BasePath) -> Option<String> {
        let first = self.doubled.first()?;
        let named = self.doubled.iter().take(MAX_NAMED).map(|url| format!("`{url}`"));
        let named = named.collect::<Vec<_>>().join(", ");
        let more = if self.doubled.len() > MAX_NAMED { " and others" } else { "" };
        let without = first.strip_prefix(base_path.prefix()).filter(|rest| !rest.is_empty());
        Some(format!(
            "warning: `{file}` holds {named}{more} with the base path in it, sent as it is: write \
             `{}`, since the base path is put before it",
            without.unwrap_or("/")
        ))
    }
}

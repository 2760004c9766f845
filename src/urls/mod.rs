//! The URLs in HTML and CSS, each with its place in the text: for what checks links, or
//! serves a site below a path.
//!
//! Knows no files and no requests: text in, values out.

mod css;
mod feed;
mod html;
mod lists;
mod script;
mod written;
mod xml;

use std::{borrow::Cow, ops::Range};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};

pub use css::in_css;
pub use feed::{in_feed, in_robots};
pub use html::{in_html, in_html_seen};
pub use script::{paths_in_script, paths_in_scripts_of};
pub use xml::{in_xml, in_xml_seen};

/// A URL in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As a browser reads it: character references and escapes are decoded, spaces at its
    /// ends left out.
    pub url: String,
    /// The bytes that it is written in. A text that has no meaning in HTML, CSS and URLs can
    /// be put before them.
    pub range: Range<usize>,
    /// Where it stands.
    pub role: Role,
}

/// What a URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `<base>`: what relative URLs of the page are relative to.
    Base,
    /// A page that people go to: a link, a form, a refresh.
    Link,
    /// The same, of which the page says that no program should follow it: `rel=nofollow`.
    Unfollowed,
    /// A page within the page.
    Frame,
    /// A stylesheet.
    Style,
    /// A script.
    Script,
    /// An image, in HTML or SVG.
    Image,
    /// A video, a sound, or a track of one.
    Media,
    /// A file that a style uses.
    StyleFile,
    /// Anything else, such as an icon or the source of a quotation.
    Other,
}

/// How a URL says where it leads (URL, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Below the root of the same host: `/about`.
    RootRelative,
    /// From the page: `about`, `../about`.
    Relative,
    /// To the page itself: `#top`, `?page=2`, or nothing.
    SamePage,
    /// With a scheme or a host: `https://example.com`, `//example.com`, `mailto:ada@example.com`.
    Absolute,
}

impl Form {
    /// The form of a URL as browsers take it, for which `\` is a slash, and tabs and line ends
    /// are nothing.
    pub fn of(url: &str) -> Self {
        let mut chars = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
        let is_slash = |c: Option<char>| matches!(c, Some('/' | '\\'));
        match chars.next() {
            None | Some('#' | '?') => Self::SamePage,
            first if is_slash(first) && is_slash(chars.next()) => Self::Absolute,
            first if is_slash(first) => Self::RootRelative,
            _ if has_scheme(url) => Self::Absolute,
            _ => Self::Relative,
        }
    }
}

/// Puts a text before some of the URLs of `text`. `references` are all of `text`, in order;
/// `before` says what stands before each.
pub fn insert<'a>(
    text: &str,
    references: &[Reference],
    mut before: impl FnMut(&Reference) -> Option<&'a str>,
) -> Option<String> {
    let mut edited = String::new();
    let mut copied = 0;
    for reference in references {
        let Some(prefix) = before(reference) else { continue };
        edited.push_str(text.get(copied..reference.range.start)?);
        edited.push_str(prefix);
        copied = reference.range.start;
    }
    (copied > 0).then(|| edited + &text[copied..])
}

/// A part of a URL with its percent-encoded bytes decoded; what is not UTF-8 then stays.
pub fn decode(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8().unwrap_or(Cow::Borrowed(part))
}

/// The path, the query and the fragment of a URL that has no scheme or host.
pub fn split(url: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, fragment) = match url.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (url, None),
    };
    match rest.split_once('?') {
        Some((path, query)) => (path, Some(query), fragment),
        None => (rest, None, fragment),
    }
}

/// The encoded path that browsers ask for when a page at `base`, an encoded path, links to
/// `path` (URL, 4.4): without tabs and line ends, with `/` for `\`, and what may not stand in
/// a path encoded. Dot segments stay.
pub fn resolve(base: &str, path: &str) -> String {
    let folder = &base[..base.rfind('/').map_or(0, |slash| slash + 1)];
    let mut resolved = match path.starts_with(['/', '\\']) {
        true => String::new(),
        false if path.is_empty() => return base.to_owned(),
        false => folder.to_owned(),
    };
    for c in path.chars() {
        match c {
            '\t' | '\n' | '\r' => {}
            '\\' => resolved.push('/'),
            _ if c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '{' | '}') => {
                resolved.push(c);
            }
            _ => resolved
                .extend(percent_encode(c.encode_utf8(&mut [0; 4]).as_bytes(), NON_ALPHANUMERIC)),
        }
    }
    resolved
}

/// Whether it begins with a scheme (URL, 4.4, "scheme state").
fn has_scheme(url: &str) -> bool {
    let url: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    url.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

#[cfg(test)]
mod random_tests;
#[cfg(test)]
mod tests;

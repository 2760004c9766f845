//! Destinations of links, and the places in a file of Markdown where they are written: found in
//! what the template put out, and told so that they can be found in the file again.

use std::ops::Range;

use crate::markdown::text::Text;

/// What stands before an address.
const OPENERS: [&str; 3] = ["](", "]:", "<"];

/// Where a link leads, or an image comes from, as it stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination<'a> {
    /// The name of the file of Markdown.
    pub file: &'a str,
    /// Where it stands in it, if that is known.
    pub spot: Option<Spot>,
    /// The address, with references and escapes decoded.
    pub address: &'a str,
    /// Whether it is that of an image.
    pub is_image: bool,
}

/// Gives the address for a destination; `None` leaves it as it is.
pub type Links<'a> = dyn FnMut(Destination<'_>) -> Option<String> + 'a;

/// Where an address is written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// What stands before it; nothing before a bare one.
    opener: &'static str,
    /// How many of these, or of the same addresses, stand before it on its line.
    earlier: usize,
}

impl Spot {
    /// That of the address of a link, an image or a definition, which takes `range` of `text`.
    /// `None` where the line is not known.
    pub(super) fn of_link(text: &Text, range: Range<usize>) -> Option<Self> {
        let markdown = text.markdown.as_str();
        let within = markdown.get(range.clone())?;
        let opened = |opener: &&'static str| Some((within.rfind(opener)?, *opener));
        let (start, opener) = OPENERS.iter().find_map(opened)?;
        let end = range.start + start + opener.len();
        // The address may stand on the next line.
        let at = end + markdown[end..].len() - markdown[end..].trim_start().len();
        let earlier = line_before(markdown, at).matches(opener).count();
        let is_on_line = !markdown[end..at].contains('\n');
        let earlier = earlier.saturating_sub(usize::from(is_on_line));
        let opener = if is_on_line { opener } else { "" };
        Some(Self { line: text.line_at(at)?, opener, earlier })
    }

    /// That of a bare `address` within `range`, the first that stands there.
    pub(super) fn of_bare(text: &Text, range: Range<usize>, address: &str) -> Option<Self> {
        let at = range.start + text.markdown.get(range)?.find(address)?;
        let earlier = line_before(&text.markdown, at).matches(address).count();
        Some(Self { line: text.line_at(at)?, opener: "", earlier })
    }

    /// The bytes of `source` that the `address` is written in: the whole line where it is not
    /// found there, as it may come of a value.
    pub fn find(&self, source: &str, address: &str) -> Option<Range<usize>> {
        let start = match self.line.checked_sub(2) {
            None => 0,
            Some(ends) => source.match_indices('\n').nth(ends)?.0 + 1,
        };
        let line = source[start..].lines().next().unwrap_or_default();
        let from = match self.opener {
            "" => line.match_indices(address).nth(self.earlier)?.0,
            opener => {
                // A loop may have put out more of them.
                let openers = line.match_indices(opener).take(self.earlier + 1);
                openers.last().map_or(0, |(at, _)| at + opener.len())
            }
        };
        let rest = &line[from..];
        let is_before = |c: char| c.is_whitespace() || c == '<';
        let from = from + rest.len() - rest.trim_start_matches(is_before).len();
        let rest = &line[from..];
        let len = match rest.starts_with(address) {
            true => address.len(),
            false => rest.find([')', '>']).unwrap_or(rest.len()),
        };
        Some(start + from..start + from + len)
    }
}

/// What stands before a place on its line.
fn line_before(text: &str, at: usize) -> &str {
    &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at]
}

//! Faults of the URLs on a page, in words.

use super::finding::Severity;
use crate::{
    diagnostic::nearest::{did_you_mean, nearest},
    urls,
};

/// What is wrong with a URL of a page.
#[derive(Debug)]
pub(super) enum Fault {
    /// What loads a file names none.
    Empty,
    /// It leads nowhere; what to do about it.
    Broken(String),
    /// No file can have its path.
    NoPath,
    /// Visitors do not get this file, for this reason.
    Unpublished(String, String),
    /// It is reached by a redirect to this path.
    Redirected(String),
    /// It leads to a page that no build holds.
    Unbuilt,
    /// It is relative on a page that answers many paths.
    Relative,
    /// No element has the id that its fragment names, decoded; the nearest that one has.
    NoAnchor(String, Option<String>),
}

impl Fault {
    /// That of a fragment which none of the sorted `anchors` is.
    pub(super) fn no_anchor(fragment: &str, anchors: &[String]) -> Self {
        let near = nearest(fragment, anchors.iter().map(String::as_str)).map(str::to_owned);
        Self::NoAnchor(urls::decode(fragment).into_owned(), near)
    }

    /// How much it weighs, and its kind in one word.
    pub(super) fn kind(&self) -> (Severity, &'static str) {
        match self {
            Self::Empty => (Severity::Error, "empty-url"),
            Self::Broken(_) | Self::NoPath => (Severity::Error, "broken-link"),
            Self::Unpublished(..) => (Severity::Error, "unpublished-link"),
            Self::Redirected(_) => (Severity::Warning, "redirected-link"),
            Self::Unbuilt => (Severity::Note, "unbuilt-link"),
            Self::Relative => (Severity::Warning, "relative-link"),
            Self::NoAnchor(..) => (Severity::Error, "missing-anchor"),
        }
    }

    /// Says so of `url`, which is that of a `what`, such as a link.
    pub(super) fn message(&self, what: &str, url: &str) -> String {
        let rest = match self {
            Self::Empty => return format!("the {what} has no URL"),
            Self::NoAnchor(id, _) => return format!("no element has the id `{id}`"),
            Self::Broken(_) => "leads nowhere".to_owned(),
            Self::NoPath => "is no path of a file".to_owned(),
            Self::Unpublished(file, reason) => {
                format!("leads to `{file}`, which visitors do not get ({reason})")
            }
            Self::Redirected(_) => "is reached by a redirect".to_owned(),
            Self::Unbuilt => "leads to a page that is in no build".to_owned(),
            Self::Relative => "is relative on a page for many paths".to_owned(),
        };
        format!("the {what} `{url}` {rest}")
    }

    /// What to do about it.
    pub(super) fn help(&self) -> String {
        let help = match self {
            Self::Broken(help) => help,
            Self::NoAnchor(_, Some(near)) => return did_you_mean(format_args!("#{near}")),
            Self::Redirected(path) => return format!("write `{path}`"),
            Self::Empty => "name a file, or leave the attribute out",
            Self::NoPath => {
                "write it as browsers ask for it, with other characters than letters and digits as \
                 `%20`"
            }
            Self::Unpublished(..) => "take the link out until the page is public",
            Self::Unbuilt => "a server answers it, a host of files does not: it has `build: false`",
            Self::Relative => {
                "begin it with a slash, so that it leads to the same from each of them"
            }
            Self::NoAnchor(_, None) => "give an element this `id`, or leave the part from `#` out",
        };
        help.to_owned()
    }
}

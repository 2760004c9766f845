//! The files `_redirects` and `_headers`, which several hosts read: a line a redirect, a
//! block a path.

use super::{
    header::{Header, Paths},
    redirect::{Redirect, plain},
};

/// Their names in the output.
pub(super) const REDIRECTS: &str = "_redirects";
pub(super) const HEADERS: &str = "_headers";

/// The text of `_redirects`: `status` gives what stands in the third column, and `prefix`
/// stands before each path that a redirect is from.
pub(super) fn redirects<'a>(
    redirects: impl IntoIterator<Item = &'a Redirect>,
    prefix: &str,
    status: impl Fn(&Redirect) -> String,
) -> String {
    let mut text = String::new();
    for redirect in redirects {
        for (from, to) in redirect.lines() {
            text.push_str(&format!("{prefix}{from} {to} {}\n", status(redirect)));
        }
    }
    text
}

/// The line that answers all that is missing with one file, the last one of all.
pub(super) fn fallback(file: &str, prefix: &str) -> String {
    format!("{prefix}/* {prefix}{file} 200\n")
}

/// A block of `_headers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) path: String,
    /// Each without its indentation.
    pub(super) lines: Vec<String>,
}

impl Block {
    /// The block for a rule. With `has_removal`, a field is taken away first that is set.
    pub(super) fn new(header: &Header, has_removal: bool) -> Self {
        let path = match &header.paths {
            Paths::All => "/*".to_owned(),
            Paths::One(path) => plain(path),
            Paths::Below(folder) => format!("{}/*", plain(folder)),
            Paths::Extension(extension) => format!("/*{extension}"),
        };
        let removed = header.remove.iter().chain(header.set.keys()).filter(|_| has_removal);
        let mut lines: Vec<String> = removed.map(|name| format!("! {name}")).collect();
        lines.extend(header.set.iter().map(|(name, value)| format!("{name}: {value}")));
        Self { path, lines }
    }

    /// The text of all blocks that say something.
    pub(super) fn text<'a>(blocks: impl IntoIterator<Item = &'a Self>) -> String {
        let mut text = String::new();
        for block in blocks.into_iter().filter(|block| !block.lines.is_empty()) {
            text.push_str(&format!("{}\n", block.path));
            block.lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        text
    }
}

//! The extensions of CommonMark that are read.

use pulldown_cmark::Options;

/// Tables, strikethrough, task lists, footnotes, alerts, and `{#id}` after a heading, which
/// may be any attribute, and so is not for a text that is `foreign`.
pub(super) fn options(is_foreign: bool) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    options.set(Options::ENABLE_HEADING_ATTRIBUTES, !is_foreign);
    options
}

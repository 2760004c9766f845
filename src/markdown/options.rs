//! The extensions of CommonMark that are read.

use pulldown_cmark::Options;

/// Tables, strikethrough, task lists, footnotes, alerts, and `{#id}` after a heading.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES
}

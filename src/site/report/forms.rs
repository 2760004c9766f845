//! Statements as they are written here, and help for the actions of Go.

use crate::site::report::elsewhere::{self, BLOCK, EACH, INCLUDE, LENGTH, NO_TRANSLATIONS, Row};

const ASKED: &str = "here it is `{% if page.name %}` … `{% endif %}`";

/// For a tag that names a file without quotes.
pub(crate) const QUOTES: &str =
    "the name of a file stands in quotes: `{% include \"_nav.html\" %}`";

/// For what begins a tag `{{ … }}` in Go, before a value.
pub(crate) const ACTIONS: &[Row] = &[
    (&["range"], EACH),
    (&["if", "else", "with"], ASKED),
    (&["template", "partial", "partialCached"], INCLUDE),
    (&["block", "define"], BLOCK),
    (&["len"], LENGTH),
    (&["index"], "here it is `{{ list[0] }}`"),
    (&["printf"], "here it is `{{ \"%.2f\" | format(number) }}`"),
    (&["eq"], "here it is `{% if a == b %}`"),
    (&["i18n", "T"], NO_TRANSLATIONS),
    (&["markdownify"], "here it is `{{ text | markdown }}`"),
];

/// How a statement is written.
pub(crate) const FORMS: &[Row] = &[
    (&["block"], BLOCK),
    (&["extends"], "here it is `{% extends \"_layout.html\" %}`"),
    (&["for"], EACH),
    (&["from"], "here it is `{% from \"_macros.html\" import name %}`"),
    (&["if"], "here it is `{% if a == 1 %}` … `{% endif %}`"),
    (&["import"], "here it is `{% import \"_macros.html\" as macros %}`"),
    (
        &["include"],
        "here it is `{% set a = 1 %}{% include \"_part.html\" %}`: a file sees the names of the \
         one that includes it",
    ),
    (&["macro"], "here it is `{% macro name(a, b=1) %}` … `{% endmacro %}`"),
    (&["set"], "here it is `{% set name = 1 %}`"),
    (&["with"], "here it is `{% with a = 1, b = 2 %}` … `{% endwith %}`"),
];

/// The help for the action that `code` begins with, if it is one of Go.
pub(crate) fn action_help(code: &str) -> Option<&'static str> {
    let code = code.trim();
    let (name, value) = code.split_once(char::is_whitespace).unwrap_or((code, ""));
    // Else it may be the name of a value.
    let is_reserved = matches!(name, "if" | "else" | "with" | "range");
    let has_value = value.trim_start().starts_with(['.', '$', '"', '(']);
    let help = elsewhere::help(ACTIONS, name)?;
    (has_value || is_reserved && (name != "range" || !value.is_empty())).then_some(help)
}

//! Outline of a page or stylesheet: its URLs, and the names that links to it can have.

use std::{collections::HashSet, ops::Range};

use crate::{
    html::tokens::{TokenKind, Tokens},
    site::{Inspected, Language},
    urls::{self, Reference},
};

/// The links of a text, and what links to it can name.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) references: Vec<Reference>,
    /// Whether parts of it can have names at all.
    pub(super) has_names: bool,
    /// The names that a fragment may have: ids, and names of `<a>`.
    pub(super) anchors: Vec<String>,
    /// The ids that are used again, each with its place.
    pub(super) repeated: Vec<(String, Range<usize>)>,
}

impl Outline {
    pub(super) fn of(inspected: &Inspected) -> Self {
        let references = inspected.language.urls_in(&inspected.text);
        let outline = Self { references, ..Self::default() };
        match inspected.language {
            Language::Css | Language::Feed | Language::Robots => outline,
            Language::Html | Language::Xml => outline.with_names_in(&inspected.text),
        }
    }

    fn with_names_in(self, text: &str) -> Self {
        let mut outline = Self { has_names: true, ..self };
        let mut seen: HashSet<String> = HashSet::new();
        // What is within a `<template>` is no part of the page yet.
        let mut templates = 0_usize;
        for token in Tokens::new(text) {
            let tag = match token.kind {
                TokenKind::EndTag(name) if name == "template" => {
                    templates = templates.saturating_sub(1);
                    continue;
                }
                TokenKind::StartTag(tag) => tag,
                _ => continue,
            };
            for attribute in &tag.attributes {
                let is_id = attribute.name == "id";
                let is_anchor = is_id || (attribute.name == "name" && tag.name == "a");
                if !is_anchor || attribute.value.is_empty() {
                    continue;
                }
                let value = attribute.value.clone();
                if is_id && templates == 0 && !seen.insert(value.clone()) {
                    outline.repeated.push((value.clone(), attribute.value_range.clone()));
                }
                outline.anchors.push(value);
            }
            templates += usize::from(tag.name == "template" && !tag.is_foreign);
        }
        outline.anchors.sort_unstable();
        outline.anchors.dedup();
        outline
    }

    /// Whether a fragment, as it stands in a URL, leads to a part of the page
    /// (HTML, 7.4.6.4).
    pub(super) fn has_anchor(&self, fragment: &str) -> bool {
        let decoded = urls::decode(fragment);
        let is_there = |name: &str| self.anchors.binary_search_by(|id| (**id).cmp(name)).is_ok();
        // A text fragment names a text, and `#/` and `#!` a page of an application.
        let is_other = fragment.starts_with(":~:") || fragment.starts_with(['/', '!']);
        let name = decoded.split(":~:").next().unwrap_or_default();
        name.is_empty()
            || is_other
            || name.eq_ignore_ascii_case("top")
            || is_there(fragment)
            || is_there(name)
    }
}

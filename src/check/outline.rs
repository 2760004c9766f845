//! Outline of a page or stylesheet: its URLs, and the names that links to it can have.

use std::{collections::HashSet, ops::Range};

use crate::{
    html::tokens::{Token, TokenKind},
    site::{Inspected, Language},
    urls::{self, Reference},
};

/// The links of a text, and what links to it can name.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) references: Vec<Reference>,
    /// `None` where parts of it cannot have names at all.
    pub(super) anchors: Option<Anchors>,
    /// The ids that are used again, each with its place.
    pub(super) repeated: Vec<(String, Range<usize>)>,
}

/// The names that a fragment may have: ids, and names of `<a>`. Sorted.
#[derive(Debug, Default)]
pub(super) struct Anchors(Vec<String>);

/// The names in a page, read token by token.
#[derive(Debug, Default)]
struct Names {
    anchors: Vec<String>,
    repeated: Vec<(String, Range<usize>)>,
    seen: HashSet<String>,
    /// How many `<template>`s are open: what is within one is no part of the page yet.
    templates: usize,
}

impl Outline {
    pub(super) fn of(inspected: &Inspected) -> Self {
        let (mut names, language) = (Names::default(), inspected.language);
        let references =
            language.urls_and_tokens_in(&inspected.text, &mut |token| names.see(token));
        let Names { anchors, repeated, .. } = names;
        let anchors = match language {
            Language::Css | Language::Feed | Language::Robots => None,
            Language::Html | Language::Xml => Some(Anchors::of(anchors)),
        };
        Self { references, anchors, repeated }
    }
}

impl Names {
    fn see(&mut self, token: &Token) {
        let tag = match &token.kind {
            TokenKind::EndTag(name) if name == "template" => {
                self.templates = self.templates.saturating_sub(1);
                return;
            }
            TokenKind::StartTag(tag) => tag,
            _ => return,
        };
        for attribute in &tag.attributes {
            let is_id = attribute.name == "id";
            let is_anchor = is_id || (attribute.name == "name" && tag.name == "a");
            if !is_anchor || attribute.value.is_empty() {
                continue;
            }
            let value = attribute.value.clone();
            if is_id && self.templates == 0 && !self.seen.insert(value.clone()) {
                self.repeated.push((value.clone(), attribute.value_range.clone()));
            }
            self.anchors.push(value);
        }
        self.templates += usize::from(tag.name == "template" && !tag.is_foreign);
    }
}

impl Anchors {
    fn of(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        names.dedup();
        names.shrink_to_fit();
        Self(names)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether a fragment, as it stands in a URL, leads to a part of the page
    /// (HTML, 7.4.6.4).
    pub(super) fn has(&self, fragment: &str) -> bool {
        let decoded = urls::decode(fragment);
        let is_there = |name: &str| self.0.binary_search_by(|id| (**id).cmp(name)).is_ok();
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

//! Problems that a check finds, each with its severity and the places where it stands.

use std::{cmp::Ordering, collections::BTreeMap};

use crate::diagnostic::{Diagnostic, Place};

/// How much a problem weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Visitors meet it.
    Error,
    /// It works, and is likely not meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// A problem of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Its kind, in one word for programs, such as `broken-link`.
    pub code: &'static str,
    /// What is wrong, where, and what to do.
    pub diagnostic: Diagnostic,
    /// Whether its files are named from the root of the site, and not from where the program
    /// runs.
    pub is_of_site: bool,
}

/// All findings, each place once: a link of a layout is on many pages.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// By code, location and message, with the URLs of the pages that show it.
    found: BTreeMap<(&'static str, String, String), (Finding, Vec<String>)>,
}

impl Severity {
    /// As it stands before a message.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Finding {
    pub(super) fn at(
        severity: Severity,
        code: &'static str,
        message: String,
        place: Place,
        help: String,
    ) -> Self {
        let diagnostic = Diagnostic { message, places: vec![place], notes: Vec::new(), help };
        Self { severity, code, diagnostic, is_of_site: true }
    }

    /// A fault of the site as a whole, which has no place.
    pub(super) fn of_site(code: &'static str, message: String, help: &str) -> Self {
        let (places, notes, help) = (Vec::new(), Vec::new(), help.to_owned());
        let diagnostic = Diagnostic { message, places, notes, help };
        Self { severity: Severity::Error, code, diagnostic, is_of_site: true }
    }

    /// The most important place.
    pub fn place(&self) -> Option<&Place> {
        self.diagnostic.places.first()
    }
}

impl Findings {
    /// Adds what was found on the page `url`.
    pub(super) fn add(&mut self, finding: Finding, url: &str) {
        let location = finding.place().map(Place::location).unwrap_or_default();
        let key = (finding.code, location, finding.diagnostic.message.clone());
        let (_, urls) = self.found.entry(key).or_insert_with(|| (finding, Vec::new()));
        urls.push(url.to_owned());
    }

    /// In the order of files, lines and columns.
    pub(super) fn into_sorted(self) -> Vec<Finding> {
        let told = |(mut finding, mut urls): (Finding, Vec<String>)| {
            // Two files may make the same page.
            urls.dedup();
            if let [first, _, ..] = urls.as_slice() {
                let notes = &mut finding.diagnostic.notes;
                notes.push(format!("on {} pages, such as {first}", urls.len()));
            }
            finding
        };
        let mut findings: Vec<Finding> = self.found.into_values().map(told).collect();
        findings.sort_by(by_place);
        findings
    }
}

fn by_place(one: &Finding, other: &Finding) -> Ordering {
    let key = |finding: &Finding| {
        let place = finding.place().map(|place| (place.origin.clone(), place.line, place.column));
        (place, finding.severity)
    };
    key(one).cmp(&key(other))
}

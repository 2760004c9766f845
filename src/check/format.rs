//! Findings as text: for people, as JSON, and as GitHub shows them beside the lines of a change.

use std::fmt::{self, Display};

use serde::Serialize;

use super::{Checked, Finding, Severity};
use crate::{diagnostic::Place, wording::counted};

/// The form of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON array.
    Json,
    /// One workflow command of GitHub Actions a finding.
    Github,
}

/// The findings of a check in one form. Files are named from the root in text, and from
/// `root`, the folder of the site as it was named, in the others.
pub fn write(checked: &Checked, format: Format, root: &str) -> String {
    let findings = checked.findings.iter();
    match format {
        Format::Text => findings.map(text).collect(),
        Format::Json => json(checked, root),
        Format::Github => findings.map(|finding| github(finding, root)).collect(),
    }
}

/// One line on how many findings there are, and in how much.
pub fn summary(checked: &Checked) -> String {
    format!(
        "{}, {}, {} in {} and {}\n",
        counted(checked.count(Severity::Error), "error"),
        counted(checked.count(Severity::Warning), "warning"),
        counted(checked.count(Severity::Note), "note"),
        counted(checked.pages, "page"),
        counted(checked.links, "link"),
    )
}

fn text(finding: &Finding) -> String {
    format!("{}: {}\n\n", finding.severity.name(), finding.diagnostic)
}

/// A finding as programs read it.
#[derive(Serialize)]
struct Record<'a> {
    severity: &'a str,
    code: &'a str,
    /// `None` for a fault of the site as a whole.
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    message: &'a str,
    notes: &'a [String],
    help: &'a str,
}

fn json(checked: &Checked, root: &str) -> String {
    let record = |finding: &Finding| {
        serde_json::to_string(&Record {
            severity: finding.severity.name(),
            code: finding.code,
            file: file_of(finding, root),
            line: finding.place().and_then(|place| place.line),
            column: finding.place().and_then(|place| place.column),
            message: &finding.diagnostic.message,
            notes: &finding.diagnostic.notes,
            help: &finding.diagnostic.help,
        })
    };
    let records: Vec<String> =
        checked.findings.iter().filter_map(|finding| record(finding).ok()).collect();
    if records.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", records.join(",\n")) }
}

/// A workflow command (GitHub, "Workflow commands for GitHub Actions").
fn github(finding: &Finding, root: &str) -> String {
    let severity = match finding.severity {
        Severity::Note => "notice",
        severity => severity.name(),
    };
    let place = finding.place();
    let number = |name, number: Option<usize>| {
        number.map_or_else(String::new, |number| format!("{name}={number},"))
    };
    let file = file_of(finding, root).map_or_else(String::new, |file| {
        format!("file={},", Escaped { text: &file, is_property: true })
    });
    format!(
        "::{severity} {file}{}{}title={}::{}\n",
        number("line", place.and_then(|place| place.line)),
        number("col", place.and_then(|place| place.column)),
        finding.code,
        Escaped {
            text: &format!("{}\nhelp: {}", finding.diagnostic.message, finding.diagnostic.help),
            is_property: false,
        },
    )
}

fn file_of(finding: &Finding, root: &str) -> Option<String> {
    let Place { origin, .. } = finding.place()?;
    Some(match finding.is_of_site {
        true => [root.trim_end_matches('/'), "/", origin].concat(),
        false => origin.clone(),
    })
}

/// A text in a workflow command.
struct Escaped<'a> {
    text: &'a str,
    is_property: bool,
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.chars().try_for_each(|c| match c {
            '%' | '\r' | '\n' => write!(f, "%{:02X}", u32::from(c)),
            ':' | ',' if self.is_property => write!(f, "%{:02X}", u32::from(c)),
            _ => write!(f, "{c}"),
        })
    }
}

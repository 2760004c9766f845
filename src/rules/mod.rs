//! Rules of the configuration for paths: [`HeaderRules`] change the header fields
//! of a response, [`RedirectRules`] answer in place of the site.
//!
//! Knows no files and no requests: a path and a response in, a response out.
//! Without rules neither costs anything.

mod destination;
mod headers;
pub mod host_files;
mod loops;
mod pattern;
mod redirects;
mod samples;

use globset::Glob;
use thiserror::Error;

use crate::{globs, http::grammar::starts_with_hex_pair};

pub use self::{
    headers::{HEADER_KEYS, HeaderRule, HeaderRules, Values},
    redirects::{REDIRECT_KEYS, RedirectRule, RedirectRules},
};

/// A key in the table of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What finishes "`name` takes …".
    pub takes: &'static str,
    /// Whether each rule must have it.
    pub is_required: bool,
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("rule {}: `{key}` takes {takes}", idx + 1)]
pub struct RuleError {
    /// Which rule of the list, from 0.
    pub idx: usize,
    /// The key whose value is wrong.
    pub key: &'static str,
    /// What of that value is wrong.
    pub part: RulePart,
    /// What finishes "`key` takes …".
    pub takes: String,
    /// Other rules of the list with whose same key it does not go together.
    pub others: Vec<usize>,
}

/// A part of a key's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulePart {
    /// All of it.
    Whole,
    /// The name of an entry, where the value is a table.
    Name(String),
    /// What the entry of this name holds.
    ValueOf(String),
    /// An item, where the value is a list.
    Item(usize),
}

/// What finishes "`key` takes …", where that is a media type.
pub const TAKES_MEDIA_TYPE: &str = r#"a media type, such as "text/markdown; charset=utf-8""#;

/// Bytes of a path or a glob of a rule: as many as a target may have by default. What takes
/// quadratic time of them is fast up to here.
const MAX_RULE_BYTES: usize = 8192;
/// Braces within braces; the glob library needs stack for each.
const MAX_BRACES: usize = 100;

/// What is wrong with a rule, before it is known which one of the list it is.
#[derive(Debug)]
struct Fault {
    key: &'static str,
    part: RulePart,
    takes: String,
}

impl Fault {
    fn new(key: &'static str, part: RulePart, takes: impl Into<String>) -> Self {
        Self { key, part, takes: takes.into() }
    }

    fn at(self, idx: usize) -> RuleError {
        RuleError { idx, key: self.key, part: self.part, takes: self.takes, others: Vec::new() }
    }
}

/// The text in the table of the keys for `name`.
fn takes(keys: &[Key], name: &str) -> &'static str {
    keys.iter().find(|key| key.name == name).map_or("", |key| key.takes)
}

/// Compiles the glob of a rule.
///
/// # Errors
/// What is wrong with it, for a bracket after "takes …".
pub(crate) fn compile_glob(glob: &str) -> Result<Glob, String> {
    check_size(glob)?;
    globs::compile(glob).map_err(|error| error.kind().to_string())
}

/// Whether the text of a rule is short enough, and its braces few enough within each other.
///
/// # Errors
/// What is wrong with it, for a bracket after "takes …".
fn check_size(text: &str) -> Result<(), String> {
    if text.len() > MAX_RULE_BYTES {
        return Err(format!("longer than {MAX_RULE_BYTES} bytes"));
    }
    // Escaped braces count as well, so that this can only count too many.
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_BRACES {
            return Err(format!("more than {MAX_BRACES} braces within each other"));
        }
    }
    Ok(())
}

/// Whether `text` holds a percent-encoded byte. Paths are compared as they read
/// once decoded, so that a rule with one would never match.
fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).any(starts_with_hex_pair)
}

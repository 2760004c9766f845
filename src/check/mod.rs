//! A check of the whole site: pages that do not render, links that lead nowhere, names that are
//! used twice, files that nothing uses.
//!
//! Works on what the pages render to, and reports where that is written. Knows no terminal and
//! no flags.

mod finding;
pub mod format;
mod judge;
mod member;
mod outline;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobSet};

pub use finding::{Finding, Severity};

use self::{
    finding::Findings,
    judge::{Judge, Linking},
    member::Member,
    outline::Outline,
    targets::Targets,
};
use crate::{
    diagnostic::nearest::Known,
    globs, parallel,
    rules::{RedirectRule, RedirectRules, RuleError},
    site::{Inspection, RENDER_STACK_BYTES, Site},
};

/// What a check has come to.
#[derive(Debug, Default)]
pub struct Checked {
    /// In the order of files, lines and columns.
    pub findings: Vec<Finding>,
    /// How many pages were rendered.
    pub pages: usize,
    /// How many URLs were followed.
    pub links: usize,
}

/// The settings of a check.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions<'a> {
    /// The redirects of the configuration.
    pub redirects: &'a [RedirectRule],
    /// The name of the file that they are written in.
    pub origin: &'a str,
    /// Globs of paths that are answered by others.
    pub ignore: &'a [String],
    /// Where the site is published, if that is known: links to there are followed as well.
    pub url: Option<&'a str>,
    /// How many threads work on it.
    pub threads: usize,
}

/// Why no check can be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A redirect is malformed.
    #[error(transparent)]
    Redirects(#[from] RuleError),
    /// A glob of `ignore` is malformed.
    #[error("`check.ignore` holds a pattern that cannot be read: {0}")]
    Ignore(#[from] globset::Error),
}

/// Checks a site.
///
/// # Errors
/// See [`CheckError`].
pub fn check(site: &Site, options: CheckOptions<'_>) -> Result<Checked, CheckError> {
    let rules = RedirectRules::new(options.redirects)?;
    let globs = options.ignore.iter().map(|glob| globs::compile(glob));
    let ignored = GlobSet::new(globs.collect::<Result<Vec<Glob>, _>>()?)?;
    let public = site.public_files();
    let paths: Vec<Known> =
        public.files.iter().map(|file| Known::new(file.path.as_str())).collect();
    let mut findings = Findings::default();
    for message in &public.unreadable {
        findings.add(Finding::of_site(message.clone()), "");
    }
    let inspections = parallel::map(&public.files, options.threads, RENDER_STACK_BYTES, |file| {
        site.inspect(file)
    });
    let mut members = Vec::new();
    let mut used = BTreeSet::new();
    let mut pages = 0;
    for (inspection, file) in inspections.into_iter().zip(&public.files) {
        pages += usize::from(file.is_page);
        match inspection {
            Inspection::Text(inspected) => {
                used.extend(inspected.used.iter().cloned());
                let outline = Outline::of(&inspected);
                members.push(Member { file, inspected, outline });
            }
            Inspection::Failed(diagnostic, files) => {
                used.extend(files);
                let (severity, code) = (Severity::Error, "page");
                findings.add(Finding { severity, code, diagnostic }, file.path.as_str());
            }
            Inspection::Other => {}
        }
    }
    let outlines: BTreeMap<&str, &Outline> =
        members.iter().map(|member| (member.file.path.as_str(), &member.outline)).collect();
    let targets = Targets::new(site, &rules, options.url, &ignored, &public.files);
    let judge = Judge { site, targets: &targets, outlines: &outlines, paths: &paths };
    let judged =
        parallel::map(&members, options.threads, RENDER_STACK_BYTES, |member| judge.member(member));
    let mut links = 0;
    let mut linking = Linking::default();
    for (member, (found, leads)) in members.iter().zip(judged) {
        links += member.outline.references.len();
        linking.add(member.file.path.as_str(), leads);
        for finding in found {
            findings.add(finding, member.file.path.as_str());
        }
    }
    let of_redirects = judge.redirects(options.redirects, options.origin);
    for finding in of_redirects.into_iter().chain(judge.unused(&members, &linking, &used)) {
        findings.add(finding, "");
    }
    Ok(Checked { findings: findings.into_sorted(), pages, links })
}

#[cfg(test)]
mod tests;

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
    diagnostic::{Diagnostic, Place, nearest::Known},
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
    /// The redirects, in the order in which they count, each with the place of its target.
    pub redirects: &'a [(RedirectRule, Place)],
    /// What of the files with the rules of the site is left out.
    pub left_out: &'a [Diagnostic],
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
    let rules: Vec<RedirectRule> = options.redirects.iter().map(|(rule, _)| rule.clone()).collect();
    let rules = RedirectRules::new(&rules)?;
    let globs = options.ignore.iter().map(|glob| globs::compile(glob));
    let ignored = GlobSet::new(globs.collect::<Result<Vec<Glob>, _>>()?)?;
    let public = site.public_files(options.threads);
    let paths: Vec<Known> =
        public.files.iter().map(|file| Known::new(file.path.as_str())).collect();
    let mut findings = Findings::default();
    for message in &public.unreadable {
        let help = "nothing in it was checked";
        findings.add(Finding::of_site("page", message.clone(), help), "");
    }
    for message in &public.conflicts {
        let help = "give each path to one page";
        findings.add(Finding::of_site("claimed-twice", message.clone(), help), "");
    }
    for diagnostic in options.left_out {
        let (severity, code) = (Severity::Warning, "left-out-rule");
        let diagnostic = diagnostic.clone();
        findings.add(Finding { severity, code, diagnostic, is_of_site: false }, "");
    }
    let inspections = parallel::map(&public.files, options.threads, RENDER_STACK_BYTES, |file| {
        let inspection = site.inspect(file);
        // Reading a page takes as long as rendering it.
        let outline = match &inspection {
            Inspection::Text(inspected) => Outline::of(inspected),
            Inspection::Failed(..) | Inspection::Other => Outline::default(),
        };
        (inspection, outline)
    });
    let mut members = Vec::new();
    let mut used = BTreeSet::new();
    let mut pages = 0;
    for ((inspection, outline), file) in inspections.into_iter().zip(&public.files) {
        pages += usize::from(file.is_page);
        match inspection {
            Inspection::Text(inspected) => {
                used.extend(inspected.used.iter().cloned());
                members.push(Member { file, inspected, outline });
            }
            Inspection::Failed(diagnostic, files) => {
                used.extend(files);
                let (severity, code, is_of_site) = (Severity::Error, "page", true);
                let finding = Finding { severity, code, diagnostic, is_of_site };
                findings.add(finding, file.path.as_str());
            }
            Inspection::Other => {}
        }
    }
    let outlines: BTreeMap<&str, &Outline> =
        members.iter().map(|member| (member.file.path.as_str(), &member.outline)).collect();
    let targets = Targets::new(site, &rules, options.url, &ignored, &public);
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
    let of_redirects = judge.redirects(options.redirects);
    for finding in of_redirects.into_iter().chain(judge.unused(&members, &linking, &used)) {
        findings.add(finding, "");
    }
    Ok(Checked { findings: findings.into_sorted(), pages, links })
}

#[cfg(test)]
mod tests;

//! A check of the whole site: pages that do not render, links that lead nowhere, names that are
//! used twice, files that nothing uses.
//!
//! Works on what the pages render to, and reports where that is written. Knows no terminal and
//! no flags.

mod fault;
mod finding;
pub mod format;
mod judge;
mod judged;
mod member;
mod outline;
mod places;
mod targets;

use std::{collections::BTreeMap, time::SystemTime};

use globset::{Glob, GlobSet};

pub use finding::{Finding, Severity};

use self::{
    finding::Findings,
    judge::{Judge, Linking},
    judged::Judged,
    outline::Anchors,
    places::Places,
    targets::Targets,
};
use crate::{
    diagnostic::{Diagnostic, Place, nearest::Known},
    globs, parallel,
    rules::{RedirectRule, RedirectRules, RuleError},
    site::{PublicFile, PublicFiles, RENDER_STACK_BYTES, Site},
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

impl Checked {
    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
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
    /// The time of the whole check.
    pub now: SystemTime,
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
    let public = site.public_files(options.now, options.threads);
    let mut findings = Findings::default();
    add_faults_of_site(&public, options, &mut findings);
    // A page that is in no build is one for visitors all the same.
    let files: Vec<&PublicFile> = public.files.iter().chain(&public.left_to_servers).collect();
    let paths: Vec<Known> = files.iter().map(|file| Known::new(file.path.as_str())).collect();
    let targets = Targets::new(site, options.now, &rules, options.url, &ignored, &public);
    let private = site.private_files().into_iter().collect();
    let places = Places { site };
    let (targets, paths, private) = (&targets, &paths, &private);
    let judge = Judge { site, now: options.now, places, targets, paths, private };
    let judged =
        parallel::map(&files, options.threads, RENDER_STACK_BYTES, |file| judge.file(file));
    let pages: Vec<(&PublicFile, Judged)> = files.into_iter().zip(judged).collect();
    let waiting = judge_waiting(&judge, &pages, options.threads);
    let unused = judge_unused(&judge, &pages);
    let links = pages.iter().filter_map(|(_, judged)| judged.links).sum();
    let count = pages.iter().filter(|(file, _)| file.is_page).count();
    for ((file, judged), waiting) in pages.into_iter().zip(waiting) {
        for finding in judged.findings.into_iter().chain(waiting) {
            findings.add(finding, file.path.as_str());
        }
    }
    for finding in judge.redirects(options.redirects).into_iter().chain(unused) {
        findings.add(finding, "");
    }
    Ok(Checked { findings: findings.into_sorted(), pages: count, links })
}

/// What is wrong with the links of each file to parts of others.
fn judge_waiting(
    judge: &Judge<'_>,
    pages: &[(&PublicFile, Judged)],
    threads: usize,
) -> Vec<Vec<Finding>> {
    let anchors = pages.iter().filter_map(|(file, judged)| {
        judged.anchors.as_ref().map(|anchors| (file.path.as_str(), anchors))
    });
    let anchors: BTreeMap<&str, &Anchors> = anchors.collect();
    parallel::map(pages, threads, RENDER_STACK_BYTES, |(file, judged)| {
        judge.waiting(file, judged, &anchors)
    })
}

/// Files that no page uses, and pages that none links to.
fn judge_unused(judge: &Judge<'_>, pages: &[(&PublicFile, Judged)]) -> Vec<Finding> {
    let mut linking = Linking::default();
    for (file, judged) in pages.iter().filter(|(_, judged)| judged.is_for_people) {
        linking.add(file.path.as_str(), &judged.leads);
    }
    let used = pages.iter().flat_map(|(_, judged)| judged.used.iter().map(String::as_str));
    let texts = pages.iter().filter(|(_, judged)| judged.links.is_some()).map(|(file, _)| *file);
    judge.unused(texts, &linking, &used.collect())
}

/// Adds what is wrong with files before any is looked into.
fn add_faults_of_site(public: &PublicFiles, options: CheckOptions<'_>, findings: &mut Findings) {
    for message in &public.unreadable {
        let help = "nothing in it was checked";
        findings.add(Finding::of_site("page", message.clone(), help), "");
    }
    let outside = "the link leads out of the folder of pages, so that visitors do not get it";
    let without_url = "no URL can hold this name, so that visitors do not get the file";
    for (names, message, help) in [
        (&public.outside, outside, "put what it leads to there in its place"),
        (&public.without_url, without_url, "rename it"),
    ] {
        for name in names {
            let (message, place) = (message.to_owned(), Place::of_file(name));
            let help = help.to_owned();
            let finding = Finding::at(Severity::Warning, "left-out-file", message, place, help);
            findings.add(finding, "");
        }
    }
    for diagnostic in public.conflicts.clone() {
        let (severity, code, is_of_site) = (Severity::Error, "claimed-twice", true);
        findings.add(Finding { severity, code, diagnostic, is_of_site }, "");
    }
    for diagnostic in options.left_out {
        let (severity, code) = (Severity::Warning, "left-out-rule");
        let diagnostic = diagnostic.clone();
        findings.add(Finding { severity, code, diagnostic, is_of_site: false }, "");
    }
}

#[cfg(test)]
mod tests;

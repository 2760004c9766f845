//! A check of the whole site: pages that do not render, links that lead nowhere, names that are
//! used twice, files that nothing uses.
//!
//! Works on what the pages render to, and reports where that is written. Knows no terminal and
//! no flags.

mod fault;
mod finding;
pub mod format;
mod judge;
mod member;
mod outline;
mod places;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobSet};

pub use finding::{Finding, Severity};

use self::{
    finding::Findings,
    judge::{Judge, Linking},
    member::Member,
    outline::Outline,
    places::Places,
    targets::Targets,
};
use crate::{
    diagnostic::{Diagnostic, Place, nearest::Known},
    globs, parallel,
    rules::{RedirectRule, RedirectRules, RuleError},
    site::{Inspection, PublicFile, PublicFiles, RENDER_STACK_BYTES, Site},
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
    let mut findings = Findings::default();
    add_faults_of_site(&public, options, &mut findings);
    // A page that is in no build is one for visitors all the same.
    let files: Vec<&PublicFile> = public.files.iter().chain(&public.left_to_servers).collect();
    let inspected = inspect(site, &files, options.threads, &mut findings);
    let members = &inspected.members;
    let outlines: BTreeMap<&str, &Outline> =
        members.iter().map(|member| (member.file.path.as_str(), &member.outline)).collect();
    let paths: Vec<Known> = files.iter().map(|file| Known::new(file.path.as_str())).collect();
    let targets = Targets::new(site, &rules, options.url, &ignored, &public);
    let places = Places { site };
    let judge = Judge { site, places, targets: &targets, outlines: &outlines, paths: &paths };
    let judged =
        parallel::map(members, options.threads, RENDER_STACK_BYTES, |member| judge.member(member));
    let mut linking = Linking::default();
    for (member, (found, leads)) in members.iter().zip(judged) {
        let path = member.file.path.as_str();
        if member.is_for_people() {
            linking.add(path, leads);
        }
        for finding in found {
            findings.add(finding, path);
        }
    }
    let of_redirects = judge.redirects(options.redirects);
    let unused = judge.unused(members, &linking, &inspected.used);
    for finding in of_redirects.into_iter().chain(unused) {
        findings.add(finding, "");
    }
    let pages = files.iter().filter(|file| file.is_page).count();
    let links = members.iter().map(|member| member.outline.references.len()).sum();
    Ok(Checked { findings: findings.into_sorted(), pages, links })
}

/// Adds what is wrong with files before any is looked into.
fn add_faults_of_site(public: &PublicFiles, options: CheckOptions<'_>, findings: &mut Findings) {
    for message in &public.unreadable {
        let help = "nothing in it was checked";
        findings.add(Finding::of_site("page", message.clone(), help), "");
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

/// What the files of a site are served as.
struct Inspections<'a> {
    members: Vec<Member<'a>>,
    /// The files that were used for them.
    used: BTreeSet<String>,
}

/// Renders all pages, and adds what cannot be rendered to the findings.
fn inspect<'a>(
    site: &Site,
    files: &[&'a PublicFile],
    threads: usize,
    findings: &mut Findings,
) -> Inspections<'a> {
    let inspections = parallel::map(files, threads, RENDER_STACK_BYTES, |file| {
        let inspection = site.inspect(file);
        // Reading a page takes as long as rendering it.
        let outline = match &inspection {
            Inspection::Text(inspected) => Outline::of(inspected),
            Inspection::Failed(..) | Inspection::Other(_) => Outline::default(),
        };
        (inspection, outline)
    });
    let mut inspected = Inspections { members: Vec::new(), used: BTreeSet::new() };
    for ((inspection, outline), file) in inspections.into_iter().zip(files) {
        match inspection {
            Inspection::Text(text) => {
                inspected.used.extend(text.used.iter().cloned());
                inspected.members.push(Member { file, inspected: text, outline });
            }
            Inspection::Failed(diagnostic, used) => {
                inspected.used.extend(used);
                let (severity, code, is_of_site) = (Severity::Error, "page", true);
                let finding = Finding { severity, code, diagnostic, is_of_site };
                findings.add(finding, file.path.as_str());
            }
            Inspection::Other(used) => inspected.used.extend(used),
        }
    }
    inspected
}

#[cfg(test)]
mod tests;

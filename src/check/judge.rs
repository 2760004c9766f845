//! Judgement of the links of a page, and of files that no page uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    fault::Fault,
    finding::{Finding, Severity},
    member::Member,
    outline::Outline,
    places::{Places, written},
    targets::{Target, Targets},
};
use crate::{
    diagnostic::{
        Place,
        nearest::{Known, did_you_mean, nearest_few},
    },
    rules::RedirectRule,
    site::Site,
    urls::{self, Form, Reference, Role},
};

/// Judges what is on the pages of a site.
pub(super) struct Judge<'a> {
    pub(super) site: &'a Site,
    pub(super) places: Places<'a>,
    pub(super) targets: &'a Targets<'a>,
    /// By decoded paths.
    pub(super) outlines: &'a BTreeMap<&'a str, &'a Outline>,
    /// The paths of the site.
    pub(super) paths: &'a [Known],
}

/// Which pages are linked to, by others than themselves.
#[derive(Debug, Default)]
pub(super) struct Linking {
    paths: BTreeSet<String>,
}

impl Linking {
    pub(super) fn add(&mut self, from: &str, to: Vec<String>) {
        self.paths.extend(to.into_iter().filter(|to| to != from));
    }
}

impl Judge<'_> {
    /// What is wrong on a page or in a stylesheet, and the paths that it leads to.
    pub(super) fn member(&self, member: &Member<'_>) -> (Vec<Finding>, Vec<String>) {
        let own = member.file.path.encoded();
        let references = &member.outline.references;
        let base = references.iter().find(|reference| reference.role == Role::Base);
        // What is relative to a page of another host is not checked.
        let base = match base.map(|base| self.targets.of(&base.url, &own)) {
            Some(Target::Elsewhere) => None,
            Some(_) => base.map(|base| urls::resolve(&own, urls::split(&base.url).0)),
            None => Some(own),
        };
        let (mut findings, mut leads) = (self.repeated_ids(member), Vec::new());
        for reference in references {
            if reference.role == Role::Unfollowed {
                continue;
            }
            let form = Form::of(&reference.url);
            let relative = form == Form::Relative || form == Form::SamePage;
            let Some(base) = base.as_deref().or((!relative).then_some("/")) else { continue };
            findings.extend(self.reference(member, reference, form, base, &mut leads));
        }
        (findings, leads)
    }

    fn reference(
        &self,
        member: &Member<'_>,
        reference: &Reference,
        form: Form,
        base: &str,
        leads: &mut Vec<String>,
    ) -> Option<Finding> {
        let fault = if form == Form::SamePage && reference.role != Role::Base {
            fault_within(member, reference)
        } else {
            self.fault_of(member, reference, form, base, leads)
        }?;
        let (severity, code) = fault.kind();
        let message = fault.message(noun(reference.role), written(member, reference));
        let place = self.places.of_url(member, reference);
        Some(Finding::at(severity, code, message, place, fault.help()))
    }

    /// What is wrong with a URL that leads to `leads` then, if it leads to a page of the site.
    fn fault_of(
        &self,
        member: &Member<'_>,
        reference: &Reference,
        form: Form,
        base: &str,
        leads: &mut Vec<String>,
    ) -> Option<Fault> {
        let is_page = matches!(reference.role, Role::Link | Role::Frame);
        match self.targets.of(&reference.url, base) {
            Target::Elsewhere => None,
            Target::Here(served) => {
                let outline = self.outlines.get(&*served).filter(|outline| outline.has_names);
                let is_unbuilt = |path: &str| self.targets.is_left_to_servers(path);
                let is_fault = is_unbuilt(&served) && !is_unbuilt(member.file.path.as_str());
                leads.push(served);
                if is_fault {
                    return Some(Fault::Unbuilt);
                }
                if form == Form::Relative && self.site.is_for_many_paths(&member.file.name) {
                    return Some(Fault::Relative);
                }
                fault_of_fragment(reference, outline?)
            }
            Target::Moved(served, path) => {
                leads.push(served);
                Some(Fault::Redirected(path))
            }
            // An application in the browser shows something for it.
            Target::Nothing(_) if is_page && self.site.fallback_file_name().is_some() => None,
            Target::Nothing(path) => Some(Fault::Broken(self.help_for(&path))),
            Target::Unpublished(file, reason) => Some(Fault::Unpublished(file, reason)),
            Target::Unusable => Some(Fault::NoPath),
        }
    }

    fn repeated_ids(&self, member: &Member<'_>) -> Vec<Finding> {
        let repeated = &member.outline.repeated;
        let finding = |(id, range): &(String, Range<usize>)| {
            let is_earlier =
                |(other, at): &&(String, Range<usize>)| other == id && at.start < range.start;
            let earlier = 1 + repeated.iter().filter(is_earlier).count();
            let place = self.places.of_id(member, range, id, earlier);
            let message = format!("the id `{id}` is used twice on a page");
            let help = "links and labels reach the first one alone: give each its own".to_owned();
            Finding::at(Severity::Error, "repeated-id", message, place, help)
        };
        repeated.iter().map(finding).collect()
    }

    /// Redirects to paths where nothing is. A rule with a pattern may lead anywhere.
    pub(super) fn redirects(&self, rules: &[(RedirectRule, Place)]) -> Vec<Finding> {
        let finding = |(rule, place): &(RedirectRule, Place)| {
            let is_path = Form::of(&rule.to) == Form::RootRelative && !rule.to.contains([':', '*']);
            let Target::Nothing(path) = self.targets.of(&rule.to, "/") else { return None };
            let (from, to) = (&rule.from, &rule.to);
            let message = format!("the redirect from `{from}` leads to `{to}`, where nothing is");
            let help = self.help_for(&path);
            let code = "broken-redirect";
            let finding = Finding::at(Severity::Error, code, message, place.clone(), help);
            is_path.then_some(Finding { is_of_site: false, ..finding })
        };
        rules.iter().filter_map(finding).collect()
    }

    /// Files that no page uses, and pages that none links to.
    pub(super) fn unused(
        &self,
        members: &[Member<'_>],
        linking: &Linking,
        used: &BTreeSet<String>,
    ) -> Vec<Finding> {
        let note = |code, message: &str, file: &str, help: &str| {
            let place = Place::of_file(file);
            Finding::at(Severity::Note, code, message.to_owned(), place, help.to_owned())
        };
        let private = self.site.private_files().into_iter().filter(|file| !used.contains(file));
        let private = private.map(|file| {
            let help = "delete it, or use it: no visitor gets a private file";
            note("unused-file", "no page uses this private file", &file, help)
        });
        let pages = members.iter().map(|member| &member.file);
        let unlinked = pages.filter(|file| {
            let is_start = file.path.as_str() == "/" || self.site.is_for_many_paths(&file.name);
            file.is_page && !is_start && !linking.paths.contains(file.path.as_str())
        });
        let unlinked = unlinked.map(|file| {
            let help = "link to it, if visitors should find it";
            note("unlinked-page", "no page links to this one", &file.name, help)
        });
        private.chain(unlinked).collect()
    }

    /// What to write in place of a path that leads nowhere.
    fn help_for(&self, path: &str) -> String {
        if let Some(private) = self.site.private_segment(path) {
            return format!(
                "`{private}` is private, as its name begins with `{}`: rename it, or name it in \
                 `public`",
                &private[..1]
            );
        }
        let wanted = Known::new(path);
        let other_case = self.paths.iter().find(|path| path.differs_in_case_only(&wanted));
        if let Some(path) = other_case {
            return format!("letter case matters: write `{}`", path.name());
        }
        match nearest_few(&wanted, self.paths.iter(), 1).first() {
            Some(near) => did_you_mean(near.name()),
            None => "add the file, or take the URL out".to_owned(),
        }
    }
}

/// What is wrong with a URL that leads to the page it stands on.
fn fault_within(member: &Member<'_>, reference: &Reference) -> Option<Fault> {
    let loads = !matches!(reference.role, Role::Link | Role::Other | Role::StyleFile);
    if reference.url.is_empty() && loads {
        return Some(Fault::Empty);
    }
    let is_own = matches!(reference.role, Role::Link | Role::Image);
    is_own.then(|| fault_of_fragment(reference, &member.outline))?
}

/// What is wrong where a fragment names no part of the page that it leads to.
fn fault_of_fragment(reference: &Reference, page: &Outline) -> Option<Fault> {
    let fragment = fragment_of(reference)?;
    (!page.has_anchor(fragment)).then(|| Fault::no_anchor(fragment, &page.anchors))
}

/// The part from `#` on that has to be the name of a part of a page or an image. What says how
/// to show an image or a video is none (Media Fragments, SVG 2).
fn fragment_of(reference: &Reference) -> Option<&str> {
    let fragment = urls::split(&reference.url).2?;
    match reference.role {
        Role::Link | Role::Frame => Some(fragment),
        Role::Image => Some(fragment).filter(|fragment| !fragment.contains(['(', '='])),
        _ => None,
    }
}

/// What a URL is for, in one word.
fn noun(role: Role) -> &'static str {
    match role {
        Role::Base => "base",
        Role::Link | Role::Unfollowed => "link",
        Role::Frame => "frame",
        Role::Style => "stylesheet",
        Role::Script => "script",
        Role::Image => "image",
        Role::Media => "media file",
        Role::StyleFile | Role::Other => "file",
    }
}

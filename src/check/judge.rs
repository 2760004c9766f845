//! Judgement of the links of a page, and of files that no page uses.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
    sync::Arc,
    time::SystemTime,
};

use super::{
    fault::Fault,
    finding::{Finding, Severity},
    judged::{Judged, Waiting},
    member::Member,
    outline::{Anchors, Outline},
    places::{Origin, Places},
    targets::{Target, Targets},
};
use crate::{
    diagnostic::{
        Place,
        nearest::{Known, did_you_mean, nearest_few},
    },
    rules::RedirectRule,
    site::{Inspected, Inspection, PublicFile, Site},
    urls::{self, Form, Reference, Role},
};

/// Judges what is on the pages of a site.
pub(super) struct Judge<'a> {
    pub(super) site: &'a Site,
    pub(super) now: SystemTime,
    pub(super) places: Places<'a>,
    pub(super) targets: &'a Targets<'a>,
    /// The paths of the site.
    pub(super) paths: &'a [Known],
    /// The private files that pages may use.
    pub(super) private: &'a BTreeSet<String>,
}

/// Which pages are linked to, by others than themselves.
#[derive(Debug, Default)]
pub(super) struct Linking<'a> {
    paths: HashSet<&'a str>,
}

impl<'a> Linking<'a> {
    pub(super) fn add(&mut self, from: &str, to: &'a [Arc<Target>]) {
        let served = to.iter().filter_map(|target| target.served());
        self.paths.extend(served.filter(|to| *to != from));
    }
}

impl Judge<'_> {
    /// Renders a file and judges it, as far as it alone tells.
    pub(super) fn file(&self, file: &PublicFile) -> Judged {
        let (mut judged, used) = match self.site.inspect(file, self.now) {
            Inspection::Text(inspected) => return self.text(file, inspected),
            Inspection::Failed(diagnostic, used) => {
                let (severity, code, is_of_site) = (Severity::Error, "page", true);
                let findings = vec![Finding { severity, code, diagnostic, is_of_site }];
                (Judged { findings, ..Judged::default() }, used)
            }
            Inspection::Other(used) => (Judged::default(), used),
        };
        judged.used = self.private_of(used);
        judged
    }

    fn text(&self, file: &PublicFile, inspected: Inspected) -> Judged {
        let outline = Outline::of(&inspected);
        let member = Member { file, inspected, outline };
        let mut judged = Judged {
            findings: self.repeated_ids(&member),
            links: Some(member.outline.references.len()),
            is_for_people: member.is_for_people(),
            ..Judged::default()
        };
        self.references(&member, &mut judged);
        let Member { inspected: Inspected { used, .. }, outline, .. } = member;
        judged.used = if judged.waiting.is_empty() { self.private_of(used) } else { used };
        judged.anchors = outline.anchors;
        judged
    }

    fn private_of(&self, mut files: Vec<String>) -> Vec<String> {
        files.retain(|file| self.private.contains(file));
        files.shrink_to_fit();
        files
    }

    fn references(&self, member: &Member<'_>, judged: &mut Judged) {
        let own = member.file.path.encoded();
        let references = &member.outline.references;
        let base = references.iter().find(|reference| reference.role == Role::Base);
        // What is relative to a page of another host is not checked.
        let base = match base {
            Some(base) if *self.targets.of(&base.url, &own) == Target::Elsewhere => None,
            Some(base) => Some(urls::resolve(&own, urls::split(&base.url).0)),
            None => Some(own),
        };
        for reference in references {
            if reference.role == Role::Unfollowed {
                continue;
            }
            let form = Form::of(&reference.url);
            let relative = form == Form::Relative || form == Form::SamePage;
            let Some(base) = base.as_deref().or((!relative).then_some("/")) else { continue };
            self.reference(member, reference, form, base, judged);
        }
    }

    fn reference(
        &self,
        member: &Member<'_>,
        reference: &Reference,
        form: Form,
        base: &str,
        judged: &mut Judged,
    ) {
        let (fault, target) = if form == Form::SamePage && reference.role != Role::Base {
            (fault_within(member, reference), None)
        } else {
            let target = self.targets.of(&reference.url, base);
            (self.fault_of(member, reference, form, &target), Some(target))
        };
        if let Some(fault) = fault {
            let (severity, code) = fault.kind();
            let origin = Origin::of(member, reference);
            let message = fault.message(noun(reference.role), origin.written());
            let place = self.places.of_url(&origin, member.file, &member.inspected.used);
            judged.findings.push(Finding::at(severity, code, message, place, fault.help()));
        } else if let Some((target, fragment)) = target.clone().zip(fragment_of(reference))
            && matches!(*target, Target::Here(_))
            && !Anchors::default().has(fragment)
        {
            let (fragment, origin) = (fragment.to_owned(), Origin::of(member, reference));
            judged.waiting.push(Waiting { target, fragment, origin });
        }
        judged.leads.extend(target.filter(|target| target.served().is_some()));
    }

    /// What is wrong with a URL that leads to `target`, whatever part of it it names.
    fn fault_of(
        &self,
        member: &Member<'_>,
        reference: &Reference,
        form: Form,
        target: &Target,
    ) -> Option<Fault> {
        let is_page = matches!(reference.role, Role::Link | Role::Frame);
        match target {
            Target::Elsewhere => None,
            Target::Here(served) => {
                let is_unbuilt = |path: &str| self.targets.is_left_to_servers(path);
                if is_unbuilt(served) && !is_unbuilt(member.file.path.as_str()) {
                    return Some(Fault::Unbuilt);
                }
                let is_relative =
                    form == Form::Relative && self.site.is_for_many_paths(&member.file.name);
                is_relative.then_some(Fault::Relative)
            }
            Target::Moved(_, path) => Some(Fault::Redirected(path.clone())),
            // An application in the browser shows something for it.
            Target::Nothing(_) if is_page && self.site.fallback_file_name().is_some() => None,
            Target::Nothing(path) => Some(Fault::Broken(self.help_for(path))),
            Target::Unpublished(file, reason) => {
                Some(Fault::Unpublished(file.clone(), reason.clone()))
            }
            Target::Unusable => Some(Fault::NoPath),
        }
    }

    /// What is wrong with links of a file to parts of others, now that all are known, by their
    /// decoded paths.
    pub(super) fn waiting(
        &self,
        file: &PublicFile,
        judged: &Judged,
        anchors: &BTreeMap<&str, &Anchors>,
    ) -> Vec<Finding> {
        let finding = |Waiting { target, fragment, origin }: &Waiting| {
            let fault = fault_of_fragment(fragment, anchors.get(target.served()?)?)?;
            let (severity, code) = fault.kind();
            let message = fault.message("link", origin.written());
            let place = self.places.of_url(origin, file, &judged.used);
            Some(Finding::at(severity, code, message, place, fault.help()))
        };
        judged.waiting.iter().filter_map(finding).collect()
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
            let target = self.targets.of(&rule.to, "/");
            let Target::Nothing(path) = &*target else { return None };
            let (from, to) = (&rule.from, &rule.to);
            let message = format!("the redirect from `{from}` leads to `{to}`, where nothing is");
            let help = self.help_for(path);
            let code = "broken-redirect";
            let finding = Finding::at(Severity::Error, code, message, place.clone(), help);
            is_path.then_some(Finding { is_of_site: false, ..finding })
        };
        rules.iter().filter_map(finding).collect()
    }

    /// Files that no page uses, and pages that none links to.
    pub(super) fn unused<'a>(
        &self,
        files: impl Iterator<Item = &'a PublicFile>,
        linking: &Linking<'_>,
        used: &BTreeSet<&str>,
    ) -> Vec<Finding> {
        let note = |code, message: &str, file: &str, help: &str| {
            let place = Place::of_file(file);
            Finding::at(Severity::Note, code, message.to_owned(), place, help.to_owned())
        };
        let private = self.private.iter().filter(|file| !used.contains(file.as_str()));
        let private = private.map(|file| {
            let help = "delete it, or use it: no visitor gets a private file";
            note("unused-file", "no page uses this private file", file, help)
        });
        let unlinked = files.filter(|file| {
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
    let fragment = fragment_of(reference).filter(|_| is_own)?;
    fault_of_fragment(fragment, member.outline.anchors.as_ref().unwrap_or(&Anchors::default()))
}

/// What is wrong where a fragment names no part of the page that it leads to.
fn fault_of_fragment(fragment: &str, anchors: &Anchors) -> Option<Fault> {
    (!anchors.has(fragment)).then(|| Fault::no_anchor(fragment, anchors.names()))
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

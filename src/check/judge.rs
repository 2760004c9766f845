//! Judgement of the links of a page, and of files that no page uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    ops::Range,
};

use super::{
    finding::{Finding, Severity},
    member::Member,
    outline::Outline,
    targets::{Target, Targets},
};
use crate::{
    diagnostic::{
        Place,
        nearest::{Known, did_you_mean, nearest, nearest_few},
    },
    rules::RedirectRule,
    site::Site,
    urls::{self, Form, Reference, Role},
};

/// Lines shown around a place.
const LINES_AROUND: usize = 0;

/// Judges what is on the pages of a site.
pub(super) struct Judge<'a> {
    pub(super) site: &'a Site,
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
        let find = |severity, code, message: String, help: String| {
            Some(Finding::at(
                severity,
                code,
                message,
                self.place(member, &reference.range, &reference.url),
                help,
            ))
        };
        let (url, what) = (&reference.url, noun(reference.role));
        let is_page = matches!(reference.role, Role::Link | Role::Frame);
        let fragment = fragment_of(reference);
        if form == Form::SamePage && reference.role != Role::Base {
            let loads = !matches!(reference.role, Role::Link | Role::Other | Role::StyleFile);
            if url.is_empty() && loads {
                let help = "name a file, or leave the attribute out".to_owned();
                return find(Severity::Error, "empty-url", format!("the {what} has no URL"), help);
            }
            let is_own = matches!(reference.role, Role::Link | Role::Image);
            return is_own.then(|| self.anchor(member, reference, &member.outline, fragment?))?;
        }
        match self.targets.of(url, base) {
            Target::Elsewhere => None,
            Target::Here(served) => {
                let outline = self.outlines.get(&*served).filter(|outline| outline.has_names);
                leads.push(served);
                if form == Form::Relative && self.site.is_for_many_paths(&member.file.name) {
                    let message =
                        format!("the {what} `{url}` is relative on a page for many paths");
                    let help = "begin it with a slash, so that it leads to the same from each of \
                                them"
                        .to_owned();
                    return find(Severity::Warning, "relative-link", message, help);
                }
                self.anchor(member, reference, outline?, fragment?)
            }
            Target::Moved(served, path) => {
                leads.push(served);
                let message = format!("the {what} `{url}` is reached by a redirect");
                find(Severity::Warning, "redirected-link", message, format!("write `{path}`"))
            }
            // An application in the browser shows something for it.
            Target::Nothing(_) if is_page && self.site.fallback_file_name().is_some() => None,
            Target::Nothing(path) => {
                let message = format!("the {what} `{url}` leads nowhere");
                find(Severity::Error, "broken-link", message, self.help_for(&path))
            }
            Target::Unusable => {
                let message = format!("the {what} `{url}` is no path of a file");
                let help = "write it as browsers ask for it, with other characters than letters \
                            and digits as `%20`"
                    .to_owned();
                find(Severity::Error, "broken-link", message, help)
            }
        }
    }

    /// A fragment that names no part of the page that it leads to.
    fn anchor(
        &self,
        member: &Member<'_>,
        reference: &Reference,
        page: &Outline,
        fragment: &str,
    ) -> Option<Finding> {
        if page.has_anchor(fragment) {
            return None;
        }
        let message = format!("no element has the id `{}`", urls::decode(fragment));
        let near = nearest(fragment, page.anchors.iter().map(String::as_str));
        let help = near.map_or_else(
            || "give an element this `id`, or leave the part from `#` out".to_owned(),
            |near| did_you_mean(format_args!("#{near}")),
        );
        let place = self.place(member, &reference.range, &reference.url);
        Some(Finding::at(Severity::Error, "missing-anchor", message, place, help))
    }

    fn repeated_ids(&self, member: &Member<'_>) -> Vec<Finding> {
        let repeated = member.outline.repeated.iter();
        let finding = |(id, range): &(String, Range<usize>)| {
            let place = self.place(member, range, id);
            let message = format!("the id `{id}` is used twice on a page");
            let help = "links and labels reach the first one alone: give each its own".to_owned();
            Finding::at(Severity::Error, "repeated-id", message, place, help)
        };
        repeated.map(finding).collect()
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

    /// Where the bytes `range` of a page are written; where that is not known, where a file of
    /// the page has the `text` as often as it stands on the page until there.
    fn place(&self, member: &Member<'_>, range: &Range<usize>, text: &str) -> Place {
        let Some(place) = member.inspected.place(range.clone()) else {
            return self.place_of_text(member, range, text);
        };
        let source = self.site.source_text(&place.file);
        match source.filter(|source| source.get(place.range.clone()).is_some()) {
            Some(source) => Place::in_text(&place.file, &source, place.range, LINES_AROUND),
            None => Place::of_file(&place.file),
        }
    }

    fn place_of_text(&self, member: &Member<'_>, range: &Range<usize>, text: &str) -> Place {
        let own = &member.file.name;
        let references = member.outline.references.iter();
        let earlier = references.filter(|other| other.range.start < range.start);
        let mut left = earlier.filter(|other| other.url == text).count();
        let mut last = None;
        for file in iter::once(own).chain(member.inspected.used.iter().filter(|file| *file != own))
        {
            let Some(source) = self.site.source_text(file).filter(|_| !text.is_empty()) else {
                continue;
            };
            for (start, _) in source.match_indices(text).filter(|at| stands_alone(&source, *at)) {
                let place = Place::in_text(file, &source, start..start + text.len(), LINES_AROUND);
                if left == 0 {
                    return place;
                }
                left -= 1;
                last = Some(place);
            }
        }
        // A loop may have put it out more than once.
        last.unwrap_or_else(|| Place::of_file(own))
    }
}

/// Whether a text that was found in another is not just the middle of a longer URL.
fn stands_alone(source: &str, (start, text): (usize, &str)) -> bool {
    let is_of_url = |c: char| c.is_alphanumeric() || "/-_.~%#?&=".contains(c);
    let (before, after) = (&source[..start], &source[start + text.len()..]);
    !before.ends_with(is_of_url) && !after.starts_with(is_of_url)
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

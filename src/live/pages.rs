//! Open pages: what each is sent when it has changed.

use std::{
    collections::BTreeMap,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::{
    Patching,
    baseline::{Baseline, Baselines},
    check::{Check, Finding},
    known_errors::KnownErrors,
    message::{Hello, Message, Over},
    tab::{Exact, Tab, Tabs, Transition, View},
    turns::{Allowance, Candidate},
};
use crate::{
    http::request_head::RequestHead,
    site::{Dependencies, Kind, Sent, Snapshot},
};

/// The longest that a page may have been open; older ones are taken for so old.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What the pages of all tabs have in common.
pub(super) struct Pages {
    baselines: Baselines,
    errors: KnownErrors,
    patching: Patching,
    /// The time for rendering that hellos ask for.
    pub(super) hello_time: Allowance,
}

impl Pages {
    pub(super) fn new(print: Arc<dyn Fn(String) + Send + Sync>, patching: Patching) -> Self {
        let (baselines, errors) = (Baselines::default(), KnownErrors::new(print));
        Self { baselines, errors, patching, hello_time: Allowance::default() }
    }

    /// Begins to follow the page of a hello. Where hellos have used up their time, no page
    /// is rendered to compare with: the tab reloads, which is right as well.
    pub(super) fn on_hello(
        &mut self,
        tabs: &mut Tabs,
        id: u64,
        hello: &Hello,
        check: &mut Check<'_>,
    ) {
        let Some(tab) = tabs.get_mut(&id) else { return };
        // A version that the site has sent needs no rendering, so this is the common case. An
        // unknown one was sent before a restart, or was dropped since.
        let known = check.site.rendering(&hello.version);
        if known.is_none() && !self.hello_time.has_left() {
            tab.follow_coarsely(Dependencies::default());
            return tab.reload();
        }
        let now = SystemTime::now();
        let begun = Instant::now();
        let sent = known.as_ref().map(|sent| Arc::clone(&sent.rendering));
        let render = || check.site.render(&tab.caller.head_for(&hello.page), now);
        let Some(latest) = sent.or_else(render) else { return };
        if known.is_none() {
            self.hello_time.spend_since(begun);
        }
        // The request for the page has printed this error already.
        self.errors.note(&latest, shown(tabs));
        if latest.has_content_of(&hello.version) {
            let loaded = time_of_load(hello, known.as_ref(), now);
            return self.follow(tabs, id, hello, &latest, loaded, check);
        }
        let Some(tab) = tabs.get_mut(&id) else { return };
        tab.follow_coarsely(latest.dependencies().clone());
        if latest.kind() == Kind::Error {
            // What it shows is better than nothing, until the error is fixed.
            tab.show_overlay(&latest);
        } else {
            // The document to patch from is gone: the server was restarted, or has dropped it.
            tab.reload();
        }
    }

    /// Follows a tab exactly that shows `latest`, if there is room for that.
    fn follow(
        &mut self,
        tabs: &mut Tabs,
        id: u64,
        hello: &Hello,
        latest: &Arc<Snapshot>,
        loaded: SystemTime,
        check: &mut Check<'_>,
    ) {
        let Some(tab) = tabs.get_mut(&id) else { return };
        let is_current = check.is_current(latest.dependencies());
        if !is_current && !self.hello_time.has_left() {
            tab.follow_coarsely(check.restamp(latest.dependencies()));
            return tab.reload();
        }
        // Without memory for a tree to compare with, the tab reloads on each change instead.
        let baseline = self.baselines.get(latest);
        let share = self.baselines.share_for_head(tab.caller.head_bytes(&hello.page));
        let (Some(baseline), Some(share)) = (baseline, share) else {
            tab.follow_coarsely(check.restamp(latest.dependencies()));
            return if is_current { tab.send(&Message::Current) } else { tab.reload() };
        };
        tab.view = View::Exact(Exact {
            baseline: Some(baseline),
            latest: Arc::clone(latest),
            loaded,
            page: hello.page.clone(),
            is_answered: false,
            _share: share,
        });
        // Its files may have changed while the page was on its way.
        let begun = Instant::now();
        self.check_group(tabs, &[id], check);
        if !is_current {
            self.hello_time.spend_since(begun);
        }
        let exact = tabs.get(&id).and_then(Tab::exact);
        if let Some(baseline) = exact.and_then(|exact| exact.baseline.as_ref()) {
            baseline.prepare(check.site);
        }
    }

    /// Checks what is followed exactly, the tabs with the same newest snapshot together.
    pub(super) fn check(&mut self, tabs: &mut Tabs, check: &mut Check<'_>) {
        let mut groups: BTreeMap<Box<str>, Vec<u64>> = BTreeMap::new();
        for (id, tab) in &*tabs {
            if let Some(exact) = tab.exact() {
                groups.entry(exact.latest.version().into()).or_default().push(*id);
            }
        }
        let mut candidates = Vec::new();
        for (version, ids) in &groups {
            let exact = ids.first().and_then(|id| tabs.get(id)?.exact());
            let Some(latest) = exact.map(|exact| &exact.latest) else { continue };
            if !check.is_due(version, latest) {
                continue;
            }
            if check.is_unchanged(latest) {
                // It costs no rendering.
                self.check_group(tabs, ids, check);
            } else {
                candidates.push(Candidate::new(version, latest.dependencies()));
            }
        }
        for group in check.order(candidates) {
            if let Some(ids) = groups.get(&group.key).filter(|_| check.takes(&group)) {
                self.check_group(tabs, ids, check);
            }
        }
    }

    /// Checks what some tabs show that have the same newest snapshot. Where that ends in
    /// a panic, they reload, and are followed no more; all others go on.
    fn check_group(&mut self, tabs: &mut Tabs, ids: &[u64], check: &mut Check<'_>) {
        let examine = AssertUnwindSafe(|| self.examine_group(tabs, ids, check));
        if catch_unwind(examine).is_err() {
            for_each(tabs, ids, |tab| {
                tab.reload();
                tab.view = View::Unknown;
            });
        }
    }

    fn examine_group(&mut self, tabs: &mut Tabs, ids: &[u64], check: &mut Check<'_>) {
        let Some(tab) = ids.first().and_then(|id| tabs.get(id)) else { return };
        let (Some(exact), Some(head)) = (tab.exact(), tab.head()) else { return };
        let latest = Arc::clone(&exact.latest);
        let render =
            |head: &RequestHead, check: &Check<'_>| check.site.render(head, SystemTime::now());
        let next = match check.examine(latest.version(), &latest, |check| render(&head, check)) {
            Finding::Current => return for_each(tabs, ids, Tab::confirm),
            Finding::Unsettled(_) => return,
            Finding::Same(next) | Finding::Changed(next) => next,
        };
        if latest.head().is_some() || next.head().is_none() {
            return self.move_to(tabs, ids, &next, check);
        }
        // It reads its request by now, and each tab has one of its own.
        for (n, id) in ids.iter().enumerate() {
            if n > 0 && !check.has_time() {
                return check.pass_over(latest.version());
            }
            let head = tabs.get(id).and_then(Tab::head);
            if let Some(next) = head.and_then(|head| render(&head, check)) {
                self.move_to(tabs, &[*id], &next, check);
            }
        }
    }

    /// Sends tabs, all with the same newest snapshot, what leads to the next one.
    fn move_to(
        &mut self,
        tabs: &mut Tabs,
        ids: &[u64],
        next: &Arc<Snapshot>,
        check: &mut Check<'_>,
    ) {
        let mut to_patch: Vec<(Rc<Baseline>, Vec<u64>)> = Vec::new();
        let mut new_url = None;
        for id in ids {
            let Some(tab) = tabs.get_mut(id) else { continue };
            let Some(exact) = tab.exact_mut() else { continue };
            let transition = exact.transition_to(next, self.patching);
            let before = mem::replace(&mut exact.latest, Arc::clone(next));
            match transition {
                Transition::Stay => {}
                Transition::Patch => {
                    let baseline = exact.baseline.take();
                    baseline.into_iter().for_each(|baseline| add_to(&mut to_patch, baseline, *id));
                }
                Transition::Reload => {
                    match new_url.get_or_insert_with(|| find_renamed(&before, next, check)) {
                        Some(url) => tab.leave(&Message::Navigate { url }),
                        None => tab.reload(),
                    }
                }
                Transition::ShowOverlay => tab.show_overlay(next),
                Transition::HideOverlay => tab.send(&Message::Fixed),
            }
        }
        for (baseline, ids) in to_patch {
            self.patch(tabs, baseline, &ids, next, check);
        }
        for_each(tabs, ids, Tab::confirm);
        self.errors.print(next, shown(tabs));
    }

    /// Makes `next` of a baseline in all tabs that have it.
    fn patch(
        &mut self,
        tabs: &mut Tabs,
        baseline: Rc<Baseline>,
        ids: &[u64],
        next: &Arc<Snapshot>,
        check: &Check<'_>,
    ) {
        let Some((patch, baseline)) = self.baselines.advance(baseline, next, check.site) else {
            return for_each(tabs, ids, Tab::reload);
        };
        let over = match self.patching {
            Patching::Always => Over::Anything,
            _ if patch.concerns_scripts() => return for_each(tabs, ids, Tab::reload),
            _ if patch.has_scripts() => Over::Scripts,
            _ => Over::Markup,
        };
        let text = Message::Patch { to: next.version(), over, ops: &patch }.text();
        for_each(tabs, ids, |tab| {
            if let Some(exact) = tab.exact_mut() {
                exact.baseline = Some(Rc::clone(&baseline));
                tab.send_text(Arc::clone(&text));
            }
        });
    }
}

/// Where a page is now that has another name. Finding it takes a walk over all files.
fn find_renamed(before: &Snapshot, next: &Snapshot, check: &Check<'_>) -> Option<String> {
    let is_of_path = !matches!(before.kind(), Kind::Fallback | Kind::FallbackPage);
    let may_be_renamed = is_of_path && next.kind() != Kind::Page;
    let hints = check.settling.notified();
    may_be_renamed.then(|| check.site.renamed(before, hints, SystemTime::now())).flatten()
}

/// The newest snapshots of all tabs.
fn shown(tabs: &Tabs) -> impl Iterator<Item = &Arc<Snapshot>> {
    tabs.values().filter_map(Tab::exact).map(|exact| &exact.latest)
}

fn for_each(tabs: &mut Tabs, ids: &[u64], mut act: impl FnMut(&mut Tab)) {
    for id in ids {
        tabs.get_mut(id).into_iter().for_each(&mut act);
    }
}

/// Adds a tab to those that have the same baseline.
fn add_to(groups: &mut Vec<(Rc<Baseline>, Vec<u64>)>, baseline: Rc<Baseline>, id: u64) {
    match groups.iter_mut().find(|(other, _)| Rc::ptr_eq(other, &baseline)) {
        Some((_, ids)) => ids.push(id),
        None => groups.push((baseline, vec![id])),
    }
}

/// This many milliseconds before `now`.
pub(super) fn time_before(now: SystemTime, ms: Option<f64>) -> Option<SystemTime> {
    let age = Duration::try_from_secs_f64(ms? / 1000.0).ok()?;
    now.checked_sub(age.min(MAX_AGE))
}

/// When a page began to load, in doubt long ago.
fn time_of_load(hello: &Hello, known: Option<&Sent>, now: SystemTime) -> SystemTime {
    let begun = time_before(now, hello.age);
    // The clock of a computer that sleeps may stand still.
    let loaded = begun.into_iter().chain(known.and_then(|sent| sent.at)).min();
    loaded.unwrap_or(SystemTime::UNIX_EPOCH)
}

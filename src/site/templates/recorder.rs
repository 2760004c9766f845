//! Records what one render looks up, as the template loader goes.
//!
//! The template engine hands the loader nothing of the render that asks, so the
//! record lies beside it, in the thread: a render begins and ends on one.

use std::{
    cell::RefCell,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::SystemTime,
};

use minijinja::Value;

use crate::dates::{Date, Zone};
use crate::http::base_path::BasePath;
use crate::site::{
    files::{
        dependencies::{Dependencies, Read},
        folder::Folder,
        listing::{Listed, Listing},
        stamp::FileStamp,
    },
    settings::{CurrentSettings, SettingsAt},
};

/// What a template takes besides its text.
const TEMPLATE_BYTES: u64 = 1024;

/// More warnings of one render help nobody.
const MAX_WARNINGS: usize = 20;

/// What a render used.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// The files that it looked up, the page itself first.
    pub(crate) dependencies: Dependencies,
    /// How many times a file was read and compiled.
    pub(crate) loads: usize,
    /// The bytes of these, about.
    pub(crate) loaded_bytes: u64,
    /// Whether it read the request: then the page is for that request alone.
    pub(crate) uses_request: bool,
    /// Whether it read the clock: then it is made for each request, and is the same for
    /// all requests of one moment.
    pub(crate) uses_clock: bool,
    /// Whether it went through all of a request that is not known.
    pub(crate) enumerates_request: bool,
    /// Whether it took something at random: then it is made for each request, too.
    pub(crate) uses_chance: bool,
    /// What its author should know although it came to an end; each once.
    pub(crate) warnings: Vec<String>,
    /// Whether it failed with its deadline passed: another may not.
    pub(crate) is_late: bool,
    /// Whether it failed as it met Markdown, for which sources and values need marks.
    pub(crate) meets_markdown: bool,
    /// The line end of the page's last line, which its template goes without.
    pub(crate) line_end: &'static str,
}

/// When a page is made, and what else of the moment it may depend on.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) now: SystemTime,
    pub(crate) settings: Arc<SettingsAt>,
    pub(crate) base_path: BasePath,
    /// Of what it takes at random; without one, each render takes something else.
    pub(crate) seed: Option<u64>,
}

impl Default for Moment {
    /// No moment of a request, and no settings.
    fn default() -> Self {
        Self {
            now: SystemTime::UNIX_EPOCH,
            settings: Arc::default(),
            base_path: BasePath::default(),
            seed: None,
        }
    }
}

/// The render that goes on in a thread.
#[derive(Debug, Default)]
struct Current {
    /// Where it finds files.
    folder: Option<Arc<Folder>>,
    /// What was just seen of the files that it will look up, where that is known.
    known: Option<Arc<Dependencies>>,
    moment: Moment,
    /// Whether sources and values come with marks.
    is_marked: bool,
    recording: Recording,
    /// What the template of the page sees.
    context: Option<Value>,
    /// The pages whose content is being made for it, each for the one before.
    parts: Vec<Arc<str>>,
}

thread_local! {
    static CURRENT: RefCell<Current> = RefCell::default();
    /// How many renders this thread has begun.
    #[cfg(test)]
    pub(crate) static RENDERS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Does `work` at a `moment`, with templates of `folder`, and returns what it has read. Names
/// among those that are `known` are not checked again.
pub(crate) fn record<T>(
    folder: &Arc<Folder>,
    known: Option<Arc<Dependencies>>,
    moment: Moment,
    work: impl FnOnce() -> T,
) -> (T, Recording) {
    // What a render left behind that ended in a panic goes here.
    let (folder, recording) = (Some(Arc::clone(folder)), Recording::default());
    CURRENT.set(Current { folder, known, moment, recording, ..Current::default() });
    let done = work();
    (done, CURRENT.take().recording)
}

/// The stamp of this file, where the current render has used it already. It then goes on
/// with what it has: a page is made from one state of each file.
pub(crate) fn used_stamp(name: &str) -> Option<FileStamp> {
    CURRENT.with_borrow(|current| {
        let mut used = current.recording.dependencies.used();
        used.find(|(used, _)| ***used == *name).map(|(_, stamp)| stamp)
    })
}

/// What was looked up for a list: by this render, else where that is known.
pub(crate) fn listing(listed: &Listed) -> Option<Arc<Listing>> {
    CURRENT.with_borrow(|current| {
        let known = || current.known.as_ref()?.listing(listed);
        current.recording.dependencies.listing(listed).or_else(known).map(Arc::clone)
    })
}

/// Notes what the template of the page sees.
pub(crate) fn set_context(context: &Value) {
    CURRENT.with_borrow_mut(|current| current.context = Some(context.clone()));
}

/// What the template of the page sees.
pub(crate) fn context() -> Option<Value> {
    CURRENT.with_borrow(|current| current.context.clone())
}

/// The pages whose content is being made for this one, each for the one before.
pub(crate) fn parts() -> Vec<Arc<str>> {
    CURRENT.with_borrow(|current| current.parts.clone())
}

/// Begins the content of another page.
pub(crate) fn enter_part(name: Arc<str>) {
    CURRENT.with_borrow_mut(|current| current.parts.push(name));
}

/// Ends the content that began last.
pub(crate) fn leave_part() {
    CURRENT.with_borrow_mut(|current| current.parts.pop());
}

/// The bytes of the templates that were compiled for this render until now, about.
pub(crate) fn loaded_bytes() -> u64 {
    CURRENT.with_borrow(|current| current.recording.loaded_bytes)
}

/// The folder of the current render.
pub(crate) fn folder() -> Option<Arc<Folder>> {
    CURRENT.with_borrow(|current| current.folder.clone())
}

/// What stands under `name`: as it is known, else as it is now.
pub(crate) fn stamp(name: &str) -> Option<FileStamp> {
    CURRENT.with_borrow(|current| {
        let known = current.known.as_ref().and_then(|known| known.stamp(name));
        known.unwrap_or_else(|| current.folder.as_ref()?.stamp(name))
    })
}

/// Notes what was looked up.
pub(crate) fn note(add: impl FnOnce(&mut Dependencies)) {
    CURRENT.with_borrow_mut(|current| add(&mut current.recording.dependencies));
}

/// Notes a file that [`used_stamp`] does not know yet, and the line end that its template goes
/// without.
pub(crate) fn used(file: &Read, line_end: &'static str) {
    CURRENT.with_borrow_mut(|Current { recording, .. }| {
        // The first is the page.
        if recording.dependencies.used().next().is_none() {
            recording.line_end = line_end;
        }
        recording.dependencies.add_file(file);
    });
}

/// Notes that a file was compiled for this render.
pub(crate) fn loaded(file: &Read) {
    CURRENT.with_borrow_mut(|Current { recording, .. }| {
        recording.loads += 1;
        recording.loaded_bytes += template_bytes(file.stamp);
    });
}

/// Notes that the render meets Markdown, for which sources and values need marks.
pub(crate) fn met_markdown() {
    CURRENT.with_borrow_mut(|current| current.recording.meets_markdown = true);
}

/// Whether a part of the page has met Markdown, which is known now.
pub(crate) fn take_met_markdown() -> bool {
    CURRENT.with_borrow_mut(|current| std::mem::take(&mut current.recording.meets_markdown))
}

/// Does `work` in which sources and values come with marks, or do not.
pub(crate) fn with_marks<T>(are_marked: bool, work: impl FnOnce() -> T) -> T {
    let before =
        CURRENT.with_borrow_mut(|current| std::mem::replace(&mut current.is_marked, are_marked));
    let done = work();
    CURRENT.with_borrow_mut(|current| current.is_marked = before);
    done
}

/// Whether they do.
pub(crate) fn is_marked() -> bool {
    CURRENT.with_borrow(|current| current.is_marked)
}

/// Notes what the author of the page should know.
pub(crate) fn warn(warning: String) {
    CURRENT.with_borrow_mut(|Current { recording, .. }| {
        if recording.warnings.len() < MAX_WARNINGS && !recording.warnings.contains(&warning) {
            recording.warnings.push(warning);
        }
    });
}

/// Notes that the render reads the request.
pub(crate) fn used_request() {
    CURRENT.with_borrow_mut(|current| current.recording.uses_request = true);
}

/// The moment at which the render began, which it then depends on.
pub(crate) fn now() -> SystemTime {
    CURRENT.with_borrow_mut(|current| {
        current.recording.uses_clock = true;
        current.moment.now
    })
}

/// The settings with which the render began, on which it then depends.
pub(crate) fn settings() -> Arc<CurrentSettings> {
    CURRENT.with_borrow_mut(|Current { moment, recording, .. }| {
        let settings = moment.settings.get();
        settings.add_to(&mut recording.dependencies);
        Arc::clone(settings)
    })
}

/// The path below which the site is served.
pub(crate) fn base_path() -> BasePath {
    CURRENT.with_borrow(|current| current.moment.base_path.clone())
}

/// The zone in which the render shows dates.
pub(crate) fn zone() -> Zone {
    settings().settings.timezone.clone()
}

/// Whether pages of this `date` are public. The page that is rendered depends on that.
pub(crate) fn has_come(date: Date) -> bool {
    CURRENT.with_borrow_mut(|Current { moment, recording, .. }| {
        let settings = moment.settings.get();
        // A time without an offset is that of the settings.
        if matches!(date, Date::Local(_)) {
            settings.add_to(&mut recording.dependencies);
        }
        let from = date.is_public_from(&settings.settings.timezone);
        if from > moment.now {
            recording.dependencies.hold_until(from);
            return false;
        }
        recording.dependencies.hold_since(from);
        true
    })
}

/// Notes that the render goes through all of a request that is not known.
pub(crate) fn enumerated_request() {
    CURRENT.with_borrow_mut(|current| current.recording.enumerates_request = true);
}

/// A seed for what the render takes at random, on which it then depends. It is not 0.
pub(crate) fn seed() -> u64 {
    let seed = CURRENT.with_borrow_mut(|current| {
        current.recording.uses_chance = true;
        current.moment.seed
    });
    seed.unwrap_or_else(|| RandomState::new().build_hasher().finish()).max(1)
}

/// Notes that the render has failed, and whether its deadline has passed.
pub(crate) fn failed(is_late: bool) {
    CURRENT.with_borrow_mut(|current| current.recording.is_late = is_late);
}

impl Recording {
    /// Those of a page that needs no other file.
    pub(crate) fn of(page: &Read) -> Self {
        let mut dependencies = Dependencies::default();
        dependencies.add_file(page);
        Self { dependencies, ..Self::default() }
    }

    /// Whether it serves every request, as long as what it used stays.
    pub(crate) fn is_for_all(&self) -> bool {
        !self.uses_request && !self.uses_clock && !self.uses_chance
    }

    /// What is said at the terminal of a page, with what else there is to say.
    pub(crate) fn message_with(&self, warning: Option<String>) -> Option<String> {
        let warnings: Vec<String> = self.warnings.iter().cloned().chain(warning).collect();
        (!warnings.is_empty()).then(|| warnings.join("\n"))
    }

    /// What the files it used take as templates, in bytes, about.
    pub(crate) fn bytes(&self) -> u64 {
        self.dependencies.used().map(|(_, stamp)| template_bytes(stamp)).sum()
    }
}

fn template_bytes(stamp: FileStamp) -> u64 {
    stamp.size() + TEMPLATE_BYTES
}

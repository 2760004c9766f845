//! The settings that pages see, followed in their file while the site is served.
//!
//! Knows no configuration: it has a path to look at, and something that loads the settings
//! anew.

use std::{
    collections::BTreeMap,
    fmt,
    path::{self, Path},
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use minijinja::{Value, value::Serde};
use serde::Serialize;

use crate::{
    dates::Zone,
    site::files::{
        dependencies::Dependencies,
        stamp::{FileStamp, ms},
    },
};

/// The settings that pages see.
#[derive(Clone, Debug, Default)]
pub struct SiteSettings {
    /// The table `site`.
    pub values: SiteValues,
    /// The zone of times without an offset, and in which dates are shown.
    pub timezone: Zone,
    /// Where the site is known in public, such as `https://example.com`.
    pub url: Option<String>,
}

/// The table `site`: values of the configuration for every page.
#[derive(Clone, Debug)]
pub struct SiteValues(Value);

impl SiteValues {
    /// Takes a table over, such as that of a configuration file.
    pub fn new<T: Serialize>(table: &T) -> Self {
        Self(Value::from(Serde(table)))
    }

    /// The table as templates see it.
    pub(crate) fn value(&self) -> Value {
        self.0.clone()
    }
}

impl Default for SiteValues {
    /// An empty table.
    fn default() -> Self {
        Self(Value::from_pairs(BTreeMap::<String, Value>::new()))
    }
}

/// What loading the settings anew has come to.
#[derive(Debug)]
pub struct Reloaded {
    /// The new settings; `None` where the old ones have to do.
    pub settings: Option<SiteSettings>,
    /// What to say about it at the terminal.
    pub message: Option<String>,
}

/// Where the settings come from.
#[derive(Debug)]
pub struct Settings {
    source: Option<Source>,
    current: RwLock<Arc<CurrentSettings>>,
}

/// A file that holds settings.
struct Source {
    path: Arc<Path>,
    load: Box<dyn Fn() -> Reloaded + Send + Sync>,
    print: Box<dyn Fn(String) + Send + Sync>,
    /// What was said last; locked while the file is loaded.
    said: Mutex<Option<String>>,
    /// When the file was last looked at, in ms since 1970.
    checked_ms: AtomicU64,
}

/// The settings with the state of the file that they are from.
#[derive(Debug, Default)]
pub(crate) struct CurrentSettings {
    pub(crate) settings: SiteSettings,
    /// The file and its stamp, where they are from one.
    file: Option<(Arc<Path>, Option<FileStamp>)>,
    /// Whether any later change of the file shows in its stamp.
    is_settled: bool,
}

/// The settings at one moment, looked for when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct SettingsAt {
    /// Where they are from, the moment, and how old a look at the file may be.
    source: Option<(Arc<Settings>, SystemTime, Duration)>,
    current: OnceLock<Arc<CurrentSettings>>,
}

impl Settings {
    /// Settings that stay as they are.
    pub fn fixed(settings: SiteSettings) -> Self {
        let current = CurrentSettings { settings, file: None, is_settled: true };
        Self { source: None, current: RwLock::new(Arc::new(current)) }
    }

    /// The `settings` that were just read from the file at `path`, which may also be missing.
    /// When it changes, `load` loads them anew, from wherever else they are as well, and
    /// `print` is told what that says.
    pub fn of_file(
        path: &Path,
        settings: SiteSettings,
        load: impl Fn() -> Reloaded + Send + Sync + 'static,
        print: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        let path: Arc<Path> = path::absolute(path).map_or_else(|_| path.into(), Arc::from);
        let stamp = FileStamp::at(&path);
        // It may have changed since it was read.
        let file = Some((Arc::clone(&path), stamp));
        let current = CurrentSettings { settings, file, is_settled: stamp.is_none() };
        let (said, checked_ms) = (Mutex::default(), AtomicU64::default());
        let source =
            Source { path, load: Box::new(load), print: Box::new(print), said, checked_ms };
        Self { source: Some(source), current: RwLock::new(Arc::new(current)) }
    }

    /// The settings at `now`. Costs one `stat`, where the last is older than `interval`.
    pub(crate) fn current(&self, now: SystemTime, interval: Duration) -> Arc<CurrentSettings> {
        let current = self.last();
        let Some(source) = &self.source else { return current };
        let age_ms = ms(now).abs_diff(source.checked_ms.load(Ordering::Relaxed));
        if Duration::from_millis(age_ms) < interval {
            return current;
        }
        source.checked_ms.store(ms(now), Ordering::Relaxed);
        match current.is_of(FileStamp::at(&source.path)) {
            true => current,
            false => self.reload(source),
        }
    }

    /// Looks at the file now, whoever uses the settings.
    pub(crate) fn follow(&self) {
        self.current(SystemTime::now(), Duration::ZERO);
    }

    /// The settings as they were last loaded.
    pub(crate) fn last(&self) -> Arc<CurrentSettings> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self, source: &Source) -> Arc<CurrentSettings> {
        let mut said = source.said.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, stamp) = (self.last(), FileStamp::at(&source.path));
        // Another thread may have come first.
        if last.is_of(stamp) {
            return last;
        }
        let is_settled = stamp.is_none_or(|stamp| stamp.is_settled_at(SystemTime::now()));
        let Reloaded { settings, message } = (source.load)();
        let is_empty = stamp.is_some_and(|stamp| stamp.size() == 0);
        if !is_settled && (settings.is_none() || is_empty) {
            // It may be half of a save. The next look tells.
            return last;
        }
        if let Some(message) = message.clone().filter(|_| *said != message) {
            (source.print)(message);
        }
        *said = message;
        let settings = settings.unwrap_or_else(|| last.settings.clone());
        let file = Some((Arc::clone(&source.path), stamp));
        let current = Arc::new(CurrentSettings { settings, file, is_settled });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&current);
        current
    }
}

impl SettingsAt {
    /// The settings of `source` at `now`, as [`Settings::current`] has them.
    pub(crate) fn new(source: &Arc<Settings>, now: SystemTime, interval: Duration) -> Self {
        let source = Some((Arc::clone(source), now, interval));
        Self { source, current: OnceLock::new() }
    }

    /// The settings: the same ones each time.
    pub(crate) fn get(&self) -> &Arc<CurrentSettings> {
        self.current.get_or_init(|| match &self.source {
            Some((source, now, interval)) => source.current(*now, *interval),
            None => Arc::default(),
        })
    }
}

impl CurrentSettings {
    fn is_of(&self, stamp: Option<FileStamp>) -> bool {
        self.is_settled && self.file.as_ref().is_some_and(|(_, own)| *own == stamp)
    }

    /// Notes that something depends on these settings.
    pub(crate) fn add_to(&self, dependencies: &mut Dependencies) {
        if let Some((path, stamp)) = &self.file {
            dependencies.add_outside(path, *stamp);
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::fixed(SiteSettings::default())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}

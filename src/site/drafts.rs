//! Drafts and pages of the future: who gets them, and how they are marked.

use std::{fmt, time::SystemTime};

use crate::site::{
    Site, cache,
    files::{
        dependencies::Dependencies,
        folder::{Folder, OpenFile},
        stamp::FileStamp,
    },
    metadata::{keys::Keys, store::Described},
    naming::FileKind,
    representation::stored::StoredRepresentation,
    request_context::RequestContext,
    settings::CurrentSettings,
};

/// Why a page is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpublished {
    /// By `draft: true`.
    Draft,
    /// Its date is still to come: it is public from this time on.
    Future(SystemTime, String),
}

impl Unpublished {
    /// Of the page with these keys at `now`.
    pub(crate) fn of(keys: &Keys, settings: &CurrentSettings, now: SystemTime) -> Option<Self> {
        if keys.draft {
            return Some(Self::Draft);
        }
        let zone = &settings.settings.timezone;
        let date = keys.date?;
        let from = date.is_public_from(zone);
        (from > now).then(|| Self::Future(from, date.text(zone)))
    }
}

impl fmt::Display for Unpublished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft => f.write_str("draft"),
            Self::Future(_, date) => write!(f, "public from {date}"),
        }
    }
}

impl Site {
    /// Why visitors do not get the page with these keys at `now`, if they do not.
    pub(crate) fn unpublished(&self, keys: &Keys, now: SystemTime) -> Option<Unpublished> {
        if self.shows_unpublished || !keys.may_be_hidden() {
            return None;
        }
        let settings = self.settings.current(now, cache::interval(self.production));
        Unpublished::of(keys, &settings, now)
    }

    /// Why visitors do not get the file `name`, which has this `stamp`, if they do not.
    pub(crate) fn unpublished_file(
        &self,
        name: &str,
        stamp: Option<FileStamp>,
        folder: &Folder,
        now: SystemTime,
    ) -> Option<Unpublished> {
        if !self.may_hide(name) {
            return None;
        }
        let described = self.metadata.get(name, stamp, folder)?;
        self.unpublished(&described.metadata.keys, now)
    }

    /// Whether a visitor does not get the file `name`.
    pub(crate) fn hides_name(&self, name: &str, asked: RequestContext<'_>) -> bool {
        let stamp = asked.folder.stamp(name);
        self.unpublished_file(name, stamp, asked.folder, asked.now).is_some()
    }

    /// Whether a visitor does not get the file.
    pub(crate) fn hides(&self, file: &OpenFile, asked: RequestContext<'_>) -> bool {
        self.may_hide(&file.name) && {
            let described = self.metadata.of_open(file);
            self.unpublished(&described.metadata.keys, asked.now).is_some()
        }
    }

    /// Whether a visitor does not get the file, so that another may have its path. Notes for
    /// that how long it is so.
    pub(crate) fn passes_over(
        &self,
        file: &OpenFile,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> bool {
        self.may_hide(&file.name)
            && self.passes_over_page(&self.metadata.of_open(file), dependencies, asked)
    }

    /// The same of the file `name`, which has this `stamp`.
    pub(crate) fn passes_over_name(
        &self,
        name: &str,
        stamp: Option<FileStamp>,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> bool {
        let get = || self.metadata.get(name, stamp, asked.folder);
        let described = if self.may_hide(name) { get() } else { None };
        described.is_some_and(|described| self.passes_over_page(&described, dependencies, asked))
    }

    fn may_hide(&self, name: &str) -> bool {
        !self.shows_unpublished && self.naming.kind(name) != FileKind::Asset
    }

    /// The same of a page as it was read.
    pub(crate) fn passes_over_page(
        &self,
        page: &Described,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> bool {
        let Some(reason) = self.unpublished(&page.metadata.keys, asked.now) else { return false };
        dependencies.add_refused(&page.file);
        self.hold(&reason, dependencies, asked);
        true
    }

    /// Notes until when a page is not public.
    fn hold(
        &self,
        reason: &Unpublished,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) {
        if let Unpublished::Future(from, _) = reason {
            self.settings.current(asked.now, cache::interval(self.production)).add_to(dependencies);
            dependencies.hold_until(*from);
        }
    }

    /// Marks what the page of the file `name`, one of those in `reads`, is served as, for the
    /// log, where only authors get it. Notes until when that is so.
    pub(crate) fn mark_unpublished(
        &self,
        name: &str,
        reads: &Dependencies,
        stored: &mut StoredRepresentation,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) {
        if !self.shows_unpublished {
            return;
        }
        let stamp = reads.stamp(name).unwrap_or_else(|| asked.folder.stamp(name));
        let Some(described) = self.metadata.get(name, stamp, asked.folder) else { return };
        let keys = &described.metadata.keys;
        if !keys.may_be_hidden() {
            return;
        }
        let settings = self.settings.current(asked.now, cache::interval(self.production));
        let Some(reason) = Unpublished::of(keys, &settings, asked.now) else { return };
        self.hold(&reason, dependencies, asked);
        if let Some(source) = &mut stored.note.source {
            *source = format!("{source} ({reason})");
        }
    }
}

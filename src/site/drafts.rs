//! Drafts and pages of the future: who gets them, and how they are marked.

use std::time::SystemTime;

use crate::{
    dates::Date,
    site::{
        Site, cache,
        files::{
            dependencies::Dependencies,
            folder::{Folder, OpenFile},
            stamp::FileStamp,
        },
        metadata::keys::Keys,
        naming::FileKind,
        representation::stored::StoredRepresentation,
        request_context::RequestContext,
        settings::CurrentSettings,
    },
};

/// Why a page is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpublished {
    /// By `draft: true`.
    Draft,
    /// Its date is still to come.
    Future(Date),
}

impl Unpublished {
    /// Of the page with these keys at `now`.
    pub(crate) fn of(keys: &Keys, settings: &CurrentSettings, now: SystemTime) -> Option<Self> {
        if keys.draft {
            return Some(Self::Draft);
        }
        let zone = &settings.settings.timezone;
        keys.date.filter(|date| date.is_public_from(zone) > now).map(Self::Future)
    }
}

impl Site {
    /// Why visitors do not get the page with these keys at `now`, if they do not.
    pub(crate) fn unpublished(&self, keys: &Keys, now: SystemTime) -> Option<Unpublished> {
        if self.shows_unpublished || (!keys.draft && keys.date.is_none()) {
            return None;
        }
        let settings = self.settings.current(now, cache::interval(self.production));
        Unpublished::of(keys, &settings, now)
    }

    /// When a page that is [`Unpublished`] becomes public, and that time in words; never a draft.
    pub(crate) fn due(&self, reason: Unpublished, now: SystemTime) -> Option<(SystemTime, String)> {
        let Unpublished::Future(date) = reason else { return None };
        let settings = self.settings.current(now, cache::interval(self.production));
        let zone = &settings.settings.timezone;
        Some((date.is_public_from(zone), date.text(zone)))
    }

    /// Why visitors do not get the file `name`, which has this `stamp`, if they do not.
    pub(crate) fn unpublished_file(
        &self,
        name: &str,
        stamp: Option<FileStamp>,
        folder: &Folder,
        now: SystemTime,
    ) -> Option<Unpublished> {
        if self.shows_unpublished || self.naming.kind(name) == FileKind::Asset {
            return None;
        }
        let described = self.metadata.get(name, stamp, folder)?;
        self.unpublished(&described.metadata.keys, now)
    }

    /// Whether a visitor does not get the file.
    pub(crate) fn hides(&self, file: &OpenFile, asked: RequestContext<'_>) -> bool {
        self.unpublished_file(&file.name, Some(file.stamp), asked.folder, asked.now).is_some()
    }

    /// Marks what the page of the file `name` is served as, for the log, where only authors
    /// get it. Notes until when that is so.
    pub(crate) fn mark_unpublished(
        &self,
        name: &str,
        stored: &mut StoredRepresentation,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) {
        if !self.shows_unpublished {
            return;
        }
        let described = self.metadata.get(name, asked.folder.stamp(name), asked.folder);
        let Some(described) = described else { return };
        let settings = self.settings.current(asked.now, cache::interval(self.production));
        let mark = match Unpublished::of(&described.metadata.keys, &settings, asked.now) {
            None => return,
            Some(Unpublished::Draft) => "draft".to_owned(),
            Some(Unpublished::Future(date)) => {
                let zone = &settings.settings.timezone;
                settings.add_to(dependencies);
                dependencies.hold_until(date.is_public_from(zone));
                format!("public from {}", date.text(zone))
            }
        };
        if let Some(source) = &mut stored.note.source {
            *source = format!("{source} ({mark})");
        }
    }
}

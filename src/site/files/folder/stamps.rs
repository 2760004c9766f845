//! The stamps of names in a folder: what stands there, without opening it.

use std::{os::fd::AsFd, path::Path};

use rustix::{
    fs::{AtFlags, FileType},
    io::Errno,
};

use super::{Folder, Stat, note_missed, refuse_by_name};
use crate::site::files::{
    dated,
    missed::{self, Missed},
    stamp::FileStamp,
    system::stat_in,
};

impl Folder {
    /// The stamp of what `name` stands for now, for the question of whether a file
    /// has changed; nothing is read. It is asked for with each request. An empty name
    /// stands for this folder itself, and some names for several files (`dated.rs`). `None`
    /// for a name that would never be opened.
    pub(crate) fn stamp(&self, name: &str) -> Option<FileStamp> {
        if name.is_empty() {
            return self.stamp_of_folder(name);
        }
        if dated::stands_for_others(name) {
            return self.stamp_of_others(name);
        }
        let stat = || self.stat(Path::new(name), AtFlags::empty());
        refuse_by_name(name).is_none().then(stat)?.map(|stat| FileStamp::new(&stat))
    }

    /// The stamp of the folder `name`, which is empty for this folder itself. `None`
    /// where none is, or a link.
    pub(crate) fn stamp_of_folder(&self, name: &str) -> Option<FileStamp> {
        let name = if name.is_empty() { "." } else { name };
        let stat = self.stat(Path::new(name), AtFlags::SYMLINK_NOFOLLOW)?;
        let is_folder = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        is_folder.then(|| FileStamp::new(&stat))
    }

    /// Whether nothing has this name, not even a link to what is missing.
    pub(crate) fn lacks(&self, name: &str) -> bool {
        if dated::stands_for_others(name) {
            return self.stamp_of_others(name).is_none();
        }
        let stat = || stat_in(self.descriptor.as_fd(), Path::new(name), AtFlags::SYMLINK_NOFOLLOW);
        refuse_by_name(name).is_none() && stat().is_err_and(|errno| errno == Errno::NOENT)
    }

    /// Whether something stands there now that was missed.
    pub(crate) fn has_any(&self, missed: &Missed) -> bool {
        let stat = |name: &Path| stat_in(self.descriptor.as_fd(), name, AtFlags::empty());
        let stamp = |name: &str| stat(Path::new(if name.is_empty() { "." } else { name }));
        missed.names.iter().any(|name| stat(name).is_ok())
            || missed.listed.iter().any(|(name, before)| {
                stamp(name).is_ok_and(|stat| FileStamp::new(&stat) != *before)
            })
    }

    /// Whether what is being made now misses nothing, so that it may be kept.
    pub(crate) fn misses_nothing(&self) -> bool {
        let missed = missed::until_now();
        !missed.is_disturbed() && !self.has_any(&missed)
    }

    /// The files with a day before their own names that make the page `page`, which has no
    /// extension; the first day comes first.
    pub(crate) fn dated(&self, page: &str) -> Vec<String> {
        let (folder, own_name) = dated::split(page);
        self.dated_in(folder, own_name, |names| {
            names.iter().map(|name| [folder, name].concat()).collect()
        })
    }

    /// The stamp of the first of the files that `name` stands for.
    fn stamp_of_others(&self, name: &str) -> Option<FileStamp> {
        let (folder, file) = dated::folder_and_file(name)?;
        self.dated_in(folder, dated::page_of(file), |names| {
            let others = names.iter().filter(|other| ***other != *file);
            let mut stamps = others.filter_map(|other| self.stamp(&[folder, other].concat()));
            stamps.find(FileStamp::is_file)
        })
    }

    fn dated_in<T>(&self, folder: &str, page: &str, find: impl FnOnce(&[Box<str>]) -> T) -> T {
        let folder = folder.trim_end_matches('/');
        let list = || self.list(folder);
        self.dated_files.of_page((folder, page), self.stamp(folder), list, find)
    }

    pub(super) fn stat(&self, name: &Path, flags: AtFlags) -> Option<Stat> {
        let stat = stat_in(self.descriptor.as_fd(), name, flags);
        stat.inspect_err(|errno| note_missed(name, *errno)).ok()
    }
}

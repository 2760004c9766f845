//! Names that are missing. The stamp of the folder that lacks several of them tells of all at
//! once that none has come.

use std::{sync::Arc, time::SystemTime};

use crate::site::files::{folder::Folder, stamp::FileStamp};

/// So many names are found quickly among all that an answer depends on.
const MAX_NAMES: usize = 32;

/// Names that are missing, and the folders that lack them, each with its stamp from before that
/// was seen.
///
/// An entry that comes, by whatever call, changes the stamp of its folder; a write into a file
/// that is there does not.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    names: Vec<Arc<str>>,
    folders: Vec<(Arc<str>, FileStamp)>,
}

impl Absence {
    /// Of `names`, none of which is there at `now`; of none of them where no stamp tells that one
    /// has come, such as of a link whose file is missing, or where to look for the names
    /// themselves takes no longer. `None` where a folder has just changed, and may change again
    /// unseen.
    pub(crate) fn of<'a>(
        names: impl Iterator<Item = &'a Arc<str>> + Clone,
        folder: &Folder,
        now: SystemTime,
    ) -> Option<Self> {
        let count = names.clone().take(MAX_NAMES + 1).count();
        let mut folders: Vec<(Arc<str>, FileStamp)> = Vec::new();
        if count > MAX_NAMES {
            return Some(Self::default());
        }
        for name in names.clone() {
            let Some((place, stamp)) = folder_without(name, folder, &folders) else {
                return Some(Self::default());
            };
            if !stamp.is_long_settled_at(now) {
                return None;
            }
            if folders.iter().all(|(known, _)| **known != *place) {
                folders.push((place.into(), stamp));
            }
        }
        let is_useful = folders.len() < count;
        let names = || names.cloned().collect();
        Some(if is_useful { Self { names: names(), folders } } else { Self::default() })
    }

    /// Whether it is sure that all names are missing still; each folder has the stamp now that
    /// `stamp` gives.
    pub(crate) fn holds(&self, stamp: impl Fn(&Arc<str>) -> Option<FileStamp>) -> bool {
        self.folders.iter().all(|(name, before)| stamp(name) == Some(*before))
    }

    /// Whether `name` is one of its names.
    pub(crate) fn is_of(&self, name: &Arc<str>) -> bool {
        self.names.iter().any(|known| Arc::ptr_eq(known, name))
    }

    /// Whether the stamp of the root is among those that tell.
    pub(crate) fn is_known_by_root(&self) -> bool {
        self.folders.iter().any(|(name, _)| name.is_empty())
    }

    /// How many stamps it saves.
    pub(crate) fn saves(&self) -> usize {
        self.names.len() - self.folders.len()
    }
}

/// The nearest folder that is there on the way to `name`, with its stamp from before it was
/// seen to have no such entry.
fn folder_without<'a>(
    name: &'a str,
    folder: &Folder,
    known: &[(Arc<str>, FileStamp)],
) -> Option<(&'a str, FileStamp)> {
    let mut entry = name;
    loop {
        let place = entry.rsplit_once('/').map_or("", |(place, _)| place);
        let known = known.iter().find(|(known, _)| **known == *place).map(|(_, stamp)| *stamp);
        match known.or_else(|| folder.stamp(place)) {
            Some(stamp) => {
                return (stamp.is_folder() && folder.lacks(entry)).then_some((place, stamp));
            }
            None if place.is_empty() => return None,
            None => entry = place,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

    use tempfile::TempDir;

    use super::*;

    type Change = fn(&Path);

    /// A folder with the file `blog/a.html`, all of which was changed long before the second part.
    fn place() -> (TempDir, SystemTime) {
        let place = TempDir::new().unwrap();
        fs::create_dir(place.path().join("blog")).unwrap();
        fs::write(place.path().join("blog/a.html"), "").unwrap();
        (place, SystemTime::now() + Duration::from_secs(60))
    }

    fn absence(place: &TempDir, names: &[&str], now: SystemTime) -> Option<(Folder, Absence)> {
        let folder = Folder::open(place.path(), 0).unwrap();
        let names: Vec<Arc<str>> = names.iter().map(|name| (*name).into()).collect();
        let absence = Absence::of(names.iter(), &folder, now)?;
        Some((folder, absence))
    }

    #[test]
    fn holds_until_an_entry_comes() {
        let changes: [(&[&str], usize, Change); 5] = [
            (&["blog/a.md", "blog/b.md"], 1, |at| fs::write(at.join("blog/b.md"), "").unwrap()),
            (&["blog/a.md", "blog/b.md"], 1, |at| {
                fs::rename(at.join("blog/a.html"), at.join("blog/a.md")).unwrap();
            }),
            (&["a", "new/a", "new/sub/b"], 1, |at| fs::create_dir(at.join("new")).unwrap()),
            (&["a", "b", "blog/b"], 2, |at| symlink("blog", at.join("b")).unwrap()),
            (&["blog/a", "blog/b"], 1, |at| {
                fs::rename(at.join("blog"), at.join("old")).unwrap();
                fs::create_dir(at.join("blog")).unwrap();
            }),
        ];
        for (names, stamps, change) in changes {
            let (place, now) = place();
            let (folder, absence) = absence(&place, names, now).unwrap();
            assert_eq!(absence.folders.len(), stamps, "{names:?}");
            FileStamp::await_later(&place.path().join("blog"));
            fs::write(place.path().join("blog/a.html"), "longer").unwrap();
            assert!(absence.holds(|name| folder.stamp(name)), "{names:?}");
            change(place.path());
            assert!(!absence.holds(|name| folder.stamp(name)), "{names:?}");
        }
    }

    #[test]
    fn is_not_told_where_no_stamp_would_tell() {
        let (place, now) = place();
        symlink("later", place.path().join("dangling")).unwrap();
        for (names, is_told) in [
            (&["a", "b"][..], true),
            (&["a", "b", "dangling"], false),
            (&["a", "b", "dangling/c"], false),
            (&["a", "b", "blog/a.html/c"], false),
            (&["a", "b", "../c"], false),
            // No fewer stamps than names.
            (&["a"], false),
            (&["a", "blog/a"], false),
            (&[], false),
        ] {
            let (_, absence) = absence(&place, names, now).unwrap();
            assert_eq!(absence.saves() > 0, is_told, "{names:?}");
        }
        // A folder that has just changed may change again in the same tick of its clock.
        assert!(absence(&place, &["a", "b"], SystemTime::now()).is_none());
    }
}

//! The dependencies of an answer: the names that were looked up, with the stamp of each,
//! and a time until which it holds though none of them changes.

use std::{ops::Range, path::Path, sync::Arc, time::SystemTime};

use crate::site::files::{
    dated,
    folder::Folder,
    listing::{Listed, Listing},
    lookup::{Lookup, Outcome},
    stamp::FileStamp,
    validity::Validity,
};

/// What was looked up to make an answer, in order.
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    names: Vec<Lookup>,
    /// What was looked up for lists of pages.
    listings: Vec<Arc<Listing>>,
    /// Files outside the root, such as the configuration file, with what stood there.
    outside: Vec<(Arc<Path>, Option<FileStamp>)>,
    /// In what time the answer holds, if nothing has changed.
    validity: Validity,
    /// Whether a change of one of them might not show.
    is_uncertain: bool,
}

/// A file in the state in which it was read.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) name: Arc<str>,
    pub(crate) stamp: FileStamp,
    /// Whether any later change shows in the stamp.
    pub(crate) is_settled: bool,
}

impl Read {
    /// The file with the stamp that it had when it was opened. Its reading began at
    /// `now`: a change since then shows, if the stamp had settled.
    pub(crate) fn at(now: SystemTime, name: Arc<str>, stamp: FileStamp) -> Self {
        Self { name, stamp, is_settled: stamp.is_settled_at(now) }
    }
}

impl Dependencies {
    /// Adds a file that was used.
    pub(crate) fn add_file(&mut self, file: &Read) {
        self.add_read(file, Outcome::Used);
    }

    /// Adds a file that was read and was of no use.
    pub(crate) fn add_refused(&mut self, file: &Read) {
        self.add_read(file, Outcome::Seen);
    }

    fn add_read(&mut self, file: &Read, outcome: Outcome) {
        self.is_uncertain |= !file.is_settled;
        self.names.push(Lookup { name: Arc::clone(&file.name), stamp: Some(file.stamp), outcome });
    }

    /// Adds a name under which no regular file was found. A folder may stand
    /// there; a file that has come since makes the whole uncertain.
    pub(crate) fn add_missed(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.is_uncertain |= stamp.is_some_and(|stamp| stamp.is_file());
        self.names.push(Lookup { name: name.into(), stamp, outcome: Outcome::Missed });
    }

    /// Adds a name as it is now: of a file that is of no use, or of a folder whose names
    /// are about to be listed. A name that comes or goes changes the folder's stamp.
    pub(crate) fn add_name(&mut self, name: &str, folder: &Folder) {
        let stamp = folder.stamp(name);
        self.note_if_unsettled(stamp);
        self.names.push(Lookup { name: name.into(), stamp, outcome: Outcome::Seen });
    }

    /// Adds a folder whose names were listed, with its stamp from before that.
    pub(crate) fn add_listing(&mut self, name: &str, stamp: FileStamp) {
        self.note_if_unsettled(Some(stamp));
        self.names.push(Lookup { name: name.into(), stamp: Some(stamp), outcome: Outcome::Seen });
    }

    /// Adds what was looked up for a list of pages.
    pub(crate) fn add_list(&mut self, listing: &Arc<Listing>) {
        if !self.listings.iter().any(|known| Arc::ptr_eq(known, listing)) {
            self.is_uncertain |= listing.is_uncertain();
            self.listings.push(Arc::clone(listing));
        }
    }

    /// What was looked up for this list.
    pub(crate) fn listing(&self, listed: &Listed) -> Option<&Arc<Listing>> {
        self.listings.iter().find(|listing| listing.listed == *listed)
    }

    /// Adds a file outside the root, with its stamp from before it was read.
    pub(crate) fn add_outside(&mut self, path: &Arc<Path>, stamp: Option<FileStamp>) {
        if self.outside.iter().any(|(known, before)| (known, *before) == (path, stamp)) {
            return;
        }
        self.note_if_unsettled(stamp);
        self.outside.push((Arc::clone(path), stamp));
    }

    /// Notes that the answer may be another from `time` on, as for a scheduled page.
    pub(crate) fn hold_until(&mut self, time: SystemTime) {
        self.validity.narrow(Validity { until: Some(time), ..Validity::default() });
    }

    /// Notes that the answer may have been another until `time`, which has passed.
    pub(crate) fn hold_since(&mut self, time: SystemTime) {
        self.validity.narrow(Validity { since: Some(time), ..Validity::default() });
    }

    /// Adds all that was looked up for something else.
    pub(crate) fn extend(&mut self, others: &Self) {
        self.names.extend_from_slice(&others.names);
        others.listings.iter().for_each(|listing| self.add_list(listing));
        self.outside.extend_from_slice(&others.outside);
        self.validity.narrow(others.validity);
        self.is_uncertain |= others.is_uncertain;
    }

    fn note_if_unsettled(&mut self, stamp: Option<FileStamp>) {
        self.is_uncertain |= stamp.is_some_and(|stamp| !stamp.is_settled_at(SystemTime::now()));
    }

    /// What stood under `name`, if it was looked up.
    pub(crate) fn stamp(&self, name: &str) -> Option<Option<FileStamp>> {
        let lookup = self.names.iter().find(|lookup| *lookup.name == *name);
        let listed = || self.listings.iter().find_map(|listing| listing.find(name));
        lookup.or_else(|| listed().map(|lookup| &**lookup)).map(|lookup| lookup.stamp)
    }

    /// All names that were looked up, with what stood there.
    fn lookups(&self) -> impl Iterator<Item = &Lookup> {
        self.names.iter().chain(self.listed())
    }

    fn listed(&self) -> impl Iterator<Item = &Lookup> {
        self.listings.iter().flat_map(|listing| listing.lookups()).map(Arc::as_ref)
    }

    /// The files that were used, in order, each with its stamp from before it was read.
    pub(crate) fn used(&self) -> impl Iterator<Item = (&Arc<str>, FileStamp)> {
        let used = self.names.iter().filter(|lookup| lookup.outcome == Outcome::Used);
        used.filter_map(|lookup| Some((&lookup.name, lookup.stamp?)))
    }

    /// The names under which no file was found, in order.
    pub(crate) fn missed(&self) -> impl DoubleEndedIterator<Item = &str> {
        let missed = self.names.iter().filter(|lookup| lookup.outcome == Outcome::Missed);
        missed.map(|lookup| &*lookup.name)
    }

    /// The files that were used, as the access log names them: `about.html + _layout.html,
    /// _nav.html`.
    pub(crate) fn source(&self) -> Option<String> {
        let used: Vec<&str> = self.used().map(|(name, _)| &**name).collect();
        let (first, others) = used.split_first()?;
        let others = others.join(", ");
        let plus = if others.is_empty() { "" } else { " + " };
        Some([first, plus, &others].concat())
    }

    /// Whether one of them had just changed, and might change again without a trace.
    pub fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// Whether a file is empty or missing here that is neither in `before`.
    pub fn has_less_than(&self, before: &Self) -> bool {
        let size = |at: Option<FileStamp>| at.filter(FileStamp::is_file).map_or(0, |at| at.size());
        let was_whole = |name: &str| before.stamp(name).is_some_and(|stamp| size(stamp) > 0);
        self.lookups().any(|lookup| size(lookup.stamp) == 0 && was_whole(&lookup.name))
    }

    /// The files that are empty here and not in `before`, and when each was changed.
    pub fn emptied(&self, before: &Self) -> impl Iterator<Item = (&str, SystemTime)> {
        let is_empty = |stamp: &FileStamp| stamp.is_file() && stamp.size() == 0;
        let was_empty =
            move |name: &str| before.stamp(name).flatten().is_some_and(|at| is_empty(&at));
        let emptied = self.found().filter(move |(name, stamp)| is_empty(stamp) && !was_empty(name));
        emptied.map(|(name, stamp)| (name, stamp.changed()))
    }

    /// Whether a file was last changed in this time, as far as the file system tells,
    /// whose clock ticks.
    pub(crate) fn may_have_changed(&self, in_time: &Range<SystemTime>) -> bool {
        let outside = self.outside.iter().filter_map(|(_, stamp)| stamp.as_ref());
        let mut files = self.found().map(|(_, stamp)| stamp).chain(outside);
        files.any(|stamp| stamp.is_file() && stamp.may_be_from(in_time))
    }

    /// When the last of what was found was modified, or became public.
    pub(crate) fn last_modified(&self) -> Option<SystemTime> {
        let outside = self.outside.iter().filter_map(|(_, stamp)| stamp.as_ref());
        let found = self.found().map(|(_, stamp)| stamp).chain(outside);
        found.map(FileStamp::modified).chain(self.validity.since).max()
    }

    /// What they take of memory, in bytes, but for listings, which answers share.
    pub(crate) fn weight(&self) -> u64 {
        let names = self.names.iter().map(|lookup| lookup.name.len());
        let paths = self.outside.iter().map(|(path, _)| path.as_os_str().len());
        names.chain(paths).map(|len| len as u64 + 128).sum()
    }

    /// Whether all of it was looked up in `other`, too, and was the same.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        let is_known = |lookup: &Lookup| other.stamp(&lookup.name) == Some(lookup.stamp);
        let is_known_list = |listing: &Arc<Listing>| {
            other.listings.iter().any(|other| Arc::ptr_eq(other, listing))
                || listing.lookups().iter().all(|lookup| is_known(lookup))
        };
        self.names.iter().all(is_known) && self.listings.iter().all(is_known_list)
    }

    /// Whether the same names were looked up, and the same was found.
    pub(crate) fn are_same(&self, other: &Self) -> bool {
        let is_same_list = |(one, other): (&Arc<Listing>, &Arc<Listing>)| one.is_same(other);
        (&self.names, &self.outside, self.validity.until)
            == (&other.names, &other.outside, other.validity.until)
            && self.listings.len() == other.listings.len()
            && self.listings.iter().zip(&other.listings).all(is_same_list)
    }

    /// Whether an event about one of these names, from the root, may be about it. A folder
    /// stands for all that is in it.
    pub fn is_about<'a>(
        &self,
        is_named: impl Fn(&Path) -> bool,
        mut names: impl Iterator<Item = &'a Path>,
    ) -> bool {
        let is_below = |lookup: &Lookup| Path::new(&*lookup.name).ancestors().any(&is_named);
        let dated = self.names.iter().map(|lookup| &*lookup.name);
        let dated: Vec<&str> = dated.filter(|name| dated::stands_for_others(name)).collect();
        let is_listed = |name: &str| {
            dated.iter().any(|others| dated::is_among(name, others))
                || self.listings.iter().any(|listing| listing.concerned_by(name).next().is_some())
        };
        let is_any_listed = !dated.is_empty() || !self.listings.is_empty();
        self.names.iter().any(is_below)
            || (is_any_listed && names.any(|name| name.to_str().is_some_and(is_listed)))
    }

    /// The names themselves, from the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lookups().map(|lookup| &*lookup.name)
    }

    /// How many names there are.
    pub fn count(&self) -> usize {
        self.names.len()
            + self.listings.iter().map(|listing| listing.lookups().len()).sum::<usize>()
    }

    /// The same names with what stands there at `now`, taken as sure; names from the root
    /// have the stamps that `stamp` gives.
    pub(crate) fn renewed(
        &self,
        now: SystemTime,
        stamp: impl Fn(&Arc<str>) -> Option<FileStamp>,
        listing: impl Fn(&Arc<Listing>) -> Arc<Listing>,
    ) -> Self {
        let lookup = |old: &Lookup| Lookup { stamp: stamp(&old.name), ..old.clone() };
        let outside = |(path, _): &(Arc<Path>, _)| (Arc::clone(path), FileStamp::at(path));
        Self {
            names: self.names.iter().map(lookup).collect(),
            listings: self.listings.iter().map(listing).collect(),
            outside: self.outside.iter().map(outside).collect(),
            validity: self.validity.renewed(now),
            is_uncertain: false,
        }
    }

    /// The names from the root, with what stood there, but for those of lists.
    pub(crate) fn stamped(&self) -> impl Iterator<Item = (&Arc<str>, Option<FileStamp>)> {
        self.names.iter().map(|lookup| (&lookup.name, lookup.stamp))
    }

    /// What was looked up for lists.
    pub(crate) fn listings(&self) -> impl Iterator<Item = &Arc<Listing>> {
        self.listings.iter()
    }

    /// The first file that was found: that of the page.
    pub(crate) fn file(&self) -> Option<(&str, &FileStamp)> {
        self.found().find(|(_, stamp)| stamp.is_file())
    }

    /// The names from the root under which nothing stood, but for those of lists.
    pub(crate) fn absent(&self) -> impl Iterator<Item = &Arc<str>> + Clone {
        let absent = self.names.iter().filter(|lookup| lookup.stamp.is_none());
        absent.map(|lookup| &lookup.name)
    }

    /// The names from the root under which something stood.
    fn found(&self) -> impl Iterator<Item = (&str, &FileStamp)> {
        self.lookups().filter_map(|lookup| Some((&*lookup.name, lookup.stamp.as_ref()?)))
    }

    /// Whether no time has passed at `now` that may have made the answer another.
    pub(crate) fn are_valid_at(&self, now: SystemTime) -> bool {
        !self.validity.is_over_at(now)
    }

    /// Whether the answer is the same at `now`: each name still stands for what it stood
    /// for; names from the root for what `stamp` gives.
    pub(crate) fn are_unchanged(
        &self,
        now: SystemTime,
        stamp: impl Fn(&Arc<str>) -> Option<FileStamp>,
    ) -> bool {
        self.are_unchanged_but_lists(now, &stamp)
            && self.listed().all(|lookup| stamp(&lookup.name) == lookup.stamp)
    }

    /// The same, whatever has become of what lists were made of.
    pub(crate) fn are_unchanged_but_lists(
        &self,
        now: SystemTime,
        stamp: impl Fn(&Arc<str>) -> Option<FileStamp>,
    ) -> bool {
        self.are_valid_at(now)
            && self.names.iter().all(|lookup| stamp(&lookup.name) == lookup.stamp)
            && self.outside.iter().all(|(path, before)| FileStamp::at(path) == *before)
    }

    /// The names from the root, where nothing else counts: no list, no file outside, no time.
    pub(crate) fn only_names(&self) -> Option<&[Lookup]> {
        let are_all = self.listings.is_empty() && self.outside.is_empty();
        (are_all && self.validity.is_unbounded()).then_some(&self.names)
    }

    /// Whether all of it is of one state of the folder, which is left at once where a release
    /// is switched: that shows in a folder of the files in a list, too.
    pub(crate) fn are_of_one_state(
        &self,
        now: SystemTime,
        stamp: impl Fn(&Arc<str>) -> Option<FileStamp>,
    ) -> bool {
        let mut folders = self.listed().filter(|lookup| lookup.is_folder());
        self.are_unchanged_but_lists(now, &stamp)
            && folders.all(|lookup| stamp(&lookup.name) == lookup.stamp)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use super::*;

    /// A folder `root` with files in it, beside the file `config.toml`.
    struct Place {
        temporary: tempfile::TempDir,
        folder: Folder,
    }

    impl Place {
        fn new() -> Self {
            let temporary = tempfile::tempdir().unwrap();
            fs::create_dir_all(temporary.path().join("root/blog")).unwrap();
            fs::write(temporary.path().join("root/blog/a.html"), "a").unwrap();
            fs::write(temporary.path().join("config.toml"), "a").unwrap();
            let folder = Folder::open(&temporary.path().join("root"), 0).unwrap();
            Self { temporary, folder }
        }

        fn write(&self, name: &str) {
            fs::write(self.temporary.path().join(name), "longer").unwrap();
        }

        fn are_unchanged(&self, dependencies: &Dependencies, now: SystemTime) -> bool {
            dependencies.are_unchanged(now, |name| self.folder.stamp(name))
        }
    }

    /// What `add` adds, once a change of it is sure to show.
    fn settled(add: impl Fn(&mut Dependencies)) -> Dependencies {
        loop {
            let mut dependencies = Dependencies::default();
            add(&mut dependencies);
            if !dependencies.is_uncertain() {
                return dependencies;
            }
        }
    }

    #[test]
    fn a_listing_changes_with_the_names_of_its_folder_alone() {
        for (listed, other, own) in [
            ("blog", "root/new.html", "root/blog/new.html"),
            ("", "root/blog/new.html", "root/new.html"),
            ("drafts", "root/new.html", "root/drafts"),
        ] {
            let place = Place::new();
            let dependencies = settled(|new| new.add_name(listed, &place.folder));
            let now = SystemTime::now();
            place.write("root/blog/a.html");
            place.write(other);
            assert!(place.are_unchanged(&dependencies, now), "`{listed}`");
            place.write(own);
            assert!(!place.are_unchanged(&dependencies, now), "`{listed}`");
        }
    }

    #[test]
    fn a_file_outside_the_root_counts() {
        for name in ["config.toml", "other.toml"] {
            let place = Place::new();
            let path: Arc<Path> = place.temporary.path().join(name).into();
            let inner = settled(|new| new.add_outside(&path, FileStamp::at(&path)));
            let mut dependencies = Dependencies::default();
            dependencies.extend(&inner);
            let now = SystemTime::now();
            assert!(place.are_unchanged(&dependencies, now));
            place.write(name);
            assert!(!place.are_unchanged(&dependencies, now), "{name}");
            let renewed = dependencies.renewed(now, |name| place.folder.stamp(name), Arc::clone);
            assert!(place.are_unchanged(&renewed, now));
            assert!(!renewed.are_same(&dependencies));
        }
    }

    #[test]
    fn an_answer_holds_until_the_earliest_time() {
        let place = Place::new();
        let now = SystemTime::now();
        let after = |secs| now + Duration::from_secs(secs);
        let [mut dependencies, mut later] = [Dependencies::default(), Dependencies::default()];
        assert!(place.are_unchanged(&dependencies, after(1 << 40)));
        dependencies.hold_until(after(20));
        later.hold_until(after(30));
        later.hold_until(after(10));
        dependencies.extend(&later);
        assert!(place.are_unchanged(&dependencies, after(9)));
        assert!(!place.are_unchanged(&dependencies, after(10)));
        let renewed = dependencies.renewed(after(10), |_| None, Arc::clone);
        assert!(place.are_unchanged(&renewed, after(10)));
    }

    #[test]
    fn the_source_names_what_was_used_the_page_first() {
        let place = Place::new();
        let mut dependencies = Dependencies::default();
        dependencies.add_missed("about", &place.folder);
        assert_eq!(dependencies.source(), None);
        let stamp = place.folder.stamp("blog/a.html").unwrap();
        let read = |name: &str| Read::at(SystemTime::now(), name.into(), stamp);
        dependencies.add_refused(&read("_latin1.html"));
        for (name, source) in [
            ("about.html", "about.html"),
            ("_layout.html", "about.html + _layout.html"),
            ("_nav.html", "about.html + _layout.html, _nav.html"),
        ] {
            dependencies.add_file(&read(name));
            assert_eq!(dependencies.source().as_deref(), Some(source));
        }
        assert_eq!(dependencies.missed().collect::<Vec<_>>(), ["about"]);
    }
}

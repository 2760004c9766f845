//! The files of the site at one moment: what has changed since, and whether an answer is certain
//! to be the same as long as nothing has.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fs::File,
    io::Read as _,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    http::{answer::Answer, request::Request},
    parallel,
    site::{
        Site,
        files::{
            folder::{Folder, OpenFile},
            lookup::{Lookup, Outcome},
            stamp::FileStamp,
            walk,
        },
        representation::hash::{Hasher, hash_of_parts},
        resolution::{Kind, Resolution},
    },
};

/// The stack of a thread that asks the system for the state of files, or reads them.
const STACK_BYTES: usize = 128 * 1024;
/// How much of a file is read at once.
const BUFFER_BYTES: usize = 32 * 1024;
/// A larger file is not read to tell whether it has changed.
const MAX_COMMON_BYTES: u64 = 1024 * 1024;

/// How long it may take at most until a change is sure to show.
const MAX_WAIT: Duration = Duration::from_millis(200);

/// What is found under each name.
type Stamps = BTreeMap<String, Option<FileStamp>>;

/// The files of the site, private ones too, each in its state at one moment.
#[derive(Clone, Debug)]
pub struct States {
    /// Where they were found.
    folder: Arc<Folder>,
    /// When they were looked at first.
    begun: SystemTime,
    /// The hash of the names of all of them, and of what else is in the folder.
    names: u128,
    files: Stamps,
    folders: Stamps,
}

/// The names of files that came, went or changed from one moment to another.
pub fn changed_files<'a>(before: &'a States, after: &'a States) -> Vec<&'a str> {
    let names: BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    let has_changed = |name: &&String| before.files.get(*name) != after.files.get(*name);
    names.into_iter().filter(has_changed).map(String::as_str).collect()
}

impl States {
    /// Whether nothing in the folder has become another.
    pub(crate) fn are_same(&self, other: &Self) -> bool {
        (self.names, &self.files, &self.folders) == (other.names, &other.files, &other.folders)
    }

    /// Whether what was looked up is as it was then, and any change since then would show.
    fn is_sure_of(&self, lookup: &Lookup) -> bool {
        let Some(stamp) = lookup.stamp else { return true };
        let (stamps, is_found) = match stamp.is_file() {
            true => (&self.files, lookup.outcome != Outcome::Missed),
            false => (&self.folders, true),
        };
        is_found
            && stamps.get(&*lookup.name) == Some(&Some(stamp))
            && stamp.is_settled_at(self.begun)
    }

    /// Whether a change might not show, and will within some ms.
    fn settle_soon(&self) -> bool {
        let mut stamps = self.files.values().chain(self.folders.values()).flatten();
        stamps.any(|stamp| stamp.settles_soon_at(self.begun))
    }
}

impl Site {
    /// The state of every file that is served, or used by one that is, found on `threads` threads.
    pub fn states(&self, threads: usize) -> States {
        let (folder, begun) = (self.folder(), SystemTime::now());
        let walked = walk::walk_all(&folder, |entry| entry.is_usable(&self.naming));
        let stamps = |names: Vec<String>| -> Stamps {
            let stamp = |name: &String| folder.stamp(name);
            let stamps = parallel::map(&names, threads, STACK_BYTES, stamp);
            names.into_iter().zip(stamps).collect()
        };
        let files = stamps(walked.files);
        let folders = stamps([String::new()].into_iter().chain(walked.folders).collect());
        States { folder, begun, names: walked.names, files, folders }
    }

    /// The same once any change since then would show: some ms after a file was saved.
    pub(crate) fn settled_states(&self, threads: usize) -> States {
        let first = self.states(threads);
        let last = first.begun + MAX_WAIT;
        let mut states = first;
        while states.settle_soon() && states.begun < last {
            states = self.states(threads);
        }
        states
    }

    /// A hash of what pages may be made of besides public pages: the options, the names of all
    /// files, and the content of those that are no pages. `None` where it cannot be had.
    pub(crate) fn common_hash(&self, states: &States, threads: usize) -> Option<u128> {
        let files = states.files.iter().filter(|(name, stamp)| self.is_common(name, **stamp));
        let files: Vec<&String> = files.map(|(name, _)| name).collect();
        let content = |name: &&String| content_hash(name, &states.folder);
        let contents = parallel::map(&files, threads, STACK_BYTES, content);
        let mut hasher = Hasher::default();
        hasher.add_hash(self.options_hash?);
        hasher.add_hash(states.names);
        for (name, content) in files.into_iter().zip(contents) {
            hasher.add(name.as_bytes());
            hasher.add_hash(content?);
        }
        Some(hasher.finish())
    }

    /// Whether [`Site::common_hash`] knows the content of the file `name`.
    fn is_common(&self, name: &str, stamp: Option<FileStamp>) -> bool {
        let is_read = |stamp: FileStamp| stamp.is_file() && stamp.size() <= MAX_COMMON_BYTES;
        stamp.is_some_and(is_read) && (!self.naming.is_page(name) || self.naming.is_private(name))
    }

    /// A hash of the file `name`, a page, as it was in these `states` or has become since.
    pub(crate) fn source_hash(&self, name: &str, states: &States) -> Option<u128> {
        let States { folder, files, .. } = states;
        let described = self.metadata.get(name, *files.get(name)?, folder)?;
        described.content.or_else(|| content_hash(name, folder))
    }

    /// Answers a request as [`Site::respond`] does. Also tells whether the answer is the same as
    /// long as the content of the page `source` is and [`Site::common_hash`], provided that no file
    /// has changed since `states`.
    pub(crate) fn respond_and_judge(
        &self,
        request: &Request<'_>,
        now: SystemTime,
        source: &str,
        states: &States,
    ) -> (Answer, bool) {
        let mut is_lasting = false;
        let judge = |made: &Resolution| is_lasting = self.is_lasting(made, source, states);
        (self.respond_telling(request, now, judge), is_lasting)
    }

    fn is_lasting(&self, made: &Resolution, source: &str, states: &States) -> bool {
        let is_known = |lookup: &Lookup| {
            let is_file = lookup.stamp.is_some_and(|stamp| stamp.is_file());
            let is_hashed = *lookup.name == *source || self.is_common(&lookup.name, lookup.stamp);
            (!is_file || is_hashed) && states.is_sure_of(lookup)
        };
        // Only of what serves later requests are all dependencies known.
        let serves_later = made.is_for_all() || made.is_for_request();
        let names = made.dependencies.only_names().filter(|_| serves_later && !made.is_of_moment);
        made.kind == Kind::Page && names.is_some_and(|names| names.iter().all(is_known))
    }
}

fn content_hash(name: &str, folder: &Folder) -> Option<u128> {
    let OpenFile { mut file, .. } = folder.open_file(name).ok()?.into_file()?;
    hash_of_parts(BUFFER_BYTES, |buffer| file.read(buffer)).ok()
}

/// A hash of the program that runs.
pub fn program_hash() -> Option<u128> {
    // The link leads to the very file, even where another has been put in its place.
    let file = File::open("/proc/self/exe").or_else(|_| File::open(env::current_exe()?));
    let mut file = file.ok()?;
    hash_of_parts(BUFFER_BYTES, |buffer| file.read(buffer)).ok()
}

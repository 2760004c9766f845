//! The rules for names with `_` or a dot: which are served all the same, by globs.

use globset::{Error, Glob, GlobSet};

use crate::globs;

/// All folders.
const ANYWHERE: &str = "**";
/// A glob with more slashes may lead anywhere; each of its beginnings is compiled.
const MAX_WAYS: usize = 32;

/// The names with `_` that are served all the same.
#[derive(Debug, Default)]
pub(super) struct PublicNames {
    /// Files, and folders with all that is in them.
    names: GlobSet,
    /// The folders on the way there.
    ways: GlobSet,
}

impl PublicNames {
    /// A glob names files, or a folder with all that is in it.
    pub(super) fn new(public: &[String]) -> Result<Self, Error> {
        let public = public.iter().map(|glob| from_root(glob).trim_end_matches('/'));
        // What leads to a file that a glob matches is matched by one of its beginnings.
        let ways = public.clone().flat_map(|glob| {
            let beginnings = glob.match_indices('/').map(|(at, _)| &glob[..at]);
            // A beginning that ends within braces says nothing.
            let way = |way| if globs::compile(way).is_ok() { way } else { ANYWHERE };
            beginnings.take(MAX_WAYS).map(way).chain(is_deep(glob).then_some(ANYWHERE))
        });
        Ok(Self { names: set_of(public.clone())?, ways: set_of(ways)? })
    }

    /// Whether `folder` is on the way to one of them.
    pub(super) fn leads_through(&self, folder: &str) -> bool {
        self.ways.is_match(folder)
    }

    /// Whether `name`, or a folder that it lies in, is named.
    pub(super) fn holds(&self, name: &str) -> bool {
        !self.names.is_empty() && parts_of(name).any(|part| self.names.is_match(part))
    }
}

fn is_deep(glob: &str) -> bool {
    glob.matches('/').count() > MAX_WAYS
}

/// The globs of files are from the root, with a slash before them or without.
pub(super) fn from_root(glob: &str) -> &str {
    glob.trim_start_matches('/')
}

pub(super) fn set_of<'a>(globs: impl Iterator<Item = &'a str>) -> Result<GlobSet, Error> {
    GlobSet::new(globs.map(globs::compile).collect::<Result<Vec<Glob>, _>>()?)
}

/// The folders that a name lies in, from the root, and itself.
pub(super) fn parts_of(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
    ends.map(|end| &name[..end])
}

pub(super) fn has_underscore(name: &str) -> bool {
    name.split('/').any(|segment| segment.starts_with('_'))
}

/// Whether nobody gets what is called so. `.well-known` is public (RFC 8615).
pub(super) fn is_hidden_segment(segment: &str) -> bool {
    segment.starts_with('.') && segment != ".well-known"
}

//! Pages that an earlier build has written and that may stay, since all that they are made of is
//! the same: told by hashes of that alone, whenever and wherever the files were written.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use crate::{
    http::{prepared::Prepared, request::Request},
    publish::{
        compress,
        options::BuildOptions,
        output::{Found, Output},
        routes::{Route, Routes},
    },
    site::{self, Alias, Hasher, Site, States},
};

/// The media type of the pages that may stay: of others, the type says more than the bytes.
pub(super) const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// What is known of a build before its first page.
#[derive(Debug)]
pub(super) struct Unchanged<'a> {
    site: &'a Site,
    states: &'a States,
    /// The hash of what all pages may be made of; `None` where it is not known.
    common: Option<u128>,
    is_compressed: bool,
    now: SystemTime,
}

impl<'a> Unchanged<'a> {
    /// Of a build of these `routes`, with the files in these `states`.
    pub(super) fn new(
        site: &'a Site,
        options: &BuildOptions,
        states: &'a States,
        routes: &Routes,
    ) -> Self {
        let common = common(site, options, states, routes);
        Self { site, states, common, is_compressed: options.is_compressed, now: options.now }
    }

    /// The hash of all that a route may be made of; `None` where it is not known.
    pub(super) fn basis(&self, route: &Route) -> Option<u128> {
        let common = self.common.filter(|_| route.is_page)?;
        let mut hasher = Hasher::default();
        hasher.add_hash(common);
        hasher.add_hash(self.site.source_hash(&route.source, self.states)?);
        Some(hasher.finish())
    }

    /// Answers a request for a route, and tells whether the answer is made of nothing else.
    pub(super) fn answer(&self, route: &Route, request: &Request<'_>) -> (Arc<Prepared>, bool) {
        let Self { site, states, now, .. } = *self;
        let (answer, is_lasting) = site.respond_and_judge(request, now, &route.source, states);
        (answer.at_once(), is_lasting)
    }

    /// Finds the file of a route that is made of what has the hash `basis`, and behind it its
    /// compressed forms.
    pub(super) fn find(
        &self,
        route: &Route,
        basis: u128,
        output: &Output,
        taken: &HashSet<&str>,
    ) -> Option<Vec<Found>> {
        let page = output.find(&route.file, basis)?;
        let forms = match self.is_compressed {
            true => compress::find(route, &page, output, taken)?,
            false => Vec::new(),
        };
        Some([page].into_iter().chain(forms).collect())
    }
}

/// The hash of what all pages may be made of: the program, its options, the routes, and the files
/// that are no public pages.
fn common(site: &Site, options: &BuildOptions, states: &States, routes: &Routes) -> Option<u128> {
    static PROGRAM: OnceLock<Option<u128>> = OnceLock::new();
    let mut hasher = Hasher::default();
    hasher.add_hash((*PROGRAM.get_or_init(site::program_hash))?);
    hasher.add_hash(site.common_hash(states, options.threads)?);
    // All but what says only where, when and how fast.
    let options = BuildOptions {
        out: PathBuf::new(),
        keep: Vec::new(),
        verifies: false,
        threads: 0,
        now: SystemTime::UNIX_EPOCH,
        ..options.clone()
    };
    hasher.add(format!("{options:?}").as_bytes());
    hasher.add(&routes.routes.len().to_le_bytes());
    for Route { path, file, source, is_page } in &routes.routes {
        [path.as_str(), file, source].iter().for_each(|text| hasher.add(text.as_bytes()));
        hasher.add(&[u8::from(*is_page)]);
    }
    for Alias { path, file, target } in &routes.aliases {
        [path.as_str(), file, target.as_str()].iter().for_each(|text| hasher.add(text.as_bytes()));
    }
    Some(hasher.finish())
}

//! A path for which a file stands, and none of its rows.

use crate::{
    diagnostic::nearest::{Known, did_you_mean, nearest_few},
    http::url_path::UrlPath,
    site::{
        each::{pattern::Pattern, store::Found},
        files::dependencies::Dependencies,
        metadata::keys::Each,
        naming::Naming,
    },
};

/// How many paths like the one asked for are shown.
const MAX_NEAREST: usize = 3;

/// A path for which a file stands, and none of its rows.
#[derive(Debug)]
pub(crate) struct MissingRow {
    /// What is missing, as a sentence.
    pub(crate) message: String,
    /// The pages that are like it, the nearest first.
    pub(crate) nearest: Vec<UrlPath>,
    pub(crate) dependencies: Dependencies,
}

impl MissingRow {
    /// Says that none of the rows that were `found` has the key `id`.
    pub(crate) fn of(
        id: &str,
        pattern: &Pattern,
        each: &Each,
        found: &Found,
        naming: &Naming,
        mut dependencies: Dependencies,
    ) -> Self {
        dependencies.extend(&found.dependencies);
        let known: Vec<Known> = found.rows.iter().map(|row| Known::new(&row.id)).collect();
        let nearest = nearest_few(&Known::new(id), known.iter(), MAX_NEAREST);
        let nearest = nearest.iter().filter_map(|known| pattern.path_of(known.name(), naming));
        let (key, file) = (each.key.as_deref().unwrap_or(&pattern.param), &pattern.file);
        Self {
            message: format!("No row of {} has the {key} {id}, for a page of {file}.", each.list),
            nearest: nearest.collect(),
            dependencies,
        }
    }

    /// What is missing, and the nearest that is not, for a page that says why it is none.
    pub(crate) fn reason(&self) -> String {
        let message = self.message.trim_end_matches('.');
        match self.nearest.first() {
            Some(near) => format!("{message}; {}", did_you_mean(near.as_str())),
            None => message.to_owned(),
        }
    }
}

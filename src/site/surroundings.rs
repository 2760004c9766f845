//! Surroundings of a render: its moment, and what its template sees.

use std::sync::Arc;

use minijinja::Value;

use crate::site::{
    Site, cache,
    each::item::Item,
    files::folder::Folder,
    metadata::values::Build,
    representation::hash::hash,
    request_context::RequestContext,
    settings::SettingsAt,
    templates::{
        context::{self, KnownRequest},
        recorder::Moment,
    },
};

impl Site {
    /// The moment of a request, as pages show it.
    pub(crate) fn moment(&self, asked: RequestContext<'_>) -> Moment {
        let of_path = |seed| hash(format!("{seed} {}", asked.request.target.path()).as_bytes());
        // The lower half is as good a hash.
        let seed = self.seed.map(|seed| of_path(seed) as u64);
        let interval = cache::interval(self.production);
        let settings = Arc::new(SettingsAt::new(&self.settings, asked.now, interval));
        Moment { now: asked.now, settings, base_path: self.base_path.clone(), seed }
    }

    /// What the front matter of a page says of building it.
    pub(crate) fn build_of(&self, name: &str, folder: &Folder) -> Build {
        let described = self.metadata.get(name, folder.stamp(name), folder);
        described.map_or(Build::Unset, |described| described.metadata.keys.build)
    }

    /// What the template of the file `name` sees, for the row `item` where it stands for many
    /// pages.
    pub(crate) fn context_of(
        &self,
        name: &str,
        item: Option<&Arc<Item>>,
        moment: &Moment,
        asked: RequestContext<'_>,
    ) -> Value {
        let known = match self.is_static {
            true if self.build_of(name, asked.folder) == Build::Static => KnownRequest::Empty,
            true => KnownRequest::Path,
            false => KnownRequest::All,
        };
        let request = context::request(asked.request, asked.path, known);
        let settings = &moment.settings;
        let (library, data) = (&self.library, &self.data);
        let context = context::of_page(name, request, settings, library, data, asked.folder);
        match item {
            Some(item) => item.context(context),
            None => context,
        }
    }
}

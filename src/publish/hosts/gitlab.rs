//! GitLab Pages.
//!
//! Sources: docs.gitlab.com/user/project/pages/{introduction,redirects}.

use super::{
    netlify,
    told::{HostFiles, Told},
    underscore,
};
use crate::publish::{answers::Content, host::Host, problems::Problems};

const MAX_REDIRECTS: usize = 1_000;
const MAX_BYTES: usize = 64 * 1024;

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let mut files = HostFiles::default();
    let host = Host::Gitlab.shown();
    // Below its own path, a project's rules are written with it.
    let prefix = told.base_path.prefix();
    let mut text = underscore::redirects(&told.redirects, prefix, |redirect| {
        netlify::common_status(redirect.status).to_string()
    });
    text.extend(told.fallback.iter().map(|file| underscore::fallback(file, prefix)));
    let count = text.lines().count();
    if count > MAX_REDIRECTS || text.len() > MAX_BYTES {
        problems.warn(format!(
            "{host} reads {MAX_REDIRECTS} redirects in 64 KiB by default, and there are {count} in \
             {} bytes",
            text.len()
        ));
    }
    files.add_settings(Host::Gitlab, underscore::REDIRECTS, text);
    netlify::warn_of_statuses(told, Host::Gitlab, problems);
    told.warn_of_headers(Host::Gitlab, problems);
    for redirect in &told.redirects {
        let shadowed = told.contents.iter().find(|c| redirect.is_from(&c.path.encoded()));
        if let Some(content) = shadowed {
            let (origin, source) = (&redirect.origin, &content.source);
            problems
                .warn(format!("{origin}: {host} answers with `{source}`, since files win there"));
        }
    }
    warn_of_folders(told, problems);
    files
}

/// At `/docs`, a folder `docs/` comes before `docs.html`, whether it has an index or not.
fn warn_of_folders(told: &Told<'_>, problems: &mut Problems) {
    let pages = told.contents.iter().filter(|content| content.is_page);
    for page in pages.filter(|page| !page.path.is_folder()) {
        let folder = page.file.strip_suffix(".html").map(|name| format!("{name}/"));
        let is_below =
            |content: &Content| folder.as_ref().is_some_and(|f| content.file.starts_with(f));
        if told.contents.iter().any(is_below) {
            problems.warn(format!(
                "{} does not find `{}` beside the folder of that name: make it the `index.html` of \
                 that folder",
                Host::Gitlab.shown(),
                page.source
            ));
        }
    }
}

//! GitHub Pages.
//!
//! Sources: docs.github.com/en/pages; github.com/actions/upload-pages-artifact, which leaves
//! out files whose names begin with a dot.

use super::{
    refresh,
    told::{HostFiles, Told, listed},
};
use crate::publish::{host::Host, problems::Problems};

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let files =
        refresh::pages(&told.redirects, Host::Github, |name| format!("{name}.html"), problems);
    told.warn_of_headers(Host::Github, problems);
    told.warn_of_fallback(Host::Github, problems);
    let dotted = told.contents.iter().map(|content| content.file.as_str());
    if let Some(list) = listed(dotted.filter(|file| file.split('/').any(|s| s.starts_with('.')))) {
        problems.warn(format!(
            "{}: its upload action leaves out what begins with a dot, unless it has \
             `include-hidden-files: true`: {list}",
            Host::Github.shown()
        ));
    }
    let mut files = HostFiles { files, instructions: None };
    // With it, Jekyll leaves out no names that begin with `_`; what it says does not count.
    files.add_marker(Host::Github, ".nojekyll");
    files
}

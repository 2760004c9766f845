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
    let mut files = refresh::pages(
        &told.redirects,
        told,
        Host::Github,
        |name| format!("{name}.html"),
        problems,
    );
    // Without it Jekyll leaves out names that begin with `_`.
    files.insert(".nojekyll".to_owned(), String::new());
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
    HostFiles { files, instructions: None }
}

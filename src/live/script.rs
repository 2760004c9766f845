//! The live script: what runs in the browser, its URL, and the markup that loads it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use crate::site::Snippet;

/// The name of the script, from the root of the site.
const SCRIPT_NAME: &str = "_pagepool/live.js";

/// What live editing itself answers, in every folder: a page under another address than its
/// own, as a service worker may show it, looks for the script elsewhere. The name is private,
/// so that no file has such a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The script.
    Script,
    /// The WebSocket.
    Socket,
}

impl Endpoint {
    /// What is at `path`, in whatever folder.
    pub fn at(path: &str) -> Option<Self> {
        match path {
            _ if path.ends_with("/_pagepool/live.js") => Some(Self::Script),
            _ if path.ends_with("/_pagepool/live") => Some(Self::Socket),
            _ => None,
        }
    }
}

/// Whether a page asks for the script under this URL.
pub fn is_script_url(url: &str) -> bool {
    url.split('?').next().is_some_and(|path| path.ends_with(SCRIPT_NAME))
}

/// Whether live editing itself answers `target`, or might.
pub(super) fn is_own(target: &str) -> bool {
    target.split('?').next().is_some_and(|path| path.contains("/_pagepool/"))
}

/// The script: its parts in one function, so that the page sees none of their names.
pub const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("client/own.js"),
    include_str!("client/dom.js"),
    include_str!("client/page.js"),
    include_str!("client/connection.js"),
    include_str!("client/places.js"),
    include_str!("client/loaded.js"),
    include_str!("client/fields.js"),
    include_str!("client/kept.js"),
    include_str!("client/reload.js"),
    include_str!("client/changes.js"),
    include_str!("client/patch.js"),
    include_str!("client/files.js"),
    include_str!("client/overlay.js"),
    include_str!("client/main.js"),
    "})();\n",
);

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    SCRIPT.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// Names the bytes of the script: it is the query of its URL.
pub fn script_hash() -> &'static str {
    &HASH
}

/// The markup by which a page loads the script, ahead of the page's own scripts.
pub fn snippet() -> Snippet {
    Snippet::new(&format!(
        "<script src=\"{{up}}{SCRIPT_NAME}?{}\" data-page=\"{{path}}\" \
         data-version=\"{{version}}\"></script>",
        script_hash()
    ))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::SCRIPT;

    #[test]
    fn the_script_has_all_parts_in_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/live/client");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let parts: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|end| end == "js")).collect();
        assert!(parts.len() > 5, "{parts:?}");
        for part in parts {
            let text = fs::read_to_string(&part).unwrap();
            assert_eq!(SCRIPT.matches(&text).count(), 1, "{}", part.display());
        }
    }
}

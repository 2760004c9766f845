//! A survey of the folder for the start: how many pages it holds, and whether it is one that
//! templates do not fit.

use crate::site::{
    Site,
    files::walk::{self, Walk},
    naming::{FileKind, Naming, Privacy},
};

/// The type of a file that pages load, unlike data and sources for a tool.
const LOADED: [&str; 4] = ["text/css", "text/javascript", "image/", "font/"];

/// What a folder holds, as far as its first few thousand entries show.
#[derive(Debug, PartialEq, Eq)]
pub struct Survey {
    /// The number of pages that are served.
    pub pages: usize,
    /// Whether these are all.
    pub is_all: bool,
    /// What its owner should know, each a message for the terminal.
    pub notes: Vec<String>,
}

impl Site {
    /// Surveys a small folder, or the beginning of a large one.
    pub fn survey(&self) -> Survey {
        let naming = &*self.naming;
        let walk = walk::walk(&self.root.check(), |entry| entry.is_usable(naming));
        let is_public_page = |name: &&String| naming.is_page(name) && !naming.is_private(name);
        let notes = [built_note(naming, &walk), freed_note(naming, &walk)];
        Survey {
            pages: walk.files.iter().filter(is_public_page).count(),
            is_all: walk.is_all,
            notes: notes.into_iter().flatten().collect(),
        }
    }
}

/// For a folder that a tool has built: its pages load what is private here, and it holds no
/// templates.
fn built_note(naming: &Naming, walk: &Walk) -> Option<String> {
    let is_page_at_root = |name: &String| !name.contains('/') && naming.is_page(name);
    let has_index =
        walk.files.iter().any(|name| is_page_at_root(name) && name.starts_with("index."));
    if !has_index || walk.files.iter().any(|name| naming.is_partial(name)) {
        return None;
    }
    let is_missed = |name: &&String| {
        let content_type = naming.content_type(name).value;
        naming.privacy(name) == Privacy::Private
            && LOADED.iter().any(|loaded| content_type.starts_with(loaded))
    };
    let missed = naming.private_part(walk.files.iter().find(is_missed)?).escape_debug();
    Some(format!(
        "note: this looks like a site that a tool has built, and `{missed}` is not served, because \
         its name begins with `_`; `--plain` is meant for such a site: it serves every file as it is"
    ))
}

/// For pages that `public` frees: they are served like all others.
fn freed_note(naming: &Naming, walk: &Walk) -> Option<String> {
    let is_freed = |name: &&String| naming.is_freed(name) && naming.kind(name) != FileKind::Asset;
    let freed: Vec<&String> = walk.files.iter().filter(is_freed).collect();
    let (first, count) = (freed.first()?.escape_debug(), freed.len());
    let others = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    Some(format!(
        "warning: `public` makes `{first}`{others} a page that visitors get, rendered like any \
         other; name fewer files in it to keep templates private"
    ))
}

//! The site as the advice for a path sees it, and links to what is there.

use std::time::SystemTime;

use serde::Serialize;

use crate::http::{base_path::BasePath, url_path::UrlPath};

use crate::site::{
    files::{
        folder::{Folder, Opening},
        names::{Name, Names},
    },
    naming::Naming,
};

/// Where the path-echo page finds what would make it a page of the site.
#[derive(Clone, Copy)]
pub(crate) struct Advisor<'a> {
    pub(crate) naming: &'a Naming,
    pub(crate) folder: &'a Folder,
    pub(crate) names: &'a Names,
    pub(crate) base_path: &'a BasePath,
    pub(crate) now: SystemTime,
}

/// A path of the site, decoded and as a link.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Link {
    path: String,
    href: String,
}

impl Link {
    /// `None` where the file is gone, or was found through a folder that was swapped for
    /// a link out of the root.
    pub(super) fn to(name: &Name, advisor: Advisor<'_>) -> Option<Self> {
        is_file(advisor.folder, &name.file).then_some(())?;
        Some(Self::of(&advisor.naming.path_of(&name.file)?, advisor.base_path))
    }

    pub(super) fn of(path: &UrlPath, base_path: &BasePath) -> Self {
        Self { path: path.as_str().to_owned(), href: base_path.with(&path.encoded()) }
    }
}

/// Whether the folder holds this file, and not a link out of it.
pub(super) fn is_file(folder: &Folder, name: &str) -> bool {
    matches!(folder.open_file(name), Ok(Opening::File(_)))
}

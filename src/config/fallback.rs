//! The setting of what answers where no file matches.

use serde::{Deserialize, Serialize};

use crate::http::url_path::UrlPath;

/// What answers a request that no file matches, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FallbackSetting {
    /// The path-echo page, or status 404 in production.
    Auto,
    Echo,
    NotFound,
    /// The page in the file of this path, which begins with a slash.
    #[serde(untagged)]
    Page(String),
}

impl FallbackSetting {
    /// Whether the path-echo page answers.
    pub(super) fn echoes(&self, is_production: bool) -> bool {
        match self {
            Self::Auto => !is_production,
            Self::Echo => true,
            Self::NotFound | Self::Page(_) => false,
        }
    }

    /// The path of the page that answers, if it is one of the site.
    pub(super) fn page(&self) -> Option<UrlPath> {
        let Self::Page(path) = self else { return None };
        let name = path.strip_prefix('/').filter(|name| !name.is_empty())?;
        UrlPath::of_name(name, false)
    }

    /// Whether it can be what is meant.
    pub(super) fn is_valid(&self) -> bool {
        !matches!(self, Self::Page(_)) || self.page().is_some()
    }
}

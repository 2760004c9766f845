//! The tables `[check]`, `[live]` and `[templates]` of the configuration.

use serde::{Deserialize, Serialize};

use super::{
    MAX_FUEL, MAX_SECS, Patch,
    rules::{self, whole},
};

/// The settings of `[check]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckSettings {
    /// Globs of paths that lead somewhere though no file of the site is there.
    #[serde(deserialize_with = "rules::globs")]
    pub ignore: Vec<String>,
}

/// The settings of `[live]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LiveSettings {
    /// Whether the system is asked for events of changes.
    #[serde(deserialize_with = "rules::truth")]
    pub watch: bool,
    /// Which changes are made in open pages.
    #[serde(deserialize_with = "rules::patch")]
    pub patch: Patch,
}

/// The settings of `[templates]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TemplateSettings {
    /// Whether there are templates at all.
    #[serde(deserialize_with = "rules::truth")]
    pub enabled: bool,
    /// Globs of the `.html` files, from the root, that are served as they are.
    #[serde(deserialize_with = "rules::globs")]
    pub exclude: Vec<String>,
    /// Steps that one rendering may take.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_FUEL>")]
    pub fuel: u64,
    /// Seconds that one rendering may take.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_SECS>")]
    pub render_timeout_secs: u64,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self { watch: true, patch: Patch::Auto }
    }
}

impl Default for TemplateSettings {
    fn default() -> Self {
        Self { enabled: true, exclude: Vec::new(), fuel: 1_000_000, render_timeout_secs: 5 }
    }
}

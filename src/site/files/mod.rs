//! The folder on the disk: opening what lies in it and nothing outside, and telling
//! whether it has changed.
//!
//! Knows no requests and no templates.

pub(crate) mod absence;
pub(crate) mod by_folder;
pub(crate) mod dated;
pub(crate) mod dependencies;
pub(crate) mod folder;
pub(crate) mod listing;
pub(crate) mod lookup;
pub(crate) mod missed;
pub(crate) mod names;
pub(crate) mod root;
pub(crate) mod stamp;
pub(crate) mod stat_cache;
pub(crate) mod system;
mod validity;
pub(crate) mod walk;

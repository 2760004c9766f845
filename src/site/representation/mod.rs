//! Representations: content in one state and in each coding, and the responses it gives.
//!
//! Knows neither routes nor templates: pages and assets both end here.

pub(crate) mod cache_control;
pub(crate) mod compress;
pub(crate) mod hash;
pub(crate) mod later;
pub(crate) mod responses;
pub(crate) mod stored;
pub(crate) mod variant;

//! Templates: loading, compiling and rendering them, within limits.
//!
//! Knows no responses: a render gives text, or an error and its place.

pub(crate) mod absolute;
pub(crate) mod assets;
pub(crate) mod code;
pub(crate) mod context;
pub(crate) mod dates;
pub(crate) mod engine;
pub(crate) mod explained;
pub(crate) mod image_size;
pub(crate) mod layout;
pub(crate) mod limits;
pub(crate) mod load_error;
mod loader;
pub(crate) mod names;
pub(crate) mod overlay;
pub(crate) mod part;
pub(crate) mod recorder;
pub(crate) mod source;
pub(crate) mod unclosed;

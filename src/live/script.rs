//! The URL of the live script, and the markup by which pages load it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use super::client;
use crate::site::Snippet;

/// The path of the script.
pub const SCRIPT_PATH: &str = "/_pagepool/live.js";

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    client::script().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// Names the bytes of the script: it is the query of its URL.
pub fn script_hash() -> &'static str {
    &HASH
}

/// The markup by which a page loads the script.
pub fn snippet() -> Snippet {
    let before = format!("<script src=\"{SCRIPT_PATH}?{}\" data-version=\"", script_hash());
    Snippet::new(&before, "\" async></script>")
}

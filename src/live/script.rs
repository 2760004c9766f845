//! The script that pages carry: its bytes, its URL, and the markup that loads it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use crate::site::Snippet;

/// The path of the script.
pub const SCRIPT_PATH: &str = "/_pagepool/live.js";

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    let text = stripped(include_str!("client.js"));
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Script { text, hash: format!("{:016x}", hasher.finish()) }
});

/// The script, as it is sent.
#[derive(Debug)]
pub struct Script {
    text: String,
    hash: String,
}

impl Script {
    /// The one there is.
    pub fn get() -> &'static Self {
        &SCRIPT
    }

    /// Its source.
    pub fn text(&self) -> &'static str {
        &SCRIPT.text
    }

    /// Names the text: it is the query of its URL.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// The markup by which a page loads the script.
pub fn snippet() -> Snippet {
    let hash = Script::get().hash();
    let before = format!("<script src=\"{SCRIPT_PATH}?{hash}\" data-version=\"");
    Snippet::new(&before, "\" async></script>")
}

/// Without the lines that are comments, and without the white space that lines begin
/// with.
fn stripped(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let lines = lines.filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_short_and_says_nothing_that_is_for_us_alone() {
        let text = Script::get().text();
        assert!(text.len() < 8 * 1024, "{} bytes", text.len());
        assert!(text.lines().all(|line| !line.starts_with("//") && !line.starts_with(' ')));
        assert_eq!(stripped("// a\n  b // c\n\n\t// d\n  e\n"), "b // c\ne\n");
    }
}

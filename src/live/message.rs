//! What the live script says, and what is said to it, as JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::patch::Patch;

/// What is said to a page that is open.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Message<'a> {
    /// Makes it the rendering `to`.
    Patch { to: &'a str, ops: &'a Patch },
    /// Load the page again.
    Reload,
    /// The page has another URL now.
    Navigate { url: &'a str },
    /// The stylesheet of this path has changed.
    Style { path: &'a str },
    /// So has an image.
    Image { path: &'a str },
    /// So has a font.
    Font { path: &'a str },
    /// The page cannot be rendered; show this over it.
    Error { html: &'a str },
    /// It can be again, and is as it was before.
    Fixed,
    /// What is shown is what there is.
    Current,
}

impl Message<'_> {
    /// The message as it is sent.
    pub(super) fn text(&self) -> Arc<str> {
        serde_json::to_string(self).expect("it holds text, numbers and lists alone").into()
    }
}

/// What a page says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Said {
    /// What it shows; said once, before all else.
    Hello(Hello),
    /// The paths and queries of what it has loaded.
    Loaded { resources: Vec<Box<str>> },
}

/// What a page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Hello {
    /// Its path and query.
    pub(super) page: Box<str>,
    /// The version of the rendering.
    pub(super) version: Box<str>,
    /// How long ago, in ms, it began to load.
    #[serde(default)]
    pub(super) age: Option<f64>,
}

impl Said {
    /// Recording a text. `None` where it is nothing that the script says.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_what_the_script_reads() {
        let patch = super::super::patch::diff(b"<p>a", b"<p>b").unwrap();
        let patched = Message::Patch { to: "v2", ops: &patch }.text();
        assert!(
            patched.starts_with(r#"{"type":"patch","to":"v2","ops":[{"op":"text","#),
            "{patched}"
        );
        for (message, expected) in [
            (Message::Reload, r#"{"type":"reload"}"#),
            (Message::Navigate { url: "/b" }, r#"{"type":"navigate","url":"/b"}"#),
            (Message::Style { path: "/a.css" }, r#"{"type":"style","path":"/a.css"}"#),
            (Message::Error { html: "<p>\"" }, r#"{"type":"error","html":"<p>\""}"#),
            (Message::Current, r#"{"type":"current"}"#),
        ] {
            assert_eq!(*message.text(), *expected);
        }
    }

    #[test]
    fn reads_what_the_script_says_and_nothing_else() {
        let hello = r#"{"page":"/a?b","version":"v","age":12.5}"#;
        assert!(matches!(Said::parse(hello), Some(Said::Hello(hello)) if &*hello.page == "/a?b"));
        let loaded = r#"{"resources":["/a.css","/b.js?c"]}"#;
        assert!(
            matches!(Said::parse(loaded), Some(Said::Loaded { resources }) if resources.len() == 2)
        );
        for text in ["", "{}", "[]", r#"{"page":1}"#, r#"{"page":"/"}"#, r#"{"resources":[1]}"#] {
            assert!(Said::parse(text).is_none(), "{text}");
        }
    }
}

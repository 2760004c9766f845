//! The messages between the live script and the server, as JSON.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::patch::Patch;

/// A message to an open page.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Message<'a> {
    /// Patch the document to the snapshot of version `to`.
    Patch { to: &'a str, over: Over, ops: &'a Patch },
    /// Reload the page, to the snapshot of version `to` if that is known.
    Reload {
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a str>,
    },
    /// The page has another URL now.
    Navigate { url: &'a str },
    /// The stylesheet of this path has changed.
    Style { path: &'a str },
    /// So has an image.
    Image { path: &'a str },
    /// So has a font.
    Font { path: &'a str },
    /// The page cannot be rendered: show this error over it.
    Error { html: &'a str },
    /// The error is fixed, and the page is as it was before: hide the overlay.
    Fixed,
    /// The page is up to date.
    Current,
}

/// What a patch may be made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Over {
    /// A page that has no scripts by its file.
    Markup,
    /// What scripts have left as it was.
    Scripts,
    /// Whatever is there.
    Anything,
}

impl Message<'_> {
    /// The message as it is sent.
    pub(super) fn text(&self) -> Arc<str> {
        serde_json::to_string(self).expect("it holds text, numbers and lists alone").into()
    }
}

/// A message of a page.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum PageMessage {
    /// What it shows; once, before all else.
    Hello(Hello),
    /// The paths and queries of what it has loaded.
    Loaded { resources: Vec<Box<str>> },
    /// The path and query that a script has given it.
    Address { address: Box<str> },
    /// The path and query of a frame that can say nothing itself: its origin is opaque. Of
    /// one that has none, an empty text.
    ShutIn { shut_in: Box<str> },
}

/// What a page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Hello {
    /// Its path and query.
    pub(super) page: Box<str>,
    /// How long ago it began to load files, in ms: `age` is less where it was patched since.
    #[serde(default)]
    pub(super) open_for: Option<f64>,
    /// What its browser has in front of the server's paths.
    #[serde(default)]
    pub(super) base: Box<str>,
    /// The version of the snapshot that it shows.
    pub(super) version: Box<str>,
    /// How long ago it began to load, in ms.
    #[serde(default)]
    pub(super) age: Option<f64>,
}

impl PageMessage {
    /// Parses a text. `None` if it is no message of the script.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_what_the_script_reads() {
        let mut shown = super::super::patch::Shown::new(b"<p>a".to_vec());
        let patch = shown.advance(b"<p>b".to_vec()).unwrap();
        let patched = Message::Patch { to: "v2", over: Over::Markup, ops: &patch }.text();
        let expected = r#"{"type":"patch","to":"v2","over":"markup","ops":[{"op":"text","#;
        assert!(patched.starts_with(expected), "{patched}");
        for (message, expected) in [
            (Message::Reload { to: None }, r#"{"type":"reload"}"#),
            (Message::Reload { to: Some("v2") }, r#"{"type":"reload","to":"v2"}"#),
            (Message::Navigate { url: "/b" }, r#"{"type":"navigate","url":"/b"}"#),
            (Message::Style { path: "/a.css" }, r#"{"type":"style","path":"/a.css"}"#),
            (Message::Error { html: "<p>\"" }, r#"{"type":"error","html":"<p>\""}"#),
            (Message::Current, r#"{"type":"current"}"#),
        ] {
            assert_eq!(*message.text(), *expected);
        }
    }

    #[test]
    fn parses_what_the_script_sends_and_nothing_else() {
        let hello = r#"{"page":"/a?b","version":"v","age":12.5}"#;
        assert!(
            matches!(PageMessage::parse(hello), Some(PageMessage::Hello(hello)) if &*hello.page == "/a?b")
        );
        let loaded = r#"{"resources":["/a.css","/b.js?c"]}"#;
        assert!(
            matches!(PageMessage::parse(loaded), Some(PageMessage::Loaded { resources }) if resources.len() == 2)
        );
        for text in ["", "{}", "[]", r#"{"page":1}"#, r#"{"page":"/"}"#, r#"{"resources":[1]}"#] {
            assert!(PageMessage::parse(text).is_none(), "{text}");
        }
    }
}

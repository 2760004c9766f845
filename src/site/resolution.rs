//! The resolution of a request: content, dependencies and reuse, before the form of the
//! answer is decided.

use std::sync::Arc;

use crate::http::response::Response;

use crate::site::{
    files::{
        dependencies::{Dependencies, Read},
        folder::OpenFile,
    },
    report::failure::Failure,
    representation::stored::StoredRepresentation,
};

/// What a request has come to, before anything is made of its preconditions.
#[derive(Debug)]
pub(crate) struct Resolution {
    pub(crate) content: Content,
    pub(crate) kind: Kind,
    /// The file that it is, where that stays on the disk.
    pub(crate) opened: Option<OpenFile>,
    /// The names that were looked up; all of them, where that counts.
    pub(crate) inputs: Dependencies,
    pub(crate) reuse: Reuse,
}

/// What an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The page that was asked for.
    Page,
    /// What is answered where no file matches.
    Fallback,
    /// The report of why a page cannot be rendered.
    Error,
    /// Anything else, such as a redirect, or that a file may not be read.
    Other,
}

/// What of an answer serves later requests for its path, as long as the files stay as
/// they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// Nothing.
    Once,
    /// The answer itself.
    ForAll,
    /// That this template answers, rendered for each request.
    Template(String),
    /// Why there is no page.
    Failure(Arc<Failure>),
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are stored, and none is kept")]
pub(crate) enum Content {
    Stored(StoredRepresentation),
    Response(Response),
}

impl Resolution {
    /// A response for this request alone.
    pub(crate) fn once(response: Response, kind: Kind, inputs: Dependencies) -> Self {
        Self::new(Content::Response(response), kind, inputs)
    }

    /// An answer for this request alone.
    pub(crate) fn stored_once(stored: StoredRepresentation, inputs: Dependencies) -> Self {
        Self::new(Content::Stored(stored), Kind::Page, inputs)
    }

    /// An answer for every request, as long as the files stay as they are.
    pub(crate) fn for_all(stored: StoredRepresentation, inputs: Dependencies) -> Self {
        Self { reuse: Reuse::ForAll, ..Self::stored_once(stored, inputs) }
    }

    /// The same, which serves no later request if the file might have changed unseen since
    /// it was searched for tags.
    pub(crate) fn if_settled(self, searched: &Read) -> Self {
        if searched.is_settled { self } else { Self { reuse: Reuse::Once, ..self } }
    }

    fn new(content: Content, kind: Kind, inputs: Dependencies) -> Self {
        Self { content, kind, opened: None, inputs, reuse: Reuse::Once }
    }
}

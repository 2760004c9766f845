//! What a request comes to, before it is told in what form it is answered.

use crate::http::response::Response;

use super::{cache::Inputs, folder::OpenFile, rendering::Kind, stored::StoredRepresentation};

/// What a request has come to, before anything is made of its preconditions.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) content: Content,
    pub(super) kind: Kind,
    /// The file that it is, where that stays on the disk.
    pub(super) opened: Option<OpenFile>,
    /// The names that were looked up; all of them, where that counts.
    pub(super) inputs: Inputs,
    /// Whether it answers every request for the path.
    pub(super) is_for_all: bool,
    /// The page that is to be rendered for each request for the path.
    pub(super) page: Option<String>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are stored, and none is kept")]
pub(super) enum Content {
    Stored(StoredRepresentation),
    Response(Response),
}

impl Made {
    /// A response for this request alone.
    pub(super) fn once(response: Response, kind: Kind, inputs: Inputs) -> Self {
        Self::new(Content::Response(response), kind, inputs)
    }

    /// An answer for this request alone.
    pub(super) fn stored_once(stored: StoredRepresentation, inputs: Inputs) -> Self {
        Self::new(Content::Stored(stored), Kind::Page, inputs)
    }

    /// An answer for every request, as long as the files stay as they are.
    pub(super) fn for_all(stored: StoredRepresentation, inputs: Inputs) -> Self {
        Self { is_for_all: true, ..Self::stored_once(stored, inputs) }
    }

    fn new(content: Content, kind: Kind, inputs: Inputs) -> Self {
        Self { content, kind, opened: None, inputs, is_for_all: false, page: None }
    }
}

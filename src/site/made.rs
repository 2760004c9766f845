//! What a request comes to, before it is told in what form it is answered.

use crate::http::response::Response;

use super::{cache::Inputs, finished::Finished, rendering::Kind};

/// What a request has come to, before anything is made of its preconditions.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) content: Content,
    pub(super) kind: Kind,
    /// The names that were looked up; all of them, where that counts.
    pub(super) inputs: Inputs,
    /// Whether it answers every request for the path.
    pub(super) is_for_all: bool,
    /// The page that is to be rendered for each request for the path.
    pub(super) page: Option<String>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are finished, and none is kept")]
pub(super) enum Content {
    Finished(Finished),
    Response(Response),
}

impl Made {
    /// A response for this request alone.
    pub(super) fn once(response: Response, kind: Kind, inputs: Inputs) -> Self {
        Self { content: Content::Response(response), kind, inputs, is_for_all: false, page: None }
    }

    /// An answer for this request alone.
    pub(super) fn finished_once(finished: Finished, inputs: Inputs) -> Self {
        let content = Content::Finished(finished);
        Self { content, kind: Kind::Page, inputs, is_for_all: false, page: None }
    }

    /// An answer for every request, as long as the files stay as they are.
    pub(super) fn for_all(finished: Finished, inputs: Inputs) -> Self {
        Self { is_for_all: true, ..Self::finished_once(finished, inputs) }
    }
}

//! What a request has come to, before it is looked at whether the client has it.

use super::{cache::Inputs, finished::Finished, rendering::Kind};
use crate::http::response::Response;

/// What answers a request, and what it was made of.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) content: Content,
    pub(super) kind: Kind,
    /// The names that were looked up; all of them, where that counts.
    pub(super) inputs: Inputs,
    /// Whether it answers every request for the path.
    pub(super) is_for_all: bool,
}

/// In one of two forms.
#[derive(Debug)]
pub(super) enum Content {
    /// Bytes that preconditions and ranges may be for.
    Finished(Box<Finished>),
    /// Anything else.
    Response(Response),
}

impl Made {
    /// A response for this request alone.
    pub(super) fn once(response: Response, kind: Kind, inputs: Inputs) -> Self {
        Self { content: Content::Response(response), kind, inputs, is_for_all: false }
    }

    /// An answer for this request alone.
    pub(super) fn finished_once(finished: Finished, inputs: Inputs) -> Self {
        let content = Content::Finished(Box::new(finished));
        Self { content, kind: Kind::Page, inputs, is_for_all: false }
    }

    /// An answer for every request, as long as the files stay as they are.
    pub(super) fn for_all(finished: Finished, inputs: Inputs) -> Self {
        Self { is_for_all: true, ..Self::finished_once(finished, inputs) }
    }
}

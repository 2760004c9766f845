//! The two forms of a page: as it is, and as a browser gets it that is about to show it,
//! with the snippet in it.

use std::sync::Arc;

use crate::site::{
    Content, RequestContext, Resolution, Site,
    cache::{Entry, SharedAnswer},
    preview::{snapshot::Snapshot, snippet},
    representation::stored::StoredRepresentation,
};

/// A page with the snippet in it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) stored: Arc<StoredRepresentation>,
    snapshot: Arc<Snapshot>,
}

impl Site {
    /// The form of a kept page that a browser shows, made when it is first asked for.
    pub(crate) fn document<'a>(
        &self,
        shared: &'a SharedAnswer,
        entry: &Entry,
        asked: RequestContext<'_>,
    ) -> &'a Document {
        let document = shared.document.get_or_init(|| {
            let inputs = (*entry.inputs).clone();
            let snapshot = Snapshot::of_kept(&shared.stored, inputs, &asked.key());
            let stored = shared.stored.with_bytes(self.markup(&snapshot)).into();
            Document { stored, snapshot: Arc::new(snapshot) }
        });
        self.renderings.keep(&document.snapshot, Some(asked.now));
        document
    }

    /// The bytes of a page that a browser shows, made for this request alone.
    pub(crate) fn document_once(&self, made: &Resolution, asked: RequestContext<'_>) -> Vec<u8> {
        let snapshot = Arc::new(Snapshot::of(made, asked));
        self.renderings.keep(&snapshot, Some(asked.now));
        self.markup(&snapshot)
    }

    /// Whether there are two forms of it, which both then say so.
    pub(crate) fn mark(&self, made: &mut Resolution) -> bool {
        match &mut made.content {
            Content::Stored(stored) => {
                // A file that stays on the disk is sent as it is.
                stored.varies_by_mode =
                    stored.bytes().is_some() && self.goes_into(&stored.content_type);
                stored.varies_by_mode
            }
            Content::Response(response) => {
                let content_type = response.get("Content-Type").unwrap_or_default();
                let is_shown = self.goes_into(content_type)
                    && !response.status.is_redirection()
                    && response.body.is_in_memory();
                if is_shown {
                    response.set("Vary", snippet::VARY);
                }
                is_shown
            }
        }
    }

    fn goes_into(&self, content_type: &str) -> bool {
        self.snippet.is_some() && snippet::is_for(content_type)
    }
}

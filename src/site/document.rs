//! The two forms of a page: as it is, and as a browser gets it that is about to
//! show it, with the snippet in it.

use std::sync::{Arc, OnceLock};

use crate::http::{StatusCode, answer::Answer, body::Body, response::Response};

use super::{
    Asked, Content, Made, Site,
    cache::{Entry, Kept, SharedAnswer},
    fallback::status_page,
    folder::OpenFile,
    rendering::Rendering,
    snippet,
    stored::StoredRepresentation,
};

/// A page with the snippet in it, and without.
#[derive(Debug)]
pub(super) struct Document {
    stored: Arc<StoredRepresentation>,
    rendering: Arc<Rendering>,
}

impl Site {
    /// Answers with what was made, and keeps what is for all.
    pub(super) fn answer(&self, mut made: Made, asked: Asked<'_>) -> Answer {
        let is_shown = self.mark(&mut made) && asked.is_followed;
        if let Some(page) = made.page.take() {
            let entry = Entry::new(Kept::Page(page), made.inputs.clone(), asked.folder, asked.now);
            self.cache.insert(&asked.key(), entry);
        }
        let markup = (is_shown && !made.is_for_all).then(|| {
            let rendering = Arc::new(Rendering::of(&made, asked));
            self.renderings.keep(&rendering, Some(asked.now));
            self.markup(&rendering)
        });
        let answer = match (made.content, markup) {
            (Content::Stored(stored), _) if made.is_for_all => {
                let shared = SharedAnswer { stored: stored.into(), document: OnceLock::new() };
                let entry = Entry::new(Kept::Shared(shared), made.inputs, asked.folder, asked.now);
                let entry = self.cache.insert(&asked.key(), entry);
                self.answer_shared(&entry, asked, made.opened)
            }
            (Content::Stored(stored), markup) => {
                let stored = match markup {
                    Some(markup) => stored.with_bytes(markup),
                    None => stored,
                };
                Arc::new(stored).answer(asked, made.opened)
            }
            (Content::Response(mut response), markup) => {
                if let Some(markup) = markup {
                    response.body = Body::bytes(markup.into());
                }
                Some(asked.prepare(response).into())
            }
        };
        // A file was replaced since it was found, in the moment in between.
        answer.unwrap_or_else(|| asked.prepare(try_again()).into())
    }

    /// Answers with what is kept for all. `None` where there is no such thing, or where
    /// its file has changed in this very moment.
    pub(super) fn answer_kept(&self, entry: &Entry, asked: Asked<'_>) -> Option<Answer> {
        self.answer_shared(entry, asked, None)
    }

    fn answer_shared(
        &self,
        entry: &Entry,
        asked: Asked<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        let Kept::Shared(shared) = &entry.kept else { return None };
        if !asked.is_followed || !shared.stored.varies_by_mode {
            return shared.stored.answer(asked, opened);
        }
        let document = shared.document.get_or_init(|| {
            let inputs = (*entry.inputs).clone();
            let rendering = Rendering::of_kept(&shared.stored, inputs, &asked.key());
            let stored = shared.stored.with_bytes(self.markup(&rendering)).into();
            Document { stored, rendering: Arc::new(rendering) }
        });
        self.renderings.keep(&document.rendering, Some(asked.now));
        document.stored.answer(asked, None)
    }

    /// Whether there are two forms of it, which both then say so.
    fn mark(&self, made: &mut Made) -> bool {
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

/// What a client gets whose file was replaced at the moment in which it was opened.
fn try_again() -> Response {
    status_page(StatusCode::SERVICE_UNAVAILABLE, None, false).with("Retry-After", "0")
}

//! The two forms of a page: as it is, and as a browser gets it that is about to
//! show it, with the snippet in it.

use std::sync::{Arc, OnceLock};

use crate::http::{body::Body, prepared::Prepared, response::Response};

use super::{
    Asked, Content, Made, Site,
    cache::{Answer, Entry, Inputs, Kept, MAX_ENTRY_BYTES},
    finished::Finished,
    rendering::Rendering,
    snippet,
};

/// A page with the snippet in it, and without.
#[derive(Debug)]
pub(super) struct Document {
    finished: Finished,
    rendering: Arc<Rendering>,
}

impl Site {
    /// Answers with what was made, and keeps what is for all.
    pub(super) fn answer(&self, mut made: Made, asked: Asked<'_>) -> Arc<Prepared> {
        let is_shown = self.mark(&mut made) && asked.is_followed;
        if let Some(page) = made.page.take() {
            let entry = Entry::new(Kept::Page(page), made.inputs.clone(), asked.folder, asked.now);
            self.cache.insert(asked.request.target.path(), entry);
        }
        let markup = (is_shown && !made.is_for_all).then(|| {
            let rendering = Arc::new(Rendering::of(&made, asked));
            self.renderings.keep(&rendering, Some(asked.now));
            self.markup(&rendering)
        });
        match (made.content, markup) {
            (Content::Finished(finished), _) if made.is_for_all => {
                let answer = Answer { finished, document: OnceLock::new() };
                let prepared = self.answer_kept(&answer, &made.inputs, asked);
                let entry = Entry::new(Kept::Answer(answer), made.inputs, asked.folder, asked.now);
                self.cache.insert(asked.request.target.path(), entry);
                prepared
            }
            (Content::Finished(finished), Some(markup)) => {
                finished.with_bytes(markup).answer(asked)
            }
            (Content::Finished(finished), None) => finished.answer(asked),
            (Content::Response(response), None) => asked.prepare(response),
            (Content::Response(mut response), Some(markup)) => {
                response.body = Body::bytes(markup.into());
                asked.prepare(response)
            }
        }
    }

    /// Answers with what is kept for all.
    pub(super) fn answer_kept(
        &self,
        answer: &Answer,
        inputs: &Inputs,
        asked: Asked<'_>,
    ) -> Arc<Prepared> {
        if !asked.is_followed || !answer.finished.varies_by_mode {
            return answer.finished.answer(asked);
        }
        let document = answer.document.get_or_init(|| {
            let path = asked.request.target.path();
            let rendering = Rendering::of_kept(&answer.finished, inputs.clone(), path);
            let finished = answer.finished.with_bytes(self.markup(&rendering));
            Document { finished, rendering: Arc::new(rendering) }
        });
        self.renderings.keep(&document.rendering, Some(asked.now));
        document.finished.answer(asked)
    }

    /// Whether there are two forms of it, which both then say so.
    fn mark(&self, made: &mut Made) -> bool {
        match &mut made.content {
            Content::Finished(finished) => {
                finished.varies_by_mode = self.goes_into(&finished.content_type);
                finished.varies_by_mode
            }
            Content::Response(response) => {
                let content_type = response.get("Content-Type").unwrap_or_default();
                let is_shown = self.goes_into(content_type)
                    && !response.status.is_redirection()
                    && !is_file(response);
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

/// Whether it is a large file, or a coded form of one, which stays as it is.
pub(super) fn is_file(response: &Response) -> bool {
    response.body.len() > MAX_ENTRY_BYTES || response.get("Content-Encoding").is_some()
}

//! From a resolution to an answer: what is kept, and in which form a client gets it.

use std::{sync::Arc, time::SystemTime};

use crate::{
    http::{
        StatusCode, answer::Answer, body::Body, request::Request, response::Response,
        url_path::UrlPath,
    },
    site::{
        Content, RequestContext, Resolution, Site,
        cache::{Entry, Kept},
        fallback::status_page,
        files::{dependencies::Dependencies, folder::OpenFile},
        preview::snippet,
        resolution::Reuse,
    },
};

impl Site {
    /// Answers a GET or a HEAD that came at `now`, both alike; the body of the
    /// answer to a HEAD is for the server to leave out.
    pub fn respond(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        let target = request.target.path();
        let is_followed = self.snippet.is_some() && snippet::is_navigation(request.headers);
        let folder = self.root.current(now);
        let asked =
            RequestContext { site: self, request, path: None, folder: &folder, is_followed, now };
        let kept = self.cache.get(target, &folder, now);
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        let path = UrlPath::parse(target);
        let asked = RequestContext { path: path.as_ref(), ..asked };
        let kept = kept.or_else(|| self.cache.get(&asked.key(), &folder, now));
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        let again = kept.and_then(|entry| self.page_again(&entry, asked));
        self.answer(again.unwrap_or_else(|| self.resolve(asked)), asked)
    }

    /// Answers with what was made, and keeps what later requests may have of it.
    pub(crate) fn answer(&self, mut made: Resolution, asked: RequestContext<'_>) -> Answer {
        let is_shown = self.mark(&mut made) && asked.is_followed;
        let answer = match made.reuse {
            Reuse::ForAll => self.answer_for_all(made, asked),
            ref reuse => {
                if let Some(kept) = reuse.kept() {
                    self.keep(&asked.key(), kept, made.inputs.clone(), asked);
                }
                self.answer_once(made, is_shown, asked)
            }
        };
        // A file was replaced since it was found, in the moment in between.
        answer.unwrap_or_else(|| asked.prepare(try_again()).into())
    }

    /// Keeps what later requests for `key` may have, as long as what it was made from stays.
    pub(crate) fn keep(
        &self,
        key: &str,
        kept: Kept,
        inputs: Dependencies,
        asked: RequestContext<'_>,
    ) -> Arc<Entry> {
        self.cache.insert(key, Entry::new(kept, inputs, asked.folder, asked.now))
    }

    fn answer_for_all(&self, made: Resolution, asked: RequestContext<'_>) -> Option<Answer> {
        let Content::Stored(stored) = made.content else { return None };
        let entry = self.keep(&asked.key(), Kept::shared(stored.into()), made.inputs, asked);
        self.answer_shared(&entry, asked, made.opened)
    }

    fn answer_once(
        &self,
        made: Resolution,
        is_shown: bool,
        asked: RequestContext<'_>,
    ) -> Option<Answer> {
        let markup = is_shown.then(|| self.document_once(&made, asked));
        match made.content {
            Content::Stored(stored) => {
                let stored = match markup {
                    Some(markup) => stored.with_bytes(markup),
                    None => stored,
                };
                Arc::new(stored).answer(asked, made.opened)
            }
            Content::Response(mut response) => {
                if let Some(markup) = markup {
                    response.body = Body::bytes(markup.into());
                }
                Some(asked.prepare(response).into())
            }
        }
    }

    /// Answers with what is kept for all. `None` where there is no such thing, or where
    /// its file has changed in this very moment.
    fn answer_kept(&self, entry: &Entry, asked: RequestContext<'_>) -> Option<Answer> {
        self.answer_shared(entry, asked, None)
    }

    fn answer_shared(
        &self,
        entry: &Entry,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        let Kept::Shared(shared) = &entry.kept else { return None };
        if asked.is_followed && shared.stored.varies_by_mode {
            return self.document(shared, entry, asked).stored.answer(asked, None);
        }
        shared.stored.answer(asked, opened)
    }
}

/// What a client gets whose file was replaced at the moment in which it was opened.
fn try_again() -> Response {
    status_page(StatusCode::SERVICE_UNAVAILABLE, None, false).with("Retry-After", "0")
}

//! From a resolution to an answer: what is kept, and in which form a client gets it.

use std::{sync::Arc, time::SystemTime};

use crate::{
    http::{
        StatusCode,
        answer::Answer,
        body::Body,
        purpose::{self, Purpose},
        request::Request,
        response::Response,
        url_path::UrlPath,
    },
    site::{
        Content, RequestContext, Resolution, Site,
        builtin::status_page,
        cache::{Entry, Kept, SharedAnswer},
        files::{dependencies::Dependencies, folder::OpenFile},
        preview::{document::Document, snapshot::Snapshot, snippet},
        resolution::Reuse,
    },
};

impl Site {
    /// Answers a GET or a HEAD that came at `now`, both alike; the body of the
    /// answer to a HEAD is for the server to leave out.
    pub fn respond(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        let target = request.target.path();
        let is_followed = self.snippet.is_some() && Purpose::of(request.headers).shows_pages();
        if is_followed && let Some(answer) = self.respond_around(request, now) {
            return answer;
        }
        let folder = self.root.current_for_one_file(now);
        let asked =
            RequestContext { site: self, request, path: None, folder: &folder, is_followed, now };
        // The common case first, without opening the root: an answer made of one file is checked
        // by one `stat` of that file's whole path, which also notices a switched root.
        let kept = self.cache.get_of_one_file(target, &self.root, &folder, now);
        if let Some(answer) = kept.and_then(|entry| self.answer_kept(&entry, asked)) {
            return answer;
        }
        // From here on one state of the folder answers, even if the root is switched meanwhile.
        let folder = self.root.current(now);
        let asked = RequestContext { folder: &folder, ..asked };
        let kept = self.cache.get(target, &folder, now);
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        // Entries have the one spelling of their path, and most targets are spelled so. Only
        // another spelling costs the parsing of the path and a second look-up.
        let path = UrlPath::parse(target);
        let asked = RequestContext { path: path.as_ref(), ..asked };
        let kept = kept.or_else(|| self.cache.get(&asked.key(), &folder, now));
        if let Some(answer) = kept.as_ref().and_then(|entry| self.answer_kept(entry, asked)) {
            return answer;
        }
        // What is kept of a page that reads its request is its name and the stamps of its files,
        // and of one that failed its report: neither needs a new resolution.
        let again = kept.and_then(|entry| self.page_again(&entry, asked));
        match again {
            Some(made) => self.answer(made, asked),
            None => self.resolve_whole(asked, |made, asked| self.answer(made, asked)),
        }
    }

    /// Answers with what was made, and keeps what later requests may have of it.
    pub(crate) fn answer(&self, mut made: Resolution, asked: RequestContext<'_>) -> Answer {
        let is_shown = self.mark(&mut made) && asked.is_followed;
        let answer = match made.reuse {
            Reuse::ForAll => self.answer_for_all(made, asked),
            ref reuse => {
                if let Some(kept) = Kept::of(reuse) {
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

    /// The form of a kept page that a browser shows, made when it is first asked for.
    fn document<'a>(
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
    fn document_once(&self, made: &Resolution, asked: RequestContext<'_>) -> Vec<u8> {
        let snapshot = Arc::new(Snapshot::of(made, asked));
        self.renderings.keep(&snapshot, Some(asked.now));
        self.markup(&snapshot)
    }

    /// Whether there are two forms of it, which then both have the field `Vary`.
    fn mark(&self, made: &mut Resolution) -> bool {
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
                    response.set("Vary", purpose::VARY);
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

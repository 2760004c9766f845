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
        Site,
        builtin::status_page,
        cache::{Document, Entry, Kept, SharedAnswer},
        files::{
            dependencies::Dependencies,
            folder::{Folder, OpenFile},
        },
        preview::{snapshot::Snapshot, snippet},
        representation::stored::{StoredRepresentation, Unanswered},
        request_context::RequestContext,
        resolution::{Content, Resolution},
    },
};

/// What answers a request, once what serves later ones is kept.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it lives as long as one request")]
pub(crate) enum Found {
    /// What every request gets, what it was made from, and its file where that was opened
    /// just now.
    Shared(Arc<SharedAnswer>, Arc<Dependencies>, Option<OpenFile>),
    /// This, for this request alone.
    Own(Resolution),
}

impl Site {
    /// Answers a GET or a HEAD that came at `now`, both alike; the body of the
    /// answer to a HEAD is for the server to leave out.
    pub fn respond(&self, request: &Request<'_>, now: SystemTime) -> Answer {
        self.respond_telling(request, now, |_| {})
    }

    /// The same; `tell` sees what it comes to, where it is resolved now.
    pub(crate) fn respond_telling(
        &self,
        request: &Request<'_>,
        now: SystemTime,
        tell: impl FnOnce(&Resolution),
    ) -> Answer {
        let target = request.target.path();
        let is_followed = self.snippet.is_some() && Purpose::of(request.headers).shows_pages();
        if is_followed && let Some(answer) = self.respond_around(request, now) {
            return answer;
        }
        let folder = self.root.last_if_checked_by_path(now);
        let asked = self.context(request, &folder, is_followed, now);
        // The common case first, without a look at the root: what is kept is checked through the
        // root's name, which also notices a switched root.
        let by = request.arrived_by;
        let kept = self.cache.get_through_root(target, &self.root, &folder, now, by);
        if let Some(answer) = kept.and_then(|entry| self.answer_again(&entry, asked)) {
            return answer;
        }
        // From here on one state of the folder answers, even if the root is switched meanwhile.
        let folder = self.root.current(now);
        let asked = RequestContext { folder: &folder, ..asked };
        let kept = self.cache.get(target, &folder, now, by);
        if let Some(answer) = kept.and_then(|entry| self.answer_again(&entry, asked)) {
            return answer;
        }
        // Entries have the one spelling of their path, and most targets are spelled so. Only
        // another spelling costs a second look-up.
        let path = UrlPath::parse(target);
        let asked = RequestContext { path: path.as_ref(), ..asked };
        let key = asked.key();
        let kept = (*key != *target).then(|| self.cache.get(&key, &folder, now, by));
        if let Some(answer) = kept.flatten().and_then(|entry| self.answer_again(&entry, asked)) {
            return answer;
        }
        self.resolve_whole(asked, |made, asked| {
            tell(&made);
            self.answer(self.keep(&asked.key(), made, asked), asked)
        })
    }

    /// A request as it is known at first, without its path.
    pub(crate) fn context<'a>(
        &'a self,
        request: &'a Request<'a>,
        folder: &'a Arc<Folder>,
        is_followed: bool,
        now: SystemTime,
    ) -> RequestContext<'a> {
        RequestContext {
            request,
            path: None,
            folder,
            is_followed,
            now,
            preparation: &self.preparation,
            background: self.background.as_ref(),
        }
    }

    /// What is kept under `key`, made again where each request gets an answer of its own;
    /// else what `make` comes to, of which is kept what serves later requests.
    pub(crate) fn find_or_make(
        &self,
        key: &str,
        kept: Option<Arc<Entry>>,
        asked: RequestContext<'_>,
        make: impl FnOnce() -> Resolution,
    ) -> Found {
        if let Some(entry) = kept {
            if let Some(shared) = entry.shared() {
                return Found::Shared(Arc::clone(shared), Arc::clone(&entry.dependencies), None);
            }
            if let Some(made) = self.page_again(&entry, asked) {
                return Found::Own(made);
            }
        }
        let made = make();
        let is_whole = asked.folder.misses_nothing();
        self.keep(key, if is_whole { made } else { made.for_this_request() }, asked)
    }

    /// Keeps what later requests for `key` may have, as long as what it was made from stays.
    pub(crate) fn keep(&self, key: &str, made: Resolution, asked: RequestContext<'_>) -> Found {
        let Resolution { content, kind, opened, dependencies, is_of_moment } = made;
        let insert = |kept, dependencies| {
            self.cache.insert(key, Entry::new(kept, dependencies, asked.folder, asked.now))
        };
        let content = match content {
            Content::Shared(mut stored) => {
                self.mark(&mut stored, asked);
                let shared = Arc::new(SharedAnswer::new(stored));
                let entry = insert(Kept::Shared(Arc::clone(&shared)), dependencies);
                // Another thread may have kept the same just before.
                let shared = entry.shared().map_or(shared, Arc::clone);
                return Found::Shared(shared, Arc::clone(&entry.dependencies), opened);
            }
            Content::Stored(stored, Some(recipe)) => {
                insert(Kept::Recipe(recipe), dependencies.clone());
                Content::Stored(stored, None)
            }
            Content::Response(response, Some(recipe)) => {
                insert(Kept::Recipe(recipe), dependencies.clone());
                Content::Response(response, None)
            }
            content => content,
        };
        Found::Own(Resolution { content, kind, opened, dependencies, is_of_moment })
    }

    /// Answers with what was found, in the form that is for the client.
    pub(crate) fn answer(&self, found: Found, asked: RequestContext<'_>) -> Answer {
        let answer = match found {
            Found::Shared(shared, dependencies, opened) => {
                self.answer_shared(&shared, &dependencies, asked, opened)
            }
            Found::Own(made) => self.answer_once(made, asked),
        };
        // A file was replaced since it was found, in the moment in between.
        answer.unwrap_or_else(|| asked.prepare(try_again()).into())
    }

    fn answer_once(&self, mut made: Resolution, asked: RequestContext<'_>) -> Option<Answer> {
        let is_marked = match &mut made.content {
            Content::Shared(stored) | Content::Stored(stored, _) => self.mark(stored, asked),
            Content::Kept(stored) => stored.varies_by_mode,
            Content::Response(response, _) => self.mark_response(response, asked),
        };
        let is_shown = is_marked && asked.is_followed;
        let markup = is_shown.then(|| self.document_once(&made, asked));
        match made.content {
            Content::Shared(stored) | Content::Stored(stored, _) => {
                let shown = markup.map(|markup| stored.with_bytes(markup).into());
                send(&shown.unwrap_or_else(|| stored.into()), asked, made.opened)
            }
            Content::Kept(stored) => {
                let shown = markup.map(|markup| stored.for_one(markup).into());
                send(&shown.unwrap_or(stored), asked, made.opened)
            }
            Content::Response(mut response, _) => {
                if let Some(markup) = markup {
                    response.body = Body::bytes(markup.into());
                }
                Some(asked.prepare(response).into())
            }
        }
    }

    /// Answers with what is kept: for all, or for this request after a page that reads it is
    /// rendered again. `None` where a file has changed in this very moment.
    fn answer_again(&self, entry: &Entry, asked: RequestContext<'_>) -> Option<Answer> {
        if let Some(shared) = entry.shared() {
            return self.answer_shared(shared, &entry.dependencies, asked, None);
        }
        let path = UrlPath::parse(asked.request.target.path());
        let asked = RequestContext { path: path.as_ref(), ..asked };
        let made = self.page_again(entry, asked)?;
        Some(self.answer(Found::Own(made), asked))
    }

    fn answer_shared(
        &self,
        shared: &SharedAnswer,
        dependencies: &Dependencies,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        if asked.is_followed && shared.stored.varies_by_mode {
            return send(&self.document(shared, dependencies, asked).stored, asked, None);
        }
        send(&shared.stored, asked, opened)
    }

    /// The form of a kept page that a browser shows, made when it is first asked for.
    fn document<'a>(
        &self,
        shared: &'a SharedAnswer,
        dependencies: &Dependencies,
        asked: RequestContext<'_>,
    ) -> &'a Document {
        let document = shared.document.get_or_init(|| {
            let snapshot = Snapshot::of_kept(&shared.stored, dependencies.clone(), &asked.key());
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

    /// Whether there are two forms of it, which both then have the field `Vary`.
    fn mark(&self, stored: &mut StoredRepresentation, asked: RequestContext<'_>) -> bool {
        // A file that stays on the disk is sent as it is.
        stored.varies_by_mode = self.is_edited() && stored.bytes().is_some() && {
            let sent = self.sent_type(&stored.content_type, asked);
            snippet::goes_into(&stored.content_type, &sent)
        };
        stored.varies_by_mode
    }

    /// The same for what is no representation.
    fn mark_response(&self, response: &mut Response, asked: RequestContext<'_>) -> bool {
        let content_type = response.get("Content-Type").unwrap_or_default();
        let is_marked = self.is_edited()
            && !response.status.is_redirection()
            && response.body.is_in_memory()
            && {
                let sent = self.preparation.sent_type(asked.request.target.path(), response);
                snippet::goes_into(content_type, &sent)
            };
        if is_marked {
            response.set("Vary", purpose::VARY);
        }
        is_marked
    }

    /// The media type with which a representation of `content_type` is sent.
    pub(crate) fn sent_type(&self, content_type: &str, asked: RequestContext<'_>) -> String {
        let response =
            Response::empty(StatusCode::OK).with("Content-Type", content_type.to_owned());
        self.preparation.sent_type(asked.request.target.path(), &response)
    }
}

/// Answers with a representation. `None` where its file has changed in this very moment.
fn send(
    stored: &Arc<StoredRepresentation>,
    asked: RequestContext<'_>,
    opened: Option<OpenFile>,
) -> Option<Answer> {
    let response = match stored.answer(asked, opened) {
        Ok(answer) => return Some(answer),
        Err(Unanswered::Changed) => return None,
        Err(Unanswered::PreconditionFailed) => asked.status(StatusCode::PRECONDITION_FAILED),
        Err(Unanswered::Unsatisfiable) => {
            stored.unsatisfiable(asked.status(StatusCode::RANGE_NOT_SATISFIABLE))
        }
    };
    Some(stored.prepare(response, asked).into())
}

/// What a client gets whose file was replaced at the moment in which it was opened.
fn try_again() -> Response {
    status_page(StatusCode::SERVICE_UNAVAILABLE, None, false)
}

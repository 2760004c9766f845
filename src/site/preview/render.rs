//! Renders what a browser would get, for the pages that are open in one.

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use crate::http::{request_head::RequestHead, url_path::UrlPath};

use crate::site::{
    Site,
    files::stat_cache::StatCache,
    preview::snapshot::{Sent, Snapshot},
    request_context::RequestContext,
};

impl Site {
    /// The rendering of this version, if it was sent and is not forgotten.
    pub fn rendering(&self, version: &str) -> Option<Sent> {
        self.renderings.get(version)
    }

    /// Makes what a browser would get that sends a request with this head. `None`
    /// where there is no such request.
    pub fn render(&self, head: &RequestHead, now: SystemTime) -> Option<Arc<Snapshot>> {
        let make = |asked: RequestContext<'_>| Snapshot::of(&self.shown(asked), asked);
        let rendering = Arc::new(self.with_request(head, now, make)?);
        self.renderings.keep(&rendering, None);
        Some(rendering)
    }

    /// Gives `work` the request with this head.
    pub(crate) fn with_request<T>(
        &self,
        head: &RequestHead,
        now: SystemTime,
        work: impl FnOnce(RequestContext<'_>) -> T,
    ) -> Option<T> {
        head.with_request(|request| {
            let path = UrlPath::parse(request.target.path());
            let folder = self.root.current(now);
            let asked = self.context(request, &folder, true, now);
            work(RequestContext { path: path.as_ref(), ..asked })
        })
    }

    /// Begins a check of the files as they are now; each file is read once, so that it
    /// does not change during the check.
    pub fn stat_cache(&self) -> StatCache {
        StatCache::new(self.root.check(), None)
    }

    /// The same, which of long lists only looks up what events have `named`, or what is below.
    pub fn stat_cache_of_named(&self, named: Vec<PathBuf>) -> StatCache {
        StatCache::new(self.root.check(), Some(named.into()))
    }

    /// Another check after this one, of the same names.
    pub fn stat_cache_after(&self, before: &StatCache) -> StatCache {
        StatCache::new(self.root.check(), before.named())
    }

    /// The rendering with the snippet in it, as it is sent.
    pub fn markup(&self, rendering: &Snapshot) -> Vec<u8> {
        match &self.snippet {
            Some(snippet) => {
                snippet.insert(rendering.bytes(), rendering.path(), rendering.version())
            }
            None => rendering.bytes().to_vec(),
        }
    }
}

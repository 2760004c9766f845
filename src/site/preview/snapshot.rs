//! Snapshots of what was sent to a browser, to tell whether the files still make the
//! same page.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::http::{
    media_type::MediaType, memory::Bytes, request_head::RequestHead, response::Response,
};

use crate::site::{
    files::dependencies::Dependencies,
    representation::{hash::hash, stored::StoredRepresentation},
    request_context::RequestContext,
    resolution::{Content, Kind, Resolution},
};

/// The memory for renderings that no browser is known to show.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// An answer as it was made for a browser to show, before the snippet went in.
#[derive(Debug)]
pub struct Snapshot {
    version: Box<str>,
    /// Its path, encoded.
    path: Box<str>,
    bytes: Bytes,
    kind: Kind,
    is_utf8: bool,
    message: Option<String>,
    /// Where it may be another for another request: the head of the one it is for.
    head: Option<RequestHead>,
    dependencies: Dependencies,
}

/// A rendering, and when it last was on its way to a browser.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What was sent.
    pub rendering: Arc<Snapshot>,
    /// When the last request for it had come; none has for one that pages were patched to.
    pub at: Option<SystemTime>,
}

impl Snapshot {
    /// What it takes of memory, in bytes.
    fn weight(&self) -> usize {
        self.bytes.len()
            + self.path.len()
            + self.head.as_ref().map_or(0, RequestHead::byte_len)
            + 1024
    }

    /// What was made, as an answer to this request.
    pub(crate) fn of(made: &Resolution, asked: RequestContext<'_>) -> Self {
        // Only what is kept for all is surely the same for another request. The head is part of
        // the version, so that a tab is compared with a page made for its own request.
        let head = (!made.is_for_all()).then(|| RequestHead::of(asked.request));
        let path = &*asked.key();
        let of_stored = |stored: &StoredRepresentation, head| Self {
            message: stored.note.message.clone(),
            ..Self::new(stored.bytes().unwrap_or_default(), &stored.content_type, path, head)
        };
        let rendering = match &made.content {
            Content::Shared(stored) | Content::Stored(stored, _) => of_stored(stored, head),
            Content::Kept(stored) => of_stored(stored, head),
            Content::Response(response, _) => Self {
                message: response.note.message.clone(),
                ..Self::new(
                    bytes_of(response),
                    response.get("Content-Type").unwrap_or_default(),
                    path,
                    head,
                )
            },
        };
        Self { kind: made.kind, dependencies: made.dependencies.clone(), ..rendering }
    }

    /// A page that is the same for every request for `path`.
    pub(crate) fn of_kept(
        stored: &StoredRepresentation,
        dependencies: Dependencies,
        path: &str,
    ) -> Self {
        let bytes = stored.bytes().unwrap_or_default();
        Self { dependencies, ..Self::new(bytes, &stored.content_type, path, None) }
    }

    fn new(bytes: Bytes, content_type: &str, path: &str, head: Option<RequestHead>) -> Self {
        // The path counts, since two pages with the same bytes have different dependencies.
        let parts = [hash(&bytes), hash(path.as_bytes())].map(u128::to_le_bytes);
        let content = hash(&parts.concat());
        let version = match &head {
            None => format!("{content:032x}"),
            Some(head) => format!("{content:032x}-{:032x}", hash(&head.to_bytes())),
        };
        let media_type = MediaType::read(content_type);
        // A feed is compared with no page, such as that of an error in it.
        let charset = media_type.charset().filter(|_| media_type.is("text/html"));
        let is_utf8 = charset.is_some_and(|charset| charset.eq_ignore_ascii_case("utf-8"))
            && str::from_utf8(&bytes).is_ok();
        Self {
            version: version.into(),
            path: path.into(),
            bytes,
            kind: Kind::Page,
            is_utf8,
            message: None,
            head,
            dependencies: Dependencies::default(),
        }
    }

    /// Its name: two renderings with the same one are the same in what is shown, for
    /// which path, and, where that counts, for which request.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether `version` names a rendering of the same bytes for the same path.
    pub fn has_content_of(&self, version: &str) -> bool {
        let content = |version: &str| version.split('-').next().map(str::to_owned);
        content(&self.version) == content(version)
    }

    /// Its path, encoded.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What is shown, before the snippet went in.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether the bytes are what a browser takes them for, text in UTF-8.
    pub fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    /// The message for the terminal.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The head of the request that it was made for, where that counts.
    pub fn head(&self) -> Option<&RequestHead> {
        self.head.as_ref()
    }

    /// The names that were looked up to make it.
    pub fn dependencies(&self) -> &Dependencies {
        &self.dependencies
    }
}

/// The bytes of an answer that is no file.
pub(crate) fn bytes_of(response: &Response) -> Bytes {
    response.body.read().unwrap_or_default().into()
}

/// The renderings that were made last, for browsers that come back to ask about one.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_version: HashMap<Arc<str>, (u64, Sent)>,
    /// The versions by when they were last asked for.
    order: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    count: u64,
}

impl Snapshots {
    /// Keeps a rendering that was sent now, or was not sent.
    pub(crate) fn keep(&self, rendering: &Arc<Snapshot>, sent: Option<SystemTime>) {
        let mut kept = self.kept();
        let before = kept.remove(&rendering.version);
        let at = sent.or(before.and_then(|before| before.at));
        kept.insert(Sent { rendering: Arc::clone(rendering), at });
        while kept.bytes > MAX_KEPT_BYTES && kept.order.len() > 1 {
            kept.remove_oldest();
        }
    }

    /// The rendering of this version, if it is kept.
    pub(crate) fn get(&self, version: &str) -> Option<Sent> {
        self.kept().by_version.get(version).map(|(_, sent)| sent.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, sent: Sent) {
        let version: Arc<str> = (*sent.rendering.version).into();
        self.count += 1;
        self.bytes += sent.rendering.weight();
        self.order.insert(self.count, Arc::clone(&version));
        self.by_version.insert(version, (self.count, sent));
    }

    fn remove(&mut self, version: &str) -> Option<Sent> {
        let (order, sent) = self.by_version.remove(version)?;
        self.order.remove(&order);
        self.bytes -= sent.rendering.weight();
        Some(sent)
    }

    fn remove_oldest(&mut self) {
        if let Some((_, version)) = self.order.pop_first() {
            self.remove(&version);
        }
    }
}

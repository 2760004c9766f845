//! Records who has asked for what: the files that a page's frames and workers fetch, which the
//! page itself does not see.
//!
//! A fetch names the document, worker, module or stylesheet that it is for in `Referer`.
//! So a page fetches what was asked for in its own name, and what that fetched in turn.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use super::{PARTS_OF_BUDGET, script::is_own};
use crate::http::{Method, headers::Headers, host::Host, purpose::Purpose, request::Request};

/// The memory for all fetches, in bytes: those longest ago are forgotten. What is fetched
/// in one name may take a part of it.
const MAX_BYTES: usize = 1 << 20;
/// What is kept beside the two names of a fetch.
const BESIDE_NAMES_BYTES: usize = 256;

/// In whose name a worker fetches that was made of no file (`blob:`), or a page that
/// names itself to nobody.
pub(super) const NAMELESS: &str = "";
/// In whose name a document or worker fetches that is shut in (`<iframe sandbox>`): its
/// origin is opaque.
pub(super) const SHUT_IN: &str = "null";

/// What was fetched.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    /// Its path and query.
    pub(super) target: Arc<str>,
    /// When it was last asked for.
    pub(super) at: SystemTime,
    /// Whether a frame shows it, which follows itself if it is a page.
    pub(super) is_for_frame: bool,
    /// Whether it is the script of a shared worker, which runs on for pages to come.
    pub(super) is_shared: bool,
}

/// The fetches of late, for all threads.
#[derive(Debug, Default)]
pub(super) struct Fetches(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_referrer: HashMap<Arc<str>, Referrer>,
    /// Each of them by when it was last asked for.
    order: BTreeMap<u64, Key>,
    count: u64,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Referrer {
    /// By their targets, with their places in the order.
    fetches: HashMap<Arc<str>, (u64, Fetch)>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Key {
    referrer: Arc<str>,
    target: Arc<str>,
}

impl Fetches {
    /// Notes a request that came at `now`, if it is for a part of a page. Says whether it is.
    pub(super) fn note(&self, request: &Request<'_>, now: SystemTime) -> bool {
        let Some((referrer, fetch)) = read(request, now) else { return false };
        self.kept().put(&referrer, fetch);
        true
    }

    /// What was fetched in the name of `referrer`.
    pub(super) fn of(&self, referrer: &str) -> Vec<Fetch> {
        let kept = self.kept();
        let fetches = kept.by_referrer.get(referrer).map(|referrer| referrer.fetches.values());
        fetches.into_iter().flatten().map(|(_, fetch)| fetch.clone()).collect()
    }

    /// What was fetched since `seen` was returned, each with its referrer.
    pub(super) fn since(&self, seen: &mut u64) -> Vec<(Arc<str>, Fetch)> {
        let kept = self.kept();
        let new = kept.order.range(*seen + 1..).filter_map(|(_, key)| {
            let (_, fetch) = kept.by_referrer.get(&key.referrer)?.fetches.get(&key.target)?;
            Some((Arc::clone(&key.referrer), fetch.clone()))
        });
        let new = new.collect();
        *seen = kept.count;
        new
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn put(&mut self, referrer: &str, fetch: Fetch) {
        let key = Key { referrer: referrer.into(), target: Arc::clone(&fetch.target) };
        self.remove(&key);
        let weight = key.weight();
        self.make_room_for(referrer, weight);
        self.count += 1;
        self.bytes += weight;
        let of_referrer = self.by_referrer.entry(Arc::clone(&key.referrer)).or_default();
        of_referrer.bytes += weight;
        of_referrer.fetches.insert(Arc::clone(&key.target), (self.count, fetch));
        self.order.insert(self.count, key);
        while self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.order.first_key_value() else { return };
            self.remove(&oldest.clone());
        }
    }

    /// Forgets what was fetched longest ago in one name, where that has its part.
    fn make_room_for(&mut self, referrer: &str, weight: usize) {
        while let Some(of_referrer) = self.by_referrer.get(referrer)
            && of_referrer.bytes + weight > MAX_BYTES / PARTS_OF_BUDGET
        {
            let places = of_referrer.fetches.values().map(|(place, _)| *place);
            let Some(key) = places.min().and_then(|place| self.order.get(&place)) else { return };
            self.remove(&key.clone());
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(referrer) = self.by_referrer.get_mut(&key.referrer) else { return };
        let Some((place, _)) = referrer.fetches.remove(&key.target) else { return };
        self.order.remove(&place);
        self.bytes -= key.weight();
        referrer.bytes -= key.weight();
        if referrer.fetches.is_empty() {
            self.by_referrer.remove(&key.referrer);
        }
    }
}

impl Key {
    fn weight(&self) -> usize {
        self.referrer.len() + self.target.len() + BESIDE_NAMES_BYTES
    }
}

/// The fetch that a request is, and in whose name it is made. `None` for a page in a tab,
/// a download, and what is only loaded ahead.
fn read(request: &Request<'_>, now: SystemTime) -> Option<(String, Fetch)> {
    let headers = request.headers;
    let path = request.target.path();
    let is_ahead = headers.get("Sec-Purpose").is_some();
    if request.method != Method::GET || is_own(path) || is_ahead {
        return None;
    }
    let destination = headers.get_str("Sec-Fetch-Dest");
    let is_navigation = Purpose::of(headers).shows_pages();
    let is_download =
        destination == Some("empty") && headers.get("Sec-Fetch-Mode") == Some(b"navigate");
    if destination == Some("document") || is_download {
        return None;
    }
    let referrer = referrer(headers, request.host?, destination)?;
    let target = without_mark(path, request.target.query());
    let fetch = Fetch {
        target: target.into(),
        at: now,
        is_for_frame: is_navigation,
        is_shared: destination == Some("sharedworker"),
    };
    Some((referrer, fetch))
}

/// In whose name a request of this site is made, as the browser has it: in front of a path
/// of the server may be the base of the tab.
fn referrer(headers: Headers<'_>, host: Host<'_>, destination: Option<&str>) -> Option<String> {
    if headers.get("Origin") == Some(b"null") {
        return Some(SHUT_IN.to_owned());
    }
    let is_same_origin = headers.get_str("Sec-Fetch-Site") == Some("same-origin");
    let Some(referrer) = headers.get_str("Referer") else {
        // Of these, a page knows all.
        let is_known = matches!(destination, Some("style" | "image" | "font" | "track"));
        return (is_same_origin && !is_known).then(|| NAMELESS.to_owned());
    };
    let (_, rest) = referrer.split_once("://")?;
    let (authority, target) = rest.split_at(rest.find('/')?);
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    // A proxy may ask another host than the browser.
    let is_own = is_same_origin || authority.eq_ignore_ascii_case(host.as_str());
    is_own.then(|| without_mark(path, query))
}

/// A path and its query without the mark by which a page asks for a changed file again.
fn without_mark(path: &str, query: Option<&str>) -> String {
    let unmarked = query.and_then(|query| {
        let rest =
            query.strip_prefix("pagepool=")?.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.is_empty() { Some(None) } else { Some(Some(rest.strip_prefix('&')?)) }
    });
    match unmarked.unwrap_or(query) {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::request_head::RequestHead;

    fn request(target: &str, fields: &[(&str, &str)]) -> Option<(String, Fetch)> {
        let head = RequestHead::get(target, "localhost:8889");
        let head = fields.iter().fold(head, |head, (name, value)| head.with(name, value));
        head.with_request(|request| read(request, SystemTime::now())).unwrap()
    }

    #[test]
    fn a_fetch_is_made_in_the_name_of_its_referrer() {
        let page = ("Referer", "http://localhost:8889/a?b");
        for (target, fields, expected) in [
            ("/w.js", &[page, ("Sec-Fetch-Dest", "worker")][..], Some("/a?b: /w.js")),
            ("/d.txt?x", &[page][..], Some("/a?b: /d.txt?x")),
            ("/s.css?pagepool=12", &[page][..], Some("/a?b: /s.css")),
            ("/s.css?pagepool=12&v", &[page][..], Some("/a?b: /s.css?v")),
            ("/s.css?pagepool=1x", &[page][..], Some("/a?b: /s.css?pagepool=1x")),
            (
                "/i.svg",
                &[("Referer", "http://LOCALHOST:8889/s.css?pagepool=2")][..],
                Some("/s.css: /i.svg"),
            ),
            ("/x.css", &[page, ("Origin", "null")][..], Some("null: /x.css")),
            (
                "/x.js",
                &[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Dest", "script")][..],
                Some(": /x.js"),
            ),
            ("/x.css", &[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Dest", "style")][..], None),
            ("/x.js", &[("Sec-Fetch-Site", "cross-site")][..], None),
            ("/x.js", &[][..], None),
            ("/x.js", &[("Referer", "http://localhost:8890/")][..], None),
            ("/x.js", &[("Referer", "http://localhost:8889.example/")][..], None),
            ("/x.js", &[("Referer", "localhost")][..], None),
            ("/_pagepool/live.js", &[page][..], None),
            (
                "/next",
                &[page, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")][..],
                None,
            ),
            (
                "/file",
                &[page, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "empty")][..],
                None,
            ),
            ("/next", &[page, ("Sec-Purpose", "prefetch")][..], None),
        ] {
            let read = request(target, fields);
            let read = read.map(|(referrer, fetch)| format!("{referrer}: {}", fetch.target));
            assert_eq!(read.as_deref(), expected, "{target} {fields:?}");
        }
    }

    #[test]
    fn a_frame_and_a_shared_worker_are_known_as_such() {
        let page = ("Referer", "http://localhost:8889/");
        for (fields, expected) in [
            (
                &[page, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")][..],
                (true, false),
            ),
            (&[page, ("Upgrade-Insecure-Requests", "1")][..], (true, false)),
            (&[page, ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")][..], (false, false)),
            (
                &[page, ("Sec-Fetch-Mode", "same-origin"), ("Sec-Fetch-Dest", "sharedworker")][..],
                (false, true),
            ),
        ] {
            let (_, fetch) = request("/a", fields).unwrap();
            assert_eq!((fetch.is_for_frame, fetch.is_shared), expected, "{fields:?}");
        }
    }

    fn fetch(target: &str, secs: u64) -> Fetch {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(secs);
        Fetch { target: target.into(), at, is_for_frame: false, is_shared: false }
    }

    #[test]
    fn each_is_told_once_until_it_is_asked_for_again() {
        let fetches = Fetches::default();
        let mut seen = 0;
        let mut new = || {
            let new = fetches.since(&mut seen);
            new.iter().map(|(r, f)| format!("{r}: {}", f.target)).collect::<Vec<_>>()
        };
        fetches.kept().put("/", fetch("/a", 1));
        fetches.kept().put("/", fetch("/b", 1));
        assert_eq!(new(), ["/: /a", "/: /b"]);
        assert!(new().is_empty());
        fetches.kept().put("/", fetch("/a", 2));
        assert_eq!(new(), ["/: /a"]);
        let times: Vec<_> = fetches.of("/").iter().map(|fetch| fetch.at).collect();
        assert_eq!(times.len(), 2);
        assert!(times.contains(&fetch("/a", 2).at));
        assert!(fetches.of("/b").is_empty());
    }

    #[test]
    fn what_is_fetched_takes_no_more_than_its_memory() {
        let fetches = Fetches::default();
        let long = "x".repeat(1000);
        for n in 0..1000 {
            fetches.kept().put("/flood", fetch(&format!("/{n}{long}"), 1));
        }
        let of_one = fetches.kept().bytes;
        assert!(of_one <= MAX_BYTES / PARTS_OF_BUDGET && of_one > MAX_BYTES / PARTS_OF_BUDGET / 2);
        for n in 0..10_000 {
            fetches.kept().put(&format!("/{n}"), fetch("/a", 1));
        }
        let kept = fetches.kept();
        assert!(kept.bytes <= MAX_BYTES);
        assert!(kept.by_referrer.contains_key("/9999") && !kept.by_referrer.contains_key("/flood"));
        let count: usize = kept.by_referrer.values().map(|referrer| referrer.fetches.len()).sum();
        assert_eq!(count, kept.order.len());
        let bytes: usize = kept.order.values().map(Key::weight).sum();
        assert_eq!(bytes, kept.bytes);
    }
}

//! Files that a page has loaded, and whether they have changed.

use std::{ops::Range, time::SystemTime};

use crate::http::{media_type::MediaType, request_head::RequestHead, url_path::UrlPath};
use crate::site::{
    Site,
    files::dependencies::Dependencies,
    preview::{snapshot::bytes_of, snippet},
    representation::hash::hash,
    resolution::{Content, Kind},
};

/// What answered a request for a part of a page, without its bytes.
#[derive(Debug)]
pub struct Subresource {
    kind: SubresourceKind,
    hash: u128,
    is_for_request: bool,
    is_page: bool,
    dependencies: Dependencies,
}

/// What a browser makes of a part of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubresourceKind {
    /// A stylesheet.
    Style,
    /// An image.
    Image,
    /// A font.
    Font,
    /// A script, or data for one; anything else.
    Other,
}

impl Subresource {
    /// What it is.
    pub fn kind(&self) -> SubresourceKind {
        self.kind
    }

    /// Whether a browser would get the same bytes.
    pub fn is_same(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// Whether it is a page that was rendered for this request alone.
    pub fn is_for_request(&self) -> bool {
        self.is_for_request
    }

    /// Whether it is a page, which holds the live script where a frame shows it.
    pub fn is_page(&self) -> bool {
        self.is_page
    }

    /// The names that were looked up to find it.
    pub fn dependencies(&self) -> &Dependencies {
        &self.dependencies
    }
}

impl Site {
    /// What answers a request for `target`, the path and query of a part of a page.
    /// `None` where it is no target.
    pub fn resource(&self, target: &str, now: SystemTime) -> Option<Subresource> {
        let head = RequestHead::get(target, "localhost").as_subresource();
        self.with_request(&head, now, |asked| {
            let made = self.resolve(asked);
            let (hash, content_type) = match &made.content {
                // No file: all such answers count as the same.
                _ if made.kind == Kind::Fallback => (0, self.type_of_path(asked.path)),
                Content::Shared(stored) | Content::Stored(stored, _) => {
                    (stored.state(), self.sent_type(&stored.content_type, asked))
                }
                Content::Kept(stored) => {
                    (stored.state(), self.sent_type(&stored.content_type, asked))
                }
                Content::Response(response, _) => {
                    let content_type = response.get("Content-Type").unwrap_or_default();
                    (hash(&bytes_of(response)), content_type.to_owned())
                }
            };
            let kind = SubresourceKind::of(&content_type);
            let is_page = made.kind == Kind::Fallback || snippet::is_for(&content_type);
            let is_for_request = made.is_for_request();
            Subresource { kind, hash, is_for_request, is_page, dependencies: made.dependencies }
        })
    }

    /// Whether one of the files that were looked up for it may have changed in this time, or
    /// a link was switched that leads to one.
    pub fn may_have_changed(&self, resource: &Subresource, in_time: &Range<SystemTime>) -> bool {
        let mut links = resource.dependencies.names().flat_map(|name| self.root.links_to(name));
        resource.dependencies.may_have_changed(in_time)
            || links.any(|link| link.may_be_from(in_time))
    }

    /// The type that a file would have whose path this is.
    pub(crate) fn type_of_path(&self, path: Option<&UrlPath>) -> String {
        let name = path.and_then(|path| self.naming.files_for(path).into_iter().next());
        self.naming.content_type(&name.unwrap_or_default()).value.into_owned()
    }
}

impl SubresourceKind {
    fn of(content_type: &str) -> Self {
        match MediaType::read(content_type) {
            media_type if media_type.is("text/css") => Self::Style,
            media_type if media_type.is_of("image") => Self::Image,
            media_type if media_type.is_of("font") => Self::Font,
            _ => Self::Other,
        }
    }
}

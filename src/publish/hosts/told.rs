//! All that a host is told of a site, and what it gets.

use std::{collections::BTreeMap, path::Path};

use super::{header::Header, redirect::Redirect};
use crate::{
    http::{base_path::BasePath, url_path::UrlPath},
    publish::{
        answers::Content,
        host::Host,
        names::{Name, OWN_PREFIX},
        problems::Problems,
        routes::NOT_FOUND,
    },
};

/// What a host is told of a site.
pub(super) struct Told<'a> {
    pub(super) contents: &'a [Content],
    /// The number of compressed forms.
    pub(super) compressed: usize,
    pub(super) redirects: Vec<Redirect>,
    pub(super) headers: Vec<Header>,
    pub(super) types: &'a BTreeMap<String, String>,
    pub(super) base_path: &'a BasePath,
    /// The file that answers in place of all pages that are missing, encoded.
    pub(super) fallback: Option<String>,
    pub(super) out: &'a Path,
    /// Whether text has compressed forms beside it.
    pub(super) is_compressed: bool,
}

/// What a host gets besides the content of the site.
#[derive(Debug, Default)]
pub(crate) struct HostFiles {
    pub(crate) files: Vec<HostFile>,
    /// What a person does with it.
    pub(crate) instructions: Option<String>,
}

/// A file that is no content of the site; a marker where it is empty.
#[derive(Debug)]
pub(crate) struct HostFile {
    pub(crate) name: Name,
    pub(crate) text: String,
}

impl HostFiles {
    /// Adds a file that `host` reads, unless it would say nothing.
    pub(super) fn add_settings(&mut self, host: Host, file: &str, text: String) {
        if !text.is_empty() {
            let name = Name::new(file, format!("the settings for {}", host.shown()));
            self.files.push(HostFile { name, text });
        }
    }

    /// Adds an empty file whose name is all that `host` looks for.
    pub(super) fn add_marker(&mut self, host: Host, file: &str) {
        let name = Name::new(file, format!("the settings for {}", host.shown()));
        self.files.push(HostFile { name, text: String::new() });
    }
}

impl Told<'_> {
    /// The media types of the files by extension, without a dot; the usual one where an
    /// extension has several. Without an extension it is empty.
    pub(super) fn types_by_extension(&self) -> BTreeMap<&str, &str> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for content in self.contents {
            let types = counts.entry(extension(&content.file)).or_default();
            *types.entry(&content.content_type).or_default() += 1;
        }
        let mut usual = BTreeMap::new();
        for (extension, types) in counts {
            let most = types.into_iter().max_by_key(|(_, count)| *count);
            usual.extend(most.map(|(name, _)| (extension, name)));
        }
        usual
    }

    /// The types of `[types]` that files of the site have, by extension.
    pub(super) fn own_types(&self) -> BTreeMap<&str, &str> {
        let types = self.types_by_extension();
        types.into_iter().filter(|(extension, _)| self.types.contains_key(*extension)).collect()
    }

    pub(super) fn warn_of_extensionless(&self, problems: &mut Problems) {
        let names = self.contents.iter().map(|content| content.file.as_str());
        // What GitHub reads is no content.
        let has_none = |name: &&str| extension(name).is_empty() && *name != "CNAME";
        if let Some(list) = listed(names.filter(has_none)) {
            problems.warn(format!("without an extension, hosts guess the media type: {list}"));
        }
    }

    /// Warns that the host has no words for the rules that change fields.
    pub(super) fn warn_of_headers(&self, host: Host, problems: &mut Problems) {
        let host = host.shown();
        let mut origins: Vec<&str> =
            self.headers.iter().map(|header| header.origin.as_str()).collect();
        origins.dedup();
        if !origins.is_empty() {
            problems.warn(format!("{host} cannot change header fields: {}", origins.join(", ")));
        }
        if let Some(list) = listed(self.own_types().into_keys()) {
            problems.warn(format!("{host} takes no `[types]`, of the extensions {list}"));
        }
    }

    /// Warns that the page for what is missing is sent as an error there, or that the site's own
    /// page for that is in its place.
    pub(super) fn warn_of_fallback(&self, host: Host, problems: &mut Problems) {
        let Some(file) = &self.fallback else { return };
        let host = host.shown();
        problems.warn(match self.contents.iter().any(|content| content.file == NOT_FOUND) {
            true => format!(
                "{host} answers what is missing with `{NOT_FOUND}`, not with the page that \
                 `fallback` names: leave one of them out"
            ),
            false => format!("{host} answers what is missing with `{file}`, but as a 404"),
        });
    }

    /// The path of the file in `fallback` as servers of files take it: not encoded.
    pub(super) fn fallback_name(&self) -> Option<String> {
        let path = UrlPath::parse(self.fallback.as_deref()?)?;
        Some(path.as_str().to_owned())
    }

    /// Warns of folders that are not to be reached beside a page of their name.
    pub(super) fn warn_of_hidden_folders(&self, host: Host, problems: &mut Problems) {
        let is_folder =
            |content: &&Content| content.path.is_folder() && content.path.as_str() != "/";
        for content in self.contents.iter().filter(is_folder) {
            let page = content.path.with_folder(false);
            if let Some(page) = self.content_at(&page.encoded()).filter(|page| page.is_page) {
                problems.warn(format!(
                    "{} sends `{}` to `{}`: `{}` is not to be reached beside `{}`",
                    host.shown(),
                    content.path.as_str(),
                    page.path.as_str(),
                    content.source,
                    page.source
                ));
            }
        }
    }

    /// The file that stands at the encoded path `path`, if there is one.
    pub(super) fn content_at(&self, path: &str) -> Option<&Content> {
        self.contents.iter().find(|content| content.path.encoded() == path)
    }
}

/// The text of a file that keeps the build's own files from being uploaded.
pub(super) fn ignored() -> String {
    format!("{OWN_PREFIX}*\n")
}

/// What follows the last dot of the file's own name.
pub(super) fn extension(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The first of `names`, for a message; `None` where there are none.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const MAX_SHOWN: usize = 3;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let shown = names.get(..MAX_SHOWN.min(names.len()))?.join(", ");
    match names.len().saturating_sub(MAX_SHOWN) {
        _ if names.is_empty() => None,
        0 => Some(shown),
        more => Some(format!("{shown} and {more} more")),
    }
}

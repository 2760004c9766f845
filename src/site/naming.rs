//! The meaning of a file's name: page or asset, private, a coded form; the path under
//! which it is known, and the files that would answer a path.
//!
//! The one place that knows `.html`, `_` and `.`. Judges names, and opens no files.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet};

use crate::{
    globs,
    http::{encoding::Coding, url_path::UrlPath},
    site::content_type::{ContentType, ContentTypes},
};

/// What follows the name of a page in that of its file, and what such a file is. Where
/// several files would make one page, the first one counts.
const PAGE_EXTENSIONS: [(&str, FileKind); 1] = [(".html", FileKind::Template)];

/// The page of the site that answers where no file matches. Kept under this name, which
/// no path is.
pub(crate) const NOT_FOUND_PAGE: &str = "404.html";

/// The folder of the site's data, a private one.
pub(crate) const DATA_FOLDER: &str = "_data";

/// The fewest hex digits that count as the hash of a content.
const MIN_HASH_DIGITS: usize = 8;

/// What follows the name of a file in that of a coded form of it, as tools write it. The
/// form that is preferred comes first.
const CODED_EXTENSIONS: [(Coding, &str); 3] =
    [(Coding::Brotli, ".br"), (Coding::Zstd, ".zst"), (Coding::Gzip, ".gz")];

/// What names mean in this site. A name is a path from the root, with `/` between segments.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    /// The pages that are no templates.
    exclude: GlobSet,
    types: ContentTypes,
}

/// What a file is made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// It is rendered.
    Template,
    /// It is served as it is.
    Asset,
}

/// A file that would answer a path, were it there.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// Where the file's own path is, if not the one asked for.
    pub(crate) redirect: Option<UrlPath>,
}

impl Naming {
    /// `exclude` are globs of pages that are no templates, `types` media types by extension.
    ///
    /// # Errors
    /// Where a glob is malformed.
    pub(crate) fn new(
        exclude: &[String],
        types: &BTreeMap<String, String>,
    ) -> Result<Self, globset::Error> {
        let globs = exclude.iter().map(|glob| globs::compile(glob));
        let globs = globs.collect::<Result<Vec<Glob>, _>>()?;
        Ok(Self { exclude: GlobSet::new(globs)?, types: ContentTypes::new(types) })
    }

    /// Whether the file is a page: known without its extension, and a template as a rule.
    pub(crate) fn is_page(&self, name: &str) -> bool {
        split_page(name).is_some()
    }

    /// Whether the file may begin with front matter where it is used as a template.
    pub(crate) fn may_have_front_matter(name: &str) -> bool {
        split_page(name).is_some()
    }

    /// What the file is made into.
    pub(crate) fn kind(&self, name: &str) -> FileKind {
        match split_page(name) {
            Some((_, kind)) if !self.exclude.is_match(name) => kind,
            _ => FileKind::Asset,
        }
    }

    /// Whether the name ends as that of an asset of a known type, which no page has.
    pub(crate) fn is_known_asset(&self, name: &str) -> bool {
        !self.is_page(name) && self.types.knows(extension(name))
    }

    /// The media type of an asset.
    pub(crate) fn content_type(&self, name: &str) -> ContentType {
        self.types.of(extension(name))
    }

    /// Whether the name changes with the content, as in `app.3f9a2c1b.js` or
    /// `app-3f9a2c1b.min.js`. A part of digits alone may be a date, and one of letters
    /// alone a word.
    pub(crate) fn has_hash(&self, name: &str) -> bool {
        let mut parts = file_name(name).split(['.', '-', '_']);
        // What comes first is the name proper, and what comes last the extension.
        let is_first_or_last = (parts.next(), parts.next_back());
        is_first_or_last.1.is_some() && parts.any(is_hash)
    }

    /// Whether no request gets what is called so, or lies in a folder that is.
    pub(crate) fn is_private(&self, path: &UrlPath) -> bool {
        path.relative().split('/').any(|segment| self.is_private_segment(segment))
    }

    /// Whether a file or folder of this name is private, wherever it is.
    pub(crate) fn is_private_segment(&self, segment: &str) -> bool {
        segment.starts_with('_') || self.is_hidden_segment(segment)
    }

    /// Whether templates do not use it either. `.well-known` is public (RFC 8615).
    pub(crate) fn is_hidden_segment(&self, segment: &str) -> bool {
        segment.starts_with('.') && segment != ".well-known"
    }

    /// The template of which `name` would be a coded form, made for all files of a folder.
    /// It holds the source of the template, which is never sent.
    pub(crate) fn coded_template<'a>(&self, name: &'a str) -> Option<&'a str> {
        let mut extensions = CODED_EXTENSIONS.into_iter();
        let uncoded = extensions.find_map(|(_, extension)| name.strip_suffix(extension));
        uncoded.filter(|uncoded| self.kind(uncoded) != FileKind::Asset)
    }

    /// The files that may hold the asset `name` in coded form.
    pub(crate) fn coded_forms(&self, name: &str) -> impl Iterator<Item = (Coding, String)> {
        CODED_EXTENSIONS
            .into_iter()
            .map(move |(coding, extension)| (coding, name.to_owned() + extension))
    }

    /// The path under which the file `name` is known. `None` where no request can
    /// name it.
    pub(crate) fn path_of(&self, name: &str) -> Option<UrlPath> {
        match split_page(name) {
            Some(("index", _)) => UrlPath::of_name("", true),
            Some((page, _)) => match page.strip_suffix("/index") {
                Some(folder) => UrlPath::of_name(folder, true),
                None => UrlPath::of_name(page, false),
            },
            None => UrlPath::of_name(name, false),
        }
    }

    /// The files that would answer `path`, in the order in which they are looked for.
    pub(crate) fn candidates(&self, path: &UrlPath) -> Vec<Candidate> {
        let relative = path.relative();
        let here = |name: String| Candidate { name, redirect: None };
        let elsewhere = |name: String| {
            let redirect = Some(path.with_folder(!path.is_folder()));
            Candidate { name, redirect }
        };
        if self.is_private(path) {
            return Vec::new();
        }
        let pages = |name: &str| PAGE_EXTENSIONS.map(|(extension, _)| format!("{name}{extension}"));
        if relative.is_empty() {
            return pages("index").into_iter().map(here).collect();
        }
        let page = pages(relative).into_iter();
        let index = pages(&format!("{relative}/index")).into_iter();
        if path.is_folder() {
            return index.map(here).chain(page.map(elsewhere)).collect();
        }
        let file = here(relative.to_owned());
        [file].into_iter().chain(page.map(here)).chain(index.map(elsewhere)).collect()
    }

    /// The names of the candidates, in the same order.
    pub(crate) fn files_for(&self, path: &UrlPath) -> Vec<String> {
        self.candidates(path).into_iter().map(|candidate| candidate.name).collect()
    }
}

/// The name of a page without its extension, and what its file is.
fn split_page(name: &str) -> Option<(&str, FileKind)> {
    let mut extensions = PAGE_EXTENSIONS.into_iter();
    extensions.find_map(|(extension, kind)| Some((name.strip_suffix(extension)?, kind)))
}

/// What follows the last dot of the file's own name.
fn extension(name: &str) -> &str {
    file_name(name).rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn is_hash(part: &str) -> bool {
    part.len() >= MIN_HASH_DIGITS
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_with_an_underscore_or_a_dot_are_private() {
        for (encoded, is_private) in [
            ("/", false),
            ("/_layout", true),
            ("/a/_b/c", true),
            ("/.git/config", true),
            ("/%2egit", true),
            ("/.well-known/x", false),
            ("/a/.well-known", false),
            ("/.well-known2", true),
            ("/a_b/c.d", false),
        ] {
            let path = UrlPath::parse(encoded).unwrap();
            assert_eq!(Naming::default().is_private(&path), is_private, "{encoded}");
        }
    }

    #[test]
    fn a_page_is_known_without_its_extension() {
        for (name, path) in [
            ("index.html", "/"),
            ("docs/index.html", "/docs/"),
            ("docs/intro.html", "/docs/intro"),
            ("myindex.html", "/myindex"),
            ("style.css", "/style.css"),
        ] {
            let naming = Naming::default();
            let known = naming.path_of(name).unwrap();
            assert_eq!(known.as_str(), path, "{name}");
            let first =
                naming.candidates(&known).into_iter().find(|candidate| candidate.name == name);
            assert!(first.is_some_and(|candidate| candidate.redirect.is_none()), "{name}");
        }
        assert_eq!(Naming::default().path_of("a\\b.html"), None);
    }

    #[test]
    fn an_excluded_page_is_no_template_and_has_coded_forms() {
        let naming = Naming::new(&["vendor/*.html".to_owned()], &BTreeMap::new()).unwrap();
        for (name, is_page, is_template) in [
            ("a.html", true, true),
            ("vendor/a.html", true, false),
            ("vendor/b/a.html", true, true),
            ("a.css", false, false),
        ] {
            let kind = if is_template { FileKind::Template } else { FileKind::Asset };
            assert_eq!((naming.is_page(name), naming.kind(name)), (is_page, kind));
            for (_, coded) in naming.coded_forms(name) {
                assert_eq!(naming.coded_template(&coded), is_template.then_some(name), "{coded}");
            }
        }
    }

    #[test]
    fn only_a_hash_in_the_name_is_for_ever() {
        for name in ["app.3f9a2c1b.js", "app-3F9A2C1B44.min.js", "x/a.0123456789abcdef.css"] {
            assert!(Naming::default().has_hash(name), "{name}");
        }
        for name in [
            "app.js",
            "report.20240101.pdf",
            "a.deadbeef.js",
            "3f9a2c1b.js",
            "app.3f9a2c.js",
            "app.3f9a2c1g.js",
            "3f9a2c1b/app.js",
            "app.3f9a2c1b",
            "",
        ] {
            assert!(!Naming::default().has_hash(name), "{name}");
        }
    }
}

//! The meaning of a file's name: page or asset, private, a coded form; the path under
//! which it is known, and the files that would answer a path.
//!
//! The one place that knows `.html`, `_` and `.`. Judges names, and opens no files.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobSet};

use crate::http::{encoding::Coding, url_path::UrlPath};

use crate::site::representation::content_type::{ContentType, ContentTypes};

/// What follows the name of a page in that of its file.
const PAGE_EXTENSION: &str = ".html";

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
        let compile = |glob: &String| GlobBuilder::new(glob).literal_separator(true).build();
        let globs = exclude.iter().map(compile).collect::<Result<Vec<Glob>, _>>()?;
        Ok(Self { exclude: GlobSet::new(globs)?, types: ContentTypes::new(types) })
    }

    /// Whether the file is a page: known without its extension, and a template as a rule.
    pub(crate) fn is_page(&self, name: &str) -> bool {
        name.ends_with(PAGE_EXTENSION)
    }

    /// Whether the file is rendered.
    pub(crate) fn is_template(&self, name: &str) -> bool {
        self.is_page(name) && !self.exclude.is_match(name)
    }

    /// The media type of an asset.
    pub(crate) fn content_type(&self, name: &str) -> ContentType {
        self.types.of(name)
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
        uncoded.filter(|uncoded| self.is_template(uncoded))
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
        match name.strip_suffix(PAGE_EXTENSION) {
            Some("index") => UrlPath::of_name("", true),
            Some(page) => match page.strip_suffix("/index") {
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
        if relative.is_empty() {
            return vec![here(format!("index{PAGE_EXTENSION}"))];
        }
        let page = format!("{relative}{PAGE_EXTENSION}");
        let index = format!("{relative}/index{PAGE_EXTENSION}");
        if path.is_folder() {
            vec![here(index), elsewhere(page)]
        } else {
            vec![here(relative.to_owned()), here(page), elsewhere(index)]
        }
    }

    /// The names of the candidates, in the same order.
    pub(crate) fn files_for(&self, path: &UrlPath) -> Vec<String> {
        self.candidates(path).into_iter().map(|candidate| candidate.name).collect()
    }
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
            assert_eq!((naming.is_page(name), naming.is_template(name)), (is_page, is_template));
            for (_, coded) in naming.coded_forms(name) {
                assert_eq!(naming.coded_template(&coded), is_template.then_some(name), "{coded}");
            }
        }
    }
}

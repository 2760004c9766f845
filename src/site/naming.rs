//! The meaning of a file's name: page or asset, private, a coded form; the path under
//! which it is known, and the files that would answer a path.
//!
//! The one place that knows `.html`, `_` and `.`. Judges names, and opens no files.

pub(crate) mod candidates;
mod parts;
mod public;
mod text;

use std::collections::BTreeMap;

use globset::{Error, GlobSet};

use self::parts::{extension, file_name, is_hash};
use self::public::{PublicNames, from_root, has_underscore, is_hidden_segment, parts_of, set_of};
pub(crate) use self::{
    parts::{param_of, split_day},
    text::text_of,
};
use crate::{
    http::{encoding::Coding, url_path::UrlPath},
    site::content_type::{ContentType, ContentTypes},
};

/// What follows the name of a page in that of its file, and what such a file is. Where
/// several files would make one page, the first one counts.
const PAGE_EXTENSIONS: [(&str, FileKind); 2] =
    [(HTML, FileKind::Template), (MARKDOWN, FileKind::Markdown)];

const HTML: &str = ".html";
const MARKDOWN: &str = ".md";

/// The same in a site without templates.
const PLAIN_PAGE_EXTENSIONS: [(&str, FileKind); 1] = [(HTML, FileKind::Asset)];

/// The page of the site that answers where no file matches. Kept under this name, which
/// no path is.
pub(crate) const NOT_FOUND_PAGE: &str = "404.html";

/// The folder of the site's data, a private one.
pub(crate) const DATA_FOLDER: &str = "_data";

/// The files at the root that hold rules for hosts, and for this server.
const HOST_RULES: [&str; 2] = ["_redirects", "_headers"];

/// What follows the name of a file in that of a coded form of it, as tools write it. The
/// form that is preferred comes first.
const CODED_EXTENSIONS: [(Coding, &str); 3] =
    [(Coding::Brotli, ".br"), (Coding::Zstd, ".zst"), (Coding::Gzip, ".gz")];

/// Pages with `_` that tools leave in the sites that they build: that of Next.js for what is
/// not found, and those of Sphinx with the source of modules.
const BUILT_PAGE: &str = "_not-found.html";
const BUILT_PAGES: &str = "_modules";

/// What names mean in this site. A name is a path from the root, with `/` between segments.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    mode: Mode,
    types: ContentTypes,
}

/// What the configuration says of names; see the same of the options of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamingRules {
    pub(crate) is_plain: bool,
    pub(crate) public: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) types: BTreeMap<String, String>,
}

/// Whether pages are templates, which is where `_` has a meaning.
#[derive(Debug)]
enum Mode {
    Templates {
        /// The pages that are no templates.
        exclude: GlobSet,
        public: PublicNames,
    },
    /// Each file is served as it is, and `_` is a letter like others.
    Plain,
}

/// Who may have what a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// Every request.
    Public,
    /// Templates alone, because of a `_`.
    Private,
    /// Nobody, because of a dot.
    Hidden,
}

/// What a file is made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// It is rendered.
    Template,
    /// It is rendered, and then read as Markdown.
    Markdown,
    /// It is served as it is.
    Asset,
}

impl Naming {
    /// Reads which files are templates, which names are public, and the media types.
    ///
    /// # Errors
    /// Where a glob is malformed.
    pub(crate) fn new(rules: &NamingRules) -> Result<Self, Error> {
        let mode = match rules.is_plain {
            true => Mode::Plain,
            false => Mode::Templates {
                exclude: set_of(rules.exclude.iter().map(|glob| from_root(glob)))?,
                public: PublicNames::new(&rules.public)?,
            },
        };
        Ok(Self { mode, types: ContentTypes::new(&rules.types) })
    }

    /// Whether no file is a template.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.mode, Mode::Plain)
    }

    /// Whether the file is a page: known without its extension, and a template as a rule.
    pub(crate) fn is_page(&self, name: &str) -> bool {
        self.split_page(name).is_some() && !self.is_excluded_markdown(name)
    }

    /// The name of a page without its extension; `None` for any other file.
    pub(crate) fn page_name<'a>(&self, name: &'a str) -> Option<&'a str> {
        self.split_page(name).map(|(page, _)| page)
    }

    /// Whether the file is a template that only others use, and none that a tool has built.
    pub(crate) fn is_partial(&self, name: &str) -> bool {
        let own_name = file_name(name);
        own_name.starts_with('_')
            && own_name != BUILT_PAGE
            && !name.split('/').any(|segment| segment == BUILT_PAGES)
            && self.kind(name) != FileKind::Asset
            && self.privacy(name) == Privacy::Private
    }

    /// Whether the file holds Markdown where it is used as a template.
    pub(crate) fn is_markdown(name: &str) -> bool {
        name.ends_with(MARKDOWN)
    }

    /// The files that would make the same page as the page `name`, and come after it.
    pub(crate) fn rivals(&self, name: &str) -> Vec<String> {
        let Some((page, kind)) = self.split_page(name) else { return Vec::new() };
        let others = self.page_extensions().iter().skip_while(|(_, other)| *other != kind).skip(1);
        let names = others.map(|(extension, _)| format!("{page}{extension}"));
        names.filter(|name| self.kind(name) != FileKind::Asset).collect()
    }

    /// Whether the file may begin with front matter where it is used as a template.
    pub(crate) fn may_have_front_matter(name: &str) -> bool {
        split_page(name, &PAGE_EXTENSIONS).is_some() || text::has_template_extension(name)
    }

    /// The name of the text that the file `name` is a template of: `feed.xml` of
    /// `feed.xml.jinja`.
    pub(crate) fn text_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        text::text_of(name).filter(|_| match &self.mode {
            Mode::Templates { exclude, .. } => !exclude.is_match(name),
            Mode::Plain => false,
        })
    }

    /// The template that would make the text `name`, where there can be one.
    pub(crate) fn template_of(&self, name: &str) -> Option<String> {
        text::template_of(name).filter(|template| self.text_of(template).is_some())
    }

    /// What the file is made into.
    pub(crate) fn kind(&self, name: &str) -> FileKind {
        match (self.split_page(name), &self.mode) {
            (None, _) if self.text_of(name).is_some() => FileKind::Template,
            (None, _) => FileKind::Asset,
            (Some(_), Mode::Templates { exclude, .. }) if exclude.is_match(name) => FileKind::Asset,
            (Some((_, kind)), _) => kind,
        }
    }

    /// Whether the name ends as that of an asset of a known type, which no page has.
    pub(crate) fn is_known_asset(&self, name: &str) -> bool {
        !self.is_page(name) && self.types.knows(extension(name))
    }

    /// The media type of an asset, or of what a template of text makes.
    pub(crate) fn content_type(&self, name: &str) -> ContentType {
        let name = self.text_of(name).unwrap_or(name);
        self.types.of(file_name(name), extension(name))
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

    /// Who may have what is called so: its own name counts, and that of each folder
    /// that it lies in.
    pub(crate) fn privacy(&self, name: &str) -> Privacy {
        // Rules for a host are none of its files.
        if name.split('/').any(is_hidden_segment) || HOST_RULES.contains(&name) {
            return Privacy::Hidden;
        }
        match &self.mode {
            Mode::Templates { public, .. } if has_underscore(name) && !public.holds(name) => {
                Privacy::Private
            }
            _ => Privacy::Public,
        }
    }

    /// Whether no request gets what is called so.
    pub(crate) fn is_private(&self, name: &str) -> bool {
        self.privacy(name) != Privacy::Public
    }

    /// Whether a folder may hold files that requests get.
    pub(crate) fn may_hold_public(&self, folder: &str) -> bool {
        match (self.privacy(folder), &self.mode) {
            (Privacy::Private, Mode::Templates { public, .. }) => public.leads_through(folder),
            (privacy, _) => privacy == Privacy::Public,
        }
    }

    /// Whether a name is served although there is a `_` in it that makes others private.
    pub(crate) fn is_freed(&self, name: &str) -> bool {
        !self.is_plain() && has_underscore(name) && self.privacy(name) == Privacy::Public
    }

    /// What makes a name private, from the root: itself, or the first folder that begins
    /// with `_`.
    pub(crate) fn private_part<'a>(&self, name: &'a str) -> &'a str {
        let mut parts = parts_of(name);
        parts.find(|part| file_name(part).starts_with('_')).unwrap_or(name)
    }

    /// A glob for `public` that frees it.
    pub(crate) fn freeing_glob(&self, name: &str) -> String {
        match self.private_part(name) {
            part if part == name => globset::escape(name),
            folder => format!("{}/**", globset::escape(folder)),
        }
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
        match self.split_page(name).filter(|_| self.is_page(name)) {
            Some(("index", _)) => UrlPath::of_name("", true),
            Some((page, _)) => match page.strip_suffix("/index") {
                Some(folder) => UrlPath::of_name(folder, true),
                None => UrlPath::of_name(self.undated(name).as_deref().unwrap_or(page), false),
            },
            None => UrlPath::of_name(self.text_of(name).unwrap_or(name), false),
        }
    }

    /// The day before the own name of a page's file, and the rest of that without the
    /// extension: `2026-11-27` and `hello` of `blog/2026-11-27-hello.md`.
    pub(crate) fn split_dated(name: &str) -> Option<(&str, &str)> {
        split_day(file_name(split_page(name, &PAGE_EXTENSIONS)?.0))
    }

    /// The name of a page whose file has a day before its own name, without both that and the
    /// extension: `blog/hello` of `blog/2026-11-27-hello.md`.
    pub(crate) fn undated(&self, name: &str) -> Option<String> {
        let (_, rest) = Self::split_dated(name).filter(|_| self.kind(name) != FileKind::Asset)?;
        Some([&name[..name.len() - file_name(name).len()], rest].concat())
    }

    /// The page that a build writes as the file `name`, without an extension.
    pub(crate) fn page_written_as(name: &str) -> Option<&str> {
        name.strip_suffix(HTML).filter(|page| !file_name(page).is_empty())
    }

    /// The name of a page's file without its extension, that of another file as it is.
    pub(crate) fn without_extension<'a>(&self, name: &'a str) -> &'a str {
        self.split_page(name).map_or(name, |(page, _)| page)
    }

    /// Whether the file `name` is a page that lists show.
    pub(crate) fn is_listed(&self, name: &str) -> bool {
        let is_of_data = |segment: &str| segment.starts_with('[') && segment.ends_with(']');
        self.is_page(name)
            && name != NOT_FOUND_PAGE
            && !self.without_extension(name).split('/').any(is_of_data)
            && !self.is_private(name)
            && self.path_of(name).is_some()
    }

    fn is_excluded_markdown(&self, name: &str) -> bool {
        Self::is_markdown(name) && self.kind(name) == FileKind::Asset
    }

    fn page_extensions(&self) -> &'static [(&'static str, FileKind)] {
        if self.is_plain() { &PLAIN_PAGE_EXTENSIONS } else { &PAGE_EXTENSIONS }
    }

    fn split_page<'a>(&self, name: &'a str) -> Option<(&'a str, FileKind)> {
        split_page(name, self.page_extensions())
    }
}

impl Default for Mode {
    fn default() -> Self {
        Self::Templates { exclude: GlobSet::empty(), public: PublicNames::default() }
    }
}

/// The name of a page without its extension, and what its file is.
fn split_page<'a>(name: &'a str, extensions: &[(&str, FileKind)]) -> Option<(&'a str, FileKind)> {
    let split = |&(extension, kind): &(&str, _)| Some((name.strip_suffix(extension)?, kind));
    extensions.iter().find_map(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(rules: &NamingRules) -> Naming {
        Naming::new(rules).unwrap()
    }

    fn plain() -> Naming {
        naming(&NamingRules { is_plain: true, ..NamingRules::default() })
    }

    /// A site with these globs in `public`.
    fn freeing(globs: &[&str]) -> Naming {
        let public = globs.iter().map(|glob| (*glob).to_owned()).collect();
        naming(&NamingRules { public, ..NamingRules::default() })
    }

    #[test]
    fn plain_names_are_private_for_a_dot_alone() {
        for (name, privacy) in [
            ("_layout.html", Privacy::Public),
            ("_static/_b/c.css", Privacy::Public),
            (".env", Privacy::Hidden),
            ("_redirects", Privacy::Hidden),
            ("_headers", Privacy::Hidden),
            ("docs/_headers", Privacy::Public),
            ("_a/.git/config", Privacy::Hidden),
            (".well-known/security.txt", Privacy::Public),
        ] {
            assert_eq!(plain().privacy(name), privacy, "{name}");
        }
        for name in ["a.html", "_a.html", "a.css"] {
            assert_eq!(plain().kind(name), FileKind::Asset, "{name}");
            assert_eq!(plain().coded_template(&format!("{name}.br")), None, "{name}");
            assert!(!plain().is_freed(name) && !plain().is_partial(name), "{name}");
        }
        let path = plain().path_of("_docs/index.html").unwrap();
        assert_eq!(path.as_str(), "/_docs/");
        assert_eq!(plain().files_for(&UrlPath::parse("/_docs").unwrap()).len(), 3);
    }

    #[test]
    fn globs_free_names_with_an_underscore_and_never_those_with_a_dot() {
        use Privacy::{Hidden, Private, Public};
        for (globs, name, privacy) in [
            (&["_static/**"][..], "_static/a.css", Public),
            (&["_static/**"], "_static/_b/_c.css", Public),
            (&["_static/**"], "_static", Private),
            (&["_static/**"], "a/_static/b.css", Private),
            (&["_static/**"], "_next/a.js", Private),
            (&["_static/**"], "_static/.git/config", Hidden),
            (&["**"], ".env", Hidden),
            (&["**"], "_redirects", Hidden),
            (&["**"], "_a/b", Public),
            (&["_static"], "_static/a/b.css", Public),
            (&["/_static/"], "_static/a/b.css", Public),
            (&["**/_static"], "a/_static/b.css", Public),
            (&["_a.html"], "_a.html", Public),
            (&["_a.html"], "_a", Private),
            (&["assets/_*.js"], "assets/_b.js", Public),
            (&["assets/_*.js"], "assets/_b/c.js", Private),
            (&["assets/_*.js"], "assets/_b.css", Private),
            (&["x", "{_a,_b/c}/d.css"], "_b/c/d.css", Public),
        ] {
            assert_eq!(freeing(globs).privacy(name), privacy, "{globs:?} {name}");
            let is_freed = freeing(globs).is_freed(name);
            assert_eq!(is_freed, privacy == Public, "{globs:?} {name}");
            if privacy == Public {
                assert_eq!(
                    freeing(globs).files_for(&UrlPath::of_name(name, false).unwrap())[0],
                    name
                );
                let folders = name.match_indices('/').map(|(at, _)| &name[..at]);
                for folder in folders {
                    assert!(freeing(globs).may_hold_public(folder), "{globs:?} {folder}");
                }
            }
        }
        let deep = "_a/".repeat(40) + "b";
        assert!(freeing(&[&deep]).may_hold_public(deep.trim_end_matches("/b")));
        for folder in ["_other", "_static/.git", "a/_static"] {
            assert!(!freeing(&["_static/**"]).may_hold_public(folder), "{folder}");
        }
    }

    #[test]
    fn names_a_glob_that_frees_a_file() {
        for (name, glob) in [
            ("_layout.html", "_layout.html"),
            ("_static/a/b.css", "_static/**"),
            ("a/_b/_c/d.css", "a/_b/**"),
            ("a[1]/_b.css", "a[[]1[]]/_b.css"),
        ] {
            assert_eq!(Naming::default().freeing_glob(name), glob);
            assert_eq!(freeing(&[glob]).privacy(name), Privacy::Public, "{name}");
        }
    }

    #[test]
    fn tells_own_templates_from_pages_that_a_tool_left() {
        for (name, is_partial) in [
            ("_layout.html", true),
            ("blog/_post.html", true),
            ("_includes/nav.html", false),
            ("_nav.css", false),
            ("_not-found.html", false),
            ("_modules/click/_compat.html", false),
            ("a.html", false),
        ] {
            assert_eq!(Naming::default().is_partial(name), is_partial, "{name}");
        }
    }

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
            assert_eq!(Naming::default().is_private(path.relative()), is_private, "{encoded}");
            assert_eq!(Naming::default().files_for(&path).is_empty(), is_private, "{encoded}");
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
        let exclude = vec!["vendor/*.html".to_owned()];
        let naming = naming(&NamingRules { exclude, ..NamingRules::default() });
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

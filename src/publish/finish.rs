//! The last changes to finished content: what the layout of the output asks for.

use std::{collections::HashSet, io};

use crate::{
    http::{
        base_path::BasePath, body::Body, media_type::MediaType, prepared::Prepared,
        url_path::UrlPath,
    },
    publish::{
        options::{BuildOptions, Layout},
        routes::{NOT_FOUND, Route},
    },
    urls::{self, Form, Reference, Role},
};

/// What the layout of an output changes in its pages.
#[derive(Debug)]
pub(super) struct Finish {
    layout: Layout,
    /// What stands before root-relative links.
    base: BasePath,
    /// The paths of the pages that are the index of a folder of their own.
    moved: HashSet<String>,
}

impl Finish {
    /// For an output with these `routes`.
    pub(super) fn new(options: &BuildOptions, routes: &[Route]) -> Self {
        let (layout, base) = (options.layout(), options.rules.base_path.clone());
        let moved = routes.iter().filter(|route| is_moved(route, layout));
        let moved = moved.map(|route| route.path.as_str().to_owned()).collect();
        Self { layout, base, moved }
    }

    /// The content of a route as the host gets it.
    ///
    /// # Errors
    /// Those of reading a file.
    pub(super) fn finished(&self, route: &Route, answer: &Prepared) -> io::Result<Body> {
        let content_type = answer.get("Content-Type").unwrap_or_default();
        let is_html = route.is_page && MediaType::read(content_type).is("text/html");
        if self.layout == Layout::Files || !is_html {
            return Ok(answer.body.clone());
        }
        let bytes = answer.body.read()?;
        let Ok(html) = std::str::from_utf8(&bytes) else { return Ok(answer.body.clone()) };
        let linked = self.without_extensions(html, &route.path);
        let html = linked.as_deref().unwrap_or(html);
        let moved = is_moved(route, self.layout).then(|| one_folder_down(html)).flatten();
        let finished = moved.or(linked);
        Ok(finished
            .map_or_else(|| answer.body.clone(), |html| Body::bytes(html.into_bytes().into())))
    }

    /// A page at `path` whose links to `a.html` lead to `a/`: no file has the other name. `None`
    /// where there are no such links.
    fn without_extensions(&self, html: &str, path: &UrlPath) -> Option<String> {
        if !html.contains(EXTENSION) {
            return None;
        }
        let references = urls::in_html(html);
        let has_base = references.iter().any(|reference| reference.role == Role::Base);
        let mut edited = String::new();
        let mut copied = 0;
        for reference in &references {
            let is_known = !has_base || Form::of(&reference.url) == Form::RootRelative;
            if !is_known || !self.is_to_moved(reference, path) {
                continue;
            }
            let written = html.get(reference.range.clone())?;
            let written_path = written.split(['?', '#']).next().unwrap_or_default();
            let Some(bare) = written_path.strip_suffix(EXTENSION) else { continue };
            let end = reference.range.start + bare.len();
            edited.push_str(html.get(copied..end)?);
            edited.push('/');
            copied = end + EXTENSION.len();
        }
        (copied > 0).then(|| edited + &html[copied..])
    }

    /// Whether a page at `from` links to one of the moved pages by the name of its file.
    fn is_to_moved(&self, reference: &Reference, from: &UrlPath) -> bool {
        let (path, ..) = urls::split(&reference.url);
        let path = match Form::of(&reference.url) {
            Form::RootRelative => path.strip_prefix(self.base.prefix()).map(str::to_owned),
            Form::Relative => Some(urls::resolve(&from.encoded(), path)),
            Form::SamePage | Form::Absolute => None,
        };
        let path = path.and_then(|path| UrlPath::parse(&path));
        path.is_some_and(|path| {
            let page = path.as_str().strip_suffix(EXTENSION);
            // A page of `a.html.md` has that path itself.
            page.is_some_and(|page| self.moved.contains(page))
                && !self.moved.contains(path.as_str())
        })
    }
}

/// What the server takes behind the path of a page, too.
const EXTENSION: &str = ".html";

/// Whether a page is served one folder further down: `/about/` in the place of `/about`.
fn is_moved(route: &Route, layout: Layout) -> bool {
    layout == Layout::Folders && route.is_page && !route.path.is_folder() && route.file != NOT_FOUND
}

/// A page that is served one folder further down than it was written for. `None` where that
/// changes nothing.
fn one_folder_down(html: &str) -> Option<String> {
    let references = urls::in_html(html);
    // With a `<base>`, everything else is relative to that.
    let has_base = references.iter().any(|reference| reference.role == Role::Base);
    urls::insert(html, &references, |reference| {
        let is_relative = Form::of(&reference.url) == Form::Relative;
        (is_relative && (!has_base || reference.role == Role::Base)).then_some("../")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a site with the pages `/a`, `/docs/b c` and `/x.html`, below `base`.
    fn without_extensions(html: &str, from: &str, base: &str) -> Option<String> {
        let moved = ["/a", "/docs/b c", "/x", "/x.html"].map(str::to_owned).into();
        let base = BasePath::parse(base).unwrap();
        let finish = Finish { layout: Layout::Folders, base, moved };
        finish.without_extensions(html, &UrlPath::parse(from).unwrap())
    }

    #[test]
    fn links_to_names_of_files_lead_to_folders() {
        for (html, from, changed) in [
            ("<a href=/a.html>", "/", Some("<a href=/a/>")),
            (
                "<a href='a.html'> <a href=\"./a.html#x\">",
                "/",
                Some("<a href='a/'> <a href=\"./a/#x\">"),
            ),
            ("<a href=\" /a.html?p=1&amp;q#x \">", "/b", Some("<a href=\" /a/?p=1&amp;q#x \">")),
            (
                "<a href=b%20c.html><a href='b c.html'>",
                "/docs/",
                Some("<a href=b%20c/><a href='b c/'>"),
            ),
            ("<a href=../a.html><a href=/a>", "/docs/x", Some("<a href=../a/><a href=/a>")),
            ("<iframe src=a.html></iframe>", "/x", Some("<iframe src=a/></iframe>")),
            // No pages, pages of folders, a page whose path that is, and what is said otherwise.
            ("<a href=/none.html><a href=/index.html><a href=/x.html>a.html", "/", None),
            ("<a href=//h/a.html><a href='?a.html'><a href=/a.html/>", "/", None),
            ("<a href='/a&#46;html'>", "/", None),
            (
                "<base href=/docs/><a href=a.html><a href=/a.html>",
                "/",
                Some("<base href=/docs/><a href=a.html><a href=/a/>"),
            ),
        ] {
            assert_eq!(without_extensions(html, from, "").as_deref(), changed, "{html}");
        }
        let html = "<a href=/repo/a.html><a href=/a.html><a href=a.html>";
        let changed = without_extensions(html, "/", "/repo");
        assert_eq!(changed.as_deref(), Some("<a href=/repo/a/><a href=/a.html><a href=a/>"));
    }

    #[test]
    fn relative_links_lead_where_they_led() {
        for (html, moved) in [
            ("<a href=b>", Some("<a href=../b>")),
            ("<a href=\"./b\"><a href=../c>", Some("<a href=\".././b\"><a href=../../c>")),
            ("<img srcset='a 1x, /b 2x, c'>", Some("<img srcset='../a 1x, /b 2x, ../c'>")),
            (
                "<style>p{background:url(x.png)}</style>",
                Some("<style>p{background:url(../x.png)}</style>"),
            ),
            ("<a href=/b><a href='#x'><a href='?p=2'><a href=//h/x><a href=mailto:x>", None),
            ("<base href=sub/><a href=b>", Some("<base href=../sub/><a href=b>")),
            ("<base href=/><a href=b>", None),
        ] {
            assert_eq!(one_folder_down(html).as_deref(), moved, "{html}");
        }
    }
}

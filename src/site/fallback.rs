//! What is answered where no file matches, and the plain page for a status.

use std::collections::BTreeMap;

use minijinja::{context, value::Serde};
use serde::Serialize;

use crate::http::{
    StatusCode, headers::Headers, request::Request, response::Response, url_path::UrlPath,
};

use super::{
    builtin, nearest,
    root::{Opening, Root},
    routes, scan,
};

/// How many names like the one asked for are shown.
const MAX_NEAREST: usize = 3;

/// The path-echo page. `root` is given where the page may say what would make
/// it a page of the site.
pub(super) fn echo(request: &Request<'_>, path: Option<&UrlPath>, root: Option<&Root>) -> Response {
    let target = request.target.raw();
    let is_for_part = is_for_part_of_page(request.headers);
    let advise = |root| path.map(|path| Advice::new(path, root)).unwrap_or_default();
    // Nobody reads it in the place of an image, and it takes a walk through the folder.
    let advice = Serde(root.filter(|_| !is_for_part).map(advise));
    let html = builtin::render("echo.html", context! { target, advice });
    // The browser's console then shows that the part is missing.
    let status = if is_for_part { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Response::html(status, html).with("Cache-Control", "no-store")
}

/// Whether a browser asks for a part of a page, such as an image.
fn is_for_part_of_page(headers: Headers<'_>) -> bool {
    headers.get_str("Sec-Fetch-Mode").is_some_and(|mode| mode != "navigate")
}

/// What would turn the echo page into a page of the site.
#[derive(Debug, Default, Serialize)]
struct Advice {
    /// The files that were looked for; none where no file can have such a name.
    files: Vec<String>,
    is_private: bool,
    /// What differs from the path in letter case only.
    other_case: Option<Link>,
    nearest: Vec<Link>,
}

/// A path of the site, decoded and as a link.
#[derive(Clone, Debug, Serialize)]
struct Link {
    path: String,
    href: String,
}

impl Advice {
    fn new(path: &UrlPath, root: &Root) -> Self {
        // The slash of a folder is no letter that somebody mistypes.
        let text = |path: &UrlPath| path.with_folder(false).as_str().to_owned();
        let with_text = |path: UrlPath| (text(&path), path);
        let names = scan::public_names(root);
        let paths: BTreeMap<String, UrlPath> =
            names.iter().filter_map(|name| routes::path_of(name).map(with_text)).collect();
        let wanted = text(path);
        let is_other_case = other_case_of(&wanted);
        let (in_other_case, others): (Vec<&str>, Vec<&str>) =
            paths.keys().map(String::as_str).partition(|path| is_other_case(path));
        let link = |path: &str| paths.get(path).map(Link::to);
        Self {
            files: files_to_write(path, root),
            is_private: path.is_private(),
            other_case: in_other_case.first().copied().and_then(link),
            nearest: paths
                .contains_key(&wanted)
                .then_some(wanted.as_str())
                .into_iter()
                .chain(nearest::nearest_few(&wanted, others, MAX_NEAREST))
                .take(MAX_NEAREST)
                .filter_map(link)
                .collect(),
        }
    }
}

impl Link {
    fn to(path: &UrlPath) -> Self {
        Self { path: path.as_str().to_owned(), href: path.encoded() }
    }
}

/// The files that would answer `path`, as the user would name them. What already
/// stands under such a name leads out of the root, and to write it would change
/// a file that is none of the site's.
fn files_to_write(path: &UrlPath, root: &Root) -> Vec<String> {
    let leads_out = |name: &String| matches!(root.open_file(name), Ok(Opening::Outside));
    let names = routes::files_looked_for(path).into_iter();
    names.filter(|name| !leads_out(name)).map(|name| root.shown(&name)).collect()
}

/// Tells whether a path differs from `wanted` in letter case, but for a slash at
/// the end.
fn other_case_of(wanted: &str) -> impl Fn(&str) -> bool {
    let wanted = wanted.trim_end_matches('/').to_owned();
    let folded = wanted.to_lowercase();
    move |path| {
        let path = path.trim_end_matches('/');
        path != wanted && path.to_lowercase() == folded
    }
}

/// A permanent redirect to another path of the site, the query kept. Browsers
/// ask again each time: the file may move back.
pub(super) fn redirect(path: &UrlPath, query: Option<&str>) -> Response {
    let mut location = path.encoded();
    if let Some(query) = query {
        location.push('?');
        location.push_str(query);
    }
    let html = builtin::render("redirect.html", context! { location => location.as_str() });
    Response::html(StatusCode::MOVED_PERMANENTLY, html)
        .with("Location", location)
        .with("Cache-Control", "no-cache")
}

/// A page that says `status` and `reason`, a sentence without a full stop, and
/// nothing else: HTML for whoever takes that, else text.
pub fn status_page(status: StatusCode, reason: Option<&str>, wants_html: bool) -> Response {
    let title = match status.canonical_reason() {
        Some(name) => format!("{} {name}", status.as_str()),
        None => status.as_str().to_owned(),
    };
    let response = if wants_html {
        Response::html(status, builtin::render("status.html", context! { title, reason }))
    } else {
        let text = reason.map_or_else(|| title.clone(), |reason| format!("{title}: {reason}"));
        Response::text(status, text + "\n")
    };
    response.with("Cache-Control", "no-store")
}

/// Whether the client shows HTML: it names the type in `Accept`, as browsers do
/// and command-line tools do not.
pub fn wants_html(headers: Headers<'_>) -> bool {
    headers.get_all("Accept").flat_map(|value| value.split(|&byte| byte == b',')).any(|range| {
        let media_type = range.split(|&byte| byte == b';').next().unwrap_or_default();
        media_type.trim_ascii().eq_ignore_ascii_case(b"text/html")
    })
}

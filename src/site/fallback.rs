//! What is answered where no file matches, and the plain page for a status.

use minijinja::{context, value::Serde};
use serde::Serialize;

use crate::http::{
    StatusCode, headers::Headers, request::Request, response::Response, url_path::UrlPath,
};

use super::{builtin, nearest, root::Root, routes, scan};

/// How many names like the one asked for are shown.
const MAX_NEAREST: usize = 3;

/// The path-echo page. `root` is given where the page may say what would make
/// it a page of the site.
pub(super) fn echo(request: &Request<'_>, path: Option<&UrlPath>, root: Option<&Root>) -> Response {
    let target = request.target.raw();
    let advise = |root| path.map(|path| Advice::new(path, root)).unwrap_or_default();
    let advice = Serde(root.map(advise));
    let html = builtin::render("echo.html", context! { target, advice });
    Response::html(echo_status(request.headers), html).with("Cache-Control", "no-store")
}

/// A browser that asks for a part of a page, such as an image, is told that it
/// is missing: its console then shows so.
fn echo_status(headers: Headers<'_>) -> StatusCode {
    match headers.get_str("Sec-Fetch-Mode") {
        None | Some("navigate") => StatusCode::OK,
        Some(_) => StatusCode::NOT_FOUND,
    }
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
        let links: Vec<Link> =
            scan::public_names(root).iter().filter_map(|name| Link::to_file(name)).collect();
        let shown = path.to_string();
        let files = routes::files_looked_for(path);
        let is_other_case = |link: &&Link| differ_in_case_only(&link.path, &shown);
        let names = links.iter().filter(|link| !is_other_case(link)).map(|link| link.path.as_str());
        let nearest = nearest::nearest_few(&shown, names, MAX_NEAREST);
        let link_to = |name: &str| links.iter().find(|link| link.path == name).cloned();
        Self {
            files: files.iter().map(|name| root.shown(name)).collect(),
            is_private: path.is_private(),
            other_case: links.iter().find(is_other_case).cloned(),
            nearest: nearest.into_iter().filter_map(link_to).collect(),
        }
    }
}

impl Link {
    /// The path under which the file `name` is served.
    fn to_file(name: &str) -> Option<Self> {
        let path = routes::path_of(name)?;
        Some(Self { path: path.to_string(), href: path.encoded() })
    }
}

/// Whether two paths differ in letter case, but for a slash at the end.
fn differ_in_case_only(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('/'), b.trim_end_matches('/'));
    a != b && a.to_lowercase() == b.to_lowercase()
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

//! The last changes to finished content: what the layout of the output asks for.

use crate::{
    http::{body::Body, media_type::MediaType, prepared::Prepared},
    publish::{
        options::Layout,
        routes::{NOT_FOUND, Route},
    },
    urls::{self, Form, Role},
};

/// The content of a route as the host gets it.
///
/// # Errors
/// Those of reading a file.
pub(super) fn finished(route: &Route, answer: &Prepared, layout: Layout) -> std::io::Result<Body> {
    let content_type = answer.get("Content-Type").unwrap_or_default();
    let is_moved = layout == Layout::Folders
        && route.is_page
        && !route.path.is_folder()
        && route.file != NOT_FOUND
        && MediaType::read(content_type).is("text/html");
    if !is_moved {
        return Ok(answer.body.clone());
    }
    let bytes = answer.body.read()?;
    let moved = std::str::from_utf8(&bytes).ok().and_then(one_folder_down);
    Ok(moved.map_or_else(|| answer.body.clone(), |html| Body::bytes(html.into_bytes().into())))
}

/// A page that is served one folder further down than it was written for: `/about/` in the
/// place of `/about`. `None` where that changes nothing.
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

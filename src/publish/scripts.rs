//! Paths in scripts, before which no base path can be put: told, with the place of the first.

use std::{ops::Range, time::SystemTime};

use crate::{
    diagnostic::line_and_column,
    http::{body::Body, media_type::MediaType},
    publish::{options::BuildOptions, routes::Route},
    site::{Inspection, PublicFile, Site},
    urls,
};

/// Finds the bytes of the paths in the scripts of a text.
type Finder = fn(&str) -> Vec<Range<usize>>;

/// What to tell of the paths in the scripts of an answer, if there are some.
pub(super) fn warning(
    site: &Site,
    route: &Route,
    content_type: &str,
    body: &Body,
    options: &BuildOptions,
) -> Option<String> {
    let find = finder(content_type).filter(|_| !options.rules.base_path.is_root())?;
    let bytes = body.read().ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let is_outside = |path: &Range<usize>| !options.rules.base_path.is_before(&text[path.clone()]);
    let paths: Vec<Range<usize>> = find(text).into_iter().filter(is_outside).collect();
    let first = text.get(paths.first()?.clone())?;
    let place = place_of(first, site, options.now, route, find).unwrap_or_else(|| {
        let (line, column) = line_and_column(text, paths[0].start);
        format!("{}:{line}:{column}", options.out.join(&route.file).display())
    });
    let more = paths.len() - 1;
    Some(format!(
        "`{place}` holds `{first}`, before which the base path cannot be put{}: scripts find files \
         by `import.meta.url`, `document.currentScript.src` or a relative path",
        if more > 0 { format!(", and {more} more") } else { String::new() }
    ))
}

/// What finds the paths in scripts of such content.
fn finder(content_type: &str) -> Option<Finder> {
    let media_type = MediaType::read(content_type);
    let is_page = ["text/html", "application/xhtml+xml", "image/svg+xml"];
    match () {
        () if media_type.is("text/javascript") => Some(urls::paths_in_script),
        () if is_page.into_iter().any(|page| media_type.is(page)) => {
            Some(urls::paths_in_scripts_of)
        }
        () => None,
    }
}

/// Where the path `first` is written, if that is in a file of the site.
fn place_of(
    first: &str,
    site: &Site,
    now: SystemTime,
    route: &Route,
    find: Finder,
) -> Option<String> {
    let Route { path, source, is_page, .. } = route.clone();
    let public = PublicFile { name: source.clone(), path, is_page };
    let (file, range) = match site.inspect(&public, now) {
        Inspection::Text(page) => {
            let mut paths = find(&page.text).into_iter();
            let place = page.place(paths.find(|range| page.text[range.clone()] == *first)?)?;
            (place.file.to_string(), place.range)
        }
        // A script is sent as it is.
        Inspection::Other(_) | Inspection::Failed(..) => {
            let text = site.source_text(&source)?;
            let range = find(&text).into_iter().find(|range| text[range.clone()] == *first)?;
            (source, range)
        }
    };
    let (line, column) = line_and_column(&site.source_text(&file)?, range.start);
    Some(format!("{file}:{line}:{column}"))
}

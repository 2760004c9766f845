//! `absolute`: URLs with the scheme and the host of the site, for feeds and sitemaps.

use minijinja::{Error, State, Value};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::site::templates::{explained, recorder};

const UNSET_HELP: &str = "set `url = \"https://example.com\"` in `config.toml`, with the name under \
                          which the site is known";
const PAGE_HELP: &str = "begin it with a slash, as `page.url` does, or with `https://`";

/// What a URL does not hold as it is (URL Standard, 1.3), but for `%`: what is written as
/// `%20` already stays.
const NOT_IN_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');

/// The URL for everybody of a path of this site, or of what is one already.
pub(crate) fn absolute(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    let path = value.to_string();
    if has_scheme(&path) {
        return Ok(path);
    }
    let (settings, base_path) = (recorder::settings(), recorder::base_path());
    let Some(url) = &settings.settings.url else {
        return Err(explained::error_here("`absolute` needs the URL of the site", UNSET_HELP));
    };
    if path.starts_with("//") {
        let scheme = url.split("//").next().unwrap_or_default();
        return Ok(format!("{scheme}{path}"));
    }
    let path = match path.starts_with('/') {
        true => path,
        false => beside(state, &path)?,
    };
    Ok(format!("{url}{}", utf8_percent_encode(&base_path.with(&path), NOT_IN_URL)))
}

/// A path that begins where the page is.
fn beside(state: &State<'_, '_>, relative: &str) -> Result<String, Error> {
    let page = state.lookup("page").and_then(|page| page.get_attr("url").ok());
    let page = page.as_ref().and_then(Value::as_str).filter(|url| url.starts_with('/'));
    let page = page.ok_or_else(|| {
        explained::error_here(format!("`{relative}` is no path of this site"), PAGE_HELP)
    })?;
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let end = relative.find(['?', '#']).unwrap_or(relative.len());
    let (path, rest) = relative.split_at(end);
    let mut segments: Vec<&str> = folder.split('/').skip(1).collect();
    let mut ends_in_folder = path.is_empty();
    for segment in path.split('/') {
        ends_in_folder = matches!(segment, "" | "." | "..");
        match segment {
            ".." => drop(segments.pop()),
            "" | "." => {}
            _ => segments.push(segment),
        }
    }
    let slash = if ends_in_folder && !segments.is_empty() { "/" } else { "" };
    Ok(format!("/{}{slash}{rest}", segments.join("/")))
}

/// Whether a URL begins with a scheme (RFC 3986, 3.1).
fn has_scheme(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once(':') else { return false };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_part)
}

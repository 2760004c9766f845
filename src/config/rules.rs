//! The rules of each key. A rule reads any TOML value and, where that is not
//! allowed, fails with the words that finish "`key` takes …".

use std::{collections::BTreeMap, fmt::Display, net::IpAddr, path::PathBuf};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use toml::{Table, Value};

use super::{Patch, VSCODE, fallback::FallbackSetting};
use crate::{
    access_log::Format,
    dates::Zone,
    hosts::HostPattern,
    http::{base_path::BasePath, host::Host, media_type::is_media_type},
    rules::{TAKES_MEDIA_TYPE, compile_glob},
};

/// A number without a fraction, from `MIN` to `MAX`.
pub(super) fn whole<'de, D, N, const MIN: i64, const MAX: i64>(
    deserializer: D,
) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<i64>,
{
    let number = read::<D, i64>(deserializer, whole_takes(MIN, MAX))?;
    let in_range = (MIN..=MAX).contains(&number).then_some(number);
    in_range
        .and_then(|number| N::try_from(number).ok())
        .ok_or_else(|| D::Error::custom(whole_takes(MIN, MAX)))
}

fn whole_takes(min: i64, max: i64) -> String {
    format!("a whole number from {min} to {max}")
}

pub(super) fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    read(deserializer, "true or false")
}

/// A port, which is chosen where it is read at all.
pub(super) fn port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    whole::<_, _, 0, 65_535>(deserializer).map(Some)
}

pub(super) fn fallback<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<FallbackSetting, D::Error> {
    const TAKES: &str =
        r#""auto", "echo", "not-found", or the path of a page, such as "/index.html""#;
    let fallback: FallbackSetting = read(deserializer, TAKES)?;
    fallback.is_valid().then_some(fallback).ok_or_else(|| D::Error::custom(TAKES))
}

pub(super) fn patch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Patch, D::Error> {
    read(deserializer, r#""auto", "always" or "never""#)
}

/// Nothing, an editor that is known, or a pattern for URLs.
pub(super) fn editor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const TAKES: &str =
        r#""vscode", or a URL with {file}, {line} and {column} in it, or "" for none"#;
    let editor: String = read(deserializer, TAKES)?;
    let scheme = editor.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = !scheme.is_empty()
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !scheme.eq_ignore_ascii_case("javascript");
    let is_pattern = is_scheme && editor.contains("{file}");
    let is_known = is_pattern || editor.is_empty() || editor == VSCODE;
    is_known.then_some(editor).ok_or_else(|| D::Error::custom(TAKES))
}

pub(super) fn log<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Format, D::Error> {
    read(deserializer, r#""text", "combined" or "json""#)
}

pub(super) fn folder<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    const TAKES: &str = r#"the path of a folder, such as "pages""#;
    let path: String = read(deserializer, TAKES)?;
    let is_path = !path.is_empty() && !path.contains('\0');
    is_path.then(|| path.into()).ok_or_else(|| D::Error::custom(TAKES))
}

/// What to listen on: an IPv6 address may stand in brackets, and loses them.
pub(super) fn host<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const TAKES: &str = r#"a host name or an IP address, such as "localhost" or "0.0.0.0""#;
    let host: String = read(deserializer, TAKES)?;
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host = bare.map_or(host.clone(), str::to_owned);
    let is_host = host.parse::<IpAddr>().is_ok() || (is_name(&host) && !host.starts_with('['));
    is_host.then_some(host).ok_or_else(|| D::Error::custom(TAKES))
}

pub(super) fn host_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    const TAKES: &str = r#"host names without a port, such as ["dev.example"]"#;
    let names: Vec<String> = read(deserializer, TAKES)?;
    let are_names = names.iter().all(|name| HostPattern::parse(name).is_some());
    are_names.then_some(names).ok_or_else(|| D::Error::custom(TAKES))
}

pub(super) fn base_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let takes = |example: &str| format!(r#"a path as it stands in a URL, such as "{example}""#);
    let path: String = read(deserializer, takes("/docs/"))?;
    if BasePath::parse(&path).is_some() {
        return Ok(path);
    }
    let with_slashes = format!("/{}/", path.trim_matches('/'));
    let example = BasePath::parse(&with_slashes).map_or("/docs/", |_| &*with_slashes);
    Err(D::Error::custom(takes(example)))
}

fn is_name(name: &str) -> bool {
    Host::parse(name).is_some_and(|host| host.name() == name)
}

/// Nothing, or a scheme and a host, for which a name and a port may stand.
pub(super) fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const TAKES: &str = r#"a URL without a path, such as "https://example.com", or "" for none"#;
    const PATH: &str = r#"a URL without a path, such as "https://example.com"; `base_path` takes the path below which the site is served"#;
    let url: String = read(deserializer, TAKES)?;
    let authority = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let (host, path) = authority.map_or(("", ""), |authority| {
        authority.split_at(authority.find(['/', '?', '#']).unwrap_or(authority.len()))
    });
    match path {
        _ if url.is_empty() => Ok(url),
        _ if host.is_empty() || Host::parse(host).is_none() => Err(D::Error::custom(TAKES)),
        "" | "/" => Ok(url),
        _ => Err(D::Error::custom(PATH)),
    }
}

/// The name of a time zone; for one that there is not, the words end with the nearest.
pub(super) fn timezone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const TAKES: &str = r#"the name of a time zone, such as "Europe/Berlin" or "UTC""#;
    let name: String = read(deserializer, TAKES)?;
    match Zone::named(&name) {
        Ok(_) => Ok(name),
        Err(error) if error.help.starts_with("did") => {
            Err(D::Error::custom(format_args!("{TAKES}; {}", error.help)))
        }
        Err(_) => Err(D::Error::custom(TAKES)),
    }
}

pub(super) fn globs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    read_globs(deserializer, r#"globs, such as ["vendor/**"]"#)
}

/// Globs of names that begin with `_`; those with a dot are never served.
pub(super) fn public<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    const TAKES: &str = r#"globs of names that begin with `_`, such as ["_static/**"]"#;
    let globs: Vec<String> = read_globs(deserializer, TAKES)?;
    let is_hidden =
        |segment: &str| segment.starts_with('.') && !matches!(segment, "." | ".." | ".well-known");
    match globs.iter().any(|glob| glob.split('/').any(is_hidden)) {
        true => Err(D::Error::custom(format_args!("{TAKES}, none with a dot"))),
        false => Ok(globs),
    }
}

fn read_globs<'de, D>(deserializer: D, takes: &str) -> Result<Vec<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let globs: Vec<String> = read(deserializer, takes)?;
    for glob in &globs {
        // As the site builds them, so that what is checked is what is used.
        compile_glob(glob).map_err(|why| D::Error::custom(format_args!("{takes} ({why})")))?;
    }
    Ok(globs)
}

/// Any table. Its dates become text, as a value's way through `toml::Value` makes
/// them: a template would see no more than the library's private wrapper.
pub(super) fn site<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Table, D::Error> {
    read(deserializer, "a table")
}

/// Media types by extension; what is an extension is checked with the keys.
pub(super) fn types<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let types: BTreeMap<String, String> = read(deserializer, TAKES_MEDIA_TYPE)?;
    let are_types = types.values().all(|value| is_media_type(value));
    are_types.then_some(types).ok_or_else(|| D::Error::custom(TAKES_MEDIA_TYPE))
}

/// Whether `text` can be what follows the last dot of a name, in lower case.
pub(super) fn is_extension(text: &str) -> bool {
    let is_part = |c: char| !c.is_control() && !matches!(c, '.' | '/' | '\\');
    !text.is_empty() && text.chars().all(is_part) && text == text.to_lowercase()
}

fn read<'de, D, T>(deserializer: D, takes: impl Display) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    Value::deserialize(deserializer)?.try_into().map_err(|_| D::Error::custom(takes))
}

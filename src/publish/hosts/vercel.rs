//! Vercel.
//!
//! Sources: vercel.com/docs/project-configuration (`cleanUrls`, `redirects`, `headers`) and
//! vercel.com/docs/redirects/configuration-redirects (limits); `packages/routing-utils` of
//! github.com/vercel/vercel (clean URLs come before redirects); patterns are those of
//! path-to-regexp 6, strict ones.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    header::{Header, Paths},
    redirect::{Redirect, SPLAT, Segment},
    told::{self, HostFiles, Told},
};
use crate::publish::{answers::Content, host::Host, problems::Problems};

const MAX_REDIRECTS: usize = 2_048;
const MAX_CHARS: usize = 4_096;
/// No redirect is from there.
const RESERVED: &str = ".well-known";

/// `vercel.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// `/about` is `about.html`. `trailingSlash` is left out: with it, one of `/about` and
    /// `/docs/` would be a redirect.
    clean_urls: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redirects: Vec<RedirectEntry>,
    /// Tried after files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rewrites: Vec<RewriteEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    headers: Vec<HeaderEntry>,
}

#[derive(Serialize)]
struct RewriteEntry {
    source: String,
    destination: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RedirectEntry {
    source: String,
    destination: String,
    status_code: u16,
}

#[derive(Serialize)]
struct HeaderEntry {
    source: String,
    headers: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    key: String,
    value: String,
}

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let mut files = HostFiles::default();
    for header in told.headers.iter().filter(|header| !header.remove.is_empty()) {
        let (origin, names) = (&header.origin, header.remove.join(", "));
        problems.warn(format!("{origin}: {} cannot take `{names}` away", Host::Vercel.shown()));
    }
    let redirects = redirects(told, problems);
    told.warn_of_hidden_folders(Host::Vercel, problems);
    let headers = told.headers.iter().filter(|header| !header.set.is_empty());
    let settings = Settings {
        clean_urls: true,
        redirects,
        rewrites: told.fallback.iter().map(|file| fallback(file)).collect(),
        headers: headers.map(header).chain(types(told)).collect(),
    };
    let text = serde_json::to_string_pretty(&settings).unwrap_or_default() + "\n";
    files.add_settings(Host::Vercel, "vercel.json", text);
    files.add_settings(Host::Vercel, ".vercelignore", told::ignored());
    files
}

/// The redirects in their order: of several from the same paths, the first one answers.
fn redirects(told: &Told<'_>, problems: &mut Problems) -> Vec<RedirectEntry> {
    let host = Host::Vercel.shown();
    let mut all: Vec<RedirectEntry> = Vec::new();
    for rule in &told.redirects {
        let entries = entries(rule, told, problems);
        let is_long = |text: &str| text.len() > MAX_CHARS;
        if entries.iter().any(|entry| is_long(&entry.source) || is_long(&entry.destination)) {
            let origin = &rule.origin;
            problems.error(format!(
                "{origin} has a path of more than {MAX_CHARS} characters, which is all that {host} \
                 takes"
            ));
        }
        if matches!(rule.from.first(), Some(Segment::Text(folder)) if folder == RESERVED) {
            problems.warn(format!(
                "{}: {host} redirects nothing from `/{RESERVED}`, which is its own",
                rule.origin
            ));
        }
        all.extend(entries);
    }
    let mut sources = HashSet::new();
    all.retain(|entry| sources.insert(entry.source.clone()));
    let count = all.len();
    if count > MAX_REDIRECTS {
        problems.error(format!("{host} takes {MAX_REDIRECTS} redirects, and there are {count}"));
        return all;
    }
    let folders = folders(told).filter(|entry| sources.insert(entry.source.clone()));
    let mut folders: Vec<RedirectEntry> = folders.collect();
    let room = MAX_REDIRECTS - count;
    if folders.len() > room {
        problems.warn(format!(
            "{host} takes {MAX_REDIRECTS} redirects: {} folders answer without the slash at their \
             end as well, where their relative links lead elsewhere",
            folders.len() - room
        ));
        folders.truncate(room);
    }
    all.extend(folders);
    all
}

/// The redirects of pages in folders of their own to their slash: the host answers without it as
/// well, where relative links lead elsewhere.
fn folders(told: &Told<'_>) -> impl Iterator<Item = RedirectEntry> {
    let is_folder = |content: &&Content| content.is_page && content.file.ends_with("/index.html");
    told.contents.iter().filter(is_folder).filter_map(|content| {
        let bare = content.path.with_folder(false).encoded();
        let is_other = told.content_at(&bare).is_some_and(|other| other.file != content.file);
        (!is_other).then(|| RedirectEntry {
            source: literal(&bare),
            destination: told.base_path.with(&content.path.with_folder(true).encoded()),
            status_code: 301,
        })
    })
}

/// What answers all that is missing: with `cleanUrls`, by its name as a page.
fn fallback(file: &str) -> RewriteEntry {
    let page = file.strip_suffix("/index.html").map(|folder| format!("{folder}/"));
    let page = page.or_else(|| file.strip_suffix(".html").map(str::to_owned));
    RewriteEntry {
        source: "/(.*)".to_owned(),
        destination: page.unwrap_or_else(|| file.to_owned()),
    }
}

/// What a redirect is there: a folder and what is in it are two, since a pattern such as
/// `:name*` matches no path with a slash at its end.
fn entries(redirect: &Redirect, told: &Told<'_>, problems: &mut Problems) -> Vec<RedirectEntry> {
    let segment = |segment: &Segment| match segment {
        Segment::Text(text) => literal(text),
        Segment::Name(name) => format!(":{name}"),
        Segment::Rest => format!(":{SPLAT}(.*)"),
    };
    let entry = |from: &[Segment], to: String| RedirectEntry {
        source: format!("/{}", from.iter().map(segment).collect::<Vec<_>>().join("/")),
        destination: to,
        status_code: redirect.status,
    };
    let to = redirect.to.clone();
    match redirect.from.as_slice() {
        [folder @ .., Segment::Rest] if !folder.is_empty() => {
            vec![entry(folder, to.replace(&format!(":{SPLAT}"), "")), entry(&redirect.from, to)]
        }
        from => match asked_for(from) {
            None => vec![entry(from, to)],
            // It leads there by itself.
            Some(asked) if leads_to_itself(&asked, &to, told) => Vec::new(),
            Some(asked) => match owner_of(&asked, redirect, told) {
                Some(owner) => {
                    problems.warn(format!(
                        "{}: {} answers with {owner}, since it takes `.html` away first",
                        redirect.origin,
                        Host::Vercel.shown()
                    ));
                    Vec::new()
                }
                None => vec![entry(&asked, to)],
            },
        },
    }
}

/// Whether a target is that of the paths `asked`, with or without a slash at its end.
fn leads_to_itself(asked: &[Segment], to: &str, told: &Told<'_>) -> bool {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let own = told.base_path.with(&path_of(asked));
    path.trim_end_matches('/') == own.trim_end_matches('/')
}

/// What answers one of the paths `asked` already, which a redirect would take: content of the
/// site, or another rule that is from there.
fn owner_of(asked: &[Segment], redirect: &Redirect, told: &Told<'_>) -> Option<String> {
    let taker = Redirect { from: asked.to_vec(), ..redirect.clone() };
    let is_taken = |content: &&Content| {
        [false, true]
            .into_iter()
            .any(|is_folder| taker.is_from(&content.path.with_folder(is_folder).encoded()))
    };
    if let Some(content) = told.contents.iter().filter(|content| content.is_page).find(is_taken) {
        return Some(format!("`{}`", content.source));
    }
    let is_rule = |other: &&Redirect| {
        *other != redirect && other.fixed_from().is_some_and(|from| taker.is_from(&from))
    };
    told.redirects.iter().find(is_rule).map(|other| other.origin.clone())
}

/// What redirects are asked for in the place of a path such as `/old.html` or `/old/index.html`:
/// with `cleanUrls`, the host has led to the path without that before. `None` for any other path.
fn asked_for(from: &[Segment]) -> Option<Vec<Segment>> {
    let is_empty = |segment: &Segment| matches!(segment, Segment::Text(text) if text.is_empty());
    let from = from.strip_suffix([Segment::Text(String::new())].as_slice()).unwrap_or(from);
    let (last, folder) = from.split_last().filter(|(last, _)| !is_empty(last))?;
    let Segment::Text(name) = last else { return None };
    let mut asked = folder.to_vec();
    match name.strip_suffix(".html") {
        Some("index") => {}
        None if name == "index" => {}
        Some(page) => asked.push(Segment::Text(page.to_owned())),
        None => return None,
    }
    Some(if asked.is_empty() { vec![Segment::Text(String::new())] } else { asked })
}

/// The path of segments, with `:name` where a part of it goes.
fn path_of(segments: &[Segment]) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Text(text) => format!("/{text}"),
        Segment::Name(name) => format!("/:{name}"),
        Segment::Rest => format!("/:{SPLAT}"),
    };
    segments.iter().map(text).collect()
}

fn header(header: &Header) -> HeaderEntry {
    let source = match &header.paths {
        Paths::All => "/(.*)".to_owned(),
        Paths::One(path) => literal(path),
        Paths::Below(folder) => format!("{}/(.*)", literal(folder)),
        Paths::Extension(extension) => format!("/(.*){}", literal(extension)),
    };
    let fields = header.set.iter();
    let field = |(key, value): (&String, &String)| Field { key: key.clone(), value: value.clone() };
    HeaderEntry { source, headers: fields.map(field).collect() }
}

/// The types that names do not imply.
fn types(told: &Told<'_>) -> impl Iterator<Item = HeaderEntry> {
    told.own_types().into_iter().map(|(extension, value)| HeaderEntry {
        source: format!("/(.*)\\.{extension}"),
        headers: vec![Field { key: "Content-Type".to_owned(), value: value.to_owned() }],
    })
}

/// Text in a pattern.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "().:*+?{}[]|^$\\!=".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_asked_for_without_what_clean_urls_take_away() {
        let segments = |path: &str| -> Vec<Segment> {
            path[1..].split('/').map(|text| Segment::Text(text.to_owned())).collect()
        };
        for (from, asked) in [
            ("/old.html", Some("/old")),
            ("/old.html/", Some("/old")),
            ("/a/old.b.html", Some("/a/old.b")),
            ("/a/index.html", Some("/a")),
            ("/a/index", Some("/a")),
            ("/index.html", Some("/")),
            ("/old", None),
            ("/old/", None),
            ("/myindex", None),
            ("/", None),
        ] {
            let found = asked_for(&segments(from)).map(|segments| path_of(&segments));
            assert_eq!(found.as_deref(), asked, "{from}");
        }
    }
}

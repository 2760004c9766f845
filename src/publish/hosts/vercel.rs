//! Vercel.
//!
//! Sources: vercel.com/docs/project-configuration (`cleanUrls`, `redirects`, `headers`) and
//! vercel.com/docs/redirects/configuration-redirects (limits); patterns are those of path-to-regexp 6.

use serde::Serialize;

use super::{
    header::{Header, Paths},
    redirect::{Redirect, SPLAT, Segment},
    told::{self, HostFiles, Told},
};
use crate::publish::{host::Host, problems::Problems};

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
    check_redirects(&told.redirects, problems);
    let headers = told.headers.iter().filter(|header| !header.set.is_empty());
    let settings = Settings {
        clean_urls: true,
        redirects: told.redirects.iter().map(redirect).collect(),
        rewrites: told.fallback.iter().map(|file| fallback(file)).collect(),
        headers: headers.map(header).chain(types(told)).collect(),
    };
    let text = serde_json::to_string_pretty(&settings).unwrap_or_default() + "\n";
    files.add_settings(Host::Vercel, "vercel.json", text);
    files.add_settings(Host::Vercel, ".vercelignore", told::ignored());
    files
}

fn check_redirects(redirects: &[Redirect], problems: &mut Problems) {
    let host = Host::Vercel.shown();
    let count = redirects.len();
    if count > MAX_REDIRECTS {
        problems.error(format!("{host} takes {MAX_REDIRECTS} redirects, and there are {count}"));
    }
    for rule in redirects {
        let RedirectEntry { source, destination, .. } = redirect(rule);
        if source.len().max(destination.len()) > MAX_CHARS {
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
    }
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

fn redirect(redirect: &Redirect) -> RedirectEntry {
    let segment = |segment: &Segment| match segment {
        Segment::Text(text) => literal(text),
        Segment::Name(name) => format!(":{name}"),
        // The folder itself, too.
        Segment::Rest => format!(":{SPLAT}*"),
    };
    let segments: Vec<String> = redirect.from.iter().map(segment).collect();
    RedirectEntry {
        source: format!("/{}", segments.join("/")),
        destination: redirect.to.replace(&format!(":{SPLAT}"), &format!(":{SPLAT}*")),
        status_code: redirect.status,
    }
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

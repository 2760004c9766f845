//! Cloudflare Pages and Workers with static assets.
//!
//! Sources: developers.cloudflare.com/pages/configuration/{redirects,headers,serving-pages}
//! and /pages/platform/limits; the rules engine is `workers-shared/asset-worker` of
//! github.com/cloudflare/workers-sdk.

use super::{
    header::{Header, Paths},
    redirect::Redirect,
    told::{self, HostFiles, Told, listed},
    underscore::{self, Block},
};
use crate::{
    publish::{host::Host, problems::Problems, routes::NOT_FOUND},
    wording::quoted,
};

const MAX_STATIC: usize = 2_000;
const MAX_DYNAMIC: usize = 100;
const MAX_REDIRECT_CHARS: usize = 1_000;
const MAX_HEADER_RULES: usize = 100;
const MAX_HEADER_CHARS: usize = 2_000;
const MAX_FILES: usize = 20_000;
const MAX_FILE_BYTES: u64 = 25 * 1024 * 1024;

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let mut files = HostFiles::default();
    let redirects = in_order(&told.redirects);
    let text = underscore::redirects(redirects.iter().copied(), "", |r| r.status.to_string());
    files.add_settings(Host::Cloudflare, underscore::REDIRECTS, text);
    let blocks: Vec<Block> =
        told.headers.iter().chain(&types(told)).map(|header| Block::new(header, true)).collect();
    files.add_settings(Host::Cloudflare, underscore::HEADERS, Block::text(&blocks));
    files.add_settings(Host::Cloudflare, ".assetsignore", told::ignored());
    check_rules(&redirects, &blocks, problems);
    check_files(told, files.files.len(), problems);
    let not_found = match &told.fallback {
        Some(file) if Host::Cloudflare.falls_back_to(file) => "single-page-application",
        _ => "404-page",
    };
    let out = quoted(&told.out.display().to_string());
    files.instructions = Some(format!(
        "Pages:    npx wrangler pages deploy {out}\n\
         Workers:  not_found_handling = \"{not_found}\" below [assets] in wrangler.toml\n"
    ));
    files
}

/// The static redirects first, since each of the others counts more and they are refused
/// after one; without those that an earlier pattern answers.
fn in_order(redirects: &[Redirect]) -> Vec<&Redirect> {
    let is_static = |redirect: &&Redirect| redirect.fixed_from().is_some();
    let is_reached = |(idx, redirect): &(usize, &Redirect)| {
        let from = redirect.fixed_from();
        let mut earlier = redirects.iter().take(*idx);
        from.is_none_or(|from| !earlier.any(|earlier| earlier.is_from(&from)))
    };
    let reached = redirects.iter().enumerate().filter(is_reached).map(|(_, redirect)| redirect);
    let (fixed, patterns): (Vec<_>, Vec<_>) = reached.partition(is_static);
    fixed.into_iter().chain(patterns).collect()
}

/// The types that names do not imply, as rules for their extensions.
fn types(told: &Told<'_>) -> Vec<Header> {
    let header = |(extension, value): (&str, &str)| Header {
        origin: format!("`[types]` for `{extension}`"),
        paths: Paths::Extension(format!(".{extension}")),
        set: [("Content-Type".to_owned(), value.to_owned())].into(),
        remove: Vec::new(),
    };
    told.own_types().into_iter().map(header).collect()
}

fn check_rules(redirects: &[&Redirect], blocks: &[Block], problems: &mut Problems) {
    let host = Host::Cloudflare.shown();
    let lines: Vec<(&Redirect, (String, String))> = redirects
        .iter()
        .flat_map(|redirect| redirect.lines().into_iter().map(move |line| (*redirect, line)))
        .collect();
    let dynamic = lines.iter().filter(|(_, (from, _))| from.contains(['*', ':'])).count();
    for (what, count, max) in [
        ("redirects from one path", lines.len() - dynamic, MAX_STATIC),
        ("redirects from patterns", dynamic, MAX_DYNAMIC),
        ("rules for header fields", blocks.len(), MAX_HEADER_RULES),
    ] {
        if count > max {
            problems.error(format!("{host} takes {max} {what}, and there are {count}"));
        }
    }
    for (redirect, (from, to)) in &lines {
        if from.len() + to.len() + " 301 ".len() > MAX_REDIRECT_CHARS {
            let origin = &redirect.origin;
            problems.error(format!("{origin} is longer than {MAX_REDIRECT_CHARS} characters, which is all that {host} takes"));
        }
    }
    for block in blocks {
        let path = &block.path;
        if block.lines.iter().chain([path]).any(|line| line.len() > MAX_HEADER_CHARS) {
            problems.error(format!("the path or a field of `{path}` is longer than {MAX_HEADER_CHARS} characters, which is all that {host} takes"));
        }
    }
}

/// A rule for all paths would come before the files, too. Without a `404.html`, it is
/// `/index.html` that answers what is missing.
fn check_fallback(told: &Told<'_>, problems: &mut Problems) {
    let host = Host::Cloudflare;
    match &told.fallback {
        None => {}
        Some(_) if told.contents.iter().any(|content| content.file == NOT_FOUND) => {
            problems.error(format!(
                "{} answers with `{NOT_FOUND}` in place of the page that `fallback` names: leave \
                 one of them out",
                host.shown()
            ));
        }
        Some(file) if host.falls_back_to(file) => {}
        Some(_) => told.warn_of_fallback(host, problems),
    }
}

/// `settings` is the number of files that the host reads.
fn check_files(told: &Told<'_>, settings: usize, problems: &mut Problems) {
    let host = Host::Cloudflare.shown();
    let count = told.contents.len() + told.compressed + settings;
    if count > MAX_FILES {
        problems.warn(format!(
            "{host} takes {MAX_FILES} files without a paid plan, and there are {count}"
        ));
    }
    let large = told.contents.iter().filter(|content| content.bytes > MAX_FILE_BYTES);
    if let Some(list) = listed(large.map(|content| content.source.as_str())) {
        problems.warn(format!("{host} takes files of up to 25 MiB: {list}"));
    }
    check_fallback(told, problems);
    let inner = told.contents.iter().map(|content| content.file.as_str());
    let inner = inner.filter(|file| *file != NOT_FOUND && file.ends_with("/404.html"));
    if let Some(list) = listed(inner) {
        problems.warn(format!(
            "{host} answers with the nearest `404.html`, as the server does not: {list}"
        ));
    }
}

//! Netlify.
//!
//! Sources: docs.netlify.com/manage/routing/{headers,redirects/overview,
//! redirects/redirect-options}.

use super::{
    header::{Header, Paths},
    told::{HostFiles, Told, extension},
    underscore::{self, Block},
};
use crate::publish::{host::Host, problems::Problems};

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let mut files = HostFiles::default();
    // A file that is there wins without the `!`.
    let mut text = underscore::redirects(&told.redirects, "", |redirect| {
        format!("{}!", common_status(redirect.status))
    });
    text.extend(told.fallback.iter().map(|file| underscore::fallback(file, "")));
    files.add_settings(Host::Netlify, underscore::REDIRECTS, text);
    let headers: Vec<Header> = told
        .headers
        .iter()
        .flat_map(|header| spelled_out(header, told))
        .chain(types(told))
        .collect();
    let blocks: Vec<Block> = headers.iter().map(|header| Block::new(header, false)).collect();
    files.add_settings(Host::Netlify, underscore::HEADERS, Block::text(&blocks));
    warn_of_statuses(told, Host::Netlify, problems);
    warn_of_fields(told, &headers, problems);
    told.warn_of_hidden_folders(Host::Netlify, problems);
    files
}

/// The status of a redirect where only 301 and 302 are known.
pub(super) fn common_status(status: u16) -> u16 {
    match status {
        301 | 308 => 301,
        _ => 302,
    }
}

/// Warns of the statuses that become others.
pub(super) fn warn_of_statuses(told: &Told<'_>, host: Host, problems: &mut Problems) {
    for redirect in &told.redirects {
        let status = common_status(redirect.status);
        if status != redirect.status {
            problems.warn(format!(
                "{} becomes {status}: {} has no redirects with {}",
                redirect.origin,
                host.shown(),
                redirect.status
            ));
        }
    }
}

/// A rule for an extension, which stands for each of its paths here.
fn spelled_out(header: &Header, told: &Told<'_>) -> Vec<Header> {
    let Paths::Extension(_) = header.paths else { return vec![header.clone()] };
    let paths = told.contents.iter().map(|content| content.path.encoded());
    let paths = paths.filter(|path| header.paths.contain(path));
    paths.map(|path| Header { paths: Paths::One(path), ..header.clone() }).collect()
}

/// The types that names do not imply, file by file.
fn types(told: &Told<'_>) -> impl Iterator<Item = Header> {
    let is_own = |file: &str| told.types.contains_key(extension(file));
    told.contents.iter().filter(move |content| is_own(&content.file)).map(|content| Header {
        origin: format!("`[types]` for `{}`", extension(&content.file)),
        paths: Paths::One(content.path.encoded()),
        set: [("Content-Type".to_owned(), content.content_type.clone())].into(),
        remove: Vec::new(),
    })
}

/// Warns of fields that are taken away, or set by several rules for one path: the host joins
/// these.
fn warn_of_fields(told: &Told<'_>, headers: &[Header], problems: &mut Problems) {
    let host = Host::Netlify.shown();
    for header in headers.iter().filter(|header| !header.remove.is_empty()) {
        let (origin, names) = (&header.origin, header.remove.join(", "));
        problems.warn(format!("{origin}: {host} cannot take `{names}` away"));
    }
    for (idx, header) in headers.iter().enumerate() {
        for earlier in headers.iter().take(idx) {
            let is_same = |name: &&String| earlier.set.contains_key(*name);
            let Some(name) = header.set.keys().find(is_same) else { continue };
            let both = |path: &str| header.paths.contain(path) && earlier.paths.contain(path);
            let path = told.contents.iter().map(|content| content.path.encoded()).find(|p| both(p));
            if let Some(path) = path {
                problems.warn(format!(
                    "{host} joins both values of `{name}` for `{path}` with a comma: {} and {}",
                    earlier.origin, header.origin
                ));
            }
        }
    }
}

//! Compressed forms beside text, for hosts that serve such files.

use std::collections::HashSet;

use crate::{
    http::{body::Body, encoding::Coding, media_type::MediaType},
    publish::{
        output::{self, Found, Output},
        routes::Route,
    },
    site,
};

/// What follows the name of a file in that of its compressed form.
const FORMS: [(Coding, &str); 2] = [(Coding::Brotli, ".br"), (Coding::Gzip, ".gz")];

/// What is shorter is not worth it: the head of an answer would outweigh it.
const MIN_BYTES: u64 = 256;

/// The names of compressed forms in the output, and their size.
pub(super) type Forms = (Vec<String>, u64);

/// Stages the compressed forms of a text, and returns their names and their size. The names in
/// `taken` are those of the site's own files, which stay.
pub(super) fn stage(
    route: &Route,
    content_type: &str,
    body: &Body,
    output: &Output,
    taken: &HashSet<&str>,
) -> Result<Forms, String> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    if body.len() < MIN_BYTES || !MediaType::read(content_type).is_text() {
        return Ok((files, bytes));
    }
    let failed = |error| format!("`{}`: {error}", route.source);
    let basis = output::hash_of(body).map_err(failed)?;
    for (coding, name) in names(route, taken) {
        let size = match output.find(&name, basis) {
            Some(found) => {
                let size = found.bytes;
                output.keep(vec![found]);
                size
            }
            None => {
                let plain = body.read().map_err(failed)?;
                let Some(coded) = site::compressed(&plain, coding) else { continue };
                let coded = Body::bytes(coded.into());
                output.put(&name, &coded, Some(basis))?;
                coded.len()
            }
        };
        files.push(name);
        bytes += size;
    }
    Ok((files, bytes))
}

/// Finds the compressed forms of a text that was `found` itself. `None` where one is missing.
pub(super) fn find(
    route: &Route,
    found: &Found,
    output: &Output,
    taken: &HashSet<&str>,
) -> Option<Vec<Found>> {
    if found.bytes < MIN_BYTES {
        return Some(Vec::new());
    }
    names(route, taken).map(|(_, name)| output.find(&name, found.hash)).collect()
}

/// The compressed forms that a build makes for a route, each with its name.
fn names<'a>(
    route: &'a Route,
    taken: &'a HashSet<&str>,
) -> impl Iterator<Item = (Coding, String)> + 'a {
    let names = FORMS.map(|(coding, extension)| (coding, format!("{}{extension}", route.file)));
    names.into_iter().filter(|(_, name)| !taken.contains(name.as_str()))
}

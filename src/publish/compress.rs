//! Compressed forms beside text, for hosts that serve such files.

use std::collections::HashSet;

use crate::{
    http::{body::Body, encoding::Coding, media_type::MediaType},
    publish::{output::Output, routes::Route},
    site,
};

/// What follows the name of a file in that of its compressed form.
const FORMS: [(Coding, &str); 2] = [(Coding::Brotli, ".br"), (Coding::Gzip, ".gz")];

/// What is shorter is not worth it: the head of an answer would outweigh it.
const MIN_BYTES: u64 = 256;

/// Stages the compressed forms of a text that `is_new` in the output, and returns their
/// number and size. The site's own forms, among the files in `taken`, stay.
pub(super) fn stage(
    route: &Route,
    content_type: &str,
    body: &Body,
    is_new: bool,
    output: &Output,
    taken: &HashSet<&str>,
) -> Result<(usize, u64), String> {
    let (mut files, mut bytes) = (0, 0);
    if body.len() < MIN_BYTES || !MediaType::read(content_type).is_text() {
        return Ok((files, bytes));
    }
    for (coding, extension) in FORMS {
        let name = format!("{}{extension}", route.file);
        if taken.contains(name.as_str()) {
            continue;
        }
        let kept = (!is_new).then(|| output.keep(&name)).flatten();
        let size = match kept {
            Some(size) => size,
            None => {
                let plain = body.read().map_err(|error| format!("`{}`: {error}", route.source))?;
                let Some(coded) = site::compressed(&plain, coding) else { continue };
                let coded = Body::bytes(coded.into());
                output.put(&name, &coded)?;
                coded.len()
            }
        };
        files += 1;
        bytes += size;
    }
    Ok((files, bytes))
}

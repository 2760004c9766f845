//! Files that are served as they are.

use std::{
    io::{self, Read},
    sync::Arc,
    time::SystemTime,
};

use crate::http::{
    body::Body,
    date::HttpDate,
    encoding::{Coding, negotiate},
    request::Request,
    response::Response,
};

use super::{
    cache::{Inputs, MAX_ENTRY_BYTES},
    compress::Effort,
    content_type::{self, ContentType},
    finished::{self, Finished},
    representation::{Representation, is_ranged},
    root::{OpenFile, Root, Unreadable},
    stamp::FileStamp,
};

/// The codings in which somebody may have put a file beside it, by preference.
const SIBLINGS: [(Coding, &str); 3] =
    [(Coding::Brotli, "br"), (Coding::Zstd, "zst"), (Coding::Gzip, "gz")];

/// Whether the file is small enough to be kept in memory whole.
pub(super) fn is_small(file: &OpenFile) -> bool {
    file.stamp.size() <= MAX_ENTRY_BYTES
}

/// Reads a small file whole, with what stands beside it in compressed form.
pub(super) fn read(
    root: &Root,
    file: &OpenFile,
    content_type: ContentType,
    inputs: &mut Inputs,
) -> Result<Finished, Unreadable> {
    // Before the first byte is read: a change while reading shows.
    let is_settled = file.stamp.is_settled_at(SystemTime::now());
    let bytes = read_bytes(file)?;
    inputs.add_file(file.name.as_str().into(), file.stamp, is_settled);
    let ContentType { mut value, is_text } = content_type;
    if value == "text/html; charset=utf-8" {
        value = content_type::of_html(&bytes, str::from_utf8(&bytes).is_ok());
    }
    let mut finished = Finished::new(value, bytes, is_text);
    finished.modified = Some(file.stamp.modified());
    finished.note.source = Some(file.name.clone());
    finished.effort = Effort::Kept;
    for (coding, name) in siblings(&file.name) {
        match open_sibling(root, &name, file.stamp)? {
            Some(sibling) if is_small(&sibling) => {
                let is_settled = sibling.stamp.is_settled_at(SystemTime::now());
                finished.set_coded(coding, read_bytes(&sibling)?);
                inputs.add_file(name.into(), sibling.stamp, is_settled);
            }
            _ => inputs.add_name(&name, root),
        }
    }
    Ok(finished)
}

/// Serves a large file from the disk, or the compressed form beside it.
pub(super) fn stream(
    root: &Root,
    file: OpenFile,
    content_type: ContentType,
    cache_control: &'static str,
    request: &Request<'_>,
    now: SystemTime,
) -> Result<Response, Unreadable> {
    let mut there = Vec::new();
    for (coding, name) in siblings(&file.name) {
        if let Some(sibling) = open_sibling(root, &name, file.stamp)? {
            there.push((coding, sibling));
        }
    }
    let codings: Vec<Coding> = there.iter().map(|(coding, _)| *coding).collect();
    let wanted =
        if is_ranged(request) { Coding::Identity } else { negotiate(request.headers, &codings) };
    let name = file.name.clone();
    let modified = file.stamp.modified();
    let sibling = there.into_iter().find(|(coding, _)| *coding == wanted);
    let (coding, chosen) = sibling.unwrap_or((Coding::Identity, file));
    let now_date = HttpDate::at(now);
    let representation = Representation {
        content_type: content_type.value,
        coding,
        varies: !codings.is_empty(),
        hash: hash_of_state(&chosen, now),
        body: Body::file(Arc::new(chosen.file), chosen.stamp.size()),
        last_modified: HttpDate::of_last_modification(modified, now_date),
        cache_control,
    };
    let mut response = representation.answer(request, now_date);
    response.note.source = Some(name);
    Ok(response)
}

/// A hash of what tells the state of a file from any other, in place of one of its
/// many bytes. A file that was changed in this very tick of the clock may change
/// again without showing it: it gets a hash that is never used again.
fn hash_of_state(file: &OpenFile, now: SystemTime) -> u128 {
    let mut state: Vec<u8> = file.stamp.parts().flat_map(u64::to_le_bytes).collect();
    if !file.stamp.is_settled_at(now) {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        state.extend(since.as_nanos().to_le_bytes());
    }
    finished::hash(&state)
}

fn siblings(name: &str) -> impl Iterator<Item = (Coding, String)> {
    SIBLINGS.into_iter().map(move |(coding, extension)| (coding, format!("{name}.{extension}")))
}

/// The compressed form of a file, unless it is older than the file itself.
fn open_sibling(
    root: &Root,
    name: &str,
    original: FileStamp,
) -> Result<Option<OpenFile>, Unreadable> {
    let sibling = root.open_file(name)?.into_file();
    Ok(sibling.filter(|sibling| sibling.stamp.modified() >= original.modified()))
}

fn read_bytes(file: &OpenFile) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = (&file.file).take(MAX_ENTRY_BYTES + 1).read_to_end(&mut bytes);
    match read {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Unreadable { name: file.name.clone(), source }),
    }
}

//! Files that are served as they are.

use std::{
    io::{self, Read},
    time::SystemTime,
};

use crate::http::{
    body::Body,
    date::HttpDate,
    encoding::{Coding, negotiate},
    etag::EntityTag,
    request::Request,
    response::Response,
};

use super::{
    cache::{Inputs, MAX_ENTRY_BYTES},
    compress::{Effort, MAX_COMPRESSED_BYTES, compress},
    content_type::{self, ContentType},
    finished::{self, Finished},
    folder::{Folder, OpenFile, Unreadable},
    representation::{Representation, is_ranged},
    stamp::FileStamp,
};

/// Whether the file is small enough to be kept in memory whole.
pub(super) fn is_small(file: &OpenFile) -> bool {
    file.stamp.size() <= MAX_ENTRY_BYTES
}

/// Reads a small file whole, with what stands beside it in compressed form.
pub(super) fn read(
    folder: &Folder,
    file: &OpenFile,
    content_type: ContentType,
    inputs: &mut Inputs,
    now: SystemTime,
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
    let modified = file.stamp.modified();
    finished.last_modified = HttpDate::of_last_modification(modified, HttpDate::at(now));
    finished.note.source = Some(file.name.clone());
    finished.effort = Effort::Kept;
    for (coding, name) in siblings(&file.name) {
        match open_sibling(folder, &name, file.stamp)? {
            Some(sibling) if is_small(&sibling) => {
                let is_settled = sibling.stamp.is_settled_at(SystemTime::now());
                finished.set_coded(coding, read_bytes(&sibling)?);
                inputs.add_file(name.into(), sibling.stamp, is_settled);
            }
            _ => inputs.add_name(&name, folder),
        }
    }
    Ok(finished)
}

/// Serves a large file from the disk, or a compressed form of it: one that stands
/// beside it, else, of text that is not too long, one that is made for this request.
pub(super) fn stream(
    folder: &Folder,
    file: OpenFile,
    content_type: &ContentType,
    cache_control: &'static str,
    request: &Request<'_>,
    now: SystemTime,
) -> Result<Response, Unreadable> {
    let mut beside = Vec::new();
    for (coding, name) in siblings(&file.name) {
        if let Some(sibling) = open_sibling(folder, &name, file.stamp)? {
            beside.push((coding, sibling));
        }
    }
    let is_compressible = content_type.is_text && file.stamp.size() <= MAX_COMPRESSED_BYTES;
    let codings: Vec<Coding> = if is_compressible {
        Coding::COMPRESSED.to_vec()
    } else {
        beside.iter().map(|(coding, _)| *coding).collect()
    };
    let wanted =
        if is_ranged(request) { Coding::Identity } else { negotiate(request.headers, &codings) };
    let date = HttpDate::at(now);
    let (name, modified) = (file.name.clone(), file.stamp.modified());
    let (coding, hash, body) = match beside.into_iter().find(|(coding, _)| *coding == wanted) {
        Some((coding, sibling)) => (coding, hash_of_state(&sibling, now), sibling.into_body()),
        None => coded(file, wanted, now)?,
    };
    let representation = Representation {
        content_type: &content_type.value,
        coding,
        vary: (!codings.is_empty()).then_some("Accept-Encoding"),
        body: &body,
        hash,
        etag: &EntityTag::from_hash(hash, coding),
        last_modified: HttpDate::of_last_modification(modified, date),
        cache_control,
    };
    let mut response = representation.respond(representation.answer(request, date));
    response.note.source = Some(name);
    Ok(response)
}

/// The file in the coding that is wanted, or as it is where that is not smaller.
fn coded(
    file: OpenFile,
    wanted: Coding,
    now: SystemTime,
) -> Result<(Coding, u128, Body), Unreadable> {
    let hash = hash_of_state(&file, now);
    if wanted != Coding::Identity
        && let Some(coded) = compress(&read_bytes(&file)?, wanted, Effort::Once)
    {
        return Ok((wanted, hash, Body::bytes(coded.into())));
    }
    Ok((Coding::Identity, hash, file.into_body()))
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

/// The files in which somebody may have put `name` in compressed form.
fn siblings(name: &str) -> impl Iterator<Item = (Coding, String)> {
    Coding::COMPRESSED.into_iter().map(move |coding| {
        let extension = match coding {
            Coding::Identity => "",
            Coding::Brotli => "br",
            Coding::Zstd => "zst",
            Coding::Gzip => "gz",
        };
        (coding, format!("{name}.{extension}"))
    })
}

/// The file of which `name` would be the compressed form.
pub(super) fn uncoded_name(name: &str) -> Option<&str> {
    [".br", ".zst", ".gz"].into_iter().find_map(|extension| name.strip_suffix(extension))
}

/// The compressed form of a file, unless it is older than the file itself.
fn open_sibling(
    folder: &Folder,
    name: &str,
    original: FileStamp,
) -> Result<Option<OpenFile>, Unreadable> {
    let sibling = folder.open_file(name)?.into_file();
    Ok(sibling.filter(|sibling| sibling.stamp.modified() >= original.modified()))
}

fn read_bytes(file: &OpenFile) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    // It may have grown since its size was looked at.
    let read: io::Result<usize> = (&file.file).take(MAX_COMPRESSED_BYTES).read_to_end(&mut bytes);
    match read {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Unreadable { name: file.name.clone(), source }),
    }
}

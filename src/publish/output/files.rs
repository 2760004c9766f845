//! Single files of the output: compared with what they are to be.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    path::Path,
};

use crate::http::body::{Body, Source};

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of a body, in order.
pub(super) struct BodyReader<'a> {
    body: &'a Body,
    offset: u64,
}

impl<'a> BodyReader<'a> {
    pub(super) fn new(body: &'a Body) -> Self {
        Self { body, offset: 0 }
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some((source, range)) = self.body.at(self.offset) else { return Ok(0) };
        let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let len = wanted.min(buf.len());
        match source {
            Source::Bytes(bytes) => {
                let start = usize::try_from(range.start).unwrap_or(usize::MAX);
                buf[..len].copy_from_slice(&bytes[start..start + len]);
            }
            Source::File(file) => {
                file.read_exact_at(&mut buf[..len], range.start)?;
            }
        }
        self.offset += len as u64;
        Ok(len)
    }
}

/// Whether a regular file with these bytes stands at `path`.
pub(super) fn is_same(path: &Path, body: &Body) -> io::Result<bool> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() || metadata.len() != body.len() {
        return Ok(false);
    }
    let (mut file, mut reader) = (File::open(path)?, BodyReader::new(body));
    let (mut there, mut here) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
    loop {
        let len = reader.read(&mut here)?;
        if len == 0 {
            return Ok(true);
        }
        match file.read_exact(&mut there[..len]) {
            Ok(()) if there[..len] == here[..len] => {}
            Ok(()) => return Ok(false),
            // It has become shorter just now.
            Err(_) => return Ok(false),
        }
    }
}

/// Whether nothing stands under a name.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

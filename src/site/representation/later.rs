//! Work on stored representations that no connection's worker does: coding what is
//! long, and hashing files for their entity tags.

use std::{fs::File, io, os::unix::fs::FileExt, sync::Arc};

use xxhash_rust::xxh3::Xxh3;

use crate::{
    background::{Background, Job, JobProgress, Lane},
    http::{
        StatusCode,
        answer::{Answer, Maker, Promise},
        body::{Body, Part, Source},
        encoding::Coding,
        error_form::ErrorForm,
        memory::Bytes,
    },
};

use crate::site::{
    files::{folder::OpenFile, stamp::FileStamp},
    preparation::Preparation,
    representation::{
        compress::compress,
        hash::hash,
        stored::StoredRepresentation,
        variant::{Content, Variant},
    },
    request_context::RequestContext,
};

/// Bytes of a file that are hashed before another job has its turn: less than a
/// millisecond's work where the system has them in memory.
const HASHED_AT_ONCE: u64 = 1024 * 1024;
const READ_AT_ONCE: usize = 256 * 1024;

impl StoredRepresentation {
    /// All of it in a coding that it has not been put into yet.
    ///
    /// Short content is coded at once. Long content is coded in the background, once for
    /// all who ask meanwhile; it is sent uncoded if the background has too much to do, or
    /// if there is no memory for the coded form.
    pub(crate) fn whole_to_be_coded(
        self: &Arc<Self>,
        variant: &Variant,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        let Some(background) = asked.background else {
            return self.code_in_place(variant, asked, opened);
        };
        match self.plain.content()? {
            Content::Memory(_) if self.len() <= self.effort.max_bytes_in_place() => {
                self.code_in_place(variant, asked, opened)
            }
            _ => self.code_later(variant, background, asked, opened),
        }
    }

    fn code_in_place(
        self: &Arc<Self>,
        variant: &Variant,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        let plain = self.open_plain(asked, opened)?;
        match self.code(variant.coding, &plain) {
            Ok(coded) => variant.set_made(coded),
            Err(_) => return None,
        }
        self.whole(variant, asked, None)
    }

    fn code_later(
        self: &Arc<Self>,
        variant: &Variant,
        background: &Background,
        asked: RequestContext<'_>,
        opened: Option<OpenFile>,
    ) -> Option<Answer> {
        let mut making = variant.making();
        if let Some(promise) = &*making {
            let promise = promise.clone();
            drop(making);
            return match self.is_for_many_paths || self.names_version(asked) {
                true => self.whole(&self.plain, asked, opened),
                false => Some(Answer::Later(promise)),
            };
        }
        if !variant.is_unmade() {
            drop(making);
            return self.whole(variant, asked, opened);
        }
        let plain = self.open_plain(asked, opened)?;
        // It is smaller than the plain form, if it comes to anything.
        if !asked.preparation.memory.has_room_for(plain.len()) {
            drop(making);
            let response = self.complete(&self.plain, plain);
            return Some(self.prepare(response, asked).into());
        }
        let instead = self.prepare_for_all(self.complete(&self.plain, plain.clone()), asked);
        if instead.status != StatusCode::OK {
            return Some(instead.into());
        }
        let (promise, maker) = Promise::new(Arc::clone(&instead));
        let coding = CodingJob {
            stored: Arc::clone(self),
            coding: variant.coding,
            plain,
            maker: Some(maker),
            preparation: asked.preparation.clone(),
            path: asked.request.target.path().into(),
            error_form: ErrorForm::of(asked.request.headers),
        };
        *making = Some(promise.clone());
        drop(making);
        // A job that finds no room is dropped, which gives what there is instead.
        let lane = if self.is_kept() { Lane::CodingKept } else { Lane::CodingOnce };
        let _ = background.run(lane, coding.into_job());
        if self.names_version(asked) {
            return self.whole(&self.plain, asked, None);
        }
        // What is promised has the fields of this path, and others may wait for it.
        Some(if self.is_for_many_paths { instead.into() } else { Answer::Later(promise) })
    }

    /// The plain form in a coding; `None` where that is not smaller.
    fn code(&self, coding: Coding, plain: &Body) -> io::Result<Option<Bytes>> {
        let coded = match (self.plain.content(), plain) {
            (Some(Content::Memory(bytes)), _) => compress(bytes, coding, self.effort),
            (Some(Content::File(file)), Body::Whole(Part { source: Source::File(handle), .. })) => {
                let bytes = plain.read()?;
                is_still(handle, file.stamp)?;
                self.plain.set_hash(hash(&bytes));
                compress(&bytes, coding, self.effort)
            }
            _ => None,
        };
        Ok(coded.map(Bytes::from))
    }

    /// The form in this coding, or the plain one.
    fn in_coding(&self, coding: Coding) -> &Variant {
        self.coded.iter().find(|variant| variant.coding == coding).unwrap_or(&self.plain)
    }

    /// Has a file hashed in the background for its entity tag, if it is worth that.
    pub(crate) fn hash_later(
        self: &Arc<Self>,
        variant: &Variant,
        body: &Body,
        background: Option<&Background>,
    ) {
        let (Some(background), true) = (background, self.is_kept()) else { return };
        let Some(Content::File(content)) = variant.content() else { return };
        let Body::Whole(Part { source: Source::File(file), .. }) = body else { return };
        if !variant.begin_hashing() {
            return;
        }
        let hashing = HashingJob {
            stored: Arc::clone(self),
            coding: variant.coding,
            file: Arc::clone(file),
            stamp: content.stamp,
            hasher: Xxh3::new(),
            offset: 0,
        };
        // Where there is too much to do, the next request asks again.
        let _ = background.run(Lane::Hashing, hashing.into_job());
    }
}

/// Fails where the file is in another state by now.
fn is_still(file: &File, stamp: FileStamp) -> io::Result<()> {
    match FileStamp::of(file)? == stamp {
        true => Ok(()),
        false => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Codes a representation, and gives it to all requests that wait for it.
struct CodingJob {
    stored: Arc<StoredRepresentation>,
    coding: Coding,
    plain: Body,
    maker: Option<Maker>,
    preparation: Preparation,
    path: Box<str>,
    error_form: ErrorForm,
}

impl CodingJob {
    fn into_job(mut self) -> Job {
        Box::new(move || {
            self.code();
            JobProgress::Done
        })
    }

    /// Waiting requests get the plain form where the coding fails.
    fn code(&mut self) {
        let (stored, variant) = (&self.stored, self.stored.in_coding(self.coding));
        let Ok(coded) = stored.code(self.coding, &self.plain) else { return };
        let Some(bytes) = coded else { return variant.set_made(None) };
        // Where there is no room now, a later request may find some.
        if !self.preparation.memory.hold(&bytes) {
            return;
        }
        variant.set_made(Some(bytes.clone()));
        let prepare = || {
            let mut response = stored.complete(variant, Body::bytes(bytes));
            response.note.clone_from(&stored.note);
            self.preparation.prepare(&self.path, self.error_form, response)
        };
        if stored.is_for_many_paths {
            return;
        }
        let whole = Arc::clone(variant.whole.get_or_init(prepare));
        if let Some(maker) = self.maker.take() {
            maker.give(whole);
        }
    }
}

impl Drop for CodingJob {
    fn drop(&mut self) {
        *self.stored.in_coding(self.coding).making() = None;
    }
}

/// Hashes a file, some of it at a time.
struct HashingJob {
    stored: Arc<StoredRepresentation>,
    coding: Coding,
    file: Arc<File>,
    stamp: FileStamp,
    hasher: Xxh3,
    offset: u64,
}

impl HashingJob {
    fn into_job(mut self) -> Job {
        // Without an error or the hash there is no entity tag until it is tried again.
        Box::new(move || self.hash_some().unwrap_or(JobProgress::Done))
    }

    fn hash_some(&mut self) -> io::Result<JobProgress> {
        // A file that grows is in a new state each time it is asked for.
        is_still(&self.file, self.stamp)?;
        let mut buffer = vec![0; READ_AT_ONCE];
        let until = self.stamp.size().min(self.offset + HASHED_AT_ONCE);
        while self.offset < until {
            let left = usize::try_from(until - self.offset).unwrap_or(READ_AT_ONCE);
            let read = self.file.read_at(&mut buffer[..left.min(READ_AT_ONCE)], self.offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.hasher.update(&buffer[..read]);
            self.offset += read as u64;
        }
        if self.offset < self.stamp.size() {
            return Ok(JobProgress::Pending);
        }
        is_still(&self.file, self.stamp)?;
        self.stored.in_coding(self.coding).set_hash(self.hasher.digest128());
        Ok(JobProgress::Done)
    }
}

impl Drop for HashingJob {
    fn drop(&mut self) {
        self.stored.in_coding(self.coding).end_hashing();
    }
}

#[cfg(test)]
mod tests;

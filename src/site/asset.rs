//! Files that are served as they are.

use std::{
    io::{Read as _, Seek as _},
    time::SystemTime,
};

use crate::http::date::HttpDate;

use crate::site::{
    Site,
    cache::MAX_FILE_BYTES,
    content_type::ContentType,
    files::{
        dependencies::{Dependencies, Read},
        folder::{Folder, OpenFile, Unreadable},
        stamp::FileStamp,
    },
    preview::snippet,
    rebase::{Language, rebase},
    representation::{
        cache_control, compress::Effort, hash::hash, stored::StoredRepresentation, variant::Variant,
    },
    request_context::RequestContext,
    resolution::Resolution,
    templates::source::MAX_TEMPLATE_BYTES,
};

/// A larger page or stylesheet is sent as it is, without the base path before its URLs.
const MAX_REBASED_BYTES: u64 = 16 * 1024 * 1024;

/// How much of a file that is not held in memory is read, to tell the encoding of its text.
const START_BYTES: u64 = 64 * 1024;

/// A text with the base path before its URLs.
struct RebasedFile {
    text: String,
    warning: Option<String>,
    /// The hash of the file itself, where its text had to change.
    hash_of_file: Option<u128>,
}

fn is_too_large_to_rebase(file: &OpenFile) -> bool {
    file.stamp.size() > MAX_REBASED_BYTES
}

impl Site {
    /// Serves a file as it is: from memory, or a large one from the disk; in a coded form
    /// that stands beside it or is made of it.
    pub(crate) fn asset(
        &self,
        file: OpenFile,
        mut dependencies: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        match self.store(&file, &mut dependencies, asked) {
            Ok(stored) => {
                let opened = stored.bytes().is_none().then_some(file);
                Resolution { opened, ..Resolution::for_all(Box::new(stored), dependencies) }
            }
            Err(unreadable) => self.unreadable(&unreadable, dependencies, asked),
        }
    }

    fn store(
        &self,
        file: &OpenFile,
        dependencies: &mut Dependencies,
        asked: RequestContext<'_>,
    ) -> Result<StoredRepresentation, Unreadable> {
        let read = Read::at(SystemTime::now(), file.name.as_str().into(), file.stamp);
        let content_type = self.naming.content_type(&file.name);
        let is_page = content_type.is_page();
        // The live script can go into what is held in memory alone.
        let is_edited = self.is_edited() && snippet::is_for(&content_type.value);
        let max_held_bytes = if is_edited { MAX_TEMPLATE_BYTES } else { MAX_FILE_BYTES };
        let rebased = self.rebased(file, &content_type)?;
        let is_rebased = rebased.is_some();
        let is_left_alone =
            is_too_large_to_rebase(file) && self.language_to_rebase(&content_type.value).is_some();
        let mut file_hash = None;
        let mut stored = if let Some(RebasedFile { text, warning, hash_of_file }) = rebased {
            file_hash = hash_of_file;
            let bytes = text.into_bytes();
            let mut stored = held(content_type.for_bytes(&bytes), bytes);
            stored.note.message = warning;
            stored
        } else if file.stamp.size() > max_held_bytes {
            let content_type = content_type.for_start(&read_bytes(file, START_BYTES)?);
            StoredRepresentation::of_file(content_type.value, file, content_type.is_text)
        } else {
            // It may have grown since its size was taken.
            let bytes = read_bytes(file, 2 * max_held_bytes)?;
            held(content_type.for_bytes(&bytes), bytes)
        };
        dependencies.add_file(&read);
        let date = HttpDate::at(asked.now);
        stored.last_modified = HttpDate::of_last_modification(file.stamp.modified(), date);
        stored.cache_control = match is_page {
            true => cache_control::of_page(false, self.production),
            false => cache_control::of_asset(self.naming.has_hash(&file.name), self.production),
        };
        stored.may_have_version = self.production && !is_page;
        stored.file_hash = file_hash;
        stored.note.source = Some(file.name.clone());
        if is_left_alone {
            stored.note.message = Some(format!(
                "warning: `{}` is larger than {} MiB: the base path is not put before its URLs",
                file.name,
                MAX_REBASED_BYTES >> 20
            ));
        }
        if !is_rebased {
            self.add_siblings(file, &mut stored, dependencies, asked.folder)?;
        }
        Ok(stored)
    }

    /// In which language content has URLs before which the base path belongs, if it may have any.
    pub(crate) fn language_to_rebase(&self, content_type: &str) -> Option<Language> {
        if self.base_path.is_root() { None } else { Language::of(content_type) }
    }

    /// The text of a page or stylesheet, with the base path before its URLs. `None` where no base
    /// path is put before anything in the file.
    fn rebased(
        &self,
        file: &OpenFile,
        content_type: &ContentType,
    ) -> Result<Option<RebasedFile>, Unreadable> {
        let Some(language) = self.language_to_rebase(&content_type.value) else { return Ok(None) };
        if is_too_large_to_rebase(file) {
            return Ok(None);
        }
        let Ok(text) = String::from_utf8(read_bytes(file, 2 * MAX_REBASED_BYTES)?) else {
            return Ok(None);
        };
        let rebased = rebase(&text, language, &self.base_path);
        let warning = rebased.warning(&file.name, &self.base_path);
        let hash_of_file = rebased.text.is_some().then(|| hash(text.as_bytes()));
        Ok(Some(RebasedFile { text: rebased.text.unwrap_or(text), warning, hash_of_file }))
    }

    /// Adds the coded forms that stand beside the file.
    fn add_siblings(
        &self,
        file: &OpenFile,
        stored: &mut StoredRepresentation,
        dependencies: &mut Dependencies,
        folder: &Folder,
    ) -> Result<(), Unreadable> {
        for (coding, name) in self.naming.coded_forms(&file.name) {
            let Some(sibling) = open_sibling(folder, &name, file.stamp)? else {
                dependencies.add_name(&name, folder);
                continue;
            };
            let read = Read::at(SystemTime::now(), name.into(), sibling.stamp);
            stored.set_found(if stored.bytes().is_some() && is_small(&sibling) {
                Variant::in_memory(read_bytes(&sibling, 2 * MAX_FILE_BYTES)?.into(), coding)
            } else {
                Variant::in_file(&sibling, coding)
            });
            dependencies.add_file(&read);
        }
        Ok(())
    }
}

fn held(content_type: ContentType, bytes: Vec<u8>) -> StoredRepresentation {
    StoredRepresentation::new(content_type.value, bytes, content_type.is_text, Effort::Kept)
}

fn is_small(file: &OpenFile) -> bool {
    file.stamp.size() <= MAX_FILE_BYTES
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

/// The first `max` bytes of a file, wherever it was read to before.
fn read_bytes(file: &OpenFile, max: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let mut opened = &file.file;
    let read = opened.rewind().and_then(|()| opened.take(max).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Unreadable { name: file.name.clone(), source }),
    }
}

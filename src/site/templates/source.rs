//! The source of a template: the text of a file, and whether there are tags in it.
//!
//! A page that holds tags is never sent as it is: what stands between them is for the
//! server alone.

use std::{
    collections::VecDeque,
    io::{self, Read as _, Seek as _},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use memchr::{memchr, memchr_iter};
use minijinja::Value;

use crate::diagnostic::line_and_column;
use crate::site::{
    cache::MAX_FILE_BYTES,
    files::{
        dependencies::Read,
        folder::{OpenFile, Unreadable},
        stamp::FileStamp,
    },
    metadata::{keys::Keys, values::Layout},
    templates::{code, load_error::LoadError},
};

/// A larger file is no handwritten page. It is not compiled: templates, unlike
/// assets, are held in memory.
pub(crate) const MAX_TEMPLATE_BYTES: u64 = 16 * 1024 * 1024;
/// A file that is no template is searched for tags up to this size, which takes up to
/// about 10 ms, once for each state of it. A larger one counts as one that holds some.
const MAX_SEARCHED_BYTES: u64 = 32 * 1024 * 1024;
/// The number of large files for which it is remembered whether they hold tags.
const MAX_REMEMBERED: usize = 64;
/// Read at a time when a large file is searched.
const CHUNK_BYTES: usize = 64 * 1024;
/// The bytes 0 that may stand between the two characters that open a tag: 1 in UTF-16,
/// 3 in UTF-32.
const MAX_ZEROS: usize = 3;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a page is to be taken for.
#[derive(Debug)]
pub(crate) enum Source {
    /// Text without tags, which is as it would be rendered.
    Plain(PlainText),
    /// It is rendered, or ends in the report of why it cannot be. Its aliases, where its front
    /// matter names some.
    Template(Option<Value>),
    /// No template, for this reason; and it holds no tags.
    Foreign(LoadError, Read),
}

/// The text of a page without tags.
#[derive(Debug)]
pub(crate) struct PlainText {
    /// What is sent.
    pub(crate) html: String,
    /// Whether that is all of the file.
    is_whole: bool,
    pub(crate) read: Read,
    /// As for a template.
    pub(crate) aliases: Option<Value>,
}

/// Whether large files hold tags, as far as they have been searched.
#[derive(Debug, Default)]
pub(crate) struct Searched {
    /// The last of them at the end.
    known: Mutex<VecDeque<(FileStamp, bool)>>,
}

impl Source {
    /// Reads a page to see what it is. But for plain text, the file is at its start again.
    pub(crate) fn of(file: &OpenFile, searched: &Searched) -> Self {
        let read = Read::at(SystemTime::now(), file.name.as_str().into(), file.stamp);
        let source = match read_marked_text(file) {
            Ok(text) => match PlainText::of(text, &read) {
                Ok(plain) => return Self::Plain(plain),
                Err(aliases) => Self::Template(aliases),
            },
            Err(reason @ LoadError::NotUtf8 { holds_tags: false, .. }) => {
                Self::Foreign(reason, read)
            }
            Err(reason @ LoadError::TooLarge(_)) if !searched.holds_tags(file) => {
                Self::Foreign(reason, read)
            }
            Err(_) => Self::Template(None),
        };
        // Where the file cannot be read again, the render opens it again.
        if (&file.file).rewind().is_ok() { source } else { Self::Template(None) }
    }
}

impl PlainText {
    /// The aliases where the engine has to read it.
    fn of(text: String, read: &Read) -> Result<Self, Option<Value>> {
        let unmarked = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        let front_matter = Keys::read(&read.name, unmarked).map_err(|_| None)?;
        let aliases = front_matter.as_ref().and_then(|(keys, _)| keys.aliases.clone());
        let html = match &front_matter {
            Some((keys, _)) if matches!(keys.layout, Layout::Named(_)) => return Err(aliases),
            Some((_, block)) => block.rest(unmarked),
            None => &text,
        };
        if holds_tags(html.as_bytes()) {
            return Err(aliases);
        }
        let is_whole = front_matter.is_none();
        let html = if is_whole { text } else { html.to_owned() };
        Ok(Self { html, is_whole, read: read.clone(), aliases })
    }

    /// Whether it is a file that need not be held in memory.
    pub(crate) fn is_sent_from_disk(&self) -> bool {
        self.is_whole && self.html.len() as u64 > MAX_FILE_BYTES
    }
}

impl Searched {
    /// Whether a large file holds tags, or may. Searches each state of a file once.
    fn holds_tags(&self, file: &OpenFile) -> bool {
        if file.stamp.size() > MAX_SEARCHED_BYTES {
            return true;
        }
        let is_same = |(stamp, _): &&(FileStamp, bool)| *stamp == file.stamp;
        if let Some((_, holds_tags)) = self.known().iter().find(is_same) {
            return *holds_tags;
        }
        let is_settled = file.stamp.is_settled_at(SystemTime::now());
        let holds_tags = search(file).unwrap_or(true);
        if is_settled {
            let mut known = self.known();
            known.push_back((file.stamp, holds_tags));
            let surplus = known.len().saturating_sub(MAX_REMEMBERED);
            drop(known.drain(..surplus));
        }
        holds_tags
    }

    /// How many states of files are remembered.
    #[cfg(test)]
    pub(crate) fn states(&self) -> usize {
        self.known().len()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, VecDeque<(FileStamp, bool)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the source of a template, in which its front matter is masked.
///
/// # Errors
/// As [`read_text`], and where its front matter cannot be read.
pub(crate) fn read_template(open: &OpenFile) -> Result<String, LoadError> {
    let text = read_text(open)?;
    Ok(match Keys::read(&open.name, &text).map_err(LoadError::FrontMatter)? {
        Some((_, front_matter)) => front_matter.mask(&text),
        None => text,
    })
}

/// The text of a file that may be a template. Some editors begin a file with a byte order
/// mark that, once included, would stand in the middle of a page: it is left out.
///
/// # Errors
/// Where it is no text in UTF-8, too large, or cannot be read.
pub(crate) fn read_text(open: &OpenFile) -> Result<String, LoadError> {
    let text = read_marked_text(open)?;
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The same with its byte order mark.
///
/// # Errors
/// Where it is no text in UTF-8, too large, or cannot be read.
fn read_marked_text(open: &OpenFile) -> Result<String, LoadError> {
    let is_too_large = |len: u64| len > MAX_TEMPLATE_BYTES;
    let len = open.stamp.size();
    if is_too_large(len) {
        return Err(LoadError::TooLarge(open.name.clone()));
    }
    // With room for the read that finds the end.
    let mut bytes = Vec::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
    // It may have grown since its size was seen.
    let read = (&open.file).take(MAX_TEMPLATE_BYTES + 1).read_to_end(&mut bytes);
    if let Err(source) = read {
        return Err(LoadError::Unreadable(Unreadable { name: open.name.clone(), source }));
    }
    if is_too_large(bytes.len() as u64) {
        return Err(LoadError::TooLarge(open.name.clone()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => match zero_of_wide_tag(text.as_bytes()) {
            Some(at) => Err(not_utf8(&open.name, text.as_bytes(), at)),
            None => Ok(text),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(not_utf8(&open.name, error.as_bytes(), at))
        }
    }
}

fn not_utf8(name: &str, bytes: &[u8], at: usize) -> LoadError {
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let (line, column) = line_and_column(&before, before.len());
    LoadError::NotUtf8 { name: name.to_owned(), line, column, holds_tags: holds_tags(bytes) }
}

/// A template without the end of its last line, and that. Where the file is a part of
/// another, the line goes on there; a page gets it back. It has none where its last tag
/// takes the space after it away, as `-%}` does.
pub(crate) fn without_last_line_end(mut source: String) -> (String, &'static str) {
    let Some(line_end) = ["\r\n", "\n", "\r"].into_iter().find(|end| source.ends_with(end)) else {
        return (source, "");
    };
    let is_trimmed = ends_in_trimming_tag(&source);
    source.truncate(source.len() - line_end.len());
    (source, if is_trimmed { "" } else { line_end })
}

fn ends_in_trimming_tag(source: &str) -> bool {
    let source = source.trim_end();
    ["-}}", "-%}", "-#}"].into_iter().any(|end| source.ends_with(end))
        && code::tags(source)
            .last()
            .is_some_and(|tag| tag.is_closed && tag.range.end == source.len())
}

/// Whether there are tags in `bytes`, be they UTF-8, another encoding that extends
/// ASCII, UTF-16 or UTF-32.
fn holds_tags(bytes: &[u8]) -> bool {
    tags(bytes).next().is_some()
}

/// The first byte 0 of what is valid UTF-8 and yet no text in it: UTF-16 or UTF-32
/// without a mark, of nothing but ASCII. The engine would see no tag in it.
fn zero_of_wide_tag(bytes: &[u8]) -> Option<usize> {
    let zero = memchr(0, bytes)?;
    tags(bytes).any(|zeros| zeros > 0).then_some(zero)
}

/// For each tag that `bytes` hold, the bytes 0 within its opening.
fn tags(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b'{', bytes).filter_map(|at| {
        let rest = bytes.get(at + 1..)?;
        let zeros = rest.iter().take(MAX_ZEROS).take_while(|byte| **byte == 0).count();
        matches!(rest.get(zeros), Some(b'{' | b'%' | b'#')).then_some(zeros)
    })
}

/// Whether a file holds tags, read from its start piece by piece.
fn search(open: &OpenFile) -> io::Result<bool> {
    let mut file = &open.file;
    file.rewind()?;
    let mut file = file.take(MAX_SEARCHED_BYTES + 1);
    // What was left of the last piece, in which a tag may open that goes on in the next.
    let mut kept = 0;
    let mut buf = vec![0; MAX_ZEROS + 1 + CHUNK_BYTES];
    loop {
        let read = file.read(&mut buf[kept..])?;
        let bytes = &buf[..kept + read];
        if holds_tags(bytes) {
            return Ok(true);
        }
        if read == 0 {
            // It has grown beyond what is searched.
            return Ok(file.limit() == 0);
        }
        let rest = bytes.len().saturating_sub(MAX_ZEROS + 1)..bytes.len();
        kept = rest.len();
        buf.copy_within(rest, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_end_is_taken_off() {
        for (source, template, line_end) in [
            ("", "", ""),
            ("a", "a", ""),
            ("a\n", "a", "\n"),
            ("a\r\n", "a", "\r\n"),
            ("a\r", "a", "\r"),
            ("a\n\n", "a\n", "\n"),
            ("\n", "", "\n"),
            ("a\n ", "a\n ", ""),
            ("{{ a }}\n", "{{ a }}", "\n"),
            ("{{ a +}}\n", "{{ a +}}", "\n"),
            ("{{ a -}}\n", "{{ a -}}", ""),
            ("{%- endif -%} \r\n", "{%- endif -%} ", ""),
            ("{#- a -#}\n", "{#- a -#}", ""),
            ("{% raw %}{{ a -}}{% endraw -%}\n", "{% raw %}{{ a -}}{% endraw -%}", ""),
            ("{% raw %}a{% endraw %} -}}\n", "{% raw %}a{% endraw %} -}}", "\n"),
        ] {
            let taken = without_last_line_end(source.to_owned());
            assert_eq!(taken, (template.to_owned(), line_end), "{source:?}");
        }
    }

    #[test]
    fn tags_are_seen_in_any_encoding() {
        let encodings: [fn(&str) -> Vec<u8>; 5] = [
            |text| text.as_bytes().to_vec(),
            |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            |text| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            |text| text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        ];
        for encode in encodings {
            for (text, expected) in [
                ("a {{ b }}", true),
                ("{% if a %}", true),
                ("x{# y", true),
                ("{{", true),
                ("{ { {a} {$ %} }} #}", false),
                ("", false),
                ("{", false),
            ] {
                assert_eq!(holds_tags(&encode(text)), expected, "{text}");
            }
        }
        assert!(!holds_tags(b"{\0\0\0\0{"));
    }
}

//! A template error as a person wants it: where, what, why, and what to do.

pub(crate) mod failure;
pub(crate) mod help;
pub(crate) mod nearest;
pub(crate) mod syntax;
pub(crate) mod vocabulary;

use std::{error::Error as _, fmt::Write, ops::Range, path::Path};

use minijinja::{Error, ErrorKind, context};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::http::url_path::UrlPath;

use crate::site::{
    builtin,
    report::help::{Case, Circumstances, undefined_expression},
    templates::source::LoadError,
};

/// Lines shown before and after the place of the error.
const LINES_AROUND: usize = 2;
/// Characters of a line that are shown; minified files have very long ones.
const MAX_SHOWN_CHARS: usize = 120;
/// Of a long line, characters shown before the place.
const CHARS_BEFORE_PLACE: usize = 40;
/// Steps of the chain of includes that are shown.
const MAX_SHOWN_STEPS: usize = 5;
/// What a tab is shown as.
const TAB: &str = "    ";

/// An error in a template, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    file: String,
    /// From 1; `None` where the error has no place in the file.
    line: Option<usize>,
    /// In characters, from 1.
    column: Option<usize>,
    /// The lines around the place.
    excerpt: Vec<ExcerptLine>,
    /// How the page came to use `file`, the nearest step first.
    chain: Vec<String>,
    message: String,
    help: String,
}

/// A line of the source, without its control characters. `marked` is empty but
/// in the line of the error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ExcerptLine {
    number: usize,
    before: String,
    marked: String,
    after: String,
    is_marked: bool,
}

impl Report {
    /// Explains the error that rendering the file `page` ended in.
    pub(crate) fn new(error: &Error, page: &str, known: &Circumstances<'_>) -> Self {
        let errors = chain_of_errors(error);
        let innermost = errors.last().copied().unwrap_or(error);
        let case = Case {
            error: innermost,
            file: innermost.name().unwrap_or(page),
            sources: errors.iter().filter_map(|error| error.template_source()).collect(),
            is_circular: is_circular(&errors),
            known,
        };
        let place = Place::of(innermost);
        let (line, column) = place_of_byte(innermost).unzip();
        Self {
            file: visible(case.file),
            line: place.as_ref().map(|place| place.line).or(innermost.line()).or(line),
            column: place.as_ref().and_then(|place| place.column).or(column),
            excerpt: place.as_ref().map(Place::excerpt).unwrap_or_default(),
            chain: shortened(chain_of_files(&errors, page)),
            message: visible(&case.message()),
            help: visible(&case.help()),
        }
    }

    /// `about.html:12:7`
    fn place(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", self.file),
            (Some(line), None) => format!("{}:{line}", self.file),
            (None, _) => self.file.clone(),
        }
    }

    /// The report for a terminal, in the form of the Rust compiler's.
    pub(crate) fn text(&self) -> String {
        let width = self.excerpt.last().map_or(0, |line| line.number.to_string().len());
        let mut text = format!("error: {}\n{:width$}--> {}\n", self.message, "", self.place());
        if !self.excerpt.is_empty() {
            let lines: String = self.excerpt.iter().map(|line| line.text(width)).collect();
            let _ = write!(text, "{:width$} |\n{lines}{:width$} |\n", "", "");
        }
        for step in &self.chain {
            let _ = writeln!(text, "{step}");
        }
        let _ = writeln!(text, "help: {}", self.help);
        text
    }

    /// The report as a page. `editor` is the pattern of a URL that opens a file of the
    /// folder `root`.
    pub(crate) fn html(&self, root: &Path, editor: Option<&str>) -> String {
        let (message, excerpt, chain, help) =
            (&self.message, minijinja::value::Serde(&self.excerpt), &self.chain, &self.help);
        let place = self.place();
        let link = editor.and_then(|pattern| self.link(root, pattern));
        builtin::render("report.html", context! { message, place, link, excerpt, chain, help })
    }

    /// The URL that opens the place in an editor. `None` where the path of the file
    /// is not one that a URL can hold.
    fn link(&self, root: &Path, pattern: &str) -> Option<String> {
        let path = root.join(&self.file);
        let path = UrlPath::of_name(path.to_str()?.strip_prefix('/')?, false)?;
        let number = |number: Option<usize>| number.unwrap_or(1).to_string();
        let link = pattern.replace("{line}", &number(self.line));
        let link = link.replace("{column}", &number(self.column));
        Some(link.replace("{file}", &path.encoded()))
    }
}

impl ExcerptLine {
    fn text(&self, width: usize) -> String {
        let Self { number, before, marked, after, .. } = self;
        let line = format!("{number:>width$} | {before}{marked}{after}");
        let mut text = format!("{}\n", line.trim_end());
        if self.is_marked {
            let (indent, len) = (before.width(), marked.width().max(1));
            let _ = writeln!(text, "{:width$} | {:indent$}{:^<len$}", "", "", "");
        }
        text
    }
}

/// Where in a source an error lies.
struct Place<'a> {
    source: &'a str,
    line: usize,
    /// `None` where only the line is known, which is then marked from end to end.
    column: Option<usize>,
    /// Bytes of the line before the error, and of the error as far as it is in
    /// this line.
    start: usize,
    len: usize,
}

impl<'a> Place<'a> {
    fn of(error: &'a Error) -> Option<Self> {
        let source = error.template_source()?;
        let given = error.range();
        let range = given.clone().or_else(|| line_range(source, error.line()?))?;
        let unknown = undefined_expression(error)
            .and_then(|expression| find_name(source.get(range.clone())?, expression))
            .map(|name| range.start + name.start..range.start + name.end);
        let is_exact = given.is_some() || unknown.is_some();
        Self::at(source, unknown.unwrap_or(range), is_exact)
    }

    /// The place by byte offset: the engine counts lines in 16 bits.
    fn at(source: &'a str, range: Range<usize>, is_exact: bool) -> Option<Self> {
        let before = source.get(..range.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_len = source[line_start..].lines().next().map_or(0, str::len);
        let start = range.start - line_start;
        Some(Self {
            source,
            line: before.matches('\n').count() + 1,
            column: is_exact.then(|| source[line_start..range.start].chars().count() + 1),
            start: start.min(line_len),
            len: range.len().min(line_len.saturating_sub(start)),
        })
    }

    fn excerpt(&self) -> Vec<ExcerptLine> {
        let first = self.line.saturating_sub(LINES_AROUND).max(1);
        let numbered = (1..).zip(self.source.lines()).skip(first - 1);
        numbered
            .take_while(|(number, _)| *number <= self.line + LINES_AROUND)
            .map(|(number, text)| self.excerpt_line(number, text))
            .collect()
    }

    fn excerpt_line(&self, number: usize, text: &str) -> ExcerptLine {
        let is_marked = number == self.line;
        let (start, end) =
            if is_marked { (self.start, self.start + self.len) } else { (text.len(), text.len()) };
        let part = |range| visible(text.get(range).unwrap_or_default());
        let (before, marked, after) = (part(0..start), part(start..end), part(end..text.len()));
        let (before, room) = if is_marked {
            (last_chars(&before, CHARS_BEFORE_PLACE), MAX_SHOWN_CHARS - CHARS_BEFORE_PLACE)
        } else {
            (first_chars(&before, MAX_SHOWN_CHARS), 0)
        };
        let marked = first_chars(&marked, room);
        let after = first_chars(&after, room.saturating_sub(marked.chars().count()));
        ExcerptLine { number, before, marked, after, is_marked }
    }
}

/// The line `number` of a source, without the space around it. `None` where the
/// engine has lost count.
fn line_range(source: &str, number: usize) -> Option<Range<usize>> {
    let before = number.checked_sub(1).filter(|_| number < usize::from(u16::MAX))?;
    let line_start: usize = source.split_inclusive('\n').take(before).map(str::len).sum();
    let line = source.get(line_start..)?.lines().next()?;
    let text = line.trim_start();
    let start = line_start + line.len() - text.len();
    Some(start..start + text.trim_end().len())
}

/// Where `text` uses the name in it that is not known: all of `expression`, or, as
/// the engine may leave out what stands before, the part after its last dot.
fn find_name(text: &str, expression: &str) -> Option<Range<usize>> {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let ends = |end: usize| !text[end..].starts_with(is_part_of_name);
    let whole = text.match_indices(expression).find(|(at, _)| {
        !text[..*at].ends_with(|c| is_part_of_name(c) || c == '.') && ends(at + expression.len())
    });
    if let Some((at, _)) = whole {
        return Some(at..at + expression.len());
    }
    let (_, last) = expression.rsplit_once('.')?;
    let mut parts = text.match_indices(last).map(|(at, _)| at..at + last.len());
    parts.find(|part| text[..part.start].ends_with('.') && ends(part.end))
}

/// The line and column of the byte for which the page itself could not be loaded.
fn place_of_byte(error: &Error) -> Option<(usize, usize)> {
    match error.source()?.downcast_ref()? {
        LoadError::NotUtf8 { line, column, .. } if error.line().is_none() => Some((*line, *column)),
        _ => None,
    }
}

/// The error and those that it stems from, the innermost last.
fn chain_of_errors(error: &Error) -> Vec<&Error> {
    std::iter::successors(Some(error), |&error| error.source()?.downcast_ref()).collect()
}

/// How the page came to use the file of the last error: `included from a.html:3`.
/// A layout, and the file that includes a broken one, are not in the chain of
/// errors with a line of their own: they stand there without.
fn chain_of_files(errors: &[&Error], page: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut expected = Some(page);
    for (idx, error) in errors.iter().enumerate() {
        let Some(name) = error.name() else { continue };
        if let Some(expected) = expected.filter(|expected| *expected != name) {
            steps.push(format!("used by {expected}"));
        }
        if idx + 1 < errors.len() {
            let how = if error.kind() == ErrorKind::BadInclude { "included" } else { "called" };
            steps.push(format!("{how} from {name}:{}", error.line().unwrap_or(0)));
        }
        expected = included_name(error);
    }
    steps.reverse();
    steps.iter().map(|step| visible(step)).collect()
}

/// The file whose inclusion failed.
fn included_name(error: &Error) -> Option<&str> {
    let detail = error.detail().filter(|_| error.kind() == ErrorKind::BadInclude)?;
    detail.strip_prefix("error in \"")?.strip_suffix('"')
}

/// Whether the engine gave up on a file that is included inside itself.
fn is_circular(errors: &[&Error]) -> bool {
    let gave_up =
        errors.last().and_then(|error| error.detail()) == Some("recursion limit exceeded");
    let mut included: Vec<&str> = errors.iter().filter_map(|error| included_name(error)).collect();
    let len = included.len();
    included.sort_unstable();
    included.dedup();
    gave_up && included.len() < len
}

fn shortened(mut steps: Vec<String>) -> Vec<String> {
    let more = steps.len().saturating_sub(MAX_SHOWN_STEPS);
    if more > 1 {
        steps.truncate(MAX_SHOWN_STEPS);
        steps.push(format!("and {more} steps more"));
    }
    steps
}

/// The text with its control characters made visible, so that it can be printed
/// on a terminal as it is.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push_str(TAB),
            // Unicode has a picture for each of the ASCII ones.
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => shown.push('\u{2421}'),
            c if c.is_control() || is_direction(c) => shown.push(char::REPLACEMENT_CHARACTER),
            c => shown.push(c),
        }
    }
    shown
}

/// Whether the character turns the direction of writing, and so could make
/// source look like what it is not.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn first_chars(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn last_chars(text: &str, max: usize) -> String {
    match text.char_indices().rev().nth(max) {
        Some((start, c)) => format!("…{}", &text[start + c.len_utf8()..]),
        None => text.to_owned(),
    }
}

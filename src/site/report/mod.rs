//! A template error as a diagnostic: where, what, why, and what to do.

pub(crate) mod elsewhere;
pub(crate) mod failure;
pub(crate) mod forms;
pub(crate) mod help;
pub(crate) mod syntax;
pub(crate) mod undefined;
pub(crate) mod unknown;
pub(crate) mod vocabulary;

use std::{error::Error as _, ops::Range, path::Path};

use minijinja::{Error, ErrorKind, Value, value::Serde};

use crate::diagnostic::{Diagnostic, LINES_AROUND, Place};
use crate::http::url_path::UrlPath;
use crate::site::{
    builtin,
    front_matter::unmask,
    markdown::source::restored,
    report::help::{Case, Circumstances},
    templates::{
        layout,
        load_error::LoadError,
        unclosed::{self, Unclosed},
    },
};

/// What the engine calls an expression that is in no template.
const EXPRESSION: &str = "<expression>";
/// Steps of the chain of includes that are shown.
const MAX_SHOWN_STEPS: usize = 5;

/// Explains the error that rendering the file `page` ended in.
pub(crate) fn explain(error: &Error, page: &str, known: &Circumstances<'_>) -> Diagnostic {
    let errors = chain_of_errors(error);
    let innermost = errors.last().copied().unwrap_or(error);
    let file = innermost.name().filter(|name| *name != EXPRESSION).unwrap_or(page);
    let unclosed = unclosed_of(innermost);
    let range = unclosed.as_ref().map(|unclosed| unclosed.range.clone());
    let case = Case {
        error: innermost,
        file,
        opened: unclosed.map(|unclosed| unclosed.opened),
        sources: errors.iter().filter_map(|error| error.template_source()).collect(),
        is_circular: is_circular(&errors),
        known,
    };
    let used_at = match evaluated_key(innermost, known) {
        Some(key) => (known.place_of_key)(key).unwrap_or_else(|| Place::of_file(page)),
        None => place_of(innermost, file, range),
    };
    let notes = shortened(chain_of_files(&errors, page));
    let in_file = |own: Vec<Place>| {
        // The engine has no line of a file that it could not load.
        let is_told = own.is_empty() || used_at.line.is_some();
        let used_at = Some(used_at.clone()).filter(|_| is_told);
        own.into_iter().chain(used_at).collect()
    };
    if let Some(explained) = explained(innermost) {
        let Diagnostic { message, places, notes: own, help } = explained.clone();
        let notes = own.into_iter().chain(notes).collect();
        return Diagnostic { message, places: in_file(places), notes, help };
    }
    let places = match load_error(innermost).and_then(LoadError::place) {
        Some(place) => in_file(vec![place.clone()]),
        None => vec![used_at],
    };
    Diagnostic { message: case.message(), places, notes, help: case.help_for_site() }
}

/// The key of front matter in whose value an error lies, and in no template.
fn evaluated_key(error: &Error, known: &Circumstances<'_>) -> Option<&'static str> {
    match error.template_source() {
        Some(source) if layout::is_filling(source) => Some(layout::KEY),
        _ => known.evaluated.filter(|_| error.name().is_none_or(|name| name == EXPRESSION)),
    }
}

/// The explanation that an error brings with it: in a file of another kind, or of a value.
fn explained(error: &Error) -> Option<&Diagnostic> {
    match load_error(error) {
        Some(LoadError::FrontMatter(diagnostic)) => Some(diagnostic),
        _ => error.source()?.downcast_ref(),
    }
}

/// The diagnostic as a page. `editor` is the pattern of a URL that opens a file of the
/// folder `root`.
pub(crate) fn html(diagnostic: &Diagnostic, root: &Path, editor: Option<&str>) -> String {
    let page = diagnostic.page(|place| link(place, root, editor?));
    builtin::render("report.html", Value::from(Serde(page)))
}

/// The URL that opens the place in an editor. `None` where the path of the file
/// is not one that a URL can hold.
fn link(place: &Place, root: &Path, pattern: &str) -> Option<String> {
    let path = root.join(&place.origin);
    let path = UrlPath::of_name(path.to_str()?.strip_prefix('/')?, false)?;
    let number = |number: Option<usize>| number.unwrap_or(1).to_string();
    let link = pattern.replace("{line}", &number(place.line));
    let link = link.replace("{column}", &number(place.column));
    Some(link.replace("{file}", &path.encoded()))
}

/// What does not close, where the engine cannot read a source for that.
fn unclosed_of(error: &Error) -> Option<Unclosed> {
    let source = error.template_source().filter(|_| error.kind() == ErrorKind::SyntaxError)?;
    unclosed::find(source, error.range()?.start, error.detail()?)
}

/// The place of the error in `file`, or of what is `unclosed` there, as far as it is known.
fn place_of(error: &Error, file: &str, unclosed: Option<Range<usize>>) -> Place {
    place_in_source(error, file, unclosed).unwrap_or_else(|| {
        let (line, column) = place_of_byte(error).unzip();
        Place { origin: file.to_owned(), line: error.line().or(line), column, excerpt: Vec::new() }
    })
}

fn place_in_source(error: &Error, file: &str, unclosed: Option<Range<usize>>) -> Option<Place> {
    let source = &*unmask(error.template_source()?);
    let given = unclosed.or_else(|| error.range());
    let range = given.clone().or_else(|| line_range(source, error.line()?))?;
    let unknown = undefined::expression(error)
        .and_then(|expression| find_name(source.get(range.clone())?, expression))
        .map(|name| range.start + name.start..range.start + name.end);
    let is_exact = given.is_some() || unknown.is_some();
    let (source, range) = restored(source, unknown.unwrap_or(range));
    let place = Place::in_text(file, &source, range, LINES_AROUND);
    // Where only the line is known, it is marked from end to end.
    Some(Place { column: place.column.filter(|_| is_exact), ..place })
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
    match load_error(error)? {
        LoadError::NotUtf8 { line, column, .. } if error.line().is_none() => Some((*line, *column)),
        _ => None,
    }
}

/// Why a file could not be used as a template.
fn load_error(error: &Error) -> Option<&LoadError> {
    error.source()?.downcast_ref()
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
    steps
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

//! CSV as a list of maps, whose keys the first line has.
//!
//! All values are text: a postal code such as `01234` is no number.

use std::{ops::Range, sync::Arc};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Terminator, Trim};
use minijinja::Value;

use super::Problem;
use crate::wording::counted;

/// What may stand between two fields, the likeliest first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

const QUOTE_HELP: &str = "a field that begins with `\"` ends with one; one in it is written twice";

/// Reads a text with a header line (RFC 4180). Fields have commas between them, or else
/// semicolons or tabs, where the header line has these and no comma.
///
/// # Errors
/// Where a row has other than as many fields as the header line, a quote is left open, or
/// a column has no name or that of another.
pub(crate) fn parse(text: &str) -> Result<Value, Problem> {
    let header = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let used = DELIMITERS.into_iter().find(|delimiter| header.as_bytes().contains(delimiter));
    let mut reader = ReaderBuilder::new()
        .delimiter(used.unwrap_or(b','))
        .trim(Trim::Headers)
        .terminator(Terminator::CRLF)
        .from_reader(text.as_bytes());
    let keys = keys(text, &mut reader)?;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    loop {
        let start = offset(reader.position());
        match reader.read_record(&mut record) {
            Ok(true) => rows.push(row(&keys, &record)),
            Ok(false) => break,
            Err(error) => {
                let row = row_range(text, start, &reader);
                return Err(problem(text, row, &keys, &error));
            }
        }
        let row = row_range(text, start, &reader);
        if is_left_open(&text[row.clone()]) {
            return Err(left_open(text, row));
        }
    }
    Ok(rows.into())
}

fn keys(text: &str, reader: &mut Reader<&[u8]>) -> Result<Vec<Arc<str>>, Problem> {
    let header = reader.headers().map_err(|error| problem(text, 0..0, &[], &error))?;
    let keys: Vec<Arc<str>> = header.iter().map(Arc::from).collect();
    let header = row_range(text, 0, reader);
    if is_left_open(&text[header.clone()]) {
        return Err(left_open(text, header));
    }
    let line = first_line(text, 0);
    for (at, key) in keys.iter().enumerate() {
        let column = at + 1;
        if key.is_empty() {
            let message = format!("column {column} has no name");
            let help = "the first line names the columns: `name,email`";
            return Err(Problem::new(message, line, help));
        }
        if keys.get(..at).is_some_and(|before| before.contains(key)) {
            let message = format!("two columns are called `{key}`");
            return Err(Problem::new(message, line, "give each column a name of its own"));
        }
    }
    Ok(keys)
}

fn row(keys: &[Arc<str>], record: &StringRecord) -> Value {
    let keys = keys.iter().map(|key| Value::from(Arc::clone(key)));
    Value::from_pairs(keys.zip(record.iter().map(Value::from)))
}

fn problem(text: &str, row: Range<usize>, keys: &[Arc<str>], error: &csv::Error) -> Problem {
    if is_left_open(&text[row.clone()]) {
        return left_open(text, row);
    }
    let start = row.start;
    match error.kind() {
        ErrorKind::UnequalLengths { len, .. } => {
            let len = usize::try_from(*len).unwrap_or(usize::MAX);
            let (fields, columns) = (counted(len, "field"), counted(keys.len(), "column"));
            let help = match len > keys.len() {
                true => {
                    "put a field that holds a comma, or what else separates fields, in double quotes"
                }
                false => "leave a field empty rather than out: `a,,c`",
            };
            let message = format!("this row has {fields}, and the first line has {columns}");
            Problem::new(message, first_line(text, start), help)
        }
        _ => Problem::new(error.to_string(), first_line(text, start), QUOTE_HELP),
    }
}

/// Whether a row ends inside of a quoted field: such a field takes in all that follows.
fn is_left_open(row: &str) -> bool {
    !row.matches('"').count().is_multiple_of(2) && row.trim().contains('\n')
}

fn left_open(text: &str, row: Range<usize>) -> Problem {
    let quote = text[row.clone()].find('"').map_or(row.start, |quote| row.start + quote);
    Problem::new("a quote opens a field, and none closes it", quote..quote + 1, QUOTE_HELP)
}

/// The row that the reader has just read, whose search began at `start`.
fn row_range(text: &str, start: usize, reader: &Reader<&[u8]>) -> Range<usize> {
    let end = offset(reader.position()).clamp(start, text.len());
    start..(start..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(start)
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

/// The line that begins at `start`, or after the empty ones there.
fn first_line(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let start = text.len() - rest.trim_start_matches(['\r', '\n']).len();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    start..start + line.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::line_and_column;

    #[test]
    fn rows_are_maps_by_the_header_line() {
        for (text, expected) in [
            ("name,zip\nAda,01234\n", "[{'name': 'Ada', 'zip': '01234'}]"),
            ("b, a\r\n1,\r\n\r\n,2", "[{'b': '1', 'a': ''}, {'b': '', 'a': '2'}]"),
            ("a\n\"x, \"\"y\"\"\nz\"\n", "[{'a': 'x, \"y\"\\nz'}]"),
            ("a;b\n1,5;2\n", "[{'a': '1,5', 'b': '2'}]"),
            ("a\tb\n1\t2\n", "[{'a': '1', 'b': '2'}]"),
            ("größe\n5\" pipe\n6\n", "[{'größe': '5\" pipe'}, {'größe': '6'}]"),
            ("a,b\n", "[]"),
            ("", "[]"),
            ("\n\n", "[]"),
        ] {
            let rows = parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
            assert_eq!(rows.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn problems_have_a_place_and_help() {
        for (text, message, place, help) in [
            ("a,b\n1,2\n3\n", "1 field, and the first line has 2 columns", (3, 1), "`a,,c`"),
            (
                "a,b\r\n\r\n1,2,3\r\n",
                "3 fields, and the first line has 2",
                (3, 1),
                "in double quotes",
            ),
            ("é,b\n\"x\ny\",2\n3\n", "1 field,", (4, 1), "`a,,c`"),
            ("a,b\n1,\"2\n3,4\n", "none closes it", (2, 3), "written twice"),
            ("a\n1\n\"2\n3\n", "none closes it", (3, 1), "written twice"),
            ("\"a,b\n1,2\n", "none closes it", (1, 1), "written twice"),
            ("a,,b\n1,2,3\n", "column 2 has no name", (1, 1), "names the columns"),
            ("a,b,a\n1,2,3\n", "two columns are called `a`", (1, 1), "of its own"),
        ] {
            let problem = parse(text).expect_err(text);
            assert!(problem.message.contains(message), "{text}: {problem:?}");
            assert_eq!(line_and_column(text, problem.spans[0].start), place, "{text}: {problem:?}");
            assert!(problem.help.contains(help), "{text}: {problem:?}");
        }
    }
}

//! TOML as values with their places.

use std::ops::Range;

use minijinja::Value;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{Field, Node, Problem};

const HELP: &str = "each line is `key = value`, with text in double quotes";

/// Reads the part `range` of `text`, a TOML document.
///
/// # Errors
/// Where it is not TOML 1.1, or a number is larger than a template can hold.
pub(crate) fn parse(text: &str, range: Range<usize>) -> Result<Node, Problem> {
    let at = range.start;
    let table = DeTable::parse(text.get(range).unwrap_or_default()).map_err(|error| {
        let span = error.span().unwrap_or_default();
        Problem::new(error.message(), at + span.start..at + span.end, HELP)
    })?;
    let span = table.span();
    let fields = fields(table.get_ref(), at)?;
    Ok(Node::map(fields, at + span.start..at + span.end))
}

fn fields(table: &DeTable<'_>, at: usize) -> Result<Vec<Field>, Problem> {
    let field = |(key, value): (&Spanned<DeString<'_>>, _)| {
        let span = key.span();
        let key_span = at + span.start..at + span.end;
        Ok(Field { key: key.get_ref().to_string(), key_span, node: node(value, at)? })
    };
    table.iter().map(field).collect()
}

/// The parser bounds how deep its values lie in each other.
fn node(value: &Spanned<DeValue<'_>>, at: usize) -> Result<Node, Problem> {
    let span = at + value.span().start..at + value.span().end;
    let scalar = match value.get_ref() {
        DeValue::Array(items) => {
            let items = items.iter().map(|item| node(item, at)).collect::<Result<_, _>>()?;
            return Ok(Node::list(items, span));
        }
        DeValue::Table(table) => return Ok(Node::map(fields(table, at)?, span)),
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(is_true) => Value::from(*is_true),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Float(number) => number.as_str().parse().map_or(Value::UNDEFINED, f64::into),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| {
                let help = "put it in double quotes to have it as text";
                Problem::new("the number is too large", span.clone(), help)
            })?
            .into(),
    };
    Ok(Node::scalar(scalar, span))
}

#[cfg(test)]
mod tests {
    use super::{super::Parts, *};

    #[test]
    fn values_are_those_of_toml_and_dates_are_text() {
        let text = "b = 'x'\na = [1, 2.5, true, 0xff, 1_000]\nd = 2026-01-02\n\
                    t = 2026-01-02T09:00:00+01:00\n[c]\nz.y = -1\n\"q r\" = inf\n";
        let node = parse(text, 0..text.len()).unwrap();
        assert_eq!(
            node.value.to_string(),
            "{'b': 'x', 'a': [1, 2.5, True, 255, 1000], 'd': '2026-01-02', \
             't': '2026-01-02T09:00:00+01:00', 'c': {'z': {'y': -1}, 'q r': inf}}"
        );
    }

    #[test]
    fn places_are_those_in_the_whole_text() {
        let text = "+++\n'é' = 'x'\nb = 3\n+++\n";
        let Parts::Fields(fields) = parse(text, 4..20).unwrap().parts else {
            panic!("a table");
        };
        let places: Vec<_> = fields
            .iter()
            .map(|it| (&text[it.key_span.clone()], &text[it.node.span.clone()]))
            .collect();
        assert_eq!(places, [("'é'", "'x'"), ("b", "3")]);
    }

    #[test]
    fn problems_have_a_place() {
        for (text, place) in [
            ("a = 1\na = 2", "a"),
            ("a = 99999999999999999999", "99999999999999999999"),
            ("a = ", ""),
            ("a = 2026-02-30", "2026-02-30"),
        ] {
            let problem = parse(text, 0..text.len()).unwrap_err();
            assert_eq!(&text[problem.spans[0].clone()], place, "{text}: {}", problem.message);
        }
        let deep = format!("a = {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse(&deep, 0..deep.len()).is_err());
    }
}

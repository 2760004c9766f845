//! JSON as values.

use std::fmt;

use minijinja::Value;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Problem};

/// What a part of what the parser says of a text means, and what to do about it.
const HELP: [(&str, &str); 9] = [
    ("trailing comma", "leave out the comma after the last value"),
    ("key must be a string", "put keys in double quotes; leave out a comma after the last value"),
    ("trailing characters", "a file is one value: put several into `[` … `]`, with commas between"),
    ("control character", "text has no line ends: write `\\n`, and `\\t` for a tab"),
    ("invalid escape", "write `\\\\` for a backslash"),
    ("EOF while parsing a string", "text ends with the double quote that it began with"),
    ("EOF", "the text ends early: `[` needs its `]`, and `{` its `}`"),
    ("is there twice", "leave one of them out, or give it another name"),
    ("lie in each other", "write it with fewer levels"),
];
const OTHER_HELP: &str = "text and keys are in double quotes, values have commas between them, and \
                          there are no comments";

/// Reads a JSON text (RFC 8259). The keys of a map keep their order.
///
/// # Errors
/// Where it is not JSON, a key comes twice, or it is too deep.
pub(crate) fn parse(text: &str) -> Result<Value, Problem> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Seed { levels: MAX_DEPTH }.deserialize(&mut deserializer);
    value
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| problem(text, &error))
}

fn problem(text: &str, error: &serde_json::Error) -> Problem {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line_start: usize = lines.map(str::len).sum();
    let at = (line_start + error.column()).saturating_sub(1).min(text.len());
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    let help = HELP.iter().find(|(part, _)| message.contains(part));
    Problem::new(message, at..at + 1, help.map_or(OTHER_HELP, |(_, help)| help))
}

/// Reads a value with lists and maps up to so many levels deep.
#[derive(Clone, Copy)]
struct Seed {
    levels: usize,
}

impl Seed {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| {
            E::custom(format_args!("more than {MAX_DEPTH} lists and maps lie in each other"))
        })?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::from(()))
    }

    fn visit_bool<E>(self, is_true: bool) -> Result<Value, E> {
        Ok(is_true.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let (below, mut items) = (self.below()?, Vec::new());
        while let Some(item) = list.next_element_seed(below)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (below, mut pairs) = (self.below()?, Vec::new());
        let mut known = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if known.contains(&key) {
                return Err(A::Error::custom(format_args!("`{key}` is there twice")));
            }
            pairs.push((key.clone(), map.next_value_seed(below)?));
            known.insert(key);
        }
        Ok(Value::from_pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::line_and_column;

    #[test]
    fn values_keep_their_kinds_and_keys_their_order() {
        let text = r#"{"z": 1, "a": [true, null, -2, 1.5, "é\n"], "m": {"y": {}, "b": []},
                       "large": 18446744073709551615, "huge": 1e300}"#;
        assert_eq!(
            parse(text).unwrap().to_string(),
            "{'z': 1, 'a': [True, None, -2, 1.5, 'é\\n'], 'm': {'y': {}, 'b': []}, \
             'large': 18446744073709551615, 'huge': 1e300}"
        );
        for (text, expected) in [("[]", "[]"), ("7", "7"), (" \"x\" ", "x"), ("null", "None")] {
            assert_eq!(parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn problems_have_a_place_and_help() {
        for (text, message, place, help) in [
            ("[1, 2,]", "trailing comma", (1, 7), "last value"),
            ("{\n  \"é\": 1,\n  \"b\" 2\n}", "expected `:`", (3, 7), "double quotes"),
            ("{a: 1}", "key must be a string", (1, 2), "double quotes"),
            ("{'a': 1}", "key must be a string", (1, 2), "double quotes"),
            ("{\"a\": 1,}", "trailing comma", (1, 9), "last value"),
            ("// c\n[]", "expected value", (1, 1), "no comments"),
            ("[]\n[]", "trailing characters", (2, 1), "one value"),
            ("[\"a", "EOF while parsing a string", (1, 3), "double quote"),
            ("[1,\n2", "EOF while parsing a list", (2, 1), "its `]`"),
            ("", "EOF while parsing a value", (1, 1), "ends early"),
            ("[\"a\nb\"]", "control character", (1, 4), "`\\n`"),
            ("[\"C:\\dir\"]", "invalid escape", (1, 6), "`\\\\`"),
            ("{\"a\": 1, \"b\": 2, \"a\": 3}", "`a` is there twice", (1, 20), "leave one"),
            ("NaN", "expected value", (1, 1), "double quotes"),
        ] {
            let problem = parse(text).expect_err(text);
            assert!(problem.message.contains(message), "{text}: {problem:?}");
            assert_eq!(line_and_column(text, problem.spans[0].start), place, "{text}: {problem:?}");
            assert!(problem.help.contains(help), "{text}: {problem:?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        for levels in [MAX_DEPTH + 1, 100_000] {
            let problem = parse(&nested(levels)).unwrap_err();
            assert!(problem.message.contains("lie in each other"), "{problem:?}");
        }
    }
}

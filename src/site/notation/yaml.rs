//! YAML 1.2 as values with their places.
//!
//! By its core schema (YAML 1.2.2, 10.3): `no` and `2026-01-02` are text. Keys are text
//! as well: `2026: x` has the key `2026`.

use std::{collections::HashMap, ops::Range};

use minijinja::Value;
use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScanError, Span, StrInput};

use super::{Field, MAX_DEPTH, Node, Problem};

/// The values that all aliases of a text may stand for. A few lines of aliases of aliases
/// would otherwise make a value that takes years to go through.
const MAX_ALIASED: usize = 100_000;

/// What a part of what the parser says of a text means, and what to do about it.
const HELP: [(&str, &str, &str); 15] = [
    ("tab", "YAML takes no tabs as indentation", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a second `: ` in one value",
        "put text that holds `: ` in quotes: `title: \"One: two\"`",
    ),
    ("simple key expect", "a line without a `: `", KEY_HELP),
    ("end of stream", "the text lacks its closing quote", QUOTE_HELP),
    ("indentation in quoted scalar", "the text lacks its closing quote", QUOTE_HELP),
    (
        "trailing content",
        "text goes on after its closing quote",
        "put all of it in quotes, of the other kind where it holds some",
    ),
    (
        "unknown anchor",
        "`*` begins an alias, and there is no anchor of this name",
        "put text that begins with `*` in quotes",
    ),
    (
        "escape",
        "`\\` begins an escape that YAML does not know",
        "write `\\\\`, or use single quotes",
    ),
    ("unexpected character", "no text begins with this sign", "put it in quotes"),
    ("placement of ':'", "a key where a list or a map is not closed", BRACKET_HELP),
    ("while parsing a flow", "a list or a map is not closed", BRACKET_HELP),
    (
        "expected key",
        "a line that is no key of the map",
        "keys of one map have the same indentation, and each is `key: value`",
    ),
    (
        "expected <document start>",
        "a line with less indentation than the first",
        "keys of one map have the same indentation, and each is `key: value`",
    ),
    ("misplaced bracket", "a bracket closes what none opens", BRACKET_HELP),
    (
        "sequence entries are not allowed",
        "a list begins in the line of its key",
        "begin it in a line of its own, or write `[a, b]`",
    ),
];

const KEY_HELP: &str = "each line is `key: value`, with a space after the colon";
const QUOTE_HELP: &str =
    "text that begins with a quote ends with one; `''` is one of them within single quotes";
const BRACKET_HELP: &str =
    "`[` needs its `]`, and `{` its `}`; text that begins with one of them goes in quotes";
const OTHER_HELP: &str = "each line is `key: value`; text with a sign at its start, or with `: ` \
                          or ` #` in it, goes in quotes";

/// Reads the part `range` of `text`, one YAML document. An empty one is nothing.
///
/// # Errors
/// Where it is not YAML 1.2, a key comes twice or is not text, or it goes beyond bounds.
pub(crate) fn parse(text: &str, range: Range<usize>) -> Result<Node, Problem> {
    let part = text.get(range.clone()).unwrap_or_default();
    let mut reader = Reader {
        text,
        parser: Parser::new_from_str(part),
        offsets: Offsets::new(part, range.start),
        anchors: HashMap::new(),
        aliased: 0,
    };
    let mut document = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => break,
            (Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd, _) => {}
            (_, span) if document.is_some() => {
                let message = "a second document";
                return Err(Problem::new(message, span, "leave out the line `---` before it"));
            }
            (event, span) => document = Some(reader.node(event, span, 0)?.0),
        }
    }
    Ok(document.unwrap_or_else(|| Node::scalar(Value::from(()), range.start..range.start)))
}

/// A text that is being read.
struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
    offsets: Offsets,
    /// What aliases stand for, and how many values that is.
    anchors: HashMap<usize, (Node, usize)>,
    aliased: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Range<usize>), Problem> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.range(span))),
            Some(Err(error)) => Err(self.problem(&error)),
            None => Ok((Event::StreamEnd, 0..0)),
        }
    }

    /// The value that begins with `event`, and how many values are in it.
    fn node(
        &mut self,
        event: Event<'t>,
        span: Range<usize>,
        depth: usize,
    ) -> Result<(Node, usize), Problem> {
        if depth > MAX_DEPTH {
            return Err(Problem::too_deep(span));
        }
        let (anchor, (node, count)) = match event {
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                match Scalar::parse_from_cow_and_metadata(text, style, tag.as_ref()) {
                    Some(scalar) => (anchor, (Node::scalar(to_value(scalar), span), 1)),
                    None => {
                        let message = "the value is not of the kind that its `!!` says";
                        return Err(Problem::new(message, span, "leave out what begins with `!`"));
                    }
                }
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(span, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(span, depth)?),
            _ => return Err(Problem::new("a value is missing", span, OTHER_HELP)),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), count));
        }
        Ok((node, count))
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(Node, usize), Problem> {
        let Some((node, count)) = self.anchors.get(&anchor) else {
            let message = "the alias stands inside what it is an alias of";
            return Err(Problem::new(message, span, "write the value itself"));
        };
        self.aliased += count;
        if self.aliased > MAX_ALIASED {
            let message = format!("aliases stand for more than {MAX_ALIASED} values");
            return Err(Problem::new(message, span, "write fewer aliases of aliases"));
        }
        Ok((Node { span, ..node.clone() }, *count))
    }

    fn list(&mut self, start: Range<usize>, depth: usize) -> Result<(Node, usize), Problem> {
        let (mut items, mut total) = (Vec::new(), 1);
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok((Node::list(items, self.whole(start, span)), total));
            }
            let (item, count) = self.node(event, span, depth + 1)?;
            items.push(item);
            total += count;
        }
    }

    fn map(&mut self, start: Range<usize>, depth: usize) -> Result<(Node, usize), Problem> {
        let (mut fields, mut total) = (Vec::<Field>::new(), 1);
        let mut known = HashMap::new();
        loop {
            let (event, key_span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok((Node::map(fields, self.whole(start, key_span)), total));
            }
            let key = self.key(event, &key_span)?;
            if let Some(first) = known.insert(key.clone(), key_span.clone()) {
                return Err(Problem {
                    message: format!("`{key}` is there twice"),
                    spans: vec![key_span, first],
                    help: "leave one of them out, or give it another name".to_owned(),
                });
            }
            let (event, span) = self.next()?;
            let (node, count) = self.node(event, span, depth + 1)?;
            fields.push(Field { key, key_span, node });
            total += count;
        }
    }

    fn key(&self, event: Event<'t>, span: &Range<usize>) -> Result<String, Problem> {
        let problem = |message, help| Err(Problem::new(message, span.clone(), help));
        match event {
            Event::Scalar(key, ..) if key == "<<" => problem(
                "`<<` is not part of YAML 1.2",
                "write the keys themselves that it would bring in",
            ),
            Event::Scalar(key, ..) if !key.is_empty() => Ok(key.into_owned()),
            _ if self.text.get(span.start.saturating_sub(1)..).is_some_and(is_tag) => {
                Err(tag_problem(span.clone()))
            }
            _ => problem("a key is no text", "each line is `key: value`"),
        }
    }

    /// The bytes of a list or a map, between the places of its two ends.
    fn whole(&self, start: Range<usize>, end: Range<usize>) -> Range<usize> {
        let end = end.end.max(start.end);
        let text = self.text.get(start.start..end).unwrap_or_default();
        start.start..start.start + text.trim_end().len()
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.offsets.of(span.start);
        start..self.offsets.of(span.end).max(start)
    }

    fn problem(&self, error: &ScanError) -> Problem {
        let at = self.offsets.of(*error.marker());
        let known = HELP.iter().find(|(part, ..)| error.info().contains(part));
        let (part, message, help) = known.copied().unwrap_or(("", error.info(), OTHER_HELP));
        let before = self.text.get(..at).unwrap_or_default();
        if self.text.get(at.saturating_sub(1)..).is_some_and(is_tag) {
            return tag_problem(at..at + 1);
        }
        if part == "tab" {
            return Problem::new(message, self.tab_from(at), help);
        }
        if part.starts_with("simple key") || part.starts_with("mapping values") {
            // The parser has taken the line before for the beginning of this one's key.
            if let Some(line) = keyless_line_before(before, self.offsets.at) {
                return Problem::new("a line without a `: `", line, KEY_HELP);
            }
        }
        let rest = self.text.get(at..).unwrap_or_default();
        let len = rest.chars().next().filter(|c| !c.is_control()).map_or(0, char::len_utf8);
        Problem::new(message, at..at + len, help)
    }

    /// The first tab that indents a line, from that of the byte `at` on.
    fn tab_from(&self, at: usize) -> Range<usize> {
        let before = self.text.get(..at).unwrap_or_default();
        let mut start = before.rfind('\n').map_or(0, |newline| newline + 1);
        for line in self.text.get(start..).unwrap_or_default().split_inclusive('\n') {
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if line[spaces..].starts_with('\t') {
                return start + spaces..start + spaces + 1;
            }
            start += line.len();
        }
        at..at
    }
}

/// The last line that ends in `before` and is not blank, if it holds no key. Lines before
/// the byte `from` do not count.
fn keyless_line_before(before: &str, from: usize) -> Option<Range<usize>> {
    let lines = before.get(from..)?.rsplit_once('\n')?.0;
    let line = lines.trim_end().rsplit('\n').next()?;
    let end = from + lines.trim_end().len();
    let text = line.trim_start();
    let is_keyless = !text.is_empty() && !text.contains(": ") && !text.ends_with(':');
    is_keyless.then_some(end - text.len()..end)
}

fn tag_problem(span: Range<usize>) -> Problem {
    Problem::new(
        "a tag of a template, which does not run here",
        span,
        "write the value itself, or put the braces in quotes",
    )
}

/// Whether a text begins with a tag of a template, which YAML takes for maps.
fn is_tag(text: &str) -> bool {
    text.starts_with("{{") || text.starts_with("{%")
}

/// From the characters of a text, which the parser counts, to its bytes.
struct Offsets {
    /// Where the text begins.
    at: usize,
    /// Where each character begins; `None` where each is one byte.
    starts: Option<Vec<usize>>,
    len: usize,
}

impl Offsets {
    fn new(text: &str, at: usize) -> Self {
        let starts = || text.char_indices().map(|(start, _)| start).collect();
        Self { at, starts: (!text.is_ascii()).then(starts), len: text.len() }
    }

    fn of(&self, marker: Marker) -> usize {
        let idx = marker.index();
        let offset = self.starts.as_ref().map_or(Some(idx), |starts| starts.get(idx).copied());
        self.at + offset.unwrap_or(self.len).min(self.len)
    }
}

fn to_value(scalar: Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::from(()),
        Scalar::Boolean(is_true) => is_true.into(),
        Scalar::Integer(number) => number.into(),
        Scalar::FloatingPoint(number) => number.into_inner().into(),
        Scalar::String(text) => text.as_ref().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Parts, *};

    fn read(text: &str) -> Result<Node, Problem> {
        parse(text, 0..text.len())
    }

    #[test]
    fn values_are_those_of_the_core_schema() {
        for (text, expected) in [
            ("a: no\nb: Yes\nc: on", "{'a': 'no', 'b': 'Yes', 'c': 'on'}"),
            ("a: true\nb: False\nc: ~\nd:", "{'a': True, 'b': False, 'c': None, 'd': None}"),
            ("z: 1\na: -2.5\n10: 0x1F", "{'z': 1, 'a': -2.5, '10': 31}"),
            ("d: 2026-01-02\nt: 12:30:00", "{'d': '2026-01-02', 't': '12:30:00'}"),
            ("a: !!str 12\nb: !mine 12", "{'a': '12', 'b': 12}"),
            ("a: [x, 'y z', {k: v}]\nb:\n- 1\n- 2", "{'a': ['x', 'y z', {'k': 'v'}], 'b': [1, 2]}"),
            ("a: |\n  one\n  two\nb: >\n  one\n  two", "{'a': 'one\\ntwo\\n', 'b': 'one two\\n'}"),
            ("a: \"x: # y\"\nb: 'it''s' # c", "{'a': 'x: # y', 'b': \"it's\"}"),
            ("a: &x [1]\nb: *x", "{'a': [1], 'b': [1]}"),
            ("a: x\r\nb:\r\n  - y\r\n", "{'a': 'x', 'b': ['y']}"),
            ("", "None"),
            ("# nothing\n", "None"),
            ("just text", "just text"),
        ] {
            let node = read(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
            assert_eq!(node.value.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn places_are_those_in_the_whole_text() {
        for text in [
            "---\né: ü x  \n\"q\": [a, b]\nm:\n  k: v\n  l: w\n---\n",
            "---\r\né: ü x  \r\n\"q\": [a, b]\r\nm:\r\n  k: v\r\n  l: w\r\n---\r\n",
        ] {
            let start = text.find('\n').unwrap() + 1;
            let Parts::Fields(fields) =
                parse(text, start..text.rfind("---").unwrap()).unwrap().parts
            else {
                panic!("a map");
            };
            let place = |it: &Field| (&text[it.key_span.clone()], &text[it.node.span.clone()]);
            let places: Vec<_> = fields.iter().map(place).collect();
            let map = text[text.find("k: v").unwrap()..].split("\r\n---").next().unwrap();
            let map = map.split("\n---").next().unwrap();
            assert_eq!(places, [("é", "ü x"), ("\"q\"", "[a, b]"), ("m", map)]);
            let Parts::Items(items) = &fields[1].node.parts else { panic!("a list") };
            assert_eq!(&text[items[1].span.clone()], "b");
        }
    }

    #[test]
    fn problems_have_a_place_and_help() {
        for (text, message, place, help) in [
            ("a: b\n\tc: d", "tabs", "2:1", "spaces"),
            ("a:\n  b: c\n \td: e", "tabs", "3:2", "spaces"),
            ("a:\n\t- d", "tabs", "2:1", "spaces"),
            ("a: 1\nb: 2\na: 3", "`a` is there twice", "3:1", "leave one"),
            ("m:\n  a: 1\n  a: 3", "`a` is there twice", "3:3", "leave one"),
            ("title: One: two", "second `: `", "1:11", "quotes"),
            ("a: \"x\nb: y", "closing quote", "1:4", "quote"),
            ("a: 'x", "closing quote", "1:4", "quote"),
            ("a: 'it's'", "after its closing quote", "1:8", "quotes"),
            ("a: *x", "alias", "1:4", "quotes"),
            ("a: @x", "begins with this sign", "1:4", "quotes"),
            ("a: `x", "begins with this sign", "1:4", "quotes"),
            ("a: %x", "begins with this sign", "1:4", "quotes"),
            ("a: \"\\d\"", "escape", "1:4", "single"),
            ("a: [x, y\nb: z", "not closed", "2:2", "quotes"),
            ("a: {x: y\nb: z", "not closed", "2:2", "quotes"),
            ("a: [x", "not closed", "1:6", "quotes"),
            ("a: x]]\nb: [y]]", "none opens", "2:7", "quotes"),
            ("a: - b", "line of its key", "1:4", "of its own"),
            ("a:b\nc: d", "without a `: `", "1:1", "colon"),
            ("a: {% x %}", "tag of a template", "1:5", "value itself"),
            ("a: {{ x }}", "tag of a template", "1:5", "value itself"),
            ("a: b\nplain\nc: d", "without a `: `", "2:1", "colon"),
            ("  a: b\nc: d", "less indentation", "2:1", "key: value"),
            ("- a\nb: c", "", "2:1", "key: value"),
            ("a: !!int x", "`!!`", "1:4", "`!`"),
            ("<<: *x", "`<<`", "1:1", "keys themselves"),
            ("? [a]\n: b", "no text", "1:3", "key: value"),
            ("a: &x [*x]", "inside", "1:8", "itself"),
            ("a: 1\n---\nb: 2", "second document", "3:1", "leave out"),
        ] {
            let problem = read(text).expect_err(text);
            let (line, column) = crate::diagnostic::line_and_column(text, problem.spans[0].start);
            assert!(problem.message.contains(message), "{text}: {problem:?}");
            assert_eq!(format!("{line}:{column}"), place, "{text}: {problem:?}");
            assert!(problem.help.contains(help), "{text}: {problem:?}");
        }
    }

    #[test]
    fn aliases_of_aliases_and_depth_are_bounded() {
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..10 {
            let before = format!("*a{}", n - 1);
            laughs += &format!("a{n}: &a{n} [{}]\n", [before.as_str(); 10].join(", "));
        }
        assert!(read(&laughs).unwrap_err().message.contains("aliases"));
        for deep in
            ["[".repeat(5000), "- ".repeat(30_000), "? ".repeat(30_000), "{a: ".repeat(5000)]
        {
            read(&deep).unwrap_err();
        }
        read(&format!("{}x{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).unwrap();
    }
}

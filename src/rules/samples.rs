//! Paths that a pattern is tried out with.

use std::collections::BTreeSet;

/// What a `?` of a glob stands for.
const ANY_CHAR: char = 'x';

/// A pattern, cut into segments that each know what they can stand for.
#[derive(Debug)]
pub(super) struct Samples<'p> {
    segments: Vec<Segment<'p>>,
}

#[derive(Debug)]
enum Segment<'p> {
    /// This text alone.
    Literal(&'p str),
    /// Any one segment: `:name` or `*`.
    Any,
    /// Any number of segments: `**`.
    Folders,
    /// What is left of a glob, such as `{a,b}` or `*.php`: some of its texts.
    Glob(Vec<String>),
}

impl<'p> Samples<'p> {
    /// The samples of a pattern with these segments.
    pub(super) fn of(segments: &'p [String]) -> Self {
        Self { segments: segments.iter().map(|segment| Segment::parse(segment)).collect() }
    }

    /// The texts that a pattern of many paths has in its segments.
    pub(super) fn names(&self) -> impl Iterator<Item = &'p str> {
        let is_pattern =
            self.segments.iter().any(|segment| !matches!(segment, Segment::Literal(_)));
        self.segments.iter().filter_map(move |segment| match segment {
            Segment::Literal(text) if is_pattern => Some(*text),
            _ => None,
        })
    }

    /// Paths in which what is open has values of `fresh`, each segment its own. Where no
    /// pattern names these, they stand for nearly all paths of the pattern. Each text of a
    /// glob is among them, and a `**` of each length.
    pub(super) fn general(&self, fresh: &[String]) -> Vec<String> {
        let texts: Vec<_> = (0..self.segments.len()).map(|idx| self.texts(idx, fresh)).collect();
        let rounds = texts.iter().map(Vec::len).max().unwrap_or(0);
        let path = |round: usize| {
            let chosen =
                texts.iter().filter_map(|texts| texts.get(round).or(texts.last())?.clone());
            of_segments(chosen)
        };
        (0..rounds).map(path).collect()
    }

    /// Paths in which one open segment at a time has each of `names`.
    pub(super) fn special<'s>(
        &'s self,
        fresh: &'s [String],
        names: &'s BTreeSet<&str>,
    ) -> impl Iterator<Item = String> + 's {
        let is_open = |idx: &usize| matches!(self.segments[*idx], Segment::Any | Segment::Folders);
        let open = (0..self.segments.len()).filter(is_open);
        open.flat_map(move |open| {
            names.iter().flat_map(move |name| self.with_name(open, name, fresh))
        })
    }

    /// Paths with `name` in the segment `open`; where that is a `**`, alone and with more.
    fn with_name(&self, open: usize, name: &str, fresh: &[String]) -> Vec<String> {
        let path = |value: &str| {
            of_segments((0..self.segments.len()).filter_map(|idx| match idx {
                _ if idx == open => Some(value.to_owned()),
                _ => self.texts(idx, fresh).into_iter().next()?,
            }))
        };
        match self.segments[open] {
            Segment::Folders => vec![path(name), path(&format!("{name}/{}", value(fresh, open)))],
            _ => vec![path(name)],
        }
    }

    /// What the segment `idx` can stand for; `None` is no segment at all.
    fn texts(&self, idx: usize, fresh: &[String]) -> Vec<Option<String>> {
        let value = value(fresh, idx);
        match &self.segments[idx] {
            Segment::Literal(text) => vec![Some((*text).to_owned())],
            Segment::Any => vec![Some(value)],
            Segment::Folders => {
                let two = format!("{value}/{value}{value}");
                vec![Some(value), Some(two), Some(String::new()), None]
            }
            Segment::Glob(texts) => texts.iter().cloned().map(Some).collect(),
        }
    }
}

impl<'p> Segment<'p> {
    fn parse(segment: &'p str) -> Self {
        match segment {
            "*" => Self::Any,
            "**" => Self::Folders,
            _ if segment.starts_with(':') => Self::Any,
            _ if segment.contains(['*', '?', '[', '{', '\\']) => Self::Glob(texts_of(segment)),
            _ => Self::Literal(segment),
        }
    }
}

/// A value for the segment `idx` that differs from those of other segments.
fn value(fresh: &[String], idx: usize) -> String {
    fresh.get(idx).cloned().unwrap_or_else(|| format!("x{idx}"))
}

fn of_segments(segments: impl Iterator<Item = String>) -> String {
    let path: String = segments.flat_map(|segment| ["/".to_owned(), segment]).collect();
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Some texts that a valid glob matches: one for each way through its braces.
fn texts_of(glob: &str) -> Vec<String> {
    let mut chars = glob.chars();
    let Some(first) = chars.next() else { return vec![String::new()] };
    let rest = chars.as_str();
    let (heads, rest) = match first {
        '*' => (vec![ANY_CHAR.into()], rest),
        '?' => (vec![ANY_CHAR.into()], rest),
        '\\' => split_char(rest),
        '[' => split_class(rest),
        '{' => split_braces(rest),
        c => (vec![c.into()], rest),
    };
    let tails = texts_of(rest);
    let join = |head: &String| tails.iter().map(|tail| format!("{head}{tail}")).collect::<Vec<_>>();
    heads.iter().flat_map(join).collect()
}

fn split_char(rest: &str) -> (Vec<String>, &str) {
    let len = rest.chars().next().map_or(0, char::len_utf8);
    let (c, rest) = rest.split_at(len);
    (vec![c.to_owned()], rest)
}

/// A character of the class that `rest` begins in; of what a negated one has, not all.
fn split_class(rest: &str) -> (Vec<String>, &str) {
    let after_first = rest.char_indices().skip(1).find(|&(_, c)| c == ']').map(|(at, _)| at);
    let (class, rest) = rest.split_at(after_first.unwrap_or(rest.len()));
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let head = match class.strip_prefix(['!', '^']) {
        Some(not) => ('a'..='z').rev().find(|&c| !not.contains(c)).unwrap_or('0'),
        None => class.chars().next().unwrap_or(ANY_CHAR),
    };
    (vec![head.into()], rest)
}

fn split_braces(rest: &str) -> (Vec<String>, &str) {
    let end = rest.find('}').unwrap_or(rest.len());
    let (choices, rest) = rest.split_at(end);
    let choices = choices.split(',').flat_map(texts_of).collect();
    (choices, rest.strip_prefix('}').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(from: &str) -> Vec<String> {
        from.trim_start_matches('/').split('/').map(str::to_owned).collect()
    }

    #[test]
    fn a_pattern_is_tried_with_each_of_its_kinds_of_paths() {
        let fresh: Vec<String> = ["p", "q", "r"].map(str::to_owned).into();
        for (from, expected) in [
            ("/a/b", &["/a/b"][..]),
            ("/", &["/"]),
            ("/a/:x/:y", &["/a/q/r"]),
            ("/a/**", &["/a/q", "/a/q/qq", "/a/", "/a"]),
            ("/**", &["/p", "/p/pp", "/", "/"]),
            ("/{a,b}/*.php", &["/a/x.php", "/b/x.php"]),
            ("/[ab]?\\*[!z]", &["/ax*y"]),
            ("/**/a", &["/p/a", "/p/pp/a", "//a", "/a"]),
        ] {
            assert_eq!(Samples::of(&segments(from)).general(&fresh), expected, "{from}");
        }
    }

    #[test]
    fn open_segments_get_the_names_of_other_patterns() {
        let fresh: Vec<String> = ["p", "q", "r"].map(str::to_owned).into();
        let names = BTreeSet::from(["one"]);
        for (from, expected) in [
            ("/a/b", &[][..]),
            ("/a/:x/*", &["/a/one/r", "/a/q/one"]),
            ("/:x/**", &["/one/q", "/p/one", "/p/one/q"]),
        ] {
            let segments = segments(from);
            let samples = Samples::of(&segments);
            assert_eq!(samples.special(&fresh, &names).collect::<Vec<_>>(), expected, "{from}");
        }
        let names = |from: &str| {
            Samples::of(&segments(from)).names().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            (names("/a/:x/c"), names("/a/b").len()),
            (vec!["a".to_owned(), "c".to_owned()], 0)
        );
    }
}

//! Paths that a pattern is tried out with.

use std::collections::BTreeSet;

/// What a `?` of a glob stands for.
const ANY_CHAR: char = 'x';
/// Texts of a segment; the ways through its braces can be exponentially many.
const MAX_TEXTS: usize = 64;

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

    /// Whether there can be more than one path.
    pub(super) fn is_pattern(&self) -> bool {
        self.segments.iter().any(|segment| !matches!(segment, Segment::Literal(_)))
    }

    /// The texts that a pattern of many paths has in its segments.
    pub(super) fn names(&self) -> impl Iterator<Item = &'p str> {
        let is_pattern = self.is_pattern();
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

/// Texts that a valid glob matches, at most [`MAX_TEXTS`]: one for each way through its
/// braces. Where there are more ways than that, each choice is in one of the texts, but of
/// one pair of braces only the first choices are used.
fn texts_of(glob: &str) -> Vec<String> {
    let mut open: Vec<Braces> = Vec::new();
    let mut texts = vec![String::new()];
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let mut text = String::from(c);
        match (c, open.last_mut()) {
            ('{', _) => {
                let before = std::mem::replace(&mut texts, vec![String::new()]);
                open.push(Braces { before, choices: Vec::new() });
                continue;
            }
            (',', Some(braces)) => {
                braces.add(std::mem::replace(&mut texts, vec![String::new()]));
                continue;
            }
            ('}', Some(_)) => {
                texts = open.pop().map_or_else(Vec::new, |braces| braces.close(texts));
                continue;
            }
            ('*' | '?', _) => text = ANY_CHAR.into(),
            ('\\', _) => (text, rest) = split_char(rest),
            ('[', _) => (text, rest) = split_class(rest),
            _ => {}
        }
        texts.iter_mut().for_each(|known| known.push_str(&text));
    }
    texts
}

/// Braces of a glob that are not closed yet.
struct Braces {
    /// Texts of what stands before them, up to the braces around them.
    before: Vec<String>,
    /// Texts of the choices so far, each once.
    choices: Vec<String>,
}

impl Braces {
    fn add(&mut self, texts: Vec<String>) {
        for text in texts {
            // The glob library drops an empty choice.
            if self.choices.len() < MAX_TEXTS && !text.is_empty() && !self.choices.contains(&text) {
                self.choices.push(text);
            }
        }
    }

    /// Texts of all up to the closing brace, where the last choice has the texts `last`.
    fn close(mut self, last: Vec<String>) -> Vec<String> {
        self.add(last);
        if self.choices.is_empty() {
            return self.before;
        }
        let (before, choices) = (&self.before, &self.choices);
        if before.len() * choices.len() <= MAX_TEXTS {
            let with = |text: &String| choices.iter().map(|c| format!("{text}{c}")).collect();
            return before.iter().flat_map(|text| -> Vec<String> { with(text) }).collect();
        }
        let pairs = before.iter().cycle().zip(choices.iter().cycle());
        let pairs = pairs.take(before.len().max(choices.len()));
        pairs.map(|(text, choice)| format!("{text}{choice}")).collect()
    }
}

fn split_char(rest: &str) -> (String, &str) {
    let len = rest.chars().next().map_or(0, char::len_utf8);
    let (c, rest) = rest.split_at(len);
    (c.to_owned(), rest)
}

/// A character of the class that `rest` begins in; of what a negated one has, not all.
fn split_class(rest: &str) -> (String, &str) {
    // A `]` that comes first, or behind the sign of negation, stands for itself.
    let first = if rest.starts_with(['!', '^']) { 2 } else { 1 };
    let after_first = rest.char_indices().skip(first).find(|&(_, c)| c == ']').map(|(at, _)| at);
    let (class, rest) = rest.split_at(after_first.unwrap_or(rest.len()));
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let head = match class.strip_prefix(['!', '^']) {
        Some(not) => ('a'..='z').rev().find(|&c| !not.contains(c)).unwrap_or('0'),
        None => class.chars().next().unwrap_or(ANY_CHAR),
    };
    (head.into(), rest)
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
            ("/[!]z]a", &["/ya"]),
            ("/**/a", &["/p/a", "/p/pp/a", "//a", "/a"]),
        ] {
            assert_eq!(Samples::of(&segments(from)).general(&fresh), expected, "{from}");
        }
    }

    #[test]
    fn braces_give_each_of_their_choices_and_few_texts() {
        for (glob, expected) in [
            ("{a,b{c,d}}e", &["ae", "bce", "bde"][..]),
            ("{{a,b},{c}}", &["a", "b", "c"]),
            ("{[,}],\\,,\\}}z", &[",z", "}z"]),
            ("a,{b,,b}", &["a,b"]),
            ("a{,}", &["a"]),
        ] {
            assert_eq!(texts_of(glob), expected, "{glob}");
            let compiled = crate::rules::compile_glob(glob).unwrap().compile_matcher();
            assert!(expected.iter().all(|text| compiled.is_match(text)), "{glob}");
        }
        let many: Vec<String> = (0..1000).map(|n| format!("n{n}")).collect();
        let many = format!("{{{}}}", many.join(","));
        for (glob, len) in [
            ("{a,b}".repeat(6), 64),
            ("{a,b}".repeat(30), 64),
            ("{a,b{c,d{e,f}}}".repeat(100), 64),
            (many, 64),
            ("x".repeat(1 << 20), 1),
            (format!("{}a{}", "{".repeat(10_000), "}".repeat(10_000)), 1),
        ] {
            assert_eq!(texts_of(&glob).len(), len);
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

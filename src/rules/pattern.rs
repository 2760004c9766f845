//! The paths that a redirect is from: a glob in which a segment can have a name.

use std::fmt;

use globset::Glob;

use super::{check_size, compile_glob, is_percent_encoded};

/// The name of what a `**` at the end stands for.
pub(super) const SPLAT: &str = "splat";
/// What a segment with a name is to the glob: a `*` could also be empty.
pub(super) const ANY_SEGMENT: &str = "?*";

/// A pattern such as `/old/:name` or `/blog/**`.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The pattern, and for one that ends in `/**` the folder without its slash
    /// too: a rule that moves `/blog/**` is meant for `/blog` as well.
    globs: Vec<Glob>,
    captures: Vec<(String, Capture)>,
    segments: Vec<String>,
}

/// The part of a path that has a name, by the segments before it.
#[derive(Clone, Copy, Debug)]
enum Capture {
    Segment(usize),
    Rest(usize),
}

impl Pattern {
    /// Compiles `from`.
    ///
    /// # Errors
    /// What finishes "`from` takes a path …", from its comma on.
    pub(super) fn parse(from: &str) -> Result<Self, String> {
        in_brackets(check_size(from))?;
        if is_percent_encoded(from) {
            return Err(", written as it reads: a space, not `%20`".to_owned());
        }
        let relative = from.strip_prefix('/').ok_or("")?;
        let segments: Vec<&str> = relative.split('/').collect();
        let captures = captures(&segments)?;
        let globs: Vec<&str> = segments.iter().map(|segment| glob_of(segment)).collect();
        // One by one: a `{` or `[` that spans segments would upset their count.
        globs.iter().try_for_each(|glob| in_brackets(compile_glob(glob)).map(drop))?;
        let compiled = |globs: &[&str]| in_brackets(compile_glob(&format!("/{}", globs.join("/"))));
        let mut patterns = vec![compiled(&globs)?];
        if let [folder @ .., "**"] = globs.as_slice()
            && !folder.is_empty()
        {
            patterns.push(compiled(folder)?);
        }
        let segments = segments.into_iter().map(str::to_owned).collect();
        Ok(Self { globs: patterns, captures, segments })
    }

    /// What matches it: either of these.
    pub(super) fn globs(&self) -> &[Glob] {
        &self.globs
    }

    /// What stands between its slashes.
    pub(super) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// Whether a part has this name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.captures.iter().any(|(known, _)| known == name)
    }

    /// What `name` stands for in `path`, which matches.
    pub(super) fn captured<'p>(&self, name: &str, path: &'p str) -> Option<&'p str> {
        let (_, capture) = self.captures.iter().find(|(known, _)| known == name)?;
        let relative = path.strip_prefix('/')?;
        match *capture {
            Capture::Segment(idx) => relative.split('/').nth(idx),
            Capture::Rest(idx) => Some(relative.splitn(idx + 1, '/').nth(idx).unwrap_or_default()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.segments.join("/"))
    }
}

fn in_brackets<T>(result: Result<T, String>) -> Result<T, String> {
    result.map_err(|why| format!(" ({why})"))
}

fn glob_of(segment: &str) -> &str {
    if segment.starts_with(':') { ANY_SEGMENT } else { segment }
}

fn captures(segments: &[&str]) -> Result<Vec<(String, Capture)>, String> {
    let mut captures: Vec<(String, Capture)> = Vec::new();
    let last = segments.len().saturating_sub(1);
    for (idx, segment) in segments.iter().enumerate() {
        let follows_any_number = segments.iter().take(idx).any(|&earlier| earlier == "**");
        let (name, capture) = match segment.strip_prefix(':') {
            Some(name) => (name, Capture::Segment(idx)),
            None if *segment == "**" && idx == last && !follows_any_number => {
                (SPLAT, Capture::Rest(idx))
            }
            None => continue,
        };
        if !is_name(name) || (name == SPLAT && matches!(capture, Capture::Segment(_))) {
            return Err(format!(
                " (`{segment}` is no name of letters, digits and `_`, or is `:{SPLAT}`)"
            ));
        }
        if follows_any_number {
            return Err(format!(" (`{segment}` comes after a `**`)"));
        }
        if captures.iter().any(|(known, _)| known == name) {
            return Err(format!(" (`{segment}` is there twice)"));
        }
        captures.push((name.to_owned(), capture));
    }
    Ok(captures)
}

fn is_name(name: &str) -> bool {
    name.starts_with(starts_name) && name.chars().all(continues_name)
}

/// Whether a name can begin with `c`.
pub(super) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// Whether `c` can stand within a name.
pub(super) fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_segments_and_folders() {
        for (from, path, is_match) in [
            ("/old", "/old", true),
            ("/old", "/old/", false),
            ("/old", "/Old", false),
            ("/a b/\u{e9}", "/a b/\u{e9}", true),
            ("/old/:name", "/old/a", true),
            ("/old/:name", "/old/\u{e9}", true),
            ("/old/:name", "/old/", false),
            ("/old/:name", "/old/a/", false),
            ("/old/:name", "/old/a/b", false),
            ("/old/:name/", "/old/a/", true),
            ("/:a/:b", "/1/2", true),
            ("/blog/**", "/blog", true),
            ("/blog/**", "/blog/", true),
            ("/blog/**", "/blog/a/b", true),
            ("/blog/**", "/blogs", false),
            ("/**", "/", true),
            ("/**", "/a/b", true),
            ("/**/*.php", "/a/b.php", true),
            ("/**/*.php", "/b.php", true),
            ("/{a,b}/*", "/b/c", true),
            ("/", "/", true),
        ] {
            let pattern = Pattern::parse(from).unwrap();
            let mut globs = pattern.globs().iter();
            let found = globs.any(|glob| glob.compile_matcher().is_match(path));
            assert_eq!(found, is_match, "{from} {path}");
            assert_eq!(pattern.to_string(), from);
        }
    }

    #[test]
    fn names_parts_of_the_path() {
        for (from, path, name, expected) in [
            ("/old/:name", "/old/a b", "name", Some("a b")),
            ("/:a/x/:b_2", "/1/x/2", "b_2", Some("2")),
            ("/blog/**", "/blog/a/b/", "splat", Some("a/b/")),
            ("/blog/**", "/blog/", "splat", Some("")),
            ("/blog/**", "/blog", "splat", Some("")),
            ("/**", "/a/b", "splat", Some("a/b")),
            ("/:a/**", "/x/y/z", "splat", Some("y/z")),
            ("/old/:name", "/old/a", "other", None),
            ("/**/a/**", "/a/b", "splat", None),
            ("/old/*", "/old/a", "splat", None),
        ] {
            let pattern = Pattern::parse(from).unwrap();
            assert_eq!(pattern.captured(name, path), expected, "{from} {path} {name}");
            assert_eq!(pattern.names(name), expected.is_some(), "{from} {name}");
        }
    }

    #[test]
    fn forbids_what_matches_nothing_or_names_nothing() {
        for (from, why) in [
            ("", ""),
            ("old", ""),
            ("https://h/", ""),
            ("**/a", ""),
            ("/caf%C3%A9", ", written as it reads: a space, not `%20`"),
            ("/[a", " (unclosed character class; missing ']')"),
            ("/{a/b}", " (unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?))"),
            ("/:", " (`:` is no name of letters, digits and `_`, or is `:splat`)"),
            ("/:a-b", " (`:a-b` is no name of letters, digits and `_`, or is `:splat`)"),
            ("/:1", " (`:1` is no name of letters, digits and `_`, or is `:splat`)"),
            ("/:splat", " (`:splat` is no name of letters, digits and `_`, or is `:splat`)"),
            ("/:a/:a", " (`:a` is there twice)"),
            ("/**/:a", " (`:a` comes after a `**`)"),
        ] {
            assert_eq!(Pattern::parse(from).unwrap_err(), why, "{from}");
        }
    }
}

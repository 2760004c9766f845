//! A redirect as all hosts know it: segments, each fixed, named, or the rest of the path.
//!
//! What else a glob can say, such as `*.php` or `{a,b}`, no host has words for.

use crate::{
    globs,
    http::{base_path::BasePath, url_path::UrlPath},
    rules::RedirectRule,
    site::Alias,
};

/// The name of what a `**` at the end stands for.
pub(crate) const SPLAT: &str = "splat";

/// A redirect that every host can be told of, as far as it has redirects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    /// The rule, as messages name it.
    pub(super) origin: String,
    pub(super) from: Vec<Segment>,
    /// Encoded, with `:name` where a part of the path goes.
    pub(super) to: String,
    pub(super) status: u16,
    /// Whether it is from a page's own old path, and no rule.
    pub(super) is_alias: bool,
}

/// What stands between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// This, encoded.
    Text(String),
    /// Anything, under this name.
    Name(String),
    /// All that follows, or nothing, under the name [`SPLAT`].
    Rest,
}

impl Redirect {
    /// Reads a rule of the site.
    ///
    /// # Errors
    /// What no host can be told, for the end of a sentence about the rule.
    pub(super) fn new(rule: &RedirectRule, origin: &str, base: &BasePath) -> Result<Self, String> {
        let segments: Vec<&str> = rule.from.trim_start_matches('/').split('/').collect();
        let last = segments.len().saturating_sub(1);
        let segment = |(idx, text): (usize, &&str)| Segment::parse(text, idx == last);
        let from: Vec<Segment> =
            segments.iter().enumerate().map(segment).collect::<Result<_, _>>()?;
        let to = rule.written_to().unwrap_or_default();
        let (origin, status) = (origin.to_owned(), rule.status);
        let redirect = Self { origin, from, to, status, is_alias: false };
        match redirect.leads_to_itself() {
            true => Err(format!("leads from `{}` to itself, which would never end", redirect.to)),
            false => Ok(Self { to: base.with(&redirect.to), ..redirect }),
        }
    }

    /// The redirects of an alias, which old links have with and without a slash at its end.
    pub(super) fn of(alias: &Alias, base: &BasePath) -> [Self; 2] {
        let redirect = |is_folder| Self {
            origin: format!("the alias `{}` of `{}`", alias.path.as_str(), alias.file),
            from: fixed(&alias.path.with_folder(is_folder)),
            // No part of it is put in by name.
            to: base.with(&alias.target.encoded().replace(':', "%3A")),
            status: 301,
            is_alias: true,
        };
        [redirect(false), redirect(true)]
    }

    /// The path that it is from, where that is one.
    pub(super) fn fixed_from(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.from {
            let Segment::Text(text) = segment else { return None };
            path.push('/');
            path.push_str(text);
        }
        Some(path)
    }

    /// The pairs of a pattern and its target, in words that most hosts share: `*` at the end
    /// is the rest of the path, `:name` one segment. A folder and what is in it are two.
    pub(super) fn lines(&self) -> Vec<(String, String)> {
        let word = |segment: &Segment| match segment {
            Segment::Text(text) => plain(text),
            Segment::Name(name) => format!(":{name}"),
            Segment::Rest => "*".to_owned(),
        };
        let words: Vec<String> = self.from.iter().map(word).collect();
        let whole = (format!("/{}", words.join("/")), self.to.clone());
        match words.split_last() {
            Some((last, folder)) if last == "*" && !folder.is_empty() => {
                let to = self.to.replace(&format!(":{SPLAT}"), "");
                vec![(format!("/{}", folder.join("/")), to), whole]
            }
            _ => vec![whole],
        }
    }

    /// Whether the host would find `path`, encoded, to be from here.
    pub(super) fn is_from(&self, path: &str) -> bool {
        let mut rest = path.trim_start_matches('/').split('/');
        for segment in &self.from {
            let is_same = match (segment, rest.next()) {
                (Segment::Rest, _) => return true,
                (_, None) => return false,
                (Segment::Text(text), Some(part)) => text == part,
                (Segment::Name(_), Some(part)) => !part.is_empty(),
            };
            if !is_same {
                return false;
            }
        }
        rest.next().is_none()
    }

    /// Whether a pattern matches the one path that it leads to. The server leaves that path
    /// alone, and no host does.
    fn leads_to_itself(&self) -> bool {
        let is_fixed = !self.to.contains(':') && self.to.starts_with('/');
        let path = self.to.split(['?', '#']).next().unwrap_or_default();
        is_fixed && self.is_from(path)
    }
}

/// A path in which nothing looks like a pattern: a `*` would match the whole site.
pub(super) fn plain(path: &str) -> String {
    path.replace(':', "%3A").replace('*', "%2A")
}

/// The segments of one path.
fn fixed(path: &UrlPath) -> Vec<Segment> {
    let encoded = path.encoded();
    encoded.trim_start_matches('/').split('/').map(|text| Segment::Text(text.to_owned())).collect()
}

impl Segment {
    fn parse(text: &str, is_last: bool) -> Result<Self, String> {
        match text.strip_prefix(':') {
            Some(name) => return Ok(Self::Name(name.to_owned())),
            None if text == "**" && is_last => return Ok(Self::Rest),
            None => {}
        }
        let text = globs::literal(text).ok_or_else(|| {
            format!(
                "has `{text}`, for which no host has a word: write `:name` for a segment, `**` at \
                 the end, or a rule for each path"
            )
        })?;
        let encoded = UrlPath::of_name(&text, false).map(|path| path.encoded());
        Ok(Self::Text(encoded.unwrap_or_default().trim_start_matches('/').to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: &str, to: &str) -> Result<Redirect, String> {
        let rule = RedirectRule { from: from.into(), to: to.into(), status: 301 };
        Redirect::new(&rule, "rule 1", &BasePath::parse("/repo").unwrap())
    }

    #[test]
    fn a_rule_is_one_line_or_two() {
        for (from, to, lines) in [
            ("/old", "/new", &[("/old", "/repo/new")][..]),
            ("/a b/é", "/x y?q=ü#z", &[("/a%20b/%C3%A9", "/repo/x%20y?q=%C3%BC#z")]),
            ("/a/:b/c", "/:b", &[("/a/:b/c", "/repo/:b")]),
            ("/blog/**", "/n/:splat", &[("/blog", "/repo/n/"), ("/blog/*", "/repo/n/:splat")]),
            ("/**", "https://a.example/:splat", &[("/*", "https://a.example/:splat")]),
            ("/old/", "/new/", &[("/old/", "/repo/new/")]),
            ("/[{]a/[:]b[*]", "/c", &[("/%7Ba/%3Ab%2A", "/repo/c")]),
        ] {
            let owned = lines.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            assert_eq!(read(from, to).unwrap().lines(), owned.collect::<Vec<_>>(), "{from}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_pattern_is_none() {
        let path = |name: &str| UrlPath::of_name(name, false).unwrap();
        let alias = |name: &str| Alias { path: path(name), file: "x".into(), target: path("a/:b") };
        for (name, from) in [("*", "/%2A"), (":a/b:c", "/%3Aa/b%3Ac"), ("a/**", "/a/%2A%2A")] {
            let [page, folder] = Redirect::of(&alias(name), &BasePath::default());
            assert_eq!(page.lines(), [(from.to_owned(), "/a/%3Ab".to_owned())], "{name}");
            assert_eq!(folder.lines(), [(format!("{from}/"), "/a/%3Ab".to_owned())], "{name}");
        }
    }

    #[test]
    fn what_no_host_can_be_told_is_said() {
        for from in ["/*.php", "/a/*", "/a/**/b", "/{a,b}", "/a?", "/[ab]"] {
            assert!(read(from, "/x").unwrap_err().contains("no host has a word"), "{from}");
        }
        assert!(read("/blog/**", "/blog/moved").unwrap_err().contains("to itself"));
        assert!(read("/blog/**", "/blogs").is_ok());
    }
}

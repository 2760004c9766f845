//! The files `_redirects` and `_headers` of sites that come from Netlify, Cloudflare or
//! GitLab, read as rules.
//!
//! Sources: docs.netlify.com/manage/routing/{redirects,headers},
//! developers.cloudflare.com/pages/configuration/{redirects,headers}.

use std::{collections::BTreeMap, ops::Range};

use super::{
    headers::{HeaderRule, HeaderRules, Values},
    pattern::ANY_SEGMENT,
    redirects::{RedirectRule, RedirectRules},
};
use crate::{globs, http::url_path::UrlPath};

/// Their names, at the root of the site.
pub const NAMES: [&str; 2] = ["_redirects", "_headers"];

/// What a file says, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostFile<T> {
    /// The rules, each with its line, from 1.
    pub rules: Vec<(usize, T)>,
    /// What is left out.
    pub complaints: Vec<Complaint>,
}

/// A part of a file that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its line, from 1.
    pub line: usize,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// Why, in a few words.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A line, with where it begins.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    start: usize,
    text: &'a str,
}

impl<T> Default for HostFile<T> {
    fn default() -> Self {
        Self { rules: Vec::new(), complaints: Vec::new() }
    }
}

impl<T> HostFile<T> {
    fn complain(&mut self, line: Line<'_>, message: impl Into<String>, help: &str) {
        let start = line.start + line.text.len() - line.text.trim_start().len();
        self.complaints.push(Complaint {
            line: line.number,
            span: start..start + line.text.trim().len(),
            message: message.into(),
            help: help.to_owned(),
        });
    }
}

const FORM_OF_REDIRECT: &str = "a line is `/from /to` or `/from /to 301`";
const ONLY_PATHS: &str =
    "`from` is a path with `:name` for a segment and `*` at its end for the rest";

/// Reads `_redirects`: `from to status` on each line. A `!` behind the status changes nothing:
/// rules always come before files.
pub fn redirects(text: &str) -> HostFile<RedirectRule> {
    let mut file = HostFile::default();
    for line in lines(text) {
        match redirect(line.text) {
            Ok(rule) => file.rules.push((line.number, rule)),
            Err((message, help)) => file.complain(line, message, help),
        }
    }
    file
}

fn redirect(line: &str) -> Result<RedirectRule, (String, &'static str)> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let (from, to, status) = match words.as_slice() {
        [from, to] => (from, to, "301"),
        [from, to, status] => (from, to, status.trim_end_matches('!')),
        [_] => return Err(("a redirect without its target".to_owned(), FORM_OF_REDIRECT)),
        _ => {
            let message = "a redirect with conditions or parameters".to_owned();
            return Err((message, "the server knows paths alone: write a page for it"));
        }
    };
    let status = match status.parse() {
        Ok(status @ (301 | 302 | 303 | 307 | 308)) => status,
        Ok(200) => {
            let help = "for an application, `fallback` of the configuration names its page";
            return Err(("a rewrite, not a redirect".to_owned(), help));
        }
        _ => return Err((format!("the status `{status}` is no redirect"), FORM_OF_REDIRECT)),
    };
    let from =
        glob_of(from, str::to_owned).ok_or((format!("`{from}` cannot be read"), ONLY_PATHS))?;
    let rule = RedirectRule { from, to: (*to).to_owned(), status };
    match RedirectRules::new(std::slice::from_ref(&rule)) {
        Ok(_) => Ok(rule),
        Err(error) => Err((format!("`{}` takes {}", error.key, error.takes), FORM_OF_REDIRECT)),
    }
}

const FORM_OF_HEADER: &str = "below a path, each line is indented: `  Name: value`";

/// Reads `_headers`: a path on a line of its own, and `Name: value` on the indented lines below.
/// `! Name` takes a field away.
pub fn headers(text: &str) -> HostFile<HeaderRule> {
    let mut file = HostFile::default();
    let mut paths = None;
    for line in lines(text) {
        if !line.text.starts_with([' ', '\t']) {
            let path = line.text.trim();
            paths = glob_of(path, |_| ANY_SEGMENT.to_owned()).map(|glob| (glob, path));
            if paths.is_none() {
                file.complain(line, "a path that cannot be read", ONLY_PATHS);
            }
            continue;
        }
        // The lines below a path that cannot be read belong to that complaint.
        let Some((glob, path)) = &paths else { continue };
        match field(glob, path, line.text.trim()) {
            Ok(rule) => file.rules.push((line.number, rule)),
            Err((message, help)) => file.complain(line, message, help),
        }
    }
    joined(&mut file.rules);
    file
}

/// Reads the rule of a line below `path`, which `glob` matches.
fn field(glob: &str, path: &str, line: &str) -> Result<HeaderRule, (String, &'static str)> {
    let mut rule = HeaderRule { path: glob.to_owned(), ..HeaderRule::default() };
    if let Some(part) = parts(path).find(|part| line.contains(part)) {
        let message = format!("a part of the path in a value, `{part}`");
        return Err((message, "write the value as it is, for each path"));
    }
    match (line.strip_prefix('!'), line.split_once(':')) {
        (Some(name), _) => rule.remove.push(name.trim().to_owned()),
        (None, Some((name, _))) if name.trim().eq_ignore_ascii_case("basic-auth") => {
            let help = "put a proxy in front that asks for passwords";
            return Err(("passwords, which the server does not ask for".to_owned(), help));
        }
        // The server needs what it says there.
        (None, Some((name, value))) if name.trim().eq_ignore_ascii_case("vary") => {
            rule.add.insert(name.trim().to_owned(), Values::One(value.trim().to_owned()));
        }
        (None, Some((name, value))) => {
            rule.set.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        (None, None) => return Err(("a line without a field".to_owned(), FORM_OF_HEADER)),
    }
    match HeaderRules::new(std::slice::from_ref(&rule)) {
        Ok(_) => Ok(rule),
        Err(error) => Err((format!("`{}` takes {}", error.key, error.takes), FORM_OF_HEADER)),
    }
}

/// The parts of a path that hosts know by name.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| match segment {
        "*" => Some(":splat"),
        segment => Some(segment).filter(|segment| segment.starts_with(':')),
    })
}

/// Lines of one block that set the same field are one list (RFC 9110, 5.3).
fn joined(rules: &mut Vec<(usize, HeaderRule)>) {
    let mut joined: Vec<(usize, HeaderRule)> = Vec::with_capacity(rules.len());
    for (line, rule) in rules.drain(..) {
        match joined.last_mut() {
            Some((last, before)) if before.path == rule.path && *last + 1 == line => {
                *last = line;
                join(&mut before.set, rule.set);
                for (name, values) in rule.add {
                    let more = values.as_slice().to_vec();
                    let all = before.add.remove(&name).map(|values| values.as_slice().to_vec());
                    let all = all.into_iter().flatten().chain(more).collect();
                    before.add.insert(name, Values::Many(all));
                }
                before.remove.extend(rule.remove);
            }
            _ => joined.push((line, rule)),
        }
    }
    *rules = joined;
}

fn join(set: &mut BTreeMap<String, String>, more: BTreeMap<String, String>) {
    for (name, value) in more {
        let value = match set.remove(&name) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        set.insert(name, value);
    }
}

/// The lines that say something, with their places.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').enumerate().map(move |(idx, whole)| {
        let line = Line { number: idx + 1, start, text: whole.trim_end() };
        start += whole.len();
        line
    });
    lines.filter(|line| !line.text.trim().is_empty() && !line.text.trim_start().starts_with('#'))
}

/// The glob of a path with `:name` and `*`, where `named` is the glob of a segment with a name.
/// `None` where the server has no word for it.
fn glob_of(path: &str, named: impl Fn(&str) -> String) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let parsed = UrlPath::parse(path)?;
    // What is encoded is text, whatever it looks like.
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let decoded: Vec<&str> = parsed.relative().split('/').collect();
    if !segments.is_empty() && segments.len() != decoded.len() {
        return None;
    }
    let last = segments.len().saturating_sub(1);
    let glob = |(idx, (segment, text)): (usize, (&&str, &&str))| match *segment {
        "*" if idx == last => Some("**".to_owned()),
        segment if segment.contains('*') => extension_of(text).filter(|_| idx == last),
        segment if segment.starts_with(':') => Some(named(text)),
        _ => Some(globs::escape(text)),
    };
    let segments = segments.iter().zip(&decoded).enumerate();
    let globs: Vec<String> = segments.map(glob).collect::<Option<_>>()?;
    let slash = if parsed.is_folder() && !parsed.relative().is_empty() { "/" } else { "" };
    Some(format!("/{}{slash}", globs.join("/")))
}

/// `*.css`, which is for all folders below as well.
fn extension_of(segment: &str) -> Option<String> {
    let extension = segment.strip_prefix("*.").filter(|rest| !rest.contains('*'))?;
    Some(format!("**/*.{}", globs::escape(extension)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: &str, to: &str, status: u16) -> RedirectRule {
        RedirectRule { from: from.into(), to: to.into(), status }
    }

    #[test]
    fn reads_redirects() {
        let text = "# moved\n\n/old /new\n/a/*  /b/:splat 302!\r\n/:year/x https://a.example/:year 308\n\
                    /a%20b/%7Bc /d\n/* /404 301\n/%3Aa/b%2A /e";
        let file = redirects(text);
        assert_eq!(file.complaints, []);
        assert_eq!(
            file.rules,
            [
                (3, rule("/old", "/new", 301)),
                (4, rule("/a/**", "/b/:splat", 302)),
                (5, rule("/:year/x", "https://a.example/:year", 308)),
                (6, rule("/a b/[{]c", "/d", 301)),
                (7, rule("/**", "/404", 301)),
                (8, rule("/[:]a/b[*]", "/e", 301)),
            ]
        );
    }

    #[test]
    fn says_which_redirects_are_left_out() {
        for (line, message) in [
            ("/a", "without its target"),
            ("/* /index.html 200", "a rewrite, not a redirect"),
            ("/a /b 404", "the status `404` is no redirect"),
            ("/a /b x", "the status `x` is no redirect"),
            ("/store id=:id /blog/:id 301", "conditions or parameters"),
            ("/ /anz 302 Country=au,nz", "conditions or parameters"),
            ("http://a.example/* /b", "cannot be read"),
            ("/a/*/b /c", "cannot be read"),
            ("/a/../b /c", "cannot be read"),
            ("/a /b/:splat", "`to` takes"),
            ("/a /a", "`to` takes"),
        ] {
            let file = redirects(&format!("/x /y\n{line}\n"));
            assert_eq!(file.rules.len(), 1, "{line}");
            let complaint = &file.complaints[0];
            assert!(complaint.message.contains(message), "{line}: {complaint:?}");
            assert_eq!((complaint.line, complaint.span.clone()), (2, 6..6 + line.len()));
        }
    }

    #[test]
    fn reads_headers() {
        let text = "/*\n  X-One: a: b\n  X-One: c\n  ! X-Two\n# no\n/assets/*\n\tVary: Origin\n/*.css\n  \
                    Cache-Control: no-store\n/:year/%3Aa\n  X-One: a\n";
        let file = headers(text);
        assert_eq!(file.complaints, []);
        let [(_, all), (_, assets), (_, styles), (_, named)] = &file.rules[..] else {
            panic!("{file:?}")
        };
        assert_eq!(all.path, "/**");
        assert_eq!(all.set, [("X-One".to_owned(), "a: b, c".to_owned())].into());
        assert_eq!(all.remove, ["X-Two"]);
        assert_eq!(assets.path, "/assets/**");
        assert!(assets.add.contains_key("Vary"));
        assert_eq!(styles.path, "/**/*.css");
        assert_eq!(named.path, "/?*/[:]a");
        let vary = headers("/*\n  Vary: Origin\n  Vary: Accept-Language\n");
        let values = vary.rules[0].1.add["Vary"].as_slice();
        assert_eq!(values, ["Origin", "Accept-Language"]);
    }

    #[test]
    fn says_which_fields_are_left_out() {
        for (text, line, message) in [
            ("/*\n  X\n", 2, "a line without a field"),
            ("/*\n  Content-Length: 3\n", 2, "`set` takes"),
            ("/admin/*\n  Basic-Auth: a:b\n", 2, "passwords"),
            ("https://a.example/*\n  X-One: a\n", 1, "a path that cannot be read"),
            ("/a/*b*\n  X-One: a\n", 1, "a path that cannot be read"),
            ("/a/*\n  X-One: b:splat\n", 2, "a part of the path in a value, `:splat`"),
            ("/:a/b\n  X-One: is :a\n", 2, "a part of the path in a value, `:a`"),
        ] {
            let file = headers(text);
            assert_eq!(file.rules, [], "{text}");
            assert_eq!(file.complaints.len(), 1, "{text}");
            assert_eq!(file.complaints[0].line, line, "{text}");
            assert!(file.complaints[0].message.contains(message), "{:?}", file.complaints);
        }
    }
}

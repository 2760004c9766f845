//! Rules that send some paths elsewhere.

use globset::GlobSet;
use serde::{Deserialize, Serialize};

use super::{
    Fault, Key, RuleError, RulePart,
    destination::Destination,
    loops::{self, Loop},
    pattern::{Pattern, SPLAT},
    samples::Samples,
    takes,
};
use crate::http::{StatusCode, url_path::UrlPath};

/// The keys of a rule.
pub const REDIRECT_KEYS: &[Key] = &[
    Key {
        name: "from",
        takes: r#"a path that begins with `/`, such as "/old/:name" or "/blog/**""#,
        is_required: true,
    },
    Key {
        name: "to",
        takes: r#"a path or a URL, such as "/new/:name" or "https://example.com/:splat""#,
        is_required: true,
    },
    Key { name: "status", takes: "301, 302, 303, 307 or 308", is_required: false },
];

/// How many rules and paths of a loop a complaint names.
const MAX_SHOWN: usize = 6;

/// One table of `[[redirects]]`, as written; [`RedirectRules::new`] checks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedirectRule {
    /// The decoded paths that it is for: a glob in which `:name` is one segment.
    pub from: String,
    /// Where it leads: a path or a URL, with the names of `from` in it.
    pub to: String,
    /// The status. 301 unless chosen: every client knows it and search engines
    /// move on, while `Cache-Control: no-cache` spares the one trouble that it
    /// has, browsers that never ask again.
    pub status: u16,
}

impl Default for RedirectRule {
    fn default() -> Self {
        Self {
            from: String::new(),
            to: String::new(),
            status: StatusCode::MOVED_PERMANENTLY.as_u16(),
        }
    }
}

impl RedirectRule {
    /// `to`, encoded where it is not, with `:name` for each placeholder. `None` where it is
    /// not valid.
    pub fn written_to(&self) -> Option<String> {
        Destination::parse(&self.to).ok().map(|to| to.written())
    }
}

/// All rules, ready to answer.
#[derive(Debug, Default)]
pub struct RedirectRules {
    /// What leads to `rules`: one glob or two for each.
    globs: GlobSet,
    /// The rule that each of `globs` is of.
    rule_of_glob: Vec<usize>,
    rules: Vec<Redirect>,
    /// Authorities of `http` URLs that lead to this server.
    own: Vec<String>,
}

#[derive(Debug)]
struct Redirect {
    from: Pattern,
    to: Destination,
    status: StatusCode,
}

impl RedirectRules {
    /// Checks and compiles `rules`.
    ///
    /// # Errors
    /// The first rule whose pattern, target or status is not valid, that uses a
    /// name that it does not have, or that leads to itself; then the first of several
    /// that lead back to themselves.
    pub fn new(rules: &[RedirectRule]) -> Result<Self, RuleError> {
        Self::served_at(rules, &[])
    }

    /// The same for a server that is reached by `http` URLs with these authorities, such as
    /// `localhost:8889`: each with its port, and in lower case.
    ///
    /// # Errors
    /// See [`RedirectRules::new`].
    pub fn served_at(rules: &[RedirectRule], own: &[String]) -> Result<Self, RuleError> {
        let compile = |(idx, rule)| Redirect::new(rule).map_err(|fault| fault.at(idx));
        let rules = rules.iter().enumerate().map(compile).collect::<Result<Vec<_>, _>>()?;
        let globs = rules.iter().flat_map(|rule| rule.from.globs().iter().cloned());
        // Globs that compile one by one can be too many for one automaton.
        let too_many =
            |error| Fault::new("from", RulePart::Whole, format!("fewer globs ({error})"));
        let globs = GlobSet::new(globs).map_err(|error| too_many(error).at(0))?;
        let indices = |(idx, rule): (usize, &Redirect)| vec![idx; rule.from.globs().len()];
        let rule_of_glob = rules.iter().enumerate().flat_map(indices).collect();
        let rules = Self { globs, rule_of_glob, rules, own: own.to_vec() };
        let from = rules.rules.iter().map(|rule| &rule.from);
        match loops::find(from, &|path| rules.step(path)) {
            Some(found) => Err(rules.refuse_loop(&found)),
            None => Ok(rules),
        }
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Status and `Location` of the first rule that the decoded `path` matches, with the
    /// request's encoded `query` kept where the rule has none of its own. `None`
    /// where no rule matches, or where it would lead to `path` again.
    pub fn find(&self, path: &str, query: Option<&str>) -> Option<(StatusCode, String)> {
        self.rules.get(self.rule_for(path)?)?.respond(path, query)
    }

    /// The index of the rule that answers `path`, and the path on this server that it leads
    /// to, decoded. `None` where there is none.
    fn step(&self, path: &str) -> Option<(usize, String)> {
        let idx = self.rule_for(path)?;
        let rule = self.rules.get(idx)?;
        let next = rule.next(path, &self.own)?;
        // A path is left alone in place of being sent to itself; a URL is not.
        (next != path || !rule.to.is_path()).then_some((idx, next))
    }

    fn rule_for(&self, path: &str) -> Option<usize> {
        if self.rules.is_empty() {
            return None;
        }
        let first = self.globs.matches(path).into_iter().min()?;
        self.rule_of_glob.get(first).copied()
    }

    fn refuse_loop(&self, found: &Loop) -> RuleError {
        let order = found.rules();
        let (idx, others) = order.split_first().map_or((0, &[][..]), |(idx, rest)| (*idx, rest));
        let takes = match others {
            [] => self.rules.get(idx).map_or_else(String::new, |rule| not_again(&rule.from)),
            _ => format!(
                "a path from which no rule leads back, and rules {} never end: {}",
                shown(order.iter().map(|rule| (rule + 1).to_string()).collect(), ", "),
                way(found)
            ),
        };
        let others = others.iter().copied().take(MAX_SHOWN).collect();
        RuleError { others, ..Fault::new("to", RulePart::Whole, takes).at(idx) }
    }
}

fn not_again(from: &Pattern) -> String {
    format!("a path that `{from}` does not match again")
}

/// The paths of a loop: `/a` -> `/b` -> `/a`, and further on where it does not close.
fn way(found: &Loop) -> String {
    let paths = found.hops.iter().map(|(path, _)| path).chain([&found.next]);
    let way = shown(paths.map(|path| format!("`{path}`")).collect(), " -> ");
    let is_closed = found.hops.first().is_some_and(|(path, _)| *path == found.next);
    if is_closed { way } else { format!("{way} -> …") }
}

/// The first of `items` and the last.
fn shown(mut items: Vec<String>, separator: &str) -> String {
    if items.len() > MAX_SHOWN {
        items.splice(MAX_SHOWN - 2..items.len() - 1, ["…".to_owned()]);
    }
    items.join(separator)
}

impl Redirect {
    fn new(rule: &RedirectRule) -> Result<Self, Fault> {
        let refuse = |key, why: &str| {
            Fault::new(key, RulePart::Whole, format!("{}{why}", takes(REDIRECT_KEYS, key)))
        };
        let from = Pattern::parse(&rule.from).map_err(|why| refuse("from", &why))?;
        let to = Destination::parse(&rule.to).map_err(|why| refuse("to", &why))?;
        let status = parse_status(rule.status).ok_or_else(|| refuse("status", ""))?;
        if let Some(name) = to.names().find(|name| !from.names(name)) {
            return Err(Fault::new("to", RulePart::Whole, unknown_name(name, &rule.from)));
        }
        let redirect = Self { from, to, status };
        if redirect.leads_nowhere() {
            return Err(Fault::new("to", RulePart::Whole, not_again(&redirect.from)));
        }
        Ok(redirect)
    }

    /// Whether each path that it is from would lead to itself, but for the name of a folder
    /// without its slash. One path out of many, as from `/blog/**` to `/blog/moved`, is no
    /// such loop: it is left alone when asked for.
    fn leads_nowhere(&self) -> bool {
        let segments = self.from.segments();
        let mut samples = Samples::of(segments).general(&[]);
        samples.retain(|path| path.matches('/').count() >= segments.len());
        samples.iter().all(|path| self.next(path, &[]).as_deref() == Some(path))
    }

    /// The path on this server that `path` leads to, decoded.
    fn next(&self, path: &str, own: &[String]) -> Option<String> {
        if !self.to.is_path() && !self.to.leads_to(own) {
            return None;
        }
        let next = self.to.path(|name| self.from.captured(name, path))?;
        Some(UrlPath::parse(&next)?.as_str().to_owned())
    }

    fn respond(&self, path: &str, query: Option<&str>) -> Option<(StatusCode, String)> {
        let captured = |name: &str| self.from.captured(name, path);
        let new_path = self.to.path(captured)?;
        if self.next(path, &[]).as_deref() == Some(path) {
            return None;
        }
        let location = self.to.location(&new_path, query, captured)?;
        Some((self.status, location))
    }
}

/// RFC 9110, 15.4: the statuses of which a browser follows `Location` by itself.
fn parse_status(status: u16) -> Option<StatusCode> {
    let is_redirect = matches!(status, 301 | 302 | 303 | 307 | 308);
    StatusCode::from_u16(status).ok().filter(|_| is_redirect)
}

fn unknown_name(name: &str, from: &str) -> String {
    if name == SPLAT {
        return format!(
            "`:{SPLAT}` only where `from` ends in its first `**`, and `{from}` does not"
        );
    }
    format!("names that are in `from` only, and `:{name}` is not in `{from}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: &str, to: &str, status: u16) -> RedirectRule {
        RedirectRule { from: from.to_owned(), to: to.to_owned(), status }
    }

    fn rules(pairs: &[(&str, &str)]) -> RedirectRules {
        let rules: Vec<_> = pairs.iter().map(|&(from, to)| rule(from, to, 301)).collect();
        RedirectRules::new(&rules).unwrap()
    }

    fn location(rules: &RedirectRules, path: &str, query: Option<&str>) -> Option<String> {
        Some(rules.find(path, query)?.1)
    }

    #[test]
    fn the_first_rule_that_matches_answers() {
        let rules = rules(&[
            ("/old/**", "/new/:splat"),
            ("/old/:name", "/never"),
            ("/:name/feed", "https://h/:name?feed"),
            ("/a b", "/c d"),
            ("/**/*.php", "/gone"),
        ]);
        for (path, query, expected) in [
            ("/old", None, Some("/new/")),
            ("/old/x", Some("q=1"), Some("/new/x?q=1")),
            ("/old/x/\u{e9}/", None, Some("/new/x/%C3%A9/")),
            ("/x&y/feed", Some("q"), Some("https://h/x&y?feed")),
            ("/a b", None, Some("/c%20d")),
            ("/x/y.php", None, Some("/gone")),
            ("/", None, None),
            ("/older", None, None),
            ("*", None, None),
            ("", None, None),
        ] {
            assert_eq!(location(&rules, path, query).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn no_rules_find_nothing() {
        assert!(RedirectRules::new(&[]).unwrap().find("/", None).is_none());
    }

    #[test]
    fn a_path_is_not_sent_to_itself() {
        let rules = rules(&[("/blog/**", "/blog/moved?why"), ("/:lang/docs", "/docs/:lang")]);
        for (path, expected) in [
            ("/blog/a", Some("/blog/moved?why")),
            ("/blog/moved", None),
            ("/en/docs", Some("/docs/en")),
            ("/docs/docs", None),
        ] {
            assert_eq!(location(&rules, path, None).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_location_holds_no_line_end_and_no_other_host() {
        let rules = rules(&[("/s/**", "/:splat/x"), ("/:name", "/n/:name")]);
        for (path, query, expected) in [
            ("/s/", None, Some("/x")),
            ("/s", Some("\r\nX: y"), Some("/x")),
            ("/\r\nX: y", None, Some("/n/%0D%0AX:%20y")),
            ("/s//evil.example", None, None),
        ] {
            assert_eq!(location(&rules, path, query).as_deref(), expected, "{path:?}");
        }
    }

    #[test]
    fn allows_what_ends_somewhere() {
        for (from, to, status) in [
            ("/a", "/a/", 301),
            ("/a", "/A", 302),
            ("/a/:x", "/b/:x", 303),
            ("/a/:x", "/a/b/:x", 307),
            ("/**", "https://h/:splat", 308),
            ("/**", "/closed.html", 302),
            ("/a", "https://h/a", 301),
        ] {
            assert!(RedirectRules::new(&[rule(from, to, status)]).is_ok(), "{from} {to}");
        }
    }

    #[test]
    fn forbids_what_leads_nowhere() {
        let from_takes =
            "`from` takes a path that begins with `/`, such as \"/old/:name\" or \"/blog/**\"";
        let to_takes =
            "`to` takes a path or a URL, such as \"/new/:name\" or \"https://example.com/:splat\"";
        let again = |from| format!("`to` takes a path that `{from}` does not match again");
        for (from, to, status, expected) in [
            ("old", "/new", 301, from_takes.to_owned()),
            ("/[a", "/new", 301, format!("{from_takes} (unclosed character class; missing ']')")),
            ("/a", "//evil", 301, to_takes.to_owned()),
            ("/a", "/100%", 301, format!("{to_takes} (a `%` is written `%25`)")),
            ("/a", "/b", 200, "`status` takes 301, 302, 303, 307 or 308".to_owned()),
            ("/a", "/b", 304, "`status` takes 301, 302, 303, 307 or 308".to_owned()),
            (
                "/old/:name",
                "/new/:slug",
                301,
                "`to` takes names that are in `from` only, and `:slug` is not in `/old/:name`"
                    .to_owned(),
            ),
            (
                "/old/*",
                "/new/:splat",
                301,
                "`to` takes `:splat` only where `from` ends in its first `**`, and `/old/*` does not"
                    .to_owned(),
            ),
            ("/a", "/a", 301, again("/a")),
            ("/a", "/a?b", 301, again("/a")),
            ("/a b", "/a%20b", 301, again("/a b")),
            ("/a/:x", "/a/:x", 301, again("/a/:x")),
            ("/a/:x", "/a/new-:x", 301, again("/a/:x")),
            ("/a/**", "/a/b/:splat", 301, again("/a/**")),
        ] {
            let error = RedirectRules::new(&[rule("/ok", "/fine", 301), rule(from, to, status)]);
            assert_eq!(error.unwrap_err().to_string(), format!("rule 2: {expected}"));
        }
    }
}

//! Rules that change the header fields of responses.

use std::{borrow::Cow, collections::BTreeMap, slice};

use globset::{Glob, GlobSet};
use serde::{Deserialize, Serialize};

use super::{
    Fault, Key, RuleError, RulePart, TAKES_MEDIA_TYPE, compile_glob, is_percent_encoded, takes,
};
use crate::http::{
    HeaderName, StatusCode,
    grammar::is_ascii_text_byte,
    media_type::{MediaType, is_media_type},
    response::Response,
};

/// The keys of a rule.
pub const HEADER_KEYS: &[Key] = &[
    Key {
        name: "path",
        takes: r#"a glob that begins with `/` or `**/`, such as "/assets/**""#,
        is_required: true,
    },
    Key {
        name: "set",
        takes: r#"header names with their values, such as { X-Frame-Options = "DENY" }"#,
        is_required: false,
    },
    Key {
        name: "add",
        takes: r#"header names with a value or a list of them, such as { Vary = "Origin" }"#,
        is_required: false,
    },
    Key {
        name: "remove",
        takes: r#"a list of header names, such as ["Cache-Control"]"#,
        is_required: false,
    },
];

/// What no rule means in particular, since no path holds NUL: a glob that matches both is
/// for every path.
const NO_PATHS: [&str; 2] = ["/\0", "/\0/\0"];

/// How long a response may be kept.
const FRESHNESS: &[&str] = &["Cache-Control", "Expires"];
/// What a response holds.
const CONTENT: &[&str] = &["Content-Type", "Content-Disposition", "Content-Language"];

/// One table of `[[headers]]`, as written; [`HeaderRules::new`] checks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderRule {
    /// The glob of the decoded paths that it is for.
    pub path: String,
    /// Fields that replace any of the same name.
    pub set: BTreeMap<String, String>,
    /// Field lines that come on top of any of the same name.
    pub add: BTreeMap<String, Values>,
    /// Names of the fields that are taken away.
    pub remove: Vec<String>,
}

/// What is added for one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// One field line.
    One(String),
    /// A field line for each.
    Many(Vec<String>),
}

/// All rules, ready to be applied.
#[derive(Debug, Default)]
pub struct HeaderRules {
    /// One for each rule.
    globs: GlobSet,
    /// Which of them match every path, as `/**` does.
    for_all: Vec<usize>,
    rules: Vec<HeaderRule>,
}

impl HeaderRules {
    /// Checks and compiles `rules`.
    ///
    /// # Errors
    /// The first rule whose glob, names or values are not valid, or that would
    /// change what the server writes itself.
    pub fn new(rules: &[HeaderRule]) -> Result<Self, RuleError> {
        let globs = rules.iter().enumerate().map(|(idx, rule)| {
            let glob = rule.check();
            glob.map_err(|fault| fault.at(idx))
        });
        let globs = GlobSet::new(globs.collect::<Result<Vec<_>, _>>()?);
        // Globs that compile one by one can be too many for one automaton.
        let too_many =
            |error| Fault::new("path", RulePart::Whole, format!("fewer globs ({error})"));
        let globs = globs.map_err(|error| too_many(error).at(0))?;
        let [mut for_all, others] = NO_PATHS.map(|path| globs.matches(path));
        for_all.retain(|idx| others.contains(idx));
        Ok(Self { globs, for_all, rules: rules.to_vec() })
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Applies each rule whose glob matches the decoded `path` to `response`, in order.
    ///
    /// How long a response may be kept, and what it holds, is changed only where
    /// it is what the author of the rule had in mind: not on errors, redirects,
    /// and the path-echo page, which a rule for `/assets/**` could otherwise make
    /// browsers keep for a year.
    pub fn apply(&self, path: &str, response: &mut Response) {
        self.apply_some(&self.globs.matches(path), response);
    }

    /// Applies the rules for every path to the response to a request that could not be read,
    /// and so has no path.
    pub fn apply_without_path(&self, response: &mut Response) {
        self.apply_some(&self.for_all, response);
    }

    fn apply_some(&self, rules: &[usize], response: &mut Response) {
        if rules.is_empty() {
            return;
        }
        let kept = kept_fields(response);
        for &idx in rules {
            if let Some(rule) = self.rules.get(idx) {
                rule.apply(kept, response);
            }
        }
    }
}

/// The fields of `response` that no rule changes.
fn kept_fields(response: &Response) -> &'static [&'static [&'static str]] {
    let is_content = response.status.is_success();
    let is_not_modified = response.status == StatusCode::NOT_MODIFIED;
    let is_kept_by_nobody = response.get("Cache-Control") == Some("no-store");
    if is_kept_by_nobody || !(is_content || is_not_modified) {
        return &[FRESHNESS, CONTENT];
    }
    // The type of several ranges names the boundary between them (RFC 9110, 14.6).
    let is_multipart = response.status == StatusCode::PARTIAL_CONTENT
        && response
            .get("Content-Type")
            .is_some_and(|value| MediaType::read(value).is_of("multipart"));
    // RFC 9110, 15.4.5: a 304 should say no more of the content than a cache needs.
    if is_not_modified || is_multipart { &[CONTENT] } else { &[] }
}

impl HeaderRule {
    fn apply(&self, kept: &[&[&str]], response: &mut Response) {
        let may_change = |name: &str| {
            !kept.iter().copied().flatten().any(|kept| kept.eq_ignore_ascii_case(name))
        };
        for name in self.remove.iter().filter(|name| may_change(name)) {
            response.remove(name);
        }
        for (name, value) in self.set.iter().filter(|(name, _)| may_change(name)) {
            response.set(Cow::Owned(name.clone()), Cow::Owned(value.clone()));
        }
        for (name, values) in self.add.iter().filter(|(name, _)| may_change(name)) {
            for value in values.as_slice() {
                response.append(Cow::Owned(name.clone()), Cow::Owned(value.clone()));
            }
        }
    }

    fn check(&self) -> Result<Glob, Fault> {
        let glob = self.check_path()?;
        for (name, value) in &self.set {
            check_name("set", name, RulePart::Name(name.clone()))?;
            check_value("set", name, value)?;
        }
        for (name, values) in &self.add {
            check_name("add", name, RulePart::Name(name.clone()))?;
            values.as_slice().iter().try_for_each(|value| check_value("add", name, value))?;
        }
        for (idx, name) in self.remove.iter().enumerate() {
            check_name("remove", name, RulePart::Item(idx))?;
        }
        Ok(glob)
    }

    fn check_path(&self) -> Result<Glob, Fault> {
        let refuse = |why: &str| {
            let takes = takes(HEADER_KEYS, "path");
            Fault::new("path", RulePart::Whole, format!("{takes}{why}"))
        };
        if is_percent_encoded(&self.path) {
            return Err(refuse(", written as it reads: a space, not `%20`"));
        }
        // Any other beginning, such as that of `*.js`, matches no path at all.
        if !self.path.starts_with('/') && !self.path.starts_with("**/") {
            return Err(refuse(""));
        }
        compile_glob(&self.path).map_err(|why| refuse(&format!(" ({why})")))
    }
}

impl Values {
    /// The value of each line.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

fn check_name(key: &'static str, name: &str, part: RulePart) -> Result<(), Fault> {
    let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(Fault::new(key, part, takes(HEADER_KEYS, key)));
    };
    match reason_against(key, parsed.as_str()) {
        Some(reason) => Err(Fault::new(key, part, format!("no `{name}`: {reason}"))),
        None => Ok(()),
    }
}

fn check_value(key: &'static str, name: &str, value: &str) -> Result<(), Fault> {
    let refuse = |takes: &str| Err(Fault::new(key, RulePart::ValueOf(name.to_owned()), takes));
    // RFC 9110, 5.5: of what a value may hold, the part that all read alike.
    let is_text = value.bytes().all(is_ascii_text_byte);
    if !is_text || value.trim_ascii() != value {
        return refuse("values of ASCII text, without line ends or spaces around it");
    }
    if name.eq_ignore_ascii_case("Content-Type") && !is_media_type(value) {
        return refuse(&format!("as `{name}` {}", TAKES_MEDIA_TYPE));
    }
    Ok(())
}

/// The reason against a rule with `key` for the field `name`, which is in lower case:
/// the server would send something that is not so.
fn reason_against(key: &str, name: &str) -> Option<&'static str> {
    Some(match name {
        "content-length" | "transfer-encoding" => "the server counts the bytes that it sends",
        "connection" | "keep-alive" | "proxy-connection" | "te" | "trailer" | "upgrade" => {
            "it is about the connection, which the server manages"
        }
        "date" | "server" => "the server writes it with every response",
        "content-encoding" => "it says how the server compressed what it sends",
        "content-range" | "accept-ranges" => "it says which parts of a file the server sends",
        "etag" | "last-modified" => "the server makes it from the file, to compare it later",
        "allow" => "it lists the methods that the server takes",
        "location" => "where a path leads is for `[[redirects]]` to say",
        "content-type" if key != "set" => "a response has exactly one; name another under `set`",
        "vary" if key != "add" => "the server needs what it says there; put more under `add`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::http::{
        date::DateField,
        prepared::{Persistence, Prepared},
    };

    fn rule(
        path: &str,
        set: &[(&str, &str)],
        add: &[(&str, &[&str])],
        remove: &[&str],
    ) -> HeaderRule {
        let owned = |text: &&str| (*text).to_owned();
        let many = |values: &[&str]| Values::Many(values.iter().map(owned).collect());
        HeaderRule {
            path: path.to_owned(),
            set: set.iter().map(|(name, value)| (owned(name), owned(value))).collect(),
            add: add.iter().map(|(name, values)| (owned(name), many(values))).collect(),
            remove: remove.iter().map(owned).collect(),
        }
    }

    /// The fields of `response` after the rules, as `name: value` in order.
    fn applied(rules: &[HeaderRule], path: &str, mut response: Response) -> String {
        HeaderRules::new(rules).unwrap().apply(path, &mut response);
        let mut head = Vec::new();
        let date = DateField::new(UNIX_EPOCH);
        Prepared::from(response).write_head(&mut head, &date, Persistence::KeepAlive);
        let head = String::from_utf8(head).unwrap();
        let is_ours = |line: &&str| {
            !["HTTP/", "Server:", "Date:", "Content-Length:"]
                .iter()
                .any(|own| line.starts_with(own))
        };
        head.lines().filter(is_ours).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn ok() -> Response {
        Response::text(StatusCode::OK, "").with("Cache-Control", "no-cache")
    }

    const TEXT: &str = "Content-Type: text/plain; charset=utf-8";

    #[test]
    fn what_has_no_path_gets_the_rules_for_every_path() {
        for (path, is_for_all) in [
            ("/**", true),
            ("**/*", true),
            ("/**/*", true),
            ("/", false),
            ("/*", false),
            ("/*/*", false),
            ("/assets/**", false),
            ("**/*.css", false),
        ] {
            let rules = HeaderRules::new(&[rule(path, &[("X-A", "1")], &[], &[])]).unwrap();
            let mut response = Response::text(StatusCode::BAD_REQUEST, "");
            rules.apply_without_path(&mut response);
            assert_eq!(response.get("X-A").is_some(), is_for_all, "{path}");
        }
    }

    #[test]
    fn sets_adds_and_removes_in_the_order_of_the_rules() {
        let rules = [
            rule("/**", &[("x-a", "1")], &[("Vary", &["Origin", "Accept"])], &[]),
            rule("/a/*", &[("X-A", "2")], &[("X-A", &["3"])], &["Cache-control"]),
            rule("**/*.js", &[], &[], &["x-a"]),
        ];
        let vary = "Vary: Origin\nVary: Accept";
        for (path, expected) in [
            ("/", format!("{TEXT}\nCache-Control: no-cache\nx-a: 1\n{vary}")),
            ("/a/b", format!("{TEXT}\n{vary}\nX-A: 2\nX-A: 3")),
            ("/a/b.js", format!("{TEXT}\n{vary}")),
            ("/a/b/c", format!("{TEXT}\nCache-Control: no-cache\nx-a: 1\n{vary}")),
            ("*", format!("{TEXT}\nCache-Control: no-cache")),
        ] {
            assert_eq!(applied(&rules, path, ok()), expected, "{path}");
        }
    }

    #[test]
    fn a_rule_takes_away_before_it_sets() {
        let rules = [rule("/**", &[("X-A", "2")], &[], &["X-A"])];
        assert!(applied(&rules, "/", ok().with("X-A", "1")).ends_with("X-A: 2"));
    }

    #[test]
    fn no_rules_change_nothing() {
        assert_eq!(applied(&[], "/", ok()), format!("{TEXT}\nCache-Control: no-cache"));
    }

    #[test]
    fn errors_redirects_and_the_echo_page_keep_how_they_are_kept() {
        let set = [("Cache-Control", "max-age=9"), ("Content-Type", "a/b"), ("X-Frame", "DENY")];
        let rules = [rule("/**", &set, &[("expires", &["0"])], &["Content-Disposition"])];
        let response = |status, caching: &'static str| {
            Response::text(status, "").with("Cache-Control", caching)
        };
        for (status, caching) in [
            (StatusCode::NOT_FOUND, "no-store"),
            (StatusCode::INTERNAL_SERVER_ERROR, "no-cache"),
            (StatusCode::MOVED_PERMANENTLY, "no-cache"),
            (StatusCode::OK, "no-store"),
        ] {
            let expected = format!("{TEXT}\nCache-Control: {caching}\nX-Frame: DENY");
            assert_eq!(applied(&rules, "/", response(status, caching)), expected, "{status}");
        }
        for status in [StatusCode::OK, StatusCode::PARTIAL_CONTENT] {
            let expected = "Cache-Control: max-age=9\nContent-Type: a/b\nX-Frame: DENY\nexpires: 0";
            assert_eq!(applied(&rules, "/", response(status, "no-cache")), expected, "{status}");
        }
    }

    #[test]
    fn not_modified_is_kept_like_the_page_and_says_no_type() {
        let rules =
            [rule("/**", &[("Cache-Control", "max-age=9"), ("Content-Type", "a/b")], &[], &[])];
        let mut response = ok();
        response.status = StatusCode::NOT_MODIFIED;
        response.remove("Content-Type");
        assert_eq!(applied(&rules, "/", response), "Cache-Control: max-age=9");
    }

    #[test]
    fn several_ranges_keep_the_type_that_parts_them() {
        let rules = [rule("/**", &[("Content-Type", "a/b")], &[], &[])];
        let content_type = "multipart/byteranges; boundary=x";
        let mut response = Response::text(StatusCode::PARTIAL_CONTENT, "");
        response.set("Content-Type", content_type);
        assert_eq!(applied(&rules, "/", response), format!("Content-Type: {content_type}"));
    }

    fn fault(rule: HeaderRule) -> Option<String> {
        let error = HeaderRules::new(&[rule]).err()?;
        let part = match &error.part {
            RulePart::Whole => String::new(),
            RulePart::Name(name) => format!(" at {name}"),
            RulePart::ValueOf(name) => format!(" in {name}"),
            RulePart::Item(idx) => format!(" at {idx}"),
        };
        Some(format!("{error}{part}"))
    }

    #[test]
    fn allows_any_other_field() {
        for (name, value) in [
            ("Content-Security-Policy", "default-src 'self'; img-src *"),
            ("Strict-Transport-Security", "max-age=63072000"),
            ("Access-Control-Allow-Origin", "*"),
            ("Content-Type", "text/plain; charset=\"utf-8\""),
            ("X-Tab", "a\tb"),
            ("X-Empty", ""),
        ] {
            assert_eq!(fault(rule("/**", &[(name, value)], &[], &[])), None, "{name}");
        }
        assert_eq!(fault(rule("**/a b/\u{e9}[0-9]%", &[], &[("vary", &["a"])], &["X-A"])), None);
    }

    #[test]
    fn forbids_fields_that_the_server_writes_itself() {
        for name in [
            "content-length",
            "Transfer-Encoding",
            "Connection",
            "Keep-Alive",
            "Upgrade",
            "DATE",
            "Server",
            "Content-Encoding",
            "Content-Range",
            "Accept-Ranges",
            "ETag",
            "Last-Modified",
            "Allow",
            "Location",
        ] {
            for (key, rule) in [
                ("set", rule("/**", &[(name, "1")], &[], &[])),
                ("add", rule("/**", &[], &[(name, &["1"])], &[])),
                ("remove", rule("/**", &[], &[], &[name])),
            ] {
                let refused = format!("rule 1: `{key}` takes no `{name}`: ");
                let fault = fault(rule).unwrap();
                assert!(fault.starts_with(&refused), "{fault}");
            }
        }
    }

    #[test]
    fn forbids_what_breaks_one_use_of_a_field() {
        for rule in [
            rule("/**", &[], &[("content-type", &["a/b"])], &[]),
            rule("/**", &[], &[], &["Content-Type"]),
            rule("/**", &[("VARY", "Origin")], &[], &[]),
            rule("/**", &[], &[], &["Vary"]),
        ] {
            assert!(fault(rule.clone()).is_some(), "{rule:?}");
        }
    }

    #[test]
    fn forbids_malformed_names_values_and_globs() {
        let text = "values of ASCII text, without line ends or spaces around it";
        let glob = "a glob that begins with `/` or `**/`, such as \"/assets/**\"";
        for (rule, expected) in [
            (
                rule("/**", &[("X A", "1")], &[], &[]),
                "`set` takes header names with their values, such as { X-Frame-Options = \"DENY\" } at X A"
                    .to_owned(),
            ),
            (
                rule("/**", &[], &[("", &["1"])], &[]),
                "`add` takes header names with a value or a list of them, such as { Vary = \"Origin\" } at "
                    .to_owned(),
            ),
            (
                rule("/**", &[], &[], &["X-A", "X-A:"]),
                "`remove` takes a list of header names, such as [\"Cache-Control\"] at 1".to_owned(),
            ),
            (rule("/**", &[("X-A", "1\r\nX-B: 2")], &[], &[]), format!("`set` takes {text} in X-A")),
            (rule("/**", &[("X-A", "\u{e9}")], &[], &[]), format!("`set` takes {text} in X-A")),
            (rule("/**", &[], &[("X-A", &["1", " 2"])], &[]), format!("`add` takes {text} in X-A")),
            (
                rule("/**", &[("Content-Type", "html")], &[], &[]),
                "`set` takes as `Content-Type` a media type, such as \"text/markdown; charset=utf-8\" \
                 in Content-Type"
                    .to_owned(),
            ),
            (rule("*.js", &[], &[], &[]), format!("`path` takes {glob}")),
            (rule("", &[], &[], &[]), format!("`path` takes {glob}")),
            (
                rule("/[a", &[], &[], &[]),
                format!("`path` takes {glob} (unclosed character class; missing ']')"),
            ),
            (
                rule("/a%20b", &[], &[], &[]),
                format!("`path` takes {glob}, written as it reads: a space, not `%20`"),
            ),
        ] {
            assert_eq!(fault(rule), Some(format!("rule 1: {expected}")));
        }
    }

    #[test]
    fn an_error_counts_the_rules() {
        let rules = [rule("/", &[], &[], &[]), rule("a", &[], &[], &[])];
        assert_eq!(HeaderRules::new(&rules).unwrap_err().idx, 1);
    }
}

//! `urlize`: the URLs and addresses in a text as links, by the rules of Jinja's.

use minijinja::{
    Error, State, Value, filters,
    value::{Kwargs, Rest, ValueOrKwargs},
};

use crate::site::{
    builtin::escaped,
    templates::limits::{added::by_name, check_time_seldom},
};

pub(crate) const ARGS: [&str; 5] = ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"];

/// Domains that make a link without a scheme.
const BARE_DOMAINS: [&str; 8] = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];
const LONGEST_DOMAIN_NAME: usize = 63;

/// What becomes of each link.
struct Style {
    limit: Option<usize>,
    /// ` rel="…" target="…"`
    attributes: String,
    extra_schemes: Vec<String>,
}

/// `urlize(trim_url_limit=none, nofollow=false, target=none, rel=none, extra_schemes=none)`.
pub(crate) fn urlize(
    state: &State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let kwargs = by_name(args.into_values(), &ARGS)?;
    let style = Style::read(&kwargs)?;
    kwargs.assert_all_used()?;
    let text = filters::string(state, value)?;
    let mut linked = String::new();
    for piece in text.as_str().unwrap_or_default().split_inclusive(char::is_whitespace) {
        check_time_seldom()?;
        let word = piece.trim_end();
        let space = &piece[word.len()..];
        // What is safe is HTML already.
        let word = if text.is_safe() { word.to_owned() } else { escaped(word) };
        style.link(&word, &mut linked);
        linked.push_str(space);
    }
    Ok(Value::from_safe_string(linked))
}

impl Style {
    fn read(kwargs: &Kwargs) -> Result<Self, Error> {
        let limit = kwargs.get::<Option<usize>>("trim_url_limit")?;
        let rel = kwargs.get::<Option<String>>("rel")?.unwrap_or_default();
        let nofollow = kwargs.get::<Option<bool>>("nofollow")?.unwrap_or(false);
        let mut rel: Vec<&str> = rel.split_whitespace().chain(["noopener"]).collect();
        rel.extend(nofollow.then_some("nofollow"));
        rel.sort_unstable();
        rel.dedup();
        let mut attributes = format!(" rel=\"{}\"", escaped(&rel.join(" ")));
        if let Some(target) = kwargs.get::<Option<String>>("target")? {
            attributes += &format!(" target=\"{}\"", escaped(&target));
        }
        let extra_schemes = kwargs.get::<Option<Vec<String>>>("extra_schemes")?;
        Ok(Self { limit, attributes, extra_schemes: extra_schemes.unwrap_or_default() })
    }

    /// Writes a word of HTML, with a link in it where it is one.
    fn link(&self, word: &str, out: &mut String) {
        let (head, middle, tail) = parts(word);
        out.push_str(head);
        let address = middle.strip_prefix("mailto:").unwrap_or(middle);
        if is_url(middle) {
            let has_scheme = strip_web_scheme(middle).is_some();
            let scheme = if has_scheme { "" } else { "https://" };
            self.write(scheme, middle, &self.trimmed(middle), out);
        } else if is_email(address) {
            out.push_str(&format!("<a href=\"mailto:{address}\">{address}</a>"));
        } else if self.extra_schemes.iter().any(|scheme| is_of_scheme(middle, scheme)) {
            self.write("", middle, middle, out);
        } else {
            out.push_str(middle);
        }
        out.push_str(tail);
    }

    fn write(&self, scheme: &str, url: &str, shown: &str, out: &mut String) {
        let attributes = &self.attributes;
        out.push_str(&format!("<a href=\"{scheme}{url}\"{attributes}>{shown}</a>"));
    }

    fn trimmed(&self, url: &str) -> String {
        match self.limit.and_then(|limit| url.char_indices().nth(limit)) {
            Some((end, _)) => format!("{}...", &url[..end]),
            None => url.to_owned(),
        }
    }
}

/// A word without the punctuation around it, which a bracket that it opens belongs to.
fn parts(word: &str) -> (&str, &str, &str) {
    const CLOSING: [&str; 5] = [")", "&gt;", ".", ",", ">"];
    let mut start = 0;
    while let Some(len) = ["(", "<", "&lt;"].iter().find_map(|open| len_of(&word[start..], open)) {
        start += len;
    }
    let mut end = word.len();
    while let Some(close) = CLOSING.iter().find(|close| word[start..end].ends_with(**close)) {
        end -= close.len();
    }
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let middle = &word[start..end];
        let missing = middle.matches(open).count().saturating_sub(middle.matches(close).count());
        let closing = word[end..].match_indices(close).take(missing).last();
        end += closing.map_or(0, |(at, close)| at + close.len());
    }
    (&word[..start], &word[start..end], &word[end..])
}

fn len_of(text: &str, start: &str) -> Option<usize> {
    text.starts_with(start).then_some(start.len())
}

fn is_of_scheme(word: &str, scheme: &str) -> bool {
    word.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())
}

fn strip_web_scheme(url: &str) -> Option<&str> {
    let len = ["https://", "http://"].iter().find_map(|scheme| {
        let start = url.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(scheme.len())
    })?;
    url.get(len..)
}

/// Whether a word is the URL of a page: with a scheme or `www.`, or of a usual domain.
fn is_url(word: &str) -> bool {
    let after_scheme = strip_web_scheme(word);
    let rest = after_scheme.unwrap_or(word);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if after_scheme.is_some() && is_address(host) {
        return true;
    }
    let (host, port) = host.split_once(':').unwrap_or((host, "0"));
    if port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut labels: Vec<&str> = host.split('.').collect();
    let top = labels.pop().unwrap_or_default().to_ascii_lowercase();
    let is_label = |label: &&str| {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '%');
        !label.is_empty() && label.chars().all(is_part)
    };
    if !labels.iter().all(is_label) {
        return false;
    }
    let is_www = labels.first().is_some_and(|label| label.eq_ignore_ascii_case("www"));
    if after_scheme.is_some() || is_www {
        is_top_domain(&top)
    } else {
        !labels.is_empty() && BARE_DOMAINS.contains(&top.as_str())
    }
}

fn is_top_domain(name: &str) -> bool {
    let is_idna = name.strip_prefix("xn--").is_some_and(|rest| rest.len() >= 2);
    let is_plain = name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_lowercase());
    name.len() <= LONGEST_DOMAIN_NAME && (is_plain || is_idna)
}

/// Whether a host is an IP address, with or without a port.
fn is_address(host: &str) -> bool {
    host.parse::<std::net::SocketAddr>().is_ok()
        || host.parse::<std::net::Ipv4Addr>().is_ok()
        || host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_email(word: &str) -> bool {
    let Some((name, domain)) = word.rsplit_once('@') else { return false };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let top = domain.rsplit('.').next().unwrap_or_default();
    !name.is_empty()
        && !name.starts_with('@')
        && !name.contains(':')
        && !word.starts_with("www.")
        && domain.contains('.')
        && !domain.starts_with(['.', '-'])
        && domain.chars().all(is_part)
        && !top.is_empty()
        && !top.contains('-')
}

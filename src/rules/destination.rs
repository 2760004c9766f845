//! Destinations of redirects: a path or a URL, with places for parts of the requested path.

use super::{
    check_size,
    pattern::{continues_name, starts_name},
};
use crate::http::{grammar::starts_with_hex_pair, host::Host, url_path::UrlPath};

/// A target such as `/new/:name` or `https://example.com/:splat?from=:name`.
#[derive(Debug)]
pub(super) struct Destination {
    /// Scheme and authority; empty for a path of this server.
    origin: String,
    path: Vec<Piece>,
    query: Option<Vec<Piece>>,
    fragment: Option<Vec<Piece>>,
}

/// A piece of a target.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// What stays as it is, encoded.
    Text(String),
    /// The name of what takes this place.
    Placeholder(String),
}

impl Destination {
    /// Reads `to`. What cannot stand in a URL, such as a space or `é`, is encoded;
    /// what is encoded stays so.
    ///
    /// # Errors
    /// What finishes "`to` takes a path or a URL …".
    pub(super) fn parse(to: &str) -> Result<Self, String> {
        check_size(to).map_err(|why| format!(" ({why})"))?;
        let (origin, rest) = split_origin(to).ok_or("")?;
        let (rest, fragment) = split_off(rest, '#');
        let (path, query) = split_off(rest, '?');
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self {
            origin: origin.to_owned(),
            path: pieces(path)?,
            query: query.map(pieces).transpose()?,
            fragment: fragment.map(pieces).transpose()?,
        })
    }

    /// Where it leads, encoded, with `:name` for each placeholder.
    pub(super) fn written(&self) -> String {
        let text = |pieces: &[Piece]| -> String {
            let text = |piece: &Piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Placeholder(name) => format!(":{name}"),
            };
            pieces.iter().map(text).collect()
        };
        let part = |separator, pieces: &Option<Vec<Piece>>| {
            pieces.as_ref().map_or_else(String::new, |own| format!("{separator}{}", text(own)))
        };
        let (query, fragment) = (part('?', &self.query), part('#', &self.fragment));
        format!("{}{}{query}{fragment}", self.origin, text(&self.path))
    }

    /// Whether it is a path of this server.
    pub(super) fn is_path(&self) -> bool {
        self.origin.is_empty()
    }

    /// Whether it is an `http` URL with one of these authorities.
    pub(super) fn leads_to(&self, authorities: &[String]) -> bool {
        let host = self.origin.strip_prefix("http://").and_then(Host::parse);
        host.is_some_and(|host| {
            let port = host.port().unwrap_or(80);
            let authority = format!("{}:{port}", host.name_without_dot()).to_ascii_lowercase();
            authorities.contains(&authority)
        })
    }

    /// The name of each placeholder.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let parts = [Some(&self.path), self.query.as_ref(), self.fragment.as_ref()];
        parts.into_iter().flatten().flatten().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Placeholder(name) => Some(name.as_str()),
        })
    }

    /// The encoded path, with what `captured` says for each name. `None` where
    /// that could not have come from a request.
    pub(super) fn path<'p>(&self, captured: impl Fn(&str) -> Option<&'p str>) -> Option<String> {
        let path = expand(&self.path, |name| encoded(captured(name)?))?;
        // An empty part can leave `//host`, which leads to another server.
        let is_host_relative = self.is_path() && path.starts_with("//");
        Some(if is_host_relative { format!("/{}", path.trim_start_matches('/')) } else { path })
    }

    /// The value of `Location`, with `path` from [`Destination::path`] and the
    /// request's `query`, where there is none of its own.
    pub(super) fn location<'p>(
        &self,
        path: &str,
        query: Option<&str>,
        captured: impl Fn(&str) -> Option<&'p str>,
    ) -> Option<String> {
        let value = |name: &str| encoded_as_parameter(captured(name)?);
        let query = match &self.query {
            Some(own) => Some(expand(own, value)?),
            None => query.filter(|query| is_printable(query)).map(str::to_owned),
        };
        let fragment = self.fragment.as_ref().map(|own| expand(own, value));
        let mut location = format!("{}{path}", self.origin);
        if let Some(query) = query {
            location.push('?');
            location.push_str(&query);
        }
        if let Some(fragment) = fragment {
            location.push('#');
            location.push_str(&fragment?);
        }
        Some(location)
    }
}

/// Splits `https://host:port` from the rest; a path has none. A `//host` without
/// a scheme reads like a path and is a host: neither.
fn split_origin(to: &str) -> Option<(&str, &str)> {
    if to.starts_with('/') {
        return (!to.starts_with("//")).then_some(("", to));
    }
    let after_scheme = to.strip_prefix("https://").or_else(|| to.strip_prefix("http://"))?;
    let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
    let (authority, rest) = after_scheme.split_at(end);
    Host::parse(authority)?;
    Some((to.strip_suffix(rest)?, rest))
}

fn split_off(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Cuts `text` at its placeholders. A `:` within a word or before a digit, as in
/// `Help:Contents` and `12:30`, is none.
fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    let mut previous = None;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let follows_word = previous.is_some_and(char::is_alphanumeric);
        if c == ':' && !follows_word && after.starts_with(starts_name) {
            let end = after.find(|c| !continues_name(c)).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
            pieces.push(Piece::Placeholder(name.to_owned()));
            rest = after;
        } else {
            push_encoded(&mut literal, c, after)?;
            rest = after;
        }
        previous = Some(c);
    }
    pieces.push(Piece::Text(literal));
    pieces.retain(|piece| *piece != Piece::Text(String::new()));
    Ok(pieces)
}

/// Writes `c`, which `after` follows, as it can stand in a URL.
fn push_encoded(out: &mut String, c: char, after: &str) -> Result<(), String> {
    match c {
        '%' if starts_with_hex_pair(after) => out.push(c),
        '%' => return Err(" (a `%` is written `%25`)".to_owned()),
        // Browsers read it as a slash.
        '\\' => return Err(" (a `\\` cannot stand in a path)".to_owned()),
        c if c.is_control() => return Err(" (it holds a control character)".to_owned()),
        // Characters of a URL, though not of each part of it (RFC 3986, 2.2 and 2.3).
        c if c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=".contains(c) => out.push(c),
        c => out.push_str(&encoded(c.encode_utf8(&mut [0; 4])).unwrap_or_default()),
    }
    Ok(())
}

fn expand(pieces: &[Piece], captured: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut expanded = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => expanded.push_str(text),
            Piece::Placeholder(name) => expanded.push_str(&captured(name)?),
        }
    }
    Some(expanded)
}

/// The segments of a decoded path, each encoded again.
fn encoded(segments: &str) -> Option<String> {
    let name = segments.trim_end_matches('/');
    let path = UrlPath::of_name(name, name.len() < segments.len())?;
    Some(path.encoded().split_off(1))
}

/// The same for a query or fragment, where more has a meaning of its own.
fn encoded_as_parameter(segments: &str) -> Option<String> {
    let encoded = encoded(segments)?;
    Some(encoded.replace('&', "%26").replace('+', "%2B").replace('=', "%3D"))
}

/// Whether `query` is what a target can hold: nothing that ends a header line.
fn is_printable(query: &str) -> bool {
    query.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `to` leads when each name stands for `value`.
    fn location(to: &str, value: &str, query: Option<&str>) -> Option<String> {
        let destination = Destination::parse(to).unwrap();
        let path = destination.path(|_| Some(value))?;
        destination.location(&path, query, |_| Some(value))
    }

    #[test]
    fn puts_parts_in_their_places() {
        for (to, value, expected) in [
            ("/new/:name", "a b", "/new/a%20b"),
            ("/new/:name.html", "\u{e9}", "/new/%C3%A9.html"),
            ("/:year-:month", "1", "/1-1"),
            ("/n/:splat", "a/b?c/", "/n/a/b%3Fc/"),
            ("/n/:splat", "", "/n/"),
            ("/new/:name", "%2e\r\n", "/new/%252e%0D%0A"),
            ("/Help:Contents/12:30/a:", "x", "/Help:Contents/12:30/a:"),
            ("/s?q=:name&t=1#:name", "a&b=c+d", "/s?q=a%26b%3Dc%2Bd&t=1#a%26b%3Dc%2Bd"),
            ("https://h:80/:name", "x", "https://h:80/x"),
            ("http://h", "x", "http://h/"),
            ("https://[::1]?a", "x", "https://[::1]/?a"),
            ("/caf\u{e9} b/%C3%A9", "x", "/caf%C3%A9%20b/%C3%A9"),
            ("/<\"a\">", "x", "/%3C%22a%22%3E"),
        ] {
            assert_eq!(location(to, value, None).as_deref(), Some(expected), "{to}");
        }
    }

    #[test]
    fn keeps_the_query_unless_it_has_one() {
        for (to, query, expected) in [
            ("/a", Some("b=%20"), "/a?b=%20"),
            ("/a", Some(""), "/a?"),
            ("/a", None, "/a"),
            ("/a?c", Some("b"), "/a?c"),
            ("/a?", Some("b"), "/a?"),
            ("/a#d", Some("b"), "/a?b#d"),
            ("https://h", Some("b"), "https://h/?b"),
            ("/a", Some("b\r\nX: y"), "/a"),
        ] {
            assert_eq!(location(to, "x", query).as_deref(), Some(expected), "{to}");
        }
    }

    #[test]
    fn never_leads_to_another_host_by_what_was_asked_for() {
        for (to, value, expected) in [
            ("/:splat/evil.example", "", Some("/evil.example")),
            ("/:splat/:splat/x", "", Some("/x")),
            ("/:name", "/evil.example", None),
            ("/:name", "\\evil.example", None),
            ("/:name", "..", None),
            ("/:name", "a\0", None),
        ] {
            assert_eq!(location(to, value, None).as_deref(), expected, "{to} {value}");
        }
    }

    #[test]
    fn forbids_what_is_no_path_and_no_url() {
        for (to, why) in [
            ("", ""),
            ("new", ""),
            (":name", ""),
            ("//h/a", ""),
            ("ftp://h", ""),
            ("javascript:alert(1)", ""),
            ("https://", ""),
            ("https://:name/", ""),
            ("https://u@h/", ""),
            ("https://a b/", ""),
            ("/a\\b", " (a `\\` cannot stand in a path)"),
            ("/a\r\nX: y", " (it holds a control character)"),
            ("/100%", " (a `%` is written `%25`)"),
            ("/?%zz", " (a `%` is written `%25`)"),
        ] {
            assert_eq!(Destination::parse(to).unwrap_err(), why, "{to}");
        }
    }

    #[test]
    fn lists_its_names() {
        let destination = Destination::parse("/:a/:b?c=:d#:e").unwrap();
        assert_eq!(destination.names().collect::<Vec<_>>(), ["a", "b", "d", "e"]);
    }
}

//! The request target and its four forms (RFC 9112, 3.2).

use super::{Method, error::RequestError, grammar::percent_triplets_are_whole, host::Host};

/// A request target in a form that its method takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    raw: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    host: Option<Host<'a>>,
}

impl<'a> Target<'a> {
    /// Reads a target of visible ASCII.
    ///
    /// # Errors
    /// `TargetSyntax` where the form is not one that `method` takes, or where a
    /// `%` of the path is not followed by two hex digits (RFC 3986, 2.1);
    /// `HostSyntax` where an absolute target names no valid host.
    pub fn parse(raw: &'a str, method: &Method) -> Result<Self, RequestError> {
        if *method == Method::CONNECT {
            // authority-form, whose port is not optional (RFC 9112, 3.2.3)
            let host = Host::parse(raw).filter(|host| host.as_str().len() > host.name().len() + 1);
            let host = host.ok_or(RequestError::TargetSyntax)?;
            return Ok(Self { raw, path: "", query: None, host: Some(host) });
        }
        if raw == "*" {
            let is_options = *method == Method::OPTIONS;
            let target = Self { raw, path: raw, query: None, host: None };
            return is_options.then_some(target).ok_or(RequestError::TargetSyntax);
        }
        let (host, origin) = if raw.starts_with('/') { (None, raw) } else { split_absolute(raw)? };
        let (path, query) = match origin.bytes().position(|byte| byte == b'?') {
            Some(mark) => (&origin[..mark], Some(&origin[mark + 1..])),
            None => (origin, None),
        };
        if !percent_triplets_are_whole(path) {
            return Err(RequestError::TargetSyntax);
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { raw, path, query, host })
    }

    /// The same target, as if so many bytes had not stood in front of its path.
    pub(super) fn without_front(self, len: usize) -> Self {
        let Some(path) = self.path.get(len..) else { return self };
        let raw_len = path.len() + self.query.map_or(0, |query| query.len() + 1);
        let raw = self.raw.len().checked_sub(raw_len).and_then(|from| self.raw.get(from..));
        Self { raw: raw.unwrap_or(path), path, ..self }
    }

    /// The target as received, but for the path below which the site is served.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The path, still encoded: starts with `/`, or is `*`, or empty for CONNECT.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// What follows the first `?`, still encoded.
    pub fn query(&self) -> Option<&'a str> {
        self.query
    }

    /// The host of an absolute or authority form, which wins over the field
    /// `Host` (RFC 9112, 3.2.2).
    pub fn host(&self) -> Option<Host<'a>> {
        self.host
    }
}

/// Splits `http://host:port/path?query` into its host and the rest.
fn split_absolute(raw: &str) -> Result<(Option<Host<'_>>, &str), RequestError> {
    let (scheme, rest) = raw.split_once("://").ok_or(RequestError::TargetSyntax)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(RequestError::TargetSyntax);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, origin) = rest.split_at(end);
    let host = Host::parse(authority).ok_or(RequestError::HostSyntax)?;
    Ok((Some(host), origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Result<Target<'_>, RequestError> {
        Target::parse(raw, &Method::GET)
    }

    #[test]
    fn splits_path_and_query() {
        for (raw, path, query) in [
            ("/", "/", None),
            ("/a%20b?x=1?y", "/a%20b", Some("x=1?y")),
            ("/?", "/", Some("")),
            ("/?50%", "/", Some("50%")),
            ("//docs", "//docs", None),
            ("http://h", "/", None),
            ("http://h?q", "/", Some("q")),
            ("HTTP://h:1/a?b", "/a", Some("b")),
        ] {
            let target = parse(raw).unwrap();
            assert_eq!((target.path(), target.query()), (path, query), "{raw}");
            assert_eq!(target.raw(), raw);
        }
    }

    #[test]
    fn absolute_form_names_its_host() {
        assert_eq!(parse("http://h:1/a").unwrap().host().unwrap().as_str(), "h:1");
        assert_eq!(parse("/a").unwrap().host(), None);
    }

    #[test]
    fn forbids_forms_that_the_method_does_not_take() {
        for raw in
            ["*", "a", "h:80", "ftp://h/", "mailto:a@b", "", "?q", "/%", "/%2", "/%zz", "/a%g0"]
        {
            assert_eq!(parse(raw), Err(RequestError::TargetSyntax), "{raw}");
        }
        for raw in ["http://", "http:///a", "http://u@h/", "http://h:x/", "http://:80/"] {
            assert_eq!(parse(raw), Err(RequestError::HostSyntax), "{raw}");
        }
        for raw in ["/", "h", "h:", "http://h:1/", "*"] {
            assert_eq!(
                Target::parse(raw, &Method::CONNECT),
                Err(RequestError::TargetSyntax),
                "{raw}"
            );
        }
        assert!(Target::parse("*a", &Method::OPTIONS).is_err());
    }

    #[test]
    fn allows_the_special_forms_where_they_belong() {
        assert!(Target::parse("*", &Method::OPTIONS).is_ok_and(|target| target.path() == "*"));
        assert!(Target::parse("h:443", &Method::CONNECT).is_ok());
    }
}

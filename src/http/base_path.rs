//! The path below which a site is served: taken away from each request, and put before each
//! path that is answered. All between knows nothing of it.

use super::request::Request;

/// `/docs/site`, or nothing where the site is served at the root of its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath {
    /// Encoded, without a slash at its end.
    path: Box<str>,
}

/// Where a request leads, seen from the base path.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "it lives as long as one request")]
pub enum Place<'a> {
    /// To a path of the site, which the request here is for.
    Inside(Request<'a>),
    /// To the base path without its slash, or to the root above it.
    Above,
    /// Anywhere else.
    Outside,
}

impl BasePath {
    /// Reads a path as it stands in a URL, with a slash at its end or without. `None`
    /// where a browser would change it or end it sooner, or where it holds what has a
    /// meaning in HTML or CSS, into which it is put.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let is_segment = |segment: &str| {
            let is_byte =
                |byte: u8| byte.is_ascii_graphic() && !b"?#\\\"<>^`{|}&'()=".contains(&byte);
            !matches!(segment, "" | "." | "..") && segment.bytes().all(is_byte)
        };
        let mut segments = path.split('/');
        let is_path = segments.next() == Some("") && segments.all(is_segment);
        is_path.then(|| Self { path: path.into() })
    }

    /// Whether the site is served at the root.
    pub fn is_root(&self) -> bool {
        self.path.is_empty()
    }

    /// What stands before the paths of the site, without a slash at its end.
    pub fn prefix(&self) -> &str {
        &self.path
    }

    /// Whether a path begins with it.
    pub fn is_before(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&*self.path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }

    /// Where a request leads.
    pub fn place<'a>(&self, request: &Request<'a>) -> Place<'a> {
        let path = request.target.path();
        match path.strip_prefix(&*self.path) {
            Some(below) if below.starts_with('/') => {
                let target = request.target.without_front(self.path.len());
                Place::Inside(Request { target, ..request.clone() })
            }
            Some("") => Place::Above,
            _ if path == "/" => Place::Above,
            _ => Place::Outside,
        }
    }

    /// The path of the site `path`, as clients ask for it; what is no path stays.
    pub fn with(&self, path: &str) -> String {
        match path.starts_with('/') && !path.starts_with("//") {
            true => format!("{}{path}", self.path),
            false => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request_head::RequestHead;

    /// The target that is left of one, or where it leads else.
    fn place(base: &str, target: &str) -> String {
        let base = BasePath::parse(base).unwrap();
        let place = |request: &Request<'_>| match base.place(request) {
            Place::Inside(request) => {
                let target = request.target;
                let query = target.query().map_or(String::new(), |query| format!("?{query}"));
                assert_eq!(target.raw(), format!("{}{query}", target.path()));
                target.raw().to_owned()
            }
            Place::Above => "above".to_owned(),
            Place::Outside => "outside".to_owned(),
        };
        RequestHead::get(target, "h").with_request(place).unwrap()
    }

    #[test]
    fn takes_the_base_away_and_nothing_else() {
        for (base, target, expected) in [
            ("/docs/site", "/docs/site/", "/"),
            ("/docs/site/", "/docs/site/a/b?c=/docs/site", "/a/b?c=/docs/site"),
            ("/docs/site", "/docs/site//a", "//a"),
            ("/docs/site", "/docs/site/?", "/?"),
            ("/docs/site", "http://h/docs/site/a?b", "/a?b"),
            ("/a", "/a/a/a", "/a/a"),
            ("/docs/site", "/docs/site", "above"),
            ("/docs/site", "/docs/site?q", "above"),
            ("/docs/site", "/", "above"),
            ("/docs/site", "/docs", "outside"),
            ("/docs/site", "/docs/", "outside"),
            ("/docs/site", "/docs/sites/", "outside"),
            ("/docs/site", "/docs/SITE/", "outside"),
            ("/docs/site", "//docs/site/", "outside"),
            ("/", "/a?b", "/a?b"),
            ("", "/", "/"),
        ] {
            assert_eq!(place(base, target), expected, "{base} {target}");
        }
    }

    #[test]
    fn puts_the_base_before_paths_alone() {
        let base = BasePath::parse("/docs").unwrap();
        for (path, expected) in [
            ("/", "/docs/"),
            ("/a?b#c", "/docs/a?b#c"),
            ("https://h/a", "https://h/a"),
            ("//h/a", "//h/a"),
        ] {
            assert_eq!(base.with(path), expected);
        }
        assert_eq!(BasePath::default().with("/a"), "/a");
    }

    #[test]
    fn forbids_what_is_no_path_of_a_url() {
        for text in [
            "docs",
            "//docs",
            "/docs//",
            "/a//b",
            "/./a",
            "/a/..",
            "/a?b",
            "/a#b",
            "/a b",
            "/é",
            "http://h/",
            "/a&b",
            "/a'b",
            "/a(b)",
            "/a=b",
        ] {
            assert_eq!(BasePath::parse(text), None, "{text}");
        }
        for text in ["", "/", "/~ada/site", "/user/ada%40x/proxy/8889/"] {
            assert!(BasePath::parse(text).is_some(), "{text}");
        }
    }
}

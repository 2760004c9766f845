//! The head of a request, owned: of one that is asked again later, or of a GET that no
//! client has sent.

use super::{
    Method,
    request::{self, FieldSlots, Limits, Request, Version},
};

/// The head of a request without a body. Fields and target are what they are: whether a
/// request can be read from them shows when it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The request line, without its line end.
    line: String,
    /// The field lines, each with its line end.
    fields: Vec<u8>,
}

impl RequestHead {
    /// A GET for `target`, a path and query, of `host`.
    pub fn get(target: &str, host: &str) -> Self {
        let line = request_line(&Method::GET, target, Version::Http11);
        Self { line, fields: Vec::new() }.with("Host", host)
    }

    /// The head of `request`, in the same words.
    pub fn of(request: &Request<'_>) -> Self {
        let line = request_line(&request.method, request.target.raw(), request.version);
        let mut head = Self { line, fields: Vec::new() };
        request.headers.iter().for_each(|(name, value)| head.push(name, value));
        head
    }

    /// The same with one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.push(name, value.as_ref());
        self
    }

    /// A GET for another target with the same fields.
    #[must_use]
    pub fn for_target(&self, target: &str) -> Self {
        let line = request_line(&Method::GET, target, Version::Http11);
        Self { line, fields: self.fields.clone() }
    }

    /// The same as a browser sends it that is about to show a page, as far as that is
    /// known: what else it accepts is not.
    #[must_use]
    pub fn as_navigation(self) -> Self {
        self.with("Accept", "text/html").with("Sec-Fetch-Mode", "navigate")
    }

    /// The same as a browser sends it for a part of a page, such as an image.
    #[must_use]
    pub fn as_subresource(self) -> Self {
        self.with("Sec-Fetch-Mode", "no-cors")
    }

    /// Its length, in bytes, without the line ends around its fields.
    pub fn byte_len(&self) -> usize {
        self.line.len() + self.fields.len()
    }

    /// The bytes in which a client would send it.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.line.as_bytes(), b"\r\n", &self.fields, b"\r\n"].concat()
    }

    /// Gives `work` the request. `None` where there is none with such a target or field.
    pub fn with_request<T>(&self, work: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
        let bytes = self.to_bytes();
        let mut slots = FieldSlots::default();
        let parsed = request::parse(&bytes, &mut slots, &Limits::of_head(bytes.len()));
        let (request, len) = parsed.ok().flatten()?;
        (len == bytes.len()).then(|| work(&request))
    }

    /// The head that reads `text`, its blank line included.
    #[cfg(test)]
    pub(crate) fn of_text(text: impl AsRef<str>) -> Self {
        let (line, fields) = text.as_ref().split_once("\r\n").unwrap();
        let fields = fields.strip_suffix("\r\n").unwrap();
        Self { line: line.to_owned(), fields: fields.into() }
    }

    fn push(&mut self, name: &str, value: &[u8]) {
        self.fields.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
}

fn request_line(method: &Method, target: &str, version: Version) -> String {
    let version = match version {
        Version::Http10 => "HTTP/1.0",
        Version::Http11 => "HTTP/1.1",
    };
    format!("{method} {target} {version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_is_read_as_it_was_made() {
        let head = RequestHead::get("/a%20b?q=1", "h:1").with("Cookie", b"c=\xff");
        for (head, path) in [(head.clone(), "/a%20b"), (head.for_target("/c"), "/c")] {
            let cookie = head.with_request(|request| {
                assert_eq!((&request.method, request.target.path()), (&Method::GET, path));
                assert_eq!(request.host.unwrap().as_str(), "h:1");
                request.headers.get("cookie").map(<[u8]>::to_vec)
            });
            assert_eq!(cookie.unwrap().unwrap(), b"c=\xff");
        }
    }

    #[test]
    fn the_head_of_a_request_is_read_as_the_same_request() {
        let many: String = (0..request::MAX_HEADER_FIELDS).map(|n| format!("X-{n}:\r\n")).collect();
        for head in [
            b"HEAD /a?b HTTP/1.1\r\nhost: h\r\nX: \t a\tb \xff\r\nX:\r\n\r\n".to_vec(),
            b"GET http://h:1/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_vec(),
            b"OPTIONS * HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\n".to_vec(),
            format!("GET / HTTP/1.0\r\n{many}\r\n").into_bytes(),
        ] {
            let mut slots = FieldSlots::default();
            let limits = Limits::of_head(head.len());
            let (request, _) = request::parse(&head, &mut slots, &limits).unwrap().unwrap();
            let again = RequestHead::of(&request).with_request(|again| format!("{again:?}"));
            assert_eq!(again, Some(format!("{request:?}")));
        }
    }

    #[test]
    fn what_is_no_request_is_none() {
        for head in [
            RequestHead::get("", "h"),
            RequestHead::get("a", "h"),
            RequestHead::get("/a b", "h"),
            RequestHead::get("/a HTTP/1.1\r\nHost: h\r\n\r\n", "h"),
            RequestHead::get("/", "h").with("Host", "h"),
            RequestHead::get("/", "h").with("X\n", ""),
        ] {
            assert_eq!(head.with_request(|_| ()), None, "{head:?}");
        }
    }
}

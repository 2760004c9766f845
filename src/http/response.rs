//! A response under construction.

use std::borrow::Cow;

use super::{StatusCode, body::Body};

/// As many fields as nearly all responses have at most.
const USUAL_FIELDS: usize = 8;

/// A whole response, but for the fields that every one has alike: `Date`,
/// `Server`, `Content-Length` and `Connection` are written with the head.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// What follows the head.
    pub body: Body,
    /// What the access log and the terminal show of this response.
    pub note: Note,
    /// Whether the length is left unsaid, since it is not known yet: an answer to HEAD
    /// may leave out a field "for which a value is determined only while generating
    /// the content" (RFC 9110, 9.3.2).
    pub omits_length: bool,
    pub(super) fields: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

/// The part of a response that is for the terminal and not for the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The files that made it, for the access log: `about.html + _layout.html`.
    pub source: Option<String>,
    /// A report or warning, printed as it is.
    pub message: Option<String>,
    /// Whether the log leaves the request out: it came from the server's own script.
    pub is_internal: bool,
}

impl Response {
    /// A response with this body, and no field but its type.
    pub fn new(status: StatusCode, content_type: impl Into<Cow<'static, str>>, body: Body) -> Self {
        Self { body, ..Self::empty(status) }.with("Content-Type", content_type)
    }

    /// A response that has no body, nor any field that would describe one.
    pub fn empty(status: StatusCode) -> Self {
        let fields = Vec::with_capacity(USUAL_FIELDS);
        Self { status, body: Body::empty(), note: Note::default(), omits_length: false, fields }
    }

    /// A response of plain text.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Self {
        let body = Body::bytes(text.into().into_bytes().into());
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// A response of HTML, in UTF-8.
    pub fn html(status: StatusCode, html: impl Into<String>) -> Self {
        let body = Body::bytes(html.into().into_bytes().into());
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// Sets a field, in place of any with the same name. The value must hold no
    /// CR, LF or NUL; the caller checks text from outside first.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.remove(&name);
        self.fields.push((name, value.into()));
    }

    /// [`Response::set`], for a chain.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a field line, beside any with the same name (RFC 9110, 5.3). The value
    /// must hold no CR, LF or NUL, as with [`Response::set`].
    pub fn append(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) {
        self.fields.push((name.into(), value.into()));
    }

    /// Takes every field of this name away.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    /// The value of the field of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        value_of(&self.fields, name)
    }

    /// Every field line, in the order in which they are sent.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// The value of the first of `fields` that has this name.
pub(super) fn value_of<'a>(
    fields: &'a [(Cow<'static, str>, Cow<'static, str>)],
    name: &str,
) -> Option<&'a str> {
    let field = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_set_once_or_appended_to_others() {
        let mut response = Response::text(StatusCode::OK, "").with("Link", "<a>");
        response.append("link", "<b>");
        let links = |response: &Response| {
            let links = response.fields().filter(|(name, _)| name.eq_ignore_ascii_case("link"));
            links.map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(links(&response), ["<a>", "<b>"]);
        response.set("LINK", "<c>");
        assert_eq!(links(&response), ["<c>"]);
        assert_eq!(response.get("link"), Some("<c>"));
    }
}

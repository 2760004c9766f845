//! The pages that the server itself writes: templates compiled into the program.

use std::{fmt, sync::LazyLock};

use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value, escape_formatter,
};

use crate::http::{Method, StatusCode, form::SentContent, response::Response};

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(format_html);
    for (name, source) in [
        ("layout.html", include_str!("layout.html")),
        ("echo.html", include_str!("echo.html")),
        ("markdown.html", include_str!("markdown.html")),
        ("not_allowed.html", include_str!("not_allowed.html")),
        ("redirect.html", include_str!("redirect.html")),
        ("refresh.html", include_str!("refresh.html")),
        ("report.html", include_str!("report.html")),
        ("status.html", include_str!("status.html")),
    ] {
        environment.add_template(name, source).expect("the source is part of the program");
    }
    environment
});

/// Seconds after which a client may try again what there was no room for.
const RETRY_SECS: &str = "1";

/// Renders one of the built-in pages.
///
/// # Panics
/// Where the context lacks what the page uses; the tests render each page.
pub(crate) fn render(page: &str, context: Value) -> String {
    let rendered = PAGES.get_template(page).and_then(|template| template.render(context));
    rendered.expect("page and context are both part of the program")
}

/// A page with `status` and `reason`, a sentence without a full stop, and
/// nothing else: HTML for a client that takes it, else text. A 503 names the time to try again.
pub fn status_page(status: StatusCode, reason: Option<&str>, wants_html: bool) -> Response {
    let title = title_of(status);
    let response = if wants_html {
        Response::html(status, render("status.html", minijinja::context! { title, reason }))
    } else {
        let text = reason.map_or_else(|| title.clone(), |reason| format!("{title}: {reason}"));
        Response::text(status, text + "\n")
    };
    let response = response.with("Cache-Control", "no-store");
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return response.with("Retry-After", RETRY_SECS);
    }
    response
}

fn title_of(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(name) => format!("{} {name}", status.as_str()),
        None => status.as_str().to_owned(),
    }
}

/// The page for a request with a method that files do not take: shows what was sent, and
/// says what can take it.
pub fn not_allowed_page(method: &Method, sent: &SentContent) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let field = |(name, value): &(String, String)| minijinja::context! { name, value };
    let html = render(
        "not_allowed.html",
        minijinja::context! {
            title => title_of(status),
            method => method.as_str(),
            content_type => sent.content_type.as_str(),
            len => sent.len,
            fields => sent.fields.iter().map(field).collect::<Vec<_>>(),
            is_form => sent.is_form,
            is_cut => sent.is_cut,
            is_too_large => sent.is_too_large,
        },
    );
    Response::html(status, html).with("Cache-Control", "no-store")
}

/// A redirect, with a page for clients that do not follow (RFC 9110, 15.4.2). Browsers
/// ask again each time: what is there may move back.
pub fn redirect_page(status: StatusCode, location: String) -> Response {
    let html = render("redirect.html", minijinja::context! { location => location.as_str() });
    Response::html(status, html).with("Location", location).with("Cache-Control", "no-cache")
}

/// A page that sends the browser to `location`, for hosts that have no redirects.
pub fn refresh_page(location: &str) -> String {
    render("refresh.html", minijinja::context! { location })
}

/// Writes a value into HTML, escaping what text and quoted attributes need.
///
/// The engine's own escaping also turns `/` into `&#x2f;`, which makes each path
/// and link on a page hard to read in its source.
pub(crate) fn format_html(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() && *state.auto_escape() == AutoEscape::Html => {
            Ok(write_escaped(out, text)?)
        }
        _ => escape_formatter(out, state, value),
    }
}

/// The same as text of its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    write_escaped(&mut html, text).expect("a `String` takes all that is written");
    html
}

/// Writes text into HTML, escaping what text and quoted attributes need.
pub(crate) fn write_escaped(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        let mut special = special.chars();
        out.write_str(match special.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "&#39;",
        })?;
        rest = special.as_str();
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(format_html);
        environment.render_str("{{ text }}", minijinja::context!(text)).unwrap()
    }

    #[test]
    fn a_page_sends_the_browser_on() {
        let page = refresh_page("/b?x=\"&y");
        assert!(page.contains("content=\"0; url=/b?x=&quot;&amp;y\""), "{page}");
        assert!(page.contains("<link rel=\"canonical\" href=\"/b?x=&quot;&amp;y\">"), "{page}");
    }

    #[test]
    fn a_redirect_is_a_page_that_no_cache_keeps_unasked() {
        let location = "/b?x='\"><script>&y";
        let response = redirect_page(StatusCode::PERMANENT_REDIRECT, location.to_owned());
        assert_eq!(response.status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(response.get("Location"), Some(location));
        assert_eq!(response.get("Cache-Control"), Some("no-cache"));
        assert_eq!(response.get("Content-Type"), Some("text/html; charset=utf-8"));
        let link = "/b?x=&#39;&quot;&gt;&lt;script&gt;&amp;y";
        assert_eq!(
            String::from_utf8(response.body.read().unwrap()).unwrap(),
            format!(
                "<!doctype html>\n<title>Moved</title>\n\
                 <p>This page is at <a href=\"{link}\">{link}</a>"
            )
        );
    }

    #[test]
    fn escapes_what_html_needs_and_no_more() {
        for (text, expected) in [
            ("", ""),
            ("/foo/bar?a=b;c", "/foo/bar?a=b;c"),
            ("<script>", "&lt;script&gt;"),
            ("a&b\"c'd>é<", "a&amp;b&quot;c&#39;d&gt;é&lt;"),
            ("&&", "&amp;&amp;"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}

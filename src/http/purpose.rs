//! The purpose of a request: the one place that tells a navigation from a part of a page.

use super::headers::Headers;

/// What becomes of the answer, as far as the request says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A browser shows it as a page, in a tab or a frame.
    Page,
    /// A browser shows it in an element `object` or `embed`: as a page if it is one, and as
    /// nothing if it is missing.
    Object,
    /// It is a part of a page, is fetched by a script, or is saved as a file.
    Part,
    /// A program has asked that says nothing of this.
    Unknown,
}

/// The fields that it depends on.
pub const VARY: &str = "Sec-Fetch-Mode, Sec-Fetch-Dest, Upgrade-Insecure-Requests, Referer, \
                        User-Agent, Accept";

impl Purpose {
    /// Reads it from the fields of a request (Fetch Metadata, 2.1 and 2.2).
    pub fn of(headers: Headers<'_>) -> Self {
        let mode = headers.get("sec-fetch-mode");
        match headers.get("sec-fetch-dest") {
            Some(b"document" | b"iframe" | b"frame" | b"fencedframe") => Self::Page,
            Some(b"object" | b"embed") if mode == Some(b"navigate") => Self::Object,
            // Scripts have none, nor has what is saved as a file. Of a navigation that a
            // service worker passes on, the fields of the browser's own request are left.
            Some(b"empty") if is_upgradable(headers) => Self::Page,
            Some(_) => Self::Part,
            None => match mode {
                Some(b"navigate") => Self::Page,
                Some(_) => Self::Part,
                None => Self::unsaid(headers),
            },
        }
    }

    /// Browsers leave these fields out where they reach the site by neither HTTPS nor a
    /// local name. Then their navigations, and nothing else, say that they would rather have
    /// HTTPS (Upgrade Insecure Requests, 3.2.1).
    fn unsaid(headers: Headers<'_>) -> Self {
        let is_browser = || headers.get("user-agent").is_some_and(|ua| ua.starts_with(b"Mozilla/"));
        match () {
            () if is_upgradable(headers) => Self::Page,
            () if headers.get("referer").is_some() => Self::Part,
            // An old browser, or Safari before 16.4 by HTTPS; a script accepts less than it.
            () if is_browser() && headers.accepts("application/xml") => Self::Page,
            () if is_browser() => Self::Part,
            () if headers.wants_html() => Self::Page,
            () => Self::Unknown,
        }
    }

    /// Whether a browser shows the answer as a page, if it is one.
    pub fn shows_pages(self) -> bool {
        matches!(self, Self::Page | Self::Object)
    }

    /// Whether nobody reads a page that stands in for what is missing.
    pub fn needs_the_file(self) -> bool {
        matches!(self, Self::Object | Self::Part)
    }
}

fn is_upgradable(headers: Headers<'_>) -> bool {
    headers.get("upgrade-insecure-requests") == Some(b"1")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each browser's navigation accepts (Fetch, 2.2.5).
    const DOCUMENT: &str =
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const BROWSER: &str = "User-Agent: Mozilla/5.0 (X11)";
    const UPGRADABLE: &str = "Upgrade-Insecure-Requests: 1";
    const REFERER: &str = "Referer: http://phone.test/";
    const NAVIGATE: &str = "Sec-Fetch-Mode: navigate";

    fn purpose(fields: &[&str]) -> Purpose {
        let fields: Vec<_> = fields.iter().map(|field| field.split_once(": ").unwrap()).collect();
        let fields: Vec<_> = fields
            .iter()
            .map(|&(name, value)| httparse::Header { name, value: value.as_bytes() })
            .collect();
        Purpose::of(Headers::new(&fields))
    }

    #[test]
    fn the_fetch_metadata_decide_where_there_are_any() {
        for (mode, dest, others, expected) in [
            ("navigate", "document", &[BROWSER][..], Purpose::Page),
            ("navigate", "iframe", &[REFERER], Purpose::Page),
            ("navigate", "frame", &[], Purpose::Page),
            ("navigate", "fencedframe", &[], Purpose::Page),
            ("navigate", "document", &["Sec-Purpose: prefetch;prerender"], Purpose::Page),
            ("navigate", "object", &[UPGRADABLE], Purpose::Object),
            ("navigate", "embed", &[UPGRADABLE], Purpose::Object),
            // A file to be saved, and a page that a service worker passes on.
            ("navigate", "empty", &[DOCUMENT, REFERER], Purpose::Part),
            ("navigate", "empty", &[DOCUMENT, UPGRADABLE], Purpose::Page),
            ("no-cors", "image", &[BROWSER], Purpose::Part),
            ("no-cors", "empty", &["Sec-Purpose: prefetch", DOCUMENT], Purpose::Part),
            // As Firefox passes it on.
            ("same-origin", "empty", &[DOCUMENT, UPGRADABLE], Purpose::Page),
            // As Firefox asks.
            ("navigate", "object", &["Accept: */*", REFERER], Purpose::Object),
            ("no-cors", "object", &["Accept: */*", REFERER], Purpose::Part),
            ("same-origin", "empty", &["Accept: text/html"], Purpose::Part),
            ("websocket", "websocket", &[], Purpose::Part),
        ] {
            let [mode, dest] =
                [format!("Sec-Fetch-Mode: {mode}"), format!("Sec-Fetch-Dest: {dest}")];
            let fields = [&[&*mode, &*dest], others].concat();
            assert_eq!(purpose(&fields), expected, "{fields:?}");
        }
        assert_eq!(purpose(&[NAVIGATE]), Purpose::Page);
    }

    #[test]
    fn a_browser_on_plain_http_says_upgrade_where_it_navigates() {
        for (fields, expected) in [
            (&[BROWSER, DOCUMENT, UPGRADABLE][..], Purpose::Page),
            (&[BROWSER, DOCUMENT, UPGRADABLE, REFERER], Purpose::Page),
            (&[BROWSER, "Accept: image/avif,image/*,*/*;q=0.8", REFERER], Purpose::Part),
            (&[BROWSER, "Accept: */*", REFERER], Purpose::Part),
            (&[BROWSER, "Accept: text/css,*/*;q=0.1", REFERER], Purpose::Part),
            (&[BROWSER, "Accept: application/json", REFERER], Purpose::Part),
            (&[BROWSER, "Accept: text/html, */*; q=0.01", REFERER], Purpose::Part),
            (&[DOCUMENT, REFERER], Purpose::Part),
            // Where the page's policy keeps the referrer back.
            (&[BROWSER, "Accept: image/*"], Purpose::Part),
            (&[BROWSER, "Accept: */*"], Purpose::Part),
            (&[BROWSER], Purpose::Part),
            (&[BROWSER, "Accept: text/html"], Purpose::Part),
            // By HTTPS, Safari before 16.4 says neither.
            (&[BROWSER, DOCUMENT], Purpose::Page),
            (&[BROWSER, "Accept: text/html, application/xml;q=0"], Purpose::Part),
        ] {
            assert_eq!(purpose(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_program_may_ask_for_html() {
        for (fields, expected) in [
            (&[][..], Purpose::Unknown),
            (&["Accept: */*", "User-Agent: curl/8"], Purpose::Unknown),
            (&["Accept: text/html"], Purpose::Page),
            (&["Accept: text/html;q=0.1"], Purpose::Page),
            (&["Accept: text/html;q=0, */*"], Purpose::Unknown),
            (&["Accept: */*", "Upgrade-Insecure-Requests: 0"], Purpose::Unknown),
        ] {
            assert_eq!(purpose(fields), expected, "{fields:?}");
        }
    }
}

//! The failure of a page: its report for the terminal and for a browser; kept like a page.

use crate::http::{StatusCode, response::Response};
use crate::site::builtin::status_page;

/// The report of a page that cannot be rendered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The report for the terminal.
    pub(crate) text: String,
    /// The report as a page; `None` in production, which keeps it to the terminal.
    pub(crate) html: Option<String>,
    /// The files that were read, for the access log.
    pub(crate) source: Option<String>,
}

impl Failure {
    /// The answer to a request for the page.
    pub(crate) fn response(&self, wants_html: bool) -> Response {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let response = match &self.html {
            None => status_page(status, None, wants_html),
            Some(html) if wants_html => Response::html(status, html.as_str()),
            Some(_) => Response::text(status, self.text.as_str()),
        };
        let mut response = response.with("Cache-Control", "no-store");
        response.note.source.clone_from(&self.source);
        response.note.message = Some(self.text.clone());
        response
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        let html = self.html.as_ref().map_or(0, String::len);
        (self.text.len() + html) as u64 + 1024
    }
}

//! The failure of a page: its report for the terminal and for a browser; kept like a page.

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
    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        let html = self.html.as_ref().map_or(0, String::len);
        (self.text.len() + html) as u64 + 1024
    }
}

//! Folders of pages, asked through `Site::respond` alone.

use std::{fs, path::PathBuf, sync::Arc, time::SystemTime};

use tempfile::TempDir;

use super::{request_context::RequestContext, templates::recorder::Moment, *};
use crate::http::{self, prepared::Prepared, request_head::RequestHead};

mod absent_tests;
mod aliases_tests;
mod assets_tests;
mod base_path_tests;
mod conflicts_tests;
mod data_tests;
mod dated_tests;
mod dates_tests;
mod drafts_tests;
mod each_tests;
mod edits_tests;
mod elsewhere_tests;
mod endless_tests;
mod failures_tests;
mod fallback_page_tests;
mod fallback_tests;
mod front_matter_tests;
mod guide_tests;
mod help_tests;
mod jinja_tests;
mod kept_tests;
mod layout_tests;
mod limits_tests;
mod lists_tests;
mod markdown_random_tests;
mod markdown_tests;
mod memory_tests;
mod named_files_tests;
mod plain_tests;
mod preview_tests;
mod reports_tests;
mod root_tests;
mod routes_tests;
mod settings_tests;
mod sources_tests;
mod templates_tests;
mod text_tests;

const FUEL: u64 = 100_000;

/// A folder of pages, gone with the value.
pub(super) struct Pages {
    folder: TempDir,
    pub(super) site: Site,
}

/// A response, read to its end.
struct Answer {
    response: Arc<Prepared>,
    body: String,
}

impl Pages {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        Self::with(files, |_| {})
    }

    pub(super) fn with(files: &[(&str, &str)], change: impl FnOnce(&mut SiteOptions)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut options =
            SiteOptions { fuel: FUEL, cache_max_bytes: 1 << 20, ..SiteOptions::default() };
        change(&mut options);
        let site = Site::open(folder.path(), options).unwrap();
        let pages = Self { folder, site };
        for (name, text) in files {
            pages.write(name, text);
        }
        pages
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Renders a file without a request.
    fn render(
        &self,
        name: &str,
    ) -> (Result<String, minijinja::Error>, crate::site::templates::recorder::Recording) {
        let folder = self.site.root.check();
        self.site.templates.render(&folder, name, minijinja::context! {}, Moment::default(), None)
    }

    fn get(&self, target: &str) -> Answer {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn get_with(&self, target: &str, field: &str) -> Answer {
        self.ask(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"))
    }

    fn ask(&self, head: &str) -> Answer {
        self.ask_with(head, |asked| self.site.respond(asked.request, asked.now).at_once())
    }

    /// Gives `work` the request with this head.
    fn with_request<T>(&self, head: &str, work: impl FnOnce(RequestContext<'_>) -> T) -> T {
        self.site.with_request(&RequestHead::of_text(head), SystemTime::now(), work).unwrap()
    }

    /// What answers a request with this method and these fields, as it is at first.
    pub(super) fn answer(&self, method: &str, target: &str, fields: &str) -> http::answer::Answer {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let respond = |asked: RequestContext<'_>| self.site.respond(asked.request, asked.now);
        self.with_request(&head, respond)
    }

    fn ask_with(
        &self,
        head: &str,
        respond: impl FnOnce(RequestContext<'_>) -> Arc<Prepared>,
    ) -> Answer {
        let plainly = |asked: RequestContext<'_>| {
            respond(RequestContext { path: None, is_followed: false, ..asked })
        };
        let response = self.with_request(head, plainly);
        let bytes = response.body.read().unwrap();
        Answer { body: String::from_utf8_lossy(&bytes).into_owned(), response }
    }
}

impl Answer {
    fn status(&self) -> u16 {
        self.response.status.as_u16()
    }

    fn field(&self, name: &str) -> &str {
        self.response.get(name).unwrap_or_default()
    }

    fn source(&self) -> &str {
        self.response.note.source.as_deref().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.response.note.message.as_deref().unwrap_or_default()
    }

    /// Whether it is the path-echo page for `target`.
    fn echoes(&self, target: &str) -> bool {
        self.body.contains(&format!("The server got a request with path {target}</p>"))
    }
}

/// Settings with this table, which stay as they are.
fn settings_of(values: SiteValues) -> Settings {
    Settings::fixed(SiteSettings { values, ..SiteSettings::default() })
}

/// What answers `target`: a file's name, `-> /where`, or `echo`.
fn route(pages: &Pages, target: &str) -> String {
    let answer = pages.get(target);
    match answer.status() {
        301 => format!("-> {}", answer.field("Location")),
        200 if answer.echoes(target) => "echo".to_owned(),
        200 => answer.source().to_owned(),
        status => status.to_string(),
    }
}

/// On a thread of its own, as a test's has less stack than is asked for.
fn with_render_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(RENDER_STACK_BYTES);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

//! The site as one who looks through all of it sees it: what each file is served as, with the
//! places where that is written, and where a path leads.

use std::{ops::Range, sync::Arc, time::SystemTime};

use crate::{
    diagnostic::Diagnostic,
    http::{request_head::RequestHead, url_path::UrlPath},
    site::{
        Fallback, PublicFile, Site, Unpublished,
        files::{folder::OpenFile, walk},
        naming::NOT_FOUND_PAGE,
        rebase::Language,
        request_context::RequestContext,
        routes::{self, Route},
        templates::source::read_text,
        trace::{self, MarkdownLink, SourcePlace, Trace},
    },
};

/// What a file is served as.
#[derive(Debug)]
pub enum Inspection {
    /// What may hold URLs: a page, an image in SVG, or a stylesheet.
    Text(Inspected),
    /// A page that cannot be rendered, and the files that it used.
    Failed(Diagnostic, Vec<String>),
    /// Anything else, and the files that it used.
    Other(Vec<String>),
}

/// A page, an image in SVG or a stylesheet as it is sent.
#[derive(Debug)]
pub struct Inspected {
    /// What is sent.
    pub text: String,
    /// What it is written in.
    pub language: Language,
    /// The files that it was made of.
    pub used: Vec<String>,
    name: Arc<str>,
    /// How many bytes the file has before the text, where it is the rest of the file.
    ahead: Option<usize>,
    trace: Trace,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To this file, from the root.
    File(String),
    /// To a file under its own path.
    Redirect(UrlPath),
    /// To this file alone, from the root, which is hidden from visitors.
    Hidden(String, Unpublished),
    /// To nothing that is served.
    Nothing,
}

impl Inspected {
    /// The links and images that were written in Markdown, in their order.
    pub fn markdown_links(&self) -> &[MarkdownLink] {
        &self.trace.links
    }

    /// Where the bytes `range` of the text are written. `None` where that is not known, as for a
    /// page in Markdown.
    pub fn place(&self, range: Range<usize>) -> Option<SourcePlace> {
        if !self.trace.is_empty() {
            return self.trace.place(&self.text, range);
        }
        let (file, ahead) = (Arc::clone(&self.name), self.ahead?);
        Some(SourcePlace { file, range: ahead + range.start..ahead + range.end, is_verbatim: true })
    }
}

impl Site {
    /// What a file is served as at `now`, for a visitor who sends nothing but its path.
    pub fn inspect(&self, file: &PublicFile, now: SystemTime) -> Inspection {
        let head = RequestHead::get(&file.path.encoded(), "localhost");
        let inspect = |asked: RequestContext<'_>| {
            let (made, mut trace) = trace::trace(|| self.resolve(asked));
            let used: Vec<String> = made.dependencies.names().map(str::to_owned).collect();
            if let Some(diagnostic) = trace.failure.take() {
                return Inspection::Failed(diagnostic, used);
            }
            let Some(stored) = made.content.stored() else { return Inspection::Other(used) };
            let language = Language::of_file(&stored.content_type, file.path.as_str());
            let text = stored.bytes().and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
            let Some((language, text)) = language.zip(text) else {
                return Inspection::Other(used);
            };
            // What was rendered has its places in the trace.
            let source = trace.is_empty().then(|| self.source_text(&file.name)).flatten();
            let source = source.filter(|source| source.ends_with(&text));
            let ahead = source.map(|source| source.len() - text.len());
            let name = (&*file.name).into();
            Inspection::Text(Inspected { text, language, used, name, ahead, trace })
        };
        self.with_request(&head, now, inspect).unwrap_or(Inspection::Other(Vec::new()))
    }

    /// Where a path of the site leads at `now`.
    pub fn lead(&self, path: &UrlPath, now: SystemTime) -> Lead {
        let (folder, mut hidden) = (self.folder(), None);
        let is_hidden = |file: &OpenFile| {
            let reason = self.unpublished_file(&file.name, Some(file.stamp), &folder, now);
            let Some(reason) = reason else { return false };
            hidden.get_or_insert_with(|| Lead::Hidden(file.name.clone(), reason));
            true
        };
        match routes::find(&self.naming, &folder, path, is_hidden) {
            Ok(Route::File { file, .. }) => Lead::File(file.name),
            Ok(Route::Redirect(path)) => Lead::Redirect(path),
            Ok(Route::Nothing) | Err(_) => hidden.unwrap_or(Lead::Nothing),
        }
    }

    /// The name in a path that makes it private, if one does.
    pub fn private_segment<'a>(&self, path: &'a str) -> Option<&'a str> {
        let name = path.trim_matches('/');
        let is_private = |segment: &&str| segment.starts_with(['_', '.']);
        self.naming.is_private(name).then(|| name.split('/').find(is_private))?
    }

    /// Whether a page answers paths that are not its own, such as `404.html`.
    pub fn is_for_many_paths(&self, name: &str) -> bool {
        name == NOT_FOUND_PAGE || self.fallback_file_name() == Some(name)
    }

    /// The file of the page that answers paths without a file, for visitors who open a page.
    pub fn fallback_file_name(&self) -> Option<&str> {
        match &self.fallback {
            Fallback::Page(path) => Some(path.relative()),
            Fallback::Echo | Fallback::NotFound => None,
        }
    }

    /// The private files that pages may use.
    pub fn private_files(&self) -> Vec<String> {
        let mut files = walk::walk_all(&self.folder(), |entry| entry.is_usable(&self.naming)).files;
        files.retain(|name| self.naming.is_private(name));
        files
    }

    /// The text of a file that pages are made of, with offsets as in what is rendered.
    pub fn source_text(&self, name: &str) -> Option<String> {
        let file = self.folder().open_file(name).ok()?.into_file()?;
        read_text(&file).ok()
    }
}

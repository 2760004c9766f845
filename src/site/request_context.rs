//! A request as the site sees it: with its path, its moment and the folder that answers it.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use crate::{
    background::Background,
    http::{
        StatusCode, error_form::ErrorForm, prepared::Prepared, request::Request,
        response::Response, url_path::UrlPath,
    },
    site::{builtin::status_page, files::folder::Folder, preparation::Preparation},
};

/// A request with what the answer to it depends on besides the files.
#[derive(Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) request: &'a Request<'a>,
    /// Its path, where a file can have such a name.
    pub(crate) path: Option<&'a UrlPath>,
    /// Where everything that answers it is found.
    pub(crate) folder: &'a Arc<Folder>,
    /// Whether it counts which files were looked up, even for this one answer.
    pub(crate) is_followed: bool,
    pub(crate) now: SystemTime,
    /// What the answer gets before it is sent.
    pub(crate) preparation: &'a Preparation,
    /// What does the work that takes long.
    pub(crate) background: Option<&'a Background>,
}

impl RequestContext<'_> {
    pub(crate) fn prepare(&self, response: Response) -> Arc<Prepared> {
        let error_form = ErrorForm::of(self.request.headers);
        self.preparation.prepare(self.request.target.path(), error_form, response)
    }

    /// What is kept for the path is kept under this: one of its many spellings, so that
    /// no client can fill the cache with the others.
    pub(crate) fn key(&self) -> Cow<'_, str> {
        match self.path {
            Some(path) => path.encoded().into(),
            None => self.request.target.path().into(),
        }
    }

    /// A page with `status` and nothing else.
    pub(crate) fn status(&self, status: StatusCode) -> Response {
        status_page(status, None, self.request.headers.wants_html())
    }
}

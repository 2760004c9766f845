//! Pages that cannot be rendered, and what answers in their place.

use std::{cell::Cell, error::Error as _, iter, sync::Arc};

use minijinja::{Error, Value};

use crate::http::{StatusCode, response::Response};
use crate::site::{
    Kind, RequestContext, Resolution, Site,
    builtin::status_page,
    files::dependencies::Dependencies,
    report::{self, failure::Failure, help::Circumstances},
    resolution::Reuse,
    templates::{recorder::Recording, source::LoadError},
};

impl Site {
    /// Answers with the report of the error that rendering the file `page` ended in. That
    /// is the same for every request unless the render has read the request.
    pub(crate) fn failed(
        &self,
        error: &Error,
        page: &str,
        context: &Value,
        reads: &Recording,
        inputs: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let names_others = Cell::new(false);
        let template_names = |name: &str| {
            names_others.set(true);
            self.names.templates(asked.folder, name, asked.now)
        };
        let missing = reads.dependencies.missed().next_back();
        let circumstances = Circumstances { context, missing, template_names: &template_names };
        let report = report::explain(error, page, &circumstances);
        let html = (!self.production)
            .then(|| report::html(&report, asked.folder.path(), self.editor.as_deref()));
        let text = format!("error: {report}\n");
        let failure = Failure { text, html, source: reads.dependencies.source() };
        // In development the names of other files would have to be current as well.
        let is_lasting =
            !reads.is_late && !is_of_the_moment(error) && (self.production || !names_others.get());
        let mut made = self.failed_again(&failure, inputs, asked);
        if reads.uses_request {
            made.reuse = Reuse::Template(page.to_owned());
        } else if is_lasting {
            made.reuse = Reuse::Failure(Arc::new(failure));
        }
        made
    }

    /// Answers another request with what is known of a page that cannot be rendered.
    pub(crate) fn failed_again(
        &self,
        failure: &Failure,
        inputs: Dependencies,
        asked: RequestContext<'_>,
    ) -> Resolution {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let wants_html = asked.request.headers.wants_html();
        let response = match &failure.html {
            None => status_page(status, None, wants_html),
            Some(html) if wants_html => Response::html(status, html.as_str()),
            Some(_) => Response::text(status, failure.text.as_str()),
        };
        let mut response = response.with("Cache-Control", "no-store");
        response.note.source.clone_from(&failure.source);
        response.note.message = Some(failure.text.clone());
        Resolution::once(response, Kind::Error, inputs)
    }
}

/// Whether a file could not be read, which may pass without a change of the file: there
/// was no descriptor left for it.
fn is_of_the_moment(error: &Error) -> bool {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    let mut load_errors = causes.filter_map(|cause| cause.downcast_ref::<LoadError>());
    load_errors.any(|error| matches!(error, LoadError::Unreadable(_)))
}

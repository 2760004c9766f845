//! The last step of every answer: the header fields that all have, and room in memory.

use std::{fmt, sync::Arc};

use crate::http::{
    StatusCode, error_form::ErrorForm, memory::Memory, prepared::Prepared, response::Response,
};

use crate::site::builtin::status_page;

const NO_ROOM: &str = "warning: a response was refused, since those that are being sent take too \
                       much memory; raise `response_memory_bytes`";

/// Makes responses ready to be sent.
#[derive(Clone)]
pub struct Preparation {
    finish: Arc<Finish>,
    pub(crate) memory: Memory,
}

type Finish = dyn Fn(Option<&str>, &mut Response) + Send + Sync;

impl Preparation {
    /// `finish` has the last word on each response, which is for the encoded path that it
    /// is given, if a request could be read; the bodies of all in memory stay within `memory`.
    pub fn new(
        memory: Memory,
        finish: impl Fn(Option<&str>, &mut Response) + Send + Sync + 'static,
    ) -> Self {
        Self { finish: Arc::new(finish), memory }
    }

    /// The response for the encoded path `path`, or 503 where there is no memory for it; an
    /// error in the form `error_form`.
    pub fn prepare(
        &self,
        path: &str,
        error_form: ErrorForm,
        mut response: Response,
    ) -> Arc<Prepared> {
        if !response.body.hold(&self.memory) {
            response = no_room();
        }
        error_form.apply(&mut response);
        (self.finish)(Some(path), &mut response);
        response.into()
    }

    /// The media type that this response for `path` is sent with; a rule may give it another.
    pub(crate) fn sent_type(&self, path: &str, response: &Response) -> String {
        let mut sent = Response::empty(response.status);
        for field in ["Content-Type", "Cache-Control"] {
            if let Some(value) = response.get(field) {
                sent.set(field, value.to_owned());
            }
        }
        (self.finish)(Some(path), &mut sent);
        sent.get("Content-Type").unwrap_or_default().to_owned()
    }

    /// Whether responses for `path` get one of these fields of their own.
    pub(crate) fn adds(&self, path: &str, fields: &[&str]) -> bool {
        let mut response = Response::empty(StatusCode::OK);
        (self.finish)(Some(path), &mut response);
        fields.iter().any(|field| response.get(field).is_some())
    }

    /// The response to what could not be read as a request, or not be answered by its path;
    /// `path` is the encoded one, where it has one in the site.
    pub fn finish_refusal(&self, path: Option<&str>, mut response: Response) -> Response {
        (self.finish)(path, &mut response);
        response
    }
}

/// What a client gets for whose response there is no memory.
pub(crate) fn no_room() -> Response {
    let mut response = status_page(StatusCode::SERVICE_UNAVAILABLE, None, false);
    response.note.message = Some(NO_ROOM.to_owned());
    response
}

impl Default for Preparation {
    /// Adds nothing, and refuses nothing.
    fn default() -> Self {
        Self::new(Memory::unbounded(), |_, _| {})
    }
}

impl fmt::Debug for Preparation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preparation").field("memory", &self.memory).finish_non_exhaustive()
    }
}

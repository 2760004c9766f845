//! The resolution of a request: content, dependencies and reuse, before the form of the
//! answer is decided.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::http::{memory::Memory, response::Response};

use crate::site::{
    each::item::Item,
    files::{
        dependencies::{Dependencies, Read},
        folder::OpenFile,
    },
    report::failure::Failure,
    representation::stored::StoredRepresentation,
};

/// What a request has come to, before anything is made of its preconditions.
#[derive(Debug)]
pub(crate) struct Resolution {
    pub(crate) content: Content,
    pub(crate) kind: Kind,
    /// The file that it is, where that stays on the disk.
    pub(crate) opened: Option<OpenFile>,
    /// The names that were looked up; all of them, where that counts.
    pub(crate) dependencies: Dependencies,
    /// Whether the clock was read for it.
    pub(crate) is_of_moment: bool,
}

/// What an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The page that was asked for.
    Page,
    /// The page that `fallback` names, where no file matches.
    FallbackPage,
    /// What else is answered where no file matches.
    Fallback,
    /// The report of why a page cannot be rendered.
    Error,
    /// Anything else, such as a redirect, or that a file may not be read.
    Other,
}

/// What answers a request, with what of it serves later requests for its path, as long as
/// the files stay as they are.
#[derive(Debug)]
pub(crate) enum Content {
    /// A representation for every request.
    Shared(Box<StoredRepresentation>),
    /// A representation for this request alone, and how later ones are answered.
    Stored(Box<StoredRepresentation>, Option<Recipe>),
    /// A representation that is kept for many paths, under a name of its own.
    Kept(Arc<StoredRepresentation>),
    /// A response for this request alone, and how later ones are answered.
    Response(Response, Option<Recipe>),
}

/// How each request for a path gets an answer of its own.
#[derive(Debug)]
pub(crate) enum Recipe {
    /// This template is rendered.
    Template(RenderedPage),
    /// It is told why there is no page.
    Failure(Failure),
}

/// A page that is rendered for each request.
#[derive(Debug)]
pub(crate) struct RenderedPage {
    pub(crate) name: String,
    /// The row that it shows, where its file stands for many pages.
    pub(crate) item: Option<Arc<Item>>,
    /// The least that it has come to, in bytes. While that does not fit, no render would.
    least_bytes: AtomicU64,
}

impl Resolution {
    pub(crate) fn new(content: Content, kind: Kind, dependencies: Dependencies) -> Self {
        Self { content, kind, opened: None, dependencies, is_of_moment: false }
    }

    /// A response for this request alone.
    pub(crate) fn once(response: Response, kind: Kind, dependencies: Dependencies) -> Self {
        Self::new(Content::Response(response, None), kind, dependencies)
    }

    /// A page for this request alone.
    pub(crate) fn stored_once(
        stored: Box<StoredRepresentation>,
        dependencies: Dependencies,
    ) -> Self {
        Self::new(Content::Stored(stored, None), Kind::Page, dependencies)
    }

    /// An answer for every request, as long as the files stay as they are.
    pub(crate) fn for_all(stored: Box<StoredRepresentation>, dependencies: Dependencies) -> Self {
        Self::new(Content::Shared(stored), Kind::Page, dependencies)
    }

    /// The same, which serves no later request if the file might have changed unseen since
    /// it was searched for tags.
    pub(crate) fn if_settled(self, searched: &Read) -> Self {
        if searched.is_settled { self } else { self.for_this_request() }
    }

    /// The same, of which nothing serves later requests, or what does is kept already.
    pub(crate) fn for_this_request(self) -> Self {
        let content = match self.content {
            Content::Shared(stored) | Content::Stored(stored, _) => Content::Stored(stored, None),
            Content::Kept(stored) => Content::Kept(stored),
            Content::Response(response, _) => Content::Response(response, None),
        };
        Self { content, ..self }
    }

    /// Whether it is the answer to every request.
    pub(crate) fn is_for_all(&self) -> bool {
        matches!(self.content, Content::Shared(_))
    }

    /// Whether it is a template that is rendered for each request.
    pub(crate) fn is_for_request(&self) -> bool {
        let (Content::Stored(_, recipe) | Content::Response(_, recipe)) = &self.content else {
            return false;
        };
        matches!(recipe, Some(Recipe::Template(_)))
    }

    /// Has it say `message` at the terminal. What is kept says what it did when it was made.
    pub(crate) fn say(&mut self, message: String) {
        let note = match &mut self.content {
            Content::Shared(stored) | Content::Stored(stored, _) => &mut stored.note,
            Content::Response(response, _) => &mut response.note,
            Content::Kept(_) => return,
        };
        note.message = Some(message);
    }
}

impl Kind {
    /// Whether it is a page of the site, in place of a missing one or not.
    pub fn is_page(self) -> bool {
        matches!(self, Self::Page | Self::FallbackPage)
    }
}

impl Content {
    /// The representation, where it is one.
    pub(crate) fn stored(&self) -> Option<&StoredRepresentation> {
        match self {
            Self::Shared(stored) | Self::Stored(stored, _) => Some(stored),
            Self::Kept(stored) => Some(stored),
            Self::Response(..) => None,
        }
    }
}

impl Recipe {
    /// The template `name`, rendered for each request, for the row `item` if it has some.
    pub(crate) fn template(name: String, item: Option<Arc<Item>>) -> Self {
        Self::Template(RenderedPage { name, item, least_bytes: AtomicU64::new(u64::MAX) })
    }

    /// What it takes of memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Self::Template(_) => 1024,
            Self::Failure(failure) => failure.weight(),
        }
    }
}

impl RenderedPage {
    /// Notes what a render has come to.
    pub(crate) fn came_to(&self, bytes: u64) {
        self.least_bytes.fetch_min(bytes, Ordering::Relaxed);
    }

    /// Whether a render might fit now. Before the first one, and where none would ever fit,
    /// it is made and then judged by what it is.
    pub(crate) fn may_fit(&self, memory: &Memory) -> bool {
        let least_bytes = self.least_bytes.load(Ordering::Relaxed);
        memory.has_room_for(least_bytes) || !memory.could_hold(least_bytes)
    }
}

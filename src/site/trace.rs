//! Places in the sources for each part of a rendered text, for a check, which reports where
//! what it finds in pages is written.

use std::{cell::RefCell, ops::Range, sync::Arc};

use minijinja::{Error, OutputSpan, OutputSpanKind, Template, Value};

use crate::{
    diagnostic::Diagnostic,
    markdown::{Destination, Spot},
};

/// What a thread has rendered, from the innermost text to the whole page.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    renders: Vec<Render>,
    /// The links and images of files in Markdown, in the order of the page.
    pub(crate) links: Vec<MarkdownLink>,
    /// Why a page could not be rendered.
    pub(crate) failure: Option<Diagnostic>,
}

/// A text that was rendered, and where its parts are from.
#[derive(Debug)]
struct Render {
    text: String,
    spans: Vec<OutputSpan>,
}

/// A link or an image in a file of Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkdownLink {
    /// The file, from the root.
    pub file: String,
    /// Its place in it.
    pub spot: Spot,
    /// As it is written.
    pub address: String,
    /// As it is in the page.
    pub url: String,
}

/// A place in the source of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePlace {
    /// The file, from the root.
    pub file: Arc<str>,
    /// The bytes of the file.
    pub range: Range<usize>,
    /// Whether these bytes are what was sent, and not an expression that came to it.
    pub is_verbatim: bool,
}

thread_local! {
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

/// Does `work` and returns what was rendered meanwhile as well.
pub(crate) fn trace<T>(work: impl FnOnce() -> T) -> (T, Trace) {
    TRACE.set(Some(Trace::default()));
    let done = work();
    (done, TRACE.take().unwrap_or_default())
}

/// Whether this thread notes what it renders.
pub(crate) fn is_on() -> bool {
    TRACE.with_borrow(Option::is_some)
}

/// Renders a template, and notes the places of its text where they are wanted.
///
/// # Errors
/// Where the engine cannot.
pub(crate) fn render(template: &Template<'_, '_>, context: Value) -> Result<String, Error> {
    if !is_on() {
        return template.render(context);
    }
    let (text, spans) = template.render_with_spans(context)?;
    TRACE.with_borrow_mut(|trace| {
        if let Some(trace) = trace {
            trace.renders.push(Render { text: text.clone(), spans });
        }
    });
    Ok(text)
}

/// Notes why a page cannot be rendered.
pub(crate) fn failed(diagnostic: &Diagnostic) {
    TRACE.with_borrow_mut(|trace| {
        if let Some(trace) = trace {
            trace.failure = Some(diagnostic.clone());
        }
    });
}

/// Notes a link or an image in Markdown, which gets this `url` instead of its own address.
pub(crate) fn link(destination: Destination<'_>, url: Option<&str>) {
    TRACE.with_borrow_mut(|trace| {
        let Some((trace, spot)) = trace.as_mut().zip(destination.spot) else { return };
        let (file, address) = (destination.file.to_owned(), destination.address.to_owned());
        let url = url.unwrap_or(&address).to_owned();
        trace.links.push(MarkdownLink { file, spot, address, url });
    });
}

impl Trace {
    /// Whether nothing was rendered.
    pub(crate) fn is_empty(&self) -> bool {
        self.renders.is_empty()
    }

    /// Where the bytes `range` of the finished `text` were written: the place of the first of
    /// them. `None` where it is not known, as in Markdown.
    pub(crate) fn place(&self, text: &str, range: Range<usize>) -> Option<SourcePlace> {
        // The line end of a page that ends in a tag is put behind what was rendered.
        let is_it = |rendered: &str| {
            text.strip_prefix(rendered)
                .is_some_and(|rest| matches!(rest, "" | "\n" | "\r\n" | "\r"))
        };
        let last = self.renders.iter().rposition(|render| is_it(&render.text))?;
        self.place_in(last, range)
    }

    fn place_in(&self, render: usize, range: Range<usize>) -> Option<SourcePlace> {
        let Render { text, spans } = self.renders.get(render)?;
        let after = spans.partition_point(|span| span.output_range().start <= range.start);
        let span = spans.get(after.checked_sub(1)?)?;
        let (output, source) = (span.output_range(), span.source_range());
        let offset = range.start.checked_sub(output.start)?;
        if span.kind() == OutputSpanKind::Expression {
            // The body of a page in its layout is a text that was rendered before.
            let value = text.get(output)?;
            let inner = self.renders.iter().take(render).rposition(|inner| inner.text == value);
            let place = inner.and_then(|inner| self.place_in(inner, offset..offset + range.len()));
            let expression =
                SourcePlace { file: span.name().into(), range: source, is_verbatim: false };
            return Some(place.unwrap_or(expression));
        }
        let start = source.start + offset;
        let end = (start + range.len()).min(source.end);
        Some(SourcePlace { file: span.name().into(), range: start..end, is_verbatim: true })
    }
}

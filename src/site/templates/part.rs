//! A page rendered within another, as its content.

use minijinja::{Environment, Error, ErrorKind, Value};

use crate::site::{
    markdown::{links::Links, page as markdown_page},
    templates::code,
};

/// What a page renders to within another.
#[derive(Debug)]
pub(crate) enum Part {
    /// A block of it that fills one of its layout.
    Block(String),
    /// All of it.
    Page(String),
}

/// Renders a page, and of one that extends a layout the first of `blocks` that it has;
/// and returns the fuel that it took.
pub(super) fn render_block(
    environment: &Environment<'_>,
    name: &str,
    context: Value,
    blocks: &[&str],
) -> Result<(Part, u64), Error> {
    let template = environment.get_template(name)?;
    let extends = code::extends(template.source());
    let mut captured = template.render_captured(context)?;
    let block = blocks.iter().filter(|_| extends).find_map(|block| {
        let rendered = captured.with_state_mut(|state| state.render_block(block));
        let is_unknown = |error: &Error| error.kind() == ErrorKind::UnknownBlock;
        match rendered {
            Err(error) if is_unknown(&error) => None,
            rendered => Some(rendered),
        }
    });
    let used = captured.state().fuel_levels().map_or(0, |(used, _)| used);
    let part = match block {
        Some(block) => Part::Block(block?),
        None => Part::Page(captured.into_output()),
    };
    Ok((part, used))
}

/// Renders the text of a page of Markdown, and returns the fuel that it took.
pub(super) fn render_text(
    environment: &Environment<'_>,
    name: &str,
    context: &Value,
    links: &Links,
) -> Result<(Part, u64), Error> {
    let (document, used) = markdown_page::render_text(environment, name, context, links)?;
    Ok((Part::Block(document.html), used))
}

impl Part {
    /// The same with what Markdown left for it, as HTML.
    pub(super) fn without_marks(self, links: &Links) -> Self {
        match self {
            Self::Block(html) => Self::Block(markdown_page::without_marks(&html, links)),
            Self::Page(html) => Self::Page(markdown_page::without_marks(&html, links)),
        }
    }
}

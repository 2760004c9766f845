//! The content of a page, rendered within the render of another that shows it.

use std::sync::Arc;

use minijinja::{Error, Value};

use crate::site::{
    collection::{error::ListError, extract, library::Library},
    each::item::Item,
    files::folder::Opening,
    naming::FileKind,
    templates::{overlay::overlay, part::Part, recorder, source},
};

/// How deep contents may hold others. Each takes some of the thread's stack.
const MAX_DEPTH: usize = 4;

/// The blocks that are the content of a page with a layout, the first that it has.
const BLOCKS: [&str; 2] = ["content", "main"];

/// Renders the content of the file `file`, or of the page of a `row`, whose template sees it as
/// `page`. Of a page that
/// extends a layout it is the block `content` or `main`; else what the whole holds.
///
/// # Errors
/// Where it cannot be rendered, holds its own content, or takes too much.
pub(super) fn of(
    file: &Arc<str>,
    row: Option<&Item>,
    page: Value,
    library: &Library,
) -> Result<String, Error> {
    let outer = recorder::context().unwrap_or_default();
    let shown = outer.get_attr("page").and_then(|page| page.get_attr("file")).ok();
    let shown = shown.as_ref().and_then(Value::as_str).map(Arc::from);
    let name = row.map_or_else(|| Arc::clone(file), |row| row.url.as_str().into());
    let _inside = Inside::enter(shown.as_ref(), &name)?;
    if library.naming.kind(file) == FileKind::Asset {
        return Ok(extract::content_of(&text_of(file)?).to_owned());
    }
    let Some(templates) = library.templates.upgrade() else { return Ok(String::new()) };
    let context = overlay(outer, [("page", page)]);
    let context = row.map_or_else(|| context.clone(), |row| row.context(context.clone()));
    Ok(match templates.render_part(file, context, &BLOCKS)? {
        Part::Block(html) => html,
        Part::Page(html) => extract::content_of(&html).to_owned(),
    })
}

/// The text of a page that is no template.
fn text_of(file: &str) -> Result<String, Error> {
    let Some(folder) = recorder::folder() else { return Ok(String::new()) };
    recorder::note(|looked| looked.add_name(file, &folder));
    let Ok(Opening::File(open)) = folder.open_file(file) else { return Ok(String::new()) };
    Ok(source::read_text(&open)?)
}

/// One content among those that are being made; it ends when it is dropped.
struct Inside;

impl Inside {
    /// Begins the content of `file` in that of others, the page `shown` outermost.
    fn enter(shown: Option<&Arc<str>>, file: &Arc<str>) -> Result<Self, Error> {
        let parts = recorder::parts();
        let around: Vec<&str> = shown.into_iter().chain(&parts).map(|name| &**name).collect();
        if let Some(first) = around.iter().position(|name| *name == &**file) {
            let path = [&around[first..], &[&**file]].concat().join(" -> ");
            let message = format!("the content of `{file}` holds itself: {path}");
            let help = "leave the page out of the list: `{% if post.url != page.url %}`";
            return Err(ListError::new(message, help).into());
        }
        if parts.len() == MAX_DEPTH {
            let message = format!("contents hold others more than {MAX_DEPTH} deep");
            return Err(ListError::new(message, "show `title` or `description` instead").into());
        }
        recorder::enter_part(Arc::clone(file));
        Ok(Self)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        recorder::leave_part();
    }
}

//! A page of Markdown: its text, made into HTML, in its layout.

use std::sync::{Arc, OnceLock};

use minijinja::{
    Environment, Error, ErrorKind, Value,
    value::{Enumerator, Object},
};

use crate::{
    diagnostic::{Diagnostic, LINES_AROUND, Place},
    markdown::{self, Document, Resolved},
    site::{
        builtin,
        collection::extract,
        front_matter::unmask,
        markdown::{links::Links, source::restored, values::Contents},
        metadata::values::Layout,
        naming::Naming,
        templates::{
            code::{self, Tag, TagKind},
            explained, layout,
            overlay::overlay,
            recorder,
        },
    },
};

/// The layout of the pages of Markdown in a folder and below.
const LAYOUT_FILE: &str = "_layout.html";
/// The built-in page around a text without a layout.
const BUILT_IN: &str = "markdown.html";

/// What a layout knows of a page by its text.
const SUMMARY_KEY: &str = "summary";

/// What goes around the text of a page.
enum Around {
    Nothing,
    BuiltIn,
    /// This file, by a name as that of `{% extends %}`.
    File(String),
}

/// Renders the file `name`, in whose templates, or in those that it uses, Markdown may be. In
/// `environment` sources and values come with marks.
///
/// # Errors
/// Where the engine cannot, or the page and its layout do not fit together.
pub(crate) fn render(
    environment: &Environment<'_>,
    name: &str,
    context: Value,
    links: &Links,
) -> Result<String, Error> {
    if !Naming::is_markdown(name) {
        return Ok(resolve(&layout::render(environment, name, context)?, links).html);
    }
    let page = environment.get_template(name)?;
    check_body(name, page.source())?;
    let around = around(environment, name, page.source())?;
    let (document, _) = render_text(environment, name, &context, links)?;
    match around {
        Around::Nothing => Ok(document.html),
        Around::BuiltIn => Ok(in_built_in(document, &context)),
        Around::File(file) => {
            let contents = Value::from_safe_string(document.contents);
            let context = with_page(&context, |page| {
                let (page, html) = (with_contents(page, contents), document.html.clone());
                Value::from_object(Summarised { page, html, summary: OnceLock::new() })
            });
            let filled = layout::fill(environment, name, &file, document.html, context)?;
            Ok(resolve(&filled, links).html)
        }
    }
}

/// What a template put out, as HTML.
pub(crate) fn without_marks(marked: &str, links: &Links) -> String {
    resolve(marked, links).html
}

/// Renders the text of the page of Markdown `name` alone, and returns the fuel that it took.
///
/// # Errors
/// Where the engine cannot.
pub(crate) fn render_text(
    environment: &Environment<'_>,
    name: &str,
    context: &Value,
    links: &Links,
) -> Result<(Document, u64), Error> {
    let page = environment.get_template(name)?;
    let context = with_page(context, |page| with_contents(page, Contents::begin()));
    let rendered = page.render_captured(context)?;
    if Contents::is_misused() {
        return Err(misused_contents(name, page.source()));
    }
    let used = rendered.state().fuel_levels().map_or(0, |(used, _)| used);
    Ok((resolve(rendered.output(), links).document.unwrap_or_default(), used))
}

fn resolve(marked: &str, links: &Links) -> Resolved {
    let resolved = markdown::resolve(marked, &mut |destination| links.rewrite(destination));
    for warning in &resolved.warnings {
        let line = warning.line.map_or(String::new(), |line| format!(":{line}"));
        recorder::warn(format!("warning: {}{line}: {}", warning.file, warning.message));
    }
    resolved
}

fn in_built_in(document: Document, context: &Value) -> String {
    let page = context.get_attr("page").unwrap_or_default();
    let part = |key| page.get_attr(key).unwrap_or_default();
    let (title, description) = (part("title"), part("description"));
    let content = Value::from_safe_string(document.html);
    builtin::render(BUILT_IN, minijinja::context! { title, description, content })
}

/// What goes around the text of the page `name`.
fn around(environment: &Environment<'_>, name: &str, source: &str) -> Result<Around, Error> {
    match layout::asked_for(name, source)? {
        Layout::None => Ok(Around::Nothing),
        Layout::Named(file) => {
            layout::check_layout(environment, name, &file, source)?;
            Ok(Around::File(file))
        }
        Layout::Unset => nearest(environment, name),
    }
}

/// The nearest layout upwards that has the block for the text.
fn nearest(environment: &Environment<'_>, name: &str) -> Result<Around, Error> {
    let mut passed_over: Vec<String> = Vec::new();
    let mut found = Around::BuiltIn;
    let mut folder = name;
    while let Some((above, _)) =
        folder.rsplit_once('/').or((!folder.is_empty()).then_some(("", "")))
    {
        let file = if above.is_empty() {
            LAYOUT_FILE.to_owned()
        } else {
            format!("{above}/{LAYOUT_FILE}")
        };
        folder = above;
        match environment.get_template(&file) {
            Err(error) if error.kind() == ErrorKind::TemplateNotFound => continue,
            Err(error) => return Err(error),
            Ok(_) if layout::has_content_block(environment, &file)? => {
                found = Around::File(format!("/{file}"));
                break;
            }
            Ok(_) => passed_over.push(file),
        }
    }
    if !passed_over.is_empty() {
        let used = match &found {
            Around::File(file) => format!("`{}` is used", &file[1..]),
            _ => "a plain page is used".to_owned(),
        };
        let passed_over = passed_over.join("`, `");
        recorder::warn(format!("warning: {name}: `{passed_over}` has no block `content`: {used}"));
    }
    Ok(found)
}

/// Fails where a page of Markdown has what belongs into one that extends a layout.
fn check_body(name: &str, source: &str) -> Result<(), Error> {
    let is_refused = |tag: &Tag<'_>| {
        tag.kind == TagKind::Statement
            && matches!(tag.code.split_whitespace().next(), Some("extends" | "block"))
    };
    let Some(tag) = code::tags(source).find(is_refused) else { return Ok(()) };
    Err(explained::error(Diagnostic {
        message: "a page of Markdown has no `{% extends %}`, and no blocks".to_owned(),
        places: vec![place(name, source, &tag)],
        notes: Vec::new(),
        help: "name its layout in the front matter, `layout: \"_layout.html\"`: the text is the \
               block `content` of that"
            .to_owned(),
    }))
}

/// The error of a page that does more with `page.toc` than to print it.
fn misused_contents(name: &str, source: &str) -> Error {
    let is_misuse = |tag: &Tag<'_>| {
        tag.code.contains("page.toc")
            && matches!(tag.kind, TagKind::Expression | TagKind::Statement)
            && tag.code.trim() != "page.toc"
    };
    let places = code::tags(source).find(is_misuse).map(|tag| place(name, source, &tag));
    explained::error(Diagnostic {
        message: "`page.toc` is made of the text that it stands in, and can only be printed there"
            .to_owned(),
        places: places.into_iter().collect(),
        notes: Vec::new(),
        help: "write `{{ page.toc }}` where it belongs; the layout knows all of it".to_owned(),
    })
}

fn place(name: &str, source: &str, tag: &Tag<'_>) -> Place {
    let shown = unmask(source);
    let (text, range) = restored(&shown, tag.range.clone());
    Place::in_text(name, &text, range, LINES_AROUND)
}

/// The context with another `page`.
fn with_page(context: &Value, change: impl FnOnce(Value) -> Value) -> Value {
    let page = context.get_attr("page").unwrap_or_default();
    overlay(context.clone(), [("page", change(page))])
}

fn with_contents(page: Value, contents: Value) -> Value {
    overlay(page, [("toc", contents)])
}

/// `page` in a layout: its summary is that of its text, made when it is asked for.
#[derive(Debug)]
struct Summarised {
    page: Value,
    html: String,
    summary: OnceLock<Value>,
}

impl Object for Summarised {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == SUMMARY_KEY {
            let make = || Value::from_safe_string(extract::summary_of(&self.html).to_owned());
            return Some(self.summary.get_or_init(make).clone());
        }
        self.page.get_attr(key).ok().filter(|value| !value.is_undefined())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.page.try_iter().into_iter().flatten();
        Enumerator::Values(keys.chain([SUMMARY_KEY.into()]).collect())
    }
}

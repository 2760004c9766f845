//! Layouts: a page whose front matter names one is its content, and no page by itself.
//!
//! The body of the page is rendered first; then a template that stands in no file extends
//! the layout, and fills its block `content` with that. What the body sets is not known in
//! the layout, while `page` is the same in both.

use minijinja::{Environment, Error, Value};

use crate::{
    diagnostic::{Diagnostic, LINES_AROUND, Place},
    site::{
        front_matter::{is_masked, unmask},
        markdown::source::restored,
        metadata::{
            keys::{self, Keys},
            values::Layout,
        },
        templates::{
            code::{self, Tag, TagKind},
            explained::error,
            names,
            overlay::overlay,
        },
        trace,
    },
};

/// The key of front matter that names a layout.
pub(crate) const KEY: &str = "layout";
/// The block of a layout that a page fills.
const BLOCK: &str = "content";
/// What fills it. It goes by the name of the page, so that `./` means what it means there.
const FILLING: &str = "{% extends __layout__ %}{% block content %}{{ __content__ }}{% endblock %}";
/// What the filling knows beside the names of every template.
const LAYOUT_KEY: &str = "__layout__";
const CONTENT_KEY: &str = "__content__";

/// Layouts that extend each other, in which the block is looked for.
const MAX_LAYOUTS: usize = 16;

/// Renders the file `name`: by itself, or in the layout that its front matter names.
///
/// # Errors
/// Where the engine cannot, or the page and its layout do not fit together.
pub(crate) fn render(
    environment: &Environment<'_>,
    name: &str,
    context: Value,
) -> Result<String, Error> {
    let page = environment.get_template(name)?;
    let Some(layout) = named_by(name, page.source())? else { return trace::render(&page, context) };
    check_body(name, page.source())?;
    check_layout(environment, name, &layout, page.source())?;
    let body = trace::render(&page, context.clone())?;
    fill(environment, name, &layout, body, context)
}

/// Renders the file `layout`, named as in `{% extends %}` of the page `name`, with `body` as
/// its block `content`.
///
/// # Errors
/// Where the engine cannot.
pub(crate) fn fill(
    environment: &Environment<'_>,
    name: &str,
    layout: &str,
    body: String,
    context: Value,
) -> Result<String, Error> {
    let own = [(LAYOUT_KEY, layout.into()), (CONTENT_KEY, Value::from_safe_string(body))];
    let context = overlay(context, own);
    trace::render(&environment.template_from_named_str(name, FILLING)?, context)
}

/// Whether the file `layout` has a block `content`, or one that it extends does: where that
/// cannot be told before it is rendered, it counts as having one.
///
/// # Errors
/// Where the file is itself the content of a layout.
pub(crate) fn has_content_block(
    environment: &Environment<'_>,
    layout: &str,
) -> Result<bool, Error> {
    let mut name = layout.to_owned();
    for _ in 0..MAX_LAYOUTS {
        // One that cannot be loaded is told where it is named, when that is rendered.
        let Ok(template) = environment.get_template(&name) else { return Ok(true) };
        let source = template.source();
        if named_by(&name, source)?.is_some() {
            return Err(not_a_layout(&name, source));
        }
        if statements(source, "block").any(|tag| word_after(tag.code, "block") == Some(BLOCK)) {
            return Ok(true);
        }
        match statements(source, "extends").next().map(|tag| literal_after(tag.code, "extends")) {
            Some(Some(parent)) => name = names::join(parent, &name).into_owned(),
            Some(None) => return Ok(true),
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// Whether a source is the one that fills a layout, which stands in no file.
pub(crate) fn is_filling(source: &str) -> bool {
    source == FILLING
}

/// The layout that the front matter names in this source.
fn named_by(name: &str, source: &str) -> Result<Option<String>, Error> {
    Ok(match asked_for(name, source)? {
        Layout::Named(layout) => Some(layout),
        Layout::Unset | Layout::None => None,
    })
}

/// What the front matter in this source says of a layout.
pub(crate) fn asked_for(name: &str, source: &str) -> Result<Layout, Error> {
    // Nearly every template has none.
    if !is_masked(source) {
        return Ok(Layout::Unset);
    }
    let keys = Keys::read(name, &unmask(source)).map_err(|diagnostic| error(*diagnostic))?;
    Ok(keys.map_or(Layout::Unset, |(keys, _)| keys.layout))
}

/// Fails where a page that names a layout has what belongs into one that extends it.
fn check_body(name: &str, source: &str) -> Result<(), Error> {
    let text = unmask(source);
    let place = |tag: &Tag<'_>| {
        let (text, range) = restored(&text, tag.range.clone());
        Place::in_text(name, &text, range, LINES_AROUND)
    };
    if let Some(tag) = statements(source, "extends").next() {
        let places = keys::place_of(name, &text, KEY).into_iter().chain([place(&tag)]).collect();
        return Err(error(Diagnostic {
            message: "a page has `layout` or `{% extends %}`, and not both".to_owned(),
            places,
            notes: Vec::new(),
            help: "leave out `layout` where the page fills blocks of its own; leave out \
                   `{% extends %}` and the blocks where its text is the content of the layout"
                .to_owned(),
        }));
    }
    match statements(source, "block").next() {
        None => Ok(()),
        Some(tag) => Err(error(Diagnostic {
            message: "a page with `layout` is the content of that, and has no blocks".to_owned(),
            places: vec![place(&tag)],
            notes: Vec::new(),
            help: "write `{% extends \"…\" %}` in place of `layout` to fill blocks, or leave out \
                   the tags of the block"
                .to_owned(),
        })),
    }
}

/// Fails where the layout that the front matter names has no block for the page.
///
/// # Errors
/// So, and where it cannot be one.
pub(crate) fn check_layout(
    environment: &Environment<'_>,
    name: &str,
    layout: &str,
    source: &str,
) -> Result<(), Error> {
    let file = names::join(layout, name);
    if has_content_block(environment, &file)? {
        return Ok(());
    }
    Err(error(Diagnostic {
        message: format!("`{file}` has no block `{BLOCK}` for the text of the page"),
        places: keys::place_of(name, &unmask(source), KEY).into_iter().collect(),
        notes: Vec::new(),
        help: format!(
            "put `{{% block {BLOCK} %}}{{% endblock %}}` into `{file}` where the text belongs"
        ),
    }))
}

/// The error of a file that is used as a layout and names one itself.
fn not_a_layout(name: &str, source: &str) -> Error {
    error(Diagnostic {
        message: format!("`{name}` is the content of a layout, and cannot be one"),
        places: keys::place_of(name, &unmask(source), KEY).into_iter().collect(),
        notes: Vec::new(),
        help: "a layout in a layout begins with `{% extends \"…\" %}` in place of `layout`"
            .to_owned(),
    })
}

/// The tags `{% word … %}` of a source.
fn statements<'s>(source: &'s str, word: &'static str) -> impl Iterator<Item = Tag<'s>> {
    code::tags(source).filter(move |tag| {
        tag.kind == TagKind::Statement && tag.code.split_whitespace().next() == Some(word)
    })
}

/// The second word of `code`, which begins with `first`.
fn word_after<'c>(code: &'c str, first: &str) -> Option<&'c str> {
    code.trim().strip_prefix(first)?.split_whitespace().next()
}

/// The text in quotes that is all of `code` after its `first` word.
fn literal_after<'c>(code: &'c str, first: &str) -> Option<&'c str> {
    let rest = code.trim().strip_prefix(first)?.trim();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let text = rest.strip_prefix(quote)?.strip_suffix(quote)?;
    (!text.contains([quote, '\\'])).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_literal_name_is_known_before_it_is_rendered() {
        for (code, expected) in [
            ("extends 'a.html'", Some("a.html")),
            (" extends \"./a.html\" ", Some("./a.html")),
            ("extends a", None),
            ("extends 'a' if b else 'c'", None),
            ("extends 'a' ~ 'b'", None),
            ("extends 'a\\n'", None),
            ("extends", None),
        ] {
            assert_eq!(literal_after(code, "extends"), expected, "{code}");
        }
    }
}

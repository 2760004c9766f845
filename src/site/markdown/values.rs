//! Values in what a template puts out, with marks around them; and the filters that make HTML
//! of Markdown and of code.

use std::{borrow::Cow, cell::Cell, fmt, sync::Arc};

use minijinja::{
    AutoEscape, Environment, Error, Output, State, Value,
    value::{Enumerator, Kwargs, Object, ObjectRepr, StringInput},
};

use crate::{
    markdown::{self, marks},
    site::builtin,
};

/// The way of escaping that is known by this name puts marks around values.
const MARKED: &str = "markdown";

/// Has values come with marks.
pub(crate) fn mark(environment: &mut Environment<'_>) {
    environment.set_auto_escape_callback(|_| AutoEscape::Custom(MARKED.into()));
}

/// Whether values come with marks.
pub(crate) fn are_marked(state: &State<'_, '_>) -> bool {
    matches!(state.auto_escape(), AutoEscape::Custom(_))
}

/// Writes a value, with marks around it.
pub(crate) fn format(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if value.downcast_object_ref::<Contents>().is_some() {
        return Ok(fmt::Write::write_char(out, marks::CONTENTS)?);
    }
    let text = match value.as_str() {
        Some(text) if value.is_safe() => return Ok(out.write_str(text)?),
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(value.to_string()),
    };
    let text = marks::cleared(&text);
    if *state.auto_escape() == AutoEscape::None {
        return Ok(out.write_str(&text)?);
    }
    fmt::Write::write_char(out, marks::VALUE)?;
    builtin::write_escaped(out, &text)?;
    Ok(fmt::Write::write_char(out, marks::END)?)
}

/// `safe`: in a page of Markdown the text is Markdown, and holds no marks of its own.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn safe(state: &State<'_, '_>, value: StringInput<'_>) -> Value {
    match are_marked(state) && !value.is_safe() {
        true => Value::from_safe_string(marks::cleared(value.as_str()).into_owned()),
        false => Value::from_safe_string(value.as_str().to_owned()),
    }
}

/// What a filter makes of a value that is safe in HTML, which is no Markdown.
pub(crate) fn made(state: &State<'_, '_>, made: Value) -> Value {
    match made.as_str().filter(|_| made.is_safe() && are_marked(state)) {
        Some(text) => Value::from_safe_string(marks::value(&marks::cleared(text))),
        None => made,
    }
}

/// HTML of the program's own, which a page of Markdown leaves alone.
pub(crate) fn html(state: &State<'_, '_>, html: String) -> Value {
    Value::from_safe_string(if are_marked(state) { marks::html(&html) } else { html })
}

/// `{{ text | markdown }}`: its HTML. Of text that is not safe, tags are shown as they stand,
/// and addresses are of few schemes. `inline=true` leaves the paragraph out.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn markdown(
    state: &State<'_, '_>,
    value: StringInput<'_>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let is_inline = kwargs.get::<Option<bool>>("inline")?.unwrap_or(false);
    kwargs.assert_all_used()?;
    let made = markdown::of_value(value.as_str(), value.is_safe(), is_inline);
    Ok(html(state, made))
}

/// `{{ text | code("js") }}`: a block of code in that language.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn code(
    state: &State<'_, '_>,
    value: StringInput<'_>,
    language: Option<Cow<'_, str>>,
) -> Value {
    html(state, markdown::code_block(value.as_str(), language.as_deref()))
}

thread_local! {
    static IS_MISUSED: Cell<bool> = const { Cell::new(false) };
}

/// `page.toc` in the text of the page itself, of which it is not known yet: it can be printed,
/// and is put in afterwards.
#[derive(Debug)]
pub(crate) struct Contents;

impl Contents {
    /// For a page that is about to be rendered.
    pub(crate) fn begin() -> Value {
        IS_MISUSED.set(false);
        Value::from_object(Self)
    }

    /// Whether the page has done anything else with it.
    pub(crate) fn is_misused() -> bool {
        IS_MISUSED.get()
    }
}

impl Object for Contents {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        IS_MISUSED.set(true);
        true
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        IS_MISUSED.set(true);
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        IS_MISUSED.set(true);
        Ok(())
    }
}

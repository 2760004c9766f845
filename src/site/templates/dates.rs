//! Dates in templates: values with parts, the filters that write them, and `now()`.
//!
//! Times without an offset and all that is shown are in the zone of the site, which the
//! render knows.

use std::{cmp::Ordering, fmt, sync::Arc};

use minijinja::{
    Error, ErrorKind, State, Value,
    value::{DynObject, Kwargs, Object, ObjectRepr},
};

use crate::{
    dates::{Date, DateError},
    site::templates::{explained, recorder},
};

const NONE_HELP: &str = "put `{% if page.date %}` … `{% endif %}` around what shows it, or set \
                         `date` in the front matter";
const KIND_HELP: &str = "a date is `page.date`, `now()`, text such as \"2026-11-27\", or the whole \
                         seconds since 1970";

/// The names of the parts of a date, in the order of [`Date::fields`].
const PARTS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];

/// A date as a template has it.
#[derive(Debug)]
struct DateValue(Date);

/// The value for a template of a date.
pub(crate) fn value(date: Date) -> Value {
    Value::from_object(DateValue(date))
}

impl Object for DateValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let at = PARTS.iter().position(|part| *part == key)?;
        self.0.fields(&recorder::zone()).get(at).copied().map(Value::from)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            // As in Python, for templates that come from there.
            ("strftime", [pattern]) => written(self.0, pattern.as_str().unwrap_or_default()),
            ("isoformat", []) => Ok(self.0.text(&recorder::zone()).into()),
            _ => Err(ErrorKind::UnknownMethod.into()),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let (other, zone) = (other.downcast_ref::<Self>()?, recorder::zone());
        Some(self.0.begins(&zone).cmp(&other.0.begins(&zone)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text(&recorder::zone()))
    }
}

/// `now()`: the moment at which the page is made.
pub(crate) fn now() -> Value {
    value(Date::at(recorder::now()))
}

/// `date`: by a pattern such as `%d %B %Y`, or as it is printed.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn date(value: &Value, format: Option<&str>, kwargs: Kwargs) -> Result<Value, Error> {
    let pattern = format.map_or_else(|| kwargs.get("format"), |format| Ok(Some(format)))?;
    kwargs.assert_all_used()?;
    let date = date_of(value)?;
    match pattern {
        Some(pattern) => written(date, pattern),
        None => Ok(date.text(&recorder::zone()).into()),
    }
}

/// `rfc3339`: the moment at which it begins, for Atom, sitemaps and `<time>`.
pub(crate) fn rfc3339(value: &Value) -> Result<String, Error> {
    Ok(date_of(value)?.rfc3339(&recorder::zone()))
}

/// `rfc2822`: the same for RSS.
pub(crate) fn rfc2822(value: &Value) -> Result<String, Error> {
    Ok(date_of(value)?.rfc2822(&recorder::zone()))
}

fn written(date: Date, pattern: &str) -> Result<Value, Error> {
    date.format(pattern, &recorder::zone()).map(Value::from).map_err(error)
}

/// The date that a value is, or that its text or number means.
fn date_of(value: &Value) -> Result<Date, Error> {
    if let Some(date) = value.downcast_object_ref::<DateValue>() {
        return Ok(date.0);
    }
    if let Some(text) = value.as_str() {
        return Date::parse(text).map_err(error);
    }
    if value.is_none() {
        return Err(explained::error_here("this date is not set", NONE_HELP));
    }
    let secs = Some(value).filter(|value| value.is_integer()).and_then(Value::as_i64);
    secs.and_then(Date::of_unix).ok_or_else(|| {
        let message = match value.is_integer() {
            true => format!("{value} seconds lead beyond the calendar"),
            false => format!("a {} is no date", value.kind()),
        };
        explained::error_here(message, KIND_HELP)
    })
}

fn error(error: DateError) -> Error {
    explained::error_here(error.message, error.help)
}

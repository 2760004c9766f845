//! Filters and functions that Jinja has and the engine has not: most are of
//! `minijinja-contrib`, with the arguments in the places that Jinja gives them.

use minijinja::{
    AutoEscape, Error, ErrorKind, State, Value, filters,
    value::{Kwargs, Rest, ValueKind, ValueOrKwargs},
};
use minijinja_contrib::{filters as contrib, globals};

use crate::{
    html::tokens::{TokenKind, Tokens},
    site::{builtin, templates::limits::check_time_seldom},
};

/// The largest number that sets the size of a text here. It keeps the sums of contrib's
/// code far from overflow; what they cost is checked before.
const MAX_SIZE: usize = 1 << 24;

/// Paragraphs that `lipsum` makes, and words of one, where none are given.
pub(crate) const LIPSUM_PARAGRAPHS: usize = 5;
const LIPSUM_MIN_WORDS: usize = 20;
pub(crate) const LIPSUM_MAX_WORDS: usize = 100;

/// Arguments under their `names`, whether they were given by place or by name.
pub(crate) fn by_name(mut args: Vec<Value>, names: &[&str]) -> Result<Kwargs, Error> {
    let kwargs = args.pop_if(|value| value.is_kwargs());
    if args.len() > names.len() {
        return Err(ErrorKind::TooManyArguments.into());
    }
    let mut named: Vec<(String, Value)> =
        names.iter().map(|name| (*name).to_owned()).zip(args).collect();
    for name in kwargs.iter().flat_map(Value::try_iter).flatten() {
        let name = name.to_string();
        if named.iter().any(|(given, _)| *given == name) {
            let message = format!("the argument `{name}` is given twice");
            return Err(Error::new(ErrorKind::TooManyArguments, message));
        }
        let value = kwargs.as_ref().map_or(Ok(Value::UNDEFINED), |all| all.get_attr(&name))?;
        named.push((name, value));
    }
    Ok(named.into_iter().collect())
}

/// A number that sets a size, held within bounds.
pub(crate) fn size(kwargs: &Kwargs, name: &str, default: usize) -> Result<usize, Error> {
    let given = kwargs.get::<Option<u64>>(name)?;
    let given = given.map(|size| usize::try_from(size).unwrap_or(MAX_SIZE));
    Ok(given.unwrap_or(default).min(MAX_SIZE))
}

/// The same arguments with one of them replaced.
fn with_size(kwargs: &Kwargs, name: &str, size: usize) -> Result<Kwargs, Error> {
    let others = kwargs.args().filter(|other| *other != name);
    let others = others.map(|other| Ok((other.to_owned(), kwargs.peek::<Value>(other)?)));
    let own = std::iter::once(Ok((name.to_owned(), Value::from(size))));
    others.chain(own).collect::<Result<Vec<(String, Value)>, Error>>().map(Kwargs::from_iter)
}

/// `striptags`: the text of HTML as a browser reads it, so that a `<` that begins no tag stays,
/// with single spaces.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn striptags(html: String) -> String {
    let texts = Tokens::new(&html).filter_map(|token| match token.kind {
        TokenKind::Text(text) => Some(text),
        _ => None,
    });
    let text: String = texts.collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) const TRUNCATE_ARGS: [&str; 4] = ["length", "killwords", "end", "leeway"];

/// `truncate(length=255, killwords=false, end="...", leeway=5)`.
pub(crate) fn truncate(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let mut kwargs = by_name(args.into_values(), &TRUNCATE_ARGS)?;
    for (name, default) in [("length", 255), ("leeway", 5)] {
        kwargs = with_size(&kwargs, name, size(&kwargs, name, default)?)?;
    }
    contrib::truncate(state, &filters::string(state, value)?, kwargs)
}

pub(crate) const WORDWRAP_ARGS: [&str; 4] =
    ["width", "break_long_words", "wrapstring", "break_on_hyphens"];

/// `wordwrap(width=79, break_long_words=true, wrapstring="\n", break_on_hyphens=true)`.
pub(crate) fn wordwrap(
    state: &State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let kwargs = by_name(args.into_values(), &WORDWRAP_ARGS)?;
    let width = size(&kwargs, "width", 79)?.max(1);
    contrib::wordwrap(&filters::string(state, value)?, with_size(&kwargs, "width", width)?)
}

/// `wordcount`, also of what is no text.
pub(crate) fn wordcount(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    contrib::wordcount(&filters::string(state, value)?)
}

/// `filesizeformat(binary=false)`, also of a number in text.
pub(crate) fn filesizeformat(value: &Value, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let kwargs = by_name(args.into_values(), &["binary"])?;
    let binary = kwargs.get::<Option<bool>>("binary")?;
    kwargs.assert_all_used()?;
    Ok(contrib::filesizeformat(f64::try_from(number(value))?, binary))
}

/// `pluralize(singular="", plural="s")`, also of a number in text.
pub(crate) fn pluralize(value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let kwargs = by_name(args.into_values(), &["singular", "plural"])?;
    let (singular, plural) = (kwargs.get("singular")?, kwargs.get("plural")?);
    kwargs.assert_all_used()?;
    contrib::pluralize(&number(value), singular, plural)
}

/// The number that stands in a text, or the value itself.
fn number(value: &Value) -> Value {
    let Some(text) = value.as_str().map(str::trim) else { return value.clone() };
    let whole = text.parse::<i64>().ok().map(Value::from);
    let number = whole.or_else(|| text.parse::<f64>().ok().map(Value::from));
    number.unwrap_or_else(|| value.clone())
}

/// `random`, also of a lazy list such as a `range`.
pub(crate) fn random(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    check_seed(state)?;
    match value.kind() {
        ValueKind::Iterable => {
            let items = value.try_iter()?.checked().map(|item| check_time_seldom().and(item));
            contrib::random(state, &items.collect::<Result<Vec<Value>, Error>>()?.into())
        }
        _ => contrib::random(state, value),
    }
}

pub(crate) const LIPSUM_ARGS: [&str; 4] = ["n", "html", "min", "max"];

/// `lipsum(n=5, html=true, min=20, max=100)`.
pub(crate) fn lipsum(state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    check_seed(state)?;
    let kwargs = by_name(args.into_values(), &LIPSUM_ARGS)?;
    let html = kwargs.get::<Option<bool>>("html")?.unwrap_or(true);
    let paragraphs = size(&kwargs, "n", LIPSUM_PARAGRAPHS)?;
    let max = size(&kwargs, "max", LIPSUM_MAX_WORDS)?.max(1);
    let min = size(&kwargs, "min", LIPSUM_MIN_WORDS)?.clamp(1, max);
    kwargs.assert_all_used()?;
    let sizes = [("min", min), ("max", max)].map(|(name, size)| (name, Value::from(size)));
    let args = sizes.into_iter().chain([("html", Value::from(html))]);
    globals::lipsum(state, Some(paragraphs), args.collect())
}

/// A seed of 0, which a template might set, makes contrib's numbers all 0, and its search
/// for a word that differs from the last one endless.
fn check_seed(state: &State<'_, '_>) -> Result<(), Error> {
    match state.lookup("RAND_SEED").map(u64::try_from) {
        Some(Ok(0)) => Err(Error::new(ErrorKind::InvalidOperation, "`RAND_SEED` cannot be 0")),
        _ => Ok(()),
    }
}

/// `forceescape`, which escapes what is safe, too.
pub(crate) fn forceescape(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let text = filters::string(state, value)?;
    Ok(Value::from_safe_string(builtin::escaped(text.as_str().unwrap_or_default())))
}

/// `xmlattr(autospace=true)`: a map as attributes. Leaves out what is undefined or none.
pub(crate) fn xmlattr(
    state: &State<'_, '_>,
    map: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let kwargs = by_name(args.into_values(), &["autospace"])?;
    let autospace = kwargs.get::<Option<bool>>("autospace")?.unwrap_or(true);
    kwargs.assert_all_used()?;
    if map.kind() != ValueKind::Map {
        let message = format!("`xmlattr` takes a map, and not a {}", map.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let mut attributes = Vec::new();
    for name in map.try_iter()?.checked() {
        let name = name?;
        check_time_seldom()?;
        let value = map.get_item(&name)?;
        if value.is_undefined() || value.is_none() {
            continue;
        }
        attributes.push(attribute(&name.to_string(), &filters::string(state, &value)?)?);
    }
    let space = if autospace && !attributes.is_empty() { " " } else { "" };
    let text = format!("{space}{}", attributes.join(" "));
    Ok(match state.auto_escape() {
        AutoEscape::None => text.into(),
        _ => Value::from_safe_string(text),
    })
}

/// `name="value"`, escaped.
pub(crate) fn attribute(name: &str, value: &Value) -> Result<String, Error> {
    let breaks_out = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=');
    if name.is_empty() || name.contains(breaks_out) {
        let message = format!("`{name}` cannot be the name of an attribute");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let text = value.as_str().unwrap_or_default();
    let text = if value.is_safe() { text.to_owned() } else { builtin::escaped(text) };
    Ok(format!("{}=\"{text}\"", builtin::escaped(name)))
}

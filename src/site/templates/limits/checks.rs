//! Checks before a filter, test or function runs: whether there is time for it, and fuel
//! for the size of its arguments and of its result.
//!
//! Each check is a bound from above, and quick: it makes none of what it measures. The
//! fuel for a call's own work is mostly left to the engine.

use minijinja::{Error, State, Value, filters, value::ValueKind};

use crate::site::templates::limits::{
    BYTES_PER_FUEL, Limit, MAX_ESCAPED_BYTES, MAX_INDENT, Walk, added, charge_bytes, charge_items,
    check_found, check_time, check_time_seldom, ensure_room,
};

/// Spaces by which the engine indents each level of what `pprint` and `debug` show.
const DEBUG_INDENT: usize = 4;
/// The most bytes of one place of a width: a filler, and a separator of thousands.
const MAX_FILLER_BYTES: u64 = 8;
/// What `wordwrap` takes for each piece between two places for a break: 130 bytes.
const FUEL_PER_PIECE: u64 = 2;
/// The most that stands around the URL of a link, and its options.
const LINK_BYTES: u64 = 64;
/// The most bytes of a word that `lipsum` makes, with what stands around it.
const LIPSUM_WORD_BYTES: u64 = 24;

/// For calls that take a few steps, whatever they are given.
pub(crate) fn time(_: &State<'_, '_>, _: &[Value]) -> Result<(), Error> {
    check_time_seldom()
}

/// For the same that take no undefined value. The engine's own form of them refuses
/// it, the form that others may call does not, or without its name.
pub(crate) fn defined(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time_seldom()?;
    args.first().map_or(Ok(()), |value| refuse_undefined(state, value))
}

/// Fails where one of the arguments is undefined, by its name or by its place.
pub(crate) fn all_defined(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    for arg in args {
        refuse_undefined(state, arg)?;
        let names = arg.is_kwargs().then(|| arg.try_iter()).transpose()?;
        for name in names.into_iter().flatten() {
            refuse_undefined(state, &arg.get_item(&name)?)?;
        }
    }
    Ok(())
}

fn refuse_undefined(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    // Says what is undefined, which only the engine knows.
    if value.is_undefined() { filters::string(state, value).map(drop) } else { Ok(()) }
}

/// For filters of dates, which take text as well.
pub(crate) fn dated(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    text(state, args)
}

/// For calls that visit each item of the first argument.
pub(crate) fn items(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    map_items(state, args)
}

/// For the same where the engine makes text of what stands for the name of a test.
pub(super) fn selected(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    items(state, args)?;
    ensure_room(state, Walk::new(state).measure_all(args.get(1..).unwrap_or_default())?)
}

/// For functions that visit the same, which may be undefined.
pub(crate) fn map_items(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    args.first().map_or(Ok(0), |list| charge_items(state, list)).map(drop)
}

/// For calls that visit each item of all arguments, each character of text among them.
pub(crate) fn all_items(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    for value in args {
        let count = charge_items(state, value)?;
        state.consume_fuel(value.as_str().map_or(0, |_| count))?;
    }
    Ok(())
}

/// For a key that is looked for among `count` others. A short one costs nothing.
pub(crate) fn key(state: &State<'_, '_>, key: &Value, count: usize) -> Result<(), Error> {
    let comparisons = u64::from((count + 1).ilog2()) + 1;
    let bytes = match key.kind() {
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            Walk::new(state).with_undefined().measure(key)?
        }
        _ => key.as_str().map_or(0, str::len) as u64,
    };
    state.consume_fuel((bytes / BYTES_PER_FUEL).saturating_mul(comparisons))
}

/// For calls that make text of whole arguments.
pub(crate) fn text(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    args.first().map_or(Ok(()), |value| check_found(state, value))?;
    ensure_room(state, Walk::new(state).measure_all(args)?)
}

pub(crate) fn pretty_text(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    let walk = Walk::new(state).with_undefined().with_indent(DEBUG_INDENT);
    ensure_room(state, walk.measure_all(args)?)
}

/// For calls that go through whole arguments once.
pub(crate) fn whole(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time_seldom()?;
    charge_bytes(state, Walk::new(state).with_undefined().measure_all(args)?)
}

/// For comparisons of whole arguments, none of which may be undefined.
pub(crate) fn operands(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    all_defined(state, args)?;
    whole(state, args)
}

pub(crate) fn trim(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let bytes = |at: usize| args.get(at).and_then(Value::as_str).map_or(0, str::len) as u64;
    // Each character is looked for among those to trim.
    charge_bytes(state, bytes(0).saturating_mul(bytes(1)))
}

pub(crate) fn split(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    let separator = args.get(1).and_then(Value::as_str);
    pieces(state, args, |text| match separator {
        Some(separator) => text.matches(separator).count(),
        None => text.split_whitespace().count(),
    })
}

pub(crate) fn lines(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    pieces(state, args, |text| text.lines().count())
}

/// For a call that cuts text up: each piece is a value of its own.
fn pieces(
    state: &State<'_, '_>,
    args: &[Value],
    count: impl Fn(&str) -> usize,
) -> Result<(), Error> {
    text(state, args)?;
    let Some(value) = args.first() else { return Ok(()) };
    let pieces = match value.as_str() {
        Some(text) => count(text) as u64,
        None => Walk::new(state).measure(value)?,
    };
    state.consume_fuel(pieces)
}

pub(crate) fn format(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let Some((format, values)) = args.split_first() else { return Ok(()) };
    values.iter().try_for_each(|value| check_found(state, value))?;
    // Any of the values may stand at each place; the engine reads widths.
    let places = format.as_str().map_or(0, |format| format.matches('%').count()) as u64;
    ensure_room(state, Walk::new(state).measure_all(values)?.saturating_mul(places))
}

/// For the method `format`, which reads no width against the fuel: each number in it may be
/// one, and each value may stand at each place.
pub(crate) fn placed(state: &State<'_, '_>, format: &Value, values: &[Value]) -> Result<(), Error> {
    check_time()?;
    values.iter().try_for_each(|value| check_found(state, value))?;
    let format = format.as_str().unwrap_or_default();
    let numbers = format.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let widths = numbers.map(|digits| digits.parse().unwrap_or(u64::MAX));
    let widths = widths.fold(0, u64::saturating_add).saturating_mul(MAX_FILLER_BYTES);
    let places = format.matches('{').count() as u64;
    let bytes = Walk::new(state).measure_all(values)?.saturating_mul(places);
    ensure_room(state, bytes.saturating_add(widths).saturating_add(format.len() as u64))
}

/// For a list in which `args` are looked for.
pub(crate) fn searched(state: &State<'_, '_>, list: &Value, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    let count = charge_items(state, list)?;
    let wanted = Walk::new(state).with_undefined().measure_all(args)?;
    let bytes = Walk::new(state).with_undefined().measure(list)?;
    charge_bytes(state, bytes.saturating_add(count.saturating_mul(wanted)))
}

/// For `wordwrap`, which takes memory for each piece and puts a text between the lines.
pub(crate) fn wrapped(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let Some((value, options)) = args.split_first() else { return Ok(()) };
    let options = added::by_name(options.to_vec(), &added::WORDWRAP_ARGS)?;
    let width = added::size(&options, "width", 1)?.max(1) as u64;
    let between = options.peek::<Option<Value>>("wrapstring")?;
    let between = between.as_ref().and_then(Value::as_str).map_or(1, str::len) as u64;
    let (bytes, words) = bytes_and_words(state, value)?;
    let pieces = bytes / width + words;
    state.consume_fuel(pieces.saturating_mul(FUEL_PER_PIECE))?;
    ensure_room(state, bytes.saturating_add(pieces.saturating_mul(between)))
}

/// For `urlize`, which makes a link of each word at most.
pub(crate) fn linked(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let Some((value, options)) = args.split_first() else { return Ok(()) };
    let (bytes, words) = bytes_and_words(state, value)?;
    let options = Walk::new(state).measure_all(options)?;
    charge_bytes(state, words.saturating_mul(options))?;
    let links = words.saturating_mul(options + LINK_BYTES);
    ensure_room(state, links.saturating_add(bytes.saturating_mul(2 * MAX_ESCAPED_BYTES)))
}

/// The size of a text, or of what it is made of, and the most words in it.
fn bytes_and_words(state: &State<'_, '_>, value: &Value) -> Result<(u64, u64), Error> {
    match value.as_str() {
        Some(text) => {
            let breaks = text.matches('-').count();
            Ok((text.len() as u64, (text.split_whitespace().count() + breaks) as u64))
        }
        None => Walk::new(state).measure(value).map(|bytes| (bytes, bytes)),
    }
}

/// For `xmlattr`, which leaves out what is undefined.
pub(crate) fn attributes(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    ensure_room(state, Walk::new(state).with_undefined().measure_all(args)?)
}

pub(crate) fn lipsum(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    let options = added::by_name(args.to_vec(), &added::LIPSUM_ARGS)?;
    let paragraphs = added::size(&options, "n", added::LIPSUM_PARAGRAPHS)? as u64;
    let words = added::size(&options, "max", added::LIPSUM_MAX_WORDS)? as u64 + 1;
    ensure_room(state, paragraphs.saturating_mul(words).saturating_mul(LIPSUM_WORD_BYTES))
}

pub(crate) fn join(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    text(state, args)?;
    let Some((list, joiner)) = args.split_first() else { return Ok(()) };
    let between = Walk::new(state).measure_all(joiner)?;
    let gaps = charge_items(state, list)?;
    let bytes = Walk::new(state).measure(list)?;
    list.try_iter().into_iter().flatten().try_for_each(|item| check_found(state, &item))?;
    ensure_room(state, bytes.saturating_add(gaps.saturating_mul(between)))
}

pub(crate) fn indent(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let width = indent_width(args, "width")?;
    let text = args.first().and_then(Value::as_str).unwrap_or_default();
    let lines = text.lines().count() + 1;
    ensure_room(state, (text.len() + lines * width) as u64)
}

pub(crate) fn json(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    check_time()?;
    let walk = Walk::new(state).with_indent(indent_width(args, "indent")?);
    ensure_room(state, walk.measure_all(args)?)
}

/// The number that stands after the first argument, or under `name`.
fn indent_width(args: &[Value], name: &str) -> Result<usize, Error> {
    let given = args.get(1).filter(|value| !value.is_kwargs()).cloned();
    let width = given.unwrap_or_else(|| keyword(args, name));
    match usize::try_from(width) {
        Ok(width) if width > MAX_INDENT => Err(Limit::Indent.into()),
        Ok(width) => Ok(width.max(DEBUG_INDENT)),
        // It is left out, `true`, or refused by the filter.
        Err(_) => Ok(DEBUG_INDENT),
    }
}

/// The keyword argument `name`, or undefined.
fn keyword(args: &[Value], name: &str) -> Value {
    let kwargs = args.last().filter(|value| value.is_kwargs());
    kwargs.and_then(|kwargs| kwargs.get_attr(name).ok()).unwrap_or_default()
}

/// For `batch` and `slice`, which fill up to a number, or make as many lists.
pub(crate) fn portions(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    items(state, args)?;
    let count = args.get(1).cloned().map(u64::try_from);
    state.consume_fuel(count.and_then(Result::ok).unwrap_or(0))
}

/// For calls that compare the items of the first argument with each other.
pub(crate) fn compared(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    check_time()?;
    let Some(list) = args.first() else { return Ok(()) };
    let count = charge_items(state, list)?.max(1);
    let Ok(values) = list.try_iter() else { return Ok(()) };
    let (walk, values) = (Walk::new(state).with_undefined(), values.checked());
    let attribute = match args.get(1).filter(|value| !value.is_kwargs()) {
        Some(attribute) => attribute.clone(),
        None => keyword(args, "attribute"),
    };
    let bytes = if let Some(names) = attribute.as_str() {
        walk.measure_results(values.flat_map(|item| keys(item, names)))
    } else if list.kind() == ValueKind::Map && keyword(args, "by").as_str() == Some("value") {
        walk.measure(list)
    } else {
        walk.measure_results(values)
    }?;
    charge_bytes(state, bytes.saturating_mul(u64::from(count.ilog2()) + 1))
}

/// The parts of `item` that `names`, such as `city, address.street`, are the paths to.
fn keys(item: Result<Value, Error>, names: &str) -> Vec<Result<Value, Error>> {
    let Ok(item) = item else { return vec![item] };
    let key = |path: &str| {
        let step = |value: Value, name: &str| match name.parse() {
            Ok(idx) => value.get_item_by_index(idx),
            Err(_) => value.get_attr(name),
        };
        // A part that is not there is compared as undefined.
        path.trim().split('.').try_fold(item.clone(), step).unwrap_or_default()
    };
    names.split(',').map(|path| Ok(key(path))).collect()
}

/// For `sum`, which may also join lists, and then copies those before for each.
pub(crate) fn summed(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    items(state, args)?;
    let argument = |at: usize, name| {
        let given = args.get(at).filter(|value| !value.is_kwargs()).cloned();
        given.unwrap_or_else(|| keyword(args, name))
    };
    let attribute = argument(1, "attribute");
    for item in args.first().and_then(|list| list.try_iter().ok()).into_iter().flatten() {
        let parts = match attribute.as_str() {
            Some(names) => keys(Ok(item), names),
            None => vec![Ok(item)],
        };
        let of_part = |error: Error| error.with_source(Limit::UndefinedPart);
        parts.into_iter().try_for_each(|part| refuse_undefined(state, &part?).map_err(of_part))?;
    }
    let start = argument(2, "start");
    if start.is_undefined() || start.is_number() {
        return Ok(());
    }
    let count = args.first().map_or(Ok(0), |list| charge_items(state, list))?;
    let bytes = Walk::new(state).measure_all(args)?;
    charge_bytes(state, bytes.saturating_mul(count))
}

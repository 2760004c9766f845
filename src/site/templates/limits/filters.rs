//! Filters, tests and functions of the template language that are not the engine's own,
//! or not as it lets others call them.

use std::{collections::BTreeMap, iter};

use minijinja::{
    AutoEscape, Error, ErrorKind, State, Value, filters, functions, tests,
    value::{Kwargs, Rest, StringInput, ValueKind, ValueOrKwargs, from_args},
};

use crate::site::templates::limits::{
    Limit, MAX_NUMBER_IN_TEXT, charge_serialized, check_time_seldom, checks,
};

/// The largest end and step of a `range`, with which the engine's arithmetic does not
/// overflow.
const MAX_RANGE_END: u64 = 1 << 53;

/// `int`, which takes text for a number only up to `max`.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn int(
    state: &mut State<'_, '_>,
    value: &Value,
    default: Option<Value>,
    base: Option<u32>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let limits = NumberLimits::read(value, default, &kwargs)?;
    let base = base.map_or_else(|| kwargs.get("base"), |base| Ok(Some(base)))?;
    kwargs.assert_all_used()?;
    let number = filters::int(state, value, limits.default.clone(), base, no_kwargs())?;
    limits.check(number)
}

/// `float`, likewise.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands arguments over by value")]
pub(crate) fn float(
    state: &mut State<'_, '_>,
    value: &Value,
    default: Option<Value>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let limits = NumberLimits::read(value, default, &kwargs)?;
    kwargs.assert_all_used()?;
    let number = filters::float(state, value, limits.default.clone(), no_kwargs())?;
    limits.check(number)
}

fn no_kwargs() -> Kwargs {
    Kwargs::from_iter(iter::empty::<(String, Value)>())
}

/// How large a number in text may be, and what stands for any other.
struct NumberLimits {
    /// `None` where the value is no text.
    max: Option<f64>,
    default: Option<Value>,
}

impl NumberLimits {
    fn read(value: &Value, default: Option<Value>, kwargs: &Kwargs) -> Result<Self, Error> {
        let max = kwargs.get::<Option<f64>>("max")?.unwrap_or(MAX_NUMBER_IN_TEXT);
        let default = default.map_or_else(|| kwargs.get("default"), |value| Ok(Some(value)))?;
        Ok(Self { max: value.as_str().is_some().then_some(max), default })
    }

    fn check(self, number: Value) -> Result<Value, Error> {
        let is_default = self.default.as_ref() == Some(&number);
        let size = f64::try_from(number.clone()).map_or(0.0, f64::abs);
        match self.max {
            Some(max) if size > max && !is_default => {
                Ok(self.default.ok_or(Limit::NumberInText { max })?)
            }
            _ => Ok(number),
        }
    }
}

/// `replace`, with the number of replacements that the engine's own takes.
pub(crate) fn replace(
    state: &mut State<'_, '_>,
    value: StringInput<'_>,
    from: StringInput<'_>,
    to: StringInput<'_>,
    options: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let options = options.into_values();
    let (count, kwargs): (Option<i64>, Kwargs) = from_args(&options)?;
    let count = count.map_or_else(|| kwargs.get("count"), |count| Ok(Some(count)))?;
    kwargs.assert_all_used()?;
    let Some(count) = count.and_then(|count: i64| usize::try_from(count).ok()) else {
        return filters::replace(state, value, from, to);
    };
    let is_escaped = !matches!(state.auto_escape(), AutoEscape::None)
        && (value.is_safe() || from.is_safe() || to.is_safe());
    let wrap = |text| if is_escaped { Value::from_safe_string(text) } else { Value::from(text) };
    let text = if is_escaped { value.format(state)? } else { value.as_str().into() };
    let Some((at, last)) = text.match_indices(from.as_str()).take(count).last() else {
        return Ok(wrap(text.into_owned()));
    };
    let (head, tail) = text.split_at(at + last.len());
    let head = wrap(head.to_owned());
    let head = filters::replace(state, StringInput::new(state, &head)?, from, to)?;
    Ok(wrap(format!("{head}{tail}")))
}

/// `tojson`, which takes fuel for its work.
pub(crate) fn tojson(
    state: &State<'_, '_>,
    value: &Value,
    indent: Option<Value>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let text = filters::tojson(value, indent, kwargs)?;
    charge_serialized(state, &text)?;
    Ok(text)
}

/// `pprint`, likewise.
pub(crate) fn pprint(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let text = Value::from(filters::pprint(value));
    charge_serialized(state, &text)?;
    Ok(text)
}

/// `chain`, which makes the whole at once. The engine's own keeps what it is given and goes
/// through it for each use: in one that is chained again and again, that takes a step of
/// the stack for each level, and twice as long for each in one that is chained with itself.
pub(crate) fn chain(
    state: &State<'_, '_>,
    value: Value,
    others: Rest<Value>,
) -> Result<Value, Error> {
    if iter::once(&value).chain(others.iter()).any(|value| value.kind() != ValueKind::Map) {
        return made_at_once(&filters::chain(state, value, others)?);
    }
    let mut merged = BTreeMap::new();
    for map in iter::once(&value).chain(others.iter()) {
        // What has no list of its keys adds none.
        for key in map.try_iter().into_iter().flat_map(|keys| keys.checked()) {
            let key = key?;
            checks::key(state, &key, merged.len())?;
            match map.get_item(&key).unwrap_or_default() {
                value if value.is_undefined() => drop(merged.entry(key).or_insert(value)),
                value => drop(merged.insert(key, value)),
            }
        }
    }
    Ok(Value::from_pairs(merged))
}

/// `zip`, likewise.
pub(crate) fn zip(
    state: &State<'_, '_>,
    value: Value,
    others: Rest<Value>,
) -> Result<Value, Error> {
    made_at_once(&filters::zip(state, value, others)?)
}

/// The items of a lazy list, which then holds nothing of what it was made from.
fn made_at_once(lazy: &Value) -> Result<Value, Error> {
    let in_time = |item: Result<Value, Error>| check_time_seldom().and(item);
    let items = lazy.try_iter()?.checked().map(in_time).collect::<Result<Vec<Value>, Error>>()?;
    Ok(match lazy.kind() {
        ValueKind::Seq => Value::from(items),
        _ => Value::make_object_iterable(items, |items| Box::new(items.iter().cloned())),
    })
}

/// `divisibleby`, for which a division by zero is an error.
pub(crate) fn is_divisible_by(value: &Value, other: &Value) -> Result<bool, Error> {
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    if is_number(value) && is_number(other) && !other.is_true() {
        let message = format!("unable to calculate {value} % {other}");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    Ok(tests::is_divisibleby(value, other))
}

/// `range`, which ends at the deadline: a loop may do nothing else that checks it.
pub(crate) fn range(
    lower: isize,
    upper: Option<isize>,
    step: Option<isize>,
) -> Result<Value, Error> {
    let ends = [Some(lower), upper, step].into_iter().flatten();
    if ends.map(isize::unsigned_abs).any(|end| end as u64 > MAX_RANGE_END) {
        return Err(Error::new(ErrorKind::InvalidOperation, "range has too many elements"));
    }
    let numbers = functions::range(lower, upper, step)?;
    Ok(Value::make_object_iterable(numbers, |numbers| match numbers.try_iter() {
        Ok(numbers) => Box::new(numbers.map(until_late)),
        Err(error) => Box::new(iter::once(Value::from(error))),
    }))
}

fn until_late(number: Value) -> Value {
    check_time_seldom().map_or_else(Value::from, |()| number)
}

/// The engine's function `debug`, which shows the values it is given, or else all.
pub(crate) fn debug(state: &State<'_, '_>, args: Rest<Value>) -> Result<Value, Error> {
    let names = if args.is_empty() { state.known_variables() } else { Vec::new() };
    let named = names.iter().filter_map(|name| state.lookup(name));
    let shown: Vec<Value> = named.chain(args.iter().cloned()).collect();
    checks::pretty_text(state, &shown)?;
    let text = Value::from(functions::debug(state, args));
    charge_serialized(state, &text)?;
    Ok(text)
}

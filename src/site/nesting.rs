//! How deep values may lie in values, before they are printed.
//!
//! The engine prints what lies in a value by calling itself for each level, with
//! no limit. A `namespace` can be set to contain itself, or be wrapped in a list a
//! million times over, and to print it then runs through the thread's stack, which
//! ends the process. So each value is measured before it is printed.
//!
//! That covers `{{ … }}` and the filters and functions that make text of a whole
//! value. The engine has no place to do the same for its operators (`~`, `==`, `<`,
//! `in`), for the filters that compare, and for a value that goes out of use: with a
//! value that contains itself, or is near a million deep, these still end the process.

use minijinja::{
    Environment, Error, ErrorKind, State, Value, filters, functions,
    value::{Rest, ValueKind, ValueOrKwargs},
};

/// Levels that a value may have. Data that somebody wrote has a handful.
const MAX_DEPTH: usize = 100;

/// Bytes of text that take one unit of fuel, as the engine has it for what it
/// makes of a whole value.
const BYTES_PER_FUEL: u64 = 4;

/// A value cannot be printed.
#[derive(Debug, thiserror::Error)]
#[error("a value contains itself, or others more than {MAX_DEPTH} deep")]
pub(super) struct TooDeep;

/// Has the filters and functions that make text of a whole value measure it first.
pub(super) fn guard(environment: &mut Environment<'_>) {
    for (name, filter) in filters_to_text() {
        // What the engine lets others call of these two takes no fuel.
        let is_charged = ["pprint", "tojson"].contains(&name);
        let guarded = move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            let args = args.into_values();
            args.iter().try_for_each(|value| check(state, value))?;
            let text = filter.call(state, &args)?;
            if is_charged {
                charge(state, &text)?;
            }
            Ok::<Value, Error>(text)
        };
        environment.add_filter(name, guarded);
    }
    environment.add_function("debug", debug);
}

fn filters_to_text() -> [(&'static str, Value); 14] {
    [
        ("capitalize", Value::from_function(filters::capitalize)),
        ("e", Value::from_function(filters::escape)),
        ("escape", Value::from_function(filters::escape)),
        ("format", Value::from_function(filters::format)),
        ("join", Value::from_function(filters::join)),
        ("lower", Value::from_function(filters::lower)),
        ("pprint", Value::from_function(filters::pprint)),
        ("safe", Value::from_function(filters::safe)),
        ("string", Value::from_function(filters::string)),
        ("title", Value::from_function(filters::title)),
        ("tojson", Value::from_function(filters::tojson)),
        ("trim", Value::from_function(filters::trim)),
        ("upper", Value::from_function(filters::upper)),
        ("urlencode", Value::from_function(filters::urlencode)),
    ]
}

/// Fails where `value` has more than [`MAX_DEPTH`] levels.
///
/// The walk takes fuel: a list that stands twice in another, which stands twice in
/// another, and so on, takes little memory and has no end on paper.
pub(super) fn check(state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    check_below(state, value, MAX_DEPTH)
}

fn check_below(state: &State<'_, '_>, value: &Value, levels: usize) -> Result<(), Error> {
    // Anything else is printed by its name: an iterator would be used up by a walk.
    if !matches!(value.kind(), ValueKind::Map | ValueKind::Seq) {
        return Ok(());
    }
    let below = levels.checked_sub(1).ok_or_else(too_deep)?;
    let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
    for (key, value) in pairs.into_iter().flatten() {
        state.consume_fuel(1)?;
        check_below(state, &key, below)?;
        check_below(state, &value, below)?;
    }
    Ok(())
}

fn too_deep() -> Error {
    Error::new(ErrorKind::InvalidOperation, TooDeep.to_string()).with_source(TooDeep)
}

fn charge(state: &State<'_, '_>, text: &Value) -> Result<(), Error> {
    let bytes = text.as_str().map_or(0, str::len);
    state.consume_fuel(bytes as u64 / BYTES_PER_FUEL)
}

/// The engine's function `debug`, which shows the values it is given, or else all.
fn debug(state: &State<'_, '_>, args: Rest<Value>) -> Result<Value, Error> {
    let names = if args.is_empty() { state.known_variables() } else { Vec::new() };
    let named = names.iter().filter_map(|name| state.lookup(name));
    named.chain(args.iter().cloned()).try_for_each(|value| check(state, &value))?;
    let text = Value::from(functions::debug(state, args));
    charge(state, &text)?;
    Ok(text)
}

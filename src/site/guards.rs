//! The filters, tests and functions of the template language, each behind a check.
//!
//! All that the engine has are registered anew, in the form that it lets others call.
//! A check runs before: it compares the deadline, and the size of what the call is given
//! and of what it would make. The call itself takes fuel for most, once it is done.

use minijinja::{
    Environment, Error, State, Value, filters, functions, tests as engine_tests,
    value::{Rest, ValueKind, ValueOrKwargs},
};

use super::{
    filters as own,
    limits::{self, Limit, MAX_INDENT, Walk},
};

/// Fails where a call with these arguments may not be made.
type Check = fn(&State<'_, '_>, &[Value]) -> Result<(), Error>;

/// A name, its check, and what runs once that has passed.
type Guarded = (&'static str, Check, Value);

/// Spaces by which the engine indents each level of what `pprint` and `debug` show.
const DEBUG_INDENT: usize = 4;

/// Has all filters, tests and functions checked before they run.
pub(super) fn register(environment: &mut Environment<'_>) {
    for (name, check, filter) in filters_of_text().into_iter().chain(filters_of_lists()) {
        environment.add_filter(name, guarded(check, filter));
    }
    for (name, check, test) in tests_of_kind().into_iter().chain(tests_of_content()) {
        environment.add_test(name, guarded(check, test));
    }
    for (name, check, function) in global_functions() {
        environment.add_function(name, guarded(check, function));
    }
}

fn guarded(
    check: Check,
    function: Value,
) -> impl Fn(&mut State<'_, '_>, Rest<ValueOrKwargs>) -> Result<Value, Error> {
    move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        check(state, &args)?;
        function.call(state, &args)
    }
}

fn global_functions() -> Vec<Guarded> {
    vec![
        ("debug", time, Value::from_function(debug)),
        ("dict", items, Value::from_function(functions::dict)),
        ("namespace", items, Value::from_function(functions::namespace)),
        ("range", time, Value::from_function(own::range)),
    ]
}

fn filters_of_text() -> Vec<Guarded> {
    vec![
        ("abs", time, Value::from_function(filters::abs)),
        ("bool", time, Value::from_function(filters::bool)),
        ("capitalize", text, Value::from_function(filters::capitalize)),
        ("e", text, Value::from_function(filters::escape)),
        ("escape", text, Value::from_function(filters::escape)),
        ("float", time, Value::from_function(own::float)),
        ("format", format, Value::from_function(filters::format)),
        ("indent", indent, Value::from_function(filters::indent)),
        ("int", time, Value::from_function(own::int)),
        ("join", join, Value::from_function(filters::join)),
        ("lines", lines, Value::from_function(filters::lines)),
        ("lower", text, Value::from_function(filters::lower)),
        ("pprint", pretty_text, Value::from_function(own::pprint)),
        ("replace", text, Value::from_function(own::replace)),
        ("round", time, Value::from_function(filters::round)),
        ("safe", text, Value::from_function(filters::safe)),
        ("split", split, Value::from_function(filters::split)),
        ("string", text, Value::from_function(filters::string)),
        ("title", text, Value::from_function(filters::title)),
        ("tojson", json, Value::from_function(own::tojson)),
        ("trim", trim, Value::from_function(filters::trim)),
        ("upper", text, Value::from_function(filters::upper)),
        ("urlencode", text, Value::from_function(filters::urlencode)),
    ]
}

fn filters_of_lists() -> Vec<Guarded> {
    vec![
        ("attr", time, Value::from_function(filters::attr)),
        ("batch", portions, Value::from_function(filters::batch)),
        ("chain", time, Value::from_function(filters::chain)),
        ("count", defined, Value::from_function(filters::length)),
        ("d", time, Value::from_function(filters::default)),
        ("default", time, Value::from_function(filters::default)),
        ("dictsort", defined_and_compared, Value::from_function(filters::dictsort)),
        ("first", defined, Value::from_function(filters::first)),
        ("groupby", defined_and_compared, Value::from_function(filters::groupby)),
        ("items", defined, Value::from_function(filters::items)),
        ("last", defined_items, Value::from_function(filters::last)),
        ("length", defined, Value::from_function(filters::length)),
        ("list", items, Value::from_function(filters::list)),
        ("map", items, Value::from_function(filters::map)),
        ("max", compared, Value::from_function(filters::max)),
        ("min", compared, Value::from_function(filters::min)),
        ("reject", items, Value::from_function(filters::reject)),
        ("rejectattr", items, Value::from_function(filters::rejectattr)),
        ("reverse", defined_items, Value::from_function(filters::reverse)),
        ("select", items, Value::from_function(filters::select)),
        ("selectattr", items, Value::from_function(filters::selectattr)),
        ("slice", portions, Value::from_function(filters::slice)),
        ("sort", compared, Value::from_function(filters::sort)),
        ("sum", summed, Value::from_function(filters::sum)),
        ("unique", compared, Value::from_function(filters::unique)),
        ("zip", time, Value::from_function(filters::zip)),
    ]
}

fn tests_of_kind() -> Vec<Guarded> {
    vec![
        ("boolean", time, Value::from_function(engine_tests::is_boolean)),
        ("defined", time, Value::from_function(engine_tests::is_defined)),
        ("divisibleby", time, Value::from_function(own::is_divisible_by)),
        ("escaped", time, Value::from_function(engine_tests::is_safe)),
        ("even", time, Value::from_function(engine_tests::is_even)),
        ("false", time, Value::from_function(engine_tests::is_false)),
        ("filter", time, Value::from_function(engine_tests::is_filter)),
        ("float", time, Value::from_function(engine_tests::is_float)),
        ("int", time, Value::from_function(engine_tests::is_integer)),
        ("integer", time, Value::from_function(engine_tests::is_integer)),
        ("iterable", time, Value::from_function(engine_tests::is_iterable)),
        ("lower", time, Value::from_function(engine_tests::is_lower)),
        ("mapping", time, Value::from_function(engine_tests::is_mapping)),
        ("none", time, Value::from_function(engine_tests::is_none)),
        ("number", time, Value::from_function(engine_tests::is_number)),
        ("odd", time, Value::from_function(engine_tests::is_odd)),
        ("safe", time, Value::from_function(engine_tests::is_safe)),
        ("sameas", time, Value::from_function(engine_tests::is_sameas)),
        ("sequence", time, Value::from_function(engine_tests::is_sequence)),
        ("string", time, Value::from_function(engine_tests::is_string)),
        ("test", time, Value::from_function(engine_tests::is_test)),
        ("true", time, Value::from_function(engine_tests::is_true)),
        ("undefined", time, Value::from_function(engine_tests::is_undefined)),
        ("upper", time, Value::from_function(engine_tests::is_upper)),
    ]
}

fn tests_of_content() -> Vec<Guarded> {
    vec![
        ("!=", whole, Value::from_function(engine_tests::is_ne)),
        ("<", whole, Value::from_function(engine_tests::is_lt)),
        ("<=", whole, Value::from_function(engine_tests::is_le)),
        ("==", whole, Value::from_function(engine_tests::is_eq)),
        (">", whole, Value::from_function(engine_tests::is_gt)),
        (">=", whole, Value::from_function(engine_tests::is_ge)),
        ("endingwith", text, Value::from_function(engine_tests::is_endingwith)),
        ("eq", whole, Value::from_function(engine_tests::is_eq)),
        ("equalto", whole, Value::from_function(engine_tests::is_eq)),
        ("ge", whole, Value::from_function(engine_tests::is_ge)),
        ("greaterthan", whole, Value::from_function(engine_tests::is_gt)),
        ("gt", whole, Value::from_function(engine_tests::is_gt)),
        ("in", whole, Value::from_function(engine_tests::is_in)),
        ("le", whole, Value::from_function(engine_tests::is_le)),
        ("lessthan", whole, Value::from_function(engine_tests::is_lt)),
        ("lt", whole, Value::from_function(engine_tests::is_lt)),
        ("ne", whole, Value::from_function(engine_tests::is_ne)),
        ("startingwith", text, Value::from_function(engine_tests::is_startingwith)),
    ]
}

/// For calls that take a few steps, whatever they are given.
fn time(_: &State<'_, '_>, _: &[Value]) -> Result<(), Error> {
    limits::check_time_seldom()
}

/// For the same that take no undefined value, which the engine's own form of them
/// refuses and the form that others may call does not.
fn defined(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time_seldom()?;
    match args.first() {
        // Says what is undefined, which only the engine knows.
        Some(value) if value.is_undefined() => filters::string(state, value).map(drop),
        _ => Ok(()),
    }
}

/// For calls that visit each item of the first argument.
fn items(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time()?;
    args.first().map_or(Ok(0), |list| limits::charge_items(state, list)).map(drop)
}

fn defined_items(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    items(state, args)
}

/// For calls that make text of whole arguments.
fn text(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time()?;
    limits::ensure_room(state, Walk::new(state).measure_all(args)?)
}

fn pretty_text(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time()?;
    let walk = Walk::new(state).with_indent(DEBUG_INDENT);
    limits::ensure_room(state, walk.measure_all(args)?)
}

/// For calls that go through whole arguments once.
fn whole(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time_seldom()?;
    limits::charge_bytes(state, Walk::new(state).measure_all(args)?)
}

fn trim(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let bytes = |at: usize| args.get(at).and_then(Value::as_str).map_or(0, str::len) as u64;
    // Each character is looked for among those to trim.
    limits::charge_bytes(state, bytes(0).saturating_mul(bytes(1)))
}

fn split(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    let separator = args.get(1).and_then(Value::as_str);
    pieces(state, args, |text| match separator {
        Some(separator) => text.matches(separator).count(),
        None => text.split_whitespace().count(),
    })
}

fn lines(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
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

fn format(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let Some((format, values)) = args.split_first() else { return Ok(()) };
    // Any of the values may stand at each place; the engine looks at widths.
    let places = format.as_str().map_or(0, |format| format.matches('%').count()) as u64;
    limits::ensure_room(state, Walk::new(state).measure_all(values)?.saturating_mul(places))
}

fn join(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let Some((list, joiner)) = args.split_first() else { return Ok(()) };
    let between = Walk::new(state).measure_all(joiner)?;
    let gaps = limits::charge_items(state, list)?;
    let bytes = Walk::new(state).measure(list)?;
    limits::ensure_room(state, bytes.saturating_add(gaps.saturating_mul(between)))
}

fn indent(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    text(state, args)?;
    let width = indent_width(args, "width")?;
    let text = args.first().and_then(Value::as_str).unwrap_or_default();
    let lines = text.lines().count() + 1;
    limits::ensure_room(state, (text.len() + lines * width) as u64)
}

fn json(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time()?;
    let walk = Walk::new(state).with_indent(indent_width(args, "indent")?);
    limits::ensure_room(state, walk.measure_all(args)?)
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
fn portions(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    items(state, args)?;
    let count = args.get(1).cloned().map(u64::try_from);
    state.consume_fuel(count.and_then(Result::ok).unwrap_or(0))
}

/// For calls that compare the items of the first argument with each other.
fn compared(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    limits::check_time()?;
    let Some(list) = args.first() else { return Ok(()) };
    let count = limits::charge_items(state, list)?.max(1);
    let Ok(values) = list.try_iter() else { return Ok(()) };
    let (walk, values) = (Walk::new(state), values.checked());
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
    limits::charge_bytes(state, bytes.saturating_mul(u64::from(count.ilog2()) + 1))
}

fn defined_and_compared(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    defined(state, args)?;
    compared(state, args)
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
fn summed(state: &State<'_, '_>, args: &[Value]) -> Result<(), Error> {
    items(state, args)?;
    let start = args.get(2).filter(|value| !value.is_kwargs()).cloned();
    let start = start.unwrap_or_else(|| keyword(args, "start"));
    if start.is_undefined() || start.is_number() {
        return Ok(());
    }
    let count = args.first().map_or(Ok(0), |list| limits::charge_items(state, list))?;
    let bytes = Walk::new(state).measure_all(args)?;
    limits::charge_bytes(state, bytes.saturating_mul(count))
}

/// The engine's function `debug`, which shows the values it is given, or else all.
fn debug(state: &State<'_, '_>, args: Rest<Value>) -> Result<Value, Error> {
    let names = if args.is_empty() { state.known_variables() } else { Vec::new() };
    let named = names.iter().filter_map(|name| state.lookup(name));
    let shown: Vec<Value> = named.chain(args.iter().cloned()).collect();
    pretty_text(state, &shown)?;
    let text = Value::from(functions::debug(state, args));
    limits::charge_serialized(state, &text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::*;

    /// The names that the list `kind` of the engine's account of itself holds.
    fn names(environment: &Environment<'_>, kind: &str) -> BTreeSet<String> {
        let account = format!("{environment:?}");
        let (_, list) = account.split_once(&format!("{kind}: [")).unwrap();
        let (list, _) = list.split_once(']').unwrap();
        list.split(", ").map(|name| name.trim_matches('"').to_owned()).collect()
    }

    fn names_of(guarded: Vec<Guarded>) -> BTreeSet<String> {
        guarded.into_iter().map(|(name, ..)| name.to_owned()).collect()
    }

    #[test]
    fn all_that_the_engine_has_is_checked() {
        let engine = Environment::new();
        let filters = filters_of_text().into_iter().chain(filters_of_lists()).collect();
        assert_eq!(names_of(filters), names(&engine, "filters"));
        let tests = tests_of_kind().into_iter().chain(tests_of_content()).collect();
        assert_eq!(names_of(tests), names(&engine, "tests"));
        let globals = engine.globals().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names_of(global_functions()), globals);
    }

    /// Filters and functions that look at none of the items of a list, or at one.
    const FREE: [&str; 15] = [
        "abs", "attr", "bool", "chain", "count", "d", "default", "first", "float", "int", "items",
        "length", "range", "round", "zip",
    ];

    /// Those that look at its items and not into them.
    const FLAT: [&str; 13] = [
        "batch",
        "dict",
        "last",
        "list",
        "map",
        "namespace",
        "reject",
        "rejectattr",
        "reverse",
        "select",
        "selectattr",
        "slice",
        "sum",
    ];

    fn is_flat(name: &str) -> bool {
        tests_of_kind().iter().any(|(test, ..)| *test == name)
    }

    /// Shows `visit` a call of each filter, test and function with `args`.
    fn each_call(args: &[Value], mut visit: impl FnMut(&str, &dyn Fn() -> Result<Value, Error>)) {
        let mut environment = Environment::new();
        environment.set_fuel(Some(100_000));
        register(&mut environment);
        // The state is new for each, as one that has no fuel left does nothing more.
        for name in names(&environment, "filters") {
            visit(&name, &|| environment.empty_state().apply_filter(&name, args));
        }
        for name in names(&environment, "tests") {
            let test = || environment.empty_state().perform_test(&name, args).map(Value::from);
            visit(&format!("is {name}"), &test);
        }
        for (name, function) in environment.globals() {
            visit(name, &|| function.call(&mut environment.empty_state(), args));
        }
    }

    fn error_of(call: &dyn Fn() -> Result<Value, Error>) -> String {
        call().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn each_call_ends_at_the_deadline() {
        limits::within(Duration::ZERO, || {
            each_call(&[Value::from("a")], |name, call| {
                let mut errors = (0..16).map(|_| error_of(call));
                assert!(errors.any(|error| error.contains("render_timeout_secs")), "{name}");
            });
        });
        each_call(&[Value::from("a")], |name, call| {
            let mut errors = (0..16).map(|_| error_of(call));
            assert!(errors.all(|error| !error.contains("render_timeout_secs")), "{name}");
        });
    }

    #[test]
    fn each_call_counts_a_lazy_list_by_what_it_would_yield() {
        let list = || {
            let numbers = (0..100_000_000).inspect(|n| assert!(*n < 1_000_000, "all are visited"));
            Value::make_iterable(move || numbers.clone())
        };
        for args in [vec![list()], vec![list(), Value::from("x")], vec![list(), list()]] {
            each_call(&args, |name, call| {
                let error = error_of(call);
                let is_free = match name.strip_prefix("is ") {
                    Some(test) => is_flat(test),
                    None => FREE.contains(&name),
                };
                assert_eq!(error.contains("out of fuel"), !is_free, "{name}: {error}");
            });
        }
    }

    #[test]
    fn each_call_that_looks_into_values_refuses_those_that_are_too_deep() {
        let deep = (0..200).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
        each_call(&[deep.clone(), deep], |name, call| {
            let error = error_of(call);
            let is_flat = match name.strip_prefix("is ") {
                Some(test) => is_flat(test),
                None => FREE.contains(&name) || FLAT.contains(&name),
            };
            assert_eq!(error.contains("more than 100 deep"), !is_flat, "{name}: {error}");
        });
    }
}

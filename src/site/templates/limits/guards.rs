//! The filters, tests and functions of the template language, each behind a check.
//!
//! All that the engine has are registered anew, in the form that it lets others call,
//! with the check that runs before. A test holds that none is left out.

use minijinja::{
    Environment, Error, State, Value, filters, functions, tests as engine_tests,
    value::{Rest, ValueOrKwargs},
};
use minijinja_contrib::rand::set_seed_source;

use crate::site::{
    markdown::values,
    templates::{
        absolute, dates,
        limits::{added, checks, filters as own, in_turn, links, methods},
        recorder,
    },
};

/// Fails where a call with these arguments may not be made.
type Check = fn(&State<'_, '_>, &[Value]) -> Result<(), Error>;

/// A name, its check, and what runs once that has passed.
type Guarded = (&'static str, Check, Value);

/// Has all filters, tests and functions checked before they run. None takes an undefined
/// value, which the engine would take for an argument that is left out; but a test may be
/// asked of one, some stand in for one, and others keep it or show it.
pub(crate) fn register(environment: &mut Environment<'_>) {
    for (name, check, filter) in
        filters_of_text().into_iter().chain(filters_of_lists()).chain(own_filters())
    {
        let may_be_undefined = if matches!(name, "d" | "default") { usize::MAX } else { 0 };
        let filter = guarded(check, filter, may_be_undefined);
        let makes_html = matches!(name, "forceescape" | "tojson" | "urlize" | "xmlattr");
        environment.add_filter(
            name,
            move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
                let made = filter(state, args)?;
                Ok::<_, Error>(if makes_html { values::made(state, made) } else { made })
            },
        );
    }
    for (name, check, test) in tests_of_kind().into_iter().chain(tests_of_content()) {
        environment.add_test(name, guarded(check, test, 1));
    }
    for (name, check, function) in global_functions().into_iter().chain(own_functions()) {
        let is_kept = matches!(name, "debug" | "dict" | "namespace");
        let may_be_undefined = if is_kept { usize::MAX } else { 0 };
        environment.add_function(name, guarded(check, function, may_be_undefined));
    }
    environment.set_unknown_method_callback(methods::call);
    // The same for all threads: the render that asks is the thread's own.
    set_seed_source(Some(recorder::seed));
}

/// A function whose arguments are all defined.
pub(crate) fn with_defined_args(
    function: Value,
) -> impl Fn(&mut State<'_, '_>, Rest<ValueOrKwargs>) -> Result<Value, Error> {
    guarded(checks::time, function, 0)
}

/// `function`, of which all arguments but the first `may_be_undefined` have to be defined.
fn guarded(
    check: Check,
    function: Value,
    may_be_undefined: usize,
) -> impl Fn(&mut State<'_, '_>, Rest<ValueOrKwargs>) -> Result<Value, Error> {
    move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        checks::all_defined(state, args.get(may_be_undefined..).unwrap_or_default())?;
        check(state, &args)?;
        function.call(state, &args)
    }
}

fn global_functions() -> Vec<Guarded> {
    vec![
        ("debug", checks::time, Value::from_function(own::debug)),
        ("dict", checks::map_items, Value::from_function(functions::dict)),
        ("namespace", checks::map_items, Value::from_function(functions::namespace)),
        ("range", checks::time, Value::from_function(own::range)),
    ]
}

/// Those that the engine has not.
fn own_functions() -> Vec<Guarded> {
    vec![
        ("cycler", checks::time, Value::from_function(in_turn::cycler)),
        ("joiner", checks::time, Value::from_function(in_turn::joiner)),
        ("lipsum", checks::lipsum, Value::from_function(added::lipsum)),
        ("now", checks::time, Value::from_function(dates::now)),
    ]
}

/// Those that the engine has not.
fn own_filters() -> Vec<Guarded> {
    vec![
        ("absolute", checks::text, Value::from_function(absolute::absolute)),
        ("code", checks::text, Value::from_function(values::code)),
        ("date", checks::dated, Value::from_function(dates::date)),
        ("filesizeformat", checks::time, Value::from_function(added::filesizeformat)),
        ("forceescape", checks::text, Value::from_function(added::forceescape)),
        ("markdown", checks::text, Value::from_function(values::markdown)),
        ("pluralize", checks::time, Value::from_function(added::pluralize)),
        ("random", checks::items, Value::from_function(added::random)),
        ("rfc2822", checks::dated, Value::from_function(dates::rfc2822)),
        ("rfc3339", checks::dated, Value::from_function(dates::rfc3339)),
        ("striptags", checks::text, Value::from_function(added::striptags)),
        ("truncate", checks::text, Value::from_function(added::truncate)),
        ("urlize", checks::linked, Value::from_function(links::urlize)),
        ("wordcount", checks::text, Value::from_function(added::wordcount)),
        ("wordwrap", checks::wrapped, Value::from_function(added::wordwrap)),
        ("xmlattr", checks::attributes, Value::from_function(added::xmlattr)),
    ]
}

fn filters_of_text() -> Vec<Guarded> {
    vec![
        ("abs", checks::time, Value::from_function(filters::abs)),
        ("bool", checks::time, Value::from_function(filters::bool)),
        ("capitalize", checks::text, Value::from_function(filters::capitalize)),
        ("e", checks::text, Value::from_function(filters::escape)),
        ("escape", checks::text, Value::from_function(filters::escape)),
        ("float", checks::time, Value::from_function(own::float)),
        ("format", checks::format, Value::from_function(filters::format)),
        ("indent", checks::indent, Value::from_function(filters::indent)),
        ("int", checks::time, Value::from_function(own::int)),
        ("join", checks::join, Value::from_function(filters::join)),
        ("lines", checks::lines, Value::from_function(filters::lines)),
        ("lower", checks::text, Value::from_function(filters::lower)),
        ("pprint", checks::pretty_text, Value::from_function(own::pprint)),
        ("replace", checks::text, Value::from_function(own::replace)),
        ("round", checks::time, Value::from_function(filters::round)),
        ("safe", checks::text, Value::from_function(values::safe)),
        ("split", checks::split, Value::from_function(filters::split)),
        ("string", checks::text, Value::from_function(filters::string)),
        ("title", checks::text, Value::from_function(filters::title)),
        ("tojson", checks::json, Value::from_function(own::tojson)),
        ("trim", checks::trim, Value::from_function(filters::trim)),
        ("upper", checks::text, Value::from_function(filters::upper)),
        ("urlencode", checks::text, Value::from_function(filters::urlencode)),
    ]
}

fn filters_of_lists() -> Vec<Guarded> {
    vec![
        ("attr", checks::time, Value::from_function(filters::attr)),
        ("batch", checks::portions, Value::from_function(filters::batch)),
        ("chain", checks::all_items, Value::from_function(own::chain)),
        ("count", checks::defined, Value::from_function(filters::length)),
        ("d", checks::time, Value::from_function(filters::default)),
        ("default", checks::time, Value::from_function(filters::default)),
        ("dictsort", checks::compared, Value::from_function(filters::dictsort)),
        ("first", checks::defined, Value::from_function(filters::first)),
        ("groupby", checks::compared, Value::from_function(filters::groupby)),
        ("items", checks::defined, Value::from_function(filters::items)),
        ("last", checks::items, Value::from_function(filters::last)),
        ("length", checks::defined, Value::from_function(filters::length)),
        ("list", checks::items, Value::from_function(filters::list)),
        ("map", checks::items, Value::from_function(filters::map)),
        ("max", checks::compared, Value::from_function(filters::max)),
        ("min", checks::compared, Value::from_function(filters::min)),
        ("reject", checks::selected, Value::from_function(filters::reject)),
        ("rejectattr", checks::selected, Value::from_function(filters::rejectattr)),
        ("reverse", checks::items, Value::from_function(filters::reverse)),
        ("select", checks::selected, Value::from_function(filters::select)),
        ("selectattr", checks::selected, Value::from_function(filters::selectattr)),
        ("slice", checks::portions, Value::from_function(filters::slice)),
        ("sort", checks::compared, Value::from_function(filters::sort)),
        ("sum", checks::summed, Value::from_function(filters::sum)),
        ("unique", checks::compared, Value::from_function(filters::unique)),
        ("zip", checks::all_items, Value::from_function(own::zip)),
    ]
}

fn tests_of_kind() -> Vec<Guarded> {
    vec![
        ("boolean", checks::time, Value::from_function(engine_tests::is_boolean)),
        ("defined", checks::time, Value::from_function(engine_tests::is_defined)),
        ("divisibleby", checks::defined, Value::from_function(own::is_divisible_by)),
        ("escaped", checks::time, Value::from_function(engine_tests::is_safe)),
        ("even", checks::defined, Value::from_function(engine_tests::is_even)),
        ("false", checks::time, Value::from_function(engine_tests::is_false)),
        ("filter", checks::time, Value::from_function(engine_tests::is_filter)),
        ("float", checks::time, Value::from_function(engine_tests::is_float)),
        ("int", checks::time, Value::from_function(engine_tests::is_integer)),
        ("integer", checks::time, Value::from_function(engine_tests::is_integer)),
        ("iterable", checks::time, Value::from_function(engine_tests::is_iterable)),
        ("lower", checks::defined, Value::from_function(engine_tests::is_lower)),
        ("mapping", checks::time, Value::from_function(engine_tests::is_mapping)),
        ("none", checks::time, Value::from_function(engine_tests::is_none)),
        ("number", checks::time, Value::from_function(engine_tests::is_number)),
        ("odd", checks::defined, Value::from_function(engine_tests::is_odd)),
        ("safe", checks::time, Value::from_function(engine_tests::is_safe)),
        ("sameas", checks::time, Value::from_function(engine_tests::is_sameas)),
        ("sequence", checks::time, Value::from_function(engine_tests::is_sequence)),
        ("string", checks::time, Value::from_function(engine_tests::is_string)),
        ("test", checks::time, Value::from_function(engine_tests::is_test)),
        ("true", checks::time, Value::from_function(engine_tests::is_true)),
        ("undefined", checks::time, Value::from_function(engine_tests::is_undefined)),
        ("upper", checks::defined, Value::from_function(engine_tests::is_upper)),
    ]
}

fn tests_of_content() -> Vec<Guarded> {
    vec![
        ("!=", checks::operands, Value::from_function(engine_tests::is_ne)),
        ("<", checks::operands, Value::from_function(engine_tests::is_lt)),
        ("<=", checks::operands, Value::from_function(engine_tests::is_le)),
        ("==", checks::operands, Value::from_function(engine_tests::is_eq)),
        (">", checks::operands, Value::from_function(engine_tests::is_gt)),
        (">=", checks::operands, Value::from_function(engine_tests::is_ge)),
        ("endingwith", checks::operands, Value::from_function(engine_tests::is_endingwith)),
        ("eq", checks::operands, Value::from_function(engine_tests::is_eq)),
        ("equalto", checks::operands, Value::from_function(engine_tests::is_eq)),
        ("ge", checks::operands, Value::from_function(engine_tests::is_ge)),
        ("greaterthan", checks::operands, Value::from_function(engine_tests::is_gt)),
        ("gt", checks::operands, Value::from_function(engine_tests::is_gt)),
        ("in", checks::operands, Value::from_function(engine_tests::is_in)),
        ("le", checks::operands, Value::from_function(engine_tests::is_le)),
        ("lessthan", checks::operands, Value::from_function(engine_tests::is_lt)),
        ("lt", checks::operands, Value::from_function(engine_tests::is_lt)),
        ("ne", checks::operands, Value::from_function(engine_tests::is_ne)),
        ("startingwith", checks::operands, Value::from_function(engine_tests::is_startingwith)),
    ]
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::{super::within, *};

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
    const FREE: [&str; 19] = [
        "abs",
        "attr",
        "bool",
        "count",
        "cycler",
        "d",
        "default",
        "filesizeformat",
        "first",
        "float",
        "int",
        "items",
        "joiner",
        "length",
        "lipsum",
        "now",
        "pluralize",
        "range",
        "round",
    ];

    /// Those that look at its items and not into them.
    const FLAT: [&str; 12] = [
        "batch",
        "chain",
        "dict",
        "last",
        "list",
        "map",
        "namespace",
        "random",
        "reverse",
        "slice",
        "sum",
        "zip",
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
        within(Duration::ZERO, || {
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

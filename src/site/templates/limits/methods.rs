//! Methods of text, maps and lists as Python has them, by `minijinja-contrib`, each behind
//! a check as the filters are.

use std::iter;

use minijinja::{Error, ErrorKind, State, Value, value::ValueKind};
use minijinja_contrib::pycompat;

use crate::site::templates::limits::{NothingFound, checks};

/// Calls `method` of `value`, which the engine does not know.
pub(crate) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    // The engine then calls that.
    if value.kind() == ValueKind::Map && value.get_attr(method).is_ok_and(|item| is_macro(&item)) {
        return Err(ErrorKind::UnknownMethod.into());
    }
    check(state, value, method, args)?;
    let found = pycompat::unknown_method_callback(state, value, method, args)?;
    if method == "get" && found.is_none() {
        state.get_or_insert_extension(NothingFound);
    }
    Ok(found)
}

/// Whether a value has the parts of a macro, such as an imported file holds.
fn is_macro(value: &Value) -> bool {
    let kind = |part| value.get_attr(part).map_or(ValueKind::Undefined, |part| part.kind());
    kind("caller") == ValueKind::Bool && kind("arguments") == ValueKind::Seq
}

fn check(state: &State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<(), Error> {
    checks::all_defined(state, args)?;
    let all: Vec<Value> = iter::once(value).chain(args).cloned().collect();
    match (value.kind(), method) {
        (ValueKind::Map, "get") => match args.first() {
            Some(key) => checks::key(state, key, value.len().unwrap_or(0)),
            None => Ok(()),
        },
        (ValueKind::Map, "items" | "keys" | "values") => checks::time(state, &all),
        (ValueKind::Seq, "count") => checks::searched(state, value, args),
        (ValueKind::String, "join") => {
            let list = args.first().cloned().unwrap_or_default();
            checks::join(state, &[list, value.clone()])
        }
        (ValueKind::String, "format") => checks::placed(state, value, args),
        (ValueKind::String, "startswith" | "endswith") => checks::all_items(state, &all),
        (ValueKind::String, "split") => checks::split(state, &all),
        (ValueKind::String, "splitlines") => checks::lines(state, &all),
        (ValueKind::String, "strip" | "lstrip" | "rstrip") => checks::trim(state, &all),
        (ValueKind::String, _) => checks::text(state, &all),
        _ => Ok(()),
    }
}

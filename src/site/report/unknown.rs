//! Help for a filter, test, function or method that there is not.

use minijinja::Error;

use crate::diagnostic::nearest::{did_you_mean, nearest};
use crate::site::report::{
    elsewhere, undefined,
    vocabulary::{FILTERS, FUNCTIONS, METHODS, TESTS},
};

const UNKNOWN_HELP: &str = "the template language has none of this name; put `{% raw %}` … \
                            `{% endraw %}` around braces of another tool";
const ABSENT_HELP: &str =
    "what stands before the dot is not there: ask for it with `{% if name is defined %}`";
const METHOD_HELP: &str = "text, lists and maps have some methods of Python, such as `.get(…)` and \
                           `.split(…)`; filters do the rest: `{{ name | upper }}`";

/// The name in `filter foo is unknown`, `test foo is unknown`, `foo is unknown`.
pub(crate) fn name(error: &Error) -> Option<&str> {
    let name = error.detail()?.strip_suffix(" is unknown")?;
    Some(name.rsplit(' ').next().unwrap_or(name))
}

/// The name of a function that there is not, where a macro calls it: the engine then says
/// that an undefined value is not callable.
pub(crate) fn called(error: &Error) -> Option<&str> {
    error.detail().filter(|detail| detail.starts_with("value of type undefined is not call"))?;
    let text = error.template_source()?.get(error.range()?)?;
    let name = text.split_once('(')?.0.trim();
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (!name.is_empty() && is_name(name)).then_some(name)
}

pub(crate) fn filter_help(name: &str) -> String {
    if FUNCTIONS.contains(&name) {
        return format!("here it is a function: `{{{{ {name}(…) }}}}`");
    }
    help(name, elsewhere::FILTERS, FILTERS)
}

pub(crate) fn test_help(name: &str) -> String {
    help(name, elsewhere::TESTS, TESTS)
}

/// Help for a function, or what else is called. The template has `names_set` itself.
pub(crate) fn function_help<'a>(name: &str, names_set: impl Iterator<Item = &'a str>) -> String {
    if name == "loop" {
        return undefined::LOOP_HELP.to_owned();
    }
    let foreign = elsewhere::help(elsewhere::FUNCTIONS, name);
    match foreign.map(str::to_owned).or_else(|| filter_of(name)) {
        Some(help) => help,
        None => match nearest(name, FUNCTIONS.into_iter().chain(names_set)) {
            Some(near) => did_you_mean(near),
            None => format!(
                "define it with `{{% macro {name}() %}}` … `{{% endmacro %}}`, or put `{{% raw %}}` … \
                 `{{% endraw %}}` around braces of another tool"
            ),
        },
    }
}

/// Help for the method in "map has no method named foo".
pub(crate) fn method_help(error: &Error) -> String {
    let named = error.detail().and_then(|detail| detail.split_once("no method named "));
    let (value, name) = named.unwrap_or_default();
    if value.starts_with("undefined") {
        return ABSENT_HELP.to_owned();
    }
    let near = || nearest(name, METHODS).map(|near| did_you_mean(format_args!(".{near}(…)")));
    let foreign = elsewhere::help(elsewhere::METHODS, name).map(str::to_owned);
    foreign.or_else(|| filter_of(name)).or_else(near).unwrap_or_else(|| METHOD_HELP.to_owned())
}

fn filter_of(name: &str) -> Option<String> {
    FILTERS.contains(&name).then(|| format!("here it is a filter: `{{{{ value | {name} }}}}`"))
}

fn help<'a>(
    name: &str,
    rows: &[elsewhere::Row],
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    match elsewhere::help(rows, name) {
        Some(help) => help.to_owned(),
        None => nearest(name, known).map_or_else(|| UNKNOWN_HELP.to_owned(), did_you_mean),
    }
}

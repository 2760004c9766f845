//! The words of the template language, to suggest one for a typo.

/// The statements of the template language.
pub(crate) const STATEMENTS: [&str; 28] = [
    "autoescape",
    "block",
    "break",
    "call",
    "continue",
    "do",
    "elif",
    "else",
    "endautoescape",
    "endblock",
    "endcall",
    "endfilter",
    "endfor",
    "endif",
    "endmacro",
    "endraw",
    "endset",
    "endwith",
    "extends",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "include",
    "macro",
    "set",
    "with",
];

/// Its filters, which the engine does not list.
pub(crate) const FILTERS: [&str; 67] = [
    "abs",
    "absolute",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "code",
    "count",
    "d",
    "date",
    "default",
    "dictsort",
    "e",
    "escape",
    "filesizeformat",
    "first",
    "float",
    "forceescape",
    "format",
    "groupby",
    "indent",
    "inline",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "markdown",
    "max",
    "min",
    "pluralize",
    "pprint",
    "random",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "rfc2822",
    "rfc3339",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "striptags",
    "sum",
    "title",
    "tojson",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "urlize",
    "versioned",
    "wordcount",
    "wordwrap",
    "xmlattr",
    "zip",
];

/// Its tests, but for those that are operators too.
pub(crate) const TESTS: [&str; 26] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "in",
    "int",
    "integer",
    "iterable",
    "lower",
    "mapping",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
];

/// Its functions.
pub(crate) const FUNCTIONS: [&str; 13] = [
    "cycler",
    "debug",
    "dict",
    "image",
    "joiner",
    "lipsum",
    "loop",
    "namespace",
    "now",
    "pages",
    "range",
    "super",
    "tags",
];

/// The methods of its values.
pub(crate) const METHODS: [&str; 31] = [
    "capitalize",
    "count",
    "endswith",
    "find",
    "format",
    "get",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "replace",
    "rfind",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "values",
    "next",
    "reset",
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use minijinja::{Environment, ErrorKind};

    use super::*;
    use crate::site::templates::{
        assets::{self, Assets},
        limits,
    };

    #[test]
    fn every_name_that_is_offered_exists() {
        let mut environment = Environment::new();
        limits::register(&mut environment);
        assets::register(&mut environment, &Arc::new(Assets::new(&Arc::default())));
        let mut state = environment.empty_state();
        for name in FILTERS {
            let error = state.apply_filter(name, &[]).err().map(|error| error.kind());
            assert_ne!(error, Some(ErrorKind::UnknownFilter), "{name}");
        }
        for name in TESTS {
            let error = state.perform_test(name, &[]).err().map(|error| error.kind());
            assert_ne!(error, Some(ErrorKind::UnknownTest), "{name}");
        }
        for name in STATEMENTS {
            let error = environment.template_from_str(format!("{{% {name} %}}").leak()).err();
            let is_unknown = error.is_some_and(|error| error.to_string().contains("unknown"));
            let is_inner = name.starts_with("end") || name.starts_with("el");
            assert_eq!(is_unknown, is_inner, "{name}");
        }
    }
}

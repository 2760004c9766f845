//! What a template error means, and one line on what to do about it.

use minijinja::{Error, ErrorKind, Value};

use super::{context, nearest::nearest, template::LoadError};

/// What the site knows beside the error itself.
pub(super) struct Circumstances<'a> {
    /// What the template saw.
    pub(super) context: &'a Value,
    /// The template names that were looked for and not found.
    pub(super) missing: &'a [String],
    /// Finds the names of the files that templates may use.
    pub(super) template_names: &'a dyn Fn() -> Vec<String>,
}

/// One error, to be explained.
pub(super) struct Case<'a> {
    pub(super) error: &'a Error,
    /// The file that it lies in.
    pub(super) file: &'a str,
    /// The sources of the templates that the error passed through.
    pub(super) sources: Vec<&'a str>,
    /// Whether a file was included inside itself.
    pub(super) is_circular: bool,
    pub(super) known: &'a Circumstances<'a>,
}

const METHOD_HELP: &str =
    "values have filters in place of methods: `{{ name | upper }}`, not `{{ name.upper() }}`";
const FUEL_HELP: &str = "look for a loop that runs too long, or raise `templates.fuel`";
const CIRCLE_HELP: &str =
    "an included file may not include the one that includes it, unless an `{% if %}` ends that";
const MISSING_HELP: &str =
    "names start at the folder of pages; write `./name` for a file beside this one";
const UNKNOWN_HELP: &str = "the template language has none of this name; put `{% raw %}` … \
                            `{% endraw %}` around braces of another tool";

/// The statements of the template language.
const STATEMENTS: [&str; 27] = [
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
const FILTERS: [&str; 49] = [
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "urlencode",
    "zip",
];

/// Its tests, but for those that are operators too.
const TESTS: [&str; 26] = [
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
const FUNCTIONS: [&str; 6] = ["debug", "dict", "loop", "namespace", "range", "super"];

impl Case<'_> {
    /// What went wrong, in a few words.
    pub(super) fn message(&self) -> String {
        let detail = self.error.detail();
        match self.error.kind() {
            ErrorKind::TemplateNotFound => match self.known.missing.last() {
                Some(name) => format!("`{name}` does not exist"),
                None => detail.unwrap_or("a template does not exist").to_owned(),
            },
            ErrorKind::OutOfFuel => {
                "this page does more work than `templates.fuel` allows".to_owned()
            }
            kind @ (ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction) => match unknown_name(self.error) {
                Some(name) => format!("{kind}: `{name}`"),
                None => kind.to_string(),
            },
            ErrorKind::SyntaxError => format!("syntax error: {}", detail.unwrap_or("unknown")),
            _ if self.is_circular => "a file includes itself".to_owned(),
            kind => detail.map_or_else(|| kind.to_string(), str::to_owned),
        }
    }

    /// What to do about it.
    pub(super) fn help(&self) -> Option<String> {
        match self.error.kind() {
            ErrorKind::UndefinedError => self.undefined_help(),
            ErrorKind::SyntaxError => syntax_help(self.error, self.file),
            ErrorKind::UnknownFilter => Some(unknown_help(self.error, FILTERS)),
            ErrorKind::UnknownTest => Some(unknown_help(self.error, TESTS)),
            ErrorKind::UnknownFunction => {
                Some(unknown_help(self.error, self.names_set().chain(FUNCTIONS)))
            }
            ErrorKind::UnknownMethod => Some(METHOD_HELP.to_owned()),
            ErrorKind::TemplateNotFound => self.missing_help(),
            ErrorKind::OutOfFuel => Some(FUEL_HELP.to_owned()),
            _ if self.is_circular => Some(CIRCLE_HELP.to_owned()),
            _ => load_help(self.error),
        }
    }

    /// For an undefined name: the nearest known one, or how to allow for its absence.
    fn undefined_help(&self) -> Option<String> {
        let expression = undefined_expression(self.error)?;
        let near = match expression.rsplit_once('.') {
            Some((base, name)) => {
                let keys = keys_at(self.known.context, base);
                let near = nearest(name, keys.iter().map(String::as_str));
                near.map(|near| format!("{base}.{near}"))
            }
            None => {
                let known = self.names_set().chain(context::ROOTS).chain(FUNCTIONS);
                nearest(expression, known).map(str::to_owned)
            }
        };
        Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "write `{{{{ {expression} | default(\"\") }}}}` if it may be missing, or put \
                 `{{% raw %}}` … `{{% endraw %}}` around braces of another tool"
            ),
        })
    }

    fn missing_help(&self) -> Option<String> {
        let files = (self.known.template_names)();
        let name = self.known.missing.last()?;
        Some(match nearest(name, files.iter().map(String::as_str)) {
            Some(file) => format!("did you mean `{file}`?"),
            None => MISSING_HELP.to_owned(),
        })
    }

    /// The names that the templates themselves bring in.
    fn names_set(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|source| names_set_in(source))
    }
}

/// The name in `filter foo is unknown`, `test foo is unknown`, `foo is unknown`.
fn unknown_name(error: &Error) -> Option<&str> {
    let name = error.detail()?.strip_suffix(" is unknown")?;
    Some(name.rsplit(' ').next().unwrap_or(name))
}

fn unknown_help<'a>(error: &Error, known: impl IntoIterator<Item = &'a str>) -> String {
    match unknown_name(error).and_then(|name| nearest(name, known)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => UNKNOWN_HELP.to_owned(),
    }
}

fn load_help(error: &Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    Some(
        match source.downcast_ref::<LoadError>()? {
            LoadError::Outside(_) => "move the file into the folder of pages",
            LoadError::NotUtf8(_) => "save the file as UTF-8",
            LoadError::TooLarge(_) => "a template must be smaller; link to the file instead",
            LoadError::Unreadable(_) => "allow the server to read the file",
        }
        .to_owned(),
    )
}

/// The expression in "… `site.titel` is undefined …".
fn undefined_expression(error: &Error) -> Option<&str> {
    let (before, _) = error.detail()?.rsplit_once("` is undefined")?;
    before.rsplit('`').next()
}

/// The keys of the value that `path`, such as `request.query`, stands for.
fn keys_at(context: &Value, path: &str) -> Vec<String> {
    let value = path.split('.').try_fold(context.clone(), |value, name| value.get_attr(name));
    let keys = value.and_then(|value| value.try_iter());
    keys.into_iter().flatten().map(|key| key.to_string()).collect()
}

/// The names that the tags of a template bring in: those that follow `set`,
/// `for`, `macro`, `with`, `as` and `import`.
fn names_set_in(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for tag in source.split("{%").skip(1) {
        let tag = tag.split("%}").next().unwrap_or(tag);
        let mut words =
            tag.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
        match words.next() {
            Some("set" | "macro" | "with" | "from" | "import") => names.extend(words),
            Some("for") => names.extend(words.take_while(|word| *word != "in")),
            _ => {}
        }
    }
    names
}

/// A syntax error: often the braces are those of another tool.
fn syntax_help(error: &Error, file: &str) -> Option<String> {
    let detail = error.detail().unwrap_or_default();
    let unknown_statement = detail.strip_prefix("unknown statement ");
    if let Some(name) = unknown_statement.filter(|name| STATEMENTS.contains(name)) {
        return Some(format!("`{{% {name} %}}` stands here without the tag that it belongs to"));
    }
    if let Some(near) = unknown_statement.and_then(|name| nearest(name, STATEMENTS)) {
        return Some(format!("did you mean `{{% {near} %}}`?"));
    }
    let is_foreign = unknown_statement.is_some()
        || detail == "unexpected end of comment"
        || tag_at_error(error).is_some_and(is_foreign_tag);
    if is_foreign {
        return Some(format!(
            "braces of another tool go between `{{% raw %}}` and `{{% endraw %}}`, or the whole \
             file into `templates.exclude = [\"{file}\"]`"
        ));
    }
    detail.contains("end of input").then(|| {
        "each `{% if %}`, `{% for %}`, `{% block %}` and `{% macro %}` needs its end tag, \
         such as `{% endif %}`"
            .to_owned()
    })
}

/// The text of the tag that the error lies in, from its first brace on.
fn tag_at_error(error: &Error) -> Option<&str> {
    let source = error.template_source()?;
    let end = error.range()?.end;
    let start = source.get(..end)?.rfind(['{']).map(|at| {
        // The first of the braces that stand side by side.
        source[..at].trim_end_matches('{').len()
    })?;
    let tag = source.get(start..)?;
    let end = tag.find("}}").or_else(|| tag.find('\n')).unwrap_or(tag.len());
    tag.get(..end)
}

/// Whether a tag looks like one of Handlebars, Vue, Angular, Svelte or plain
/// JavaScript.
fn is_foreign_tag(tag: &str) -> bool {
    let opens_foreign = ["{{#", "{{/", "{{>", "{{^", "{{!", "{{&", "{{@", "{{{"];
    let holds_foreign = ["?", ":", ";", "=>", "&&", "||", "++", "!", "$", "`"];
    opens_foreign.iter().any(|opening| tag.starts_with(opening))
        || (tag.starts_with("{{") && holds_foreign.iter().any(|sign| tag.contains(sign)))
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    use super::*;

    #[test]
    fn every_name_that_is_offered_exists() {
        let environment = Environment::new();
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

    #[test]
    fn finds_the_names_that_tags_bring_in() {
        let source =
            "{% set a = 1 %}{%- for b, c in d %}{% macro e(f) %}{% import 'x' as g -%}{% if h %}";
        let names = names_set_in(source);
        for name in ["a", "b", "c", "e", "f", "g"] {
            assert!(names.contains(&name), "{name}");
        }
        for name in ["d", "h"] {
            assert!(!names.contains(&name), "{name}");
        }
    }

    #[test]
    fn knows_foreign_tags() {
        for tag in ["{{#if a", "{{{ a", "{{ a | date: b ", "{{ a ? b ", "{{ () => a ", "{{ a || b "]
        {
            assert!(is_foreign_tag(tag), "{tag}");
        }
        for tag in ["{{ a b ", "{{ a | ", "{% if a"] {
            assert!(!is_foreign_tag(tag), "{tag}");
        }
    }
}

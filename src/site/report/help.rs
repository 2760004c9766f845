//! Explains a template error, with one line on what to do about it.

use std::sync::Arc;

use minijinja::{Error, ErrorKind, Value};

use crate::diagnostic::{
    Place,
    nearest::{GUESS, Known, did_you_mean, nearest_few},
};
use crate::site::{
    collection::error::ListError,
    files::names::NameList,
    report::{forms, syntax, undefined, unknown},
    templates::{
        code::{self, TagKind},
        context,
        limits::Limit,
        load_error::LoadError,
        unclosed::Opened,
    },
};

/// What the site knows beside the error itself.
pub(crate) struct Circumstances<'a> {
    /// What the template saw.
    pub(crate) context: &'a Value,
    /// The template name that was last looked for and not found.
    pub(crate) missing: Option<&'a str>,
    /// The key of front matter whose value is evaluated outside of a template.
    pub(crate) evaluated: Option<&'static str>,
    /// Finds the place of the value of a key of the page's front matter.
    pub(crate) place_of_key: &'a dyn Fn(&str) -> Option<Place>,
    /// Finds the names of the files that templates may use, for one that wants this.
    pub(crate) template_names: &'a dyn Fn(&str) -> Arc<NameList>,
    /// Tells whether a template of the site uses another one, as far as that is known.
    pub(crate) has_partials: &'a dyn Fn() -> bool,
}

/// One error, to be explained.
pub(crate) struct Case<'a> {
    pub(crate) error: &'a Error,
    /// The file that it lies in.
    pub(crate) file: &'a str,
    /// The sources of the templates that the error passed through.
    pub(crate) sources: Vec<&'a str>,
    /// What a tag of it opens and does not close, where that is what is wrong.
    pub(crate) opened: Option<Opened>,
    /// Whether a file was included inside itself.
    pub(crate) is_circular: bool,
    pub(crate) known: &'a Circumstances<'a>,
}

const FUEL_HELP: &str = "look for a loop that runs too long, or raise `templates.fuel`";
const CIRCLE_HELP: &str =
    "an included file may not include the one that includes it, unless an `{% if %}` ends that";
const NESTING_HELP: &str =
    "look for a `{% set %}` that puts a `namespace` or a list into itself, and print its parts";
const TIME_HELP: &str =
    "look for a loop that goes through too much, or raise `templates.render_timeout_secs`";
const NUMBER_SIZE_HELP: &str = "`| int(max=9999999999)` allows for larger numbers, and \
                                `| int(default=1)` takes another in their place";
const INDENT_HELP: &str = "indent by fewer spaces, such as `indent=2`";
const NOTHING_HELP: &str =
    "`.get(name, \"\")` gives text in its place, and `{% if … %}` asks whether there is something";
const LOOKUPS_HELP: &str = "look for an `{% include %}` in a loop whose file is missing";
const MISSING_HELP: &str =
    "names start at the folder of pages; write `./name` for a file beside this one";
const TOO_MANY_HELP: &str = "leave out what it does not take";
const TOO_FEW_HELP: &str = "add what it lacks between its parentheses";
const NUMBER_HELP: &str = "`| int(0)` and `| float(0)` give 0 for text that is no number";
/// Where nothing better is known.
const VALUE_HELP: &str = "`{{ debug(name) }}` shows what a name stands for";

/// What to do about a part of what the engine says of a template that it cannot run.
const HELP: [(&str, &str); 21] = [
    ("tried to use % operator", "`{{ \"%s\" | format(value) }}` puts values into a text"),
    ("template name was not a string", forms::QUOTES),
    (
        "tried to use",
        "numbers go with numbers: `| int` makes one of text, and `~` joins values as text",
    ),
    (
        "is not callable",
        "only functions and macros take parentheses: write the name alone to show its value",
    ),
    (
        "cannot super outside of block",
        "`super()` shows what the layout has in a block: it belongs into a `{% block %}`",
    ),
    (
        "no parent block exists",
        "`super()` shows what the layout has in a block: no layout of this page has this block",
    ),
    ("invalid float literal", NUMBER_HELP),
    ("invalid digit", NUMBER_HELP),
    ("cannot parse", NUMBER_HELP),
    ("unable to calculate", "look for a division by zero, or a number that grows too large"),
    (
        "is not iterable",
        "a loop goes through a list or a map; to count, write `{% for n in range(3) %}`",
    ),
    (
        "recursion limit exceeded",
        "what calls itself needs an `{% if %}` around the call that ends it",
    ),
    ("cycle in template inheritance", "a layout may extend neither itself nor what extends it"),
    ("range has too many elements", "a range holds at most 100,000 numbers"),
    ("step of 0", "the third number of a range is the step from one to the next: 1 or -1, say"),
    (
        "can only assign to namespaces",
        "only a namespace takes a value for a part: `{% set ns = namespace(count=0) %}`",
    ),
    ("sequence of wrong length", "name as many as each of the values has parts"),
    ("keyword argument", "look for the right spelling, or leave it out"),
    ("extend a second time", "a page has one layout, which may extend another"),
    ("cannot convert", VALUE_HELP),
    (
        "is not known in a build",
        "`build: false` in the page's front matter leaves it to a server, and `build: static` \
         writes it as for a request without a query, cookies and headers",
    ),
];

impl Case<'_> {
    /// What went wrong, in a few words.
    pub(crate) fn message(&self) -> String {
        let detail = self.error.detail();
        match self.error.kind() {
            ErrorKind::TemplateNotFound => match self.known.missing {
                Some(name) => format!("`{name}` does not exist"),
                None => detail.unwrap_or("a template does not exist").to_owned(),
            },
            ErrorKind::OutOfFuel => {
                "this page does more work than `templates.fuel` allows".to_owned()
            }
            kind @ (ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction) => match unknown::name(self.error) {
                Some(name) => format!("{kind}: `{name}`"),
                None => kind.to_string(),
            },
            ErrorKind::SyntaxError => match &self.opened {
                Some(opened) => format!("syntax error: {}", opened.message()),
                None => format!("syntax error: {}", detail.unwrap_or("unknown")),
            },
            ErrorKind::UndefinedError if detail.is_none() => undefined::message(self.error),
            _ if self.is_circular => "a file includes itself".to_owned(),
            kind => match unknown::called(self.error) {
                Some(name) => format!("{}: `{name}`", ErrorKind::UnknownFunction),
                None => detail.map_or_else(|| kind.to_string(), str::to_owned),
            },
        }
    }

    /// What to do about it, in one line. A site without templates of its own is likely
    /// one that a tool has built, whose braces mean something else.
    pub(crate) fn help_for_site(&self) -> String {
        let help = self.help();
        if help.starts_with(GUESS) || !self.may_be_foreign() || (self.known.has_partials)() {
            return help;
        }
        format!("`--plain` serves every file as it is; with templates, {help}")
    }

    /// Whether braces of another tool end in such an error.
    fn may_be_foreign(&self) -> bool {
        if let Some(expression) = undefined::expression(self.error) {
            return !context::ROOTS.contains(&expression.split('.').next().unwrap_or_default());
        }
        match self.error.kind() {
            ErrorKind::SyntaxError
            | ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod => true,
            _ => load_error(self.error).is_some_and(|error| {
                !matches!(error, LoadError::Outside(_) | LoadError::Unreadable(_))
            }),
        }
    }

    /// What to do about it, wherever it is.
    fn help(&self) -> String {
        if let Some(expression) = undefined::expression(self.error) {
            let names_set = self.names_set();
            return undefined::help(self.error, expression, self.known.context, names_set);
        }
        let help = match self.error.kind() {
            ErrorKind::SyntaxError => match &self.opened {
                Some(opened) => Some(opened.help(&syntax::foreign_help(self.file))),
                None => Some(syntax::help(self.error, self.file)),
            },
            ErrorKind::UnknownFilter => unknown::name(self.error).map(unknown::filter_help),
            ErrorKind::UnknownTest => unknown::name(self.error).map(unknown::test_help),
            ErrorKind::UnknownFunction => {
                unknown::name(self.error).map(|name| unknown::function_help(name, self.names_set()))
            }
            ErrorKind::UnknownMethod => Some(self.method_help()),
            ErrorKind::TemplateNotFound => self.missing_help(),
            ErrorKind::OutOfFuel => Some(FUEL_HELP.to_owned()),
            ErrorKind::TooManyArguments => Some(TOO_MANY_HELP.to_owned()),
            ErrorKind::MissingArgument => Some(TOO_FEW_HELP.to_owned()),
            ErrorKind::UndefinedError if !undefined::is_part(self.error) => {
                Some(undefined::DEFAULT_HELP.to_owned())
            }
            _ if self.is_circular => Some(CIRCLE_HELP.to_owned()),
            _ => match unknown::called(self.error) {
                Some(name) => Some(unknown::function_help(name, self.names_set())),
                None => load_help(self.error),
            },
        };
        help.unwrap_or_else(|| detail_help(self.error).to_owned())
    }

    /// For `m.g()`, where `m` may be a file of macros.
    fn method_help(&self) -> String {
        match imported_at(self.error) {
            Some(module) => format!("the file imported as `{module}` has no macro of this name"),
            None => unknown::method_help(self.error),
        }
    }

    fn missing_help(&self) -> Option<String> {
        let name = self.known.missing?;
        let files = (self.known.template_names)(name);
        let known = files.names().iter().map(|name| &name.known);
        Some(match nearest_few(&Known::new(name), known, 1).first() {
            Some(file) => did_you_mean(file.name()),
            None => MISSING_HELP.to_owned(),
        })
    }

    /// The names that the templates themselves bring in.
    fn names_set(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().flat_map(|source| names_set_in(source))
    }
}

/// The name before the `.` at which the error lies, if a file was imported as that.
fn imported_at(error: &Error) -> Option<&str> {
    let source = error.template_source()?;
    let before = source.get(..error.range()?.start)?;
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = before.rsplit(|c| !is_part_of_name(c)).next().filter(|name| !name.is_empty())?;
    let mut imports = statements(source).filter(|code| code.trim().starts_with("import"));
    imports.any(|code| code.split(|c| !is_part_of_name(c)).any(|word| word == name)).then_some(name)
}

fn detail_help(error: &Error) -> &'static str {
    let detail = error.detail().unwrap_or_default();
    HELP.iter().find(|(part, _)| detail.contains(part)).map_or(VALUE_HELP, |(_, help)| help)
}

fn load_help(error: &Error) -> Option<String> {
    let source = std::error::Error::source(error)?;
    if let Some(limit) = source.downcast_ref::<Limit>() {
        return Some(limit_help(*limit).to_owned());
    }
    if let Some(error) = source.downcast_ref::<ListError>() {
        return Some(error.help.clone());
    }
    Some(
        match load_error(error)? {
            LoadError::Outside(_) => "move the file into the folder of pages",
            LoadError::NotUtf8 { .. } => {
                "save the file as UTF-8, or name it in `templates.exclude`"
            }
            LoadError::TooLarge(_) => "make it smaller, or name it in `templates.exclude`",
            LoadError::Unclosed { opened, place } => {
                return Some(opened.help(&syntax::foreign_help(&place.origin)));
            }
            LoadError::Markdown(_) => "render it as a page",
            LoadError::TooMuchCode { .. } => {
                "move parts of it into files of their own and `{% include %}` these, or name it \
                 in `templates.exclude`"
            }
            LoadError::Autoescape { .. } => {
                "here it is `{% autoescape true %}` or `{% autoescape false %}`; pages are escaped \
                 without it"
            }
            LoadError::FrontMatter(diagnostic) => &diagnostic.help,
            LoadError::Unreadable(_) => "allow the server to read the file",
        }
        .to_owned(),
    )
}

fn load_error(error: &Error) -> Option<&LoadError> {
    std::error::Error::source(error)?.downcast_ref()
}

fn limit_help(limit: Limit) -> &'static str {
    match limit {
        Limit::Depth => NESTING_HELP,
        Limit::Time => TIME_HELP,
        Limit::NumberInText { .. } => NUMBER_SIZE_HELP,
        Limit::Indent => INDENT_HELP,
        Limit::UndefinedPart => VALUE_HELP,
        Limit::NothingFound => NOTHING_HELP,
        Limit::Lookups => LOOKUPS_HELP,
    }
}

/// The names that the tags of a template bring in: those that follow `set`,
/// `for`, `macro`, `with`, `as` and `import`.
fn names_set_in(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for code in statements(source) {
        let mut words =
            code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
        match words.next() {
            Some("set" | "macro" | "with" | "from" | "import") => names.extend(words),
            Some("for") => names.extend(words.take_while(|word| *word != "in")),
            _ => {}
        }
    }
    names
}

/// What stands between the braces of each `{% … %}`.
fn statements(source: &str) -> impl Iterator<Item = &str> {
    code::tags(source).filter(|tag| tag.kind == TagKind::Statement).map(|tag| tag.code)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! Help for what is not defined: the nearest name that is, or how to allow for it.

use minijinja::{Error, Value, value::ValueKind};

use crate::diagnostic::nearest::{did_you_mean, nearest};
use crate::site::{
    report::{elsewhere, forms, syntax, vocabulary::FUNCTIONS},
    templates::{
        code::{self, TagKind},
        context,
        limits::Limit,
    },
};

pub(crate) const LOOP_HELP: &str =
    "`loop` is known between `{% for … %}` and its `{% endfor %}` alone";
pub(crate) const DEFAULT_HELP: &str = "write `| default(\"\")` after it if it may be missing";

/// Longer code is not shown in a message.
const MAX_SHOWN_BYTES: usize = 60;

/// What compares two values. A `<` in text is no matter: the error lies in a tag.
const COMPARISONS: [&str; 6] = ["==", "!=", "<", ">", " in ", " is "];

/// What is done with a value that is not there.
enum Use {
    Shown,
    Compared,
    LoopedOver,
}

/// What is wrong where something is undefined that has no name, such as the first item of
/// an empty list.
pub(crate) fn message(error: &Error) -> String {
    if is_part(error) {
        return Limit::UndefinedPart.to_string();
    }
    let code = error.template_source().zip(error.range());
    let code = code.and_then(|(source, range)| source.get(range)).map(str::trim);
    let is_short = |code: &&str| code.len() <= MAX_SHOWN_BYTES && !code.contains('\n');
    match code.filter(is_short) {
        Some(code) => format!("`{code}` is undefined"),
        None => "this value is undefined".to_owned(),
    }
}

/// Whether it lies in a value that is there.
pub(crate) fn is_part(error: &Error) -> bool {
    let source = std::error::Error::source(error);
    source.and_then(|source| source.downcast_ref()) == Some(&Limit::UndefinedPart)
}

/// What to do about `expression`, which is not defined. `context` is what the template
/// saw, and `names_set` are those that it brought in.
pub(crate) fn help<'a>(
    error: &Error,
    expression: &str,
    context: &Value,
    names_set: impl Iterator<Item = &'a str>,
) -> String {
    if expression == "loop" {
        return LOOP_HELP.to_owned();
    }
    let names_set: Vec<&str> = names_set.collect();
    if let Some(help) = foreign_help(error, expression, &names_set) {
        return help;
    }
    if let Some((base, filter)) = filtered_part(expression, context) {
        return format!("here it is `{{{{ {base} | {filter} }}}}`");
    }
    let near = match expression.rsplit_once('.') {
        Some((base, name)) => {
            let keys = keys_at(context, base);
            let near = nearest(name, keys.iter().map(String::as_str));
            match near {
                None if base == "data" => return data_help(name),
                near => near.map(|near| part_of(base, near)),
            }
        }
        None => {
            let built_in = context::ROOTS.into_iter().chain(FUNCTIONS);
            nearest(expression, built_in.chain(names_set.iter().copied())).map(str::to_owned)
        }
    };
    match (near, use_of(error)) {
        (Some(near), Use::Shown) => did_you_mean(near),
        (Some(near), kind) => format!("{} {}", did_you_mean(near), absence_help(expression, &kind)),
        // What the engine could not put into words is no code to copy.
        (None, Use::Shown) if expression.contains("...") => DEFAULT_HELP.to_owned(),
        (None, kind) => format!(
            "{}, or put `{{% raw %}}` … `{{% endraw %}}` around braces of another tool",
            absence_help(expression, &kind)
        ),
    }
}

/// The part `name` of the value `base`, as a template writes it.
fn part_of(base: &str, name: &str) -> String {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let is_name = name.chars().all(is_part_of_name) && !name.starts_with(char::is_numeric);
    if is_name { format!("{base}.{name}") } else { format!("{base}[\"{name}\"]") }
}

fn data_help(name: &str) -> String {
    format!(
        "`data.{name}` comes of a file `_data/{name}` that ends in `.toml`, `.yaml`, `.json` or \
         `.csv`"
    )
}

/// For a name of another language, unless it is more like one that the template has set.
fn foreign_help(error: &Error, expression: &str, names_set: &[&str]) -> Option<String> {
    let text = error.template_source().zip(error.range());
    let text = text.and_then(|(source, range)| source.get(range)).unwrap_or_default();
    // The engine reads `1..5` as a part of a number.
    if text.contains("..") {
        return Some(elsewhere::RANGE.to_owned());
    }
    if nearest(expression, names_set.iter().copied()).is_some() {
        return None;
    }
    let tag = syntax::tag_with_error(error);
    let (kind, code) = tag.map_or((TagKind::Statement, ""), |tag| (tag.kind, tag.code.trim()));
    let statement = code.split_whitespace().next().unwrap_or_default();
    if !expression.contains('.') && ["extends", "from", "import", "include"].contains(&statement) {
        return Some(forms::QUOTES.to_owned());
    }
    let action = (kind == TagKind::Expression).then(|| forms::action_help(code)).flatten();
    if let Some(help) = action.or_else(|| elsewhere::help(elsewhere::NAMES, expression)) {
        return Some(help.to_owned());
    }
    if let Some(help) = hyphen_help(code, expression) {
        return Some(help);
    }
    let (name, part) = expression.split_once('.')?;
    FUNCTIONS.contains(&name).then(|| {
        format!("`{name}` is a function: its value has parts, as in `{{{{ {name}().{part} }}}}`")
    })
}

/// For a key with a hyphen, which the engine takes for a subtraction.
fn hyphen_help(code: &str, expression: &str) -> Option<String> {
    let (base, key) = expression.rsplit_once('.')?;
    let (_, rest) = code.split_once(&format!("{expression}-"))?;
    let is_part_of_key = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let len = rest.find(|c| !is_part_of_key(c)).unwrap_or(rest.len());
    rest.starts_with(char::is_alphabetic).then(|| {
        let key = format!("{key}-{}", &rest[..len]);
        format!("a key with a hyphen stands in quotes: `{{{{ {base}[\"{key}\"] }}}}`")
    })
}

/// What a filter gives of a list and another language has as a part of it, such as its length.
fn filtered_part<'a>(expression: &'a str, context: &Value) -> Option<(&'a str, &'static str)> {
    let (base, part) = expression.rsplit_once('.')?;
    let filter = elsewhere::PARTS.iter().find(|(name, _)| *name == part)?.1;
    let is_map = value_at(context, base).is_some_and(|value| value.kind() == ValueKind::Map);
    (!is_map && !base.contains("...")).then_some((base, filter))
}

/// How a template allows for the absence of `expression`.
fn absence_help(expression: &str, kind: &Use) -> String {
    let expression = if expression.contains("...") { "name" } else { expression };
    let code = match kind {
        Use::Shown => format!("{{{{ {expression} | default(\"\") }}}}"),
        Use::Compared => format!("{expression} is defined and …"),
        Use::LoopedOver => format!("{{% for … in {expression} | default([]) %}}"),
    };
    format!("write `{code}` if it may be missing")
}

/// What the tag does that the error lies in.
fn use_of(error: &Error) -> Use {
    let source = error.template_source().unwrap_or_default();
    let Some(range) = error.range() else { return Use::Shown };
    let tag = code::tags(source).take_while(|tag| tag.range.start <= range.start).last();
    let tag = tag.filter(|tag| tag.kind == TagKind::Statement);
    let statement = tag.as_ref().map(|tag| tag.code.trim_start()).unwrap_or_default();
    let text = source.get(range).unwrap_or_default();
    if COMPARISONS.iter().any(|sign| text.contains(sign))
        || ["if", "elif"].iter().any(|name| statement.starts_with(name))
    {
        Use::Compared
    } else if statement.starts_with("for ") {
        Use::LoopedOver
    } else {
        Use::Shown
    }
}

/// The expression in "… `site.titel` is undefined …".
pub(crate) fn expression(error: &Error) -> Option<&str> {
    let (before, _) = error.detail()?.rsplit_once("` is undefined")?;
    before.rsplit('`').next()
}

fn value_at(context: &Value, path: &str) -> Option<Value> {
    let step = |value: Value, name: &str| value.get_attr(name);
    path.split('.').try_fold(context.clone(), step).ok()
}

/// The keys of the value that `path`, such as `request.query`, stands for.
fn keys_at(context: &Value, path: &str) -> Vec<String> {
    let keys = value_at(context, path).and_then(|value| value.try_iter().ok());
    keys.into_iter().flatten().map(|key| key.to_string()).collect()
}

//! Help for syntax errors: often the braces belong to another tool.

use minijinja::Error;

use crate::{
    diagnostic::nearest::{did_you_mean, nearest},
    site::{
        report::{elsewhere, forms, vocabulary::STATEMENTS},
        templates::code::{self, Tag},
    },
};

/// What to do about a part of what the engine says of a source that it cannot read.
const HELP: [(&str, &str); 9] = [
    ("unexpected `=`", "`{% set name = 1 %}` gives a name its value, and `==` compares"),
    (
        "expected statement",
        "`{%` needs the name of a statement, such as `{% if … %}`; text that holds it goes between \
         `{% raw %}` and `{% endraw %}`",
    ),
    (
        "defined twice",
        "give each `{% block %}` of a file a name of its own; `{{ self.name() }}` shows one again",
    ),
    (
        "maximum recursion limits",
        "give a part of it a name with `{% set %}`, or move it into a file of its own and \
         `{% include %}` that",
    ),
    ("mismatching name on block", "`{% endblock %}` needs no name, or that of its `{% block %}`"),
    ("inside a loop", "it belongs between `{% for … %}` and `{% endfor %}`"),
    ("reserved variable name", "choose another name"),
    ("block tags in macros", "move the `{% block %}` out of the `{% macro %}`"),
    ("can not be imported", "names that start with `_` stay in their file; choose another"),
];

const COLON_HELP: &str =
    "a filter takes its arguments in parentheses: `{{ value | default(\"none\") }}`";
const NOT_HELP: &str = "here it is `{{ not a }}`";
const GO_HELP: &str = "here `.Title` is `{{ page.title }}`";

/// One line on what to do about a syntax error in `file`.
pub(crate) fn help(error: &Error, file: &str) -> String {
    let detail = error.detail().unwrap_or_default();
    let statement = detail.strip_prefix("unknown statement ");
    if let Some(help) = statement.and_then(statement_help) {
        return help;
    }
    let code = code_at_error(error).unwrap_or_default();
    let tag = tag_at_error(error).unwrap_or_default();
    let action = tag.starts_with("{{").then(|| forms::action_help(&code)).flatten();
    if let Some(sign) = action.or_else(|| sign_help(&code)) {
        return format!("{}; for a template: {sign}", foreign_help(file));
    }
    if is_foreign_tag(tag) {
        return foreign_help(file);
    }
    if let Some((_, help)) = HELP.iter().find(|(part, _)| detail.contains(part)) {
        return (*help).to_owned();
    }
    let form = code.split_whitespace().next().and_then(|name| elsewhere::help(forms::FORMS, name));
    match form.filter(|_| tag.starts_with("{%")) {
        Some(form) => format!("{}; for a template: {form}", foreign_help(file)),
        None => foreign_help(file),
    }
}

fn statement_help(name: &str) -> Option<String> {
    if STATEMENTS.contains(&name) {
        return Some(format!("`{{% {name} %}}` stands here without the tag that it belongs to"));
    }
    let begun = name.strip_prefix("end").filter(|name| !name.is_empty());
    let foreign = begun.and_then(|name| elsewhere::help(elsewhere::STATEMENTS, name));
    if let Some(help) = elsewhere::help(elsewhere::STATEMENTS, name).or(foreign) {
        return Some(help.to_owned());
    }
    nearest(name, STATEMENTS).map(|near| did_you_mean(format_args!("{{% {near} %}}")))
}

/// What to do with braces in `file` that are meant for another tool.
pub(crate) fn foreign_help(file: &str) -> String {
    format!(
        "braces of another tool go between `{{% raw %}}` and `{{% endraw %}}`, or the whole file \
         into `templates.exclude = [\"{file}\"]`"
    )
}

/// What stands here for what is no code, or not as another tool has it.
fn sign_help(code: &str) -> Option<&'static str> {
    let holds = |(sign, _): &&(&str, &str)| {
        // Else it is the loop's own.
        code.contains(sign) && (*sign != " for " || code.contains('['))
    };
    let sign = elsewhere::SIGNS.iter().find(holds).map(|(_, help)| *help);
    sign.or_else(|| {
        let name = filter_with_colon(code)?;
        Some(elsewhere::help(elsewhere::FILTERS, name).unwrap_or(COLON_HELP))
    })
    .or_else(|| code.split_whitespace().any(is_negated).then_some(NOT_HELP))
    .or_else(|| code.split_whitespace().any(is_of_go).then_some(GO_HELP))
}

/// The filter that has its argument after a colon, as in Liquid and Django.
fn filter_with_colon(code: &str) -> Option<&str> {
    code.split('|').skip(1).find_map(|filter| {
        let (name, _) = filter.trim_start().split_once(':')?;
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && !name.is_empty()).then_some(name)
    })
}

/// Whether a word is a value after the `!` of other languages.
fn is_negated(word: &str) -> bool {
    let value = word.trim_start_matches('(').strip_prefix('!').unwrap_or_default();
    value.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Whether a word is a field as Go writes it, such as `.Title`, or a variable, `$x`.
fn is_of_go(word: &str) -> bool {
    let name = word.strip_prefix(['.', '$']).unwrap_or_default();
    name.starts_with(|c: char| c.is_alphabetic())
}

/// What stands between the braces of the tag that the error lies in.
fn code_at_error(error: &Error) -> Option<String> {
    tag_with_error(error).map(|tag| format!(" {} ", tag.code.trim()))
}

/// The tag that the error lies in.
pub(crate) fn tag_with_error(error: &Error) -> Option<Tag<'_>> {
    let (source, at) = (error.template_source()?, error.range()?.start);
    code::tags(source).take_while(|tag| tag.range.start <= at).last()
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
    use super::*;

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
